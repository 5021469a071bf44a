// Machine code for entries, from the cache or made now.
#ifndef NC_DRIVER_CODE_H
#define NC_DRIVER_CODE_H

#include "driver/load.h"
#include "emit/jit.h"

// The entries' code, loaded. The code generator is needed only if the cache has none. NULL on
// failure, with one line in *message.
NcJit *nc_unit_code(NcUnit *unit, const NcEmitEntry *entries, int count, const NcTarget *target,
                    const char **message);

#endif
