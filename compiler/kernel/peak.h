// A plan that does nothing but multiply-adds: how many the processor can do at most.
#ifndef NC_KERNEL_PEAK_H
#define NC_KERNEL_PEAK_H

#include "kernel/plan.h"

// One phase, whose run takes as many rounds as its batch says, each of *flops operations of the
// dtype, a float. They are on registers alone, in chains that do not wait for each other; fused
// where the target can. The graph is one of the module, and otherwise not looked at.
NcPlan *nc_peak_plan(NcArena *arena, const NcGraph *graph, const NcTarget *target, NcDtype dtype,
                     int64_t *flops);

#endif
