// Makes the whole training step one graph.
#include "passes/train_step.h"

#include "ops/autodiff.h"

#include <string.h>

typedef struct Learned {
  NcGraph *update;
  NcNode *param, *gradient; // in train_step
} Learned;

typedef NC_VEC(Learned) LearnedVec;

static const char update_prefix[] = "update ";

static bool is_update(const NcGraph *graph) {
  return strncmp(graph->name, update_prefix, strlen(update_prefix)) == 0;
}

static NcNode *find_loss(const NcGraph *step, NcDiags *diags) {
  for (int i = 0; i < step->results.count; i++) {
    NcNode *node = step->results.items[i].node;
    if (step->results.items[i].kind != NC_RESULT_LOSS)
      continue;
    if (node->type.rank == 0 && nc_dtype_is_float(node->type.dtype))
      return node;
    nc_diag_error(diags, "E0611", node->origin ? node->origin->span : NC_NOWHERE,
                  "the loss must be a floating scalar, not %s",
                  nc_type_format(diags->arena, &node->type));
    return NULL;
  }
  nc_diag_error(diags, "E0611", NC_NOWHERE, "graph %s has no loss", step->name);
  return NULL;
}

// The params that have an update, in the order of the module.
static void find_learned(NcModule *module, NcGraph *step, LearnedVec *learned) {
  NcMap updates = nc_map_create(module->arena);
  for (int i = 0; i < module->graphs.count; i++)
    nc_map_set(&updates, module->graphs.items[i]->name, module->graphs.items[i]);
  for (int i = 0; i < module->variables.count; i++) {
    NcVariable *variable = module->variables.items[i];
    const char *name = nc_arena_printf(module->arena, "%s%s", update_prefix, variable->name);
    NcGraph *update = nc_map_get(&updates, name);
    if (variable->kind == NC_VAR_PARAM && nc_dtype_is_float(variable->type.dtype) && update)
      nc_vec_push(module->arena, *learned,
                  ((Learned){update, nc_graph_variable(step, variable), NULL}));
  }
}

static void differentiate(NcGraph *step, NcNode *loss, LearnedVec *learned) {
  NcNode **wrt = NC_NEW_ARRAY(step->arena, NcNode *, learned->count);
  NcNode **gradients = NC_NEW_ARRAY(step->arena, NcNode *, learned->count);
  for (int i = 0; i < learned->count; i++)
    wrt[i] = learned->items[i].param;
  nc_autodiff(step, loss, wrt, learned->count, gradients);
  for (int i = 0; i < learned->count; i++)
    learned->items[i].gradient = gradients[i];
}

// The gradients that the graph `clip` makes of all of them.
static bool clip(NcModule *module, NcGraph *step, const LearnedVec *learned, NcDiags *diags) {
  const NcGraph *graph = nc_module_graph(module, "clip");
  if (!graph)
    return true;
  NcNode **map = NC_NEW_ARRAY(step->arena, NcNode *, graph->next_id);
  NcNode **roots = NC_NEW_ARRAY(step->arena, NcNode *, graph->results.count);
  NcMap by_name = nc_map_create(step->arena);
  for (int i = 0; i < learned->count; i++)
    nc_map_set(&by_name, learned->items[i].param->variable->name, &learned->items[i]);
  for (int i = 0; i < graph->inputs.count; i++) {
    const NcNode *input = graph->inputs.items[i];
    const Learned *one = nc_map_get(&by_name, input->name);
    if (!one || !nc_type_equal(&one->param->type, &input->type)) {
      nc_diag_error(diags, "E0611", NC_NOWHERE, "graph clip has an input %s, which is no gradient",
                    input->name);
      return false;
    }
    map[input->id] = one->gradient;
  }
  for (int i = 0; i < graph->results.count; i++)
    roots[i] = graph->results.items[i].node;
  nc_graph_inline(step, graph, roots, graph->results.count, map);
  for (int i = 0; i < graph->results.count; i++) {
    Learned *one = nc_map_get(&by_name, graph->results.items[i].name);
    if (!one || !nc_type_equal(&one->param->type, &roots[i]->type)) {
      nc_diag_error(diags, "E0611", NC_NOWHERE, "graph clip gives %s, which is no gradient",
                    graph->results.items[i].name);
      return false;
    }
    one->gradient = map[roots[i]->id];
  }
  return true;
}

static bool check_inputs(const Learned *learned, NcDiags *diags) {
  for (int i = 0; i < learned->update->inputs.count; i++) {
    const NcNode *input = learned->update->inputs.items[i];
    if (strcmp(input->name, "grad") == 0 && nc_type_equal(&input->type, &learned->param->type))
      continue;
    nc_diag_error(diags, "E0611", learned->param->variable->span,
                  "graph %s must have one input, grad: %s, not %s: %s", learned->update->name,
                  nc_type_format(diags->arena, &learned->param->type), input->name,
                  nc_type_format(diags->arena, &input->type));
    return false;
  }
  return true;
}

static void inline_update(NcGraph *step, const Learned *learned) {
  const NcGraph *update = learned->update;
  NcNode **map = NC_NEW_ARRAY(step->arena, NcNode *, update->next_id);
  for (int i = 0; i < update->inputs.count; i++)
    map[update->inputs.items[i]->id] = learned->gradient;
  NcNode **roots = NC_NEW_ARRAY(step->arena, NcNode *, update->updates.count);
  for (int i = 0; i < update->updates.count; i++)
    roots[i] = update->updates.items[i].node;
  nc_graph_inline(step, update, roots, update->updates.count, map);
  for (int i = 0; i < update->updates.count; i++)
    nc_graph_add_update(step, update->updates.items[i].variable, map[roots[i]->id]);
}

// `updated` tells, by id, what variables have an update, and is told of those of `update`.
static bool check_updates(const NcGraph *update, bool *updated, NcDiags *diags) {
  for (int i = 0; i < update->updates.count; i++) {
    const NcVariable *variable = update->updates.items[i].variable;
    if (updated[variable->id]) {
      nc_diag_error(diags, "E0611", variable->span, "graph %s updates %s, which another one does",
                    update->name, variable->name);
      return false;
    }
    updated[variable->id] = true;
  }
  return true;
}

static bool build(NcModule *module, NcGraph *step, NcDiags *diags) {
  NcNode *loss = find_loss(step, diags);
  if (!loss)
    return false;
  LearnedVec learned = {0};
  find_learned(module, step, &learned);
  for (int i = 0; i < learned.count; i++)
    if (!check_inputs(&learned.items[i], diags))
      return false;
  differentiate(step, loss, &learned);
  if (!clip(module, step, &learned, diags))
    return false;
  bool *updated = NC_NEW_ARRAY(step->arena, bool, module->next_variable_id);
  for (int i = 0; i < step->updates.count; i++)
    updated[step->updates.items[i].variable->id] = true;
  for (int i = 0; i < learned.count; i++) {
    if (!check_updates(learned.items[i].update, updated, diags))
      return false;
    inline_update(step, &learned.items[i]);
  }
  nc_graph_prune(step);
  return true;
}

bool nc_pass_train_step(NcModule *module, NcDiags *diags) {
  NcGraph *step = nc_module_graph(module, "train_step");
  if (step && !build(module, step, diags))
    return false;
  for (int i = module->graphs.count - 1; i >= 0; i--) // from the end: little is moved
    if (is_update(module->graphs.items[i]) || strcmp(module->graphs.items[i]->name, "clip") == 0)
      nc_module_remove_graph(module, module->graphs.items[i]);
  return true;
}
