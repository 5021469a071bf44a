// broadcast: a tensor repeated along new axes.
#include "ir/onnx.h"
#include "ops/build.h"
#include "ops/elementwise.h"
#include "ops/structure.h"

enum { AXES, TYPE };

static bool infer(NcInfer *infer) {
  const NcType *from = &infer->operands[0], *to = &infer->attrs[TYPE].type;
  const NcAttr *axes = &infer->attrs[AXES];
  if (from->dtype != to->dtype)
    return nc_infer_fail(infer, "broadcast_c1", 0, -1, "a broadcast keeps the dtype: %s to %s",
                         nc_dtype_name(from->dtype), nc_dtype_name(to->dtype));
  if (!nc_check_length(infer, "broadcast_c2", "axes", axes) ||
      !nc_check_axes(infer, "broadcast_c3", axes, to->rank, -1))
    return false;
  for (int i = 0; i < from->rank; i++)
    if (!nc_dim_equal(from->dims[i], to->dims[axes->ints[i]]))
      return nc_infer_fail(
          infer, "broadcast_c4", 0, -1, "axis %d has %s elements, but axis %lld of %s has %s", i,
          nc_dim_format(infer->arena, from->dims[i]), (long long)axes->ints[i],
          nc_type_format(infer->arena, to), nc_dim_format(infer->arena, to->dims[axes->ints[i]]));
  infer->result = *to;
  return true;
}

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  (void)wanted;
  int64_t repeated[NC_MAX_RANK];
  int count = 0;
  for (int d = 0; d < node->type.rank; d++)
    if (!nc_axes_have(&node->attrs[AXES], d))
      repeated[count++] = d;
  dx[0] = nc_sum(graph, dy, repeated, count);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  NcAffine index[NC_MAX_RANK];
  for (int i = 0; i < operands[0]->type.rank; i++)
    index[i] = nc_affine_axis((int)node->attrs[AXES].ints[i]);
  return nc_lower_body(builder, node, nc_x_load(builder, operands[0], index));
}

static bool eval(NcEval *e) {
  const NcTensor *x = e->operands[0];
  int64_t index[NC_MAX_RANK], from[NC_MAX_RANK];
  for (int64_t i = 0; i < e->result->count; i++) {
    nc_tensor_index(e->result, i, index);
    for (int d = 0; d < x->type.rank; d++)
      from[d] = index[e->attrs[AXES].ints[d]];
    nc_tensor_copy(e->result, i, x, nc_tensor_offset(x, from));
  }
  return true;
}

// Elementwise operators of ONNX repeat their operands themselves: it is enough that the dimensions
// stand where they belong.
static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  NcOnnxValue *x = nc_onnx_form(b, operands[0], false, true);
  int missing = x->whole.rank - x->type.rank, rank = node->type.rank, first = rank;
  NcType type = {.dtype = node->type.dtype, .rank = rank};
  for (int d = 0; d < rank; d++)
    type.dims[d] = nc_dim(1);
  for (int d = x->type.rank - 1; d >= 0; d--) {
    first = (int)node->attrs[AXES].ints[missing + d];
    type.dims[first] = x->type.dims[d];
  }
  type = nc_type(type.dtype, rank - first, type.dims + first);
  return nc_onnx_view(b, nc_onnx_reshape(b, x, type), node->type);
}

static const NcAttrDecl attrs[] = {
    {"axes", NC_ATTR_INTS, "the axes of the result that the operand's axes become"},
    {"type", NC_ATTR_TYPE, "the result's type"},
    {0},
};

static const NcConstraint constraints[] = {
    {"broadcast_c1", "E0311", "`type` has the operand's dtype",
     "broadcast f32[3] {axes = [1]} : f64[2, 3]"},
    {"broadcast_c2", "E0313", "`axes` has an entry for each axis of the operand",
     "broadcast f32[3] {axes = []} : f32[2, 3]"},
    {"broadcast_c3", "E0308", "`axes` are increasing and each is an axis of the result",
     "broadcast f32[3, 3] {axes = [1, 0]} : f32[3, 3]"},
    {"broadcast_c4", "E0312",
     "each axis of the operand has the size of the result's axis it becomes",
     "broadcast f32[3] {axes = [0]} : f32[2, 3]"},
    {0},
};

static const NcSample samples[] = {
    {.text = "broadcast f32[] {axes = []} : f32[]"},
    {.text = "broadcast f32[] {axes = []} : f32[N]"},
    {.text = "broadcast f32[] {axes = []} : f32[3, 17]"},
    {.text = "broadcast f32[1] {axes = [0]} : f32[1, 5]"},
    {.text = "broadcast f32[16] {axes = [1]} : f32[N, 16]"},
    {.text = "broadcast f32[N] {axes = [0]} : f32[N, 15]"},
    {.text = "broadcast f32[N, 3] {axes = [0, 2]} : f32[N, 5, 3, 2]"},
    {.text = "broadcast f64[5] {axes = [1]} : f64[3, 5, 2]"},
    {.text = "broadcast i64[N] {axes = [0]} : i64[N, 2]"},
    {.text = "broadcast bool[3] {axes = [0]} : bool[3, 7]"},
    {0},
};

const NcOp nc_op_broadcast = {
    .name = "broadcast",
    .doc = "The operand repeated along the axes of the result that are not in `axes`. An axis of "
           "size 1 is not stretched.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 1,
    .infer = infer,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Expand", .build = onnx},
    .net = {"broadcast({0}, {type}, axes = {axes})"},
    .samples = samples,
};
