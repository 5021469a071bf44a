// reshape: the same elements in the same row-major order, under another shape.
#include "ir/onnx.h"
#include "ops/build.h"
#include "ops/elementwise.h"

static bool infer(NcInfer *infer) {
  const NcType *from = &infer->operands[0], *to = &infer->attrs[0].type;
  if (from->dtype != to->dtype)
    return nc_infer_fail(infer, "reshape_c1", 0, -1, "a reshape keeps the dtype: %s to %s",
                         nc_dtype_name(from->dtype), nc_dtype_name(to->dtype));
  NcDim have = nc_type_elements(from), want = nc_type_elements(to);
  if (!nc_dim_equal(have, want))
    return nc_infer_fail(infer, "reshape_c2", 0, -1, "%s has %s elements, but %s has %s",
                         nc_type_format(infer->arena, from), nc_dim_format(infer->arena, have),
                         nc_type_format(infer->arena, to), nc_dim_format(infer->arena, want));
  infer->result = *to;
  return true;
}

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  (void)wanted;
  const NcType *type = &node->operands[0]->type;
  dx[0] = nc_reshape(graph, dy, type->rank, type->dims);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_te_view(builder, operands[0], node->type);
}

static bool eval(NcEval *e) {
  for (int64_t i = 0; i < e->result->count; i++)
    nc_tensor_copy(e->result, i, e->operands[0], i);
  return true;
}

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  return nc_onnx_reshape(b, nc_onnx_plain(b, operands[0]), node->type);
}

static const NcAttrDecl attrs[] = {{"type", NC_ATTR_TYPE, "the result's type"}, {0}};

static const NcConstraint constraints[] = {
    {"reshape_c1", "E0311", "`type` has the operand's dtype", "reshape f32[6] : i32[2, 3]"},
    {"reshape_c2", "E0310", "`type` has as many elements as the operand, for every N",
     "reshape f32[N, 6] : f32[N, 2, 4]"},
    {0},
};

static const NcSample samples[] = {
    {.text = "reshape f32[] : f32[1, 1]"},
    {.text = "reshape f32[1] : f32[]"},
    {.text = "reshape f32[6] : f32[2, 3]"},
    {.text = "reshape f32[N, 7, 7, 3] : f32[N, 147]"},
    {.text = "reshape f32[N, 6] : f32[2*N, 3]"},
    {.text = "reshape f64[2*N, 3] : f64[N, 3, 2]"},
    {.text = "reshape f64[N, 1] : f64[N]"},
    {.text = "reshape u8[16, 2] : u8[32]"},
    {0},
};

const NcOp nc_op_reshape = {
    .name = "reshape",
    .doc = "The operand's elements, in the same row-major order, under another shape.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 1,
    .infer = infer,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Reshape", .build = onnx},
    .net = {"reshape({0}, {type})"},
    .samples = samples,
};
