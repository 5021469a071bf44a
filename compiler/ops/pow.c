// pow: a power, element by element.
#include "ops/build.h"
#include "ops/elementwise.h"

#include <math.h>

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  NcNode *a = node->operands[0], *b = node->operands[1];
  NcNode *one = nc_const_like(graph, 1, a);
  if (wanted[0]) {
    // b*a^(b-1); where b is 0 the power is made a^1, so that 0 times it is 0 at a = 0 too.
    NcNode *zero = nc_const_like(graph, 0, b);
    NcNode *lowered = nc_select(graph, nc_eq(graph, b, zero), one, nc_sub(graph, b, one));
    dx[0] = nc_mul(graph, dy, nc_mul(graph, b, nc_pow(graph, a, lowered)));
  }
  if (wanted[1]) {
    NcNode *positive = nc_lt(graph, nc_const_like(graph, 0, a), a);
    NcNode *log_a = nc_log(graph, nc_select(graph, positive, a, one));
    dx[1] = nc_mul(graph, dy, nc_mul(graph, node, log_a));
  }
}

// a^b for b >= 0 by squaring, one step per bit of the exponent.
static NcExpr *power_int(NcTeBuilder *builder, NcExpr *a, NcExpr *b) {
  NcExpr *zero = nc_x_const_int(builder, b->dtype, 0);
  NcExpr *one = nc_x_const_int(builder, b->dtype, 1);
  NcExpr *product = one, *square = a, *rest = b;
  int bits = (int)nc_dtype_size(b->dtype) * 8 - (b->dtype != NC_U8);
  for (int i = 0; i < bits; i++) {
    NcExpr *bit = nc_x_binary(builder, NC_X_AND, rest, one);
    NcExpr *odd = nc_x_binary(builder, NC_X_NE, bit, zero);
    product = nc_x_select(builder, odd, nc_x_binary(builder, NC_X_MUL, product, square), product);
    square = nc_x_binary(builder, NC_X_MUL, square, square);
    rest = nc_x_binary(builder, NC_X_SHR, rest, one);
  }
  return product;
}

// a^b for b < 0: only 1 and -1 have an inverse that does not round to 0.
static NcExpr *inverse_power_int(NcTeBuilder *builder, NcExpr *a, NcExpr *b) {
  NcExpr *zero = nc_x_const_int(builder, b->dtype, 0);
  NcExpr *one = nc_x_const_int(builder, b->dtype, 1);
  NcExpr *minus_one = nc_x_const_int(builder, b->dtype, -1);
  NcExpr *odd = nc_x_binary(builder, NC_X_EQ, nc_x_binary(builder, NC_X_AND, b, one), one);
  NcExpr *of_minus_one = nc_x_select(builder, odd, minus_one, one);
  NcExpr *is_minus_one = nc_x_binary(builder, NC_X_EQ, a, minus_one);
  NcExpr *is_one = nc_x_binary(builder, NC_X_EQ, a, one);
  return nc_x_select(builder, is_one, one, nc_x_select(builder, is_minus_one, of_minus_one, zero));
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  if (nc_dtype_is_float(node->type.dtype))
    return nc_lower_binary(builder, node, operands, NC_X_POW);
  NcExpr *a = nc_lower_element(builder, operands[0]);
  NcExpr *b = nc_lower_element(builder, operands[1]);
  NcExpr *power = power_int(builder, a, b);
  if (b->dtype != NC_U8) {
    NcExpr *negative = nc_x_binary(builder, NC_X_LT, b, nc_x_const_int(builder, b->dtype, 0));
    power = nc_x_select(builder, negative, inverse_power_int(builder, a, b), power);
  }
  return nc_lower_body(builder, node, power);
}

static double on_float(double a, double b) { return pow(a, b); }

static int64_t on_int(int64_t a, int64_t b) {
  if (b < 0)
    return a == 1 || (a == -1 && b % 2 == 0) ? 1 : a == -1 ? -1 : 0;
  uint64_t product = 1;
  for (uint64_t square = (uint64_t)a; b > 0; b /= 2, square *= square)
    if (b % 2 == 1)
      product *= square;
  return (int64_t)product;
}

static bool eval(NcEval *e) { return nc_eval_binary(e, on_float, on_int); }

static const NcConstraint constraints[] = {
    {"pow_c1", "E0301", "the operands have the same type", "pow f32[3], f32[4] : f32[3]"},
    {"pow_c2", "E0302", "the dtype is numeric", "pow bool[3], bool[3] : bool[3]"},
    {0}};

static const NcSample samples[] = {
    {.text = "pow f32[], f32[] : f32[]", .low = 0.5, .high = 2},
    {.text = "pow f32[1], f32[1] : f32[1]", .low = 0.5, .high = 2},
    {.text = "pow f32[15], f32[15] : f32[15]", .low = 0.5, .high = 2},
    {.text = "pow f32[16, 17], f32[16, 17] : f32[16, 17]", .low = 0.5, .high = 2},
    {.text = "pow f32[N], f32[N] : f32[N]", .low = 0.5, .high = 2},
    {.text = "pow f32[N, 7, 3], f32[N, 7, 3] : f32[N, 7, 3]", .low = 0.5, .high = 2},
    {.text = "pow f64[N, 5], f64[N, 5] : f64[N, 5]", .low = 0.5, .high = 2},
    {.text = "pow i32[7], i32[7] : i32[7]"},
    {.text = "pow i64[N, 2], i64[N, 2] : i64[N, 2]"},
    {.text = "pow u8[17], u8[17] : u8[17]"},
    {.text = "pow i32[17], i32[17] : i32[17]", .low = -3, .high = 3},
    {.text = "pow i64[N, 17], i64[N, 17] : i64[N, 17]", .low = -3, .high = 3},
    {0},
};

const NcOp nc_op_pow = {
    .name = "pow",
    .doc = "Element by element, `a ^ b`. Floats follow C's `pow`. Integers wrap; a negative "
           "exponent gives the power of 1/a rounded towards zero (0 for a = 0).\n\nThe gradient of "
           "the exponent is that of a positive base; elsewhere it is 0.",
    .constraints = constraints,
    .operand_count = 2,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = nc_infer_numeric_binary,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Pow", .narrow = 1 << NC_U8},
    .net = {"pow({0}, {1})"},
    .samples = samples,
};
