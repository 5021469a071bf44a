// Fuzzes the npy reader: no input may crash it, and every byte of what it accepts can be read.
#include "npy.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  NcrtStatus status = {0};
  NcrtArray array;
  if (!ncrt_npy_read_bytes("input", bytes, size, &array, &status)) {
    if (status.code == NCRT_OK || status.message[0] == 0)
      abort();
    return 0;
  }
  uint8_t sum = 0;
  for (int64_t i = 0; i < array.header.data_bytes; i++)
    sum ^= ((const uint8_t *)array.data)[i];
  volatile uint8_t used = sum;
  (void)used;
  ncrt_array_free(&array);
  return 0;
}
