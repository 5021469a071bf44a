// erf: the error function of a tensor.
#include "ops/build.h"
#include "ops/elementwise.h"

#include <math.h>

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  (void)wanted;
  NcNode *a = node->operands[0];
  NcNode *bell = nc_exp(graph, nc_neg(graph, nc_mul(graph, a, a)));
  dx[0] = nc_mul(graph, dy, nc_mul_const(graph, bell, 1.1283791670955126)); // 2/sqrt(pi)
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_unary(builder, node, operands, NC_X_ERF);
}

static double on_float(double a) { return erf(a); }
static bool eval(NcEval *e) { return nc_eval_unary(e, on_float, NULL); }

static const NcConstraint constraints[] = {
    {"erf_c1", "E0303", "the dtype is floating", "erf i32[3] : i32[3]"}, {0}};

static const NcSample samples[] = {
    {.text = "erf f32[] : f32[]"},
    {.text = "erf f32[1] : f32[1]"},
    {.text = "erf f32[15] : f32[15]"},
    {.text = "erf f32[16, 17] : f32[16, 17]"},
    {.text = "erf f32[N] : f32[N]"},
    {.text = "erf f32[N, 7, 3] : f32[N, 7, 3]"},
    {.text = "erf f64[N, 5] : f64[N, 5]"},
    {.text = "erf f32[17] : f32[17]", .low = -6, .high = 6},
    {.text = "erf f64[N, 3] : f64[N, 3]", .low = -6, .high = 6},
    {0},
};

const NcOp nc_op_erf = {
    .name = "erf",
    .doc = "Element by element, the error function: 2/sqrt(pi) times the integral of exp(-t*t) "
           "from 0 to the operand.",
    .constraints = constraints,
    .operand_count = 1,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = nc_infer_float_unary,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Erf"},
    .net = {"erf({0})"},
    .samples = samples,
};
