// Copies tensors to and from doubles.
#include "ops/reference.h"

double *nc_reference_read(NcArena *arena, const NcTensor *tensor) {
  double *values = NC_NEW_ARRAY(arena, double, tensor->count);
  for (int64_t i = 0; i < tensor->count; i++)
    values[i] = nc_tensor_get(tensor, i);
  return values;
}

void nc_reference_write(NcTensor *tensor, const double *values) {
  for (int64_t i = 0; i < tensor->count; i++)
    nc_tensor_set(tensor, i, values[i]);
}
