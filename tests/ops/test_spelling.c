// Spelling: every sample's statement, its gradient and the gradient of that, as the operators say
// them in the language, compile to a graph of the same values.
#include "ops/samples.h"

#include "emit/net.h"
#include "ops/autodiff.h"
#include "ops/build.h"
#include "ops/sources.h"

// Names of inputs that no operator's function has.
static const char **declare(NcText *text, const NcGraph *graph) {
  const char **names = NC_NEW_ARRAY(text->arena, const char *, graph->next_id);
  for (int i = 0; i < graph->inputs.count; i++) {
    const NcNode *input = graph->inputs.items[i];
    names[input->id] = nc_arena_printf(text->arena, "in%d", i);
    nc_text_printf(text, "input %s: %s\n", names[input->id],
                   nc_type_format(text->arena, &input->type));
  }
  return names;
}

// The graph as a program with outputs y0, y1, ….
static char *spell(NcArena *arena, const NcGraph *graph) {
  NcText text = nc_text_create(arena);
  NcNetWriter writer = nc_net_writer(&text, NULL);
  nc_net_take_words(&writer, graph);
  const char **names = declare(&text, graph);
  NcNetStatements statements = {
      .graph = graph, .names = names, .outputs = nc_map_create(arena), .indent = ""};
  for (int i = 0; i < graph->results.count; i++) {
    const char *name = nc_arena_printf(arena, "y%d", i);
    names[graph->results.items[i].node->id] = name;
    nc_map_set(&statements.outputs, name, &statements);
  }
  nc_net_write(&writer, &statements);
  return text.data;
}

// The program's graph has only the inputs that it uses, by name.
static NcTensor **matching(NcArena *arena, const NcGraph *graph, NcTensor *const *inputs) {
  NcTensor **result = NC_NEW_ARRAY(arena, NcTensor *, graph->inputs.count + 1);
  for (int i = 0; i < graph->inputs.count; i++)
    result[i] = inputs[atoi(graph->inputs.items[i]->name + 2)];
  return result;
}

// Which NaN a NaN is, is not specified.
static bool same_values(const NcTensor *a, const NcTensor *b) {
  bool same = nc_type_equal(&a->type, &b->type);
  for (int64_t i = 0; same && i < a->count; i++) {
    double x = nc_tensor_get(a, i), y = nc_tensor_get(b, i);
    same = (isnan(x) && isnan(y)) || (x == y && signbit(x) == signbit(y));
  }
  return same;
}

static void check_graph(NcArena *arena, NcGraph *graph, const NcSample *sample, int64_t batch) {
  char *text = spell(arena, graph);
  NcProgram *program = checked_program(arena, text, text);
  NcGraph *spelled = nc_module_graph(program->module, "predict");
  NcTensor **inputs = draw_inputs(arena, graph, sample, batch, 5);
  Values want = evaluate(arena, graph, inputs, batch);
  Values got = evaluate(arena, spelled, matching(arena, spelled, inputs), batch);
  if (want.error || got.error) {
    assert_true(want.error && got.error);
    return;
  }
  for (int i = 0; i < graph->results.count; i++) {
    int place = atoi(spelled->results.items[i].name + 1);
    if (!same_values(want.results[place], got.results[i]))
      fail_sample(sample->text, "y%d is spelled\n%s\n  which has other values", place, text);
  }
}

// The gradients of a scalar by the floating inputs are results too. Gives the sum of their squares,
// NULL where there are none.
static NcNode *add_gradients(NcGraph *graph, NcNode *scalar) {
  NcNode *wrt[8] = {NULL}, *gradients[8] = {NULL}, *sum = NULL;
  int count = 0;
  for (int i = 0; i < graph->inputs.count; i++)
    if (nc_dtype_is_float(graph->inputs.items[i]->type.dtype))
      wrt[count++] = graph->inputs.items[i];
  nc_autodiff(graph, scalar, wrt, count, gradients);
  for (int i = 0; i < count; i++) {
    for (int k = 0; k < graph->results.count && gradients[i]; k++)
      if (graph->results.items[k].node == gradients[i])
        gradients[i] = NULL; // it is one already
    if (!gradients[i])
      continue;
    nc_graph_add_result(graph, "gradient", NC_RESULT_OUTPUT, gradients[i]);
    if (gradients[i]->type.dtype != scalar->type.dtype)
      continue;
    NcNode *square = nc_sum_all(graph, nc_mul(graph, gradients[i], gradients[i]));
    sum = sum ? nc_add(graph, sum, square) : square;
  }
  return sum;
}

static void check_sample(NcArena *arena, const NcSample *sample, int64_t batch) {
  NcGraph *graph = read_sample(arena, sample->text);
  check_graph(arena, graph, sample, batch);
  NcNode *y = graph->results.items[0].node;
  if (!nc_dtype_is_float(y->type.dtype))
    return;
  graph->results.count = 0;
  NcNode *square = add_gradients(graph, nc_sum_all(graph, nc_mul(graph, y, y)));
  if (square)
    add_gradients(graph, square);
  nc_graph_prune(graph);
  if (graph->results.count > 0)
    check_graph(arena, graph, sample, batch);
}

static void spelling_is_the_operator(void **state) {
  const NcOp *op = *state;
  for (const NcSample *sample = op->samples; sample->text; sample++) {
    NcArena *arena = nc_arena_create();
    check_sample(arena, sample, 2);
    check_sample(arena, sample, 1);
    nc_arena_destroy(arena);
  }
}

int main(void) { return run_for_operators("spelling is the operator", spelling_is_the_operator); }
