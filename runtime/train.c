// The training loop and evaluation.
#include "train.h"

#include "classes.h"
#include "dtype.h"
#include "feed.h"

#include <math.h>
#include <stdlib.h>

bool ncrt_metrics_read(NcrtSession *session, bool training, NcrtMetrics *metrics,
                       NcrtStatus *status) {
  int number = ncrt_session_entry(session, training ? "train_metrics" : "metrics");
  metrics->count = 0;
  if (number < 0)
    return true;
  if (!ncrt_session_run(session, number, 1, NULL, status))
    return false;
  const NcrtEntry *entry = &ncrt_session_program(session)->entries[number];
  for (int i = 0; i < entry->result_count && metrics->count < NCRT_MAX_METRICS; i++) {
    NcrtMetric *metric = &metrics->items[metrics->count];
    metric->name = entry->results[i].name;
    if (entry->results[i].shape.rank == 0 &&
        ncrt_session_scalar(session, number, metric->name, &metric->value))
      metrics->count++;
  }
  return true;
}

static bool find_entry(const NcrtSession *session, const char *name, int *number,
                       NcrtStatus *status) {
  *number = ncrt_session_entry(session, name);
  return *number >= 0 || ncrt_fail(status, NCRT_BAD_INPUT, "the program has no entry %s", name);
}

static void tell_begin(const NcrtWatcher *watcher, const NcrtPass *pass) {
  if (watcher != NULL && watcher->begin != NULL)
    watcher->begin(watcher->context, pass);
}

static void tell_step(const NcrtWatcher *watcher, const NcrtPass *pass) {
  if (watcher != NULL && watcher->step != NULL)
    watcher->step(watcher->context, pass);
}

// A fault names a sample of the batch; in the data set it has a row, which is what the user can
// look up.
static bool name_row(const NcrtSession *session, const NcrtFeed *feed, NcrtStatus *status) {
  const NcrtFault *fault = ncrt_session_fault(session);
  if (fault == NULL || fault->sample < 0 || fault->sample >= feed->count)
    return false;
  return ncrt_fail(status, NCRT_BAD_INPUT,
                   "the value %lld is not allowed here, in sample %lld of the data set",
                   (long long)fault->value, (long long)ncrt_feed_row(feed, fault->sample));
}

static bool check_count(const NcrtSession *session, NcrtStatus *status) {
  const NcrtProgram *program = ncrt_session_program(session);
  int entry = ncrt_session_entry(session, "metrics");
  if (entry < 0 || program->entries[entry].result_count <= NCRT_MAX_METRICS)
    return true;
  return ncrt_fail(status, NCRT_BAD_INPUT,
                   "the program has %d results in its evaluation; at most %d are possible",
                   program->entries[entry].result_count, NCRT_MAX_METRICS);
}

static bool evaluate_batches(NcrtFeed *feed, int entry, NcrtPass *pass, const NcrtWatcher *watcher,
                             NcrtStatus *status) {
  tell_begin(watcher, pass);
  while (ncrt_feed_next(feed) > 0) {
    if (!ncrt_session_run(pass->session, entry, feed->count, feed->inputs, status))
      return name_row(pass->session, feed, status);
    pass->done += feed->count;
    tell_step(watcher, pass);
  }
  return true;
}

static bool evaluate(NcrtPass pass, const NcrtDataset *dataset, int64_t batch,
                     const NcrtWatcher *watcher, NcrtMetrics *metrics, NcrtStatus *status) {
  int entry;
  NcrtFeed feed;
  if (!find_entry(pass.session, "evaluate", &entry, status) || !check_count(pass.session, status) ||
      !ncrt_session_reset_metrics(pass.session, status) ||
      !ncrt_feed_open(&feed, pass.session, entry, dataset, batch, false, false, status))
    return false;
  bool done = evaluate_batches(&feed, entry, &pass, watcher, status);
  ncrt_feed_close(&feed);
  return done && ncrt_metrics_read(pass.session, false, metrics, status) &&
         ncrt_session_reset_metrics(pass.session, status);
}

bool ncrt_evaluate(NcrtSession *session, const NcrtDataset *dataset, int64_t batch,
                   const NcrtWatcher *watcher, NcrtMetrics *metrics, NcrtStatus *status) {
  NcrtPass pass = {.session = session, .samples = dataset->rows};
  return evaluate(pass, dataset, batch, watcher, metrics, status);
}

// A training that runs.
typedef struct Loop {
  NcrtSession *session;
  const NcrtTraining *training;
  NcrtFeed feed;
  int entry;
  NcrtStatus *status;
} Loop;

static bool check_loss(Loop *loop) {
  double loss;
  if (!ncrt_session_scalar(loop->session, loop->entry, "loss", &loss) || isfinite(loss))
    return true;
  bool kept = loop->training->checkpoint != NULL &&
              loop->feed.iterator.cursor.epoch > loop->training->start.epoch;
  // Before the first update the learning rate cannot be what is wrong.
  const char *hint = ncrt_session_step(loop->session) == 1
                         ? "nothing was learned yet, so look at the data and the loss itself"
                         : "try a smaller learning rate";
  return ncrt_fail(
      loop->status, NCRT_BAD_INPUT,
      "epoch %lld, step %lld: the loss is %s; training stopped before the update%s%s; %s",
      (long long)loop->feed.iterator.cursor.epoch + 1, (long long)ncrt_session_step(loop->session),
      isnan(loss) ? "not a number" : "infinite", kept ? "; the last epoch is kept in " : "",
      kept ? loop->training->checkpoint : "", hint);
}

// The loss is looked at between the phases that compute it and those that change parameters.
static bool run_step(Loop *loop) {
  const NcrtEntry *entry = &ncrt_session_program(loop->session)->entries[loop->entry];
  int split = entry->update_phase > 0 ? entry->update_phase : entry->phase_count;
  return (ncrt_session_run_phases(loop->session, loop->entry, 0, split, loop->feed.count,
                                  loop->feed.inputs, loop->status) ||
          name_row(loop->session, &loop->feed, loop->status)) &&
         check_loss(loop) &&
         (ncrt_session_run_phases(loop->session, loop->entry, split, entry->phase_count,
                                  loop->feed.count, loop->feed.inputs, loop->status) ||
          name_row(loop->session, &loop->feed, loop->status));
}

static bool train_epoch(Loop *loop, NcrtPass *pass, NcrtMetrics *metrics) {
  tell_begin(&loop->training->watcher, pass);
  while (ncrt_feed_next(&loop->feed) > 0) {
    int64_t step = ncrt_session_step(loop->session);
    ncrt_session_set_step(loop->session, step + 1);
    if (!run_step(loop)) {
      ncrt_session_set_step(loop->session, step);
      return false;
    }
    pass->done = loop->feed.iterator.cursor.position;
    tell_step(&loop->training->watcher, pass);
  }
  return ncrt_metrics_read(loop->session, true, metrics, loop->status);
}

static bool is_finite(const void *data, const NcrtShape *shape) {
  int64_t count = ncrt_shape_elements(shape, 1);
  for (int64_t i = 0; shape->dtype == NCRT_F32 && i < count; i++)
    if (!isfinite(((const float *)data)[i]))
      return false;
  for (int64_t i = 0; shape->dtype == NCRT_F64 && i < count; i++)
    if (!isfinite(((const double *)data)[i]))
      return false;
  return true;
}

// An epoch's last update can spoil a param after its loss was looked at: such params must not
// replace those of the epoch before.
static bool check_params(const Loop *loop) {
  const NcrtProgram *program = ncrt_session_program(loop->session);
  for (int i = 0; i < program->variable_count; i++) {
    const NcrtVariable *variable = &program->variables[i];
    if (ncrt_is_of_network(variable->kind) &&
        !is_finite(ncrt_session_data(loop->session, i), &variable->shape))
      return ncrt_fail(loop->status, NCRT_BAD_INPUT,
                       "epoch %lld, step %lld: %s %s is no longer finite; training stopped and "
                       "nothing was saved of this epoch; try a smaller learning rate",
                       (long long)loop->feed.iterator.cursor.epoch,
                       (long long)ncrt_session_step(loop->session),
                       variable->kind == NCRT_PARAM ? "param" : "buffer", variable->name);
  }
  return true;
}

static bool save(const Loop *loop) {
  const NcrtTraining *training = loop->training;
  const NcrtCursor cursor = loop->feed.iterator.cursor;
  if (training->checkpoint == NULL)
    return true;
  NcrtCheckpointInfo info = {.step = ncrt_session_step(loop->session),
                             .epoch = cursor.epoch,
                             .position = cursor.position,
                             .samples = training->data->rows,
                             .seed = ncrt_session_seed(loop->session),
                             .source = training->source,
                             .source_name = training->source_name,
                             .data = training->data_text,
                             .texts = training->texts,
                             .text_count = training->text_count};
  char *classes = NULL;
  if (!ncrt_classes_write(training->data, &classes, loop->status))
    return false;
  info.classes = classes;
  bool saved = ncrt_checkpoint_save(training->checkpoint, loop->session, &info, loop->status);
  free(classes);
  return saved;
}

static bool run_epoch(Loop *loop, NcrtEpoch *epoch) {
  const NcrtTraining *training = loop->training;
  const NcrtCursor begin = loop->feed.iterator.cursor;
  NcrtPass pass = {.session = loop->session,
                   .training = true,
                   .epoch = begin.epoch,
                   .epochs = training->epochs,
                   .samples = training->data->rows,
                   .done = begin.position};
  *epoch = (NcrtEpoch){
      .epoch = begin.epoch, .epochs = training->epochs, .validated = training->validate != NULL};
  ncrt_session_set_epoch(loop->session, begin.epoch);
  // An epoch that is continued goes on with the totals that it had.
  if (begin.position == 0 && !ncrt_session_reset_metrics(loop->session, loop->status))
    return false;
  if (!train_epoch(loop, &pass, &epoch->training) ||
      !ncrt_session_reset_metrics(loop->session, loop->status))
    return false;
  epoch->step = ncrt_session_step(loop->session);
  epoch->samples = pass.done - begin.position;
  if (!check_params(loop))
    return false;
  if (training->validate != NULL) {
    NcrtPass validation = pass;
    validation.training = false;
    validation.samples = training->validate->rows;
    validation.done = 0;
    if (!evaluate(validation, training->validate, training->batch, &training->watcher,
                  &epoch->validation, loop->status))
      return false;
  }
  return save(loop);
}

static bool run_epochs(Loop *loop, NcrtEpoch *last) {
  const NcrtTraining *training = loop->training;
  if (!ncrt_iterator_seek(&loop->feed.iterator, training->start, loop->status))
    return false;
  while (loop->feed.iterator.cursor.epoch < training->epochs) {
    NcrtEpoch epoch;
    if (!run_epoch(loop, &epoch))
      return false;
    if (training->watcher.epoch != NULL)
      training->watcher.epoch(training->watcher.context, &epoch);
    if (last != NULL)
      *last = epoch;
  }
  return true;
}

bool ncrt_train(NcrtSession *session, const NcrtTraining *training, NcrtEpoch *last,
                NcrtStatus *status) {
  Loop loop = {.session = session, .training = training, .status = status};
  if (!find_entry(session, "train_step", &loop.entry, status) || !check_count(session, status) ||
      !ncrt_feed_open(&loop.feed, session, loop.entry, training->data, training->batch,
                      !training->in_order, true, status))
    return false;
  loop.feed.iterator.drop_last = training->drop_last;
  bool done = run_epochs(&loop, last);
  ncrt_feed_close(&loop.feed);
  return done;
}
