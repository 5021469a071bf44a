// A session holds what a compiled program runs on: its variables, an arena per entry, and the
// counters.
//
// Memory: a variable and an arena begin at a multiple of 64 bytes and are zero at first. An arena
// is made when its entry runs for the first time, large enough for `max_batch`, and is kept, as
// patterns in it (halos) must persist. A session is used by one thread at a time; inputs and
// outputs are dense and row-major.
#ifndef NCRT_SESSION_H
#define NCRT_SESSION_H

#include "abi.h"
#include "status.h"

typedef struct NcrtSession NcrtSession;

// Where a run found an undefined value: numbers of entry, node and sample (-1: none in particular),
// and the value.
typedef struct NcrtFault {
  int entry;
  int64_t node, sample, value;
} NcrtFault;

// The program must outlive the session. Variables are zero until ncrt_session_initialize or a
// checkpoint sets them.
bool ncrt_session_open(const NcrtProgram *program, int64_t max_batch, int64_t seed,
                       NcrtSession **session, NcrtStatus *status);
// Opens a session on another program that works on the variables, counters and threads of `owner`,
// which must outlive it; the two are used by one thread at a time. Every variable of the program
// must be one of the owner's, of the same name and shape.
bool ncrt_session_share(const NcrtProgram *program, int64_t max_batch, NcrtSession *owner,
                        NcrtSession **session, NcrtStatus *status);
void ncrt_session_close(NcrtSession *session); // NULL is allowed
// How many threads runs may use, 1 … NCRT_MAX_THREADS; 1 until it is called. Results do not depend
// on it.
bool ncrt_session_set_threads(NcrtSession *session, int threads, NcrtStatus *status);

// Where runs of code that can be timed say where their time goes, as many laps as that code has
// numbers, which must outlive those runs; NULL, as at first, for nowhere. With laps one thread
// alone may be used.
void ncrt_session_set_laps(NcrtSession *session, NcrtLaps *laps);

const NcrtProgram *ncrt_session_program(const NcrtSession *session);
int64_t ncrt_session_max_batch(const NcrtSession *session);

// Number of an entry or variable by name, or -1.
int ncrt_session_entry(const NcrtSession *session, const char *name);
int ncrt_session_variable(const NcrtSession *session, const char *name);

// Runs all phases of an entry. inputs[i] is the value of the program's input entry->inputs[i]:
// `batch` samples if it has samples. 1 <= batch <= max_batch. Fails (bad input) if the code meets
// an undefined value.
bool ncrt_session_run(NcrtSession *session, int entry, int64_t batch, const void *const *inputs,
                      NcrtStatus *status);
// Runs phases first … end-1 only. The phases of a run go in order, with equal arguments.
bool ncrt_session_run_phases(NcrtSession *session, int entry, int first, int end, int64_t batch,
                             const void *const *inputs, NcrtStatus *status);
// After a run that failed for an undefined value: where. NULL if there was none.
const NcrtFault *ncrt_session_fault(const NcrtSession *session);

// The value of a result after a run of its entry, valid until the entry's next run; NULL if there
// is no such result. If `shape` is not NULL it receives the result's shape.
const void *ncrt_session_result(const NcrtSession *session, int entry, const char *name,
                                NcrtShape *shape);
// The first element of the result as a number. False if there is no such result.
bool ncrt_session_scalar(const NcrtSession *session, int entry, const char *name, double *value);

// A variable's elements. Before they are changed, ask for them again after each run: what a run
// keeps of variables for the next it computes anew then.
void *ncrt_session_data(const NcrtSession *session, int variable);

// Runs "initialize" (if there) on its inputs, which may be NULL where it has none; resets the
// metrics, and sets step and epoch to 0.
bool ncrt_session_initialize(NcrtSession *session, const void *const *inputs, NcrtStatus *status);
// The same, without the metrics.
bool ncrt_session_initialize_variables(NcrtSession *session, const void *const *inputs,
                                       NcrtStatus *status);
// Zeroes the metric variables, then runs "initialize_metrics" if there is one, which sets those
// that begin otherwise.
bool ncrt_session_reset_metrics(NcrtSession *session, NcrtStatus *status);

// Counters, passed to the code. The step is that of the run: 1 in the first training step; the
// epoch counts from 0.
int64_t ncrt_session_seed(const NcrtSession *session);
int64_t ncrt_session_step(const NcrtSession *session);
int64_t ncrt_session_epoch(const NcrtSession *session);
void ncrt_session_set_seed(NcrtSession *session, int64_t seed);
void ncrt_session_set_step(NcrtSession *session, int64_t step);
void ncrt_session_set_epoch(NcrtSession *session, int64_t epoch);

#endif
