// What a network makes of nothing.
//
// A tensor is known if it hangs on one input of integers, and on what has no samples, and if its
// elements see the input through windows: an index of a dimension, but for the last, is an axis of
// its own, scaled, and what reduced axes add. Of a known tensor two more can be made:
//
//   busy[n, h, w]      whether an element there sees any of the input that is not 0
//   still[0, h, w, c]  the element for an input of zeros
//
// Both follow the tensor's own expression: `busy` is the maximum over its windows of what is busy
// of its operands, `still` the same expression of operands that are still.
//
//   y[n,h,w,o] = sum over r,s,c of x[n, h+r-1, w+s-1, c] * k[r,s,c,o]
//   busy_y[n,h,w] = max over r,s of busy_x[n, h+r-1, w+s-1]
//   still_y[0,h,w,o] = sum over r,s,c of still_x[0, h+r-1, w+s-1, c] * k[r,s,c,o]
//   y[n,h,w,o] = busy_y[n,h,w] ? y[n,h,w,o] : still_y[0,h,w,o]
#include "kernel/quiet.h"

#include "kernel/expr.h"
#include "kernel/layout.h"
#include "kernel/nest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Multiply-adds at a place from which a sum is worth telling where it is busy.
#define MIN_WORK 64
// Of the input's elements, the largest share that one may see of a tensor that is quiet in places.
#define MOST_SEEN 0.2
#define MAX_VIEWS 4 // ways in which a tensor reads others with samples

// How a tensor reads an operand: dimension d at scale[d] * axis of dimension from[d] + low[d] + 0 …
// size[d]-1.
typedef struct View {
  NcTe *operand;
  int from[NC_MAX_RANK];
  int64_t scale[NC_MAX_RANK], low[NC_MAX_RANK], size[NC_MAX_RANK], steps[NC_MAX_RANK];
} View;

typedef struct Known {
  bool source;    // the input
  int view_count; // of others
  View views[MAX_VIEWS];
  // By dimension: how long an element's window is in the input, from one element's to the next's,
  // and how long the input is along it; 0 where a dimension has no window.
  double length[NC_MAX_RANK], stride[NC_MAX_RANK], extent[NC_MAX_RANK];
  NcTe *busy; // NULL until something needs it
} Known;

typedef struct Quieter {
  NcTeBuilder *builder;
  NcArena *scratch;
  int64_t least; // samples of a run for which there is what is still; 0: of any
  Known **known; // by id; NULL: not known
  NcTes order;   // the tensors as they will be
  NcTe *ones;    // what is busy everywhere, of any map; NULL until something needs it
} Quieter;

// ---- what is known

static bool is_source(const NcTe *te) {
  const NcTe *leaf = te->kind == NC_TE_VIEW ? te->base : te;
  return leaf->kind == NC_TE_LEAF && !leaf->node->variable && te->type.rank >= 3 &&
         nc_dim_is_batch(te->type.dims[0]) && !nc_dtype_is_float(te->type.dtype);
}

static bool know_source(Known *k, const NcTe *te) {
  bool known = true;
  k->source = true;
  for (int d = 1; d < te->type.rank - 1; d++) {
    k->length[d] = k->stride[d] = 1;
    k->extent[d] = (double)te->type.dims[d].c;
    known = known && te->type.dims[d].n == 0;
  }
  return known;
}

typedef struct Look {
  const Quieter *quieter;
  const NcTe *te;
  int dim_of[NC_MAX_AXES]; // of the tensor, that an axis alone gives; -1: others
  int batch;               // the axis over samples
  Known *known;
  bool ok;
} Look;

// How a load's index along a dimension moves.
static bool look_along(const Look *l, const NcExpr *load, int d, View *v) {
  const NcAffine *a = &load->index[d];
  v->from[d] = -1;
  v->low[d] = a->constant;
  v->size[d] = 1;
  v->steps[d] = load->steps[d];
  for (int i = 0; i < l->te->axis_count + l->te->reduce_count; i++) {
    if (a->coef[i] == 0)
      continue;
    if (i >= l->te->axis_count) {
      int64_t reach = a->coef[i] * (l->te->extents[i].c - 1);
      v->low[d] += reach < 0 ? reach : 0;
      v->size[d] += llabs(reach);
      continue;
    }
    if (v->from[d] >= 0 || l->dim_of[i] < 1 || a->coef[i] < 0)
      return false;
    v->from[d] = l->dim_of[i];
    v->scale[d] = a->coef[i];
  }
  return v->from[d] >= 0;
}

static bool is_same_view(const View *a, const View *b) {
  bool same = a->operand == b->operand;
  for (int d = 1; same && d < a->operand->type.rank - 1; d++)
    same = a->from[d] == b->from[d] && a->scale[d] == b->scale[d] && a->low[d] == b->low[d] &&
           a->size[d] == b->size[d] && a->steps[d] == b->steps[d];
  return same;
}

static bool add_view(Known *k, const View *v) {
  for (int i = 0; i < k->view_count; i++)
    if (is_same_view(&k->views[i], v))
      return true;
  if (k->view_count == MAX_VIEWS)
    return false;
  k->views[k->view_count++] = *v;
  return true;
}

static bool look_at_load(Look *l, NcExpr *load) {
  NcTe *te = load->tensor;
  if (load->loaded[0])
    return false;
  if (!nc_type_has_batch(&te->type))
    return true;
  const Known *operand = l->quieter->known[te->id];
  if (!operand || !nc_affine_is_axis(&load->index[0], l->batch))
    return false;
  View v = {.operand = te};
  for (int d = 1; d < te->type.rank - 1; d++) {
    if (!look_along(l, load, d, &v))
      return false;
    Known *k = l->known;
    int to = v.from[d];
    double length =
        (double)(v.size[d] - 1) / (double)v.steps[d] * operand->stride[d] + operand->length[d];
    k->extent[to] = operand->extent[d];
    k->stride[to] = (double)v.scale[d] / (double)v.steps[d] * operand->stride[d];
    k->length[to] = fmax(k->length[to], length);
  }
  return load->index[te->type.rank - 1].coef[l->batch] == 0 && add_view(l->known, &v);
}

// Whether the operation has a value for zeros, too, where the input's range may leave them out.
static bool is_defined(const NcExpr *x) {
  bool divides = x->kind == NC_X_DIV && !nc_dtype_is_float(x->dtype);
  return !divides || (x->args[1]->kind == NC_X_CONST && x->args[1]->integer > 0);
}

static void look_at_node(void *context, NcExpr *x) {
  Look *l = context;
  bool fine =
      x->kind != NC_X_FRAME && x->kind != NC_X_CHECK && x->kind != NC_X_GIVEN && is_defined(x);
  if (x->kind == NC_X_INDEX)
    fine = x->index[0].coef[l->batch] == 0;
  if (x->kind == NC_X_LOAD)
    fine = look_at_load(l, x);
  l->ok = l->ok && fine;
}

// The tensor's axes: each dimension but the last has one of its own.
static bool look_at_axes(Look *l) {
  const NcTe *te = l->te;
  for (int i = 0; i < NC_MAX_AXES; i++)
    l->dim_of[i] = -1;
  for (int d = 0; d < te->type.rank - 1; d++) {
    int axis = nc_te_plain_axis(te, d);
    if (axis < 0 || (te->type.dims[d].n != 0) != (d == 0))
      return false;
    l->dim_of[axis] = d;
  }
  l->batch = nc_te_plain_axis(te, 0);
  for (int i = 0; i < te->axis_count + te->reduce_count; i++)
    if (te->extents[i].n && i != l->batch)
      return false;
  return nc_dim_is_batch(te->type.dims[0]);
}

// The share of the input that an element sees.
static double share_seen(const Known *k, int rank) {
  double share = 1;
  for (int d = 1; d < rank - 1; d++)
    if (k->extent[d] > 0)
      share *= fmin(1, k->length[d] / k->extent[d]);
  return share;
}

static bool know_computed(const Quieter *q, Known *k, const NcTe *te) {
  if (te->kind != NC_TE_COMPUTE || te->type.rank < 3 || te->partial || te->spelled || te->where ||
      te->reduce == NC_REDUCE_ARGMAX)
    return false;
  Look l = {.quieter = q, .te = te, .known = k};
  l.ok = look_at_axes(&l);
  NcExpr *exprs[] = {te->body, te->finish};
  if (l.ok)
    nc_exprs_walk(exprs, 2, look_at_node, &l);
  return l.ok && k->view_count > 0;
}

static const Known *know(Quieter *q, const NcTe *te) {
  Known k = {0};
  if (!(is_source(te) ? know_source(&k, te) : know_computed(q, &k, te)))
    return NULL;
  q->known[te->id] = NC_NEW(q->scratch, Known);
  *q->known[te->id] = k;
  return q->known[te->id];
}

// ---- where it is busy

static NcTe *busy_of(Quieter *q, NcTe *te);

static void push(Quieter *q, NcTe *te) { nc_vec_push(q->scratch, q->order, te); }

static NcType places_of(const NcTe *te) {
  NcType type = te->type;
  type.dtype = NC_U8;
  type.rank--;
  return type;
}

// A map has halos and spaces where the tensor has them: what lies there does not hang on the input.
static NcLayout *lay_out(NcTeBuilder *b, const NcLayout *like) {
  if (!like)
    return NULL;
  NcLayout *layout = NC_NEW(b->arena, NcLayout);
  *layout = *like;
  layout->slack = 0;
  layout->fill = 0;
  return layout;
}

// Where a window's next element along dimension d is, which axis `to` of the tensor moves; *te gets
// an axis for what is reduced.
static NcAffine place_in(NcTe *te, const View *v, int d, int to) {
  NcAffine at = nc_affine_offset(nc_affine_scale(nc_affine_axis(to), v->scale[d]), v->low[d]);
  if (v->size[d] > 1)
    at = nc_affine_add(at, nc_affine_axis(nc_te_reduce(te, nc_dim(v->size[d]))));
  return at;
}

// Vectors run along the last dimension of a map. Where windows do not follow each other there, the
// other dimensions are reduced first, which leaves a view of the result.
static NcTe *reduce_rows(Quieter *q, const NcTe *busy, NcTe *from, View *v) {
  int last = from->type.rank - 1;
  int64_t others = 1;
  for (int d = 1; d < last; d++)
    others *= v->size[d];
  if (v->scale[last] == 1 || others == 1)
    return from;
  NcType type = from->type;
  NcAffine index[NC_MAX_RANK];
  for (int d = 1; d < last; d++)
    type.dims[d] = busy->type.dims[v->from[d]];
  NcTe *rows = nc_te_compute(q->builder, type);
  rows->role = "busy";
  rows->reduce = NC_REDUCE_MAX;
  index[0] = nc_affine_axis(0);
  index[last] = nc_affine_axis(last);
  for (int d = 1; d < last; d++)
    index[d] = place_in(rows, v, d, d);
  rows->body = nc_x_load(q->builder, from, index);
  for (int d = 1; d < last; d++) {
    rows->body->steps[d] = v->steps[d];
    v->scale[d] = v->size[d] = v->steps[d] = 1;
    v->low[d] = 0;
  }
  rows->layout = lay_out(q->builder, from->layout);
  for (int d = 1; rows->layout && d < last; d++) {
    rows->layout->low[d] = rows->layout->high[d] = 0;
    rows->layout->steps[d] = 1;
  }
  push(q, rows);
  return rows;
}

// What a tensor has of an operand's map: of the input's elements, whether they are 0.
static NcExpr *busy_through(Quieter *q, NcTe *busy, const View *view) {
  NcTeBuilder *b = q->builder;
  View v = *view;
  bool source = q->known[v.operand->id]->source;
  int last = v.operand->type.rank - 1;
  NcTe *from = source ? v.operand : reduce_rows(q, busy, busy_of(q, v.operand), &v);
  NcAffine index[NC_MAX_RANK] = {nc_affine_axis(0)};
  for (int d = 1; d < last; d++)
    index[d] = place_in(busy, &v, d, v.from[d]);
  if (source && nc_dim_is(from->type.dims[last], 1))
    index[last] = nc_affine_constant(0);
  else if (source)
    index[last] = nc_affine_axis(nc_te_reduce(busy, from->type.dims[last]));
  NcExpr *load = nc_x_load(b, from, index);
  for (int d = 1; d < last; d++)
    load->steps[d] = v.steps[d];
  if (!source)
    return load;
  NcExpr *some = nc_x_binary(b, NC_X_NE, load, nc_x_const(b, load->dtype, 0));
  return nc_x_cast(b, NC_U8, some);
}

// All is busy where there is nothing still to take values from.
static NcExpr *unless_few(Quieter *q, NcExpr *busy) {
  NcTeBuilder *b = q->builder;
  NcExpr *few = nc_x_binary(b, NC_X_LT, nc_x_frame(b, NC_FRAME_BATCH),
                            nc_x_const(b, NC_I64, (double)q->least));
  return nc_x_binary(b, NC_X_MAX, busy, nc_x_cast(b, NC_U8, few));
}

// Maps that are made in the same way are made by one kernel, if they lie in the same way, too.
static const NcLayout *layout_of_operand(const Quieter *q, const NcTe *busy, const Known *k) {
  const NcTe *from = q->known[k->views[0].operand->id]->busy;
  bool same = from && k->view_count == 1 && from->type.rank == busy->type.rank;
  for (int d = 1; same && d < busy->type.rank; d++)
    same = nc_dim_equal(from->type.dims[d], busy->type.dims[d]);
  return same ? from->layout : NULL;
}

static NcTe *busy_of(Quieter *q, NcTe *te) {
  if (te->again)
    return busy_of(q, te->again);
  Known *k = q->known[te->id];
  if (k->busy)
    return k->busy;
  NcTeBuilder *b = q->builder;
  for (int i = 0; i < k->view_count; i++) // before it in the order
    if (!q->known[k->views[i].operand->id]->source)
      busy_of(q, k->views[i].operand);
  b->node = te->node;
  NcTe *busy = nc_te_compute(b, places_of(te));
  NcExpr *body = NULL;
  bool of_source = false;
  for (int i = 0; i < k->view_count; i++) {
    NcExpr *part = busy_through(q, busy, &k->views[i]);
    body = body ? nc_x_binary(b, NC_X_MAX, body, part) : part;
    of_source = of_source || q->known[k->views[i].operand->id]->source;
  }
  busy->role = "busy";
  busy->body = body;
  bool reduces = busy->reduce_count > 0;
  if (reduces)
    busy->reduce = NC_REDUCE_MAX;
  if (of_source && q->least > 0)
    *(reduces ? &busy->finish : &busy->body) = unless_few(q, reduces ? nc_x_acc(b, NC_U8) : body);
  busy->layout = lay_out(b, te->layout ? te->layout : layout_of_operand(q, busy, k));
  push(q, busy);
  return k->busy = busy;
}

// ---- what is still

static NcTe *still_of(Quieter *q, NcTe *te);

static NcExpr *load_still(void *context, NcExpr *load) {
  Quieter *q = context;
  if (!nc_type_has_batch(&load->tensor->type))
    return load;
  load->tensor = still_of(q, load->tensor);
  return load;
}

static NcTe *constant(Quieter *q, NcDtype dtype, NcDim size, int value) {
  NcTe *te = nc_te_compute(q->builder, nc_type(dtype, 1, &size));
  te->role = "still";
  te->body = nc_x_const(q->builder, dtype, value);
  push(q, te);
  return te;
}

// The input may be seen under another shape.
static NcTe *zeros(Quieter *q, NcTe *source) {
  NcDim size = nc_dim(nc_type_elements(&source->type).n);
  NcTe *flat = constant(q, source->type.dtype, size, 0);
  NcType type = source->type;
  type.dims[0] = nc_dim(1);
  NcTe *te = nc_te_view(q->builder, flat, type);
  push(q, te);
  if (source->base)
    source->base->still = flat;
  return source->still = te;
}

static NcTe *still_of(Quieter *q, NcTe *te) {
  NcTeBuilder *b = q->builder;
  if (te->still)
    return te->still;
  if (q->known[te->id]->source)
    return zeros(q, te);
  if (te->again)
    return te->still = still_of(q, te->again);
  NcTe *still = nc_te_twin(b, te);
  NcRewrite r = {.builder = b, .load = load_still, .context = q};
  NcExpr *exprs[] = {te->body, te->finish};
  still->type.dims[0] = nc_dim(1);
  still->extents[nc_te_plain_axis(te, 0)] = nc_dim(1);
  still->busy = still->quiet = NULL;
  still->role = "still";
  nc_exprs_rewrite(&r, exprs, 2);
  still->body = exprs[0];
  still->finish = exprs[1];
  still->like = te;
  push(q, still);
  return te->still = still;
}

// ---- sums of products

static bool is_worth(const Known *k, const NcTe *te) {
  if (te->reduce != NC_REDUCE_SUM || te->body->kind != NC_X_MUL ||
      share_seen(k, te->type.rank) > MOST_SEEN)
    return false;
  double work = (double)te->type.dims[te->type.rank - 1].c;
  for (int i = 0; i < te->reduce_count; i++)
    work *= (double)te->extents[te->axis_count + i].c;
  return work >= MIN_WORK;
}

// A network of nothing is computed everywhere: the same ones do for all maps.
static void use_ones(Quieter *q, NcTe *busy, NcTe *still) {
  NcTeBuilder *b = q->builder;
  int64_t size = nc_te_storage(busy).n;
  if (!q->ones)
    q->ones = constant(q, NC_U8, nc_dim(size), 1);
  if (size > q->ones->extents[0].c)
    q->ones->extents[0] = q->ones->type.dims[0] = nc_dim(size);
  busy->still = q->ones;
  NcAffine first = nc_affine_constant(0);
  still->busy = nc_x_load(b, q->ones, &first);
}

static void quieten(Quieter *q, NcTe *te) {
  NcTeBuilder *b = q->builder;
  NcTe *busy = busy_of(q, te), *still = still_of(q, te);
  b->node = te->node;
  use_ones(q, busy, still);
  NcAffine index[NC_MAX_RANK];
  memcpy(index, te->store, sizeof index);
  te->busy = nc_x_binary(b, NC_X_NE, nc_x_load(b, busy, index), nc_x_const(b, NC_U8, 0));
  index[0] = nc_affine_constant(0);
  te->quiet = nc_x_load(b, still, index);
}

int64_t nc_quiet(NcTensorGraph *graph, const NcTarget *target, bool changes) {
  if (!target->quiet)
    return 0;
  NcTeBuilder *b = &graph->builder;
  Quieter q = {.builder = b, .scratch = nc_arena_create()};
  q.least = target->stays && !changes ? 0 : NC_QUIET_BATCH;
  q.known = NC_NEW_ARRAY(q.scratch, Known *, b->next_id);
  NcTes old = nc_te_list(b, q.scratch);
  for (int i = 0; i < old.count; i++) {
    NcTe *te = old.items[i];
    const Known *k = know(&q, te);
    if (k && !k->source && is_worth(k, te))
      quieten(&q, te);
    push(&q, te);
  }
  nc_te_set_list(b, &q.order);
  nc_arena_destroy(q.scratch);
  return q.least;
}
