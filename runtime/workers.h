// A few threads that share the pieces of a job. They sleep between jobs.
#ifndef NCRT_WORKERS_H
#define NCRT_WORKERS_H

#include "status.h"

#include <stdbool.h>
#include <stdint.h>

#define NCRT_MAX_THREADS 256

typedef struct NcrtWorkers NcrtWorkers;

// `count` workers, the caller's thread being number 0: count - 1 threads are started.
bool ncrt_workers_open(int count, NcrtWorkers **workers, NcrtStatus *status);
void ncrt_workers_close(NcrtWorkers *workers); // NULL is allowed
int ncrt_workers_count(const NcrtWorkers *workers);

// Calls job(context, worker, piece) once for each piece 0 … pieces-1, each on some worker, and
// returns when all are done. Worker w starts with the w-th share of the pieces, all shares being
// about as large, and helps others when it is through; so a piece is mostly run by the same worker,
// but that is not certain.
void ncrt_workers_run(NcrtWorkers *workers, int64_t pieces,
                      void (*job)(void *context, int worker, int64_t piece), void *context);

// How many processors this process may run on.
int ncrt_processor_count(void);

#endif
