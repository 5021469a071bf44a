// Compiled code against the operators' references: a way to make the code of a target, and the
// check of all samples of an operator by it, within a bound computed from the sizes of the terms,
// or bit for bit against another way's results.
#ifndef NC_TESTS_OPS_WAYS_H
#define NC_TESTS_OPS_WAYS_H

#include "ops/compiled.h"
#include "ops/expressions.h"
#include "ops/samples.h"

#include "driver/c_library.h"
#include "driver/compile.h"
#include "emit/target.h"
#include "table.h"

#include <float.h>
#include <stdio.h>

enum { MAX_SAMPLES = 64, MAX_BATCH = 37 }; // three chunks, the last one short

typedef struct Case {
  const NcSample *sample;
  NcGraph *graph;
  NcEmitEntry entry;
} Case;

// Buffers end where their tensor ends, so that the sanitizers see code that reads or writes
// further.
static inline void *buffer_for(const NcTensor *tensor) {
  size_t bytes = (size_t)tensor->count * nc_dtype_size(tensor->type.dtype);
  void *data = malloc(bytes ? bytes : 1);
  memcpy(data, tensor->data, bytes);
  return data;
}

static inline char *run(NcFunctions code, const Case *c, NcTensor *const *inputs, int64_t batch,
                        int64_t max_batch) {
  const NcPlan *plan = c->entry.plan;
  size_t size = (size_t)(plan->arena_fixed + plan->arena_sample * max_batch) + 64;
  char *arena = aligned_alloc(64, size / 64 * 64 + 64);
  memset(arena, 0, size);
  void *buffers[8];
  for (int i = 0; i < c->graph->inputs.count; i++)
    buffers[i] = buffer_for(inputs[i]);
  char *local = aligned_alloc(64, (size_t)plan->local_bytes + 64);
  memset(local, 0, (size_t)plan->local_bytes + 64);
  NcrtFrame frame = {.table = ncrt_table(),
                     .arena = arena,
                     .local = local,
                     .buffers = buffers,
                     .batch = batch,
                     .max_batch = max_batch,
                     .seed = 7,
                     .step = 3,
                     .epoch = 1,
                     .fault_node = -1};
  prepare_plan(code, c->entry.name, &frame);
  for (int twice = 0; twice < 2; twice++) // what a run leaves behind must not matter to the next
    run_plan(code, c->entry.name, plan, &frame);
  free(local);
  for (int i = 0; i < c->graph->inputs.count; i++)
    free(buffers[i]);
  return arena;
}

// Elements may be off by what their terms allow in any order (nothing is said of them where a term
// is not finite), and by the error of the functions that are generated code.
static inline bool near(double got, double want, double bound, NcDtype dtype) {
  if (got == want || (isnan(got) && isnan(want)) || !isfinite(bound))
    return true;
  double epsilon = dtype == NC_F32 ? FLT_EPSILON : DBL_EPSILON;
  return fabs(got - want) <= bound + epsilon * fabs(want) + (dtype == NC_F32 ? FLT_MIN : DBL_MIN);
}

static inline void compare(const Case *c, const NcTensor *got, const NcTensor *want,
                           const double *bounds, int64_t batch, const char *target) {
  NcDtype dtype = want->type.dtype;
  for (int64_t i = 0; i < want->count; i++) {
    if (!nc_dtype_is_float(dtype)) {
      if (nc_tensor_get_int(got, i) != nc_tensor_get_int(want, i))
        fail_sample(c->sample->text, "%s, N = %d: element %d is %lld, not %lld", target, (int)batch,
                    (int)i, (long long)nc_tensor_get_int(got, i),
                    (long long)nc_tensor_get_int(want, i));
      continue;
    }
    double a = nc_tensor_get(got, i), b = nc_tensor_get(want, i);
    if (!near(a, b, bounds[i], dtype))
      fail_sample(c->sample->text, "%s, N = %d: element %d is %.9g, not %.9g (bound %.2g)", target,
                  (int)batch, (int)i, a, b, bounds[i]);
  }
}

// The same bits as the first target's results, which are kept for the others.
static inline void check_bits(const Case *c, const NcTensor *got, void **first, int64_t batch,
                              const char *target) {
  if (!*first) {
    *first = buffer_for(got);
    return;
  }
  int64_t i = first_difference(&got->type, batch, *first, got->data);
  NcTensor want = {got->type, got->count, *first};
  if (i >= 0)
    fail_sample(c->sample->text, "portable, %s, N = %d: element %d is %.17g, not %.17g", target,
                (int)batch, (int)i, nc_tensor_get(got, i), nc_tensor_get(&want, i));
}

static inline void check_case(NcFunctions code, const Case *c, const char *target, int64_t batch,
                              bool special, void **first) {
  NcArena *arena = nc_arena_create();
  NcTensor **inputs = draw_inputs(arena, c->graph, c->sample, batch, 11 + (uint64_t)batch);
  uint64_t random = 5;
  for (int i = 0; i < c->graph->inputs.count && special; i++)
    make_special(inputs[i], &random);
  Values values = evaluate(arena, c->graph, inputs, batch);
  if (values.error)
    fail_sample(c->sample->text, "%s", values.error);
  double *bounds;
  te_evaluate(arena, c->graph->results.items[0].node, inputs, batch, &bounds);
  const NcTensor *want = values.results[0];
  char *memory = run(code, c, inputs, batch, MAX_BATCH);
  NcPlace place = c->entry.plan->results[0];
  NcTensor got = {want->type, want->count, memory + place.fixed + place.sample * MAX_BATCH};
  compare(c, &got, want, bounds, batch, target);
  if (first)
    check_bits(c, &got, first, batch, target);
  free(memory);
  nc_arena_destroy(arena);
}

static inline int make_cases(NcArena *arena, const NcOp *op, const NcTarget *target, Case *cases,
                             NcEmitEntry *entries) {
  int count = 0;
  for (const NcSample *sample = op->samples; sample->text; sample++, count++) {
    assert_true(count < MAX_SAMPLES);
    NcGraph *graph = read_sample(arena, sample->text);
    entries[count].name = nc_arena_printf(arena, "s%d", count);
    entries[count].plan = nc_plan_graph(arena, graph, target);
    cases[count] = (Case){sample, graph, entries[count]};
  }
  return count;
}

enum { RUNS = 4 }; // of a case

// What makes the code of a target: the generator, or a C compiler with options.
typedef struct Way {
  const char *target, *compiler;
} Way;

static inline NcFunctions make_code(NcArena *arena, const Way *way, const NcEmitEntry *entries,
                                    int count, const NcTarget *target) {
  const char *message = NULL;
  NcrtStatus status = {0};
  NcFunctions code;
  if (way->compiler) {
    if (nc_c_library(arena, entries, count, way->compiler, &code, &status) != NC_RAN)
      fail_sample(entries[0].name, "%s: %s", way->compiler, status.message);
    return code;
  }
  NcJit *jit = nc_jit_compile(arena, entries, count, target, &message);
  if (!jit)
    fail_sample(entries[0].name, "%s: %s", way->target, message);
  return nc_jit_functions(jit);
}

static inline void check_way(const NcOp *op, const Way *way, bool portable, void *(*first)[RUNS]) {
  NcArena *arena = nc_arena_create();
  NcTarget target;
  const char *message = NULL;
  assert_true(nc_target_select(arena, NULL, way->target, &target, &message));
  target.blas = 16384; // some samples are large enough
  target.panels = 512;
  if (portable)
    nc_target_make_portable(&target);
  if (target.runs_here || way->compiler) { // C runs everywhere
    Case cases[MAX_SAMPLES];
    NcEmitEntry entries[MAX_SAMPLES];
    int count = make_cases(arena, op, &target, cases, entries);
    NcFunctions code = make_code(arena, way, entries, count, &target);
    static const int64_t batches[RUNS] = {MAX_BATCH, 5, 1, 5};
    for (int k = 0; k < count; k++)
      for (int i = 0; i < RUNS; i++)
        check_case(code, &cases[k], way->compiler ? way->compiler : way->target, batches[i],
                   i == RUNS - 1, portable ? &first[k][i] : NULL);
    code.destroy(code.code);
  }
  nc_arena_destroy(arena);
}

static inline void free_results(void *(*results)[RUNS]) {
  for (int i = 0; i < MAX_SAMPLES * RUNS; i++)
    free(results[i / RUNS][i % RUNS]);
}

#endif
