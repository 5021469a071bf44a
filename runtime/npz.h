// Reads arrays of NumPy's archives: zip files of npy files, stored or deflated.
#ifndef NCRT_NPZ_H
#define NCRT_NPZ_H

#include "read.h"

bool ncrt_npz_read(const NcrtReading *reading, const char *path, bool data, NcrtArray *array,
                   NcrtStatus *status);
// The arrays that there are.
bool ncrt_npz_names(const NcrtReading *reading, const char *path, NcrtNames *names,
                    NcrtStatus *status);
// The same from memory.
bool ncrt_npz_read_bytes(const NcrtReading *reading, const char *name, const uint8_t *bytes,
                         size_t size, bool data, NcrtArray *array, NcrtStatus *status);
bool ncrt_npz_names_bytes(const char *name, const uint8_t *bytes, size_t size, NcrtNames *names,
                          NcrtStatus *status);

#endif
