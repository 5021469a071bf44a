// Optimizers: the body is interpreted for every param, which gives the graph `update NAME` and the
// states' first values.
#include "sema/sema.h"

#include "ops/build.h"

#include <limits.h>
#include <string.h>

typedef struct State {
  NcVariable *variable;
  NcNode *updated; // or NULL
} State;

typedef struct NcOptimizerRun {
  NcSymbol *optimizer;
  NcParam *param;
  NcGraph *initialize;
  NcNode *updated; // the param's new value, or NULL
  NcMap states;    // State *
} Run;

// ---- settings

static bool arrange_settings(NcSema *s, const NcSymbol *optimizer, const NcExprAst *call,
                             NcSpan span, NcArg *arranged, const NcExprAst **exprs) {
  const NcFieldsAst *settings = &optimizer->decl->fields;
  const char **names = NC_NEW_ARRAY(s->arena, const char *, settings->count);
  for (int i = 0; i < settings->count; i++)
    names[i] = settings->items[i].value ? nc_arena_printf(s->arena, "%s?", settings->items[i].name)
                                        : settings->items[i].name;
  int count = call ? call->args.count : 0;
  NcArgs args = {count, NC_NEW_ARRAY(s->arena, NcArg, count)};
  // not evaluated yet: a placeholder says which is which
  NcValue **places = NC_NEW_ARRAY(s->arena, NcValue *, count);
  for (int i = 0; i < count; i++) {
    const NcArgAst *arg = &call->args.items[i];
    places[i] = nc_value_int(s->arena, i);
    args.items[i] = (NcArg){arg->name, arg->name_span, arg->value->span, places[i]};
  }
  if (!nc_sema_arrange(s, optimizer->name, &args, names, settings->count, span, arranged))
    return false;
  for (int i = 0; i < settings->count; i++)
    exprs[i] = call && arranged[i].value ? call->args.items[arranged[i].value->dim.c].value : NULL;
  return true;
}

static bool is_setting(NcSema *s, const NcFieldAst *field, const NcValue *value, NcSpan span) {
  if (nc_value_is_error(value))
    return false;
  if (value->kind == NC_VALUE_TENSOR && value->node->type.rank == 0)
    return true;
  if (nc_value_is_literal(value) || (!field->type && value->kind != NC_VALUE_TENSOR))
    return true;
  nc_sema_error(s, "E0426", span, "the setting %s must be a number, but is %s", field->name,
                nc_value_describe(s->arena, value));
  return false;
}

static NcValue *typed_setting(NcSema *s, const NcFieldAst *field, NcValue *value, NcSpan span) {
  if (!field->type ||
      (value->kind == NC_VALUE_TENSOR && nc_dtype_is_float(value->node->type.dtype)))
    return value;
  NcMatch match = {.code = "E0204",
                   .scope = s->frame->scope,
                   .what = nc_arena_printf(s->arena, "the setting %s", field->name)};
  return nc_sema_match_check(s, &match, field->type, value, span);
}

// Computed in f32, or in f64 where that is the setting's type, whatever the param's dtype is.
static NcValue *eval_setting(NcSema *s, const NcFieldAst *field, const NcExprAst *expr) {
  NcDtype own = s->float_dtype;
  bool precise = field->type && strcmp(field->type->dtype, nc_dtype_name(NC_F64)) == 0;
  s->float_dtype = precise ? NC_F64 : NC_F32;
  NcValue *value = nc_sema_eval(s, expr);
  s->float_dtype = own;
  return value;
}

// So that one optimizer fits all params.
static NcValue *in_dtype_of_param(NcSema *s, NcValue *value, NcSpan span) {
  if (value->kind != NC_VALUE_TENSOR || !nc_dtype_is_float(value->node->type.dtype))
    return value;
  nc_sema_set_origin(s, span);
  return nc_value_tensor(s->arena, nc_cast(s->graph, value->node, s->float_dtype));
}

// In the caller's frame for what the user gives, in the optimizer's for defaults.
static bool define_settings(NcSema *s, const NcFieldsAst *settings, const NcExprAst *const *exprs) {
  bool ok = true;
  for (int i = 0; i < settings->count; i++) {
    const NcFieldAst *field = &settings->items[i];
    const NcExprAst *expr = exprs[i] ? exprs[i] : field->value;
    NcFrame *own = s->frame;
    if (exprs[i])
      s->frame = own->caller;
    NcValue *value = eval_setting(s, field, expr);
    bool good = is_setting(s, field, value, expr->span);
    s->frame = own;
    value = good ? typed_setting(s, field, value, expr->span) : nc_value_error(s->arena);
    value = in_dtype_of_param(s, value, expr->span);
    ok = ok && !nc_value_is_error(value);
    NcArg *given = NC_NEW(s->arena, NcArg);
    *given =
        (NcArg){.name = field->name, .name_span = NC_NOWHERE, .span = expr->span, .value = value};
    nc_sema_define_param(s, field, given);
  }
  return ok;
}

// ---- statements

static bool state_type(NcSema *s, const Run *run, const NcFieldAst *target, NcType *type) {
  const NcDimOrigin **origins;
  if (!target->type) {
    *type = run->param->variable->type;
    return true;
  }
  if (!nc_sema_type(s, target->type, target->name, type, &origins))
    return false;
  if (!nc_type_has_batch(type))
    return true;
  nc_sema_error(s, "E0419", target->type->span, "a state does not depend on N, the batch");
  return false;
}

// The first value sees `param`'s first value and the settings that are known at compile time.
static NcNode *first_value(NcSema *s, const Run *run, const NcExprAst *expr, NcType type) {
  NcFrame *own = s->frame;
  NcGraph *graph = s->graph;
  s->graph = run->initialize;
  nc_sema_enter(s, run->optimizer, own->call, run->optimizer->globals);
  for (int i = 0; i < own->scope->names.count; i++) {
    const NcSymbol *symbol = own->scope->names.entries[i].value;
    if (symbol->value && symbol->value->kind != NC_VALUE_TENSOR)
      nc_scope_add(s, s->frame->scope, NC_SYMBOL_VALUE, symbol->name, symbol->span)->value =
          symbol->value;
  }
  if (run->param->first)
    nc_scope_add(s, s->frame->scope, NC_SYMBOL_VALUE, "param", NC_NOWHERE)->value =
        nc_value_tensor(s->arena, run->param->first);
  NcNode *node = nc_sema_initialize(s, expr, type, run->param);
  nc_sema_leave(s);
  s->graph = graph;
  return node;
}

static void declare_state(NcSema *s, Run *run, const NcStmtAst *stmt) {
  const NcFieldAst *target = &stmt->targets.items[0];
  NcType type;
  NcValue *value = nc_value_error(s->arena);
  if (state_type(s, run, target, &type)) {
    NcNode *first = first_value(s, run, stmt->values.items[0], type);
    const char *name =
        nc_arena_printf(s->arena, "%s.%s.%s", run->optimizer->name, target->name, run->param->name);
    if (first && !nc_map_get(&run->states, target->name)) {
      State *state = NC_NEW(s->arena, State);
      state->variable =
          nc_module_add_variable(s->module, name, NC_VAR_STATE, type, target->name_span);
      nc_graph_add_update(run->initialize, state->variable, first);
      nc_map_set(&run->states, target->name, state);
      s->graph->origin = NULL;
      value = nc_value_tensor(s->arena, nc_graph_variable(s->graph, state->variable));
    }
  }
  nc_sema_define(s, target->name, target->name_span, value);
}

static void unknown_target(NcSema *s, const Run *run, const NcFieldAst *target) {
  NcDiag *diag = nc_sema_error(s, "E0423", target->name_span,
                               "%s is neither param nor a state of this optimizer", target->name);
  const char *best = NULL;
  int distance = INT_MAX;
  nc_suggest(target->name, "param", &best, &distance);
  for (int i = 0; i < run->states.count; i++)
    nc_suggest(target->name, run->states.entries[i].key, &best, &distance);
  if (best)
    nc_sema_fix_name(s, diag, target->name_span, best);
}

static void update(NcSema *s, Run *run, const NcStmtAst *stmt) {
  const NcFieldAst *target = &stmt->targets.items[0];
  bool is_param = strcmp(target->name, "param") == 0;
  State *state = is_param ? NULL : nc_map_get(&run->states, target->name);
  NcSymbol *symbol = nc_map_get(&s->frame->scope->names, target->name);
  if (!is_param && !state) {
    if (!symbol || !symbol->value || !nc_value_is_error(symbol->value))
      unknown_target(s, run, target);
    return;
  }
  const NcExprAst *expr = stmt->values.items[0];
  NcPath *before = nc_sema_begin_binding(s, target->name);
  NcValue *value = nc_sema_eval(s, expr);
  NcType type = is_param ? run->param->variable->type : state->variable->type;
  NcNode *node = nc_sema_new_value(s, target, value, expr->span, type);
  s->frame->binding = before;
  NcValue *now = node ? nc_value_tensor(s->arena, node) : nc_value_error(s->arena);
  symbol->value = now; // later statements see the new value
  // an update that was reported counts as one
  if (is_param)
    run->updated = node ? node : run->param->node;
  else
    state->updated = node;
}

void nc_sema_state_statement(NcSema *s, const NcStmtAst *stmt) {
  if (stmt->targets.count == 0 || stmt->values.count == 0)
    return;
  Run *run = s->frame->optimizer;
  if (stmt->kind == NC_STMT_UPDATE && !run)
    nc_sema_update_buffer(s, stmt);
  else if (stmt->kind == NC_STMT_UPDATE)
    update(s, run, stmt);
  else if (run) // else the parser has reported it
    declare_state(s, run, stmt);
}

// ---- one param

static void define_tensor(NcSema *s, const char *name, NcNode *node) {
  nc_scope_add(s, s->frame->scope, NC_SYMBOL_VALUE, name, NC_NOWHERE)->value =
      nc_value_tensor(s->arena, node);
}

static void add_updates(Run *run, NcGraph *graph) {
  nc_graph_add_update(graph, run->param->variable, run->updated);
  for (int i = 0; i < run->states.count; i++) {
    const State *state = run->states.entries[i].value;
    if (state->updated)
      nc_graph_add_update(graph, state->variable, state->updated);
  }
}

static void run_for(NcSema *s, NcSymbol *optimizer, const NcExprAst *call, NcSpan span,
                    const NcExprAst *const *exprs, NcParam *param, NcGraph *initialize) {
  Run run = {.optimizer = optimizer, .param = param, .initialize = initialize};
  run.states = nc_map_create(s->arena);
  NcType type = param->variable->type;
  NcGraph *graph =
      nc_module_add_graph(s->module, nc_arena_printf(s->arena, "update %s", param->name));
  s->graph = graph;
  s->float_dtype = type.dtype;
  NcNode *grad = nc_graph_input(graph, "grad", type);
  nc_sema_enter(s, optimizer, call ? call->span : span, optimizer->globals);
  s->frame->optimizer = &run;
  param->node = nc_graph_variable(graph, param->variable);
  param->graph = graph;
  define_tensor(s, "param", param->node);
  define_tensor(s, "grad", grad);
  if (define_settings(s, &optimizer->decl->fields, exprs)) {
    const NcValue *stopped = nc_sema_block(s, &optimizer->decl->body);
    if (run.updated)
      add_updates(&run, graph);
    else if (!stopped && !s->syntax_errors)
      nc_sema_error(s, "E0422", optimizer->span, "the optimizer %s never updates param",
                    optimizer->name);
  }
  s->frame->optimizer = NULL;
  nc_sema_leave(s);
  nc_graph_prune(graph);
}

// A group's settings stand before those of the optimizer's call, and later groups before earlier.
static void override(NcSema *s, const NcSymbol *optimizer, const NcParam *param,
                     const NcTrainAst *train, const NcExprAst **exprs) {
  const NcFieldsAst *settings = &optimizer->decl->fields;
  for (int g = 0; train->decl && g < train->decl->groups.count; g++) {
    const NcGroupAst *group = &train->decl->groups.items[g];
    if (!nc_sema_matches(s, group->params, param->name))
      continue;
    for (int i = 0; i < group->fields.count; i++)
      for (int k = 0; k < settings->count; k++)
        if (strcmp(settings->items[k].name, group->fields.items[i].name) == 0)
          exprs[k] = group->fields.items[i].value;
  }
}

static void check_group(NcSema *s, const NcSymbol *optimizer, const NcGroupAst *group) {
  const NcFieldsAst *settings = &optimizer->decl->fields;
  for (int i = 0; i < group->fields.count; i++) {
    const NcFieldAst *field = &group->fields.items[i];
    const char *best = NULL;
    int distance = INT_MAX, at = 0;
    for (int k = 0; k < i; k++)
      if (strcmp(group->fields.items[k].name, field->name) == 0)
        nc_sema_set_twice(s, &group->fields.items[k], field);
    while (at < settings->count && strcmp(settings->items[at].name, field->name) != 0)
      nc_suggest(field->name, settings->items[at++].name, &best, &distance);
    if (at < settings->count)
      continue;
    NcDiag *diag = nc_sema_error(s, "E0105", field->name_span, "%s has no setting %s",
                                 optimizer->name, field->name);
    NcText all = nc_text_create(s->arena);
    for (int k = 0; k < settings->count; k++)
      nc_text_printf(&all, "%s%s", k ? ", " : "", settings->items[k].name);
    if (best)
      nc_diag_help(s->diags, diag, "did you mean %s?", best);
    else if (settings->count > 0)
      nc_diag_help(s->diags, diag, "its settings are %s", all.data);
  }
}

static bool is_trained(const NcParam *param) {
  return param->variable && param->kind == NC_VAR_PARAM && !param->frozen;
}

void nc_sema_optimize(NcSema *s, NcValue *value, NcSpan span, const NcTrainAst *train,
                      NcGraph *initialize) {
  NcSymbol *optimizer = value->symbol;
  int count = optimizer->decl->fields.count;
  NcArg *arranged = NC_NEW_ARRAY(s->arena, NcArg, count);
  const NcExprAst **exprs = NC_NEW_ARRAY(s->arena, const NcExprAst *, count);
  optimizer->calls++;
  if (!arrange_settings(s, optimizer, value->call, value->call ? value->call->span : span, arranged,
                        exprs))
    return;
  s->training = true;
  for (int i = 0; train->decl && i < train->decl->groups.count; i++)
    check_group(s, optimizer, &train->decl->groups.items[i]);
  for (int i = 0; i < s->params.count; i++) {
    NcParam *param = s->params.items[i];
    if (!is_trained(param))
      continue;
    const NcExprAst **own = NC_NEW_ARRAY(s->arena, const NcExprAst *, count);
    memcpy(own, exprs, sizeof *own * (size_t)count);
    override(s, optimizer, param, train, own);
    run_for(s, optimizer, value->call, span, own, param, initialize);
  }
  s->graph = NULL;
  s->float_dtype = NC_F32;
}

// ---- clipping: a function of all gradients

static NcValue *gradients(NcSema *s, NcGraph *graph) {
  NcValue *list = nc_value_list(s->arena, NC_VALUE_LIST);
  for (int i = 0; i < s->params.count; i++) {
    const NcParam *param = s->params.items[i];
    if (is_trained(param))
      nc_vec_push(
          s->arena, list->items,
          nc_value_tensor(s->arena, nc_graph_input(graph, param->name, param->variable->type)));
  }
  return list;
}

// Inside of `clip`, norm and value are the library's clippings, unless the file has such functions.
static void define_clippings(NcSema *s) {
  static const char *const names[][2] = {{"norm", "clip_norm"}, {"value", "clip_value"}};
  for (int i = 0; i < 2; i++) {
    const NcSymbol *own = nc_map_get(&s->globals->names, names[i][0]);
    if (!own || own->kind != NC_SYMBOL_FN)
      nc_scope_add(s, s->frame->scope, NC_SYMBOL_VALUE, names[i][0], NC_NOWHERE)->value =
          nc_sema_name(s, names[i][1], NC_NOWHERE);
  }
}

static bool add_clipped(NcGraph *graph, const NcValue *given, const NcValue *clipped) {
  if (clipped->kind != NC_VALUE_LIST || clipped->items.count != given->items.count)
    return false;
  for (int i = 0; i < given->items.count; i++) {
    const NcValue *item = clipped->items.items[i];
    const NcNode *input = given->items.items[i]->node;
    if (item->kind != NC_VALUE_TENSOR || !nc_type_equal(&item->node->type, &input->type))
      return false;
    nc_graph_add_result(graph, input->name, NC_RESULT_OUTPUT, item->node);
  }
  return true;
}

void nc_sema_clip(NcSema *s, const NcExprAst *expr) {
  NcGraph *graph = nc_module_add_graph(s->module, "clip");
  s->graph = graph;
  nc_sema_enter(s, NULL, NC_NOWHERE, s->globals);
  define_clippings(s);
  NcValue *clip = nc_sema_with_defaults(s, nc_sema_eval(s, expr), expr->span);
  NcValue *given = gradients(s, graph);
  NcArg arg = {.name_span = NC_NOWHERE, .span = expr->span, .value = given};
  NcValue *clipped = nc_value_error(s->arena);
  if (clip->kind == NC_VALUE_FN || clip->kind == NC_VALUE_INSTANCE)
    clipped = nc_sema_call_with(s, clip, nc_sema_quote(s, expr->span), arg, expr->span);
  else if (!nc_value_is_error(clip))
    clipped = clip;
  if (!nc_value_is_error(clipped) && !add_clipped(graph, given, clipped)) {
    NcDiag *diag = nc_sema_error(
        s, "E0427", expr->span, "clip must give a list like that of the gradients, but %s %s",
        clipped == clip ? "this is" : "gives", nc_value_describe(s->arena, clipped));
    nc_diag_help(s->diags, diag, "write clip = norm(1.0), or clip = value(0.5)");
  }
  nc_sema_leave(s);
  s->graph = NULL;
}
