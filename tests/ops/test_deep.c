// Graphs of many layers: their phases have more calls than one function holds, in all the ways that
// calls are made, and layers of one shape share kernels, whatever their random numbers.
#include "ops/machine.h"

#include "emit/parts.h"
#include "ops/build.h"

enum { LAYERS = 150, KERNELS = 12, MAX_BATCH = 20 };

// With `rows` each sample is a matrix, which goes through the layers by itself.
static NcGraph *deep_graph(NcArena *arena, int64_t width, bool rows) {
  NcModule *module = nc_module_create(arena);
  NcGraph *graph = nc_module_add_graph(module, "g");
  NcDim dims[] = {nc_dim_batch(), nc_dim(width), nc_dim(width)}, *square = dims + 1;
  NcNode *h = nc_graph_input(graph, "x", nc_type(NC_F32, rows ? 3 : 2, dims));
  for (int i = 0; i < LAYERS; i++) {
    NcVariable *variable =
        nc_module_add_variable(module, nc_arena_printf(arena, "w%d", i), NC_VAR_PARAM,
                               nc_type(NC_F32, 2, square), (NcSpan){0});
    NcNode *w = nc_graph_variable(graph, variable);
    h = nc_tanh(graph, nc_mul_const(graph, nc_matmul(graph, h, w, false, false), 0.25));
    h = nc_add(graph, h, nc_random(graph, h->type, i));
    nc_graph_add_update(graph, variable,
                        nc_add(graph, nc_mul_const(graph, w, 0.5), nc_sin(graph, w)));
  }
  nc_graph_add_result(graph, "y", NC_RESULT_OUTPUT, h);
  return graph;
}

// Calls of the largest phase that is chunked, and has runs, or not; is shared out, or not.
static int most_calls(const NcPlan *plan, bool chunked, bool several) {
  int most = 0;
  for (int i = 0; i < plan->phases.count; i++) {
    const NcPhase *phase = &plan->phases.items[i];
    bool is_several =
        chunked ? phase->calls.items[phase->calls.count / 2].run >= 0 : phase->pieces > 1;
    if (phase->chunked == chunked && is_several == several && phase->calls.count > most)
      most = phase->calls.count;
  }
  return most;
}

static void check_deep(int64_t width, bool several) {
  static const int64_t batches[] = {1, 2, 17, MAX_BATCH};
  NcArena *arena = nc_arena_create();
  Machine m = {.arena = arena, .max_batch = MAX_BATCH, .scale = 1};
  m.graph = deep_graph(arena, width, several);
  const char *message = NULL;
  char report[256];
  if (!open_machine(&m, "native", false, &message))
    fail_msg("%s", message);
  assert_true(most_calls(m.plan, true, several) >= LAYERS);
  assert_true(most_calls(m.plan, false, several) >= LAYERS);
  NcEmitEntry entry = {"g", m.plan};
  assert_true(nc_emit_parts(arena, &entry, 1, NC_MAX_PARTS)->kernels.count <= KERNELS);
  for (size_t i = 0; i < sizeof batches / sizeof *batches; i++)
    if (!run_once(&m, batches[i], i + 1, report, sizeof report))
      fail_msg("%s", report);
  close_machine(&m);
  nc_arena_destroy(arena);
}

static void runs_and_pieces(void **state) {
  (void)state;
  check_deep(24, true);
}

static void calls_of_chunks_and_serial(void **state) {
  (void)state;
  check_deep(2, false);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(runs_and_pieces),
                                     cmocka_unit_test(calls_of_chunks_and_serial)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
