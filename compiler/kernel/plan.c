// Planning a graph function: order and phases, kernels, runs, memory, calls.
#include "kernel/plan.h"

#include "kernel/expr.h"
#include "kernel/keep.h"
#include "kernel/layout.h"
#include "kernel/nest.h"
#include "kernel/planner.h"
#include "kernel/quiet.h"
#include "kernel/skip.h"
#include "kernel/winograd.h"

#include <math.h>
#include <string.h>

// Cycles that calls have to do with a sample to be a run.
#define MIN_RUN_CYCLES 2000.0
// Cycles of a piece of a phase that workers share, and the most pieces of a call.
#define PIECE_CYCLES 12000.0
// Cycles of a step that workers share, at least: between processors values take time. Its pieces
// are small, for it takes as long as whoever has most of them; those of BLAS, which gains by size,
// are not.
#define STEP_CYCLES 1000.0
#define STEP_PIECE_CYCLES 500.0
#define STEP_PRODUCT_CYCLES 100000.0
#define FETCHED_BYTES 16.0 // in a cycle, from a cache that is not near
#define MAX_PIECES 64
#define SUPPOSED_BATCH 64
// Rows or columns of a product that go to BLAS at once, or a multiple of them.
#define GEMM_BLOCK 64

// Copies that write variables at the end have a phase of their own.
static void add_copies_phase(NcPlanner *p, int first) {
  if (first == p->order.count)
    return;
  NcPhase phase = {.pieces = 1};
  for (int i = first; i < p->order.count; i++)
    p->phase[i] = p->plan->phases.count;
  nc_vec_push(p->arena, p->plan->phases, phase);
}

// Whether a tensor that is still is computed by another's kernel: one that computes nothing else.
static bool is_like(const NcTe *te) {
  return te->like && te->like->lead == te->like && !te->like->next;
}

// The kernel of another tensor, of one sample of values that are still. It is busy everywhere: what
// would be quiet is not read, and buffers of a call do not overlap.
static NcScheduled schedule_like(NcPlanner *p, NcTe *still, const NcScheduled *other) {
  NcScheduled s = *other;
  int count = s.kernel->buffers.count;
  s.buffers = NC_NEW_ARRAY(p->arena, NcTe *, count);
  for (int i = 0; i < count; i++) {
    NcTe *of = other->buffers[i];
    NcTe *to = of == still ? still->busy->tensor : of->still ? of->still : of;
    s.buffers[i] = p->storage[to->id];
  }
  s.has_samples = false;
  return s;
}

// What is made until end_kernel has an arena of its own.
static void begin_kernel(NcPlanner *p) { p->builder->arena = nc_arena_create(); }

// Deep networks have many kernels of few texts: of all but the first of a text only that is kept
// which is theirs alone.
static NcScheduled end_kernel(NcPlanner *p, NcScheduled s) {
  NcArena *own = p->builder->arena;
  p->builder->arena = p->arena;
  const NcKernel *first = nc_map_get(&p->kernels, s.kernel->text);
  if (!first) {
    nc_map_set(&p->kernels, s.kernel->text, s.kernel);
    nc_arena_merge(p->arena, own);
    return s;
  }
  NcKernel *kernel = NC_NEW(p->arena, NcKernel);
  *kernel = *first;
  memset(&kernel->given, 0, sizeof kernel->given);
  for (int i = 0; i < s.kernel->given.count; i++)
    nc_vec_push(p->arena, kernel->given, s.kernel->given.items[i]);
  NcTe **buffers = NC_NEW_ARRAY(p->arena, NcTe *, kernel->buffers.count);
  for (int i = 0; i < kernel->buffers.count; i++)
    buffers[i] = s.buffers[i];
  s.kernel = kernel;
  s.buffers = buffers;
  nc_arena_destroy(own);
  return s;
}

static void schedule_kernels(NcPlanner *p) {
  p->kernels = nc_map_create(p->scratch);
  p->scheduled = NC_NEW_ARRAY(p->scratch, NcScheduled, p->order.count + 1);
  int *number = NC_NEW_ARRAY(p->scratch, int, p->capacity); // by id
  for (int i = 0; i < p->order.count; i++) {
    NcTe *te = p->order.items[i];
    number[te->id] = i;
    bool slots = p->phases.classes[te->id] == NC_CLASS_REDUCED;
    if (is_like(te) || nc_te_is_gemm(te, p->target->blas, NULL))
      continue;
    begin_kernel(p);
    p->scheduled[i] = end_kernel(p, nc_schedule(p->builder, te, p->storage, p->target, slots));
  }
  for (int i = 0; i < p->order.count; i++) {
    NcTe *te = p->order.items[i];
    if (is_like(te))
      p->scheduled[i] = schedule_like(p, te, &p->scheduled[number[te->like->id]]);
  }
}

static bool can_run(const NcPlanner *p, int number) {
  return p->plan->phases.items[p->phase[number]].chunked && p->scheduled[number].kernel &&
         !p->scheduled[number].by_chunk;
}

// Calls that follow each other in a chunked phase, and none of which wants the chunk at once, are a
// run if they do enough with a sample.
static void find_runs(NcPlanner *p) {
  p->run = NC_NEW_ARRAY(p->scratch, int, p->order.count + 1);
  int runs = 0;
  for (int i = 0; i < p->order.count;) {
    int end = i;
    double cycles = 0;
    for (; end < p->order.count && p->phase[end] == p->phase[i] && can_run(p, end); end++)
      cycles += nc_te_cycles(p->order.items[end], 1);
    bool is_run = cycles >= MIN_RUN_CYCLES;
    for (int k = i; k < end; k++)
      p->run[k] = is_run ? runs : -1;
    runs += is_run;
    if (end == i)
      p->run[end++] = -1;
    i = end;
  }
}

static void add_operand(void *context, NcExpr *load) {
  double *bytes = context;
  if (!nc_type_has_batch(&load->tensor->type))
    *bytes += (double)nc_te_storage(load->tensor).c * (double)nc_dtype_size(load->dtype);
}

// How workers share a call as a step, of `samples` at most: for what it computes, or for what it
// fetches of operands that all samples use.
static double share_step(NcCall *call, int64_t samples) {
  double bytes = 0, each = nc_te_cycles(call->te, 1);
  nc_te_loads(call->te, add_operand, &bytes);
  double fetched = bytes / FETCHED_BYTES, cycles = fmax((double)samples * each, fetched);
  bool is_worth = cycles >= STEP_CYCLES;
  call->worth = !is_worth                            ? (int)samples + 1
                : fmax(each, fetched) >= STEP_CYCLES ? 1
                                                     : (int)ceil(STEP_CYCLES / each);
  return is_worth ? cycles / (call->kernel ? STEP_PIECE_CYCLES : STEP_PRODUCT_CYCLES) : 1;
}

// How the work of a call is shared out. Pieces are about as large, whatever the machine, and as
// many as the work is worth; a step of a chunked phase runs for a sample or for a chunk.
static void share_out(const NcPlanner *p, int phase, NcCall *call, const NcScheduled *s) {
  bool chunked = p->plan->phases.items[phase].chunked;
  if (s->extent > 0)
    call->split = NC_SPLIT_AXIS;
  else if (s->has_samples && !chunked)
    call->split = NC_SPLIT_BATCH;
  int64_t blocks = call->split == NC_SPLIT_AXIS    ? (s->extent + s->block - 1) / s->block
                   : call->split == NC_SPLIT_BATCH ? MAX_PIECES
                                                   : 1;
  double wanted = chunked ? share_step(call, call->run >= 0 ? 1 : NC_CHUNK)
                          : nc_te_cycles(call->te, SUPPOSED_BATCH) / PIECE_CYCLES;
  int64_t most = blocks < MAX_PIECES ? blocks : MAX_PIECES;
  call->extent = s->extent;
  call->block = s->block;
  call->pieces = wanted<1 ? 1 : wanted>(double) most ? (int)most : (int)wanted;
}

static NcCall kernel_call(NcPlanner *p, const NcTe *te, NcScheduled s) {
  NcCall call = {.te = te, .kernel = s.kernel, .place_count = s.kernel->buffers.count, .run = -1};
  call.extent = s.extent;
  call.pieces = 1;
  call.places = NC_NEW_ARRAY(p->arena, NcPlace, call.place_count);
  for (int i = 0; i < call.place_count; i++)
    call.places[i] = p->places[s.buffers[i]->id];
  // A kernel that adds to slots is given the row of the slot at work; the fold reads them all.
  if (p->phases.classes[te->id] == NC_CLASS_REDUCED)
    call.places[0].kind = NC_PLACE_SLOT;
  return call;
}

// Rows or columns of a product are shared out in blocks: what BLAS gets in one call may matter to
// the bytes, so that it hangs on nothing but the product.
static NcCall gemm_call(NcPlanner *p, int phase, const NcTe *te, NcGemm gemm) {
  NcCall call = {.te = te, .gemm = gemm, .place_count = 3, .run = -1};
  call.columns = gemm.m.n || (gemm.n.n == 0 && gemm.n.c > gemm.m.c);
  NcDim extent = call.columns ? gemm.n : gemm.m;
  NcScheduled s = {.extent = extent.n ? 0 : extent.c, .block = GEMM_BLOCK};
  share_out(p, phase, &call, &s);
  call.places = NC_NEW_ARRAY(p->arena, NcPlace, 3);
  call.places[0] = p->places[p->storage[te->id]->id];
  call.places[1] = p->places[p->storage[gemm.a->id]->id];
  call.places[2] = p->places[p->storage[gemm.b->id]->id];
  return call;
}

// By the last of its tensors, which the others mostly lead to: what it does, and for what.
static void name_kernel(NcPlanner *p, NcKernel *kernel, const NcTe *te) {
  while (te->next)
    te = te->next;
  const NcNode *node = te->node;
  const char *path = node->origin ? node->origin->path : NULL;
  bool as_role = te->role && p->phases.classes[te->id] != NC_CLASS_REDUCED;
  const char *what = as_role ? te->role : te->source ? te->source->op->name : node->op->name;
  kernel->name = path ? nc_arena_printf(p->arena, "%s.%s", what, path)
                      : nc_arena_printf(p->arena, "%s.%d", what, node->id);
}

// What zeroed memory holds; a negative zero is something else.
static bool is_plain_zero(double fill) { return fill == 0 && !signbit(fill); }

// Fills are written once, before the first run.
static void add_fill(NcPlanner *p, NcTe *te) {
  bool slots = p->phases.classes[te->id] == NC_CLASS_REDUCED;
  double fill = te->layout && !te->partial ? te->layout->fill : te->fill;
  if (slots || te->inner || !nc_te_has_fill(te) || is_plain_zero(fill))
    return;
  begin_kernel(p);
  NcCall call = kernel_call(p, te, end_kernel(p, nc_schedule_fill(p->builder, te, p->storage)));
  call.kernel->name = nc_arena_printf(p->arena, "fill.%d", te->id);
  call.run = p->one[te->id] ? 0 : -1;
  if (p->local[te->id])
    nc_vec_push(p->arena, p->plan->prepare_local, call);
  else
    nc_vec_push(p->arena, p->plan->prepare, call);
}

static void add_call(NcPlanner *p, int number) {
  NcTe *te = p->order.items[number];
  NcPhase *phase = &p->plan->phases.items[p->phase[number]];
  NcGemm gemm;
  if (!p->scheduled[number].kernel) {
    nc_te_is_gemm(te, p->target->blas, &gemm);
    nc_vec_push(p->arena, phase->calls, gemm_call(p, p->phase[number], te, gemm));
    return;
  }
  NcCall call = kernel_call(p, te, p->scheduled[number]);
  call.run = p->run[number];
  share_out(p, p->phase[number], &call, &p->scheduled[number]);
  call.single = is_like(te);
  call.least = call.single ? p->least : 0;
  name_kernel(p, call.kernel, te);
  nc_vec_push(p->arena, phase->calls, call);
  if (p->phases.classes[te->id] == NC_CLASS_REDUCED) {
    begin_kernel(p);
    NcCall begin =
        kernel_call(p, te, end_kernel(p, nc_schedule_neutral(p->builder, te, p->storage)));
    begin.kernel->name = nc_arena_printf(p->arena, "begin.%d", te->id);
    nc_vec_push(p->arena, phase->begin, begin);
  }
}

// A phase is shared if its calls give more than one piece. What sums over a chunk, and what BLAS
// computes, may hang on how large chunks are.
static void count_pieces(NcPhase *phase) {
  int pieces = 0;
  bool kernels = true;
  for (int i = 0; i < phase->calls.count; i++) {
    pieces += phase->calls.items[i].pieces;
    kernels = kernels && phase->calls.items[i].kernel;
  }
  phase->pieces = !phase->chunked && phase->pieces > 1 ? pieces : 1;
  phase->divisible = phase->chunked && phase->begin.count == 0 && kernels;
}

int nc_step_end(const NcPhase *phase, int first) {
  const NcCall *calls = phase->calls.items;
  int end = first + 1;
  while (calls[first].pieces == 1 && end < phase->calls.count && calls[end].pieces == 1 &&
         calls[end].run == calls[first].run)
    end++;
  return end;
}

static void make_calls(NcPlanner *p) {
  for (int i = 0; i < p->order.count; i++) {
    add_call(p, i);
    for (NcTe *te = p->order.items[i]; te; te = te->next)
      add_fill(p, te);
  }
  for (int i = 0; i < p->plan->phases.count; i++)
    count_pieces(&p->plan->phases.items[i]);
}

NcPeak nc_plan_peak(const NcPlan *plan, int64_t batch) {
  NcPeak peak = {0};
  NcArena *scratch = nc_arena_create();
  int count = 0, number = 0;
  for (int p = 0; p < plan->phases.count; p++)
    count += plan->phases.items[p].calls.count;
  int64_t alive = 0, *change = NC_NEW_ARRAY(scratch, int64_t, count + 1); // from a call on
  for (int k = 0; k < plan->placed.count; k++) {
    const NcPlaced *x = &plan->placed.items[k];
    bool to_end = x->persistent || x->last >= count - 1;
    int first = x->persistent ? 0 : x->first, end = to_end ? count : x->last + 1;
    int64_t bytes = x->fixed_bytes + x->sample_bytes * batch;
    change[first] += bytes;
    if (end < count)
      change[end] -= bytes;
  }
  for (int p = 0; p < plan->phases.count; p++) {
    const NcCalls *calls = &plan->phases.items[p].calls;
    for (int i = 0; i < calls->count; i++) {
      alive += change[number++];
      if (alive > peak.bytes)
        peak = (NcPeak){alive, &calls->items[i]};
    }
  }
  nc_arena_destroy(scratch);
  return peak;
}

static void report_results(NcPlanner *p) {
  int count = p->graph->results.count;
  p->plan->updated = NC_NEW_ARRAY(p->arena, const NcVariable *, p->capacity);
  for (int i = 0; i < p->graph->updates.count; i++)
    p->plan->updated[p->tensors->updates[i]->id] = p->graph->updates.items[i].variable;
  p->plan->results = NC_NEW_ARRAY(p->arena, NcPlace, count + 1);
  for (int i = 0; i < count; i++)
    p->plan->results[i] = p->places[p->storage[p->tensors->results[i]->id]->id];
}

typedef struct Keeping {
  const NcPlanner *planner;
  const NcTe *lead;
  bool ok;
} Keeping;

static void look_at_kept(void *context, NcExpr *x) {
  Keeping *k = context;
  if (x->kind == NC_X_FRAME || x->kind == NC_X_CHECK)
    k->ok = false;
  if (x->kind != NC_X_LOAD)
    return;
  const NcTe *te = nc_te_storage_of(x->tensor);
  const NcVariable *variable = te->node->variable;
  k->ok = k->ok && (te->kind == NC_TE_LEAF ? variable && variable->kind != NC_VAR_METRIC
                                           : te->lead == k->lead || k->planner->kept[te->id]);
}

static bool can_keep(const NcPlanner *p, const NcTe *lead) {
  Keeping k = {p, lead, true};
  for (const NcTe *te = lead; te; te = te->next) {
    NcExpr *exprs[] = {te->body, te->where, te->finish, te->busy};
    nc_exprs_walk(exprs, 4, look_at_kept, &k);
  }
  return k.ok;
}

// Phases from the start whose results can stay.
static void find_kept(NcPlanner *p) {
  p->kept = NC_NEW_ARRAY(p->scratch, bool, p->builder->next_id);
  int i = 0;
  for (; i < p->order.count && !p->plan->changes; i++) {
    const NcTe *lead = p->order.items[i];
    if (p->plan->phases.items[p->phase[i]].chunked || !can_keep(p, lead))
      break;
    for (const NcTe *te = lead; te; te = te->next)
      p->kept[te->id] = true;
  }
  p->plan->kept = i < p->order.count ? p->phase[i] : p->plan->phases.count;
}

static bool changes_variables(const NcGraph *graph) {
  for (int i = 0; i < graph->updates.count; i++)
    if (graph->updates.items[i].variable->kind != NC_VAR_METRIC)
      return true;
  return false;
}

static void make_tables(NcPlanner *p) {
  int ids = p->capacity = p->builder->next_id;
  p->storage = NC_NEW_ARRAY(p->scratch, NcTe *, ids);
  p->places = NC_NEW_ARRAY(p->scratch, NcPlace, ids);
  p->first = NC_NEW_ARRAY(p->scratch, int, ids);
  p->last = NC_NEW_ARRAY(p->scratch, int, ids);
  p->result = NC_NEW_ARRAY(p->scratch, bool, ids);
  p->local = NC_NEW_ARRAY(p->scratch, bool, ids);
  p->one = NC_NEW_ARRAY(p->scratch, bool, ids);
  for (int i = 0; i < p->graph->results.count; i++)
    p->result[p->tensors->results[i]->id] = true;
}

static NcCalls timed_calls(NcArena *arena, const NcCalls *calls, int *laps) {
  NcCalls timed = {0};
  for (int i = 0; i < calls->count; i++) {
    NcCall call = calls->items[i];
    call.lap = (*laps)++;
    nc_vec_push(arena, timed, call);
  }
  return timed;
}

NcPlan *nc_plan_timed(NcArena *arena, const NcPlan *plan, int *laps) {
  NcPlan *timed = NC_NEW(arena, NcPlan);
  *timed = *plan;
  timed->phases.items = NULL;
  timed->phases.count = timed->phases.capacity = 0;
  *laps = 1;
  for (int i = 0; i < plan->phases.count; i++) {
    NcPhase phase = plan->phases.items[i];
    phase.begin = timed_calls(arena, &phase.begin, laps);
    phase.calls = timed_calls(arena, &phase.calls, laps);
    nc_vec_push(arena, timed->phases, phase);
  }
  return timed;
}

NcPlan *nc_plan_graph(NcArena *arena, const NcGraph *graph, const NcTarget *target) {
  NcPlanner p = {.arena = arena, .scratch = nc_arena_create(), .graph = graph, .target = target};
  p.plan = NC_NEW(arena, NcPlan);
  p.plan->graph = graph;
  p.plan->slots = target->slots;
  p.plan->changes = changes_variables(graph);
  p.tensors = p.plan->tensors = nc_lower_graph(arena, graph);
  p.builder = &p.tensors->builder;
  nc_fuse(p.tensors, target->blas);
  nc_skip(p.tensors);
  nc_fuse_finishes(p.tensors, target->blas);
  if (target->fast)
    nc_winograd(p.tensors);
  nc_layout(p.tensors, target);
  nc_keep(p.tensors, target);
  p.least = nc_quiet(p.tensors, target, p.plan->changes);
  p.phases = nc_phases(p.tensors, target);
  p.plan->classes = p.phases.classes;
  nc_plan_stages(&p);
  nc_plan_siblings(&p);
  nc_plan_order(&p);
  int ordered = p.order.count;
  NcTe **writers = nc_plan_updates(&p);
  add_copies_phase(&p, ordered);
  make_tables(&p);
  find_kept(&p);
  nc_plan_variables(&p, writers);
  schedule_kernels(&p);
  find_runs(&p);
  nc_plan_memory(&p);
  make_calls(&p);
  report_results(&p);
  nc_arena_destroy(p.scratch);
  return p.plan;
}
