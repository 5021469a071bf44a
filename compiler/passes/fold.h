// Computes at compile time what does not depend on the run, and applies algebra that is exact.
#ifndef NC_PASSES_FOLD_H
#define NC_PASSES_FOLD_H

#include "ir/graph.h"

// Folds elementwise operators of constants by the operators' own references, and simplifies where
// the result is the same for every value in IEEE arithmetic, the sign of zero included: x*1, x/1,
// x-0, --x, casts back and forth, a division by a power of two, rearrangements of rearrangements
// and of constants. Removes stop_gradient, so it must run after differentiation.
void nc_graph_fold(NcGraph *graph);
// The same, but stop_gradient stays: what is left can be differentiated again.
void nc_graph_fold_between(NcGraph *graph);

// The parts it is made of. Each gives what to use in place of the node, or NULL where it has
// nothing to say.
NcNode *nc_fold_constant(NcGraph *graph, NcNode *node);
NcNode *nc_fold_algebra(NcGraph *graph, NcNode *node);
NcNode *nc_fold_structure(NcGraph *graph, NcNode *node);

#endif
