// Binds arrays to inputs and checks that they fit.
#include "dataset.h"

#include "dtype.h"

#include <stdlib.h>
#include <string.h>

void ncrt_dataset_open(NcrtDataset *dataset, const NcrtProgram *program) {
  *dataset = (NcrtDataset){.program = program};
}

void ncrt_dataset_close(NcrtDataset *dataset) {
  for (int i = 0; i < dataset->count; i++)
    ncrt_array_free(&dataset->bound[i].array);
  free(dataset->bound);
  *dataset = (NcrtDataset){0};
}

const NcrtBound *ncrt_dataset_find(const NcrtDataset *dataset, int input) {
  for (int i = 0; i < dataset->count; i++)
    if (dataset->bound[i].input == input)
      return &dataset->bound[i];
  return NULL;
}

static const char *print_array(char *buffer, size_t size, const NcrtArrayHeader *header) {
  NcrtShape shape = {.dtype = header->dtype, .rank = header->rank};
  memcpy(shape.dims, header->dims, sizeof shape.dims);
  return ncrt_shape_print(buffer, size, &shape);
}

static bool check_shape(const NcrtInput *input, const NcrtArray *array, NcrtStatus *status) {
  char have[200], want[200];
  const NcrtArrayHeader *header = &array->header;
  print_array(have, sizeof have, header);
  ncrt_shape_print(want, sizeof want, &input->shape);
  if (!input->shape.batched)
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: input %s is %s, which has no samples; a data set can only feed inputs "
                     "whose first dimension is N",
                     array->name, input->name, want);
  if (header->dtype != input->shape.dtype)
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: offset 2: elements are %s, but input %s is %s; declare it as %s",
                     array->name, ncrt_dtype_name(header->dtype), input->name, want,
                     ncrt_dtype_name(header->dtype));
  int64_t sample;
  if (!ncrt_dims_product(header->dims, header->rank, 1, &sample) ||
      sample != ncrt_shape_elements(&input->shape, 1))
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: offset 4: the file holds %s, %lld elements a sample, but input %s is %s, "
                     "%lld a sample",
                     array->name, have, (long long)sample, input->name, want,
                     (long long)ncrt_shape_elements(&input->shape, 1));
  return true;
}

static bool check_rows(const NcrtDataset *dataset, int input, const NcrtArray *array,
                       NcrtStatus *status) {
  for (int i = 0; i < dataset->count; i++) {
    const NcrtArray *other = &dataset->bound[i].array;
    if (dataset->bound[i].input != input && other->header.dims[0] != array->header.dims[0])
      return ncrt_fail(status, NCRT_BAD_INPUT,
                       "%s: offset 4: %lld samples, but %s has %lld; the files of a data set must "
                       "have equally many",
                       array->name, (long long)array->header.dims[0], other->name,
                       (long long)other->header.dims[0]);
  }
  return true;
}

static bool add(NcrtDataset *dataset, NcrtBound bound, NcrtStatus *status) {
  for (int i = 0; i < dataset->count; i++)
    if (dataset->bound[i].input == bound.input) {
      ncrt_array_free(&dataset->bound[i].array);
      dataset->bound[i] = bound;
      return true;
    }
  size_t bytes = ((size_t)dataset->count + 1) * sizeof *dataset->bound;
  NcrtBound *grown = realloc(dataset->bound, bytes);
  if (grown == NULL)
    return ncrt_fail_memory(status, bytes, "a data set");
  grown[dataset->count++] = bound;
  dataset->bound = grown;
  return true;
}

bool ncrt_dataset_bind(NcrtDataset *dataset, int input, NcrtArray array, NcrtStatus *status) {
  NcrtBound bound = {.input = input, .array = array};
  if (!check_shape(&dataset->program->inputs[input], &array, status) ||
      !check_rows(dataset, input, &array, status)) {
    ncrt_array_free(&bound.array);
    return false;
  }
  bound.row_bytes = array.header.data_bytes / array.header.dims[0];
  if (!add(dataset, bound, status)) {
    ncrt_array_free(&bound.array);
    return false;
  }
  dataset->rows = array.header.dims[0];
  return true;
}

bool ncrt_dataset_bind_idx(NcrtDataset *dataset, int input, const char *path, NcrtStatus *status) {
  NcrtArray array;
  return ncrt_idx_read(path, &array, status) && ncrt_dataset_bind(dataset, input, array, status);
}

static int64_t integer_at(const NcrtArray *array, int64_t index) {
  switch (array->header.dtype) {
  case NCRT_I32:
    return ((const int32_t *)array->data)[index];
  case NCRT_I64:
    return ((const int64_t *)array->data)[index];
  default:
    return ((const uint8_t *)array->data)[index];
  }
}

// Number of the first element outside low … high-1, or -1.
static int64_t find_outside(const NcrtArray *array, int64_t count, int64_t low, int64_t high) {
  bool any_u8 = array->header.dtype == NCRT_U8 && low <= 0 && high >= 256;
  for (int64_t i = 0; i < count && !any_u8; i++) {
    int64_t value = integer_at(array, i);
    if (value < low || value >= high)
      return i;
  }
  return -1;
}

static bool check_range(const NcrtInput *input, const NcrtBound *bound, NcrtStatus *status) {
  const NcrtArray *array = &bound->array;
  int64_t size = ncrt_dtype_size(array->header.dtype);
  int64_t at = find_outside(array, array->header.data_bytes / size, input->low, input->high);
  if (at < 0)
    return true;
  int64_t offset = array->header.data_offset + at * size, sample = at * size / bound->row_bytes;
  return ncrt_fail(status, NCRT_BAD_INPUT,
                   "%s: offset %lld: sample %lld has the value %lld, but input %s lies in "
                   "%lld..%lld (the end is not "
                   "included); mend the file or the range",
                   array->name, (long long)offset, (long long)sample,
                   (long long)integer_at(array, at), input->name, (long long)input->low,
                   (long long)input->high);
}

static bool is_integer(NcrtDtype dtype) { return dtype != NCRT_F32 && dtype != NCRT_F64; }

bool ncrt_dataset_check_ranges(const NcrtDataset *dataset, NcrtStatus *status) {
  for (int i = 0; i < dataset->count; i++) {
    const NcrtInput *input = &dataset->program->inputs[dataset->bound[i].input];
    if (input->has_range && is_integer(input->shape.dtype) &&
        !check_range(input, &dataset->bound[i], status))
      return false;
  }
  return true;
}
