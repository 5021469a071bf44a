// Dimensions and the types of declarations.
#include "sema/sema.h"

#include <limits.h>
#include <string.h>

NcDimOrigin *nc_sema_computed(NcSema *s, NcSpan place, NcSpan written) {
  NcDimOrigin *origin = NC_NEW(s->arena, NcDimOrigin);
  origin->place = nc_sema_user_span(s, place);
  origin->written = nc_sema_is_builtin(s, written) ? NC_NOWHERE : written;
  return origin;
}

bool nc_sema_dim_value(NcSema *s, NcSpan span, const NcValue *value, NcDim *dim) {
  *dim = value->dim;
  if (value->kind == NC_VALUE_INT)
    return true;
  if (nc_value_is_error(value))
    return false;
  const char *text = nc_value_describe(s->arena, value);
  NcDiag *diag =
      nc_sema_error(s, "E0208", span, "a dimension must be an integer, but this is %s", text);
  if (value->kind == NC_VALUE_TENSOR)
    nc_diag_help(s->diags, diag, "shapes are known at compile time; only N, the batch, is not");
  else if (nc_value_is_open(value))
    nc_diag_help(
        s->diags, diag,
        "`_` is inferred by reshape, and fits any size in an annotation; here the size must "
        "be given");
  return false;
}

bool nc_sema_dim(NcSema *s, const NcExprAst *expr, NcDim *dim) {
  return nc_sema_dim_value(s, expr->span, nc_sema_eval(s, expr), dim);
}

bool nc_sema_dtype(NcSema *s, const NcTypeAst *ast, NcDtype *dtype) {
  if (nc_dtype_parse(ast->dtype, dtype))
    return true;
  if (s->frame->has_float && strcmp(ast->dtype, "float") == 0) { // what the arguments are
    *dtype = s->frame->float_dtype;
    return true;
  }
  const char *best = NULL;
  int distance = INT_MAX;
  for (int i = 0; i < NC_DTYPE_COUNT; i++)
    nc_suggest(ast->dtype, nc_dtype_name((NcDtype)i), &best, &distance);
  NcDiag *diag = nc_sema_error(s, "E0209", ast->dtype_span, "unknown dtype %s", ast->dtype);
  if (best)
    nc_sema_fix_name(s, diag, ast->dtype_span, best);
  else
    nc_diag_help(s->diags, diag, "the dtypes are bool, u8, i32, i64, f32 and f64");
  return false;
}

bool nc_sema_check_type(NcSema *s, NcSpan span, const NcType *type) {
  const char *wrong = nc_type_check(s->arena, type);
  if (wrong)
    nc_sema_error(s, "E0208", span, "%s is not a type: %s", nc_type_format(s->arena, type), wrong);
  return !wrong;
}

static bool positive(NcSema *s, NcSpan span, NcDim dim) {
  if (dim.n > 0 || (dim.n == 0 && dim.c >= 1))
    return true;
  nc_sema_error(s, "E0208", span, "a dimension must be positive, but this is %s",
                nc_dim_format(s->arena, dim));
  return false;
}

// Adds what one expression among a type's dimensions gives: a list its items.
static bool add_dims(NcSema *s, const NcExprAst *expr, NcType *type) {
  const NcValue *value = nc_sema_eval(s, expr);
  bool list = value->kind == NC_VALUE_LIST;
  int count = list ? value->items.count : 1;
  if (type->rank + count > NC_MAX_RANK) {
    nc_sema_error(s, "E0208", expr->span, "a type has at most %d dimensions", NC_MAX_RANK);
    return false;
  }
  bool ok = true;
  for (int i = 0; i < count; i++) {
    NcDim *dim = &type->dims[type->rank++];
    ok = nc_sema_dim_value(s, expr->span, list ? value->items.items[i] : value, dim) &&
         positive(s, expr->span, *dim) && ok;
  }
  return ok;
}

bool nc_sema_type(NcSema *s, const NcTypeAst *ast, const char *owner, NcType *type,
                  const NcDimOrigin ***origins) {
  *type = (NcType){0};
  if (!nc_sema_dtype(s, ast, &type->dtype))
    return false;
  if (ast->ellipsis) {
    nc_sema_error(s, "E0208", ast->span, "`...` stands in parameters and results only");
    return false;
  }
  bool ok = true;
  *origins = NC_NEW_ARRAY(s->arena, const NcDimOrigin *, NC_MAX_RANK);
  for (int i = 0; i < ast->dims.count; i++) {
    int first = type->rank;
    ok = add_dims(s, ast->dims.items[i], type) && ok;
    for (int k = first; k < type->rank; k++) {
      NcDimOrigin *origin = NC_NEW(s->arena, NcDimOrigin);
      *origin =
          (NcDimOrigin){.place = ast->span, .written = ast->dims.items[i]->span, .owner = owner};
      (*origins)[k] = origin;
    }
  }
  return ok && nc_sema_check_type(s, ast->span, type);
}
