// How the runtime reports errors: a status that is filled, one clear message, nothing printed.
#ifndef NCRT_STATUS_H
#define NCRT_STATUS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum NcrtCode {
  NCRT_OK = 0,
  NCRT_BAD_INPUT = 1,     // what the user gave is wrong: a file, a name, a value
  NCRT_MACHINE_FAILED = 3 // memory, a disk, a device
} NcrtCode;

// Functions that can fail take a status, return true or a value on success, and on failure fill the
// status and return false. Success leaves the status alone.
typedef struct NcrtStatus {
  NcrtCode code;
  char message[1000]; // one line without its newline: what is wrong, where, and what to do
} NcrtStatus;

// Fills the status and returns false. A message that is too long is cut.
__attribute__((format(printf, 3, 4))) bool ncrt_fail(NcrtStatus *status, NcrtCode code,
                                                     const char *format, ...);
// "out of memory: cannot allocate … bytes for WHAT".
bool ncrt_fail_memory(NcrtStatus *status, size_t bytes, const char *what);

// Copies text that comes from a file into a buffer of `size` bytes so that a terminal can show it:
// control characters become '?', and what is too long ends in "...". Returns the buffer.
const char *ncrt_printable(char *buffer, size_t size, const char *text);

#endif
