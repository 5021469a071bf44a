// floor: a tensor rounded down.
#include "ops/elementwise.h"

#include <math.h>

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_unary(builder, node, operands, NC_X_FLOOR);
}

static double on_float(double a) { return floor(a); }
static bool eval(NcEval *e) { return nc_eval_unary(e, on_float, NULL); }

static const NcConstraint constraints[] = {
    {"floor_c1", "E0303", "the dtype is floating", "floor i32[3] : i32[3]"}, {0}};

static const NcSample samples[] = {
    {.text = "floor f32[] : f32[]", .low = -5, .high = 5},
    {.text = "floor f32[1] : f32[1]", .low = -5, .high = 5},
    {.text = "floor f32[15] : f32[15]", .low = -5, .high = 5},
    {.text = "floor f32[16, 17] : f32[16, 17]", .low = -5, .high = 5},
    {.text = "floor f32[N] : f32[N]", .low = -5, .high = 5},
    {.text = "floor f32[N, 7, 3] : f32[N, 7, 3]", .low = -5, .high = 5},
    {.text = "floor f64[N, 5] : f64[N, 5]", .low = -5, .high = 5},
    {0},
};

const NcOp nc_op_floor = {
    .name = "floor",
    .doc = "Element by element, the largest whole number that is not larger. It has no gradient.",
    .constraints = constraints,
    .operand_count = 1,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = nc_infer_float_unary,
    .lower = lower,
    .eval = eval,
    .onnx = {"Floor"},
    .net = {"floor({0})"},
    .samples = samples,
};
