// Goes through a data set in batches.
#include "iterator.h"

#include "order.h"

#include <stdlib.h>
#include <string.h>

bool ncrt_iterator_open(NcrtIterator *iterator, const NcrtDataset *dataset, int64_t batch,
                        int64_t seed, bool shuffle, bool repeat, NcrtStatus *status) {
  *iterator = (NcrtIterator){.dataset = dataset,
                             .batch = batch,
                             .seed = seed,
                             .shuffle = shuffle,
                             .repeat = repeat,
                             .order_epoch = -1};
  if (dataset->rows < 1 || batch < 1)
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "a batch of %lld cannot be taken from a data set of %lld samples",
                     (long long)batch, (long long)dataset->rows);
  if (!shuffle)
    return true;
  size_t bytes = (size_t)dataset->rows * sizeof *iterator->order;
  iterator->order = malloc(bytes);
  return iterator->order != NULL || ncrt_fail_memory(status, bytes, "the order of the samples");
}

void ncrt_iterator_close(NcrtIterator *iterator) {
  free(iterator->order);
  *iterator = (NcrtIterator){0};
}

static void prepare_order(NcrtIterator *iterator) {
  if (!iterator->shuffle || iterator->order_epoch == iterator->cursor.epoch)
    return;
  iterator->order_epoch = iterator->cursor.epoch;
  ncrt_order(iterator->seed, iterator->cursor.epoch, iterator->dataset->rows, iterator->order);
}

static int64_t row_of(const NcrtIterator *iterator, int64_t place) {
  return ncrt_dataset_row(iterator->dataset, iterator->shuffle ? iterator->order[place] : place);
}

static void gather(const NcrtIterator *iterator, const NcrtBound *bound, int64_t count, char *to) {
  const char *from = bound->array.data;
  int64_t first = iterator->cursor.position, bytes = bound->row_bytes;
  bool in_order = !iterator->shuffle && iterator->dataset->picked == NULL;
  if (in_order)
    memcpy(to, from + first * bytes, (size_t)(count * bytes));
  for (int64_t k = 0; k < count && !in_order; k++)
    memcpy(to + k * bytes, from + row_of(iterator, first + k) * bytes, (size_t)bytes);
}

// How many samples of the epoch are still to come.
static int64_t left_of(const NcrtIterator *iterator) {
  int64_t left = iterator->dataset->rows - iterator->cursor.position;
  bool drops = iterator->drop_last && iterator->cursor.position > 0 && left < iterator->batch;
  return drops ? 0 : left;
}

bool ncrt_iterator_done(const NcrtIterator *iterator) {
  if (!iterator->repeat)
    return left_of(iterator) == 0;
  return iterator->epochs > 0 && iterator->cursor.epoch >= iterator->epochs;
}

void ncrt_iterator_restart(NcrtIterator *iterator, int64_t seed) {
  iterator->seed = seed;
  iterator->cursor = (NcrtCursor){0};
  iterator->order_epoch = -1;
}

int64_t ncrt_iterator_next(NcrtIterator *iterator, void *const *staging) {
  if (ncrt_iterator_done(iterator))
    return 0;
  int64_t left = left_of(iterator);
  if (left == 0 && iterator->repeat)
    iterator->cursor = (NcrtCursor){.epoch = iterator->cursor.epoch + 1};
  if (left == 0)
    return 0;
  prepare_order(iterator);
  int64_t count = left < iterator->batch ? left : iterator->batch;
  for (int i = 0; i < iterator->dataset->count; i++)
    if (staging[i] != NULL)
      gather(iterator, &iterator->dataset->bound[i], count, staging[i]);
  iterator->cursor.position += count;
  return count;
}

bool ncrt_iterator_seek(NcrtIterator *iterator, NcrtCursor cursor, NcrtStatus *status) {
  if (cursor.epoch < 0 || cursor.position < 0 || cursor.position > iterator->dataset->rows)
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "cannot go on at sample %lld of epoch %lld: the data set has %lld samples",
                     (long long)cursor.position, (long long)cursor.epoch,
                     (long long)iterator->dataset->rows);
  iterator->cursor = cursor;
  return true;
}
