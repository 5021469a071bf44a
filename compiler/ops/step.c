// step: the number of the training step.
#include "ir/onnx.h"
#include "ops/elementwise.h"

static bool infer(NcInfer *infer) {
  infer->result = nc_type_scalar(NC_I64);
  return true;
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  (void)operands;
  return nc_lower_body(builder, node, nc_x_frame(builder, NC_FRAME_STEP));
}

static bool eval(NcEval *e) {
  nc_tensor_set_int(e->result, 0, e->step);
  return true;
}

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  (void)operands;
  return nc_onnx_scalar(b, node->type.dtype, (double)b->step);
}

static const NcConstraint constraints[] = {{0}};

static const NcSample samples[] = {
    {.text = "step : i64[]"},
    {0},
};

const NcOp nc_op_step = {
    .name = "step",
    .doc = "The number of the training step, from 1.",
    .constraints = constraints,
    .infer = infer,
    .lower = lower,
    .eval = eval,
    .onnx = {"Constant", .build = onnx},
    .net = {"step"},
    .samples = samples,
};
