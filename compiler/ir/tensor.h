// Dense tensors in host memory, row-major: what the reference evaluation works on.
#ifndef NC_IR_TENSOR_H
#define NC_IR_TENSOR_H

#include "ir/type.h"

typedef struct NcTensor {
  NcType type; // no N
  int64_t count;
  void *data; // count elements; bool is one byte, 0 or 1
} NcTensor;

// A zeroed tensor of the type, which must not mention N.
NcTensor *nc_tensor_create(NcArena *arena, const NcType *type);
// Element i in row-major order. Floats as double (f32 exactly), integers and bools as int64_t; each
// accessor converts as a C cast would where the dtype is of the other kind. The setters of a
// float round to the dtype; nc_tensor_set of an integer dtype saturates (NaN gives 0).
double nc_tensor_get(const NcTensor *tensor, int64_t i);
int64_t nc_tensor_get_int(const NcTensor *tensor, int64_t i);
void nc_tensor_set(NcTensor *tensor, int64_t i, double value);
void nc_tensor_set_int(NcTensor *tensor, int64_t i, int64_t value);
// Row-major offset of an index vector, and back.
int64_t nc_tensor_offset(const NcTensor *tensor, const int64_t *index);
void nc_tensor_index(const NcTensor *tensor, int64_t offset, int64_t *index);

#endif
