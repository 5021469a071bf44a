// The calls that generated code may make.
#ifndef NCRT_TABLE_H
#define NCRT_TABLE_H

#include "abi.h"

// The table of this build: products go to OpenBLAS, which is told to use one thread, as the
// runtime's own workers are the only parallelism. Sizes of a product must fit a 32-bit integer.
const NcrtTable *ncrt_table(void);

// The monotonic clock that laps are told by.
int64_t ncrt_nanoseconds(void);

#endif
