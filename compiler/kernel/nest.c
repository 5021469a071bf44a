// Flat loop nests: flattening, merging axes, and choosing which axes lanes and register tiles run
// along.
#include "kernel/nest.h"

#include "kernel/expr.h"
#include "kernel/layout.h"

#include <string.h>

static NcExpr *flatten_load(void *context, NcExpr *load) {
  (void)context;
  NcAffine address = nc_load_address(load);
  memset(load->index, 0, sizeof load->index);
  load->index[0] = address;
  return load;
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
    check_affine(m, &x->affine);
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
  nc_expr_walk(nest->body, check_merge, &m);
  nc_expr_walk(nest->where, check_merge, &m);
  if (inner < nest->axis_count)
    nc_expr_walk(nest->finish, check_merge, &m);
  return m.ok;
}

static void rewrite_axes(NcTeBuilder *builder, NcNest *nest, const NcAffine *axes) {
  NcRewrite r = {.builder = builder, .axes = axes};
  nest->body = nc_expr_rewrite(&r, nest->body);
  nest->where = nc_expr_rewrite(&r, nest->where);
  nest->finish = nc_expr_rewrite(&r, nest->finish);
  nest->store = nc_affine_substitute(nest->store, axes);
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
  if (axis < nest->axis_count)
    nest->axis_count--;
  else
    nest->reduce_count--;
}

static void merge_axes(NcTeBuilder *builder, NcNest *nest) {
  for (int i = nest->axis_count + nest->reduce_count - 1; i >= 0; i--) {
    if (nc_dim_is(nest->extents[i], 1)) {
      remove_axis(builder, nest, i);
      continue;
    }
    int count = nest->axis_count + nest->reduce_count;
    int inner = i + 1;
    if (inner >= count || inner == nest->axis_count || !can_merge(nest, inner))
      continue;
    NcDim product;
    if (!nc_dim_multiply(nest->extents[i], nest->extents[inner], &product))
      continue;
    nest->extents[inner] = product;
    remove_axis(builder, nest, i);
  }
}

NcNest *nc_nest_create(NcTeBuilder *builder, const NcTe *te) {
  NcNest *nest = NC_NEW(builder->arena, NcNest);
  nest->te = te;
  nest->axis_count = te->axis_count;
  nest->reduce_count = te->reduce_count;
  memcpy(nest->extents, te->extents, sizeof te->extents);
  nest->reduce = te->reduce;
  NcRewrite flatten = {.builder = builder, .load = flatten_load};
  nest->body = nc_expr_rewrite(&flatten, te->body);
  nest->where = nc_expr_rewrite(&flatten, te->where);
  nest->finish = nc_expr_rewrite(&flatten, te->finish);
  nest->store = nc_store_address(te);
  merge_axes(builder, nest);
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
      (x->kind == NC_X_INDEX && x->affine.coef[c->axis]))
    c->varies = true;
}

bool nc_load_is_affine_along(NcExpr *load, int axis) {
  AlongCheck c = {axis, false};
  nc_expr_walk(load->loaded, check_along, &c);
  return !c.varies;
}

// What the loads of a body are like along one axis.
typedef struct Loads {
  int axis, other;
  bool bad;        // some load is neither contiguous nor fixed
  bool contiguous; // some load is contiguous
  bool reused;     // every contiguous load along `other` is fixed along `axis`, and there is one
  bool streams;    // some contiguous load along `other` moves with `axis`
} Loads;

static void look_at_load(void *context, NcExpr *load) {
  Loads *l = context;
  int64_t stride = nc_load_stride(load, l->axis);
  if ((stride != 0 && stride != 1) || !nc_load_is_affine_along(load, l->axis))
    l->bad = true;
  if (stride == 1)
    l->contiguous = true;
  if (l->other >= 0 && nc_load_stride(load, l->other) == 1) {
    if (stride == 0)
      l->reused = true;
    else
      l->streams = true;
  }
}

static Loads look_along(const NcNest *nest, int axis, int other) {
  Loads l = {.axis = axis, .other = other};
  nc_expr_loads(nest->body, look_at_load, &l);
  nc_expr_loads(nest->where, look_at_load, &l);
  return l;
}

// The parallel axis along which the store is contiguous, or -1.
static int store_axis(const NcNest *nest) {
  for (int i = nest->axis_count - 1; i >= 0; i--)
    if (nest->store.coef[i] == 1)
      return i;
  return -1;
}

static int lanes_for(NcDim extent) {
  int lanes = 16;
  while (extent.n == 0 && lanes > extent.c)
    lanes /= 2;
  return lanes;
}

static int tile_limit(const NcTarget *target, NcDtype dtype, int lanes) {
  int bytes = lanes * (int)nc_dtype_size(dtype);
  int registers = (bytes + target->vector_bytes - 1) / target->vector_bytes;
  int limit = (target->vector_registers - 4) / registers;
  return limit < 1 ? 1 : limit > 16 ? 16 : limit;
}

// The tile size for an extent: as few, as even tiles as the limit allows.
static int tile_size_for(NcDim extent, int limit) {
  if (extent.n)
    return limit < 4 ? limit : 4;
  int64_t tiles = (extent.c + limit - 1) / limit;
  return (int)((extent.c + tiles - 1) / tiles);
}

static void plan_tile(const NcNest *nest, const NcTarget *target, NcAxisPlan *plan) {
  int along = plan->vector_reduce ? nest->axis_count + nest->reduce_count - 1 : plan->vector;
  int limit = tile_limit(target, nest->te->type.dtype, plan->lanes);
  for (int i = nest->axis_count - 1; i >= 0; i--) {
    if (i == plan->vector || nc_dim_is(nest->extents[i], 1))
      continue;
    Loads l = look_along(nest, i, along);
    int size = tile_size_for(nest->extents[i], limit);
    if (along >= 0 && (!l.reused || (l.streams && !plan->vector_reduce)))
      continue;
    if (size > plan->tile_size) {
      plan->tile = i;
      plan->tile_size = size;
    }
  }
}

// Sums over the batch of many elements run sample by sample through memory, so that one sample's
// operands stay in cache.
static bool should_hoist(const NcNest *nest, const NcAxisPlan *plan) {
  if (nest->reduce != NC_REDUCE_SUM || nest->reduce_count < 2 || nest->finish || nest->where ||
      plan->vector_reduce)
    return false;
  if (nest->extents[nest->axis_count].n == 0 || nest->extents[nest->axis_count].c != 0)
    return false;
  int64_t outer = 1;
  for (int i = 0; i < nest->axis_count; i++) {
    if (nest->extents[i].n)
      return false;
    outer *= i == plan->vector ? (nest->extents[i].c + plan->lanes - 1) / plan->lanes
                               : nest->extents[i].c;
  }
  return outer > (plan->tile >= 0 ? plan->tile_size : 1);
}

NcAxisPlan nc_nest_plan(const NcNest *nest, const NcTarget *target) {
  NcAxisPlan plan = {.vector = -1, .lanes = 1, .tile = -1, .tile_size = 1};
  int axis = store_axis(nest);
  bool reduces = nest->reduce != NC_REDUCE_NONE;
  if (axis >= 0 && (!reduces || !look_along(nest, axis, -1).bad)) {
    plan.vector = axis;
    plan.lanes = lanes_for(nest->extents[axis]);
  }
  int last = nest->axis_count + nest->reduce_count - 1;
  bool foldable = nest->reduce_count > 0 && nest->reduce != NC_REDUCE_ARGMAX && !nest->where;
  if (foldable && plan.lanes == 1 && lanes_for(nest->extents[last]) == 16) {
    Loads l = look_along(nest, last, -1);
    if (!l.bad && l.contiguous) {
      plan.vector = -1;
      plan.vector_reduce = true;
      plan.lanes = 16;
    }
  }
  if (plan.lanes == 1)
    plan.vector = -1;
  if (reduces && nest->reduce != NC_REDUCE_ARGMAX && plan.lanes > 1)
    plan_tile(nest, target, &plan);
  plan.hoist_batch = should_hoist(nest, &plan);
  return plan;
}

int nc_te_wanted_vector(const NcTe *te) {
  NcAffine store = nc_store_address(te);
  for (int i = te->axis_count - 1; i >= 0; i--)
    if (store.coef[i] == 1 && te->extents[i].n == 0 && te->extents[i].c >= 4)
      return i;
  return -1;
}
