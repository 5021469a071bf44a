// Kernel expressions in C.
#include "emit/c_kernel.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>

NcKIndex nc_c_known(const NcCKernel *k, const NcKIndex *index) {
  NcKIndex known = nc_k_constant(index->constant);
  for (int i = 0; i < index->count; i++) {
    int var = index->terms[i].var;
    int64_t coef = index->terms[i].coef;
    NcKIndex term = k->known[var] ? nc_k_constant(k->values[var]) : nc_k_var(var);
    known = nc_k_add(known, nc_k_scale(term, coef));
  }
  return known;
}

static void variable(NcCKernel *k, int var) {
  static const char *const bounds[] = {"n0", "n1", "s0", "s1"};
  if (var < NC_K_FIRST_LOOP) {
    k->signature->bounds[var] = true;
    nc_text_append(k->out, bounds[var]);
  } else {
    nc_text_printf(k->out, "i%d", var - NC_K_FIRST_LOOP);
  }
}

void nc_c_index(NcCKernel *k, const NcKIndex *index) {
  NcKIndex x = nc_c_known(k, index);
  for (int i = 0; i < x.count; i++) {
    int64_t coef = x.terms[i].coef, size = coef < 0 ? -coef : coef;
    nc_text_append(k->out, i ? (coef < 0 ? " - " : " + ") : coef < 0 ? "-" : "");
    if (size != 1)
      nc_text_printf(k->out, "%" PRId64 " * ", size);
    variable(k, x.terms[i].var);
  }
  if (x.count == 0)
    nc_text_printf(k->out, "%" PRId64, x.constant);
  else if (x.constant)
    nc_text_printf(k->out, " %c %" PRId64, x.constant < 0 ? '-' : '+',
                   x.constant < 0 ? -x.constant : x.constant);
}

void nc_c_local(NcCKernel *k, int local, const NcKIndex *index) {
  NcKIndex x = nc_c_known(k, index);
  if (!k->arrays[local]) {
    assert(x.count == 0);
    nc_text_printf(k->out, "v%d_%" PRId64, local, x.constant);
    return;
  }
  nc_text_printf(k->out, "v%d[", local);
  nc_c_index(k, index);
  nc_text_append(k->out, "]");
}

void nc_c_float(NcText *out, double value, bool single) {
  nc_text_append(out, signbit(value) ? "(" : "");
  if (isnan(value)) {
    nc_text_append(out, single ? "NAN" : "(double)NAN");
  } else if (isinf(value)) {
    nc_text_printf(out, "%s%sINFINITY", value < 0 ? "-" : "", single ? "" : "(double)");
  } else {
    nc_text_float(out, value, single);
    nc_text_append(out, single ? "f" : "");
  }
  nc_text_append(out, signbit(value) ? ")" : "");
}

// The least integers have no literal.
void nc_c_integer(NcText *out, int64_t value, NcDtype dtype) {
  if (dtype == NC_I64 && value == INT64_MIN)
    nc_text_append(out, "INT64_MIN");
  else if (dtype == NC_I32 && value == INT32_MIN)
    nc_text_append(out, "INT32_MIN");
  else if (dtype == NC_I64)
    nc_text_printf(out, "INT64_C(%" PRId64 ")", value);
  else
    nc_text_printf(out, value < 0 ? "(%" PRId64 ")" : "%" PRId64, value);
}

static void number(NcCKernel *k, const NcKExpr *x) {
  if (nc_dtype_is_float(x->dtype))
    nc_c_float(k->out, x->value, x->dtype == NC_F32);
  else
    nc_c_integer(k->out, x->integer, x->dtype);
}

static const char *function(NcCKernel *k, const char *op, const NcKExpr *x) {
  return nc_c_function(k->file, op, x->dtype, x->lanes);
}

static void constant(NcCKernel *k, const NcKExpr *x) {
  bool splat = x->lanes > 1;
  if (splat)
    nc_text_printf(k->out, "%s(", function(k, "all", x));
  if (splat && x->dtype == NC_BOOL)
    nc_text_append(k->out, "-");
  number(k, x);
  nc_text_append(k->out, splat ? ")" : "");
}

static void call(NcCKernel *k, const char *name, const NcKExpr *x) {
  nc_text_printf(k->out, "%s(", name);
  for (int i = 0; i < 3 && x->args[i]; i++) {
    nc_text_append(k->out, i ? ", " : "");
    nc_c_expr(k, x->args[i]);
  }
  nc_text_append(k->out, ")");
}

static void infix(NcCKernel *k, const char *sign, const NcKExpr *x) {
  nc_text_append(k->out, "(");
  nc_c_expr(k, x->args[0]);
  nc_text_printf(k->out, " %s ", sign);
  nc_c_expr(k, x->args[1]);
  nc_text_append(k->out, ")");
}

// b0[index], what was loaded added.
static void element(NcCKernel *k, const NcKExpr *x) {
  k->signature->buffers[x->buffer] = true;
  nc_text_printf(k->out, "b%d[", x->buffer);
  nc_c_index(k, &x->index);
  if (x->loaded) {
    nc_text_printf(k->out, " + %" PRId64 " * (ptrdiff_t)(", x->loaded_scale);
    nc_c_expr(k, x->loaded);
    nc_text_append(k->out, ")");
  }
  nc_text_append(k->out, "]");
}

static void load_lanes(NcCKernel *k, const NcKExpr *x) {
  bool spread = x->loaded && x->loaded->lanes > 1,
       dense = x->lane_stride == 1 && !spread && x->dtype != NC_BOOL;
  const char *op = spread ? "gather" : !dense ? "pick" : x->active ? "load_some" : "load";
  int active = x->active ? x->active : x->lanes;
  NcKExpr at = *x;
  if (spread)
    at.loaded = NULL;
  nc_text_printf(k->out, "%s(&", function(k, op, x));
  element(k, &at);
  if (!dense)
    nc_text_printf(k->out, ", %" PRId64, x->lane_stride);
  if (spread) {
    nc_text_append(k->out, ", ");
    nc_c_expr(k, x->loaded);
    nc_text_printf(k->out, ", %" PRId64, x->loaded_scale);
  }
  if (!dense || x->active)
    nc_text_printf(k->out, ", %d", active);
  nc_text_append(k->out, ")");
}

static void load(NcCKernel *k, const NcKExpr *x) {
  if (x->lanes > 1) {
    load_lanes(k, x);
    return;
  }
  nc_text_append(k->out, x->dtype == NC_BOOL ? "(" : "");
  element(k, x);
  nc_text_append(k->out, x->dtype == NC_BOOL ? " != 0)" : "");
}

static void index_value(NcCKernel *k, const NcKExpr *x) {
  if (x->lanes > 1) {
    nc_text_printf(k->out, "%s(", function(k, "steps", x));
    nc_c_index(k, &x->index);
    nc_text_printf(k->out, ", %" PRId64 ")", x->lane_stride);
    return;
  }
  nc_text_append(k->out, "(int64_t)(");
  nc_c_index(k, &x->index);
  nc_text_append(k->out, ")");
}

static void cast(NcCKernel *k, const NcKExpr *x) {
  NcDtype from = x->args[0]->dtype, to = x->dtype;
  if (x->lanes > 1 || (nc_dtype_is_float(from) && nc_dtype_is_integer(to))) {
    call(k, nc_c_conversion(k->file, "from", to, from, x->lanes), x);
    return;
  }
  if (to == NC_BOOL) {
    nc_text_append(k->out, "(");
    nc_c_expr(k, x->args[0]);
    nc_text_append(k->out, " != 0)");
    return;
  }
  nc_text_printf(k->out, "(%s)(", nc_c_type(k->file, to, 1));
  nc_c_expr(k, x->args[0]);
  nc_text_append(k->out, ")");
}

static void select_one(NcCKernel *k, const NcKExpr *x) {
  if (x->lanes > 1) {
    call(k, function(k, "select", x), x);
    return;
  }
  nc_text_append(k->out, "(");
  nc_c_expr(k, x->args[0]);
  nc_text_append(k->out, " ? ");
  nc_c_expr(k, x->args[1]);
  nc_text_append(k->out, " : ");
  nc_c_expr(k, x->args[2]);
  nc_text_append(k->out, ")");
}

// How C has an operation: the name of its function, and a sign where scalars of a kind have one.
typedef struct Operation {
  const char *name, *of_floats, *of_integers, *of_bools;
} Operation;

static const Operation *operation(int kind) {
  static const Operation operations[NC_K_FOLD + 1] = {
      [NC_X_NEG] = {"neg", "-", NULL, NULL},      [NC_X_NOT] = {"not", NULL, "~", "!"},
      [NC_X_ABS] = {"abs", NULL, NULL, NULL},     [NC_X_SQRT] = {"sqrt", NULL, NULL, NULL},
      [NC_X_FLOOR] = {"floor", NULL, NULL, NULL}, [NC_X_ADD] = {"add", "+", NULL, NULL},
      [NC_X_SUB] = {"sub", "-", NULL, NULL},      [NC_X_MUL] = {"mul", "*", NULL, NULL},
      [NC_X_DIV] = {"div", "/", "/", NULL},       [NC_X_MAX] = {"max", NULL, NULL, "|"},
      [NC_X_MIN] = {"min", NULL, NULL, "&"},      [NC_X_EQ] = {"eq", "==", "==", "=="},
      [NC_X_NE] = {"ne", "!=", "!=", "!="},       [NC_X_LT] = {"lt", "<", "<", "<"},
      [NC_X_LE] = {"le", "<=", "<=", "<="},       [NC_X_AND] = {"and", NULL, "&", "&"},
      [NC_X_OR] = {"or", NULL, "|", "|"},         [NC_X_XOR] = {"xor", NULL, "^", "^"},
      [NC_X_SHR] = {"shr", NULL, NULL, NULL},     [NC_X_MULHI] = {"mulhi", NULL, NULL, NULL},
      [NC_K_SHL] = {"shl", NULL, NULL, NULL},     [NC_K_FMA] = {"fma", NULL, NULL, NULL},
  };
  assert(operations[kind].name);
  return &operations[kind];
}

static void operate(NcCKernel *k, const NcKExpr *x) {
  const Operation *o = operation(x->kind);
  NcDtype dtype = x->args[0]->dtype; // of comparisons, too
  const char *sign = nc_dtype_is_float(dtype) ? o->of_floats
                     : dtype == NC_BOOL       ? o->of_bools
                                              : o->of_integers;
  if (x->lanes > 1 || !sign) {
    call(k, nc_c_function(k->file, o->name, dtype, x->lanes), x);
  } else if (x->args[1]) {
    infix(k, sign, x);
  } else {
    nc_text_printf(k->out, "(%s", sign);
    nc_c_expr(k, x->args[0]);
    nc_text_append(k->out, ")");
  }
}

static void fold(NcCKernel *k, const NcKExpr *x) {
  const char *op = x->fold == NC_REDUCE_SUM   ? "fold_sum"
                   : x->fold == NC_REDUCE_MAX ? "fold_max"
                                              : "fold_min";
  call(k, nc_c_function(k->file, op, x->args[0]->dtype, x->args[0]->lanes), x);
}

static void mask(NcCKernel *k, const NcKExpr *x) {
  const NcKExpr *lanes = x->args[0];
  if (lanes->lanes > 1) {
    call(k, nc_c_function(k->file, "mask", NC_BOOL, lanes->lanes), x);
    return;
  }
  nc_text_append(k->out, "(int64_t)(");
  nc_c_expr(k, lanes);
  nc_text_append(k->out, ")");
}

void nc_c_expr(NcCKernel *k, const NcKExpr *x) {
  switch (x->kind) {
  case NC_X_CONST:
    constant(k, x);
    break;
  case NC_X_LOAD:
    load(k, x);
    break;
  case NC_X_INDEX:
    index_value(k, x);
    break;
  case NC_X_FRAME:
    k->signature->frame = true;
    nc_text_printf(k->out, "frame->%s",
                   x->frame == NC_FRAME_BATCH  ? "batch"
                   : x->frame == NC_FRAME_SEED ? "seed"
                   : x->frame == NC_FRAME_STEP ? "step"
                                               : "epoch");
    break;
  case NC_X_GIVEN:
    k->signature->given[x->local] = true;
    nc_text_printf(k->out, "g%d", x->local);
    break;
  case NC_K_TEMP:
    nc_text_printf(k->out, "t%d", x->local);
    break;
  case NC_K_LOCAL:
    nc_c_local(k, x->local, &x->index);
    break;
  case NC_K_SPLAT:
    nc_text_printf(k->out, "%s(%s", function(k, "all", x), x->dtype == NC_BOOL ? "-" : "");
    nc_c_expr(k, x->args[0]);
    nc_text_append(k->out, ")");
    break;
  case NC_K_FOLD:
    fold(k, x);
    break;
  case NC_K_MASK:
    mask(k, x);
    break;
  case NC_X_CAST:
    cast(k, x);
    break;
  case NC_K_BITS:
    call(k, nc_c_conversion(k->file, "bits", x->dtype, x->args[0]->dtype, x->lanes), x);
    break;
  case NC_X_SELECT:
    select_one(k, x);
    break;
  default:
    operate(k, x);
  }
}
