// The memory plan: lives, sizes, and first fit.
#include "kernel/expr.h"
#include "kernel/layout.h"
#include "kernel/planner.h"

#include <stdlib.h>

#define ALIGNMENT 64
#define FOREVER INT32_MAX

typedef struct Life {
  NcPlanner *planner;
  int call;
} Life;

// Calls of a chunked phase run again for the next chunk, those of a shared one at the same time:
// what they use lives through the whole phase, but for values that every chunk has its own of.
static bool runs_together(const NcPlanner *p, int call) {
  const NcPhase *phase = &p->plan->phases.items[p->phase[call]];
  return phase->chunked || phase->pieces > 1;
}

static int phase_end(const NcPlanner *p, int call) {
  while (runs_together(p, call) && call + 1 < p->order.count &&
         p->phase[call + 1] == p->phase[call])
    call++;
  return call;
}

static int phase_start(const NcPlanner *p, int call) {
  while (runs_together(p, call) && call > 0 && p->phase[call - 1] == p->phase[call])
    call--;
  return call;
}

// Of what lives in a worker's memory: the calls of a run go on for the next sample, so that the
// rows of a chunk that one of them uses live through the run.
static int run_end(const NcPlanner *p, int id, int call) {
  while (!p->one[id] && p->run[call] >= 0 && call + 1 < p->order.count &&
         p->run[call + 1] == p->run[call])
    call++;
  return call;
}

static int run_start(const NcPlanner *p, int id, int call) {
  while (!p->one[id] && p->run[call] >= 0 && call > 0 && p->run[call - 1] == p->run[call])
    call--;
  return call;
}

static void extend_life(void *context, NcExpr *load) {
  Life *life = context;
  NcPlanner *p = life->planner;
  int id = p->storage[load->tensor->id]->id;
  int end = p->local[id] ? run_end(p, id, life->call) : phase_end(p, life->call);
  if (p->last[id] < end)
    p->last[id] = end;
}

static void begin_life(NcPlanner *p, const NcTe *te, int call) {
  int id = p->storage[te->id]->id;
  bool local = p->local[id];
  p->first[id] = local ? run_start(p, id, call) : phase_start(p, call);
  p->last[id] = p->result[te->id] ? FOREVER : local ? run_end(p, id, call) : phase_end(p, call);
}

static void find_lives(NcPlanner *p) {
  for (int i = 0; i < p->order.count; i++)
    for (const NcTe *te = p->order.items[i]; te; te = te->next)
      begin_life(p, te, i);
  for (int i = 0; i < p->order.count; i++) {
    Life life = {p, i};
    nc_siblings_loads(p->order.items[i], extend_life, &life);
  }
}

typedef struct Use {
  NcPlanner *planner;
  int call;
} Use;

static void check_use(void *context, NcExpr *load) {
  Use *u = context;
  NcTe *root = u->planner->storage[load->tensor->id];
  int made = u->planner->first[root->id];
  if (made < 0 || u->planner->phase[made] != u->planner->phase[u->call])
    u->planner->local[root->id] = false;
  if (made < 0 || u->planner->run[made] != u->planner->run[u->call])
    u->planner->one[root->id] = false;
}

static void suppose_local(NcPlanner *p, const NcTe *te, int call) {
  bool sample = p->phases.classes[te->id] == NC_CLASS_SAMPLE;
  p->local[te->id] = sample && p->plan->phases.items[p->phase[call]].chunked &&
                     !p->result[te->id] && p->storage[te->id] == te &&
                     p->places[te->id].kind == NC_PLACE_ARENA;
  p->one[te->id] = p->local[te->id] && p->run[call] >= 0;
  p->first[p->storage[te->id]->id] = call;
}

// A per-sample value is local if only its own phase uses it, and one sample at a time if only its
// own run does. (Uses `first` to note where each is made.)
static void find_local(NcPlanner *p) {
  for (int i = 0; i < p->capacity; i++)
    p->first[i] = -1;
  for (int i = 0; i < p->order.count; i++)
    for (const NcTe *te = p->order.items[i]; te; te = te->next)
      suppose_local(p, te, i);
  for (int i = 0; i < p->order.count; i++) {
    Use u = {p, i};
    nc_siblings_loads(p->order.items[i], check_use, &u);
  }
}

static int64_t align(int64_t bytes) { return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

static NcPlaced measure(const NcPlanner *p, NcTe *te) {
  NcDim size = nc_te_storage(te);
  int64_t bytes = (int64_t)nc_dtype_size(te->type.dtype);
  bool slots = p->phases.classes[te->id] == NC_CLASS_REDUCED;
  NcPlaced placed = {.te = te, .first = p->first[te->id], .last = p->last[te->id]};
  bool kept = p->phase[placed.first] < p->plan->kept;
  placed.persistent = kept || (!slots && nc_te_has_fill(te));
  if (p->local[te->id]) {
    bool one = p->one[te->id];
    placed.place = (NcPlace){.kind = one ? NC_PLACE_ONE : NC_PLACE_LOCAL, .row = size.n * bytes};
    placed.fixed_bytes = align((one ? 1 : NC_CHUNK) * size.n * bytes);
  } else if (size.n) {
    placed.sample_bytes = align((size.n + size.c) * bytes);
  } else {
    placed.fixed_bytes = align(size.c * bytes);
  }
  if (slots)
    placed.place.row = size.c / p->target->slots * bytes;
  *(placed.sample_bytes ? &placed.sample_bytes : &placed.fixed_bytes) += p->target->gap;
  return placed;
}

static bool overlap_in_time(const NcPlaced *a, const NcPlaced *b) {
  return a->persistent || b->persistent || (a->first <= b->last && b->first <= a->last);
}

enum { SPACES = 3 };

// Tensors of one space are placed against each other: the worker's memory, the arena's fixed part,
// and its part by sample.
static int space_of(const NcPlaced *x) {
  return nc_place_is_local(x->place.kind) ? 2 : x->sample_bytes > 0;
}

static int64_t size_of(const NcPlaced *x) { return x->sample_bytes + x->fixed_bytes; }

static int64_t offset_of(const NcPlaced *x) { return x->place.sample + x->place.fixed; }

// What has been placed in a space, by offset.
typedef NC_VEC(const NcPlaced *) Space;

// The lowest offset at which `item` meets none of its space.
static int64_t first_fit(const Space *space, const NcPlaced *item) {
  int64_t offset = 0;
  for (int i = 0; i < space->count; i++) {
    const NcPlaced *other = space->items[i];
    int64_t start = offset_of(other), end = start + size_of(other);
    if (start >= offset + size_of(item))
      break;
    if (end > offset && overlap_in_time(other, item))
      offset = end;
  }
  return offset;
}

static void add_to_space(NcPlanner *p, Space *space, const NcPlaced *item) {
  nc_vec_push(p->scratch, *space, item);
  int at = space->count - 1;
  for (; at > 0 && offset_of(space->items[at - 1]) > offset_of(item); at--)
    space->items[at] = space->items[at - 1];
  space->items[at] = item;
}

// Largest first, ties by number: a deterministic order.
static int by_size(const void *a, const void *b) {
  const NcPlaced *x = *(NcPlaced *const *)a, *y = *(NcPlaced *const *)b;
  int64_t difference = size_of(y) - size_of(x);
  return difference ? (difference > 0) - (difference < 0) : (x > y) - (x < y);
}

static void place_item(NcPlan *plan, NcPlaced *item, int64_t offset) {
  int64_t end = offset + size_of(item);
  int64_t *const ends[] = {&plan->arena_fixed, &plan->arena_sample, &plan->local_bytes};
  int64_t *space_end = ends[space_of(item)];
  if (item->sample_bytes)
    item->place.sample = offset;
  else
    item->place.fixed = offset;
  if (end > *space_end)
    *space_end = end;
}

void nc_plan_memory(NcPlanner *p) {
  NcPlan *plan = p->plan;
  find_local(p);
  find_lives(p);
  for (int i = 0; i < p->order.count; i++)
    for (NcTe *te = p->order.items[i]; te; te = te->next)
      if (!te->inner && p->storage[te->id] == te && p->places[te->id].kind == NC_PLACE_ARENA)
        nc_vec_push(p->arena, plan->placed, measure(p, te));
  NcPlaced **order = NC_NEW_ARRAY(p->scratch, NcPlaced *, plan->placed.count + 1);
  for (int i = 0; i < plan->placed.count; i++)
    order[i] = &plan->placed.items[i];
  qsort(order, (size_t)plan->placed.count, sizeof *order, by_size);
  Space spaces[SPACES] = {0};
  for (int i = 0; i < plan->placed.count; i++) {
    Space *space = &spaces[space_of(order[i])];
    place_item(plan, order[i], first_fit(space, order[i]));
    add_to_space(p, space, order[i]);
  }
  for (int i = 0; i < plan->placed.count; i++) {
    NcPlaced *item = &plan->placed.items[i];
    if (item->sample_bytes) // batched tensors lie behind the fixed ones
      item->place.fixed = plan->arena_fixed;
    p->places[item->te->id] = item->place;
  }
}
