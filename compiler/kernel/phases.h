// Phases: which values can be computed chunk by chunk of the batch, and in what order.
//
// A graph runs as stages. A stage is first what is computed once (invariant and whole-batch
// values), then everything per sample, chunk by chunk: a worker takes a few samples through all of
// the stage's kernels, forward and backward, while their values are in cache. Sums over the batch
// go into slots, partial sums that a fixed run of chunks adds to in order; the next stage begins by
// folding the slots in order. So the bytes do not depend on the number of workers.
#ifndef NC_KERNEL_PHASES_H
#define NC_KERNEL_PHASES_H

#include "kernel/lower.h"
#include "kernel/target.h"

typedef enum NcClass {
  NC_CLASS_INVARIANT, // does not depend on N
  NC_CLASS_SAMPLE,    // row n depends only on rows n
  NC_CLASS_REDUCED,   // a partial sum (or maximum, minimum) over N, in slots
  NC_CLASS_WHOLE, // mixes samples in any other way, or is a large sum over N alone: computed once
                  // from the whole batch
} NcClass;

const char *nc_class_name(NcClass class);
// Whether values of the class are computed chunk by chunk.
bool nc_class_is_chunked(NcClass class);

// By tensor id.
typedef struct NcPhases {
  NcClass *classes;
  int *stages;
  int stage_count;
} NcPhases;

// How many slots a graph has, and how many samples a chunk: part of the meaning of a program, as
// they fix the order of sums.
#define NC_SLOTS 16
#define NC_CHUNK 16

// After fusion and layout. Splits each reduced tensor into its slots, a tensor of class
// REDUCED and type [target->slots, elements] of which a kernel writes one row, and the fold of
// them, which keeps its id. Of the target only `blas`, `cuts` and `slots` matter, never the
// processor.
NcPhases nc_phases(NcTensorGraph *graph, const NcTarget *target);

#endif
