// First values of params, buffers and states, built as nodes of the graph `initialize`. An
// initializer is a function of two lists, settings and a shape; the library's are in
// compiler/stdlib/initializers.net.
#include "sema/sema.h"

#include "ops/build.h"

#include <string.h>

static bool is_initializer(const NcValue *value) {
  bool made = value->kind == NC_VALUE_INSTANCE;
  return (made || (value->kind == NC_VALUE_FN && nc_sema_has_settings(value->symbol))) &&
         !nc_value_is_layer(value);
}

static NcValue *needs_settings(NcSema *s, NcSpan span, const NcSymbol *init) {
  NcText names = nc_text_create(s->arena);
  for (int i = 0; i < init->decl->fields.count; i++)
    nc_text_printf(&names, "%s%s", i ? ", " : "", init->decl->fields.items[i].name);
  NcDiag *diag = nc_sema_error(s, "E0106", span, "%s needs its settings", init->name);
  nc_diag_help(s->diags, diag, "write %s(%s)", init->name, names.data);
  return nc_value_error(s->arena);
}

NcValue *nc_sema_with_defaults(NcSema *s, NcValue *value, NcSpan span) {
  static const NcArgs none = {0};
  if (value->kind != NC_VALUE_FN || !nc_sema_has_settings(value->symbol))
    return value;
  for (int i = 0; i < value->symbol->decl->fields.count; i++)
    if (!value->symbol->decl->fields.items[i].value)
      return needs_settings(s, span, value->symbol);
  return nc_sema_instantiate(s, value->symbol, &none, span);
}

// What the initializer gives for the variable's shape.
static NcValue *call_initializer(NcSema *s, const NcExprAst *expr, NcValue *init, NcType type) {
  NcValue *shape = nc_value_list(s->arena, NC_VALUE_LIST);
  for (int i = 0; i < type.rank; i++)
    nc_vec_push(s->arena, shape->items, nc_value_dim(s->arena, type.dims[i]));
  NcArg arg = {.name_span = NC_NOWHERE, .span = expr->span, .value = shape};
  return nc_sema_call_with(s, init, nc_sema_quote(s, expr->span), arg, expr->span);
}

static NcNode *from_tensor(NcSema *s, const NcExprAst *expr, NcValue *value, NcType type) {
  const NcType *given = &value->node->type;
  if (given->dtype == type.dtype && nc_sema_is_trailing(given, &type))
    return nc_broadcast_trailing(s->graph, value->node, type.rank, type.dims);
  NcDiag *diag = nc_sema_error(s, "E0424", expr->span, "the first value is %s, but the type is %s",
                               nc_value_describe(s->arena, value), nc_type_format(s->arena, &type));
  nc_sema_label_value(s, diag, expr->span, value);
  return NULL;
}

NcNode *nc_sema_initialize(NcSema *s, const NcExprAst *expr, NcType type, NcParam *param) {
  NcParam *before = s->first_of;
  NcDtype float_dtype = s->float_dtype;
  s->first_of = param;
  if (nc_dtype_is_float(type.dtype))
    s->float_dtype = type.dtype;
  NcValue *value = nc_sema_eval(s, expr);
  if (is_initializer(value))
    value = nc_sema_with_defaults(s, value, expr->span);
  if (is_initializer(value))
    value = call_initializer(s, expr, value, type);
  s->first_of = before;
  s->float_dtype = float_dtype;
  if (nc_value_is_error(value))
    return NULL;
  nc_sema_set_origin(s, expr->span);
  if (value->kind == NC_VALUE_TENSOR)
    return from_tensor(s, expr, value, type);
  if (nc_value_is_literal(value)) {
    NcValue *tensor = nc_sema_literal(s, expr->span, value, type);
    return tensor ? tensor->node : NULL;
  }
  NcDiag *diag = nc_sema_error(s, "E0424", expr->span, "a first value is needed, but this is %s",
                               nc_value_describe(s->arena, value));
  nc_diag_help(s->diags, diag,
               "xavier, he, zeros, ones, constant(v), uniform(low, high), normal(mean, std), "
               "numbers and tensors are first values");
  return NULL;
}

// ---- first values from files

// What the file holds; false after a report. A file that is not there holds what is asked for, but
// where it will be needed.
static bool stored_type(NcCall *call, const NcStored *stored, NcType *type) {
  NcSema *s = call->s;
  const char *message = "it cannot be used";
  NcFactsStatus status =
      s->options && s->options->stored
          ? s->options->stored(s->options->stored_context, s->arena, stored, type, &message)
          : NC_FACTS_MISSING;
  if (status == NC_FACTS_BAD)
    nc_sema_error(s, "E0501", call->site.spans[0], "%s", message);
  if (status != NC_FACTS_MISSING || !s->options || !s->options->require_data)
    return status != NC_FACTS_BAD;
  NcDiag *diag =
      nc_sema_error(s, "E0502", call->site.spans[0], "there is no file %s", stored->file);
  nc_diag_help(s->diags, diag,
               "--data DIR says where data files are; without it they are looked for beside the "
               ".net file");
  return false;
}

static bool is_text(NcCall *call, int param, const char *what) {
  if (call->args[param]->kind == NC_VALUE_STRING)
    return true;
  nc_call_fail(call, "E0210", param, "%s in quotes is needed, but this is %s", what,
               nc_value_describe(call->s->arena, call->args[param]));
  return false;
}

// The one array of an npy file has no name.
static bool is_nameless(const char *file) { return nc_ends_in(file, ".npy"); }

static NcValue *wrong_stored(NcCall *call, const NcStored *stored, const NcType *given) {
  NcDiag *diag = nc_sema_error(
      call->s, "E0424", call->site.spans[0], "%s holds %s%s%s, but %s is needed", stored->file,
      stored->tensor ? stored->tensor : "", stored->tensor ? " as " : "",
      nc_type_format(call->s->arena, given), nc_type_format(call->s->arena, &stored->type));
  if (nc_shape_equal(given, &stored->type))
    nc_diag_help(call->s->diags, diag, "store it as %s", nc_dtype_name(stored->type.dtype));
  return nc_value_error(call->s->arena);
}

NcValue *nc_sema_stored(NcCall *call) {
  NcSema *s = call->s;
  const NcDimOrigin **origins;
  if (!s->first_of)
    return nc_call_fail(call, "E0110", 0, "a file is read for first values alone");
  NcStored stored = {.type = {.dtype = s->float_dtype}};
  if (!is_text(call, 0, "the name of a file") || !is_text(call, 1, "the name of a tensor") ||
      !nc_call_shape(call, 2, &stored.type, &origins))
    return nc_value_error(s->arena);
  stored.file = call->args[0]->text;
  if (!is_nameless(stored.file))
    stored.tensor = *call->args[1]->text ? call->args[1]->text : s->first_of->name;
  stored.input = nc_arena_printf(s->arena, "file.%d", s->program->stored.count);
  NcType given = stored.type;
  if (!stored_type(call, &stored, &given))
    return nc_value_error(s->arena);
  if (!nc_type_equal(&given, &stored.type))
    return wrong_stored(call, &stored, &given);
  nc_vec_push(s->arena, s->program->stored, stored);
  nc_sema_set_origin(s, call->site.span);
  return nc_value_tensor(s->arena, nc_graph_input(s->graph, stored.input, given));
}
