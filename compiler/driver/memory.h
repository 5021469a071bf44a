// How much memory a program needs, and the limit of --max-memory.
#ifndef NC_DRIVER_MEMORY_H
#define NC_DRIVER_MEMORY_H

#include "driver/load.h"
#include "emit/parts.h"

// What entries need, in bytes, exact in the batch and the threads: variables, values, and the batch
// itself. Data sets and the compiler come on top.
typedef struct NcMemory {
  int64_t fixed, sample, thread;
} NcMemory;

NcMemory nc_memory_of(const NcModule *module, const NcEmitEntry *entries, int count);
int64_t nc_memory_bytes(const NcMemory *memory, int64_t batch, int64_t threads);

// False after an error (E0504) if the entries need more than `limit` bytes; -1 is no limit.
bool nc_memory_check(NcUnit *unit, const NcEmitEntry *entries, int count, int64_t batch,
                     int64_t threads, int64_t limit);

#endif
