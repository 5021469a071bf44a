// Sums that skip zeros.
//
// A picked tensor is, along some of its dimensions, cut into windows that do not overlap:
//
//   p[n, 2*i+j, 2*k+l, c] = number[n,i,k,c] == 2*j+l ? value[n,i,k,c] : 0
//
// then something that keeps zeros, as the mask of a relu. Its values are the tensor
// v[n,i,k,c] = sum over j,l of p, which has one term that is not zero. A sum over p's elements
// becomes one over v's, in which i stands where 2*i + number/2 stood:
//
//   sum over n,h,w of x[n, h+r, w+s, c] * p[n,h,w,o] =
//     sum over n,i,k of x[n, 2*i + number[n,i,k,o]/2 + r, 2*k + number[n,i,k,o]%2 + s, c] *
//     v[n,i,k,o]
//
// A sum that meets p's elements from every place of its result, as a convolution's gradient does,
// is taken apart. A window adds to a patch of the result: all that its elements reach. Patches are
// sparse sums over the places j,l in the window, the channels that have their element there, if it
// is not 0, and the kernel; the result is the sum of the patches that overlap there:
//
//   y[n,h,w,c] = sum over r,s,o of p[n, h+1-r, w+1-s, o] * k[r,s,c,o]
//   patch[n,i,k,a,b,c] = sum over j,l,o,r,s of v[n,i,k,o] * k[r,s,c,o]
//     where a = j+r and b = l+s and number[n,i,k,o] = 2*j+l and v[n,i,k,o] != 0
//   y[n,h,w,c] = sum over the i,k,a,b with 2*i+a = h+1, 2*k+b = w+1 of patch[n,i,k,a,b,c]
#include "kernel/skip.h"

#include "kernel/expr.h"
#include "kernel/nest.h"
#include "kernel/picked.h"

#include <string.h>

// Where in its window the element is along the k-th dimension that is cut; `number` is its number.
static NcExpr *place_in_window(NcPicker *s, const NcPicked *p, NcExpr *number, int k) {
  const NcWindow *w = &p->windows[k];
  NcExpr *x = nc_x_cast(s->builder, NC_I64, number);
  bool shifts = (w->weight & (w->weight - 1)) == 0 && (w->size & (w->size - 1)) == 0;
  NcExpr *weight =
      nc_x_const_int(s->builder, NC_I64, shifts ? __builtin_ctzll((uint64_t)w->weight) : w->weight);
  if (w->weight > 1)
    x = nc_x_binary(s->builder, shifts ? NC_X_SHR : NC_X_DIV, x, weight);
  if (k == 0)
    return x;
  if (shifts)
    return nc_x_binary(s->builder, NC_X_AND, x, nc_x_const_int(s->builder, NC_I64, w->size - 1));
  NcExpr *size = nc_x_const_int(s->builder, NC_I64, w->size);
  NcExpr *whole =
      nc_x_binary(s->builder, NC_X_MUL, nc_x_binary(s->builder, NC_X_DIV, x, size), size);
  return nc_x_binary(s->builder, NC_X_SUB, x, whole);
}

// ---- sums over all places of a picked tensor

// How a sum goes through a picked tensor: its load of it, and what that is multiplied with, if it
// is; the axis along each dimension that is cut.
typedef struct Sum {
  NcTe *te;
  NcPicked *p;
  NcExpr *load, *other;
  int axes[NC_MAX_WINDOWS];
  NcExpr *places[NC_MAX_WINDOWS]; // in the window, over the axes of the sum
} Sum;

static bool find_sum(NcPicker *s, NcTe *te, Sum *sum) {
  *sum = (Sum){.te = te};
  if (te->kind != NC_TE_COMPUTE || te->reduce != NC_REDUCE_SUM || te->where || te->outer_count ||
      te->partial)
    return false;
  NcExpr *x = te->body;
  bool product = x->kind == NC_X_MUL;
  for (int i = 0; i < (product ? 2 : 1); i++) {
    sum->load = product ? x->args[i] : x;
    sum->other = product ? x->args[1 - i] : NULL;
    sum->p = nc_picked_of(s, sum->load);
    if (sum->p)
      return true;
  }
  return false;
}

// Whether the sum goes along all of each dimension that is cut.
static bool goes_along(Sum *sum) {
  const NcTe *te = sum->te;
  for (int k = 0; k < sum->p->count; k++) {
    int dim = sum->p->windows[k].dim;
    sum->axes[k] = -1;
    for (int i = te->axis_count; i < te->axis_count + te->reduce_count; i++)
      if (nc_affine_is_axis(&sum->load->index[dim], i) &&
          nc_dim_equal(te->extents[i], sum->p->te->type.dims[dim]))
        sum->axes[k] = i;
    if (sum->axes[k] < 0)
      return false;
  }
  for (int d = 0; d < sum->p->te->type.rank; d++)
    for (int k = 0; k < sum->p->count; k++)
      if (d != sum->p->windows[k].dim && sum->load->index[d].coef[sum->axes[k]])
        return false;
  return true;
}

// Whether what is multiplied can be read at places that are looked up.
typedef struct Readable {
  const Sum *sum;
  bool ok;
} Readable;

static void look_at_reader(void *context, NcExpr *x) {
  Readable *r = context;
  if (x->kind != NC_X_LOAD && x->kind != NC_X_INDEX)
    return;
  int rank = x->kind == NC_X_LOAD ? x->tensor->type.rank : 1;
  for (int d = 0; d < rank; d++) {
    int moving = 0;
    for (int k = 0; k < r->sum->p->count; k++) {
      int64_t coef = x->index[d].coef[r->sum->axes[k]];
      moving += coef != 0;
      r->ok = r->ok && coef >= 0;
    }
    if (moving && (x->kind == NC_X_INDEX || x->loaded[0] || x->steps[d] != 1))
      r->ok = false;
  }
}

// The axis of the result along which rows of what is multiplied run, and which the picked tensor
// does not move with: lanes will go along it. -1 if there is none.
static int lanes_axis(const Sum *sum) {
  const NcExpr *x = sum->other;
  if (x->kind != NC_X_LOAD)
    return -1;
  const NcAffine *last = &x->index[x->tensor->type.rank - 1];
  for (int i = 0; i < sum->te->axis_count; i++)
    if (last->coef[i] == 1 && nc_affine_is_axis(last, i) && !sum->te->extents[i].n) {
      NcAffine along = nc_affine_axis(i);
      return nc_expr_moves_with(sum->load, &along) ? -1 : i;
    }
  return -1;
}

// A term of a dense sum takes half an operation, one at a place that is looked up takes more, as
// every product loads a vector of its own.
#define COST_OF_PLACE 1.5

static double lanes_used(NcDim extent) {
  double lanes = NC_MAX_LANES, size = (double)extent.c;
  return size / (lanes * (double)((extent.c + NC_MAX_LANES - 1) / NC_MAX_LANES));
}

static bool is_worth_it(const Sum *sum, int lanes) {
  double skipped = 1;
  for (int k = 0; k < sum->p->count; k++)
    skipped *= (double)sum->p->windows[k].size;
  int dense = nc_te_wanted_vector(sum->te);
  double now = dense < 0 ? 1 : lanes_used(sum->te->extents[dense]);
  return skipped * lanes_used(sum->te->extents[lanes]) >= COST_OF_PLACE * now;
}

typedef struct Lookup {
  NcPicker *s;
  const Sum *sum;
} Lookup;

// The load is of the element's place, in place of the window's.
static NcExpr *look_up(void *context, NcExpr *load) {
  Lookup *l = context;
  int count = 0;
  for (int k = 0; k < l->sum->p->count; k++)
    for (int d = 0; d < load->tensor->type.rank; d++) {
      const NcWindow *w = &l->sum->p->windows[k];
      int64_t coef = load->index[d].coef[l->sum->axes[k]] / w->stride;
      if (!coef || w->size == 1)
        continue;
      NcExpr *place = l->sum->places[k];
      if (coef > 1)
        place = nc_x_binary(l->s->builder, NC_X_MUL, place,
                            nc_x_const_int(l->s->builder, NC_I64, coef));
      load->loaded[count] = place;
      load->loaded_dim[count] = d;
      load->loaded_most[count++] = coef * (w->size - 1);
    }
  return load;
}

static int places_needed(const Sum *sum) {
  int count = 0;
  const NcExpr *x = sum->other;
  for (int k = 0; k < sum->p->count; k++)
    for (int d = 0; d < x->tensor->type.rank; d++)
      count += x->index[d].coef[sum->axes[k]] != 0;
  return count;
}

// The body over windows.
static NcExpr *body_of(NcPicker *s, Sum *sum) {
  NcAffine index[NC_MAX_RANK], axes[NC_MAX_AXES], of_picked[NC_MAX_AXES] = {0};
  memcpy(index, sum->load->index, sizeof index[0] * (size_t)sum->p->te->type.rank);
  NcExpr *value = nc_x_load(s->builder, nc_picked_values(s, sum->p), index);
  if (!sum->other)
    return value;
  nc_picked_place(sum->p, index, of_picked);
  NcExpr *number =
      nc_expr_rewrite(&(NcRewrite){.builder = s->builder, .axes = of_picked}, sum->p->number);
  for (int i = 0; i < NC_MAX_AXES; i++)
    axes[i] = nc_affine_axis(i);
  for (int k = 0; k < sum->p->count; k++) {
    sum->places[k] = place_in_window(s, sum->p, number, k);
    axes[sum->axes[k]] = nc_affine_scale(axes[sum->axes[k]], sum->p->windows[k].stride);
  }
  Lookup l = {s, sum};
  NcRewrite r = {.builder = s->builder, .axes = axes, .load = look_up, .context = &l};
  return nc_x_binary(s->builder, NC_X_MUL, nc_expr_rewrite(&r, sum->other), value);
}

// The result with other dimensions last: those that the picked tensor moves with come first, that
// of the lanes is the last. `order` receives which dimension each is.
static NcType reordered(const Sum *sum, int lanes, int *order) {
  NcType type = sum->te->type;
  int count = 0;
  for (int turn = 0; turn < 3; turn++)
    for (int d = 0; d < type.rank; d++) {
      int axis = nc_te_plain_axis(sum->te, d);
      NcAffine along = nc_affine_axis(axis);
      if (turn == (axis == lanes ? 2 : nc_expr_moves_with(sum->load, &along) ? 0 : 1))
        order[count++] = d;
    }
  for (int d = 0; d < type.rank; d++)
    type.dims[d] = sum->te->type.dims[order[d]];
  return type;
}

// Makes the tensor a copy of a sum whose dimensions are in another order.
static NcTe *reorder(NcPicker *s, Sum *sum, int lanes) {
  NcTe *te = sum->te;
  int order[NC_MAX_RANK];
  NcType type = reordered(sum, lanes, order);
  s->builder->node = te->node;
  NcTe *result = nc_te_scatter(s->builder, type);
  result->source = te->source;
  result->axis_count = te->axis_count;
  result->reduce_count = te->reduce_count;
  memcpy(result->extents, te->extents, sizeof te->extents);
  result->reduce = te->reduce;
  result->body = te->body;
  for (int d = 0; d < type.rank; d++)
    result->store[d] = te->store[order[d]];
  te->reduce = NC_REDUCE_NONE;
  te->axis_count = te->reduce_count = 0;
  NcAffine index[NC_MAX_RANK];
  for (int d = 0; d < type.rank; d++)
    te->store[d] = nc_affine_axis(nc_te_axis(te, te->type.dims[d]));
  for (int d = 0; d < type.rank; d++)
    index[d] = te->store[order[d]];
  te->role = "copy";
  te->body = nc_x_load(s->builder, result, index);
  return result;
}

// A sum that goes along the picked tensor goes along its values.
static void skip_along(NcPicker *s, Sum *sum) {
  int lanes = -1;
  if (sum->te->finish)
    return;
  if (sum->other) {
    Readable r = {sum, true};
    nc_expr_walk(sum->other, look_at_reader, &r);
    lanes = lanes_axis(sum);
    if (!r.ok || lanes < 0 || !nc_te_stores_axes(sum->te) || places_needed(sum) > NC_MAX_LOADED ||
        !is_worth_it(sum, lanes))
      return;
  }
  NcExpr *body = body_of(s, sum);
  for (int k = 0; k < sum->p->count; k++)
    sum->te->extents[sum->axes[k]] = sum->p->te->extents[sum->p->windows[k].outer];
  sum->te->body = body;
  if (lanes >= 0)
    nc_vec_push(s->scratch, s->order, reorder(s, sum, lanes));
}

// ---- sums that meet a picked tensor from every place

// The axes of such a sum along dimension k that is cut: of the result and over the kernel. An
// element i of p and a tap r add to the place i + dilation*r - shift of the result.
typedef struct Tap {
  int place, tap;
  int64_t shift, rest, dilation, taps; // rest: of the shift, modulo the window's extent
  int kernel_dim;
  int64_t patch; // the extent of a patch: a multiple of the window's
} Tap;

typedef struct Patches {
  Sum *sum;
  Tap taps[NC_MAX_WINDOWS];
  int outputs, inputs;       // axes of the channels: of p, reduced; of the result
  int output_dim, input_dim; // of the kernel
  int64_t input_block;       // how many of them are gone through at once
  NcTe *kernel, *patches;
} Patches;

static int64_t extent(const Sum *sum, int axis) { return sum->te->extents[axis].c; }

// The only dimension of the kernel that the axis moves, if it is that axis; else -1.
static int kernel_dim(const Sum *sum, int axis) {
  const NcExpr *k = sum->other;
  int dim = -1;
  for (int d = 0; d < k->tensor->type.rank; d++) {
    if (!k->index[d].coef[axis])
      continue;
    bool whole = nc_affine_is_axis(&k->index[d], axis) &&
                 nc_dim_equal(k->tensor->type.dims[d], sum->te->extents[axis]);
    if (dim >= 0 || !whole)
      return -1;
    dim = d;
  }
  return dim;
}

static bool find_tap(const Sum *sum, int k, Tap *tap) {
  const NcTe *te = sum->te;
  const NcWindow *w = &sum->p->windows[k];
  const NcAffine *index = &sum->load->index[w->dim];
  *tap = (Tap){.place = -1, .tap = -1, .shift = index->constant};
  for (int i = 0; i < te->axis_count + te->reduce_count; i++) {
    int *axis = i < te->axis_count ? &tap->place : &tap->tap;
    if (index->coef[i] && *axis >= 0)
      return false;
    *axis = index->coef[i] ? i : *axis;
  }
  if (tap->place < 0 || tap->tap < 0 || index->coef[tap->place] != 1 ||
      index->coef[tap->tap] >= 0 || sum->load->steps[w->dim] != 1 || w->stride != w->size ||
      te->extents[tap->tap].n || extent(sum, tap->place) % w->size)
    return false;
  tap->dilation = -index->coef[tap->tap];
  tap->taps = extent(sum, tap->tap);
  tap->kernel_dim = kernel_dim(sum, tap->tap);
  tap->rest = ((tap->shift % w->size) + w->size) % w->size;
  int64_t reach = w->size + tap->dilation * (tap->taps - 1);
  tap->patch = (reach + w->size - 1) / w->size * w->size;
  return tap->kernel_dim >= 0 && (tap->rest == 0 || w->size == 2);
}

// Terms of a channel, for all places in a window: code has each of them; and elements of a patch,
// which a kernel holds all at once.
#define MAX_SPELLED_TERMS 256
#define MAX_PATCH 100

static bool find_patches(Sum *sum, Patches *a) {
  const NcTe *te = sum->te, *p = sum->p->te;
  int rank = te->type.rank, spatial = sum->p->count;
  *a = (Patches){.sum = sum};
  const NcExpr *k = sum->other;
  if (!k || k->kind != NC_X_LOAD || k->padded || k->loaded[0] || rank != spatial + 2 ||
      p->type.rank != rank || 3 + 2 * spatial > NC_MAX_RANK || spatial > NC_MAX_PLACES ||
      k->tensor->type.rank != rank || nc_type_has_batch(&k->tensor->type) ||
      te->reduce_count != spatial + 1 || !nc_te_stores_axes(te))
    return false;
  int64_t choices = 1, terms = 1, elements = 1;
  for (int i = 0; i < spatial; i++) {
    if (sum->p->windows[i].dim != i + 1 || !find_tap(sum, i, &a->taps[i]) ||
        nc_te_plain_axis(te, i + 1) != a->taps[i].place)
      return false;
    choices *= sum->p->windows[i].size;
    terms *= a->taps[i].taps;
    elements *= a->taps[i].patch;
    if (elements > MAX_PATCH)
      return false;
  }
  if (choices > NC_MAX_CHOICES || choices * terms > MAX_SPELLED_TERMS)
    return false;
  a->inputs = nc_te_plain_axis(te, rank - 1);
  a->outputs = -1;
  for (int i = te->axis_count; i < te->axis_count + te->reduce_count; i++)
    if (nc_affine_is_axis(&sum->load->index[rank - 1], i))
      a->outputs = i;
  if (a->outputs < 0 || nc_te_plain_axis(te, 0) < 0 ||
      !nc_affine_is_axis(&sum->load->index[0], nc_te_plain_axis(te, 0)) ||
      te->extents[a->inputs].n || extent(sum, a->inputs) == 1) // lanes go along the inputs
    return false;
  a->input_dim = kernel_dim(sum, a->inputs);
  a->output_dim = kernel_dim(sum, a->outputs);
  a->input_block = extent(sum, a->inputs) % NC_MAX_LANES ? extent(sum, a->inputs) : NC_MAX_LANES;
  return a->input_dim >= 0 && a->output_dim >= 0;
}

// Bytes of a sample's patches that stay in a cache until they are added up.
#define CACHED_PATCHES (1 << 20)
// Cycles that it takes to see that a loop over bits has ended.
#define END_OF_BITS 15

// Cycles for a window and an output channel, each with a vector of input channels.
static bool patches_are_worth_it(const Patches *a) {
  double dense = 0.5, sparse = 0.5 * COST_OF_PLACE, patch = 1, choices = 1,
         outputs = (double)extent(a->sum, a->outputs);
  double bytes = (double)extent(a->sum, a->inputs) * (double)nc_dtype_size(a->sum->te->type.dtype);
  for (int k = 0; k < a->sum->p->count; k++) {
    const NcWindow *w = &a->sum->p->windows[k];
    dense *= (double)(w->size * a->taps[k].taps);
    sparse *= (double)a->taps[k].taps;
    choices *= (double)w->size;
    patch *= (double)a->taps[k].patch;
    bytes *= (double)a->sum->p->te->extents[w->outer].c;
  }
  double transfer = bytes * patch > CACHED_PATCHES ? 6 : 1.5; // written and read again
  return sparse + (transfer * patch + END_OF_BITS * choices) / outputs < dense;
}

// The kernel as [block of inputs, output, taps…, input], whose rows lie as patches go through them.
static NcTe *kernel_of(NcPicker *s, const Patches *a) {
  const Sum *sum = a->sum;
  int spatial = sum->p->count;
  NcType type = {.dtype = sum->other->dtype, .rank = 3 + spatial};
  type.dims[0] = nc_dim(extent(sum, a->inputs) / a->input_block);
  type.dims[1] = sum->te->extents[a->outputs];
  for (int k = 0; k < spatial; k++)
    type.dims[2 + k] = nc_dim(a->taps[k].taps);
  type.dims[2 + spatial] = nc_dim(a->input_block);
  s->builder->node = sum->te->node;
  NcTe *kernel = nc_te_compute(s->builder, type);
  kernel->role = "pack";
  NcAffine index[NC_MAX_RANK];
  index[a->output_dim] = nc_affine_axis(1);
  for (int k = 0; k < spatial; k++)
    index[a->taps[k].kernel_dim] = nc_affine_axis(2 + k);
  index[a->input_dim] = nc_affine_add(nc_affine_scale(nc_affine_axis(0), a->input_block),
                                      nc_affine_axis(2 + spatial));
  kernel->body = nc_x_load(s->builder, sum->other->tensor, index);
  nc_vec_push(s->scratch, s->order, kernel);
  return kernel;
}

static NcExpr *is_at(NcPicker *s, NcExpr *x, NcAffine at) {
  NcExpr *value = nc_x_cast(s->builder, x->dtype, nc_x_index(s->builder, at));
  return nc_x_binary(s->builder, NC_X_EQ, x, value);
}

// [n, block of inputs, windows…, patch…, input]
static NcTe *patches_of(NcPicker *s, const Patches *a) {
  const Sum *sum = a->sum;
  NcPicked *p = sum->p;
  NcTeBuilder *b = s->builder;
  int spatial = p->count, at = 2 + spatial;
  NcTe *values = nc_picked_values(s, p);
  NcType type = {.dtype = sum->te->body->dtype, .rank = 3 + 2 * spatial};
  type.dims[0] = sum->te->type.dims[0];
  type.dims[1] = a->kernel->type.dims[0];
  for (int k = 0; k < spatial; k++) {
    type.dims[2 + k] = values->type.dims[1 + k];
    type.dims[at + k] = nc_dim(a->taps[k].patch);
  }
  type.dims[at + spatial] = nc_dim(a->input_block);
  b->node = sum->te->node;
  NcTe *patches = nc_te_compute(b, type);
  patches->source = sum->te->source;
  patches->reduce = NC_REDUCE_SUM;
  NcAffine value[NC_MAX_RANK], tap[NC_MAX_RANK], axes[NC_MAX_AXES] = {0}, place[NC_MAX_WINDOWS],
                                                 number = nc_affine_constant(0);
  value[0] = nc_affine_axis(0);
  tap[0] = nc_affine_axis(1);
  for (int k = 0; k < spatial; k++) {
    value[1 + k] = nc_affine_axis(2 + k);
    place[k] = nc_affine_axis(nc_te_reduce(patches, nc_dim(p->windows[k].size)));
    number = nc_affine_add(number, nc_affine_scale(place[k], p->windows[k].weight));
  }
  value[1 + spatial] = tap[1] = nc_affine_axis(nc_te_reduce(patches, sum->te->extents[a->outputs]));
  for (int k = 0; k < spatial; k++) {
    tap[2 + k] = nc_affine_axis(nc_te_reduce(patches, nc_dim(a->taps[k].taps)));
    place[k] = nc_affine_add(place[k], nc_affine_scale(tap[2 + k], a->taps[k].dilation));
  }
  tap[2 + spatial] = nc_affine_axis(at + spatial);
  nc_picked_place(p, value, axes);
  NcExpr *picked = nc_expr_rewrite(&(NcRewrite){.builder = b, .axes = axes}, p->number);
  NcExpr *zero = nc_x_const(b, values->type.dtype, 0);
  NcExpr *where = nc_x_binary(b, NC_X_AND, is_at(s, picked, number),
                              nc_x_binary(b, NC_X_NE, nc_x_load(b, values, value), zero));
  for (int k = spatial - 1; k >= 0; k--)
    where =
        nc_x_binary(b, NC_X_AND, is_at(s, nc_x_index(b, nc_affine_axis(at + k)), place[k]), where);
  patches->where = where;
  patches->body =
      nc_x_binary(b, NC_X_MUL, nc_x_load(b, values, value), nc_x_load(b, a->kernel, tap));
  nc_vec_push(s->scratch, s->order, patches);
  return patches;
}

// Makes the tensor the sum of the patches that overlap. Places of one residue modulo the window's
// extent meet the same places of patches.
static void add_up(NcPicker *s, const Patches *a) {
  const Sum *sum = a->sum;
  NcTe *te = sum->te;
  int spatial = sum->p->count, rank = te->type.rank;
  NcDim extents[NC_MAX_AXES];
  int axis_of[NC_MAX_AXES], residue[NC_MAX_WINDOWS], turn[NC_MAX_WINDOWS];
  memcpy(extents, te->extents, sizeof extents);
  for (int d = 0; d < rank; d++)
    axis_of[d] = nc_te_plain_axis(te, d);
  te->axis_count = te->reduce_count = 0;
  NcAffine axes[NC_MAX_AXES] = {0}, index[NC_MAX_RANK];
  axes[axis_of[0]] = index[0] = nc_affine_axis(nc_te_axis(te, extents[axis_of[0]]));
  for (int k = 0; k < spatial; k++)
    residue[k] = nc_te_axis(te, nc_dim(sum->p->windows[k].size));
  for (int k = 0; k < spatial; k++) {
    int64_t size = sum->p->windows[k].size;
    turn[k] = nc_te_axis(te, nc_dim(extents[axis_of[1 + k]].c / size));
    axes[axis_of[1 + k]] =
        nc_affine_add(nc_affine_scale(nc_affine_axis(turn[k]), size), nc_affine_axis(residue[k]));
  }
  index[1] = nc_affine_axis(nc_te_axis(te, a->patches->type.dims[1]));
  index[2 + 2 * spatial] = nc_affine_axis(nc_te_axis(te, nc_dim(a->input_block)));
  axes[axis_of[rank - 1]] =
      nc_affine_add(nc_affine_scale(index[1], a->input_block), index[2 + 2 * spatial]);
  for (int k = 0; k < spatial; k++) {
    const Tap *tap = &a->taps[k];
    int64_t size = sum->p->windows[k].size, whole = (tap->shift - tap->rest) / size;
    NcAffine step = nc_affine_axis(nc_te_reduce(te, nc_dim(tap->patch / size)));
    NcAffine from = nc_affine_axis(residue[k]), window = nc_affine_axis(turn[k]);
    if (tap->rest) { // of windows of 2: the residue 0 meets the odd places, 1 the even ones
      window = nc_affine_add(window, from);
      from = nc_affine_offset(nc_affine_scale(from, -1), 1);
    }
    window = nc_affine_offset(nc_affine_add(window, nc_affine_scale(step, -1)), whole);
    index[2 + k] = window;
    index[2 + spatial + k] = nc_affine_add(nc_affine_scale(step, size), from);
  }
  te->finish = nc_expr_rewrite(&(NcRewrite){.builder = s->builder, .axes = axes}, te->finish);
  s->builder->node = te->node;
  te->body = nc_x_load_padded(s->builder, a->patches, index, 0);
  for (int d = 0; d < rank; d++)
    te->store[d] = axes[axis_of[d]];
}

static void skip_by_patches(NcPicker *s, Sum *sum) {
  Patches a;
  if (!find_patches(sum, &a) || !patches_are_worth_it(&a))
    return;
  a.kernel = kernel_of(s, &a);
  a.patches = patches_of(s, &a);
  add_up(s, &a);
}

// ---- the graph

void nc_skip(NcTensorGraph *graph) {
  NcTeBuilder *b = &graph->builder;
  NcPicker s = {.builder = b, .scratch = nc_arena_create()};
  NcTes old = nc_te_list(b, s.scratch);
  s.picked = NC_NEW_ARRAY(s.scratch, NcPicked, old.count + 1);
  for (int i = 0; i < old.count; i++) {
    NcTe *te = old.items[i];
    Sum sum;
    if (nc_picked_find(te, &s.picked[s.picked_count]))
      s.picked_count++;
    else if (find_sum(&s, te, &sum) && goes_along(&sum))
      skip_along(&s, &sum);
    else if (sum.p)
      skip_by_patches(&s, &sum);
    nc_vec_push(s.scratch, s.order, te);
  }
  bool *kept = NC_NEW_ARRAY(s.scratch, bool, b->next_id);
  for (int i = 0; i < graph->graph->results.count; i++)
    kept[graph->results[i]->id] = true;
  for (int i = 0; i < graph->graph->updates.count; i++)
    kept[graph->updates[i]->id] = true;
  nc_te_set_list(b, &s.order);
  nc_tensor_graph_prune(graph);
  for (int i = 0; i < s.picked_count; i++)
    nc_picked_spread(&s, &s.picked[i], kept);
  nc_tensor_graph_prune(graph);
  nc_arena_destroy(s.scratch);
}
