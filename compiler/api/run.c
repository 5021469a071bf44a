// Runs: inputs that are fed or come from an iterator, the code for what is fetched, and its
// results.
#include "api/api.h"

#include "dtype.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A run being prepared.
typedef struct Running {
  NetcSession *session;
  const NetcRun *run;
  const NcrtProgram *program; // of the code
  const NcrtEntry *entry;
  NcApiWork *work;
  int64_t batch; // 0: not known yet
  NetcStatus *status;
} Running;

// ---- inputs

static const char *input_name(const NetcProgram *program, int number) {
  const NcrtProgram *inputs = &program->code.e.inputs;
  return number < inputs->input_count ? inputs->inputs[number].name : NULL;
}

static bool check_range(const NcrtInput *input, const NetcTensor *value, NetcStatus *status) {
  NcrtStatus failed = {0};
  char name[200];
  snprintf(name, sizeof name, "input %s", input->name);
  NcrtArray array = {.name = name,
                     .header = {.dtype = (NcrtDtype)value->dtype,
                                .rank = value->rank,
                                .data_bytes = netc_elements(value) * netc_dtype_size(value->dtype)},
                     .data = value->data};
  memcpy(array.header.dims, value->dims, sizeof array.header.dims);
  return ncrt_array_check_range(input, &array, &failed) || nc_api_fail_status(status, &failed);
}

bool nc_api_find_fed(const NetcProgram *program, const NetcFeed *feed, int *number,
                     NetcStatus *status) {
  const NcrtProgram *inputs = &program->code.e.inputs;
  *number = 0;
  while (*number < inputs->input_count && strcmp(inputs->inputs[*number].name, feed->input) != 0)
    (*number)++;
  if (*number == inputs->input_count)
    return nc_api_fail_name(status, program, "input", feed->input, input_name);
  const NcrtInput *input = &inputs->inputs[*number];
  return nc_api_check_tensor(&feed->value, &input->shape, "input", input->name, status) &&
         check_range(input, &feed->value, status);
}

static bool set_batch(Running *r, const char *name, int64_t count) {
  if (r->batch != 0 && r->batch != count)
    return nc_api_fail(r->status, NETC_BAD_INPUT,
                       "input %s has %lld samples, another one %lld: they must have the same", name,
                       (long long)count, (long long)r->batch);
  r->batch = count;
  return true;
}

// Generated code needs aligned memory. NULL after an error.
static const void *aligned(NcApiFed *fed, const NetcTensor *value, NetcStatus *status) {
  if ((uintptr_t)value->data % 64 == 0)
    return value->data;
  size_t bytes = (size_t)(netc_elements(value) * netc_dtype_size(value->dtype));
  if (bytes > fed->capacity || !fed->data) {
    free(fed->data);
    fed->capacity = (bytes + 64) / 64 * 64;
    fed->data = aligned_alloc(64, fed->capacity);
    if (!fed->data) {
      fed->capacity = 0;
      nc_api_fail_memory(status);
      return NULL;
    }
  }
  return memcpy(fed->data, value->data, bytes);
}

static bool feed(Running *r, const NetcFeed *feed) {
  int number;
  if (!nc_api_find_fed(r->session->program, feed, &number, r->status))
    return false;
  const NcrtInput *input = &r->session->program->code.e.inputs.inputs[number];
  if (r->session->inputs[number])
    return nc_api_fail(r->status, NETC_BAD_INPUT, "input %s is fed twice", input->name);
  if (input->shape.batched && !set_batch(r, input->name, feed->value.dims[0]))
    return false;
  r->session->inputs[number] = aligned(&r->session->fed[number], &feed->value, r->status);
  return r->session->inputs[number] != NULL;
}

// The iterator's rows for inputs that are not fed.
static bool take_batch(Running *r) {
  const NetcIterator *it = r->run->data;
  if (!it)
    return true;
  if (it->session != r->session)
    return nc_api_fail(r->status, NETC_BAD_INPUT, "the iterator is another session's");
  if (it->count == 0)
    return nc_api_fail(r->status, NETC_BAD_INPUT,
                       "the iterator stands at no batch: netc_next goes to one");
  const NcrtDataset *dataset = it->iterator.dataset;
  for (int i = 0; i < dataset->count; i++) {
    int number = dataset->bound[i].input;
    if (r->session->inputs[number])
      continue;
    if (!set_batch(r, input_name(r->session->program, number), it->count))
      return false;
    r->session->inputs[number] = it->staging[i];
  }
  return true;
}

static bool gather(Running *r) {
  const NcrtProgram *inputs = &r->session->program->code.e.inputs;
  memset(r->session->inputs, 0, (size_t)inputs->input_count * sizeof *r->session->inputs);
  for (int i = 0; i < r->run->feed_count; i++)
    if (!feed(r, &r->run->feeds[i]))
      return false;
  if (!take_batch(r))
    return false;
  r->batch = r->batch ? r->batch : 1;
  return true;
}

// By the entry's order, in the caller's array.
static bool order_inputs(const Running *r, const void **ordered) {
  for (int i = 0; i < r->entry->input_count; i++) {
    int number = r->entry->inputs[i];
    ordered[i] = r->session->inputs[number];
    if (!ordered[i])
      return nc_api_fail(r->status, NETC_BAD_INPUT,
                         "input %s is needed: feed it, or give the run an iterator of a data set "
                         "that has it",
                         r->program->inputs[number].name);
  }
  return true;
}

// ---- running: of what is compiled for a run there is one entry, number 0

// The session's work with the code, made for batches that large.
static bool open_work(Running *r, const NcApiCode *code) {
  NetcSession *session = r->session;
  NcrtStatus failed = {0};
  int at = 0;
  while (at < session->work_count && session->works[at].code != code)
    at++;
  if (at == session->work_count) {
    NcApiWork *more = realloc(session->works, (size_t)(at + 1) * sizeof *more);
    if (!more)
      return nc_api_fail_memory(r->status);
    session->works = more;
    session->works[session->work_count++] = (NcApiWork){.code = code};
  }
  r->work = &session->works[at];
  if (r->work->session && ncrt_session_max_batch(r->work->session) < r->batch) {
    ncrt_session_close(r->work->session);
    r->work->session = NULL;
  }
  return r->work->session ||
         ncrt_session_share(r->program, r->batch, session->session, &r->work->session, &failed) ||
         nc_api_fail_status(r->status, &failed);
}

// Shows the line that met an undefined value. The text is the code's, which all sessions have.
static bool fail_run(const Running *r, const NcrtStatus *failed) {
  if (!ncrt_session_fault(r->work->session))
    return nc_api_fail_status(r->status, failed);
  NcApiCode *code = (NcApiCode *)r->work->code;
  NcExperiment e = code->e;
  e.session = r->work->session;
  pthread_mutex_lock(&r->session->program->lock);
  code->unit.diags->error_count = 0;
  nc_experiment_fail(&e, failed);
  nc_api_fail(r->status, NETC_BAD_INPUT, "%s", nc_api_code_messages(code));
  pthread_mutex_unlock(&r->session->program->lock);
  return false;
}

static bool run_phases(const Running *r, int first, int end, const void *const *inputs) {
  NcrtStatus failed = {0};
  return ncrt_session_run_phases(r->work->session, 0, first, end, r->batch, inputs, &failed) ||
         fail_run(r, &failed);
}

// The loss is the first result.
static bool check_loss(const Running *r) {
  double loss;
  if (!ncrt_session_scalar(r->work->session, 0, r->entry->results[0].name, &loss) || isfinite(loss))
    return true;
  return nc_api_fail(r->status, NETC_BAD_INPUT,
                     "step %lld: the loss is %s; nothing was changed; try a smaller learning rate",
                     (long long)netc_steps(r->session), isnan(loss) ? "not a number" : "infinite");
}

static bool run_step(const Running *r, const void *const *inputs) {
  NcrtSession *session = r->work->session;
  int64_t step = ncrt_session_step(session), epoch = ncrt_session_epoch(session);
  int count = r->entry->phase_count,
      update = r->entry->update_phase > 0 ? r->entry->update_phase : count;
  ncrt_session_set_step(session, step + 1);
  if (r->run->data)
    ncrt_session_set_epoch(session, r->run->data->iterator.cursor.epoch);
  if (run_phases(r, 0, update, inputs) && check_loss(r) && run_phases(r, update, count, inputs))
    return true;
  ncrt_session_set_step(session, step);
  ncrt_session_set_epoch(session, epoch);
  return false;
}

static bool run_work(const Running *r) {
  const void *inputs[r->entry->input_count + 1];
  if (!order_inputs(r, inputs))
    return false;
  return r->run->mode == NETC_STEP ? run_step(r, inputs)
                                   : run_phases(r, 0, r->entry->phase_count, inputs);
}

static void give_results(const Running *r, NetcTensor *results) {
  for (int i = 0; i < r->run->fetch_count; i++) {
    char name[32];
    NcrtShape shape = {0};
    snprintf(name, sizeof name, "fetch[%d]", i);
    const void *data = ncrt_session_result(r->work->session, 0, name, &shape);
    results[i] = nc_api_type(&shape);
    if (shape.batched)
      results[i].dims[0] = r->batch;
    results[i].data = data;
  }
}

bool netc_run(NetcSession *session, const NetcRun *run, NetcTensor *results, NetcStatus *status) {
  const NcApiCode *code = nc_api_code_find(session->program, run, status);
  if (!code)
    return false;
  const NcrtProgram *program = &code->e.compiled->program;
  Running r = {.session = session,
               .run = run,
               .program = program,
               .entry = &program->entries[0],
               .status = status};
  if (!gather(&r) || !open_work(&r, code) || !run_work(&r))
    return false;
  give_results(&r, results);
  return true;
}
