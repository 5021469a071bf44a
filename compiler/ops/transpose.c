// transpose: a tensor with its axes in another order.
#include "ir/onnx.h"
#include "ops/build.h"
#include "ops/elementwise.h"
#include "ops/structure.h"

static bool is_permutation(const NcAttr *perm, int rank) {
  for (int axis = 0; axis < rank; axis++)
    if (!nc_axes_have(perm, axis))
      return false;
  return perm->count == rank;
}

static bool infer(NcInfer *infer) {
  const NcType *type = &infer->operands[0];
  const NcAttr *perm = &infer->attrs[0];
  if (!is_permutation(perm, type->rank))
    return nc_infer_fail(infer, "transpose_c1", 0, -1,
                         "perm is not a permutation of the %d axes of %s", type->rank,
                         nc_type_format(infer->arena, type));
  if (nc_type_has_batch(type) && perm->ints[0] != 0)
    return nc_infer_fail(infer, "transpose_c2", 0, -1, "N, the batch, would no longer be leading");
  infer->result = *type;
  for (int d = 0; d < type->rank; d++)
    infer->result.dims[d] = type->dims[perm->ints[d]];
  return true;
}

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  (void)wanted;
  int64_t inverse[NC_MAX_RANK];
  for (int d = 0; d < node->type.rank; d++)
    inverse[node->attrs[0].ints[d]] = d;
  dx[0] = nc_transpose(graph, dy, inverse);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  NcAffine index[NC_MAX_RANK];
  for (int d = 0; d < node->type.rank; d++)
    index[node->attrs[0].ints[d]] = nc_affine_axis(d);
  return nc_lower_body(builder, node, nc_x_load(builder, operands[0], index));
}

static bool eval(NcEval *e) {
  const NcTensor *x = e->operands[0];
  int64_t from[NC_MAX_RANK], to[NC_MAX_RANK];
  for (int64_t i = 0; i < x->count; i++) {
    nc_tensor_index(x, i, from);
    for (int d = 0; d < x->type.rank; d++)
      to[d] = from[e->attrs[0].ints[d]];
    nc_tensor_copy(e->result, nc_tensor_offset(e->result, to), x, i);
  }
  return true;
}

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  return nc_onnx_transpose(b, nc_onnx_plain(b, operands[0]), node->attrs[0].ints);
}

static const NcAttrDecl attrs[] = {
    {"perm", NC_ATTR_INTS, "axis d of the result is axis perm[d] of the operand"},
    {0},
};

static const NcConstraint constraints[] = {
    {"transpose_c1", "E0313", "`perm` is a permutation of the operand's axes",
     "transpose f32[2, 3] {perm = [0, 0]} : f32[2, 2]"},
    {"transpose_c2", "E0314", "N stays the leading dimension",
     "transpose f32[N, 3] {perm = [1, 0]} : f32[3, 3]"},
    {0},
};

static const NcSample samples[] = {
    {.text = "transpose f32[] {perm = []} : f32[]"},
    {.text = "transpose f32[1] {perm = [0]} : f32[1]"},
    {.text = "transpose f32[16, 17] {perm = [1, 0]} : f32[17, 16]"},
    {.text = "transpose f32[N, 3, 7] {perm = [0, 2, 1]} : f32[N, 7, 3]"},
    {.text = "transpose f64[2, 3, 5] {perm = [2, 0, 1]} : f64[5, 2, 3]"},
    {.text = "transpose f64[N, 2, 3, 5] {perm = [0, 3, 1, 2]} : f64[N, 5, 2, 3]"},
    {.text = "transpose u8[15, 2] {perm = [1, 0]} : u8[2, 15]"},
    {0},
};

const NcOp nc_op_transpose = {
    .name = "transpose",
    .doc = "The operand with its axes in the order `perm`.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 1,
    .infer = infer,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Transpose", .build = onnx},
    .net = {"transpose({0}, {perm})"},
    .samples = samples,
};
