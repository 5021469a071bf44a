// div: the quotient of two tensors.
#include "ir/onnx.h"
#include "ops/build.h"
#include "ops/elementwise.h"

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  NcNode *da = nc_div(graph, dy, node->operands[1]);
  dx[0] = da;
  if (wanted[1])
    dx[1] = nc_neg(graph, nc_mul(graph, da, node));
}

// Processors trap on division by zero and of the least integer by -1, so integers are divided by 1
// there; a zero divisor ends the run.
static NcExpr *divide_int(NcTeBuilder *builder, NcExpr *a, NcExpr *divisor) {
  NcExpr *zero = nc_x_const_int(builder, divisor->dtype, 0);
  NcExpr *b = nc_x_check(builder, divisor, nc_x_binary(builder, NC_X_NE, divisor, zero));
  NcExpr *one = nc_x_const_int(builder, b->dtype, 1);
  NcExpr *by_zero = nc_x_binary(builder, NC_X_EQ, b, zero);
  if (b->dtype == NC_U8) {
    NcExpr *safe = nc_x_select(builder, by_zero, one, b);
    return nc_x_select(builder, by_zero, zero, nc_x_binary(builder, NC_X_DIV, a, safe));
  }
  NcExpr *minus_one = nc_x_const_int(builder, b->dtype, -1);
  NcExpr *negates = nc_x_binary(builder, NC_X_EQ, b, minus_one);
  NcExpr *special = nc_x_binary(builder, NC_X_OR, by_zero, negates);
  NcExpr *quotient = nc_x_binary(builder, NC_X_DIV, a, nc_x_select(builder, special, one, b));
  NcExpr *negated = nc_x_unary(builder, NC_X_NEG, a);
  return nc_x_select(builder, by_zero, zero, nc_x_select(builder, negates, negated, quotient));
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  if (nc_dtype_is_float(node->type.dtype))
    return nc_lower_binary(builder, node, operands, NC_X_DIV);
  NcExpr *a = nc_lower_element(builder, operands[0]);
  NcExpr *b = nc_lower_element(builder, operands[1]);
  return nc_lower_body(builder, node, divide_int(builder, a, b));
}

static double on_float(double a, double b) { return a / b; }

static int64_t on_int(int64_t a, int64_t b) { return b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b; }

static bool eval(NcEval *e) {
  const NcTensor *divisor = e->operands[1];
  for (int64_t i = 0; !nc_dtype_is_float(divisor->type.dtype) && i < divisor->count; i++) {
    if (nc_tensor_get_int(divisor, i) == 0) {
      e->error = "an integer is divided by 0";
      return false;
    }
  }
  return nc_eval_binary(e, on_float, on_int);
}

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  double divisor;
  bool scales = nc_onnx_is_number(operands[1], &divisor);
  NcOnnxValue *value = scales ? nc_onnx_unscaled(operands[0], 1 / divisor) : NULL;
  if (value)
    return value;
  return nc_onnx_elementwise(b, "Div", operands, 2, node->type.dtype, 1 << NC_U8);
}

static const NcConstraint constraints[] = {
    {"div_c1", "E0301", "the operands have the same type", "div f32[3], f32[4] : f32[3]"},
    {"div_c2", "E0302", "the dtype is numeric", "div bool[3], bool[3] : bool[3]"},
    {0}};

static const NcSample samples[] = {
    {.text = "div f32[], f32[] : f32[]", .low = 0.5, .high = 2},
    {.text = "div f32[1], f32[1] : f32[1]", .low = 0.5, .high = 2},
    {.text = "div f32[15], f32[15] : f32[15]", .low = 0.5, .high = 2},
    {.text = "div f32[16, 17], f32[16, 17] : f32[16, 17]", .low = 0.5, .high = 2},
    {.text = "div f32[N], f32[N] : f32[N]", .low = 0.5, .high = 2},
    {.text = "div f32[N, 7, 3], f32[N, 7, 3] : f32[N, 7, 3]", .low = 0.5, .high = 2},
    {.text = "div f64[N, 5], f64[N, 5] : f64[N, 5]", .low = 0.5, .high = 2},
    {.text = "div i32[7], i32[7] : i32[7]", .low = 1, .high = 9},
    {.text = "div i64[N, 2], i64[N, 2] : i64[N, 2]", .low = 1, .high = 9},
    {.text = "div u8[17], u8[17] : u8[17]", .low = 1, .high = 9},
    {.text = "div i32[17], i32[17] : i32[17]", .low = -3, .high = -1},
    {.text = "div i64[N, 17], i64[N, 17] : i64[N, 17]", .low = -3, .high = -1},
    {0},
};

const NcOp nc_op_div = {
    .name = "div",
    .doc =
        "Element by element, `a / b`. Integers are divided towards zero and wrap; by zero ends the "
        "run with an error that names the node and the sample.",
    .constraints = constraints,
    .operand_count = 2,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = nc_infer_numeric_binary,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Div", .build = onnx},
    .net = {"{0} / {1}"},
    .samples = samples,
};
