// Fuzzes the npz reader: every array that an archive names is read; none may crash it, and a header
// that is read alone must be that of the whole.
#include "npz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_array(const char *name, const uint8_t *bytes, size_t size) {
  NcrtReading reading = {.reader = "npz", .array = name};
  NcrtStatus status = {0};
  NcrtArray header, array;
  bool told = ncrt_npz_read_bytes(&reading, "input", bytes, size, false, &header, &status);
  bool read = ncrt_npz_read_bytes(&reading, "input", bytes, size, true, &array, &status);
  if ((!read && status.message[0] == 0) || (read && !told))
    abort();
  if (read && memcmp(&header.header, &array.header, sizeof header.header) != 0)
    abort();
  if (told)
    ncrt_array_free(&header);
  if (read)
    ncrt_array_free(&array);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  NcrtStatus status = {0};
  NcrtNames names;
  if (!ncrt_npz_names_bytes("input", bytes, size, &names, &status)) {
    if (status.message[0] == 0)
      abort();
    return 0;
  }
  for (int i = 0; i < names.count && i < 4; i++)
    read_array(names.items[i], bytes, size);
  ncrt_names_free(&names);
  return 0;
}
