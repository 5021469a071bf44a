// sqrt: the square root of a tensor.
#include "ops/build.h"
#include "ops/elementwise.h"

#include <math.h>

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  (void)wanted;
  dx[0] = nc_div(graph, nc_mul_const(graph, dy, 0.5), node);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_unary(builder, node, operands, NC_X_SQRT);
}

static double on_float(double a) { return sqrt(a); }
static bool eval(NcEval *e) { return nc_eval_unary(e, on_float, NULL); }

static const NcConstraint constraints[] = {
    {"sqrt_c1", "E0303", "the dtype is floating", "sqrt i32[3] : i32[3]"}, {0}};

static const NcSample samples[] = {
    {.text = "sqrt f32[] : f32[]", .low = 0.25, .high = 3},
    {.text = "sqrt f32[1] : f32[1]", .low = 0.25, .high = 3},
    {.text = "sqrt f32[15] : f32[15]", .low = 0.25, .high = 3},
    {.text = "sqrt f32[16, 17] : f32[16, 17]", .low = 0.25, .high = 3},
    {.text = "sqrt f32[N] : f32[N]", .low = 0.25, .high = 3},
    {.text = "sqrt f32[N, 7, 3] : f32[N, 7, 3]", .low = 0.25, .high = 3},
    {.text = "sqrt f64[N, 5] : f64[N, 5]", .low = 0.25, .high = 3},
    {0},
};

const NcOp nc_op_sqrt = {
    .name = "sqrt",
    .doc = "Element by element, the square root, correctly rounded; NaN below 0.",
    .constraints = constraints,
    .operand_count = 1,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = nc_infer_float_unary,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Sqrt"},
    .net = {"sqrt({0})"},
    .samples = samples,
};
