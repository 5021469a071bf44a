// Random graphs, run again and again with batches of several sizes in the same memory: compiled for
// a processor against the references; in portable mode bit for bit on several processors; and
// losses' gradients against differences. `ops_random_graphs FIRST COUNT [TARGET]` tries other seeds
// than those of the suite.
#include "ops/differences.h"
#include "ops/machine.h"
#include "ops/random_graph.h"
#include "ops/shrink.h"

#include "ir/verify.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { MAX_BATCH = 37, RUNS = 3 };

static const char *const targets[] = {"native", "x86-64-v3", "x86-64"};
enum { TARGETS = sizeof targets / sizeof *targets };

static uint64_t running; // the seed, for the handler of signals

static void on_crash(int number) {
  char text[96];
  int length = snprintf(text, sizeof text, "seed %llu: the compiled code ended with signal %d\n",
                        (unsigned long long)running, number);
  if (length < 0 || write(STDERR_FILENO, text, (size_t)length) < 0)
    _exit(3);
  _exit(2);
}

static const int64_t batches[RUNS] = {MAX_BATCH, 1, 20};

typedef struct Trial {
  uint64_t seed;
  const char *cpu;
} Trial;

// Kernels of siblings that were checked, in all graphs.
typedef struct Siblings {
  int kernels, inner, overwriting; // some value is not stored; some variable is overwritten
} Siblings;

static Siblings siblings;

static void count_siblings(const NcPlan *plan) {
  for (int p = 0; p < plan->phases.count; p++) {
    const NcCalls *calls = &plan->phases.items[p].calls;
    for (int i = 0; i < calls->count; i++) {
      bool inner = false, overwrites = false;
      for (const NcTe *te = calls->items[i].te; te && calls->items[i].te->next; te = te->next) {
        inner = inner || te->inner;
        overwrites = overwrites || plan->updated[te->id];
      }
      siblings.kernels += calls->items[i].te->next != NULL;
      siblings.inner += inner;
      siblings.overwriting += overwrites;
    }
  }
}

// Whether the graph computes what it should.
static bool computes_right(const void *context, NcGraph *graph, char *report, size_t size) {
  const Trial *trial = context;
  NcArena *arena = nc_arena_create();
  Machine m = {.arena = arena, .graph = graph, .max_batch = MAX_BATCH, .scale = 1, .small = true};
  const char *message = NULL;
  bool right = open_machine(&m, trial->cpu, trial->seed & 1, &message);
  if (!right)
    snprintf(report, size, "%s", message);
  if (m.jit) {
    count_siblings(m.plan);
    for (int i = 0; i < RUNS && right; i++)
      right = run_once(&m, batches[i], trial->seed * 31 + (uint64_t)i, report, size);
    close_machine(&m);
  }
  nc_arena_destroy(arena);
  return right;
}

static bool same_buffer(const char *what, const char *name, const NcType *type, int64_t batch,
                        const void *a, const void *b, char *report, size_t size) {
  int64_t i = first_difference(type, batch, a, b);
  if (i >= 0)
    snprintf(report, size, "portable %s %s, N = %d: element %d differs", what, name, (int)batch,
             (int)i);
  return i < 0;
}

static const char *result_at(const Machine *m, int i) {
  NcPlace place = m->plan->results[i];
  return m->memory.data + place.fixed + place.sample * m->max_batch;
}

static bool same_machines(const Machine *a, const Machine *b, int64_t batch, char *report,
                          size_t size) {
  const NcGraph *g = a->graph;
  bool same = true;
  for (int i = 0; i < g->results.count && same; i++)
    same = same_buffer("result", g->results.items[i].name, &g->results.items[i].node->type, batch,
                       result_at(a, i), result_at(b, i), report, size);
  for (int i = 0; i < g->module->variables.count && same; i++) {
    const NcVariable *variable = g->module->variables.items[i];
    int at = g->inputs.count + i;
    same = same_buffer("variable", variable->name, &variable->type, batch, a->pointers[at],
                       b->pointers[at], report, size);
  }
  return same;
}

static bool run_alike(Machine *machines, const Trial *trial, char *report, size_t size) {
  bool same = true;
  for (int i = 0; i < RUNS && same; i++) {
    NcArena *arena = nc_arena_create();
    NcTensor **drawn = draw_values(&machines[0], arena, batches[i], trial->seed * 31 + (uint64_t)i);
    for (int t = 0; t < TARGETS && same; t++) {
      if (!machines[t].jit)
        continue;
      run_machine(&machines[t], drawn, batches[i]);
      same = same_machines(&machines[0], &machines[t], batches[i], report, size);
    }
    nc_arena_destroy(arena);
  }
  return same;
}

// Whether the graph computes the same bits on every target.
static bool is_portable(const void *context, NcGraph *graph, char *report, size_t size) {
  const Trial *trial = context;
  NcArena *arena = nc_arena_create();
  Machine machines[TARGETS];
  bool same = true;
  for (int t = 0; t < TARGETS; t++) {
    machines[t] = (Machine){
        .arena = arena, .graph = graph, .max_batch = MAX_BATCH, .scale = 1, .portable = true};
    const char *message = NULL;
    if (same && !open_machine(&machines[t], targets[t], trial->seed & 1, &message)) {
      snprintf(report, size, "%s", message);
      same = false;
    }
  }
  same = same && run_alike(machines, trial, report, size);
  for (int t = 0; t < TARGETS; t++)
    if (machines[t].jit)
      close_machine(&machines[t]);
  nc_arena_destroy(arena);
  return same;
}

static DfTotals totals; // of all seeds

static bool differentiates_right(const void *context, NcGraph *graph, char *report, size_t size) {
  const Trial *trial = context;
  return gradient_is_right(graph, trial->seed, &totals, report, size);
}

typedef struct Check {
  NcGraph *(*make)(NcArena *arena, uint64_t seed);
  bool (*is_right)(const void *context, NcGraph *graph, char *report, size_t size);
} Check;

static const Check compiled = {random_graph, computes_right},
                   portable = {random_graph, is_portable},
                   gradient = {random_loss, differentiates_right};

// Makes and checks a graph; if it is wrong, says what is, of a graph made small.
static bool check_seed(const Check *check, const Trial *trial) {
  NcArena *arena = nc_arena_create();
  NcText text = nc_text_create(arena);
  char report[256] = "";
  running = trial->seed;
  NcGraph *graph = check->make(arena, trial->seed);
  bool right = nc_module_verify(graph->module, &text);
  if (!right) {
    print_error("seed %llu: %s\n", (unsigned long long)trial->seed, text.data);
  } else if (!check->is_right(trial, graph, report, sizeof report)) {
    right = false;
    print_error("seed %llu, %s: %s\n", (unsigned long long)trial->seed, trial->cpu, report);
    shrink(&(Shrink){check->is_right, trial, report, sizeof report}, graph, arena);
    nc_module_print(&text, graph->module, NULL);
    fprintf(stderr, "%s\n%s", report, text.data);
  }
  nc_arena_destroy(arena);
  return right;
}

static void check_seeds(const Check *check, uint64_t count) {
  for (uint64_t seed = 0; seed < count; seed++)
    assert_true(check_seed(check, &(Trial){seed, targets[seed % TARGETS]}));
}

static void compiled_equals_reference(void **state) {
  (void)state;
  check_seeds(&compiled, 60);
  // Else the graphs check little of what siblings do.
  assert_true(siblings.kernels > 30 && siblings.inner > 5 && siblings.overwriting > 10);
}

static void portable_bits_are_the_same(void **state) {
  (void)state;
  check_seeds(&portable, 60);
}

static void gradients_are_differences(void **state) {
  (void)state;
  check_seeds(&gradient, 100);
  // Else the skipping of kinks skips what it should not.
  assert_true(totals.checked > 4 * totals.skipped);
}

static int try_seeds(int argc, char **argv) {
  uint64_t first = strtoull(argv[1], NULL, 10), count = strtoull(argv[2], NULL, 10);
  int wrong = 0;
  for (uint64_t seed = first; seed < first + count; seed++) {
    Trial trial = {seed, argc > 3 ? argv[3] : targets[seed % TARGETS]};
    bool right = check_seed(&compiled, &trial);
    right = check_seed(&portable, &trial) && right;
    wrong += !(check_seed(&gradient, &trial) && right);
  }
  printf("%llu graphs, %d wrong; %d kernels of siblings, %d with what is not stored, %d that "
         "overwrite; %d derivatives checked, %d left out near kinks\n",
         (unsigned long long)count, wrong, siblings.kernels, siblings.inner, siblings.overwriting,
         totals.checked, totals.skipped);
  return wrong != 0;
}

int main(int argc, char **argv) {
  signal(SIGSEGV, on_crash);
  signal(SIGILL, on_crash);
  if (argc > 2)
    return try_seeds(argc, argv);
  const struct CMUnitTest tests[] = {cmocka_unit_test(compiled_equals_reference),
                                     cmocka_unit_test(portable_bits_are_the_same),
                                     cmocka_unit_test(gradients_are_differences)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
