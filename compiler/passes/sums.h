// Takes sums over the batch apart where that lets them begin sooner.
#ifndef NC_PASSES_SUMS_H
#define NC_PASSES_SUMS_H

#include "ir/graph.h"

// A sum over the batch of a linear combination, whose factors do not move along the axes summed
// over, becomes that combination of sums: sum(a*x + b*y) is a*sum(x) + b*sum(y). Factors are often
// known only when another sum over the batch is, and the tensors before: then one pass over the
// whole batch less is needed, as behind batch normalization. The rounding is another, no worse.
void nc_graph_split_sums(NcGraph *graph);

#endif
