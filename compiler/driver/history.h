// The course of a training, from its log: JSON, one object a line, of which those with the event
// "epoch" count.
#ifndef NC_DRIVER_HISTORY_H
#define NC_DRIVER_HISTORY_H

#include "netc_rt.h"
#include "pictures/figure.h"

// A metric, epoch by epoch; NaN where it has no value.
typedef struct NcSeries {
  const char *name;
  double *training, *validation;
  bool validated; // some validation is a number
} NcSeries;

typedef struct NcHistory {
  int count; // of epochs
  double *epochs;
  NC_VEC(NcSeries) series;
} NcHistory;

// Reads a log. A last line without an end, as a training that was killed leaves it, is passed over.
// An epoch that stands there again takes the earlier one's place and all after it: a training that
// was resumed.
bool nc_history_read(NcArena *arena, const char *path, NcHistory *history, NcrtStatus *status);

NcPicture *nc_history_draw(NcArena *arena, const NcPainter *painter, const char *title,
                           const NcHistory *history);

#endif
