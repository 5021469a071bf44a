// The program's graphs: initialize, predict, evaluate, train_step and one update for each param.
#include "sema/sema.h"

#include <string.h>

// Which nodes some roots need, by id.
static bool *needed(NcSema *s, const NcGraph *graph, NcNode *const *roots, int count) {
  bool *live = NC_NEW_ARRAY(s->arena, bool, graph->next_id);
  for (int i = 0; i < count; i++)
    live[roots[i]->id] = true;
  for (int i = graph->nodes.count - 1; i >= 0; i--) {
    const NcNode *node = graph->nodes.items[i];
    for (int k = 0; live[node->id] && k < node->operand_count; k++)
      live[node->operands[k]->id] = true;
  }
  return live;
}

// Copies the results of some kinds into a graph of their own, with the inputs they need in the
// order declared.
static NcGraph *extract(NcSema *s, const char *name, const NcForward *forward, bool outputs) {
  NcGraph *graph = nc_module_add_graph(s->module, name);
  NC_VEC(NcNode *) roots = {0};
  NC_VEC(NcResult) results = {0};
  if (!outputs && forward->loss) {
    NcResult result = {forward->loss_name, NC_RESULT_LOSS, forward->loss->node};
    nc_vec_push(s->arena, results, result);
  }
  for (int i = 0; i < forward->results.count; i++) {
    const NcResult *result = &forward->results.items[i];
    bool is_loss = results.count > 0 && result->node == results.items[0].node &&
                   strcmp(result->name, results.items[0].name) == 0;
    if ((result->kind == NC_RESULT_OUTPUT) == outputs && !is_loss)
      nc_vec_push(s->arena, results, *result);
  }
  for (int i = 0; i < results.count; i++)
    nc_vec_push(s->arena, roots, results.items[i].node);
  const NcGraph *from = forward->graph;
  const bool *live = needed(s, from, roots.items, roots.count);
  NcNode **map = NC_NEW_ARRAY(s->arena, NcNode *, from->next_id);
  for (int i = 0; i < from->inputs.count; i++) {
    const NcNode *input = from->inputs.items[i];
    if (!live[input->id])
      continue;
    graph->origin = input->origin;
    map[input->id] = nc_graph_input(graph, input->name, input->type);
  }
  graph->origin = NULL;
  nc_graph_inline(graph, from, roots.items, roots.count, map);
  for (int i = 0; i < results.count; i++)
    nc_graph_add_result(graph, results.items[i].name, results.items[i].kind,
                        map[results.items[i].node->id]);
  return graph;
}

// Random numbers of a param do not depend on the order of declarations, but on its first use.
static void number_params(NcSema *s, const NcGraph *forward) {
  NcMap by_name = nc_map_create(s->arena);
  int next = 0;
  for (int i = 0; i < s->params.count; i++) {
    s->params.items[i]->ordinal = -1;
    nc_map_set(&by_name, s->params.items[i]->name, s->params.items[i]);
  }
  for (int i = 0; i < forward->nodes.count; i++) {
    const NcVariable *variable = forward->nodes.items[i]->variable;
    NcParam *param = variable ? nc_map_get(&by_name, variable->name) : NULL;
    if (param && param->ordinal < 0)
      param->ordinal = next++;
  }
  for (int i = 0; i < s->params.count; i++)
    if (s->params.items[i]->ordinal < 0)
      s->params.items[i]->ordinal = next++;
}

static void first_values(NcSema *s, NcGraph *initialize) {
  s->graph = initialize;
  nc_sema_enter(s, NULL, NC_NOWHERE, s->globals);
  for (int i = 0; i < s->params.count; i++) {
    NcParam *param = s->params.items[i];
    const NcExprAst *expr = param->field->value;
    if (!param->variable || !expr)
      continue;
    s->float_dtype = param->variable->type.dtype;
    NcPath *before = nc_sema_begin_binding(s, param->name);
    param->first = nc_sema_initialize(s, expr, param->variable->type, param->ordinal);
    s->frame->binding = before;
    if (param->first)
      nc_graph_add_update(initialize, param->variable, param->first);
  }
  s->float_dtype = NC_F32;
  nc_sema_leave(s);
  s->graph = NULL;
}

// Names the params that the loss reaches, and those that training leaves as they are.
static void check_loss(NcSema *s, const NcForward *forward, NcSpan span) {
  const bool *live = needed(s, forward->graph, (NcNode *[]){forward->loss->node}, 1);
  NcMap reached = nc_map_create(s->arena);
  for (int i = 0; i < forward->graph->nodes.count; i++) {
    const NcNode *node = forward->graph->nodes.items[i];
    if (node->variable && live[node->id])
      nc_map_set(&reached, node->variable->name, node->variable);
  }
  if (reached.count == 0) {
    NcDiag *diag = nc_sema_error(s, "E0403", span,
                                 "the loss depends on no param: there is nothing "
                                 "to learn");
    if (s->params.count == 0)
      nc_diag_help(s->diags, diag, "declare what is learned with param");
    return;
  }
  for (int i = 0; i < s->params.count; i++) {
    const NcParam *param = s->params.items[i];
    if (param->variable && !nc_map_get(&reached, param->name))
      nc_sema_warn(s, "W0104", param->field->name_span,
                   "the loss does not depend on %s: training leaves it as it is", param->name);
  }
}

static void train(NcSema *s, const NcForward *forward, const NcFieldAst *minimize,
                  const NcFieldAst *optimizer, NcGraph *initialize) {
  const NcGraph *step = extract(s, "train_step", forward, false);
  if (forward->loss && minimize->value)
    check_loss(s, forward, minimize->value->span);
  else if (s->diags->error_count == 0)
    nc_sema_error(s, "E0402", s->program->train.span, "the loss cannot be computed");
  nc_sema_check_bindings(s, step);
  if (!optimizer || !optimizer->value)
    return;
  nc_sema_enter(s, NULL, NC_NOWHERE, s->globals);
  NcValue *value = nc_sema_eval(s, optimizer->value);
  NcSpan span = optimizer->value->span;
  if (value->kind == NC_VALUE_OPTIMIZER) {
    nc_sema_optimize(s, value, span, initialize);
  } else if (!nc_value_is_error(value)) {
    NcDiag *diag = nc_sema_error(s, "E0405", span, "an optimizer is needed, but this is %s",
                                 nc_value_describe(s->arena, value));
    nc_diag_help(s->diags, diag, "write optimizer = adam(lr = 1e-3)");
  }
  nc_sema_leave(s);
}

void nc_sema_graphs(NcSema *s) {
  const NcFieldAst *minimize = NULL, *optimizer = NULL;
  NcGraph *initialize = nc_module_add_graph(s->module, "initialize");
  nc_sema_train(s, &minimize, &optimizer);
  NcForward evaluation = nc_sema_forward(s, "evaluation", false, minimize);
  extract(s, "predict", &evaluation, true);
  extract(s, "evaluate", &evaluation, false);
  bool trains = s->program->train.present;
  NcForward training = evaluation;
  if (trains)
    training = nc_sema_forward(s, "training", true, minimize);
  number_params(s, training.graph);
  first_values(s, initialize);
  if (trains)
    train(s, &training, minimize, optimizer, initialize);
  nc_module_remove_graph(s->module, evaluation.graph);
  nc_module_remove_graph(s->module, training.graph);
  nc_graph_prune(initialize);
  nc_sema_finish_paths(s);
}
