// What the elementwise operators share: shape rules, lowering, reference evaluation and samples.
//
// The shape rules report their operator's own constraints by place, so an operator that uses one
// lists its constraints in the order given here.
#ifndef NC_OPS_ELEMENTWISE_H
#define NC_OPS_ELEMENTWISE_H

#include "ir/graph.h"
#include "kernel/tensor.h"

// Two operands of one type. c1: the types are equal; c2: the dtype fits.
bool nc_infer_numeric_binary(NcInfer *infer);
bool nc_infer_bool_binary(NcInfer *infer);
// The same with a bool result. c1: the types are equal; c2 (numeric only): the dtype is numeric.
bool nc_infer_compare_any(NcInfer *infer);
bool nc_infer_compare_numeric(NcInfer *infer);
// One operand, a result of its type. c1: the dtype fits.
bool nc_infer_numeric_unary(NcInfer *infer);
bool nc_infer_float_unary(NcInfer *infer);
bool nc_infer_bool_unary(NcInfer *infer);
// One operand of any type.
bool nc_infer_same(NcInfer *infer);

// Whether the dtype is a number's: not bool.
bool nc_dtype_is_numeric(NcDtype dtype);

// The element of `tensor` at the point of the axes 0 … rank-1.
NcExpr *nc_lower_element(NcTeBuilder *builder, NcTe *tensor);
// A result of the node's type whose body is `kind` of the operands' elements.
NcTe *nc_lower_unary(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands,
                     NcExprKind kind);
NcTe *nc_lower_binary(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands,
                      NcExprKind kind);
// A result of the node's type with a given body.
NcTe *nc_lower_body(NcTeBuilder *builder, const NcNode *node, NcExpr *body);

// Applies a function to each element: `on_float` where the dtype is floating (computed in double,
// rounded to the dtype), else `on_int` (whose result wraps to the dtype; bool is 0 or 1).
bool nc_eval_unary(NcEval *eval, double (*on_float)(double), int64_t (*on_int)(int64_t));
bool nc_eval_binary(NcEval *eval, double (*on_float)(double, double),
                    int64_t (*on_int)(int64_t, int64_t));
// The same for a bool result.
bool nc_eval_compare(NcEval *eval, bool (*on_float)(double, double),
                     bool (*on_int)(int64_t, int64_t));
// Sets element i of `to` to element j of `from`, of the same dtype, exactly.
void nc_tensor_copy(NcTensor *to, int64_t i, const NcTensor *from, int64_t j);

#endif
