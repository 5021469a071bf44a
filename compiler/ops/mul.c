// mul: the product of two tensors.
#include "ir/onnx.h"
#include "ops/build.h"
#include "ops/elementwise.h"

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  for (int i = 0; i < 2; i++)
    if (wanted[i])
      dx[i] = nc_mul(graph, dy, node->operands[1 - i]);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_binary(builder, node, operands, NC_X_MUL);
}

static double on_float(double a, double b) { return a * b; }
static int64_t on_int(int64_t a, int64_t b) { return (int64_t)((uint64_t)a * (uint64_t)b); }
static bool eval(NcEval *e) { return nc_eval_binary(e, on_float, on_int); }

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  for (int i = 0; i < 2; i++) {
    double factor;
    bool scales = nc_onnx_is_number(operands[i], &factor);
    NcOnnxValue *value = scales ? nc_onnx_unscaled(operands[1 - i], factor) : NULL;
    if (value)
      return value;
  }
  return nc_onnx_elementwise(b, "Mul", operands, 2, node->type.dtype, 1 << NC_U8);
}

static const NcConstraint constraints[] = {
    {"mul_c1", "E0301", "the operands have the same type", "mul f32[3], f32[4] : f32[3]"},
    {"mul_c2", "E0302", "the dtype is numeric", "mul bool[3], bool[3] : bool[3]"},
    {0}};

static const NcSample samples[] = {
    {.text = "mul f32[], f32[] : f32[]"},
    {.text = "mul f32[1], f32[1] : f32[1]"},
    {.text = "mul f32[15], f32[15] : f32[15]"},
    {.text = "mul f32[16, 17], f32[16, 17] : f32[16, 17]"},
    {.text = "mul f32[N], f32[N] : f32[N]"},
    {.text = "mul f32[N, 7, 3], f32[N, 7, 3] : f32[N, 7, 3]"},
    {.text = "mul f64[N, 5], f64[N, 5] : f64[N, 5]"},
    {.text = "mul i32[7], i32[7] : i32[7]"},
    {.text = "mul i64[N, 2], i64[N, 2] : i64[N, 2]"},
    {.text = "mul u8[17], u8[17] : u8[17]"},
    {0},
};

const NcOp nc_op_mul = {
    .name = "mul",
    .doc = "Element by element, `a * b`. Integers wrap.",
    .constraints = constraints,
    .operand_count = 2,
    .facts = NC_FACT_ELEMENTWISE | NC_FACT_COMMUTATIVE,
    .infer = nc_infer_numeric_binary,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Mul", .build = onnx},
    .net = {"{0} * {1}"},
    .samples = samples,
};
