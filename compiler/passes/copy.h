// A copy of a graph that later passes leave alone: the judge of what they and the compiler make of
// it.
#ifndef NC_PASSES_COPY_H
#define NC_PASSES_COPY_H

#include "ir/graph.h"

// The graph in a module of its own, which has the variables of the graph's module in the same
// order. With `doubles` all that is f32 is f64 there, inputs and variables too.
NcGraph *nc_graph_copy(NcArena *arena, const NcGraph *graph, bool doubles);

#endif
