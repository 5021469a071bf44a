// Builders: one short call per operator, for code that makes graphs (gradients, passes, sema).
//
// Operands and attributes must satisfy the operator, as with nc_graph_add; where they come from a
// user, call nc_graph_try_add with the attributes made here. Nothing is simplified but what would
// be the identity: a cast to the same dtype, a reshape or broadcast to the same type, a transpose
// that permutes nothing, a reduction of no axis, a slice of everything and a pad by nothing give
// their operand back. Elementwise builders want operands of equal shape: broadcast first.
#ifndef NC_OPS_BUILD_H
#define NC_OPS_BUILD_H

#include "ir/graph.h"
#include "ops/ops.h"

// Attributes, to be listed in the order of the operator's declaration.
NcAttr nc_attr_int(int64_t value);
NcAttr nc_attr_float(double value);
NcAttr nc_attr_ints(const int64_t *values, int count);
NcAttr nc_attr_type(NcType type);

// Nodes of one, two or three operands without attributes.
NcNode *nc_unary(NcGraph *graph, const NcOp *op, NcNode *a);
NcNode *nc_binary(NcGraph *graph, const NcOp *op, NcNode *a, NcNode *b);

// Element by element. Operands of one call have equal types.
NcNode *nc_add(NcGraph *graph, NcNode *a, NcNode *b);
NcNode *nc_sub(NcGraph *graph, NcNode *a, NcNode *b);
NcNode *nc_mul(NcGraph *graph, NcNode *a, NcNode *b);
NcNode *nc_div(NcGraph *graph, NcNode *a, NcNode *b);
NcNode *nc_max(NcGraph *graph, NcNode *a, NcNode *b);
NcNode *nc_min(NcGraph *graph, NcNode *a, NcNode *b);
NcNode *nc_pow(NcGraph *graph, NcNode *a, NcNode *b);
NcNode *nc_neg(NcGraph *graph, NcNode *a);
NcNode *nc_abs(NcGraph *graph, NcNode *a);
NcNode *nc_exp(NcGraph *graph, NcNode *a);
NcNode *nc_log(NcGraph *graph, NcNode *a);
NcNode *nc_sqrt(NcGraph *graph, NcNode *a);
NcNode *nc_tanh(NcGraph *graph, NcNode *a);
NcNode *nc_sin(NcGraph *graph, NcNode *a);
NcNode *nc_cos(NcGraph *graph, NcNode *a);
NcNode *nc_erf(NcGraph *graph, NcNode *a);
NcNode *nc_floor(NcGraph *graph, NcNode *a);
NcNode *nc_eq(NcGraph *graph, NcNode *a, NcNode *b);
NcNode *nc_ne(NcGraph *graph, NcNode *a, NcNode *b);
NcNode *nc_lt(NcGraph *graph, NcNode *a, NcNode *b);
NcNode *nc_le(NcGraph *graph, NcNode *a, NcNode *b);
NcNode *nc_and(NcGraph *graph, NcNode *a, NcNode *b);
NcNode *nc_or(NcGraph *graph, NcNode *a, NcNode *b);
NcNode *nc_not(NcGraph *graph, NcNode *a);
// condition (bool) ? a : b; all three of one shape.
NcNode *nc_select(NcGraph *graph, NcNode *condition, NcNode *a, NcNode *b);
// To another dtype, under the same shape.
NcNode *nc_cast(NcGraph *graph, NcNode *a, NcDtype dtype);
NcNode *nc_stop_gradient(NcGraph *graph, NcNode *a);

// Leaves. A constant has one value in every element; integers must fit the dtype and be exact as a
// double (nc_const_int takes any).
NcNode *nc_const(NcGraph *graph, double value, NcType type);
NcNode *nc_const_int(NcGraph *graph, int64_t value, NcType type);
// A constant of a node's type, and a + value, a * value.
NcNode *nc_const_like(NcGraph *graph, double value, const NcNode *node);
NcNode *nc_add_const(NcGraph *graph, NcNode *a, double value);
NcNode *nc_mul_const(NcGraph *graph, NcNode *a, double value);
NcNode *nc_iota(NcGraph *graph, NcType type, int axis);
NcNode *nc_batch(NcGraph *graph);
NcNode *nc_step(NcGraph *graph);
NcNode *nc_epoch(NcGraph *graph);
NcNode *nc_random(NcGraph *graph, NcType type, int64_t ordinal);

// Structure. `dims` in place of a type where the dtype is the operand's.
NcNode *nc_reshape(NcGraph *graph, NcNode *a, int rank, const NcDim *dims);
// axes[i]: the result's axis that axis i of `a` becomes; a->type.rank of them, increasing.
NcNode *nc_broadcast(NcGraph *graph, NcNode *a, const int64_t *axes, int rank, const NcDim *dims);
// `a`, whose shape is a trailing part of the shape of `like`, repeated to it: the language's rule.
NcNode *nc_broadcast_trailing(NcGraph *graph, NcNode *a, int rank, const NcDim *dims);
// `a`, which is `like`'s shape without `axes`, repeated along them: undoes a reduction's shape.
NcNode *nc_broadcast_reduced(NcGraph *graph, NcNode *a, const int64_t *axes, int axis_count,
                             const NcType *like);
NcNode *nc_transpose(NcGraph *graph, NcNode *a, const int64_t *perm);
// One start, limit and step per dimension. A leading N is left whole: 0, -1 and 1.
NcNode *nc_slice(NcGraph *graph, NcNode *a, const int64_t *start, const int64_t *limit,
                 const int64_t *step);
// One entry each per dimension, zero for a leading N; interior NULL for none.
NcNode *nc_pad(NcGraph *graph, NcNode *a, const int64_t *low, const int64_t *high,
               const int64_t *interior, double value);
NcNode *nc_concat(NcGraph *graph, NcNode *a, NcNode *b, int axis);
NcNode *nc_reverse(NcGraph *graph, NcNode *a, const int64_t *axes, int axis_count);
// `form` is the two attributes of a gather: axis and batch.
NcNode *nc_gather(NcGraph *graph, NcNode *x, NcNode *index, const NcAttr *form);
NcNode *nc_scatter_add(NcGraph *graph, NcNode *values, NcNode *index, const NcAttr *form,
                       int64_t size);

// Reductions over increasing axes, which disappear.
NcNode *nc_sum(NcGraph *graph, NcNode *a, const int64_t *axes, int axis_count);
NcNode *nc_sum_all(NcGraph *graph, NcNode *a);
NcNode *nc_reduce_max(NcGraph *graph, NcNode *a, const int64_t *axes, int axis_count);
NcNode *nc_reduce_min(NcGraph *graph, NcNode *a, const int64_t *axes, int axis_count);
NcNode *nc_argmax(NcGraph *graph, NcNode *a, int axis);

// Products. Transposition flags swap the last two dimensions.
NcNode *nc_matmul(NcGraph *graph, NcNode *a, NcNode *b, bool ta, bool tb);
// `form` is the four attributes of a convolution: stride, padding, dilation, groups.
NcNode *nc_conv(NcGraph *graph, NcNode *x, NcNode *kernel, const NcAttr *form);
NcNode *nc_conv_input_grad(NcGraph *graph, NcNode *dy, NcNode *kernel, const NcAttr *form,
                           NcType x_type);
NcNode *nc_conv_kernel_grad(NcGraph *graph, NcNode *x, NcNode *dy, const NcAttr *form,
                            NcType kernel_type);

// Windows. `form` is the three attributes of a pooling: window, stride, padding.
NcNode *nc_window_max(NcGraph *graph, NcNode *x, const NcAttr *form);
NcNode *nc_window_max_scatter(NcGraph *graph, NcNode *x, NcNode *dy, const NcAttr *form);
NcNode *nc_window_max_pick(NcGraph *graph, NcNode *x, NcNode *t, const NcAttr *form);
NcNode *nc_window_sum(NcGraph *graph, NcNode *x, const NcAttr *form);
NcNode *nc_window_spread(NcGraph *graph, NcNode *dy, const NcAttr *form, NcType x_type);

#endif
