// Names: scopes, what may be declared, and the value a name has where it is used.
#include "sema/sema.h"

#include "ops/build.h"

#include <string.h>

NcScope *nc_scope_create(NcArena *arena, NcScope *parent) {
  NcScope *scope = NC_NEW(arena, NcScope);
  scope->names = nc_map_create(arena);
  scope->parent = parent;
  return scope;
}

NcSymbol *nc_scope_find(const NcScope *scope, const char *name) {
  for (; scope; scope = scope->parent) {
    NcSymbol *symbol = nc_map_get(&scope->names, name);
    if (symbol)
      return symbol;
  }
  return NULL;
}

NcSymbol *nc_scope_add(NcSema *s, NcScope *scope, NcSymbolKind kind, const char *name,
                       NcSpan span) {
  NcSymbol *symbol = NC_NEW(s->arena, NcSymbol);
  symbol->kind = kind;
  symbol->name = name;
  symbol->span = span;
  symbol->globals = scope;
  symbol->graph = s->graph;
  nc_map_set(&scope->names, name, symbol);
  return symbol;
}

static bool is_reserved(const char *name) {
  static const char *const words[] = {"N", "training", "step", "epoch", "int", "float", "integer"};
  NcDtype dtype;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(name, words[i]) == 0)
      return true;
  return nc_dtype_parse(name, &dtype);
}

// An error value stands for a name that was refused, so that its uses are silent.
static bool may_declare(NcSema *s, NcScope *scope, const char *name, NcSpan span) {
  if (is_reserved(name)) {
    NcDiag *diag = nc_sema_error(s, "E0103", span, "the name %s is taken by the language", name);
    if (strcmp(name, "N") == 0)
      nc_diag_help(s->diags, diag, "N is the size of the batch; choose another name");
    nc_scope_add(s, scope, NC_SYMBOL_VALUE, name, span)->value = nc_value_error(s->arena);
    return false;
  }
  const NcSymbol *before = nc_map_get(&scope->names, name);
  if (!before)
    return true;
  NcDiag *diag = nc_sema_error(s, "E0102", span, "%s is defined twice", name);
  if (before->span.file >= 0)
    nc_sema_note(s, diag, before->span, "%s is first defined here", name);
  return false;
}

// `_` takes what nobody wants, any number of times, and is no name.
static bool is_nameless(const char *name) { return strcmp(name, "_") == 0; }

// What a name that is bound inside of a loop may give a new value: a name of the same function, or
// a binding of the top level.
static NcSymbol *find_rebindable(NcSema *s, const char *name) {
  const NcFrame *frame = s->frame;
  if (frame->scope == frame->base)
    return NULL;
  for (const NcScope *scope = frame->scope; scope != frame->base->parent; scope = scope->parent) {
    NcSymbol *symbol = nc_map_get(&scope->names, name);
    if (symbol && symbol->kind == NC_SYMBOL_VALUE)
      return symbol;
  }
  NcSymbol *symbol = frame->top ? nc_map_get(&s->globals->names, name) : NULL;
  bool bound = symbol && symbol->kind == NC_SYMBOL_BINDING && symbol->graph == s->graph;
  return bound ? symbol : NULL;
}

static bool may_define(NcSema *s, const char *name, NcSpan span) {
  return !is_nameless(name) && may_declare(s, s->frame->scope, name, span) &&
         (!s->frame->top || may_declare(s, s->globals, name, span));
}

void nc_sema_define(NcSema *s, const char *name, NcSpan span, NcValue *value) {
  NcSymbol *symbol = find_rebindable(s, name);
  if (!symbol && may_define(s, name, span))
    symbol = nc_scope_add(s, s->frame->scope, NC_SYMBOL_VALUE, name, span);
  if (!symbol)
    return;
  symbol->value = value;
  symbol->graph = s->graph;
}

void nc_sema_define_param(NcSema *s, const NcFieldAst *param, const NcArg *arg) {
  nc_sema_define(s, param->name, param->name_span, arg->value);
  NcSymbol *symbol = nc_map_get(&s->frame->scope->names, param->name);
  if (symbol)
    symbol->given = arg;
}

NcSymbol *nc_sema_define_local(NcSema *s, const char *name, NcSpan span) {
  if (!may_define(s, name, span))
    return NULL;
  NcSymbol *symbol = nc_scope_add(s, s->frame->scope, NC_SYMBOL_VALUE, name, span);
  symbol->value = nc_value_error(s->arena);
  return symbol;
}

NcScope *nc_scope_snapshot(NcSema *s, const NcScope *scope, NcScope *globals) {
  bool local =
      scope && scope->parent && scope != globals && scope != s->hidden && scope != s->library;
  if (!local)
    return (NcScope *)scope;
  NcScope *copy = nc_scope_create(s->arena, nc_scope_snapshot(s, scope->parent, globals));
  for (int i = 0; i < scope->names.count; i++) {
    NcSymbol *symbol = NC_NEW(s->arena, NcSymbol);
    *symbol = *(const NcSymbol *)scope->names.entries[i].value;
    nc_map_set(&copy->names, symbol->name, symbol);
  }
  return copy;
}

NcSymbol *nc_sema_declare(NcSema *s, NcSymbolKind kind, const char *name, NcSpan span) {
  if (is_nameless(name) || !may_declare(s, s->globals, name, span))
    return NULL;
  NcSymbol *symbol = nc_scope_add(s, s->globals, kind, name, span);
  nc_vec_push(s->arena, s->order, symbol);
  return symbol;
}

// After a syntax error a declaration may be missing that the user did write: no report then.
static NcValue *unknown(NcSema *s, const char *name, NcSpan span) {
  if (s->syntax_errors)
    return nc_value_error(s->arena);
  NcDiag *diag = nc_sema_error(s, "E0101", span, "unknown name %s", name);
  NcGuess guess = nc_sema_guess(s, name);
  for (const NcScope *scope = s->frame->scope; scope; scope = scope->parent)
    for (int i = 0; i < scope->names.count; i++) {
      const NcSymbol *symbol = scope->names.entries[i].value;
      bool shown = symbol->decl && symbol->kind == NC_SYMBOL_BINDING &&
                   symbol->decl->kind != NC_DECL_BIND; // an output or metric is its own use
      nc_sema_consider(&guess, symbol->name, symbol->name, shown ? NC_NOWHERE : symbol->span);
    }
  nc_sema_suggest(&guess, diag);
  return nc_value_error(s->arena);
}

// `const width: int in 1..1024 = 64`: the range holds its lower end, but not its upper one.
static bool in_range(NcSema *s, const NcFieldAst *field, const NcValue *value) {
  if (!field->low || nc_value_is_error(value))
    return true;
  const NcValue *low = nc_sema_eval(s, field->low), *high = nc_sema_eval(s, field->high);
  if (nc_value_is_error(low) || nc_value_is_error(high))
    return false;
  NcSpan span = nc_span_join(field->low->span, field->high->span);
  bool numbers = nc_value_is_number(low) && nc_value_is_number(high) && !low->dim.n && !high->dim.n;
  if (!numbers || !nc_value_is_number(value) || value->dim.n) {
    NcDiag *diag = nc_sema_error(s, "E0418", span, "a range of numbers is for a number");
    nc_sema_label_value(s, diag, field->value->span, value);
    return false;
  }
  double number = nc_value_number(value);
  if (number >= nc_value_number(low) && number < nc_value_number(high))
    return true;
  NcDiag *diag = nc_sema_error(s, "E0428", field->value->span, "constant %s must lie in %s",
                               field->name, nc_sema_quote(s, span));
  nc_sema_label_value(s, diag, field->value->span, value);
  nc_sema_note(s, diag, span, "%s is declared with this range", field->name);
  nc_diag_help(s->diags, diag, "low..high holds low, but not high");
  return false;
}

static NcValue *evaluate_const(NcSema *s, NcSymbol *symbol, NcSpan span) {
  if (symbol->active) {
    NcDiag *diag =
        nc_sema_error(s, "E0114", span, "the constant %s depends on itself", symbol->name);
    nc_sema_note(s, diag, symbol->span, "%s is defined here", symbol->name);
    return nc_value_error(s->arena);
  }
  const NcFieldAst *field = &symbol->decl->field;
  NcGraph *graph = s->graph;
  s->graph = NULL;
  symbol->active = true;
  nc_sema_enter(s, NULL, NC_NOWHERE, symbol->globals);
  NcValue *value = field->value ? nc_sema_eval(s, field->value) : nc_value_error(s->arena);
  if (field->type && field->value && !nc_value_is_error(value)) {
    NcMatch match = {.code = "E0205",
                     .what = nc_arena_printf(s->arena, "constant %s", field->name)};
    if (nc_value_is_error(nc_sema_match_check(s, &match, field->type, value, field->value->span)))
      value = nc_value_error(s->arena);
  }
  if (!in_range(s, field, value))
    value = nc_value_error(s->arena);
  nc_sema_leave(s);
  symbol->active = false;
  s->graph = graph;
  return symbol->value = value;
}

static NcValue *unavailable(NcSema *s, const NcSymbol *symbol, NcSpan span) {
  if (symbol->kind == NC_SYMBOL_BINDING && s->graph && s->forward == s->graph) {
    NcDiag *diag = nc_sema_error(s, "E0109", span, "%s is used before it is bound", symbol->name);
    nc_sema_note(s, diag, symbol->span, "%s is bound here", symbol->name);
    return nc_value_error(s->arena);
  }
  NcDiag *diag = nc_sema_error(s, "E0110", span, "%s is not known here: %s", symbol->name,
                               s->graph ? "it is a value of the network"
                                        : "only what is known at compile time can stand here");
  nc_sema_note(s, diag, symbol->span, "%s is computed from the batch or the params", symbol->name);
  return nc_value_error(s->arena);
}

static NcValue *special(NcSema *s, const char *name, NcSpan span) {
  if (strcmp(name, "training") == 0)
    return nc_value_bool(s->arena, s->training);
  if (!s->graph)
    return nc_sema_fail(s, "E0110", span,
                        "%s is not known here: only what is known at compile time can stand here",
                        name);
  nc_sema_set_origin(s, span);
  bool step = strcmp(name, "step") == 0;
  return nc_value_tensor(s->arena, step ? nc_step(s->graph) : nc_epoch(s->graph));
}

static NcValue *symbol_value(NcSema *s, NcValueKind kind, NcSymbol *symbol) {
  if (!symbol->value) {
    symbol->value = NC_NEW(s->arena, NcValue);
    symbol->value->kind = kind;
    symbol->value->symbol = symbol;
  }
  return symbol->value;
}

// Until a name of the top level is bound it means what the library means by it.
static NcSymbol *look_up(const NcSema *s, const char *name) {
  NcSymbol *symbol = nc_scope_find(s->frame->scope, name);
  bool later = symbol && symbol->kind == NC_SYMBOL_BINDING && symbol->graph != s->graph;
  NcSymbol *outer = later ? nc_scope_find(s->library, name) : NULL;
  return outer ? outer : symbol;
}

NcValue *nc_sema_name(NcSema *s, const char *name, NcSpan span) {
  NcSymbol *symbol = look_up(s, name);
  if (!symbol)
    return unknown(s, name, span);
  switch (symbol->kind) {
  case NC_SYMBOL_VALUE:
    if (!symbol->value)
      return special(s, name, span);
    return symbol->value->kind == NC_VALUE_TENSOR && symbol->graph != s->graph
               ? unavailable(s, symbol, span)
               : symbol->value;
  case NC_SYMBOL_CONST:
    return symbol->value ? symbol->value : evaluate_const(s, symbol, span);
  case NC_SYMBOL_INPUT:
  case NC_SYMBOL_BINDING:
    return symbol->value && (symbol->graph == s->graph || nc_value_is_error(symbol->value))
               ? symbol->value
               : unavailable(s, symbol, span);
  case NC_SYMBOL_PARAM:
    return nc_sema_param(s, symbol->param, span);
  case NC_SYMBOL_GROUP:
    return symbol_value(s, NC_VALUE_GROUP, symbol);
  case NC_SYMBOL_FN:
    return symbol_value(s, NC_VALUE_FN, symbol);
  case NC_SYMBOL_OPTIMIZER:
    return symbol_value(s, NC_VALUE_OPTIMIZER, symbol);
  case NC_SYMBOL_DATASET:
    return symbol_value(s, NC_VALUE_DATASET, symbol);
  }
  return nc_value_error(s->arena);
}

NcValue *nc_sema_param(NcSema *s, NcParam *param, NcSpan span) {
  if (!param->variable)
    return nc_value_error(s->arena);
  if (!nc_sema_need_graph(s, span))
    return nc_value_error(s->arena);
  if (param->graph != s->graph) {
    s->graph->origin = NULL;
    param->node = nc_graph_variable(s->graph, param->variable);
    param->graph = s->graph;
  }
  NcValue *value = nc_value_tensor(s->arena, param->node);
  value->origins = param->origins;
  value->declared = nc_sema_is_builtin(s, param->field->name_span) ? NULL : param->field;
  return value;
}

NcValue *nc_sema_member(NcSema *s, const NcExprAst *expr) {
  NcValue *whole = nc_sema_eval(s, expr->args.items[0].value);
  if (nc_value_is_error(whole))
    return whole;
  if (whole->kind == NC_VALUE_INSTANCE && nc_value_is_layer(whole))
    return nc_sema_instance_member(s, whole, expr);
  if (whole->kind != NC_VALUE_GROUP) {
    NcDiag *diag = nc_sema_error(s, "E0104", expr->op_span, "%s has no members",
                                 nc_sema_quote(s, expr->args.items[0].value->span));
    nc_sema_label_value(s, diag, expr->args.items[0].value->span, whole);
    return nc_value_error(s->arena);
  }
  NcParam *param = nc_map_get(&whole->symbol->members, expr->text);
  if (param)
    return nc_sema_param(s, param, expr->span);
  if (s->syntax_errors)
    return nc_value_error(s->arena);
  NcSymbol *group = whole->symbol;
  NcDiag *diag = nc_sema_error(s, "E0104", expr->op_span, "param group %s has no member %s",
                               group->name, expr->text);
  NcGuess guess = nc_sema_guess(s, expr->text);
  for (int i = 0; i < group->members.count; i++) {
    const NcParam *member = group->members.entries[i].value;
    nc_sema_consider(&guess, group->members.entries[i].key, member->name, member->field->name_span);
  }
  if (!nc_sema_suggest(&guess, diag))
    nc_sema_note(s, diag, group->span, "%s is declared here", group->name);
  return nc_value_error(s->arena);
}
