// Measures and prints the stages of a command.
#include "driver/timings.h"

#include <stdio.h>
#include <time.h>

static double milliseconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

double nc_seconds(void) { return milliseconds(CLOCK_MONOTONIC) / 1e3; }

void nc_timings_open(NcTimings *timings, bool wanted) {
  *timings = (NcTimings){.wanted = wanted};
  if (!wanted)
    return;
  // What the process has computed so far is about the time that loading it took.
  timings->start = milliseconds(CLOCK_MONOTONIC) - milliseconds(CLOCK_PROCESS_CPUTIME_ID);
  timings->last = timings->start;
  fprintf(stderr, "      ms     total\n");
  nc_timings_mark(timings, "start");
}

void nc_timings_mark(NcTimings *timings, const char *stage) {
  if (!timings->wanted)
    return;
  double now = milliseconds(CLOCK_MONOTONIC);
  fprintf(stderr, "%8.1f  %8.1f  %s\n", now - timings->last, now - timings->start, stage);
  timings->last = now;
}
