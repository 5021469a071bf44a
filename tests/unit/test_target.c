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

typedef struct Case {
  const char *triple, *cpu; // or NULL
  const char *expected;     // LLVM's triple and processor, or part of the message
} Case;

static void chooses_machines_and_processors(void **state) {
  (void)state;
  static const Case cases[] = {
      {"aarch64-linux-gnu", NULL, "aarch64-unknown-linux-gnu generic 16"},
      {"aarch64-unknown-linux-gnu", "neoverse-n1", "aarch64-unknown-linux-gnu neoverse-n1 16"},
      {NULL, "cortex-a72", "aarch64-unknown-linux-gnu cortex-a72 16"},
      {"arm-none-eabi", NULL, "thumbv7em-none-unknown-eabihf cortex-m4 4"},
      {"thumbv7em-none-eabihf", "cortex-m7", "thumbv7em-none-unknown-eabihf cortex-m7 4"},
      {"riscv64-linux-gnu", NULL, "riscv64-unknown-linux-gnu generic-rv64 4"},
      {"wasm32-unknown-unknown", "simd128", "wasm32-unknown-unknown generic 16"},
      {"x86_64-linux-gnu", NULL, "x86_64-unknown-linux-gnu x86-64 16"},
      {"x86_64-linux-gnu", "x86-64-v4", "x86_64-unknown-linux-gnu x86-64-v4 64"},
  };
  NcArena *arena = nc_arena_create();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    NcTarget target;
    const char *message = NULL;
    if (!nc_target_select(arena, cases[i].triple, cases[i].cpu, &target, &message))
      fail_msg("%s", message);
    assert_string_equal(
        nc_arena_printf(arena, "%s %s %d", target.triple, target.cpu, target.vector_bytes),
        cases[i].expected);
    assert_string_equal(target.machine, ""); // the same everywhere
  }
  nc_arena_destroy(arena);
}

static void refuses_what_does_not_fit(void **state) {
  (void)state;
  static const Case cases[] = {
      {NULL, "pentium", "unknown processor 'pentium'; known are native, x86-64, "},
      {NULL, "cortex-m5", " and simd128; did you mean 'cortex-m4'?"},
      {NULL, "", "unknown processor ''"},
      {NULL, "Native", "did you mean 'native'?"},
      {"aarch64-linux-gn", NULL, "did you mean 'aarch64-linux-gnu'?"},
      {"aarch64", NULL, "unknown target 'aarch64'; known are x86_64-unknown-linux-gnu, "},
      {"", NULL, "unknown target ''"},
      {"mips-linux-gnu", "cortex-m4", "unknown target 'mips-linux-gnu'"},
      {"aarch64-linux-gnu", "cortex-a73", "did you mean 'cortex-a53'?"},
      {"aarch64-linux-gnu", "cortex-m4",
       "processor 'cortex-m4' is one of thumbv7em-none-eabihf, not of aarch64-linux-gnu, which has "
       "generic, "},
      {"arm-none-eabi", "x86-64-v3", "is one of x86_64-unknown-linux-gnu, not of arm-none-eabi"},
      {"riscv64-linux-gnu", "native",
       "this machine's processor is none of riscv64-linux-gnu, which has rv64gc"},
  };
  NcArena *arena = nc_arena_create();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    NcTarget target;
    const char *message = NULL;
    assert_false(nc_target_select(arena, cases[i].triple, cases[i].cpu, &target, &message));
    if (!strstr(message, cases[i].expected))
      fail_msg("'%s' without '%s'", message, cases[i].expected);
  }
  nc_arena_destroy(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#if defined(__x86_64__)
      cmocka_unit_test(knows_this_machine),
#endif
      cmocka_unit_test(tells_processors_apart), cmocka_unit_test(chooses_machines_and_processors),
      cmocka_unit_test(refuses_what_does_not_fit)};
  return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}
