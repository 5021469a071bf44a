// Going to a step of a training again.
#ifndef NC_DRIVER_REPLAY_H
#define NC_DRIVER_REPLAY_H

#include "driver/experiment.h"

// Opens a feed that stands before the batch of step `step`, of a training whose step `from` (0:
// none) was done where `training->start` stands, and gathers that batch. *epoch is the batch's.
// False after setting the status.
bool nc_replay_batch(NcrtFeed *feed, const NcExperiment *e, const NcrtTraining *training,
                     int64_t from, int64_t step, int64_t *epoch, NcrtStatus *status);

#endif
