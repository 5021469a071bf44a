// argmax: the position of the largest element along an axis.
#include "ir/onnx.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/structure.h"

static bool infer(NcInfer *infer) {
  const NcType *type = &infer->operands[0];
  int64_t axis = infer->attrs[0].i;
  if (!nc_dtype_is_numeric(type->dtype))
    return nc_infer_fail(infer, "argmax_c1", 0, -1, "takes numbers, not bool");
  if (!nc_check_axis(infer, "argmax_c2", axis, type->rank, 0))
    return false;
  infer->result = nc_type_scalar(NC_I64);
  for (int d = 0; d < type->rank; d++)
    if (d != axis)
      infer->result.dims[infer->result.rank++] = type->dims[d];
  return true;
}

static NcAttr one_axis(const NcAttr *axis) { return (NcAttr){.count = 1, .ints = {axis->i}}; }

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  NcAttr axes = one_axis(&node->attrs[0]);
  return nc_lower_reduce(builder, node, operands[0], &axes, NC_REDUCE_ARGMAX);
}

static bool is_larger(const NcTensor *x, int64_t i, int64_t than) {
  if (!nc_dtype_is_float(x->type.dtype))
    return nc_tensor_get_int(x, i) > nc_tensor_get_int(x, than);
  double a = nc_tensor_get(x, i), b = nc_tensor_get(x, than);
  return a > b || (a != a && b == b);
}

static bool eval(NcEval *e) {
  const NcTensor *x = e->operands[0];
  NcAttr axes = one_axis(&e->attrs[0]);
  int64_t index[NC_MAX_RANK];
  int64_t *best = NC_NEW_ARRAY(e->arena, int64_t, e->result->count + 1); // element + 1, 0 for none
  for (int64_t i = 0; i < x->count; i++) {
    int64_t target = nc_reduce_target(e, &axes, i);
    if (best[target] != 0 && !is_larger(x, i, best[target] - 1))
      continue;
    best[target] = i + 1;
    nc_tensor_index(x, i, index);
    nc_tensor_set_int(e->result, target, index[e->attrs[0].i]);
  }
  return true;
}

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  return nc_onnx_reduce(b, node, "ArgMax", operands[0], &node->attrs[0].i, 1);
}

static const NcAttrDecl attrs[] = {{"axis", NC_ATTR_INT, "the axis to search"}, {0}};

static const NcConstraint constraints[] = {
    {"argmax_c1", "E0302", "the dtype is numeric", "argmax bool[3] {axis = 0} : i64[]"},
    {"argmax_c2", "E0308", "`axis` is an axis of the operand", "argmax f32[3] {axis = 1} : i64[3]"},
    {0},
};

static const NcSample samples[] = {
    {.text = "argmax f32[1] {axis = 0} : i64[]"},
    {.text = "argmax f32[17] {axis = 0} : i64[]"},
    {.text = "argmax f32[16, 15] {axis = 1} : i64[16]"},
    {.text = "argmax f32[16, 15] {axis = 0} : i64[15]"},
    {.text = "argmax f32[N] {axis = 0} : i64[]"},
    {.text = "argmax f32[N, 10] {axis = 1} : i64[N]"},
    {.text = "argmax f64[N, 3, 7] {axis = 1} : i64[N, 7]"},
    {.text = "argmax i32[7, 5] {axis = 1} : i64[7]"},
    {.text = "argmax i64[N, 5] {axis = 1} : i64[N]"},
    {.text = "argmax u8[5, 17] {axis = 0} : i64[17]"},
    {.text = "argmax i32[7, 5] {axis = 1} : i64[7]", .low = -9, .high = -1},
    {0},
};

const NcOp nc_op_argmax = {
    .name = "argmax",
    .doc = "The position of the largest element along `axis`, which disappears, as i64. Of equal "
           "elements the first counts. NaN is larger than all numbers. Of an empty batch it is 0.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 1,
    .infer = infer,
    .lower = lower,
    .eval = eval,
    .onnx = {"ArgMax", .build = onnx},
    .net = {"argmax({0}, axis = {axis})"},
    .samples = samples,
};
