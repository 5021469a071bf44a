// Fills statuses.
#include "status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool ncrt_fail(NcrtStatus *status, NcrtCode code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  status->code = code;
  vsnprintf(status->message, sizeof status->message, format, arguments);
  va_end(arguments);
  return false;
}

bool ncrt_fail_memory(NcrtStatus *status, size_t bytes, const char *what) {
  return ncrt_fail(status, NCRT_MACHINE_FAILED, "out of memory: cannot allocate %zu bytes for %s",
                   bytes, what);
}

const char *ncrt_printable(char *buffer, size_t size, const char *text) {
  size_t length = 0;
  for (; text[length] != 0 && length + 1 < size; length++) {
    unsigned char c = (unsigned char)text[length];
    buffer[length] = c < 0x20 || c == 0x7f ? '?' : text[length];
  }
  buffer[length] = 0;
  if (text[length] != 0 && length >= 3)
    memcpy(buffer + length - 3, "...", 3);
  return buffer;
}
