// Where the time of a command goes, stage by stage: for --timings.
#ifndef NC_DRIVER_TIMINGS_H
#define NC_DRIVER_TIMINGS_H

#include <stdbool.h>

typedef struct NcTimings {
  bool wanted; // else nothing is measured or printed
  double start, last;
} NcTimings;

// Of a clock that only goes forward.
double nc_seconds(void);

// The time so far is that of starting the process.
void nc_timings_open(NcTimings *timings, bool wanted);
// The time since the last mark was that of `stage`: a line on standard error, with the
// milliseconds, and those since the start.
void nc_timings_mark(NcTimings *timings, const char *stage);

#endif
