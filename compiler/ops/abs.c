// abs: the magnitude of a tensor.
#include "ops/build.h"
#include "ops/elementwise.h"

#include <math.h>

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  (void)wanted;
  NcNode *a = node->operands[0], *zero = nc_const_like(graph, 0, a);
  NcNode *below = nc_select(graph, nc_lt(graph, a, zero), nc_neg(graph, dy), zero);
  dx[0] = nc_select(graph, nc_lt(graph, zero, a), dy, below);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_unary(builder, node, operands, NC_X_ABS);
}

static double on_float(double a) { return fabs(a); }
static int64_t on_int(int64_t a) { return a < 0 ? (int64_t)(0 - (uint64_t)a) : a; }
static bool eval(NcEval *e) { return nc_eval_unary(e, on_float, on_int); }

static const NcConstraint constraints[] = {
    {"abs_c1", "E0302", "the dtype is numeric", "abs bool[3] : bool[3]"}, {0}};

static const NcSample samples[] = {
    {.text = "abs f32[] : f32[]"},
    {.text = "abs f32[1] : f32[1]"},
    {.text = "abs f32[15] : f32[15]"},
    {.text = "abs f32[16, 17] : f32[16, 17]"},
    {.text = "abs f32[N] : f32[N]"},
    {.text = "abs f32[N, 7, 3] : f32[N, 7, 3]"},
    {.text = "abs f64[N, 5] : f64[N, 5]"},
    {.text = "abs i32[7] : i32[7]"},
    {.text = "abs i64[N, 2] : i64[N, 2]"},
    {.text = "abs u8[17] : u8[17]"},
    {.text = "abs i32[17] : i32[17]", .low = -5, .high = 5},
    {0},
};

const NcOp nc_op_abs = {
    .name = "abs",
    .doc = "Element by element, the magnitude. Integers wrap.\n\nThe gradient at 0 is 0.",
    .constraints = constraints,
    .operand_count = 1,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = nc_infer_numeric_unary,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Abs"},
    .net = {"abs({0})"},
    .samples = samples,
};
