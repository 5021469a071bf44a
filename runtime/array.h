// Arrays that were read from data files, and names that stand in such files.
#ifndef NCRT_ARRAY_H
#define NCRT_ARRAY_H

#include "abi.h"
#include "file.h"

typedef struct NcrtArrayHeader {
  NcrtDtype dtype;
  int rank;                    // 1 … NCRT_MAX_RANK
  int64_t dims[NCRT_MAX_RANK]; // each at least 1
  int64_t data_offset;         // of the first element in the file, which holds the elements in the
                               // array's order and size; -1 if it holds them in another way
  int64_t data_bytes;
} NcrtArrayHeader;

// Strings that own their memory.
typedef struct NcrtNames {
  int count;
  char **items;
} NcrtNames;

// Copies `length` bytes and a final 0 to the end of the names.
bool ncrt_names_add(NcrtNames *names, const char *name, size_t length, NcrtStatus *status);
// The number of a name, or -1.
int ncrt_names_find(const NcrtNames *names, const char *name);
void ncrt_names_free(NcrtNames *names);

// An array in memory: native byte order, dense, row-major.
typedef struct NcrtArray {
  char *name; // of the file, for messages
  NcrtArrayHeader header;
  const void *data;  // NULL where only the header was read
  NcrtNames classes; // what the values count, by number; none if they are plain numbers
  NcrtFile file;     // what an uncompressed file's bytes are mapped from; else empty
  void *owned;       // what others are read into; else NULL
} NcrtArray;

// Begins an array of a file; what `array` held is forgotten.
bool ncrt_array_open(NcrtArray *array, const char *name, NcrtStatus *status);
// Sets the size in bytes from dtype and dimensions. Fails if it leaves 62 bits.
bool ncrt_array_size(NcrtArrayHeader *header);
// Checks that a file of `size` bytes ends where its header promises, at `end`.
bool ncrt_array_check_end(const char *name, const NcrtArrayHeader *header, uint64_t end,
                          uint64_t size, NcrtStatus *status);
// Memory for header.data_bytes.
bool ncrt_array_allocate(NcrtArray *array, NcrtStatus *status);
// Stores an integer that the dtype (bool or an integer) holds.
void ncrt_array_store(NcrtArray *array, int64_t index, int64_t value);
void ncrt_array_free(NcrtArray *array);

#endif
