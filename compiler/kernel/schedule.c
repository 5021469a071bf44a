// The scheduler.
//
// Loop order: parallel axes outermost in their order, then the tiled axis, then the vector axis,
// then the reduced axes; in the innermost body one step of every accumulator of the tile. A width
// that lanes do not divide gets narrower vectors for its remainder, a tile likewise.
#include "kernel/schedule.h"

#include "kernel/expr.h"
#include "kernel/layout.h"
#include "kernel/nest.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define MIN_COUNTED                                                                                \
  64 // maps at least this long take their length as an argument, so that equal ones are one kernel

typedef enum Mode { WHOLE, ZERO, ACCUMULATE } Mode;

typedef struct Sched {
  NcTeBuilder *builder;
  NcArena *arena;
  NcKernel *kernel;
  const NcNest *nest;
  NcAxisPlan plan;
  NcTe *const *storage;
  NcTe **buffers;
  bool fma;
  bool slots; // sums start from what the result holds
  Mode mode;
  NcKBlock *block;                // where statements go
  NcKIndex position[NC_MAX_AXES]; // of each axis, lanes left out
  int lanes;                      // at this point
  int lane_axis;                  // the axis lanes run along, or -1
  int tile_size;                  // at this point
  int acc, index_acc;             // locals
  int acc_at;                     // unrolled variable that selects the accumulator, or -1
  NcKExpr *acc_value;             // what NC_X_ACC stands for
} Sched;

static NcKStmt *add_stmt(Sched *s, NcKStmtKind kind) {
  NcKStmt *stmt = NC_NEW(s->arena, NcKStmt);
  stmt->kind = kind;
  stmt->continues = -1;
  nc_vec_push(s->arena, *s->block, stmt);
  return stmt;
}

static NcKStmt *add_loop(Sched *s, NcKIndex low, NcKIndex high, int64_t step) {
  NcKStmt *loop = add_stmt(s, NC_K_FOR);
  loop->var = s->kernel->var_count++;
  loop->low = low;
  loop->high = high;
  loop->step = step;
  return loop;
}

static int add_local(Sched *s, NcDtype dtype, int lanes, int count) {
  NcKLocal local = {dtype, lanes, count};
  nc_vec_push(s->arena, s->kernel->locals, local);
  return s->kernel->locals.count - 1;
}

static int buffer_of(Sched *s, NcTe *te, bool written) {
  NcTe *root = s->storage[te->id];
  for (int i = 0; i < s->kernel->buffers.count; i++)
    if (s->buffers[i] == root)
      return i;
  NcKBuffer buffer = {root->type.dtype, written};
  nc_vec_push(s->arena, s->kernel->buffers, buffer);
  int number = s->kernel->buffers.count - 1;
  NcTe **grown = NC_NEW_ARRAY(s->arena, NcTe *, number + 1);
  for (int i = 0; i < number; i++)
    grown[i] = s->buffers[i];
  grown[number] = root;
  s->buffers = grown;
  return number;
}

static NcKIndex at_position(const Sched *s, const NcAffine *a) {
  NcKIndex index = nc_k_constant(a->constant);
  for (int i = 0; i < s->nest->axis_count + s->nest->reduce_count; i++)
    if (a->coef[i])
      index = nc_k_add(index, nc_k_scale(s->position[i], a->coef[i]));
  return index;
}

static int64_t lane_coef(const Sched *s, const NcAffine *a) {
  return s->lanes > 1 && s->lane_axis >= 0 ? a->coef[s->lane_axis] : 0;
}

static NcKExpr *splat(Sched *s, NcKExpr *x, int lanes) {
  if (x->lanes == lanes)
    return x;
  NcKExpr *y = nc_k_expr(s->arena, NC_K_SPLAT, x->dtype, lanes);
  y->args[0] = x;
  return y;
}

static NcKExpr *convert(Sched *s, NcExpr *x);

static NcKExpr *convert_load(Sched *s, NcExpr *x) {
  NcKExpr *loaded = x->loaded ? convert(s, x->loaded) : NULL;
  int64_t stride = lane_coef(s, &x->index[0]);
  int lanes = stride || (loaded && loaded->lanes > 1) ? s->lanes : 1;
  NcKExpr *y = nc_k_expr(s->arena, NC_X_LOAD, x->dtype, lanes);
  y->buffer = buffer_of(s, x->tensor, false);
  y->index = at_position(s, &x->index[0]);
  y->lane_stride = stride;
  if (loaded) {
    int64_t strides[NC_MAX_RANK], offset;
    nc_te_strides(x->tensor, strides, &offset);
    y->loaded = loaded;
    y->loaded_scale = strides[x->loaded_dim];
  }
  return y;
}

static NcKExpr *convert_arguments(Sched *s, NcExpr *x) {
  NcKExpr *args[3] = {NULL, NULL, NULL};
  int lanes = 1;
  for (int i = 0; i < 3 && x->args[i]; i++) {
    args[i] = convert(s, x->args[i]);
    lanes = args[i]->lanes > lanes ? args[i]->lanes : lanes;
  }
  NcKExpr *y = nc_k_expr(s->arena, (int)x->kind, x->dtype, lanes);
  for (int i = 0; i < 3 && args[i]; i++)
    y->args[i] = splat(s, args[i], lanes);
  return y;
}

static NcKExpr *let(Sched *s, NcKExpr *value);

// The axis over N: the sample that a fault names.
static int batch_axis(const Sched *s) {
  for (int i = 0; i < s->nest->axis_count + s->nest->reduce_count; i++)
    if (s->nest->extents[i].n)
      return i;
  return -1;
}

static NcKExpr *convert_check(Sched *s, NcExpr *x) {
  NcKExpr *value = let(s, convert(s, x->args[0]));
  NcKExpr *condition = convert(s, x->args[1]);
  int lanes = value->lanes > condition->lanes ? value->lanes : condition->lanes,
      axis = batch_axis(s);
  NcKStmt *stmt = add_stmt(s, NC_K_CHECK);
  stmt->local = (int)x->integer;
  stmt->value = splat(s, value, lanes);
  stmt->condition = splat(s, condition, lanes);
  if (axis >= 0) {
    stmt->index = s->position[axis];
    stmt->lane_stride = s->lane_axis == axis;
    stmt->step = s->nest->extents[axis].n;
  }
  return value;
}

static NcKExpr *convert_new(Sched *s, NcExpr *x) {
  NcKExpr *y;
  switch (x->kind) {
  case NC_X_CONST:
    y = nc_k_expr(s->arena, NC_X_CONST, x->dtype, 1);
    y->value = x->value;
    y->integer = x->integer;
    return y;
  case NC_X_LOAD:
    return convert_load(s, x);
  case NC_X_INDEX:
    y = nc_k_expr(s->arena, NC_X_INDEX, NC_I64, lane_coef(s, &x->affine) ? s->lanes : 1);
    y->index = at_position(s, &x->affine);
    y->lane_stride = lane_coef(s, &x->affine);
    return y;
  case NC_X_FRAME:
    y = nc_k_expr(s->arena, NC_X_FRAME, NC_I64, 1);
    y->frame = x->frame;
    return y;
  case NC_X_ACC:
    return s->acc_value;
  case NC_X_CHECK:
    return convert_check(s, x);
  default:
    return convert_arguments(s, x);
  }
}

static NcKExpr *let(Sched *s, NcKExpr *value) {
  NcKStmt *stmt = add_stmt(s, NC_K_LET);
  stmt->local = s->kernel->temp_count++;
  stmt->value = value;
  NcKExpr *y = nc_k_expr(s->arena, NC_K_TEMP, value->dtype, value->lanes);
  y->local = stmt->local;
  return y;
}

static NcKExpr *convert(Sched *s, NcExpr *x) {
  if (x->lowered)
    return x->lowered;
  NcKExpr *y = convert_new(s, x);
  bool simple = x->kind == NC_X_CONST || x->kind == NC_X_FRAME || x->kind == NC_X_ACC;
  if (x->uses > 1 && !simple)
    y = let(s, y);
  x->lowered = y;
  return y;
}

static void reset_node(void *context, NcExpr *x) {
  (void)context;
  x->uses = 0;
  x->lowered = NULL;
}

static void count_uses(void *context, NcExpr *x) {
  (void)context;
  for (int i = 0; i < 3 && x->args[i]; i++)
    x->args[i]->uses++;
  if (x->loaded)
    x->loaded->uses++;
}

static NcKExpr *convert_all(Sched *s, NcExpr *x) {
  nc_expr_walk(x, reset_node, NULL);
  nc_expr_walk(x, count_uses, NULL);
  return convert(s, x);
}

static NcKIndex acc_index(const Sched *s) {
  return s->acc_at >= 0 ? nc_k_var(s->acc_at) : nc_k_constant(0);
}

static NcKExpr *get_local(Sched *s, int local) {
  NcKLocal *l = &s->kernel->locals.items[local];
  NcKExpr *x = nc_k_expr(s->arena, NC_K_LOCAL, l->dtype, l->lanes);
  x->local = local;
  x->index = acc_index(s);
  return x;
}

static void set_local(Sched *s, int local, NcKExpr *value) {
  NcKStmt *stmt = add_stmt(s, NC_K_SET);
  stmt->local = local;
  stmt->index = acc_index(s);
  stmt->value = splat(s, value, s->kernel->locals.items[local].lanes);
}

static NcKExpr *constant(Sched *s, NcDtype dtype, double value) {
  NcKExpr *x = nc_k_expr(s->arena, NC_X_CONST, dtype, 1);
  x->value = value;
  x->integer = (int64_t)value;
  return x;
}

// The value that changes nothing.
static NcExpr *neutral_value(NcTeBuilder *builder, NcReduce reduce, NcDtype dtype) {
  bool max = reduce == NC_REDUCE_MAX, min = reduce == NC_REDUCE_MIN;
  static const int64_t least[] = {0, 0, INT32_MIN, INT64_MIN},
                       greatest[] = {1, UINT8_MAX, INT32_MAX, INT64_MAX};
  if (nc_dtype_is_float(dtype))
    return nc_x_const(builder, dtype, max ? -INFINITY : min ? INFINITY : 0);
  return nc_x_const_int(builder, dtype, max ? least[dtype] : min ? greatest[dtype] : 0);
}

static NcKExpr *neutral(Sched *s, NcDtype dtype) {
  return convert_new(s, neutral_value(s->builder, s->nest->reduce, dtype));
}

static NcKExpr *binary(Sched *s, int kind, NcDtype dtype, NcKExpr *a, NcKExpr *b) {
  int lanes = a->lanes > b->lanes ? a->lanes : b->lanes;
  NcKExpr *x = nc_k_expr(s->arena, kind, dtype, lanes);
  x->args[0] = splat(s, a, lanes);
  x->args[1] = splat(s, b, lanes);
  return x;
}

static NcKExpr *choose(Sched *s, NcKExpr *condition, NcKExpr *a, NcKExpr *b) {
  int lanes = a->lanes > b->lanes ? a->lanes : b->lanes;
  lanes = condition->lanes > lanes ? condition->lanes : lanes;
  NcKExpr *x = nc_k_expr(s->arena, NC_X_SELECT, a->dtype, lanes);
  x->args[0] = splat(s, condition, lanes);
  x->args[1] = splat(s, a, lanes);
  x->args[2] = splat(s, b, lanes);
  return x;
}

static NcKExpr *combine(Sched *s, NcKExpr *acc, NcKExpr *value) {
  static const int kinds[] = {
      [NC_REDUCE_SUM] = NC_X_ADD, [NC_REDUCE_MAX] = NC_X_MAX, [NC_REDUCE_MIN] = NC_X_MIN};
  bool product = value->kind == NC_X_MUL && nc_dtype_is_float(value->dtype);
  if (s->nest->reduce != NC_REDUCE_SUM || !s->fma || !product)
    return binary(s, kinds[s->nest->reduce], acc->dtype, acc, value);
  int lanes = acc->lanes > value->lanes ? acc->lanes : value->lanes;
  NcKExpr *x = nc_k_expr(s->arena, NC_K_FMA, acc->dtype, lanes);
  x->args[0] = splat(s, value->args[0], lanes);
  x->args[1] = splat(s, value->args[1], lanes);
  x->args[2] = splat(s, acc, lanes);
  return x;
}

// number of the point among the reduced ones, in row-major order
static NcKExpr *ordinal(Sched *s) {
  NcAffine a = nc_affine_constant(0);
  int64_t weight = 1;
  for (int i = s->nest->reduce_count - 1; i >= 0; i--) {
    int axis = s->nest->axis_count + i;
    a.coef[axis] = weight;
    weight *= s->nest->extents[axis].c;
  }
  NcKExpr *x = nc_k_expr(s->arena, NC_X_INDEX, NC_I64, 1);
  x->index = at_position(s, &a);
  return x;
}

static void step_argmax(Sched *s, NcKExpr *where) {
  NcKExpr *value = let(s, convert_all(s, s->nest->body));
  NcKExpr *best = get_local(s, s->acc), *index = get_local(s, s->index_acc);
  NcKExpr *take = binary(s, NC_X_LT, NC_BOOL, index, constant(s, NC_I64, 0));
  take = binary(s, NC_X_OR, NC_BOOL, take, binary(s, NC_X_LT, NC_BOOL, best, value));
  if (nc_dtype_is_float(value->dtype)) {
    NcKExpr *nan = binary(s, NC_X_NE, NC_BOOL, value, value);
    NcKExpr *first = binary(s, NC_X_EQ, NC_BOOL, best, best);
    take = binary(s, NC_X_OR, NC_BOOL, take, binary(s, NC_X_AND, NC_BOOL, nan, first));
  }
  if (where)
    take = binary(s, NC_X_AND, NC_BOOL, take, where);
  take = let(s, take);
  set_local(s, s->acc, choose(s, take, value, best));
  set_local(s, s->index_acc, choose(s, take, ordinal(s), index));
}

static void step_accumulator(Sched *s) {
  NcKExpr *where = s->nest->where ? convert_all(s, s->nest->where) : NULL;
  if (s->nest->reduce == NC_REDUCE_ARGMAX) {
    step_argmax(s, where);
    return;
  }
  NcKExpr *acc = get_local(s, s->acc);
  NcKExpr *next = combine(s, acc, convert_all(s, s->nest->body));
  set_local(s, s->acc, where ? choose(s, where, next, acc) : next);
}

static void store_value(Sched *s, NcKExpr *value) {
  NcKStmt *stmt = add_stmt(s, NC_K_STORE);
  stmt->buffer = 0;
  stmt->index = at_position(s, &s->nest->store);
  stmt->lane_stride = lane_coef(s, &s->nest->store);
  stmt->value = splat(s, value, stmt->lane_stride ? s->lanes : value->lanes);
}

// Repeats what `emit` adds for each accumulator of the tile.
static void for_tile(Sched *s, void (*emit)(Sched *)) {
  if (s->tile_size == 1) {
    emit(s);
    return;
  }
  NcKStmt *loop = add_loop(s, nc_k_constant(0), nc_k_constant(s->tile_size), 1);
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

static NcKExpr *load_stored(Sched *s, NcDtype dtype) {
  NcKExpr *x = nc_k_expr(s->arena, NC_X_LOAD, dtype, s->lanes);
  x->buffer = 0;
  x->index = at_position(s, &s->nest->store);
  x->lane_stride = lane_coef(s, &s->nest->store);
  return x;
}

static void init_accumulator(Sched *s) {
  NcDtype dtype = s->kernel->locals.items[s->acc].dtype;
  if (s->mode == ACCUMULATE || (s->slots && !s->plan.vector_reduce)) {
    set_local(s, s->acc, load_stored(s, dtype));
    return;
  }
  set_local(s, s->acc, neutral(s, dtype));
  if (s->nest->reduce == NC_REDUCE_ARGMAX)
    set_local(s, s->index_acc, constant(s, NC_I64, -1));
}

static void store_result(Sched *s) {
  NcKExpr *value = get_local(s, s->nest->reduce == NC_REDUCE_ARGMAX ? s->index_acc : s->acc);
  if (s->nest->finish) {
    s->acc_value = value;
    value = convert_all(s, s->nest->finish);
  }
  store_value(s, value);
}

static void store_folded(Sched *s) {
  NcKExpr *vector = get_local(s, s->acc);
  NcKExpr *value = nc_k_expr(s->arena, NC_K_FOLD, vector->dtype, 1);
  value->args[0] = vector;
  value->fold = s->nest->reduce;
  if (s->index_acc >= 0)
    value = combine(s, value, get_local(s, s->index_acc));
  if (s->slots)
    value = combine(s, load_stored(s, vector->dtype), value);
  if (s->nest->finish) {
    s->acc_value = let(s, value);
    value = convert_all(s, s->nest->finish);
  }
  store_value(s, value);
}

static void axis_bounds(const Sched *s, int axis, NcKIndex *low, NcKIndex *high) {
  NcDim e = s->nest->extents[axis];
  *low = nc_k_scale(nc_k_var(NC_K_N0), e.n);
  *high = e.n ? nc_k_scale(nc_k_var(NC_K_N1), e.n) : nc_k_constant(0);
  high->constant += e.c;
}

// Opens a loop over the whole axis and moves into it.
static NcKBlock *enter_axis(Sched *s, int axis, int64_t step) {
  NcKIndex low, high;
  axis_bounds(s, axis, &low, &high);
  NcKStmt *loop = add_loop(s, low, high, step);
  s->position[axis] = nc_k_var(loop->var);
  NcKBlock *outer = s->block;
  s->block = &loop->body;
  return outer;
}

static void reduce_from(Sched *s, int axis) {
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
static void fold_from(Sched *s, int axis, int vector_acc, int scalar_acc) {
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

static void emit_folded(Sched *s) {
  NcDtype dtype = s->nest->body->dtype;
  NcDim extent = s->nest->extents[s->nest->axis_count + s->nest->reduce_count - 1];
  bool tail = extent.c % s->plan.lanes || extent.n % s->plan.lanes;
  int vector_acc = add_local(s, dtype, s->plan.lanes, s->tile_size);
  int scalar_acc = tail ? add_local(s, dtype, 1, s->tile_size) : -1;
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

static void emit_map(Sched *s) {
  NcExpr *value = s->nest->body;
  if (s->nest->finish) {
    s->acc_value = convert_all(s, value);
    value = s->nest->finish;
  }
  store_value(s, convert_all(s, value));
}

static void emit_zero(Sched *s) { store_value(s, constant(s, s->nest->body->dtype, 0)); }

static void emit_point(Sched *s) {
  if (s->mode == ZERO) {
    for_tile(s, emit_zero);
  } else if (s->nest->reduce == NC_REDUCE_NONE) {
    emit_map(s);
  } else if (s->plan.vector_reduce) {
    emit_folded(s);
  } else {
    s->acc = add_local(s, s->nest->body->dtype, s->lanes, s->tile_size);
    if (s->nest->reduce == NC_REDUCE_ARGMAX)
      s->index_acc = add_local(s, NC_I64, s->lanes, s->tile_size);
    for_tile(s, init_accumulator);
    reduce_from(s, s->nest->axis_count + (s->mode == ACCUMULATE ? 1 : 0));
    for_tile(s, store_result);
    s->index_acc = -1;
  }
}

// A run of `size` elements from `start` in steps; without a loop where there is one step.
static void emit_run(Sched *s, int axis, int64_t start, int64_t size, int64_t step,
                     void (*inner)(Sched *)) {
  if (size == step) {
    s->position[axis] = nc_k_constant(start);
    inner(s);
    return;
  }
  NcKStmt *loop = add_loop(s, nc_k_constant(start), nc_k_constant(start + size), step);
  NcKBlock *outer = s->block;
  s->block = &loop->body;
  s->position[axis] = nc_k_var(loop->var);
  inner(s);
  s->block = outer;
}

static void emit_vector_constant(Sched *s, int axis) {
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
static bool is_counted(const Sched *s) {
  return s->nest->axis_count == 1 && s->nest->reduce == NC_REDUCE_NONE &&
         s->nest->extents[0].n == 0 && s->nest->extents[0].c >= MIN_COUNTED;
}

static void emit_vector_dynamic(Sched *s, int axis) {
  NcKIndex low, high;
  axis_bounds(s, axis, &low, &high);
  if (is_counted(s))
    high = nc_k_var(NC_K_COUNT);
  int main_var = -1;
  for (int lanes = s->plan.lanes; lanes >= 1; lanes = lanes > 1 ? 1 : 0) {
    NcKStmt *loop = add_loop(s, low, high, lanes);
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

static void emit_vector(Sched *s) {
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

static void emit_tile(Sched *s) {
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

static void emit_parallel(Sched *s, int axis) {
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

static void emit_nest(Sched *s) {
  if (!s->plan.hoist_batch) {
    emit_parallel(s, 0);
    return;
  }
  s->mode = ZERO;
  if (!s->slots)
    emit_parallel(s, 0);
  s->mode = ACCUMULATE;
  NcKBlock *outer = enter_axis(s, s->nest->axis_count, 1);
  emit_parallel(s, 0);
  s->block = outer;
}

static NcScheduled schedule(Sched *s, NcTe *te) {
  s->arena = s->builder->arena;
  s->kernel = NC_NEW(s->arena, NcKernel);
  s->kernel->var_count = NC_K_FIRST_LOOP;
  s->block = &s->kernel->body;
  s->acc_at = s->index_acc = s->lane_axis = -1;
  s->lanes = s->tile_size = 1;
  buffer_of(s, te, true);
  emit_nest(s);
  NcText text = nc_text_create(s->arena);
  nc_kernel_print(&text, s->kernel, false);
  s->kernel->text = text.data;
  NcScheduled result = {s->kernel, s->buffers, is_counted(s) ? s->nest->extents[0].c : 0};
  return result;
}

NcScheduled nc_schedule(NcTeBuilder *builder, NcTe *te, NcTe *const *storage,
                        const NcTarget *target, bool slots) {
  Sched s = {.builder = builder, .storage = storage, .fma = target->fma, .slots = slots};
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
  Sched s = {.builder = builder, .storage = storage, .nest = nest};
  s.plan = (NcAxisPlan){.vector = 0, .lanes = 16, .tile = -1, .tile_size = 1};
  return schedule(&s, te);
}

NcScheduled nc_schedule_fill(NcTeBuilder *builder, NcTe *te) {
  NcExpr *fill = nc_x_const(builder, te->type.dtype, te->layout ? te->layout->fill : te->fill);
  return schedule_constant(builder, te, nc_te_storage(te), fill);
}

NcScheduled nc_schedule_neutral(NcTeBuilder *builder, NcTe *te) {
  return schedule_constant(builder, te, te->type.dims[1],
                           neutral_value(builder, te->reduce, te->type.dtype));
}
