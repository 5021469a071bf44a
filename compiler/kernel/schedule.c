// The scheduler.
//
// Loop order: parallel axes in their order, the vector axis last of them, then the reduced axes; in
// the innermost body one step of every accumulator of the tile. Of a width that lanes do not divide
// the last vector has fewer lanes; the rest of an axis that a tile does not divide gets a smaller
// tile.
#include "kernel/schedule.h"

#include "kernel/expr.h"
#include "kernel/layout.h"
#include "kernel/schedule_expr.h"
#include "kernel/schedule_sparse.h"

#include <math.h>
#include <string.h>

// Maps at least this long take their length as an argument, so that equal ones are one kernel.
#define MIN_COUNTED 64
// With as many blocks of an outer axis, more of an inner one help little: kernels that are shared
// by rows read what the same worker wrote.
#define ENOUGH_BLOCKS 12

// Of numbers of points: as narrow as they allow.
static NcDtype index_dtype(const NcSched *s) {
  double points = 1;
  for (int i = 0; i < s->nest->reduce_count; i++) {
    NcDim extent = s->nest->extents[s->nest->axis_count + i];
    points *= extent.n ? HUGE_VAL : (double)extent.c;
  }
  return points < INT32_MAX ? NC_I32 : NC_I64;
}

// number of the point among the reduced ones, in row-major order
static NcKExpr *ordinal(NcSched *s) {
  NcAffine a = nc_affine_constant(0);
  int64_t weight = 1;
  for (int i = s->nest->reduce_count - 1; i >= 0; i--) {
    int axis = s->nest->axis_count + i;
    a.coef[axis] = weight;
    weight *= s->nest->extents[axis].c;
  }
  NcKExpr *x = nc_k_expr(s->arena, NC_X_INDEX, NC_I64, 1);
  x->index = nc_sched_position(s, &a);
  return nc_sched_cast(s, x, index_dtype(s));
}

static void step_argmax(NcSched *s, NcKExpr *where) {
  NcKExpr *value = nc_sched_let(s, nc_sched_expr(s, s->nest->body));
  NcKExpr *best = nc_sched_get(s, s->accs), *index = nc_sched_get(s, s->index_accs);
  NcKExpr *take =
      nc_sched_binary(s, NC_X_LT, NC_BOOL, index, nc_sched_constant(s, index->dtype, 0));
  take =
      nc_sched_binary(s, NC_X_OR, NC_BOOL, take, nc_sched_binary(s, NC_X_LT, NC_BOOL, best, value));
  if (nc_dtype_is_float(value->dtype)) {
    NcKExpr *nan = nc_sched_binary(s, NC_X_NE, NC_BOOL, value, value);
    NcKExpr *first = nc_sched_binary(s, NC_X_EQ, NC_BOOL, best, best);
    take = nc_sched_binary(s, NC_X_OR, NC_BOOL, take,
                           nc_sched_binary(s, NC_X_AND, NC_BOOL, nan, first));
  }
  if (where)
    take = nc_sched_binary(s, NC_X_AND, NC_BOOL, take, where);
  take = nc_sched_let(s, take);
  nc_sched_set(s, s->accs, nc_sched_choose(s, take, value, best));
  nc_sched_set(s, s->index_accs, nc_sched_choose(s, take, ordinal(s), index));
}

static void step_accumulator(NcSched *s) {
  NcKExpr *where = s->nest->where ? nc_sched_expr(s, s->nest->where) : NULL;
  if (s->nest->reduce == NC_REDUCE_ARGMAX) {
    step_argmax(s, where);
    return;
  }
  NcKExpr *acc = nc_sched_get(s, s->accs);
  NcKExpr *next = nc_sched_combine(s, s->nest->reduce, acc, nc_sched_expr(s, s->nest->body));
  if (s->plan.vector_reduce)
    next = nc_sched_active(s, next, acc);
  nc_sched_set(s, s->accs, where ? nc_sched_choose(s, where, next, acc) : next);
}

static void store_at(NcSched *s, int buffer, const NcAffine *store, int64_t slack, NcKExpr *value) {
  NcKStmt *stmt = nc_sched_stmt(s, NC_K_STORE);
  stmt->buffer = buffer;
  stmt->index = nc_sched_position(s, store);
  stmt->lane_stride = nc_sched_lane_stride(s, store);
  stmt->value = nc_sched_splat(s, value, stmt->lane_stride ? s->lanes : value->lanes);
  if (stmt->value->lanes > 1)
    stmt->active = nc_sched_touched(s, stmt->lane_stride, slack);
}

static void store_value(NcSched *s, NcKExpr *value) {
  store_at(s, 0, &s->nest->store, s->nest->store_slack, value);
}

// Lanes of vector `v` of the tile, where others have `lanes`.
static int lanes_of(const NcSched *s, int v, int lanes) {
  return v == s->vectors - 1 && s->rest ? nc_rest_lanes(s->rest, lanes) : lanes;
}

// Repeats what `emit` adds for each vector of the tile.
static void for_vectors(NcSched *s, void (*emit)(NcSched *)) {
  int axis = s->plan.vector;
  if (axis < 0) {
    emit(s);
    return;
  }
  NcKIndex position = s->position[axis];
  int lanes = s->lanes;
  for (s->vector_at = 0; s->vector_at < s->vectors; s->vector_at++) {
    s->position[axis] = nc_k_add(position, nc_k_constant((int64_t)s->vector_at * lanes));
    s->lanes = lanes_of(s, s->vector_at, lanes);
    s->active = s->vector_at == s->vectors - 1 && s->rest ? s->rest : s->lanes;
    emit(s);
  }
  s->lanes = lanes;
  s->position[axis] = position;
  s->vector_at = 0;
}

// Repeats it for each step of tiled axis `t` and those after it.
static void for_steps(NcSched *s, int t, void (*emit)(NcSched *)) {
  if (t == s->plan.tile_count) {
    for_vectors(s, emit);
    return;
  }
  if (s->sizes[t] == 1) {
    for_steps(s, t + 1, emit);
    return;
  }
  NcKStmt *loop = nc_sched_loop(s, nc_k_constant(0), nc_k_constant(s->sizes[t]), 1);
  loop->unroll = true;
  NcKBlock *outer = s->block;
  int axis = s->plan.tiles[t].axis;
  NcKIndex position = s->position[axis];
  s->block = &loop->body;
  s->tile_at[t] = nc_k_var(loop->var);
  s->position[axis] = nc_k_add(position, nc_k_var(loop->var));
  for_steps(s, t + 1, emit);
  s->position[axis] = position;
  s->tile_at[t] = nc_k_constant(0);
  s->block = outer;
}

// Repeats what `emit` adds for each accumulator of the tile.
static void for_tile(NcSched *s, void (*emit)(NcSched *)) { for_steps(s, 0, emit); }

// All of the window of an outer reduction is part of every tile.
static void open_outer(NcSched *s) {
  for (int t = 0; t < s->nest->outer_count; t++) {
    s->sizes[t] = s->plan.tiles[t].size;
    s->position[s->plan.tiles[t].axis] = nc_k_constant(0);
  }
}

static void make_accumulators(NcSched *s, NcDtype dtype, int lanes, int *locals) {
  int count = 1;
  for (int t = 0; t < s->plan.tile_count; t++)
    count *= s->sizes[t];
  for (int v = 0; v < s->vectors; v++)
    locals[v] = nc_sched_local(s, dtype, lanes_of(s, v, lanes), count);
}

static NcKExpr *load_stored(NcSched *s, NcDtype dtype) {
  NcKExpr *x = nc_k_expr(s->arena, NC_X_LOAD, dtype, s->lanes);
  x->buffer = 0;
  x->index = nc_sched_position(s, &s->nest->store);
  x->lane_stride = nc_sched_lane_stride(s, &s->nest->store);
  if (x->lanes > 1)
    x->active = nc_sched_touched(s, x->lane_stride, s->nest->store_slack);
  return x;
}

static void init_accumulator(NcSched *s) {
  NcDtype dtype = s->kernel->locals.items[s->accs[0]].dtype;
  if (s->mode == NC_SCHED_ACCUMULATE || (s->slots && !s->plan.vector_reduce)) {
    nc_sched_set(s, s->accs, load_stored(s, dtype));
    return;
  }
  nc_sched_set(s, s->accs, nc_sched_neutral(s, dtype));
  if (s->nest->reduce == NC_REDUCE_ARGMAX)
    nc_sched_set(s, s->index_accs, nc_sched_constant(s, index_dtype(s), -1));
}

// What the accumulator at work comes to.
static NcKExpr *result(NcSched *s) {
  bool argmax = s->nest->reduce == NC_REDUCE_ARGMAX;
  NcKExpr *value = nc_sched_get(s, argmax ? s->index_accs : s->accs);
  if (argmax)
    value = nc_sched_cast(s, value, s->nest->finish ? NC_I64 : s->nest->te->type.dtype);
  if (!s->nest->finish)
    return value;
  s->acc_value = value;
  return nc_sched_expr(s, s->nest->finish);
}

// The outer reduction, from outer axis `t` on, of the results of its points.
static NcKExpr *reduce_outer(NcSched *s, int t) {
  if (t == s->nest->outer_count)
    return result(s);
  NcKExpr *value = NULL;
  int axis = s->plan.tiles[t].axis;
  for (int i = 0; i < s->sizes[t]; i++) {
    s->position[axis] = s->tile_at[t] = nc_k_constant(i);
    NcKExpr *next = reduce_outer(s, t + 1);
    value = value ? nc_sched_let(s, nc_sched_combine(s, s->nest->outer, value, next)) : next;
  }
  s->position[axis] = s->tile_at[t] = nc_k_constant(0);
  return value;
}

static void store_result(NcSched *s) { store_value(s, reduce_outer(s, 0)); }

// Of a sum over N, scalars hold what lanes did not divide.
static void store_folded(NcSched *s) {
  NcKExpr *vector = nc_sched_get(s, s->accs);
  s->lanes = s->active = 1;
  s->lane_axis = -1;
  NcKExpr *value = nc_k_expr(s->arena, NC_K_FOLD, vector->dtype, 1);
  value->args[0] = vector;
  value->fold = s->nest->reduce;
  if (s->index_accs[0] >= 0)
    value = nc_sched_combine(s, s->nest->reduce, value, nc_sched_get(s, s->index_accs));
  if (s->slots)
    value = nc_sched_combine(s, s->nest->reduce, load_stored(s, vector->dtype), value);
  if (s->nest->finish) {
    s->acc_value = nc_sched_let(s, value);
    value = nc_sched_expr(s, s->nest->finish);
  }
  store_value(s, value);
}

static NcKIndex bind(NcSched *s, NcKExpr *value) {
  NcKStmt *stmt = nc_sched_stmt(s, NC_K_BIND);
  stmt->value = value;
  stmt->var = s->kernel->var_count++;
  return nc_k_var(stmt->var);
}

static NcKIndex limit(NcSched *s, int kind, NcKIndex index, int64_t by) {
  if (index.count == 0)
    return nc_k_constant((kind == NC_X_MAX) == (index.constant > by) ? index.constant : by);
  NcKExpr *x = nc_k_expr(s->arena, NC_X_INDEX, NC_I64, 1);
  x->index = index;
  return bind(s, nc_sched_binary(s, kind, NC_I64, x, nc_sched_constant(s, NC_I64, (double)by)));
}

// Of a ranged axis the steps that count for any point of the tile.
static void range_bounds(NcSched *s, const NcRange *range, NcKIndex *low, NcKIndex *high) {
  NcKIndex least = nc_sched_position(s, &range->at), most = least;
  for (int i = 0; i < s->nest->axis_count + s->nest->outer_count; i++) {
    int64_t size = i == s->lane_axis ? (int64_t)s->lanes * s->vectors : 1;
    for (int t = 0; t < s->plan.tile_count; t++)
      size = s->plan.tiles[t].axis == i ? s->sizes[t] : size;
    int64_t reach = range->at.coef[i] * (size - 1);
    *(reach < 0 ? &least : &most) = nc_k_add(reach < 0 ? least : most, nc_k_constant(reach));
  }
  bool up = range->sign > 0; // else the axis ends where `at` does
  NcKIndex from = up ? nc_k_scale(most, -1) : nc_k_add(least, nc_k_constant(1 - range->size)),
           to = up ? nc_k_add(nc_k_constant(range->size), nc_k_scale(least, -1))
                   : nc_k_add(most, nc_k_constant(1));
  *low = limit(s, NC_X_MAX, from, 0);
  *high = limit(s, NC_X_MIN, to, s->nest->extents[range->axis].c);
}

static void axis_bounds(NcSched *s, int axis, NcKIndex *low, NcKIndex *high) {
  NcDim e = s->nest->extents[axis];
  if (axis == s->split) {
    *low = nc_k_var(NC_K_S0);
    *high = nc_k_var(NC_K_S1);
    return;
  }
  const NcRange *range = nc_nest_range(s->nest, axis);
  if (range && s->plan.skips[range - s->nest->ranges]) {
    range_bounds(s, range, low, high);
    return;
  }
  if (s->plan.rows && axis == s->nest->axis_count + 1 && s->mode == NC_SCHED_ACCUMULATE) {
    *low = s->rows_from;
    *high = nc_k_add(s->rows_from, nc_k_constant(s->plan.rows));
    return;
  }
  *low = nc_k_scale(nc_k_var(NC_K_N0), e.n);
  *high = e.n ? nc_k_scale(nc_k_var(NC_K_N1), e.n) : nc_k_constant(0);
  high->constant += e.c;
  const NcBound *bound = nc_nest_bound(s->nest, axis);
  if (bound) // the spelled axis stands still
    high->constant = nc_bound_steps(s->nest, bound, s->position[bound->parallel].constant);
}

// Opens a loop over the whole axis and moves into it.
static NcKBlock *enter_axis(NcSched *s, int axis, int64_t step) {
  NcKIndex low, high;
  axis_bounds(s, axis, &low, &high);
  NcKStmt *loop = nc_sched_loop(s, low, high, step);
  s->position[axis] = nc_k_var(loop->var);
  NcKBlock *outer = s->block;
  s->block = &loop->body;
  return outer;
}

static void reduce_from(NcSched *s, int axis) {
  int last = s->nest->axis_count + s->nest->reduce_count;
  if (axis == last) {
    for_tile(s, step_accumulator);
    return;
  }
  NcKBlock *outer = enter_axis(s, axis, 1);
  outer->items[outer->count - 1]->unroll = axis >= last - s->plan.unrolled;
  reduce_from(s, axis + 1);
  s->block = outer;
}

static void step_lanes(NcSched *s, int axis, int lanes, int active) {
  s->lanes = lanes;
  s->active = active;
  s->lane_axis = lanes > 1 ? axis : -1;
  for_tile(s, step_accumulator);
}

// The last reduced axis, along which lanes run. The rest of a length that is known is one step of
// fewer lanes; of one that is not, single steps into `scalars`.
static void fold_last(NcSched *s, int axis, const int *scalars) {
  int lanes = s->plan.lanes;
  NcDim extent = s->nest->extents[axis];
  int64_t full = extent.c / lanes * lanes;
  NcKBlock *outer;
  if (extent.n || full == extent.c) {
    outer = enter_axis(s, axis, lanes);
    int main_var = s->position[axis].terms[0].var;
    step_lanes(s, axis, lanes, lanes);
    s->block = outer;
    if (scalars[0] < 0)
      return;
    outer = enter_axis(s, axis, 1);
    outer->items[outer->count - 1]->continues = main_var;
    int vectors = s->accs[0];
    s->accs[0] = scalars[0];
    step_lanes(s, axis, 1, 1);
    s->accs[0] = vectors;
    s->block = outer;
    return;
  }
  if (full > 0) {
    NcKStmt *loop = nc_sched_loop(s, nc_k_constant(0), nc_k_constant(full), lanes);
    outer = s->block;
    s->block = &loop->body;
    s->position[axis] = nc_k_var(loop->var);
    step_lanes(s, axis, lanes, lanes);
    s->block = outer;
  }
  s->position[axis] = nc_k_constant(full);
  step_lanes(s, axis, lanes, (int)(extent.c - full));
}

static void fold_from(NcSched *s, int axis, const int *scalars) {
  int last = s->nest->axis_count + s->nest->reduce_count - 1;
  if (axis == last) {
    fold_last(s, axis, scalars);
    return;
  }
  NcKBlock *outer = enter_axis(s, axis, 1);
  fold_from(s, axis + 1, scalars);
  s->block = outer;
}

// Lanes run along the last reduced axis.
static void emit_folded(NcSched *s) {
  NcDtype dtype = s->nest->body->dtype;
  NcDim extent = s->nest->extents[s->nest->axis_count + s->nest->reduce_count - 1];
  bool tail = extent.n && (extent.c % s->plan.lanes || extent.n % s->plan.lanes);
  int scalars[1] = {-1}, vectors[1];
  make_accumulators(s, dtype, s->plan.lanes, vectors);
  s->accs[0] = vectors[0];
  for_tile(s, init_accumulator);
  if (tail) {
    make_accumulators(s, dtype, 1, scalars);
    s->accs[0] = scalars[0];
    for_tile(s, init_accumulator);
    s->accs[0] = vectors[0];
  }
  fold_from(s, s->nest->axis_count, scalars);
  s->index_accs[0] = scalars[0];
  for_tile(s, store_folded);
  s->index_accs[0] = -1;
}

static bool is_left_out(const NcSched *s, const NcNestResult *r) {
  bool beyond = false;
  for (int i = 0; i < s->nest->ragged_count; i++)
    beyond = beyond || (s->in_rest[i] && r->beyond[i]);
  return beyond;
}

// All values are known before any is stored: a sibling may read what another overwrites.
static void emit_siblings(NcSched *s) {
  const NcNest *nest = s->nest;
  NcNestResult results[NC_MAX_SPELLED_VALUES] = {{.te = nest->te,
                                                  .value = nest->body,
                                                  .store = nest->store,
                                                  .store_slack = nest->store_slack}};
  NcExpr *exprs[NC_MAX_SPELLED_VALUES] = {nest->body};
  NcKExpr *values[NC_MAX_SPELLED_VALUES];
  int count = 1, buffer = 0;
  for (int i = 0; i < nest->sibling_count; i++) {
    if (is_left_out(s, &nest->siblings[i]))
      continue;
    results[count] = nest->siblings[i];
    exprs[count++] = nest->siblings[i].value;
  }
  nc_sched_exprs(s, exprs, count, values);
  for (int i = 0; i < count; i++) {
    const NcNestResult *r = &results[i];
    if (r->te->inner)
      continue;
    store_at(s, buffer, &r->store, r->store_slack, values[i]);
    buffer += !r->te->spelled;
  }
}

static void emit_value(NcSched *s) {
  if (s->nest->sibling_count > 0) {
    emit_siblings(s);
    return;
  }
  NcExpr *value = s->nest->body;
  if (s->nest->finish) {
    s->acc_value = nc_sched_expr(s, value);
    value = s->nest->finish;
  }
  store_value(s, nc_sched_expr(s, value));
}

static void emit_quiet(NcSched *s) { store_value(s, nc_sched_expr(s, s->nest->quiet)); }

static void emit_zero(NcSched *s) { store_value(s, nc_sched_constant(s, s->nest->body->dtype, 0)); }

static void emit_point(NcSched *s) {
  if (s->mode == NC_SCHED_ZERO) {
    for_tile(s, emit_zero);
  } else if (s->mode == NC_SCHED_QUIET) {
    for_steps(s, s->nest->outer_count, emit_quiet);
  } else if (s->nest->reduce == NC_REDUCE_NONE) {
    for_tile(s, emit_value);
  } else if (s->plan.vector_reduce) {
    emit_folded(s);
  } else {
    make_accumulators(s, s->nest->body->dtype, s->lanes, s->accs);
    if (s->nest->reduce == NC_REDUCE_ARGMAX)
      make_accumulators(s, index_dtype(s), s->lanes, s->index_accs);
    int hoisted = s->mode != NC_SCHED_ACCUMULATE ? 0 : s->nest->pin ? s->nest->reduce_count : 1;
    for_tile(s, init_accumulator);
    if (s->nest->sparse.place_count > 0)
      for_vectors(s, nc_sched_sparse);
    else
      reduce_from(s, s->nest->axis_count + s->nest->outer_count + hoisted);
    for_steps(s, s->nest->outer_count, store_result);
    s->index_accs[0] = -1;
  }
}

static void emit_parallel(NcSched *s, int axis);
static void emit_after(NcSched *s, int axis) { emit_parallel(s, axis + 1); }

// The parallel axis before which the loop over the vector axis stands, or their number.
static int vector_place(const NcSched *s) { return s->nest->axis_count - s->plan.outside; }

static void emit_here(NcSched *s, int axis) {
  (void)axis;
  emit_parallel(s, vector_place(s));
}

// Blocks of an axis from `start` on; without a loop where there is one. Of the axis that is split a
// call has those that lie in its range, which blocks bound: the rest of the axis, a block of its
// own, if its range is the last.
static void emit_blocks(NcSched *s, int axis, int64_t start, int64_t size, int64_t step,
                        void (*inner)(NcSched *, int)) {
  bool split = axis == s->split;
  if (size == step && !split) {
    s->position[axis] = nc_k_constant(start);
    inner(s, axis);
    return;
  }
  NcKIndex low = split && start == 0 ? nc_k_var(NC_K_S0) : nc_k_constant(start);
  NcKIndex high = split ? nc_k_var(NC_K_S1) : nc_k_constant(start + size);
  NcKStmt *loop = nc_sched_loop(s, low, high, step);
  NcKBlock *outer = s->block;
  s->block = &loop->body;
  s->position[axis] = nc_k_var(loop->var);
  inner(s, axis);
  s->block = outer;
}

// An axis of known length in vectors, the last one for what is left.
static void emit_vector_constant(NcSched *s, int axis) {
  int lanes = s->plan.lanes, vectors = s->plan.vectors;
  int64_t extent = s->nest->extents[axis].c, block = (int64_t)lanes * vectors,
          plain = extent / block * block;
  s->lanes = lanes;
  s->lane_axis = lanes > 1 ? axis : -1;
  s->vectors = vectors;
  s->rest = 0;
  if (plain)
    emit_blocks(s, axis, 0, plain, block, emit_here);
  if (plain == extent)
    return;
  s->vectors = (int)((extent - plain + lanes - 1) / lanes);
  s->rest = (int)(extent % lanes);
  emit_blocks(s, axis, plain, extent - plain, extent - plain, emit_here);
  s->rest = 0;
}

// Whether the map is one long run, so that those that differ in its length alone are one kernel.
static bool is_counted(const NcNest *nest) {
  return nest->axis_count == 1 && nest->reduce == NC_REDUCE_NONE && nest->extents[0].n == 0 &&
         nest->extents[0].c >= MIN_COUNTED;
}

static void emit_vector_dynamic(NcSched *s, int axis) {
  NcKIndex low, high;
  axis_bounds(s, axis, &low, &high);
  int main_var = -1;
  for (int lanes = s->plan.lanes; lanes >= 1; lanes = lanes > 1 ? 1 : 0) {
    NcKStmt *loop = nc_sched_loop(s, low, high, lanes);
    loop->continues = main_var;
    main_var = loop->var;
    NcKBlock *outer = s->block;
    s->block = &loop->body;
    s->position[axis] = nc_k_var(loop->var);
    s->lanes = s->active = lanes;
    s->lane_axis = lanes > 1 ? axis : -1;
    emit_parallel(s, vector_place(s));
    s->block = outer;
  }
}

static void emit_vector(NcSched *s) {
  int axis = s->plan.vector;
  s->lanes = s->active = s->vectors = 1;
  s->lane_axis = -1;
  s->in_vector = true;
  if (axis < 0)
    emit_parallel(s, vector_place(s));
  else if (s->nest->extents[axis].n || is_counted(s->nest))
    emit_vector_dynamic(s, axis);
  else
    emit_vector_constant(s, axis);
  s->in_vector = false;
}

// Of an axis over N a tile takes so many samples, what is left goes one by one.
static void emit_tiled_dynamic(NcSched *s, int axis, int t) {
  int main_var = -1;
  for (int size = s->plan.tiles[t].size; size >= 1; size = size > 1 ? 1 : 0) {
    s->sizes[t] = size;
    NcKBlock *outer = enter_axis(s, axis, size);
    outer->items[outer->count - 1]->continues = main_var;
    main_var = s->position[axis].terms[0].var;
    emit_parallel(s, axis + 1);
    s->block = outer;
  }
}

// Whether the steps of a covered axis are busy at any step of the tile along other axes, from tiled
// axis `t` on.
static NcKExpr *busy_steps(NcSched *s, int t, NcKIndex from, int64_t steps) {
  if (t == s->plan.tile_count)
    return nc_sched_word(s, s->nest->busy, s->nest->cover, from, steps);
  int axis = s->plan.tiles[t].axis;
  if (axis == s->nest->cover || nc_load_stride(s->nest->busy->args[0], axis) == 0)
    return busy_steps(s, t + 1, from, steps);
  NcKIndex position = s->position[axis];
  NcKExpr *word = NULL;
  for (int i = 0; i < s->sizes[t]; i++) {
    s->position[axis] = nc_k_add(position, nc_k_constant(i));
    NcKExpr *here = busy_steps(s, t + 1, from, steps);
    word = word ? nc_sched_binary(s, NC_X_OR, NC_I64, word, here) : here;
  }
  s->position[axis] = position;
  return nc_sched_let(s, word);
}

// Goes through the bits of a word, `size` at a time, with as many steps of the axis in the tile.
static void cover(NcSched *s, int t, NcKIndex from, int64_t steps, NcKExpr *word, int size) {
  int axis = s->plan.tiles[t].axis;
  NcKStmt *loop = nc_sched_stmt(s, NC_K_EACH);
  loop->var = s->kernel->var_count++;
  loop->value = word;
  loop->step = size;
  loop->high = nc_k_constant(steps - size);
  NcKBlock *outer = s->block;
  s->block = &loop->body;
  s->sizes[t] = size;
  s->position[axis] = nc_k_add(from, nc_k_var(loop->var));
  emit_parallel(s, axis + 1);
  s->block = outer;
}

// Of a covered axis what is quiet is copied, then tiles cover what is busy: steps from `from` on.
static void emit_covered_steps(NcSched *s, int t, NcKIndex from, int64_t steps) {
  int size = s->plan.tiles[t].size < steps ? s->plan.tiles[t].size : (int)steps;
  NcKExpr *busy = busy_steps(s, s->nest->outer_count, from, steps);
  NcKExpr *all = nc_k_expr(s->arena, NC_X_CONST, NC_I64, 1);
  all->integer = (int64_t)(~(uint64_t)0 >> (NC_WORD - steps));
  NcSchedMode mode = s->mode;
  s->mode = NC_SCHED_QUIET;
  cover(s, t, from, steps, nc_sched_binary(s, NC_X_XOR, NC_I64, busy, all), 1);
  s->mode = mode;
  cover(s, t, from, steps, busy, size);
}

// An axis of more steps than a word has bits is gone through in parts of equal length, of which the
// last may begin before its neighbour ends.
static void emit_covered(NcSched *s, int axis, int t) {
  int64_t extent = s->nest->extents[axis].c, parts = (extent + NC_WORD - 1) / NC_WORD,
          steps = (extent + parts - 1) / parts;
  if (parts == 1) {
    emit_covered_steps(s, t, nc_k_constant(0), steps);
    return;
  }
  NcKStmt *loop = nc_sched_loop(s, nc_k_constant(0), nc_k_constant(parts), 1);
  NcKBlock *outer = s->block;
  s->block = &loop->body;
  emit_covered_steps(
      s, t, limit(s, NC_X_MIN, nc_k_scale(nc_k_var(loop->var), steps), extent - steps), steps);
  s->block = outer;
}

static void emit_tiled(NcSched *s, int axis, int t) {
  int size = s->plan.tiles[t].size;
  if (s->plan.covers && axis == s->nest->cover) {
    emit_covered(s, axis, t);
    return;
  }
  if (s->nest->extents[axis].n) {
    emit_tiled_dynamic(s, axis, t);
    return;
  }
  int64_t extent = s->nest->extents[axis].c, full = extent / size * size;
  s->sizes[t] = size;
  emit_blocks(s, axis, 0, full, size, emit_after);
  if (extent > full) {
    s->sizes[t] = (int)(extent - full);
    emit_blocks(s, axis, full, extent - full, extent - full, emit_after);
  }
}

// The last step of a ragged axis stands for itself.
static void emit_ragged(NcSched *s, int axis, int number) {
  int64_t full = s->nest->ragged[number].full;
  if (full > 0)
    emit_blocks(s, axis, 0, full, 1, emit_after);
  s->in_rest[number] = true;
  emit_blocks(s, axis, full, 1, 1, emit_after);
  s->in_rest[number] = false;
}

// The loops over the reduced axes from number `i` on, and in them the place of the pinned axis.
static void emit_pinned(NcSched *s, int i) {
  int axis = s->nest->pinned;
  if (i < s->nest->reduce_count) {
    NcKBlock *outer = enter_axis(s, s->nest->axis_count + i, 1);
    emit_pinned(s, i + 1);
    s->block = outer;
    return;
  }
  s->lanes = s->active = 1;
  s->lane_axis = -1;
  NcKExpr *place = nc_sched_expr(s, s->nest->pin);
  s->position[axis] = bind(s, place);
  emit_parallel(s, axis + 1);
}

static void emit_parallel(NcSched *s, int axis) {
  if (s->nest->pin && axis == s->nest->pinned && s->mode == NC_SCHED_ACCUMULATE) {
    emit_pinned(s, 0);
    return;
  }
  if (axis == vector_place(s) && !s->in_vector) {
    emit_vector(s);
    return;
  }
  if (axis == s->nest->axis_count) {
    emit_point(s);
    return;
  }
  if (axis == s->plan.vector) {
    emit_parallel(s, axis + 1);
    return;
  }
  if (nc_nest_is_spelled(s->nest, axis)) {
    for (int64_t i = 0; i < s->nest->extents[axis].c; i++) {
      s->position[axis] = nc_k_constant(i);
      emit_parallel(s, axis + 1);
    }
    return;
  }
  int ragged = nc_nest_ragged(s->nest, axis);
  if (ragged >= 0) {
    emit_ragged(s, axis, ragged);
    return;
  }
  for (int t = 0; t < s->plan.tile_count; t++) {
    if (axis == s->plan.tiles[t].axis) {
      emit_tiled(s, axis, t);
      return;
    }
  }
  NcKBlock *outer = enter_axis(s, axis, 1);
  emit_parallel(s, axis + 1);
  s->block = outer;
}

// Zeros, along whatever axis the store runs, then the sums.
static void emit_pinned_nest(NcSched *s) {
  NcAxisPlan plan = s->plan;
  int axis = nc_nest_store_axis(s->nest);
  if (axis >= 0)
    s->plan =
        (NcAxisPlan){.vector = axis, .lanes = nc_lanes_for(s->nest->extents[axis]), .vectors = 1};
  s->mode = NC_SCHED_ZERO;
  if (!s->slots)
    emit_parallel(s, 0);
  s->plan = plan;
  s->mode = NC_SCHED_ACCUMULATE;
  emit_parallel(s, 0);
}

static void emit_nest(NcSched *s) {
  if (s->nest->pin) {
    emit_pinned_nest(s);
    return;
  }
  if (!s->plan.hoist_batch) {
    emit_parallel(s, 0);
    return;
  }
  s->mode = NC_SCHED_ZERO;
  if (!s->slots)
    emit_parallel(s, 0);
  s->mode = NC_SCHED_ACCUMULATE;
  NcKBlock *outer = enter_axis(s, s->nest->axis_count, 1);
  if (s->plan.rows) {
    int64_t extent = s->nest->extents[s->nest->axis_count + 1].c;
    NcKStmt *loop = nc_sched_loop(s, nc_k_constant(0), nc_k_constant(extent), s->plan.rows);
    s->rows_from = nc_k_var(loop->var);
    s->block = &loop->body;
  }
  emit_parallel(s, 0);
  s->block = outer;
}

// The axis with most blocks, the outermost of several with enough.
static int choose_split(const NcNest *nest, const NcAxisPlan *plan) {
  int64_t most = 1;
  int split = -1;
  for (int i = 0; i < nest->axis_count; i++) {
    if (nest->extents[i].n || nc_nest_is_spelled(nest, i) || nc_nest_ragged(nest, i) >= 0 ||
        nc_nest_bound(nest, i) || (nest->pin && i == nest->pinned) ||
        (plan->covers && i == nest->cover))
      continue;
    int64_t block = nc_plan_block(plan, i), blocks = (nest->extents[i].c + block - 1) / block;
    blocks = blocks < ENOUGH_BLOCKS ? blocks : ENOUGH_BLOCKS;
    if (blocks > most) {
      most = blocks;
      split = i;
    }
  }
  if (is_counted(nest))
    return 0;
  bool vectors = plan->outside > 0 && plan->outside == nest->axis_count &&
                 nest->extents[plan->vector].c > nc_plan_block(plan, plan->vector);
  return vectors ? plan->vector : split;
}

static void add_results(NcSched *s, NcTe *te) {
  if (s->nest->sibling_count == 0) {
    nc_sched_buffer(s, te, true);
    return;
  }
  for (; te; te = te->next)
    if (!te->inner)
      nc_sched_buffer(s, te, true);
}

static NcScheduled schedule(NcSched *s, NcTe *te) {
  s->arena = s->builder->arena;
  s->kernel = NC_NEW(s->arena, NcKernel);
  s->kernel->var_count = NC_K_FIRST_LOOP;
  s->block = &s->kernel->body;
  s->index_accs[0] = s->lane_axis = -1;
  s->lanes = s->active = s->vectors = 1;
  for (int t = 0; t < NC_MAX_TILES; t++)
    s->sizes[t] = 1, s->tile_at[t] = nc_k_constant(0);
  s->split = choose_split(s->nest, &s->plan);
  add_results(s, te);
  open_outer(s);
  emit_nest(s);
  NcText text = nc_text_create(s->arena);
  nc_kernel_print(&text, s->kernel, false);
  s->kernel->text = text.data;
  NcScheduled result = {.kernel = s->kernel, .buffers = s->buffers, .block = 1};
  if (s->split >= 0) {
    result.extent = s->nest->extents[s->split].c;
    result.block = nc_plan_block(&s->plan, s->split);
  }
  return result;
}

// What reports say of the kernel.
static void describe(NcKernel *kernel, const NcNest *nest, const NcAxisPlan *plan) {
  kernel->lanes = plan->lanes;
  kernel->tile = plan->vectors;
  for (int t = 0; t < plan->tile_count; t++)
    kernel->tile *= plan->tiles[t].size;
  kernel->padding = nest->rounding;
  int along = nc_plan_lane_axis(nest, plan);
  if (along < 0 || nest->extents[along].n)
    return;
  int64_t size = nest->extents[along].c, rest = size % plan->lanes;
  int last = plan->vector_reduce ? plan->lanes : nc_rest_lanes(rest, plan->lanes);
  if (rest)
    kernel->padding *= (double)(size - rest + last) / (double)size;
}

NcScheduled nc_schedule(NcTeBuilder *builder, NcTe *te, NcTe *const *storage,
                        const NcTarget *target, bool slots) {
  NcSched s = {.builder = builder, .storage = storage, .slots = slots};
  s.fma = target->fma || target->portable;
  s.contracts = target->fast && target->fma;
  s.floors = target->floors;
  s.nest = nc_nest_create(builder, te);
  s.plan = nc_nest_plan(s.nest, target);
  NcScheduled result = schedule(&s, te);
  result.by_chunk = nc_nest_by_chunk(s.nest);
  for (int i = 0; i < s.nest->axis_count; i++)
    result.has_samples = result.has_samples || s.nest->extents[i].n;
  describe(result.kernel, s.nest, &s.plan);
  return result;
}

// A kernel that writes one value to `size` elements from the start of the tensor's storage.
static NcScheduled schedule_constant(NcTeBuilder *builder, NcTe *te, NcTe *const *storage,
                                     NcDim size, NcExpr *value) {
  NcNest *nest = NC_NEW(builder->arena, NcNest);
  nest->te = te;
  nest->axis_count = 1;
  nest->extents[0] = size;
  nest->body = value;
  nest->store = nc_affine_axis(0);
  NcSched s = {.builder = builder, .storage = storage, .nest = nest};
  s.plan = (NcAxisPlan){.vector = 0, .lanes = NC_MAX_LANES, .vectors = 1};
  return schedule(&s, te);
}

NcScheduled nc_schedule_fill(NcTeBuilder *builder, NcTe *te, NcTe *const *storage) {
  bool halo = te->layout && !te->partial;
  NcExpr *fill = nc_x_const(builder, te->type.dtype, halo ? te->layout->fill : te->fill);
  return schedule_constant(builder, te, storage, nc_te_storage(te), fill);
}

NcScheduled nc_schedule_neutral(NcTeBuilder *builder, NcTe *te, NcTe *const *storage) {
  return schedule_constant(builder, te, storage, te->type.dims[1],
                           nc_sched_neutral_value(builder, te->reduce, te->type.dtype));
}
