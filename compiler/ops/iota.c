// iota: the position of each element along an axis.
#include "ir/onnx.h"
#include "ops/elementwise.h"
#include "ops/structure.h"

enum { AXIS, TYPE };

static bool infer(NcInfer *infer) {
  infer->result = infer->attrs[TYPE].type;
  if (!nc_dtype_is_numeric(infer->result.dtype))
    return nc_infer_fail(infer, "iota_c1", -1, -1, "gives numbers, not bool");
  return nc_check_axis(infer, "iota_c2", infer->attrs[AXIS].i, infer->result.rank, -1);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  (void)operands;
  NcExpr *index = nc_x_index(builder, nc_affine_axis((int)node->attrs[AXIS].i));
  return nc_lower_body(builder, node, nc_x_cast(builder, node->type.dtype, index));
}

static bool eval(NcEval *e) {
  int64_t index[NC_MAX_RANK];
  for (int64_t i = 0; i < e->result->count; i++) {
    nc_tensor_index(e->result, i, index);
    nc_tensor_set_int(e->result, i, index[e->attrs[AXIS].i]);
  }
  return true;
}

// 0, 1, … below a size.
static NcOnnxValue *count_up(NcOnnxBuilder *b, NcDim size) {
  NcType type = nc_type(NC_I64, 1, &size);
  if (!nc_dim_is_constant(size)) {
    NcOnnxValue *limit = nc_onnx_reshape(b, nc_onnx_size(b, size), nc_type_scalar(NC_I64));
    NcOnnxValue *inputs[] = {nc_onnx_scalar(b, NC_I64, 0), limit, nc_onnx_scalar(b, NC_I64, 1)};
    return limit ? nc_onnx_add(b, "Range", inputs, 3, type) : NULL;
  }
  int64_t *numbers = NC_NEW_ARRAY(b->arena, int64_t, size.c);
  for (int64_t i = 0; i < size.c; i++)
    numbers[i] = i;
  return nc_onnx_tensor(b, numbers, type);
}

// A vector along the axis, which is repeated along the others where that is needed.
static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  (void)operands;
  int axis = (int)node->attrs[AXIS].i;
  NcDim size = node->type.dims[axis];
  NcType type = {.dtype = NC_I64, .rank = node->type.rank - axis, .dims = {size}};
  for (int d = 1; d < type.rank; d++)
    type.dims[d] = nc_dim(1);
  NcOnnxValue *value = nc_onnx_reshape(b, count_up(b, size), type);
  value = nc_onnx_view(b, value, nc_type_with_dtype(node->type, NC_I64));
  return nc_onnx_cast(b, value, node->type.dtype);
}

static const NcAttrDecl attrs[] = {
    {"axis", NC_ATTR_INT, "the axis along which the values count"},
    {"type", NC_ATTR_TYPE, "the result's type"},
    {0},
};

static const NcConstraint constraints[] = {
    {"iota_c1", "E0302", "the dtype is numeric", "iota {axis = 0} : bool[3]"},
    {"iota_c2", "E0308", "`axis` is an axis of the result", "iota {axis = 1} : i64[3]"},
    {0},
};

static const NcSample samples[] = {
    {.text = "iota {axis = 0} : i64[1]"},        {.text = "iota {axis = 0} : f32[17]"},
    {.text = "iota {axis = 1} : f32[N, 10]"},    {.text = "iota {axis = 0} : i64[N, 3]"},
    {.text = "iota {axis = 1} : i32[3, 16, 2]"}, {.text = "iota {axis = 2} : f64[N, 2, 15]"},
    {.text = "iota {axis = 0} : u8[300]"},       {0},
};

const NcOp nc_op_iota = {
    .name = "iota",
    .doc = "A tensor whose element is its own position along `axis`, from 0. Integers wrap.",
    .constraints = constraints,
    .attrs = attrs,
    .infer = infer,
    .lower = lower,
    .eval = eval,
    .onnx = {"Range", .build = onnx},
    .net = {"iota({type}, axis = {axis}, dtype = {dtype})"},
    .samples = samples,
};
