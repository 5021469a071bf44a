// Common subexpressions: two nodes of equal operator, operands and attributes are one.
#ifndef NC_PASSES_CSE_H
#define NC_PASSES_CSE_H

#include "ir/graph.h"

// Keeps the first of equal nodes. Operands of a commutative operator count in either order. Random
// nodes differ by their attribute `ordinal`; those of one ordinal are the same numbers, so they are
// merged like any.
void nc_graph_cse(NcGraph *graph);

#endif
