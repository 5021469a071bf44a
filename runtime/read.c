// The readers by name.
#include "read.h"

#include "csv.h"
#include "idx.h"
#include "images.h"
#include "npy.h"
#include "npz.h"

#include <string.h>

static bool read_idx(const NcrtReading *reading, const char *path, bool data, NcrtArray *array,
                     NcrtStatus *status) {
  (void)reading;
  if (data)
    return ncrt_idx_read(path, array, status);
  return ncrt_array_open(array, path, status) && ncrt_idx_header(path, &array->header, status);
}

// The names that the program gives to the numbers.
static bool read_classes(const NcrtReading *reading, NcrtArray *array, NcrtStatus *status) {
  for (int i = 0; i < reading->classes.count; i++)
    if (!ncrt_names_add(&array->classes, reading->classes.items[i],
                        strlen(reading->classes.items[i]), status))
      return false;
  return true;
}

static const struct {
  const char *name;
  bool (*read)(const NcrtReading *reading, const char *path, bool data, NcrtArray *array,
               NcrtStatus *status);
  // The names from which a reading chooses; or NULL.
  bool (*names)(const NcrtReading *reading, const char *path, NcrtNames *names, NcrtStatus *status);
} readers[] = {
    {"csv", ncrt_csv_read, ncrt_csv_names}, {"idx", read_idx, NULL},
    {"images", ncrt_images_read, NULL},     {"labels", ncrt_labels_read, NULL},
    {"npy", ncrt_npy_read, NULL},           {"npz", ncrt_npz_read, ncrt_npz_names},
};

static int find_reader(const NcrtReading *reading, NcrtStatus *status) {
  for (int i = 0; i < (int)(sizeof readers / sizeof *readers); i++)
    if (strcmp(readers[i].name, reading->reader) == 0)
      return i;
  ncrt_fail(status, NCRT_BAD_INPUT, "there is no reader '%s'", reading->reader);
  return -1;
}

bool ncrt_read(const NcrtReading *reading, const char *path, bool data, NcrtArray *array,
               NcrtStatus *status) {
  *array = (NcrtArray){0};
  int number = find_reader(reading, status);
  if (number >= 0 && readers[number].read(reading, path, data, array, status) &&
      read_classes(reading, array, status))
    return true;
  ncrt_array_free(array);
  return false;
}

bool ncrt_read_names(const NcrtReading *reading, const char *path, const char **missing,
                     NcrtNames *names, NcrtStatus *status) {
  *missing = NULL;
  *names = (NcrtNames){0};
  int number = find_reader(reading, status);
  if (number < 0)
    return false;
  if (readers[number].names == NULL)
    return true;
  if (!readers[number].names(reading, path, names, status))
    return false;
  NcrtStrings array = {1, &reading->array};
  const NcrtStrings *wanted = reading->array != NULL ? &array : &reading->columns;
  for (int i = 0; i < wanted->count && *missing == NULL; i++)
    if (ncrt_names_find(names, wanted->items[i]) < 0)
      *missing = wanted->items[i];
  if (*missing == NULL)
    ncrt_names_free(names);
  return true;
}
