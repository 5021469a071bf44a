// Calls: arguments are matched to parameters, then a function's body is interpreted in a frame of
// its own.
#include "sema/sema.h"

#include "ops/build.h"

#include <limits.h>
#include <string.h>

// ---- arguments to parameters

static bool same_name(const char *parameter, const char *name) {
  size_t length = strlen(parameter);
  if (length && parameter[length - 1] == '?')
    length--;
  return strlen(name) == length && strncmp(parameter, name, length) == 0;
}

static int find_parameter(const char *const *names, int count, const char *name) {
  for (int i = 0; i < count; i++)
    if (same_name(names[i], name))
      return i;
  return -1;
}

static const char *plain(NcSema *s, const char *parameter) {
  size_t length = strlen(parameter);
  return nc_arena_strndup(s->arena, parameter,
                          length && parameter[length - 1] == '?' ? length - 1 : length);
}

static void unknown_argument(NcSema *s, const char *callee, const NcArg *arg,
                             const char *const *names, int count) {
  NcDiag *diag =
      nc_sema_error(s, "E0105", arg->name_span, "%s has no parameter %s", callee, arg->name);
  const char *best = NULL;
  int distance = INT_MAX;
  NcText all = nc_text_create(s->arena);
  for (int i = 0; i < count; i++) {
    const char *name = plain(s, names[i]);
    nc_suggest(arg->name, name, &best, &distance);
    nc_text_printf(&all, "%s%s", i ? ", " : "", name);
  }
  if (best)
    nc_sema_fix_name(s, diag, arg->name_span, best);
  else if (count > 0)
    nc_diag_help(s->diags, diag, "its parameters are %s", all.data);
}

static bool place(NcSema *s, const char *callee, const NcArg *arg, const char *const *names,
                  int count, int position, NcArg *arranged) {
  int at = arg->name ? find_parameter(names, count, arg->name) : position;
  if (at < 0) {
    unknown_argument(s, callee, arg, names, count);
    return false;
  }
  if (at >= count) {
    if (count == 0)
      nc_sema_error(s, "E0107", arg->span, "%s takes no arguments", callee);
    else
      nc_sema_error(s, "E0107", arg->span, "%s takes %d argument%s, but is given more", callee,
                    count, count == 1 ? "" : "s");
    return false;
  }
  if (arranged[at].value) {
    NcDiag *diag =
        nc_sema_error(s, "E0108", arg->span, "%s: %s is given twice", callee, plain(s, names[at]));
    nc_sema_note(s, diag, arranged[at].span, "first given here");
    return false;
  }
  arranged[at] = *arg;
  return true;
}

bool nc_sema_arrange(NcSema *s, const char *callee, const NcArgs *args, const char *const *names,
                     int count, NcSpan span, NcArg *arranged) {
  int position = 0;
  for (int i = 0; i < args->count; i++) {
    const NcArg *arg = &args->items[i];
    if (!place(s, callee, arg, names, count, position, arranged))
      return false;
    position += arg->name == NULL;
  }
  bool ok = true;
  for (int i = 0; i < count; i++) {
    size_t length = strlen(names[i]);
    if (arranged[i].value || (length && names[i][length - 1] == '?'))
      continue;
    nc_sema_error(s, "E0106", span, "%s needs an argument for %s", callee, names[i]);
    ok = false;
  }
  return ok;
}

// ---- functions

static bool is_recursive(NcSema *s, NcSymbol *fn, NcSpan span) {
  if (!fn->active)
    return false;
  NcDiag *diag =
      nc_sema_error(s, "E0112", span, "%s calls itself, but functions are inlined", fn->name);
  nc_sema_note(s, diag, fn->span, "%s is declared here", fn->name);
  return true;
}

NcArg *nc_sema_arrange_fields(NcSema *s, const char *callee, const NcFieldsAst *params,
                              const NcArgs *args, NcSpan span) {
  const char **names = NC_NEW_ARRAY(s->arena, const char *, params->count);
  for (int i = 0; i < params->count; i++) {
    const NcFieldAst *param = &params->items[i];
    names[i] = param->value ? nc_arena_printf(s->arena, "%s?", param->name) : param->name;
  }
  NcArg *arranged = NC_NEW_ARRAY(s->arena, NcArg, params->count);
  bool ok = nc_sema_arrange(s, callee, args, names, params->count, span, arranged);
  for (int i = 0; ok && i < params->count; i++)
    ok = !arranged[i].value || !nc_value_is_error(arranged[i].value);
  return ok ? arranged : NULL;
}

static NcMatch match_of(NcSema *s, const NcSymbol *fn, const NcFieldAst *param, NcMatch *match) {
  match->what = nc_arena_printf(s->arena, "%s: %s", fn->name, param->name);
  return *match;
}

static bool is_int(const NcFieldAst *param) {
  return param->type && !param->type->has_dims && strcmp(param->type->dtype, "int") == 0;
}

static bool bind_param(NcSema *s, const NcSymbol *fn, const NcFieldAst *param, NcArg *arg,
                       NcMatch *match) {
  match_of(s, fn, param, match);
  if (param->type)
    arg->value = nc_sema_match_check(s, match, param->type, arg->value, arg->span);
  nc_sema_define_param(s, param, arg);
  return !nc_value_is_error(arg->value);
}

// In the order that the language gives: compile-time integers, names of dimensions, then the rest,
// where defaults may use what stands before them.
bool nc_sema_bind_params(NcSema *s, const NcSymbol *fn, const NcFieldsAst *params, NcArg *args) {
  NcMatch match = {.code = "E0204", .scope = s->frame->scope};
  match.bound = nc_map_create(s->arena);
  bool ok = true;
  for (int i = 0; i < params->count; i++)
    if (is_int(&params->items[i]) && args[i].value)
      ok = bind_param(s, fn, &params->items[i], &args[i], &match) && ok;
  for (int i = 0; i < params->count; i++) {
    match_of(s, fn, &params->items[i], &match);
    if (params->items[i].type && args[i].value)
      ok = nc_sema_match_names(s, &match, params->items[i].type, args[i].value, args[i].span) && ok;
  }
  for (int i = 0; ok && i < params->count; i++) {
    const NcFieldAst *param = &params->items[i];
    if (is_int(param) && args[i].value)
      continue;
    if (!args[i].value) {
      args[i].value = nc_sema_eval(s, param->value);
      args[i].span = param->value->span;
      if (nc_value_is_error(args[i].value))
        return false;
    }
    ok = bind_param(s, fn, param, &args[i], &match);
  }
  s->frame->has_float = match.has_float;
  s->frame->float_dtype = match.float_dtype;
  return ok;
}

// A result's dimensions must be bound by the parameters.
static bool results_bound(NcSema *s, const NcSymbol *fn) {
  bool ok = true;
  for (int r = 0; r < fn->decl->results.count; r++) {
    const NcTypeAst *type = fn->decl->results.items[r];
    for (int i = 0; i < type->dims.count; i++) {
      const NcExprAst *dim = type->dims.items[i];
      if (dim->kind != NC_AST_NAME || nc_scope_find(s->frame->scope, dim->text))
        continue;
      NcDiag *diag =
          nc_sema_error(s, "E0211", dim->span, "no parameter of %s binds %s", fn->name, dim->text);
      nc_sema_note(s, diag, fn->span, "%s is declared here", fn->name);
      ok = false;
    }
  }
  return ok;
}

static NcValue *check_results(NcSema *s, const NcSymbol *fn, NcValue *value) {
  int wanted = fn->decl->results.count;
  if (wanted == 0 || nc_value_is_error(value))
    return value;
  int given = value->kind == NC_VALUE_RESULTS ? value->items.count : 1;
  if (wanted != given) {
    NcDiag *diag = nc_sema_error(s, "E0218", fn->decl->results.items[0]->span,
                                 "%s is declared to give %d result%s, but returns %d", fn->name,
                                 wanted, wanted == 1 ? "" : "s", given);
    nc_sema_note(s, diag, s->frame->returned, "it returns here");
    return nc_value_error(s->arena);
  }
  NcValue *checked = nc_value_list(s->arena, NC_VALUE_RESULTS);
  for (int i = 0; i < wanted; i++) {
    NcMatch match = {.code = "E0206",
                     .what = wanted == 1
                                 ? nc_arena_printf(s->arena, "the result of %s", fn->name)
                                 : nc_arena_printf(s->arena, "result %d of %s", i + 1, fn->name)};
    NcValue *item = given == 1 ? value : value->items.items[i];
    NcSpan span = s->frame->returned.file >= 0 ? s->frame->returned : fn->span;
    item = nc_sema_match_check(s, &match, fn->decl->results.items[i], item, span);
    if (nc_value_is_error(item))
      return item;
    nc_vec_push(s->arena, checked->items, item);
  }
  return wanted == 1 ? checked->items.items[0] : checked;
}

static NcValue *body(NcSema *s, const NcSymbol *fn) {
  if (!fn->decl->has_body) {
    if (!fn->decl->value)
      return nc_value_error(s->arena);
    s->frame->returned = fn->decl->value->span;
    return nc_sema_eval(s, fn->decl->value);
  }
  NcValue *value = nc_sema_block(s, &fn->decl->body);
  if (value)
    return value;
  if (s->syntax_errors)
    return nc_value_error(s->arena);
  return nc_sema_fail(s, "E0219", fn->span, "%s has no return statement", fn->name);
}

NcValue *nc_sema_run(NcSema *s, const NcSymbol *fn) {
  s->frame->returned = NC_NOWHERE;
  return results_bound(s, fn) ? check_results(s, fn, body(s, fn)) : nc_value_error(s->arena);
}

// What the library's functions tell about their results.
static void tag_result(NcSema *s, const NcSymbol *fn, NcValue *value) {
  if (value->kind == NC_VALUE_TENSOR && nc_sema_is_builtin(s, fn->span))
    value->probabilities = strcmp(fn->name, "softmax") == 0 || strcmp(fn->name, "sigmoid") == 0;
}

static NcValue *call_fn(NcSema *s, NcSymbol *fn, const NcArgs *args, NcSpan span) {
  if (is_recursive(s, fn, span))
    return nc_value_error(s->arena);
  NcArg *arranged = nc_sema_arrange_fields(s, fn->name, &fn->decl->fields, args, span);
  if (!arranged)
    return nc_value_error(s->arena);
  nc_sema_enter(s, fn, span, fn->globals);
  s->frame->args = args;
  fn->active = true;
  NcValue *value = nc_value_error(s->arena);
  if (nc_sema_bind_params(s, fn, &fn->decl->fields, arranged)) {
    fn->calls++;
    value = nc_sema_run(s, fn);
  }
  fn->active = false;
  nc_sema_leave(s);
  tag_result(s, fn, value);
  return value;
}

// ---- everything that can be called

static NcValue *cast_literal(NcSema *s, NcDtype dtype, const NcSite *site, const NcValue *value) {
  nc_sema_set_origin(s, site->span);
  bool exact = value->kind == NC_VALUE_BOOL || value->kind == NC_VALUE_FLOAT;
  NcDtype own = value->kind == NC_VALUE_BOOL ? NC_BOOL : exact ? NC_F64 : NC_I64;
  if (value->kind == NC_VALUE_FLOAT && nc_dtype_is_float(dtype))
    own = dtype;
  if (value->kind == NC_VALUE_INT && value->dim.n == 0 && nc_dtype_is_float(dtype))
    own = dtype;
  NcValue *tensor = nc_sema_literal(s, site->spans[0], value, nc_type_scalar(own));
  return tensor ? nc_value_tensor(s->arena, nc_cast(s->graph, tensor->node, dtype))
                : nc_value_error(s->arena);
}

static NcValue *call_cast(NcSema *s, NcDtype dtype, const NcArgs *args, NcSpan span) {
  static const char *const names[] = {"x"};
  NcArg arg = {0};
  const char *name = nc_dtype_name(dtype);
  if (!nc_sema_arrange(s, name, args, names, 1, span, &arg) || nc_value_is_error(arg.value))
    return nc_value_error(s->arena);
  NcSite site = {name, span, 1, &arg.span};
  if (!nc_sema_need_graph(s, span))
    return nc_value_error(s->arena);
  if (nc_value_is_literal(arg.value))
    return cast_literal(s, dtype, &site, arg.value);
  NcValue *x = nc_sema_tensor(s, &site, 0, arg.value, dtype);
  if (!x)
    return nc_value_error(s->arena);
  NcValue *result = x;
  if (x->node->type.dtype != dtype) {
    NcAttr type = nc_attr_type(nc_type_with_dtype(x->node->type, dtype));
    result = nc_sema_apply(s, &site, &nc_op_cast, &x, 1, &type);
  }
  if (result != x && nc_dtype_is_integer(dtype)) {
    result->has_range = x->has_range;
    result->low = x->low;
    result->high = x->high;
  }
  return result;
}

// The settings stay as written: they are evaluated for each param, as the step goes by.
static NcValue *call_optimizer(NcSema *s, NcValue *optimizer, const NcExprAst *expr) {
  NcValue *value = NC_NEW(s->arena, NcValue);
  *value = *optimizer;
  value->call = expr;
  return value;
}

static NcValue *not_callable(NcSema *s, const NcValue *callee, const char *name, NcSpan span) {
  NcDiag *diag = nc_sema_error(s, "E0111", span, "%s cannot be called: it is %s", name,
                               nc_value_describe(s->arena, callee));
  const NcSymbol *bound = nc_scope_find(s->globals, name);
  const NcSymbol *library = nc_scope_find(s->library, name);
  if (bound && library && bound != library) {
    nc_sema_note(s, diag, bound->span, "here it gets its value");
    nc_diag_help(s->diags, diag, "give the value another name, to call the library's %s below it",
                 name);
  }
  return nc_value_error(s->arena);
}

NcValue *nc_sema_call(NcSema *s, NcValue *callee, const char *name, const NcArgs *args,
                      NcSpan span) {
  switch (callee->kind) {
  case NC_VALUE_ERROR:
    return callee;
  case NC_VALUE_FN:
    return nc_sema_has_settings(callee->symbol) ? nc_sema_instantiate(s, callee->symbol, args, span)
                                                : call_fn(s, callee->symbol, args, span);
  case NC_VALUE_INSTANCE:
    return nc_sema_apply_instance(s, callee->instance, args, span);
  case NC_VALUE_BUILTIN:
    return nc_sema_call_builtin(s, callee->builtin, args, span);
  case NC_VALUE_DTYPE:
    return call_cast(s, callee->dtype, args, span);
  default:
    return not_callable(s, callee, name, span);
  }
}

static NcArgs *eval_args(NcSema *s, const NcExprAst *expr, const NcArg *first) {
  int before = first ? 1 : 0, count = before + (expr->kind == NC_AST_CALL ? expr->args.count : 0);
  NcArgs *args = NC_NEW(s->arena, NcArgs);
  *args = (NcArgs){count, NC_NEW_ARRAY(s->arena, NcArg, count)};
  if (first)
    args->items[0] = *first;
  for (int i = before; i < count; i++) {
    const NcArgAst *arg = &expr->args.items[i - before];
    args->items[i] =
        (NcArg){arg->name, arg->name_span, arg->value->span, nc_sema_eval(s, arg->value)};
  }
  return args;
}

NcValue *nc_sema_call_with(NcSema *s, NcValue *callee, const char *name, NcArg arg, NcSpan span) {
  NcArgs *args = NC_NEW(s->arena, NcArgs);
  *args = (NcArgs){1, NC_NEW(s->arena, NcArg)};
  args->items[0] = arg;
  return nc_sema_call(s, callee, name, args, span);
}

NcValue *nc_sema_call_expr(NcSema *s, const NcExprAst *expr, NcArg *piped) {
  bool is_call = expr->kind == NC_AST_CALL;
  NcValue *state = is_call && !piped ? nc_sema_fetch_state(s, expr) : NULL;
  if (state)
    return state;
  const NcExprAst *callee_expr = is_call ? expr->callee : expr;
  NcValue *callee = nc_sema_eval(s, callee_expr);
  const char *name = nc_sema_quote(s, callee_expr->span);
  if (callee->kind == NC_VALUE_OPTIMIZER && is_call && !piped && !callee->call)
    return call_optimizer(s, callee, expr);
  // what takes two lists is given its settings by the call, then what comes down the pipe
  bool settings = callee->kind == NC_VALUE_FN && nc_sema_has_settings(callee->symbol);
  if (piped && settings) {
    callee = nc_sema_call(s, callee, name, eval_args(s, expr, NULL), expr->span);
    return nc_sema_call_with(s, callee, name, *piped, expr->span);
  }
  return nc_sema_call(s, callee, name, eval_args(s, expr, piped), expr->span);
}
