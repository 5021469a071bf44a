// Values that the user asks for by expressions over the whole program: names, paths of nodes and
// variables, states of the optimizer, derivatives.
#include "sema/sema.h"

#include <string.h>

// The last node that was made for the path: what the binding of that name gave.
static NcNode *find_node(const NcGraph *graph, const char *path) {
  for (int i = graph->nodes.count - 1; i >= 0; i--) {
    NcNode *node = graph->nodes.items[i];
    if (node->origin && node->origin->path && strcmp(node->origin->path, path) == 0)
      return node;
  }
  return NULL;
}

// What a layer gave when it was last applied.
static NcValue *find_layer(const NcSema *s, const char *path) {
  for (int i = 0; i < s->made.count; i++) {
    const NcInstance *instance = s->made.items[i];
    if (instance->result && instance->path && strcmp(instance->path, path) == 0)
      return instance->result;
  }
  return NULL;
}

static NcValue *variable_value(NcSema *s, NcVariable *variable) {
  return nc_value_tensor(s->arena, nc_graph_variable(s->graph, variable));
}

// Of functions and layers, whose nodes have paths.
static bool has_paths(const NcSymbol *symbol) {
  return symbol->kind == NC_SYMBOL_FN ||
         (symbol->value && symbol->value->kind == NC_VALUE_INSTANCE);
}

static const char *root_of(const NcExprAst *expr) {
  while (expr->kind != NC_AST_NAME)
    expr = expr->kind == NC_AST_MEMBER ? expr->args.items[0].value : expr->callee;
  return expr->text;
}

static NcValue *nothing_there(NcSema *s, const NcExprAst *expr, const char *path) {
  NcDiag *diag = nc_sema_error(s, "E0430", expr->span, "nothing has the path %s", path);
  NcGuess guess = nc_sema_guess(s, path);
  for (int i = 0; i < s->graph->nodes.count; i++) {
    const NcOrigin *origin = s->graph->nodes.items[i]->origin;
    if (origin && origin->path)
      nc_sema_consider(&guess, origin->path, origin->path, NC_NOWHERE);
  }
  for (int i = 0; i < s->module->variables.count; i++) {
    const char *name = s->module->variables.items[i]->name;
    nc_sema_consider(&guess, name, name, NC_NOWHERE);
  }
  if (!nc_sema_suggest(&guess, diag) && diag->helps.count == 0)
    nc_diag_help(s->diags, diag, "netc dump --stage=graph shows the path of each node");
  return nc_value_error(s->arena);
}

NcValue *nc_sema_fetch_path(NcSema *s, const NcExprAst *expr) {
  const char *path = s->fetching && s->frame->top ? nc_sema_path_of(s, expr) : NULL;
  if (!path)
    return NULL;
  const NcSymbol *symbol = nc_map_get(&s->globals->names, path);
  if (symbol && !has_paths(symbol))
    return NULL; // its value is what the name means
  NcVariable *variable = nc_module_variable(s->module, path);
  if (variable)
    return variable_value(s, variable);
  NcValue *result = find_layer(s, path);
  if (result)
    return result;
  NcNode *node = find_node(s->graph, path);
  if (node)
    return nc_value_tensor(s->arena, node);
  const NcSymbol *first = nc_map_get(&s->globals->names, root_of(expr));
  bool ordinary = expr->kind != NC_AST_MEMBER || (first && !has_paths(first));
  return ordinary ? NULL : nothing_there(s, expr, path);
}

// adam.m(weights.c1): what the optimizer keeps for a param.
NcValue *nc_sema_fetch_state(NcSema *s, const NcExprAst *expr) {
  const NcExprAst *callee = expr->callee;
  if (!s->fetching || !s->frame->top || callee->kind != NC_AST_MEMBER || expr->args.count != 1)
    return NULL;
  const char *state = nc_sema_path_of(s, callee);
  const char *param = nc_sema_path_of(s, expr->args.items[0].value);
  NcVariable *variable =
      state && param
          ? nc_module_variable(s->module, nc_arena_printf(s->arena, "%s.%s", state, param))
          : NULL;
  return variable && variable->kind == NC_VAR_STATE ? variable_value(s, variable) : NULL;
}

void nc_sema_fetch(NcSema *s, NcForward *forward, const NcExprAst *list) {
  nc_sema_finish_paths(s);
  s->fetching = true;
  for (int i = 0; i < list->args.count; i++) {
    const NcExprAst *expr = list->args.items[i].value;
    NcSite site = {"fetch", expr->span, 1, &expr->span};
    NcValue *value = nc_sema_eval(s, expr);
    if (!nc_value_is_error(value))
      value = nc_sema_tensor(s, &site, 0, value, s->float_dtype);
    NcResult result = {.name = nc_arena_printf(s->arena, "fetch[%d]", i),
                       .kind = NC_RESULT_OUTPUT,
                       .node = value && !nc_value_is_error(value) ? value->node : NULL};
    if (result.node)
      nc_vec_push(s->arena, forward->fetched, result);
  }
  s->fetching = false;
}
