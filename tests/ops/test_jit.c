// Compiled code against the operators' references: every sample, for this machine's processor, for
// AVX2, and for a target without FMA, within a bound computed from the sizes of the terms.
#include "ops/samples.h"

#include "driver/compile.h"
#include "emit/target.h"
#include "table.h"

#include <float.h>
#include <stdio.h>

enum { MAX_SAMPLES = 64 };
static const int64_t batches[] = {5, 1};

typedef struct Case {
  const NcSample *sample;
  NcGraph *graph;
  NcEmitEntry entry;
} Case;

// Buffers end where their tensor ends, so that the sanitizers see code that reads or writes
// further.
static void *buffer_for(const NcTensor *tensor) {
  size_t bytes = (size_t)tensor->count * nc_dtype_size(tensor->type.dtype);
  void *data = malloc(bytes ? bytes : 1);
  memcpy(data, tensor->data, bytes);
  return data;
}

static char *run(NcJit *jit, const Case *c, NcTensor *const *inputs, int64_t batch,
                 int64_t max_batch) {
  const NcPlan *plan = c->entry.plan;
  size_t size = (size_t)(plan->arena_fixed + plan->arena_sample * max_batch) + 64;
  char *arena = aligned_alloc(64, size / 64 * 64 + 64);
  memset(arena, 0, size);
  void *buffers[8];
  for (int i = 0; i < c->graph->inputs.count; i++)
    buffers[i] = buffer_for(inputs[i]);
  NcrtFrame frame = {.table = ncrt_table(),
                     .arena = arena,
                     .buffers = buffers,
                     .batch = batch,
                     .max_batch = max_batch,
                     .seed = 7,
                     .step = 3,
                     .epoch = 1};
  char name[64];
  snprintf(name, sizeof name, "%s.prepare", c->entry.name);
  NcrtPhase phase = plan->prepare.count ? nc_jit_phase(jit, name) : NULL;
  if (phase)
    phase(&frame, 0, max_batch);
  for (int twice = 0; twice < 2; twice++) { // what a run leaves behind must not matter to the next
    for (int i = 0; i < NC_PLAN_PHASES; i++) {
      snprintf(name, sizeof name, "%s.phase%d", c->entry.name, i);
      nc_jit_phase(jit, name)(&frame, 0, batch);
    }
  }
  for (int i = 0; i < c->graph->inputs.count; i++)
    free(buffers[i]);
  return arena;
}

// The sum of the terms' magnitudes: the same graph on the operands' absolute values.
static NcTensor *magnitudes(NcArena *arena, const Case *c, NcTensor *const *inputs, int64_t batch) {
  NcTensor **positive = NC_NEW_ARRAY(arena, NcTensor *, c->graph->inputs.count);
  for (int i = 0; i < c->graph->inputs.count; i++) {
    positive[i] = nc_tensor_create(arena, &inputs[i]->type);
    for (int64_t j = 0; j < inputs[i]->count; j++)
      nc_tensor_set(positive[i], j, fabs(nc_tensor_get(inputs[i], j)));
  }
  Values values = evaluate(arena, c->graph, positive, batch);
  return values.error ? NULL : values.results[0];
}

static void compare(NcArena *arena, const Case *c, const NcTensor *got, const NcTensor *want,
                    NcTensor *const *inputs, int64_t batch, const char *target) {
  NcDtype dtype = want->type.dtype;
  double epsilon = dtype == NC_F32 ? FLT_EPSILON : DBL_EPSILON, terms = 4, largest = 0;
  NcTensor *sums = NULL;
  if (!(c->graph->results.items[0].node->op->facts & NC_FACT_ELEMENTWISE) &&
      nc_dtype_is_float(dtype)) {
    sums = magnitudes(arena, c, inputs, batch);
    for (int i = 0; i < c->graph->inputs.count; i++) {
      terms += (double)inputs[i]->count;
      for (int64_t j = 0; j < inputs[i]->count; j++)
        largest = fmax(largest, fabs(nc_tensor_get(inputs[i], j)));
    }
  }
  for (int64_t i = 0; i < want->count; i++) {
    if (!nc_dtype_is_float(dtype)) {
      if (nc_tensor_get_int(got, i) != nc_tensor_get_int(want, i))
        fail_sample(c->sample->text, "%s: element %d is %d, not %d", target, (int)i,
                    (int)nc_tensor_get_int(got, i), (int)nc_tensor_get_int(want, i));
      continue;
    }
    double a = nc_tensor_get(got, i), b = nc_tensor_get(want, i);
    double bound = 4 * epsilon * fabs(b) + 16 * epsilon * largest +
                   (sums ? terms * epsilon * nc_tensor_get(sums, i) : 0) + FLT_MIN;
    if (a != b && !(isnan(a) && isnan(b)) && !(fabs(a - b) <= bound))
      fail_sample(c->sample->text, "%s, N = %d: element %d is %.9g, not %.9g (bound %.2g)", target,
                  (int)batch, (int)i, a, b, bound);
  }
}

static void check_case(NcJit *jit, const Case *c, const char *target) {
  for (size_t k = 0; k < sizeof batches / sizeof *batches; k++) {
    NcArena *arena = nc_arena_create();
    int64_t batch = batches[k];
    NcTensor **inputs = draw_inputs(arena, c->graph, c->sample, batch, 11 + k);
    Values values = evaluate(arena, c->graph, inputs, batch);
    if (values.error)
      fail_sample(c->sample->text, "%s", values.error);
    const NcTensor *want = values.results[0];
    char *memory = run(jit, c, inputs, batch, 5);
    NcPlace place = c->entry.plan->results[0];
    NcTensor got = {want->type, want->count, memory + place.fixed + place.sample * 5};
    compare(arena, c, &got, want, inputs, batch, target);
    free(memory);
    nc_arena_destroy(arena);
  }
}

static int make_cases(NcArena *arena, const NcOp *op, const NcTarget *target, Case *cases,
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

static void compiled_equals_reference(void **state) {
  const NcOp *op = *state;
  static const char *const targets[] = {"native", "x86-64-v3", "x86-64"};
  for (int i = 0; i < 3; i++) {
    NcArena *arena = nc_arena_create();
    NcTarget target;
    const char *message = NULL;
    if (nc_target_select(arena, targets[i], &target, &message)) {
      Case cases[MAX_SAMPLES];
      NcEmitEntry entries[MAX_SAMPLES];
      int count = make_cases(arena, op, &target, cases, entries);
      NcJit *jit = nc_jit_compile(arena, entries, count, &target, &message);
      if (!jit)
        fail_sample(op->name, "%s", message);
      for (int k = 0; k < count; k++)
        check_case(jit, &cases[k], targets[i]);
      nc_jit_destroy(jit);
    }
    nc_arena_destroy(arena);
  }
}

int main(void) { return run_for_operators("compiled", compiled_equals_reference); }
