// Whole training steps as compiled code: the gradients of a loss against finite differences of the
// compiled loss, and the tutorial's network against the references.
#include "ops/machine.h"
#include "ops/sources.h"

static const char *const targets[] = {"native", "x86-64-v3", "x86-64"};

static NcGraph *graph_of(NcArena *arena, const char *name, const char *text, const char *which) {
  NcGraph *graph = nc_module_graph(program_of(arena, name, text)->module, which);
  assert_non_null(graph);
  return graph;
}

// Everything that the tutorial's network has, small and in f64. Its optimizer takes the gradient
// away once, so that the gradient is what a step changes.
static const char small_network[] =
    "input image: f64[N, 6, 6, 2]\n"
    "input label: u8[N] in 0..3\n"
    "param weights {\n"
    "  c1: f64[3, 3, 2, 3] = zeros\n"
    "  c2: f64[3, 3, 3, 4] = zeros\n"
    "  d1: f64[3*3*4, 5] = zeros\n"
    "  d2: f64[5, 3] = zeros\n"
    "}\n"
    "param biases {\n"
    "  c1: f64[3] = zeros\n"
    "  d1: f64[5] = zeros\n"
    "}\n"
    "c1 = relu(conv(image, weights.c1) + biases.c1)\n"
    "c2 = maxpool(relu(conv(c1, weights.c2)), 2)\n"
    "d1 = relu(reshape(c2, [N, 3*3*4]) @ weights.d1 + biases.d1)\n"
    "logits = d1 @ weights.d2\n"
    "output probabilities = softmax(logits)\n"
    "loss = mean(softmax_cross_entropy(logits, f64(one_hot(label, 3))))\n"
    "optimizer whole_gradient() { update param = param - grad }\n"
    "dataset d {\n"
    "  image = idx(\"image\")\n"
    "  label = idx(\"label\")\n"
    "}\n"
    "train {\n"
    "  minimize = loss\n"
    "  optimizer = whole_gradient()\n"
    "  data = d\n"
    "}\n";

enum { SMALL_BATCH = 19 }; // two chunks

// Puts fixed random numbers into inputs and params.
static void fill(Machine *m) {
  uint64_t random = 3;
  const NcGraph *g = m->graph;
  for (int i = 0; i < g->inputs.count + g->module->variables.count; i++) {
    const NcType *type = i < g->inputs.count
                             ? &g->inputs.items[i]->type
                             : &g->module->variables.items[i - g->inputs.count]->type;
    for (int64_t k = 0; k < nc_dim_value(nc_type_elements(type), SMALL_BATCH); k++) {
      double u = next_uniform(&random);
      if (type->dtype == NC_F64)
        ((double *)m->pointers[i])[k] = u - 0.5;
      else if (type->dtype == NC_U8)
        ((uint8_t *)m->pointers[i])[k] = (uint8_t)(u * 3);
    }
  }
}

// One step from the same state with element `k` of variable `number` moved by `delta`; the loss.
static double loss_after_move(Machine *m, int number, int64_t k, double delta) {
  fill(m);
  ((double *)m->pointers[m->graph->inputs.count + number])[k] += delta;
  NcrtFrame frame = frame_of(m, SMALL_BATCH);
  run_plan(nc_jit_functions(m->jit), m->graph->name, m->plan, &frame);
  for (int i = 0; i < m->graph->results.count; i++)
    if (m->graph->results.items[i].kind == NC_RESULT_LOSS)
      return *(double *)(void *)(m->memory.data + m->plan->results[i].fixed);
  fail_msg("no loss");
  return 0;
}

static void check_gradient(Machine *m, int number, int64_t k) {
  const double step = 1e-5;
  const NcVariable *variable = m->graph->module->variables.items[number];
  double high = loss_after_move(m, number, k, step), low = loss_after_move(m, number, k, -step);
  double slope = (high - low) / (2 * step);
  fill(m);
  double *value = &((double *)m->pointers[m->graph->inputs.count + number])[k], before = *value;
  loss_after_move(m, number, k, 0);
  double gradient = before - *value;
  if (fabs(gradient - slope) > 1e-8)
    fail_sample(variable->name, "element %d: the gradient is %.12g, the slope %.12g", (int)k,
                gradient, slope);
}

static void gradients_are_slopes(void **state) {
  (void)state;
  for (int t = 0; t < 3; t++) {
    NcArena *arena = nc_arena_create();
    const char *message = NULL;
    Machine m = {.arena = arena,
                 .graph = graph_of(arena, "small.net", small_network, "train_step"),
                 .max_batch = SMALL_BATCH};
    assert_true(open_machine(&m, targets[t], false, &message));
    const NcModule *module = m.graph->module;
    for (int i = 0; i < module->variables.count && m.jit; i++) {
      int64_t count = nc_type_elements(&module->variables.items[i]->type).c;
      if (module->variables.items[i]->kind == NC_VAR_PARAM)
        for (int64_t k = 0; k < count; k += 1 + count / 20)
          check_gradient(&m, i, k);
    }
    if (m.jit)
      close_machine(&m);
    nc_arena_destroy(arena);
  }
}

static void graph_is_as_the_references(const char *which, const char *cpu) {
  NcArena *arena = nc_arena_create();
  const char *message = NULL;
  Machine m = {.arena = arena,
               .graph = graph_of(arena, "mnist.net", read_source(arena, MNIST_NET), which),
               .max_batch = 3,
               .scale = 0.1};
  assert_true(open_machine(&m, cpu, false, &message));
  char report[256];
  if (m.jit) {
    if (!run_once(&m, 3, 1, report, sizeof report))
      fail_sample(cpu, "%s: %s", which, report);
    close_machine(&m);
  }
  nc_arena_destroy(arena);
}

static void tutorial_is_as_the_references(void **state) {
  static const char *const graphs[] = {"train_step", "evaluate", "predict"};
  for (int i = 0; i < 3; i++)
    graph_is_as_the_references(graphs[i], *state);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradients_are_slopes),
      cmocka_unit_test_prestate(tutorial_is_as_the_references, (void *)"native"),
      cmocka_unit_test_prestate(tutorial_is_as_the_references, (void *)"x86-64-v3"),
      cmocka_unit_test_prestate(tutorial_is_as_the_references, (void *)"x86-64"),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
