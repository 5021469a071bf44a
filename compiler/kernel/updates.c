// Updates of variables: in place where no later kernel reads the old value, else by a copy at the
// end.
#include "base/map.h"
#include "kernel/expr.h"
#include "kernel/layout.h"
#include "kernel/planner.h"

#include <assert.h>
#include <string.h>

// What is known of the module's variables in this graph.
typedef struct Variables {
  NcPlanner *planner;
  NcMap numbers;  // by name, counted from 1
  NcTe **leaves;  // by number; NULL: not read
  int *last_read; // by id of a leaf: the last call that reads it, or -1
  int call;       // being looked at
} Variables;

static int variable_number(const Variables *v, const NcVariable *variable) {
  intptr_t number = (intptr_t)nc_map_get(&v->numbers, variable->name);
  assert(number > 0 && "a variable of another module");
  return (int)number - 1;
}

static void find_leaves(Variables *v) {
  const NcPlanner *p = v->planner;
  const NcModule *m = p->graph->module;
  v->numbers = nc_map_create(p->scratch);
  for (int i = 0; i < m->variables.count; i++)
    nc_map_set(&v->numbers, m->variables.items[i]->name, (void *)(intptr_t)(i + 1));
  v->leaves = NC_NEW_ARRAY(p->scratch, NcTe *, m->variables.count + 1);
  for (int i = 0; i < p->builder->tensors.count; i++) {
    NcTe *te = p->builder->tensors.items[i];
    if (te->kind == NC_TE_LEAF && te->node->variable)
      v->leaves[variable_number(v, te->node->variable)] = te;
  }
}

static NcTe *leaf_of_update(const Variables *v, int update) {
  return v->leaves[variable_number(v, v->planner->graph->updates.items[update].variable)];
}

NcTe **nc_plan_leaves(NcPlanner *p) {
  Variables v = {.planner = p};
  find_leaves(&v);
  NcTe **leaves = NC_NEW_ARRAY(p->scratch, NcTe *, p->builder->next_id);
  for (int i = 0; i < p->graph->updates.count; i++)
    leaves[p->tensors->updates[i]->id] = leaf_of_update(&v, i);
  return leaves;
}

static void note_read(void *context, NcExpr *load) {
  Variables *v = context;
  v->last_read[nc_te_storage_of(load->tensor)->id] = v->call;
}

static void find_last_reads(Variables *v) {
  NcPlanner *p = v->planner;
  v->last_read = NC_NEW_ARRAY(p->scratch, int, p->builder->next_id);
  for (int i = 0; i < p->builder->next_id; i++)
    v->last_read[i] = -1;
  for (v->call = 0; v->call < p->order.count; v->call++)
    nc_siblings_loads(p->order.items[v->call], note_read, v);
}

static Variables look_at_variables(NcPlanner *p) {
  Variables v = {.planner = p};
  find_leaves(&v);
  return v;
}

typedef struct InPlace {
  const NcTe *leaf;
  NcAffine store;
  bool reads, elsewhere; // the call reads it; at another address than it writes
} InPlace;

static void check_in_place(void *context, NcExpr *load) {
  InPlace *c = context;
  if (nc_te_storage_of(load->tensor) != c->leaf)
    return;
  c->reads = true;
  NcAffine address = nc_load_address(load);
  if (load->loaded[0] || memcmp(&address, &c->store, sizeof address) != 0)
    c->elsewhere = true;
}

static InPlace how_read(const NcTe *te, const NcTe *leaf) {
  InPlace c = {.leaf = leaf, .store = nc_store_address(te)};
  nc_siblings_loads(te->lead, check_in_place, &c);
  return c;
}

// Whether the update's call, number `at`, may write over the variable itself.
static bool can_overwrite(const Variables *v, const NcTe *te, int at, const NcTe *leaf) {
  if (te->layout || te->partial)
    return false;
  if (!leaf)
    return true;
  InPlace own = how_read(te, leaf);
  if (own.reads && (own.elsewhere || te->reduce != NC_REDUCE_NONE))
    return false;
  return v->last_read[leaf->id] <= at;
}

static NcTe *add_copy(NcPlanner *p, NcTe *te) {
  NcTe *copy = nc_te_copy(p->builder, te);
  copy->role = "copy";
  nc_vec_push(p->scratch, p->order, copy);
  return copy;
}

NcTe **nc_plan_updates(NcPlanner *p) {
  Variables v = look_at_variables(p);
  find_last_reads(&v);
  int count = p->graph->updates.count;
  NcTe **writers = NC_NEW_ARRAY(p->scratch, NcTe *, count + 1);
  int *call = NC_NEW_ARRAY(p->scratch, int, p->builder->next_id);
  for (int i = 0; i < p->order.count; i++)
    for (const NcTe *te = p->order.items[i]; te; te = te->next)
      call[te->id] = i;
  for (int i = 0; i < count; i++) {
    NcTe *te = p->tensors->updates[i];
    writers[i] = can_overwrite(&v, te, call[te->id], leaf_of_update(&v, i)) ? te : NULL;
  }
  for (int i = 0; i < count; i++)
    if (!writers[i])
      writers[i] = add_copy(p, p->tensors->updates[i]);
  return writers;
}

static NcPlace leaf_place(const Variables *v, const NcTe *te) {
  if (te->node->variable)
    return (NcPlace){.kind = NC_PLACE_VARIABLE, .number = variable_number(v, te->node->variable)};
  const NcGraph *graph = v->planner->graph;
  NcPlace place = {.kind = NC_PLACE_INPUT};
  for (int i = 0; i < graph->inputs.count; i++)
    if (graph->inputs.items[i] == te->node)
      place.number = i;
  return place;
}

// What writes a variable has its storage there; views then follow their base.
void nc_plan_variables(NcPlanner *p, NcTe *const *writers) {
  Variables v = look_at_variables(p);
  const NcTeBuilder *b = p->builder;
  for (int i = 0; i < b->tensors.count; i++) {
    NcTe *te = b->tensors.items[i];
    p->storage[te->id] = te;
    if (te->kind == NC_TE_LEAF)
      p->places[te->id] = leaf_place(&v, te);
  }
  for (int i = 0; i < p->graph->updates.count; i++) {
    int number = variable_number(&v, p->graph->updates.items[i].variable), id = writers[i]->id;
    if (v.leaves[number])
      p->storage[id] = v.leaves[number];
    else
      p->places[id] = (NcPlace){.kind = NC_PLACE_VARIABLE, .number = number};
  }
  for (int i = 0; i < b->tensors.count; i++)
    if (b->tensors.items[i]->kind == NC_TE_VIEW)
      p->storage[b->tensors.items[i]->id] = p->storage[b->tensors.items[i]->base->id];
}
