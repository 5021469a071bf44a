// Tensor expressions, fusion and the plan, looked at where the values that come out do not show
// them.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "ir/read.h"
#include "kernel/expr.h"
#include "kernel/layout.h"
#include "kernel/plan.h"
#include "ops/build.h"

#include <math.h>
#include <string.h>

static const NcTarget target = {.triple = "x86_64-unknown-linux-gnu",
                                .slots = NC_SLOTS,
                                .cpu = "x86-64-v3",
                                .features = "",
                                .vector_bytes = 32,
                                .vector_registers = 16,
                                .fma = true,
                                .blas = 16384};

static NcGraph *read_graph(NcArena *arena, const char *text) {
  NcSourceMap *sources = nc_source_create(arena);
  NcDiags *diags = nc_diags_create(arena, sources);
  int file = nc_source_add(sources, "test.ir", text, strlen(text), false);
  NcModule *module = nc_module_read(arena, sources, file, diags, nc_op_by_name);
  for (int i = 0; i < diags->items.count; i++)
    print_error("%s\n", diags->items.items[i]->message);
  assert_non_null(module);
  return module->graphs.items[0];
}

static NcPlan *plan_text(NcArena *arena, const char *text) {
  return nc_plan_graph(arena, read_graph(arena, text), &target);
}

static int count_calls(const NcPlan *plan, const char *role) {
  int count = 0;
  for (int p = 0; p < plan->phases.count; p++) {
    const NcCalls *calls = &plan->phases.items[p].calls;
    for (int i = 0; i < calls->count; i++) {
      const char *own = calls->items[i].te->role;
      count += !role || (own && strcmp(own, role) == 0);
    }
  }
  return count;
}

static void rewriting_keeps_sharing(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcTeBuilder b = {.arena = arena};
  NcAffine zero = nc_affine_constant(0);
  NcType type = nc_type(NC_F32, 1, (NcDim[]){nc_dim(3)});
  NcExpr *x = nc_x_load(&b, nc_te_leaf(&b, type), &zero);
  for (int i = 0; i < 200; i++) // 2^200 loads, were it a tree
    x = nc_x_binary(&b, NC_X_ADD, x, x);
  assert_int_equal(nc_expr_size(x), 201);
  NcRewrite copy = {.builder = &b};
  NcExpr *y = nc_expr_rewrite(&copy, x);
  assert_ptr_not_equal(x, y);
  assert_int_equal(nc_expr_size(y), 201);
  assert_int_equal(nc_expr_cost(y), 200);
  nc_arena_destroy(arena);
}

// A load that a tensor has twice is replaced by one expression.
static void a_square_is_fused_once(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcPlan *plan = plan_text(arena, "module {\n}\n"
                                  "graph g(x: f32[N]) {\n"
                                  "  %1 = exp %x : f32[N]\n"
                                  "  %2 = mul %1, %1 : f32[N]\n"
                                  "  result output y = %2\n"
                                  "}\n");
  assert_int_equal(count_calls(plan, NULL), 1);
  assert_int_equal(nc_expr_size(plan->phases.items[0].calls.items[0].te->body), 3);
  nc_arena_destroy(arena);
}

// However long a chain is, kernels stay small.
static void fusion_is_bounded(void **state) {
  (void)state;
  for (int reduces = 0; reduces < 2; reduces++) {
    NcArena *arena = nc_arena_create();
    NcText text = nc_text_create(arena);
    nc_text_append(&text, "module {\n}\ngraph g(x: f32[N, 4]) {\n");
    nc_text_printf(&text, reduces ? "  %%1 = sum %%x {axes = [1]} : f32[N]\n"
                                  : "  %%1 = exp %%x : f32[N, 4]\n");
    for (int i = 2; i < 1000; i++)
      nc_text_printf(&text, "  %%%d = tanh %%%d : f32[N%s]\n", i, i - 1, reduces ? "" : ", 4");
    nc_text_append(&text, "  result output y = %999\n}\n");
    NcPlan *plan = plan_text(arena, text.data);
    assert_true(count_calls(plan, NULL) > 3 && count_calls(plan, NULL) < 20);
    for (int i = 0; i < plan->phases.items[0].calls.count; i++) {
      const NcTe *te = plan->phases.items[0].calls.items[i].te;
      assert_true(nc_expr_size(te->body) + nc_expr_size(te->finish) <= 400);
    }
    nc_arena_destroy(arena);
  }
}

static const char two_variables[] = "module {\n  param a: f32[40]\n  param b: f32[40]\n}\n"
                                    "graph g() {\n"
                                    "  %%1 = %s @%s, @%s : f32[40]\n"
                                    "  %%2 = add @a, @b : f32[40]\n"
                                    "  %%3 = reverse @a {axes = [0]} : f32[40]\n"
                                    "  update a = %s\n"
                                    "  update b = %s\n"
                                    "}\n";

static int copies_for(const char *a, const char *b) {
  NcArena *arena = nc_arena_create();
  char *text = nc_arena_printf(arena, two_variables, "mul", "a", "a", a, b);
  int copies = count_calls(plan_text(arena, text), "copy");
  nc_arena_destroy(arena);
  return copies;
}

// A variable is overwritten at once where nobody reads it later; only then is there no copy.
static void updates_are_in_place_where_they_can(void **state) {
  (void)state;
  assert_int_equal(copies_for("%1", "@b"), 0); // a = a*a
  assert_int_equal(copies_for("%1", "%2"), 0); // b = a + b reads the old a in the same kernel
  assert_int_equal(copies_for("@b", "@a"), 1); // an exchange
  assert_int_equal(copies_for("%3", "%1"), 1); // b = a*a reads the old a in another
}

static bool overlap(int64_t a, int64_t a_size, int64_t b, int64_t b_size) {
  return a < b + b_size && b < a + a_size;
}

// No two tensors that are alive at once share memory, and halos share none at any time.
static void memory_is_not_shared_by_the_living(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcPlan *plan = plan_text(
      arena, "module {\n  param k: f32[3, 3, 2, 2]\n}\n"
             "graph g(x: f32[N, 6, 6, 2]) {\n"
             "  %1 = conv %x, @k {stride = [1, 1], padding = [1, 1, 1, 1], dilation = [1, 1], "
             "groups = 1} : f32[N, 6, 6, 2]\n"
             "  %2 = tanh %1 : f32[N, 6, 6, 2]\n"
             "  %3 = conv %2, @k {stride = [1, 1], padding = [1, 1, 1, 1], dilation = [1, 1], "
             "groups = 1} : f32[N, 6, 6, 2]\n"
             "  %4 = conv %3, @k {stride = [1, 1], padding = [0, 0, 0, 0], dilation = [1, 1], "
             "groups = 1} : f32[N, 4, 4, 2]\n"
             "  %5 = sum %4 {axes = [1, 2]} : f32[N, 2]\n"
             "  %6 = reduce_max %5 {axes = [0]} : f32[2]\n"
             "  result output y = %6\n"
             "}\n");
  int halos = 0;
  for (int i = 0; i < plan->placed.count; i++) {
    const NcPlaced *a = &plan->placed.items[i];
    halos += a->persistent;
    for (int k = 0; k < i; k++) {
      const NcPlaced *b = &plan->placed.items[k];
      bool one_space = a->place.kind == b->place.kind && !a->sample_bytes == !b->sample_bytes;
      bool together =
          a->persistent || b->persistent || (a->first <= b->last && b->first <= a->last);
      int64_t a_size = a->sample_bytes + a->fixed_bytes, b_size = b->sample_bytes + b->fixed_bytes;
      int64_t a_at = a->sample_bytes ? a->place.sample : a->place.fixed;
      int64_t b_at = b->sample_bytes ? b->place.sample : b->place.fixed;
      if (one_space && together)
        assert_false(overlap(a_at, a_size, b_at, b_size));
    }
  }
  assert_int_equal(halos, 2);
  nc_arena_destroy(arena);
}

// Only fills that zeroed memory does not hold are written; a negative zero is one of them.
static void fills_are_written_where_memory_lacks_them(void **state) {
  (void)state;
  static const struct {
    const char *value;
    int fills;
  } cases[] = {{"0.0", 0}, {"-0.0", 1}, {"1.5", 1}};
  for (int i = 0; i < 3; i++) {
    NcArena *arena = nc_arena_create();
    char *text = nc_arena_printf(arena,
                                 "module {\n}\ngraph g(x: f32[3]) {\n"
                                 "  %%1 = pad %%x {low = [1], high = [0], interior = [0], value = "
                                 "%s} : f32[4]\n"
                                 "  result output y = %%1\n}\n",
                                 cases[i].value);
    assert_int_equal(plan_text(arena, text)->prepare.count, cases[i].fills);
    nc_arena_destroy(arena);
  }
}

// Padding makes small tensors huge. The size is then beyond every machine, not wrapped to a small
// one.
static void huge_sizes_do_not_wrap(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcPlan *plan =
      plan_text(arena, "module {\n  param k: f32[1, 1, 1, 1, 1]\n}\n"
                       "graph g(x: f32[N, 1, 1, 1, 1]) {\n"
                       "  %1 = conv %x, @k {stride = [2000000000, 2000000000, 2000000000], "
                       "padding = [2000000000, 2000000000, 2000000000, 2000000000, 2000000000, "
                       "2000000000], dilation = [1, 1, 1], groups = 1} : f32[N, 3, 3, 3, 1]\n"
                       "  result output y = %1\n}\n");
  assert_true(plan->arena_sample > (int64_t)1 << 47 || plan->local_bytes > (int64_t)1 << 47);
  nc_arena_destroy(arena);
}

static bool is_gemm(const char *a, const char *b, const char *y) {
  NcArena *arena = nc_arena_create();
  char *text = nc_arena_printf(arena,
                               "module {\n}\ngraph g(a: f32[%s], b: f32[%s]) {\n"
                               "  %%1 = matmul %%a, %%b {ta = 0, tb = 0} : f32[%s]\n"
                               "  result output y = %%1\n}\n",
                               a, b, y);
  NcPlan *plan = plan_text(arena, text);
  bool found = !plan->phases.items[plan->phases.count - 1].calls.items[0].kernel;
  nc_arena_destroy(arena);
  return found;
}

static void large_products_go_to_blas(void **state) {
  (void)state;
  assert_true(is_gemm("N, 128", "128, 128", "N, 128"));
  assert_false(is_gemm("N, 128", "128, 127", "N, 127"));
  assert_false(is_gemm("N, 128, 128", "N, 128, 128", "N, 128, 128"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rewriting_keeps_sharing),
      cmocka_unit_test(a_square_is_fused_once),
      cmocka_unit_test(fusion_is_bounded),
      cmocka_unit_test(updates_are_in_place_where_they_can),
      cmocka_unit_test(memory_is_not_shared_by_the_living),
      cmocka_unit_test(fills_are_written_where_memory_lacks_them),
      cmocka_unit_test(huge_sizes_do_not_wrap),
      cmocka_unit_test(large_products_go_to_blas),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
