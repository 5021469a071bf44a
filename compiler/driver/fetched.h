// Values that were fetched, for the user: printed, saved, drawn or as JSON.
#ifndef NC_DRIVER_FETCHED_H
#define NC_DRIVER_FETCHED_H

#include "driver/experiment.h"

// Says how the values of unit->fetched are to be shown. NC_EXIT_OK, or the exit code after a
// message.
int nc_fetched_open(NcExperiment *e, const NcOptions *options);
// Shows the results "fetch[I]" of an entry that has run on `batch` samples. NC_EXIT_OK, or the exit
// code after a message.
int nc_fetched_show(NcExperiment *e, int entry, int64_t batch);

#endif
