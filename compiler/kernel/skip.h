// Sums that skip zeros which are known to be there.
#ifndef NC_KERNEL_SKIP_H
#define NC_KERNEL_SKIP_H

#include "kernel/lower.h"

// After fusion. The gradient of a maximum over windows is zero in all of a window but for one
// element, whose number in the window another tensor holds. Sums over such a tensor are rewritten
// to go through the windows alone, each with its one element, where that is less work; what they
// multiply it with is read at the element's place. What is skipped is terms that are zero, so
// results are equal but for the order of the terms. Decided by shapes alone, never by the target.
void nc_skip(NcTensorGraph *graph);

#endif
