// Which maps become one kernel, and in which order kernels then stand.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "ir/read.h"
#include "kernel/plan.h"
#include "ops/build.h"

#include <string.h>

static const NcTarget target = {.triple = "x86_64-unknown-linux-gnu",
                                .slots = NC_SLOTS,
                                .cpu = "x86-64-v3",
                                .features = "",
                                .vector_bytes = 32,
                                .vector_registers = 16,
                                .fma = true};

static NcPlan *plan_text(NcArena *arena, const char *text) {
  NcSourceMap *sources = nc_source_create(arena);
  NcDiags *diags = nc_diags_create(arena, sources);
  int file = nc_source_add(sources, "test.ir", text, strlen(text), false);
  NcModule *module = nc_module_read(arena, sources, file, diags, nc_op_by_name);
  for (int i = 0; i < diags->items.count; i++)
    print_error("%s\n", diags->items.items[i]->message);
  assert_non_null(module);
  return nc_plan_graph(arena, module->graphs.items[0], &target);
}

// The nodes of each kernel in order, as "1,2 3": the numbers of what siblings are from, in brackets
// where they are not stored; "c" for a copy.
static const char *kernels_of(NcArena *arena, const NcPlan *plan) {
  NcText t = nc_text_create(arena);
  nc_text_append(&t, "");
  for (int p = 0; p < plan->phases.count; p++) {
    const NcCalls *calls = &plan->phases.items[p].calls;
    for (int i = 0; i < calls->count; i++) {
      nc_text_append(&t, t.length ? " " : "");
      for (const NcTe *te = calls->items[i].te; te; te = te->next) {
        nc_text_append(&t, te != calls->items[i].te ? "," : "");
        nc_text_printf(&t, te->role ? "c" : te->inner ? "(%d)" : "%d", te->node->id);
      }
    }
  }
  return t.data;
}

static void check(const char *variables, const char *graph, const char *expected) {
  NcArena *arena = nc_arena_create();
  const char *text = nc_arena_printf(arena, "module {\n%s}\ngraph g(%s}\n", variables, graph);
  assert_string_equal(kernels_of(arena, plan_text(arena, text)), expected);
  nc_arena_destroy(arena);
}

static void maps_that_read_the_same_are_siblings(void **state) {
  (void)state;
  check("",
        "x: f32[N, 8]) {\n"
        "  %1 = exp %x : f32[N, 8]\n"
        "  %2 = tanh %x : f32[N, 8]\n"
        "  result output a = %1\n"
        "  result output b = %2\n",
        "1,2");
  // the same element of another dtype
  check("",
        "x: f32[N, 8]) {\n"
        "  %1 = exp %x : f32[N, 8]\n"
        "  %2 = le %x, %1 : bool[N, 8]\n"
        "  result output a = %1\n"
        "  result output b = %2\n",
        "1,2");
  // nothing in common
  check("",
        "x: f32[N, 8], y: f32[N, 8]) {\n"
        "  %2 = exp %x : f32[N, 8]\n"
        "  %3 = exp %y : f32[N, 8]\n"
        "  result output a = %2\n"
        "  result output b = %3\n",
        "2 3");
  // the same operand, but not the same element
  check("",
        "x: f32[N, 8]) {\n"
        "  %1 = exp %x : f32[N, 8]\n"
        "  %2 = reverse %x {axes = [1]} : f32[N, 8]\n"
        "  result output a = %1\n"
        "  result output b = %2\n",
        "1 2");
  // other elements
  check("",
        "x: f32[N, 8]) {\n"
        "  %1 = exp %x : f32[N, 8]\n"
        "  %2 = sum %x {axes = [1]} : f32[N]\n"
        "  result output a = %1\n"
        "  result output b = %2\n",
        "1 2");
}

static void what_only_siblings_read_is_not_stored(void **state) {
  (void)state;
  check("",
        "x: f32[N, 8]) {\n"
        "  %1 = exp %x : f32[N, 8]\n"
        "  %2 = tanh %1 : f32[N, 8]\n"
        "  %3 = sin %1 : f32[N, 8]\n"
        "  result output a = %2\n"
        "  result output b = %3\n",
        "(1),2,3");
  // read by another too, at another place
  check("",
        "x: f32[N, 8]) {\n"
        "  %1 = exp %x : f32[N, 8]\n"
        "  %2 = tanh %1 : f32[N, 8]\n"
        "  %3 = sin %1 : f32[N, 8]\n"
        "  %4 = reverse %1 {axes = [1]} : f32[N, 8]\n"
        "  result output a = %2\n"
        "  result output b = %3\n"
        "  result output c = %4\n",
        "1,2,3 4");
}

// What needs a map and is needed by another stands between them.
static void nothing_stands_between_siblings(void **state) {
  (void)state;
  check("",
        "x: f32[N, 8]) {\n"
        "  %1 = exp %x : f32[N, 8]\n"
        "  %2 = sum %1 {axes = [1]} : f32[N]\n"
        "  %3 = broadcast %2 {axes = [0]} : f32[N, 8]\n"
        "  %4 = div %1, %3 : f32[N, 8]\n"
        "  result output a = %4\n",
        "1 2 4");
  // 2 does not need 1: it comes first
  check("",
        "x: f32[N, 8]) {\n"
        "  %1 = exp %x : f32[N, 8]\n"
        "  %2 = sum %x {axes = [1]} : f32[N]\n"
        "  %3 = broadcast %2 {axes = [0]} : f32[N, 8]\n"
        "  %4 = div %1, %3 : f32[N, 8]\n"
        "  result output a = %4\n"
        "  result output b = %1\n",
        "2 1,4");
}

static const char two[] = "  param a: f32[40]\n  param b: f32[40]\n";

static void siblings_overwrite_what_they_read(void **state) {
  (void)state;
  check(two,
        ") {\n"
        "  %1 = mul @a, @a : f32[40]\n"
        "  %2 = add @a, @b : f32[40]\n"
        "  update a = %1\n"
        "  update b = %2\n",
        "1,2");
  check(two,
        ") {\n"
        "  %1 = sub @a, @b : f32[40]\n"
        "  %2 = add @a, @b : f32[40]\n"
        "  update a = %1\n"
        "  update b = %2\n",
        "1,2");
  // 2 reads elements of a that 1 has overwritten by then
  check(two,
        ") {\n"
        "  %1 = mul @a, @b : f32[40]\n"
        "  %2 = reverse @a {axes = [0]} : f32[40]\n"
        "  %3 = add %2, @b : f32[40]\n"
        "  update a = %1\n"
        "  update b = %3\n",
        "1 3 c");
  // 4 reads a whole before it is overwritten
  check(two,
        ") {\n"
        "  %1 = exp @b : f32[40]\n"
        "  %2 = sum @a {axes = [0]} : f32[]\n"
        "  %3 = broadcast %2 {axes = []} : f32[40]\n"
        "  %4 = mul @a, %1 : f32[40]\n"
        "  %5 = add %1, %3 : f32[40]\n"
        "  update a = %4\n"
        "  update b = %5\n",
        "2 (1),4,5");
}

// What only updates need waits for them; what is fetched does not.
static void what_updates_need_is_computed_with_them(void **state) {
  (void)state;
  const char *graph = ") {\n"
                      "  %%1 = exp @b : f32[40]\n"
                      "  %%2 = mul @a, %%1 : f32[40]\n"
                      "  %%3 = add %%1, @b : f32[40]\n"
                      "  update a = %%2\n"
                      "  update b = %%3\n%s";
  NcArena *arena = nc_arena_create();
  check(two, nc_arena_printf(arena, graph, ""), "(1),2,3");
  check(two, nc_arena_printf(arena, graph, "  result output y = %1\n"), "1 2,3");
  nc_arena_destroy(arena);
}

// So many maps of one operand, some kernels of at most NC_MAX_SIBLINGS.
static void kernels_of_siblings_are_bounded(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcText t = nc_text_create(arena);
  nc_text_append(&t, "x: f32[N, 8]) {\n");
  for (int i = 1; i <= 50; i++)
    nc_text_printf(
        &t, "  %%%d = const {value = %d.0} : f32[N, 8]\n  %%%d = mul %%x, %%%d : f32[N, 8]\n",
        2 * i, i, 2 * i + 1, 2 * i);
  for (int i = 1; i <= 50; i++)
    nc_text_printf(&t, "  result output y%d = %%%d\n", i, 2 * i + 1);
  NcPlan *plan = plan_text(arena, nc_arena_printf(arena, "module {\n}\ngraph g(%s}\n", t.data));
  const NcCalls *calls = &plan->phases.items[0].calls;
  assert_in_range(calls->count, 50 / NC_MAX_SIBLINGS, 50 / NC_MAX_SIBLINGS + 1);
  for (int i = 0; i < calls->count; i++) {
    int count = 0;
    for (const NcTe *te = calls->items[i].te; te; te = te->next)
      count++;
    assert_in_range(count, 1, NC_MAX_SIBLINGS);
  }
  nc_arena_destroy(arena);
}

// In a chunk what is far apart stays so, or the first would be kept in memory until the last.
static void siblings_of_a_chunk_are_near(void **state) {
  (void)state;
  for (int distance = 5; distance <= 50; distance += 45) {
    NcArena *arena = nc_arena_create();
    NcText t = nc_text_create(arena);
    nc_text_append(&t, "x: f32[N, 8], y: f32[N, 8]) {\n  %100 = exp %x : f32[N, 8]\n");
    for (int i = 0; i < distance; i++) // reductions in a chain, of another operand
      nc_text_printf(&t,
                     "  %%%d = sum %%%s {axes = [1]} : f32[N]\n"
                     "  %%%d = broadcast %%%d {axes = [0]} : f32[N, 8]\n",
                     101 + 2 * i, i ? nc_arena_printf(arena, "%d", 100 + 2 * i) : "y", 102 + 2 * i,
                     101 + 2 * i);
    nc_text_printf(&t,
                   "  %%%d = tanh %%x : f32[N, 8]\n"
                   "  result output a = %%100\n"
                   "  result output b = %%%d\n"
                   "  result output c = %%%d\n",
                   500, 99 + 2 * distance, 500);
    NcPlan *plan = plan_text(arena, nc_arena_printf(arena, "module {\n}\ngraph g(%s}\n", t.data));
    bool joined = strstr(kernels_of(arena, plan), "100,500") != NULL;
    assert_true(joined == (distance == 5));
    nc_arena_destroy(arena);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(maps_that_read_the_same_are_siblings),
      cmocka_unit_test(what_only_siblings_read_is_not_stored),
      cmocka_unit_test(nothing_stands_between_siblings),
      cmocka_unit_test(siblings_overwrite_what_they_read),
      cmocka_unit_test(what_updates_need_is_computed_with_them),
      cmocka_unit_test(kernels_of_siblings_are_bounded),
      cmocka_unit_test(siblings_of_a_chunk_are_near),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
