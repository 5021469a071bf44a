// The scheduler.
//
// Loop order: parallel axes outermost in their order, then the tiled axis, then the vector axis,
// then the reduced axes; in the innermost body one step of every accumulator of the tile. A width
// that lanes do not divide gets narrower vectors for its remainder, a tile likewise.
#include "kernel/schedule.h"

#include "kernel/expr.h"
#include "kernel/layout.h"
#include "kernel/schedule_expr.h"

#include <string.h>

// Maps at least this long take their length as an argument, so that equal ones are one kernel.
#define MIN_COUNTED 64

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
  return x;
}

static void step_argmax(NcSched *s, NcKExpr *where) {
  NcKExpr *value = nc_sched_let(s, nc_sched_expr(s, s->nest->body));
  NcKExpr *best = nc_sched_get(s, s->acc), *index = nc_sched_get(s, s->index_acc);
  NcKExpr *take = nc_sched_binary(s, NC_X_LT, NC_BOOL, index, nc_sched_constant(s, NC_I64, 0));
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
  nc_sched_set(s, s->acc, nc_sched_choose(s, take, value, best));
  nc_sched_set(s, s->index_acc, nc_sched_choose(s, take, ordinal(s), index));
}

static void step_accumulator(NcSched *s) {
  NcKExpr *where = s->nest->where ? nc_sched_expr(s, s->nest->where) : NULL;
  if (s->nest->reduce == NC_REDUCE_ARGMAX) {
    step_argmax(s, where);
    return;
  }
  NcKExpr *acc = nc_sched_get(s, s->acc);
  NcKExpr *next = nc_sched_combine(s, acc, nc_sched_expr(s, s->nest->body));
  nc_sched_set(s, s->acc, where ? nc_sched_choose(s, where, next, acc) : next);
}

static void store_value(NcSched *s, NcKExpr *value) {
  NcKStmt *stmt = nc_sched_stmt(s, NC_K_STORE);
  stmt->buffer = 0;
  stmt->index = nc_sched_position(s, &s->nest->store);
  stmt->lane_stride = nc_sched_lane_stride(s, &s->nest->store);
  stmt->value = nc_sched_splat(s, value, stmt->lane_stride ? s->lanes : value->lanes);
}

// Repeats what `emit` adds for each accumulator of the tile.
static void for_tile(NcSched *s, void (*emit)(NcSched *)) {
  if (s->tile_size == 1) {
    emit(s);
    return;
  }
  NcKStmt *loop = nc_sched_loop(s, nc_k_constant(0), nc_k_constant(s->tile_size), 1);
  loop->unroll = true;
  NcKBlock *outer = s->block;
  NcKIndex position = s->position[s->plan.tile];
  s->block = &loop->body;
  s->acc_at = loop->var;
  s->position[s->plan.tile] = nc_k_add(position, nc_k_var(loop->var));
  emit(s);
  s->position[s->plan.tile] = position;
  s->acc_at = -1;
  s->block = outer;
}

static NcKExpr *load_stored(NcSched *s, NcDtype dtype) {
  NcKExpr *x = nc_k_expr(s->arena, NC_X_LOAD, dtype, s->lanes);
  x->buffer = 0;
  x->index = nc_sched_position(s, &s->nest->store);
  x->lane_stride = nc_sched_lane_stride(s, &s->nest->store);
  return x;
}

static void init_accumulator(NcSched *s) {
  NcDtype dtype = s->kernel->locals.items[s->acc].dtype;
  if (s->mode == NC_SCHED_ACCUMULATE || (s->slots && !s->plan.vector_reduce)) {
    nc_sched_set(s, s->acc, load_stored(s, dtype));
    return;
  }
  nc_sched_set(s, s->acc, nc_sched_neutral(s, dtype));
  if (s->nest->reduce == NC_REDUCE_ARGMAX)
    nc_sched_set(s, s->index_acc, nc_sched_constant(s, NC_I64, -1));
}

static void store_result(NcSched *s) {
  NcKExpr *value = nc_sched_get(s, s->nest->reduce == NC_REDUCE_ARGMAX ? s->index_acc : s->acc);
  if (s->nest->finish) {
    s->acc_value = value;
    value = nc_sched_expr(s, s->nest->finish);
  }
  store_value(s, value);
}

static void store_folded(NcSched *s) {
  NcKExpr *vector = nc_sched_get(s, s->acc);
  NcKExpr *value = nc_k_expr(s->arena, NC_K_FOLD, vector->dtype, 1);
  value->args[0] = vector;
  value->fold = s->nest->reduce;
  if (s->index_acc >= 0)
    value = nc_sched_combine(s, value, nc_sched_get(s, s->index_acc));
  if (s->slots)
    value = nc_sched_combine(s, load_stored(s, vector->dtype), value);
  if (s->nest->finish) {
    s->acc_value = nc_sched_let(s, value);
    value = nc_sched_expr(s, s->nest->finish);
  }
  store_value(s, value);
}

static void axis_bounds(const NcSched *s, int axis, NcKIndex *low, NcKIndex *high) {
  NcDim e = s->nest->extents[axis];
  *low = nc_k_scale(nc_k_var(NC_K_N0), e.n);
  *high = e.n ? nc_k_scale(nc_k_var(NC_K_N1), e.n) : nc_k_constant(0);
  high->constant += e.c;
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
  reduce_from(s, axis + 1);
  s->block = outer;
}

// Lanes run along the last reduced axis; what lanes do not divide goes into scalar accumulators.
static void fold_from(NcSched *s, int axis, int vector_acc, int scalar_acc) {
  int last = s->nest->axis_count + s->nest->reduce_count - 1;
  NcKBlock *outer;
  if (axis < last) {
    outer = enter_axis(s, axis, 1);
    fold_from(s, axis + 1, vector_acc, scalar_acc);
    s->block = outer;
    return;
  }
  outer = enter_axis(s, last, s->plan.lanes);
  int main_var = s->position[last].terms[0].var;
  s->lanes = s->plan.lanes;
  s->lane_axis = last;
  s->acc = vector_acc;
  for_tile(s, step_accumulator);
  s->block = outer;
  s->lanes = 1;
  s->lane_axis = -1;
  if (scalar_acc < 0)
    return;
  outer = enter_axis(s, last, 1);
  outer->items[outer->count - 1]->continues = main_var;
  s->acc = scalar_acc;
  for_tile(s, step_accumulator);
  s->block = outer;
}

static void emit_folded(NcSched *s) {
  NcDtype dtype = s->nest->body->dtype;
  NcDim extent = s->nest->extents[s->nest->axis_count + s->nest->reduce_count - 1];
  bool tail = extent.c % s->plan.lanes || extent.n % s->plan.lanes;
  int vector_acc = nc_sched_local(s, dtype, s->plan.lanes, s->tile_size);
  int scalar_acc = tail ? nc_sched_local(s, dtype, 1, s->tile_size) : -1;
  s->acc = vector_acc;
  for_tile(s, init_accumulator);
  if (tail) {
    s->acc = scalar_acc;
    for_tile(s, init_accumulator);
  }
  fold_from(s, s->nest->axis_count, vector_acc, scalar_acc);
  s->acc = vector_acc;
  s->index_acc = scalar_acc;
  for_tile(s, store_folded);
  s->index_acc = -1;
}

static void emit_map(NcSched *s) {
  NcExpr *value = s->nest->body;
  if (s->nest->finish) {
    s->acc_value = nc_sched_expr(s, value);
    value = s->nest->finish;
  }
  store_value(s, nc_sched_expr(s, value));
}

static void emit_zero(NcSched *s) { store_value(s, nc_sched_constant(s, s->nest->body->dtype, 0)); }

static void emit_point(NcSched *s) {
  if (s->mode == NC_SCHED_ZERO) {
    for_tile(s, emit_zero);
  } else if (s->nest->reduce == NC_REDUCE_NONE) {
    emit_map(s);
  } else if (s->plan.vector_reduce) {
    emit_folded(s);
  } else {
    s->acc = nc_sched_local(s, s->nest->body->dtype, s->lanes, s->tile_size);
    if (s->nest->reduce == NC_REDUCE_ARGMAX)
      s->index_acc = nc_sched_local(s, NC_I64, s->lanes, s->tile_size);
    for_tile(s, init_accumulator);
    reduce_from(s, s->nest->axis_count + (s->mode == NC_SCHED_ACCUMULATE ? 1 : 0));
    for_tile(s, store_result);
    s->index_acc = -1;
  }
}

// A run of `size` elements from `start` in steps; without a loop where there is one step.
static void emit_run(NcSched *s, int axis, int64_t start, int64_t size, int64_t step,
                     void (*inner)(NcSched *)) {
  if (size == step) {
    s->position[axis] = nc_k_constant(start);
    inner(s);
    return;
  }
  NcKStmt *loop = nc_sched_loop(s, nc_k_constant(start), nc_k_constant(start + size), step);
  NcKBlock *outer = s->block;
  s->block = &loop->body;
  s->position[axis] = nc_k_var(loop->var);
  inner(s);
  s->block = outer;
}

static void emit_vector_constant(NcSched *s, int axis) {
  int64_t start = 0, left = s->nest->extents[axis].c;
  for (int lanes = s->plan.lanes; left > 0; lanes /= 2) {
    int64_t size = left / lanes * lanes;
    if (size == 0)
      continue;
    s->lanes = lanes;
    s->lane_axis = lanes > 1 ? axis : -1;
    emit_run(s, axis, start, size, lanes, emit_point);
    start += size;
    left -= size;
  }
}

// Whether the length is passed as `count`, so that maps that differ in it alone are one kernel.
static bool is_counted(const NcSched *s) {
  return s->nest->axis_count == 1 && s->nest->reduce == NC_REDUCE_NONE &&
         s->nest->extents[0].n == 0 && s->nest->extents[0].c >= MIN_COUNTED;
}

static void emit_vector_dynamic(NcSched *s, int axis) {
  NcKIndex low, high;
  axis_bounds(s, axis, &low, &high);
  if (is_counted(s))
    high = nc_k_var(NC_K_COUNT);
  int main_var = -1;
  for (int lanes = s->plan.lanes; lanes >= 1; lanes = lanes > 1 ? 1 : 0) {
    NcKStmt *loop = nc_sched_loop(s, low, high, lanes);
    loop->continues = main_var;
    main_var = loop->var;
    NcKBlock *outer = s->block;
    s->block = &loop->body;
    s->position[axis] = nc_k_var(loop->var);
    s->lanes = lanes;
    s->lane_axis = lanes > 1 ? axis : -1;
    emit_point(s);
    s->block = outer;
  }
}

static void emit_vector(NcSched *s) {
  int axis = s->plan.vector;
  s->lanes = 1;
  s->lane_axis = -1;
  if (axis < 0)
    emit_point(s);
  else if (s->nest->extents[axis].n || is_counted(s))
    emit_vector_dynamic(s, axis);
  else
    emit_vector_constant(s, axis);
}

static void emit_tile(NcSched *s) {
  int axis = s->plan.tile;
  s->tile_size = 1;
  if (axis < 0) {
    emit_vector(s);
    return;
  }
  int size = s->plan.tile_size;
  if (s->nest->extents[axis].n) {
    s->tile_size = size;
    NcKBlock *outer = enter_axis(s, axis, size);
    int main_var = s->position[axis].terms[0].var;
    emit_vector(s);
    s->block = outer;
    s->tile_size = 1;
    outer = enter_axis(s, axis, 1);
    outer->items[outer->count - 1]->continues = main_var;
    emit_vector(s);
    s->block = outer;
    return;
  }
  int64_t extent = s->nest->extents[axis].c, full = extent / size * size;
  s->tile_size = size;
  emit_run(s, axis, 0, full, size, emit_vector);
  if (extent > full) {
    s->tile_size = (int)(extent - full);
    emit_run(s, axis, full, extent - full, extent - full, emit_vector);
  }
}

static void emit_parallel(NcSched *s, int axis) {
  if (axis == s->nest->axis_count) {
    emit_tile(s);
  } else if (axis == s->plan.tile || axis == s->plan.vector) {
    emit_parallel(s, axis + 1);
  } else {
    NcKBlock *outer = enter_axis(s, axis, 1);
    emit_parallel(s, axis + 1);
    s->block = outer;
  }
}

static void emit_nest(NcSched *s) {
  if (!s->plan.hoist_batch) {
    emit_parallel(s, 0);
    return;
  }
  s->mode = NC_SCHED_ZERO;
  if (!s->slots)
    emit_parallel(s, 0);
  s->mode = NC_SCHED_ACCUMULATE;
  NcKBlock *outer = enter_axis(s, s->nest->axis_count, 1);
  emit_parallel(s, 0);
  s->block = outer;
}

static NcScheduled schedule(NcSched *s, NcTe *te) {
  s->arena = s->builder->arena;
  s->kernel = NC_NEW(s->arena, NcKernel);
  s->kernel->var_count = NC_K_FIRST_LOOP;
  s->block = &s->kernel->body;
  s->acc_at = s->index_acc = s->lane_axis = -1;
  s->lanes = s->tile_size = 1;
  nc_sched_buffer(s, te, true);
  emit_nest(s);
  NcText text = nc_text_create(s->arena);
  nc_kernel_print(&text, s->kernel, false);
  s->kernel->text = text.data;
  NcScheduled result = {s->kernel, s->buffers, is_counted(s) ? s->nest->extents[0].c : 0};
  return result;
}

NcScheduled nc_schedule(NcTeBuilder *builder, NcTe *te, NcTe *const *storage,
                        const NcTarget *target, bool slots) {
  NcSched s = {.builder = builder, .storage = storage, .slots = slots};
  s.fma = target->fma || target->portable;
  s.floors = target->floors;
  s.nest = nc_nest_create(builder, te);
  s.plan = nc_nest_plan(s.nest, target);
  return schedule(&s, te);
}

// A kernel that writes one value to `size` elements from the start of the tensor's storage.
static NcScheduled schedule_constant(NcTeBuilder *builder, NcTe *te, NcDim size, NcExpr *value) {
  NcTe **storage = NC_NEW_ARRAY(builder->arena, NcTe *, te->id + 1);
  storage[te->id] = te;
  NcNest *nest = NC_NEW(builder->arena, NcNest);
  nest->te = te;
  nest->axis_count = 1;
  nest->extents[0] = size;
  nest->body = value;
  nest->store = nc_affine_axis(0);
  NcSched s = {.builder = builder, .storage = storage, .nest = nest};
  s.plan = (NcAxisPlan){.vector = 0, .lanes = 16, .tile = -1, .tile_size = 1};
  return schedule(&s, te);
}

NcScheduled nc_schedule_fill(NcTeBuilder *builder, NcTe *te) {
  NcExpr *fill = nc_x_const(builder, te->type.dtype, te->layout ? te->layout->fill : te->fill);
  return schedule_constant(builder, te, nc_te_storage(te), fill);
}

NcScheduled nc_schedule_neutral(NcTeBuilder *builder, NcTe *te) {
  return schedule_constant(builder, te, te->type.dims[1],
                           nc_sched_neutral_value(builder, te->reduce, te->type.dtype));
}
