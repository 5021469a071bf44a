// lt: where one tensor is less than another.
#include "ops/elementwise.h"

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_binary(builder, node, operands, NC_X_LT);
}

static bool on_float(double a, double b) { return a < b; }
static bool on_int(int64_t a, int64_t b) { return a < b; }
static bool eval(NcEval *e) { return nc_eval_compare(e, on_float, on_int); }

static const NcConstraint constraints[] = {
    {"lt_c1", "E0301", "the operands have the same type", "lt f32[3], f32[4] : bool[3]"},
    {"lt_c2", "E0302", "the dtype is numeric", "lt bool[3], bool[3] : bool[3]"},
    {0}};

static const NcSample samples[] = {
    {.text = "lt f32[], f32[] : bool[]"},
    {.text = "lt f32[1], f32[1] : bool[1]"},
    {.text = "lt f32[16, 17], f32[16, 17] : bool[16, 17]"},
    {.text = "lt f32[N], f32[N] : bool[N]"},
    {.text = "lt f64[N, 7, 3], f64[N, 7, 3] : bool[N, 7, 3]"},
    {.text = "lt i32[15], i32[15] : bool[15]"},
    {.text = "lt i64[N, 2], i64[N, 2] : bool[N, 2]"},
    {.text = "lt u8[17], u8[17] : bool[17]"},
    {.text = "lt i32[17], i32[17] : bool[17]", .low = -3, .high = 3},
    {0},
};

const NcOp nc_op_lt = {
    .name = "lt",
    .doc = "Element by element, `a < b`, as bool. False where either is NaN.",
    .constraints = constraints,
    .operand_count = 2,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = nc_infer_compare_numeric,
    .lower = lower,
    .eval = eval,
    .onnx = {"Less", .narrow = 1 << NC_U8},
    .net = {"{0} < {1}"},
    .samples = samples,
};
