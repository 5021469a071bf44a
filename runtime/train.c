// The training loop and evaluation.
#include "train.h"

#include "classes.h"
#include "dtype.h"
#include "feed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    if (entry->results[i].shape.rank != 0 ||
        !ncrt_session_scalar(session, number, metric->name, &metric->value))
      continue;
    if (isnan(metric->value))
      metric->value = NAN; // without the sign that a division gave it and printf would show
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

static bool evaluate_batches(NcrtFeed *feed, NcrtPass *pass, const NcrtWatcher *watcher,
                             NcrtStatus *status) {
  tell_begin(watcher, pass);
  while (ncrt_feed_next(feed) > 0) {
    if (!ncrt_session_run(pass->session, pass->entry, feed->count, feed->inputs, status))
      return name_row(pass->session, feed, status);
    pass->done += feed->count;
    tell_step(watcher, pass);
  }
  return true;
}

static bool evaluate(NcrtPass pass, const NcrtDataset *dataset, int64_t batch,
                     const NcrtWatcher *watcher, NcrtMetrics *metrics, NcrtStatus *status) {
  NcrtFeed feed;
  if (!find_entry(pass.session, "evaluate", &pass.entry, status) ||
      !check_count(pass.session, status) || !ncrt_session_reset_metrics(pass.session, status) ||
      !ncrt_feed_open(&feed, pass.session, pass.entry, dataset, batch, false, false, status))
    return false;
  bool done = evaluate_batches(&feed, &pass, watcher, status);
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
  NcrtOutcome outcome;
  bool saved;                    // something of this training
  char digest[NCRT_DIGEST_SIZE]; // of the data; empty until it is needed
  NcrtStatus *status;
} Loop;

static bool check_loss(Loop *loop) {
  double loss;
  const NcrtEntry *entry = &ncrt_session_program(loop->session)->entries[loop->entry];
  if (entry->result_count == 0 ||
      !ncrt_session_scalar(loop->session, loop->entry, entry->results[0].name, &loss) ||
      isfinite(loss))
    return true;
  loop->outcome.not_finite = true;
  // Before the first update the learning rate cannot be what is wrong.
  const char *hint = ncrt_session_step(loop->session) == 1
                         ? "nothing was learned yet, so look at the data and the loss itself"
                         : "try a smaller learning rate";
  return ncrt_fail(
      loop->status, NCRT_BAD_INPUT,
      "epoch %lld, step %lld: the loss is %s; training stopped before the update%s%s; %s",
      (long long)loop->feed.iterator.cursor.epoch + 1, (long long)ncrt_session_step(loop->session),
      isnan(loss) ? "not a number" : "infinite",
      loop->saved ? "; what was saved last is kept in " : "",
      loop->saved ? loop->training->checkpoint : "", hint);
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

// An update can spoil a param after the loss was looked at: such params must not replace those that
// were saved before.
static bool check_params(const Loop *loop) {
  const NcrtCursor *cursor = &loop->feed.iterator.cursor;
  const NcrtProgram *program = ncrt_session_program(loop->session);
  for (int i = 0; i < program->variable_count; i++) {
    const NcrtVariable *variable = &program->variables[i];
    if (ncrt_is_of_network(variable->kind) &&
        !is_finite(ncrt_session_data(loop->session, i), &variable->shape))
      return ncrt_fail(loop->status, NCRT_BAD_INPUT,
                       "epoch %lld, step %lld: %s %s is no longer finite; training stopped and "
                       "this was not saved; try a smaller learning rate",
                       (long long)cursor->epoch + (cursor->position > 0),
                       (long long)ncrt_session_step(loop->session),
                       variable->kind == NCRT_PARAM ? "param" : "buffer", variable->name);
  }
  return true;
}

static bool save(Loop *loop, const char *path) {
  const NcrtTraining *training = loop->training;
  const NcrtCursor cursor = loop->feed.iterator.cursor;
  if (path == NULL)
    return true;
  if (loop->digest[0] == 0)
    ncrt_dataset_digest(training->data, loop->digest);
  char monitor[200];
  snprintf(monitor, sizeof monitor, "%s%s", training->monitor.falls ? "-" : "",
           training->monitor.name != NULL ? training->monitor.name : "");
  NcrtCheckpointInfo info = {.step = ncrt_session_step(loop->session),
                             .epoch = cursor.epoch,
                             .position = cursor.position,
                             .samples = training->data->rows,
                             .seed = ncrt_session_seed(loop->session),
                             .batch = training->batch,
                             .digest = loop->digest,
                             .monitor = training->monitor.name != NULL ? monitor : NULL,
                             .best = loop->outcome.best,
                             .source = training->source,
                             .source_name = training->source_name,
                             .data = training->data_text,
                             .texts = training->texts,
                             .text_count = training->text_count};
  char *classes = NULL;
  if (!ncrt_classes_write(training->data, &classes, loop->status))
    return false;
  info.classes = classes;
  bool saved = ncrt_checkpoint_save(path, loop->session, &info, loop->status);
  free(classes);
  loop->saved |= saved;
  return saved;
}

static bool stop_asked(const Loop *loop) {
  return loop->training->stop != NULL && *loop->training->stop != 0;
}

// Within an epoch.
static bool save_step(Loop *loop) {
  return loop->training->checkpoint == NULL ||
         (check_params(loop) && save(loop, loop->training->checkpoint));
}

static bool train_step(Loop *loop, NcrtPass *pass) {
  int64_t step = ncrt_session_step(loop->session), every = loop->training->checkpoint_every;
  ncrt_session_set_step(loop->session, step + 1);
  if (!run_step(loop)) {
    ncrt_session_set_step(loop->session, step);
    return false;
  }
  pass->done = loop->feed.iterator.cursor.position;
  loop->outcome.samples += loop->feed.count;
  tell_step(&loop->training->watcher, pass);
  return every == 0 || (step + 1) % every != 0 || save_step(loop);
}

// Whether the monitored figure was never better; notes it if so. What is not a number is not.
static bool is_best(Loop *loop, const NcrtEpoch *epoch) {
  const NcrtMonitor *monitor = &loop->training->monitor;
  const NcrtMetrics *metrics = epoch->validated ? &epoch->validation : &epoch->training;
  NcrtBest *best = &loop->outcome.best;
  for (int i = 0; monitor->name != NULL && i < metrics->count; i++) {
    double value = metrics->items[i].value;
    if (strcmp(metrics->items[i].name, monitor->name) != 0 || isnan(value))
      continue;
    if (best->epoch > 0 && (monitor->falls ? value >= best->value : value <= best->value))
      return false;
    *best = (NcrtBest){value, epoch->epoch + 1};
    return true;
  }
  return false;
}

static bool validate(Loop *loop, NcrtPass pass, NcrtEpoch *epoch) {
  const NcrtTraining *training = loop->training;
  if (training->validate == NULL)
    return true;
  pass.training = false;
  pass.samples = training->validate->rows;
  pass.done = 0;
  return evaluate(pass, training->validate, training->batch, &training->watcher, &epoch->validation,
                  loop->status);
}

// After the last step: the cursor stands at the next epoch's start.
static bool end_epoch(Loop *loop, const NcrtPass *pass, NcrtEpoch *epoch) {
  const NcrtTraining *training = loop->training;
  epoch->step = ncrt_session_step(loop->session);
  if (!ncrt_metrics_read(loop->session, true, &epoch->training, loop->status) ||
      !ncrt_session_reset_metrics(loop->session, loop->status) || !check_params(loop) ||
      !validate(loop, *pass, epoch))
    return false;
  epoch->best = is_best(loop, epoch);
  loop->outcome.last = *epoch;
  // Told before it is saved: of an epoch that is saved nothing is lost, whenever the process is
  // killed; one that is not saved comes again.
  if (training->watcher.epoch != NULL)
    training->watcher.epoch(training->watcher.context, epoch);
  return (!epoch->best || save(loop, training->best_checkpoint)) &&
         save(loop, training->checkpoint);
}

static bool run_epoch(Loop *loop) {
  const NcrtTraining *training = loop->training;
  const NcrtCursor begin = loop->feed.iterator.cursor;
  NcrtPass pass = {.session = loop->session,
                   .training = true,
                   .epoch = begin.epoch,
                   .epochs = training->epochs,
                   .samples = training->data->rows,
                   .done = begin.position,
                   .entry = loop->entry};
  NcrtEpoch epoch = {
      .epoch = begin.epoch, .epochs = training->epochs, .validated = training->validate != NULL};
  ncrt_session_set_epoch(loop->session, begin.epoch);
  // An epoch that is continued goes on with the totals that it had.
  if (begin.position == 0 && !ncrt_session_reset_metrics(loop->session, loop->status))
    return false;
  tell_begin(&training->watcher, &pass);
  while (!stop_asked(loop) && ncrt_feed_next(&loop->feed) > 0)
    if (!train_step(loop, &pass))
      return false;
  if (loop->feed.iterator.cursor.epoch == begin.epoch) // it was stopped
    return save_step(loop);
  epoch.samples = pass.done - begin.position;
  return end_epoch(loop, &pass, &epoch);
}

static bool is_over(Loop *loop) {
  const NcrtTraining *training = loop->training;
  int64_t done = loop->feed.iterator.cursor.epoch;
  NcrtEnd *end = &loop->outcome.end;
  if (done >= training->epochs)
    *end = NCRT_END_DONE;
  else if (training->patience > 0 && done - loop->outcome.best.epoch >= training->patience)
    *end = NCRT_END_PATIENCE;
  else if (stop_asked(loop))
    *end = NCRT_END_STOPPED;
  else
    return false;
  return true;
}

bool ncrt_train(NcrtSession *session, const NcrtTraining *training, NcrtOutcome *outcome,
                NcrtStatus *status) {
  Loop loop = {.session = session,
               .training = training,
               .outcome = {.best = training->best},
               .status = status};
  if (!find_entry(session, "train_step", &loop.entry, status) || !check_count(session, status) ||
      !ncrt_feed_open(&loop.feed, session, loop.entry, training->data, training->batch,
                      !training->in_order, true, status))
    return false;
  loop.feed.iterator.drop_last = training->drop_last;
  bool done = ncrt_iterator_seek(&loop.feed.iterator, training->start, status);
  while (done && !is_over(&loop))
    done = run_epoch(&loop);
  if (outcome != NULL)
    *outcome = loop.outcome;
  ncrt_feed_close(&loop.feed);
  return done;
}
