// cast: a tensor's elements as another dtype.
#include "ir/onnx.h"
#include "ops/build.h"
#include "ops/elementwise.h"

static bool infer(NcInfer *infer) {
  const NcType *from = &infer->operands[0], *to = &infer->attrs[0].type;
  if (!nc_shape_equal(from, to))
    return nc_infer_fail(infer, "cast_c1", 0, -1, "a cast keeps the shape: %s to %s",
                         nc_type_format(infer->arena, from), nc_type_format(infer->arena, to));
  infer->result = *to;
  return true;
}

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  (void)wanted;
  NcDtype from = node->operands[0]->type.dtype;
  if (nc_dtype_is_float(from) && nc_dtype_is_float(node->type.dtype))
    dx[0] = nc_cast(graph, dy, from);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  NcExpr *x = nc_lower_element(builder, operands[0]);
  return nc_lower_body(builder, node, nc_x_cast(builder, node->type.dtype, x));
}

static bool eval(NcEval *e) {
  const NcTensor *x = e->operands[0];
  for (int64_t i = 0; i < x->count; i++) {
    if (nc_dtype_is_float(x->type.dtype))
      nc_tensor_set(e->result, i, nc_tensor_get(x, i));
    else // not by way of double, which would round twice
      nc_tensor_set_int(e->result, i, nc_tensor_get_int(x, i));
  }
  return true;
}

// Floats saturate, which ONNX leaves open. i64's limit is no float: what is not below it is
// replaced.
static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  NcOnnxValue *x = operands[0];
  NcDtype from = x->type.dtype, to = node->type.dtype;
  if (!nc_dtype_is_float(from) || !nc_dtype_is_integer(to))
    return nc_onnx_cast(b, x, to);
  if (to == NC_I64) {
    NcOnnxValue *limit[] = {x, nc_onnx_scalar(b, from, 0x1p63)};
    NcOnnxValue *below = nc_onnx_elementwise(b, "Less", limit, 2, NC_BOOL, 0);
    NcType scalar = nc_type_scalar(NC_I64);
    NcOnnxValue *largest = nc_onnx_tensor(b, (int64_t[]){INT64_MAX}, scalar);
    NcOnnxValue *choice[] = {below, nc_onnx_cast(b, x, to), largest};
    return nc_onnx_elementwise(b, "Where", choice, 3, to, 0);
  }
  NcDtype exact = to == NC_I32 ? NC_F64 : from; // has all of to's numbers
  NcOnnxValue *limits[] = {nc_onnx_cast(b, x, exact),
                           nc_onnx_scalar(b, exact, to == NC_I32 ? INT32_MIN : 0),
                           nc_onnx_scalar(b, exact, to == NC_I32 ? INT32_MAX : UINT8_MAX)};
  return nc_onnx_cast(b, nc_onnx_elementwise(b, "Clip", limits, 3, exact, 0), to);
}

static const NcAttrDecl attrs[] = {{"type", NC_ATTR_TYPE, "the result's type"}, {0}};

static const NcConstraint constraints[] = {
    {"cast_c1", "E0305", "`type` has the operand's shape", "cast f32[3] : i32[4]"},
    {0},
};

static const NcSample samples[] = {
    {.text = "cast u8[] : f32[]", .low = 0, .high = 255},
    {.text = "cast u8[N, 17] : f32[N, 17]", .low = 0, .high = 255},
    {.text = "cast u8[16] : i32[16]", .low = 0, .high = 255},
    {.text = "cast f32[1] : f64[1]"},
    {.text = "cast f64[N, 7] : f32[N, 7]"},
    {.text = "cast f64[N] : f64[N]"},
    {.text = "cast f32[17] : i32[17]", .low = -5000000000, .high = 5000000000},
    {.text = "cast f32[17] : i64[17]", .low = -2e19, .high = 2e19},
    {.text = "cast f64[17] : i64[17]", .low = -2e19, .high = 2e19},
    {.text = "cast f64[15] : i32[15]", .low = -5000000000, .high = 5000000000},
    {.text = "cast f32[17] : u8[17]", .low = -300, .high = 500},
    {.text = "cast f32[17] : bool[17]"},
    {.text = "cast bool[N, 3] : f32[N, 3]"},
    {.text = "cast bool[N] : i64[N]"},
    {.text = "cast bool[5] : u8[5]"},
    {.text = "cast i64[17] : i32[17]", .low = -5000000000, .high = 5000000000},
    {.text = "cast i64[N] : f32[N]", .low = -5000000000, .high = 5000000000},
    {.text = "cast i64[17] : f64[17]", .low = -5000000000, .high = 5000000000},
    {.text = "cast i64[17] : u8[17]", .low = -1000, .high = 1000},
    {.text = "cast i32[7] : bool[7]"},
    {.text = "cast i32[N] : f32[N]", .low = -2000000000, .high = 2000000000},
    {.text = "cast i32[16] : i64[16]", .low = -2000000000, .high = 2000000000},
    {0},
};

const NcOp nc_op_cast = {
    .name = "cast",
    .doc = "Element by element, the operand as another dtype. Floats become integers by dropping "
           "the fraction; outside the range they give the nearest integer there is, and NaN gives "
           "0. Integers wrap to fewer bits. To bool: whether the element is not 0.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 1,
    .facts = NC_FACT_ELEMENTWISE,
    .infer = infer,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Cast", .build = onnx},
    .net = {"{dtype}({0})"},
    .samples = samples,
};
