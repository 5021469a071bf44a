// The key of machine code: equal for equal plans, another for whatever makes other code.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "emit/key.h"
#include "emit/target.h"
#include "ir/read.h"
#include "ops/ops.h"

#include <string.h>

typedef struct Fixture {
  NcArena *arena;
  NcTarget target;
  NcPlan *plan;
  const char *name;
} Fixture;

static Fixture open_fixture(void) {
  static const char text[] = "module {\n  param w: f32[300, 200]\n}\n"
                             "graph f(x: f32[N, 300], y: f32[N, 7, 7, 3]) {\n"
                             "  %1 = matmul %x, @w {ta = 0, tb = 0} : f32[N, 200]\n"
                             "  %2 = sum %x {axes = [0]} : f32[300]\n"
                             "  %3 = exp %2 : f32[300]\n"
                             "  result output a = %1\n"
                             "  result output b = %3\n"
                             "}\n";
  Fixture f = {.arena = nc_arena_create(), .name = "f"};
  const char *message = NULL;
  NcSourceMap *sources = nc_source_create(f.arena);
  NcDiags *diags = nc_diags_create(f.arena, sources);
  int file = nc_source_add(sources, "test.ir", text, strlen(text), false);
  NcModule *module = nc_module_read(f.arena, sources, file, diags, nc_op_by_name);
  for (int i = 0; i < diags->items.count; i++)
    print_error("%s\n", diags->items.items[i]->message);
  assert_non_null(module);
  assert_true(nc_target_select(f.arena, NULL, "native", &f.target, &message));
  f.target.blas = 16384; // for one call of each kind
  f.plan = nc_plan_graph(f.arena, module->graphs.items[0], &f.target);
  return f;
}

static NcHash key_of(const Fixture *f) {
  NcEmitEntry entry = {f->name, f->plan};
  return nc_code_key(f->arena, &entry, 1, &f->target);
}

static NcCall *first_call(const Fixture *f, bool gemm) {
  for (int i = 0; i < f->plan->phases.count; i++)
    for (int k = 0; k < f->plan->phases.items[i].calls.count; k++)
      if (!f->plan->phases.items[i].calls.items[k].kernel == gemm)
        return &f->plan->phases.items[i].calls.items[k];
  fail_msg("there is no such call");
  return NULL;
}

static void change_nothing(Fixture *f) { (void)f; }
static void change_name(Fixture *f) { f->name = "g"; }
static void change_triple(Fixture *f) { f->target.triple = "riscv64"; }
static void change_cpu(Fixture *f) { f->target.cpu = "x86-64-v2"; }
static void change_features(Fixture *f) { f->target.features = "+fma"; }
static void change_machine(Fixture *f) { f->target.machine = "another"; }
static void change_vectors(Fixture *f) { f->target.vector_bytes *= 2; }
static void change_registers(Fixture *f) { f->target.vector_registers *= 2; }
static void change_gap(Fixture *f) { f->target.gap++; }
static void change_fma(Fixture *f) { f->target.fma = !f->target.fma; }
static void change_kernel(Fixture *f) {
  NcKernel *kernel = first_call(f, false)->kernel;
  kernel->text = nc_arena_printf(f->arena, "%s ", kernel->text);
}
static void change_kernel_name(Fixture *f) { first_call(f, false)->kernel->name = "other"; }
static void change_extent(Fixture *f) { first_call(f, false)->extent++; }
static void change_split(Fixture *f) { first_call(f, false)->split = NC_SPLIT_BATCH; }
static void change_block(Fixture *f) {
  first_call(f, true)->split = NC_SPLIT_AXIS;
  first_call(f, true)->block++;
}
static void change_columns(Fixture *f) {
  first_call(f, true)->split = NC_SPLIT_AXIS;
  first_call(f, true)->columns ^= true;
}
static void change_pieces(Fixture *f) { first_call(f, false)->pieces++; }
static void change_run(Fixture *f) { first_call(f, false)->run++; }
static void change_lap(Fixture *f) { first_call(f, false)->lap++; }
static void change_phase_pieces(Fixture *f) {
  for (int i = 0; i < f->plan->phases.count; i++)
    f->plan->phases.items[i].pieces++;
}
static void change_place_kind(Fixture *f) { first_call(f, false)->places[0].kind = NC_PLACE_LOCAL; }
static void change_fixed(Fixture *f) { first_call(f, false)->places[0].fixed += 64; }
static void change_sample(Fixture *f) { first_call(f, false)->places[0].sample += 64; }
static void change_row(Fixture *f) { first_call(f, false)->places[0].row += 64; }
static void change_input(Fixture *f) {
  NcCall *call = first_call(f, true);
  call->places[1].kind = NC_PLACE_INPUT;
  call->places[1].number++;
}
static void change_transposed(Fixture *f) { first_call(f, true)->gemm.ta ^= true; }
static void change_product(Fixture *f) { first_call(f, true)->gemm.k.c++; }
static void change_begin(Fixture *f) {
  for (int i = 0; i < f->plan->phases.count; i++)
    if (f->plan->phases.items[i].begin.count)
      f->plan->phases.items[i].begin.items[0].extent++;
}
static void change_prepare(Fixture *f) { f->plan->prepare = f->plan->phases.items[0].calls; }
// Kernels of one name, called in another order.
static void change_order(Fixture *f) {
  NcCalls *calls = NULL;
  for (int i = 0; i < f->plan->phases.count; i++)
    for (int k = 0; k < f->plan->phases.items[i].calls.count; k++)
      if (f->plan->phases.items[i].calls.items[k].kernel)
        calls = &f->plan->phases.items[i].calls;
  NcCall again = *first_call(f, false);
  nc_vec_push(f->arena, *calls, again);
}

static void (*const changes[])(Fixture *) = {
    change_name,        change_triple,    change_cpu,     change_features,     change_machine,
    change_vectors,     change_registers, change_gap,     change_fma,          change_kernel,
    change_kernel_name, change_extent,    change_split,   change_block,        change_columns,
    change_pieces,      change_run,       change_lap,     change_phase_pieces, change_place_kind,
    change_fixed,       change_sample,    change_row,     change_input,        change_transposed,
    change_product,     change_begin,     change_prepare, change_order};

static bool is_same_after(void (*change)(Fixture *)) {
  Fixture plain = open_fixture(), changed = open_fixture();
  change(&changed);
  NcHash a = key_of(&plain), b = key_of(&changed);
  nc_arena_destroy(plain.arena);
  nc_arena_destroy(changed.arena);
  return memcmp(&a, &b, sizeof a) == 0;
}

static void changes_with_the_code(void **state) {
  (void)state;
  assert_true(is_same_after(change_nothing));
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
    if (is_same_after(changes[i]))
      fail_msg("change %zu changes no key", i);
}

// Two kernels of one name called as 1, 2, 1 or as 1, 2, 2.
static void tells_kernels_of_one_name_apart(void **state) {
  (void)state;
  NcHash keys[2];
  for (int last = 0; last < 2; last++) {
    Fixture f = open_fixture();
    NcCall one = *first_call(&f, false), two = one;
    two.kernel = NC_NEW(f.arena, NcKernel);
    *two.kernel = *one.kernel;
    two.kernel->text = nc_arena_printf(f.arena, "%s ", one.kernel->text);
    NcCalls calls = {0};
    nc_vec_push(f.arena, calls, one);
    nc_vec_push(f.arena, calls, two);
    nc_vec_push(f.arena, calls, last ? two : one);
    f.plan->phases.items[0].calls = calls;
    keys[last] = key_of(&f);
    nc_arena_destroy(f.arena);
  }
  assert_memory_not_equal(&keys[0], &keys[1], sizeof keys[0]);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(changes_with_the_code),
                                     cmocka_unit_test(tells_kernels_of_one_name_apart)};
  return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
