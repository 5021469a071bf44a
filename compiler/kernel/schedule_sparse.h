// Loops of sums that are sparse.
#ifndef NC_KERNEL_SCHEDULE_SPARSE_H
#define NC_KERNEL_SCHEDULE_SPARSE_H

#include "kernel/schedule_expr.h"

// Adds the loops over the reduced axes of a sparse nest, at a place where the accumulators of the
// tile are set, for the vector at work.
void nc_sched_sparse(NcSched *s);

#endif
