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

static bool open_batches(NetcIterator *it, const NcrtDataset *dataset,
                         const NetcIteratorOptions *options, NcrtStatus *status) {
  const NcTrain *train = &it->session->program->code.unit.program->train;
  int64_t batch = options->batch != 0 ? options->batch : train->present ? train->batch : 1;
  if (!ncrt_iterator_open(&it->iterator, dataset, batch, ncrt_session_seed(it->session->session),
                          options->shuffle, options->repeat, status))
    return false;
  it->iterator.drop_last = options->drop_last;
  it->iterator.epochs = options->epochs;
  return open_staging(it, status);
}

// Of the session, with nothing to go through yet.
static NetcIterator *add_iterator(NetcSession *session, NetcStatus *status) {
  NetcIterator *it = calloc(1, sizeof *it);
  if (!it) {
    nc_api_fail_memory(status);
    return NULL;
  }
  it->session = session;
  it->next = session->iterators;
  session->iterators = it;
  return it;
}

static bool finish(NetcIterator *it, const NcrtDataset *dataset, const NetcIteratorOptions *options,
                   NetcIterator **iterator, NetcStatus *status) {
  static const NetcIteratorOptions usual = {0};
  NcrtStatus failed = {0};
  if (open_batches(it, dataset, options ? options : &usual, &failed)) {
    *iterator = it;
    return true;
  }
  netc_iterator_close(it);
  return nc_api_fail_status(status, &failed);
}

bool netc_iterator_open(NetcSession *session, const char *dataset,
                        const NetcIteratorOptions *options, NetcIterator **iterator,
                        NetcStatus *status) {
  NcrtStatus failed = {0};
  *iterator = NULL;
  int number = find_dataset(session->program, dataset, status);
  if (number < 0)
    return false;
  const NcrtDataset *data = open_dataset(session->program, number, &failed);
  if (!data)
    return nc_api_fail_status(status, &failed);
  NetcIterator *it = add_iterator(session, status);
  return it && finish(it, data, options, iterator, status);
}

static bool bind_arrays(NetcIterator *it, const NetcFeed *arrays, int32_t count,
                        NetcStatus *status) {
  const NetcProgram *program = it->session->program;
  NcrtStatus failed = {0};
  ncrt_dataset_open(&it->arrays, &program->code.e.inputs);
  for (int i = 0; i < count; i++) {
    int number;
    if (!nc_api_find_fed(program, &arrays[i], &number, status))
      return false;
    if (!program->code.e.inputs.inputs[number].shape.batched)
      return nc_api_fail(status, NETC_BAD_INPUT, "input %s has no samples: feed it in each run",
                         arrays[i].input);
    if (!ncrt_dataset_bind_memory(&it->arrays, number, arrays[i].value.dims[0],
                                  arrays[i].value.data, true, &failed))
      return nc_api_fail_status(status, &failed);
  }
  return true;
}

bool netc_iterator_open_arrays(NetcSession *session, const NetcFeed *arrays, int32_t array_count,
                               const NetcIteratorOptions *options, NetcIterator **iterator,
                               NetcStatus *status) {
  *iterator = NULL;
  NetcIterator *it = add_iterator(session, status);
  if (!it)
    return false;
  if (bind_arrays(it, arrays, array_count, status))
    return finish(it, &it->arrays, options, iterator, status);
  netc_iterator_close(it);
  return false;
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
  ncrt_dataset_close(&iterator->arrays);
  free(iterator);
}

int64_t netc_next(NetcIterator *iterator) {
  iterator->count = ncrt_iterator_next(&iterator->iterator, iterator->staging);
  return iterator->count;
}

void netc_restart(NetcIterator *iterator) {
  ncrt_iterator_restart(&iterator->iterator, ncrt_session_seed(iterator->session->session));
  iterator->count = 0;
}

int64_t netc_samples(const NetcIterator *iterator) { return iterator->iterator.dataset->rows; }
