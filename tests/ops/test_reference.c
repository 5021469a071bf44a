// The references and gradients against what PyTorch computes: the files of tests/fixtures/ops,
// which make_ops.py writes.
#include "ops/fixtures.h"
#include "ops/sources.h"

#include "ops/autodiff.h"

#include <stdio.h>

typedef struct Case {
  NcArena *arena;
  char *text; // of the graph
  NcGraph *graph;
  NcTensor *inputs[8];
  char *lines[32]; // the lines of numbers
  int line_count;
} Case;

static int input_number(const Case *c, const char *name) {
  for (int i = 0; i < c->graph->inputs.count; i++)
    if (strcmp(c->graph->inputs.items[i]->name, name) == 0)
      return i;
  fail_sample(c->text, "there is no input %s", name);
  return -1;
}

static const NcResult *find_result(const Case *c, const char *name) {
  for (int i = 0; i < c->graph->results.count; i++)
    if (strcmp(c->graph->results.items[i].name, name) == 0)
      return &c->graph->results.items[i];
  fail_sample(c->text, "there is no result %s", name);
  return NULL;
}

// Adds the gradients of the result `loss` by all floating inputs; gradients[i] is NULL for the
// others.
static void add_gradients(const Case *c, NcNode **gradients) {
  NcNode *wrt[8] = {NULL}, *found[8];
  int numbers[8], count = 0;
  for (int i = 0; i < c->graph->inputs.count; i++)
    if (nc_dtype_is_float(c->graph->inputs.items[i]->type.dtype)) {
      numbers[count] = i;
      wrt[count++] = c->graph->inputs.items[i];
    }
  nc_autodiff(c->graph, find_result(c, "loss")->node, wrt, count, found);
  for (int i = 0; i < count; i++) {
    nc_graph_add_result(c->graph, nc_arena_printf(c->arena, "gradient%d", i), NC_RESULT_OUTPUT,
                        found[i]);
    gradients[numbers[i]] = found[i];
  }
}

// Reads the inputs' lines and moves the others to the front.
static bool take_inputs(Case *c) {
  bool has_gradients = false;
  int kept = 0;
  for (int i = 0; i < c->line_count; i++) {
    char *line = c->lines[i];
    has_gradients |= strncmp(line, "gradient ", 9) == 0;
    if (strncmp(line, "input ", 6) != 0) {
      c->lines[kept++] = line;
      continue;
    }
    take_word(&line);
    int number = input_number(c, take_word(&line));
    c->inputs[number] = take_values(c->arena, &c->graph->inputs.items[number]->type, line);
  }
  c->line_count = kept;
  return has_gradients;
}

static void check_line(const Case *c, const Values *values, NcNode *const *gradients, char *line) {
  const char *kind = take_word(&line), *name = take_word(&line);
  double tolerance = strtod(take_word(&line), NULL);
  const NcNode *node =
      strcmp(kind, "gradient") == 0 ? gradients[input_number(c, name)] : find_result(c, name)->node;
  const NcTensor *want = take_values(c->arena, &node->type, line);
  compare(c->text, nc_arena_printf(c->arena, "%s %s", kind, name), want, value_of(values, node),
          tolerance);
}

static void check_case(Case *c) {
  NcNode *gradients[8] = {NULL};
  c->graph = module_of(c->arena, c->text, c->text)->graphs.items[0];
  if (take_inputs(c))
    add_gradients(c, gradients);
  Values values = evaluate(c->arena, c->graph, c->inputs, 1);
  if (values.error)
    fail_sample(c->text, "is not defined: %s", values.error);
  for (int i = 0; i < c->line_count; i++)
    check_line(c, &values, gradients, c->lines[i]);
}

// Cuts the next case off the text: a graph that ends with a line "}", and the lines up to an empty
// one.
static char *take_case(NcArena *arena, char *text, Case *c) {
  char *end = strstr(text, "\n}\n");
  assert_non_null(end);
  *c = (Case){.arena = arena, .text = nc_arena_strndup(arena, text, (size_t)(end + 3 - text))};
  char *line = end + 3;
  while (*line && *line != '\n') {
    assert_in_range(c->line_count, 0, 31);
    c->lines[c->line_count++] = line;
    line += strcspn(line, "\n");
    if (*line)
      *line++ = '\0';
  }
  return line + strspn(line, "\n");
}

static void agrees_with_pytorch(void **state) {
  NcArena *arena = nc_arena_create();
  char *text = read_fixture(arena, nc_arena_printf(arena, "ops/%s", (const char *)*state));
  int count = 0;
  while (*text) {
    Case c;
    text = take_case(arena, text, &c);
    check_case(&c);
    count++;
  }
  assert_in_range(count, 1, 1000);
  nc_arena_destroy(arena);
}

// What the programs in netc's language cannot rule out is an error of the run, with its reason.
static void undefined_values_are_errors(void **state) {
  (void)state;
  static const char *const statements[][2] = {
      {"div i32[5], i32[5] : i32[5]", "an integer is divided by 0"},
      {"in_range u8[5] {low = 1, high = 5} : u8[5]", "0 is not in 1..5"},
      {"in_range i64[5] {low = -3, high = 0} : i64[5]", "0 is not in -3..0"},
  };
  for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
    NcArena *arena = nc_arena_create();
    NcGraph *graph = read_sample(arena, statements[i][0]);
    NcTensor *inputs[2]; // zeros
    for (int k = 0; k < graph->inputs.count; k++)
      inputs[k] = nc_tensor_create(arena, &graph->inputs.items[k]->type);
    Values values = evaluate(arena, graph, inputs, 1);
    assert_non_null(values.error);
    assert_non_null(strstr(values.error, statements[i][1]));
    nc_arena_destroy(arena);
  }
}

#define FIXTURE(name) cmocka_unit_test_prestate(agrees_with_pytorch, name)

int main(void) {
  struct CMUnitTest tests[] = {FIXTURE("conv"),
                               FIXTURE("window"),
                               FIXTURE("matmul"),
                               FIXTURE("elementwise"),
                               FIXTURE("reductions"),
                               FIXTURE("structure"),
                               cmocka_unit_test(undefined_values_are_errors)};
  for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
    if (tests[i].initial_state)
      tests[i].name = tests[i].initial_state;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
