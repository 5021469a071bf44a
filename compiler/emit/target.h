// Choosing the processor that code is generated for.
#ifndef NC_EMIT_TARGET_H
#define NC_EMIT_TARGET_H

#include "base/arena.h"
#include "kernel/target.h"

// Fills `target` for a processor by name: "native" (this machine, features detected), or a level of
// x86-64 ("x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4"), whether or not this machine can run its
// code. False for a name that is not known, with the reason in *message. Strings live in the arena.
bool nc_target_select(NcArena *arena, const char *name, NcTarget *target, const char **message);
// The virtual processor of browsers, in their arithmetic or, if the target was portable, in that.
void nc_target_select_wasm(NcTarget *target);
// Makes code for the target compute the same bits as for every other: no BLAS, and fused
// multiply-adds, if need be by a function of the runtime's table.
void nc_target_make_portable(NcTarget *target);

#endif
