// Updates of variables: in place where no later kernel reads the old value, else by a copy at the
// end.
#include "kernel/expr.h"
#include "kernel/layout.h"
#include "kernel/planner.h"

#include <assert.h>
#include <string.h>

static NcTe *leaf_of_variable(NcPlanner *p, const NcVariable *variable) {
  for (int i = 0; i < p->builder->tensors.count; i++) {
    NcTe *te = p->builder->tensors.items[i];
    if (te->kind == NC_TE_LEAF && te->node->variable == variable)
      return te;
  }
  return NULL;
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
static bool can_overwrite(NcPlanner *p, int at, const NcTe *leaf) {
  const NcTe *te = p->order.items[at];
  if (te->layout || te->partial)
    return false;
  if (!leaf)
    return true;
  InPlace own = how_read(te, leaf);
  if (own.reads && (own.elsewhere || te->reduce != NC_REDUCE_NONE))
    return false;
  for (int i = at + 1; i < p->order.count; i++)
    if (how_read(p->order.items[i], leaf).reads)
      return false;
  return true;
}

static int variable_number(const NcPlanner *p, const NcVariable *variable) {
  const NcModule *m = p->graph->module;
  for (int i = 0; i < m->variables.count; i++)
    if (m->variables.items[i] == variable)
      return i;
  assert(!"a variable of another module");
  return -1;
}

static int call_number(const NcPlanner *p, const NcTe *te) {
  for (int i = 0; i < p->order.count; i++)
    if (p->order.items[i] == te)
      return i;
  assert(!"an update without a call");
  return -1;
}

static NcTe *add_copy(NcPlanner *p, NcTe *te) {
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

NcTe **nc_plan_updates(NcPlanner *p) {
  int count = p->graph->updates.count;
  NcTe **writers = NC_NEW_ARRAY(p->scratch, NcTe *, count + 1);
  for (int i = 0; i < count; i++) {
    NcTe *te = p->tensors->updates[i];
    NcTe *leaf = leaf_of_variable(p, p->graph->updates.items[i].variable);
    writers[i] = can_overwrite(p, call_number(p, te), leaf) ? te : NULL;
  }
  for (int i = 0; i < count; i++)
    if (!writers[i])
      writers[i] = add_copy(p, p->tensors->updates[i]);
  return writers;
}

static void place_leaf(NcPlanner *p, const NcTe *te) {
  NcPlace *place = &p->places[te->id];
  if (te->node->variable) {
    place->kind = NC_PLACE_VARIABLE;
    place->number = variable_number(p, te->node->variable);
    return;
  }
  place->kind = NC_PLACE_INPUT;
  for (int k = 0; k < p->graph->inputs.count; k++)
    if (p->graph->inputs.items[k] == te->node)
      place->number = k;
}

void nc_plan_variables(NcPlanner *p, NcTe *const *writers) {
  for (int i = 0; i < p->builder->tensors.count; i++) {
    NcTe *te = p->builder->tensors.items[i];
    p->storage[te->id] = nc_te_storage_of(te);
    if (te->kind == NC_TE_LEAF)
      place_leaf(p, te);
  }
  for (int i = 0; i < p->graph->updates.count; i++) {
    NcVariable *variable = p->graph->updates.items[i].variable;
    NcTe *leaf = leaf_of_variable(p, variable), *writer = writers[i];
    p->storage[writer->id] = leaf ? leaf : writer;
    if (!leaf)
      p->places[writer->id] =
          (NcPlace){.kind = NC_PLACE_VARIABLE, .number = variable_number(p, variable)};
  }
}
