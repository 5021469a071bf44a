// Folding: constants by the operators' references, and the loop over the rules.
#include "passes/fold.h"

#include "ops/build.h"
#include "passes/rewrite.h"

#include <math.h>

// Functions whose last bit depends on the machine's libm: folded, they could differ from what the
// compiled code computes for the same operand.
static bool is_inexact(const NcOp *op) {
  static const NcOp *const ops[] = {&nc_op_exp, &nc_op_log, &nc_op_tanh, &nc_op_sin,
                                    &nc_op_cos, &nc_op_erf, &nc_op_pow};
  for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
    if (ops[i] == op)
      return true;
  return false;
}

static bool can_fold(const NcNode *node) {
  bool constant = node->operand_count > 0 && (node->op->facts & NC_FACT_ELEMENTWISE) &&
                  !(node->op->facts & NC_FACT_IMPURE) && !is_inexact(node->op);
  for (int i = 0; constant && i < node->operand_count; i++)
    constant = node->operands[i]->op == &nc_op_const;
  return constant;
}

// A constant is one value in every element, so one element stands for all.
static const NcTensor *element_of(NcArena *arena, const NcNode *constant) {
  NcType type = nc_type_scalar(constant->type.dtype);
  NcTensor *tensor = nc_tensor_create(arena, &type);
  nc_tensor_set(tensor, 0, nc_node_attr(constant, "value")->f);
  return tensor;
}

static NcNode scalar_twin(NcArena *arena, const NcNode *node) {
  int count = nc_op_attr_count(node->op);
  NcAttr *attrs = NC_NEW_ARRAY(arena, NcAttr, count);
  for (int i = 0; i < count; i++) {
    attrs[i] = node->attrs[i];
    if (node->op->attrs[i].kind == NC_ATTR_TYPE)
      attrs[i].type = nc_type_scalar(attrs[i].type.dtype);
  }
  NcNode twin = *node;
  twin.type = nc_type_scalar(node->type.dtype);
  twin.attrs = attrs;
  return twin;
}

static bool evaluate(NcArena *arena, const NcNode *node, double *value) {
  NcNode twin = scalar_twin(arena, node);
  NcTensor *result = nc_tensor_create(arena, &twin.type);
  const NcTensor **operands = NC_NEW_ARRAY(arena, const NcTensor *, node->operand_count);
  for (int i = 0; i < node->operand_count; i++)
    operands[i] = element_of(arena, node->operands[i]);
  NcEval eval = {.node = &twin,
                 .operands = operands,
                 .attrs = twin.attrs,
                 .result = result,
                 .batch = 1,
                 .arena = arena};
  if (!node->op->eval(&eval))
    return false; // an undefined value, as 1/0 of integers, is left to the run to report
  *value = nc_tensor_get(result, 0);
  // a constant's value is a double, which does not hold every i64
  return nc_dtype_is_float(node->type.dtype) || fabs(*value) <= 0x1p53;
}

NcNode *nc_fold_constant(NcGraph *graph, NcNode *node) {
  if (!can_fold(node))
    return NULL;
  NcArena *scratch = nc_arena_create();
  double value;
  bool known = evaluate(scratch, node, &value);
  nc_arena_destroy(scratch);
  return known ? nc_const_like(graph, value, node) : NULL;
}

static NcNode *fold(void *context, NcGraph *graph, NcNode *node) {
  const bool *barriers = context;
  if (*barriers && node->op == &nc_op_stop_gradient)
    return node;
  // What a rule gives may fold again, a few times: no rule undoes another, the bound is a belt.
  for (int i = 0; i < 16; i++) {
    NcNode *next = nc_fold_constant(graph, node);
    next = next ? next : nc_fold_algebra(graph, node);
    next = next ? next : nc_fold_structure(graph, node);
    if (!next)
      break;
    node = next;
  }
  return node;
}

// An update of a variable with its own value changes nothing.
static void drop_idle_updates(NcGraph *graph) {
  int kept = 0;
  for (int i = 0; i < graph->updates.count; i++)
    if (graph->updates.items[i].node->variable != graph->updates.items[i].variable)
      graph->updates.items[kept++] = graph->updates.items[i];
  graph->updates.count = kept;
}

static void fold_graph(NcGraph *graph, bool barriers) {
  nc_graph_rewrite(graph, fold, &barriers);
  drop_idle_updates(graph);
  nc_graph_prune(graph);
}

void nc_graph_fold(NcGraph *graph) { fold_graph(graph, false); }
void nc_graph_fold_between(NcGraph *graph) { fold_graph(graph, true); }
