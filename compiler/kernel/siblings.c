// Siblings: maps over the same elements that one kernel computes.
//
// Maps are joined that read the same operand where they are, or one of which reads there what
// another gives: what several read is loaded once, and what only they read is never stored. So all
// of an optimizer goes over memory once.
//
// Between siblings nothing may stand that needs one of them and that another needs. Levels tell:
// that of a kernel is above those of all that it reads, and below those of all that read it.
// Kernels that are joined get the higher level, if all readers of both are above it.
#include "kernel/expr.h"
#include "kernel/layout.h"
#include "kernel/planner.h"

#include <limits.h>

#define MAX_NODES 240    // of their expressions
#define MAX_CANDIDATES 8 // kernels that a map is tried with
#define MAX_OPERANDS 16  // of a map that are looked at
#define LATEST_READERS 4 // of an operand that are looked at
// Tensors that may stand between siblings of a chunk: what is computed long before it is needed
// takes memory until then.
#define MAX_DISTANCE 16

// A kernel to be: of one tensor, or of siblings.
typedef struct Unit {
  NcTe *tes[NC_MAX_SIBLINGS];
  int count, nodes;
  int level;
  int reader; // the least level of those that read it
  int at;     // number of its last tensor
} Unit;

typedef struct Joiner {
  NcPlanner *planner;
  NcArena *scratch;
  Unit **units;   // by id, of tensors that have been looked at
  NcTes *readers; // by id of what is in memory: the tensors that load it
  NcTes *here;    // by id: the maps that read it where they are
  NcTe **leaves;  // see nc_plan_leaves
  bool *root;     // by id: a result or an update
  bool *result;   // by id
  int at;         // number of the tensor at work
} Joiner;

static int id_of(const NcExpr *load) { return nc_te_storage_of(load->tensor)->id; }

// ---- what is known before

typedef struct Reading {
  Joiner *joiner;
  NcTe *te;
} Reading;

static void note_reader(void *context, NcExpr *load) {
  const Reading *r = context;
  NcTes *list = &r->joiner->readers[id_of(load)];
  if (!list->count || list->items[list->count - 1] != r->te)
    nc_vec_push(r->joiner->scratch, *list, r->te);
}

static Joiner look_at_graph(NcPlanner *p) {
  int ids = p->builder->next_id;
  Joiner j = {.planner = p, .scratch = p->scratch, .leaves = nc_plan_leaves(p)};
  j.units = NC_NEW_ARRAY(p->scratch, Unit *, ids);
  j.readers = NC_NEW_ARRAY(p->scratch, NcTes, ids);
  j.here = NC_NEW_ARRAY(p->scratch, NcTes, ids);
  j.root = NC_NEW_ARRAY(p->scratch, bool, ids);
  j.result = NC_NEW_ARRAY(p->scratch, bool, ids);
  for (int i = 0; i < p->graph->results.count; i++)
    j.root[p->tensors->results[i]->id] = j.result[p->tensors->results[i]->id] = true;
  for (int i = 0; i < p->graph->updates.count; i++)
    j.root[p->tensors->updates[i]->id] = true;
  for (int i = 0; i < p->builder->tensors.count; i++) {
    Reading r = {&j, p->builder->tensors.items[i]};
    nc_te_loads(r.te, note_reader, &r);
  }
  return j;
}

// ---- sets of units that may become one

typedef struct Set {
  Joiner *joiner;
  Unit *units[MAX_CANDIDATES + 1]; // the first is that of the map at work
  int count;
  int level, stage;
} Set;

static bool is_in_set(const Set *set, const Unit *unit) {
  for (int i = 0; i < set->count; i++)
    if (set->units[i] == unit)
      return true;
  return false;
}

static void drop(Set *set, int number) { set->units[number] = set->units[--set->count]; }

static bool is_read_from(const Joiner *j, const NcTe *te, int stage) {
  const NcTes *readers = &j->readers[te->id];
  for (int i = 0; i < readers->count; i++)
    if (j->planner->stage[readers->items[i]->id] < stage)
      return false;
  return true;
}

// Whether a unit can be computed in the stage of the set.
static bool can_wait(const Set *set, const Unit *unit) {
  const Joiner *j = set->joiner;
  const NcTe *first = unit->tes[0];
  bool ready = j->planner->stage[first->id] == set->stage,
       can = !nc_class_is_chunked(j->planner->phases.classes[first->id]);
  for (int i = 0; i < unit->count && !ready && can; i++)
    can = !j->result[unit->tes[i]->id] && is_read_from(j, unit->tes[i], set->stage);
  return ready || can;
}

typedef struct Here {
  const NcTe *reader, *read; // of a load of the second
  bool all;
} Here;

static void check_here(void *context, NcExpr *load) {
  Here *h = context;
  if (nc_te_storage_of(load->tensor) == h->read &&
      (load->tensor != h->read || !nc_load_is_here(load, h->reader)))
    h->all = false;
}

static bool reads_only_here(const NcTe *reader, const NcTe *read) {
  Here h = {reader, read, true};
  nc_te_loads(reader, check_here, &h);
  return h.all;
}

// The readers of the variable that a tensor is the new value of.
static const NcTes *readers_before(const Joiner *j, const NcTe *te) {
  static const NcTes none = {0};
  const NcTe *leaf = j->leaves[te->id];
  return leaf ? &j->readers[leaf->id] : &none;
}

// A variable that a sibling overwrites is read by the others before, where they are; and by all
// else in an earlier kernel.
static bool can_overwrite(const Set *set, const NcTe *te) {
  const Joiner *j = set->joiner;
  const NcTes *readers = readers_before(j, te);
  for (int i = 0; i < readers->count; i++) {
    const Unit *unit = j->units[readers->items[i]->id];
    if (!unit || (is_in_set(set, unit) && !reads_only_here(readers->items[i], j->leaves[te->id])))
      return false;
  }
  return true;
}

static bool can_overwrite_all(const Set *set) {
  for (int i = 0; i < set->count; i++)
    for (int k = 0; k < set->units[i]->count; k++)
      if (!can_overwrite(set, set->units[i]->tes[k]))
        return false;
  return true;
}

static void come_after(Set *set, const Unit *unit) {
  if (unit && !is_in_set(set, unit) && unit->level >= set->level)
    set->level = unit->level + 1;
}

static void come_after_load(void *context, NcExpr *load) {
  Set *set = context;
  come_after(set, set->joiner->units[id_of(load)]);
}

// Level and stage of the set as one unit.
static void measure(Set *set) {
  const Joiner *j = set->joiner;
  const NcTe *map = set->units[0]->tes[0];
  const NcTes *readers = readers_before(j, map);
  set->level = set->stage = 0;
  nc_te_loads(map, come_after_load, set);
  for (int i = 0; i < readers->count; i++)
    come_after(set, j->units[readers->items[i]->id]);
  for (int i = 0; i < set->count; i++) {
    const Unit *unit = set->units[i];
    int stage = j->planner->stage[unit->tes[0]->id]; // siblings have one
    set->stage = stage > set->stage ? stage : set->stage;
    if (i > 0 && unit->level > set->level)
      set->level = unit->level;
  }
}

// A unit of the last stage, not the first unit.
static int last_in_stage(const Set *set) {
  int last = 0;
  for (int i = 1; i < set->count; i++)
    if (set->joiner->planner->stage[set->units[i]->tes[0]->id] == set->stage)
      last = i;
  return last;
}

// The number of a unit that stands in the way; 0 if all do, -1 if none does.
static int find_obstacle(const Set *set) {
  int count = 0, nodes = 0;
  for (int i = 0; i < set->count; i++) {
    const Unit *unit = set->units[i];
    count += unit->count;
    nodes += unit->nodes;
    if (!can_wait(set, unit))
      return i ? i : last_in_stage(set);
    if (unit->reader <= set->level || count > NC_MAX_SIBLINGS || nodes > MAX_NODES)
      return i;
  }
  return can_overwrite_all(set) ? -1 : 0;
}

// ---- candidates

// What a map reads where it is.
typedef struct Operands {
  const NcTe *map;
  NcTe *items[MAX_OPERANDS];
  int count;
} Operands;

static void note_operand(void *context, NcExpr *load) {
  Operands *o = context;
  for (int i = 0; i < o->count; i++)
    if (o->items[i] == load->tensor)
      return;
  if (nc_load_is_here(load, o->map) && o->count < MAX_OPERANDS)
    o->items[o->count++] = load->tensor;
}

static Operands operands_of(const NcTe *map) {
  Operands o = {.map = map};
  nc_te_loads(map, note_operand, &o);
  return o;
}

static bool is_contiguous(const NcTe *te) {
  for (int d = 0; te->layout && d < te->type.rank; d++)
    if (te->layout->steps[d] != 1)
      return false;
  return true;
}

static bool can_join(const NcTe *te) {
  return nc_te_is_map(te) && !te->finish && !te->like && is_contiguous(te);
}

static bool reads_unit_here(const NcTe *te, const Unit *unit) {
  for (int i = 0; i < unit->count; i++)
    if (!reads_only_here(te, unit->tes[i]))
      return false;
  return true;
}

static void add_candidate(Set *set, Unit *unit) {
  const NcPlanner *p = set->joiner->planner;
  const NcTe *te = set->units[0]->tes[0];
  const NcTe *other = unit ? unit->tes[0] : NULL;
  if (!unit || is_in_set(set, unit) || set->count > MAX_CANDIDATES || !can_join(other) ||
      !nc_shape_equal(&te->type, &other->type) ||
      p->phases.classes[te->id] != p->phases.classes[other->id] || !reads_unit_here(te, unit))
    return;
  if (nc_class_is_chunked(p->phases.classes[te->id]) && set->joiner->at - unit->at > MAX_DISTANCE)
    return;
  set->units[set->count++] = unit;
}

// Those that give the map an operand, and those that read one too.
static void find_candidates(Set *set) {
  const Joiner *j = set->joiner;
  Operands operands = operands_of(set->units[0]->tes[0]);
  for (int i = 0; i < operands.count; i++) {
    int id = operands.items[i]->id;
    const NcTes *here = &j->here[id];
    add_candidate(set, j->units[id]);
    for (int k = here->count - 1; k >= 0 && k >= here->count - LATEST_READERS; k--)
      add_candidate(set, j->units[here->items[k]->id]);
  }
}

static void unite(Set *set) {
  Unit *unit = set->units[0];
  unit->level = set->level;
  for (int i = 1; i < set->count; i++) {
    const Unit *other = set->units[i];
    unit->nodes += other->nodes;
    unit->reader = other->reader < unit->reader ? other->reader : unit->reader;
    for (int k = 0; k < other->count; k++) {
      unit->tes[unit->count++] = other->tes[k];
      set->joiner->units[other->tes[k]->id] = unit;
    }
  }
  for (int i = 0; i < unit->count; i++)
    set->joiner->planner->stage[unit->tes[i]->id] = set->stage;
}

static void join(Joiner *j, Unit *unit) {
  Set set = {.joiner = j, .units = {unit}, .count = 1};
  find_candidates(&set);
  measure(&set);
  for (int bad; set.count > 1 && (bad = find_obstacle(&set)) >= 0; measure(&set)) {
    if (bad == 0)
      return;
    drop(&set, bad);
  }
  if (set.count > 1)
    unite(&set);
}

// ---- going through the graph

static void note_level(void *context, NcExpr *load) {
  const Reading *r = context;
  const Joiner *j = r->joiner;
  Unit *unit = j->units[id_of(load)];
  const Unit *own = j->units[r->te->id];
  if (unit && unit != own && own->level < unit->reader)
    unit->reader = own->level;
}

static void visit(Joiner *j, NcTe *te) {
  Unit *unit = NC_NEW(j->scratch, Unit);
  *unit = (Unit){.tes = {te}, .count = 1, .reader = INT_MAX, .at = j->at};
  unit->nodes = nc_expr_size(te->body) + nc_expr_size(te->finish);
  j->units[te->id] = unit;
  Set alone = {.joiner = j, .units = {unit}, .count = 1};
  measure(&alone);
  unit->level = alone.level;
  if (can_join(te))
    join(j, unit);
  Reading r = {j, te};
  nc_te_loads(te, note_level, &r);
  Operands operands = operands_of(te);
  for (int i = 0; i < operands.count; i++)
    nc_vec_push(j->scratch, j->here[operands.items[i]->id], te);
}

static bool only_siblings_read(const Joiner *j, const NcTe *te) {
  const NcTes *readers = &j->readers[te->id];
  for (int i = 0; i < readers->count; i++)
    if (j->units[readers->items[i]->id] != j->units[te->id])
      return false;
  return !j->root[te->id];
}

// Links siblings in the order of the graph.
static void link_siblings(Joiner *j) {
  const NcTeBuilder *b = j->planner->builder;
  NcTe **last = NC_NEW_ARRAY(j->scratch, NcTe *, b->next_id); // by id of a unit's first tensor
  for (int i = 0; i < b->tensors.count; i++) {
    NcTe *te = b->tensors.items[i];
    const Unit *unit = j->units[te->id];
    if (!unit || unit->count == 1)
      continue;
    NcTe **end = &last[unit->tes[0]->id];
    if (*end) {
      te->lead = (*end)->lead;
      (*end)->next = te;
    }
    *end = te;
    te->inner = only_siblings_read(j, te);
  }
}

// ---- the order of the graph, siblings together

typedef struct Sorting {
  Joiner *joiner;
  bool *placed; // by id of a lead
  NcTe *missing;
} Sorting;

static void find_missing(void *context, NcExpr *load) {
  Sorting *s = context;
  const NcTe *te = nc_te_storage_of(load->tensor);
  if (te->kind == NC_TE_COMPUTE && !s->placed[te->lead->id])
    s->missing = te->lead;
}

// What reads a variable comes before what overwrites it, if it can.
static void find_missing_readers(Sorting *s, const NcTe *te) {
  const Joiner *j = s->joiner;
  const NcTes *readers = readers_before(j, te);
  for (int i = 0; i < readers->count; i++) {
    NcTe *reader = readers->items[i]->lead;
    if (j->units[reader->id]->level < j->units[te->id]->level && !s->placed[reader->id])
      s->missing = reader;
  }
}

// A tensor that has to be computed before and is not in its place yet, or NULL.
static NcTe *missing_of(Sorting *s, const NcTe *lead) {
  s->missing = NULL;
  nc_siblings_loads(lead, find_missing, s);
  for (const NcTe *te = lead; te; te = te->next)
    find_missing_readers(s, te);
  return s->missing;
}

static void place(Sorting *s, NcTes *order, NcTes *stack, NcTe *lead) {
  nc_vec_push(s->joiner->scratch, *stack, lead);
  while (stack->count > 0) {
    NcTe *top = stack->items[stack->count - 1], *missing = missing_of(s, top);
    if (missing) {
      nc_vec_push(s->joiner->scratch, *stack, missing);
      continue;
    }
    stack->count--;
    for (NcTe *te = s->placed[top->id] ? NULL : top; te; te = te->next)
      nc_vec_push(s->joiner->scratch, *order, te);
    s->placed[top->id] = true;
  }
}

static void sort(Joiner *j) {
  NcTeBuilder *b = j->planner->builder;
  Sorting s = {.joiner = j, .placed = NC_NEW_ARRAY(j->scratch, bool, b->next_id)};
  NcTes order = {0}, stack = {0};
  for (int i = 0; i < b->tensors.count; i++) {
    NcTe *te = b->tensors.items[i];
    if (te->kind != NC_TE_COMPUTE)
      nc_vec_push(j->scratch, order, te);
    else if (!s.placed[te->lead->id])
      place(&s, &order, &stack, te->lead);
  }
  for (int i = 0; i < order.count; i++)
    b->tensors.items[i] = order.items[i];
}

void nc_plan_siblings(NcPlanner *p) {
  Joiner j = look_at_graph(p);
  for (j.at = 0; j.at < p->builder->tensors.count; j.at++)
    if (p->builder->tensors.items[j.at]->kind == NC_TE_COMPUTE)
      visit(&j, p->builder->tensors.items[j.at]);
  link_siblings(&j);
  sort(&j);
}
