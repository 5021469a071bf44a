// netc train --dry-run: what a training would take.
#ifndef NC_DRIVER_TRIAL_H
#define NC_DRIVER_TRIAL_H

#include "driver/experiment.h"

// Trains a few steps, writes no file, and prints what an epoch takes and how much memory. `out` is
// where the checkpoint would be written.
int nc_trial_run(NcExperiment *e, const NcrtTraining *training, const char *out);

#endif
