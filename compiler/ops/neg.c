// neg: the negative of a tensor.
#include "ops/build.h"
#include "ops/elementwise.h"

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  (void)wanted, (void)node;
  dx[0] = nc_neg(graph, dy);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_unary(builder, node, operands, NC_X_NEG);
}

static double on_float(double a) { return -a; }
static int64_t on_int(int64_t a) { return (int64_t)(0 - (uint64_t)a); }
static bool eval(NcEval *e) { return nc_eval_unary(e, on_float, on_int); }

static const NcConstraint constraints[] = {
    {"neg_c1", "E0302", "the dtype is numeric", "neg bool[3] : bool[3]"}, {0}};

static const NcSample samples[] = {
    {.text = "neg f32[] : f32[]"},
    {.text = "neg f32[1] : f32[1]"},
    {.text = "neg f32[15] : f32[15]"},
    {.text = "neg f32[16, 17] : f32[16, 17]"},
    {.text = "neg f32[N] : f32[N]"},
    {.text = "neg f32[N, 7, 3] : f32[N, 7, 3]"},
    {.text = "neg f64[N, 5] : f64[N, 5]"},
    {.text = "neg i32[7] : i32[7]"},
    {.text = "neg i64[N, 2] : i64[N, 2]"},
    {.text = "neg u8[17] : u8[17]"},
    {0},
};

const NcOp nc_op_neg = {
    .name = "neg",
    .doc = "Element by element, `-a`. Integers wrap.",
    .constraints = constraints,
    .operand_count = 1,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = nc_infer_numeric_unary,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Neg", .narrow = 1 << NC_U8},
    .net = {"-{0}"},
    .samples = samples,
};
