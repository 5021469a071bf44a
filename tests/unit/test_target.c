// Choosing a processor: what is said of this machine's agrees with what the system says.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "emit/cpu.h"
#include "emit/target.h"

#include <stdio.h>
#include <string.h>

static NcTarget target_named(NcArena *arena, const char *name) {
  NcTarget target;
  const char *message = NULL;
  if (!nc_target_select(arena, NULL, name, &target, &message))
    fail_msg("%s", message);
  return target;
}

#if defined(__x86_64__)
// Whether the system lists a feature of the processor.
static bool has_flag(const char *flag) {
  char line[8192], wanted[32];
  bool found = false;
  FILE *in = fopen("/proc/cpuinfo", "r");
  assert_non_null(in);
  snprintf(wanted, sizeof wanted, " %s ", flag);
  while (!found && fgets(line, sizeof line, in)) {
    line[strcspn(line, "\n")] = ' ';
    found = strncmp(line, "flags", 5) == 0 && strstr(line, wanted);
  }
  fclose(in);
  return found;
}

static void knows_this_machine(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcTarget native = target_named(arena, "native");
  bool avx512 = has_flag("avx512vl") && has_flag("avx512dq") && has_flag("avx512bw");
  assert_int_equal(native.vector_bytes, avx512 ? 64 : has_flag("avx2") ? 32 : 16);
  assert_int_equal(native.fma, has_flag("fma"));
  assert_true(native.runs_here);
  assert_true(target_named(arena, "x86-64").runs_here);
  assert_int_equal(target_named(arena, "x86-64-v2").runs_here, has_flag("sse4_2"));
  assert_int_equal(target_named(arena, "x86-64-v3").runs_here,
                   has_flag("avx2") && has_flag("fma") && has_flag("bmi2") && has_flag("abm"));
  assert_int_equal(target_named(arena, "x86-64-v4").runs_here, avx512 && has_flag("avx512cd"));
  nc_arena_destroy(arena);
}
#endif

static void tells_processors_apart(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  const char *identity = nc_cpu_identity(arena);
  assert_true(identity[0]);
  assert_string_equal(identity, nc_cpu_identity(arena));
  assert_string_equal(target_named(arena, "native").machine, identity);
  assert_string_equal(target_named(arena, "x86-64-v2").machine, ""); // the same everywhere
  nc_arena_destroy(arena);
}

static void refuses_unknown_names(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcTarget target;
  const char *message = NULL;
  assert_false(nc_target_select(arena, NULL, "pentium", &target, &message));
  assert_non_null(strstr(message, "unknown processor 'pentium'"));
  nc_arena_destroy(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#if defined(__x86_64__)
      cmocka_unit_test(knows_this_machine),
#endif
      cmocka_unit_test(tells_processors_apart), cmocka_unit_test(refuses_unknown_names)};
  return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}
