// What the elementwise operators share: see elementwise.h.
#include "ops/elementwise.h"

#include <string.h>

bool nc_dtype_is_numeric(NcDtype dtype) { return dtype != NC_BOOL; }

static const char *constraint_id(const NcInfer *infer, int place) {
  return infer->op->constraints[place].id;
}

static bool check_equal(NcInfer *infer) {
  const NcType *a = &infer->operands[0], *b = &infer->operands[1];
  if (nc_type_equal(a, b))
    return true;
  const char *what = nc_shape_equal(a, b) ? "dtypes" : "shapes";
  return nc_infer_fail(infer, constraint_id(infer, 0), 0, 1, "%s differ: %s and %s", what,
                       nc_type_format(infer->arena, a), nc_type_format(infer->arena, b));
}

static bool check_dtype(NcInfer *infer, int place, bool fits, const char *wanted) {
  const NcType *type = &infer->operands[0];
  if (fits)
    return true;
  return nc_infer_fail(infer, constraint_id(infer, place), 0, infer->operand_count == 2 ? 1 : -1,
                       "takes %s, not %s", wanted, nc_dtype_name(type->dtype));
}

static bool result_is(NcInfer *infer, NcDtype dtype) {
  infer->result = nc_type_with_dtype(infer->operands[0], dtype);
  return true;
}

static bool check_numeric(NcInfer *infer, int place) {
  return check_dtype(infer, place, nc_dtype_is_numeric(infer->operands[0].dtype), "numbers");
}

static bool check_bool(NcInfer *infer, int place) {
  return check_dtype(infer, place, infer->operands[0].dtype == NC_BOOL, "bool");
}

static bool check_float(NcInfer *infer, int place) {
  return check_dtype(infer, place, nc_dtype_is_float(infer->operands[0].dtype), "f32 or f64");
}

bool nc_infer_numeric_binary(NcInfer *infer) {
  return check_equal(infer) && check_numeric(infer, 1) && nc_infer_same(infer);
}

bool nc_infer_bool_binary(NcInfer *infer) {
  return check_equal(infer) && check_bool(infer, 1) && nc_infer_same(infer);
}

bool nc_infer_compare_any(NcInfer *infer) {
  return check_equal(infer) && result_is(infer, NC_BOOL);
}

bool nc_infer_compare_numeric(NcInfer *infer) {
  return check_equal(infer) && check_numeric(infer, 1) && result_is(infer, NC_BOOL);
}

bool nc_infer_numeric_unary(NcInfer *infer) {
  return check_numeric(infer, 0) && nc_infer_same(infer);
}

bool nc_infer_float_unary(NcInfer *infer) { return check_float(infer, 0) && nc_infer_same(infer); }

bool nc_infer_bool_unary(NcInfer *infer) { return check_bool(infer, 0) && nc_infer_same(infer); }

bool nc_infer_same(NcInfer *infer) { return result_is(infer, infer->operands[0].dtype); }

NcExpr *nc_lower_element(NcTeBuilder *builder, NcTe *tensor) {
  NcAffine index[NC_MAX_RANK];
  for (int i = 0; i < tensor->type.rank; i++)
    index[i] = nc_affine_axis(i);
  return nc_x_load(builder, tensor, index);
}

NcTe *nc_lower_body(NcTeBuilder *builder, const NcNode *node, NcExpr *body) {
  NcTe *te = nc_te_compute(builder, node->type);
  te->body = body;
  return te;
}

NcTe *nc_lower_unary(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands,
                     NcExprKind kind) {
  NcExpr *a = nc_lower_element(builder, operands[0]);
  return nc_lower_body(builder, node, nc_x_unary(builder, kind, a));
}

NcTe *nc_lower_binary(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands,
                      NcExprKind kind) {
  NcExpr *a = nc_lower_element(builder, operands[0]);
  NcExpr *b = nc_lower_element(builder, operands[1]);
  return nc_lower_body(builder, node, nc_x_binary(builder, kind, a, b));
}

bool nc_eval_unary(NcEval *eval, double (*on_float)(double), int64_t (*on_int)(int64_t)) {
  const NcTensor *a = eval->operands[0];
  for (int64_t i = 0; i < eval->result->count; i++) {
    if (nc_dtype_is_float(a->type.dtype))
      nc_tensor_set(eval->result, i, on_float(nc_tensor_get(a, i)));
    else
      nc_tensor_set_int(eval->result, i, on_int(nc_tensor_get_int(a, i)));
  }
  return true;
}

bool nc_eval_binary(NcEval *eval, double (*on_float)(double, double),
                    int64_t (*on_int)(int64_t, int64_t)) {
  const NcTensor *a = eval->operands[0], *b = eval->operands[1];
  for (int64_t i = 0; i < eval->result->count; i++) {
    if (nc_dtype_is_float(a->type.dtype))
      nc_tensor_set(eval->result, i, on_float(nc_tensor_get(a, i), nc_tensor_get(b, i)));
    else
      nc_tensor_set_int(eval->result, i, on_int(nc_tensor_get_int(a, i), nc_tensor_get_int(b, i)));
  }
  return true;
}

bool nc_eval_compare(NcEval *eval, bool (*on_float)(double, double),
                     bool (*on_int)(int64_t, int64_t)) {
  const NcTensor *a = eval->operands[0], *b = eval->operands[1];
  for (int64_t i = 0; i < eval->result->count; i++) {
    bool holds = nc_dtype_is_float(a->type.dtype)
                     ? on_float(nc_tensor_get(a, i), nc_tensor_get(b, i))
                     : on_int(nc_tensor_get_int(a, i), nc_tensor_get_int(b, i));
    nc_tensor_set_int(eval->result, i, holds);
  }
  return true;
}

void nc_tensor_copy(NcTensor *to, int64_t i, const NcTensor *from, int64_t j) {
  size_t size = nc_dtype_size(from->type.dtype);
  memcpy((char *)to->data + (size_t)i * size, (const char *)from->data + (size_t)j * size, size);
}
