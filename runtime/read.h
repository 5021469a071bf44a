// Reads what a data set asks of a data file, whatever its format.
#ifndef NCRT_READ_H
#define NCRT_READ_H

#include "array.h"

typedef struct NcrtStrings {
  int count;
  const char *const *items;
} NcrtStrings;

// `csv("iris.csv", column = "species")`: a reader and its settings. The strings belong to the
// caller.
typedef struct NcrtReading {
  const char *reader;  // "csv", "idx", "images", "labels", "npy" or "npz"
  NcrtDtype dtype;     // csv, labels: of the array; the others have what their files hold
  NcrtStrings columns; // csv
  bool one_column;     // csv: the one column's values are samples: [N] instead of [N, 1]
  char separator;      // csv
  const char *array;   // npz
  NcrtStrings classes; // names by class number; none where the file gives them or has numbers
} NcrtReading;

// Reads a file (for images and labels a folder). Where `data` is false, the data may be left out
// (NULL) if the rest can be had without.
bool ncrt_read(const NcrtReading *reading, const char *path, bool data, NcrtArray *array,
               NcrtStatus *status);

// Finds a name that a reading asks for and its file does not have: *missing is NULL, or a column
// of a csv file or an array of an npz file; then `names` are those that there are, else none.
bool ncrt_read_names(const NcrtReading *reading, const char *path, const char **missing,
                     NcrtNames *names, NcrtStatus *status);

#endif
