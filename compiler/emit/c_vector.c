// The names that emitted C has for vectors and what is done with them.
#include "emit/c.h"

#include <string.h>

const char *nc_c_element(NcDtype dtype) {
  static const char *const names[] = {
      [NC_BOOL] = "uint8_t", [NC_U8] = "uint8_t", [NC_I32] = "int32_t",
      [NC_I64] = "int64_t",  [NC_F32] = "float",  [NC_F64] = "double"};
  return names[dtype];
}

// Lanes of bools are integers.
static const char *lane_type(NcDtype dtype) {
  return dtype == NC_BOOL ? "int32_t" : nc_c_element(dtype);
}

static const char *unsigned_type(NcDtype dtype) {
  return dtype == NC_I64 || dtype == NC_F64 ? "uint64_t" : dtype == NC_U8 ? "uint8_t" : "uint32_t";
}

static const char *prefix(NcDtype dtype) { return dtype == NC_BOOL ? "b" : nc_dtype_name(dtype); }

// Whether it is new.
static bool define(NcCFile *file, const char *name) {
  if (nc_map_get(&file->known, name))
    return false;
  nc_map_set(&file->known, name, file);
  return true;
}

// As a vector, or as an array where it does not fit into registers.
static void define_type(NcCFile *file, const char *name, const char *element, int lanes,
                        int bytes) {
  nc_text_printf(&file->definitions,
                 "#if NETC_FITS(%d)\nNETC_VECTOR(%s, %s, %d)\n#define NETC_IF_%s(yes, no) yes\n"
                 "#define NETC_AT_%s(v, i) (v)[i]\n#else\nNETC_ARRAY(%s, %s, %d)\n"
                 "#define NETC_IF_%s(yes, no) no\n#define NETC_AT_%s(v, i) (v).lane[i]\n#endif\n",
                 bytes, name, element, lanes, name, name, name, element, lanes, name, name);
}

const char *nc_c_type(NcCFile *file, NcDtype dtype, int lanes) {
  if (lanes == 1)
    return dtype == NC_BOOL ? "bool" : nc_c_element(dtype);
  char *name = nc_arena_printf(file->arena, "%sx%d", prefix(dtype), lanes);
  if (define(file, name))
    define_type(file, name, lane_type(dtype), lanes,
                lanes * (int)(dtype == NC_BOOL ? sizeof(int32_t) : nc_dtype_size(dtype)));
  return name;
}

// Macros that differ by the kind of element have an ending; those that a processor may have an
// instruction for are looked for among those first.
static const struct {
  const char *op, *of_floats, *of_integers, *of_bools;
  int native; // operands
} macros[] = {
    {"add", "add_f", "add_i", NULL, 0},
    {"sub", "sub_f", "sub_i", NULL, 0},
    {"mul", "mul_f", "mul_i", NULL, 0},
    {"neg", "neg_f", "neg_i", NULL, 0},
    {"abs", "abs_f", "abs_i", NULL, 0},
    {"max", "max_f", "max_i", "or_max", 0},
    {"min", "min_f", "min_i", "and_min", 0},
    {"lt", "lt", "lt", "lt_b", 0},
    {"le", "le", "le", "le_b", 0},
    {"fold_sum", "fold_sum_f", "fold_sum_i", NULL, 0},
    {"pick", "pick", "pick", "pick_b", 0},
    {"gather", "gather", "gather", "gather_b", 0},
    {"spread", "spread", "spread", "spread_b", 0},
    {"sqrt", "1", NULL, NULL, 1},
    {"floor", "1", NULL, NULL, 1},
    {"fma", "3", NULL, NULL, 3},
};

static void define_function(NcCFile *file, const char *op, NcDtype dtype, const char *type,
                            int lanes) {
  const char *macro = op;
  const char *args = nc_arena_printf(file->arena, "%s, %s, %s, %s, %d", type, prefix(dtype),
                                     lane_type(dtype), unsigned_type(dtype), lanes);
  for (size_t i = 0; i < sizeof macros / sizeof *macros; i++) {
    if (strcmp(macros[i].op, op) != 0)
      continue;
    if (macros[i].native) {
      nc_text_printf(&file->definitions,
                     "#ifdef NETC_%s_%s\nNETC_native_%d(%s, %s)\n#else\nNETC_plain_%d(%s, %s)\n"
                     "#endif\n",
                     type, op, macros[i].native, args, op, macros[i].native, args, op);
      return;
    }
    macro = nc_dtype_is_float(dtype) ? macros[i].of_floats
            : dtype == NC_BOOL       ? macros[i].of_bools
                                     : macros[i].of_integers;
  }
  nc_text_printf(&file->definitions, "NETC_%s(%s)\n", macro, args);
}

const char *nc_c_function(NcCFile *file, const char *op, NcDtype dtype, int lanes) {
  if (lanes == 1)
    return nc_arena_printf(file->arena, "%s_%s", prefix(dtype), op);
  const char *type = nc_c_type(file, dtype, lanes);
  char *name = nc_arena_printf(file->arena, "%s_%s", type, op);
  if (!define(file, name))
    return name;
  nc_c_type(file, NC_BOOL, lanes); // what comparisons give and selections take
  if (strcmp(op, "gather") == 0)
    nc_c_type(file, NC_I64, lanes);
  define_function(file, op, dtype, type, lanes);
  return name;
}

const char *nc_c_conversion(NcCFile *file, const char *how, NcDtype to, NcDtype from, int lanes) {
  bool bits = strcmp(how, "bits") == 0;
  if (lanes == 1)
    return nc_arena_printf(file->arena, "%s_%s_%s", prefix(to), how, prefix(from));
  const char *type = nc_c_type(file, to, lanes), *source = nc_c_type(file, from, lanes);
  char *name = nc_arena_printf(file->arena, "%s_%s_%s", type, how, prefix(from));
  const char *macro = bits                                                 ? "bits"
                      : to == NC_BOOL                                      ? "to_b"
                      : from == NC_BOOL                                    ? "from_b"
                      : nc_dtype_is_float(from) && nc_dtype_is_integer(to) ? "cut_off"
                                                                           : "from";
  if (define(file, name))
    nc_text_printf(&file->definitions, "NETC_%s(%s, %s, %s, %d, %s, %s)\n", macro, type, prefix(to),
                   lane_type(to), lanes, source, prefix(from));
  return name;
}
