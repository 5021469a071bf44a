// Whole tensors as doubles: what references of sums of products compute on.
#ifndef NC_OPS_REFERENCE_H
#define NC_OPS_REFERENCE_H

#include "ir/tensor.h"

// The elements of a tensor of floats, in `arena`.
double *nc_reference_read(NcArena *arena, const NcTensor *tensor);
// Rounds tensor->count values to the tensor's dtype.
void nc_reference_write(NcTensor *tensor, const double *values);

#endif
