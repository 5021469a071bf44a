// reduce_max: the largest over axes.
#include "ir/onnx.h"
#include "ops/reduce.h"

#include <math.h>

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  (void)wanted;
  dx[0] = nc_grad_reduce_max(graph, node, dy, false);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_reduce(builder, node, operands[0], &node->attrs[0], NC_REDUCE_MAX);
}

static double largest_float(double a, double b) { return a > b || a != a ? a : b; }
static int64_t largest_int(int64_t a, int64_t b) { return a > b ? a : b; }

// The least value of an integer dtype: what an empty batch gives.
static int64_t limit(NcDtype dtype) {
  switch (dtype) {
  case NC_U8:
    return 0;
  case NC_I32:
    return INT32_MIN;
  default:
    return INT64_MIN;
  }
}

static bool eval(NcEval *e) {
  if (nc_dtype_is_float(e->result->type.dtype))
    return nc_eval_reduce_float(e, -INFINITY, largest_float);
  return nc_eval_reduce_int(e, limit(e->result->type.dtype), largest_int);
}

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  const NcAttr *axes = &node->attrs[0];
  return nc_onnx_reduce(b, node, "ReduceMax", operands[0], axes->ints, axes->count);
}

static const NcAttrDecl attrs[] = {{"axes", NC_ATTR_INTS, "the axes to reduce"}, {0}};

static const NcConstraint constraints[] = {
    {"reduce_max_c1", "E0302", "the dtype is numeric", "reduce_max bool[3] {axes = [0]} : bool[]"},
    {"reduce_max_c2", "E0308", "`axes` are increasing and each is an axis of the operand",
     "reduce_max f32[3, 4] {axes = [0, 2]} : f32[4]"},
    {0},
};

static const NcSample samples[] = {
    {.text = "reduce_max f32[] {axes = []} : f32[]"},
    {.text = "reduce_max f32[1] {axes = [0]} : f32[]"},
    {.text = "reduce_max f32[17] {axes = [0]} : f32[]", .min_gap = 0.125},
    {.text = "reduce_max f32[5, 16] {axes = [1]} : f32[5]", .min_gap = 0.03125},
    {.text = "reduce_max f32[5, 15] {axes = [0]} : f32[15]", .min_gap = 0.03125},
    {.text = "reduce_max f32[N] {axes = [0]} : f32[]", .min_gap = 0.03125},
    {.text = "reduce_max f32[N, 17] {axes = [0]} : f32[17]", .min_gap = 0.0078125},
    {.text = "reduce_max f32[N, 3, 7, 2] {axes = [1, 3]} : f32[N, 7]", .min_gap = 0.0078125},
    {.text = "reduce_max f64[N, 3, 7] {axes = [0, 2]} : f64[3]", .min_gap = 0.0078125},
    {.text = "reduce_max i32[7, 3] {axes = [0, 1]} : i32[]"},
    {.text = "reduce_max i64[N, 2] {axes = [1]} : i64[N]"},
    {.text = "reduce_max u8[N, 17] {axes = [1]} : u8[N]"},
    {.text = "reduce_max i32[7, 5] {axes = [1]} : i32[7]", .low = -9, .high = -1},
    {0},
};

const NcOp nc_op_reduce_max = {
    .name = "reduce_max",
    .doc = "The largest element over `axes`, which disappear; NaN where there is one. Of an empty "
           "batch it is -inf, or the least "
           "integer.\n\nThe gradient goes to the first of equal elements, in row-major order.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 1,
    .facts = NC_FACT_MAX_BATCH,
    .infer = nc_infer_reduce,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"ReduceMax", .build = onnx},
    .net = {"max({0}, axis = {axes})"},
    .samples = samples,
};
