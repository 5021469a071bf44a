// Layers: instances with their settings, the params and buffers they own, and the paths of both.
//
// Every interpretation of the file makes its instances anew; the variables that they own are found
// again by their path.
#include "sema/sema.h"

#include "ops/build.h"

#include <ctype.h>
#include <string.h>

bool nc_sema_has_settings(const NcSymbol *fn) { return fn->decl->has_data; }

bool nc_value_is_layer(const NcValue *value) {
  const NcSymbol *symbol = value->kind == NC_VALUE_FN         ? value->symbol
                           : value->kind == NC_VALUE_INSTANCE ? value->instance->symbol
                                                              : NULL;
  return symbol && symbol->decl->kind == NC_DECL_LAYER;
}

// ---- instances and their names

static NcInstance *make(NcSema *s, NcSymbol *symbol, NcSpan span) {
  NcInstance *instance = NC_NEW(s->arena, NcInstance);
  instance->symbol = symbol;
  instance->span = span;
  instance->kinds = nc_map_create(s->arena);
  instance->members = nc_map_create(s->arena);
  return instance;
}

NcInstance *nc_sema_root_instance(NcSema *s) {
  s->made.count = 0;
  NcInstance *root = make(s, NULL, NC_NOWHERE);
  root->applied = true;
  return root;
}

static const char *path_in(NcSema *s, const NcInstance *home, const char *name) {
  return home->path ? nc_arena_printf(s->arena, "%s.%s", home->path, name) : name;
}

// "conv1" for the first Conv that is made in its home.
static const char *ordinal_name(NcSema *s, NcInstance *home, const char *kind) {
  char *lower = nc_arena_strdup(s->arena, kind);
  for (char *c = lower; *c; c++)
    *c = (char)tolower((unsigned char)*c);
  int *count = nc_map_get(&home->kinds, lower);
  if (!count) {
    count = NC_NEW(s->arena, int);
    nc_map_set(&home->kinds, lower, count);
  }
  return nc_arena_printf(s->arena, "%s%d", lower, ++*count);
}

static void set_name(NcSema *s, NcInstance *instance, const char *name) {
  instance->name = name;
  instance->path = path_in(s, instance->home, name);
}

static const char *with_suffix(NcSema *s, const char *name) {
  const char *suffix = s->frame->suffix;
  return suffix ? nc_arena_printf(s->arena, "%s%s", name, suffix) : name;
}

void nc_sema_name_instance(NcSema *s, const NcExprAst *expr, const NcValue *value,
                           const char *name) {
  bool made_here = expr && expr->kind == NC_AST_CALL && value->kind == NC_VALUE_INSTANCE;
  if (!made_here || !nc_value_is_layer(value) || strcmp(name, "_") == 0)
    return;
  NcInstance *instance = value->instance;
  if (instance->bound || instance->applied || instance->home != s->frame->instance)
    return;
  instance->bound = name;
  set_name(s, instance, with_suffix(s, name));
}

static bool is_recursive(NcSema *s, const NcSymbol *symbol, NcSpan span) {
  for (const NcInstance *at = s->frame->instance; at; at = at->home) {
    if (at->symbol != symbol || symbol->decl->kind != NC_DECL_LAYER)
      continue;
    NcDiag *diag =
        nc_sema_error(s, "E0112", span, "%s contains itself, but layers are inlined", symbol->name);
    nc_sema_note(s, diag, symbol->span, "%s is declared here", symbol->name);
    return true;
  }
  return false;
}

// Settings are evaluated once, when the instance is made.
static bool bind_settings(NcSema *s, NcInstance *instance, const NcArgs *args, NcSpan span) {
  NcSymbol *symbol = instance->symbol;
  NcArg *arranged = nc_sema_arrange_fields(s, symbol->name, &symbol->decl->fields, args, span);
  if (!arranged)
    return false;
  NcFrame *caller = s->frame;
  nc_sema_enter(s, NULL, span, symbol->globals);
  s->frame->instance = caller->instance;
  s->frame->args = args;
  bool ok = nc_sema_bind_params(s, symbol, &symbol->decl->fields, arranged);
  instance->settings = s->frame->scope;
  nc_sema_leave(s);
  return ok;
}

// The path of the layer, or top level, that owns what is made here.
static NcPath *home_path(NcSema *s) {
  const NcFrame *frame = s->frame;
  while (frame->instance && frame->caller && frame->caller->instance == frame->instance)
    frame = frame->caller;
  return frame->path;
}

NcValue *nc_sema_instantiate(NcSema *s, NcSymbol *symbol, const NcArgs *args, NcSpan span) {
  bool layer = symbol->decl->kind == NC_DECL_LAYER;
  if (layer && !s->frame->instance) {
    NcDiag *diag = nc_sema_error(s, "E0116", span, "a layer cannot be made here: it owns params");
    nc_diag_help(s->diags, diag, "bind it at the top level or inside of a layer: net = %s",
                 nc_sema_quote(s, span));
    return nc_value_error(s->arena);
  }
  if (is_recursive(s, symbol, span))
    return nc_value_error(s->arena);
  symbol->calls++;
  NcInstance *instance = make(s, symbol, nc_sema_user_span(s, span));
  instance->home = s->frame->instance;
  instance->outer = home_path(s);
  if (layer) {
    set_name(s, instance, ordinal_name(s, instance->home, symbol->name));
    nc_vec_push(s->arena, s->made, instance);
  }
  if (!bind_settings(s, instance, args, span)) {
    instance->applied = true; // was reported
    return nc_value_error(s->arena);
  }
  NcValue *value = NC_NEW(s->arena, NcValue);
  value->kind = NC_VALUE_INSTANCE;
  value->written = NC_NOWHERE;
  value->instance = instance;
  return value;
}

// ---- what an instance owns

static NcSpan member_span(const NcMember *member) {
  return member->param ? member->param->place : member->instance->span;
}

static void clash(NcSema *s, const NcInstance *home, const char *name, const NcMember *before,
                  NcSpan span) {
  NcDiag *diag =
      nc_sema_error(s, "E0117", span, "two members are called %s", path_in(s, home, name));
  nc_sema_note(s, diag, member_span(before), "the first is made here");
  nc_diag_help(s->diags, diag,
               "a function's layers belong to its caller: declare the function as a layer, or give "
               "each its own name");
}

static NcMember *add_member(NcSema *s, NcInstance *home, const char *name) {
  NcMember *member = NC_NEW(s->arena, NcMember);
  nc_map_set(&home->members, name, member);
  return member;
}

// At its first application an instance becomes a member of its home.
static bool settle(NcSema *s, NcInstance *instance) {
  if (instance->applied || instance->symbol->decl->kind != NC_DECL_LAYER)
    return true;
  instance->applied = true;
  const NcMember *before = nc_map_get(&instance->home->members, instance->name);
  if (before) {
    clash(s, instance->home, instance->name, before, instance->span);
    return false;
  }
  add_member(s, instance->home, instance->name)->instance = instance;
  return true;
}

static bool variable_type(NcSema *s, const NcParam *param, NcType *type,
                          const NcDimOrigin ***origins) {
  const NcTypeAst *ast = param->field->type;
  if (!ast || !nc_sema_type(s, ast, param->name, type, origins))
    return false;
  bool buffer = param->kind == NC_VAR_BUFFER;
  if (!buffer && !nc_dtype_is_float(type->dtype)) {
    NcDiag *diag = nc_sema_error(s, "E0419", ast->dtype_span, "a param is f32 or f64, but %s is %s",
                                 param->name, nc_dtype_name(type->dtype));
    nc_diag_help(s->diags, diag, "what is not learned can be a const, an input or a buffer");
    return false;
  }
  if (nc_type_has_batch(type)) {
    nc_sema_error(s, "E0419", ast->span,
                  "a %s has the same size for every batch, but %s depends on N",
                  buffer ? "buffer" : "param", param->name);
    return false;
  }
  return true;
}

void nc_sema_declare_param(NcSema *s, NcParam *param) {
  NcType type;
  if (variable_type(s, param, &type, &param->origins))
    param->variable =
        nc_module_add_variable(s->module, param->name, param->kind, type, param->place);
}

static void other_size(NcSema *s, const NcParam *param, const NcType *type, NcSpan span) {
  NcDiag *diag = nc_sema_error(s, "E0220", span, "%s is %s, but here it would be %s", param->name,
                               nc_type_format(s->arena, &param->variable->type),
                               nc_type_format(s->arena, type));
  nc_sema_note(s, diag, param->place, "it got its shape when the layer was first applied");
  nc_diag_help(
      s->diags, diag,
      "a layer that is applied twice shares its params: make another one for other shapes");
}

// The user's place of what is declared in the library is the layer's.
static NcSpan place_of(NcSema *s, const NcFieldAst *field) {
  if (!nc_sema_is_builtin(s, field->name_span))
    return field->name_span;
  return s->frame->instance->span;
}

// The same layer was applied before, in this interpretation or another.
static bool fits_again(NcSema *s, const NcParam *param, const NcFieldAst *field) {
  NcType type;
  const NcDimOrigin **origins;
  if (param->field != field) {
    const NcMember first = {.param = (NcParam *)param};
    clash(s, s->frame->instance, field->name, &first, field->name_span);
    return false;
  }
  if (!param->variable || !variable_type(s, param, &type, &origins))
    return false;
  if (nc_type_equal(&type, &param->variable->type))
    return true;
  other_size(s, param, &type, s->frame->call);
  return false;
}

static NcParam *new_param(NcSema *s, const char *path, NcVariableKind kind,
                          const NcFieldAst *field) {
  NcParam *param = nc_sema_add_param(s, path, kind, field, place_of(s, field),
                                     nc_scope_snapshot(s, s->frame->scope, s->globals));
  nc_map_set(&s->owned, path, param);
  nc_sema_declare_param(s, param);
  return param;
}

void nc_sema_own(NcSema *s, const NcStmtAst *stmt) {
  NcInstance *home = s->frame->instance;
  if (stmt->targets.count == 0 || !home)
    return;
  const NcFieldAst *field = &stmt->targets.items[0];
  const char *name = with_suffix(s, field->name), *path = path_in(s, home, name);
  NcVariableKind kind = stmt->kind == NC_STMT_BUFFER ? NC_VAR_BUFFER : NC_VAR_PARAM;
  NcParam *param = nc_map_get(&s->owned, path);
  NcMember *member = nc_map_get(&home->members, name);
  bool ok = true;
  if (member && (!param || member->param != param))
    clash(s, home, name, member, place_of(s, field)), ok = false;
  else if (!param)
    param = new_param(s, path, kind, field);
  else
    ok = fits_again(s, param, field);
  if (!member && ok)
    add_member(s, home, name)->param = param;
  NcSymbol *symbol = nc_sema_define_local(s, field->name, field->name_span);
  if (!ok || !symbol) // an error value without a report
    return;
  symbol->kind = NC_SYMBOL_PARAM; // its value is looked up at each use
  symbol->param = param;
}

// ---- members

NcValue *nc_sema_instance_member(NcSema *s, const NcValue *whole, const NcExprAst *expr) {
  const NcInstance *instance = whole->instance;
  const NcMember *member = nc_map_get(&instance->members, expr->text);
  if (member && member->param)
    return nc_sema_param(s, member->param, expr->span);
  if (member) {
    NcValue *value = NC_NEW(s->arena, NcValue);
    value->kind = NC_VALUE_INSTANCE;
    value->instance = member->instance;
    return value;
  }
  if (s->syntax_errors)
    return nc_value_error(s->arena);
  const char *what = instance->path ? instance->path : instance->symbol->name;
  NcDiag *diag = nc_sema_error(s, "E0104", expr->op_span, "%s has no member %s", what, expr->text);
  NcGuess guess = nc_sema_guess(s, expr->text);
  for (int i = 0; i < instance->members.count; i++)
    nc_sema_consider(&guess, instance->members.entries[i].key, instance->members.entries[i].key,
                     NC_NOWHERE);
  nc_sema_suggest(&guess, diag);
  if (!instance->applied)
    nc_diag_help(s->diags, diag, "%s has its params once it is applied", what);
  return nc_value_error(s->arena);
}

// ---- application

// The settings are names of the body as its parameters are.
static void define_settings(NcSema *s, const NcInstance *instance) {
  const NcMap *names = &instance->settings->names;
  for (int i = 0; i < names->count; i++) {
    const NcSymbol *setting = names->entries[i].value;
    NcSymbol *own = nc_scope_add(s, s->frame->scope, NC_SYMBOL_VALUE, setting->name, setting->span);
    own->value = setting->value;
    own->given = setting->given;
  }
}

static bool is_active(NcSema *s, const NcInstance *instance, NcSpan span) {
  if (!instance->active)
    return false;
  NcDiag *diag =
      nc_sema_error(s, "E0112", span, "%s is applied inside of itself", instance->symbol->name);
  nc_sema_note(s, diag, instance->span, "it is made here");
  return true;
}

NcValue *nc_sema_apply_instance(NcSema *s, NcInstance *instance, const NcArgs *args, NcSpan span) {
  NcSymbol *symbol = instance->symbol;
  NcValue *value = nc_value_error(s->arena);
  NcArg *arranged = NULL;
  if (!is_active(s, instance, span) && settle(s, instance))
    arranged = nc_sema_arrange_fields(s, symbol->name, &symbol->decl->data, args, span);
  if (!arranged)
    return value;
  nc_sema_enter_layer(s, instance, span);
  s->frame->args = args;
  instance->active = true;
  define_settings(s, instance);
  if (nc_sema_bind_params(s, symbol, &symbol->decl->data, arranged))
    value = nc_sema_run(s, symbol);
  instance->result = value->kind == NC_VALUE_TENSOR ? value : NULL;
  instance->active = false;
  nc_sema_leave(s);
  return value;
}

// ---- updates of buffers

NcNode *nc_sema_new_value(NcSema *s, const NcFieldAst *target, NcValue *value, NcSpan span,
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

static void set_update(NcSema *s, NcVariable *variable, NcNode *node) {
  for (int i = 0; i < s->graph->updates.count; i++)
    if (s->graph->updates.items[i].variable == variable) {
      s->graph->updates.items[i].node = node;
      return;
    }
  nc_graph_add_update(s->graph, variable, node);
}

static NcParam *find_buffer(NcSema *s, const NcFieldAst *target) {
  const NcSymbol *symbol = nc_scope_find(s->frame->scope, target->name);
  if (symbol && symbol->kind == NC_SYMBOL_PARAM && symbol->param->kind == NC_VAR_BUFFER)
    return symbol->param;
  if (s->syntax_errors || (symbol && symbol->value && nc_value_is_error(symbol->value)))
    return NULL;
  NcDiag *diag = nc_sema_error(s, "E0423", target->name_span,
                               "%s is no buffer that can be updated here", target->name);
  if (symbol && symbol->kind == NC_SYMBOL_PARAM)
    nc_diag_help(s->diags, diag, "the optimizer updates params; what a layer keeps is a `buffer`");
  NcGuess guess = nc_sema_guess(s, target->name);
  for (const NcScope *scope = s->frame->scope; scope; scope = scope->parent)
    for (int i = 0; i < scope->names.count; i++) {
      const NcSymbol *other = scope->names.entries[i].value;
      if (other->kind == NC_SYMBOL_PARAM && other->param->kind == NC_VAR_BUFFER)
        nc_sema_consider(&guess, other->name, other->name, other->span);
    }
  nc_sema_suggest(&guess, diag);
  return NULL;
}

void nc_sema_update_buffer(NcSema *s, const NcStmtAst *stmt) {
  const NcFieldAst *target = &stmt->targets.items[0];
  const NcExprAst *expr = stmt->values.items[0];
  NcParam *buffer = find_buffer(s, target);
  if (!nc_sema_need_graph(s, stmt->span))
    return;
  NcPath *before = nc_sema_begin_binding(s, target->name);
  NcValue *value = nc_sema_eval(s, expr);
  if (buffer && buffer->variable) {
    NcNode *node = nc_sema_new_value(s, target, value, expr->span, buffer->variable->type);
    if (node && s->training) {
      nc_sema_param(s, buffer, stmt->span); // so that its node is this graph's
      set_update(s, buffer->variable, node);
      buffer->node = node;
    }
  }
  s->frame->binding = before;
}

void nc_sema_unapplied(NcSema *s) {
  if (s->diags->error_count > 0)
    return;
  for (int i = 0; i < s->made.count; i++) {
    const NcInstance *instance = s->made.items[i];
    bool told = instance->bound && !nc_map_get(&s->uses, instance->bound); // that nothing uses it
    if (!instance->applied && !told)
      nc_sema_warn(s, "W0106", instance->span, "the layer %s is never applied", instance->path);
  }
}
