// not: where a tensor is false.
#include "ops/elementwise.h"

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_unary(builder, node, operands, NC_X_NOT);
}

static int64_t on_int(int64_t a) { return !a; }
static bool eval(NcEval *e) { return nc_eval_unary(e, NULL, on_int); }

static const NcConstraint constraints[] = {
    {"not_c1", "E0304", "the dtype is bool", "not f32[3] : f32[3]"}, {0}};

static const NcSample samples[] = {
    {.text = "not bool[] : bool[]"},
    {.text = "not bool[1] : bool[1]"},
    {.text = "not bool[16, 17] : bool[16, 17]"},
    {.text = "not bool[N] : bool[N]"},
    {.text = "not bool[N, 7, 3] : bool[N, 7, 3]"},
    {0},
};

const NcOp nc_op_not = {
    .name = "not",
    .doc = "Element by element, whether the operand is false.",
    .constraints = constraints,
    .operand_count = 1,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = nc_infer_bool_unary,
    .lower = lower,
    .eval = eval,
    .onnx = {"Not"},
    .net = {"not {0}"},
    .samples = samples,
};
