// Dense tensors in host memory: access by element, with the conversions that the language defines.
#include "ir/tensor.h"

#include <stdlib.h>

NcTensor *nc_tensor_create(NcArena *arena, const NcType *type) {
  if (nc_type_has_batch(type))
    abort();
  NcTensor *tensor = NC_NEW(arena, NcTensor);
  tensor->type = *type;
  tensor->count = nc_type_elements(type).c;
  tensor->data = nc_arena_alloc(arena, (size_t)tensor->count * nc_dtype_size(type->dtype));
  return tensor;
}

// To the nearest of low … high, towards zero; NaN gives 0. `high` + 1 is a power of two, so exact
// as a double.
static int64_t saturate(double value, int64_t low, int64_t high) {
  if (value != value)
    return 0;
  if (value <= (double)low)
    return low;
  if (value >= (double)high)
    return high;
  return (int64_t)value;
}

double nc_tensor_get(const NcTensor *tensor, int64_t i) {
  switch (tensor->type.dtype) {
  case NC_F32:
    return (double)((const float *)tensor->data)[i];
  case NC_F64:
    return ((const double *)tensor->data)[i];
  default:
    return (double)nc_tensor_get_int(tensor, i);
  }
}

int64_t nc_tensor_get_int(const NcTensor *tensor, int64_t i) {
  switch (tensor->type.dtype) {
  case NC_BOOL:
  case NC_U8:
    return ((const uint8_t *)tensor->data)[i];
  case NC_I32:
    return ((const int32_t *)tensor->data)[i];
  case NC_I64:
    return ((const int64_t *)tensor->data)[i];
  default:
    return saturate(nc_tensor_get(tensor, i), INT64_MIN, INT64_MAX);
  }
}

void nc_tensor_set(NcTensor *tensor, int64_t i, double value) {
  switch (tensor->type.dtype) {
  case NC_BOOL:
    ((uint8_t *)tensor->data)[i] = value != 0;
    break;
  case NC_U8:
    ((uint8_t *)tensor->data)[i] = (uint8_t)saturate(value, 0, UINT8_MAX);
    break;
  case NC_I32:
    ((int32_t *)tensor->data)[i] = (int32_t)saturate(value, INT32_MIN, INT32_MAX);
    break;
  case NC_I64:
    ((int64_t *)tensor->data)[i] = saturate(value, INT64_MIN, INT64_MAX);
    break;
  case NC_F32:
    ((float *)tensor->data)[i] = (float)value;
    break;
  case NC_F64:
    ((double *)tensor->data)[i] = value;
    break;
  }
}

void nc_tensor_set_int(NcTensor *tensor, int64_t i, int64_t value) {
  switch (tensor->type.dtype) {
  case NC_BOOL:
    ((uint8_t *)tensor->data)[i] = value != 0;
    break;
  case NC_U8:
    ((uint8_t *)tensor->data)[i] = (uint8_t)value;
    break;
  case NC_I32:
    ((int32_t *)tensor->data)[i] = (int32_t)value;
    break;
  case NC_I64:
    ((int64_t *)tensor->data)[i] = value;
    break;
  case NC_F32:
    ((float *)tensor->data)[i] = (float)value;
    break;
  case NC_F64:
    ((double *)tensor->data)[i] = (double)value;
    break;
  }
}

int64_t nc_tensor_offset(const NcTensor *tensor, const int64_t *index) {
  int64_t offset = 0;
  for (int d = 0; d < tensor->type.rank; d++)
    offset = offset * tensor->type.dims[d].c + index[d];
  return offset;
}

void nc_tensor_index(const NcTensor *tensor, int64_t offset, int64_t *index) {
  for (int d = tensor->type.rank - 1; d >= 0; d--) {
    index[d] = offset % tensor->type.dims[d].c;
    offset /= tensor->type.dims[d].c;
  }
}
