// Goes through data sets in batches.
#include "api/api.h"

#include <stdlib.h>
#include <string.h>

static int find_dataset(const NetcProgram *program, const char *name, NetcStatus *status) {
  const NcProgram *source = program->code.unit.program;
  if (!name && source->train.data < 0)
    nc_api_fail(status, NETC_BAD_INPUT, "the program trains on no data set: name one");
  if (!name)
    return source->train.data;
  for (int i = 0; i < source->datasets.count; i++)
    if (strcmp(source->datasets.items[i].name, name) == 0)
      return i;
  nc_api_fail_name(status, program, "data set", name, netc_dataset);
  return -1;
}

// Read when it is first asked for.
static const NcrtDataset *open_dataset(NetcProgram *program, int number, NcrtStatus *status) {
  locale_t before = nc_api_locale_begin();
  pthread_mutex_lock(&program->lock);
  bool ok = nc_experiment_open_data(&program->code.e, number, status);
  pthread_mutex_unlock(&program->lock);
  nc_api_locale_end(before);
  return ok ? &program->code.e.datasets[number] : NULL;
}

static bool open_staging(NetcIterator *it, NcrtStatus *status) {
  const NcrtDataset *dataset = it->iterator.dataset;
  int64_t batch = it->iterator.batch < dataset->rows ? it->iterator.batch : dataset->rows;
  it->staging = calloc((size_t)dataset->count + 1, sizeof *it->staging);
  if (!it->staging)
    return ncrt_fail_memory(status, sizeof *it->staging, "a batch");
  for (int i = 0; i < dataset->count; i++) {
    size_t bytes = (size_t)(batch * dataset->bound[i].row_bytes); // no more than the data set has
    it->staging[i] = aligned_alloc(64, (bytes + 64) / 64 * 64);
    if (!it->staging[i])
      return ncrt_fail_memory(status, bytes, "a batch");
  }
  return true;
}

static bool open_iterator(NetcIterator *it, int number, const NetcIteratorOptions *options,
                          NcrtStatus *status) {
  NetcProgram *program = it->session->program;
  const NcTrain *train = &program->code.unit.program->train;
  const NcrtDataset *dataset = open_dataset(program, number, status);
  int64_t batch = options->batch != 0 ? options->batch : train->present ? train->batch : 1;
  if (!dataset ||
      !ncrt_iterator_open(&it->iterator, dataset, batch, ncrt_session_seed(it->session->session),
                          options->shuffle, options->repeat, status))
    return false;
  it->iterator.drop_last = options->drop_last;
  return open_staging(it, status);
}

bool netc_iterator_open(NetcSession *session, const char *dataset,
                        const NetcIteratorOptions *options, NetcIterator **iterator,
                        NetcStatus *status) {
  static const NetcIteratorOptions usual = {0};
  NcrtStatus failed = {0};
  *iterator = NULL;
  int number = find_dataset(session->program, dataset, status);
  if (number < 0)
    return false;
  NetcIterator *opened = calloc(1, sizeof *opened);
  if (!opened)
    return nc_api_fail_memory(status);
  opened->session = session;
  opened->next = session->iterators;
  session->iterators = opened;
  if (!open_iterator(opened, number, options ? options : &usual, &failed)) {
    netc_iterator_close(opened);
    return nc_api_fail_status(status, &failed);
  }
  *iterator = opened;
  return true;
}

void netc_iterator_close(NetcIterator *iterator) {
  if (!iterator)
    return;
  NetcIterator **place = &iterator->session->iterators;
  while (*place != iterator)
    place = &(*place)->next;
  *place = iterator->next;
  for (int i = 0; iterator->staging && i < iterator->iterator.dataset->count; i++)
    free(iterator->staging[i]);
  free(iterator->staging);
  ncrt_iterator_close(&iterator->iterator);
  free(iterator);
}

int64_t netc_next(NetcIterator *iterator) {
  iterator->count = ncrt_iterator_next(&iterator->iterator, iterator->staging);
  return iterator->count;
}

int64_t netc_samples(const NetcIterator *iterator) { return iterator->iterator.dataset->rows; }
