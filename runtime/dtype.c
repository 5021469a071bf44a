// Sizes, names and shapes of values.
#include "dtype.h"

#include <stdio.h>
#include <string.h>

static const struct {
  const char *name;
  int64_t size;
} dtypes[] = {
    [NCRT_BOOL] = {"bool", 1}, [NCRT_U8] = {"u8", 1},   [NCRT_I32] = {"i32", 4},
    [NCRT_I64] = {"i64", 8},   [NCRT_F32] = {"f32", 4}, [NCRT_F64] = {"f64", 8},
};

int64_t ncrt_dtype_size(NcrtDtype dtype) { return dtypes[dtype].size; }
const char *ncrt_dtype_name(NcrtDtype dtype) { return dtypes[dtype].name; }

bool ncrt_dtype_counts(NcrtDtype dtype, int64_t count) {
  static const int64_t last[] = {
      [NCRT_BOOL] = 1,        [NCRT_U8] = UINT8_MAX, [NCRT_I32] = INT32_MAX,
      [NCRT_I64] = INT64_MAX, [NCRT_F32] = -1,       [NCRT_F64] = -1,
  };
  return count - 1 <= last[dtype];
}

bool ncrt_dims_product(const int64_t *dims, int rank, int first, int64_t *product) {
  int64_t result = 1;
  for (int d = first; d < rank; d++)
    if (dims[d] < 0 || __builtin_mul_overflow(result, dims[d], &result) ||
        result > INT64_C(1) << 62)
      return false;
  *product = result;
  return true;
}

int64_t ncrt_shape_elements(const NcrtShape *shape, int64_t batch) {
  int64_t elements = shape->batched ? batch : 1;
  for (int d = shape->batched ? 1 : 0; d < shape->rank; d++)
    elements *= shape->dims[d];
  return elements;
}

int64_t ncrt_shape_bytes(const NcrtShape *shape, int64_t batch) {
  return ncrt_shape_elements(shape, batch) * ncrt_dtype_size(shape->dtype);
}

const char *ncrt_shape_print(char *buffer, size_t size, const NcrtShape *shape) {
  size_t used = (size_t)snprintf(buffer, size, "%s[", ncrt_dtype_name(shape->dtype));
  for (int d = 0; d < shape->rank && used < size; d++) {
    const char *comma = d > 0 ? ", " : "";
    if (d == 0 && shape->batched)
      used += (size_t)snprintf(buffer + used, size - used, "N");
    else
      used +=
          (size_t)snprintf(buffer + used, size - used, "%s%lld", comma, (long long)shape->dims[d]);
  }
  if (used < size)
    snprintf(buffer + used, size - used, "]");
  return buffer;
}

bool ncrt_shape_equal(const NcrtShape *a, const NcrtShape *b) {
  return a->dtype == b->dtype && a->rank == b->rank &&
         memcmp(a->dims, b->dims, (size_t)a->rank * sizeof *a->dims) == 0;
}
