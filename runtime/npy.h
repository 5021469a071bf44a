// Reads NumPy's array files (numpy.lib.format, versions 1 to 3): the magic bytes, a version, the
// length of the header, the header as a Python dictionary, then the elements.
//
// Elements of bool, u8, i32, i64, f32 and f64 are taken as they are; i8, i16 and u16 become i32,
// u32 becomes i64, f16 becomes f32. Byte order and order of the dimensions (C or Fortran) may be
// any; the array is row-major.
#ifndef NCRT_NPY_H
#define NCRT_NPY_H

#include "read.h"

// What is read of a header at most.
#define NCRT_NPY_HEADER_MAX 65536
// The bytes that tell how long the header is.
#define NCRT_NPY_START 12

// How a file holds the elements.
typedef struct NcrtNpy {
  NcrtArrayHeader header; // of the array; data_offset is -1 if elements are converted
  int type;               // number in a table of npy.c
  bool big_endian, fortran;
  int64_t offset, bytes; // of the elements in the file
} NcrtNpy;

// The bytes up to the elements, from the first NCRT_NPY_START (or all there are) bytes of a file.
bool ncrt_npy_length(const char *name, const uint8_t *bytes, size_t size, size_t *length,
                     NcrtStatus *status);
// The header, from the `length` bytes before the elements, of a file of `size` bytes.
bool ncrt_npy_header(const char *name, const uint8_t *bytes, size_t length, uint64_t size,
                     NcrtNpy *npy, NcrtStatus *status);
// Whether the file's elements are the array's as they lie.
bool ncrt_npy_is_plain(const NcrtNpy *npy);
// Converts the file's elements to those of the array, which has memory for them; plain ones may
// lie there already.
bool ncrt_npy_convert(const NcrtNpy *npy, const uint8_t *from, NcrtArray *array,
                      NcrtStatus *status);

bool ncrt_npy_read(const NcrtReading *reading, const char *path, bool data, NcrtArray *array,
                   NcrtStatus *status);
// The same from memory, which must outlive the array.
bool ncrt_npy_read_bytes(const char *name, const uint8_t *bytes, size_t size, NcrtArray *array,
                         NcrtStatus *status);

// Writes an array whole or not at all (ncrt_file_replace): `batch` samples if it has samples,
// dense, row-major, in this machine's byte order, which is little-endian.
bool ncrt_npy_write(const char *path, const NcrtShape *shape, int64_t batch, const void *data,
                    NcrtStatus *status);

#endif
