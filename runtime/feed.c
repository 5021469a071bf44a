// Feeds an entry with batches through staging buffers.
#include "feed.h"

#include <stdlib.h>

static void *stage(NcrtFeed *feed, const NcrtDataset *dataset, int input, int64_t batch,
                   NcrtStatus *status) {
  const NcrtBound *bound = ncrt_dataset_find(dataset, input);
  if (bound == NULL) {
    ncrt_fail(status, NCRT_BAD_INPUT,
              "the data set feeds no input %s, which is needed; bind it to a file",
              dataset->program->inputs[input].name);
    return NULL;
  }
  int64_t bytes;
  void **staging = &feed->staging[bound - dataset->bound];
  if (__builtin_mul_overflow(batch, bound->row_bytes, &bytes) || bytes > INT64_C(1) << 47)
    ncrt_fail(status, NCRT_BAD_INPUT, "a batch of %lld is too large; make it smaller",
              (long long)batch);
  else if (*staging == NULL &&
           (*staging = aligned_alloc(64, (size_t)(bytes + 63) / 64 * 64)) == NULL)
    ncrt_fail_memory(status, (size_t)bytes, "a batch");
  return *staging;
}

static bool open_staging(NcrtFeed *feed, const NcrtEntry *entry, const NcrtDataset *dataset,
                         int64_t batch, NcrtStatus *status) {
  feed->staging = calloc((size_t)dataset->count + 1, sizeof *feed->staging);
  feed->inputs = calloc((size_t)entry->input_count + 1, sizeof *feed->inputs);
  if (feed->staging == NULL || feed->inputs == NULL)
    return ncrt_fail_memory(status, sizeof *feed->inputs, "a batch");
  for (int i = 0; i < entry->input_count; i++) {
    feed->inputs[i] = stage(feed, dataset, entry->inputs[i], batch, status);
    if (feed->inputs[i] == NULL)
      return false;
  }
  return true;
}

bool ncrt_feed_open(NcrtFeed *feed, const NcrtSession *session, int entry,
                    const NcrtDataset *dataset, int64_t batch, bool shuffle, bool repeat,
                    NcrtStatus *status) {
  *feed = (NcrtFeed){0};
  int64_t largest = batch < dataset->rows ? batch : dataset->rows;
  const NcrtEntry *code = &ncrt_session_program(session)->entries[entry];
  bool done = ncrt_iterator_open(&feed->iterator, dataset, batch, ncrt_session_seed(session),
                                 shuffle, repeat, status) &&
              open_staging(feed, code, dataset, largest, status);
  if (!done)
    ncrt_feed_close(feed);
  return done;
}

void ncrt_feed_close(NcrtFeed *feed) {
  const NcrtDataset *dataset = feed->iterator.dataset;
  for (int i = 0; feed->staging != NULL && i < dataset->count; i++)
    free(feed->staging[i]);
  free(feed->staging);
  free(feed->inputs);
  ncrt_iterator_close(&feed->iterator);
  *feed = (NcrtFeed){0};
}

void ncrt_feed_restart(NcrtFeed *feed, const NcrtSession *session) {
  ncrt_iterator_restart(&feed->iterator, ncrt_session_seed(session));
  feed->count = 0;
}

int64_t ncrt_feed_next(NcrtFeed *feed) {
  feed->count = ncrt_iterator_next(&feed->iterator, feed->staging);
  return feed->count;
}

int64_t ncrt_feed_row(const NcrtFeed *feed, int64_t n) {
  int64_t place = feed->iterator.cursor.position - feed->count + n;
  return ncrt_dataset_row(feed->iterator.dataset,
                          feed->iterator.shuffle ? feed->iterator.order[place] : place);
}
