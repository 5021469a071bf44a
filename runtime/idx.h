// Reads idx files, MNIST's format (http://yann.lecun.com/exdb/mnist/): two zero bytes, a byte for
// the type, a byte for the number of dimensions, each dimension as a big-endian u32, then the
// elements, row-major and big-endian.
//
// A file may be compressed by gzip (RFC 1952, any number of members); that is seen by its first
// bytes, whatever its name. Types 0x08 (u8), 0x0c (i32), 0x0d (f32) and 0x0e (f64) are read; 0x09
// (i8) and 0x0b (i16) are errors. Every byte is checked: the size must be exactly what the header
// promises. Offsets in messages count uncompressed bytes unless they say otherwise.
#ifndef NCRT_IDX_H
#define NCRT_IDX_H

#include "array.h"

// The most bytes that a header takes.
#define NCRT_IDX_HEADER_MAX (4 + 4 * NCRT_MAX_RANK)

// Reads the header and checks the size of an uncompressed file.
bool ncrt_idx_header(const char *path, NcrtArrayHeader *header, NcrtStatus *status);
// Reads the whole. Elements of one byte in an uncompressed file stay in the file and are read as
// they are used.
bool ncrt_idx_read(const char *path, NcrtArray *array, NcrtStatus *status);
// The same from memory, which must outlive the array; `name` is what messages call it.
bool ncrt_idx_header_bytes(const char *name, const uint8_t *bytes, size_t size,
                           NcrtArrayHeader *header, NcrtStatus *status);
bool ncrt_idx_read_bytes(const char *name, const uint8_t *bytes, size_t size, NcrtArray *array,
                         NcrtStatus *status);

#endif
