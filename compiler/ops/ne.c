// ne: where two tensors differ.
#include "ir/onnx.h"
#include "ops/elementwise.h"

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  return nc_lower_binary(builder, node, operands, NC_X_NE);
}

static bool on_float(double a, double b) { return a != b; }
static bool on_int(int64_t a, int64_t b) { return a != b; }
static bool eval(NcEval *e) { return nc_eval_compare(e, on_float, on_int); }

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  NcOnnxValue *equal = nc_onnx_elementwise(b, "Equal", operands, 2, NC_BOOL, 1 << NC_U8);
  return nc_onnx_elementwise(b, "Not", &equal, 1, node->type.dtype, 0);
}

static const NcConstraint constraints[] = {
    {"ne_c1", "E0301", "the operands have the same type", "ne f32[3], f32[4] : bool[3]"}, {0}};

static const NcSample samples[] = {
    {.text = "ne f32[], f32[] : bool[]"},
    {.text = "ne f32[1], f32[1] : bool[1]"},
    {.text = "ne f32[16, 17], f32[16, 17] : bool[16, 17]"},
    {.text = "ne f32[N], f32[N] : bool[N]"},
    {.text = "ne f64[N, 7, 3], f64[N, 7, 3] : bool[N, 7, 3]"},
    {.text = "ne i32[15], i32[15] : bool[15]"},
    {.text = "ne i64[N, 2], i64[N, 2] : bool[N, 2]"},
    {.text = "ne u8[17], u8[17] : bool[17]"},
    {.text = "ne bool[7], bool[7] : bool[7]"},
    {0},
};

const NcOp nc_op_ne = {
    .name = "ne",
    .doc = "Element by element, `a != b`, as bool. NaN differs from everything, itself included.",
    .constraints = constraints,
    .operand_count = 2,
    .facts = NC_FACT_ELEMENTWISE | NC_FACT_COMMUTATIVE,
    .infer = nc_infer_compare_any,
    .lower = lower,
    .eval = eval,
    .onnx = {"Not", .build = onnx},
    .net = {"{0} != {1}"},
    .samples = samples,
};
