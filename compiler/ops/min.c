// min: the smaller of two tensors.
#include "ops/build.h"
#include "ops/elementwise.h"

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  NcNode *a = node->operands[0];
  NcNode *takes_a = nc_le(graph, a, node);
  NcNode *zero = nc_const_like(graph, 0, dy);
  if (wanted[0])
    dx[0] = nc_select(graph, takes_a, dy, zero);
  if (wanted[1])
    dx[1] = nc_select(graph, takes_a, zero, dy);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_binary(builder, node, operands, NC_X_MIN);
}

static double on_float(double a, double b) { return a < b || a != a ? a : b; }
static int64_t on_int(int64_t a, int64_t b) { return a < b ? a : b; }
static bool eval(NcEval *e) { return nc_eval_binary(e, on_float, on_int); }

static const NcConstraint constraints[] = {
    {"min_c1", "E0301", "the operands have the same type", "min f32[3], f32[4] : f32[3]"},
    {"min_c2", "E0302", "the dtype is numeric", "min bool[3], bool[3] : bool[3]"},
    {0}};

static const NcSample samples[] = {
    {.text = "min f32[], f32[] : f32[]"},
    {.text = "min f32[1], f32[1] : f32[1]"},
    {.text = "min f32[15], f32[15] : f32[15]"},
    {.text = "min f32[16, 17], f32[16, 17] : f32[16, 17]"},
    {.text = "min f32[N], f32[N] : f32[N]"},
    {.text = "min f32[N, 7, 3], f32[N, 7, 3] : f32[N, 7, 3]"},
    {.text = "min f64[N, 5], f64[N, 5] : f64[N, 5]"},
    {.text = "min i32[7], i32[7] : i32[7]"},
    {.text = "min i64[N, 2], i64[N, 2] : i64[N, 2]"},
    {.text = "min u8[17], u8[17] : u8[17]"},
    {.text = "min i32[17], i32[17] : i32[17]", .low = -5, .high = 5},
    {0},
};

const NcOp nc_op_min = {
    .name = "min",
    .doc = "Element by element, `(a < b or a is NaN) ? a : b`: NaN wins, and of equals `b` is "
           "taken.\n\nThe gradient goes to `a` where the two are equal.",
    .constraints = constraints,
    .operand_count = 2,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = nc_infer_numeric_binary,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Min", .narrow = 1 << NC_U8},
    .net = {"min({0}, {1})"},
    .samples = samples,
};
