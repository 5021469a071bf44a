// Arrays of data files and their memory.
#include "array.h"

#include "dtype.h"

#include <stdlib.h>
#include <string.h>

bool ncrt_names_add(NcrtNames *names, const char *name, size_t length, NcrtStatus *status) {
  // Room grows to powers of two.
  if ((names->count & (names->count - 1)) == 0) {
    size_t room = names->count ? 2 * (size_t)names->count : 1;
    char **grown = realloc(names->items, room * sizeof *grown);
    if (grown == NULL)
      return ncrt_fail_memory(status, room * sizeof *grown, "a list of names");
    names->items = grown;
  }
  char *copy = strndup(name, length);
  if (copy == NULL)
    return ncrt_fail_memory(status, length, "a name");
  names->items[names->count++] = copy;
  return true;
}

int ncrt_names_find(const NcrtNames *names, const char *name) {
  for (int i = 0; i < names->count; i++)
    if (strcmp(names->items[i], name) == 0)
      return i;
  return -1;
}

void ncrt_names_free(NcrtNames *names) {
  for (int i = 0; i < names->count; i++)
    free(names->items[i]);
  free(names->items);
  *names = (NcrtNames){0};
}

bool ncrt_array_open(NcrtArray *array, const char *name, NcrtStatus *status) {
  *array = (NcrtArray){.name = strdup(name)};
  return array->name != NULL || ncrt_fail_memory(status, strlen(name), "a name");
}

bool ncrt_array_size(NcrtArrayHeader *header) {
  return ncrt_dims_product(header->dims, header->rank, 0, &header->data_bytes) &&
         !__builtin_mul_overflow(header->data_bytes, ncrt_dtype_size(header->dtype),
                                 &header->data_bytes) &&
         header->data_bytes < INT64_C(1) << 62;
}

bool ncrt_array_check_end(const char *name, const NcrtArrayHeader *header, uint64_t end,
                          uint64_t size, NcrtStatus *status) {
  if (size == end)
    return true;
  NcrtShape shape = {.dtype = header->dtype, .rank = header->rank};
  memcpy(shape.dims, header->dims, sizeof shape.dims);
  char text[200];
  ncrt_shape_print(text, sizeof text, &shape);
  if (size < end)
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: offset %llu: truncated: the header promises %s, so %llu bytes are "
                     "needed; get the file again",
                     name, (unsigned long long)size, text, (unsigned long long)end);
  return ncrt_fail(status, NCRT_BAD_INPUT,
                   "%s: offset %llu: more bytes follow, but the header promises %s, which ends "
                   "here; get the file again",
                   name, (unsigned long long)end, text);
}

bool ncrt_array_allocate(NcrtArray *array, NcrtStatus *status) {
  array->owned = malloc((size_t)array->header.data_bytes + 1); // never of 0 bytes
  array->data = array->owned;
  return array->owned != NULL ||
         ncrt_fail_memory(status, (size_t)array->header.data_bytes, array->name);
}

void ncrt_array_store(NcrtArray *array, int64_t index, int64_t value) {
  switch (array->header.dtype) {
  case NCRT_I32:
    ((int32_t *)array->owned)[index] = (int32_t)value;
    break;
  case NCRT_I64:
    ((int64_t *)array->owned)[index] = value;
    break;
  default:
    ((uint8_t *)array->owned)[index] = (uint8_t)value;
  }
}

void ncrt_array_free(NcrtArray *array) {
  free(array->name);
  free(array->owned);
  ncrt_names_free(&array->classes);
  ncrt_file_unmap(&array->file);
  *array = (NcrtArray){0};
}
