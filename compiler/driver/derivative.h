// What --of and --wrt mean: a scalar of a program, and what it is differentiated by.
#ifndef NC_DRIVER_DERIVATIVE_H
#define NC_DRIVER_DERIVATIVE_H

#include "driver/load.h"

typedef struct NcDerivative {
  const char *of_text; // as written, or the loss of the train block
  NcGraph *graph;      // "fetch": its results are `of` and the gradients, in order
  NcNode *of;
  int count;
  NcNode **wrt;
  const char **names;  // of wrt: paths, or as written
  const NcSpan *spans; // where they are declared or written
} NcDerivative;

// Checks the unit, as nc_unit_check does, finds `of` and `wrt`, by default the loss and every param
// of the program, and differentiates; `training` as in a step of training. NC_EXIT_OK, or the exit
// code after a report.
int nc_derivative_open(NcDerivative *d, NcUnit *unit, const NcOptions *options, bool training);

#endif
