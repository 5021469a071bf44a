// le: where one tensor is at most another.
#include "ops/elementwise.h"

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_binary(builder, node, operands, NC_X_LE);
}

static bool on_float(double a, double b) { return a <= b; }
static bool on_int(int64_t a, int64_t b) { return a <= b; }
static bool eval(NcEval *e) { return nc_eval_compare(e, on_float, on_int); }

static const NcConstraint constraints[] = {
    {"le_c1", "E0301", "the operands have the same type", "le f32[3], f32[4] : bool[3]"},
    {"le_c2", "E0302", "the dtype is numeric", "le bool[3], bool[3] : bool[3]"},
    {0}};

static const NcSample samples[] = {
    {.text = "le f32[], f32[] : bool[]"},
    {.text = "le f32[1], f32[1] : bool[1]"},
    {.text = "le f32[16, 17], f32[16, 17] : bool[16, 17]"},
    {.text = "le f32[N], f32[N] : bool[N]"},
    {.text = "le f64[N, 7, 3], f64[N, 7, 3] : bool[N, 7, 3]"},
    {.text = "le i32[15], i32[15] : bool[15]"},
    {.text = "le i64[N, 2], i64[N, 2] : bool[N, 2]"},
    {.text = "le u8[17], u8[17] : bool[17]"},
    {.text = "le i64[17], i64[17] : bool[17]", .low = -3, .high = 3},
    {0},
};

const NcOp nc_op_le = {
    .name = "le",
    .doc = "Element by element, `a <= b`, as bool. False where either is NaN.",
    .constraints = constraints,
    .operand_count = 2,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = nc_infer_compare_numeric,
    .lower = lower,
    .eval = eval,
    .onnx = {"LessOrEqual", .narrow = 1 << NC_U8},
    .net = {"{0} <= {1}"},
    .samples = samples,
};
