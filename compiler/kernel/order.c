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

static bool is_chunked(const NcPlanner *p, const NcTe *te) {
  NcClass class = p->phases.classes[te->id];
  return class == NC_CLASS_SAMPLE || class == NC_CLASS_REDUCED;
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
static void set_level(Levels *l, const NcTe *te) {
  l->least = 1;
  nc_te_loads(te, wait_for, l);
  const NcTe *leaf = l->leaves[te->id];
  if (leaf && l->last_read[leaf->id] >= l->least)
    l->least = l->last_read[leaf->id] + 1;
  l->level[te->id] = l->least;
  nc_te_loads(te, note_read, l);
  l->most = l->least > l->most ? l->least : l->most;
}

// Adds the tensors of one level to the order; their cycles.
static double push_level(Levels *l, const NcTes *tensors, int level) {
  NcPlanner *p = l->planner;
  double cycles = 0;
  for (int i = 0; i < tensors->count; i++) {
    if (l->level[tensors->items[i]->id] != level)
      continue;
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
  int first = p->order.count; // of the levels that are too small to share
  for (int level = 1; level <= l.most; level++) {
    int begin = p->order.count;
    if (push_level(&l, tensors, level) < WORTH_SHARING)
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

// Adds what is of the stage and kind given; nothing if there is nothing.
static void push_stage(NcPlanner *p, const bool *late, bool of_late, int stage, bool chunked) {
  NcTes tensors = {0};
  for (int i = 0; i < p->builder->tensors.count; i++) {
    NcTe *te = p->builder->tensors.items[i];
    if (te->kind == NC_TE_COMPUTE && late[te->id] == of_late && p->phases.stages[te->id] == stage &&
        is_chunked(p, te) == chunked)
      nc_vec_push(p->scratch, tensors, te);
  }
  if (tensors.count == 0)
    return;
  if (!chunked) {
    push_levels(p, &tensors);
    return;
  }
  int first = p->order.count;
  for (int i = 0; i < tensors.count; i++)
    nc_vec_push(p->scratch, p->order, tensors.items[i]);
  push_phase(p, first, true, false);
}

void nc_plan_order(NcPlanner *p) {
  const bool *late = find_late(p);
  // Copies for updates, one each at most, are appended later.
  int most = p->builder->tensors.count + p->graph->updates.count + 1;
  p->phase = NC_NEW_ARRAY(p->scratch, int, most);
  for (int of_late = 0; of_late < 2; of_late++) {
    for (int stage = 0; stage < p->phases.stage_count; stage++) {
      push_stage(p, late, of_late, stage, false);
      push_stage(p, late, of_late, stage, true);
    }
    if (!of_late)
      p->plan->update_phase = p->plan->phases.count;
  }
}
