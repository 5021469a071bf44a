// What machine code depends on, as a hash: equal keys mean equal code.
#ifndef NC_EMIT_KEY_H
#define NC_EMIT_KEY_H

#include "base/hash.h"
#include "emit/parts.h"

// Over the build of netc and of LLVM, the target and, if that is native, this machine's processor,
// and the full text of the entries' plans and kernels. Needs no LLVM.
NcHash nc_code_key(NcArena *arena, const NcEmitEntry *entries, int count, const NcTarget *target);

#endif
