// Choosing graphs and nodes by the names that users know.
#ifndef NC_DRIVER_SELECT_H
#define NC_DRIVER_SELECT_H

#include "kernel/plan.h"
#include "passes/pipeline.h"
#include "sema/program.h"

// Whether a path is `wanted` or inside it: "convnet" selects "convnet.c1".
bool nc_path_selects(const char *wanted, const char *path);
// The path of a tensor: the variable whose new value it is, or what it was made for; NULL if it has
// none.
const char *nc_te_path(const NcPlan *plan, const NcTe *te);

// The pass of that name; NULL after a message for `command` that lists them.
const NcPass *nc_select_pass(const char *command, const char *name);
// The graph function of that name; without a name train_step, else predict, else the first. NULL
// after a message.
const NcGraph *nc_select_graph(const NcModule *module, const char *name);
// The number of the data set of that name; -1 after a message that lists them.
int nc_select_dataset(const NcProgram *program, const char *name);
// Keeps only the calls of a plan that compute something that belongs to the path. False after a
// message if there are none.
bool nc_select_calls(NcArena *arena, NcPlan *plan, const char *path);
// Prints the lines of a graph's text that belong to the path: those whose comment ends in it, and
// declarations and updates of its variables. False after a message if there are none.
bool nc_select_lines(NcArena *arena, const char *text, const char *path);
// Says that nothing has the path, and which one (or NULL) may be meant.
void nc_select_nothing(const char *what, const char *path, const char *best);

#endif
