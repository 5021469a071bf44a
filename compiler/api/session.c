// Sessions: variables, their first values, and checkpoints.
#include "api/api.h"

#include "base/map.h"
#include "driver/data.h"
#include "driver/stored.h"
#include "dtype.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- beginning

// What the initializers work on.
static NcExperiment experiment(const NetcSession *session) {
  NcExperiment e = session->program->code.e;
  e.session = session->session;
  return e;
}

bool netc_initialize(NetcSession *session, NetcStatus *status) {
  NcrtStatus failed = {0};
  NcExperiment e = experiment(session);
  return nc_stored_initialize_variables(&e, &failed) || nc_api_fail_status(status, &failed);
}

bool netc_reset_metrics(NetcSession *session, NetcStatus *status) {
  NcrtStatus failed = {0};
  return ncrt_session_reset_metrics(session->session, &failed) ||
         nc_api_fail_status(status, &failed);
}

static void set_counters(NcrtSession *session, const NcrtCheckpointInfo *info) {
  ncrt_session_set_seed(session, info->seed);
  ncrt_session_set_step(session, info->step);
  ncrt_session_set_epoch(session, info->epoch);
}

static bool load_program(NetcSession *session, NetcStatus *status) {
  const NetcProgram *program = session->program;
  NcrtStatus failed = {0};
  if (!ncrt_checkpoint_load(&program->checkpoint, session->session, NCRT_LOAD_PARAMS, &failed))
    return nc_api_fail_status(status, &failed);
  set_counters(session->session, &program->info);
  return netc_reset_metrics(session, status);
}

static bool begin(NetcSession *session, NetcStatus *status) {
  return session->program->from_checkpoint
             ? load_program(session, status)
             : netc_initialize(session, status) && netc_reset_metrics(session, status);
}

static bool open_parts(NetcSession *session, const NetcSessionOptions *options,
                       NetcStatus *status) {
  const NcrtProgram *program = &session->program->code.e.compiled->program;
  NcrtStatus failed = {0};
  size_t inputs = (size_t)program->input_count + 1;
  session->fed = calloc(inputs, sizeof *session->fed);
  session->inputs = calloc(inputs, sizeof *session->inputs);
  if (!session->fed || !session->inputs)
    return nc_api_fail_memory(status);
  int threads = options->threads == 0 ? ncrt_processor_count() : options->threads;
  return (ncrt_session_open(program, 1, options->seed, &session->session, &failed) &&
          ncrt_session_set_threads(session->session, threads, &failed)) ||
         nc_api_fail_status(status, &failed);
}

bool netc_session_open(NetcProgram *program, const NetcSessionOptions *options,
                       NetcSession **session, NetcStatus *status) {
  static const NetcSessionOptions usual = {.seed = 1};
  *session = NULL;
  NetcSession *opened = calloc(1, sizeof *opened);
  if (!opened)
    return nc_api_fail_memory(status);
  opened->program = program;
  if (!open_parts(opened, options ? options : &usual, status) || !begin(opened, status)) {
    netc_session_close(opened);
    return false;
  }
  *session = opened;
  return true;
}

void netc_session_close(NetcSession *session) {
  if (!session)
    return;
  while (session->iterators)
    netc_iterator_close(session->iterators);
  for (int i = 0; i < session->work_count; i++)
    ncrt_session_close(session->works[i].session);
  for (int i = 0; session->fed && i < session->program->code.e.compiled->program.input_count; i++)
    free(session->fed[i].data);
  ncrt_session_close(session->session);
  free(session->works);
  free(session->fed);
  free(session->inputs);
  free(session);
}

// ---- counters and variables

int64_t netc_steps(const NetcSession *session) { return ncrt_session_step(session->session); }

void netc_set_epoch(NetcSession *session, int64_t epoch) {
  ncrt_session_set_epoch(session->session, epoch);
}

static const char *variable_name(const NetcProgram *program, int number) {
  const char *name;
  NetcKind kind;
  NetcTensor type;
  return netc_variable(program, number, &name, &kind, &type) ? name : NULL;
}

static const NcrtVariable *find_variable(const NetcSession *session, const char *path, int *number,
                                         NetcStatus *status) {
  *number = ncrt_session_variable(session->session, path);
  if (*number >= 0)
    return &ncrt_session_program(session->session)->variables[*number];
  nc_api_fail_name(status, session->program, "variable", path, variable_name);
  return NULL;
}

bool netc_get(const NetcSession *session, const char *path, NetcTensor *value, NetcStatus *status) {
  int number;
  const NcrtVariable *variable = find_variable(session, path, &number, status);
  if (!variable)
    return false;
  *value = nc_api_type(&variable->shape);
  value->data = ncrt_session_data(session->session, number);
  return true;
}

bool netc_set(NetcSession *session, const char *path, const NetcTensor *value, NetcStatus *status) {
  int number;
  const NcrtVariable *variable = find_variable(session, path, &number, status);
  if (!variable || !nc_api_check_tensor(value, &variable->shape, "variable", path, status))
    return false;
  memmove(ncrt_session_data(session->session, number), value->data,
          (size_t)ncrt_shape_bytes(&variable->shape, 1));
  return true;
}

bool netc_metric(NetcSession *session, const char *name, bool training, double *value,
                 NetcStatus *status) {
  NcrtStatus failed = {0};
  NcrtMetrics metrics;
  if (!ncrt_metrics_read(session->session, training, &metrics, &failed))
    return nc_api_fail_status(status, &failed);
  const char *best = NULL;
  int distance = INT_MAX;
  for (int i = 0; i < metrics.count; i++) {
    nc_suggest(name, metrics.items[i].name, &best, &distance);
    if (strcmp(metrics.items[i].name, name) != 0)
      continue;
    *value = isnan(metrics.items[i].value) ? NAN : metrics.items[i].value; // without a sign
    return true;
  }
  char shown[200];
  return nc_api_fail(status, NETC_BAD_INPUT, "the program has no metric %s%s%s%s%s",
                     ncrt_printable(shown, sizeof shown, name), training ? " in training" : "",
                     best ? "; did you mean " : "", best ? best : "", best ? "?" : "");
}

// ---- checkpoints

// Where a training stands in its data; `digest` and *classes are what the info then points to.
static bool describe_iterator(const NetcIterator *iterator, NcrtCheckpointInfo *info, char *digest,
                              char **classes, NcrtStatus *status) {
  const NcrtIterator *it = &iterator->iterator;
  ncrt_dataset_digest(it->dataset, digest);
  bool ok = ncrt_classes_write(it->dataset, classes, status);
  info->epoch = it->cursor.epoch;
  info->position = it->cursor.position;
  info->samples = it->dataset->rows;
  info->batch = it->batch < it->dataset->rows ? it->batch : it->dataset->rows;
  info->digest = digest;
  info->classes = *classes;
  return ok;
}

bool netc_save(const NetcSession *session, const char *path, const NetcIterator *iterator,
               NetcStatus *status) {
  const NetcProgram *program = session->program;
  NcrtStatus failed = {0};
  NcArena *arena = nc_arena_create();
  char digest[NCRT_DIGEST_SIZE], *classes = NULL;
  NcrtCheckpointInfo info = {.seed = ncrt_session_seed(session->session),
                             .step = ncrt_session_step(session->session),
                             .epoch = ncrt_session_epoch(session->session),
                             .source = program->info.source,
                             .source_name = program->info.source_name,
                             .data = nc_data_describe(arena, program->code.unit.program),
                             .texts = program->info.texts,
                             .text_count = program->info.text_count};
  locale_t before = nc_api_locale_begin();
  bool ok = (!iterator || describe_iterator(iterator, &info, digest, &classes, &failed)) &&
            ncrt_checkpoint_save(path, session->session, &info, &failed);
  nc_api_locale_end(before);
  free(classes);
  nc_arena_destroy(arena);
  return ok || nc_api_fail_status(status, &failed);
}

static bool check_iterator(const NcrtSafetensors *file, const NcrtCheckpointInfo *info,
                           const NetcIterator *iterator, NcrtStatus *status) {
  const NcrtDataset *dataset = iterator->iterator.dataset;
  char digest[NCRT_DIGEST_SIZE];
  if (info->samples != dataset->rows)
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: was trained on %lld samples, but the iterator's data set has %lld",
                     file->name, (long long)info->samples, (long long)dataset->rows);
  ncrt_dataset_digest(dataset, digest);
  return !info->digest || strcmp(info->digest, digest) == 0 ||
         ncrt_fail(status, NCRT_BAD_INPUT,
                   "%s: was trained on other samples than those of the iterator's data set",
                   file->name);
}

// Checks first where the iterator would go.
static bool restore(NetcSession *session, const NcrtSafetensors *file, NetcIterator *iterator,
                    NcrtStatus *status) {
  NcrtCheckpointInfo info;
  if (!ncrt_checkpoint_info(file, &info, status) ||
      (iterator && !check_iterator(file, &info, iterator, status)))
    return false;
  NcrtIterator *it = iterator ? &iterator->iterator : NULL;
  NcrtCursor before = it ? it->cursor : (NcrtCursor){0},
             after = {.epoch = info.epoch, .position = info.position};
  if (it && !ncrt_iterator_seek(it, after, status))
    return false;
  if (!ncrt_checkpoint_load(file, session->session, NCRT_LOAD_ALL, status)) {
    if (it)
      it->cursor = before;
    return false;
  }
  set_counters(session->session, &info);
  if (it) {
    netc_restart(iterator); // with the seed that the session has now
    it->cursor = after;
  }
  return true;
}

bool netc_restore(NetcSession *session, const char *path, NetcIterator *iterator,
                  NetcStatus *status) {
  NcrtStatus failed = {0};
  NcrtSafetensors file;
  if (!ncrt_safetensors_read(path, &file, &failed))
    return nc_api_fail_status(status, &failed);
  locale_t before = nc_api_locale_begin();
  bool ok = restore(session, &file, iterator, &failed);
  nc_api_locale_end(before);
  ncrt_safetensors_free(&file);
  return ok || nc_api_fail_status(status, &failed);
}
