// Linking objects for browsers.
#ifndef NC_DRIVER_LINK_H
#define NC_DRIVER_LINK_H

#include "base/arena.h"
#include "code.h"
#include "status.h"

// Makes an object for wasm32 a module that needs nothing from outside: it exports its memory, the
// named functions (up to a NULL), and `__heap_base`, where `heap` bytes begin that are the
// caller's. wasm-ld of LLVM does it, as another process; no file is left behind. The module lives
// in the arena.
bool nc_link_wasm(NcArena *arena, const NcrtObject *object, const char *const *functions,
                  int64_t heap, NcrtObject *module, NcrtStatus *status);

#endif
