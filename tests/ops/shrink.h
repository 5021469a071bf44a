// Making a graph that fails a check small: results, updates and nodes go as long as it fails.
#ifndef NC_TESTS_OPS_SHRINK_H
#define NC_TESTS_OPS_SHRINK_H

#include "ops/samples.h"

typedef struct Shrink {
  // Whether the graph is right; if not, the report says what is wrong.
  bool (*is_right)(const void *context, NcGraph *graph, char *report, size_t size);
  const void *context;
  char *report; // of the last failure
  size_t size;
} Shrink;

static inline void replace(NcGraph *graph, NcNode *from, NcNode *to) {
  for (int i = 0; i < graph->nodes.count; i++)
    for (int k = 0; k < graph->nodes.items[i]->operand_count; k++)
      if (graph->nodes.items[i]->operands[k] == from)
        graph->nodes.items[i]->operands[k] = to;
}

static inline bool still_wrong(const Shrink *s, NcGraph *graph) {
  char report[256];
  if (s->is_right(s->context, graph, report, sizeof report))
    return false;
  memcpy(s->report, report, s->size < sizeof report ? s->size : sizeof report);
  return true;
}

static inline void drop_roots(const Shrink *s, NcGraph *graph) {
  for (int i = graph->results.count - 1; i >= 0; i--) {
    NcResult dropped = graph->results.items[i];
    graph->results.items[i] = graph->results.items[--graph->results.count];
    if (!still_wrong(s, graph)) {
      graph->results.items[graph->results.count++] = graph->results.items[i];
      graph->results.items[i] = dropped;
    }
  }
  for (int i = graph->updates.count - 1; i >= 0; i--) {
    NcUpdate dropped = graph->updates.items[i];
    graph->updates.items[i] = graph->updates.items[--graph->updates.count];
    if (!still_wrong(s, graph)) {
      graph->updates.items[graph->updates.count++] = graph->updates.items[i];
      graph->updates.items[i] = dropped;
    }
  }
}

static inline bool is_root(const NcGraph *graph, const NcNode *node) {
  for (int i = 0; i < graph->results.count; i++)
    if (graph->results.items[i].node == node)
      return true;
  for (int i = 0; i < graph->updates.count; i++)
    if (graph->updates.items[i].node == node)
      return true;
  return false;
}

// Puts an input in the place of a node, if the graph is wrong all the same.
static inline bool cut_one(const Shrink *s, NcGraph *graph, NcArena *arena, int number) {
  NcNode *node = graph->nodes.items[number];
  if (node->operand_count == 0 || is_root(graph, node))
    return false;
  NcNode *input = nc_graph_input(graph, nc_arena_printf(arena, "cut%d", node->id), node->type);
  memmove(graph->nodes.items + 1, graph->nodes.items,
          sizeof(NcNode *) * (size_t)(graph->nodes.count - 1));
  graph->nodes.items[0] = input;
  replace(graph, node, input);
  if (still_wrong(s, graph))
    return true;
  replace(graph, input, node);
  graph->nodes.count--;
  graph->inputs.count--;
  memmove(graph->nodes.items, graph->nodes.items + 1,
          sizeof(NcNode *) * (size_t)graph->nodes.count);
  return false;
}

static inline void shrink(const Shrink *s, NcGraph *graph, NcArena *arena) {
  drop_roots(s, graph);
  nc_graph_prune(graph);
  for (int i = graph->nodes.count - 1; i >= 0; i--) {
    if (i < graph->nodes.count && cut_one(s, graph, arena, i))
      nc_graph_prune(graph);
  }
}

#endif
