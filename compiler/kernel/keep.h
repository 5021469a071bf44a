// What a chunk of samples keeps.
#ifndef NC_KERNEL_KEEP_H
#define NC_KERNEL_KEEP_H

#include "kernel/lower.h"
#include "kernel/target.h"

// After layout. Between kernels that take a chunk of samples at once, as products with large
// operands do, a sample goes through all kernels before the next. What is needed again behind such
// a kernel is kept for every sample of the chunk. So what is small is computed early, if what it is
// computed from then need not be kept, and what is cheap is computed again. Results are the same
// bits.
void nc_keep(NcTensorGraph *graph, const NcTarget *target);

#endif
