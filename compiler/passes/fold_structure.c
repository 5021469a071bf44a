// Folding of operators that only move elements: of constants, of each other, and those that move
// nothing.
#include "passes/fold.h"

#include "ops/build.h"

static bool is_const(const NcNode *node) { return node->op == &nc_op_const; }

// Any rearrangement of one value in every element is that value in every element.
static NcNode *const_of_type(NcGraph *graph, const NcNode *constant, NcType type) {
  return nc_const(graph, nc_node_attr(constant, "value")->f, type);
}

static NcNode *fold_reshape(NcGraph *graph, NcNode *node) {
  NcNode *a = node->operands[0];
  if (nc_type_equal(&a->type, &node->type))
    return a;
  if (a->op == &nc_op_reshape)
    return nc_reshape(graph, a->operands[0], node->type.rank, node->type.dims);
  return NULL;
}

static NcNode *fold_broadcast(NcGraph *graph, NcNode *node) {
  NcNode *a = node->operands[0];
  if (nc_type_equal(&a->type, &node->type))
    return a;
  if (a->op != &nc_op_broadcast)
    return NULL;
  const NcAttr *outer = nc_node_attr(node, "axes"), *inner = nc_node_attr(a, "axes");
  int64_t axes[NC_MAX_RANK];
  for (int i = 0; i < inner->count; i++)
    axes[i] = outer->ints[inner->ints[i]];
  return nc_broadcast(graph, a->operands[0], axes, node->type.rank, node->type.dims);
}

static NcNode *fold_transpose(NcGraph *graph, NcNode *node) {
  NcNode *a = node->operands[0];
  const NcAttr *outer = nc_node_attr(node, "perm");
  int64_t perm[NC_MAX_RANK];
  bool twice = a->op == &nc_op_transpose, moves = false;
  for (int i = 0; i < outer->count; i++) {
    perm[i] = twice ? nc_node_attr(a, "perm")->ints[outer->ints[i]] : outer->ints[i];
    moves |= perm[i] != i;
  }
  if (!twice)
    return moves ? NULL : a;
  return nc_transpose(graph, a->operands[0], perm); // gives the operand if nothing moves
}

static NcNode *fold_reverse(NcGraph *graph, NcNode *node) {
  (void)graph;
  NcNode *a = node->operands[0];
  const NcAttr *axes = nc_node_attr(node, "axes");
  if (axes->count == 0)
    return a;
  if (a->op != &nc_op_reverse || nc_node_attr(a, "axes")->count != axes->count)
    return NULL;
  for (int i = 0; i < axes->count; i++)
    if (nc_node_attr(a, "axes")->ints[i] != axes->ints[i])
      return NULL;
  return a->operands[0];
}

static bool all(const NcAttr *attr, int64_t value) {
  for (int i = 0; i < attr->count; i++)
    if (attr->ints[i] != value)
      return false;
  return true;
}

// With every step 1, a slice that leaves the shape leaves everything: it can neither start late nor
// repeat.
static NcNode *fold_slice(NcGraph *graph, NcNode *node) {
  (void)graph;
  NcNode *a = node->operands[0];
  bool whole = nc_type_equal(&a->type, &node->type) && all(nc_node_attr(node, "step"), 1);
  return whole ? a : NULL;
}

static NcNode *fold_pad(NcGraph *graph, NcNode *node) {
  NcNode *a = node->operands[0];
  if (is_const(a) && nc_node_attr(a, "value")->f == nc_node_attr(node, "value")->f &&
      nc_node_attr(a, "value")->f != 0) // 0 and -0 are equal, but not the same
    return const_of_type(graph, a, node->type);
  bool nothing = all(nc_node_attr(node, "low"), 0) && all(nc_node_attr(node, "high"), 0) &&
                 all(nc_node_attr(node, "interior"), 0);
  return nothing ? a : NULL;
}

static NcNode *fold_concat(NcGraph *graph, NcNode *node) {
  NcNode *a = node->operands[0], *b = node->operands[1];
  bool same = is_const(a) && is_const(b) && nc_node_attr(a, "value")->f != 0 &&
              nc_node_attr(a, "value")->f == nc_node_attr(b, "value")->f;
  return same ? const_of_type(graph, a, node->type) : NULL;
}

NcNode *nc_fold_structure(NcGraph *graph, NcNode *node) {
  static const struct {
    const NcOp *op;
    bool rearranges; // every element of the result is one of the only operand
    NcNode *(*rule)(NcGraph *, NcNode *);
  } rules[] = {
      {&nc_op_reshape, true, fold_reshape},     {&nc_op_broadcast, true, fold_broadcast},
      {&nc_op_transpose, true, fold_transpose}, {&nc_op_slice, true, fold_slice},
      {&nc_op_reverse, true, fold_reverse},     {&nc_op_pad, false, fold_pad},
      {&nc_op_concat, false, fold_concat},
  };
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    if (rules[i].op != node->op)
      continue;
    if (rules[i].rearranges && is_const(node->operands[0]))
      return const_of_type(graph, node->operands[0], node->type);
    return rules[i].rule(graph, node);
  }
  return NULL;
}
