// Bringing two operands to one dtype and one shape: literals take the other's type, a trailing part
// is repeated, and everything else is an error with both types.
#include "sema/sema.h"

#include "ops/build.h"

// The axis, counted from the end, at which two shapes first differ; 0 if none does.
static int first_difference(const NcType *a, const NcType *b) {
  int least = a->rank < b->rank ? a->rank : b->rank;
  for (int i = 1; i <= least; i++)
    if (!nc_dim_equal(a->dims[a->rank - i], b->dims[b->rank - i]))
      return i;
  return 0;
}

NcValue *nc_sema_mixed(NcSema *s, const NcSite *site, const NcValue *a, const NcValue *b) {
  NcDtype ta = a->node->type.dtype, tb = b->node->type.dtype;
  NcDiag *diag = nc_sema_error(s, "E0201", site->spans[0], "%s: operands are %s and %s",
                               nc_sema_site_name(s, site), nc_dtype_name(ta), nc_dtype_name(tb));
  nc_sema_label_value(s, diag, site->spans[0], a);
  nc_sema_label_value(s, diag, site->spans[1], b);
  // dtypes are numbered from narrow to wide
  NcDtype wide = ta > tb ? ta : tb;
  if (nc_sema_help_division(s, diag, ta > tb ? b : a, nc_dtype_name(wide)))
    return nc_value_error(s->arena);
  NcSpan narrow = site->spans[ta > tb ? 1 : 0];
  nc_sema_fix_wrap(s, diag, narrow, nc_arena_printf(s->arena, "%s(", nc_dtype_name(wide)), ")",
                   "cast one: %s(%s)", nc_dtype_name(wide), nc_sema_quote(s, narrow));
  return nc_value_error(s->arena);
}

// The axis that `small` lacks of `large`, or -1.
static int lacking_axis(const NcType *small, const NcType *large) {
  if (small->rank + 1 != large->rank)
    return -1;
  for (int axis = 0; axis < large->rank; axis++) {
    bool same = true;
    for (int i = 0; i < small->rank; i++)
      same = same && nc_dim_equal(small->dims[i], large->dims[i < axis ? i : i + 1]);
    if (same)
      return axis;
  }
  return -1;
}

static bool help_repeat(NcSema *s, NcDiag *diag, const NcSite *site, int small,
                        const NcType *types[2]) {
  int axis = lacking_axis(types[small], types[1 - small]);
  if (axis >= 0)
    nc_sema_fix_wrap(
        s, diag, site->spans[small], "repeat(",
        nc_arena_printf(s->arena, ", %s, %d)",
                        nc_source_text(s->sources, site->spans[1 - small], s->arena), axis),
        "repeat(%s, %s, %d) brings back the axis that is missing",
        nc_sema_quote(s, site->spans[small]), nc_sema_quote(s, site->spans[1 - small]), axis);
  return axis >= 0;
}

static bool unfit(NcSema *s, const NcSite *site, NcValue *a, NcValue *b) {
  const NcType *ta = &a->node->type, *tb = &b->node->type;
  NcDiag *diag = nc_sema_error(s, "E0202", site->spans[0], "%s: shapes do not fit: %s and %s",
                               nc_sema_site_name(s, site), nc_type_format(s->arena, ta),
                               nc_type_format(s->arena, tb));
  nc_sema_label_value(s, diag, site->spans[0], a);
  nc_sema_label_value(s, diag, site->spans[1], b);
  int back = first_difference(ta, tb);
  nc_sema_note_dim(s, diag, a, ta->rank - back);
  nc_sema_note_dim(s, diag, b, tb->rank - back);
  if (nc_dim_is(ta->dims[ta->rank - back], 1) || nc_dim_is(tb->dims[tb->rank - back], 1))
    nc_diag_help(s->diags, diag,
                 "a size of 1 is not stretched: drop it with reshape, or use "
                 "repeat(v, x, axis)");
  else if (!help_repeat(s, diag, site, 0, (const NcType *[]){ta, tb}) &&
           !help_repeat(s, diag, site, 1, (const NcType *[]){ta, tb}) &&
           !nc_sema_help_declare(s, diag, b, tb->rank - back, a, ta->rank - back) &&
           !nc_sema_help_declare(s, diag, a, ta->rank - back, b, tb->rank - back))
    nc_diag_help(s->diags, diag, "only a shape that is a trailing part of the other's is repeated");
  return false;
}

static NcType literal_type(const NcValue *literal, const NcValue *other) {
  NcType type = other->node->type;
  if (literal->kind == NC_VALUE_BOOL)
    type.dtype = NC_BOOL;
  return type;
}

static bool to_literal_type(NcSema *s, const NcSite *site, int operand, NcValue **value,
                            const NcValue *other) {
  NcDtype dtype = other->node->type.dtype;
  NcSpan span = site->spans[operand];
  if ((*value)->kind == NC_VALUE_FLOAT && nc_dtype_is_integer(dtype)) {
    NcDiag *diag =
        nc_sema_error(s, "E0201", site->spans[0], "%s: operands are %s and a floating number",
                      nc_sema_site_name(s, site), nc_dtype_name(dtype));
    nc_sema_label_value(s, diag, site->spans[1 - operand], other);
    nc_sema_label_value(s, diag, span, *value);
    nc_sema_fix_wrap(s, diag, site->spans[1 - operand], "f32(", ")", "cast the integers: f32(%s)",
                     nc_sema_quote(s, site->spans[1 - operand]));
    return false;
  }
  nc_sema_set_origin(s, site->span);
  NcValue *tensor = nc_sema_literal(s, span, *value, literal_type(*value, other));
  if (!tensor)
    return false;
  tensor->origins = other->origins;
  *value = tensor;
  return true;
}

static bool both_literals(NcSema *s, const NcSite *site, NcValue **a, NcValue **b) {
  for (int i = 0; i < 2; i++) {
    NcValue **value = i ? b : a;
    *value = nc_sema_tensor(s, site, i, *value, s->float_dtype);
    if (!*value)
      return false;
  }
  return true;
}

bool nc_sema_unify(NcSema *s, const NcSite *site, NcValue **a, NcValue **b) {
  bool literal_a = nc_value_is_literal(*a), literal_b = nc_value_is_literal(*b);
  if (literal_a && literal_b && !both_literals(s, site, a, b))
    return false;
  if (!literal_a && !(*a = nc_sema_tensor(s, site, 0, *a, NC_F32)))
    return false;
  if (!literal_b && !(*b = nc_sema_tensor(s, site, 1, *b, NC_F32)))
    return false;
  if (literal_a && !literal_b && !to_literal_type(s, site, 0, a, *b))
    return false;
  if (literal_b && !literal_a && !to_literal_type(s, site, 1, b, *a))
    return false;
  const NcType *ta = &(*a)->node->type, *tb = &(*b)->node->type;
  if (ta->dtype != tb->dtype) {
    nc_sema_mixed(s, site, *a, *b);
    return false;
  }
  if (nc_sema_is_trailing(tb, ta))
    *b = nc_sema_broadcast(s, site->span, *b, *a);
  else if (nc_sema_is_trailing(ta, tb))
    *a = nc_sema_broadcast(s, site->span, *a, *b);
  else
    return unfit(s, site, *a, *b);
  return true;
}

NcValue *nc_sema_elementwise(NcSema *s, const NcSite *site, const NcOp *op, NcValue *a,
                             NcValue *b) {
  if (!nc_sema_unify(s, site, &a, &b))
    return nc_value_error(s->arena);
  return nc_sema_apply(s, site, op, (NcValue *[]){a, b}, 2, NULL);
}

// Integers of two types compare by value, so both become i64, which holds them all.
NcValue *nc_sema_compare(NcSema *s, const NcSite *site, const NcOp *op, NcValue *a, NcValue *b) {
  if (a->kind == NC_VALUE_TENSOR && b->kind == NC_VALUE_TENSOR &&
      a->node->type.dtype != b->node->type.dtype && nc_dtype_is_integer(a->node->type.dtype) &&
      nc_dtype_is_integer(b->node->type.dtype)) {
    NcValue *wide[2] = {a, b};
    nc_sema_set_origin(s, site->span);
    for (int i = 0; i < 2; i++) {
      NcNode *node = nc_cast(s->graph, wide[i]->node, NC_I64);
      NcValue *cast = nc_value_tensor(s->arena, node);
      cast->origins = wide[i]->origins;
      wide[i] = cast;
    }
    return nc_sema_elementwise(s, site, op, wide[0], wide[1]);
  }
  return nc_sema_elementwise(s, site, op, a, b);
}
