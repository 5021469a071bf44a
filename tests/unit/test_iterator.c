// Data sets and the iterator: what may be bound, in which batches and orders samples come.
#include "iterator.h"
#include "order.h"
#include "philox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static NcrtStatus status;

static const NcrtInput inputs[] = {
    {.name = "image", .shape = {.dtype = NCRT_F32, .rank = 4, .batched = 1, .dims = {0, 2, 1, 1}}},
    {.name = "label",
     .shape = {.dtype = NCRT_U8, .rank = 1, .batched = 1},
     .has_range = 1,
     .low = 1,
     .high = 9},
    {.name = "rate", .shape = {.dtype = NCRT_F32}},
    {.name = "count",
     .shape = {.dtype = NCRT_I32, .rank = 1, .batched = 1},
     .has_range = 1,
     .low = -2,
     .high = 3},
};
static const NcrtProgram program = {.input_count = 4, .inputs = inputs};

// An array whose values count from `first`.
static NcrtArray make_array(NcrtDtype dtype, int rank, int64_t rows, int64_t columns, int first) {
  int64_t elements = rows * (rank > 1 ? columns : 1);
  int64_t size = dtype == NCRT_U8 ? 1 : 4;
  NcrtArray array = {.name = strdup("file"), .owned = malloc((size_t)(elements * size))};
  array.header = (NcrtArrayHeader){dtype, rank, {rows, columns}, 4 + 4 * rank, elements * size};
  for (int64_t i = 0; i < elements; i++)
    if (dtype == NCRT_U8)
      ((uint8_t *)array.owned)[i] = (uint8_t)(first + i);
    else if (dtype == NCRT_I32)
      ((int32_t *)array.owned)[i] = (int32_t)(first + i);
    else
      ((float *)array.owned)[i] = (float)(first + i);
  array.data = array.owned;
  return array;
}

static void assert_message(const char *part) {
  if (strstr(status.message, part) == NULL)
    fail_msg("'%s' does not contain '%s'", status.message, part);
}

static void binds(void **state) {
  (void)state;
  NcrtDataset dataset;
  ncrt_dataset_open(&dataset, &program);
  assert_true(ncrt_dataset_bind(&dataset, 0, make_array(NCRT_F32, 2, 7, 2, 0), &status));
  assert_true(ncrt_dataset_bind(&dataset, 1, make_array(NCRT_U8, 1, 7, 0, 1), &status));
  assert_int_equal(dataset.rows, 7);
  assert_int_equal(ncrt_dataset_find(&dataset, 0)->row_bytes, 8);
  assert_null(ncrt_dataset_find(&dataset, 3));
  assert_true(ncrt_dataset_check_ranges(&dataset, &status));
  assert_false(ncrt_dataset_bind(&dataset, 3, make_array(NCRT_I32, 1, 6, 0, 0), &status));
  assert_message("6 samples, but file has 7");
  assert_false(ncrt_dataset_bind(&dataset, 0, make_array(NCRT_U8, 2, 7, 2, 0), &status));
  assert_message("elements are u8, but input image is f32[N, 2, 1, 1]");
  assert_false(ncrt_dataset_bind(&dataset, 0, make_array(NCRT_F32, 2, 7, 3, 0), &status));
  assert_message("the file holds f32[7, 3], 3 elements a sample, but input image is "
                 "f32[N, 2, 1, 1], 2");
  assert_false(ncrt_dataset_bind(&dataset, 2, make_array(NCRT_F32, 1, 7, 0, 0), &status));
  assert_message("which has no samples");
  // What is bound again replaces what was there.
  assert_true(ncrt_dataset_bind(&dataset, 1, make_array(NCRT_U8, 1, 7, 0, 2), &status));
  assert_int_equal(dataset.count, 2);
  ncrt_dataset_close(&dataset);
}

static void checks_ranges(void **state) {
  (void)state;
  NcrtDataset dataset;
  ncrt_dataset_open(&dataset, &program);
  assert_true(ncrt_dataset_bind(&dataset, 1, make_array(NCRT_U8, 1, 9, 0, 1), &status));
  assert_false(ncrt_dataset_check_ranges(&dataset, &status));
  assert_int_equal(status.code, NCRT_BAD_INPUT);
  assert_message("file: offset 16: sample 8 has the value 9, but input label lies in 1..9");
  ncrt_dataset_close(&dataset);
  ncrt_dataset_open(&dataset, &program);
  assert_true(ncrt_dataset_bind(&dataset, 3, make_array(NCRT_I32, 1, 9, 0, -2), &status));
  assert_false(ncrt_dataset_check_ranges(&dataset, &status));
  assert_message("file: offset 28: sample 5 has the value 3, but input count lies in -2..3");
  ncrt_dataset_close(&dataset);
}

// The vectors of Random123's known-answer tests.
static void philox_is_philox(void **state) {
  (void)state;
  const struct {
    uint32_t counter[4], key[2], words[4];
  } known[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (int i = 0; i < 3; i++) {
    uint32_t words[4];
    ncrt_philox(known[i].counter, known[i].key, words);
    assert_memory_equal(words, known[i].words, sizeof words);
  }
}

static void permutes(void **state) {
  (void)state;
  enum { ROWS = 1000 };
  int64_t order[ROWS], again[ROWS], other[ROWS];
  bool seen[ROWS] = {0};
  ncrt_order(5, 2, ROWS, order);
  ncrt_order(5, 2, ROWS, again);
  assert_memory_equal(order, again, sizeof order);
  for (int i = 0; i < ROWS; i++) {
    assert_true(order[i] >= 0 && order[i] < ROWS && !seen[order[i]]);
    seen[order[i]] = true;
  }
  ncrt_order(5, 3, ROWS, other);
  assert_memory_not_equal(order, other, sizeof order);
  ncrt_order(6, 2, ROWS, other);
  assert_memory_not_equal(order, other, sizeof order);
  ncrt_order(5 + (INT64_C(1) << 32), 2, ROWS, other);
  assert_memory_not_equal(order, other, sizeof order);
}

// Orders are part of what a seed promises, so they must not change from version to version.
static void keeps_its_orders(void **state) {
  (void)state;
  const int64_t expected[] = {2, 5, 7, 8, 4, 3, 0, 1, 6, 9};
  int64_t order[10];
  ncrt_order(1, 0, 10, order);
  assert_memory_equal(order, expected, sizeof order);
}

// Each of the 6 orders of 3 samples comes about equally often.
static void permutes_evenly(void **state) {
  (void)state;
  int counts[27] = {0};
  for (int epoch = 0; epoch < 6000; epoch++) {
    int64_t order[3];
    ncrt_order(1, epoch, 3, order);
    counts[order[0] * 9 + order[1] * 3 + order[2]]++;
  }
  for (int i = 0; i < 27; i++)
    assert_true(counts[i] == 0 || (counts[i] > 880 && counts[i] < 1120));
}

static void open_dataset(NcrtDataset *dataset, int64_t rows) {
  ncrt_dataset_open(dataset, &program);
  assert_true(ncrt_dataset_bind(dataset, 0, make_array(NCRT_F32, 2, rows, 2, 0), &status));
  assert_true(ncrt_dataset_bind(dataset, 1, make_array(NCRT_U8, 1, rows, 0, 0), &status));
}

static void goes_in_batches(void **state) {
  (void)state;
  NcrtDataset dataset;
  NcrtIterator iterator;
  float image[3][2];
  uint8_t label[3];
  void *staging[] = {image, label};
  open_dataset(&dataset, 7);
  assert_true(ncrt_iterator_open(&iterator, &dataset, 3, 1, false, false, &status));
  assert_int_equal(ncrt_iterator_next(&iterator, staging), 3);
  assert_int_equal(ncrt_iterator_next(&iterator, staging), 3);
  assert_true(label[0] == 3 && image[0][0] == 6 && image[0][1] == 7 && label[2] == 5 &&
              image[2][1] == 11);
  assert_int_equal(ncrt_iterator_next(&iterator, staging), 1);
  assert_true(label[0] == 6 && image[0][0] == 12);
  assert_int_equal(ncrt_iterator_next(&iterator, staging), 0);
  assert_int_equal(ncrt_iterator_next(&iterator, staging), 0);
  ncrt_iterator_close(&iterator);
  ncrt_dataset_close(&dataset);
}

static void drops_the_last(void **state) {
  (void)state;
  NcrtDataset dataset;
  NcrtIterator iterator;
  void *staging[] = {NULL, NULL};
  open_dataset(&dataset, 7);
  assert_true(ncrt_iterator_open(&iterator, &dataset, 3, 1, true, true, &status));
  iterator.drop_last = true;
  for (int epoch = 0; epoch < 3; epoch++) {
    assert_int_equal(ncrt_iterator_next(&iterator, staging), 3);
    assert_int_equal(ncrt_iterator_next(&iterator, staging), 3);
    assert_int_equal(ncrt_iterator_next(&iterator, staging), 0);
    assert_int_equal(iterator.cursor.epoch, epoch + 1);
  }
  iterator.batch = 8; // there is no more than this one
  assert_int_equal(ncrt_iterator_next(&iterator, staging), 7);
  assert_int_equal(ncrt_iterator_next(&iterator, staging), 0);
  ncrt_iterator_close(&iterator);
  ncrt_dataset_close(&dataset);
}

// The parts of a data set have each of its rows once, and iterators go over theirs alone.
static void deals_parts(void **state) {
  (void)state;
  NcrtDataset whole, parts[3];
  int64_t order[7];
  int met[7] = {0};
  open_dataset(&whole, 7);
  ncrt_order(5, -1, 7, order);
  const int64_t ends[] = {0, 4, 5, 7};
  for (int p = 0; p < 3; p++) {
    NcrtIterator iterator;
    float image[4][2];
    uint8_t label[4];
    void *staging[] = {image, label};
    assert_true(ncrt_dataset_part(&parts[p], &whole, ends[p], ends[p + 1], true, 5, &status));
    assert_int_equal(parts[p].rows, ends[p + 1] - ends[p]);
    assert_true(ncrt_iterator_open(&iterator, &parts[p], 4, 1, false, false, &status));
    int64_t count = ncrt_iterator_next(&iterator, staging);
    assert_int_equal(count, parts[p].rows);
    for (int64_t i = 0; i < count; i++) {
      assert_int_equal(label[i], order[ends[p] + i]);
      assert_int_equal(ncrt_dataset_row(&parts[p], i), label[i]);
      assert_true(image[i][0] == (float)(2 * label[i]));
      met[label[i]]++;
    }
    ncrt_iterator_close(&iterator);
  }
  for (int i = 0; i < 7; i++)
    assert_int_equal(met[i], 1);
  NcrtDataset half;
  assert_true(ncrt_dataset_part(&half, &parts[0], 1, 3, false, 0, &status));
  assert_int_equal(ncrt_dataset_row(&half, 1), order[2]);
  ncrt_dataset_close(&half);
  assert_false(ncrt_dataset_part(&half, &whole, 3, 3, true, 5, &status));
  assert_message("no part from sample 3 to before 3");
  assert_false(ncrt_dataset_part(&half, &whole, 3, 8, true, 5, &status));
  for (int p = 0; p < 3; p++)
    ncrt_dataset_close(&parts[p]);
  ncrt_dataset_close(&whole);
}

static void shuffles_and_repeats(void **state) {
  (void)state;
  NcrtDataset dataset;
  NcrtIterator iterator;
  float image[4][2];
  uint8_t label[4];
  void *staging[] = {image, label};
  int64_t order[7];
  open_dataset(&dataset, 7);
  assert_true(ncrt_iterator_open(&iterator, &dataset, 4, 9, true, true, &status));
  for (int64_t epoch = 0; epoch < 3; epoch++) {
    ncrt_order(9, epoch, 7, order);
    for (int64_t k = 0, count; (count = ncrt_iterator_next(&iterator, staging)) > 0; k += count) {
      assert_int_equal(count, k == 0 ? 4 : 3);
      assert_int_equal(iterator.cursor.epoch, epoch);
      for (int64_t i = 0; i < count; i++)
        assert_true(label[i] == order[k + i] && image[i][1] == (float)(2 * order[k + i] + 1));
    }
    assert_int_equal(iterator.cursor.epoch, epoch + 1);
    assert_int_equal(iterator.cursor.position, 0);
  }
  ncrt_iterator_close(&iterator);
  ncrt_dataset_close(&dataset);
}

static void goes_on_from_a_cursor(void **state) {
  (void)state;
  NcrtDataset dataset;
  NcrtIterator first, second;
  uint8_t a[2], b[2];
  void *to_a[] = {NULL, a}, *to_b[] = {NULL, b};
  open_dataset(&dataset, 5);
  assert_true(ncrt_iterator_open(&first, &dataset, 2, 3, true, true, &status));
  assert_true(ncrt_iterator_open(&second, &dataset, 2, 3, true, true, &status));
  for (int i = 0; i < 30; i++) {
    assert_true(ncrt_iterator_seek(&second, first.cursor, &status));
    int64_t count = ncrt_iterator_next(&first, to_a);
    assert_int_equal(ncrt_iterator_next(&second, to_b), count);
    assert_memory_equal(a, b, (size_t)count);
  }
  assert_false(ncrt_iterator_seek(&second, (NcrtCursor){0, 6}, &status));
  assert_false(ncrt_iterator_seek(&second, (NcrtCursor){-1, 0}, &status));
  assert_message("the data set has 5 samples");
  ncrt_iterator_close(&first);
  ncrt_iterator_close(&second);
  assert_false(ncrt_iterator_open(&first, &dataset, 0, 3, true, true, &status));
  ncrt_dataset_close(&dataset);
}

// Samples in the caller's memory are used where they are, or copied.
static void binds_memory(void **state) {
  (void)state;
  NcrtDataset dataset;
  NcrtIterator iterator;
  float images[3][2] = {{0, 1}, {2, 3}, {4, 5}}, image[2][2];
  uint8_t labels[3] = {1, 2, 3}, label[2];
  int32_t counts[2] = {0, 1};
  void *staging[] = {image, label};
  ncrt_dataset_open(&dataset, &program);
  assert_int_equal(ncrt_dataset_input(&dataset, "label"), 1);
  assert_int_equal(ncrt_dataset_input(&dataset, "lable"), -1);
  assert_true(ncrt_dataset_bind_memory(&dataset, 0, 3, images, false, &status));
  assert_true(ncrt_dataset_bind_memory(&dataset, 1, 3, labels, true, &status));
  images[2][1] = 7;
  labels[2] = 8;
  assert_true(ncrt_iterator_open(&iterator, &dataset, 2, 1, false, false, &status));
  assert_int_equal(ncrt_iterator_next(&iterator, staging), 2);
  assert_int_equal(ncrt_iterator_next(&iterator, staging), 1);
  assert_true(image[0][0] == 4 && image[0][1] == 7 && label[0] == 3);
  ncrt_iterator_close(&iterator);
  assert_false(ncrt_dataset_bind_memory(&dataset, 3, 2, counts, true, &status));
  assert_message("2 samples, but image has 3");
  assert_false(ncrt_dataset_bind_memory(&dataset, 0, 0, images, false, &status));
  assert_message("0 samples cannot be bound to input image");
  assert_false(ncrt_dataset_bind_memory(&dataset, 0, INT64_MAX / 2, images, true, &status));
  assert_message("cannot be bound");
  assert_false(ncrt_dataset_bind_memory(&dataset, 0, -1, images, false, &status));
  assert_false(ncrt_dataset_bind_memory(&dataset, 4, 3, images, false, &status));
  assert_message("no input 4");
  assert_false(ncrt_dataset_bind_memory(&dataset, 2, 3, images, false, &status));
  assert_message("input rate is f32[], which has no samples");
  ncrt_dataset_close(&dataset);
}

static void takes_and_skips(void **state) {
  (void)state;
  NcrtDataset whole, some, rest, middle;
  open_dataset(&whole, 7);
  assert_true(ncrt_dataset_take(&some, &whole, 3, &status));
  assert_true(ncrt_dataset_skip(&rest, &whole, 3, &status));
  assert_true(some.rows == 3 && rest.rows == 4);
  assert_true(ncrt_dataset_row(&some, 2) == 2 && ncrt_dataset_row(&rest, 0) == 3);
  assert_true(ncrt_dataset_take(&middle, &rest, 2, &status));
  assert_true(middle.rows == 2 && ncrt_dataset_row(&middle, 1) == 4);
  ncrt_dataset_close(&middle);
  ncrt_dataset_close(&some);
  assert_true(ncrt_dataset_take(&some, &whole, 100, &status));
  assert_int_equal(some.rows, 7);
  ncrt_dataset_close(&some);
  assert_false(ncrt_dataset_take(&some, &whole, 0, &status));
  assert_false(ncrt_dataset_take(&some, &whole, -2, &status));
  assert_false(ncrt_dataset_skip(&some, &whole, 7, &status));
  assert_message("a data set of 7 samples has no part from sample 7");
  assert_false(ncrt_dataset_skip(&some, &whole, -1, &status));
  ncrt_dataset_close(&rest);
  ncrt_dataset_close(&whole);
}

// Two epochs of 3 + 3 + 1 samples, then no more; a restart gives the same, another seed others.
static void ends_and_restarts(void **state) {
  (void)state;
  NcrtDataset dataset;
  NcrtIterator iterator;
  uint8_t label[3], first[3], other[3];
  void *staging[] = {NULL, label};
  open_dataset(&dataset, 7);
  assert_true(ncrt_iterator_open(&iterator, &dataset, 3, 4, true, true, &status));
  iterator.epochs = 2;
  const int64_t counts[] = {3, 3, 1, 0, 3, 3, 1, 0, 0, 0};
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < 10; i++) {
      assert_int_equal(ncrt_iterator_done(&iterator), i >= 8);
      assert_int_equal(ncrt_iterator_next(&iterator, staging), counts[i]);
      if (i == 0 && round == 1)
        assert_memory_equal(label, first, 3);
      if (i == 0)
        memcpy(first, label, 3);
    }
    ncrt_iterator_restart(&iterator, 4);
  }
  ncrt_iterator_restart(&iterator, 5);
  assert_int_equal(ncrt_iterator_next(&iterator, staging), 3);
  memcpy(other, label, 3);
  assert_memory_not_equal(first, other, 3);
  ncrt_iterator_close(&iterator);
  assert_true(ncrt_iterator_open(&iterator, &dataset, 3, 4, true, false, &status));
  iterator.drop_last = true;
  for (int i = 0; i < 4; i++) {
    assert_int_equal(ncrt_iterator_done(&iterator), i >= 2);
    assert_int_equal(ncrt_iterator_next(&iterator, staging), i < 2 ? 3 : 0);
  }
  ncrt_iterator_close(&iterator);
  ncrt_dataset_close(&dataset);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(binds),
      cmocka_unit_test(checks_ranges),
      cmocka_unit_test(philox_is_philox),
      cmocka_unit_test(permutes),
      cmocka_unit_test(keeps_its_orders),
      cmocka_unit_test(permutes_evenly),
      cmocka_unit_test(goes_in_batches),
      cmocka_unit_test(drops_the_last),
      cmocka_unit_test(deals_parts),
      cmocka_unit_test(shuffles_and_repeats),
      cmocka_unit_test(goes_on_from_a_cursor),
      cmocka_unit_test(binds_memory),
      cmocka_unit_test(takes_and_skips),
      cmocka_unit_test(ends_and_restarts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
