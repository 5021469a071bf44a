// Gradients: of the sum of random weights times each sample's result, in f64, against central
// differences; and the gradient of that gradient likewise.
#include "ops/samples.h"

#include "ops/autodiff.h"
#include "ops/build.h"

#define STEP 1e-4

// A scalar of a graph, and its gradients with respect to the graph's floating inputs.
typedef struct Scalar {
  NcNode *value;
  NcNode *gradients[8]; // of inputs by number, NULL where not floating
} Scalar;

static Scalar differentiate(NcGraph *graph, NcNode *value) {
  Scalar scalar = {.value = value};
  NcNode *wrt[8] = {NULL}, *gradients[8];
  int numbers[8], count = 0;
  for (int i = 0; i < graph->inputs.count; i++)
    if (nc_dtype_is_float(graph->inputs.items[i]->type.dtype)) {
      numbers[count] = i;
      wrt[count++] = graph->inputs.items[i];
    }
  nc_autodiff(graph, value, wrt, count, gradients);
  nc_graph_add_result(graph, "value", NC_RESULT_OUTPUT, value);
  for (int i = 0; i < count; i++) {
    nc_graph_add_result(graph, "gradient", NC_RESULT_OUTPUT, gradients[i]);
    scalar.gradients[numbers[i]] = gradients[i];
  }
  return scalar;
}

// The sum of an input of the node's type times the node: the input's name is `name`.
static NcNode *weighted(NcGraph *graph, NcNode *node, const char *name) {
  NcNode *weights = nc_graph_input(graph, name, node->type);
  return nc_sum_all(graph, nc_mul(graph, weights, node));
}

// The sum of all gradients, each weighted by an input of its own.
static NcNode *weighted_gradients(NcGraph *graph, const Scalar *first, int count) {
  NcNode *sum = NULL;
  for (int i = 0; i < count; i++) {
    if (!first->gradients[i])
      continue;
    char name[8] = {'u', (char)('0' + i)};
    NcNode *term = weighted(graph, first->gradients[i], name);
    sum = sum ? nc_add(graph, sum, term) : term;
  }
  return sum;
}

typedef struct Check {
  NcArena *arena;
  const char *text;
  const char *what;
  const NcGraph *graph;
  NcTensor **inputs;
  int64_t batch;
} Check;

static double value_at(const Check *check, const NcNode *node) {
  NcArena *arena = nc_arena_create();
  Values values = evaluate(arena, check->graph, check->inputs, check->batch);
  if (values.error)
    fail_sample(check->text, "is not defined: %s", values.error);
  double value = nc_tensor_get(value_of(&values, node), 0);
  nc_arena_destroy(arena);
  return value;
}

static void move(NcTensor *tensor, const double *from, const double *direction, double by) {
  for (int64_t i = 0; i < tensor->count; i++)
    nc_tensor_set(tensor, i, from[i] + by * direction[i]);
}

// The derivative along a direction by central differences of fourth order: its error is of the
// order of STEP^4.
static double difference(const Check *check, const NcNode *value, NcTensor *input,
                         const double *direction) {
  double *from = NC_NEW_ARRAY(check->arena, double, input->count), at[4];
  static const double places[] = {-2, -1, 1, 2};
  for (int64_t i = 0; i < input->count; i++)
    from[i] = nc_tensor_get(input, i);
  for (int i = 0; i < 4; i++) {
    move(input, from, direction, places[i] * STEP);
    at[i] = value_at(check, value);
  }
  move(input, from, direction, 0);
  return (at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * STEP);
}

// What the differences may be off: by the terms they leave out, and by the rounding of the value.
static double tolerance(double size, double value) {
  return 1e-6 * (1 + size) + 1e-14 / STEP * fabs(value);
}

static void check_direction(const Check *check, const Scalar *scalar, const Values *values,
                            int input, const double *direction) {
  const NcTensor *gradient = value_of(values, scalar->gradients[input]);
  double want = difference(check, scalar->value, check->inputs[input], direction), got = 0,
         size = 0;
  for (int64_t i = 0; i < gradient->count; i++) {
    got += nc_tensor_get(gradient, i) * direction[i];
    size += fabs(nc_tensor_get(gradient, i) * direction[i]);
  }
  if (!(fabs(want - got) <= tolerance(size, nc_tensor_get(value_of(values, scalar->value), 0))))
    fail_sample(check->text, "%s by operand %d along a direction is %.12g, by differences %.12g",
                check->what, input, got, want);
}

// Two random directions, and two single elements.
static void check_input(const Check *check, const Scalar *scalar, const Values *values, int input) {
  const NcTensor *gradient = value_of(values, scalar->gradients[input]);
  uint64_t random = (uint64_t)input + 17;
  double *direction = NC_NEW_ARRAY(check->arena, double, gradient->count);
  for (int round = 0; round < 4 && gradient->count > 0; round++) {
    for (int64_t i = 0; i < gradient->count; i++)
      direction[i] = round < 2 ? 2 * next_uniform(&random) - 1 : 0;
    if (round >= 2)
      direction[next_random(&random) % (uint64_t)gradient->count] = 1;
    check_direction(check, scalar, values, input, direction);
  }
}

// Gives how many inputs there were to check.
static int check_scalar(const Check *check, const Scalar *scalar) {
  Values values = evaluate(check->arena, check->graph, check->inputs, check->batch);
  if (values.error)
    fail_sample(check->text, "is not defined: %s", values.error);
  if (!isfinite(nc_tensor_get(value_of(&values, scalar->value), 0)))
    return 0; // a constant or a fill is infinite, and so is the sum
  int checked = 0;
  for (int i = 0; i < 8; i++)
    if (scalar->gradients[i] && check->graph->inputs.items[i]->name[0] != 'u') { // linear in u
      check_input(check, scalar, &values, i);
      checked += check->graph->inputs.items[i]->name[0] == 'x';
    }
  return checked;
}

// Away from whole numbers, where abs and floor have no derivative.
static void move_from_kinks(NcTensor *tensor) {
  for (int64_t i = 0; i < tensor->count; i++) {
    double value = nc_tensor_get(tensor, i);
    if (nc_dtype_is_float(tensor->type.dtype) && fabs(value - round(value)) < 10 * STEP)
      nc_tensor_set(tensor, i, value + 20 * STEP);
  }
}

// The sample's operands as it draws them, and weights from -1 to 1 for the inputs that were added
// after them.
static NcTensor **draw_all(NcArena *arena, const NcGraph *graph, const NcSample *sample,
                           int64_t batch) {
  NcTensor **drawn =
      draw_inputs(arena, read_sample(arena, with_doubles(arena, sample->text)), sample, batch, 23);
  NcTensor **inputs = NC_NEW_ARRAY(arena, NcTensor *, graph->inputs.count);
  uint64_t random = 29;
  for (int i = 0; i < graph->inputs.count; i++) {
    if (graph->inputs.items[i]->name[0] == 'x') {
      move_from_kinks(drawn[i]);
      inputs[i] = drawn[i];
      continue;
    }
    NcType type = nc_type_at(&graph->inputs.items[i]->type, batch);
    inputs[i] = nc_tensor_create(arena, &type);
    for (int64_t j = 0; j < inputs[i]->count; j++)
      nc_tensor_set(inputs[i], j, 2 * next_uniform(&random) - 1);
  }
  return inputs;
}

// Asked for one gradient alone, a rule gives the same.
static void check_alone(NcArena *arena, const NcSample *sample, int64_t batch) {
  char *text = with_doubles(arena, sample->text);
  for (int i = 0; i < read_sample(arena, text)->inputs.count; i++) {
    NcGraph *graph = read_sample(arena, text);
    NcNode *input = graph->inputs.items[i], *alone;
    if (!nc_dtype_is_float(input->type.dtype))
      continue;
    Scalar all = differentiate(graph, weighted(graph, graph->results.items[0].node, "w"));
    nc_autodiff(graph, all.value, &input, 1, &alone);
    nc_graph_add_result(graph, "alone", NC_RESULT_OUTPUT, alone);
    Values values = evaluate(arena, graph, draw_all(arena, graph, sample, batch), batch);
    const NcTensor *want = value_of(&values, all.gradients[i]), *got = value_of(&values, alone);
    assert_memory_equal(want->data, got->data,
                        (size_t)want->count * nc_dtype_size(want->type.dtype));
  }
}

// Whether an operand has a gradient, which then was checked in both orders.
static bool check_sample(NcArena *arena, const NcSample *sample, int64_t batch) {
  char *text = with_doubles(arena, sample->text);
  NcGraph *graph = read_sample(arena, text);
  NcNode *y = graph->results.items[0].node;
  if (!nc_dtype_is_float(y->type.dtype) ||
      y->op == &nc_op_stop_gradient) // whose gradient is not the derivative
    return false;
  Scalar first = differentiate(graph, weighted(graph, y, "w"));
  Check check = {arena, text, "the gradient", graph, draw_all(arena, graph, sample, batch), batch};
  int checked = check_scalar(&check, &first);
  Scalar second = differentiate(graph, weighted_gradients(graph, &first, graph->inputs.count));
  check.what = "the second gradient";
  check.inputs = draw_all(arena, graph, sample, batch);
  int twice = check_scalar(&check, &second);
  check_alone(arena, sample, batch);
  return checked > 0 && twice == checked;
}

static void gradient_is_difference(void **state) {
  const NcOp *op = *state;
  int checked = 0;
  for (const NcSample *sample = op->samples; sample->text; sample++) {
    NcArena *arena = nc_arena_create();
    checked += check_sample(arena, sample, 2);
    nc_arena_destroy(arena);
  }
  assert_true(checked > 0 || !op->grad || op == &nc_op_stop_gradient);
}

static void nothing_passes_stop_gradient(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  const NcSample sample = {.text = "stop_gradient f64[3] : f64[3]"};
  NcGraph *graph = read_sample(arena, sample.text);
  Scalar scalar = differentiate(graph, weighted(graph, graph->results.items[0].node, "w"));
  Values values = evaluate(arena, graph, draw_all(arena, graph, &sample, 1), 1);
  for (int64_t i = 0; i < 3; i++)
    assert_true(nc_tensor_get(value_of(&values, scalar.gradients[0]), i) == 0);
  nc_arena_destroy(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_passes_stop_gradient)};
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return failed + run_for_operators("gradient is difference", gradient_is_difference);
}
