// Sums over windows by Winograd's minimal filtering.
#ifndef NC_KERNEL_WINOGRAD_H
#define NC_KERNEL_WINOGRAD_H

#include "kernel/lower.h"

// After skipping, where the user asked for fast mathematics. A sum of products of x and a kernel
// that slides over it with steps of 1, as a convolution, its input's gradient and its kernel's are,
// is computed tile by tile with fewer products, where that is less work. Results differ from the
// sums' by rounding, and what is infinite may become NaN. Decided by shapes alone.
void nc_winograd(NcTensorGraph *graph);

#endif
