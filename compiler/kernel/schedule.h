// The scheduler: turns one stored tensor's expression into a kernel of loops, lanes and register
// tiles.
#ifndef NC_KERNEL_SCHEDULE_H
#define NC_KERNEL_SCHEDULE_H

#include "kernel/kir.h"
#include "kernel/target.h"

// A kernel and what it is called with.
typedef struct NcScheduled {
  NcKernel *kernel;
  NcTe **buffers; // storage of the kernel's buffers: results that are stored, then operands
  // The axis along which calls may share the work: its extent (0: there is none), and the size of
  // the blocks that s0 and s1 must bound, but for the last.
  int64_t extent, block;
  // Samples do better together than one after the other: lanes run along them, or each would load
  // all of an operand again. Follows from the tensor alone, never from the target.
  bool by_chunk;
  bool has_samples; // some parallel axis goes over N: calls may share the samples instead
} NcScheduled;

// Of a tensor and its siblings, the first of which is given.
// `storage[id]` is the tensor whose memory the tensor `id` is in: itself, a view's base, or the
// variable that an update overwrites.
// With `slots` the kernel adds to what the result holds, as the slots of a reduction over N do.
NcScheduled nc_schedule(NcTeBuilder *builder, NcTe *te, NcTe *const *storage,
                        const NcTarget *target, bool slots);

// A kernel that writes what changes nothing (0 to a sum) to the row of a slot.
NcScheduled nc_schedule_neutral(NcTeBuilder *builder, NcTe *te, NcTe *const *storage);

// A kernel that writes a tensor's fill to all of its storage for samples n0 … n1.
NcScheduled nc_schedule_fill(NcTeBuilder *builder, NcTe *te, NcTe *const *storage);

#endif
