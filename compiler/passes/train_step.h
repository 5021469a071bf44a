// Makes the whole training step one graph: forward, gradients, and the optimizer's updates.
#ifndef NC_PASSES_TRAIN_STEP_H
#define NC_PASSES_TRAIN_STEP_H

#include "base/diag.h"
#include "ir/graph.h"

// To the graph `train_step`, whose loss is a floating scalar, the pass adds the gradient of the
// loss with respect to every param that has a graph `update PARAM`, and that graph's updates with
// its input `grad` being the gradient. The `update …` graphs are removed. A module without
// `train_step` only loses those. False if the graphs have not that form (E0611), which only graphs
// that a user wrote can lack.
bool nc_pass_train_step(NcModule *module, NcDiags *diags);

#endif
