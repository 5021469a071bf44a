// stop_gradient: its operand, which counts as constant for differentiation.
#include "ir/onnx.h"
#include "ops/elementwise.h"

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_body(builder, node, nc_lower_element(builder, operands[0]));
}

static bool eval(NcEval *e) {
  for (int64_t i = 0; i < e->result->count; i++)
    nc_tensor_copy(e->result, i, e->operands[0], i);
  return true;
}

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  (void)b, (void)node;
  return operands[0];
}

static const NcConstraint constraints[] = {{0}};

static const NcSample samples[] = {
    {.text = "stop_gradient f32[] : f32[]"},
    {.text = "stop_gradient f32[N, 17] : f32[N, 17]"},
    {.text = "stop_gradient i64[3] : i64[3]"},
    {.text = "stop_gradient bool[N] : bool[N]"},
    {0},
};

const NcOp nc_op_stop_gradient = {
    .name = "stop_gradient",
    .doc = "The operand itself. Differentiation treats it as a constant.",
    .constraints = constraints,
    .operand_count = 1,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = nc_infer_same,
    .lower = lower,
    .eval = eval,
    .onnx = {.build = onnx},
    .net = {"stop_gradient({0})"},
    .samples = samples,
};
