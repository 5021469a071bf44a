// Which value of a training step was the first that is not finite.
#ifndef NC_DRIVER_BLAME_H
#define NC_DRIVER_BLAME_H

#include "driver/experiment.h"

// After a step failed because its loss is not finite, with the session as the step found it:
// computes the step again, and reports the first node whose value is not finite, its place in the
// source, and the batch. `from` is the step after which the training started. `message` says what
// has happened. Returns the exit code.
int nc_blame_step(NcExperiment *e, const NcOptions *options, const NcrtTraining *training,
                  int64_t from, const NcrtStatus *status);

#endif
