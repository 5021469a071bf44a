// A phase of an entry, shared out among workers. No byte of what it computes hangs on how many
// there are, or on who does what.
#ifndef NCRT_PHASE_H
#define NCRT_PHASE_H

#include "abi.h"
#include "workers.h"

// What a phase that can be shared in two ways took in either, in nanoseconds, when it was tried: in
// the first of `runs` runs, of which there are `holds` before it is tried again.
typedef struct NcrtTrial {
  int64_t batch, runs, holds, ns[2];
} NcrtTrial;

typedef struct NcrtPhaseRunner {
  NcrtWorkers *workers;
  const NcrtEntry *entry;
  char *const *locals; // by worker: its memory
  NcrtTrial *trials;   // by phase, zero at first
} NcrtPhaseRunner;

// Runs the phase on the frame's batch. False if a value is not defined, as *frame then says.
bool ncrt_phase_run(const NcrtPhaseRunner *runner, int phase, NcrtFrame *frame);

#endif
