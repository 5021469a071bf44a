// The scheduler: turns one stored tensor's expression into a kernel of loops, lanes and register
// tiles.
#ifndef NC_KERNEL_SCHEDULE_H
#define NC_KERNEL_SCHEDULE_H

#include "kernel/kir.h"
#include "kernel/target.h"

// A kernel and what it is called with.
typedef struct NcScheduled {
  NcKernel *kernel;
  NcTe **buffers; // storage of the kernel's buffers, in order; the first is written
  int64_t count;  // the value of `count`
} NcScheduled;

// `storage[id]` is the tensor whose memory the tensor `id` is in: itself, a view's base, or the
// variable that an update overwrites.
// With `slots` the kernel adds to what the result holds, as the slots of a reduction over N do.
NcScheduled nc_schedule(NcTeBuilder *builder, NcTe *te, NcTe *const *storage,
                        const NcTarget *target, bool slots);

// A kernel that writes what changes nothing (0 to a sum) to the row of a slot.
NcScheduled nc_schedule_neutral(NcTeBuilder *builder, NcTe *te);

// A kernel that writes a tensor's fill to all of its storage for samples n0 … n1.
NcScheduled nc_schedule_fill(NcTeBuilder *builder, NcTe *te);

#endif
