// sub: the difference of two tensors.
#include "ops/build.h"
#include "ops/elementwise.h"

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  (void)node;
  dx[0] = dy;
  if (wanted[1])
    dx[1] = nc_neg(graph, dy);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_binary(builder, node, operands, NC_X_SUB);
}

static double on_float(double a, double b) { return a - b; }
static int64_t on_int(int64_t a, int64_t b) { return (int64_t)((uint64_t)a - (uint64_t)b); }
static bool eval(NcEval *e) { return nc_eval_binary(e, on_float, on_int); }

static const NcConstraint constraints[] = {
    {"sub_c1", "E0301", "the operands have the same type", "sub f32[3], f32[4] : f32[3]"},
    {"sub_c2", "E0302", "the dtype is numeric", "sub bool[3], bool[3] : bool[3]"},
    {0}};

static const NcSample samples[] = {
    {.text = "sub f32[], f32[] : f32[]"},
    {.text = "sub f32[1], f32[1] : f32[1]"},
    {.text = "sub f32[15], f32[15] : f32[15]"},
    {.text = "sub f32[16, 17], f32[16, 17] : f32[16, 17]"},
    {.text = "sub f32[N], f32[N] : f32[N]"},
    {.text = "sub f32[N, 7, 3], f32[N, 7, 3] : f32[N, 7, 3]"},
    {.text = "sub f64[N, 5], f64[N, 5] : f64[N, 5]"},
    {.text = "sub i32[7], i32[7] : i32[7]"},
    {.text = "sub i64[N, 2], i64[N, 2] : i64[N, 2]"},
    {.text = "sub u8[17], u8[17] : u8[17]"},
    {0},
};

const NcOp nc_op_sub = {
    .name = "sub",
    .doc = "Element by element, `a - b`. Integers wrap.",
    .constraints = constraints,
    .operand_count = 2,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = nc_infer_numeric_binary,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Sub", .narrow = 1 << NC_U8},
    .net = {"{0} - {1}"},
    .samples = samples,
};
