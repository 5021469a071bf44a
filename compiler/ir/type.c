// Types of tensors: arithmetic on dimensions, validity and text.
#include "ir/type.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ELEMENTS ((int64_t)1 << 48)

static const struct {
  const char *name;
  size_t size;
} dtypes[NC_DTYPE_COUNT] = {
    [NC_BOOL] = {"bool", 1}, [NC_U8] = {"u8", 1},   [NC_I32] = {"i32", 4},
    [NC_I64] = {"i64", 8},   [NC_F32] = {"f32", 4}, [NC_F64] = {"f64", 8},
};

NcDim nc_dim(int64_t constant) { return (NcDim){0, constant}; }
NcDim nc_dim_batch(void) { return (NcDim){1, 0}; }
bool nc_dim_equal(NcDim a, NcDim b) { return a.n == b.n && a.c == b.c; }
bool nc_dim_is(NcDim a, int64_t constant) { return a.n == 0 && a.c == constant; }
bool nc_dim_is_constant(NcDim a) { return a.n == 0; }
int64_t nc_dim_value(NcDim a, int64_t batch) { return a.n * batch + a.c; }

bool nc_dim_multiply(NcDim a, NcDim b, NcDim *product) {
  if (a.n != 0 && b.n != 0)
    return false;
  NcDim batched = a.n != 0 ? a : b;
  int64_t factor = a.n != 0 ? b.c : a.c;
  NcDim result;
  if (__builtin_mul_overflow(batched.n, factor, &result.n) ||
      __builtin_mul_overflow(batched.c, factor, &result.c))
    return false;
  *product = result;
  return true;
}

void nc_dim_print(NcText *text, NcDim dim) {
  if (dim.n == 0) {
    nc_text_printf(text, "%lld", (long long)dim.c);
    return;
  }
  if (dim.n != 1)
    nc_text_printf(text, "%lld*", (long long)dim.n);
  nc_text_append(text, "N");
  if (dim.c > 0)
    nc_text_printf(text, " + %lld", (long long)dim.c);
  else if (dim.c < 0) // as unsigned, since the least integer has no negative
    nc_text_printf(text, " - %llu", 0 - (unsigned long long)dim.c);
}

static char *finished(NcText *text) {
  return text->data ? text->data : nc_arena_strdup(text->arena, "");
}

char *nc_dim_format(NcArena *arena, NcDim dim) {
  NcText text = nc_text_create(arena);
  nc_dim_print(&text, dim);
  return finished(&text);
}

const char *nc_dtype_name(NcDtype dtype) { return dtypes[dtype].name; }
size_t nc_dtype_size(NcDtype dtype) { return dtypes[dtype].size; }
bool nc_dtype_is_float(NcDtype dtype) { return dtype == NC_F32 || dtype == NC_F64; }
bool nc_dtype_is_integer(NcDtype dtype) {
  return dtype == NC_U8 || dtype == NC_I32 || dtype == NC_I64;
}

bool nc_dtype_parse(const char *name, NcDtype *dtype) {
  for (int i = 0; i < NC_DTYPE_COUNT; i++) {
    if (strcmp(dtypes[i].name, name) == 0) {
      *dtype = (NcDtype)i;
      return true;
    }
  }
  return false;
}

NcType nc_type(NcDtype dtype, int rank, const NcDim *dims) {
  if (rank < 0 || rank > NC_MAX_RANK)
    abort();
  NcType type = {.dtype = dtype, .rank = rank};
  for (int d = 0; d < rank; d++)
    type.dims[d] = dims[d];
  return type;
}

NcType nc_type_scalar(NcDtype dtype) { return nc_type(dtype, 0, NULL); }

NcType nc_type_with_dtype(NcType type, NcDtype dtype) {
  type.dtype = dtype;
  return type;
}

bool nc_shape_equal(const NcType *a, const NcType *b) {
  if (a->rank != b->rank)
    return false;
  for (int d = 0; d < a->rank; d++)
    if (!nc_dim_equal(a->dims[d], b->dims[d]))
      return false;
  return true;
}

bool nc_type_equal(const NcType *a, const NcType *b) {
  return a->dtype == b->dtype && nc_shape_equal(a, b);
}

bool nc_type_has_batch(const NcType *type) {
  for (int d = 0; d < type->rank; d++)
    if (type->dims[d].n != 0)
      return true;
  return false;
}

NcDim nc_type_elements(const NcType *type) {
  NcDim product = nc_dim(1);
  for (int d = 0; d < type->rank; d++)
    if (!nc_dim_multiply(product, type->dims[d], &product))
      abort(); // nc_type_check would have refused the type
  return product;
}

static const char *check_dim(NcArena *arena, const NcType *type, int d) {
  NcDim dim = type->dims[d];
  if (dim.n != 0 && d > 0)
    return nc_arena_printf(arena, "N may only be in the leading dimension, not in dimension %d", d);
  if (dim.n < 0 || dim.c < 0 || (dim.n == 0 && dim.c < 1))
    return nc_arena_printf(arena, "dimension %d would be %s, but a size is at least 1", d,
                           nc_dim_format(arena, dim));
  return NULL;
}

const char *nc_type_check(NcArena *arena, const NcType *type) {
  if (type->rank < 0 || type->rank > NC_MAX_RANK)
    return nc_arena_printf(arena, "a tensor has at most %d dimensions, not %d", NC_MAX_RANK,
                           type->rank);
  NcDim product = nc_dim(1);
  for (int d = 0; d < type->rank; d++) {
    const char *wrong = check_dim(arena, type, d);
    if (wrong)
      return wrong;
    if (!nc_dim_multiply(product, type->dims[d], &product) || product.n >= MAX_ELEMENTS ||
        product.c >= MAX_ELEMENTS || product.n + product.c >= MAX_ELEMENTS)
      return nc_arena_printf(arena, "%s has too many elements", nc_type_format(arena, type));
  }
  return NULL;
}

NcType nc_type_at(const NcType *type, int64_t batch) {
  NcType result = *type;
  for (int d = 0; d < type->rank; d++)
    result.dims[d] = nc_dim(nc_dim_value(type->dims[d], batch));
  return result;
}

void nc_type_print(NcText *text, const NcType *type) {
  nc_text_printf(text, "%s[", nc_dtype_name(type->dtype));
  for (int d = 0; d < type->rank; d++) {
    nc_text_append(text, d ? ", " : "");
    nc_dim_print(text, type->dims[d]);
  }
  nc_text_append(text, "]");
}

char *nc_type_format(NcArena *arena, const NcType *type) {
  NcText text = nc_text_create(arena);
  nc_type_print(&text, type);
  return finished(&text);
}
