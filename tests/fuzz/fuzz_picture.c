// Fuzzes the decoding of pictures: no input may crash it, and it writes every pixel of what it
// accepts.
#include "picture.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  NcrtStatus status = {0};
  NcrtPicture picture;
  if (!ncrt_picture_header("input", bytes, size, &picture, &status)) {
    if (status.message[0] == 0)
      abort();
    return 0;
  }
  size_t count = (size_t)(picture.height * picture.width * picture.channels);
  if (count > 1 << 20)
    return 0;
  uint8_t *pixels = malloc(count), sum = 0;
  if (ncrt_picture_read("input", bytes, size, &picture, pixels, &status))
    for (size_t i = 0; i < count; i++)
      sum ^= pixels[i];
  else if (status.message[0] == 0)
    abort();
  volatile uint8_t used = sum;
  (void)used;
  free(pixels);
  return 0;
}
