// concat: two tensors, one after the other along an axis.
#include "ir/onnx.h"
#include "ops/build.h"
#include "ops/elementwise.h"
#include "ops/structure.h"

// The first other axis in which the sizes differ, -1 for none.
static int differing_axis(const NcType *a, const NcType *b, int64_t axis) {
  for (int d = 0; d < a->rank; d++)
    if (d != axis && !nc_dim_equal(a->dims[d], b->dims[d]))
      return d;
  return -1;
}

static bool infer(NcInfer *infer) {
  const NcType *a = &infer->operands[0], *b = &infer->operands[1];
  int64_t axis = infer->attrs[0].i;
  const char *a_text = nc_type_format(infer->arena, a), *b_text = nc_type_format(infer->arena, b);
  if (a->dtype != b->dtype || a->rank != b->rank)
    return nc_infer_fail(infer, "concat_c1", 0, 1, "dtype or rank differ: %s and %s", a_text,
                         b_text);
  if (!nc_check_axis(infer, "concat_c2", axis, a->rank, 0))
    return false;
  if (!nc_dim_is_constant(a->dims[axis]) || !nc_dim_is_constant(b->dims[axis]))
    return nc_infer_fail(infer, "concat_c3", 0, 1, "N, the batch, cannot be concatenated");
  int differing = differing_axis(a, b, axis);
  if (differing >= 0)
    return nc_infer_fail(infer, "concat_c4", 0, 1,
                         "sizes differ in axis %d, not only in %lld: %s and %s", differing,
                         (long long)axis, nc_dim_format(infer->arena, a->dims[differing]),
                         nc_dim_format(infer->arena, b->dims[differing]));
  infer->result = *a;
  infer->result.dims[axis] = nc_dim(a->dims[axis].c + b->dims[axis].c);
  return nc_check_result(infer, "concat_c5");
}

// The part of `dy` from `start` along the axis that has the shape of `like`.
static NcNode *part(NcGraph *graph, NcNode *dy, int64_t axis, int64_t start, const NcNode *like) {
  int64_t starts[NC_MAX_RANK] = {0}, limits[NC_MAX_RANK], steps[NC_MAX_RANK];
  for (int d = 0; d < dy->type.rank; d++) {
    limits[d] = nc_dim_is_constant(dy->type.dims[d]) ? dy->type.dims[d].c : -1;
    steps[d] = 1;
  }
  starts[axis] = start;
  limits[axis] = start + like->type.dims[axis].c;
  return nc_slice(graph, dy, starts, limits, steps);
}

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  int64_t axis = node->attrs[0].i;
  if (wanted[0])
    dx[0] = part(graph, dy, axis, 0, node->operands[0]);
  if (wanted[1])
    dx[1] = part(graph, dy, axis, node->operands[0]->type.dims[axis].c, node->operands[1]);
}

// Both operands are loaded everywhere, padded where they do not reach, and one is selected: a
// tensor expression has a single store.
static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  int axis = (int)node->attrs[0].i;
  int64_t first = operands[0]->type.dims[axis].c;
  NcAffine index[NC_MAX_RANK];
  for (int d = 0; d < node->type.rank; d++)
    index[d] = nc_affine_axis(d);
  NcExpr *a = nc_x_load_padded(builder, operands[0], index, 0);
  index[axis] = nc_affine_offset(index[axis], -first);
  NcExpr *b = nc_x_load_padded(builder, operands[1], index, 0);
  NcExpr *position = nc_x_index(builder, nc_affine_axis(axis));
  NcExpr *limit = nc_x_const_int(builder, NC_I64, first);
  NcExpr *is_first = nc_x_binary(builder, NC_X_LT, position, limit);
  return nc_lower_body(builder, node, nc_x_select(builder, is_first, a, b));
}

static bool eval(NcEval *e) {
  int64_t index[NC_MAX_RANK], axis = e->attrs[0].i;
  int64_t shift = 0;
  for (int k = 0; k < 2; k++) {
    const NcTensor *x = e->operands[k];
    for (int64_t i = 0; i < x->count; i++) {
      nc_tensor_index(x, i, index);
      index[axis] += shift;
      nc_tensor_copy(e->result, nc_tensor_offset(e->result, index), x, i);
    }
    shift = x->type.dims[axis].c;
  }
  return true;
}

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  bool first = operands[0]->channels_first || operands[1]->channels_first;
  NcOnnxValue *parts[] = {nc_onnx_form(b, operands[0], first, false),
                          nc_onnx_form(b, operands[1], first, false)};
  if (!parts[0] || !parts[1])
    return NULL;
  NcOnnxValue *value = nc_onnx_add_like(b, "Concat", parts, 2, node->type, parts[0]);
  nc_onnx_set(b, value, "axis", nc_onnx_axis(parts[0], node->attrs[0].i));
  return value;
}

static const NcAttrDecl attrs[] = {{"axis", NC_ATTR_INT, "the axis that grows"}, {0}};

static const NcConstraint constraints[] = {
    {"concat_c1", "E0311", "the operands have the same dtype and rank",
     "concat f32[3], f64[3] {axis = 0} : f32[6]"},
    {"concat_c2", "E0308", "`axis` is an axis of the operands",
     "concat f32[3], f32[3] {axis = 1} : f32[6]"},
    {"concat_c3", "E0314", "`axis` is not that of N",
     "concat f32[N, 2], f32[N, 2] {axis = 0} : f32[2*N, 2]"},
    {"concat_c4", "E0312", "the other axes have the same sizes",
     "concat f32[3, 2], f32[3, 4] {axis = 0} : f32[6, 2]"},
    {"concat_c5", "E0319", "the result is not too large",
     "concat f32[200000000000000], f32[200000000000000] {axis = 0} : f32[3]"},
    {0},
};

static const NcSample samples[] = {
    {.text = "concat f32[1], f32[1] {axis = 0} : f32[2]"},
    {.text = "concat f32[1], f32[16] {axis = 0} : f32[17]"},
    {.text = "concat f32[N, 3], f32[N, 2] {axis = 1} : f32[N, 5]"},
    {.text = "concat f32[15, 3], f32[2, 3] {axis = 0} : f32[17, 3]"},
    {.text = "concat f64[N, 3, 2], f64[N, 1, 2] {axis = 1} : f64[N, 4, 2]"},
    {.text = "concat bool[3], bool[4] {axis = 0} : bool[7]"},
    {.text = "concat i64[N, 1], i64[N, 2] {axis = 1} : i64[N, 3]"},
    {0},
};

const NcOp nc_op_concat = {
    .name = "concat",
    .doc = "The elements of `a` and after them those of `b`, along `axis`.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 2,
    .infer = infer,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Concat", .build = onnx},
    .net = {"concat([{0}, {1}], axis = {axis})"},
    .samples = samples,
};
