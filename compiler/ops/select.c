// select: one of two tensors, element by element.
#include "ir/onnx.h"
#include "ops/build.h"
#include "ops/elementwise.h"

static bool infer(NcInfer *infer) {
  const NcType *condition = &infer->operands[0], *a = &infer->operands[1], *b = &infer->operands[2];
  if (condition->dtype != NC_BOOL)
    return nc_infer_fail(infer, "select_c1", 0, -1, "the condition is %s, not bool",
                         nc_dtype_name(condition->dtype));
  if (!nc_type_equal(a, b))
    return nc_infer_fail(infer, "select_c2", 1, 2, "the choices differ: %s and %s",
                         nc_type_format(infer->arena, a), nc_type_format(infer->arena, b));
  if (!nc_shape_equal(condition, a))
    return nc_infer_fail(infer, "select_c3", 0, 1,
                         "condition and choices differ in shape: %s and %s",
                         nc_type_format(infer->arena, condition), nc_type_format(infer->arena, a));
  infer->result = *a;
  return true;
}

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  NcNode *condition = node->operands[0], *zero = nc_const_like(graph, 0, dy);
  if (wanted[1])
    dx[1] = nc_select(graph, condition, dy, zero);
  if (wanted[2])
    dx[2] = nc_select(graph, condition, zero, dy);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  NcExpr *x[3];
  for (int i = 0; i < 3; i++)
    x[i] = nc_lower_element(builder, operands[i]);
  return nc_lower_body(builder, node, nc_x_select(builder, x[0], x[1], x[2]));
}

static bool eval(NcEval *e) {
  for (int64_t i = 0; i < e->result->count; i++)
    nc_tensor_copy(e->result, i, e->operands[nc_tensor_get_int(e->operands[0], i) ? 1 : 2], i);
  return true;
}

// ONNX Runtime chooses between numbers only.
static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  NcDtype dtype = node->type.dtype, number = dtype == NC_BOOL ? NC_I32 : dtype;
  NcOnnxValue *choice[] = {operands[0], nc_onnx_cast(b, operands[1], number),
                           nc_onnx_cast(b, operands[2], number)};
  return nc_onnx_cast(b, nc_onnx_elementwise(b, "Where", choice, 3, number, 0), dtype);
}

static const NcConstraint constraints[] = {
    {"select_c1", "E0304", "the condition is bool", "select f32[3], f32[3], f32[3] : f32[3]"},
    {"select_c2", "E0301", "the choices have the same type",
     "select bool[3], f32[3], f64[3] : f32[3]"},
    {"select_c3", "E0305", "the condition has the shape of the choices",
     "select bool[], f32[3], f32[3] : f32[3]"},
    {0},
};

static const NcSample samples[] = {
    {.text = "select bool[], f32[], f32[] : f32[]"},
    {.text = "select bool[1], f32[1], f32[1] : f32[1]"},
    {.text = "select bool[16, 17], f32[16, 17], f32[16, 17] : f32[16, 17]"},
    {.text = "select bool[N], f32[N], f32[N] : f32[N]"},
    {.text = "select bool[N, 7, 3], f64[N, 7, 3], f64[N, 7, 3] : f64[N, 7, 3]"},
    {.text = "select bool[15], i32[15], i32[15] : i32[15]"},
    {.text = "select bool[N, 2], i64[N, 2], i64[N, 2] : i64[N, 2]"},
    {.text = "select bool[17], u8[17], u8[17] : u8[17]"},
    {.text = "select bool[17], bool[17], bool[17] : bool[17]"},
    {0},
};

const NcOp nc_op_select = {
    .name = "select",
    .doc = "Element by element, `condition ? a : b`.",
    .constraints = constraints,
    .operand_count = 3,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = infer,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Where", .build = onnx},
    .net = {"select({0}, {1}, {2})"},
    .samples = samples,
};
