// Evaluates a graph by the operators' own references: slow, simple, and the judge of what compiled
// code does.
#ifndef NC_INTERPRET_INTERPRET_H
#define NC_INTERPRET_INTERPRET_H

#include "ir/graph.h"

typedef struct NcInterpret {
  const NcTensor *const *inputs; // in the order of graph->inputs, of their types at `batch`
  NcTensor *const *variables;    // in the order of module->variables; the updates change them
  int64_t batch;                 // the value of N
  uint64_t seed;
  int64_t step, epoch; // counted from 1 and 0
} NcInterpret;

// Runs the graph once. results[i] becomes the value of graph->results.items[i], a tensor of its own
// in `arena`; then the updates are applied, all together. Intermediate values are freed when their
// last user has run. False, with a message in `arena` and nothing updated, if an input or variable
// has not the type the graph says or an operator's value is undefined.
bool nc_interpret(NcArena *arena, const NcGraph *graph, const NcInterpret *run, NcTensor **results,
                  const char **error);

// A zeroed tensor for each variable of the module, in order.
NcTensor **nc_interpret_variables(NcArena *arena, const NcModule *module);

#endif
