// The log of a training: JSON, one object a line, as docs/checkpoint.md describes.
#ifndef NC_DRIVER_TRAIN_LOG_H
#define NC_DRIVER_TRAIN_LOG_H

#include "train.h"

#include <jansson.h>
#include <stdio.h>

typedef struct NcTrainLog {
  FILE *file; // NULL: none is kept
  const char *path;
} NcTrainLog;

// Opens a log, which is emptied unless the training `resumes`: then what follows is added, behind
// its last whole line. A path of NULL keeps none.
bool nc_train_log_open(NcTrainLog *log, const char *path, bool resumes, NcrtStatus *status);
// Adds a line, which is taken over: {"event": EVENT, "time": …} and what `line` has.
void nc_train_log_add(NcTrainLog *log, const char *event, json_t *line);
// False if something of it could not be written.
bool nc_train_log_close(NcTrainLog *log, NcrtStatus *status);

// {"loss": 0.1, …}; what is not finite is null.
json_t *nc_metrics_json(const NcrtMetrics *metrics);

#endif
