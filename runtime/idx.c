// Reads idx files, plain or compressed.
#include "idx.h"

#include "dtype.h"
#include "gzip.h"

#include <stdlib.h>
#include <string.h>

static uint32_t big_endian_32(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool fail_truncated_header(const char *name, size_t size, size_t needed,
                                  NcrtStatus *status) {
  if (size == 0)
    return ncrt_fail(status, NCRT_BAD_INPUT, "%s: is empty; an idx file is needed", name);
  return ncrt_fail(
      status, NCRT_BAD_INPUT,
      "%s: offset %zu: truncated: an idx header of %zu bytes is needed; get the file again", name,
      size, needed);
}

static bool parse_type(const char *name, uint8_t code, NcrtDtype *dtype, NcrtStatus *status) {
  static const struct {
    uint8_t code;
    NcrtDtype dtype;
  } types[] = {{0x08, NCRT_U8}, {0x0c, NCRT_I32}, {0x0d, NCRT_F32}, {0x0e, NCRT_F64}};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i].code == code) {
      *dtype = types[i].dtype;
      return true;
    }
  const char *known = code == 0x09 ? " (i8)" : code == 0x0b ? " (i16)" : "";
  return ncrt_fail(status, NCRT_BAD_INPUT,
                   "%s: offset 2: elements of type 0x%02x%s cannot be read; write the file as u8 "
                   "(0x08), i32 (0x0c), "
                   "f32 (0x0d) or f64 (0x0e)",
                   name, code, known);
}

static bool parse_dims(const char *name, const uint8_t *bytes, NcrtArrayHeader *header,
                       NcrtStatus *status) {
  for (int d = 0; d < header->rank; d++) {
    header->dims[d] = big_endian_32(bytes + 4 + 4 * d);
    if (header->dims[d] == 0)
      return ncrt_fail(status, NCRT_BAD_INPUT,
                       "%s: offset %d: dimension %d is 0: the file holds no elements", name,
                       4 + 4 * d, d + 1);
  }
  return ncrt_array_size(header) ||
         ncrt_fail(status, NCRT_BAD_INPUT,
                   "%s: offset 4: the product of the %d dimensions is too large for any "
                   "file; get the file again",
                   name, header->rank);
}

// The header from the (uncompressed) start of a file, of which `size` bytes are given.
static bool parse_header(const char *name, const uint8_t *bytes, size_t size,
                         NcrtArrayHeader *header, NcrtStatus *status) {
  *header = (NcrtArrayHeader){0};
  if (size < 4)
    return fail_truncated_header(name, size, 4, status);
  if (bytes[0] != 0 || bytes[1] != 0)
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: offset 0: not an idx file: it begins with 0x%02x%02x%02x%02x where two "
                     "zero bytes are needed",
                     name, bytes[0], bytes[1], bytes[2], bytes[3]);
  if (!parse_type(name, bytes[2], &header->dtype, status))
    return false;
  header->rank = bytes[3];
  if (header->rank < 1 || header->rank > NCRT_MAX_RANK)
    return ncrt_fail(status, NCRT_BAD_INPUT, "%s: offset 3: %d dimensions; 1 to %d are possible",
                     name, header->rank, NCRT_MAX_RANK);
  header->data_offset = 4 + 4 * header->rank;
  if (size < (size_t)header->data_offset)
    return fail_truncated_header(name, size, (size_t)header->data_offset, status);
  return parse_dims(name, bytes, header, status);
}

static bool check_size(const char *name, const NcrtArrayHeader *header, uint64_t size,
                       NcrtStatus *status) {
  return ncrt_array_check_end(name, header, (uint64_t)(header->data_offset + header->data_bytes),
                              size, status);
}

// Elements to native byte order, one byte at a time: what a host's order is does not matter.
static void decode(const uint8_t *from, void *to, int64_t count, int64_t size) {
  uint32_t *words = to;
  uint64_t *doubles = to;
  for (int64_t i = 0; i < count && size == 4; i++)
    words[i] = big_endian_32(from + 4 * i);
  for (int64_t i = 0; i < count && size == 8; i++)
    doubles[i] = (uint64_t)big_endian_32(from + 8 * i) << 32 | big_endian_32(from + 8 * i + 4);
}

static bool read_plain(NcrtArray *array, const uint8_t *bytes, size_t size, NcrtStatus *status) {
  NcrtArrayHeader *header = &array->header;
  if (!parse_header(array->name, bytes, size, header, status) ||
      !check_size(array->name, header, size, status))
    return false;
  int64_t element = ncrt_dtype_size(header->dtype);
  array->data = bytes + header->data_offset;
  if (element == 1)
    return true;
  if (!ncrt_array_allocate(array, status))
    return false;
  decode(bytes + header->data_offset, array->owned, header->data_bytes / element, element);
  return true;
}

// Reads the header, which is of one of two lengths' sum: 4 bytes say how many follow.
static bool gzip_header(NcrtGzip *gzip, NcrtArrayHeader *header, NcrtStatus *status) {
  uint8_t bytes[NCRT_IDX_HEADER_MAX];
  size_t got, more = 0;
  if (!ncrt_gzip_read(gzip, bytes, 4, &got, status))
    return false;
  if (got == 4 && bytes[3] <= NCRT_MAX_RANK &&
      !ncrt_gzip_read(gzip, bytes + 4, 4 * (size_t)bytes[3], &more, status))
    return false;
  if (!parse_header(gzip->name, bytes, got + more, header, status))
    return false;
  // Before memory is taken: a header can promise more than the compressed bytes can ever give.
  if ((uint64_t)header->data_bytes > ncrt_gzip_bound(gzip->size))
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: offset 4: the header promises %lld bytes of data, more than %zu "
                     "compressed bytes can hold; "
                     "get the file again",
                     gzip->name, (long long)header->data_bytes, gzip->size);
  return true;
}

// To the end, which checks the checksum: that data are corrupt explains more than that they are too
// long.
static bool drain(NcrtGzip *gzip, NcrtStatus *status) {
  uint8_t rest[4096];
  size_t got;
  do {
    if (!ncrt_gzip_read(gzip, rest, sizeof rest, &got, status))
      return false;
  } while (got == sizeof rest);
  return true;
}

static bool gzip_data(NcrtGzip *gzip, NcrtArray *array, NcrtStatus *status) {
  NcrtArrayHeader *header = &array->header;
  size_t got;
  if (!gzip_header(gzip, header, status) || !ncrt_array_allocate(array, status) ||
      !ncrt_gzip_read(gzip, array->owned, (size_t)header->data_bytes, &got, status))
    return false;
  if (got < (size_t)header->data_bytes)
    return check_size(array->name, header, gzip->produced, status);
  if (!drain(gzip, status) || !check_size(array->name, header, gzip->produced, status))
    return false;
  int64_t element = ncrt_dtype_size(header->dtype);
  decode(array->owned, array->owned, header->data_bytes / element, element);
  return true;
}

static bool read_gzip(NcrtArray *array, const uint8_t *bytes, size_t size, NcrtStatus *status) {
  NcrtGzip gzip;
  bool done =
      ncrt_gzip_open(&gzip, array->name, bytes, size, status) && gzip_data(&gzip, array, status);
  ncrt_gzip_close(&gzip);
  return done;
}

bool ncrt_idx_header_bytes(const char *name, const uint8_t *bytes, size_t size,
                           NcrtArrayHeader *header, NcrtStatus *status) {
  if (!ncrt_gzip_detect(bytes, size))
    return parse_header(name, bytes, size, header, status) &&
           check_size(name, header, size, status);
  NcrtGzip gzip;
  bool done =
      ncrt_gzip_open(&gzip, name, bytes, size, status) && gzip_header(&gzip, header, status);
  ncrt_gzip_close(&gzip);
  return done;
}

bool ncrt_idx_read_bytes(const char *name, const uint8_t *bytes, size_t size, NcrtArray *array,
                         NcrtStatus *status) {
  if (!ncrt_array_open(array, name, status))
    return false;
  bool done = ncrt_gzip_detect(bytes, size) ? read_gzip(array, bytes, size, status)
                                            : read_plain(array, bytes, size, status);
  if (!done)
    ncrt_array_free(array);
  return done;
}

bool ncrt_idx_header(const char *path, NcrtArrayHeader *header, NcrtStatus *status) {
  NcrtFile file;
  bool done = ncrt_file_map(path, &file, status) &&
              ncrt_idx_header_bytes(path, file.bytes, file.size, header, status);
  ncrt_file_unmap(&file);
  return done;
}

bool ncrt_idx_read(const char *path, NcrtArray *array, NcrtStatus *status) {
  NcrtFile file;
  *array = (NcrtArray){0};
  bool done = ncrt_file_map(path, &file, status) &&
              ncrt_idx_read_bytes(path, file.bytes, file.size, array, status);
  if (done && array->owned == NULL)
    array->file = file;
  else
    ncrt_file_unmap(&file);
  return done;
}
