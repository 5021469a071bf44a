// What the reductions share. Their first constraint is that the dtype is numeric, their second that
// the axes fit.
#ifndef NC_OPS_REDUCE_H
#define NC_OPS_REDUCE_H

#include "ir/graph.h"
#include "kernel/tensor.h"

// The shape rule: the reduced axes disappear.
bool nc_infer_reduce(NcInfer *infer);

// The reduction of `operand` over `axes`.
NcTe *nc_lower_reduce(NcTeBuilder *builder, const NcNode *node, NcTe *operand, const NcAttr *axes,
                      NcReduce reduce);

// The element of the result that element i of operand 0 is reduced into.
int64_t nc_reduce_target(const NcEval *eval, const NcAttr *axes, int64_t i);
// For each element of the result, in turn: `first` for its first element, then `combine(so far,
// next)` in row-major order. Elements without any get `empty`.
bool nc_eval_reduce_float(NcEval *eval, double empty, double (*combine)(double, double));
bool nc_eval_reduce_int(NcEval *eval, int64_t empty, int64_t (*combine)(int64_t, int64_t));

// The gradient of a maximum or minimum over one axis after another, the last first: `dy` goes to
// the first of the elements that give the result. `is_min` tells which.
NcNode *nc_grad_reduce_max(NcGraph *graph, NcNode *node, NcNode *dy, bool is_min);

// The reduction of `x` over `axes` by the operator of ONNX.
NcOnnxValue *nc_onnx_reduce(NcOnnxBuilder *builder, const NcNode *node, const char *op_type,
                            NcOnnxValue *x, const int64_t *axes, int count);

#endif
