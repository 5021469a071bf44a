// Compiled graphs against the references: random graphs, for several processors, run again and
// again with batches of several sizes in the same memory. `ops_random_graphs FIRST COUNT [TARGET]`
// tries other seeds than those of the suite.
#include "ops/compiled.h"
#include "ops/guarded.h"
#include "ops/noisy.h"
#include "ops/random_graph.h"

#include "emit/jit.h"
#include "emit/target.h"
#include "ir/verify.h"
#include "table.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { MAX_BATCH = 37, RUNS = 3, POISON = 0xff };

static const char *const targets[] = {"native", "x86-64-v3", "x86-64"};

// A compiled graph and its memory.
typedef struct Machine {
  NcArena *arena;
  NcGraph *graph;
  NcPlan *plan;
  NcJit *jit;
  Guarded memory, local; // the arena, and a worker's memory
  Guarded *buffers;      // inputs, then variables
  void **pointers;
  char *used[2]; // by byte of the arena, and of the worker's memory: whether a tensor is there
} Machine;

static uint64_t running; // the seed, for the handler of signals

static void on_crash(int number) {
  char text[96];
  int length = snprintf(text, sizeof text, "seed %llu: the compiled code ended with signal %d\n",
                        (unsigned long long)running, number);
  if (length < 0 || write(STDERR_FILENO, text, (size_t)length) < 0)
    _exit(3);
  _exit(2);
}

static size_t bytes_of(const NcType *type, int64_t batch) {
  return (size_t)nc_dim_value(nc_type_elements(type), batch) * nc_dtype_size(type->dtype);
}

static NcrtFrame frame_of(const Machine *m, int64_t batch) {
  return (NcrtFrame){.table = ncrt_table(),
                     .arena = m->memory.data,
                     .local = m->local.data,
                     .buffers = m->pointers,
                     .batch = batch,
                     .max_batch = MAX_BATCH,
                     .seed = 7,
                     .step = 3,
                     .epoch = 1,
                     .fault_node = -1};
}

static size_t arena_size(const NcPlan *plan) {
  return (size_t)(plan->arena_fixed + plan->arena_sample * MAX_BATCH);
}

// Everything that no fill has to survive in is poisoned, so that nothing can count on zeros.
static void poison(Machine *m) {
  const NcPlan *plan = m->plan;
  size_t sizes[] = {arena_size(plan), (size_t)plan->local_bytes};
  char *data[] = {m->memory.data, m->local.data};
  for (int space = 0; space < 2; space++) {
    char *fixed = calloc(sizes[space] + 1, 1);
    m->used[space] = calloc(sizes[space] + 1, 1);
    for (int i = 0; i < plan->placed.count; i++) {
      const NcPlaced *p = &plan->placed.items[i];
      size_t at = (size_t)(p->place.fixed + p->place.sample * MAX_BATCH);
      size_t size = (size_t)(p->fixed_bytes + p->sample_bytes * MAX_BATCH);
      if ((p->place.kind == NC_PLACE_LOCAL) != space)
        continue;
      memset(m->used[space] + at, 1, size);
      if (p->persistent)
        memset(fixed + at, 1, size);
    }
    for (size_t i = 0; i < sizes[space]; i++)
      if (!fixed[i])
        data[space][i] = (char)POISON;
    free(fixed);
  }
}

static bool gaps_are_whole(const Machine *m) {
  for (size_t i = 0; i < arena_size(m->plan); i++)
    if (!m->used[0][i] && m->memory.data[i] != (char)POISON)
      return false;
  for (size_t i = 0; i < (size_t)m->plan->local_bytes; i++)
    if (!m->used[1][i] && m->local.data[i] != (char)POISON)
      return false;
  return true;
}

static void open_memory(Machine *m, bool at_start) {
  int inputs = m->graph->inputs.count, variables = m->graph->module->variables.count;
  m->memory = guarded_alloc(arena_size(m->plan), 64, false);
  m->local = guarded_alloc((size_t)m->plan->local_bytes, 64, false);
  m->buffers = NC_NEW_ARRAY(m->arena, Guarded, inputs + variables + 1);
  m->pointers = NC_NEW_ARRAY(m->arena, void *, inputs + variables + 1);
  for (int i = 0; i < inputs + variables; i++) {
    const NcType *type = i < inputs ? &m->graph->inputs.items[i]->type
                                    : &m->graph->module->variables.items[i - inputs]->type;
    m->buffers[i] = guarded_alloc(bytes_of(type, MAX_BATCH), nc_dtype_size(type->dtype), at_start);
    m->pointers[i] = m->buffers[i].data;
  }
  NcrtFrame frame = frame_of(m, MAX_BATCH);
  prepare_plan(m->jit, "g", &frame);
  poison(m);
}

static void close_machine(Machine *m) {
  guarded_free(m->memory);
  guarded_free(m->local);
  for (int i = 0; i < m->graph->inputs.count + m->graph->module->variables.count; i++)
    guarded_free(m->buffers[i]);
  free(m->used[0]);
  free(m->used[1]);
  nc_jit_destroy(m->jit);
}

// Floats on a coarse grid, so that equal ones occur; sometimes special ones.
static NcTensor *draw_tensor(NcArena *arena, const NcType *type, int64_t batch, uint64_t *random,
                             bool special) {
  NcType at = nc_type_at(type, batch);
  NcTensor *t = nc_tensor_create(arena, &at);
  bool coarse = next_random(random) & 1;
  for (int64_t i = 0; i < t->count; i++) {
    double u = next_uniform(random);
    if (type->dtype == NC_BOOL)
      nc_tensor_set_int(t, i, u < 0.5);
    else if (!nc_dtype_is_float(type->dtype))
      nc_tensor_set_int(t, i, (int64_t)floor(u * 7) - (type->dtype == NC_U8 ? 0 : 3));
    else
      nc_tensor_set(t, i, coarse ? floor(u * 9 - 4) / 2 : u * 4 - 2);
  }
  if (special)
    make_special(t, random);
  return t;
}

// What one tensor of a run is checked against.
typedef struct Wanted {
  const char *what, *name;
  const NcTensor *exact, *noisy[2];
} Wanted;

static bool same(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

static bool element_is_right(const Wanted *w, int64_t i, const NcTensor *got) {
  NcDtype dtype = got->type.dtype;
  if (!nc_dtype_is_float(dtype)) {
    int64_t want = nc_tensor_get_int(w->exact, i);
    bool sure =
        nc_tensor_get_int(w->noisy[0], i) == want && nc_tensor_get_int(w->noisy[1], i) == want;
    return !sure || nc_tensor_get_int(got, i) == want;
  }
  double want = nc_tensor_get(w->exact, i), value = nc_tensor_get(got, i), move = 0;
  if (same(value, want))
    return true;
  for (int k = 0; k < 2; k++) {
    double moved = nc_tensor_get(w->noisy[k], i);
    if (isfinite(moved) != isfinite(want) || (!isfinite(want) && !same(moved, want)))
      return true; // it hangs on rounding whether this overflows
    move = fmax(move, fabs(moved - want));
  }
  double epsilon = dtype == NC_F32 ? FLT_EPSILON : DBL_EPSILON;
  double least = dtype == NC_F32 ? FLT_MIN : DBL_MIN;
  return fabs(value - want) <= 8 * move + 4 * epsilon * fabs(want) + 16 * least;
}

static bool check_tensor(const Wanted *w, const void *data, int64_t batch, char *report,
                         size_t size) {
  NcTensor got = {w->exact->type, w->exact->count, (void *)(uintptr_t)data};
  for (int64_t i = 0; i < got.count; i++) {
    if (element_is_right(w, i, &got))
      continue;
    snprintf(report, size, "%s %s, N = %d: element %d of %d is %.17g, not %.17g (%.3g, %.3g)",
             w->what, w->name, (int)batch, (int)i, (int)got.count, nc_tensor_get(&got, i),
             nc_tensor_get(w->exact, i), nc_tensor_get(w->noisy[0], i),
             nc_tensor_get(w->noisy[1], i));
    return false;
  }
  return true;
}

static Wanted wanted(const char *what, const char *name, const NcTensor **const values[3], int id) {
  return (Wanted){what, name, values[0][id], {values[1][id], values[2][id]}};
}

static bool check_results(const Machine *m, const NcTensor **const values[3], int64_t batch,
                          char *report, size_t size) {
  const NcGraph *g = m->graph;
  for (int i = 0; i < g->results.count; i++) {
    NcPlace place = m->plan->results[i];
    Wanted w = wanted("result", g->results.items[i].name, values, g->results.items[i].node->id);
    if (!check_tensor(&w, m->memory.data + place.fixed + place.sample * MAX_BATCH, batch, report,
                      size))
      return false;
  }
  return true;
}

// Variables after the run: updated, or as they were.
static bool check_variables(const Machine *m, NcTensor *const *before,
                            const NcTensor **const values[3], int64_t batch, char *report,
                            size_t size) {
  const NcGraph *g = m->graph;
  for (int i = 0; i < g->module->variables.count; i++) {
    const NcVariable *variable = g->module->variables.items[i];
    Wanted w = {"variable", variable->name, before[i], {before[i], before[i]}};
    for (int k = 0; k < g->updates.count; k++)
      if (g->updates.items[k].variable == variable)
        w = wanted("update", variable->name, values, g->updates.items[k].node->id);
    if (!check_tensor(&w, m->pointers[g->inputs.count + i], batch, report, size))
      return false;
  }
  return true;
}

// Zeros of padding are not left out of products: that they meet infinities is not the references'.
static bool takes_special(const NcGraph *g) {
  for (int i = 0; i < g->nodes.count; i++)
    if (strncmp(g->nodes.items[i]->op->name, "conv", 4) == 0)
      return false;
  return true;
}

static bool run_once(Machine *m, int64_t batch, uint64_t seed, char *report, size_t size) {
  NcArena *arena = nc_arena_create();
  const NcGraph *g = m->graph;
  int inputs = g->inputs.count, count = inputs + g->module->variables.count;
  NcTensor **drawn = NC_NEW_ARRAY(arena, NcTensor *, count + 1);
  uint64_t random = seed;
  bool special = next_random(&random) % 6 == 0 && takes_special(g);
  for (int i = 0; i < count; i++) {
    const NcType *type =
        i < inputs ? &g->inputs.items[i]->type : &g->module->variables.items[i - inputs]->type;
    drawn[i] = draw_tensor(arena, type, batch, &random, special);
    memcpy(m->pointers[i], drawn[i]->data, bytes_of(type, batch));
  }
  const NcTensor **values[3];
  bool fine = true;
  for (int k = 0; k < 3 && fine; k++) {
    Judge j = {arena, g, drawn, drawn + inputs, batch, k > 0, seed + (uint64_t)k, NULL};
    values[k] = judge(&j);
    fine = values[k] != NULL;
  }
  NcrtFrame frame = frame_of(m, batch);
  run_plan(m->jit, "g", m->plan, &frame);
  bool right = !fine || (check_results(m, values, batch, report, size) &&
                         check_variables(m, drawn + inputs, values, batch, report, size));
  if (right && !gaps_are_whole(m)) {
    snprintf(report, size, "N = %d: something was written between two tensors", (int)batch);
    right = false;
  }
  nc_arena_destroy(arena);
  return right;
}

// Whether the graph computes what it should; if not, `report` says what is wrong.
static bool is_right(NcGraph *graph, const char *cpu, uint64_t seed, char *report, size_t size) {
  NcArena *arena = nc_arena_create();
  Machine m = {.arena = arena, .graph = graph};
  NcTarget target;
  const char *message = NULL;
  bool right = true;
  assert_true(nc_target_select(arena, cpu, &target, &message));
  if (target.runs_here) {
    m.plan = nc_plan_graph(arena, graph, &target);
    NcEmitEntry entry = {"g", m.plan};
    m.jit = nc_jit_compile(arena, &entry, 1, &target, &message);
    if (m.jit) {
      open_memory(&m, seed & 1);
      static const int64_t batches[RUNS] = {MAX_BATCH, 1, 20};
      for (int i = 0; i < RUNS && right; i++)
        right = run_once(&m, batches[i], seed * 31 + (uint64_t)i, report, size);
      close_machine(&m);
    } else {
      snprintf(report, size, "%s", message);
      right = false;
    }
  }
  nc_arena_destroy(arena);
  return right;
}

// --- making a failing graph small

static void replace(NcGraph *graph, NcNode *from, NcNode *to) {
  for (int i = 0; i < graph->nodes.count; i++)
    for (int k = 0; k < graph->nodes.items[i]->operand_count; k++)
      if (graph->nodes.items[i]->operands[k] == from)
        graph->nodes.items[i]->operands[k] = to;
}

typedef struct Shrink {
  uint64_t seed;
  const char *cpu;
  char *report;
  size_t size;
} Shrink;

static bool still_wrong(const Shrink *s, NcGraph *graph) {
  char report[256];
  if (is_right(graph, s->cpu, s->seed, report, sizeof report))
    return false;
  memcpy(s->report, report, sizeof report);
  return true;
}

static void drop_roots(const Shrink *s, NcGraph *graph) {
  for (int i = graph->results.count - 1; i >= 0; i--) {
    NcResult dropped = graph->results.items[i];
    graph->results.items[i] = graph->results.items[--graph->results.count];
    if (!still_wrong(s, graph)) {
      graph->results.items[graph->results.count++] = graph->results.items[i];
      graph->results.items[i] = dropped;
    }
  }
  for (int i = graph->updates.count - 1; i >= 0; i--) {
    NcUpdate dropped = graph->updates.items[i];
    graph->updates.items[i] = graph->updates.items[--graph->updates.count];
    if (!still_wrong(s, graph)) {
      graph->updates.items[graph->updates.count++] = graph->updates.items[i];
      graph->updates.items[i] = dropped;
    }
  }
}

static bool is_root(const NcGraph *graph, const NcNode *node) {
  for (int i = 0; i < graph->results.count; i++)
    if (graph->results.items[i].node == node)
      return true;
  for (int i = 0; i < graph->updates.count; i++)
    if (graph->updates.items[i].node == node)
      return true;
  return false;
}

// Puts an input in the place of a node, if the graph is wrong all the same.
static bool cut_one(const Shrink *s, NcGraph *graph, NcArena *arena, int number) {
  NcNode *node = graph->nodes.items[number];
  if (node->operand_count == 0 || is_root(graph, node))
    return false;
  NcNode *input = nc_graph_input(graph, nc_arena_printf(arena, "cut%d", node->id), node->type);
  memmove(graph->nodes.items + 1, graph->nodes.items,
          sizeof(NcNode *) * (size_t)(graph->nodes.count - 1));
  graph->nodes.items[0] = input;
  replace(graph, node, input);
  if (still_wrong(s, graph))
    return true;
  replace(graph, input, node);
  graph->nodes.count--;
  graph->inputs.count--;
  memmove(graph->nodes.items, graph->nodes.items + 1,
          sizeof(NcNode *) * (size_t)graph->nodes.count);
  return false;
}

static void shrink(const Shrink *s, NcGraph *graph, NcArena *arena) {
  drop_roots(s, graph);
  nc_graph_prune(graph);
  for (int i = graph->nodes.count - 1; i >= 0; i--) {
    if (i < graph->nodes.count && cut_one(s, graph, arena, i))
      nc_graph_prune(graph);
  }
}

static bool check_seed(uint64_t seed, const char *cpu) {
  NcArena *arena = nc_arena_create();
  running = seed;
  NcGraph *graph = random_graph(arena, seed);
  NcText text = nc_text_create(arena);
  char report[256] = "";
  bool right = nc_module_verify(graph->module, &text);
  if (!right) {
    print_error("seed %llu: %s\n", (unsigned long long)seed, text.data);
  } else if (!is_right(graph, cpu, seed, report, sizeof report)) {
    right = false;
    print_error("seed %llu, %s: %s\n", (unsigned long long)seed, cpu, report);
    shrink(&(Shrink){seed, cpu, report, sizeof report}, graph, arena);
    nc_module_print(&text, graph->module, NULL);
    fprintf(stderr, "%s\n%s", report, text.data);
  }
  nc_arena_destroy(arena);
  return right;
}

static void compiled_equals_reference(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 60; seed++)
    assert_true(check_seed(seed, targets[seed % 3]));
}

static int try_seeds(int argc, char **argv) {
  uint64_t first = strtoull(argv[1], NULL, 10), count = strtoull(argv[2], NULL, 10);
  int wrong = 0;
  for (uint64_t seed = first; seed < first + count; seed++)
    wrong += !check_seed(seed, argc > 3 ? argv[3] : targets[seed % 3]);
  printf("%llu graphs, %d wrong\n", (unsigned long long)count, wrong);
  return wrong != 0;
}

int main(int argc, char **argv) {
  signal(SIGSEGV, on_crash);
  signal(SIGILL, on_crash);
  if (argc > 2)
    return try_seeds(argc, argv);
  const struct CMUnitTest tests[] = {cmocka_unit_test(compiled_equals_reference)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
