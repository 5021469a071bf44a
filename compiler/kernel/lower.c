// From a graph function to tensor expressions.
#include "kernel/lower.h"

#include "kernel/expr.h"

#include <assert.h>

static NcTe *lower_node(NcTensorGraph *t, const NcNode *node, NcTe *const *lowered) {
  t->builder.node = node;
  if (node->op == &nc_op_input || node->op == &nc_op_variable)
    return nc_te_leaf(&t->builder, node->type);
  NcTe **operands = NC_NEW_ARRAY(t->builder.arena, NcTe *, node->operand_count + 1);
  for (int i = 0; i < node->operand_count; i++)
    operands[i] = lowered[node->operands[i]->id];
  NcTe *te = node->op->lower(&t->builder, node, operands);
  assert(nc_type_equal(&te->type, &node->type));
  return te;
}

NcTensorGraph *nc_lower_graph(NcArena *arena, const NcGraph *graph) {
  NcTensorGraph *t = NC_NEW(arena, NcTensorGraph);
  t->builder.arena = arena;
  t->graph = graph;
  NcTe **lowered = NC_NEW_ARRAY(arena, NcTe *, graph->next_id);
  for (int i = 0; i < graph->nodes.count; i++) {
    const NcNode *node = graph->nodes.items[i];
    lowered[node->id] = lower_node(t, node, lowered);
  }
  t->results = NC_NEW_ARRAY(arena, NcTe *, graph->results.count + 1);
  for (int i = 0; i < graph->results.count; i++)
    t->results[i] = lowered[graph->results.items[i].node->id];
  t->updates = NC_NEW_ARRAY(arena, NcTe *, graph->updates.count + 1);
  for (int i = 0; i < graph->updates.count; i++)
    t->updates[i] = lowered[graph->updates.items[i].node->id];
  return t;
}

static void mark_needed(void *context, NcExpr *load) { ((bool *)context)[load->tensor->id] = true; }

void nc_tensor_graph_prune(NcTensorGraph *graph) {
  NcTeBuilder *b = &graph->builder;
  NcArena *scratch = nc_arena_create();
  bool *needed = NC_NEW_ARRAY(scratch, bool, b->next_id);
  for (int i = 0; i < graph->graph->results.count; i++)
    needed[graph->results[i]->id] = true;
  for (int i = 0; i < graph->graph->updates.count; i++)
    needed[graph->updates[i]->id] = true;
  for (int i = b->tensors.count - 1; i >= 0; i--) {
    NcTe *te = b->tensors.items[i];
    if (!needed[te->id])
      continue;
    if (te->kind == NC_TE_VIEW)
      needed[te->base->id] = true;
    nc_te_loads(te, mark_needed, needed);
  }
  int kept = 0;
  for (int i = 0; i < b->tensors.count; i++)
    if (needed[b->tensors.items[i]->id])
      b->tensors.items[kept++] = b->tensors.items[i];
  b->tensors.count = kept;
  nc_arena_destroy(scratch);
}
