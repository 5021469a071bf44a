// Tensors that hold one element of each window.
#include "kernel/picked.h"

#include "kernel/expr.h"

#include <string.h>

// The affine expression that a number is compared with; NULL for other conditions.
static const NcAffine *compared_with(const NcExpr *condition, NcExpr **number) {
  if (condition->kind != NC_X_EQ)
    return NULL;
  for (int i = 0; i < 2; i++) {
    const NcExpr *here = condition->args[i];
    if (here->kind == NC_X_CAST)
      here = here->args[0];
    *number = condition->args[1 - i];
    if (here->kind == NC_X_INDEX)
      return &here->index[0];
  }
  return NULL;
}

// Splits the store of dimension d into a window's place and the place in it.
static bool find_window(const NcTe *te, int d, const NcAffine *at, NcWindow *w) {
  *w = (NcWindow){.dim = d, .outer = -1, .inner = -1};
  const NcAffine *store = &te->store[d];
  for (int i = 0; i < te->axis_count; i++) {
    int *axis = at->coef[i] ? &w->inner : &w->outer;
    if (store->coef[i] && *axis >= 0)
      return false;
    *axis = store->coef[i] ? i : *axis;
  }
  if (w->inner < 0 || w->outer < 0 || store->constant || store->coef[w->inner] != 1 ||
      te->extents[w->inner].n || te->extents[w->outer].n)
    return false;
  w->stride = store->coef[w->outer];
  w->size = te->extents[w->inner].c;
  w->weight = at->coef[w->inner];
  return true;
}

static bool find_windows(NcPicked *p, const NcAffine *at) {
  const NcTe *te = p->te;
  int64_t weight = 1;
  for (int d = 0; d < te->type.rank; d++) {
    if (!nc_affine_meets(&te->store[d], at)) {
      if (nc_te_plain_axis(te, d) < 0)
        return false;
    } else if (p->count == NC_MAX_WINDOWS || !find_window(te, d, at, &p->windows[p->count++])) {
      return false;
    }
  }
  for (int k = p->count - 1; k >= 0; k--) { // numbers are in row-major order
    if (p->windows[k].weight != weight)
      return false;
    weight *= p->windows[k].size;
  }
  return weight > 1;
}

// Whether a number is that of the first largest of so many elements.
static bool is_number(const NcExpr *x, int64_t elements) {
  if (x->kind != NC_X_LOAD || x->padded || x->loaded[0] || x->tensor->kind != NC_TE_COMPUTE ||
      x->tensor->reduce != NC_REDUCE_ARGMAX || x->tensor->where)
    return false;
  int64_t points = 1;
  for (int i = 0; i < x->tensor->reduce_count; i++) {
    NcDim extent = x->tensor->extents[x->tensor->axis_count + i];
    points *= extent.n ? 0 : extent.c;
  }
  return points == elements;
}

bool nc_picked_find(NcTe *te, NcPicked *p) {
  *p = (NcPicked){.te = te};
  if (te->kind != NC_TE_COMPUTE || te->reduce != NC_REDUCE_NONE || te->where ||
      te->body->kind != NC_X_SELECT || !nc_dtype_is_float(te->type.dtype) ||
      !nc_expr_keeps_zero(te->body->args[2], NULL) || (te->partial && te->fill != 0) ||
      (te->finish && !nc_expr_keeps_zero(te->finish, NULL)))
    return false;
  const NcAffine *at = compared_with(te->body->args[0], &p->number);
  p->value = te->body->args[1];
  if (!at || at->constant != 0 || nc_expr_moves_with(p->number, at) ||
      nc_expr_moves_with(p->value, at) || !find_windows(p, at))
    return false;
  const NcWindow *first = &p->windows[0];
  return is_number(p->number, first->weight * first->size);
}

const NcWindow *nc_picked_window(const NcPicked *p, int dim) {
  for (int k = 0; k < p->count; k++)
    if (p->windows[k].dim == dim)
      return &p->windows[k];
  return NULL;
}

// What stands for the axes of p where index[d] is the place along dimension d, of a window if it is
// cut. Axes within windows are left out.
void nc_picked_place(const NcPicked *p, const NcAffine *index, NcAffine *axes) {
  for (int d = 0; d < p->te->type.rank; d++) {
    const NcWindow *w = nc_picked_window(p, d);
    axes[w ? w->outer : nc_te_plain_axis(p->te, d)] = index[d];
  }
}

// The maximum over the windows in which `number` is that of the largest, if it is stored; or NULL.
static NcTe *maximum_of(const NcPicker *s, const NcTe *number) {
  int count = number->axis_count + number->reduce_count;
  for (int i = 0; i < s->builder->tensors.count; i++) {
    NcTe *te = s->builder->tensors.items[i];
    if (te->kind == NC_TE_COMPUTE && te->reduce == NC_REDUCE_MAX && !te->where && !te->finish &&
        te->axis_count == number->axis_count && te->reduce_count == number->reduce_count &&
        memcmp(te->extents, number->extents, sizeof te->extents[0] * (size_t)count) == 0 &&
        nc_te_stores_here(te) && nc_expr_is_equal(te->body, number->body))
      return te;
  }
  return NULL;
}

// The finish of a picked tensor. What it computes of the element that was picked, which is the
// largest of its window, is read of the maximum.
static NcExpr *finish_of(const NcPicker *s, const NcPicked *p) {
  const NcTe *number = p->number->tensor;
  NcTe *maximum = maximum_of(s, number);
  if (!maximum || !nc_te_stores_here(number) || number->reduce_count != p->count)
    return p->te->finish;
  NcAffine axes[NC_MAX_AXES] = {{0}};
  memcpy(axes, p->number->index, sizeof axes[0] * (size_t)number->axis_count);
  for (int k = 0; k < p->count; k++)
    axes[number->axis_count + k] = nc_affine_axis(p->windows[k].inner);
  NcRewrite here = {.builder = s->builder, .axes = axes};
  NcRewrite r = {.builder = s->builder,
                 .from = nc_expr_rewrite(&here, number->body),
                 .to = nc_x_load(s->builder, maximum, p->number->index)};
  return nc_expr_rewrite(&r, p->te->finish);
}

static NcAffine inner_axes(const NcPicked *p) {
  NcAffine inner = nc_affine_constant(0);
  for (int k = 0; k < p->count; k++)
    inner.coef[p->windows[k].inner] = 1;
  return inner;
}

// The tensor of the values, one a window.
NcTe *nc_picked_values(NcPicker *s, NcPicked *p) {
  if (p->values)
    return p->values;
  NcType type = p->te->type;
  for (int k = 0; k < p->count; k++)
    type.dims[p->windows[k].dim] = p->te->extents[p->windows[k].outer];
  s->builder->node = p->te->node;
  NcTe *v = nc_te_compute(s->builder, type);
  NcAffine index[NC_MAX_RANK], axes[NC_MAX_AXES] = {0};
  for (int d = 0; d < type.rank; d++)
    index[d] = nc_affine_axis(d);
  nc_picked_place(p, index, axes);
  NcRewrite r = {.builder = s->builder, .axes = axes};
  v->source = p->te->source;
  v->body = nc_expr_rewrite(&r, p->value);
  NcAffine inner = inner_axes(p);
  NcExpr *finish = p->te->finish ? finish_of(s, p) : NULL;
  if (finish && !nc_expr_moves_with(finish, &inner)) {
    r.acc = v->body;
    v->body = nc_expr_rewrite(&r, finish);
  } else if (finish) {
    for (int k = 0; k < p->count; k++)
      axes[p->windows[k].inner] = nc_affine_axis(nc_te_reduce(v, nc_dim(p->windows[k].size)));
    v->reduce = NC_REDUCE_SUM;
    r.acc = nc_expr_rewrite(&r, p->te->body);
    v->body = nc_expr_rewrite(&r, finish);
  }
  nc_vec_push(s->scratch, s->order, v);
  return p->values = v;
}

NcPicked *nc_picked_of(NcPicker *s, const NcExpr *x) {
  for (int i = 0; i < s->picked_count && x->kind == NC_X_LOAD; i++)
    if (s->picked[i].te == x->tensor)
      return &s->picked[i];
  return NULL;
}
