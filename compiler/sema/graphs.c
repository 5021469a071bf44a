// The program's graphs: initialize, predict, evaluate, train_step and one update for each param.
#include "sema/sema.h"

#include <stdlib.h>
#include <string.h>

static bool passes_all(const NcNode *node) {
  (void)node;
  return true;
}

static bool passes_gradient(const NcNode *node) {
  return node->op->grad && nc_dtype_is_float(node->type.dtype);
}

// Which nodes some roots need, by id, going through those nodes alone that `passes` allows.
static bool *reach(NcSema *s, const NcGraph *graph, NcNode *const *roots, int count,
                   bool (*passes)(const NcNode *node)) {
  bool *live = NC_NEW_ARRAY(s->arena, bool, graph->next_id);
  for (int i = 0; i < count; i++)
    live[roots[i]->id] = true;
  for (int i = graph->nodes.count - 1; i >= 0; i--) {
    const NcNode *node = graph->nodes.items[i];
    if (!live[node->id] || !passes(node))
      continue;
    for (int k = 0; k < node->operand_count; k++)
      live[node->operands[k]->id] = true;
  }
  return live;
}

// The outputs, or else the loss and the metrics.
static NcResults results_of(NcSema *s, const NcForward *forward, bool outputs) {
  NcResults results = {0};
  if (!outputs && forward->loss) {
    NcResult result = {s->program->train.loss_name, NC_RESULT_LOSS, forward->loss->node};
    nc_vec_push(s->arena, results, result);
  }
  for (int i = 0; i < forward->results.count; i++) {
    const NcResult *result = &forward->results.items[i];
    bool is_loss = results.count > 0 && result->node == results.items[0].node &&
                   strcmp(result->name, results.items[0].name) == 0;
    if ((result->kind == NC_RESULT_OUTPUT) == outputs && !is_loss)
      nc_vec_push(s->arena, results, *result);
  }
  return results;
}

// Copies results, and the updates of buffers if they are to be made, into a graph of their own,
// with the inputs they need in the order declared.
static NcGraph *extract(NcSema *s, const char *name, const NcForward *forward, NcResults results,
                        bool updates) {
  NcGraph *graph = nc_module_add_graph(s->module, name);
  NC_VEC(NcNode *) roots = {0};
  for (int i = 0; i < results.count; i++)
    nc_vec_push(s->arena, roots, results.items[i].node);
  const NcGraph *from = forward->graph;
  for (int i = 0; updates && i < from->updates.count; i++)
    nc_vec_push(s->arena, roots, from->updates.items[i].node);
  const bool *live = reach(s, from, roots.items, roots.count, passes_all);
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
  for (int i = 0; updates && i < from->updates.count; i++)
    nc_graph_add_update(graph, from->updates.items[i].variable,
                        map[from->updates.items[i].node->id]);
  return graph;
}

static int by_ordinal(const void *a, const void *b) {
  const NcParam *x = *(NcParam *const *)a, *y = *(NcParam *const *)b;
  return (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

// The order of declarations is not that of use, and layers have none: so the program has its
// variables in the order of their first use.
static void sort_params(NcSema *s) {
  if (s->params.count > 0)
    qsort(s->params.items, (size_t)s->params.count, sizeof *s->params.items, by_ordinal);
  s->module->variables.count = 0; // they are all params and buffers yet
  for (int i = 0; i < s->params.count; i++)
    if (s->params.items[i]->variable)
      nc_vec_push(s->module->arena, s->module->variables, s->params.items[i]->variable);
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
  sort_params(s);
}

static void first_values(NcSema *s, NcGraph *initialize) {
  s->graph = initialize;
  for (int i = 0; i < s->params.count; i++) {
    NcParam *param = s->params.items[i];
    const NcExprAst *expr = param->field->value;
    if (!param->variable || !expr)
      continue;
    nc_sema_enter(s, NULL, param->place, param->scope);
    nc_sema_begin_binding(s, param->name);
    param->first = nc_sema_initialize(s, expr, param->variable->type, param);
    nc_sema_leave(s);
    if (param->first)
      nc_graph_add_update(initialize, param->variable, param->first);
  }
  s->graph = NULL;
}

static NcMap variables_of(NcSema *s, const NcGraph *graph, const bool *live) {
  NcMap variables = nc_map_create(s->arena);
  for (int i = 0; i < graph->nodes.count; i++) {
    const NcNode *node = graph->nodes.items[i];
    if (node->variable && live[node->id])
      nc_map_set(&variables, node->variable->name, node->variable);
  }
  return variables;
}

static void nothing_to_learn(NcSema *s, bool depends, NcSpan span) {
  NcDiag *diag =
      nc_sema_error(s, "E0403", span,
                    depends ? "no gradient of the loss reaches a param: there is nothing "
                              "to learn"
                            : "the loss depends on no param: there is nothing to learn");
  bool frozen = false;
  for (int i = 0; i < s->params.count; i++)
    frozen |= s->params.items[i]->frozen;
  if (s->params.count == 0)
    nc_diag_help(s->diags, diag, "declare what is learned with param");
  else if (depends)
    nc_diag_help(s->diags, diag,
                 "argmax, comparisons, rounding, integers and stop_gradient have none: use a loss "
                 "that has one, such as softmax_cross_entropy");
  else if (frozen)
    nc_diag_help(s->diags, diag, "freeze leaves no param that it depends on");
}

// Params that the loss's gradient does not reach are not trained: they have no gradient, and no
// decay changes them.
static void check_loss(NcSema *s, const NcForward *forward, NcSpan span) {
  const NcGraph *graph = forward->graph;
  NcNode *const roots[] = {forward->loss->node};
  NcMap used = variables_of(s, graph, reach(s, graph, roots, 1, passes_all));
  NcMap learned = variables_of(s, graph, reach(s, graph, roots, 1, passes_gradient));
  NC_VEC(NcParam *) left = {0};
  int trained = 0;
  bool depends = false;
  for (int i = 0; i < s->params.count; i++) {
    NcParam *param = s->params.items[i];
    if (!param->variable || param->kind != NC_VAR_PARAM || param->frozen)
      continue;
    depends |= nc_map_get(&used, param->name) != NULL;
    if (nc_map_get(&learned, param->name))
      trained++;
    else
      nc_vec_push(s->arena, left, param);
  }
  if (trained == 0) {
    nothing_to_learn(s, depends, span);
    return;
  }
  for (int i = 0; i < left.count; i++) {
    NcParam *param = left.items[i];
    param->frozen = true;
    nc_sema_warn(s, "W0104", param->place,
                 nc_map_get(&used, param->name)
                     ? "no gradient of the loss reaches %s: training leaves it as it is"
                     : "the loss does not depend on %s: training leaves it as it is",
                 param->name);
  }
}

static void train(NcSema *s, const NcForward *forward, const NcTrainAst *train,
                  NcGraph *initialize) {
  const NcGraph *step = extract(s, "train_step", forward, results_of(s, forward, false), true);
  const NcFieldAst *optimizer = train->optimizer;
  if (forward->loss && train->minimize->value)
    check_loss(s, forward, train->minimize->value->span);
  else if (s->diags->error_count == 0)
    nc_sema_error(s, "E0402", s->program->train.span, "the loss cannot be computed");
  nc_sema_check_bindings(s, step);
  if (!optimizer || !optimizer->value)
    return;
  nc_sema_enter(s, NULL, NC_NOWHERE, s->globals);
  NcValue *value = nc_sema_eval(s, optimizer->value);
  NcSpan span = optimizer->value->span;
  if (value->kind == NC_VALUE_OPTIMIZER) {
    nc_sema_optimize(s, value, span, train, initialize);
    if (train->clip && train->clip->value)
      nc_sema_clip(s, train->clip->value);
  } else if (!nc_value_is_error(value)) {
    NcDiag *diag = nc_sema_error(s, "E0405", span, "an optimizer is needed, but this is %s",
                                 nc_value_describe(s->arena, value));
    nc_diag_help(s->diags, diag, "write optimizer = adam(lr = 1e-3)");
  }
  nc_sema_leave(s);
}

// Once all variables are known: the pass over a batch gives what is fetched too.
static void fetch(NcSema *s, const NcTrainAst *block) {
  const NcExprAst *list = s->options ? s->options->fetch : NULL;
  bool training = list && s->options->fetch_training;
  if (!list || s->diags->error_count > 0)
    return;
  NcForward forward = nc_sema_forward(s, "fetching", training, block->minimize, list);
  extract(s, "fetch", &forward, forward.fetched, false);
  const char *pass = training ? "train_step" : "evaluate";
  if (nc_module_graph(s->module, pass)) {
    NcResults results = results_of(s, &forward, false);
    for (int i = 0; i < forward.fetched.count; i++)
      nc_vec_push(s->arena, results, forward.fetched.items[i]);
    nc_module_remove_graph(s->module, nc_module_graph(s->module, pass));
    extract(s, pass, &forward, results, true);
  }
  nc_module_remove_graph(s->module, forward.graph);
}

void nc_sema_graphs(NcSema *s) {
  NcGraph *initialize = nc_module_add_graph(s->module, "initialize");
  NcTrainAst block = nc_sema_train(s);
  NcForward evaluation = nc_sema_forward(s, "evaluation", false, block.minimize, NULL);
  extract(s, "predict", &evaluation, results_of(s, &evaluation, true), true);
  extract(s, "evaluate", &evaluation, results_of(s, &evaluation, false), true);
  bool trains = s->program->train.present;
  NcForward training = evaluation;
  if (trains)
    training = nc_sema_forward(s, "training", true, block.minimize, NULL);
  nc_sema_unapplied(s);
  nc_sema_select_params(s, &block);
  number_params(s, training.graph);
  first_values(s, initialize);
  if (trains)
    train(s, &training, &block, initialize);
  fetch(s, &block);
  nc_module_remove_graph(s->module, evaluation.graph);
  nc_module_remove_graph(s->module, training.graph);
  nc_graph_prune(initialize);
  nc_sema_finish_paths(s);
}
