// The interpreter: order of updates, ownership of results, the batch, and its errors.
#include "base/diag.h"
#include "interpret/interpret.h"
#include "ir/read.h"
#include "ops/build.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <string.h>

typedef struct Fixture {
  NcArena *arena;
  NcModule *module;
} Fixture;

static int set_up(void **state) {
  NcArena *arena = nc_arena_create();
  Fixture *f = NC_NEW(arena, Fixture);
  f->arena = arena;
  f->module = nc_module_create(arena);
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  nc_arena_destroy(((Fixture *)*state)->arena);
  return 0;
}

static NcModule *read_module(NcArena *arena, const char *text) {
  NcSourceMap *sources = nc_source_create(arena);
  int file = nc_source_add(sources, "test.ir", text, strlen(text), false);
  NcDiags *diags = nc_diags_create(arena, sources);
  NcModule *module = nc_module_read(arena, sources, file, diags, nc_op_by_name);
  if (!module) {
    NcText out = nc_text_create(arena);
    nc_diags_print(diags, &out, false);
    fail_msg("%s", out.data);
  }
  return module;
}

static NcTensor *tensor(NcArena *arena, NcType type, const double *values) {
  NcTensor *t = nc_tensor_create(arena, &type);
  for (int64_t i = 0; i < t->count; i++)
    nc_tensor_set(t, i, values[i]);
  return t;
}

static NcType vector(NcDtype dtype, int64_t size) {
  return nc_type(dtype, 1, (NcDim[]){nc_dim(size)});
}

static void expect(const NcTensor *t, int count, const double *values) {
  assert_int_equal(t->count, count);
  for (int i = 0; i < count; i++)
    assert_true(nc_tensor_get(t, i) == values[i]);
}

#define EXPECT(tensor, ...)                                                                        \
  expect(tensor, sizeof((double[]){__VA_ARGS__}) / sizeof(double), (double[]){__VA_ARGS__})

static void updates_are_applied_together(void **state) {
  Fixture *f = *state;
  NcModule *module = read_module(f->arena, "module {\n"
                                           "  param a: f32[2]\n"
                                           "  state b: f32[2]\n"
                                           "}\n"
                                           "graph swap() {\n"
                                           "  %0 = add @a, @b : f32[2]\n"
                                           "  result output old = @a\n"
                                           "  result output sum = %0\n"
                                           "  update a = @b\n"
                                           "  update b = @a\n"
                                           "}\n");
  NcTensor **variables = nc_interpret_variables(f->arena, module);
  nc_tensor_set(variables[0], 0, 1);
  nc_tensor_set(variables[0], 1, 2);
  nc_tensor_set(variables[1], 0, 10);
  NcInterpret run = {.variables = variables, .batch = 1, .step = 1};
  NcTensor *results[2];
  const char *error;
  assert_true(nc_interpret(f->arena, module->graphs.items[0], &run, results, &error));
  EXPECT(variables[0], 10, 0);
  EXPECT(variables[1], 1, 2);
  EXPECT(results[0], 1, 2); // the value before the updates
  EXPECT(results[1], 11, 2);
}

static void runs_any_batch(void **state) {
  Fixture *f = *state;
  NcModule *module = read_module(f->arena, "module {\n}\n"
                                           "graph mean(x: f32[N, 2]) {\n"
                                           "  %1 = sum %x {axes = [0]} : f32[2]\n"
                                           "  %2 = batch : i64[]\n"
                                           "  %3 = cast %2 : f32[]\n"
                                           "  %4 = broadcast %3 {axes = []} : f32[2]\n"
                                           "  %5 = div %1, %4 : f32[2]\n"
                                           "  result output mean = %5\n"
                                           "}\n");
  for (int64_t batch = 1; batch <= 7; batch += 2) {
    NcType type = nc_type(NC_F32, 2, (NcDim[]){nc_dim(batch), nc_dim(2)});
    NcTensor *x = nc_tensor_create(f->arena, &type);
    for (int64_t i = 0; i < x->count; i++)
      nc_tensor_set_int(x, i, i);
    NcInterpret run = {.inputs = (const NcTensor *[]){x}, .batch = batch, .step = 1};
    NcTensor *result;
    const char *error;
    assert_true(nc_interpret(f->arena, module->graphs.items[0], &run, &result, &error));
    EXPECT(result, (double)(batch - 1), (double)batch);
  }
}

static void reads_the_run(void **state) {
  Fixture *f = *state;
  NcGraph *graph = nc_module_add_graph(f->module, "run");
  nc_graph_add_result(graph, "batch", NC_RESULT_OUTPUT, nc_batch(graph));
  nc_graph_add_result(graph, "step", NC_RESULT_OUTPUT, nc_step(graph));
  nc_graph_add_result(graph, "epoch", NC_RESULT_OUTPUT, nc_epoch(graph));
  NcInterpret run = {.batch = 5, .step = 17, .epoch = 3};
  NcTensor *results[3];
  const char *error;
  assert_true(nc_interpret(f->arena, graph, &run, results, &error));
  EXPECT(results[0], 5);
  EXPECT(results[1], 17);
  EXPECT(results[2], 3);
}

static NcTensor *draw(Fixture *f, const NcGraph *graph, uint64_t seed, int64_t step) {
  NcInterpret run = {.batch = 3, .seed = seed, .step = step};
  NcTensor *result;
  const char *error;
  assert_true(nc_interpret(f->arena, graph, &run, &result, &error));
  return result;
}

static NcGraph *random_graph(Fixture *f, const char *name, NcType type, int64_t ordinal) {
  NcGraph *graph = nc_module_add_graph(f->module, name);
  nc_graph_add_result(graph, "y", NC_RESULT_OUTPUT, nc_random(graph, type, ordinal));
  return graph;
}

static void random_numbers_are_philox(void **state) {
  Fixture *f = *state;
  NcGraph *graph = random_graph(f, "random", nc_type_scalar(NC_F64), 0);
  // The known answer of the authors' library for a counter and key of zeros: 6627e8d5.
  EXPECT(draw(f, graph, 0, 0), 0x6627e8p-24);
}

static void random_numbers_depend_on_seed_step_and_ordinal(void **state) {
  Fixture *f = *state;
  NcType type = nc_type(NC_F32, 2, (NcDim[]){nc_dim_batch(), nc_dim(4)});
  NcGraph *graph = random_graph(f, "a", type, 0);
  NcTensor *base = draw(f, graph, 1, 1);
  NcTensor *others[] = {draw(f, graph, 2, 1), draw(f, graph, 1ull << 32 | 1, 1),
                        draw(f, graph, 1, 2), draw(f, random_graph(f, "b", type, 1), 1, 1)};
  for (int k = 0; k < 4; k++)
    assert_memory_not_equal(base->data, others[k]->data, 3 * 4 * sizeof(float));
  assert_memory_equal(base->data, draw(f, graph, 1, 1)->data, 3 * 4 * sizeof(float));
  for (int i = 0; i < 12; i++)
    for (int j = 0; j < i; j++)
      assert_true(nc_tensor_get(base, i) != nc_tensor_get(base, j));
}

// A sample's numbers do not depend on the batch that it is in.
static void random_numbers_of_a_sample_are_its_own(void **state) {
  Fixture *f = *state;
  NcType type = nc_type(NC_F32, 2, (NcDim[]){nc_dim_batch(), nc_dim(4)});
  NcGraph *graph = random_graph(f, "a", type, 0);
  NcTensor *small, *large;
  const char *error;
  NcInterpret run = {.batch = 2, .seed = 9, .step = 1};
  assert_true(nc_interpret(f->arena, graph, &run, &small, &error));
  run.batch = 5;
  assert_true(nc_interpret(f->arena, graph, &run, &large, &error));
  assert_memory_equal(small->data, large->data, 2 * 4 * sizeof(float));
}

static void a_wrong_input_is_an_error(void **state) {
  Fixture *f = *state;
  NcGraph *graph = nc_module_add_graph(f->module, "wrong");
  NcType type = nc_type(NC_F32, 1, (NcDim[]){nc_dim_batch()});
  NcNode *x = nc_graph_input(graph, "x", type);
  nc_graph_add_result(graph, "y", NC_RESULT_OUTPUT, nc_neg(graph, x));
  NcTensor *value = tensor(f->arena, vector(NC_F32, 3), (double[]){1, 2, 3});
  NcInterpret run = {.inputs = (const NcTensor *[]){value}, .batch = 4, .step = 1};
  NcTensor *result;
  const char *error;
  assert_false(nc_interpret(f->arena, graph, &run, &result, &error));
  assert_string_equal(error, "x is f32[3], not f32[4]");
}

static bool same_type(NcInfer *infer) {
  infer->result = infer->operands[0];
  return true;
}

static bool undefined(NcEval *eval) {
  eval->error = "index 7 is out of range";
  return false;
}

static void an_undefined_value_updates_nothing(void **state) {
  Fixture *f = *state;
  static const NcOp broken = {
      .name = "broken", .operand_count = 1, .infer = same_type, .eval = undefined};
  NcVariable *variable =
      nc_module_add_variable(f->module, "w", NC_VAR_PARAM, vector(NC_F32, 1), NC_NOWHERE);
  NcGraph *graph = nc_module_add_graph(f->module, "step");
  NcNode *w = nc_graph_variable(graph, variable);
  nc_graph_add_update(graph, variable, nc_add_const(graph, w, 1));
  nc_graph_add_result(graph, "y", NC_RESULT_OUTPUT, nc_unary(graph, &broken, w));
  NcTensor **variables = nc_interpret_variables(f->arena, f->module);
  NcInterpret run = {.variables = variables, .batch = 1, .step = 1};
  NcTensor *result;
  const char *error;
  assert_false(nc_interpret(f->arena, graph, &run, &result, &error));
  assert_non_null(strstr(error, "broken: index 7 is out of range"));
  EXPECT(variables[0], 0);
}

static void a_value_may_be_used_many_times(void **state) {
  Fixture *f = *state;
  NcGraph *graph = nc_module_add_graph(f->module, "powers");
  NcNode *x = nc_graph_input(graph, "x", vector(NC_F32, 2));
  NcNode *square = nc_mul(graph, x, x);
  NcNode *fourth = nc_mul(graph, square, square);
  nc_neg(graph, fourth); // used by nobody
  nc_graph_add_result(graph, "square", NC_RESULT_OUTPUT, square);
  nc_graph_add_result(graph, "sum", NC_RESULT_OUTPUT, nc_add(graph, fourth, square));
  nc_graph_add_result(graph, "again", NC_RESULT_OUTPUT, square);
  NcTensor *value = tensor(f->arena, vector(NC_F32, 2), (double[]){2, 3});
  NcInterpret run = {.inputs = (const NcTensor *[]){value}, .batch = 1, .step = 1};
  NcTensor *results[3];
  const char *error;
  assert_true(nc_interpret(f->arena, graph, &run, results, &error));
  EXPECT(results[0], 4, 9);
  EXPECT(results[1], 20, 90);
  EXPECT(results[2], 4, 9);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(updates_are_applied_together),
      TEST(runs_any_batch),
      TEST(reads_the_run),
      TEST(random_numbers_are_philox),
      TEST(random_numbers_depend_on_seed_step_and_ordinal),
      TEST(random_numbers_of_a_sample_are_its_own),
      TEST(a_wrong_input_is_an_error),
      TEST(an_undefined_value_updates_nothing),
      TEST(a_value_may_be_used_many_times),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
