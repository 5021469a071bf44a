// batch: the number of samples in the batch, N, as a value.
#include "ir/onnx.h"
#include "ops/elementwise.h"

static bool infer(NcInfer *infer) {
  infer->result = nc_type_scalar(NC_I64);
  return true;
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  (void)operands;
  return nc_lower_body(builder, node, nc_x_frame(builder, NC_FRAME_BATCH));
}

static bool eval(NcEval *e) {
  nc_tensor_set_int(e->result, 0, e->batch);
  return true;
}

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  (void)operands;
  NcOnnxValue *size = nc_onnx_size(b, nc_dim_batch());
  return nc_onnx_reshape(b, size, node->type);
}

static const NcConstraint constraints[] = {{0}};

static const NcSample samples[] = {
    {.text = "batch : i64[]"},
    {0},
};

const NcOp nc_op_batch = {
    .name = "batch",
    .doc = "The number of samples of the batch, N. Parts of a batch combine by addition.",
    .constraints = constraints,
    .facts = NC_FACT_SUMS_BATCH,
    .infer = infer,
    .lower = lower,
    .eval = eval,
    .onnx = {"Shape", .build = onnx},
    .net = {"{dtype}(N)"},
    .samples = samples,
};
