// Indices: parts of tensors and lists. Ranges are half-open; negative positions count from the end.
#include "sema/sema.h"

#include "ops/build.h"

#include <inttypes.h>

typedef struct Part {
  int64_t low, high; // half-open
  bool item;         // one position, which drops the axis
} Part;

// A position of an axis: -1 is the last.
static bool position(NcSema *s, const NcExprAst *expr, int64_t size, int64_t *at) {
  if (!nc_sema_eval_int(s, expr, "an index", at))
    return false;
  if (*at < 0)
    *at += size;
  return true;
}

static bool outside(NcSema *s, const NcExprAst *expr, const char *what, int64_t size) {
  nc_sema_error(s, "E0216", expr->span, "%s %s is outside %s of %" PRId64,
                expr->kind == NC_AST_RANGE ? "the range" : "index", nc_sema_quote(s, expr->span),
                what, size);
  return false;
}

static bool read_part(NcSema *s, const NcExprAst *expr, const char *what, int64_t size,
                      Part *part) {
  if (expr->kind != NC_AST_RANGE) {
    part->item = true;
    if (!position(s, expr, size, &part->low))
      return false;
    part->high = part->low + 1;
    return (part->low >= 0 && part->low < size) || outside(s, expr, what, size);
  }
  const NcExprAst *low = expr->args.items[0].value, *high = expr->args.items[1].value;
  *part = (Part){0, size, false};
  if ((low && !position(s, low, size, &part->low)) ||
      (high && !position(s, high, size, &part->high)))
    return false;
  if (part->low < 0 || part->high > size)
    return outside(s, expr, what, size);
  if (part->low <= part->high)
    return true;
  nc_sema_error(s, "E0216", expr->span, "%s ends before it begins", nc_sema_quote(s, expr->span));
  return false;
}

NcValue *nc_sema_list_item(NcSema *s, const NcExprAst *expr, const NcValue *list) {
  Part part = {0};
  if (expr->args.count != 1 || expr->args.items[0].value->kind == NC_AST_REST)
    return nc_sema_fail(s, "E0210", expr->span, "a list takes one index");
  if (!read_part(s, expr->args.items[0].value, "a list", list->items.count, &part))
    return nc_value_error(s->arena);
  if (part.item)
    return list->items.items[part.low];
  NcValue *result = nc_value_list(s->arena, NC_VALUE_LIST);
  for (int64_t i = part.low; i < part.high; i++)
    nc_vec_push(s->arena, result->items, list->items.items[i]);
  return result;
}

// ---- tensors

static bool is_whole(const NcExprAst *expr) {
  return expr->kind == NC_AST_RANGE && !expr->args.items[0].value && !expr->args.items[1].value;
}

static bool read_axis(NcSema *s, const NcExprAst *expr, NcDim dim, int axis, Part *part) {
  if (dim.n == 0)
    return read_part(s, expr, nc_arena_printf(s->arena, "axis %d", axis), dim.c, part);
  if (is_whole(expr))
    return true;
  NcDiag *diag =
      nc_sema_error(s, "E0314", expr->span, "axis %d is %s, the batch, which is always whole", axis,
                    nc_dim_format(s->arena, dim));
  nc_diag_help(s->diags, diag, "write `..` for it: x[.., 0]");
  return false;
}

static int find_rest(const NcArgsAst *args) {
  for (int i = 0; i < args->count; i++)
    if (args->items[i].value->kind == NC_AST_REST)
      return i;
  return args->count;
}

static void too_many(NcSema *s, const NcExprAst *expr, const NcValue *x, int given) {
  int rank = x->node->type.rank;
  NcDiag *diag = nc_sema_error(s, "E0210", expr->span, "%d indices, but %s has %d dimension%s",
                               given, nc_value_describe(s->arena, x), rank, rank == 1 ? "" : "s");
  nc_sema_label_value(s, diag, expr->callee->span, x);
}

// The part of every axis. What stands behind `...` belongs to the last axes.
static bool read_parts(NcSema *s, const NcExprAst *expr, const NcValue *x, Part *parts) {
  const NcArgsAst *args = &expr->args;
  const NcType *type = &x->node->type;
  int rest = find_rest(args), given = args->count - (rest < args->count);
  if (given > type->rank) {
    too_many(s, expr, x, given);
    return false;
  }
  for (int i = 0; i < type->rank; i++)
    parts[i] = (Part){0, type->dims[i].n ? -1 : type->dims[i].c, false};
  for (int i = 0; i < args->count; i++) {
    const NcExprAst *at = args->items[i].value;
    int axis = i < rest ? i : type->rank - args->count + i;
    if (i == rest)
      continue;
    if (at->kind == NC_AST_REST) {
      nc_sema_error(s, "E0210", at->span, "`...` stands once in an index");
      return false;
    }
    if (!read_axis(s, at, type->dims[axis], axis, &parts[axis]))
      return false;
    if (parts[axis].low == parts[axis].high) {
      nc_sema_error(s, "E0216", at->span, "%s is empty", nc_sema_quote(s, at->span));
      return false;
    }
  }
  return true;
}

static NcValue *cut(NcSema *s, const NcSite *site, NcValue *x, const Part *parts) {
  const NcType *type = &x->node->type;
  NcAttr attrs[3] = {{.count = type->rank}, {.count = type->rank}, {.count = type->rank}};
  bool whole = true;
  for (int i = 0; i < type->rank; i++) {
    attrs[0].ints[i] = parts[i].low;
    attrs[1].ints[i] = parts[i].high;
    attrs[2].ints[i] = 1;
    whole &= type->dims[i].n || (parts[i].low == 0 && parts[i].high == type->dims[i].c);
  }
  return whole ? x : nc_sema_apply(s, site, &nc_op_slice, &x, 1, attrs);
}

static NcValue *drop_axes(NcSema *s, const NcSite *site, NcValue *x, const Part *parts) {
  NcType type = x->node->type;
  const NcDimOrigin *origins[NC_MAX_RANK];
  int rank = 0;
  for (int i = 0; i < type.rank; i++)
    if (!parts[i].item) {
      origins[rank] = x->origins[i];
      type.dims[rank++] = type.dims[i];
    }
  if (rank == type.rank)
    return x;
  type.rank = rank;
  NcAttr attr = nc_attr_type(type);
  NcValue *result = nc_sema_apply(s, site, &nc_op_reshape, &x, 1, &attr);
  for (int i = 0; i < rank && !nc_value_is_error(result); i++)
    result->origins[i] = origins[i];
  return result;
}

NcValue *nc_sema_slice(NcSema *s, const NcExprAst *expr, NcValue *x) {
  Part parts[NC_MAX_RANK];
  if (!read_parts(s, expr, x, parts))
    return nc_value_error(s->arena);
  NcSite site = {"an index", expr->span, 1, &expr->callee->span};
  NcValue *result = cut(s, &site, x, parts);
  if (!nc_value_is_error(result))
    result = drop_axes(s, &site, result, parts);
  if (!nc_value_is_error(result) && result != x) {
    result->has_range = x->has_range;
    result->low = x->low;
    result->high = x->high;
  }
  return result;
}
