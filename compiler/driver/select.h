// Choosing graphs and nodes by the names that users know.
#ifndef NC_DRIVER_SELECT_H
#define NC_DRIVER_SELECT_H

#include "kernel/plan.h"

// Whether a path is `wanted` or inside it: "convnet" selects "convnet.c1".
bool nc_path_selects(const char *wanted, const char *path);
// The path of what a tensor was made for; NULL if it has none.
const char *nc_te_path(const NcTe *te);

// The graph function of that name; without a name train_step, else predict, else the first. NULL
// after a message.
const NcGraph *nc_select_graph(const NcModule *module, const char *name);
// Keeps only the calls of a plan that belong to the path. False after a message if there are none.
bool nc_select_calls(NcArena *arena, NcPlan *plan, const char *path);
// Prints the lines of a graph's text whose comment ends in the path; false if there are none.
bool nc_select_lines(const char *text, const char *path);

#endif
