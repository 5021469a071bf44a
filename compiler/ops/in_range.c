// in_range: integers that must lie in a range, checked when the code runs.
#include "ir/onnx.h"
#include "ops/elementwise.h"

static bool infer(NcInfer *infer) {
  infer->result = infer->operands[0];
  if (!nc_dtype_is_integer(infer->result.dtype))
    return nc_infer_fail(infer, "in_range_c1", 0, -1, "integers are needed, not %s",
                         nc_dtype_name(infer->result.dtype));
  if (infer->attrs[0].i >= infer->attrs[1].i)
    return nc_infer_fail(infer, "in_range_c2", -1, -1, "the range %lld..%lld is empty",
                         (long long)infer->attrs[0].i, (long long)infer->attrs[1].i);
  return true;
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  NcExpr *x = nc_lower_element(builder, operands[0]);
  NcExpr *wide = nc_x_cast(builder, NC_I64, x);
  NcExpr *low = nc_x_const_int(builder, NC_I64, node->attrs[0].i);
  NcExpr *high = nc_x_const_int(builder, NC_I64, node->attrs[1].i);
  NcExpr *inside = nc_x_binary(builder, NC_X_AND, nc_x_binary(builder, NC_X_LE, low, wide),
                               nc_x_binary(builder, NC_X_LT, wide, high));
  return nc_lower_body(builder, node, nc_x_check(builder, x, inside));
}

static bool eval(NcEval *e) {
  for (int64_t i = 0; i < e->result->count; i++) {
    int64_t value = nc_tensor_get_int(e->operands[0], i);
    if (value < e->attrs[0].i || value >= e->attrs[1].i) {
      e->error = nc_arena_printf(e->arena, "%lld is not in %lld..%lld", (long long)value,
                                 (long long)e->attrs[0].i, (long long)e->attrs[1].i);
      return false;
    }
    nc_tensor_set_int(e->result, i, value);
  }
  return true;
}

// ONNX checks no values.
static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  (void)b, (void)node;
  return operands[0];
}

static const NcConstraint constraints[] = {
    {"in_range_c1", "E0304", "the dtype is an integer's",
     "in_range f32[3] {low = 0, high = 3} : f32[3]"},
    {"in_range_c2", "E0317", "low is less than high", "in_range u8[3] {low = 3, high = 3} : u8[3]"},
    {0}};

static const NcAttrDecl attrs[] = {{"low", NC_ATTR_INT, "the least value"},
                                   {"high", NC_ATTR_INT, "one more than the largest value"},
                                   {0}};

static const NcSample samples[] = {
    {.text = "in_range u8[] {low = 0, high = 5} : u8[]"},
    {.text = "in_range u8[N] {low = 0, high = 5} : u8[N]"},
    {.text = "in_range i32[N, 17] {low = -7, high = 8} : i32[N, 17]", .low = -7, .high = 7},
    {.text = "in_range i64[16, 3] {low = 0, high = 10} : i64[16, 3]"},
    {0},
};

const NcOp nc_op_in_range = {
    .name = "in_range",
    .doc = "The integers themselves, each of which must lie in `low`..`high` (half-open).\n\nOne "
           "that does not ends "
           "the run with an error that names the node, the sample and the value.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 1,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = infer,
    .lower = lower,
    .eval = eval,
    .onnx = {.build = onnx},
    .net = {"in_range({0}, {low}, {high})"},
    .samples = samples,
};
