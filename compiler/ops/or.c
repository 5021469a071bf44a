// or: where at least one of two tensors is true.
#include "ops/elementwise.h"

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_binary(builder, node, operands, NC_X_OR);
}

static int64_t on_int(int64_t a, int64_t b) { return a || b; }
static bool eval(NcEval *e) { return nc_eval_binary(e, NULL, on_int); }

static const NcConstraint constraints[] = {
    {"or_c1", "E0301", "the operands have the same type", "or bool[3], bool[4] : bool[3]"},
    {"or_c2", "E0304", "the dtype is bool", "or f32[3], f32[3] : f32[3]"},
    {0}};

static const NcSample samples[] = {
    {.text = "or bool[], bool[] : bool[]"},
    {.text = "or bool[1], bool[1] : bool[1]"},
    {.text = "or bool[16, 17], bool[16, 17] : bool[16, 17]"},
    {.text = "or bool[N], bool[N] : bool[N]"},
    {.text = "or bool[N, 7, 3], bool[N, 7, 3] : bool[N, 7, 3]"},
    {0},
};

const NcOp nc_op_or = {
    .name = "or",
    .doc = "Element by element, whether at least one is true.",
    .constraints = constraints,
    .operand_count = 2,
    .facts = NC_FACT_ELEMENTWISE | NC_FACT_COMMUTATIVE,
    .infer = nc_infer_bool_binary,
    .lower = lower,
    .eval = eval,
    .onnx = {"Or"},
    .net = {"{0} or {1}"},
    .samples = samples,
};
