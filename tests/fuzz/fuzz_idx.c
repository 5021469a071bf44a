// Fuzzes the idx reader with uncompressed and compressed files: no input may crash it, and what it
// accepts must be consistent.
#include "idx.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  NcrtStatus status = {0};
  NcrtArrayHeader header;
  NcrtArray array;
  bool header_good = ncrt_idx_header_bytes("input", bytes, size, &header, &status);
  if (!header_good && (status.code == NCRT_OK || status.message[0] == 0))
    abort();
  if (!ncrt_idx_read_bytes("input", bytes, size, &array, &status))
    return 0;
  if (!header_good || memcmp(&header, &array.header, sizeof header) != 0)
    abort();
  uint8_t sum = 0;
  for (int64_t i = 0; i < header.data_bytes; i++)
    sum ^= ((const uint8_t *)array.data)[i];
  volatile uint8_t used = sum;
  (void)used;
  ncrt_array_free(&array);
  return 0;
}
