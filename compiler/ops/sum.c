// sum: the sum over axes.
#include "ir/onnx.h"
#include "ops/build.h"
#include "ops/reduce.h"

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  (void)wanted;
  const NcAttr *axes = &node->attrs[0];
  dx[0] = nc_broadcast_reduced(graph, dy, axes->ints, axes->count, &node->operands[0]->type);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_reduce(builder, node, operands[0], &node->attrs[0], NC_REDUCE_SUM);
}

static double add_float(double a, double b) { return a + b; }
static int64_t add_int(int64_t a, int64_t b) { return (int64_t)((uint64_t)a + (uint64_t)b); }

static bool eval(NcEval *e) {
  if (nc_dtype_is_float(e->result->type.dtype))
    return nc_eval_reduce_float(e, 0, add_float);
  return nc_eval_reduce_int(e, 0, add_int);
}

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  const NcAttr *axes = &node->attrs[0];
  return nc_onnx_reduce(b, node, "ReduceSum", operands[0], axes->ints, axes->count);
}

static const NcAttrDecl attrs[] = {{"axes", NC_ATTR_INTS, "the axes to sum over"}, {0}};

static const NcConstraint constraints[] = {
    {"sum_c1", "E0302", "the dtype is numeric", "sum bool[3] {axes = [0]} : bool[]"},
    {"sum_c2", "E0308", "`axes` are increasing and each is an axis of the operand",
     "sum f32[3, 4] {axes = [1, 0]} : f32[]"},
    {0},
};

static const NcSample samples[] = {
    {.text = "sum f32[] {axes = []} : f32[]"},
    {.text = "sum f32[1] {axes = [0]} : f32[]"},
    {.text = "sum f32[17] {axes = [0]} : f32[]"},
    {.text = "sum f32[5, 16] {axes = [1]} : f32[5]"},
    {.text = "sum f32[5, 15] {axes = [0]} : f32[15]"},
    {.text = "sum f32[N] {axes = [0]} : f32[]"},
    {.text = "sum f32[N, 17] {axes = [0]} : f32[17]"},
    {.text = "sum f32[N, 17] {axes = [1]} : f32[N]"},
    {.text = "sum f32[N, 3, 7, 2] {axes = [1, 3]} : f32[N, 7]"},
    {.text = "sum f64[N, 3, 7] {axes = [0, 2]} : f64[3]"},
    {.text = "sum f64[N, 3] {axes = []} : f64[N, 3]"},
    {.text = "sum i32[7, 3] {axes = [0, 1]} : i32[]"},
    {.text = "sum i64[N, 2] {axes = [0]} : i64[2]"},
    {.text = "sum u8[N, 170] {axes = [1]} : u8[N]"},
    {0},
};

const NcOp nc_op_sum = {
    .name = "sum",
    .doc = "The sum over `axes`, which disappear. Integers wrap.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 1,
    .facts = NC_FACT_SUMS_BATCH,
    .infer = nc_infer_reduce,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"ReduceSum", .build = onnx},
    .net = {"sum({0}, axis = {axes})"},
    .samples = samples,
};
