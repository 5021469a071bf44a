// Programs compiled for the machine that the tests run on, for sessions.
#ifndef NC_TESTS_OPS_SESSIONS_H
#define NC_TESTS_OPS_SESSIONS_H

#include "driver/compile.h"
#include "emit/jit.h"
#include "emit/target.h"
#include "session.h"

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

#endif
