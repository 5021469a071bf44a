// See reference.h.
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

NcSums nc_sums_begin(NcEval *eval) {
  NcSums sums = {.result = eval->result};
  if (nc_dtype_is_float(eval->result->type.dtype))
    sums.floats = NC_NEW_ARRAY(eval->arena, double, eval->result->count + 1);
  for (int64_t i = 0; !sums.floats && i < eval->result->count; i++)
    nc_tensor_set_int(eval->result, i, 0);
  return sums;
}

void nc_sums_add(NcSums *sums, int64_t i, const NcTensor *x, int64_t j) {
  if (sums->floats) {
    sums->floats[i] += nc_tensor_get(x, j);
    return;
  }
  uint64_t sum = (uint64_t)nc_tensor_get_int(sums->result, i) + (uint64_t)nc_tensor_get_int(x, j);
  nc_tensor_set_int(sums->result, i, (int64_t)sum);
}

void nc_sums_end(NcSums *sums) {
  if (sums->floats)
    nc_reference_write(sums->result, sums->floats);
}
