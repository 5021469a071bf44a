// Builders of nodes: see build.h.
#include "ops/build.h"

#include <assert.h>

NcAttr nc_attr_int(int64_t value) { return (NcAttr){.i = value}; }
NcAttr nc_attr_float(double value) { return (NcAttr){.f = value}; }
NcAttr nc_attr_type(NcType type) { return (NcAttr){.type = type}; }

NcAttr nc_attr_ints(const int64_t *values, int count) {
  assert(count >= 0 && count <= NC_MAX_ATTR_INTS);
  NcAttr attr = {.count = count};
  for (int i = 0; i < count; i++)
    attr.ints[i] = values[i];
  return attr;
}

NcNode *nc_unary(NcGraph *graph, const NcOp *op, NcNode *a) {
  return nc_graph_add(graph, op, (NcNode *[]){a}, 1, NULL);
}

NcNode *nc_binary(NcGraph *graph, const NcOp *op, NcNode *a, NcNode *b) {
  return nc_graph_add(graph, op, (NcNode *[]){a, b}, 2, NULL);
}

static NcNode *with_attrs(NcGraph *graph, const NcOp *op, NcNode *a, const NcAttr *attrs) {
  return nc_graph_add(graph, op, (NcNode *[]){a}, 1, attrs);
}

static NcNode *with_axes(NcGraph *graph, const NcOp *op, NcNode *a, const int64_t *axes,
                         int axis_count) {
  NcAttr attr = nc_attr_ints(axes, axis_count);
  return axis_count == 0 ? a : with_attrs(graph, op, a, &attr);
}

NcNode *nc_add(NcGraph *graph, NcNode *a, NcNode *b) { return nc_binary(graph, &nc_op_add, a, b); }
NcNode *nc_sub(NcGraph *graph, NcNode *a, NcNode *b) { return nc_binary(graph, &nc_op_sub, a, b); }
NcNode *nc_mul(NcGraph *graph, NcNode *a, NcNode *b) { return nc_binary(graph, &nc_op_mul, a, b); }
NcNode *nc_div(NcGraph *graph, NcNode *a, NcNode *b) { return nc_binary(graph, &nc_op_div, a, b); }
NcNode *nc_max(NcGraph *graph, NcNode *a, NcNode *b) { return nc_binary(graph, &nc_op_max, a, b); }
NcNode *nc_min(NcGraph *graph, NcNode *a, NcNode *b) { return nc_binary(graph, &nc_op_min, a, b); }
NcNode *nc_pow(NcGraph *graph, NcNode *a, NcNode *b) { return nc_binary(graph, &nc_op_pow, a, b); }
NcNode *nc_eq(NcGraph *graph, NcNode *a, NcNode *b) { return nc_binary(graph, &nc_op_eq, a, b); }
NcNode *nc_ne(NcGraph *graph, NcNode *a, NcNode *b) { return nc_binary(graph, &nc_op_ne, a, b); }
NcNode *nc_lt(NcGraph *graph, NcNode *a, NcNode *b) { return nc_binary(graph, &nc_op_lt, a, b); }
NcNode *nc_le(NcGraph *graph, NcNode *a, NcNode *b) { return nc_binary(graph, &nc_op_le, a, b); }
NcNode *nc_and(NcGraph *graph, NcNode *a, NcNode *b) { return nc_binary(graph, &nc_op_and, a, b); }
NcNode *nc_or(NcGraph *graph, NcNode *a, NcNode *b) { return nc_binary(graph, &nc_op_or, a, b); }
NcNode *nc_not(NcGraph *graph, NcNode *a) { return nc_unary(graph, &nc_op_not, a); }
NcNode *nc_neg(NcGraph *graph, NcNode *a) { return nc_unary(graph, &nc_op_neg, a); }
NcNode *nc_abs(NcGraph *graph, NcNode *a) { return nc_unary(graph, &nc_op_abs, a); }
NcNode *nc_exp(NcGraph *graph, NcNode *a) { return nc_unary(graph, &nc_op_exp, a); }
NcNode *nc_log(NcGraph *graph, NcNode *a) { return nc_unary(graph, &nc_op_log, a); }
NcNode *nc_sqrt(NcGraph *graph, NcNode *a) { return nc_unary(graph, &nc_op_sqrt, a); }
NcNode *nc_tanh(NcGraph *graph, NcNode *a) { return nc_unary(graph, &nc_op_tanh, a); }
NcNode *nc_sin(NcGraph *graph, NcNode *a) { return nc_unary(graph, &nc_op_sin, a); }
NcNode *nc_cos(NcGraph *graph, NcNode *a) { return nc_unary(graph, &nc_op_cos, a); }
NcNode *nc_erf(NcGraph *graph, NcNode *a) { return nc_unary(graph, &nc_op_erf, a); }
NcNode *nc_floor(NcGraph *graph, NcNode *a) { return nc_unary(graph, &nc_op_floor, a); }

NcNode *nc_stop_gradient(NcGraph *graph, NcNode *a) {
  return nc_unary(graph, &nc_op_stop_gradient, a);
}

NcNode *nc_select(NcGraph *graph, NcNode *condition, NcNode *a, NcNode *b) {
  return nc_graph_add(graph, &nc_op_select, (NcNode *[]){condition, a, b}, 3, NULL);
}

NcNode *nc_cast(NcGraph *graph, NcNode *a, NcDtype dtype) {
  NcAttr attr = nc_attr_type(nc_type_with_dtype(a->type, dtype));
  return a->type.dtype == dtype ? a : with_attrs(graph, &nc_op_cast, a, &attr);
}

NcNode *nc_const(NcGraph *graph, double value, NcType type) {
  NcAttr attrs[] = {nc_attr_float(value), nc_attr_type(type)};
  return nc_graph_add(graph, &nc_op_const, NULL, 0, attrs);
}

NcNode *nc_const_int(NcGraph *graph, int64_t value, NcType type) {
  const int64_t exact = (int64_t)1 << 53;
  if (type.dtype != NC_I64 || (value >= -exact && value <= exact))
    return nc_const(graph, (double)value, type);
  // A double does not hold it: high * 2^32 + low does.
  int64_t low = (int64_t)((uint64_t)value & 0xffffffffu);
  NcNode *high = nc_const(graph, (double)((value - low) / ((int64_t)1 << 32)), type);
  return nc_add_const(graph, nc_mul_const(graph, high, 4294967296.0), (double)low);
}

NcNode *nc_const_like(NcGraph *graph, double value, const NcNode *node) {
  return nc_const(graph, value, node->type);
}

NcNode *nc_add_const(NcGraph *graph, NcNode *a, double value) {
  return nc_add(graph, a, nc_const_like(graph, value, a));
}

NcNode *nc_mul_const(NcGraph *graph, NcNode *a, double value) {
  return nc_mul(graph, a, nc_const_like(graph, value, a));
}

NcNode *nc_iota(NcGraph *graph, NcType type, int axis) {
  NcAttr attrs[] = {nc_attr_int(axis), nc_attr_type(type)};
  return nc_graph_add(graph, &nc_op_iota, NULL, 0, attrs);
}

NcNode *nc_batch(NcGraph *graph) { return nc_graph_add(graph, &nc_op_batch, NULL, 0, NULL); }
NcNode *nc_step(NcGraph *graph) { return nc_graph_add(graph, &nc_op_step, NULL, 0, NULL); }
NcNode *nc_epoch(NcGraph *graph) { return nc_graph_add(graph, &nc_op_epoch, NULL, 0, NULL); }

NcNode *nc_random(NcGraph *graph, NcType type, int64_t ordinal) {
  NcAttr attrs[] = {nc_attr_int(ordinal), nc_attr_type(type)};
  return nc_graph_add(graph, &nc_op_random, NULL, 0, attrs);
}

NcNode *nc_reshape(NcGraph *graph, NcNode *a, int rank, const NcDim *dims) {
  NcType type = nc_type(a->type.dtype, rank, dims);
  NcAttr attr = nc_attr_type(type);
  return nc_type_equal(&type, &a->type) ? a : with_attrs(graph, &nc_op_reshape, a, &attr);
}

NcNode *nc_broadcast(NcGraph *graph, NcNode *a, const int64_t *axes, int rank, const NcDim *dims) {
  NcType type = nc_type(a->type.dtype, rank, dims);
  NcAttr attrs[] = {nc_attr_ints(axes, a->type.rank), nc_attr_type(type)};
  return nc_type_equal(&type, &a->type) ? a : with_attrs(graph, &nc_op_broadcast, a, attrs);
}

NcNode *nc_broadcast_trailing(NcGraph *graph, NcNode *a, int rank, const NcDim *dims) {
  int64_t axes[NC_MAX_RANK];
  for (int i = 0; i < a->type.rank; i++)
    axes[i] = rank - a->type.rank + i;
  return nc_broadcast(graph, a, axes, rank, dims);
}

NcNode *nc_broadcast_reduced(NcGraph *graph, NcNode *a, const int64_t *axes, int axis_count,
                             const NcType *like) {
  int64_t kept[NC_MAX_RANK];
  int kept_count = 0;
  for (int axis = 0, next = 0; axis < like->rank; axis++) {
    if (next < axis_count && axes[next] == axis)
      next++;
    else
      kept[kept_count++] = axis;
  }
  return nc_broadcast(graph, a, kept, like->rank, like->dims);
}

NcNode *nc_transpose(NcGraph *graph, NcNode *a, const int64_t *perm) {
  NcAttr attr = nc_attr_ints(perm, a->type.rank);
  bool moves = false;
  for (int i = 0; i < a->type.rank; i++)
    moves |= perm[i] != i;
  return moves ? with_attrs(graph, &nc_op_transpose, a, &attr) : a;
}

static bool slices_nothing(const NcType *type, const int64_t *start, const int64_t *limit,
                           const int64_t *step) {
  for (int i = 0; i < type->rank; i++) {
    bool whole = !nc_dim_is_constant(type->dims[i]) || limit[i] == type->dims[i].c;
    if (start[i] != 0 || step[i] != 1 || !whole)
      return false;
  }
  return true;
}

NcNode *nc_slice(NcGraph *graph, NcNode *a, const int64_t *start, const int64_t *limit,
                 const int64_t *step) {
  int rank = a->type.rank;
  NcAttr attrs[] = {nc_attr_ints(start, rank), nc_attr_ints(limit, rank), nc_attr_ints(step, rank)};
  if (slices_nothing(&a->type, start, limit, step))
    return a;
  return with_attrs(graph, &nc_op_slice, a, attrs);
}

static bool all_zero(const int64_t *values, int count) {
  for (int i = 0; i < count; i++)
    if (values[i] != 0)
      return false;
  return true;
}

NcNode *nc_pad(NcGraph *graph, NcNode *a, const int64_t *low, const int64_t *high,
               const int64_t *interior, double value) {
  static const int64_t none[NC_MAX_RANK] = {0};
  int rank = a->type.rank;
  const int64_t *gaps = interior ? interior : none;
  NcAttr attrs[] = {nc_attr_ints(low, rank), nc_attr_ints(high, rank), nc_attr_ints(gaps, rank),
                    nc_attr_float(value)};
  if (all_zero(low, rank) && all_zero(high, rank) && all_zero(gaps, rank))
    return a;
  return with_attrs(graph, &nc_op_pad, a, attrs);
}

NcNode *nc_concat(NcGraph *graph, NcNode *a, NcNode *b, int axis) {
  NcAttr attr = nc_attr_int(axis);
  return nc_graph_add(graph, &nc_op_concat, (NcNode *[]){a, b}, 2, &attr);
}

NcNode *nc_reverse(NcGraph *graph, NcNode *a, const int64_t *axes, int axis_count) {
  return with_axes(graph, &nc_op_reverse, a, axes, axis_count);
}

NcNode *nc_gather(NcGraph *graph, NcNode *x, NcNode *index, const NcAttr *form) {
  return nc_graph_add(graph, &nc_op_gather, (NcNode *[]){x, index}, 2, form);
}

NcNode *nc_scatter_add(NcGraph *graph, NcNode *values, NcNode *index, const NcAttr *form,
                       int64_t size) {
  NcAttr attrs[] = {form[0], form[1], nc_attr_int(size)};
  return nc_graph_add(graph, &nc_op_scatter_add, (NcNode *[]){values, index}, 2, attrs);
}

NcNode *nc_sum(NcGraph *graph, NcNode *a, const int64_t *axes, int axis_count) {
  return with_axes(graph, &nc_op_sum, a, axes, axis_count);
}

NcNode *nc_sum_all(NcGraph *graph, NcNode *a) {
  static const int64_t axes[NC_MAX_RANK] = {0, 1, 2, 3, 4, 5, 6, 7};
  return nc_sum(graph, a, axes, a->type.rank);
}

NcNode *nc_reduce_max(NcGraph *graph, NcNode *a, const int64_t *axes, int axis_count) {
  return with_axes(graph, &nc_op_reduce_max, a, axes, axis_count);
}

NcNode *nc_reduce_min(NcGraph *graph, NcNode *a, const int64_t *axes, int axis_count) {
  return with_axes(graph, &nc_op_reduce_min, a, axes, axis_count);
}

NcNode *nc_argmax(NcGraph *graph, NcNode *a, int axis) {
  NcAttr attr = nc_attr_int(axis);
  return with_attrs(graph, &nc_op_argmax, a, &attr);
}

NcNode *nc_matmul(NcGraph *graph, NcNode *a, NcNode *b, bool ta, bool tb) {
  NcAttr attrs[] = {nc_attr_int(ta), nc_attr_int(tb)};
  return nc_graph_add(graph, &nc_op_matmul, (NcNode *[]){a, b}, 2, attrs);
}

// A node of two operands whose attributes are those of a convolution and a type.
static NcNode *with_form(NcGraph *graph, const NcOp *op, NcNode *a, NcNode *b, const NcAttr *form,
                         NcType type) {
  NcAttr attrs[] = {form[0], form[1], form[2], form[3], nc_attr_type(type)};
  return nc_graph_add(graph, op, (NcNode *[]){a, b}, 2, attrs);
}

NcNode *nc_conv(NcGraph *graph, NcNode *x, NcNode *kernel, const NcAttr *form) {
  return nc_graph_add(graph, &nc_op_conv, (NcNode *[]){x, kernel}, 2, form);
}

NcNode *nc_conv_input_grad(NcGraph *graph, NcNode *dy, NcNode *kernel, const NcAttr *form,
                           NcType x_type) {
  return with_form(graph, &nc_op_conv_input_grad, dy, kernel, form, x_type);
}

NcNode *nc_conv_kernel_grad(NcGraph *graph, NcNode *x, NcNode *dy, const NcAttr *form,
                            NcType kernel_type) {
  return with_form(graph, &nc_op_conv_kernel_grad, x, dy, form, kernel_type);
}

NcNode *nc_window_max(NcGraph *graph, NcNode *x, const NcAttr *form) {
  return with_attrs(graph, &nc_op_window_max, x, form);
}

NcNode *nc_window_max_scatter(NcGraph *graph, NcNode *x, NcNode *dy, const NcAttr *form) {
  return nc_graph_add(graph, &nc_op_window_max_scatter, (NcNode *[]){x, dy}, 2, form);
}

NcNode *nc_window_max_pick(NcGraph *graph, NcNode *x, NcNode *t, const NcAttr *form) {
  return nc_graph_add(graph, &nc_op_window_max_pick, (NcNode *[]){x, t}, 2, form);
}

NcNode *nc_window_sum(NcGraph *graph, NcNode *x, const NcAttr *form) {
  return with_attrs(graph, &nc_op_window_sum, x, form);
}

NcNode *nc_window_spread(NcGraph *graph, NcNode *dy, const NcAttr *form, NcType x_type) {
  NcAttr attrs[] = {form[0], form[1], form[2], nc_attr_type(x_type)};
  return with_attrs(graph, &nc_op_window_spread, dy, attrs);
}
