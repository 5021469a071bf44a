// Walking and rewriting scalar expressions, which are DAGs: shared parts are visited once.
#ifndef NC_KERNEL_EXPR_H
#define NC_KERNEL_EXPR_H

#include "kernel/tensor.h"

// Calls `visit` for every load in the expression. NULL is allowed.
void nc_expr_loads(NcExpr *expr, void (*visit)(void *context, NcExpr *load), void *context);
// The same for all expressions of a tensor.
void nc_te_loads(const NcTe *te, void (*visit)(void *context, NcExpr *load), void *context);
// The same for all that the kernel of a tensor and its siblings reads, the first of which is given;
// what they read of each other is left out.
void nc_siblings_loads(const NcTe *lead, void (*visit)(void *context, NcExpr *load), void *context);
// Calls `visit` once for every node, arguments first.
void nc_expr_walk(NcExpr *expr, void (*visit)(void *context, NcExpr *node), void *context);
// The same for several expressions, which may share nodes. NULL is allowed.
void nc_exprs_walk(NcExpr *const *exprs, int count, void (*visit)(void *context, NcExpr *node),
                   void *context);

// How a rewrite replaces parts.
typedef struct NcRewrite {
  NcTeBuilder *builder;
  // axes[i] is the affine expression (over the new axes) that stands for axis i; NULL keeps the
  // axes.
  const NcAffine *axes;
  // Given the copy of a load, what to put in its place (the load itself to keep it); may be NULL.
  NcExpr *(*load)(void *context, NcExpr *load);
  void *context;
  NcExpr *acc; // replaces NC_X_ACC; NULL keeps it
  // What equals `from`, before it is copied, becomes `to`; NULL: nothing.
  const NcExpr *from;
  NcExpr *to;
} NcRewrite;

// A copy with parts replaced. NULL gives NULL.
NcExpr *nc_expr_rewrite(const NcRewrite *rewrite, NcExpr *expr);
// The same in place for several expressions, in order: what they share stays shared.
void nc_exprs_rewrite(const NcRewrite *rewrite, NcExpr **exprs, int count);
NcAffine nc_affine_substitute(NcAffine affine, const NcAffine *axes);

// Whether two expressions are the same, node by node.
bool nc_expr_is_equal(const NcExpr *a, const NcExpr *b);

// Whether some index in the expression moves with an axis that has a coefficient in `along`.
bool nc_expr_moves_with(NcExpr *x, const NcAffine *along);
// Whether two affine expressions have an axis in common.
bool nc_affine_meets(const NcAffine *a, const NcAffine *b);

// Whether the expression is 0, for certain, where NC_X_ACC is, and the elements of `zero`.
bool nc_expr_keeps_zero(const NcExpr *expr, const NcTe *zero);

// A rough cost of evaluating the expression once, in additions; loads at affine indices and
// constants are free.
int nc_expr_cost(NcExpr *expr);
// The same without what finds the places that loads look up.
int nc_expr_arithmetic(NcExpr *expr);
int nc_expr_size(NcExpr *expr);

#endif
