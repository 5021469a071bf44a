// and: where two tensors are both true.
#include "ops/elementwise.h"

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_binary(builder, node, operands, NC_X_AND);
}

static int64_t on_int(int64_t a, int64_t b) { return a && b; }
static bool eval(NcEval *e) { return nc_eval_binary(e, NULL, on_int); }

static const NcConstraint constraints[] = {
    {"and_c1", "E0301", "the operands have the same type", "and bool[3], bool[4] : bool[3]"},
    {"and_c2", "E0304", "the dtype is bool", "and f32[3], f32[3] : f32[3]"},
    {0}};

static const NcSample samples[] = {
    {.text = "and bool[], bool[] : bool[]"},
    {.text = "and bool[1], bool[1] : bool[1]"},
    {.text = "and bool[16, 17], bool[16, 17] : bool[16, 17]"},
    {.text = "and bool[N], bool[N] : bool[N]"},
    {.text = "and bool[N, 7, 3], bool[N, 7, 3] : bool[N, 7, 3]"},
    {0},
};

const NcOp nc_op_and = {
    .name = "and",
    .doc = "Element by element, whether both are true.",
    .constraints = constraints,
    .operand_count = 2,
    .facts = NC_FACT_ELEMENTWISE | NC_FACT_COMMUTATIVE,
    .infer = nc_infer_bool_binary,
    .lower = lower,
    .eval = eval,
    .onnx = {"And"},
    .net = {"{0} and {1}"},
    .samples = samples,
};
