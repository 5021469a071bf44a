// Files of tests/fixtures: cases, and lines of numbers that are read into tensors.
#ifndef NC_TESTS_OPS_FIXTURES_H
#define NC_TESTS_OPS_FIXTURES_H

#include "ops/samples.h"

#include <stdio.h>

static inline char *read_fixture(NcArena *arena, const char *name) {
  char *path = nc_arena_printf(arena, "%s/tests/fixtures/%s.txt", NETC_SOURCE_DIR, name);
  FILE *file = fopen(path, "rb");
  if (!file)
    fail_sample(path, "is missing");
  fseek(file, 0, SEEK_END);
  size_t size = (size_t)ftell(file);
  assert_int_equal(fseek(file, 0, SEEK_SET), 0);
  char *text = nc_arena_alloc(arena, size + 1);
  assert_int_equal(fread(text, 1, size, file), size);
  fclose(file);
  return text;
}

// Takes the word before the next space off the line.
static inline char *take_word(char **line) {
  char *word = *line + strspn(*line, " ");
  char *end = word + strcspn(word, " ");
  *line = *end ? end + 1 : end;
  *end = '\0';
  return word;
}

static inline NcTensor *take_values(NcArena *arena, const NcType *type, char *line) {
  NcTensor *tensor = nc_tensor_create(arena, type);
  for (int64_t i = 0; i < tensor->count; i++) {
    char *end;
    double value = strtod(line, &end);
    assert_true(end > line);
    nc_tensor_set(tensor, i, value);
    line = end;
  }
  assert_int_equal(strspn(line, " "), strlen(line));
  return tensor;
}

// The tolerance is relative to the tensor's largest value, or absolute below 1.
static inline void compare(const char *text, const char *what, const NcTensor *want,
                           const NcTensor *got, double tolerance) {
  double largest = 1;
  for (int64_t i = 0; i < want->count; i++)
    largest = fmax(largest, fabs(nc_tensor_get(want, i)));
  for (int64_t i = 0; i < want->count; i++) {
    double a = nc_tensor_get(want, i), b = nc_tensor_get(got, i);
    if (!(fabs(a - b) <= tolerance * largest))
      fail_sample(text, "%s, element %d is %.9g, in PyTorch %.9g", what, (int)i, b, a);
  }
}

#endif
