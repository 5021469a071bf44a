// What references of sums compute on: whole tensors as doubles, and sums of elements.
#ifndef NC_OPS_REFERENCE_H
#define NC_OPS_REFERENCE_H

#include "ir/op.h"

// The elements of a tensor of floats, in `arena`.
double *nc_reference_read(NcArena *arena, const NcTensor *tensor);
// Rounds tensor->count values to the tensor's dtype.
void nc_reference_write(NcTensor *tensor, const double *values);

// Sums for the elements of a result of numbers, from zero on: floats in double, integers wrapping.
typedef struct NcSums {
  NcTensor *result;
  double *floats; // NULL where integers are summed in the result itself
} NcSums;

NcSums nc_sums_begin(NcEval *eval);
// Adds element j of `x`, of the result's dtype, to sum i.
void nc_sums_add(NcSums *sums, int64_t i, const NcTensor *x, int64_t j);
void nc_sums_end(NcSums *sums);

#endif
