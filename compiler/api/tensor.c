// Tensors between the caller and the runtime.
#include "api/api.h"

#include "dtype.h"

#include <string.h>

_Static_assert((int)NETC_BOOL == (int)NCRT_BOOL && (int)NETC_F64 == (int)NCRT_F64 &&
                   NETC_MAX_RANK == NCRT_MAX_RANK,
               "dtypes are the runtime's");
_Static_assert((int)NETC_PARAM == (int)NCRT_PARAM && (int)NETC_BUFFER == (int)NCRT_BUFFER,
               "kinds are the runtime's");

static bool is_dtype(NetcDtype dtype) { return dtype >= NETC_BOOL && dtype <= NETC_F64; }

const char *netc_dtype_name(NetcDtype dtype) {
  return is_dtype(dtype) ? ncrt_dtype_name((NcrtDtype)dtype) : "?";
}

int64_t netc_dtype_size(NetcDtype dtype) {
  return is_dtype(dtype) ? ncrt_dtype_size((NcrtDtype)dtype) : 0;
}

int64_t netc_elements(const NetcTensor *tensor) {
  int64_t count = 1;
  for (int d = 0; d < tensor->rank && d < NETC_MAX_RANK; d++)
    count *= tensor->dims[d];
  return count;
}

NetcTensor nc_api_type(const NcrtShape *shape) {
  NetcTensor type = {.dtype = (NetcDtype)shape->dtype, .rank = shape->rank};
  for (int d = 0; d < shape->rank; d++)
    type.dims[d] = shape->batched && d == 0 ? -1 : shape->dims[d];
  return type;
}

static bool same_type(const NetcTensor *tensor, const NcrtShape *shape) {
  bool same = (int)tensor->dtype == (int)shape->dtype && tensor->rank == shape->rank;
  for (int d = shape->batched ? 1 : 0; same && d < shape->rank; d++)
    same = tensor->dims[d] == shape->dims[d];
  return same;
}

static const char *print(char *buffer, size_t size, const NetcTensor *tensor) {
  NcrtShape shape = {.dtype = (NcrtDtype)tensor->dtype, .rank = tensor->rank};
  memcpy(shape.dims, tensor->dims, sizeof shape.dims);
  return ncrt_shape_print(buffer, size, &shape);
}

// A byte of a bool that is neither 0 nor 1 would break what generated code relies on.
static bool check_bools(const NetcTensor *tensor, const char *what, const char *name,
                        NetcStatus *status) {
  int64_t count = tensor->dtype == NETC_BOOL ? netc_elements(tensor) : 0;
  for (int64_t i = 0; i < count; i++)
    if (((const uint8_t *)tensor->data)[i] > 1)
      return nc_api_fail(status, NETC_BAD_INPUT, "%s %s: element %lld is %d; a bool is 0 or 1",
                         what, name, (long long)i, ((const uint8_t *)tensor->data)[i]);
  return true;
}

bool nc_api_check_tensor(const NetcTensor *tensor, const NcrtShape *shape, const char *what,
                         const char *name, NetcStatus *status) {
  char given[200], needed[200];
  if (!is_dtype(tensor->dtype) || tensor->rank < 0 || tensor->rank > NETC_MAX_RANK)
    return nc_api_fail(status, NETC_BAD_INPUT, "%s %s: a tensor has no dtype %d with rank %d", what,
                       name, (int)tensor->dtype, tensor->rank);
  if (!same_type(tensor, shape))
    return nc_api_fail(status, NETC_BAD_INPUT, "%s %s is %s, but %s is given", what, name,
                       ncrt_shape_print(needed, sizeof needed, shape),
                       print(given, sizeof given, tensor));
  if (!tensor->data)
    return nc_api_fail(status, NETC_BAD_INPUT, "%s %s: the data are missing", what, name);
  if (shape->batched && tensor->dims[0] < 1)
    return nc_api_fail(status, NETC_BAD_INPUT,
                       "%s %s: %lld samples are given; 1 or more are needed", what, name,
                       (long long)tensor->dims[0]);
  int64_t elements;
  if (!ncrt_dims_product(tensor->dims, tensor->rank, 0, &elements) || elements > INT64_C(1) << 44)
    return nc_api_fail(status, NETC_BAD_INPUT, "%s %s: %s is more than any machine holds", what,
                       name, print(given, sizeof given, tensor));
  return check_bools(tensor, what, name, status);
}
