// reverse: a tensor read backwards along axes.
#include "ir/onnx.h"
#include "ops/build.h"
#include "ops/elementwise.h"
#include "ops/structure.h"

static bool infer(NcInfer *infer) {
  const NcType *type = &infer->operands[0];
  const NcAttr *axes = &infer->attrs[0];
  if (!nc_check_axes(infer, "reverse_c1", axes, type->rank, 0))
    return false;
  for (int i = 0; i < axes->count; i++)
    if (!nc_dim_is_constant(type->dims[axes->ints[i]]))
      return nc_infer_fail(infer, "reverse_c2", 0, -1, "N, the batch, cannot be reversed");
  infer->result = *type;
  return true;
}

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  (void)wanted;
  dx[0] = nc_reverse(graph, dy, node->attrs[0].ints, node->attrs[0].count);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  NcAffine index[NC_MAX_RANK];
  for (int d = 0; d < node->type.rank; d++) {
    index[d] = nc_affine_axis(d);
    if (nc_axes_have(&node->attrs[0], d))
      index[d] = nc_affine_offset(nc_affine_scale(index[d], -1), node->type.dims[d].c - 1);
  }
  return nc_lower_body(builder, node, nc_x_load(builder, operands[0], index));
}

static bool eval(NcEval *e) {
  int64_t index[NC_MAX_RANK];
  const NcAttr *axes = &e->attrs[0];
  for (int64_t i = 0; i < e->result->count; i++) {
    nc_tensor_index(e->result, i, index);
    for (int k = 0; k < axes->count; k++)
      index[axes->ints[k]] = e->result->type.dims[axes->ints[k]].c - 1 - index[axes->ints[k]];
    nc_tensor_copy(e->result, i, e->operands[0], nc_tensor_offset(e->operands[0], index));
  }
  return true;
}

// Slices that go backwards, from the last element to before the first.
static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  NcOnnxValue *x = nc_onnx_full(b, operands[0]);
  int64_t start[NC_MAX_RANK], limit[NC_MAX_RANK], axes[NC_MAX_RANK], step[NC_MAX_RANK];
  int count = node->attrs[0].count;
  for (int i = 0; x && i < count; i++) {
    start[i] = step[i] = -1;
    limit[i] = INT64_MIN;
    axes[i] = nc_onnx_axis(x, node->attrs[0].ints[i]);
  }
  return x ? nc_onnx_slice(b, x, node->type, start, limit, axes, step, count) : NULL;
}

static const NcAttrDecl attrs[] = {{"axes", NC_ATTR_INTS, "the axes to reverse"}, {0}};

static const NcConstraint constraints[] = {
    {"reverse_c1", "E0308", "`axes` are increasing and each is an axis of the operand",
     "reverse f32[3] {axes = [0, 0]} : f32[3]"},
    {"reverse_c2", "E0314", "N is not reversed", "reverse f32[N, 3] {axes = [0]} : f32[N, 3]"},
    {0},
};

static const NcSample samples[] = {
    {.text = "reverse f32[] {axes = []} : f32[]"},
    {.text = "reverse f32[1] {axes = [0]} : f32[1]"},
    {.text = "reverse f32[17] {axes = [0]} : f32[17]"},
    {.text = "reverse f32[16, 15] {axes = [1]} : f32[16, 15]"},
    {.text = "reverse f32[N, 3, 5] {axes = [1, 2]} : f32[N, 3, 5]"},
    {.text = "reverse f64[N, 3, 5] {axes = [1]} : f64[N, 3, 5]"},
    {.text = "reverse u8[7] {axes = [0]} : u8[7]"},
    {0},
};

const NcOp nc_op_reverse = {
    .name = "reverse",
    .doc = "The operand with the order of its elements reversed along `axes`.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 1,
    .infer = infer,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Slice", .build = onnx},
    .net = {"reverse({0}, axis = {axes})"},
    .samples = samples,
};
