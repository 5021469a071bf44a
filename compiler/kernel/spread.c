// What reads a picked tensor reads its numbers and values.
//
// A reader goes along each dimension that is cut by an axis of its own. Two stand for that: over
// windows, and within one.
//
//   y[n,h,w,c] = p[n,h,w,c] * s[c] + x[n,h,w,c]
//   y[n, 2*i+j, 2*k+l, c] = (number[n,i,k,c] == 2*j+l ? v[n,i,k,c] : 0) * s[c] + x[n, 2*i+j, …]
//
// A sum of products with p has one term a window. What it multiplies with is picked by the same
// numbers, early, when what it is picked from is at hand:
//
//   y[c] = sum over n,h,w of p[n,h,w,c] * (x[n,h,w,c] - m[c])
//   q[n,i,k,c] = sum over j,l of (number[n,i,k,c] == 2*j+l ? x[n, 2*i+j, 2*k+l, c] : 0)
//   y[c] = sum over n,i,k of v[n,i,k,c] * (q[n,i,k,c] - m[c])
#include "kernel/expr.h"
#include "kernel/picked.h"

#include <string.h>

typedef struct Reader {
  NcPicker *s;
  NcPicked *p;
  NcTe *te;
  NcExpr *load;             // the first of p
  int axes[NC_MAX_WINDOWS]; // of the reader, along the dimensions that are cut
  NcExpr *picked;           // what stands for the load
  bool ok;
} Reader;

typedef NC_VEC(Reader) Readers;

static void look_at_load(void *context, NcExpr *load) {
  Reader *r = context;
  if (load->tensor != r->p->te)
    return;
  r->ok =
      r->ok && !load->padded && !load->loaded[0] && (!r->load || nc_load_is_equal(load, r->load));
  r->load = load;
  for (int d = 0; r->ok && d < load->tensor->type.rank; d++) {
    const NcWindow *w = nc_picked_window(r->p, d);
    int axis = nc_affine_sole_axis(&load->index[d]);
    r->ok = axis >= 0 && load->steps[d] == 1 &&
            nc_dim_equal(r->te->extents[axis], load->tensor->type.dims[d]);
    if (r->ok && w)
      r->axes[w - r->p->windows] = axis;
  }
}

// Whether the windows follow each other and cover the tensor.
static bool windows_cover(const NcPicked *p) {
  bool cover = !p->te->partial;
  for (int k = 0; k < p->count; k++) {
    const NcWindow *w = &p->windows[k];
    cover = cover && w->stride == w->size &&
            p->te->extents[w->outer].c * w->size == p->te->type.dims[w->dim].c;
  }
  return cover;
}

static void look_at_reader(Reader *r) {
  const NcTe *te = r->te;
  r->ok = true;
  nc_te_loads(te, look_at_load, r);
  if (!r->load)
    return;
  bool map = nc_te_is_map(te), sum = te->reduce == NC_REDUCE_SUM && !te->outer_count;
  r->ok = r->ok && te->kind == NC_TE_COMPUTE && (map || sum) && !te->where && !te->partial &&
          !te->spelled && te->axis_count + te->reduce_count + r->p->count <= NC_MAX_AXES;
  for (int k = 0; r->ok && k < r->p->count; k++)
    r->ok = map || r->axes[k] >= te->axis_count;
}

// ---- sums of products

// Whether what the sum multiplies p with is read where p is, or does not move with the windows.
static void look_at_other(void *context, NcExpr *x) {
  Reader *r = context;
  int rank = x->kind == NC_X_LOAD ? x->tensor->type.rank : x->kind == NC_X_INDEX;
  bool moves = false;
  for (int d = 0; d < rank; d++)
    for (int k = 0; k < r->p->count; k++)
      moves = moves || x->index[d].coef[r->axes[k]] != 0;
  if (!moves)
    return;
  bool here = x->kind == NC_X_LOAD && !x->padded && !x->loaded[0] && x->tensor != r->p->te &&
              rank == r->p->te->type.rank && nc_load_is_equal(x, r->load);
  for (int d = 0; here && d < rank; d++)
    here = x->steps[d] == 1 && nc_dim_equal(x->tensor->type.dims[d], r->p->te->type.dims[d]);
  r->ok = r->ok && here;
}

// The number of the argument that is p, if the sum is of such products; else -1.
static int product_of(Reader *r) {
  NcExpr *x = r->te->body;
  for (int i = 0; r->te->reduce == NC_REDUCE_SUM && x->kind == NC_X_MUL && i < 2; i++) {
    if (x->args[i]->kind != NC_X_LOAD || x->args[i]->tensor != r->p->te)
      continue;
    r->ok = true;
    nc_expr_walk(x->args[1 - i], look_at_other, r);
    nc_expr_walk(r->te->finish, look_at_other, r);
    return r->ok ? i : -1;
  }
  return -1;
}

// The place of a tensor in the order, or -1.
static int place_of(const NcTeBuilder *b, const NcTe *te) {
  int i = b->tensors.count - 1;
  while (i >= 0 && b->tensors.items[i] != te)
    i--;
  return i;
}

// Moves a tensor up to a place in the order, if it is behind it.
static void move_up(NcTeBuilder *b, NcTe *te, int place) {
  int at = place_of(b, te);
  for (; at > place; at--)
    b->tensors.items[at] = b->tensors.items[at - 1];
  b->tensors.items[at] = te;
}

// The value where `at`, over axes within windows, is the number of the window that `index` tells,
// else 0.
static NcExpr *if_picked(const Reader *r, const NcAffine *index, NcAffine at, NcExpr *value) {
  NcTeBuilder *b = r->s->builder;
  NcAffine axes[NC_MAX_AXES] = {0};
  nc_picked_place(r->p, index, axes);
  NcExpr *number = nc_expr_rewrite(&(NcRewrite){.builder = b, .axes = axes}, r->p->number);
  NcExpr *here = nc_x_cast(b, number->dtype, nc_x_index(b, at));
  return nc_x_select(b, nc_x_binary(b, NC_X_EQ, number, here), value,
                     nc_x_const(b, value->dtype, 0));
}

// Of each window of a tensor like p the element that has the number.
static NcTe *pick(const Reader *r, NcTe *x) {
  NcTeBuilder *b = r->s->builder;
  NcType type = x->type;
  NcAffine index[NC_MAX_RANK], place[NC_MAX_RANK], at = nc_affine_constant(0);
  for (int k = 0; k < r->p->count; k++)
    type.dims[r->p->windows[k].dim] = r->p->te->extents[r->p->windows[k].outer];
  b->node = x->node;
  NcTe *te = nc_te_compute(b, type);
  te->role = "pick";
  te->reduce = NC_REDUCE_SUM;
  for (int d = 0; d < type.rank; d++)
    index[d] = place[d] = nc_affine_axis(d);
  for (int k = 0; k < r->p->count; k++) {
    const NcWindow *w = &r->p->windows[k];
    NcAffine inner = nc_affine_axis(nc_te_reduce(te, nc_dim(w->size)));
    place[w->dim] = nc_affine_add(nc_affine_scale(place[w->dim], w->size), inner);
    at = nc_affine_add(at, nc_affine_scale(inner, w->weight));
  }
  te->body = if_picked(r, index, at, nc_x_load(b, x, place));
  int after = place_of(b, x), number = place_of(b, r->p->number->tensor);
  move_up(b, te, (after > number ? after : number) + 1);
  return te;
}

static NcExpr *pick_load(void *context, NcExpr *load) {
  const Reader *r = context;
  if (load->tensor != r->p->te && load->tensor->type.rank == r->p->te->type.rank &&
      nc_load_is_equal(load, r->load))
    load->tensor = pick(r, load->tensor);
  return load;
}

static void sum_products(Reader *r, int of) {
  NcTe *te = r->te;
  NcTeBuilder *b = r->s->builder;
  NcExpr *value = nc_x_load(b, nc_picked_values(r->s, r->p), r->load->index);
  NcRewrite rewrite = {.builder = b, .load = pick_load, .context = r};
  NcExpr *other = nc_expr_rewrite(&rewrite, te->body->args[1 - of]);
  te->body = nc_x_binary(b, NC_X_MUL, value, other);
  for (int k = 0; k < r->p->count; k++)
    te->extents[r->axes[k]] = r->p->te->extents[r->p->windows[k].outer];
}

// ---- others

static NcExpr *replace_load(void *context, NcExpr *load) {
  const Reader *r = context;
  return load->tensor == r->p->te ? r->picked : load;
}

// The number of the axis along a dimension that is cut, or -1.
static int window_along(const Reader *r, int axis) {
  for (int k = 0; k < r->p->count; k++)
    if (r->axes[k] == axis)
      return k;
  return -1;
}

// Gives the reader its new axes: those within windows come after the others, but for the last of a
// map, along which it is stored. What stands for an old axis is in `axes`.
static void cut_axes(Reader *r, NcAffine *axes, NcAffine *outer, NcAffine *inner) {
  NcTe *te = r->te;
  NcDim extents[NC_MAX_AXES];
  int count = te->axis_count + te->reduce_count, reduced = te->axis_count,
      last = te->reduce == NC_REDUCE_NONE ? te->axis_count - 1 : count;
  memcpy(extents, te->extents, sizeof extents);
  te->axis_count = te->reduce_count = 0;
  for (int i = 0; i <= count; i++) {
    for (int k = 0; i == last && k < r->p->count; k++) {
      NcDim size = nc_dim(r->p->windows[k].size);
      inner[k] = nc_affine_axis(i < reduced ? nc_te_axis(te, size) : nc_te_reduce(te, size));
    }
    if (i == count)
      break;
    int k = window_along(r, i);
    NcDim extent = k < 0 ? extents[i] : r->p->te->extents[r->p->windows[k].outer];
    axes[i] = nc_affine_axis(i < reduced ? nc_te_axis(te, extent) : nc_te_reduce(te, extent));
    if (k >= 0)
      outer[k] = axes[i];
  }
  for (int k = 0; k < r->p->count; k++)
    axes[r->axes[k]] = nc_affine_add(nc_affine_scale(outer[k], r->p->windows[k].size), inner[k]);
}

// The element of p at a place in its window.
static NcExpr *element(Reader *r, const NcAffine *axes, const NcAffine *outer,
                       const NcAffine *inner) {
  NcAffine index[NC_MAX_RANK], at = nc_affine_constant(0);
  for (int d = 0; d < r->p->te->type.rank; d++) {
    const NcWindow *w = nc_picked_window(r->p, d);
    index[d] = w ? outer[w - r->p->windows] : nc_affine_substitute(r->load->index[d], axes);
  }
  for (int k = 0; k < r->p->count; k++)
    at = nc_affine_add(at, nc_affine_scale(inner[k], r->p->windows[k].weight));
  return if_picked(r, index, at, nc_x_load(r->s->builder, nc_picked_values(r->s, r->p), index));
}

static void spread(Reader *r) {
  NcTe *te = r->te;
  NcAffine axes[NC_MAX_AXES] = {0}, outer[NC_MAX_WINDOWS], inner[NC_MAX_WINDOWS];
  cut_axes(r, axes, outer, inner);
  r->s->builder->node = te->node;
  r->picked = element(r, axes, outer, inner);
  NcRewrite rewrite = {.builder = r->s->builder, .axes = axes, .load = replace_load, .context = r};
  NcExpr *exprs[] = {te->body, te->finish};
  nc_exprs_rewrite(&rewrite, exprs, 2);
  te->body = exprs[0];
  te->finish = exprs[1];
  for (int d = 0; d < te->type.rank; d++)
    te->store[d] = nc_affine_substitute(te->store[d], axes);
}

void nc_picked_spread(NcPicker *s, NcPicked *p, const bool *kept) {
  NcTeBuilder *b = s->builder;
  Readers readers = {0};
  bool ok = place_of(b, p->te) >= 0 && !kept[p->te->id] && windows_cover(p);
  for (int i = 0; ok && i < b->tensors.count; i++) {
    Reader r = {.s = s, .p = p, .te = b->tensors.items[i]};
    look_at_reader(&r);
    ok = r.ok && !(r.te->kind == NC_TE_VIEW && r.te->base == p->te);
    if (r.load)
      nc_vec_push(s->scratch, readers, r);
  }
  if (!ok || readers.count < 2) // a single map becomes its finish
    return;
  if (place_of(b, p->values) < 0) // none, or nothing needed it
    p->values = NULL;
  move_up(b, nc_picked_values(s, p), place_of(b, p->te)); // before all that reads it
  for (int i = 0; i < readers.count; i++) {
    int of = product_of(&readers.items[i]);
    if (of >= 0)
      sum_products(&readers.items[i], of);
    else
      spread(&readers.items[i]);
  }
}
