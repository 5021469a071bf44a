// Planning a graph function: stages and phases, then memory, then kernels.
#include "kernel/plan.h"

#include "kernel/expr.h"
#include "kernel/layout.h"
#include "kernel/planner.h"

#include <math.h>
#include <string.h>

typedef struct Depends {
  const bool *late;
  bool found;
} Depends;

static void check_late(void *context, NcExpr *load) {
  Depends *d = context;
  if (d->late[nc_te_storage_of(load->tensor)->id])
    d->found = true;
}

static bool depends_on_late(const NcTe *te, const bool *late) {
  Depends d = {late, false};
  nc_te_loads(te, check_late, &d);
  return d.found;
}

// Updates, and all that reads an updated value, are late: they come after everything else.
static bool *find_late(NcPlanner *p) {
  bool *late = NC_NEW_ARRAY(p->scratch, bool, p->builder->next_id);
  for (int i = 0; i < p->graph->updates.count; i++)
    late[p->tensors->updates[i]->id] = true;
  for (int i = 0; i < p->builder->tensors.count; i++) {
    NcTe *te = p->builder->tensors.items[i];
    if (te->kind == NC_TE_COMPUTE && depends_on_late(te, late))
      late[te->id] = true;
  }
  return late;
}

static bool is_chunked(const NcPlanner *p, const NcTe *te) {
  NcClass class = p->phases.classes[te->id];
  return class == NC_CLASS_SAMPLE || class == NC_CLASS_REDUCED;
}

// Appends a phase of the tensors that are of the stage and kind given; nothing if there are none.
static void add_phase(NcPlanner *p, const bool *late, bool of_late, int stage, bool chunked) {
  int number = p->plan->phases.count, before = p->order.count;
  for (int i = 0; i < p->builder->tensors.count; i++) {
    NcTe *te = p->builder->tensors.items[i];
    if (te->kind == NC_TE_COMPUTE && late[te->id] == of_late && p->phases.stages[te->id] == stage &&
        is_chunked(p, te) == chunked)
      nc_vec_push(p->scratch, p->order, te);
  }
  if (p->order.count == before)
    return;
  NcPhase phase = {.chunked = chunked};
  nc_vec_push(p->arena, p->plan->phases, phase);
  for (int i = before; i < p->order.count; i++)
    p->phase[i] = number;
}

static void order_calls(NcPlanner *p) {
  const bool *late = find_late(p);
  // Copies for updates, one each at most, are appended later.
  p->phase = NC_NEW_ARRAY(p->scratch, int, p->builder->tensors.count + p->graph->updates.count + 1);
  for (int of_late = 0; of_late < 2; of_late++) {
    for (int stage = 0; stage < p->phases.stage_count; stage++) {
      add_phase(p, late, of_late, stage, false);
      add_phase(p, late, of_late, stage, true);
    }
    if (!of_late)
      p->plan->update_phase = p->plan->phases.count;
  }
}

// Copies that write variables at the end have a phase of their own.
static void add_copies_phase(NcPlanner *p, int first) {
  if (first == p->order.count)
    return;
  NcPhase phase = {0};
  for (int i = first; i < p->order.count; i++)
    p->phase[i] = p->plan->phases.count;
  nc_vec_push(p->arena, p->plan->phases, phase);
}

static NcCall kernel_call(NcPlanner *p, const NcTe *te, NcScheduled s) {
  NcCall call = {
      .te = te, .kernel = s.kernel, .count = s.count, .place_count = s.kernel->buffers.count};
  call.places = NC_NEW_ARRAY(p->arena, NcPlace, call.place_count);
  for (int i = 0; i < call.place_count; i++)
    call.places[i] = p->places[s.buffers[i]->id];
  // A kernel that adds to slots is given the row of the slot at work; the fold reads them all.
  if (p->phases.classes[te->id] == NC_CLASS_REDUCED)
    call.places[0].kind = NC_PLACE_SLOT;
  return call;
}

static NcCall gemm_call(NcPlanner *p, const NcTe *te, NcGemm gemm) {
  NcCall call = {.te = te, .gemm = gemm, .place_count = 3};
  call.places = NC_NEW_ARRAY(p->arena, NcPlace, 3);
  call.places[0] = p->places[p->storage[te->id]->id];
  call.places[1] = p->places[p->storage[gemm.a->id]->id];
  call.places[2] = p->places[p->storage[gemm.b->id]->id];
  return call;
}

static void name_kernel(NcPlanner *p, NcKernel *kernel, const NcTe *te) {
  const NcNode *node = te->node;
  const char *path = node->origin ? node->origin->path : NULL;
  const NcNode *source = te->source ? te->source : node;
  kernel->name = path ? nc_arena_printf(p->arena, "%s.%s", source->op->name, path)
                      : nc_arena_printf(p->arena, "%s.%d", source->op->name, node->id);
}

// What zeroed memory holds; a negative zero is something else.
static bool is_plain_zero(double fill) { return fill == 0 && !signbit(fill); }

// Fills are written once, before the first run.
static void add_fill(NcPlanner *p, NcTe *te) {
  bool slots = p->phases.classes[te->id] == NC_CLASS_REDUCED;
  double fill = te->layout && !te->partial ? te->layout->fill : te->fill;
  if (slots || !nc_te_has_fill(te) || is_plain_zero(fill))
    return;
  NcCall call = kernel_call(p, te, nc_schedule_fill(p->builder, te));
  call.kernel->name = nc_arena_printf(p->arena, "fill.%d", te->id);
  if (p->local[te->id])
    nc_vec_push(p->arena, p->plan->prepare_local, call);
  else
    nc_vec_push(p->arena, p->plan->prepare, call);
}

static void add_call(NcPlanner *p, int number) {
  NcTe *te = p->order.items[number];
  NcPhase *phase = &p->plan->phases.items[p->phase[number]];
  NcGemm gemm;
  if (p->target->blas && nc_te_is_gemm(te, &gemm)) {
    nc_vec_push(p->arena, phase->calls, gemm_call(p, te, gemm));
    return;
  }
  bool slots = p->phases.classes[te->id] == NC_CLASS_REDUCED;
  NcCall call = kernel_call(p, te, nc_schedule(p->builder, te, p->storage, p->target, slots));
  name_kernel(p, call.kernel, te);
  nc_vec_push(p->arena, phase->calls, call);
  if (slots) {
    NcCall begin = kernel_call(p, te, nc_schedule_neutral(p->builder, te));
    begin.kernel->name = nc_arena_printf(p->arena, "begin.%d", te->id);
    nc_vec_push(p->arena, phase->begin, begin);
  }
}

static void make_calls(NcPlanner *p) {
  for (int i = 0; i < p->order.count; i++) {
    add_call(p, i);
    add_fill(p, p->order.items[i]);
  }
}

static void report_results(NcPlanner *p) {
  int count = p->graph->results.count;
  p->plan->results = NC_NEW_ARRAY(p->arena, NcPlace, count + 1);
  for (int i = 0; i < count; i++)
    p->plan->results[i] = p->places[p->storage[p->tensors->results[i]->id]->id];
}

static void make_tables(NcPlanner *p) {
  int ids = p->capacity = p->builder->next_id;
  p->storage = NC_NEW_ARRAY(p->scratch, NcTe *, ids);
  p->places = NC_NEW_ARRAY(p->scratch, NcPlace, ids);
  p->first = NC_NEW_ARRAY(p->scratch, int, ids);
  p->last = NC_NEW_ARRAY(p->scratch, int, ids);
  p->result = NC_NEW_ARRAY(p->scratch, bool, ids);
  p->local = NC_NEW_ARRAY(p->scratch, bool, ids);
  for (int i = 0; i < p->graph->results.count; i++)
    p->result[p->tensors->results[i]->id] = true;
}

NcPlan *nc_plan_graph(NcArena *arena, const NcGraph *graph, const NcTarget *target) {
  NcPlanner p = {.arena = arena, .scratch = nc_arena_create(), .graph = graph, .target = target};
  p.plan = NC_NEW(arena, NcPlan);
  p.plan->graph = graph;
  p.tensors = p.plan->tensors = nc_lower_graph(arena, graph);
  p.builder = &p.tensors->builder;
  nc_fuse(p.tensors, target->blas);
  nc_layout(p.tensors);
  p.phases = nc_phases(p.tensors, target->blas);
  order_calls(&p);
  int ordered = p.order.count;
  NcTe **writers = nc_plan_updates(&p);
  add_copies_phase(&p, ordered);
  make_tables(&p);
  nc_plan_variables(&p, writers);
  nc_plan_memory(&p);
  make_calls(&p);
  report_results(&p);
  nc_arena_destroy(p.scratch);
  return p.plan;
}
