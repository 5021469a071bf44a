// Values that are undefined end a run: the compiled code names the node, the first sample and the
// value, and the reference evaluation fails too.
#include "ops/samples.h"

#include "driver/compile.h"
#include "emit/jit.h"
#include "emit/target.h"
#include "netc_rt.h"

typedef struct Fault {
  const char *text;
  int64_t operands[2][40]; // of the operands, for a batch of 20
  int64_t sample, value;
} Fault;

static const Fault faults[] = {
    {"in_range i64[N] {low = 0, high = 10} : i64[N]", {{[3] = 10, [7] = -1}}, 3, 10},
    {"in_range i32[N] {low = -2, high = 3} : i32[N]", {{[19] = -3}}, 19, -3},
    {"in_range u8[N, 2] {low = 0, high = 200} : u8[N, 2]", {{[25] = 255}}, 12, 255},
    {"in_range i64[N] {low = 0, high = 1} : i64[N]", {{0}}, -1, 0}, // none
    {"div i32[N], i32[N] : i32[N]",
     {{1}, {1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0}},
     5,
     0},
};

static void run_fault(const Fault *f, const char *cpu) {
  NcArena *arena = nc_arena_create();
  NcTarget target;
  const char *message = NULL;
  NcGraph *graph = read_sample(arena, f->text);
  assert_true(nc_target_select(arena, NULL, cpu, &target, &message));
  if (target.runs_here) {
    int count;
    NcEmitEntry *entries = nc_plan_entries(arena, graph->module, NULL, &target, &count);
    NcJit *jit = nc_jit_compile(arena, entries, count, &target, &message);
    assert_non_null(jit);
    NcCompiled *compiled =
        nc_compile(arena, graph->module, entries, count, NULL, 0, nc_jit_functions(jit), &message);
    assert_non_null(compiled);
    NcrtSession *session;
    NcrtStatus status = {0};
    assert_true(ncrt_session_open(&compiled->program, 20, 1, &session, &status));
    NcTensor *inputs[2] = {NULL, NULL};
    const void *data[2] = {NULL, NULL};
    for (int i = 0; i < graph->inputs.count; i++) {
      NcType type = nc_type_at(&graph->inputs.items[i]->type, 20);
      inputs[i] = nc_tensor_create(arena, &type);
      for (int64_t k = 0; k < inputs[i]->count; k++)
        nc_tensor_set_int(inputs[i], k, f->operands[i][k]);
      data[i] = inputs[i]->data;
    }
    bool fine = ncrt_session_run(session, 0, 20, data, &status);
    const NcrtFault *fault = ncrt_session_fault(session);
    if (f->sample < 0) {
      assert_true(fine);
    } else {
      assert_false(fine);
      assert_int_equal(fault->sample, f->sample);
      assert_int_equal(fault->value, f->value);
      assert_int_equal(fault->node, graph->results.items[0].node->id);
    }
    assert_true((evaluate(arena, graph, inputs, 20).error == NULL) == fine);
    ncrt_session_close(session);
    nc_compiled_destroy(compiled);
  }
  nc_arena_destroy(arena);
}

static void undefined_values_end_the_run(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    run_fault(&faults[i], "native");
    run_fault(&faults[i], "x86-64");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(undefined_values_end_the_run)};
  return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
