// Checks that a module keeps the rules of the graph IR (docs/ir.md).
#ifndef NC_IR_VERIFY_H
#define NC_IR_VERIFY_H

#include "ir/graph.h"

// True if all is well. Otherwise each problem is written to `problems` as a line that names graph
// and node. Checked are: names are unique; variables have no N; nodes stand after their operands
// and in their graph's list, with unique ids; their types are what the operator's rule infers
// again; results and updates are nodes of the graph; an update has its variable's type and is the
// variable's only one in the graph.
bool nc_module_verify(const NcModule *module, NcText *problems);
bool nc_graph_verify(const NcGraph *graph, NcText *problems);

#endif
