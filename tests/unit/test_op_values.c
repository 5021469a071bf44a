// Operators where the mathematics leaves a choice: ties, NaN, overflow, division by zero, limits of
// dtypes, and gradients at kinks.
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

#include <math.h>

#define NUMBERS 6
#define NAN_ ((double)NAN)
#define INF ((double)INFINITY)

typedef struct Case {
  const char *statement;
  double operands[4][NUMBERS];
  double result[NUMBERS];
} Case;

static const NcTensor *filled(NcArena *arena, const NcNode *input, const double *values) {
  NcTensor *t = nc_tensor_create(arena, &input->type);
  for (int64_t i = 0; i < t->count; i++)
    nc_tensor_set(t, i, values[i]);
  return t;
}

static NcGraph *read_statement(NcArena *arena, const char *statement) {
  const char *error;
  NcInfer infer;
  NcGraph *graph =
      nc_read_sample(nc_module_create(arena), nc_op_by_name, statement, &error, &infer);
  if (!graph)
    fail_msg("%s: %s", statement, error);
  return graph;
}

static NcTensor *run(NcArena *arena, const NcGraph *graph, const Case *c) {
  const NcTensor *inputs[4];
  for (int i = 0; i < graph->inputs.count; i++)
    inputs[i] = filled(arena, graph->inputs.items[i], c->operands[i]);
  NcInterpret how = {.inputs = inputs, .batch = 1, .step = 1};
  NcTensor *results[2];
  const char *error;
  assert_true(nc_interpret(arena, graph, &how, results, &error));
  return results[graph->results.count - 1];
}

static void expect(const NcTensor *got, const Case *c) {
  for (int64_t i = 0; i < got->count; i++) {
    double want = c->result[i], have = nc_tensor_get(got, i);
    bool same = (isnan(want) && isnan(have)) || (want == have && signbit(want) == signbit(have));
    if (!same)
      fail_msg("%s: element %d is %g, not %g", c->statement, (int)i, have, want);
  }
}

// clang-format off
static const Case values[] = {
    {"div i32[6], i32[6] : i32[6]", {{7, -7, 5, -2147483648.0, -2147483648.0, 0}, {2, 2, 3, -1, 2, 1}},
     {3, -3, 1, -2147483648.0, -1073741824.0, 0}},
    {"div i64[2], i64[2] : i64[2]", {{-0x1p63, 9}, {-1, -1}}, {-0x1p63, -9}},
    {"div u8[3], u8[3] : u8[3]", {{7, 255, 5}, {2, 255, 9}}, {3, 1, 0}},
    {"add u8[2], u8[2] : u8[2]", {{250, 1}, {10, 2}}, {4, 3}},
    {"sub u8[1], u8[1] : u8[1]", {{1}, {2}}, {255}},
    {"neg u8[2] : u8[2]", {{1, 0}}, {255, 0}},
    {"add i32[1], i32[1] : i32[1]", {{2147483647.0}, {1}}, {-2147483648.0}},
    {"mul i64[1], i64[1] : i64[1]", {{0x1p62}, {2}}, {-0x1p63}},
    {"abs i32[2] : i32[2]", {{-2147483648.0, -3}}, {-2147483648.0, 3}},
    {"pow i32[6], i32[6] : i32[6]", {{2, -2, 0, 3, 1, -1}, {10, 3, 0, -1, -5, -5}}, {1024, -8, 1, 0, 1, -1}},
    {"pow i64[4], i64[4] : i64[4]", {{-1, 0, 3, 2}, {-4, -1, 5, 64}}, {1, 0, 243, 0}},
    {"pow u8[3], u8[3] : u8[3]", {{3, 2, 255}, {6, 8, 2}}, {217, 0, 1}},
    {"pow f32[4], f32[4] : f32[4]", {{-2, 0, 0, -8}, {3, 0, -1, 0.5}}, {-8, 1, INF, NAN_}},
    {"max f32[6], f32[6] : f32[6]", {{1, NAN_, 1, 0.0, -0.0, -INF}, {2, 1, NAN_, -0.0, 0.0, INF}},
     {2, NAN_, NAN_, -0.0, 0.0, INF}},
    {"min f32[6], f32[6] : f32[6]", {{1, NAN_, 1, 0.0, -0.0, -INF}, {2, 1, NAN_, -0.0, 0.0, INF}},
     {1, NAN_, NAN_, -0.0, 0.0, -INF}},
    {"max u8[2], u8[2] : u8[2]", {{200, 3}, {100, 4}}, {200, 4}},
    {"eq f32[3], f32[3] : bool[3]", {{NAN_, 0.0, 1}, {NAN_, -0.0, 2}}, {0, 1, 0}},
    {"ne f32[3], f32[3] : bool[3]", {{NAN_, 0.0, 1}, {NAN_, -0.0, 2}}, {1, 0, 1}},
    {"lt f32[3], f32[3] : bool[3]", {{NAN_, 1, 1}, {1, NAN_, 2}}, {0, 0, 1}},
    {"le f32[3], f32[3] : bool[3]", {{NAN_, 1, 1}, {1, NAN_, 1}}, {0, 0, 1}},
    {"cast f32[6] : i32[6]", {{NAN_, INF, -INF, 3e9, -1.9, 1.9}}, {0, 2147483647.0, -2147483648.0, 2147483647.0, -1, 1}},
    {"cast f32[4] : u8[4]", {{-1, 255.9, 256, NAN_}}, {0, 255, 255, 0}},
    {"cast f64[2] : i64[2]", {{1e30, -1e30}}, {0x1p63, -0x1p63}},
    {"cast i64[3] : i32[3]", {{0x1p32, 2147483648.0, -1}}, {0, -2147483648.0, -1}},
    {"cast i32[3] : u8[3]", {{256, -1, 300}}, {0, 255, 44}},
    {"cast f32[4] : bool[4]", {{0, -0.0, NAN_, 0.5}}, {0, 0, 1, 1}},
    {"cast u8[2] : bool[2]", {{0, 2}}, {0, 1}},
    {"cast f64[2] : f32[2]", {{1e300, 16777217}}, {INF, 16777216}},
    {"floor f32[4] : f32[4]", {{-1.5, -0.0, 2, NAN_}}, {-2, -0.0, 2, NAN_}},
    {"log f32[3] : f32[3]", {{0, 1, -1}}, {-INF, 0, NAN_}},
    {"sqrt f32[3] : f32[3]", {{4, -0.0, -1}}, {2, -0.0, NAN_}},
    {"sum u8[3] {axes = [0]} : u8[]", {{200, 50, 7}}, {1}},
    {"sum f32[3] {axes = [0]} : f32[]", {{16777216, 1, 1}}, {16777218}},
    {"reduce_max f32[3] {axes = [0]} : f32[]", {{1, NAN_, 2}}, {NAN_}},
    {"reduce_min f32[3] {axes = [0]} : f32[]", {{1, 2, NAN_}}, {NAN_}},
    {"reduce_max i32[2] {axes = [0]} : i32[]", {{-5, -7}}, {-5}},
    {"reduce_min u8[2] {axes = [0]} : u8[]", {{250, 251}}, {250}},
    {"argmax f32[4] {axis = 0} : i64[]", {{1, 3, 3, 2}}, {1}},
    {"argmax f32[5] {axis = 0} : i64[]", {{1, INF, NAN_, 3, NAN_}}, {2}},
    {"argmax f32[3] {axis = 0} : i64[]", {{-INF, -INF, -INF}}, {0}},
    {"argmax f32[2] {axis = 0} : i64[]", {{-0.0, 0.0}}, {0}},
    {"const {value = 0.1} : f32[1]", {{0}}, {(double)0.1f}},
    {"iota {axis = 0} : f32[3]", {{0}}, {0, 1, 2}},
    {"pad i32[2] {low = [1], high = [0], interior = [1], value = -4.0} : i32[4]", {{7, 9}}, {-4, 7, -4, 9}},
};

// The last operand is the gradient of the result; the result here is that of operand `wanted`.
static const struct {
  Case c;
  int wanted;
} gradients[] = {
    {{"max f32[4], f32[4] : f32[4]", {{0, 0, 0, 0}, {-1, 0, -0.0, 2}, {5, 5, 5, 5}}, {0, 0, 0, 5}}, 1},
    {{"max f32[3], f32[3] : f32[3]", {{1, 1, 1}, {0, 1, 2}, {5, 5, 5}}, {5, 5, 0}}, 0},
    {{"min f32[3], f32[3] : f32[3]", {{1, 1, 1}, {0, 1, 2}, {5, 5, 5}}, {0, 5, 5}}, 0},
    {{"abs f32[3] : f32[3]", {{-2, 0, 3}, {5, 5, 5}}, {-5, 0, 5}}, 0},
    {{"pow f32[4], f32[4] : f32[4]", {{0, 0, 0, -3}, {0, 1, 2, 2}, {1, 1, 1, 1}}, {0, 1, 0, -6}}, 0},
    {{"pow f32[3], f32[3] : f32[3]", {{0, 1, 0}, {2, 5, 0}, {1, 1, 1}}, {0, 0, 0}}, 1},
    {{"reduce_max f32[2, 3] {axes = [0, 1]} : f32[]", {{1, 4, 4, 4, 0, 4}, {7}}, {0, 7, 0, 0, 0, 0}}, 0},
    {{"reduce_min f32[2, 3] {axes = [0, 1]} : f32[]", {{1, 4, 4, 0, 0, 0}, {7}}, {0, 0, 0, 7, 0, 0}}, 0},
    {{"reduce_max f32[2, 3] {axes = [1]} : f32[2]", {{1, 4, 4, 5, 0, 5}, {7, 8}}, {0, 7, 0, 8, 0, 0}}, 0},
    {{"reduce_max f32[3] {axes = [0]} : f32[]", {{9, NAN_, NAN_}, {7}}, {0, 7, 0}}, 0},
    {{"select bool[2], f32[2], f32[2] : f32[2]", {{1, 0}, {3, 3}, {4, 4}, {5, 6}}, {5, 0}}, 1},
};
// clang-format on

static void choices_are_as_documented(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    NcArena *arena = nc_arena_create();
    expect(run(arena, read_statement(arena, values[i].statement), &values[i]), &values[i]);
    nc_arena_destroy(arena);
  }
}

// Adds the gradient of an operand as the last result.
static void add_gradient(NcGraph *graph, int operand) {
  NcNode *y = graph->results.items[0].node, *dx[3] = {0};
  bool wanted[3] = {false};
  wanted[operand] = true;
  NcNode *dy = nc_graph_input(graph, "dy", y->type);
  y->op->grad(graph, y, dy, wanted, dx);
  assert_non_null(dx[operand]);
  assert_true(nc_type_equal(&dx[operand]->type, &y->operands[operand]->type));
  nc_graph_add_result(graph, "dx", NC_RESULT_OUTPUT, dx[operand]);
}

static void gradients_at_kinks_are_as_documented(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof gradients / sizeof *gradients; i++) {
    NcArena *arena = nc_arena_create();
    NcGraph *graph = read_statement(arena, gradients[i].c.statement);
    add_gradient(graph, gradients[i].wanted);
    expect(run(arena, graph, &gradients[i].c), &gradients[i].c);
    nc_arena_destroy(arena);
  }
}

static void a_large_integer_constant_is_exact(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  const int64_t all[] = {
      INT64_MIN, INT64_MIN + 1, -((int64_t)1 << 53) - 1, -7, 0, ((int64_t)1 << 53) + 1, INT64_MAX};
  NcGraph *graph = nc_module_add_graph(nc_module_create(arena), "constants");
  NcTensor *results[7];
  for (int i = 0; i < 7; i++)
    nc_graph_add_result(graph, "c", NC_RESULT_OUTPUT,
                        nc_const_int(graph, all[i], nc_type_scalar(NC_I64)));
  NcInterpret how = {.batch = 1, .step = 1};
  const char *error;
  assert_true(nc_interpret(arena, graph, &how, results, &error));
  for (int i = 0; i < 7; i++)
    assert_true(nc_tensor_get_int(results[i], 0) == all[i]);
  nc_arena_destroy(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(choices_are_as_documented),
      cmocka_unit_test(gradients_at_kinks_are_as_documented),
      cmocka_unit_test(a_large_integer_constant_is_exact),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
