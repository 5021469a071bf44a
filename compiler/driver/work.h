// What a plan computes, in words and numbers.
#ifndef NC_DRIVER_WORK_H
#define NC_DRIVER_WORK_H

#include "kernel/plan.h"

// Floating-point operations as written, counting a multiplication and an addition as two; exact in
// N.
NcDim nc_work_flops(const NcTe *te);
// Whether it is a sum of products.
bool nc_work_is_product(const NcTe *te);
// The same of all that a call computes.
NcDim nc_work_call_flops(const NcCall *call);
// What a tensor is: an operator, "update", or its role.
const char *nc_work_name(const NcPlan *plan, const NcTe *te);
// How a call computes: "BLAS", "tile 14x16" (so many accumulators of so many lanes), or "loop".
const char *nc_work_how(NcArena *arena, const NcCall *call);
// A target: "native (64-byte vectors, fused multiply-add)".
const char *nc_work_target(NcArena *arena, const NcTarget *target);

#endif
