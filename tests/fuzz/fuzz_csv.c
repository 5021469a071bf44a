// Fuzzes the csv reader: no input may crash it, and what it accepts must be consistent.
#include "csv.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(const NcrtReading *reading, const NcrtArray *array) {
  const NcrtArrayHeader *header = &array->header;
  int64_t values = header->dims[0] * (header->rank == 2 ? header->dims[1] : 1), sum = 0;
  if (header->rank != (reading->one_column ? 1 : 2) || header->dims[0] < 1)
    abort();
  for (int64_t i = 0; i < header->data_bytes; i++)
    sum += ((const uint8_t *)array->data)[i];
  for (int64_t i = 0; i < values && array->classes.count > 0 && header->dtype == NCRT_U8; i++)
    if (((const uint8_t *)array->data)[i] >= array->classes.count)
      abort();
  for (int i = 1; i < array->classes.count; i++)
    if (strcmp(array->classes.items[i - 1], array->classes.items[i]) >= 0)
      abort();
  volatile int64_t used = sum;
  (void)used;
}

// The first byte gives the dtype, whether one column is read or two, the separator, and whether
// classes are listed. Columns are called a and b.
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  static const char *const columns[] = {"a", "b"}, *const classes[] = {"x", "1"};
  if (size < 1)
    return 0;
  bool one = bytes[0] & 8, listed = one && bytes[0] & 32;
  NcrtReading reading = {.reader = "csv",
                         .dtype = (NcrtDtype)((bytes[0] & 7) % 6),
                         .columns = {one ? 1 : 2, columns},
                         .one_column = one,
                         .separator = bytes[0] & 16 ? ';' : ',',
                         .classes = {listed ? 2 : 0, classes}};
  NcrtStatus status = {0};
  NcrtNames names;
  NcrtArray array;
  bool named = ncrt_csv_names_bytes(&reading, "input", bytes + 1, size - 1, &names, &status);
  bool read = ncrt_csv_read_bytes(&reading, "input", bytes + 1, size - 1, &array, &status);
  if ((!read && status.message[0] == 0) || (read && !named))
    abort();
  if (read)
    check(&reading, &array);
  if (read)
    ncrt_array_free(&array);
  ncrt_names_free(&names);
  return 0;
}
