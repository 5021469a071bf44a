// Writes safetensors files whose bytes depend on nothing but their content.
#include "safetensors.h"

#include "dtype.h"
#include "safetensors_dtype.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *const dtype_names[] = {
    [NCRT_BOOL] = "BOOL", [NCRT_U8] = "U8",   [NCRT_I32] = "I32",
    [NCRT_I64] = "I64",   [NCRT_F32] = "F32", [NCRT_F64] = "F64"};

const char *ncrt_safetensors_dtype_name(NcrtDtype dtype) { return dtype_names[dtype]; }

bool ncrt_safetensors_dtype(const char *name, NcrtDtype *dtype) {
  for (size_t i = 0; i < sizeof dtype_names / sizeof *dtype_names; i++)
    if (strcmp(dtype_names[i], name) == 0) {
      *dtype = (NcrtDtype)i;
      return true;
    }
  return false;
}

// Larger elements first, so that every tensor is aligned to its element.
static int by_layout(const void *left, const void *right) {
  const NcrtTensor *a = left, *b = right;
  int64_t a_size = ncrt_dtype_size(a->shape.dtype), b_size = ncrt_dtype_size(b->shape.dtype);
  return a_size != b_size ? (a_size > b_size ? -1 : 1) : strcmp(a->name, b->name);
}

static int by_key(const void *left, const void *right) {
  return strcmp(((const NcrtText *)left)->key, ((const NcrtText *)right)->key);
}

static json_t *describe(const NcrtTensor *tensor, int64_t *end) {
  json_t *shape = json_array();
  for (int d = 0; d < tensor->shape.rank; d++)
    json_array_append_new(shape, json_integer(tensor->shape.dims[d]));
  int64_t begin = *end;
  *end += ncrt_shape_bytes(&tensor->shape, 1);
  return json_pack("{s:s, s:o, s:[I, I]}", "dtype", dtype_names[tensor->shape.dtype], "shape",
                   shape, "data_offsets", (json_int_t)begin, (json_int_t)*end);
}

static bool put(json_t *object, const char *key, json_t *value, NcrtStatus *status) {
  // jansson gives NULL for what is not UTF-8.
  if (value != NULL && json_object_set_new(object, key, value) == 0)
    return true;
  char name[200];
  return ncrt_fail(status, NCRT_BAD_INPUT, "%s cannot be written to a checkpoint: it is not UTF-8",
                   ncrt_printable(name, sizeof name, key));
}

static bool fill_header(json_t *root, json_t *metadata, const NcrtTensor *tensors, int tensor_count,
                        const NcrtText *texts, int text_count, NcrtStatus *status) {
  for (int i = 0; i < text_count; i++)
    if (!put(metadata, texts[i].key, json_string(texts[i].value), status))
      return false;
  int64_t end = 0;
  for (int i = 0; i < tensor_count; i++)
    if (!put(root, tensors[i].name, describe(&tensors[i], &end), status))
      return false;
  return true;
}

// The header with its length in front, padded by spaces to a multiple of 8.
static char *dump_header(const json_t *root, size_t *size) {
  size_t length = json_dumpb(root, NULL, 0, JSON_COMPACT), padded = (length + 7) / 8 * 8;
  char *bytes = length > 0 ? malloc(8 + padded) : NULL;
  if (bytes == NULL)
    return NULL;
  for (int i = 0; i < 8; i++)
    bytes[i] = (char)((uint64_t)padded >> (8 * i));
  json_dumpb(root, bytes + 8, length, JSON_COMPACT);
  memset(bytes + 8 + length, ' ', padded - length);
  *size = 8 + padded;
  return bytes;
}

// NULL after an error.
static json_t *make_root(const NcrtTensor *tensors, int tensor_count, const NcrtText *texts,
                         int text_count, NcrtStatus *status) {
  json_t *root = json_object(), *metadata = json_object();
  json_object_set_new(root, "__metadata__", metadata);
  if (fill_header(root, metadata, tensors, tensor_count, texts, text_count, status))
    return root;
  json_decref(root);
  return NULL;
}

static void sort(NcrtTensor *tensors, int tensor_count, NcrtText *texts, int text_count) {
  qsort(tensors, (size_t)tensor_count, sizeof *tensors, by_layout);
  qsort(texts, (size_t)text_count, sizeof *texts, by_key);
}

static char *give_header(char *header, NcrtStatus *status) {
  if (header == NULL)
    ncrt_fail(status, NCRT_MACHINE_FAILED, "out of memory for a checkpoint's header");
  return header;
}

char *ncrt_safetensors_header(NcrtTensor *tensors, int tensor_count, NcrtText *texts,
                              int text_count, NcrtStatus *status) {
  sort(tensors, tensor_count, texts, text_count);
  json_t *root = make_root(tensors, tensor_count, texts, text_count, status);
  char *header = root == NULL ? NULL : give_header(json_dumps(root, JSON_COMPACT), status);
  json_decref(root);
  return header;
}

static bool write_parts(const char *path, char *header, size_t header_size,
                        const NcrtTensor *tensors, int tensor_count, NcrtStatus *status) {
  NcrtPart *parts = calloc((size_t)tensor_count + 1, sizeof *parts);
  if (parts == NULL)
    return ncrt_fail_memory(status, (size_t)tensor_count * sizeof *parts, "a checkpoint");
  parts[0] = (NcrtPart){header, header_size};
  for (int i = 0; i < tensor_count; i++)
    parts[i + 1] = (NcrtPart){tensors[i].data, (size_t)ncrt_shape_bytes(&tensors[i].shape, 1)};
  bool written = ncrt_file_replace(path, parts, tensor_count + 1, status);
  free(parts);
  return written;
}

bool ncrt_safetensors_write(const char *path, NcrtTensor *tensors, int tensor_count,
                            NcrtText *texts, int text_count, NcrtStatus *status) {
  size_t header_size = 0;
  sort(tensors, tensor_count, texts, text_count);
  json_t *root = make_root(tensors, tensor_count, texts, text_count, status);
  char *header = root == NULL ? NULL : give_header(dump_header(root, &header_size), status);
  json_decref(root);
  if (header == NULL)
    return false;
  bool written = write_parts(path, header, header_size, tensors, tensor_count, status);
  free(header);
  return written;
}
