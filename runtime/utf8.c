// Checks UTF-8.
#include "utf8.h"

#include <string.h>

size_t ncrt_utf8_character(const uint8_t *at, const uint8_t *end) {
  size_t length = *at < 0x80   ? 1
                  : *at < 0xc2 ? 0
                  : *at < 0xe0 ? 2
                  : *at < 0xf0 ? 3
                  : *at < 0xf5 ? 4
                               : 0;
  if (length == 0 || (size_t)(end - at) < length)
    return 0;
  for (size_t i = 1; i < length; i++)
    if ((at[i] & 0xc0) != 0x80)
      return 0;
  bool overlong = (*at == 0xe0 && at[1] < 0xa0) || (*at == 0xf0 && at[1] < 0x90);
  bool surrogate = *at == 0xed && at[1] >= 0xa0, beyond = *at == 0xf4 && at[1] >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

bool ncrt_utf8_check(const char *text) {
  const uint8_t *at = (const uint8_t *)text, *end = at + strlen(text);
  size_t length = 1;
  for (; at < end && length > 0; at += length)
    length = ncrt_utf8_character(at, end);
  return length > 0;
}
