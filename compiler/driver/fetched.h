// Values that were fetched, for the user: printed, saved or as JSON.
#ifndef NC_DRIVER_FETCHED_H
#define NC_DRIVER_FETCHED_H

#include "driver/experiment.h"

// Says how the values of unit->fetched are to be shown. False, with a line printed, if they cannot
// be.
bool nc_fetched_open(NcExperiment *e, const NcOptions *options);
// Shows the results "fetch[I]" of an entry that has run on `batch` samples. False after a message.
bool nc_fetched_show(NcExperiment *e, int entry, int64_t batch);

#endif
