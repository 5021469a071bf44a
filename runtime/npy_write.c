// Writes NumPy's array files.
#include "npy.h"

#include "dtype.h"

#include <stdio.h>
#include <string.h>

// Version 1: 6 magic bytes, 2 of the version, 2 of the header's length, the header, which ends with
// a new line and makes the whole a multiple of 64 bytes.
enum { PREFIX = 10, ALIGNMENT = 64 };

static const char *descriptor(NcrtDtype dtype) {
  static const char *const names[] = {[NCRT_BOOL] = "|b1", [NCRT_U8] = "|u1",  [NCRT_I32] = "<i4",
                                      [NCRT_I64] = "<i8",  [NCRT_F32] = "<f4", [NCRT_F64] = "<f8"};
  return names[dtype];
}

bool ncrt_npy_write(const char *path, const NcrtShape *shape, int64_t batch, const void *data,
                    NcrtStatus *status) {
  char dims[NCRT_MAX_RANK * 22 + 1] = "", header[512];
  for (int d = 0; d < shape->rank; d++) {
    size_t length = strlen(dims);
    snprintf(dims + length, sizeof dims - length, "%s%lld%s", d ? " " : "",
             (long long)(d == 0 && shape->batched ? batch : shape->dims[d]),
             shape->rank == 1 || d + 1 < shape->rank ? "," : "");
  }
  int length =
      snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }",
               descriptor(shape->dtype), dims);
  int padded = (PREFIX + length + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - PREFIX;
  memset(header + length, ' ', (size_t)(padded - length - 1));
  header[padded - 1] = '\n';
  const uint8_t prefix[PREFIX] = {
      0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (uint8_t)(padded & 255), (uint8_t)(padded >> 8)};
  const NcrtPart parts[] = {
      {prefix, PREFIX}, {header, (size_t)padded}, {data, (size_t)ncrt_shape_bytes(shape, batch)}};
  return ncrt_file_replace(path, parts, 3, status);
}
