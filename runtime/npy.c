// Reads NumPy's array files.
#include "npy.h"

#include "dtype.h"
#include "gzip.h"

#include <stdio.h>
#include <string.h>

static const struct {
  char kind, size; // as in the file's '<f4'
  NcrtDtype dtype;
} types[] = {
    {'b', 1, NCRT_BOOL}, {'u', 1, NCRT_U8},  {'i', 1, NCRT_I32}, {'i', 2, NCRT_I32},
    {'u', 2, NCRT_I32},  {'i', 4, NCRT_I32}, {'u', 4, NCRT_I64}, {'i', 8, NCRT_I64},
    {'f', 2, NCRT_F32},  {'f', 4, NCRT_F32}, {'f', 8, NCRT_F64},
};
enum { TYPE_COUNT = sizeof types / sizeof *types };

static uint64_t little_endian(const uint8_t *bytes, int size) {
  uint64_t value = 0;
  for (int i = 0; i < size; i++)
    value |= (uint64_t)bytes[i] << 8 * i;
  return value;
}

// ---- the header

bool ncrt_npy_length(const char *name, const uint8_t *bytes, size_t size, size_t *length,
                     NcrtStatus *status) {
  if (ncrt_gzip_detect(bytes, size))
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: is compressed by gzip; npy files are read uncompressed: use gunzip, or "
                     "an npz file",
                     name);
  if (size >= 4 && memcmp(bytes, "PK\3\4", 4) == 0)
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: is a zip archive of arrays; read it with npz(\"FILE\", \"ARRAY\")", name);
  if (size < NCRT_NPY_START || memcmp(bytes, "\x93NUMPY", 6) != 0)
    return ncrt_fail(status, NCRT_BAD_INPUT, "%s: offset 0: %s", name,
                     size == 0               ? "is empty; an npy file is needed"
                     : size < NCRT_NPY_START ? "truncated: an npy header is longer"
                                             : "not an npy file: it begins with other bytes");
  int version = bytes[6];
  if (version < 1 || version > 3)
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: offset 6: npy version %d.%d; versions 1 to 3 are read", name, version,
                     bytes[7]);
  int digits = version == 1 ? 2 : 4;
  uint64_t header = little_endian(bytes + 8, digits);
  if (header > NCRT_NPY_HEADER_MAX)
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: offset 8: a header of %llu bytes; no array needs more than %d", name,
                     (unsigned long long)header, NCRT_NPY_HEADER_MAX);
  *length = 8 + (size_t)digits + (size_t)header;
  return true;
}

// The dictionary's text while it is read.
typedef struct Dict {
  const char *name;
  const uint8_t *bytes, *at, *end;
  NcrtStatus *status;
} Dict;

static bool fail(const Dict *dict, const uint8_t *at, const char *what) {
  return ncrt_fail(dict->status, NCRT_BAD_INPUT, "%s: offset %zu: the npy header %s", dict->name,
                   (size_t)(at - dict->bytes), what);
}

static void skip_blanks(Dict *dict) {
  while (dict->at < dict->end && (*dict->at == ' ' || *dict->at == '\n'))
    dict->at++;
}

static bool accept(Dict *dict, char sign) {
  skip_blanks(dict);
  bool there = dict->at < dict->end && *dict->at == (uint8_t)sign;
  dict->at += there;
  return there;
}

static bool accept_word(Dict *dict, const char *word) {
  size_t length = strlen(word);
  skip_blanks(dict);
  bool there = (size_t)(dict->end - dict->at) >= length && memcmp(dict->at, word, length) == 0;
  dict->at += there ? length : 0;
  return there;
}

// A string in quotes of either kind, of less than `room` bytes.
static bool read_string(Dict *dict, char *text, size_t room) {
  skip_blanks(dict);
  const uint8_t *begin = dict->at;
  char quote = accept(dict, '\'') ? '\'' : accept(dict, '"') ? '"' : 0;
  size_t length = 0;
  while (quote && dict->at < dict->end && *dict->at != (uint8_t)quote && length + 1 < room)
    text[length++] = (char)*dict->at++;
  text[length] = 0;
  return (quote && accept(dict, quote)) || fail(dict, begin, "has no short string here");
}

static bool read_descr(Dict *dict, NcrtNpy *npy) {
  char text[16];
  skip_blanks(dict);
  const uint8_t *begin = dict->at;
  if (dict->at < dict->end && *dict->at == '[')
    return fail(dict, begin, "tells of records; save each field as an array of its own");
  if (!read_string(dict, text, sizeof text))
    return false;
  const char *kind = strchr("<>=|", text[0]) && text[0] ? text + 1 : text;
  npy->big_endian = text[0] == '>';
  for (npy->type = 0; npy->type < TYPE_COUNT; npy->type++)
    if (kind[0] == types[npy->type].kind && kind[1] == '0' + types[npy->type].size && !kind[2])
      break;
  if (npy->type < TYPE_COUNT) {
    npy->header.dtype = types[npy->type].dtype;
    return true;
  }
  char shown[32], what[200];
  snprintf(what, sizeof what,
           "tells of elements of type '%s'; save them as bool, u8, i8, i16, i32, i64, f16, f32 or "
           "f64%s",
           ncrt_printable(shown, sizeof shown, text), kind[0] == 'O' ? ", not as objects" : "");
  return fail(dict, begin, what);
}

static bool read_order(Dict *dict, NcrtNpy *npy) {
  npy->fortran = accept_word(dict, "True");
  return npy->fortran || accept_word(dict, "False") ||
         fail(dict, dict->at, "says neither True nor False of fortran_order");
}

static bool read_dim(Dict *dict, NcrtNpy *npy) {
  skip_blanks(dict);
  const uint8_t *begin = dict->at;
  int64_t dim = 0;
  while (dict->at < dict->end && *dict->at >= '0' && *dict->at <= '9') {
    if (__builtin_mul_overflow(dim, 10, &dim) || __builtin_add_overflow(dim, *dict->at - '0', &dim))
      return fail(dict, begin, "has a dimension that is too large");
    dict->at++;
  }
  if (dict->at == begin)
    return fail(dict, begin, "has a dimension that is no number");
  accept(dict, 'L'); // a long integer of Python 2
  if (npy->header.rank == NCRT_MAX_RANK)
    return fail(dict, begin, "has more than 8 dimensions");
  if (dim == 0)
    return fail(dict, begin, "has a dimension of 0: the file holds no elements");
  npy->header.dims[npy->header.rank++] = dim;
  return true;
}

static bool read_shape(Dict *dict, NcrtNpy *npy) {
  npy->header.rank = 0;
  if (!accept(dict, '('))
    return fail(dict, dict->at, "has no shape in brackets");
  while (!accept(dict, ')')) {
    if (!read_dim(dict, npy))
      return false;
    if (!accept(dict, ',') && (dict->at == dict->end || *dict->at != ')'))
      return fail(dict, dict->at, "has no ')' after the shape");
  }
  return npy->header.rank > 0 || fail(dict, dict->at,
                                      "tells of one number; a data set needs an array whose first "
                                      "dimension is that of the samples");
}

enum { DESCR = 1, ORDER = 2, SHAPE = 4, ALL = 7 };

static bool read_entry(Dict *dict, NcrtNpy *npy, int *seen) {
  char key[32];
  skip_blanks(dict);
  const uint8_t *begin = dict->at;
  if (!read_string(dict, key, sizeof key))
    return false;
  int which = strcmp(key, "descr") == 0           ? DESCR
              : strcmp(key, "fortran_order") == 0 ? ORDER
              : strcmp(key, "shape") == 0         ? SHAPE
                                                  : 0;
  if (which == 0 || *seen & which)
    return fail(dict, begin, which ? "has an entry twice" : "has an entry that npy does not have");
  *seen |= which;
  if (!accept(dict, ':'))
    return fail(dict, dict->at, "has no ':' here");
  return which == DESCR   ? read_descr(dict, npy)
         : which == ORDER ? read_order(dict, npy)
                          : read_shape(dict, npy);
}

static bool read_dict(Dict *dict, NcrtNpy *npy) {
  int seen = 0;
  if (!accept(dict, '{'))
    return fail(dict, dict->at, "does not begin with '{'");
  while (!accept(dict, '}')) {
    if (!read_entry(dict, npy, &seen))
      return false;
    if (!accept(dict, ',') && (dict->at == dict->end || *dict->at != '}'))
      return fail(dict, dict->at, "is not ended by '}'");
  }
  skip_blanks(dict);
  if (dict->at != dict->end)
    return fail(dict, dict->at, "has more text after its '}'");
  return seen == ALL || fail(dict, dict->at, "lacks descr, fortran_order or shape");
}

bool ncrt_npy_header(const char *name, const uint8_t *bytes, size_t length, uint64_t size,
                     NcrtNpy *npy, NcrtStatus *status) {
  size_t begin = bytes[6] == 1 ? 10 : 12;
  Dict dict = {name, bytes, bytes + begin, bytes + length, status};
  *npy = (NcrtNpy){.offset = (int64_t)length};
  if (!read_dict(&dict, npy))
    return false;
  if (!ncrt_array_size(&npy->header))
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: offset %zu: the product of the %d dimensions is too large for any file",
                     name, begin, npy->header.rank);
  npy->bytes = npy->header.data_bytes / ncrt_dtype_size(npy->header.dtype) * types[npy->type].size;
  npy->header.data_offset = ncrt_npy_is_plain(npy) ? npy->offset : -1;
  return ncrt_array_check_end(name, &npy->header, (uint64_t)(npy->offset + npy->bytes), size,
                              status);
}

// ---- the elements

bool ncrt_npy_is_plain(const NcrtNpy *npy) {
  int size = types[npy->type].size;
  bool here = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? !npy->big_endian : npy->big_endian;
  return ncrt_dtype_size(npy->header.dtype) == size && (size == 1 || here) &&
         !(npy->fortran && npy->header.rank > 1);
}

// IEEE 754's half precision; every such number is a float.
static float half(uint16_t bits) {
  uint32_t sign = (uint32_t)(bits & 0x8000) << 16, exponent = bits >> 10 & 31;
  uint32_t fraction = bits & 1023, word;
  float value;
  if (exponent == 0) { // fraction * 2^-24
    value = (float)fraction * 0x1p-24f;
    return sign ? -value : value;
  }
  word = sign | (exponent == 31 ? 255u << 23 : (exponent + 112) << 23) | fraction << 13;
  memcpy(&value, &word, sizeof value);
  return value;
}

static int64_t sign_extend(uint64_t bits, int size) {
  int shift = 64 - 8 * size;
  return (int64_t)(bits << shift) >> shift;
}

static void store(const NcrtNpy *npy, uint64_t bits, void *data, int64_t index) {
  int size = types[npy->type].size;
  int64_t integer = types[npy->type].kind == 'i' ? sign_extend(bits, size) : (int64_t)bits;
  if (types[npy->type].kind == 'f' && size == 2)
    ((float *)data)[index] = half((uint16_t)bits);
  else if (ncrt_dtype_size(npy->header.dtype) == 8)
    ((uint64_t *)data)[index] = (uint64_t)integer;
  else if (ncrt_dtype_size(npy->header.dtype) == 4)
    ((uint32_t *)data)[index] = (uint32_t)integer;
  else
    ((uint8_t *)data)[index] = (uint8_t)integer;
}

static uint64_t load(const NcrtNpy *npy, const uint8_t *at) {
  int size = types[npy->type].size;
  if (!npy->big_endian)
    return little_endian(at, size);
  uint64_t value = 0;
  for (int i = 0; i < size; i++)
    value = value << 8 | at[i];
  return value;
}

// Where the file holds the element after the one at `from` in the array's order; `place` counts the
// positions along each dimension.
static int64_t next(const NcrtNpy *npy, int64_t *place, int64_t from) {
  const NcrtArrayHeader *header = &npy->header;
  int64_t stride = npy->fortran ? header->data_bytes / ncrt_dtype_size(header->dtype) : 1;
  for (int d = header->rank - 1; d >= 0 && npy->fortran; d--) {
    stride /= header->dims[d];
    if (++place[d] < header->dims[d])
      return from + stride;
    place[d] = 0;
    from -= stride * (header->dims[d] - 1);
  }
  return from + stride;
}

static bool check_bools(const NcrtNpy *npy, const NcrtArray *array, NcrtStatus *status) {
  const uint8_t *values = array->data;
  for (int64_t i = 0; npy->header.dtype == NCRT_BOOL && i < npy->header.data_bytes; i++)
    if (values[i] > 1)
      return ncrt_fail(status, NCRT_BAD_INPUT, "%s: element %lld is %d; a bool is 0 or 1",
                       array->name, (long long)i, values[i]);
  return true;
}

bool ncrt_npy_convert(const NcrtNpy *npy, const uint8_t *from, NcrtArray *array,
                      NcrtStatus *status) {
  int size = types[npy->type].size;
  int64_t place[NCRT_MAX_RANK] = {0}, at = 0;
  int64_t count = from == array->owned ? 0 : npy->bytes / size;
  for (int64_t i = 0; i < count; i++) {
    store(npy, load(npy, from + at * size), array->owned, i);
    at = next(npy, place, at);
  }
  return check_bools(npy, array, status);
}

// ---- a file

static bool read_header(const char *name, const uint8_t *bytes, size_t size, NcrtNpy *npy,
                        NcrtStatus *status) {
  size_t length;
  if (!ncrt_npy_length(name, bytes, size, &length, status))
    return false;
  if (length > size)
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: offset %zu: truncated: the npy header ends at %zu; get the file again",
                     name, size, length);
  return ncrt_npy_header(name, bytes, length, size, npy, status);
}

static bool read_elements(const NcrtNpy *npy, const uint8_t *bytes, NcrtArray *array,
                          NcrtStatus *status) {
  array->header = npy->header;
  array->data = bytes + npy->offset;
  // In place only where elements can be looked at as they lie.
  if (ncrt_npy_is_plain(npy) && (uintptr_t)array->data % (size_t)types[npy->type].size == 0)
    return check_bools(npy, array, status);
  return ncrt_array_allocate(array, status) &&
         ncrt_npy_convert(npy, bytes + npy->offset, array, status);
}

bool ncrt_npy_read_bytes(const char *name, const uint8_t *bytes, size_t size, NcrtArray *array,
                         NcrtStatus *status) {
  NcrtNpy npy;
  bool done = ncrt_array_open(array, name, status) &&
              read_header(name, bytes, size, &npy, status) &&
              read_elements(&npy, bytes, array, status);
  if (!done)
    ncrt_array_free(array);
  return done;
}

static bool read_header_only(const char *path, const NcrtFile *file, NcrtArray *array,
                             NcrtStatus *status) {
  NcrtNpy npy = {0};
  bool done = ncrt_array_open(array, path, status) &&
              read_header(path, file->bytes, file->size, &npy, status);
  array->header = npy.header;
  return done;
}

bool ncrt_npy_read(const NcrtReading *reading, const char *path, bool data, NcrtArray *array,
                   NcrtStatus *status) {
  (void)reading;
  NcrtFile file;
  bool done = ncrt_file_map(path, &file, status) &&
              (data ? ncrt_npy_read_bytes(path, file.bytes, file.size, array, status)
                    : read_header_only(path, &file, array, status));
  if (done && array->data != NULL && array->owned == NULL)
    array->file = file;
  else
    ncrt_file_unmap(&file);
  return done;
}
