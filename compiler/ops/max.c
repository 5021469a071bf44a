// max: the larger of two tensors.
#include "ir/onnx.h"
#include "ops/build.h"
#include "ops/elementwise.h"

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  NcNode *a = node->operands[0];
  // The result decides as b would (result <= a if and only if b <= a), and unlike b it is needed
  // anyway: what is behind a relu then need not be kept.
  NcNode *takes_a = nc_le(graph, node, a);
  NcNode *zero = nc_const_like(graph, 0, dy);
  if (wanted[0])
    dx[0] = nc_select(graph, takes_a, dy, zero);
  if (wanted[1])
    dx[1] = nc_select(graph, takes_a, zero, dy);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_binary(builder, node, operands, NC_X_MAX);
}

static double on_float(double a, double b) { return a > b || a != a ? a : b; }
static int64_t on_int(int64_t a, int64_t b) { return a > b ? a : b; }
static bool eval(NcEval *e) { return nc_eval_binary(e, on_float, on_int); }

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  double number;
  for (int i = 0; i < 2; i++)
    if (nc_dtype_is_float(node->type.dtype) && nc_onnx_is_number(operands[i], &number) &&
        number == 0)
      return nc_onnx_elementwise(b, "Relu", &operands[1 - i], 1, node->type.dtype, 0);
  return nc_onnx_elementwise(b, "Max", operands, 2, node->type.dtype, 1 << NC_U8);
}

static const NcConstraint constraints[] = {
    {"max_c1", "E0301", "the operands have the same type", "max f32[3], f32[4] : f32[3]"},
    {"max_c2", "E0302", "the dtype is numeric", "max bool[3], bool[3] : bool[3]"},
    {0}};

static const NcSample samples[] = {
    {.text = "max f32[], f32[] : f32[]"},
    {.text = "max f32[1], f32[1] : f32[1]"},
    {.text = "max f32[15], f32[15] : f32[15]"},
    {.text = "max f32[16, 17], f32[16, 17] : f32[16, 17]"},
    {.text = "max f32[N], f32[N] : f32[N]"},
    {.text = "max f32[N, 7, 3], f32[N, 7, 3] : f32[N, 7, 3]"},
    {.text = "max f64[N, 5], f64[N, 5] : f64[N, 5]"},
    {.text = "max i32[7], i32[7] : i32[7]"},
    {.text = "max i64[N, 2], i64[N, 2] : i64[N, 2]"},
    {.text = "max u8[17], u8[17] : u8[17]"},
    {.text = "max i32[17], i32[17] : i32[17]", .low = -5, .high = 5},
    {0},
};

const NcOp nc_op_max = {
    .name = "max",
    .doc = "Element by element, `(a > b or a is NaN) ? a : b`: NaN wins, and of equals `b` is "
           "taken.\n\nThe gradient goes to `a` where the two are equal.",
    .constraints = constraints,
    .operand_count = 2,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = nc_infer_numeric_binary,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Max", .build = onnx},
    .net = {"max({0}, {1})"},
    .samples = samples,
};
