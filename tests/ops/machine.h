// A compiled graph in memory of its own, run and compared with the noisy references: results,
// variables, and that nothing else was written.
#ifndef NC_TESTS_OPS_MACHINE_H
#define NC_TESTS_OPS_MACHINE_H

#include "ops/compiled.h"
#include "ops/guarded.h"
#include "ops/noisy.h"

#include "driver/compile.h"
#include "emit/target.h"
#include "poison.h"
#include "table.h"

enum { POISON = 0xff, NOISES = 4 };

// A compiled graph and its memory.
typedef struct Machine {
  NcArena *arena;
  NcGraph *graph;
  int64_t max_batch;
  double scale; // of the floats that are drawn
  bool small;   // what is done to large operands is done to small ones
  bool portable;
  NcPlan *plan;
  NcJit *jit;
  Guarded memory, local; // the arena, and a worker's memory
  Guarded *buffers;      // inputs, then variables
  void **pointers;
  char *used[2]; // by byte of the arena, and of the worker's memory: whether a tensor is there
} Machine;

static inline size_t bytes_of(const NcType *type, int64_t batch) {
  return (size_t)nc_dim_value(nc_type_elements(type), batch) * nc_dtype_size(type->dtype);
}

static inline NcrtFrame frame_of(const Machine *m, int64_t batch) {
  return (NcrtFrame){.table = ncrt_table(),
                     .arena = m->memory.data,
                     .local = m->local.data,
                     .buffers = m->pointers,
                     .batch = batch,
                     .max_batch = m->max_batch,
                     .seed = 7,
                     .step = 3,
                     .epoch = 1,
                     .fault_node = -1};
}

static inline size_t arena_size(const Machine *m) {
  return (size_t)(m->plan->arena_fixed + m->plan->arena_sample * m->max_batch);
}

// Everything that no fill has to survive in is poisoned, so that nothing can count on zeros.
static inline void poison(Machine *m) {
  const NcPlan *plan = m->plan;
  size_t sizes[] = {arena_size(m), (size_t)plan->local_bytes};
  char *data[] = {m->memory.data, m->local.data};
  for (int space = 0; space < 2; space++) {
    char *fixed = calloc(sizes[space] + 1, 1);
    m->used[space] = calloc(sizes[space] + 1, 1);
    for (int i = 0; i < plan->placed.count; i++) {
      const NcPlaced *p = &plan->placed.items[i];
      size_t at = (size_t)(p->place.fixed + p->place.sample * m->max_batch);
      size_t size = (size_t)(p->fixed_bytes + p->sample_bytes * m->max_batch);
      if (nc_place_is_local(p->place.kind) != space)
        continue;
      memset(m->used[space] + at, 1, size);
      if (p->persistent)
        memset(fixed + at, 1, size);
    }
    for (size_t i = 0; i < sizes[space]; i++)
      if (!fixed[i])
        data[space][i] = (char)POISON;
    free(fixed);
  }
}

// With the address sanitizer the code is checked while it runs.
static inline void run_checked(Machine *m, NcrtFrame *frame) {
  NcrtEntry entry = {.ranges = nc_runtime_ranges(m->arena, m->plan),
                     .range_count = m->plan->placed.count};
  size_t sizes[] = {arena_size(m), (size_t)m->plan->local_bytes};
  const char *data[] = {m->memory.data, m->local.data};
  for (int space = 0; space < 2; space++)
    ncrt_poison_gaps(&entry, space, m->max_batch, data[space], sizes[space]);
  run_plan(nc_jit_functions(m->jit), m->graph->name, m->plan, frame);
  for (int space = 0; space < 2; space++)
    ncrt_unpoison(data[space], sizes[space]);
}

static inline bool gaps_are_whole(const Machine *m) {
  for (size_t i = 0; i < arena_size(m); i++)
    if (!m->used[0][i] && m->memory.data[i] != (char)POISON)
      return false;
  for (size_t i = 0; i < (size_t)m->plan->local_bytes; i++)
    if (!m->used[1][i] && m->local.data[i] != (char)POISON)
      return false;
  return true;
}

static inline void open_memory(Machine *m, bool at_start) {
  int inputs = m->graph->inputs.count, variables = m->graph->module->variables.count;
  m->memory = guarded_alloc(arena_size(m), 64, false);
  m->local = guarded_alloc((size_t)m->plan->local_bytes, 64, false);
  m->buffers = NC_NEW_ARRAY(m->arena, Guarded, inputs + variables + 1);
  m->pointers = NC_NEW_ARRAY(m->arena, void *, inputs + variables + 1);
  for (int i = 0; i < inputs + variables; i++) {
    const NcType *type = i < inputs ? &m->graph->inputs.items[i]->type
                                    : &m->graph->module->variables.items[i - inputs]->type;
    m->buffers[i] =
        guarded_alloc(bytes_of(type, m->max_batch), nc_dtype_size(type->dtype), at_start);
    m->pointers[i] = m->buffers[i].data;
  }
  NcrtFrame frame = frame_of(m, m->max_batch);
  prepare_plan(nc_jit_functions(m->jit), m->graph->name, &frame);
  poison(m);
}

static inline void close_machine(Machine *m) {
  guarded_free(m->memory);
  guarded_free(m->local);
  for (int i = 0; i < m->graph->inputs.count + m->graph->module->variables.count; i++)
    guarded_free(m->buffers[i]);
  free(m->used[0]);
  free(m->used[1]);
  nc_jit_destroy(m->jit);
}

// Floats within two `scale`s of 0, on a coarse grid half of the time, so that equal ones occur.
static inline NcTensor *draw_tensor(NcArena *arena, const NcType *type, int64_t batch, double scale,
                                    uint64_t *random) {
  NcType at = nc_type_at(type, batch);
  NcTensor *t = nc_tensor_create(arena, &at);
  bool coarse = next_random(random) & 1;
  for (int64_t i = 0; i < t->count; i++) {
    double u = next_uniform(random);
    if (type->dtype == NC_BOOL)
      nc_tensor_set_int(t, i, u < 0.5);
    else if (!nc_dtype_is_float(type->dtype))
      nc_tensor_set_int(t, i, (int64_t)floor(u * 7) - (type->dtype == NC_U8 ? 0 : 3));
    else
      nc_tensor_set(t, i, scale * (coarse ? floor(u * 9 - 4) / 2 : u * 4 - 2));
  }
  return t;
}

// What one tensor of a run is checked against.
typedef struct Wanted {
  const char *what, *name;
  const NcTensor *exact, *noisy[NOISES];
} Wanted;

static inline bool same(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

static inline bool element_is_right(const Wanted *w, int64_t i, const NcTensor *got) {
  NcDtype dtype = got->type.dtype;
  if (!nc_dtype_is_float(dtype)) {
    int64_t want = nc_tensor_get_int(w->exact, i);
    bool sure = true;
    for (int k = 0; k < NOISES; k++)
      sure = sure && nc_tensor_get_int(w->noisy[k], i) == want;
    return !sure || nc_tensor_get_int(got, i) == want;
  }
  double want = nc_tensor_get(w->exact, i), value = nc_tensor_get(got, i), move = 0;
  if (same(value, want))
    return true;
  for (int k = 0; k < NOISES; k++) {
    double moved = nc_tensor_get(w->noisy[k], i);
    if (isfinite(moved) != isfinite(want) || (!isfinite(want) && !same(moved, want)))
      return true; // it hangs on rounding whether this overflows
    move = fmax(move, fabs(moved - want));
  }
  double epsilon = dtype == NC_F32 ? FLT_EPSILON : DBL_EPSILON;
  double least = dtype == NC_F32 ? FLT_MIN : DBL_MIN;
  return fabs(value - want) <= 8 * move + 4 * epsilon * fabs(want) + 16 * least;
}

static inline bool check_tensor(const Wanted *w, const void *data, int64_t batch, char *report,
                                size_t size) {
  NcTensor got = {w->exact->type, w->exact->count, (void *)(uintptr_t)data};
  for (int64_t i = 0; i < got.count; i++) {
    if (element_is_right(w, i, &got))
      continue;
    snprintf(report, size, "%s %s, N = %d: element %d of %d is %.17g, not %.17g (%.3g, %.3g)",
             w->what, w->name, (int)batch, (int)i, (int)got.count, nc_tensor_get(&got, i),
             nc_tensor_get(w->exact, i), nc_tensor_get(w->noisy[0], i),
             nc_tensor_get(w->noisy[1], i));
    return false;
  }
  return true;
}

static inline Wanted wanted(const char *what, const char *name,
                            const NcTensor **const values[1 + NOISES], int id) {
  Wanted w = {what, name, values[0][id], {NULL}};
  for (int k = 0; k < NOISES; k++)
    w.noisy[k] = values[1 + k][id];
  return w;
}

static inline bool check_results(const Machine *m, const NcTensor **const values[1 + NOISES],
                                 int64_t batch, char *report, size_t size) {
  const NcGraph *g = m->graph;
  for (int i = 0; i < g->results.count; i++) {
    NcPlace place = m->plan->results[i];
    Wanted w = wanted("result", g->results.items[i].name, values, g->results.items[i].node->id);
    if (!check_tensor(&w, m->memory.data + place.fixed + place.sample * m->max_batch, batch, report,
                      size))
      return false;
  }
  return true;
}

// Variables after the run: updated, or as they were.
static inline bool check_variables(const Machine *m, NcTensor *const *before,
                                   const NcTensor **const values[1 + NOISES], int64_t batch,
                                   char *report, size_t size) {
  const NcGraph *g = m->graph;
  for (int i = 0; i < g->module->variables.count; i++) {
    const NcVariable *variable = g->module->variables.items[i];
    Wanted w = {"variable", variable->name, before[i], {NULL}};
    for (int k = 0; k < NOISES; k++)
      w.noisy[k] = before[i];
    for (int k = 0; k < g->updates.count; k++)
      if (g->updates.items[k].variable == variable)
        w = wanted("update", variable->name, values, g->updates.items[k].node->id);
    if (!check_tensor(&w, m->pointers[g->inputs.count + i], batch, report, size))
      return false;
  }
  return true;
}

// Zeros of padding are not left out of products: that they meet infinities is not the references'.
static inline bool takes_special(const NcGraph *g) {
  for (int i = 0; i < g->nodes.count; i++)
    if (strncmp(g->nodes.items[i]->op->name, "conv", 4) == 0)
      return false;
  return true;
}

// Values for the inputs, then the variables.
static inline NcTensor **draw_values(const Machine *m, NcArena *arena, int64_t batch,
                                     uint64_t seed) {
  const NcGraph *g = m->graph;
  int inputs = g->inputs.count, count = inputs + g->module->variables.count;
  NcTensor **drawn = NC_NEW_ARRAY(arena, NcTensor *, count + 1);
  uint64_t random = seed;
  bool special = next_random(&random) % 6 == 0 && takes_special(g);
  for (int i = 0; i < count; i++) {
    const NcType *type =
        i < inputs ? &g->inputs.items[i]->type : &g->module->variables.items[i - inputs]->type;
    drawn[i] = draw_tensor(arena, type, batch, m->scale, &random);
    if (special)
      make_special(drawn[i], &random);
  }
  return drawn;
}

static inline void run_machine(Machine *m, NcTensor *const *drawn, int64_t batch) {
  int count = m->graph->inputs.count + m->graph->module->variables.count;
  for (int i = 0; i < count; i++)
    memcpy(m->pointers[i], drawn[i]->data,
           (size_t)drawn[i]->count * nc_dtype_size(drawn[i]->type.dtype));
  NcrtFrame frame = frame_of(m, batch);
  run_checked(m, &frame);
}

static inline bool run_once(Machine *m, int64_t batch, uint64_t seed, char *report, size_t size) {
  NcArena *arena = nc_arena_create();
  const NcGraph *g = m->graph;
  NcTensor **drawn = draw_values(m, arena, batch, seed), **variables = drawn + g->inputs.count;
  const NcTensor **values[1 + NOISES];
  bool fine = true;
  static const int noises[] = {0, 1, -1, 2, -2};
  for (int k = 0; k <= NOISES && fine; k++) {
    Judge j = {arena, g, drawn, variables, batch, noises[k], seed, NULL};
    values[k] = judge(&j);
    fine = values[k] != NULL;
  }
  run_machine(m, drawn, batch);
  bool right = !fine || (check_results(m, values, batch, report, size) &&
                         check_variables(m, variables, values, batch, report, size));
  if (right && !gaps_are_whole(m)) {
    snprintf(report, size, "N = %d: something was written between two tensors", (int)batch);
    right = false;
  }
  nc_arena_destroy(arena);
  return right;
}

// Compiles the graph. False, with the reason in *message, if that fails; a target that cannot run
// here leaves m->jit NULL.
static inline bool open_machine(Machine *m, const char *cpu, bool at_start, const char **message) {
  NcTarget target;
  assert_true(nc_target_select(m->arena, NULL, cpu, &target, message));
  if (m->portable)
    nc_target_make_portable(&target);
  if (!target.runs_here)
    return true;
  target.gap = NCRT_SANITIZED ? 64 : 0;
  if (m->small) {
    target.blas = m->graph->nodes.count % 2 && !m->portable ? 16384 : 0;
    target.panels = 64;
    target.cuts = m->graph->nodes.count % 3 ? 16 : 0;
  }
  m->plan = nc_plan_graph(m->arena, m->graph, &target);
  NcEmitEntry entry = {m->graph->name, m->plan};
  m->jit = nc_jit_compile(m->arena, &entry, 1, &target, message);
  if (m->jit)
    open_memory(m, at_start);
  return m->jit != NULL;
}

#endif
