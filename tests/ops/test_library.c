// The standard library against what PyTorch and scikit-learn compute: the files of
// tests/fixtures/library, which make_library.py writes. Each graph is evaluated by the references
// in f64, its gradients are compared with differences too, and its code with the references.
// Metrics are taken over batches of several sizes.
#include "ops/differences.h"
#include "ops/fixtures.h"
#include "ops/machine.h"
#include "ops/sources.h"

#define TOLERANCE 3e-7        // the programs' constants are rounded to f32
#define METRIC_TOLERANCE 1e-6 // metrics count in f32

typedef struct Case {
  NcArena *arena;
  const char *name, *text; // of the program
  char *lines;             // of the numbers
} Case;

static const char *after_word(const char *line, const char *word) {
  size_t length = strlen(word);
  return strncmp(line, word, length) == 0 && line[length] == ' ' ? line + length + 1 : NULL;
}

// The rest of the line that begins with the words; NULL if there is none.
static char *find_line(const Case *c, const char *kind, const char *name) {
  const char *line = c->lines, *rest;
  while (*line) {
    rest = after_word(line, kind);
    rest = rest && name ? after_word(rest, name) : rest;
    if (rest)
      return nc_arena_strndup(c->arena, rest, strcspn(rest, "\n"));
    line += strcspn(line, "\n");
    line += *line == '\n';
  }
  return NULL;
}

static NcModule *in_doubles(const Case *c, const NcModule *module) {
  NcText text = nc_text_create(c->arena);
  nc_module_print(&text, module, NULL);
  for (char *f = strstr(text.data, "f32"); f; f = strstr(f, "f32"))
    memcpy(f, "f64", 3);
  return module_of(c->arena, c->name, text.data);
}

// The case's numbers for inputs and variables; a variable that it does not name is 0.
static void open_case(const Case *c, NcGraph *graph, int64_t batch, Differences *d) {
  df_open(d, graph, batch);
  for (int i = 0; i < d->count; i++) {
    bool input = i < graph->inputs.count;
    const char *name = input ? graph->inputs.items[i]->name
                             : graph->module->variables.items[i - graph->inputs.count]->name;
    NcType type = df_type(d, i);
    char *line = find_line(c, input ? "input" : "variable", name);
    if (input && !line)
      fail_sample(c->name, "has no numbers for %s", name);
    d->values[i] = line ? take_values(d->arena, &type, line) : nc_tensor_create(d->arena, &type);
  }
}

static const NcNode *result_node(const Case *c, const NcGraph *graph, const char *name) {
  for (int i = 0; i < graph->results.count; i++)
    if (strcmp(graph->results.items[i].name, name) == 0)
      return graph->results.items[i].node;
  fail_sample(c->name, "has no result %s", name);
  return NULL;
}

static const NcNode *updated_node(const Case *c, const NcGraph *graph, const char *name) {
  for (int i = 0; i < graph->updates.count; i++)
    if (strcmp(graph->updates.items[i].variable->name, name) == 0)
      return graph->updates.items[i].node;
  fail_sample(c->name, "does not update %s", name);
  return NULL;
}

static const NcNode *gradient_node(const Case *c, const Differences *d, const char *name) {
  for (int i = 0; i < d->leaf_count; i++) {
    const NcNode *leaf = d->leaves[i];
    if (strcmp(leaf->variable ? leaf->variable->name : leaf->name, name) == 0)
      return d->gradients[i];
  }
  fail_sample(c->name, "does not depend on %s", name);
  return NULL;
}

// Lines `kind name numbers` up to the next graph; gives where that begins.
static char *check_lines(const Case *c, const Differences *d, const NcTensor **values,
                         char *lines) {
  while (*lines && !after_word(lines, "graph")) {
    char *line = lines;
    lines += strcspn(lines, "\n");
    if (*lines)
      *lines++ = '\0';
    const char *kind = take_word(&line), *name = take_word(&line);
    const NcNode *node = strcmp(kind, "result") == 0   ? result_node(c, d->graph, name)
                         : strcmp(kind, "update") == 0 ? updated_node(c, d->graph, name)
                                                       : gradient_node(c, d, name);
    const NcTensor *got = values[node->id];
    compare(c->name, nc_arena_printf(c->arena, "%s %s", kind, name),
            take_values(c->arena, &got->type, line), got, TOLERANCE);
  }
  return lines;
}

// The code, gradients too, gives what the references give for the case's numbers.
static void check_code(const Case *c, NcGraph *graph, int64_t batch) {
  Differences d;
  open_case(c, graph, batch, &d);
  df_differentiate(&d);
  for (int i = 0; i < d.leaf_count; i++)
    nc_graph_add_result(graph, nc_arena_printf(c->arena, "gradient%d", i), NC_RESULT_OUTPUT,
                        d.gradients[i]);
  Machine m = {.arena = c->arena, .graph = graph, .max_batch = batch};
  const char *message = NULL;
  if (!open_machine(&m, "native", false, &message))
    fail_sample(c->name, "does not compile: %s", message);
  static const int noises[] = {0, 1, -1, 2, -2};
  const NcTensor **values[1 + NOISES];
  for (int k = 0; k <= NOISES; k++) {
    Judge j = {c->arena, graph,     d.values, d.values + graph->inputs.count,
               batch,    noises[k], 5,        NULL};
    values[k] = judge(&j);
    assert_non_null(values[k]);
  }
  char report[256];
  run_machine(&m, d.values, batch);
  if (!check_results(&m, values, batch, report, sizeof report) ||
      !check_variables(&m, d.values + graph->inputs.count, values, batch, report, sizeof report))
    fail_sample(c->name, "%s", report);
  close_machine(&m);
  nc_arena_destroy(d.arena);
}

// One graph of the case, by the lines that follow; gives where the next begins.
static char *check_graph(const Case *c, NcModule *single, NcModule *module, int64_t batch,
                         char *lines, DfTotals *totals) {
  char *name = lines + strlen("graph ");
  lines = name + strcspn(name, "\n") + 1;
  name = nc_arena_strndup(c->arena, name, strcspn(name, "\n"));
  NcGraph *graph = nc_module_graph(module, name);
  assert_non_null(graph);
  Differences d;
  open_case(c, graph, batch, &d);
  df_differentiate(&d);
  const NcTensor **values = df_evaluate(&d, d.arena);
  if (!values)
    fail_sample(c->name, "graph %s is not defined", name);
  lines = check_lines(c, &d, values, lines);
  char report[256];
  if (!df_check(&d, values, 5, totals, report, sizeof report))
    fail_sample(c->name, "%s", report);
  nc_arena_destroy(d.arena);
  check_code(c, nc_module_graph(single, name), batch);
  return lines;
}

// Rows first to first + count - 1.
static NcTensor *rows(NcArena *arena, const NcTensor *whole, int64_t first, int64_t count) {
  NcType type = whole->type;
  int64_t row = whole->count / type.dims[0].c;
  type.dims[0] = nc_dim(count);
  NcTensor *part = nc_tensor_create(arena, &type);
  for (int64_t i = 0; i < part->count; i++)
    nc_tensor_set(part, i, nc_tensor_get(whole, first * row + i));
  return part;
}

static void check_metrics(const Case *c, NcModule *module, int64_t samples, int64_t batch) {
  NcGraph *evaluate = nc_module_graph(module, "evaluate"),
          *last = nc_module_graph(module, "metrics");
  NcTensor **variables = nc_interpret_variables(c->arena, module), *inputs[8], *results[64];
  const char *error = "?";
  Differences d;
  open_case(c, evaluate, samples, &d);
  for (int64_t n = 0; n < samples; n += batch) {
    int64_t count = n + batch < samples ? batch : samples - n;
    for (int i = 0; i < evaluate->inputs.count; i++)
      inputs[i] = rows(c->arena, d.values[i], n, count);
    NcInterpret run = {(const NcTensor *const *)inputs, variables, count, 7, 1, 0};
    if (!nc_interpret(c->arena, evaluate, &run, results, &error))
      fail_sample(c->name, "%s", error);
  }
  NcInterpret run = {NULL, variables, samples, 7, 1, 0};
  assert_true(nc_interpret(c->arena, last, &run, results, &error));
  for (int i = 0; i < last->results.count; i++) {
    const char *name = last->results.items[i].name, *line = find_line(c, "metric", name);
    if (!line)
      fail_sample(c->name, "has no value for %s", name);
    double want = strtod(line, NULL), got = nc_tensor_get(results[i], 0);
    if (!(fabs(want - got) <= METRIC_TOLERANCE * (1 + fabs(want))))
      fail_sample(c->name, "%s is %.9g in batches of %d, not %.9g", name, got, (int)batch, want);
  }
  nc_arena_destroy(d.arena);
}

static void check_case(const Case *c, DfTotals *totals) {
  int64_t batch = strtoll(find_line(c, "batch", NULL), NULL, 10);
  NcModule *single = checked_program(c->arena, c->name, c->text)->module;
  if (find_line(c, "metric", "right")) {
    run_passes(c->arena, c->name, single);
    for (int64_t size = 1; size <= batch; size += size < 4 ? 1 : batch - 4)
      check_metrics(c, single, batch, size);
    return;
  }
  NcModule *module = in_doubles(c, single);
  char *lines = strstr(c->lines, "\ngraph ");
  assert_non_null(lines);
  lines = nc_arena_strdup(c->arena, lines + 1);
  while (*lines)
    lines = check_graph(c, single, module, batch, lines, totals);
}

// Cases begin with `# ` and their program ends with `---`.
static char *take_case(NcArena *arena, char *text, Case *c) {
  char *numbers = strstr(text, "\n---\n"), *next = strstr(text, "\n\n# ");
  assert_non_null(numbers);
  c->arena = arena;
  c->text = nc_arena_strndup(arena, text, (size_t)(numbers - text));
  c->name = nc_arena_strndup(arena, text + 2, strcspn(text + 2, "\n"));
  numbers += strlen("\n---\n");
  size_t length = next ? (size_t)(next - numbers) : strlen(numbers);
  c->lines = nc_arena_strndup(arena, numbers, length);
  return next ? next + 2 : numbers + length;
}

static void agrees(void **state) {
  NcArena *file = nc_arena_create();
  char *text = read_fixture(file, nc_arena_printf(file, "library/%s", (const char *)*state));
  DfTotals totals = {0};
  while (*text) {
    Case c;
    NcArena *arena = nc_arena_create();
    text = take_case(arena, text, &c);
    check_case(&c, &totals);
    nc_arena_destroy(arena);
  }
  // kinks are left out
  if (strcmp(*state, "metrics") != 0 && totals.checked < 3 * totals.skipped + 20)
    fail_msg("differences told of %d directions, and not of %d", totals.checked, totals.skipped);
  nc_arena_destroy(file);
}

// ---- what is random, in training

enum { IMAGES = 40, SIDE = 4, ROOM = 1 };

// What a call on x gives in training, for images whose elements are 1, 2, 3, …
static const NcTensor *in_training(NcArena *arena, const char *call) {
  const char *text = nc_arena_printf(arena,
                                     "input x: f32[N, %d, %d, 1]\ninput w: f32[N, %d, %d, 1]\n"
                                     "param one: f32[] = ones\nloss = sum(w * one * %s)\n"
                                     "train { minimize = loss optimizer = sgd }",
                                     SIDE, SIDE, SIDE, SIDE, call);
  NcModule *module = checked_program(arena, call, text)->module;
  Differences d;
  df_open(&d, nc_module_graph(module, "train_step"), IMAGES);
  for (int i = 0; i < d.count; i++) {
    NcType type = df_type(&d, i);
    d.values[i] = nc_tensor_create(arena, &type);
    for (int64_t k = 0; k < d.values[i]->count; k++)
      nc_tensor_set(d.values[i], k, (double)(k + 1));
  }
  df_differentiate(&d);
  const NcTensor **values = df_evaluate(&d, arena);
  assert_non_null(values);
  const Case c = {arena, call, text, NULL};
  const NcTensor *y = values[gradient_node(&c, &d, "w")->id];
  nc_arena_destroy(d.arena);
  return y;
}

static double pixel(const NcTensor *images, int image, int row, int column) {
  return nc_tensor_get(images, (image * SIDE + row) * SIDE + column);
}

// Of the images that in_training is given, with zeros around them.
static double given(int image, int row, int column) {
  bool inside = row >= 0 && row < SIDE && column >= 0 && column < SIDE;
  return inside ? (image * SIDE + row) * SIDE + column + 1 : 0;
}

static bool is_cut(const NcTensor *images, int image, int down, int right, bool turned) {
  for (int i = 0; i < SIDE; i++)
    for (int j = 0; j < SIDE; j++)
      if (pixel(images, image, i, j) != given(image, i + down, turned ? SIDE - 1 - j : j + right))
        return false;
  return true;
}

static void images_are_turned(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  const NcTensor *y = in_training(arena, "random_flip(x)");
  int turned = 0;
  for (int n = 0; n < IMAGES; n++) {
    turned += is_cut(y, n, 0, 0, true);
    assert_true(is_cut(y, n, 0, 0, true) || is_cut(y, n, 0, 0, false));
  }
  assert_in_range(turned, IMAGES / 4, IMAGES * 3 / 4);
  nc_arena_destroy(arena);
}

static void images_are_cut(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  const NcTensor *y = in_training(arena, nc_arena_printf(arena, "random_crop(x, %d)", ROOM));
  int places[2 * ROOM + 1][2 * ROOM + 1] = {{0}};
  for (int n = 0; n < IMAGES; n++) {
    int found = 0;
    for (int i = -ROOM; i <= ROOM; i++)
      for (int j = -ROOM; j <= ROOM; j++)
        if (is_cut(y, n, i, j, false)) {
          found++;
          places[i + ROOM][j + ROOM]++;
        }
    assert_int_equal(found, 1);
  }
  for (int i = 0; i <= 2 * ROOM; i++)
    for (int j = 0; j <= 2 * ROOM; j++)
      assert_in_range(places[i][j], 1, IMAGES / 3);
  nc_arena_destroy(arena);
}

static void some_are_dropped(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  const NcTensor *y = in_training(arena, "dropout(x, 0.75)");
  int kept = 0;
  for (int64_t i = 0; i < y->count; i++) {
    double value = nc_tensor_get(y, i);
    assert_true(value == 0 || value == 4 * (double)(i + 1));
    kept += value != 0;
  }
  assert_in_range(kept, y->count / 5, y->count * 3 / 10);
  nc_arena_destroy(arena);
}

int main(void) {
  struct CMUnitTest tests[] = {cmocka_unit_test_prestate(agrees, "activations"),
                               cmocka_unit_test_prestate(agrees, "layers"),
                               cmocka_unit_test_prestate(agrees, "shapes"),
                               cmocka_unit_test_prestate(agrees, "losses"),
                               cmocka_unit_test_prestate(agrees, "metrics"),
                               cmocka_unit_test(images_are_turned),
                               cmocka_unit_test(images_are_cut),
                               cmocka_unit_test(some_are_dropped)};
  for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
    if (tests[i].initial_state)
      tests[i].name = tests[i].initial_state;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
