// Programs compiled for the machine that the tests run on, and sessions of them.
#ifndef NC_TESTS_OPS_SESSIONS_H
#define NC_TESTS_OPS_SESSIONS_H

#include "driver/compile.h"
#include "dtype.h"
#include "emit/jit.h"
#include "emit/target.h"
#include "session.h"

enum { LARGEST = 50, STEPS = 4 };

static inline NcCompiled *compile(NcArena *arena, const NcProgram *program,
                                  const NcTarget *target) {
  const char *message = NULL;
  int count;
  NcEmitEntry *entries = nc_plan_entries(arena, program->module, NULL, target, &count);
  NcJit *jit = nc_jit_compile(arena, entries, count, target, &message);
  NcCompiled *compiled =
      jit ? nc_compile(arena, program->module, entries, count, program->inputs.items,
                       program->inputs.count, nc_jit_functions(jit), &message)
          : NULL;
  if (!compiled)
    fail_msg("%s", message);
  return compiled;
}

static inline NcTarget native_target(NcArena *arena) {
  NcTarget target;
  const char *message = NULL;
  assert_true(nc_target_select(arena, NULL, "native", &target, &message));
  return target;
}

// Appends what a run left: every result and every variable.
static inline void note_state(NcrtSession *session, int number, int64_t batch, NcText *seen) {
  const NcrtProgram *program = ncrt_session_program(session);
  const NcrtEntry *entry = &program->entries[number];
  for (int i = 0; i < entry->result_count; i++) {
    const void *data = ncrt_session_result(session, number, entry->results[i].name, NULL);
    nc_text_append_n(seen, data, (size_t)ncrt_shape_bytes(&entry->results[i].shape, batch));
  }
  for (int i = 0; i < program->variable_count; i++)
    nc_text_append_n(seen, ncrt_session_data(session, i),
                     (size_t)ncrt_shape_bytes(&program->variables[i].shape, 1));
}

// Gives the number of the entry.
static inline int run_alone(NcrtSession *session, const char *name, int64_t batch,
                            void *const *inputs) {
  const NcrtProgram *program = ncrt_session_program(session);
  int number = ncrt_session_entry(session, name);
  const NcrtEntry *entry = &program->entries[number];
  const void *own[8];
  NcrtStatus status = {0};
  for (int i = 0; i < entry->input_count; i++)
    own[i] = inputs[entry->inputs[i]];
  if (!ncrt_session_run(session, number, batch, own, &status))
    fail_msg("%s", status.message);
  return number;
}

static inline void run_entry(NcrtSession *session, const char *name, int64_t batch,
                             void *const *inputs, NcText *seen) {
  note_state(session, run_alone(session, name, batch, inputs), batch, seen);
}

// All that runs of its entries leave, with batches of all kinds.
static inline NcText run_session(const NcrtProgram *program, int threads, void *const *inputs,
                                 NcArena *arena) {
  static const int64_t batches[] = {1, 2, 3, 16, 17, LARGEST};
  NcrtSession *session;
  NcrtStatus status = {0};
  NcText seen = nc_text_create(arena);
  if (!ncrt_session_open(program, LARGEST, 5, &session, &status) ||
      !ncrt_session_set_threads(session, threads, &status) ||
      !ncrt_session_initialize(session, NULL, &status))
    fail_msg("%s", status.message);
  for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
    // What workers can share in two ways they share in one three times, then in the other.
    for (int step = 0; step < STEPS; step++) {
      run_entry(session, "predict", batches[i], inputs, &seen);
      run_entry(session, "evaluate", batches[i], inputs, &seen);
      ncrt_session_set_step(session, ncrt_session_step(session) + 1);
      run_entry(session, "train_step", batches[i], inputs, &seen);
    }
  }
  ncrt_session_close(session);
  return seen;
}

#endif
