// Differentiation: symbolic, in reverse, by the operators' own gradient rules.
#ifndef NC_OPS_AUTODIFF_H
#define NC_OPS_AUTODIFF_H

#include "ir/graph.h"

// Adds to the graph the gradient of `of`, a floating scalar, with respect to each of the `count`
// nodes `wrt`: gradients[i] has the type of wrt[i]. Where nothing flows it is a constant of zeros.
// Every gradient is made of operators that have gradients themselves, so the result can be
// differentiated again. A gradient that has no path of its own is given the path "grad(PATH)" of
// what it is the gradient of. `wrt` are floating.
void nc_autodiff(NcGraph *graph, NcNode *of, NcNode *const *wrt, int count, NcNode **gradients);

#endif
