// Makes metrics run over a whole pass through the data instead of one batch.
#ifndef NC_PASSES_METRICS_H
#define NC_PASSES_METRICS_H

#include "base/diag.h"
#include "ir/graph.h"

// In the graphs `evaluate` and `train_step`, each reduction over N that a metric or the loss is
// made from (the size of the batch among them) becomes a running total: a variable of kind
// NC_VAR_METRIC, named after graph and result as "evaluate.accuracy.total0", f64 for floats and i64
// for integers, which the graph updates by addition, maximum or minimum as the operator's facts
// say. What follows the reductions moves to a graph `metrics` or `train_metrics`, whose results are
// the final values. A reduction that several results use is one total. The metrics of the graph
// itself are dropped, its loss stays, as that of the batch.
//
// All zero is a total's state before the first batch; that is how the runtime resets a pass.
//
// False if a metric cannot be had in this way: E0612 where an operator reduces N but parts of a
// batch do not combine, E0613 where a result still has N, E0614 where the final value would need an
// input.
bool nc_pass_metrics(NcModule *module, NcDiags *diags);

#endif
