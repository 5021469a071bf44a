// netc train --init: params that begin with the tensors of a file, such as another framework's.
#ifndef NC_DRIVER_INIT_H
#define NC_DRIVER_INIT_H

#include "driver/experiment.h"

// Gives the params and buffers the tensors of options->init as first values, in place of those that
// the source says; before the passes. The map, options->init_map, is a JSON object: by a param's
// name the name of its tensor, or a list of that name and steps, {"reshape": [dims]} or {"permute":
// [axes]}, in the order in which they are done; or null for a param that keeps the source's first
// value. Params that are not in it take the tensor of their own name. Prints what was taken, or an
// error that says what does not fit.
int nc_init_apply(NcUnit *unit, const NcOptions *options);

#endif
