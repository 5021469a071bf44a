// The code generator's parts and objects: how kernels are dealt and named, that objects do not
// depend on the number of threads, and that damaged ones are refused.
#define _GNU_SOURCE
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "emit/jit.h"
#include "emit/target.h"
#include "ir/read.h"
#include "kernel/peak.h"
#include "ops/ops.h"
#include "table.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

// Two graphs with kernels of one name: those of %1 are equal, those of %2 are not.
static const char text[] = "module {\n}\n"
                           "graph f(x: f32[N, 30]) {\n"
                           "  %1 = sum %x {axes = [1]} : f32[N]\n"
                           "  %2 = exp %x : f32[N, 30]\n"
                           "  result output a = %1\n"
                           "  result output b = %2\n"
                           "}\n"
                           "graph g(x: f32[N, 30]) {\n"
                           "  %1 = sum %x {axes = [1]} : f32[N]\n"
                           "  %2 = sum %x {axes = [0]} : f32[30]\n"
                           "  %3 = exp %2 : f32[30]\n"
                           "  result output a = %1\n"
                           "  result output b = %3\n"
                           "}\n";

typedef struct Fixture {
  NcArena *arena;
  NcTarget target;
  NcEmitEntry entries[2];
  NcObjects objects;
} Fixture;

static void open_fixture(Fixture *f) {
  f->arena = nc_arena_create();
  const char *message = NULL;
  NcSourceMap *sources = nc_source_create(f->arena);
  NcDiags *diags = nc_diags_create(f->arena, sources);
  int file = nc_source_add(sources, "test.ir", text, strlen(text), false);
  NcModule *module = nc_module_read(f->arena, sources, file, diags, nc_op_by_name);
  for (int i = 0; i < diags->items.count; i++)
    print_error("%s\n", diags->items.items[i]->message);
  assert_non_null(module);
  assert_true(nc_target_select(f->arena, NULL, "x86-64", &f->target, &message));
  for (int i = 0; i < 2; i++) {
    const NcGraph *graph = module->graphs.items[i];
    f->entries[i] = (NcEmitEntry){graph->name, nc_plan_graph(f->arena, graph, &f->target)};
  }
}

static void generate(Fixture *f) {
  const char *message = NULL;
  const NcGenerator *generator = nc_generator(f->arena, &message);
  if (!generator ||
      !nc_jit_generate(f->arena, generator, f->entries, 2, &f->target, &f->objects, &message))
    fail_msg("%s", message);
}

static void parts_hold_each_kernel_once(void **state) {
  (void)state;
  Fixture f;
  open_fixture(&f);
  // A kernel may be named as a function of a phase.
  f.entries[0].plan->phases.items[0].calls.items[0].kernel->name = "g.phase0";
  for (int most = 1; most <= NC_MAX_PARTS; most++) {
    NcEmitParts *parts = nc_emit_parts(f.arena, f.entries, 2, most);
    assert_true(parts->count >= 1 && parts->count <= most);
    assert_true(parts->kernels.count >= 3);
    for (int i = 0; i < parts->kernels.count; i++) {
      const NcEmitKernel *kernel = parts->kernels.items[i];
      assert_in_range(kernel->part, 0, parts->count - 1);
      assert_string_not_equal(kernel->symbol, "g.phase0");
      for (int k = 0; k < i; k++) {
        assert_string_not_equal(kernel->symbol, parts->kernels.items[k]->symbol);
        assert_string_not_equal(kernel->kernel->text, parts->kernels.items[k]->kernel->text);
      }
    }
  }
  nc_arena_destroy(f.arena);
}

static void threads_change_no_byte(void **state) {
  (void)state;
  Fixture many, one;
  open_fixture(&many);
  open_fixture(&one);
  generate(&many);
  cpu_set_t all, first;
  assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
  CPU_ZERO(&first);
  for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&first) == 0; i++)
    if (CPU_ISSET(i, &all))
      CPU_SET(i, &first);
  assert_int_equal(sched_setaffinity(0, sizeof first, &first), 0);
  generate(&one);
  assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
  assert_true(many.objects.count > 1);
  assert_int_equal(many.objects.count, one.objects.count);
  for (int i = 0; i < one.objects.count; i++) {
    assert_int_equal(many.objects.items[i].size, one.objects.items[i].size);
    assert_memory_equal(many.objects.items[i].bytes, one.objects.items[i].bytes,
                        one.objects.items[i].size);
  }
  nc_arena_destroy(many.arena);
  nc_arena_destroy(one.arena);
}

// Loads the objects with the first one replaced by a copy that ends where the memory does.
static bool load_damaged(const Fixture *f, const uint8_t *bytes, size_t size) {
  uint8_t *copy = malloc(size + 1);
  memcpy(copy, bytes, size);
  NcObjects damaged = f->objects;
  damaged.items[0] = (NcrtObject){copy, size};
  const char *message = NULL;
  NcJit *jit = nc_jit_load(f->arena, &damaged, &message);
  assert_true(jit || message);
  nc_jit_destroy(jit);
  free(copy);
  return jit != NULL;
}

static void damaged_objects_are_refused(void **state) {
  (void)state;
  Fixture f;
  open_fixture(&f);
  generate(&f);
  size_t size = f.objects.items[0].size;
  uint8_t *bytes = malloc(size);
  memcpy(bytes, f.objects.items[0].bytes, size);
  assert_true(load_damaged(&f, bytes, size));
  for (size_t end = 0; end < size; end++)
    assert_false(load_damaged(&f, bytes, end));
  for (size_t i = 0; i < size; i++) {
    for (int bit = 0; bit < 8; bit += 3) {
      bytes[i] ^= (uint8_t)(1u << bit);
      load_damaged(&f, bytes, size);
      bytes[i] ^= (uint8_t)(1u << bit);
    }
    bytes[i] ^= 0xff;
    load_damaged(&f, bytes, size);
    bytes[i] ^= 0xff;
  }
  // A part that is missing leaves its kernels unknown.
  NcObjects less = f.objects;
  less.count--;
  const char *message = NULL;
  assert_null(nc_jit_load(f.arena, &less, &message));
  assert_non_null(strstr(message, "which is unknown"));
  free(bytes);
  nc_arena_destroy(f.arena);
}

// v = v * x + y, in each chain, as often as it is asked for.
static void check_peak(Fixture *f, NcDtype dtype) {
  int64_t flops;
  const char *message = NULL;
  NcPlan *plan = nc_peak_plan(f->arena, f->entries[0].plan->graph, &f->target, dtype, &flops);
  NcEmitEntry entry = {"peak", plan};
  NcJit *jit = nc_jit_compile(f->arena, &entry, 1, &f->target, &message);
  assert_non_null(jit);
  int count = (int)plan->arena_fixed / (int)nc_dtype_size(dtype),
      lanes = f->target.vector_bytes / (int)nc_dtype_size(dtype);
  void *memory = aligned_alloc(64, ((size_t)plan->arena_fixed + 63) / 64 * 64);
  float *single = memory;
  double *twice = memory;
  for (int i = 0; i < count; i++) {
    double value = i < count - 2 * lanes ? i : i < count - lanes ? 2 : 1;
    if (dtype == NC_F32)
      single[i] = (float)value;
    else
      twice[i] = value;
  }
  assert_int_equal(flops, 2 * (count - 2 * lanes));
  NcrtFrame frame = {.table = ncrt_table(), .arena = memory, .batch = 3, .fault_node = -1};
  assert_int_equal(nc_jit_phase(jit, "peak.phase0")(&frame, 0, 1), 0);
  for (int i = 0; i < count - 2 * lanes; i++)
    assert_true((dtype == NC_F32 ? (double)single[i] : twice[i]) == 8 * i + 7);
  free(memory);
  nc_jit_destroy(jit);
}

static void peaks_are_multiply_adds(void **state) {
  (void)state;
  static const char *const cpus[] = {"x86-64", "native"};
  for (int i = 0; i < 2; i++) {
    Fixture f;
    const char *message = NULL;
    open_fixture(&f);
    assert_true(nc_target_select(f.arena, NULL, cpus[i], &f.target, &message));
    if (f.target.runs_here) {
      check_peak(&f, NC_F32);
      check_peak(&f, NC_F64);
    }
    nc_arena_destroy(f.arena);
  }
}

// Every call of a timed plan tells the time, to a lap of its own.
static void timed_plans_tell_the_time(void **state) {
  (void)state;
  Fixture f;
  int laps;
  const char *message = NULL;
  open_fixture(&f);
  assert_true(nc_target_select(f.arena, NULL, "native", &f.target, &message));
  const NcPlan *plain = f.entries[1].plan;
  NcPlan *timed = nc_plan_timed(f.arena, plain, &laps);
  int calls = 0;
  for (int i = 0; i < plain->phases.count; i++) {
    calls += plain->phases.items[i].begin.count + plain->phases.items[i].calls.count;
    for (int k = 0; k < plain->phases.items[i].calls.count; k++)
      assert_int_equal(plain->phases.items[i].calls.items[k].lap, 0);
  }
  assert_int_equal(laps, calls + 1);
  NcEmitEntry entry = {"g", timed};
  NcJit *jit = nc_jit_compile(f.arena, &entry, 1, &f.target, &message);
  assert_non_null(jit);
  float x[60] = {0};
  void *buffers[] = {x};
  NcrtLap lap[16] = {{0}};
  NcrtLaps told = {.last = ncrt_nanoseconds(), .laps = lap};
  size_t arena_bytes = (size_t)(plain->arena_fixed + 2 * plain->arena_sample) / 64 * 64 + 64;
  size_t local_bytes = (size_t)plain->local_bytes / 64 * 64 + 64;
  NcrtFrame frame = {.table = ncrt_table(),
                     .arena = aligned_alloc(64, arena_bytes),
                     .local = aligned_alloc(64, local_bytes),
                     .buffers = buffers,
                     .batch = 2,
                     .max_batch = 2,
                     .fault_node = -1,
                     .laps = &told};
  memset(frame.arena, 0, arena_bytes);
  memset(frame.local, 0, local_bytes);
  for (int i = 0; i < plain->phases.count; i++) {
    NcrtPhase begin = nc_jit_phase(jit, nc_arena_printf(f.arena, "g.begin%d", i)),
              phase = nc_jit_phase(jit, nc_arena_printf(f.arena, "g.phase%d", i));
    if (begin)
      begin(&frame, 0, 2);
    phase(&frame, 0, 2);
  }
  for (int i = 1; i < laps; i++)
    assert_int_equal(lap[i].times, 1);
  frame.laps = NULL; // then nothing is told
  nc_jit_phase(jit, "g.phase0")(&frame, 0, 2);
  assert_int_equal(lap[1].times, 1);
  free(frame.arena);
  free(frame.local);
  nc_jit_destroy(jit);
  nc_arena_destroy(f.arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parts_hold_each_kernel_once), cmocka_unit_test(threads_change_no_byte),
      cmocka_unit_test(damaged_objects_are_refused), cmocka_unit_test(peaks_are_multiply_adds),
      cmocka_unit_test(timed_plans_tell_the_time)};
  return cmocka_run_group_tests_name("generator", tests, NULL, NULL);
}
