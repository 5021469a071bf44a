// The operators of expressions, on values of the graph.
#include "sema/sema.h"

#include "ops/build.h"

#include <math.h>

// x^k for a small integer k is a product, which is exact and cheap to differentiate.
#define LARGEST_PRODUCT 16

static NcValue *product_power(NcSema *s, const NcSite *site, NcValue *x, int64_t exponent) {
  NcNode *power = NULL, *square = x->node;
  nc_sema_set_origin(s, site->span);
  for (int64_t k = exponent < 0 ? -exponent : exponent; k; k >>= 1) {
    if (k & 1)
      power = power ? nc_mul(s->graph, power, square) : square;
    if (k > 1)
      square = nc_mul(s->graph, square, square);
  }
  if (!power)
    power = nc_const_like(s->graph, 1, x->node);
  if (exponent < 0)
    power = nc_div(s->graph, nc_const_like(s->graph, 1, power), power);
  NcValue *result = nc_value_tensor(s->arena, power);
  result->origins = x->origins;
  return result;
}

static NcValue *cast_exponent(NcSema *s, const NcSite *site, NcValue *exponent, NcDtype dtype) {
  nc_sema_set_origin(s, site->span);
  NcValue *cast = nc_value_tensor(s->arena, nc_cast(s->graph, exponent->node, dtype));
  cast->origins = exponent->origins;
  return cast;
}

static NcValue *power(NcSema *s, const NcSite *site, NcValue *a, NcValue *b) {
  if (!(a->kind == NC_VALUE_TENSOR || nc_value_is_number(a)) ||
      !(b->kind == NC_VALUE_TENSOR || nc_value_is_number(b)))
    return nc_sema_elementwise(s, site, &nc_op_pow, a, b);
  bool tensor = a->kind == NC_VALUE_TENSOR;
  if (tensor && a->node->type.dtype == NC_BOOL)
    return nc_sema_elementwise(s, site, &nc_op_pow, a, b);
  bool integers = tensor && nc_dtype_is_integer(a->node->type.dtype);
  if (tensor && nc_value_is_constant_int(b) && b->dim.c <= LARGEST_PRODUCT &&
      b->dim.c >= (integers ? 0 : -LARGEST_PRODUCT))
    return product_power(s, site, a, b->dim.c);
  NcDtype base = tensor ? a->node->type.dtype : s->float_dtype;
  if (b->kind == NC_VALUE_TENSOR && nc_dtype_is_integer(b->node->type.dtype) &&
      b->node->type.dtype != base)
    b = cast_exponent(s, site, b, base);
  return nc_sema_elementwise(s, site, &nc_op_pow, a, b);
}

static NcValue *logic(NcSema *s, const NcSite *site, const NcOp *op, NcValue *a, NcValue *b) {
  NcValue *operands[] = {a, b};
  for (int i = 0; i < 2; i++) {
    const NcValue *value = operands[i];
    bool is_bool = value->kind == NC_VALUE_BOOL ||
                   (value->kind == NC_VALUE_TENSOR && value->node->type.dtype == NC_BOOL);
    if (is_bool)
      continue;
    NcDiag *diag = nc_sema_error(s, "E0201", site->spans[i], "%s takes bools, but this is %s",
                                 nc_sema_site_name(s, site), nc_value_describe(s->arena, value));
    nc_sema_fix_wrap(s, diag, site->spans[i], "", " != 0", "compare it: %s != 0",
                     nc_sema_quote(s, site->spans[i]));
    return nc_value_error(s->arena);
  }
  return nc_sema_elementwise(s, site, op, a, b);
}

static NcValue *matmul(NcSema *s, const NcSite *site, NcValue *a, NcValue *b) {
  NcValue *operands[] = {a, b};
  for (int i = 0; i < 2; i++) {
    if (nc_value_is_literal(operands[i])) {
      NcDiag *diag =
          nc_sema_error(s, "E0210", site->spans[i], "@ multiplies tensors, but this is %s",
                        nc_value_describe(s->arena, operands[i]));
      nc_sema_note_declared(s, diag, site->spans[i], operands[i]);
      nc_diag_help(s->diags, diag, "* multiplies by a number");
      return nc_value_error(s->arena);
    }
    if (!nc_sema_tensor(s, site, i, operands[i], NC_F32))
      return nc_value_error(s->arena);
  }
  return nc_sema_matmul(s, site, a, b, (bool[]){false, false});
}

static NcValue *swapped(NcSema *s, const NcSite *site, const NcOp *op, NcValue *a, NcValue *b) {
  NcSpan spans[] = {site->spans[1], site->spans[0]};
  NcSite turned = *site;
  turned.spans = spans;
  return nc_sema_compare(s, &turned, op, b, a);
}

NcValue *nc_sema_binary(NcSema *s, NcAstOp op, const NcSite *site, NcValue *a, NcValue *b) {
  if (nc_value_is_error(a) || nc_value_is_error(b))
    return nc_value_error(s->arena);
  NcValue *folded = nc_sema_fold(s, op, site, a, b);
  if (folded)
    return folded;
  switch (op) {
  case NC_OP_ADD:
    return nc_sema_elementwise(s, site, &nc_op_add, a, b);
  case NC_OP_SUB:
    return nc_sema_elementwise(s, site, &nc_op_sub, a, b);
  case NC_OP_MUL:
    return nc_sema_elementwise(s, site, &nc_op_mul, a, b);
  case NC_OP_DIV:
    return nc_sema_elementwise(s, site, &nc_op_div, a, b);
  case NC_OP_MATMUL:
    return matmul(s, site, a, b);
  case NC_OP_POW:
    return power(s, site, a, b);
  case NC_OP_EQ:
    return nc_sema_compare(s, site, &nc_op_eq, a, b);
  case NC_OP_NE:
    return nc_sema_compare(s, site, &nc_op_ne, a, b);
  case NC_OP_LT:
    return nc_sema_compare(s, site, &nc_op_lt, a, b);
  case NC_OP_LE:
    return nc_sema_compare(s, site, &nc_op_le, a, b);
  case NC_OP_GT:
    return swapped(s, site, &nc_op_lt, a, b);
  case NC_OP_GE:
    return swapped(s, site, &nc_op_le, a, b);
  case NC_OP_AND:
    return logic(s, site, &nc_op_and, a, b);
  case NC_OP_OR:
    return logic(s, site, &nc_op_or, a, b);
  default:
    return nc_value_error(s->arena);
  }
}

static NcValue *negate_int(NcSema *s, const NcSite *site, const NcValue *a) {
  NcDim dim;
  if (__builtin_sub_overflow(0, a->dim.n, &dim.n) || __builtin_sub_overflow(0, a->dim.c, &dim.c))
    return nc_sema_fail(s, "E0214", site->span, "this integer does not fit 64 bits");
  return nc_value_dim(s->arena, dim);
}

NcValue *nc_sema_unary(NcSema *s, NcAstOp op, const NcSite *site, NcValue *a) {
  if (nc_value_is_error(a))
    return a;
  if (op == NC_OP_NOT) {
    if (a->kind == NC_VALUE_BOOL)
      return nc_value_bool(s->arena, !a->truth);
    if (a->kind == NC_VALUE_TENSOR && a->node->type.dtype == NC_BOOL)
      return nc_sema_apply(s, site, &nc_op_not, &a, 1, NULL);
    return nc_sema_fail(s, "E0201", site->spans[0], "not takes bools, but this is %s",
                        nc_value_describe(s->arena, a));
  }
  if (a->kind == NC_VALUE_INT)
    return negate_int(s, site, a);
  if (a->kind == NC_VALUE_FLOAT)
    return nc_value_float(s->arena, -a->number);
  a = nc_sema_tensor(s, site, 0, a, s->float_dtype);
  return a ? nc_sema_apply(s, site, &nc_op_neg, &a, 1, NULL) : nc_value_error(s->arena);
}
