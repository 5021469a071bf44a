// Which input holds true classes, and what these are called.
#ifndef NC_DRIVER_LABEL_H
#define NC_DRIVER_LABEL_H

#include "sema/program.h"

typedef struct NcLabels {
  NcArena *arena;
  const NcProgram *program;
  const int *needed; // numbers of the inputs that prediction needs
  int needed_count;
  const char *classes; // the checkpoint's names, as classes.h writes them; or NULL
} NcLabels;

// Numbers of the inputs that a graph needs.
int *nc_needed_inputs(NcArena *arena, const NcProgram *program, const NcGraph *graph, int *count);

// The input that holds true classes, of which there are `classes`: one of integers that prediction
// does not need, and that says that there are so many; or else the only one that says nothing. -1
// if there is none, or several.
int nc_label_find(const NcLabels *labels, int64_t classes);
// The names of an input's classes, by the checkpoint or the source; none if they are numbers.
NcTexts nc_label_names(const NcLabels *labels, int input);

#endif
