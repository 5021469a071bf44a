// The parts of netc ckpt.
#ifndef NC_DRIVER_CKPT_H
#define NC_DRIVER_CKPT_H

#include "safetensors.h"

// Prints what a file holds, as text or JSON. An exit code, after a line if it is not 0.
int nc_ckpt_show(const NcrtSafetensors *file, bool json);
// Prints in what two files differ. 0 if in nothing, else 1.
int nc_ckpt_diff(const NcrtSafetensors *a, const NcrtSafetensors *b, bool json);

// Element n of a tensor as a number.
double nc_ckpt_element(const NcrtTensor *tensor, int64_t n);

#endif
