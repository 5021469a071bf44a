// Reads safetensors files, trusting nothing in them.
#define _GNU_SOURCE // memmem
#include "safetensors.h"

#include "dtype.h"
#include "safetensors_dtype.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "tensors are used as they lie in the file");

// The deepest a header nests: the header, a tensor, its shape.
enum { MAX_DEPTH = 3 };

// What is being read.
typedef struct Reader {
  NcrtSafetensors *result;
  const char *header;
  size_t header_size, data_size;
  const uint8_t *data;
  NcrtStatus *status;
} Reader;

// Where a key stands in the header; the header's start if it is written with escapes.
static size_t offset_of(const Reader *reader, const char *key) {
  size_t length = strlen(key);
  for (const char *at = reader->header; at != NULL;) {
    size_t left = reader->header_size - (size_t)(at - reader->header);
    at = memmem(at, left, key, length);
    if (at == NULL)
      break;
    size_t offset = (size_t)(at - reader->header);
    if (offset > 0 && at[-1] == '"' && offset + length < reader->header_size && at[length] == '"')
      return 8 + offset;
    at++;
  }
  return 8;
}

static bool fail_key(Reader *reader, const char *key, const char *problem) {
  char name[200];
  return ncrt_fail(reader->status, NCRT_BAD_INPUT, "%s: offset %zu: %s: %s", reader->result->name,
                   offset_of(reader, key), ncrt_printable(name, sizeof name, key), problem);
}

// jansson recurses as deep as the text nests, so the depth is checked before it sees the text.
static bool check_depth(Reader *reader) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < reader->header_size; i++) {
    char c = reader->header[i];
    if (in_string && c == '\\')
      i++;
    else if (c == '"')
      in_string = !in_string;
    else if (!in_string && (c == '{' || c == '[') && ++depth > MAX_DEPTH)
      return ncrt_fail(reader->status, NCRT_BAD_INPUT,
                       "%s: offset %zu: the header nests deeper than %d", reader->result->name,
                       8 + i, MAX_DEPTH);
    else if (!in_string && (c == '}' || c == ']'))
      depth--;
  }
  return true;
}

static bool read_dtype(Reader *reader, const char *key, const json_t *value, NcrtDtype *dtype) {
  if (!json_is_string(value))
    return fail_key(reader, key, "dtype must be a string");
  if (ncrt_safetensors_dtype(json_string_value(value), dtype))
    return true;
  return fail_key(reader, key,
                  "its dtype cannot be read; convert it to BOOL, U8, I32, I64, F32 or F64");
}

static bool read_shape(Reader *reader, const char *key, const json_t *value, NcrtShape *shape) {
  if (!json_is_array(value))
    return fail_key(reader, key, "shape must be an array");
  if (json_array_size(value) > NCRT_MAX_RANK)
    return fail_key(reader, key, "more than 8 dimensions");
  shape->rank = (int32_t)json_array_size(value);
  for (int d = 0; d < shape->rank; d++) {
    const json_t *dim = json_array_get(value, (size_t)d);
    if (!json_is_integer(dim) || json_integer_value(dim) < 0)
      return fail_key(reader, key, "a dimension is not a whole number from 0");
    shape->dims[d] = json_integer_value(dim);
  }
  return true;
}

static bool read_offsets(Reader *reader, const char *key, const json_t *value, NcrtTensor *tensor) {
  if (!json_is_array(value) || json_array_size(value) != 2 ||
      !json_is_integer(json_array_get(value, 0)) || !json_is_integer(json_array_get(value, 1)))
    return fail_key(reader, key, "data_offsets must be two whole numbers");
  json_int_t begin = json_integer_value(json_array_get(value, 0)),
             end = json_integer_value(json_array_get(value, 1));
  if (begin < 0 || end < begin || (uint64_t)end > reader->data_size)
    return fail_key(reader, key, "data_offsets lie outside the file; is it truncated?");
  int64_t bytes;
  if (!ncrt_dims_product(tensor->shape.dims, tensor->shape.rank, 0, &bytes) ||
      __builtin_mul_overflow(bytes, ncrt_dtype_size(tensor->shape.dtype), &bytes) ||
      bytes != end - begin)
    return fail_key(reader, key, "data_offsets do not span as many bytes as shape and dtype need");
  tensor->data = reader->data + begin;
  return true;
}

static bool read_tensor(Reader *reader, const char *key, const json_t *value) {
  NcrtTensor tensor = {.name = key};
  const json_t *dtype = json_object_get(value, "dtype"), *shape = json_object_get(value, "shape"),
               *offsets = json_object_get(value, "data_offsets");
  if (json_object_size(value) != 3 || dtype == NULL || shape == NULL || offsets == NULL)
    return fail_key(reader, key, "a tensor has dtype, shape and data_offsets, and nothing else");
  if (!read_dtype(reader, key, dtype, &tensor.shape.dtype) ||
      !read_shape(reader, key, shape, &tensor.shape) ||
      !read_offsets(reader, key, offsets, &tensor))
    return false;
  reader->result->tensors[reader->result->tensor_count++] = tensor;
  return true;
}

static bool read_metadata(Reader *reader, const char *key, json_t *value) {
  NcrtSafetensors *result = reader->result;
  if (!json_is_object(value))
    return fail_key(reader, key, "must be an object");
  result->texts = calloc(json_object_size(value) + 1, sizeof *result->texts);
  if (result->texts == NULL)
    return ncrt_fail_memory(reader->status, json_object_size(value) * sizeof *result->texts,
                            result->name);
  const char *name;
  json_t *text;
  json_object_foreach(value, name, text) {
    if (!json_is_string(text))
      return fail_key(reader, name, "metadata must be a string");
    result->texts[result->text_count++] = (NcrtText){name, json_string_value(text)};
  }
  return true;
}

static bool read_entries(Reader *reader, json_t *root) {
  NcrtSafetensors *result = reader->result;
  result->tensors = calloc(json_object_size(root) + 1, sizeof *result->tensors);
  if (result->tensors == NULL)
    return ncrt_fail_memory(reader->status, json_object_size(root) * sizeof *result->tensors,
                            result->name);
  const char *key;
  json_t *value;
  json_object_foreach(root, key, value) {
    bool metadata = strcmp(key, "__metadata__") == 0;
    if (!(metadata ? read_metadata(reader, key, value) : read_tensor(reader, key, value)))
      return false;
  }
  return true;
}

static size_t bytes_of(const NcrtTensor *tensor) {
  return (size_t)ncrt_shape_bytes(&tensor->shape, 1);
}

static int by_place(const void *left, const void *right) {
  const NcrtTensor *a = left, *b = right;
  if (a->data != b->data)
    return (const char *)a->data < (const char *)b->data ? -1 : 1;
  size_t a_bytes = bytes_of(a), b_bytes = bytes_of(b);
  return a_bytes != b_bytes ? (a_bytes < b_bytes ? -1 : 1) : strcmp(a->name, b->name);
}

// Every byte of the data belongs to exactly one tensor.
static bool check_layout(Reader *reader) {
  NcrtSafetensors *result = reader->result;
  qsort(result->tensors, (size_t)result->tensor_count, sizeof *result->tensors, by_place);
  size_t end = 0;
  for (int i = 0; i < result->tensor_count; i++) {
    const NcrtTensor *tensor = &result->tensors[i];
    size_t begin = (size_t)((const uint8_t *)tensor->data - reader->data);
    if (begin < end)
      return fail_key(reader, tensor->name, "its data overlap another tensor's");
    if (begin > end)
      return fail_key(reader, tensor->name, "there is a hole before its data");
    end = begin + bytes_of(tensor);
  }
  if (end == reader->data_size)
    return true;
  return ncrt_fail(reader->status, NCRT_BAD_INPUT,
                   "%s: offset %zu: %zu bytes follow the last tensor's data", result->name,
                   8 + reader->header_size + end, reader->data_size - end);
}

static bool read_header(Reader *reader) {
  json_error_t error;
  if (!check_depth(reader))
    return false;
  json_t *root = json_loadb(reader->header, reader->header_size, JSON_REJECT_DUPLICATES, &error);
  if (root == NULL) {
    char text[JSON_ERROR_TEXT_LENGTH];
    return ncrt_fail(reader->status, NCRT_BAD_INPUT,
                     "%s: offset %d: the header is not valid JSON: %s", reader->result->name,
                     8 + (error.position < 0 ? 0 : error.position),
                     ncrt_printable(text, sizeof text, error.text));
  }
  reader->result->json = root;
  return read_entries(reader, root) && check_layout(reader);
}

static bool split(Reader *reader, const uint8_t *bytes, size_t size) {
  const char *name = reader->result->name;
  if (size < 8)
    return ncrt_fail(reader->status, NCRT_BAD_INPUT,
                     "%s: offset %zu: truncated: a safetensors file has at least 10 bytes", name,
                     size);
  uint64_t length = 0;
  for (int i = 7; i >= 0; i--)
    length = length << 8 | bytes[i];
  if (length > NCRT_SAFETENSORS_HEADER_MAX)
    return ncrt_fail(reader->status, NCRT_BAD_INPUT,
                     "%s: offset 0: not a safetensors file: its header would have %llu bytes; at "
                     "most %d are read",
                     name, (unsigned long long)length, NCRT_SAFETENSORS_HEADER_MAX);
  if (length > size - 8)
    return ncrt_fail(reader->status, NCRT_BAD_INPUT,
                     "%s: offset %zu: truncated: the header has %llu bytes", name, size,
                     (unsigned long long)length);
  reader->header = (const char *)bytes + 8;
  reader->header_size = (size_t)length;
  reader->data = bytes + 8 + length;
  reader->data_size = size - 8 - (size_t)length;
  if (length == 0 || reader->header[0] != '{')
    return ncrt_fail(reader->status, NCRT_BAD_INPUT,
                     "%s: offset 8: not a safetensors file: the header must begin with '{'", name);
  return true;
}

bool ncrt_safetensors_read_bytes(const char *name, const uint8_t *bytes, size_t size,
                                 NcrtSafetensors *tensors, NcrtStatus *status) {
  *tensors = (NcrtSafetensors){.name = strdup(name)};
  if (tensors->name == NULL)
    return ncrt_fail_memory(status, strlen(name), "a name");
  Reader reader = {.result = tensors, .status = status};
  bool done = split(&reader, bytes, size) && read_header(&reader);
  if (!done)
    ncrt_safetensors_free(tensors);
  return done;
}

bool ncrt_safetensors_read(const char *path, NcrtSafetensors *tensors, NcrtStatus *status) {
  NcrtFile file;
  *tensors = (NcrtSafetensors){0};
  bool done = ncrt_file_map(path, &file, status) &&
              ncrt_safetensors_read_bytes(path, file.bytes, file.size, tensors, status);
  if (done)
    tensors->file = file;
  else
    ncrt_file_unmap(&file);
  return done;
}

void ncrt_safetensors_free(NcrtSafetensors *tensors) {
  json_decref(tensors->json);
  free(tensors->tensors);
  free(tensors->texts);
  free(tensors->name);
  ncrt_file_unmap(&tensors->file);
  *tensors = (NcrtSafetensors){0};
}

const NcrtTensor *ncrt_safetensors_find(const NcrtSafetensors *tensors, const char *name) {
  for (int i = 0; i < tensors->tensor_count; i++)
    if (strcmp(tensors->tensors[i].name, name) == 0)
      return &tensors->tensors[i];
  return NULL;
}

const char *ncrt_safetensors_text(const NcrtSafetensors *tensors, const char *key) {
  for (int i = 0; i < tensors->text_count; i++)
    if (strcmp(tensors->texts[i].key, key) == 0)
      return tensors->texts[i].value;
  return NULL;
}
