// tanh: the hyperbolic tangent of a tensor.
#include "ops/build.h"
#include "ops/elementwise.h"

#include <math.h>

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  (void)wanted;
  NcNode *one = nc_const_like(graph, 1, node);
  dx[0] = nc_mul(graph, dy, nc_sub(graph, one, nc_mul(graph, node, node)));
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_unary(builder, node, operands, NC_X_TANH);
}

static double on_float(double a) { return tanh(a); }
static bool eval(NcEval *e) { return nc_eval_unary(e, on_float, NULL); }

static const NcConstraint constraints[] = {
    {"tanh_c1", "E0303", "the dtype is floating", "tanh i32[3] : i32[3]"}, {0}};

static const NcSample samples[] = {
    {.text = "tanh f32[] : f32[]"},
    {.text = "tanh f32[1] : f32[1]"},
    {.text = "tanh f32[15] : f32[15]"},
    {.text = "tanh f32[16, 17] : f32[16, 17]"},
    {.text = "tanh f32[N] : f32[N]"},
    {.text = "tanh f32[N, 7, 3] : f32[N, 7, 3]"},
    {.text = "tanh f64[N, 5] : f64[N, 5]"},
    {.text = "tanh f32[17] : f32[17]", .low = -12, .high = 12},
    {.text = "tanh f64[N, 3] : f64[N, 3]", .low = -12, .high = 12},
    {0},
};

const NcOp nc_op_tanh = {
    .name = "tanh",
    .doc = "Element by element, the hyperbolic tangent.",
    .constraints = constraints,
    .operand_count = 1,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = nc_infer_float_unary,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Tanh"},
    .net = {"tanh({0})"},
    .samples = samples,
};
