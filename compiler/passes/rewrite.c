// Replaces nodes of a graph by others of the same value.
#include "passes/rewrite.h"

#include <assert.h>

static bool has_path(const NcNode *node) { return node->origin && node->origin->path; }

static void inherit_path(NcNode *node, const NcNode *from) {
  bool leaf = node->op == &nc_op_input || node->op == &nc_op_variable;
  if (has_path(from) && !has_path(node) && !leaf)
    node->origin = from->origin;
}

static NcNode *replacement(NcNode *const *images, int limit, NcNode *node) {
  return node->id < limit ? images[node->id] : node;
}

void nc_graph_rewrite(NcGraph *graph, NcRewriteRule rule, void *context) {
  NcArena *scratch = nc_arena_create();
  const NcOrigin *origin = graph->origin;
  int limit = graph->next_id, count = graph->nodes.count;
  NcNode **images = NC_NEW_ARRAY(scratch, NcNode *, limit);
  for (int i = 0; i < count; i++) {
    NcNode *node = graph->nodes.items[i];
    for (int k = 0; k < node->operand_count; k++)
      node->operands[k] = replacement(images, limit, node->operands[k]);
    graph->origin = node->origin;
    NcNode *image = node->op->infer ? rule(context, graph, node) : node;
    assert(nc_type_equal(&image->type, &node->type));
    if (image != node)
      inherit_path(image, node);
    images[node->id] = image;
  }
  graph->origin = origin;
  for (int i = 0; i < graph->results.count; i++)
    graph->results.items[i].node = replacement(images, limit, graph->results.items[i].node);
  for (int i = 0; i < graph->updates.count; i++)
    graph->updates.items[i].node = replacement(images, limit, graph->updates.items[i].node);
  nc_arena_destroy(scratch);
  nc_graph_prune(graph);
}
