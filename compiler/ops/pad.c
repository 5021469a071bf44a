// pad: a tensor with a value put around and between its elements.
#include "ir/onnx.h"
#include "ops/build.h"
#include "ops/elementwise.h"
#include "ops/structure.h"

enum { LOW, HIGH, INTERIOR, VALUE };

static const char *const names[] = {"low", "high", "interior"};

static bool check_counts(NcInfer *infer, int d) {
  bool constant = nc_dim_is_constant(infer->operands[0].dims[d]);
  for (int i = 0; i < 3; i++) {
    int64_t count = infer->attrs[i].ints[d];
    if (count < 0)
      return nc_infer_fail(infer, "pad_c2", 0, -1, "%s is %lld in dimension %d", names[i],
                           (long long)count, d);
    if (!constant && count != 0)
      return nc_infer_fail(infer, "pad_c3", 0, -1, "N, the batch, cannot be padded");
  }
  return true;
}

// (size - 1)*(1 + interior) + 1 + low + high, or INT64_MAX if that is too large.
static int64_t padded_size(const NcAttr *attrs, int d, int64_t size) {
  int64_t spacing, total;
  if (__builtin_add_overflow(attrs[INTERIOR].ints[d], 1, &spacing) ||
      __builtin_mul_overflow(size - 1, spacing, &total) ||
      __builtin_add_overflow(total, attrs[LOW].ints[d], &total) ||
      __builtin_add_overflow(total, attrs[HIGH].ints[d], &total) ||
      __builtin_add_overflow(total, 1, &total))
    return INT64_MAX;
  return total;
}

static bool infer(NcInfer *infer) {
  for (int i = 0; i < 3; i++)
    if (!nc_check_length(infer, "pad_c1", names[i], &infer->attrs[i]))
      return false;
  infer->result = infer->operands[0];
  for (int d = 0; d < infer->result.rank; d++) {
    if (!check_counts(infer, d))
      return false;
    if (nc_dim_is_constant(infer->result.dims[d]))
      infer->result.dims[d] = nc_dim(padded_size(infer->attrs, d, infer->result.dims[d].c));
  }
  return nc_check_result(infer, "pad_c4") &&
         nc_check_value(infer, "pad_c5", infer->result.dtype, infer->attrs[VALUE].f);
}

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  (void)wanted;
  const NcType *type = &node->operands[0]->type;
  int64_t start[NC_MAX_RANK] = {0}, limit[NC_MAX_RANK], step[NC_MAX_RANK];
  for (int d = 0; d < type->rank; d++) {
    limit[d] = -1;
    step[d] = 1;
    if (!nc_dim_is_constant(type->dims[d]))
      continue;
    start[d] = node->attrs[LOW].ints[d];
    limit[d] = node->type.dims[d].c - node->attrs[HIGH].ints[d];
    step[d] = type->dims[d].c > 1 ? node->attrs[INTERIOR].ints[d] + 1 : 1;
  }
  dx[0] = nc_slice(graph, dy, start, limit, step);
}

// Visits the operand's elements and stores each at its place; the rest is filled.
static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  NcTe *te = nc_te_scatter(builder, node->type);
  const NcType *type = &operands[0]->type;
  for (int d = 0; d < type->rank; d++) {
    int64_t spacing =
        type->dims[d].n == 0 && type->dims[d].c == 1 ? 1 : node->attrs[INTERIOR].ints[d] + 1;
    NcAffine place = nc_affine_scale(nc_affine_axis(nc_te_axis(te, type->dims[d])), spacing);
    te->store[d] = nc_affine_offset(place, node->attrs[LOW].ints[d]);
    te->partial |= !nc_dim_equal(type->dims[d], node->type.dims[d]);
  }
  te->fill = node->attrs[VALUE].f;
  te->body = nc_lower_element(builder, operands[0]);
  return te;
}

static bool eval(NcEval *e) {
  const NcTensor *x = e->operands[0];
  int64_t index[NC_MAX_RANK];
  for (int64_t i = 0; i < e->result->count; i++)
    nc_tensor_set(e->result, i, e->attrs[VALUE].f);
  for (int64_t i = 0; i < x->count; i++) {
    nc_tensor_index(x, i, index);
    for (int d = 0; d < x->type.rank; d++)
      if (index[d] > 0)
        index[d] *= e->attrs[INTERIOR].ints[d] + 1;
    for (int d = 0; d < x->type.rank; d++)
      index[d] += e->attrs[LOW].ints[d];
    nc_tensor_copy(e->result, nc_tensor_offset(e->result, index), x, i);
  }
  return true;
}

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  NcOnnxValue *x = nc_onnx_full(b, operands[0]);
  int rank = node->type.rank;
  int64_t pads[2 * NC_MAX_RANK];
  for (int d = 0; x && d < rank; d++) {
    if (node->attrs[INTERIOR].ints[d] > 0 && node->operands[0]->type.dims[d].c > 1)
      return nc_onnx_fail(b, "leave out what needs it: the gradient of a slice with a step",
                          "ONNX puts nothing between elements");
    pads[nc_onnx_axis(x, d)] = node->attrs[LOW].ints[d];
    pads[rank + nc_onnx_axis(x, d)] = node->attrs[HIGH].ints[d];
  }
  if (!x || rank == 0)
    return x;
  NcOnnxValue *value = nc_onnx_scalar(b, node->type.dtype, node->attrs[VALUE].f);
  NcOnnxValue *inputs[] = {x, nc_onnx_ints(b, pads, 2 * rank), value};
  return nc_onnx_add_like(b, "Pad", inputs, 3, node->type, x);
}

static const NcAttrDecl attrs[] = {
    {"low", NC_ATTR_INTS, "how many before the first element, by dimension"},
    {"high", NC_ATTR_INTS, "how many after the last element, by dimension"},
    {"interior", NC_ATTR_INTS, "how many between two elements, by dimension"},
    {"value", NC_ATTR_FLOAT, "what is put there"},
    {0},
};

static const NcConstraint constraints[] = {
    {"pad_c1", "E0313", "each list has an entry for each dimension",
     "pad f32[3] {low = [1], high = [], interior = [0], value = 0.0} : f32[4]"},
    {"pad_c2", "E0316", "no entry is negative",
     "pad f32[3] {low = [-1], high = [0], interior = [0], value = 0.0} : f32[2]"},
    {"pad_c3", "E0314", "along N all entries are 0",
     "pad f32[N] {low = [1], high = [0], interior = [0], value = 0.0} : f32[N]"},
    {"pad_c4", "E0319", "the result is not too large",
     "pad f32[3] {low = [281474976710656], high = [0], interior = [0], value = 0.0} : f32[3]"},
    {"pad_c5", "E0306", "`value` is exact in an integer dtype, and 0 or 1 in bool",
     "pad u8[3] {low = [1], high = [0], interior = [0], value = -1.0} : u8[4]"},
    {0},
};

static const NcSample samples[] = {
    {.text = "pad f32[] {low = [], high = [], interior = [], value = 0.0} : f32[]"},
    {.text = "pad f32[1] {low = [0], high = [0], interior = [3], value = 0.0} : f32[1]"},
    {.text = "pad f32[16] {low = [1], high = [0], interior = [0], value = 0.5} : f32[17]"},
    {.text = "pad f32[17] {low = [0], high = [2], interior = [0], value = -inf} : f32[19]"},
    {.text = "pad f32[5] {low = [2], high = [1], interior = [2], value = 0.0} : f32[16]"},
    {.text = "pad f32[N, 3] {low = [0, 1], high = [0, 2], interior = [0, 0], value = 0.0} : "
             "f32[N, 6]"},
    {.text = "pad f64[N, 2, 3] {low = [0, 1, 0], high = [0, 1, 2], interior = [0, 1, 0], value = "
             "1.0} : f64[N, 5, 5]"},
    {.text = "pad u8[3] {low = [1], high = [1], interior = [1], value = 255.0} : u8[7]"},
    {0},
};

const NcOp nc_op_pad = {
    .name = "pad",
    .doc = "The operand with `value` put before, after and between its elements.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 1,
    .infer = infer,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Pad", .build = onnx},
    .net = {"pad({0}, {low}, {high}, value = {value}, interior = {interior})"},
    .samples = samples,
};
