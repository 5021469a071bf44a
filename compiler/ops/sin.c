// sin: the sine of a tensor.
#include "ops/build.h"
#include "ops/elementwise.h"

#include <math.h>

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  (void)wanted;
  dx[0] = nc_mul(graph, dy, nc_cos(graph, node->operands[0]));
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_unary(builder, node, operands, NC_X_SIN);
}

static double on_float(double a) { return sin(a); }
static bool eval(NcEval *e) { return nc_eval_unary(e, on_float, NULL); }

static const NcConstraint constraints[] = {
    {"sin_c1", "E0303", "the dtype is floating", "sin i32[3] : i32[3]"}, {0}};

static const NcSample samples[] = {
    {.text = "sin f32[] : f32[]", .low = -7, .high = 7},
    {.text = "sin f32[1] : f32[1]", .low = -7, .high = 7},
    {.text = "sin f32[15] : f32[15]", .low = -7, .high = 7},
    {.text = "sin f32[16, 17] : f32[16, 17]", .low = -7, .high = 7},
    {.text = "sin f32[N] : f32[N]", .low = -7, .high = 7},
    {.text = "sin f32[N, 7, 3] : f32[N, 7, 3]", .low = -7, .high = 7},
    {.text = "sin f64[N, 5] : f64[N, 5]", .low = -7, .high = 7},
    {.text = "sin f32[17] : f32[17]", .low = -1000, .high = 1000},
    {.text = "sin f64[N, 3] : f64[N, 3]", .low = -1000, .high = 1000},
    {0},
};

const NcOp nc_op_sin = {
    .name = "sin",
    .doc = "Element by element, the sine of an angle in radians.",
    .constraints = constraints,
    .operand_count = 1,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = nc_infer_float_unary,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Sin"},
    .net = {"sin({0})"},
    .samples = samples,
};
