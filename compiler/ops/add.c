// add: the sum of two tensors.
#include "ir/onnx.h"
#include "ops/build.h"
#include "ops/elementwise.h"

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  (void)graph, (void)node, (void)wanted;
  dx[0] = dy;
  dx[1] = dy;
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_binary(builder, node, operands, NC_X_ADD);
}

static double on_float(double a, double b) { return a + b; }
static int64_t on_int(int64_t a, int64_t b) { return (int64_t)((uint64_t)a + (uint64_t)b); }
static bool eval(NcEval *e) { return nc_eval_binary(e, on_float, on_int); }

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  for (int i = 0; i < 2; i++) {
    NcOnnxValue *value = nc_onnx_with_bias(b, operands[i], operands[1 - i]);
    if (value)
      return value;
  }
  return nc_onnx_elementwise(b, "Add", operands, 2, node->type.dtype, 1 << NC_U8);
}

static const NcConstraint constraints[] = {
    {"add_c1", "E0301", "the operands have the same type", "add f32[3], f32[4] : f32[3]"},
    {"add_c2", "E0302", "the dtype is numeric", "add bool[3], bool[3] : bool[3]"},
    {0}};

static const NcSample samples[] = {
    {.text = "add f32[], f32[] : f32[]"},
    {.text = "add f32[1], f32[1] : f32[1]"},
    {.text = "add f32[15], f32[15] : f32[15]"},
    {.text = "add f32[16, 17], f32[16, 17] : f32[16, 17]"},
    {.text = "add f32[N], f32[N] : f32[N]"},
    {.text = "add f32[N, 7, 3], f32[N, 7, 3] : f32[N, 7, 3]"},
    {.text = "add f64[N, 5], f64[N, 5] : f64[N, 5]"},
    {.text = "add i32[7], i32[7] : i32[7]"},
    {.text = "add i64[N, 2], i64[N, 2] : i64[N, 2]"},
    {.text = "add u8[17], u8[17] : u8[17]"},
    {0},
};

const NcOp nc_op_add = {
    .name = "add",
    .doc = "Element by element, `a + b`. Integers wrap.",
    .constraints = constraints,
    .operand_count = 2,
    .facts = NC_FACT_ELEMENTWISE | NC_FACT_COMMUTATIVE,
    .infer = nc_infer_numeric_binary,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Add", .build = onnx},
    .net = {"{0} + {1}"},
    .samples = samples,
};
