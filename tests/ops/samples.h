// What the tests made from the operators' samples share: reading a sample, drawing its operands,
// evaluating graphs by the operators' references, and one cmocka test for each operator of the
// table.
#ifndef NC_TESTS_OPS_SAMPLES_H
#define NC_TESTS_OPS_SAMPLES_H

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "interpret/interpret.h"
#include "ir/graph.h"
#include "ir/read.h"
#include "ops/ops.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// SplitMix64: the same numbers on every machine.
static inline uint64_t next_random(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static inline double next_uniform(uint64_t *state) {
  return (double)(next_random(state) >> 11) * 0x1p-53;
}

// Fails with the operator's statement, which names what went wrong better than a line of this file.
#define fail_sample(text, ...)                                                                     \
  do {                                                                                             \
    print_error("%s\n  ", text);                                                                   \
    print_error(__VA_ARGS__);                                                                      \
    print_error("\n");                                                                             \
    fail();                                                                                        \
    abort(); /* not reached; analyzers do not know that of fail */                                 \
  } while (0)

// The sample's statement as a graph of a new module.
static inline NcGraph *read_sample(NcArena *arena, const char *text) {
  const char *error = "?";
  NcInfer infer;
  NcGraph *graph = nc_read_sample(nc_module_create(arena), nc_op_by_name, text, &error, &infer);
  if (!graph)
    fail_sample(text, "%s", error);
  return graph;
}

// The statement with f64 in place of f32.
static inline char *with_doubles(NcArena *arena, const char *text) {
  char *copy = nc_arena_strdup(arena, text);
  for (char *f = strstr(copy, "f32["); f; f = strstr(f, "f32["))
    memcpy(f, "f64[", 4);
  return copy;
}

// Distinct multiples of the sample's gap, shuffled, for all operands together; none is nearer to 0
// than half a gap.
typedef struct Deck {
  double *values;
  int64_t count, used;
} Deck;

static inline Deck shuffle_deck(NcArena *arena, const NcGraph *graph, const NcSample *sample,
                                int64_t batch, uint64_t *random) {
  Deck deck = {0};
  for (int i = 0; i < graph->inputs.count; i++)
    deck.count += nc_dim_value(nc_type_elements(&graph->inputs.items[i]->type), batch);
  deck.values = NC_NEW_ARRAY(arena, double, deck.count);
  for (int64_t i = 0; i < deck.count; i++)
    deck.values[i] = ((double)(i - deck.count / 2) + 0.5) * sample->min_gap;
  for (int64_t i = deck.count - 1; i > 0; i--) {
    int64_t j = (int64_t)(next_random(random) % (uint64_t)(i + 1));
    double value = deck.values[i];
    deck.values[i] = deck.values[j];
    deck.values[j] = value;
  }
  return deck;
}

static inline double draw(const NcSample *sample, NcDtype dtype, Deck *deck, uint64_t *random) {
  bool given = sample->low < sample->high;
  if (dtype == NC_BOOL)
    return (double)(next_random(random) & 1);
  if (nc_dtype_is_integer(dtype)) {
    double low = given ? ceil(sample->low) : 0, high = given ? floor(sample->high) : 4;
    return fmin(high, low + floor(next_uniform(random) * (high - low + 1)));
  }
  if (sample->min_gap > 0)
    return deck->values[deck->used++];
  double low = given ? sample->low : -2, high = given ? sample->high : 2;
  return low + next_uniform(random) * (high - low);
}

// Tensors for the graph's inputs as the sample wants them drawn.
static inline NcTensor **draw_inputs(NcArena *arena, const NcGraph *graph, const NcSample *sample,
                                     int64_t batch, uint64_t seed) {
  uint64_t random = seed;
  Deck deck = shuffle_deck(arena, graph, sample, batch, &random);
  NcTensor **inputs = NC_NEW_ARRAY(arena, NcTensor *, graph->inputs.count);
  for (int i = 0; i < graph->inputs.count; i++) {
    NcType type = nc_type_at(&graph->inputs.items[i]->type, batch);
    inputs[i] = nc_tensor_create(arena, &type);
    for (int64_t j = 0; j < inputs[i]->count; j++)
      nc_tensor_set(inputs[i], j, draw(sample, type.dtype, &deck, &random));
  }
  return inputs;
}

// Puts NaN, infinities, zeros and equal numbers into floats, which draws avoid.
static inline void make_special(NcTensor *tensor, uint64_t *random) {
  static const double special[] = {0, -0.0, (double)NAN, (double)INFINITY, -(double)INFINITY, 1, 1};
  if (nc_dtype_is_float(tensor->type.dtype))
    for (int64_t i = 0; i < tensor->count; i++)
      if (next_random(random) % 4 == 0)
        nc_tensor_set(tensor, i, special[next_random(random) % (sizeof special / sizeof *special)]);
}

// The values of a graph's results, or why they are undefined.
typedef struct Values {
  const NcGraph *graph;
  NcTensor **results;
  const char *error; // or NULL
} Values;

// Evaluates the graph's results by the operators' references; `inputs` are in the order of the
// graph's.
static inline Values evaluate(NcArena *arena, const NcGraph *graph, NcTensor *const *inputs,
                              int64_t batch) {
  NcInterpret run = {
      .inputs = (const NcTensor *const *)inputs, .batch = batch, .seed = 7, .step = 3, .epoch = 1};
  Values values = {.graph = graph,
                   .results = NC_NEW_ARRAY(arena, NcTensor *, graph->results.count)};
  if (!nc_interpret(arena, graph, &run, values.results, &values.error) && !values.error)
    values.error = "no reason given";
  return values;
}

// The value of a node that is one of the results.
static inline NcTensor *value_of(const Values *values, const NcNode *node) {
  for (int i = 0; i < values->graph->results.count; i++)
    if (values->graph->results.items[i].node == node)
      return values->results[i];
  fail_sample(values->graph->name, "not every node asked for is a result");
  return NULL;
}

// Runs `test` once for each operator, as a test of its name whose state is the operator.
static inline int run_for_operators(const char *group, CMUnitTestFunction test) {
  int count = 0;
  while (nc_ops[count])
    count++;
  struct CMUnitTest *tests = calloc((size_t)count + 1, sizeof *tests);
  for (int i = 0; i < count; i++)
    tests[i] = (struct CMUnitTest){nc_ops[i]->name, test, NULL, NULL, (void *)(uintptr_t)nc_ops[i]};
  int failed = _cmocka_run_group_tests(group, tests, (size_t)count, NULL, NULL);
  free(tests);
  return failed;
}

#endif
