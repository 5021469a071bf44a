// The order of a plan: which tensors are computed in which phase.
//
// Stages come from the classes of values (phases.c); what updates variables, and what reads an
// updated value, comes after everything else. What a stage computes once is cut into levels of
// tensors that do not depend on each other. A level with enough work is a phase of its own, whose
// calls workers share out; others join.
#include "kernel/expr.h"
#include "kernel/layout.h"
#include "kernel/nest.h"
#include "kernel/planner.h"

#define SUPPOSED_BATCH 64
// Cycles from which sharing the work of a level is worth waking the other workers.
#define WORTH_SHARING 40000.0

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

void nc_plan_stages(NcPlanner *p) {
  const bool *late = find_late(p);
  p->stage = NC_NEW_ARRAY(p->scratch, int, p->builder->next_id);
  for (int i = 0; i < p->builder->next_id; i++)
    p->stage[i] = p->phases.stages[i] + (late[i] ? p->phases.stage_count : 0);
}

static void push_phase(NcPlanner *p, int first, bool chunked, bool shared) {
  for (int i = first; i < p->order.count; i++)
    p->phase[i] = p->plan->phases.count;
  NcPhase phase = {.chunked = chunked, .pieces = shared ? 2 : 1}; // how many, calls will tell
  nc_vec_push(p->arena, p->plan->phases, phase);
}

// Levels of the tensors from number `first` of the order on.
typedef struct Levels {
  NcPlanner *planner;
  NcTe **leaves;   // see nc_plan_leaves
  int *level;      // by id: counted from 1; 0 for tensors of other phases
  int *last_read;  // by id of a leaf: the last level that reads it
  int least, most; // of the tensor at work; of all
} Levels;

static void wait_for(void *context, NcExpr *load) {
  Levels *l = context;
  int level = l->level[nc_te_storage_of(load->tensor)->id];
  if (level >= l->least)
    l->least = level + 1;
}

static void note_read(void *context, NcExpr *load) {
  Levels *l = context;
  int id = nc_te_storage_of(load->tensor)->id;
  if (l->last_read[id] < l->least)
    l->last_read[id] = l->least;
}

// A variable may be overwritten once all that is ordered before has read it.
static void set_level(Levels *l, const NcTe *lead) {
  l->least = 1;
  nc_siblings_loads(lead, wait_for, l);
  for (const NcTe *te = lead; te; te = te->next) {
    const NcTe *leaf = l->leaves[te->id];
    if (leaf && l->last_read[leaf->id] >= l->least)
      l->least = l->last_read[leaf->id] + 1;
  }
  for (const NcTe *te = lead; te; te = te->next)
    l->level[te->id] = l->least;
  nc_siblings_loads(lead, note_read, l);
  l->most = l->least > l->most ? l->least : l->most;
}

// Adds the tensors of a level to the order; their cycles.
static double push_level(NcPlanner *p, const NcTes *tensors) {
  double cycles = 0;
  for (int i = 0; i < tensors->count; i++) {
    nc_vec_push(p->scratch, p->order, tensors->items[i]);
    cycles += nc_te_cycles(tensors->items[i], SUPPOSED_BATCH);
  }
  return cycles;
}

static void push_levels(NcPlanner *p, const NcTes *tensors) {
  int ids = p->builder->next_id;
  Levels l = {.planner = p, .leaves = nc_plan_leaves(p)};
  l.level = NC_NEW_ARRAY(p->scratch, int, ids);
  l.last_read = NC_NEW_ARRAY(p->scratch, int, ids);
  for (int i = 0; i < tensors->count; i++)
    set_level(&l, tensors->items[i]);
  NcTes *levels = NC_NEW_ARRAY(p->scratch, NcTes, l.most + 1);
  for (int i = 0; i < tensors->count; i++)
    nc_vec_push(p->scratch, levels[l.level[tensors->items[i]->id]], tensors->items[i]);
  int first = p->order.count; // of the levels that are too small to share
  for (int level = 1; level <= l.most; level++) {
    int begin = p->order.count;
    if (push_level(p, &levels[level]) < WORTH_SHARING)
      continue;
    if (first < begin) {
      int end = p->order.count;
      p->order.count = begin;
      push_phase(p, first, false, false);
      p->order.count = end;
    }
    push_phase(p, begin, false, true);
    first = p->order.count;
  }
  if (first < p->order.count)
    push_phase(p, first, false, false);
}

static void push_tensors(NcPlanner *p, const NcTes *tensors, bool chunked) {
  if (tensors->count == 0)
    return;
  if (!chunked) {
    push_levels(p, tensors);
    return;
  }
  int first = p->order.count;
  for (int i = 0; i < tensors->count; i++)
    nc_vec_push(p->scratch, p->order, tensors->items[i]);
  push_phase(p, first, true, false);
}

// By stage, what is computed once comes before what is computed chunk by chunk.
void nc_plan_order(NcPlanner *p) {
  int kinds = 4 * p->phases.stage_count;
  NcTes *tensors = NC_NEW_ARRAY(p->scratch, NcTes, kinds + 1);
  for (int i = 0; i < p->builder->tensors.count; i++) {
    NcTe *te = p->builder->tensors.items[i];
    bool chunked = nc_class_is_chunked(p->phases.classes[te->id]);
    if (te->kind == NC_TE_COMPUTE && te == te->lead)
      nc_vec_push(p->scratch, tensors[2 * p->stage[te->id] + chunked], te);
  }
  // Copies for updates, one each at most, are appended later.
  int most = p->builder->tensors.count + p->graph->updates.count + 1;
  p->phase = NC_NEW_ARRAY(p->scratch, int, most);
  for (int i = 0; i < kinds; i++) {
    if (i == kinds / 2)
      p->plan->update_phase = p->plan->phases.count;
    push_tensors(p, &tensors[i], i % 2);
  }
}
