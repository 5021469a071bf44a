// Sums over the batch, taken apart.
#include "passes/sums.h"

#include "ops/build.h"
#include "ops/structure.h"
#include "passes/rewrite.h"

#define MAX_TERMS 4
#define MAX_DEPTH 8 // of additions in each other

// factor * tensor, added or, if negated, subtracted.
typedef struct Term {
  NcNode *factor; // a broadcast
  NcNode *tensor;
  bool negated;
} Term;

typedef struct Combination {
  const NcAttr *axes; // summed over
  Term terms[MAX_TERMS];
  int count;
} Combination;

// Whether the node is the same all along the axes.
static bool stands_still(const NcNode *node, const NcAttr *axes) {
  if (node->op != &nc_op_broadcast)
    return false;
  const NcAttr *kept = nc_node_attr(node, "axes");
  for (int i = 0; i < kept->count; i++)
    if (nc_axes_have(axes, (int)kept->ints[i]))
      return false;
  return true;
}

static bool take_product(Combination *c, NcNode *node, bool negated) {
  if (node->op != &nc_op_mul || c->count == MAX_TERMS)
    return false;
  for (int i = 0; i < 2; i++)
    if (stands_still(node->operands[i], c->axes)) {
      c->terms[c->count++] = (Term){node->operands[i], node->operands[1 - i], negated};
      return true;
    }
  return false;
}

static bool take_terms(Combination *c, NcNode *node, bool negated, int depth) {
  if (depth == MAX_DEPTH)
    return false;
  if (node->op == &nc_op_neg)
    return take_terms(c, node->operands[0], !negated, depth + 1);
  if (node->op == &nc_op_add || node->op == &nc_op_sub)
    return take_terms(c, node->operands[0], negated, depth + 1) &&
           take_terms(c, node->operands[1], negated != (node->op == &nc_op_sub), depth + 1);
  return take_product(c, node, negated);
}

// What a factor is for an element of the sum.
static NcNode *of_element(NcGraph *graph, const NcNode *factor, const NcAttr *summed,
                          const NcType *type) {
  const NcAttr *from = nc_node_attr(factor, "axes");
  int64_t axes[NC_MAX_RANK];
  for (int i = 0; i < from->count; i++) {
    axes[i] = from->ints[i];
    for (int d = 0; d < (int)from->ints[i]; d++)
      axes[i] -= nc_axes_have(summed, d);
  }
  return nc_broadcast(graph, factor->operands[0], axes, type->rank, type->dims);
}

static NcNode *split(void *context, NcGraph *graph, NcNode *node) {
  (void)context;
  if (node->op != &nc_op_sum || !nc_dtype_is_float(node->type.dtype))
    return node;
  Combination c = {.axes = nc_node_attr(node, "axes")};
  const NcNode *x = node->operands[0];
  bool batch = x->type.rank > 0 && x->type.dims[0].n > 0 && nc_axes_have(c.axes, 0);
  if (!batch || !take_terms(&c, node->operands[0], false, 0) || c.count < 2)
    return node;
  NcNode *all = NULL;
  for (int i = 0; i < c.count; i++) {
    const Term *t = &c.terms[i];
    NcNode *sum = nc_sum(graph, t->tensor, c.axes->ints, c.axes->count);
    NcNode *term = nc_mul(graph, of_element(graph, t->factor, c.axes, &node->type), sum);
    if (!all)
      all = t->negated ? nc_neg(graph, term) : term;
    else
      all = t->negated ? nc_sub(graph, all, term) : nc_add(graph, all, term);
  }
  return all;
}

void nc_graph_split_sums(NcGraph *graph) { nc_graph_rewrite(graph, split, NULL); }
