// What a network makes of nothing.
#ifndef NC_KERNEL_QUIET_H
#define NC_KERNEL_QUIET_H

#include "kernel/lower.h"
#include "kernel/target.h"

// What is still is computed for so many samples at least, where it does not stay between runs.
#define NC_QUIET_BATCH 16

// After nc_keep. A convolution sees a part of the input; where that is zero, as the ground of a
// drawing is, its result is that of an input of zeros alone, whatever the sample. So that is
// computed once, and sums of products get a map of where they are busy: there alone they have to be
// computed (NcTe.busy). Results are the same bits. `changes` tells whether the graph changes params
// or states, or else what hangs on those alone may stay from one run to the next.
// Gives how many samples a run has to have for what is computed of zeros to be needed.
int64_t nc_quiet(NcTensorGraph *graph, const NcTarget *target, bool changes);

#endif
