// Runs the entries of a compiled program on memory that the session owns.
#include "session.h"

#include "dtype.h"
#include "phase.h"
#include "poison.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// What an entry runs on.
typedef struct Run {
  char *arena; // NULL until the entry runs
  size_t arena_bytes;
  void **buffers;
  char **locals;     // by worker: its memory, NULL until it runs
  NcrtTrial *trials; // by phase
  uint64_t changes;  // of the variables, before the phases that are kept ran; 0: they have not
} Run;

struct NcrtSession {
  const NcrtProgram *program;
  const NcrtTable *table;
  int64_t max_batch;
  void **variables;   // by number
  Run *runs;          // by number of entry
  NcrtSession *owner; // of the variables, and of what follows: itself, or the one that it shares
  int64_t seed, step, epoch;
  uint64_t changes; // counts what may have changed variables, from 1 on
  NcrtWorkers *workers;
  bool faulted;
  NcrtFault fault;
  NcrtLaps *laps; // or NULL
};

static void *allocate_zeroed(size_t bytes) {
  size_t rounded = (bytes + 63) / 64 * 64;
  void *memory = aligned_alloc(64, rounded > 0 ? rounded : 64);
  if (memory != NULL) {
    memset(memory, 0, rounded);
    ncrt_poison((char *)memory + bytes, rounded - bytes);
  }
  return memory;
}

static bool share_variables(NcrtSession *session, NcrtStatus *status) {
  const NcrtProgram *program = session->program;
  for (int i = 0; i < program->variable_count; i++) {
    const NcrtVariable *variable = &program->variables[i];
    int number = ncrt_session_variable(session->owner, variable->name);
    if (number < 0 ||
        !ncrt_shape_equal(&variable->shape, &session->owner->program->variables[number].shape))
      return ncrt_fail(status, NCRT_BAD_INPUT,
                       "the session has no variable %s of the shape that the program needs",
                       variable->name);
    session->variables[i] = session->owner->variables[number];
  }
  return true;
}

static bool open_variables(NcrtSession *session, NcrtStatus *status) {
  const NcrtProgram *program = session->program;
  for (int i = 0; i < program->variable_count; i++) {
    size_t bytes = (size_t)ncrt_shape_bytes(&program->variables[i].shape, 1);
    session->variables[i] = allocate_zeroed(bytes);
    if (session->variables[i] == NULL)
      return ncrt_fail_memory(status, bytes, program->variables[i].name);
  }
  return true;
}

static bool open_runs(NcrtSession *session, NcrtStatus *status) {
  const NcrtProgram *program = session->program;
  for (int i = 0; i < program->entry_count; i++) {
    size_t slots = (size_t)program->entries[i].input_count + (size_t)program->variable_count;
    session->runs[i].buffers = calloc(slots + 1, sizeof(void *));
    session->runs[i].locals = calloc(NCRT_MAX_THREADS, sizeof(char *));
    session->runs[i].trials =
        calloc((size_t)program->entries[i].phase_count + 1, sizeof(NcrtTrial));
    if (session->runs[i].buffers == NULL || session->runs[i].locals == NULL ||
        session->runs[i].trials == NULL)
      return ncrt_fail_memory(status, slots * sizeof(void *), program->entries[i].name);
  }
  return true;
}

static bool open_parts(NcrtSession *session, NcrtStatus *status) {
  const NcrtProgram *program = session->program;
  session->variables = calloc((size_t)program->variable_count + 1, sizeof(void *));
  session->runs = calloc((size_t)program->entry_count + 1, sizeof *session->runs);
  if (session->variables == NULL || session->runs == NULL)
    return ncrt_fail_memory(status, sizeof *session->runs, "a session");
  bool own = session->owner == session;
  return (own ? open_variables(session, status) && ncrt_workers_open(1, &session->workers, status)
              : share_variables(session, status)) &&
         open_runs(session, status);
}

// Without an owner the session is its own.
static bool open_session(const NcrtProgram *program, int64_t max_batch, int64_t seed,
                         NcrtSession *owner, NcrtSession **session, NcrtStatus *status) {
  *session = NULL;
  if (max_batch < 1)
    return ncrt_fail(status, NCRT_BAD_INPUT, "the batch is %lld; it must be at least 1",
                     (long long)max_batch);
  NcrtSession *opened = calloc(1, sizeof *opened);
  if (opened == NULL)
    return ncrt_fail_memory(status, sizeof *opened, "a session");
  opened->program = program;
  opened->table = ncrt_table();
  opened->max_batch = max_batch;
  opened->seed = seed;
  opened->changes = 1;
  opened->owner = owner != NULL ? owner : opened;
  if (!open_parts(opened, status)) {
    ncrt_session_close(opened);
    return false;
  }
  *session = opened;
  return true;
}

bool ncrt_session_open(const NcrtProgram *program, int64_t max_batch, int64_t seed,
                       NcrtSession **session, NcrtStatus *status) {
  return open_session(program, max_batch, seed, NULL, session, status);
}

bool ncrt_session_share(const NcrtProgram *program, int64_t max_batch, NcrtSession *owner,
                        NcrtSession **session, NcrtStatus *status) {
  return open_session(program, max_batch, 0, owner->owner, session, status);
}

void ncrt_session_close(NcrtSession *session) {
  if (session == NULL)
    return;
  bool own = session->owner == session;
  for (int i = 0; own && i < session->program->variable_count && session->variables != NULL; i++)
    free(session->variables[i]);
  for (int i = 0; i < session->program->entry_count && session->runs != NULL; i++) {
    free(session->runs[i].buffers);
    free(session->runs[i].trials);
    for (int k = 0; k < NCRT_MAX_THREADS && session->runs[i].locals != NULL; k++)
      free(session->runs[i].locals[k]);
    free(session->runs[i].locals);
    if (session->runs[i].arena != NULL) {
      ncrt_unpoison(session->runs[i].arena, session->runs[i].arena_bytes);
      munmap(session->runs[i].arena, session->runs[i].arena_bytes);
    }
  }
  ncrt_workers_close(session->workers);
  free(session->variables);
  free(session->runs);
  free(session);
}

const NcrtProgram *ncrt_session_program(const NcrtSession *session) { return session->program; }
int64_t ncrt_session_max_batch(const NcrtSession *session) { return session->max_batch; }
int64_t ncrt_session_seed(const NcrtSession *session) { return session->owner->seed; }
int64_t ncrt_session_step(const NcrtSession *session) { return session->owner->step; }
int64_t ncrt_session_epoch(const NcrtSession *session) { return session->owner->epoch; }
void ncrt_session_set_seed(NcrtSession *session, int64_t seed) { session->owner->seed = seed; }
void ncrt_session_set_step(NcrtSession *session, int64_t step) { session->owner->step = step; }
void ncrt_session_set_epoch(NcrtSession *session, int64_t epoch) { session->owner->epoch = epoch; }
void ncrt_session_set_laps(NcrtSession *session, NcrtLaps *laps) { session->laps = laps; }
void *ncrt_session_data(const NcrtSession *session, int variable) {
  session->owner->changes++;
  return session->variables[variable];
}
const NcrtFault *ncrt_session_fault(const NcrtSession *session) {
  return session->faulted ? &session->fault : NULL;
}

int ncrt_session_entry(const NcrtSession *session, const char *name) {
  for (int i = 0; i < session->program->entry_count; i++)
    if (strcmp(session->program->entries[i].name, name) == 0)
      return i;
  return -1;
}

int ncrt_session_variable(const NcrtSession *session, const char *name) {
  for (int i = 0; i < session->program->variable_count; i++)
    if (strcmp(session->program->variables[i].name, name) == 0)
      return i;
  return -1;
}

static NcrtFrame make_frame(const NcrtSession *session, int entry, int64_t batch) {
  return (NcrtFrame){.table = session->table,
                     .arena = session->runs[entry].arena,
                     .buffers = session->runs[entry].buffers,
                     .batch = batch,
                     .max_batch = session->max_batch,
                     .seed = session->owner->seed,
                     .step = session->owner->step,
                     .epoch = session->owner->epoch,
                     .fault_node = -1,
                     .fault_sample = -1,
                     .fault_value = -1,
                     .laps = session->laps};
}

// 0 after an error.
static size_t arena_size(const NcrtSession *session, const NcrtEntry *entry, NcrtStatus *status) {
  int64_t total;
  if (__builtin_mul_overflow(entry->arena_sample, session->max_batch, &total) ||
      __builtin_add_overflow(total, entry->arena_fixed, &total) || total > INT64_C(1) << 47) {
    ncrt_fail(status, NCRT_BAD_INPUT,
              "%s: a batch of %lld needs more memory than any machine has; make the batch smaller",
              entry->name, (long long)session->max_batch);
    return 0;
  }
  return total > 0 ? (size_t)total : 64;
}

// Anonymous pages are zero, aligned, and take memory only once they are touched.
static bool open_arena(NcrtSession *session, int number, NcrtStatus *status) {
  Run *run = &session->runs[number];
  const NcrtEntry *entry = &session->program->entries[number];
  if (run->arena != NULL)
    return true;
  size_t bytes = arena_size(session, entry, status);
  if (bytes == 0)
    return false;
  void *arena = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (arena == MAP_FAILED)
    return ncrt_fail(
        status, NCRT_MACHINE_FAILED,
        "out of memory: %s needs %zu bytes for a batch of %lld; make the batch smaller",
        entry->name, bytes, (long long)session->max_batch);
  run->arena = arena;
  run->arena_bytes = bytes;
  ncrt_poison_gaps(entry, false, session->max_batch, arena, bytes);
  memcpy(run->buffers + entry->input_count, session->variables,
         (size_t)session->program->variable_count * sizeof(void *));
  NcrtFrame frame = make_frame(session, number, session->max_batch);
  if (entry->prepare != NULL)
    entry->prepare(&frame, 0, session->max_batch);
  return true;
}

static bool fail_fault(NcrtSession *session, int number, const NcrtFrame *frame,
                       NcrtStatus *status) {
  const NcrtEntry *entry = &session->program->entries[number];
  session->faulted = true;
  session->fault = (NcrtFault){number, frame->fault_node, frame->fault_sample, frame->fault_value};
  return ncrt_fail(status, NCRT_BAD_INPUT,
                   "%s: the value %lld is not defined in node %%%lld, for sample %lld of the batch",
                   entry->name, (long long)frame->fault_value, (long long)frame->fault_node,
                   (long long)frame->fault_sample);
}

// Every worker's memory for the entry, zeroed and prepared.
static bool open_locals(NcrtSession *session, int number, NcrtStatus *status) {
  const NcrtEntry *entry = &session->program->entries[number];
  char **locals = session->runs[number].locals;
  int count = ncrt_workers_count(session->owner->workers);
  for (int i = 0; i < count && entry->local_bytes > 0; i++) {
    if (locals[i] != NULL)
      continue;
    locals[i] = allocate_zeroed((size_t)entry->local_bytes);
    if (locals[i] == NULL)
      return ncrt_fail_memory(status, (size_t)entry->local_bytes, entry->name);
    ncrt_poison_gaps(entry, true, session->max_batch, locals[i], (size_t)entry->local_bytes);
    NcrtFrame frame = make_frame(session, number, session->max_batch);
    frame.local = locals[i];
    if (entry->prepare_local != NULL)
      entry->prepare_local(&frame, 0, entry->chunk);
  }
  return true;
}

bool ncrt_session_set_threads(NcrtSession *session, int threads, NcrtStatus *status) {
  if (threads < 1 || threads > NCRT_MAX_THREADS)
    return ncrt_fail(status, NCRT_BAD_INPUT, "%d threads; 1 to %d are possible", threads,
                     NCRT_MAX_THREADS);
  NcrtWorkers *workers;
  if (!ncrt_workers_open(threads, &workers, status))
    return false;
  ncrt_workers_close(session->owner->workers);
  session->owner->workers = workers;
  return true;
}

bool ncrt_session_run_phases(NcrtSession *session, int number, int first, int end, int64_t batch,
                             const void *const *inputs, NcrtStatus *status) {
  const NcrtEntry *entry = &session->program->entries[number];
  if (batch < 1 || batch > session->max_batch)
    return ncrt_fail(status, NCRT_BAD_INPUT, "%s: the batch is %lld; 1 to %lld are possible",
                     entry->name, (long long)batch, (long long)session->max_batch);
  if (entry->phases == NULL && !session->program->link(session->program->link_context, status))
    return false;
  if (!open_arena(session, number, status) || !open_locals(session, number, status))
    return false;
  for (int i = 0; inputs != NULL && i < entry->input_count; i++)
    session->runs[number].buffers[i] = (void *)inputs[i];
  session->faulted = false;
  NcrtFrame frame = make_frame(session, number, batch);
  Run *run = &session->runs[number];
  NcrtPhaseRunner runner = {session->owner->workers, entry, run->locals, run->trials};
  bool kept = run->changes == session->owner->changes;
  session->owner->changes += entry->updates != 0;
  for (int phase = kept && first < entry->kept ? entry->kept : first; phase < end; phase++)
    if (!ncrt_phase_run(&runner, phase, &frame))
      return fail_fault(session, number, &frame, status);
  if (first == 0 && end >= entry->kept && entry->kept > 0)
    run->changes = session->owner->changes;
  return true;
}

bool ncrt_session_run(NcrtSession *session, int entry, int64_t batch, const void *const *inputs,
                      NcrtStatus *status) {
  return ncrt_session_run_phases(session, entry, 0, session->program->entries[entry].phase_count,
                                 batch, inputs, status);
}

static const NcrtResult *find_result(const NcrtEntry *entry, const char *name) {
  for (int i = 0; i < entry->result_count; i++)
    if (strcmp(entry->results[i].name, name) == 0)
      return &entry->results[i];
  return NULL;
}

const void *ncrt_session_result(const NcrtSession *session, int entry, const char *name,
                                NcrtShape *shape) {
  const NcrtResult *result = find_result(&session->program->entries[entry], name);
  if (result == NULL || session->runs[entry].arena == NULL)
    return NULL;
  if (shape != NULL)
    *shape = result->shape;
  return session->runs[entry].arena + result->offset_fixed +
         result->offset_sample * session->max_batch;
}

static double number_at(const void *data, NcrtDtype dtype) {
  switch (dtype) {
  case NCRT_BOOL:
  case NCRT_U8:
    return *(const uint8_t *)data;
  case NCRT_I32:
    return *(const int32_t *)data;
  case NCRT_I64:
    return (double)*(const int64_t *)data;
  case NCRT_F32:
    return (double)*(const float *)data;
  case NCRT_F64:
    return *(const double *)data;
  }
  return 0;
}

bool ncrt_session_scalar(const NcrtSession *session, int entry, const char *name, double *value) {
  NcrtShape shape;
  const void *data = ncrt_session_result(session, entry, name, &shape);
  if (data != NULL)
    *value = number_at(data, shape.dtype);
  return data != NULL;
}

static bool run_if_there(NcrtSession *session, const char *name, const void *const *inputs,
                         NcrtStatus *status) {
  int entry = ncrt_session_entry(session, name);
  return entry < 0 || ncrt_session_run(session, entry, 1, inputs, status);
}

bool ncrt_session_reset_metrics(NcrtSession *session, NcrtStatus *status) {
  const NcrtProgram *program = session->program;
  for (int i = 0; i < program->variable_count; i++)
    if (program->variables[i].kind == NCRT_METRIC)
      memset(session->variables[i], 0, (size_t)ncrt_shape_bytes(&program->variables[i].shape, 1));
  return run_if_there(session, "initialize_metrics", NULL, status);
}

bool ncrt_session_initialize_variables(NcrtSession *session, const void *const *inputs,
                                       NcrtStatus *status) {
  session->owner->step = 0;
  session->owner->epoch = 0;
  return run_if_there(session, "initialize", inputs, status);
}

bool ncrt_session_initialize(NcrtSession *session, const void *const *inputs, NcrtStatus *status) {
  return ncrt_session_initialize_variables(session, inputs, status) &&
         ncrt_session_reset_metrics(session, status);
}
