// What the reductions share: see reduce.h.
#include "ops/reduce.h"

#include "ir/onnx.h"
#include "ops/build.h"
#include "ops/elementwise.h"
#include "ops/structure.h"

#include <string.h>

bool nc_infer_reduce(NcInfer *infer) {
  const NcConstraint *constraints = infer->op->constraints;
  const NcType *type = &infer->operands[0];
  const NcAttr *axes = &infer->attrs[0];
  if (!nc_dtype_is_numeric(type->dtype))
    return nc_infer_fail(infer, constraints[0].id, 0, -1, "takes numbers, not %s",
                         nc_dtype_name(type->dtype));
  if (!nc_check_axes(infer, constraints[1].id, axes, type->rank, 0))
    return false;
  infer->result = nc_type_scalar(type->dtype);
  for (int d = 0; d < type->rank; d++)
    if (!nc_axes_have(axes, d))
      infer->result.dims[infer->result.rank++] = type->dims[d];
  return true;
}

NcTe *nc_lower_reduce(NcTeBuilder *builder, const NcNode *node, NcTe *operand, const NcAttr *axes,
                      NcReduce reduce) {
  NcTe *te = nc_te_compute(builder, node->type);
  NcAffine index[NC_MAX_RANK];
  for (int d = 0, kept = 0; d < operand->type.rank; d++) {
    bool reduced = nc_axes_have(axes, d);
    index[d] = nc_affine_axis(reduced ? nc_te_reduce(te, operand->type.dims[d]) : kept++);
  }
  te->body = nc_x_load(builder, operand, index);
  if (axes->count > 0) // over no axis it is the operand itself
    te->reduce = reduce;
  return te;
}

int64_t nc_reduce_target(const NcEval *eval, const NcAttr *axes, int64_t i) {
  const NcTensor *x = eval->operands[0];
  int64_t index[NC_MAX_RANK], kept[NC_MAX_RANK];
  nc_tensor_index(x, i, index);
  for (int d = 0, count = 0; d < x->type.rank; d++)
    if (!nc_axes_have(axes, d))
      kept[count++] = index[d];
  return nc_tensor_offset(eval->result, kept);
}

bool nc_eval_reduce_float(NcEval *eval, double empty, double (*combine)(double, double)) {
  double *values = NC_NEW_ARRAY(eval->arena, double, eval->result->count + 1);
  for (int64_t i = 0; i < eval->result->count; i++)
    values[i] = empty;
  for (int64_t i = 0; i < eval->operands[0]->count; i++) {
    int64_t target = nc_reduce_target(eval, &eval->attrs[0], i);
    values[target] = combine(values[target], nc_tensor_get(eval->operands[0], i));
  }
  for (int64_t i = 0; i < eval->result->count; i++)
    nc_tensor_set(eval->result, i, values[i]);
  return true;
}

bool nc_eval_reduce_int(NcEval *eval, int64_t empty, int64_t (*combine)(int64_t, int64_t)) {
  for (int64_t i = 0; i < eval->result->count; i++)
    nc_tensor_set_int(eval->result, i, empty);
  for (int64_t i = 0; i < eval->operands[0]->count; i++) {
    int64_t target = nc_reduce_target(eval, &eval->attrs[0], i);
    int64_t so_far = nc_tensor_get_int(eval->result, target);
    int64_t next = nc_tensor_get_int(eval->operands[0], i);
    nc_tensor_set_int(eval->result, target, combine(so_far, next));
  }
  return true;
}

// The gradient over one axis: `dy` where the position along `axis` is the first extreme one's.
static NcNode *to_first(NcGraph *graph, NcNode *x, NcNode *dy, int64_t axis, bool is_min) {
  NcNode *first = nc_argmax(graph, is_min ? nc_neg(graph, x) : x, (int)axis);
  NcNode *position = nc_iota(graph, nc_type_with_dtype(x->type, NC_I64), (int)axis);
  NcNode *spread = nc_broadcast_reduced(graph, first, &axis, 1, &x->type);
  NcNode *chosen = nc_eq(graph, position, spread);
  NcNode *repeated = nc_broadcast_reduced(graph, dy, &axis, 1, &x->type);
  return nc_select(graph, chosen, repeated, nc_const_like(graph, 0, x));
}

NcNode *nc_grad_reduce_max(NcGraph *graph, NcNode *node, NcNode *dy, bool is_min) {
  const NcAttr *axes = &node->attrs[0];
  // partial[k] is reduced over the last k axes. Taking the first along each, the last axis first,
  // finds the first in row-major order.
  NcNode *partial[NC_MAX_RANK] = {node->operands[0]};
  for (int k = 1; k < axes->count; k++) {
    const int64_t *axis = &axes->ints[axes->count - k];
    partial[k] = is_min ? nc_reduce_min(graph, partial[k - 1], axis, 1)
                        : nc_reduce_max(graph, partial[k - 1], axis, 1);
  }
  for (int k = axes->count - 1; k >= 0; k--)
    dy = to_first(graph, partial[k], dy, axes->ints[axes->count - 1 - k], is_min);
  return dy;
}

// ---- ONNX

// The axes of `x`, in its own order, that are reduced, and what is left. False if the rest is
// neither as netc has it nor with its channels first.
static bool reduced_form(const NcOnnxValue *x, NcAttr *axes, bool *first) {
  int left[NC_MAX_RANK], count = 0, rank = x->type.rank;
  bool plain = true;
  NcAttr own = {0};
  for (int d = 0; d < rank; d++) {
    int axis = x->channels_first ? nc_onnx_axis_first(rank, d) : d;
    if (nc_axes_have(axes, axis))
      own.ints[own.count++] = d;
    else
      left[count++] = axis;
  }
  *axes = own;
  for (int d = 1; d < count; d++)
    plain &= left[d] > left[d - 1];
  *first = !plain;
  return plain || (left[0] == 0 && left[1] == rank - 1);
}

NcOnnxValue *nc_onnx_reduce(NcOnnxBuilder *b, const NcNode *node, const char *op_type,
                            NcOnnxValue *x, const int64_t *axes, int count) {
  NcAttr own = {.count = count};
  bool first, in_place, argmax = strcmp(op_type, "ArgMax") == 0,
                        sum = strcmp(op_type, "ReduceSum") == 0;
  x = nc_onnx_full(b, x);
  if (sum && x && x->type.dtype == NC_U8)
    x = nc_onnx_cast(b, x, NC_I32);
  memcpy(own.ints, axes, (size_t)count * sizeof *axes);
  in_place = x && reduced_form(x, &own, &first);
  if (!in_place) {
    x = nc_onnx_plain(b, x);
    memcpy(own.ints, axes, (size_t)count * sizeof *axes);
    first = false;
  }
  if (!x || count == 0)
    return x;
  NcOnnxValue *inputs[] = {x, sum ? nc_onnx_ints(b, own.ints, count) : NULL};
  NcType type = nc_type_with_dtype(node->type, argmax ? NC_I64 : x->type.dtype), kept = x->type;
  NcOnnxValue *value = first ? nc_onnx_add_first(b, op_type, inputs, 1 + sum, type)
                             : nc_onnx_add(b, op_type, inputs, 1 + sum, type);
  if (argmax)
    nc_onnx_set(b, value, "axis", own.ints[0]);
  else if (!sum)
    nc_onnx_set_list(b, value, "axes", own.ints, count);
  nc_onnx_set(b, value, "keepdims", 0);
  for (int i = 0; i < count; i++)
    kept.dims[own.ints[i]] = nc_dim(1);
  value->kept = nc_type_with_dtype(kept, type.dtype);
  return nc_onnx_cast(b, value, node->type.dtype);
}
