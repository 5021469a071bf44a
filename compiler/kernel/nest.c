// Flat loop nests: flattening, merging axes, and choosing which axes lanes and register tiles run
// along.
#include "kernel/nest.h"

#include "kernel/expr.h"
#include "kernel/layout.h"

#include <stdlib.h>
#include <string.h>

#define MAX_UNROLLED 32       // steps of a reduction, times accumulators
#define MAX_PARTLY_UNROLLED 8 // the same, where a loop is left around them
#define MIN_ALONE 64          // elements of a sample from which lanes need no other samples
#define MIN_REST 4            // lanes of a last vector: fewer are no faster
#define MAX_MAP_TILE 4        // steps of an axis that a map takes at once

// How many elements that mean nothing lie behind the last that an index of the last dimension
// reaches, if one axis goes along the whole of it.
static int64_t slack_of(const NcTe *accessed, const NcAffine *index, const NcTe *te) {
  int d = accessed->type.rank - 1;
  if (d < 1 || !accessed->layout || accessed->layout->high[d])
    return 0;
  for (int i = 0; i < te->axis_count + te->reduce_count; i++)
    if (nc_affine_is_axis(&index[d], i) && nc_dim_equal(te->extents[i], accessed->type.dims[d]))
      return accessed->layout->slack;
  return 0;
}

// All expressions of a nest, which share nodes where it is of siblings.
typedef struct Exprs {
  NcExpr *items[6 + NC_MAX_SPELLED_VALUES]; // from FIRST_VALUE on those of siblings
  int count;
} Exprs;

enum { BODY, WHERE, FINISH, PIN, BUSY, QUIET, FIRST_VALUE };

static Exprs exprs_of(const NcNest *nest) {
  Exprs e = {{nest->body, nest->where, nest->finish, nest->pin, nest->busy, nest->quiet},
             FIRST_VALUE};
  for (int i = 0; i < nest->sibling_count; i++)
    e.items[e.count++] = nest->siblings[i].value;
  return e;
}

void nc_nest_walk(const NcNest *nest, void (*visit)(void *, NcExpr *), void *context) {
  Exprs e = exprs_of(nest);
  nc_exprs_walk(e.items, e.count, visit, context);
}

static void rewrite_in_place(NcNest *nest, const NcRewrite *rewrite, Exprs *e) {
  nc_exprs_rewrite(rewrite, e->items, e->count);
  nest->body = e->items[BODY];
  nest->where = e->items[WHERE];
  nest->finish = e->items[FINISH];
  nest->pin = e->items[PIN];
  nest->busy = e->items[BUSY];
  nest->quiet = e->items[QUIET];
  for (int i = 0; i < nest->sibling_count; i++)
    nest->siblings[i].value = e->items[FIRST_VALUE + i];
}

#define MAX_KEPT 64 // loads of siblings among which equal ones are looked for

typedef struct Flattening {
  const NcNest *nest;
  Exprs exprs; // the first of them are flat already
  NcExpr *kept[MAX_KEPT];
  int count;
} Flattening;

// What a sibling gives; NULL if the tensor is none.
static NcExpr *value_of_sibling(const Flattening *f, const NcTe *te) {
  for (int i = 0; i < f->nest->sibling_count; i++)
    if (f->nest->siblings[i].te == te)
      return f->exprs.items[FIRST_VALUE + i];
  return te == f->nest->te ? f->exprs.items[BODY] : NULL;
}

// What siblings load several times is one load.
static NcExpr *first_of_equals(Flattening *f, NcExpr *load) {
  for (int i = 0; i < f->count; i++)
    if (f->kept[i]->tensor == load->tensor &&
        memcmp(&f->kept[i]->index[0], &load->index[0], sizeof load->index[0]) == 0)
      return f->kept[i];
  if (f->count < MAX_KEPT)
    f->kept[f->count++] = load;
  return load;
}

static NcExpr *flatten_load(void *context, NcExpr *load) {
  Flattening *f = context;
  NcExpr *value = value_of_sibling(f, load->tensor);
  if (value)
    return value;
  load->slack = load->loaded[0] ? 0 : slack_of(load->tensor, load->index, f->nest->te);
  NcAffine address = nc_load_address(load);
  load->index[0] = address;
  return f->nest->sibling_count > 0 && !load->loaded[0] ? first_of_equals(f, load) : load;
}

static void flatten(NcTeBuilder *builder, NcNest *nest) {
  Flattening f = {.nest = nest, .exprs = exprs_of(nest)};
  NcRewrite r = {.builder = builder, .load = flatten_load, .context = &f};
  rewrite_in_place(nest, &r, &f.exprs);
}

typedef struct MergeCheck {
  int inner;
  int64_t extent;
  bool ok;
} MergeCheck;

static void check_affine(MergeCheck *m, const NcAffine *a) {
  int64_t whole;
  if (__builtin_mul_overflow(a->coef[m->inner], m->extent, &whole) ||
      a->coef[m->inner - 1] != whole)
    m->ok = false;
}

static void check_merge(void *context, NcExpr *x) {
  MergeCheck *m = context;
  if (x->kind == NC_X_INDEX)
    check_affine(m, &x->index[0]);
  if (x->kind == NC_X_LOAD)
    check_affine(m, &x->index[0]);
}

// Whether axis inner-1 and inner run through every access as one axis would.
static bool can_merge(const NcNest *nest, int inner) {
  if (!nc_dim_is_constant(nest->extents[inner]))
    return false;
  MergeCheck m = {inner, nest->extents[inner].c, true};
  if (inner < nest->axis_count)
    check_affine(&m, &nest->store);
  for (int i = 0; i < nest->sibling_count; i++)
    check_affine(&m, &nest->siblings[i].store);
  Exprs e = exprs_of(nest);
  if (inner >= nest->axis_count + nest->outer_count)
    e.items[FINISH] = NULL; // what finishes a reduction does not move with the axes inside it
  nc_exprs_walk(e.items, e.count, check_merge, &m);
  return m.ok;
}

int nc_nest_ragged(const NcNest *nest, int axis) {
  for (int i = 0; i < nest->ragged_count; i++)
    if (nest->ragged[i].axis == axis)
      return i;
  return -1;
}

// Whether the axis is reduced, or a place, in a sum that is sparse.
static bool is_of_sparse(const NcNest *nest, int axis) {
  bool found = axis >= nest->axis_count;
  for (int i = 0; i < nest->sparse.place_count; i++)
    found = found || nest->sparse.places[i].axis == axis;
  return found && nest->sparse.place_count > 0;
}

static bool is_bound(const NcNest *nest, int axis) {
  return nc_nest_bound(nest, axis) || nc_nest_is_spelled(nest, axis) ||
         nc_nest_ragged(nest, axis) >= 0 || (nest->pin && axis == nest->pinned) ||
         is_of_sparse(nest, axis);
}

static void rewrite_axes(NcTeBuilder *builder, NcNest *nest, const NcAffine *axes) {
  Exprs e = exprs_of(nest);
  rewrite_in_place(nest, &(NcRewrite){.builder = builder, .axes = axes}, &e);
  nest->store = nc_affine_substitute(nest->store, axes);
  for (int i = 0; i < nest->sibling_count; i++)
    nest->siblings[i].store = nc_affine_substitute(nest->siblings[i].store, axes);
  for (int i = 0; i < nest->range_count; i++)
    nest->ranges[i].at = nc_affine_substitute(nest->ranges[i].at, axes);
  for (int i = 0; i < nest->sparse.place_count; i++)
    nest->sparse.places[i].at = nc_affine_substitute(nest->sparse.places[i].at, axes);
}

// Removes an axis whose index is 0 (size 1), or has gone into the next axis.
static void remove_axis(NcTeBuilder *builder, NcNest *nest, int axis) {
  NcAffine axes[NC_MAX_AXES] = {0};
  int count = nest->axis_count + nest->reduce_count;
  for (int i = 0; i < count; i++)
    if (i != axis)
      axes[i] = nc_affine_axis(i < axis ? i : i - 1);
  rewrite_axes(builder, nest, axes);
  for (int i = axis; i + 1 < count; i++)
    nest->extents[i] = nest->extents[i + 1];
  if (axis < nest->axis_count) {
    nest->axis_count--;
  } else {
    nest->outer_count -= axis < nest->axis_count + nest->outer_count;
    nest->reduce_count--;
  }
  for (int i = 0; i < nest->range_count; i++)
    nest->ranges[i].axis -= nest->ranges[i].axis > axis;
  for (int i = 0; i < nest->bound_count; i++) {
    nest->bounds[i].axis -= nest->bounds[i].axis > axis;
    nest->bounds[i].parallel -= nest->bounds[i].parallel > axis;
  }
  for (int i = 0; i < nest->ragged_count; i++)
    nest->ragged[i].axis -= nest->ragged[i].axis > axis;
  nest->pinned -= nest->pinned > axis;
  nest->sparse.listed -= nest->sparse.listed > axis;
  for (int i = 0; i < nest->sparse.place_count; i++)
    nest->sparse.places[i].axis -= nest->sparse.places[i].axis > axis;
  for (int i = axis; i + 1 < count; i++)
    nest->sparse.chosen[i] = nest->sparse.chosen[i + 1];
}

// Drops the ranges that would not outlive the merge of an axis with the next: merging gains more.
static void drop_ranges(NcNest *nest, int inner) {
  int kept = 0;
  for (int i = 0; i < nest->range_count; i++) {
    const NcRange *r = &nest->ranges[i];
    MergeCheck m = {inner, nest->extents[inner].c, true};
    check_affine(&m, &r->at);
    if (m.ok && r->axis != inner && r->axis != inner - 1)
      nest->ranges[kept++] = *r;
  }
  nest->range_count = kept;
}

static void merge_axes(NcTeBuilder *builder, NcNest *nest) {
  for (int i = nest->axis_count + nest->reduce_count - 1; i >= 0; i--) {
    if (is_bound(nest, i))
      continue;
    if (nc_dim_is(nest->extents[i], 1)) {
      remove_axis(builder, nest, i);
      continue;
    }
    int count = nest->axis_count + nest->reduce_count;
    int inner = i + 1;
    // Results of a reduction stay apart by sample: tiles take steps of what is of one.
    bool samples = i < nest->axis_count && nest->extents[i].n && nest->reduce != NC_REDUCE_NONE;
    if (inner >= count || inner == nest->axis_count ||
        inner == nest->axis_count + nest->outer_count || is_bound(nest, inner) || samples ||
        !can_merge(nest, inner))
      continue;
    NcDim product;
    if (!nc_dim_multiply(nest->extents[i], nest->extents[inner], &product))
      continue;
    drop_ranges(nest, inner);
    nest->extents[inner] = product;
    remove_axis(builder, nest, i);
  }
}

typedef struct Rounding {
  int axis;
  int64_t more; // elements
  bool ok;
} Rounding;

static void check_rounding(void *context, NcExpr *x) {
  Rounding *r = context;
  if (x->kind == NC_X_CHECK || x->loaded[0])
    r->ok = false;
  if (x->kind == NC_X_INDEX && x->index[0].coef[r->axis])
    r->ok = false;
  if (x->kind == NC_X_LOAD && x->index[0].coef[r->axis] &&
      (x->index[0].coef[r->axis] != 1 || x->slack < r->more))
    r->ok = false;
}

// Rows that all end in slack are gone through as if their last vector were whole: what is computed
// in the slack means nothing.
static void round_up(NcNest *nest) {
  int axis = nc_nest_store_axis(nest);
  if (axis < 0 || nest->extents[axis].n || nest->reduce == NC_REDUCE_ARGMAX)
    return;
  int64_t size = nest->extents[axis].c, lanes = nc_lanes_for(nest->extents[axis]),
          rest = size % lanes;
  Rounding r = {axis, rest ? nc_rest_lanes(rest, (int)lanes) - rest : 0, true};
  bool all = r.more > 0 && nest->store_slack >= r.more;
  for (int i = 0; i < nest->sibling_count; i++)
    all = all && nest->siblings[i].store_slack >= r.more;
  if (!all)
    return;
  nc_nest_walk(nest, check_rounding, &r);
  if (!r.ok)
    return;
  nest->extents[axis].c += r.more;
  nest->rounding = (double)nest->extents[axis].c / (double)size;
}

// The only axis in a range that the expression moves with, or -1 if there is none or several.
static int sole_axis(const NcAffine *a, int first, int end) {
  int axis = -1;
  for (int i = first; i < end; i++) {
    if (a->coef[i] && axis >= 0)
      return -1;
    axis = a->coef[i] ? i : axis;
  }
  return axis;
}

// Whether a condition is a conjunction of bounds, which are added.
static bool take_bounds(NcNest *nest, const NcExpr *x) {
  if (x->kind == NC_X_AND)
    return take_bounds(nest, x->args[0]) && take_bounds(nest, x->args[1]);
  if (x->kind != NC_X_LT || x->args[0]->kind != NC_X_INDEX || x->args[1]->kind != NC_X_CONST ||
      nest->bound_count == NC_MAX_BOUNDS)
    return false;
  const NcAffine *a = &x->args[0]->index[0];
  int axis = sole_axis(a, nest->axis_count, nest->axis_count + nest->reduce_count);
  int parallel = sole_axis(a, 0, nest->axis_count);
  if (axis < 0 || a->coef[axis] <= 0 || parallel < 0 || nest->extents[parallel].n ||
      nest->extents[parallel].c > NC_MAX_SPELLED || nc_nest_bound(nest, axis))
    return false;
  nest->bounds[nest->bound_count++] = (NcBound){axis, parallel, a->coef[axis], a->coef[parallel],
                                                a->constant - x->args[1]->integer};
  return true;
}

// The range of the only reduced axis behind the outer ones that moves dimension `d` of a factor,
// one step with each of its own.
static void find_range(NcNest *nest, const NcExpr *load, int d) {
  const NcLayout *layout = load->tensor->layout;
  int first = nest->axis_count + nest->outer_count, end = nest->axis_count + nest->reduce_count,
      axis = sole_axis(&load->index[d], first, end);
  NcDim size = load->tensor->type.dims[d];
  if (size.n || (layout->low[d] == 0 && layout->high[d] == 0) || axis < 0 ||
      llabs(load->index[d].coef[axis]) != 1 || nest->extents[axis].n ||
      nc_dim_is(nest->extents[axis], 1) || nc_nest_range(nest, axis) ||
      nest->range_count == NC_MAX_RANGES)
    return;
  NcRange *r = &nest->ranges[nest->range_count++];
  *r = (NcRange){axis, (int)load->index[d].coef[axis], load->index[d],
                 (size.c - 1) * load->steps[d] + 1};
  r->at.coef[axis] = 0;
}

static void find_ranges(NcNest *nest) {
  if (nest->reduce != NC_REDUCE_SUM || nest->body->kind != NC_X_MUL || nest->where)
    return;
  for (int i = 0; i < 2; i++) {
    const NcExpr *x = nest->body->args[i];
    if (x->kind != NC_X_LOAD || x->loaded[0] || !x->tensor->layout || x->tensor->layout->fill != 0)
      continue;
    for (int d = 0; d < x->tensor->type.rank; d++)
      find_range(nest, x, d);
  }
}

const NcRange *nc_nest_range(const NcNest *nest, int axis) {
  for (int i = 0; i < nest->range_count; i++)
    if (nest->ranges[i].axis == axis)
      return &nest->ranges[i];
  return NULL;
}

int nc_te_pinned(const NcTe *te) {
  const NcExpr *x = te->where;
  if (te->reduce != NC_REDUCE_SUM || !x || x->kind != NC_X_EQ || x->args[0]->kind != NC_X_INDEX)
    return -1;
  for (int i = 0; i < te->axis_count; i++)
    if (nc_affine_is_axis(&x->args[0]->index[0], i))
      return i;
  return -1;
}

// Takes from the condition that an axis of the result stands where reduced axes say.
static bool take_place(NcNest *nest, const NcExpr *x) {
  NcSparse *s = &nest->sparse;
  if (x->kind != NC_X_EQ || x->args[0]->kind != NC_X_INDEX || x->args[1]->kind != NC_X_INDEX ||
      s->place_count == NC_MAX_PLACES)
    return false;
  for (int i = 0; i < nest->axis_count; i++) {
    if (!nc_affine_is_axis(&x->args[0]->index[0], i))
      continue;
    s->places[s->place_count].axis = i;
    s->places[s->place_count++].at = x->args[1]->index[0];
    return true;
  }
  return false;
}

static void find_listed(void *context, NcExpr *x) {
  NcNest *nest = context;
  int rank = x->kind == NC_X_LOAD ? x->tensor->type.rank : x->kind == NC_X_INDEX;
  for (int d = 0; d < rank; d++)
    for (int i = nest->axis_count; i < nest->axis_count + nest->reduce_count; i++) {
      if (!x->index[d].coef[i])
        continue;
      if (x->kind == NC_X_LOAD)
        nest->sparse.listed = i;
      else
        nest->sparse.chosen[i] = true;
    }
}

// What is left of the condition tells which points count.
static void find_sparse(NcNest *nest) {
  nest->sparse = (NcSparse){.listed = -1};
  NcExpr *x = nest->where;
  while (nest->reduce == NC_REDUCE_SUM && x && x->kind == NC_X_AND && take_place(nest, x->args[0]))
    x = x->args[1];
  nc_expr_walk(x, find_listed, nest);
  if (nest->sparse.listed >= 0 && nest->sparse.place_count > 0)
    nest->where = x;
  else
    nest->sparse = (NcSparse){0};
}

// Turns a condition that cuts reduced axes short into bounds of their loops, and one that pins an
// axis into its place.
static void find_bounds(NcNest *nest) {
  if (!nest->where || nest->sparse.place_count > 0)
    return;
  nest->pinned = nc_te_pinned(nest->te);
  if (nest->pinned >= 0) {
    nest->pin = nest->where->args[1];
    nest->where = NULL;
    return;
  }
  if (take_bounds(nest, nest->where))
    nest->where = NULL;
  else
    nest->bound_count = 0;
}

const NcBound *nc_nest_bound(const NcNest *nest, int axis) {
  for (int i = 0; i < nest->bound_count; i++)
    if (nest->bounds[i].axis == axis)
      return &nest->bounds[i];
  return NULL;
}

int64_t nc_bound_steps(const NcNest *nest, const NcBound *bound, int64_t at) {
  int64_t rest = -bound->constant - bound->by * at, extent = nest->extents[bound->axis].c;
  int64_t steps = rest > 0 ? (rest + bound->scale - 1) / bound->scale : 0;
  return steps < extent ? steps : extent;
}

NcDim nc_te_points(const NcTe *te) {
  NcNest nest = {.te = te,
                 .axis_count = te->axis_count - te->spelled,
                 .reduce_count = te->reduce_count,
                 .reduce = te->reduce,
                 .where = te->where};
  memcpy(nest.extents, te->extents, sizeof te->extents);
  find_sparse(&nest);
  find_bounds(&nest);
  for (int i = 0; i < nest.sparse.place_count; i++)
    nest.extents[nest.sparse.places[i].axis] = nc_dim(1);
  for (int i = 0; i < NC_MAX_AXES; i++)
    nest.extents[i] = nest.sparse.chosen[i] ? nc_dim(1) : nest.extents[i];
  if (nest.pin)
    nest.extents[nest.pinned] = nc_dim(1);
  for (int i = 0; i < nest.bound_count; i++) { // an axis and the one it is bounded by, as one
    const NcBound *bound = &nest.bounds[i];
    int64_t points = 0;
    for (int64_t at = 0; at < te->extents[bound->parallel].c; at++)
      points += nc_bound_steps(&nest, bound, at);
    nest.extents[bound->parallel] = nc_dim(points);
    nest.extents[bound->axis] = nc_dim(1);
  }
  NcDim product = nc_dim(1);
  for (int i = 0; i < nest.axis_count + te->reduce_count; i++)
    if (!nc_dim_multiply(product, nest.extents[i], &product))
      return nc_dim(0);
  return product;
}

// Selects by which a body is spelled out are no work.
static int spelled_selects(const NcTe *te) {
  int64_t values = 1;
  for (int i = te->axis_count - te->spelled; i < te->axis_count; i++)
    values *= te->extents[i].c;
  return 2 * ((int)values - 1);
}

int nc_te_arithmetic(const NcTe *te) { return nc_expr_arithmetic(te->body) - spelled_selects(te); }

static double cycles_alone(const NcTe *te, int64_t batch) {
  double points = (double)nc_dim_value(nc_te_points(te), batch), results = 1;
  for (int i = 0; i < te->axis_count; i++)
    results *= (double)nc_dim_value(te->extents[i], batch);
  bool product = te->reduce == NC_REDUCE_SUM && te->body->kind == NC_X_MUL;
  double each = product ? 0.5 : 1 + nc_expr_cost(te->body) - spelled_selects(te);
  double finish = te->finish ? nc_expr_cost(te->finish) : 0;
  if (nc_te_pinned(te) >= 0)
    finish = 1; // results are first set to 0
  return (points * each + results * finish) / NC_MAX_LANES;
}

double nc_te_cycles(const NcTe *lead, int64_t batch) {
  double cycles = 0;
  for (const NcTe *te = lead; te; te = te->next)
    cycles += cycles_alone(te, batch);
  return cycles;
}

bool nc_nest_is_spelled(const NcNest *nest, int axis) {
  for (int i = 0; i < nest->bound_count; i++)
    if (nest->bounds[i].parallel == axis)
      return true;
  return false;
}

static int64_t slack_of_store(const NcTe *te) {
  return te->slack ? te->slack : slack_of(te, te->store, te);
}

static void add_siblings(NcNest *nest) {
  for (const NcTe *te = nest->te->next; te; te = te->next)
    nest->siblings[nest->sibling_count++] = (NcNestResult){.te = te,
                                                           .value = te->body,
                                                           .store = nc_store_address(te),
                                                           .store_slack = slack_of_store(te)};
}

// The value of a body that is spelled out where its last axes stand at `at`.
static NcExpr *spelled_value(const NcTe *te, NcExpr *x, const int64_t *at) {
  while (x->kind == NC_X_SELECT && x->args[0]->kind == NC_X_EQ &&
         x->args[0]->args[0]->kind == NC_X_INDEX) {
    int axis =
        sole_axis(&x->args[0]->args[0]->index[0], te->axis_count - te->spelled, te->axis_count);
    if (axis < 0)
      break;
    x = x->args[at[axis] == x->args[0]->args[1]->integer ? 1 : 2];
  }
  return x;
}

// Where tiles reach beyond the end of a dimension, and places in them are values, the last tile has
// fewer of them; where places are an axis, that is spelled out, and each has a bound.
static void cut_tiles(NcNest *nest, int d) {
  const NcTe *te = nest->te;
  int tile = -1, place = -1;
  for (int i = 0; i < te->axis_count; i++)
    if (te->store[d].coef[i])
      *(te->store[d].coef[i] > 1 ? &tile : &place) = i;
  if (tile < 0 || place < 0)
    return;
  int64_t size = te->store[d].coef[tile], full = te->extents[tile].c - 1,
          rest = te->type.dims[d].c - size * full;
  if (rest >= size)
    return;
  if (place < nest->axis_count)
    nest->bounds[nest->bound_count++] = (NcBound){tile, place, size, 1, -te->type.dims[d].c};
  else
    nest->ragged[nest->ragged_count++] = (NcRagged){tile, full, place, rest};
}

// A value of a tensor that is spelled out, with its finish, as one of siblings.
static void add_spelled(NcTeBuilder *builder, NcNest *nest, const int64_t *at, bool first) {
  const NcTe *te = nest->te;
  NcAffine axes[NC_MAX_AXES];
  for (int i = 0; i < te->axis_count; i++)
    axes[i] = i < nest->axis_count ? nc_affine_axis(i) : nc_affine_constant(at[i]);
  NcExpr *value = spelled_value(te, te->body, at);
  NcRewrite finish = {.builder = builder, .axes = axes, .acc = value};
  if (te->finish)
    value = nc_expr_rewrite(&finish, te->finish);
  NcNestResult r = {.te = te,
                    .value = value,
                    .store = nc_affine_substitute(nc_store_address(te), axes),
                    .store_slack = nest->store_slack};
  for (int i = 0; i < nest->ragged_count; i++)
    r.beyond[i] = at[nest->ragged[i].place] >= nest->ragged[i].rest;
  if (first) {
    nest->body = r.value;
    nest->store = r.store;
  } else {
    nest->siblings[nest->sibling_count++] = r;
  }
}

static void spell_out(NcTeBuilder *builder, NcNest *nest) {
  const NcTe *te = nest->te;
  int64_t at[NC_MAX_AXES] = {0};
  nest->axis_count -= te->spelled;
  nest->finish = NULL;
  for (int d = 0; d < te->type.rank; d++)
    cut_tiles(nest, d);
  for (bool first = true;; first = false) {
    add_spelled(builder, nest, at, first);
    int i = te->axis_count - 1;
    for (; i >= nest->axis_count && ++at[i] == te->extents[i].c; i--)
      at[i] = 0;
    if (i < nest->axis_count)
      return;
  }
}

// Whether the axis can be covered: it alone runs along the bytes that tell what is busy, and no
// axis behind it moves them.
static bool can_cover(const NcNest *nest, int axis) {
  const NcExpr *load = nest->busy->args[0];
  bool can = nc_load_stride(load, axis) == 1 && nest->extents[axis].n == 0 &&
             nest->extents[axis].c > 1 && axis != nc_nest_store_axis(nest);
  for (int i = axis + 1; i < nest->axis_count + nest->reduce_count; i++)
    can = can && nc_load_stride(load, i) == 0;
  return can && !nest->pin && nest->bound_count == 0 && nest->ragged_count == 0 &&
         nest->sparse.place_count == 0;
}

static void find_cover(NcNest *nest) {
  nest->cover = -1;
  for (int i = 0; nest->busy && i < nest->axis_count; i++)
    nest->cover = can_cover(nest, i) ? i : nest->cover;
  if (nest->cover < 0)
    nest->busy = nest->quiet = NULL;
}

NcNest *nc_nest_create(NcTeBuilder *builder, const NcTe *te) {
  NcNest *nest = NC_NEW(builder->arena, NcNest);
  nest->te = te;
  nest->axis_count = te->axis_count;
  nest->reduce_count = te->reduce_count;
  memcpy(nest->extents, te->extents, sizeof te->extents);
  nest->reduce = te->reduce;
  nest->outer = te->outer;
  nest->outer_count = te->outer_count;
  nest->body = te->body;
  nest->where = te->where;
  nest->finish = te->finish;
  nest->busy = te->quiet ? te->busy : NULL;
  nest->quiet = te->quiet;
  nest->store = nc_store_address(te);
  nest->store_slack = slack_of_store(te);
  nest->rounding = 1;
  add_siblings(nest);
  if (te->spelled)
    spell_out(builder, nest);
  find_sparse(nest);
  find_ranges(nest);
  flatten(builder, nest);
  round_up(nest);
  find_bounds(nest);
  merge_axes(builder, nest);
  find_cover(nest);
  return nest;
}

int64_t nc_load_stride(const NcExpr *load, int axis) { return load->index[0].coef[axis]; }

typedef struct AlongCheck {
  int axis;
  bool varies;
} AlongCheck;

static void check_along(void *context, NcExpr *x) {
  AlongCheck *c = context;
  if ((x->kind == NC_X_LOAD && x->index[0].coef[c->axis]) ||
      (x->kind == NC_X_INDEX && x->index[0].coef[c->axis]))
    c->varies = true;
}

bool nc_load_is_affine_along(NcExpr *load, int axis) {
  AlongCheck c = {axis, false};
  nc_exprs_walk(load->loaded, NC_MAX_LOADED, check_along, &c);
  return !c.varies;
}

// What the loads of a body are like along one axis.
typedef struct Loads {
  int axis;
  bool bad;        // some load is neither contiguous nor fixed
  bool contiguous; // some load is contiguous
} Loads;

static void look_at_load(void *context, NcExpr *load) {
  Loads *l = context;
  int64_t stride = nc_load_stride(load, l->axis);
  if ((stride != 0 && stride != 1) || !nc_load_is_affine_along(load, l->axis))
    l->bad = true;
  if (stride == 1)
    l->contiguous = true;
}

static Loads look_along(const NcNest *nest, int axis) {
  Loads l = {.axis = axis};
  nc_expr_loads(nest->body, look_at_load, &l);
  nc_expr_loads(nest->where, look_at_load, &l);
  return l;
}

int nc_nest_store_axis(const NcNest *nest) {
  for (int i = nest->axis_count - 1; i >= 0; i--)
    if (nest->store.coef[i] == 1)
      return i;
  return -1;
}

int nc_lanes_for(NcDim extent) {
  int lanes = NC_MAX_LANES;
  while (extent.n == 0 && lanes / 2 >= extent.c)
    lanes /= 2;
  return lanes;
}

int nc_rest_lanes(int64_t rest, int lanes) {
  while (lanes / 2 >= rest && lanes / 2 >= MIN_REST)
    lanes /= 2;
  return lanes;
}

bool nc_dim_is_batch(NcDim dim) { return dim.n == 1 && dim.c == 0; }

int nc_plan_lane_axis(const NcNest *nest, const NcAxisPlan *plan) {
  return plan->vector_reduce ? nest->axis_count + nest->reduce_count - 1 : plan->vector;
}

int64_t nc_plan_block(const NcAxisPlan *plan, int axis) {
  int64_t block = axis == plan->vector ? (int64_t)plan->lanes * plan->vectors : 1;
  for (int t = 0; t < plan->tile_count; t++)
    block = plan->tiles[t].axis == axis ? plan->tiles[t].size : block;
  return block;
}

// Sums over the batch of many elements run sample by sample through memory, so that one sample's
// operands stay in cache.
static bool can_hoist(const NcNest *nest, const NcAxisPlan *plan) {
  if (nest->reduce != NC_REDUCE_SUM || nest->reduce_count < 2 || nest->finish || nest->where ||
      plan->vector_reduce || !nc_dim_is_batch(nest->extents[nest->axis_count]))
    return false;
  for (int i = 0; i < nest->axis_count; i++)
    if (nest->extents[i].n)
      return false;
  return true;
}

// Whether one tile is the whole result: then sums stay in registers anyway.
static bool is_one_tile(const NcNest *nest, const NcAxisPlan *plan) {
  for (int i = 0; i < nest->axis_count; i++) {
    if (nest->extents[i].c > nc_plan_block(plan, i))
      return false;
  }
  return true;
}

typedef struct Rows {
  int axis;
  int64_t bytes; // of an operand that is read where another tells, by step of the axis
} Rows;

static void look_at_places(void *context, NcExpr *load) {
  Rows *r = context;
  int64_t bytes = nc_load_stride(load, r->axis) * (int64_t)nc_dtype_size(load->dtype);
  if (load->loaded[0] && bytes > r->bytes)
    r->bytes = bytes;
}

// A tile that reads an operand at places that are looked up loads each vector for itself. So the
// operand is gone through a part at a time, which all tiles find in the nearest cache.
static void plan_rows(const NcNest *nest, NcAxisPlan *plan) {
  Rows r = {.axis = nest->axis_count + 1};
  NcDim extent = nest->extents[r.axis];
  if (nest->reduce_count < 3 || extent.n)
    return;
  nc_expr_loads(nest->body, look_at_places, &r);
  if (r.bytes == 0 || r.bytes * extent.c <= NC_NEAREST_BYTES)
    return;
  int64_t rows = NC_NEAREST_BYTES / r.bytes;
  while (rows > 1 && extent.c % rows)
    rows--;
  plan->rows = rows;
}

// All of a window has accumulators.
static void plan_outer(const NcNest *nest, NcAxisPlan *plan) {
  for (int i = 0; i < nest->outer_count; i++) {
    plan->tiles[i].axis = nest->axis_count + i;
    plan->tiles[i].size = (int)nest->extents[nest->axis_count + i].c;
  }
  plan->tile_count = nest->outer_count;
}

// How a map's loads move along the vector axis and others.
typedef struct Walk {
  const NcNest *nest;
  int vector;
  bool strided; // some load takes strides along the vector axis and runs on along another
  bool fixed[NC_MAX_AXES]; // by axis: some load that moves with the vector axis stays
} Walk;

static void look_at_walk(void *context, NcExpr *load) {
  Walk *w = context;
  if (load->kind != NC_X_LOAD)
    return;
  int64_t stride = nc_load_stride(load, w->vector);
  for (int i = 0; i < w->nest->axis_count; i++) {
    if (i == w->vector)
      continue;
    if (nc_load_stride(load, i) == 1 && stride > 1)
      w->strided = true;
    if (nc_load_stride(load, i) == 0 && stride != 0)
      w->fixed[i] = true;
  }
}

// Of maps: what is loaded for one step of a short axis may serve the others; a transposition goes
// through a few rows at a time, all of whose lines stay in cache.
static void plan_map(const NcNest *nest, NcAxisPlan *plan) {
  if (plan->vector < 0 || nest->te->spelled)
    return;
  Walk w = {.nest = nest, .vector = plan->vector};
  nc_nest_walk(nest, look_at_walk, &w);
  plan->outside = w.strided && nest->extents[plan->vector].n == 0 ? nest->axis_count : 0;
  for (int i = nest->axis_count - 1; i >= 0 && plan->tile_count < NC_MAX_TILES; i--) {
    NcDim e = nest->extents[i];
    if (!w.fixed[i] || i == plan->vector || e.n || e.c > MAX_MAP_TILE || plan->outside)
      continue;
    for (int t = plan->tile_count++; t > 0; t--)
      plan->tiles[t] = plan->tiles[t - 1];
    plan->tiles[0].axis = i;
    plan->tiles[0].size = (int)e.c;
  }
}

// How many of the last reduced axes have so few steps, for all of a tile, that they are written
// out: all, or some where the loop over them would be most of the work.
static int count_unrolled(const NcNest *nest, const NcAxisPlan *plan) {
  int64_t steps = plan->vectors;
  int count = 0, few = 0, most = nest->reduce_count - nest->outer_count,
      last = nest->axis_count + nest->reduce_count - 1;
  for (int t = 0; t < plan->tile_count; t++)
    steps *= plan->tiles[t].size;
  for (; count < most && !plan->vector_reduce; count++) {
    NcDim e = nest->extents[last - count];
    if (e.n || e.c > MAX_UNROLLED || nc_nest_bound(nest, last - count) ||
        steps * e.c > MAX_UNROLLED)
      break;
    steps *= e.c;
    few += steps <= MAX_PARTLY_UNROLLED;
  }
  return count == most ? count : few;
}

// Whether registers hold one element, and lanes would only be taken apart again.
static bool is_scalar(const NcTarget *target) { return target->vector_bytes < 16; }

// Lanes run along the store, which begins behind the pinned axis; where that is the last there are
// none.
static NcAxisPlan plan_pinned(const NcNest *nest, const NcTarget *target) {
  NcAxisPlan plan = {.vector = nc_nest_store_axis(nest), .lanes = 1, .vectors = 1};
  if (plan.vector > nest->pinned)
    plan.lanes = nc_lanes_for(nest->extents[plan.vector]);
  if (plan.lanes == 1)
    plan.vector = -1;
  else if (is_scalar(target))
    plan.lanes = 1;
  return plan;
}

// A lane is an element of the result that no place moves; a tile has all steps of the places.
static NcAxisPlan plan_sparse(const NcNest *nest, const NcTarget *target) {
  NcAxisPlan plan = {.vector = -1, .lanes = 1, .vectors = 1, .registers = target->vector_registers};
  int axis = nc_nest_store_axis(nest),
      most = target->vector_bytes / (int)nc_dtype_size(nest->body->dtype);
  if (axis >= 0 && !is_of_sparse(nest, axis))
    plan.lanes = nc_lanes_for(nest->extents[axis]);
  while (plan.lanes > 1 && plan.lanes > most)
    plan.lanes /= 2;
  if (plan.lanes > 1)
    plan.vector = axis;
  plan.tile_count = nest->sparse.place_count;
  for (int t = 0; t < plan.tile_count; t++) {
    plan.tiles[t].axis = nest->sparse.places[t].axis;
    plan.tiles[t].size = (int)nest->extents[plan.tiles[t].axis].c;
  }
  return plan;
}

NcAxisPlan nc_nest_plan(const NcNest *nest, const NcTarget *target) {
  if (nest->pin)
    return plan_pinned(nest, target);
  if (nest->sparse.place_count > 0)
    return plan_sparse(nest, target);
  NcAxisPlan plan = {.vector = -1, .lanes = 1, .vectors = 1};
  int axis = nc_nest_store_axis(nest);
  bool reduces = nest->reduce != NC_REDUCE_NONE;
  if (axis >= 0 && !nc_nest_is_spelled(nest, axis) && (!reduces || !look_along(nest, axis).bad)) {
    plan.vector = axis;
    plan.lanes = nc_lanes_for(nest->extents[axis]);
  }
  int last = nest->axis_count + nest->reduce_count - 1;
  bool foldable = nest->reduce_count > 0 && nest->outer_count == 0 &&
                  nest->reduce != NC_REDUCE_ARGMAX && !nest->where && !nc_nest_bound(nest, last);
  if (foldable && plan.lanes == 1 && nc_lanes_for(nest->extents[last]) == NC_MAX_LANES) {
    Loads l = look_along(nest, last);
    if (!l.bad && l.contiguous) {
      plan.vector = -1;
      plan.vector_reduce = true;
      plan.lanes = NC_MAX_LANES;
    }
  }
  if (plan.lanes == 1)
    plan.vector = -1;
  else if (is_scalar(target) && !plan.vector_reduce) // of a sum, lanes are the order
    plan.lanes = 1;
  plan.hoist_batch = can_hoist(nest, &plan);
  plan_outer(nest, &plan);
  if (reduces && nest->reduce != NC_REDUCE_ARGMAX && nc_plan_lane_axis(nest, &plan) >= 0)
    nc_nest_tile(nest, target, &plan);
  if (!reduces)
    plan_map(nest, &plan);
  plan.unrolled = reduces ? count_unrolled(nest, &plan) : 0;
  plan.hoist_batch = plan.hoist_batch && !is_one_tile(nest, &plan);
  if (plan.hoist_batch)
    plan_rows(nest, &plan);
  if (plan.unrolled || plan.rows)
    memset(plan.skips, 0, sizeof plan.skips);
  return plan;
}

typedef struct Reuse {
  const NcNest *nest;
  bool found; // an operand without N that only samples share
} Reuse;

static void look_for_shared(void *context, NcExpr *load) {
  Reuse *r = context;
  bool every_axis = true, any_axis = false;
  for (int i = 0; i < r->nest->axis_count + r->nest->reduce_count; i++) {
    bool moves = nc_load_stride(load, i) != 0;
    if (r->nest->extents[i].n)
      every_axis = every_axis && !moves;
    else if (i < r->nest->axis_count)
      every_axis = every_axis && moves;
    any_axis = any_axis || moves;
  }
  r->found = r->found || (every_axis && any_axis);
}

bool nc_nest_by_chunk(const NcNest *nest) {
  int along = nc_nest_store_axis(nest);
  if (along >= 0 && nest->extents[along].n && nest->extents[along].n < MIN_ALONE)
    return true;
  if (nest->reduce != NC_REDUCE_SUM || nest->body->kind != NC_X_MUL)
    return false;
  Reuse r = {nest, false};
  nc_expr_loads(nest->body, look_for_shared, &r);
  return r.found;
}

int nc_te_wanted_vector(const NcTe *te) {
  NcAffine store = nc_store_address(te);
  for (int i = te->axis_count - 1; i >= 0; i--)
    if (store.coef[i] == 1 && te->extents[i].n == 0 && te->extents[i].c >= 4)
      return i;
  return -1;
}
