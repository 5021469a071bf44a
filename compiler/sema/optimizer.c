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
  if (!field->type || value->kind == NC_VALUE_TENSOR)
    return value; // floats of a param's own dtype fit any param
  NcMatch match = {.code = "E0204",
                   .scope = s->frame->scope,
                   .what = nc_arena_printf(s->arena, "the setting %s", field->name)};
  return nc_sema_match_check(s, &match, field->type, value, span);
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
    NcValue *value = nc_sema_eval(s, expr);
    bool good = is_setting(s, field, value, expr->span);
    s->frame = own;
    value = good ? typed_setting(s, field, value, expr->span) : nc_value_error(s->arena);
    ok = ok && !nc_value_is_error(value);
    nc_sema_define(s, field->name, field->name_span, value);
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
  NcNode *node = nc_sema_initialize(s, expr, type, run->param->ordinal);
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

// A new value of the variable's type: literals and trailing shapes are repeated, as for operands.
static NcNode *new_value(NcSema *s, const NcFieldAst *target, NcValue *value, NcSpan span,
                         NcType type) {
  if (nc_value_is_literal(value)) {
    nc_sema_set_origin(s, span);
    value = nc_sema_literal(s, span, value, type);
    return value ? value->node : NULL;
  }
  if (value->kind == NC_VALUE_TENSOR && value->node->type.dtype == type.dtype &&
      nc_sema_is_trailing(&value->node->type, &type)) {
    nc_sema_set_origin(s, span);
    return nc_broadcast_trailing(s->graph, value->node, type.rank, type.dims);
  }
  if (!nc_value_is_error(value))
    nc_sema_error(s, "E0205", span, "%s is %s, but its new value is %s", target->name,
                  nc_type_format(s->arena, &type), nc_value_describe(s->arena, value));
  return NULL;
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
  NcNode *node = new_value(s, target, value, expr->span, type);
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
  if (!run)
    return; // the parser has reported it
  if (stmt->kind == NC_STMT_STATE)
    declare_state(s, run, stmt);
  else
    update(s, run, stmt);
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
    nc_sema_block(s, &optimizer->decl->body);
    if (run.updated)
      add_updates(&run, graph);
    else if (!s->syntax_errors)
      nc_sema_error(s, "E0422", optimizer->span, "the optimizer %s never updates param",
                    optimizer->name);
  }
  s->frame->optimizer = NULL;
  nc_sema_leave(s);
  nc_graph_prune(graph);
}

void nc_sema_optimize(NcSema *s, NcValue *value, NcSpan span, NcGraph *initialize) {
  NcSymbol *optimizer = value->symbol;
  int count = optimizer->decl->fields.count;
  NcArg *arranged = NC_NEW_ARRAY(s->arena, NcArg, count);
  const NcExprAst **exprs = NC_NEW_ARRAY(s->arena, const NcExprAst *, count);
  optimizer->calls++;
  if (!arrange_settings(s, optimizer, value->call, value->call ? value->call->span : span, arranged,
                        exprs))
    return;
  s->training = true;
  for (int i = 0; i < s->params.count; i++)
    if (s->params.items[i]->variable)
      run_for(s, optimizer, value->call, span, exprs, s->params.items[i], initialize);
  s->graph = NULL;
  s->float_dtype = NC_F32;
}
