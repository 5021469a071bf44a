// Emitted C as a C compiler makes it, in this process.
#ifndef NC_DRIVER_C_LIBRARY_H
#define NC_DRIVER_C_LIBRARY_H

#include "driver/process.h"
#include "emit/functions.h"
#include "emit/parts.h"

// Compiles what nc_c_entries makes of the entries, and loads it. `compiler` is a command and its
// options, with blanks between; no file is left behind. The functions live no longer than the
// arena.
NcRan nc_c_library(NcArena *arena, const NcEmitEntry *entries, int count, const char *compiler,
                   NcFunctions *functions, NcrtStatus *status);

#endif
