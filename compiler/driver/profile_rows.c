// Groups what calls took by the nodes of the source that they serve.
#include "driver/profile.h"

#include "driver/select.h"
#include "driver/work.h"
#include "kernel/expr.h"

#include <stdlib.h>
#include <string.h>

const char *nc_profile_part_name(NcProfilePart part) {
  static const char *const names[] = {"forward", "gradient", "update"};
  return names[part];
}

// ---- bytes

// Tensors of a call, each once.
typedef struct Tensors {
  NcArena *arena;
  int64_t batch;
  NC_VEC(const NcTe *) seen;
  double bytes;
} Tensors;

static void add_tensor(Tensors *t, const NcTe *te) {
  while (te->kind == NC_TE_VIEW)
    te = te->base;
  for (int i = 0; i < t->seen.count; i++)
    if (t->seen.items[i] == te)
      return;
  nc_vec_push(t->arena, t->seen, te);
  t->bytes += (double)nc_dim_value(nc_type_elements(&te->type), t->batch) *
              (double)nc_dtype_size(te->type.dtype);
}

static void add_load(void *context, NcExpr *load) { add_tensor(context, load->tensor); }

// What begins a slot writes it, and no more.
static double bytes_of(const NcCall *call, bool begins, int64_t batch) {
  Tensors t = {.arena = nc_arena_create(), .batch = batch};
  for (const NcTe *te = call->te; te; te = te->next)
    if (!te->inner)
      add_tensor(&t, te);
  if (!begins)
    nc_siblings_loads(call->te, add_load, &t);
  nc_arena_destroy(t.arena);
  return t.bytes;
}

// ---- rows

// What tells whom a call serves: of an update the param, whatever else is computed with it. Of what
// is fused it is the sum, which has most of the work.
static const NcTe *speaker(const NcPlan *plan, const NcCall *call) {
  const NcTe *updated = NULL;
  for (const NcTe *te = call->te; te; te = te->next) {
    const NcVariable *variable = plan->updated[te->id];
    if (variable && (!updated || variable->kind == NC_VAR_PARAM))
      updated = te;
  }
  return updated ? updated : call->te;
}

static NcProfileRow row_of(const NcProfile *p, const NcCall *call) {
  const NcPlan *plan = p->e.timed_plan;
  const NcTe *te = speaker(plan, call);
  const NcNode *node = te->source ? te->source : te->node;
  const NcOrigin *origin = node ? node->origin : NULL;
  NcProfileRow row = {.line = origin ? nc_source_line(p->e.unit->sources, origin->span) : 0};
  const char *path = nc_te_path(plan, te);
  if (plan->updated[te->id]) {
    row.part = NC_PART_UPDATE;
  } else if (origin && origin->gradient) {
    row.part = NC_PART_GRADIENT;
    path = origin->gradient;
  } else if (te->source) {
    path = origin ? origin->path : NULL;
  }
  row.path = path && *path ? path : "-";
  return row;
}

static NcProfileRow *find_row(NcProfile *p, const NcProfileRow *like) {
  for (int i = 0; i < p->rows.count; i++) {
    NcProfileRow *row = &p->rows.items[i];
    if (row->line == like->line && row->part == like->part && strcmp(row->path, like->path) == 0)
      return row;
  }
  nc_vec_push(p->e.unit->arena, p->rows, *like);
  return &p->rows.items[p->rows.count - 1];
}

static void add_call(NcProfile *p, const NcCall *call, bool begins) {
  double peak = p->peaks[call->te->type.dtype == NC_F64] * 1e9;
  NcProfileCall one = {.call = call,
                       .seconds = p->seconds[call->lap],
                       .times = p->times[call->lap],
                       .begins = begins,
                       .bytes = bytes_of(call, begins, p->batch)};
  NcProfileRow like = row_of(p, call), *row = find_row(p, &like);
  if (!begins)
    one.flops = (double)nc_dim_value(nc_work_call_flops(call), p->batch);
  one.ideal = one.flops / peak;
  nc_vec_push(p->e.unit->arena, row->calls, one);
  row->seconds += one.seconds;
  row->clock += one.times * p->read_seconds;
  row->flops += one.flops;
  row->ideal += one.ideal;
  row->bytes += one.bytes;
  p->all += one.seconds;
}

static void add_calls(NcProfile *p, const NcCalls *calls, bool begin) {
  for (int i = 0; i < calls->count; i++)
    add_call(p, &calls->items[i], begin);
}

static int by_seconds(const void *a, const void *b) {
  const NcProfileRow *x = a, *y = b;
  return (x->seconds < y->seconds) - (x->seconds > y->seconds);
}

void nc_profile_group(NcProfile *p) {
  const NcPlan *plan = p->e.timed_plan;
  p->between = p->all = p->seconds[0];
  for (int i = 0; i < plan->phases.count; i++) {
    add_calls(p, &plan->phases.items[i].begin, true);
    add_calls(p, &plan->phases.items[i].calls, false);
  }
  if (p->rows.count)
    qsort(p->rows.items, (size_t)p->rows.count, sizeof *p->rows.items, by_seconds);
}
