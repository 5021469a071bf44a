// iota: the position of each element along an axis.
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
    .samples = samples,
};
