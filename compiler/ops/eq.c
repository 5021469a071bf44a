// eq: where two tensors are equal.
#include "ops/elementwise.h"

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_binary(builder, node, operands, NC_X_EQ);
}

static bool on_float(double a, double b) { return a == b; }
static bool on_int(int64_t a, int64_t b) { return a == b; }
static bool eval(NcEval *e) { return nc_eval_compare(e, on_float, on_int); }

static const NcConstraint constraints[] = {
    {"eq_c1", "E0301", "the operands have the same type", "eq f32[3], f32[4] : bool[3]"}, {0}};

static const NcSample samples[] = {
    {.text = "eq f32[], f32[] : bool[]"},
    {.text = "eq f32[1], f32[1] : bool[1]"},
    {.text = "eq f32[16, 17], f32[16, 17] : bool[16, 17]"},
    {.text = "eq f32[N], f32[N] : bool[N]"},
    {.text = "eq f64[N, 7, 3], f64[N, 7, 3] : bool[N, 7, 3]"},
    {.text = "eq i32[15], i32[15] : bool[15]"},
    {.text = "eq i64[N, 2], i64[N, 2] : bool[N, 2]"},
    {.text = "eq u8[17], u8[17] : bool[17]"},
    {.text = "eq bool[7], bool[7] : bool[7]"},
    {0},
};

const NcOp nc_op_eq = {
    .name = "eq",
    .doc = "Element by element, `a == b`, as bool. NaN is equal to nothing, itself included.",
    .constraints = constraints,
    .operand_count = 2,
    .facts = NC_FACT_ELEMENTWISE | NC_FACT_COMMUTATIVE,
    .infer = nc_infer_compare_any,
    .lower = lower,
    .eval = eval,
    .onnx = {"Equal", .narrow = 1 << NC_U8},
    .net = {"{0} == {1}"},
    .samples = samples,
};
