// Sema: the library's functions by their values, data files by what is told of them, and its
// limits.
#include "interpret/interpret.h"
#include "sema/program.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct Checked {
  NcArena *arena;
  NcSourceMap *sources;
  NcDiags *diags;
  NcProgram *program;
} Checked;

static Checked check_with(const char *source, const NcSemaOptions *options) {
  Checked checked = {.arena = nc_arena_create()};
  checked.sources = nc_source_create(checked.arena);
  checked.diags = nc_diags_create(checked.arena, checked.sources);
  int file = nc_source_add(checked.sources, "test.net", source, strlen(source), false);
  const NcFileAst *tree = nc_parse(checked.arena, checked.sources, file, checked.diags);
  checked.program = nc_sema(checked.arena, checked.sources, tree, checked.diags, options);
  return checked;
}

static void done(Checked *checked) { nc_arena_destroy(checked->arena); }

// The codes in the order they were reported: "E0101 E0203".
static const char *codes(const Checked *checked) {
  NcText text = nc_text_create(checked->arena);
  nc_text_append(&text, "");
  for (int i = 0; i < checked->diags->items.count; i++)
    nc_text_printf(&text, "%s%s", i ? " " : "", checked->diags->items.items[i]->code);
  return text.data;
}

static void expect_codes(const char *source, const NcSemaOptions *options, const char *expected) {
  Checked checked = check_with(source, options);
  assert_string_equal(codes(&checked), expected);
  assert_true((checked.program == NULL) == (checked.diags->error_count > 0));
  done(&checked);
}

// ---- values

// Runs `predict` of a file on one input `x: f32[N]`; gives output `y` in `result`.
static void run(const char *source, const double *x, int count, double *result, int result_count) {
  Checked checked = check_with(source, NULL);
  assert_string_equal(codes(&checked), "");
  const NcGraph *graph = nc_module_graph(checked.program->module, "predict");
  NcType type = nc_type(NC_F32, 1, (NcDim[]){nc_dim(count)});
  NcTensor *input = nc_tensor_create(checked.arena, &type);
  for (int i = 0; i < count; i++)
    nc_tensor_set(input, i, x[i]);
  NcInterpret interpret = {.inputs = (const NcTensor *[]){input},
                           .variables =
                               nc_interpret_variables(checked.arena, checked.program->module),
                           .batch = count,
                           .step = 1};
  NcTensor *results[1];
  const char *error = NULL;
  assert_int_equal(graph->results.count, 1);
  assert_true(nc_interpret(checked.arena, graph, &interpret, results, &error));
  assert_int_equal(results[0]->count, result_count);
  for (int i = 0; i < result_count; i++)
    result[i] = nc_tensor_get(results[0], i);
  done(&checked);
}

static void expect_values(const char *expression, const double *x, const double *expected,
                          int count) {
  char source[500];
  double result[8];
  snprintf(source, sizeof source, "input x: f32[N]\noutput y = %s\n", expression);
  run(source, x, count, result, count);
  for (int i = 0; i < count; i++)
    if (!(fabs(result[i] - expected[i]) <= 1e-6 * (1 + fabs(expected[i]))))
      fail_msg("%s of %g is %.9g, not %.9g", expression, x[i], result[i], expected[i]);
}

static void test_activations(void **state) {
  (void)state;
  double x[] = {-200, -1, 0, 0.5, 200}, y[5];
  for (int i = 0; i < 5; i++)
    y[i] = x[i] > 0 ? x[i] : 0;
  expect_values("relu(x)", x, y, 5);
  for (int i = 0; i < 5; i++)
    y[i] = 1 / (1 + exp(-x[i]));
  expect_values("sigmoid(x)", x, y, 5);
  for (int i = 0; i < 5; i++)
    y[i] = x[i] / (1 + exp(-x[i]));
  expect_values("silu(x)", x, y, 5);
  for (int i = 0; i < 5; i++)
    y[i] = x[i] / 2 * (1 + erf(x[i] / sqrt(2)));
  expect_values("gelu(x)", x, y, 5);
  for (int i = 0; i < 5; i++)
    y[i] = x[i] > 100 ? x[i] : log1p(exp(x[i]));
  expect_values("softplus(x)", x, y, 5);
  for (int i = 0; i < 5; i++)
    y[i] = x[i] > 0 ? x[i] : x[i] * 0.01;
  expect_values("leaky_relu(x)", x, y, 5);
}

// Along N, so that one row holds the logits; numbers whose exp overflows.
static void test_softmax(void **state) {
  (void)state;
  double x[] = {1000, 1001, 999}, y[3], total = 0;
  for (int i = 0; i < 3; i++)
    total += y[i] = exp(x[i] - 1001);
  for (int i = 0; i < 3; i++)
    y[i] /= total;
  expect_values("softmax(x)", x, y, 3);
  for (int i = 0; i < 3; i++)
    y[i] = log(y[i]);
  expect_values("log_softmax(x)", x, y, 3);
}

static void expect_scalar(const char *expression, const double *x, int count, double expected) {
  char source[500];
  double result;
  snprintf(source, sizeof source, "input x: f32[N]\noutput y = %s\n", expression);
  run(source, x, count, &result, 1);
  if (!(fabs(result - expected) <= 1e-6 * (1 + fabs(expected))))
    fail_msg("%s is %.9g, not %.9g", expression, result, expected);
}

static void test_losses(void **state) {
  (void)state;
  double x[] = {500, -500, 3};
  expect_scalar("mean(x)", x, 3, 1);
  expect_scalar("mean(x > 0)", x, 3, 2.0 / 3);
  expect_scalar("mse(x, 3 * x)", x, 3, 4 * (500.0 * 500 * 2 + 9) / 3);
  expect_scalar("mae(x, 0 * x)", x, 3, 1003.0 / 3);
  // the loss of a class is minus the logarithm of its share
  expect_scalar("softmax_cross_entropy(x, f32(x == 500))", x, 3, 0);
  expect_scalar("softmax_cross_entropy(x, f32(x == 3))", x, 3, 497);
  expect_scalar("sum(sigmoid_cross_entropy(x, f32(x > 0)))", x, 3, log1p(exp(-3)));
  expect_scalar("sum(sigmoid_cross_entropy(x, f32(x < 0)))", x, 3, 1000 + 3 + log1p(exp(-3)));
}

static void test_one_hot(void **state) {
  (void)state;
  double x[] = {2, 0}, result[6], expected[] = {0, 0, 1, 1, 0, 0};
  run("input x: f32[N]\noutput y = one_hot(u8(x), 3)\n", x, 2, result, 6);
  assert_memory_equal(result, expected, sizeof expected);
}

static void test_compile_time(void **state) {
  (void)state;
  double x[] = {1};
  expect_scalar("sum(x) * (7 / 2)", x, 1, 3.5);
  expect_scalar("sum(x) * (6 / 2 - 2^-1 + sqrt(16) + max(3, 2.5))", x, 1, 9.5);
  expect_scalar("sum(x) * shape(iota([5, 3], axis = 1))[0] * size(x)", x, 1, 5);
  expect_scalar("sum(x) * select(sum(x) > 0, 2, 3)", x, 1, 2);
}

// ---- data files

typedef struct File {
  const char *name;
  NcFactsStatus status;
  NcType type;
  int64_t samples;
} File;

static void facts(void *context, NcArena *arena, const NcReading *reading, const NcInput *input,
                  NcFacts *facts) {
  (void)arena, (void)input;
  assert_string_equal(reading->reader, "idx");
  for (const File *known = context; known->name; known++)
    if (strcmp(known->name, reading->file) == 0)
      *facts = (NcFacts){.status = known->status,
                         .type = known->type,
                         .samples = known->samples,
                         .message = "offset 3: wrong"};
}

#define IMAGES                                                                                     \
  {                                                                                                \
    NC_U8, 3, { {1, 0}, {0, 4}, {0, 4} }                                                           \
  }
#define LABELS                                                                                     \
  {                                                                                                \
    NC_U8, 1, {{1, 0}}                                                                             \
  }

static void expect_data(const char *bindings, bool require, const char *expected) {
  File files[] = {{"images", NC_FACTS_OK, IMAGES, 10}, {"labels", NC_FACTS_OK, LABELS, 10},
                  {"few", NC_FACTS_OK, LABELS, 9},     {"empty", NC_FACTS_OK, LABELS, 0},
                  {"bad", NC_FACTS_BAD, LABELS, 0},    {0}};
  NcSemaOptions options = {.facts = facts, .facts_context = files, .require_data = require};
  char source[1000];
  snprintf(source, sizeof source,
           "input image: u8[N, 4, 4, 1]\n"
           "input label: u8[N] in 0..2\n"
           "param w: f32[16, 2] = xavier\n"
           "logits = flatten(f32(image)) @ w\n"
           "loss = mean(softmax_cross_entropy(logits, one_hot(label, 2)))\n"
           "dataset all {\n%s\n}\n"
           "train {\n minimize = loss\n optimizer = sgd\n data = all\n}\n",
           bindings);
  expect_codes(source, &options, expected);
}

#define IMAGE "image = reshape(idx(\"images\"), [N, 4, 4, 1])\n"

static void test_facts(void **state) {
  (void)state;
  expect_data(IMAGE "label = idx(\"labels\")", true, "");
  expect_data("image = idx(\"images\") |> reshape([N, 4, 4, 1])\nlabel = idx(\"labels\")", true,
              "");
  expect_data("image = idx(\"images\")\nlabel = idx(\"labels\")", true, "E0411");
  expect_data("image = reshape(idx(\"images\"), [N, 4, 5])\nlabel = idx(\"labels\")", true,
              "E0411");
  expect_data("image = reshape(idx(\"images\"), [2*N, 2, 4, 1])\nlabel = idx(\"labels\")", true,
              "E0411");
  expect_data(IMAGE "label = idx(\"images\")", true, "E0411");
  expect_data(IMAGE "label = idx(\"few\")", true, "E0412");
  expect_data(IMAGE "label = idx(\"empty\")", true, "E0501 E0412");
  expect_data(IMAGE "label = idx(\"bad\")", true, "E0501");
  expect_data(IMAGE, true, "E0413");
}

static void test_missing_files(void **state) {
  (void)state;
  expect_data(IMAGE "label = idx(\"nowhere\")", false, "");
  expect_data(IMAGE "label = idx(\"nowhere\")", true, "E0502");
}

// ---- limits

static void test_many_errors(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcText text = nc_text_create(arena);
  for (int i = 0; i < 500; i++)
    nc_text_printf(&text, "x%d = missing%d\n", i, i);
  Checked checked = check_with(text.data, NULL);
  assert_int_equal(checked.diags->items.count, NC_MAX_ERRORS);
  assert_int_equal(checked.diags->error_count, 500);
  done(&checked);
  nc_arena_destroy(arena);
}

// A long file takes time that grows with its length, not with its square.
static void test_long_file(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcText text = nc_text_create(arena);
  nc_text_append(&text, "input x: f32[N, 4]\nparam p {\n");
  for (int i = 0; i < 3000; i++)
    nc_text_printf(&text, "  w%d: f32[4] = zeros\n", i);
  nc_text_append(&text, "}\nx0 = x\n");
  for (int i = 1; i < 3000; i++)
    nc_text_printf(&text, "x%d = x%d * p.w%d\n", i, i - 1, i);
  nc_text_append(&text, "output y = x2999 * p.w0\n");
  Checked checked = check_with(text.data, NULL);
  assert_string_equal(codes(&checked), "");
  const NcGraph *graph = nc_module_graph(checked.program->module, "predict");
  assert_int_equal(graph->results.count, 1);
  done(&checked);
  nc_arena_destroy(arena);
}

static void test_empty_file(void **state) {
  (void)state;
  Checked checked = check_with("", NULL);
  assert_string_equal(codes(&checked), "");
  assert_false(checked.program->train.present);
  assert_non_null(nc_module_graph(checked.program->module, "evaluate"));
  done(&checked);
}

// After a syntax error, what may be missing because of it is not reported.
static void test_after_syntax_errors(void **state) {
  (void)state;
  expect_codes("input x: f32[N, 4]\ny = x *\noutput z = y + nothing\n", NULL, "E0001");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_activations),
      cmocka_unit_test(test_softmax),
      cmocka_unit_test(test_losses),
      cmocka_unit_test(test_one_hot),
      cmocka_unit_test(test_compile_time),
      cmocka_unit_test(test_facts),
      cmocka_unit_test(test_missing_files),
      cmocka_unit_test(test_many_errors),
      cmocka_unit_test(test_long_file),
      cmocka_unit_test(test_empty_file),
      cmocka_unit_test(test_after_syntax_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
