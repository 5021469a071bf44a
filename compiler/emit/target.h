// Choosing the processor that code is generated for.
#ifndef NC_EMIT_TARGET_H
#define NC_EMIT_TARGET_H

#include "base/arena.h"
#include "kernel/target.h"

// Fills `target` for a kind of machine, as "aarch64-linux-gnu", and a processor, as "cortex-a72",
// whether or not this machine can run its code. Either may be NULL: a machine alone means the
// plainest of its processors, a processor alone the machine that it is of, neither this machine
// with all its features, as the processor "native" does. False for a name that is not known, or a
// processor that is none of the machine, with the reason in *message. Strings live in the arena.
bool nc_target_select(NcArena *arena, const char *triple, const char *cpu, NcTarget *target,
                      const char **message);
// Makes code for the target compute the same bits as for every other: no BLAS, and fused
// multiply-adds, if need be by a function of the runtime's table.
void nc_target_make_portable(NcTarget *target);
// Lets sums be computed by other ways, with other rounding: Winograd's, and with fused
// multiply-adds wherever a product is added.
void nc_target_make_fast(NcTarget *target);

#endif
