// Binds arrays to inputs and checks that they fit.
#include "dataset.h"

#include "dtype.h"
#include "order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

void ncrt_dataset_open(NcrtDataset *dataset, const NcrtProgram *program) {
  *dataset = (NcrtDataset){.program = program};
}

void ncrt_dataset_close(NcrtDataset *dataset) {
  for (int i = 0; i < dataset->count && !dataset->is_part; i++)
    ncrt_array_free(&dataset->bound[i].array);
  if (!dataset->is_part)
    free(dataset->bound);
  free(dataset->picked);
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
                     "%s: elements are %s, but input %s is %s; declare it as %s", array->name,
                     ncrt_dtype_name(header->dtype), input->name, want,
                     ncrt_dtype_name(header->dtype));
  int64_t sample;
  if (!ncrt_dims_product(header->dims, header->rank, 1, &sample) ||
      sample != ncrt_shape_elements(&input->shape, 1))
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: the file holds %s, %lld elements a sample, but input %s is %s, "
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
                       "%s: %lld samples, but %s has %lld; the files of a data set must "
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

bool ncrt_dataset_bind_file(NcrtDataset *dataset, int input, const NcrtReading *reading,
                            const char *path, NcrtStatus *status) {
  NcrtArray array;
  return ncrt_read(reading, path, true, &array, status) &&
         ncrt_dataset_bind(dataset, input, array, status);
}

int ncrt_dataset_input(const NcrtDataset *dataset, const char *name) {
  for (int i = 0; i < dataset->program->input_count; i++)
    if (strcmp(dataset->program->inputs[i].name, name) == 0)
      return i;
  return -1;
}

// The header of samples in the input's shape. False if there are no such samples.
static bool describe_memory(const NcrtInput *input, int64_t rows, NcrtArrayHeader *header,
                            NcrtStatus *status) {
  *header =
      (NcrtArrayHeader){.dtype = input->shape.dtype, .rank = input->shape.rank, .data_offset = -1};
  memcpy(header->dims, input->shape.dims, sizeof header->dims);
  if (header->rank > 0)
    header->dims[0] = rows;
  return (rows > 0 && ncrt_array_size(header)) ||
         ncrt_fail(status, NCRT_BAD_INPUT, "%lld samples cannot be bound to input %s",
                   (long long)rows, input->name);
}

bool ncrt_dataset_bind_memory(NcrtDataset *dataset, int input, int64_t rows, const void *data,
                              bool copy, NcrtStatus *status) {
  if (input < 0 || input >= dataset->program->input_count)
    return ncrt_fail(status, NCRT_BAD_INPUT, "the program has no input %d; it has %d", input,
                     dataset->program->input_count);
  NcrtArrayHeader header;
  NcrtArray array;
  const NcrtInput *declared = &dataset->program->inputs[input];
  if (!describe_memory(declared, rows, &header, status) ||
      !ncrt_array_open(&array, declared->name, status))
    return false;
  array.header = header;
  array.data = data;
  if (copy && !ncrt_array_allocate(&array, status)) {
    ncrt_array_free(&array);
    return false;
  }
  if (copy)
    memcpy(array.owned, data, (size_t)header.data_bytes);
  return ncrt_dataset_bind(dataset, input, array, status);
}

int64_t ncrt_dataset_row(const NcrtDataset *dataset, int64_t n) {
  return dataset->picked != NULL ? dataset->picked[n] : n;
}

bool ncrt_dataset_pick(NcrtDataset *part, const NcrtDataset *whole, const int64_t *rows,
                       int64_t count, NcrtStatus *status) {
  size_t bytes = (size_t)count * sizeof *part->picked;
  int64_t *picked = malloc(bytes);
  if (picked == NULL)
    return ncrt_fail_memory(status, bytes, "the rows of a part");
  for (int64_t i = 0; i < count; i++)
    picked[i] = ncrt_dataset_row(whole, rows[i]);
  *part = *whole;
  part->rows = count;
  part->picked = picked;
  return part->is_part = true;
}

bool ncrt_dataset_part(NcrtDataset *part, const NcrtDataset *whole, int64_t first, int64_t end,
                       bool shuffle, int64_t seed, NcrtStatus *status) {
  if (first < 0 || end > whole->rows || first >= end)
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "a data set of %lld samples has no part from sample %lld to before %lld",
                     (long long)whole->rows, (long long)first, (long long)end);
  size_t bytes = (size_t)whole->rows * sizeof *part->picked;
  int64_t *order = malloc(bytes);
  if (order == NULL)
    return ncrt_fail_memory(status, bytes, "the rows of a part");
  for (int64_t i = 0; i < whole->rows; i++)
    order[i] = i;
  if (shuffle)
    ncrt_order(seed, -1, whole->rows, order);
  bool done = ncrt_dataset_pick(part, whole, order + first, end - first, status);
  free(order);
  return done;
}

// Of one input: what is bound to it, under its name.
static uint32_t digest_bound(const NcrtDataset *dataset, const NcrtBound *bound) {
  const char *name = dataset->program->inputs[bound->input].name;
  uLong crc = crc32_z(0, (const Bytef *)name, strlen(name) + 1);
  crc = crc32_z(crc, (const Bytef *)&bound->row_bytes, sizeof bound->row_bytes);
  return (uint32_t)crc32_z(crc, bound->array.data, (size_t)bound->array.header.data_bytes);
}

void ncrt_dataset_digest(const NcrtDataset *dataset, char digest[NCRT_DIGEST_SIZE]) {
  size_t bytes = (size_t)dataset->rows * sizeof *dataset->picked;
  uint32_t whole =
      (uint32_t)crc32_z(0, (const Bytef *)dataset->picked, dataset->picked != NULL ? bytes : 0);
  for (int i = 0; i < dataset->count; i++) // in any order
    whole ^= digest_bound(dataset, &dataset->bound[i]);
  snprintf(digest, NCRT_DIGEST_SIZE, "%08x", whole);
}

bool ncrt_dataset_take(NcrtDataset *part, const NcrtDataset *whole, int64_t n, NcrtStatus *status) {
  return ncrt_dataset_part(part, whole, 0, n < whole->rows ? n : whole->rows, false, 0, status);
}

bool ncrt_dataset_skip(NcrtDataset *part, const NcrtDataset *whole, int64_t n, NcrtStatus *status) {
  return ncrt_dataset_part(part, whole, n, whole->rows, false, 0, status);
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

static bool is_integer(NcrtDtype dtype) { return dtype != NCRT_F32 && dtype != NCRT_F64; }

static bool fail_range(const NcrtInput *input, const NcrtArray *array, int64_t at,
                       NcrtStatus *status) {
  int64_t size = ncrt_dtype_size(array->header.dtype);
  int64_t row_bytes = array->header.data_bytes / array->header.dims[0];
  char offset[40] = "";
  if (array->header.data_offset >= 0)
    snprintf(offset, sizeof offset,
             "offset %lld: ", (long long)(array->header.data_offset + at * size));
  return ncrt_fail(status, NCRT_BAD_INPUT,
                   "%s: %ssample %lld has the value %lld, but input %s lies in %lld..%lld (the end "
                   "is not included); mend the file or the range",
                   array->name, offset, (long long)(at * size / row_bytes),
                   (long long)integer_at(array, at), input->name, (long long)input->low,
                   (long long)input->high);
}

bool ncrt_array_check_range(const NcrtInput *input, const NcrtArray *array, NcrtStatus *status) {
  if (!input->has_range || !is_integer(array->header.dtype))
    return true;
  int64_t count = array->header.data_bytes / ncrt_dtype_size(array->header.dtype);
  int64_t at = find_outside(array, count, input->low, input->high);
  return at < 0 || fail_range(input, array, at, status);
}

bool ncrt_dataset_check_ranges(const NcrtDataset *dataset, NcrtStatus *status) {
  for (int i = 0; i < dataset->count; i++) {
    const NcrtBound *bound = &dataset->bound[i];
    if (!ncrt_array_check_range(&dataset->program->inputs[bound->input], &bound->array, status))
      return false;
  }
  return true;
}
