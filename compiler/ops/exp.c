// exp: the exponential of a tensor.
#include "ops/build.h"
#include "ops/elementwise.h"

#include <math.h>

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  (void)wanted;
  dx[0] = nc_mul(graph, dy, node);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_unary(builder, node, operands, NC_X_EXP);
}

static double on_float(double a) { return exp(a); }
static bool eval(NcEval *e) { return nc_eval_unary(e, on_float, NULL); }

static const NcConstraint constraints[] = {
    {"exp_c1", "E0303", "the dtype is floating", "exp i32[3] : i32[3]"}, {0}};

static const NcSample samples[] = {
    {.text = "exp f32[] : f32[]"},         {.text = "exp f32[1] : f32[1]"},
    {.text = "exp f32[15] : f32[15]"},     {.text = "exp f32[16, 17] : f32[16, 17]"},
    {.text = "exp f32[N] : f32[N]"},       {.text = "exp f32[N, 7, 3] : f32[N, 7, 3]"},
    {.text = "exp f64[N, 5] : f64[N, 5]"}, {0},
};

const NcOp nc_op_exp = {
    .name = "exp",
    .doc = "Element by element, e to the power of the operand.",
    .constraints = constraints,
    .operand_count = 1,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = nc_infer_float_unary,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Exp"},
    .net = {"exp({0})"},
    .samples = samples,
};
