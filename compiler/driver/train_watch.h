// What a training shows as it goes on, on the terminal and in its log.
#ifndef NC_DRIVER_TRAIN_WATCH_H
#define NC_DRIVER_TRAIN_WATCH_H

#include "driver/load.h"
#include "driver/train_log.h"

#define NC_MAX_SHOWN 16

// The values of each batch that --show asks for.
typedef struct NcShown {
  int count;
  struct {
    const char *name, *result; // as the file calls it, and as train_step gives it
  } items[NC_MAX_SHOWN];
} NcShown;

// Reads a list such as "loss,accuracy", and makes train_step give these values of its batch; before
// the passes. False, with a line printed, where one is neither the loss nor a metric.
bool nc_shown_read(NcShown *shown, NcUnit *unit, const char *list);

// The result of train_step or of its metrics that has a name; NULL, with a line printed for the
// option, if there is none.
const NcResult *nc_find_figure(const NcModule *module, const char *option, const char *name);

typedef struct NcTrainWatch {
  NcrtProgress progress;
  NcrtWatcher drawn;
  NcTimings *timings;
  NcTrainLog *log;
  const NcShown *shown;
  bool stepped;
} NcTrainWatch;

// What `watch` points to must outlive the training.
NcrtWatcher nc_train_watch(NcTrainWatch *watch, NcUnit *unit, const NcOptions *options,
                           const NcShown *shown, NcTrainLog *log);

#endif
