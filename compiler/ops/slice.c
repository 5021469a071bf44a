// slice: every step-th element of a range, along each axis.
#include "ir/onnx.h"
#include "ir/spell.h"
#include "ops/build.h"
#include "ops/elementwise.h"
#include "ops/structure.h"

enum { START, LIMIT, STEP };

static bool check_batch(NcInfer *infer, int64_t start, int64_t limit, int64_t step) {
  if (start == 0 && limit == -1 && step == 1)
    return true;
  return nc_infer_fail(infer, "slice_c3", 0, -1, "N, the batch, cannot be sliced");
}

static bool check_range(NcInfer *infer, int d, int64_t start, int64_t limit, int64_t step) {
  int64_t size = infer->operands[0].dims[d].c;
  if (start >= 0 && start < limit && limit <= size && step >= 1)
    return true;
  return nc_infer_fail(infer, "slice_c2", 0, -1,
                       "dimension %d of size %lld has no elements %lld..%lld in steps of %lld", d,
                       (long long)size, (long long)start, (long long)limit, (long long)step);
}

static bool infer(NcInfer *infer) {
  static const char *const names[] = {"start", "limit", "step"};
  const NcAttr *a = infer->attrs;
  for (int i = 0; i < 3; i++)
    if (!nc_check_length(infer, "slice_c1", names[i], &a[i]))
      return false;
  infer->result = infer->operands[0];
  for (int d = 0; d < infer->result.rank; d++) {
    int64_t start = a[START].ints[d], limit = a[LIMIT].ints[d], step = a[STEP].ints[d];
    if (!nc_dim_is_constant(infer->result.dims[d])) {
      if (!check_batch(infer, start, limit, step))
        return false;
      continue;
    }
    if (!check_range(infer, d, start, limit, step))
      return false;
    infer->result.dims[d] = nc_dim((limit - 1 - start) / step + 1);
  }
  return true;
}

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  (void)wanted;
  const NcType *type = &node->operands[0]->type;
  int64_t low[NC_MAX_RANK] = {0}, high[NC_MAX_RANK] = {0}, interior[NC_MAX_RANK] = {0};
  for (int d = 0; d < type->rank; d++) {
    if (!nc_dim_is_constant(type->dims[d]))
      continue;
    int64_t gaps = node->type.dims[d].c - 1, step = node->attrs[STEP].ints[d];
    low[d] = node->attrs[START].ints[d];
    interior[d] = gaps > 0 ? step - 1 : 0;
    high[d] = type->dims[d].c - low[d] - gaps * (interior[d] + 1) - 1;
  }
  dx[0] = nc_pad(graph, dy, low, high, interior, 0);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  NcAffine index[NC_MAX_RANK];
  for (int d = 0; d < node->type.rank; d++) {
    // A step past the only element may be as large as it likes.
    int64_t step = nc_dim_is(node->type.dims[d], 1) ? 1 : node->attrs[STEP].ints[d];
    NcAffine strided = nc_affine_scale(nc_affine_axis(d), step);
    index[d] = nc_affine_offset(strided, node->attrs[START].ints[d]);
  }
  return nc_lower_body(builder, node, nc_x_load(builder, operands[0], index));
}

static bool eval(NcEval *e) {
  int64_t index[NC_MAX_RANK];
  for (int64_t i = 0; i < e->result->count; i++) {
    nc_tensor_index(e->result, i, index);
    for (int d = 0; d < e->result->type.rank; d++)
      index[d] = e->attrs[START].ints[d] + index[d] * e->attrs[STEP].ints[d];
    nc_tensor_copy(e->result, i, e->operands[0], nc_tensor_offset(e->operands[0], index));
  }
  return true;
}

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  NcOnnxValue *x = nc_onnx_full(b, operands[0]);
  int64_t start[NC_MAX_RANK], limit[NC_MAX_RANK], axes[NC_MAX_RANK], step[NC_MAX_RANK];
  int count = 0;
  for (int d = 0; x && d < node->type.rank; d++) {
    if (nc_dim_equal(x->whole.dims[d], node->type.dims[d]))
      continue;
    start[count] = node->attrs[START].ints[d];
    limit[count] = node->attrs[LIMIT].ints[d];
    step[count] = node->attrs[STEP].ints[d];
    axes[count++] = nc_onnx_axis(x, d);
  }
  return x ? nc_onnx_slice(b, x, node->type, start, limit, axes, step, count) : NULL;
}

static bool is_cut(const NcNode *node, int d) {
  NcDim size = node->operands[0]->type.dims[d];
  return nc_dim_is_constant(size) &&
         (node->attrs[START].ints[d] != 0 || node->attrs[LIMIT].ints[d] != size.c ||
          node->attrs[STEP].ints[d] != 1);
}

// The language cuts one axis after the other.
static void spell(NcText *text, const NcNode *node, const char *const *operands) {
  for (int d = 0; d < node->type.rank; d++)
    nc_text_append(text, is_cut(node, d) ? "slice(" : "");
  nc_text_append(text, operands[0]);
  for (int d = 0; d < node->type.rank; d++)
    if (is_cut(node, d))
      nc_text_printf(text, ", %d, %lld, %lld, step = %lld)", d,
                     (long long)node->attrs[START].ints[d], (long long)node->attrs[LIMIT].ints[d],
                     (long long)node->attrs[STEP].ints[d]);
}

static const NcAttrDecl attrs[] = {
    {"start", NC_ATTR_INTS, "the first position, by dimension"},
    {"limit", NC_ATTR_INTS, "one past the last position, by dimension; -1 for N"},
    {"step", NC_ATTR_INTS, "the distance of the positions, by dimension"},
    {0},
};

static const NcConstraint constraints[] = {
    {"slice_c1", "E0313", "each list has an entry for each dimension",
     "slice f32[5] {start = [0], limit = [5, 5], step = [1]} : f32[5]"},
    {"slice_c2", "E0315", "0 <= start < limit <= size, and step >= 1",
     "slice f32[5] {start = [2], limit = [6], step = [1]} : f32[4]"},
    {"slice_c3", "E0314", "along N: start 0, limit -1, step 1, which leaves it whole",
     "slice f32[N] {start = [1], limit = [-1], step = [1]} : f32[N]"},
    {0},
};

static const NcSample samples[] = {
    {.text = "slice f32[] {start = [], limit = [], step = []} : f32[]"},
    {.text = "slice f32[1] {start = [0], limit = [1], step = [1]} : f32[1]"},
    {.text = "slice f32[17] {start = [1], limit = [17], step = [1]} : f32[16]"},
    {.text = "slice f32[17] {start = [2], limit = [17], step = [3]} : f32[5]"},
    {.text = "slice f32[17] {start = [2], limit = [16], step = [3]} : f32[5]"},
    {.text = "slice f32[7] {start = [6], limit = [7], step = [9]} : f32[1]"},
    {.text = "slice f32[N, 5] {start = [0, 1], limit = [-1, 4], step = [1, 1]} : f32[N, 3]"},
    {.text = "slice f64[N, 4, 6] {start = [0, 2, 1], limit = [-1, 4, 6], step = [1, 1, 2]} : "
             "f64[N, 2, 3]"},
    {.text = "slice u8[4, 9] {start = [0, 8], limit = [4, 9], step = [2, 1]} : u8[2, 1]"},
    {0},
};

const NcOp nc_op_slice = {
    .name = "slice",
    .doc = "Along each dimension the elements at start, start + step, … below limit.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 1,
    .infer = infer,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Slice", .build = onnx},
    .net = {.write = spell},
    .samples = samples,
};
