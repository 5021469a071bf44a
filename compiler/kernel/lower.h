// From a graph function to tensor expressions, by the operators' own lower rules.
#ifndef NC_KERNEL_LOWER_H
#define NC_KERNEL_LOWER_H

#include "kernel/tensor.h"

// A graph function as tensor expressions. `builder.tensors` holds all of them, operands first.
typedef struct NcTensorGraph {
  NcTeBuilder builder;
  const NcGraph *graph;
  NcTe **results; // of graph->results, by number
  NcTe **updates; // of graph->updates, by number
} NcTensorGraph;

NcTensorGraph *nc_lower_graph(NcArena *arena, const NcGraph *graph);

// Removes from builder.tensors what no result, update or remaining expression needs.
void nc_tensor_graph_prune(NcTensorGraph *graph);

#endif
