// Compiled graphs against the references: random graphs, for several processors, run again and
// again with batches of several sizes in the same memory. `ops_random_graphs FIRST COUNT [TARGET]`
// tries other seeds than those of the suite.
#include "ops/machine.h"
#include "ops/random_graph.h"

#include "ir/verify.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { MAX_BATCH = 37, RUNS = 3 };

static const char *const targets[] = {"native", "x86-64-v3", "x86-64"};

static uint64_t running; // the seed, for the handler of signals

static void on_crash(int number) {
  char text[96];
  int length = snprintf(text, sizeof text, "seed %llu: the compiled code ended with signal %d\n",
                        (unsigned long long)running, number);
  if (length < 0 || write(STDERR_FILENO, text, (size_t)length) < 0)
    _exit(3);
  _exit(2);
}

// Whether the graph computes what it should; if not, `report` says what is wrong.
static bool is_right(NcGraph *graph, const char *cpu, uint64_t seed, char *report, size_t size) {
  static const int64_t batches[RUNS] = {MAX_BATCH, 1, 20};
  NcArena *arena = nc_arena_create();
  Machine m = {.arena = arena, .graph = graph, .max_batch = MAX_BATCH, .scale = 1, .small = true};
  const char *message = NULL;
  bool right = open_machine(&m, cpu, seed & 1, &message);
  if (!right)
    snprintf(report, size, "%s", message);
  if (m.jit) {
    for (int i = 0; i < RUNS && right; i++)
      right = run_once(&m, batches[i], seed * 31 + (uint64_t)i, report, size);
    close_machine(&m);
  }
  nc_arena_destroy(arena);
  return right;
}

// Making a failing graph small.

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
