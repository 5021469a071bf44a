// Builtin functions: their table, their arguments, and the names that the compiler itself provides.
#include "sema/sema.h"

#include <stdarg.h>
#include <string.h>

static int parameter_count(const NcBuiltin *builtin) {
  int count = 0;
  while (builtin->params[count])
    count++;
  return count;
}

static NcValue *call_unary(NcCall *call, const NcBuiltin *builtin) {
  NcValue *x = call->args[0];
  if (builtin->fold && x && (x->kind == NC_VALUE_FLOAT || nc_value_is_constant_int(x)))
    return nc_value_float(call->s->arena, builtin->fold(nc_value_number(x)));
  x = nc_call_tensor(call, 0);
  return x ? nc_sema_apply(call->s, &call->site, builtin->op, &x, 1, NULL)
           : nc_value_error(call->s->arena);
}

NcValue *nc_sema_call_builtin(NcSema *s, const NcBuiltin *builtin, const NcArgs *args,
                              NcSpan span) {
  int count = parameter_count(builtin);
  NcArg arranged[NC_BUILTIN_PARAMS] = {0};
  if (!nc_sema_arrange(s, builtin->name, args, builtin->params, count, span, arranged))
    return nc_value_error(s->arena);
  NcCall call = {.s = s, .count = count};
  call.args = NC_NEW_ARRAY(s->arena, NcValue *, count);
  NcSpan *spans = NC_NEW_ARRAY(s->arena, NcSpan, count);
  for (int i = 0; i < count; i++) {
    call.args[i] = arranged[i].value;
    spans[i] = arranged[i].value ? arranged[i].span : span;
    if (arranged[i].value && nc_value_is_error(arranged[i].value))
      return nc_value_error(s->arena);
  }
  call.site = (NcSite){builtin->name, span, count, spans};
  return builtin->op ? call_unary(&call, builtin) : builtin->call(&call);
}

NcValue *nc_call_tensor(NcCall *call, int param) {
  return nc_sema_tensor(call->s, &call->site, param, call->args[param], call->s->float_dtype);
}

NcValue *nc_call_fail(NcCall *call, const char *code, int param, const char *format, ...) {
  va_list args;
  va_start(args, format);
  const char *text = nc_arena_vprintf(call->s->arena, format, args);
  va_end(args);
  NcDiag *diag = nc_sema_error(call->s, code, call->site.spans[param], "%s: %s",
                               nc_sema_site_name(call->s, &call->site), text);
  if (call->args[param] && call->args[param]->kind == NC_VALUE_TENSOR)
    nc_sema_label_value(call->s, diag, call->site.spans[param], call->args[param]);
  return nc_value_error(call->s->arena);
}

static bool want_int(NcCall *call, int param, const NcValue *value, int64_t *result) {
  if (nc_value_is_constant_int(value)) {
    *result = value->dim.c;
    return true;
  }
  nc_call_fail(call, "E0210", param, "an integer known at compile time is needed, but this is %s",
               nc_value_describe(call->s->arena, value));
  return false;
}

bool nc_call_int(NcCall *call, int param, int64_t *value) {
  return !call->args[param] || want_int(call, param, call->args[param], value);
}

static bool normal_axis(NcCall *call, int param, const NcValue *value, int rank, int *axis) {
  int64_t number;
  if (!want_int(call, param, value, &number))
    return false;
  if (number < -rank || number >= rank) {
    nc_call_fail(call, "E0216", param, "axis %lld does not exist in %d dimension%s",
                 (long long)number, rank, rank == 1 ? "" : "s");
    return false;
  }
  *axis = (int)(number < 0 ? number + rank : number);
  return true;
}

bool nc_call_axis(NcCall *call, int param, int rank, int *axis) {
  if (call->args[param])
    return normal_axis(call, param, call->args[param], rank, axis);
  *axis = rank - 1;
  if (rank > 0)
    return true;
  nc_call_fail(call, "E0216", 0, "a scalar has no axes");
  return false;
}

static bool is_all(const NcValue *value) {
  return !value || (value->kind == NC_VALUE_OPTION && strcmp(value->text, "all") == 0);
}

bool nc_call_axes(NcCall *call, int param, int rank, int64_t *axes, int *count) {
  const NcValue *value = call->args[param];
  bool chosen[NC_MAX_RANK] = {false};
  bool list = value && value->kind == NC_VALUE_LIST;
  for (int i = 0; is_all(value) && i < rank; i++)
    chosen[i] = true;
  for (int i = 0; !is_all(value) && i < (list ? value->items.count : 1); i++) {
    int axis;
    if (!normal_axis(call, param, list ? value->items.items[i] : value, rank, &axis))
      return false;
    if (chosen[axis]) {
      nc_call_fail(call, "E0216", param, "axis %d is given twice", axis);
      return false;
    }
    chosen[axis] = true;
  }
  *count = 0;
  for (int i = 0; i < rank; i++)
    if (chosen[i])
      axes[(*count)++] = i;
  return true;
}

bool nc_call_ints(NcCall *call, int param, int count, int64_t *values) {
  const NcValue *value = call->args[param];
  if (!value)
    return true;
  if (value->kind != NC_VALUE_LIST) {
    int64_t number;
    if (!want_int(call, param, value, &number))
      return false;
    for (int i = 0; i < count; i++)
      values[i] = number;
    return true;
  }
  if (value->items.count != count) {
    nc_call_fail(call, "E0210", param, "%d number%s needed, but this is %s", count,
                 count == 1 ? " is" : "s are", nc_value_describe(call->s->arena, value));
    return false;
  }
  for (int i = 0; i < count; i++)
    if (!want_int(call, param, value->items.items[i], &values[i]))
      return false;
  return true;
}

bool nc_call_shape(NcCall *call, int param, NcType *type, const NcDimOrigin ***origins) {
  NcSema *s = call->s;
  const NcValue *shape = call->args[param];
  if (shape->kind != NC_VALUE_LIST) {
    NcDiag *diag = nc_sema_error(
        s, "E0210", call->site.spans[param], "%s: a list of dimensions is needed, but this is %s",
        nc_sema_site_name(s, &call->site), nc_value_describe(s->arena, shape));
    if (shape->kind == NC_VALUE_INT)
      nc_sema_fix_wrap(s, diag, call->site.spans[param], "[", "]", "write [%s]",
                       nc_sema_quote(s, call->site.spans[param]));
    return false;
  }
  if (shape->items.count > NC_MAX_RANK) {
    nc_call_fail(call, "E0208", param, "a tensor has at most %d dimensions, but this list has %d",
                 NC_MAX_RANK, shape->items.count);
    return false;
  }
  type->rank = shape->items.count;
  *origins = NC_NEW_ARRAY(s->arena, const NcDimOrigin *, type->rank);
  for (int i = 0; i < type->rank; i++) {
    const NcValue *item = shape->items.items[i];
    if (!nc_sema_dim_value(s, call->site.spans[param], item, &type->dims[i]))
      return false;
    (*origins)[i] = nc_sema_computed(s, call->site.span, item->written);
  }
  return nc_sema_check_type(s, call->site.spans[param], type);
}

bool nc_call_dtype(NcCall *call, int param, NcDtype *dtype) {
  const NcValue *value = call->args[param];
  if (!value)
    return true;
  if (value->kind != NC_VALUE_DTYPE) {
    nc_call_fail(call, "E0210", param, "a dtype is needed, but this is %s",
                 nc_value_describe(call->s->arena, value));
    return false;
  }
  *dtype = value->dtype;
  return true;
}

bool nc_call_bool(NcCall *call, int param, bool *truth) {
  const NcValue *value = call->args[param];
  if (!value)
    return true;
  if (value->kind != NC_VALUE_BOOL) {
    nc_call_fail(call, "E0210", param, "true or false is needed, but this is %s",
                 nc_value_describe(call->s->arena, value));
    return false;
  }
  *truth = value->truth;
  return true;
}

static void provide(NcSema *s, NcScope *scope, const char *name, NcValue *value) {
  NcSymbol *symbol = nc_scope_add(s, scope, NC_SYMBOL_VALUE, name, NC_NOWHERE);
  symbol->value = value;
}

static void provide_table(NcSema *s, const NcBuiltin *table) {
  for (; table->name; table++) {
    NcValue *value = NC_NEW(s->arena, NcValue);
    value->kind = NC_VALUE_BUILTIN;
    value->builtin = table;
    provide(s, table->hidden ? s->hidden : s->builtins, table->name, value);
  }
}

void nc_sema_add_builtins(NcSema *s) {
  static const char *const options[] = {"same",  "valid", "all",      "none",  "_",
                                        "macro", "micro", "weighted", "binary"};
  for (int i = 0; i < NC_DTYPE_COUNT; i++)
    provide(s, s->builtins, nc_dtype_name((NcDtype)i), nc_value_dtype(s->arena, (NcDtype)i));
  for (size_t i = 0; i < sizeof options / sizeof *options; i++)
    provide(s, s->builtins, options[i], nc_value_text(s->arena, NC_VALUE_OPTION, options[i]));
  provide(s, s->builtins, "N", nc_value_dim(s->arena, nc_dim_batch()));
  // what these stand for depends on where they are used
  provide(s, s->builtins, "training", NULL);
  provide(s, s->builtins, "step", NULL);
  provide(s, s->builtins, "epoch", NULL);
  provide_table(s, nc_builtins_math);
  provide_table(s, nc_builtins_shape);
  provide_table(s, nc_builtins_window);
  provide_table(s, nc_builtins_index);
  provide_table(s, nc_builtins_grad);
}
