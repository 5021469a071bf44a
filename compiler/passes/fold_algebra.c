// Algebra of elementwise operators that holds for every value, NaN, infinities and the sign of zero
// included. (The bits inside a NaN are nobody's promise.)
#include "passes/fold.h"

#include "ops/build.h"

#include <math.h>
#include <stdlib.h>

static bool is_const(const NcNode *node) { return node->op == &nc_op_const; }
static double value_of(const NcNode *node) { return nc_node_attr(node, "value")->f; }
static bool is_value(const NcNode *node, double value) {
  return is_const(node) && value_of(node) == value;
}
static bool is_float(const NcNode *node) { return nc_dtype_is_float(node->type.dtype); }

static NcNode *fold_mul(NcGraph *graph, NcNode *node) {
  (void)graph;
  NcNode *a = node->operands[0], *b = node->operands[1];
  if (is_value(b, 1))
    return a;
  if (is_value(a, 1))
    return b;
  if (!is_float(node) && (is_value(a, 0) || is_value(b, 0)))
    return is_value(a, 0) ? a : b;
  return NULL;
}

// The reciprocal of a power of two is exact, and so rounds x*r as x/b: if neither is subnormal or
// infinite.
static bool has_exact_reciprocal(const NcNode *b) {
  int exponent;
  double limit = b->type.dtype == NC_F32 ? 120 : 1000;
  return is_const(b) && is_float(b) && isfinite(value_of(b)) && value_of(b) != 0 &&
         fabs(frexp(value_of(b), &exponent)) == 0.5 && abs(exponent) < limit;
}

static NcNode *fold_div(NcGraph *graph, NcNode *node) {
  NcNode *a = node->operands[0], *b = node->operands[1];
  if (is_value(b, 1))
    return a;
  if (has_exact_reciprocal(b))
    return nc_mul(graph, a, nc_const_like(graph, 1 / value_of(b), b));
  return NULL;
}

// x + -0 is x for every x, but x + 0 turns -0 into 0.
static bool adds_nothing(const NcNode *node) {
  return is_value(node, 0) && (!is_float(node) || signbit(value_of(node)));
}

static NcNode *fold_add(NcGraph *graph, NcNode *node) {
  (void)graph;
  if (adds_nothing(node->operands[1]))
    return node->operands[0];
  return adds_nothing(node->operands[0]) ? node->operands[1] : NULL;
}

static NcNode *fold_sub(NcGraph *graph, NcNode *node) {
  (void)graph;
  NcNode *b = node->operands[1];
  bool nothing = is_value(b, 0) && (!is_float(b) || !signbit(value_of(b)));
  return nothing ? node->operands[0] : NULL;
}

// neg of neg, not of not.
static NcNode *fold_involution(NcGraph *graph, NcNode *node) {
  (void)graph;
  NcNode *a = node->operands[0];
  return a->op == node->op ? a->operands[0] : NULL;
}

// max, min, and, or of a value with itself.
static NcNode *fold_idempotent(NcGraph *graph, NcNode *node) {
  (void)graph;
  return node->operands[0] == node->operands[1] ? node->operands[0] : NULL;
}

// The constant operand of `and` or `or` decides: `neutral` gives the other operand, else the
// constant.
static NcNode *fold_logic(NcNode *node, bool neutral) {
  for (int i = 0; i < 2; i++)
    if (is_const(node->operands[i]))
      return (value_of(node->operands[i]) != 0) == neutral ? node->operands[1 - i]
                                                           : node->operands[i];
  return fold_idempotent(NULL, node);
}

static NcNode *fold_and(NcGraph *graph, NcNode *node) {
  (void)graph;
  return fold_logic(node, true);
}

static NcNode *fold_or(NcGraph *graph, NcNode *node) {
  (void)graph;
  return fold_logic(node, false);
}

static NcNode *fold_select(NcGraph *graph, NcNode *node) {
  (void)graph;
  NcNode *condition = node->operands[0], *a = node->operands[1], *b = node->operands[2];
  if (a == b)
    return a;
  if (is_const(condition))
    return value_of(condition) != 0 ? a : b;
  return NULL;
}

// Whether every value of `from` is one of `to`.
static bool holds(NcDtype to, NcDtype from) {
  static const unsigned wider[NC_DTYPE_COUNT] = {
      [NC_BOOL] =
          1u << NC_BOOL | 1u << NC_U8 | 1u << NC_I32 | 1u << NC_I64 | 1u << NC_F32 | 1u << NC_F64,
      [NC_U8] = 1u << NC_U8 | 1u << NC_I32 | 1u << NC_I64 | 1u << NC_F32 | 1u << NC_F64,
      [NC_I32] = 1u << NC_I32 | 1u << NC_I64 | 1u << NC_F64,
      [NC_I64] = 1u << NC_I64,
      [NC_F32] = 1u << NC_F32 | 1u << NC_F64,
      [NC_F64] = 1u << NC_F64,
  };
  return (wider[from] >> to & 1) != 0;
}

// A cast that loses nothing, then another: one cast, if the second would not treat the value
// otherwise for its dtype (integers wrap where floats saturate).
static NcNode *fold_cast(NcGraph *graph, NcNode *node) {
  NcNode *a = node->operands[0];
  if (a->type.dtype == node->type.dtype)
    return a;
  if (a->op != &nc_op_cast)
    return NULL;
  NcNode *x = a->operands[0];
  bool exact = holds(a->type.dtype, x->type.dtype) && holds(node->type.dtype, x->type.dtype);
  return exact ? nc_cast(graph, x, node->type.dtype) : NULL;
}

static NcNode *fold_stop_gradient(NcGraph *graph, NcNode *node) {
  (void)graph;
  return node->operands[0];
}

NcNode *nc_fold_algebra(NcGraph *graph, NcNode *node) {
  static const struct {
    const NcOp *op;
    NcNode *(*rule)(NcGraph *, NcNode *);
  } rules[] = {
      {&nc_op_mul, fold_mul},
      {&nc_op_div, fold_div},
      {&nc_op_add, fold_add},
      {&nc_op_sub, fold_sub},
      {&nc_op_neg, fold_involution},
      {&nc_op_not, fold_involution},
      {&nc_op_max, fold_idempotent},
      {&nc_op_min, fold_idempotent},
      {&nc_op_and, fold_and},
      {&nc_op_or, fold_or},
      {&nc_op_select, fold_select},
      {&nc_op_cast, fold_cast},
      {&nc_op_stop_gradient, fold_stop_gradient},
  };
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
    if (rules[i].op == node->op)
      return rules[i].rule(graph, node);
  return NULL;
}
