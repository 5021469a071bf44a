// Planning a graph function: order, phases, memory, kernels.
#include "kernel/plan.h"

#include "base/map.h"
#include "kernel/expr.h"
#include "kernel/layout.h"

#include <assert.h>
#include <string.h>

#define ALIGNMENT 64
#define FOREVER INT32_MAX

typedef NC_VEC(NcTe *) TeList;

typedef struct Planner {
  NcArena *arena, *scratch;
  const NcGraph *graph;
  NcTensorGraph *tensors;
  NcTeBuilder *builder;
  const NcTarget *target;
  NcPlan *plan;
  TeList order;      // stored tensors, in the order of their calls
  int phase1;        // number of the first in phase 1
  NcTe **storage;    // by id: see nc_schedule
  NcPlace *places;   // by id of a storage tensor
  int *first, *last; // by id of a storage tensor: its life in calls
  bool *result;      // by id: fetched
  NcMap numbers;     // of the module's variables by name, counted from 1
  NcTe **leaves;     // of the module's variables, by number; NULL: not read
  int *last_read;    // by id of a leaf: the last call that reads it, or -1
} Planner;

// --- order and phases
// --------------------------------------------------------------------------------

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
  nc_expr_loads(te->body, check_late, &d);
  nc_expr_loads(te->where, check_late, &d);
  nc_expr_loads(te->finish, check_late, &d);
  return d.found;
}

// Updates, and all that reads an updated value, come after everything else.
static void order_calls(Planner *p) {
  int ids = p->builder->next_id;
  bool *late = NC_NEW_ARRAY(p->scratch, bool, ids);
  for (int i = 0; i < p->graph->updates.count; i++)
    late[p->tensors->updates[i]->id] = true;
  TeList after = {0};
  for (int i = 0; i < p->builder->tensors.count; i++) {
    NcTe *te = p->builder->tensors.items[i];
    if (te->kind != NC_TE_COMPUTE)
      continue;
    if (late[te->id] || depends_on_late(te, late)) {
      late[te->id] = true;
      nc_vec_push(p->scratch, after, te);
    } else {
      nc_vec_push(p->scratch, p->order, te);
    }
  }
  p->phase1 = p->order.count;
  for (int i = 0; i < after.count; i++)
    nc_vec_push(p->scratch, p->order, after.items[i]);
}

// --- updates
// ---------------------------------------------------------------------------------------

static int variable_number(const Planner *p, const NcVariable *variable) {
  intptr_t number = (intptr_t)nc_map_get(&p->numbers, variable->name);
  assert(number > 0 && "a variable of another module");
  return (int)number - 1;
}

static void find_leaves(Planner *p) {
  const NcModule *m = p->graph->module;
  p->numbers = nc_map_create(p->scratch);
  for (int i = 0; i < m->variables.count; i++)
    nc_map_set(&p->numbers, m->variables.items[i]->name, (void *)(intptr_t)(i + 1));
  p->leaves = NC_NEW_ARRAY(p->scratch, NcTe *, m->variables.count + 1);
  for (int i = 0; i < p->builder->tensors.count; i++) {
    NcTe *te = p->builder->tensors.items[i];
    if (te->kind == NC_TE_LEAF && te->node->variable)
      p->leaves[variable_number(p, te->node->variable)] = te;
  }
}

static NcTe *leaf_of_update(const Planner *p, int update) {
  return p->leaves[variable_number(p, p->graph->updates.items[update].variable)];
}

typedef struct Reading {
  Planner *planner;
  int call;
} Reading;

static void note_read(void *context, NcExpr *load) {
  Reading *r = context;
  r->planner->last_read[nc_te_storage_of(load->tensor)->id] = r->call;
}

static void find_last_reads(Planner *p) {
  p->last_read = NC_NEW_ARRAY(p->scratch, int, p->builder->next_id);
  for (int i = 0; i < p->builder->next_id; i++)
    p->last_read[i] = -1;
  for (int i = 0; i < p->order.count; i++) {
    Reading r = {p, i};
    nc_expr_loads(p->order.items[i]->body, note_read, &r);
    nc_expr_loads(p->order.items[i]->where, note_read, &r);
    nc_expr_loads(p->order.items[i]->finish, note_read, &r);
  }
}

typedef struct InPlace {
  const NcTe *leaf;
  NcAffine store;
  bool reads, elsewhere; // reads it; reads it at another address than it writes
} InPlace;

static void check_in_place(void *context, NcExpr *load) {
  InPlace *c = context;
  if (nc_te_storage_of(load->tensor) != c->leaf)
    return;
  c->reads = true;
  NcAffine address = nc_load_address(load);
  if (load->loaded || memcmp(&address, &c->store, sizeof address) != 0)
    c->elsewhere = true;
}

static InPlace how_read(const NcTe *te, const NcTe *leaf) {
  InPlace c = {.leaf = leaf, .store = nc_store_address(te)};
  nc_expr_loads(te->body, check_in_place, &c);
  nc_expr_loads(te->where, check_in_place, &c);
  nc_expr_loads(te->finish, check_in_place, &c);
  return c;
}

// Whether the update's call, number `at`, may write over the variable itself.
static bool can_overwrite(Planner *p, int at, const NcTe *leaf) {
  const NcTe *te = p->order.items[at];
  if (te->layout || te->partial)
    return false;
  if (!leaf)
    return true;
  InPlace own = how_read(te, leaf);
  if (own.reads && (own.elsewhere || te->reduce != NC_REDUCE_NONE))
    return false;
  return p->last_read[leaf->id] <= at;
}

static NcTe *add_copy(Planner *p, NcTe *te) {
  p->builder->node = te->node;
  NcTe *copy = nc_te_compute(p->builder, te->type);
  copy->role = "copy";
  NcAffine index[NC_MAX_RANK];
  for (int d = 0; d < te->type.rank; d++)
    index[d] = nc_affine_axis(d);
  copy->body = nc_x_load(p->builder, te, index);
  nc_vec_push(p->scratch, p->order, copy);
  return copy;
}

// The tensor that writes each update's variable: the update's own, or a copy of it at the end.
static NcTe **settle_updates(Planner *p) {
  int count = p->graph->updates.count, ids = p->builder->next_id;
  NcTe **writers = NC_NEW_ARRAY(p->scratch, NcTe *, count + 1);
  int *call = NC_NEW_ARRAY(p->scratch, int, ids);
  for (int i = 0; i < p->order.count; i++)
    call[p->order.items[i]->id] = i;
  for (int i = 0; i < count; i++) {
    NcTe *te = p->tensors->updates[i];
    writers[i] = can_overwrite(p, call[te->id], leaf_of_update(p, i)) ? te : NULL;
  }
  for (int i = 0; i < count; i++)
    if (!writers[i])
      writers[i] = add_copy(p, p->tensors->updates[i]);
  return writers;
}

// --- memory
// -----------------------------------------------------------------------------------------

static NcPlace leaf_place(const Planner *p, const NcTe *te) {
  if (te->node->variable)
    return (NcPlace){.kind = NC_PLACE_VARIABLE, .number = variable_number(p, te->node->variable)};
  NcPlace place = {.kind = NC_PLACE_INPUT};
  for (int i = 0; i < p->graph->inputs.count; i++)
    if (p->graph->inputs.items[i] == te->node)
      place.number = i;
  return place;
}

// What writes a variable has its storage there; views then follow their base.
static void choose_storage(Planner *p, NcTe **writers) {
  const NcTeBuilder *b = p->builder;
  for (int i = 0; i < b->tensors.count; i++) {
    NcTe *te = b->tensors.items[i];
    p->storage[te->id] = te;
    if (te->kind == NC_TE_LEAF)
      p->places[te->id] = leaf_place(p, te);
  }
  for (int i = 0; i < p->graph->updates.count; i++) {
    int number = variable_number(p, p->graph->updates.items[i].variable), id = writers[i]->id;
    if (p->leaves[number])
      p->storage[id] = p->leaves[number];
    else
      p->places[id] = (NcPlace){.kind = NC_PLACE_VARIABLE, .number = number};
  }
  for (int i = 0; i < b->tensors.count; i++)
    if (b->tensors.items[i]->kind == NC_TE_VIEW)
      p->storage[b->tensors.items[i]->id] = p->storage[b->tensors.items[i]->base->id];
}

typedef struct Life {
  Planner *planner;
  int call;
} Life;

static void extend_life(void *context, NcExpr *load) {
  Life *life = context;
  Planner *p = life->planner;
  int id = p->storage[load->tensor->id]->id;
  if (p->last[id] < life->call)
    p->last[id] = life->call;
}

static void find_lives(Planner *p) {
  for (int i = 0; i < p->order.count; i++) {
    NcTe *te = p->order.items[i];
    int id = p->storage[te->id]->id;
    p->first[id] = i;
    p->last[id] = p->result[te->id] ? FOREVER : i;
  }
  for (int i = 0; i < p->order.count; i++) {
    NcTe *te = p->order.items[i];
    Life life = {p, i};
    nc_expr_loads(te->body, extend_life, &life);
    nc_expr_loads(te->where, extend_life, &life);
    nc_expr_loads(te->finish, extend_life, &life);
  }
}

static int64_t align(int64_t bytes) { return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

static NcPlaced measure(const Planner *p, NcTe *te) {
  NcDim size = nc_te_storage(te);
  int64_t bytes = (int64_t)nc_dtype_size(te->type.dtype);
  NcPlaced placed = {.te = te, .first = p->first[te->id], .last = p->last[te->id]};
  placed.persistent = te->layout || te->partial;
  if (size.n)
    placed.sample_bytes = align((size.n + size.c) * bytes);
  else
    placed.fixed_bytes = align(size.c * bytes);
  return placed;
}

static bool overlap_in_time(const NcPlaced *a, const NcPlaced *b) {
  return a->persistent || b->persistent || (a->first <= b->last && b->first <= a->last);
}

static int64_t size_of(const NcPlaced *x) { return x->sample_bytes + x->fixed_bytes; }

static int64_t offset_of(const NcPlaced *x) { return x->place.sample + x->place.fixed; }

// The lowest offset at which `item` meets none of those placed before it in its space.
static int64_t first_fit(const NcPlan *plan, int before, const NcPlaced *item, const int *order) {
  int64_t offset = 0;
  for (bool moved = true; moved;) {
    moved = false;
    for (int i = 0; i < before; i++) {
      const NcPlaced *other = &plan->placed.items[order[i]];
      if ((other->sample_bytes > 0) != (item->sample_bytes > 0) || !overlap_in_time(other, item))
        continue;
      int64_t start = offset_of(other), end = start + size_of(other);
      if (offset < end && start < offset + size_of(item)) {
        offset = end;
        moved = true;
      }
    }
  }
  return offset;
}

// Largest first, ties by number: a deterministic order.
static int *by_size(Planner *p) {
  NcPlan *plan = p->plan;
  int *order = NC_NEW_ARRAY(p->scratch, int, plan->placed.count + 1);
  for (int i = 0; i < plan->placed.count; i++) {
    int at = i;
    for (; at > 0 && size_of(&plan->placed.items[order[at - 1]]) < size_of(&plan->placed.items[i]);
         at--)
      order[at] = order[at - 1];
    order[at] = i;
  }
  return order;
}

static void place_in_arena(Planner *p) {
  NcPlan *plan = p->plan;
  for (int i = 0; i < p->order.count; i++) {
    NcTe *te = p->order.items[i];
    if (p->storage[te->id] == te && p->places[te->id].kind == NC_PLACE_ARENA)
      nc_vec_push(p->arena, plan->placed, measure(p, te));
  }
  int *order = by_size(p);
  for (int i = 0; i < plan->placed.count; i++) {
    NcPlaced *item = &plan->placed.items[order[i]];
    int64_t offset = first_fit(plan, i, item, order), end = offset + size_of(item);
    if (item->sample_bytes) {
      item->place.sample = offset;
      plan->arena_sample = end > plan->arena_sample ? end : plan->arena_sample;
    } else {
      item->place.fixed = offset;
      plan->arena_fixed = end > plan->arena_fixed ? end : plan->arena_fixed;
    }
  }
  for (int i = 0; i < plan->placed.count; i++) {
    NcPlaced *item = &plan->placed.items[i];
    if (item->sample_bytes) // batched tensors lie behind the fixed ones
      item->place.fixed = plan->arena_fixed;
    p->places[item->te->id] = item->place;
  }
}

// --- calls
// ------------------------------------------------------------------------------------------

static NcCall kernel_call(Planner *p, const NcTe *te, NcScheduled s) {
  NcCall call = {
      .te = te, .kernel = s.kernel, .count = s.count, .place_count = s.kernel->buffers.count};
  call.places = NC_NEW_ARRAY(p->arena, NcPlace, call.place_count);
  for (int i = 0; i < call.place_count; i++)
    call.places[i] = p->places[s.buffers[i]->id];
  return call;
}

static NcCall gemm_call(Planner *p, const NcTe *te, NcGemm gemm) {
  NcCall call = {.te = te, .gemm = gemm, .place_count = 3};
  call.places = NC_NEW_ARRAY(p->arena, NcPlace, 3);
  call.places[0] = p->places[p->storage[te->id]->id];
  call.places[1] = p->places[p->storage[gemm.a->id]->id];
  call.places[2] = p->places[p->storage[gemm.b->id]->id];
  return call;
}

static void name_kernel(Planner *p, NcKernel *kernel, const NcTe *te) {
  const NcNode *node = te->node;
  const char *path = node->origin ? node->origin->path : NULL;
  const NcNode *source = te->source ? te->source : node;
  kernel->name = path ? nc_arena_printf(p->arena, "%s.%s", source->op->name, path)
                      : nc_arena_printf(p->arena, "%s.%d", source->op->name, node->id);
}

static void make_calls(Planner *p) {
  for (int i = 0; i < p->order.count; i++) {
    NcTe *te = p->order.items[i];
    NcCalls *calls = &p->plan->phases[i >= p->phase1];
    NcGemm gemm;
    if (p->target->blas && nc_te_is_gemm(te, &gemm)) {
      nc_vec_push(p->arena, *calls, gemm_call(p, te, gemm));
    } else {
      NcCall call = kernel_call(p, te, nc_schedule(p->builder, te, p->storage, p->target));
      name_kernel(p, call.kernel, te);
      nc_vec_push(p->arena, *calls, call);
    }
    bool filled = (te->layout && te->layout->fill != 0) || (te->partial && te->fill != 0);
    if (filled) {
      NcCall call = kernel_call(p, te, nc_schedule_fill(p->builder, te));
      call.kernel->name = nc_arena_printf(p->arena, "fill.%d", te->id);
      nc_vec_push(p->arena, p->plan->prepare, call);
    }
  }
}

static void find_results(Planner *p) {
  for (int i = 0; i < p->graph->results.count; i++)
    p->result[p->tensors->results[i]->id] = true;
}

static void report_results(Planner *p) {
  int count = p->graph->results.count;
  p->plan->results = NC_NEW_ARRAY(p->arena, NcPlace, count + 1);
  for (int i = 0; i < count; i++)
    p->plan->results[i] = p->places[p->storage[p->tensors->results[i]->id]->id];
}

NcPlan *nc_plan_graph(NcArena *arena, const NcGraph *graph, const NcTarget *target) {
  Planner p = {.arena = arena, .scratch = nc_arena_create(), .graph = graph, .target = target};
  p.plan = NC_NEW(arena, NcPlan);
  p.plan->graph = graph;
  p.tensors = p.plan->tensors = nc_lower_graph(arena, graph);
  p.builder = &p.tensors->builder;
  nc_fuse(p.tensors, target->blas);
  nc_layout(p.tensors);
  order_calls(&p);
  find_leaves(&p);
  find_last_reads(&p);
  NcTe **writers = settle_updates(&p);
  int ids = p.builder->next_id;
  p.storage = NC_NEW_ARRAY(p.scratch, NcTe *, ids);
  p.places = NC_NEW_ARRAY(p.scratch, NcPlace, ids);
  p.first = NC_NEW_ARRAY(p.scratch, int, ids);
  p.last = NC_NEW_ARRAY(p.scratch, int, ids);
  p.result = NC_NEW_ARRAY(p.scratch, bool, ids);
  choose_storage(&p, writers);
  find_results(&p);
  find_lives(&p);
  place_in_arena(&p);
  make_calls(&p);
  report_results(&p);
  nc_arena_destroy(p.scratch);
  return p.plan;
}
