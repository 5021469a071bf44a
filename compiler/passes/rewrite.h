// Replaces nodes of a graph by others of the same value.
#ifndef NC_PASSES_REWRITE_H
#define NC_PASSES_REWRITE_H

#include "ir/graph.h"

// Gives what to use in place of `node`, whose operands were replaced already: a node of the same
// type, made of that node's operands or what they are made of, or `node` itself. May add nodes.
typedef NcNode *(*NcRewriteRule)(void *context, NcGraph *graph, NcNode *node);

// Applies the rule to each node with operands or attributes, in the graph's order; then prunes. A
// node that takes the place of one with a path gets the path, unless it has its own.
void nc_graph_rewrite(NcGraph *graph, NcRewriteRule rule, void *context);

#endif
