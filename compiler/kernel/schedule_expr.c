// Scheduling expressions: from axes and tensors to variables, lanes and buffers.
#include "kernel/schedule_expr.h"

#include "kernel/expr.h"
#include "kernel/layout.h"
#include "kernel/math.h"

#include <assert.h>
#include <math.h>
#include <string.h>

NcKStmt *nc_sched_stmt(NcSched *s, NcKStmtKind kind) {
  NcKStmt *stmt = NC_NEW(s->arena, NcKStmt);
  stmt->kind = kind;
  stmt->continues = -1;
  nc_vec_push(s->arena, *s->block, stmt);
  return stmt;
}

NcKStmt *nc_sched_loop(NcSched *s, NcKIndex low, NcKIndex high, int64_t step) {
  NcKStmt *loop = nc_sched_stmt(s, NC_K_FOR);
  loop->var = s->kernel->var_count++;
  loop->low = low;
  loop->high = high;
  loop->step = step;
  return loop;
}

int nc_sched_local(NcSched *s, NcDtype dtype, int lanes, int count) {
  NcKLocal local = {dtype, lanes, count};
  nc_vec_push(s->arena, s->kernel->locals, local);
  return s->kernel->locals.count - 1;
}

int nc_sched_buffer(NcSched *s, NcTe *te, bool written) {
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

NcKIndex nc_sched_position(const NcSched *s, const NcAffine *a) {
  NcKIndex index = nc_k_constant(a->constant);
  for (int i = 0; i < s->nest->axis_count + s->nest->reduce_count; i++)
    if (a->coef[i])
      index = nc_k_add(index, nc_k_scale(s->position[i], a->coef[i]));
  return index;
}

int64_t nc_sched_lane_stride(const NcSched *s, const NcAffine *a) {
  return s->lanes > 1 && s->lane_axis >= 0 ? a->coef[s->lane_axis] : 0;
}

NcKExpr *nc_sched_splat(NcSched *s, NcKExpr *x, int lanes) {
  if (x->lanes == lanes)
    return x;
  NcKExpr *y = nc_k_expr(s->arena, NC_K_SPLAT, x->dtype, lanes);
  y->args[0] = x;
  return y;
}

int nc_sched_touched(const NcSched *s, int64_t lane_stride, int64_t slack) {
  bool all = s->active == s->lanes || (lane_stride == 1 && slack >= s->lanes - s->active);
  return all ? 0 : s->active;
}

static NcKExpr *convert(NcSched *s, NcExpr *x);

// Elements from one index of a load to the next along a dimension.
static int64_t stride_along(const NcExpr *load, int d) {
  int64_t strides[NC_MAX_RANK], offset;
  nc_te_strides(load->tensor, strides, &offset);
  return strides[d] * (load->tensor->layout ? load->tensor->layout->steps[d] : 1);
}

// What is loaded of a load's address, to be multiplied by *scale; NULL if nothing is.
static NcKExpr *convert_loaded(NcSched *s, NcExpr *x, int64_t *scale) {
  if (!x->loaded[0])
    return NULL;
  *scale = stride_along(x, x->loaded_dim[0]);
  NcKExpr *sum = convert(s, x->loaded[0]);
  if (!x->loaded[1])
    return sum;
  for (int i = 0; i < NC_MAX_LOADED && x->loaded[i]; i++) {
    NcKExpr *stride = nc_sched_constant(s, NC_I64, (double)stride_along(x, x->loaded_dim[i]));
    NcKExpr *part =
        nc_sched_binary(s, NC_X_MUL, NC_I64, i == 0 ? sum : convert(s, x->loaded[i]), stride);
    sum = i == 0 ? part : nc_sched_binary(s, NC_X_ADD, NC_I64, sum, part);
  }
  *scale = 1;
  return sum;
}

static NcKExpr *convert_load(NcSched *s, NcExpr *x) {
  int64_t scale = 1;
  NcKExpr *loaded = convert_loaded(s, x, &scale);
  int64_t stride = nc_sched_lane_stride(s, &x->index[0]);
  int lanes = stride || (loaded && loaded->lanes > 1) ? s->lanes : 1;
  NcKExpr *y = nc_k_expr(s->arena, NC_X_LOAD, x->dtype, lanes);
  y->buffer = nc_sched_buffer(s, x->tensor, false);
  y->index = nc_sched_position(s, &x->index[0]);
  y->lane_stride = stride;
  if (lanes > 1)
    y->active = nc_sched_touched(s, stride, x->slack);
  y->loaded = loaded;
  y->loaded_scale = scale;
  return y;
}

// The argument of a sum that is a product and nothing else needs, or -1.
static int contracted(const NcSched *s, const NcExpr *x) {
  if (!s->contracts || x->kind != NC_X_ADD || !nc_dtype_is_float(x->dtype))
    return -1;
  for (int i = 0; i < 2; i++)
    if (x->args[i]->kind == NC_X_MUL && x->args[i]->uses == 1 && !x->args[i]->lowered)
      return i;
  return -1;
}

static NcKExpr *contract(NcSched *s, const NcExpr *x, int product) {
  NcKExpr *acc = convert(s, x->args[1 - product]), *args[2];
  for (int i = 0; i < 2; i++)
    args[i] = convert(s, x->args[product]->args[i]);
  NcKExpr *y = nc_sched_binary(s, NC_X_MUL, x->dtype, args[0], args[1]);
  return nc_sched_combine(s, NC_REDUCE_SUM, acc, y);
}

static NcKExpr *convert_arguments(NcSched *s, NcExpr *x) {
  int product = contracted(s, x);
  if (product >= 0)
    return contract(s, x, product);
  NcKExpr *args[3] = {NULL, NULL, NULL};
  int lanes = 1;
  for (int i = 0; i < 3 && x->args[i]; i++) {
    args[i] = convert(s, x->args[i]);
    lanes = args[i]->lanes > lanes ? args[i]->lanes : lanes;
  }
  NcKExpr *y = nc_k_expr(s->arena, (int)x->kind, x->dtype, lanes);
  for (int i = 0; i < 3 && args[i]; i++)
    y->args[i] = nc_sched_splat(s, args[i], lanes);
  return y;
}

// The axis over N: the sample that a fault names.
static int batch_axis(const NcSched *s) {
  for (int i = 0; i < s->nest->axis_count + s->nest->reduce_count; i++)
    if (s->nest->extents[i].n)
      return i;
  return -1;
}

// The number of a value that the call gives.
static int given(NcSched *s, int64_t value) {
  for (int i = 0; i < s->kernel->given.count; i++)
    if (s->kernel->given.items[i] == value)
      return i;
  nc_vec_push(s->arena, s->kernel->given, value);
  return s->kernel->given.count - 1;
}

static NcKExpr *convert_check(NcSched *s, NcExpr *x) {
  NcKExpr *value = nc_sched_let(s, convert(s, x->args[0]));
  NcKExpr *condition = convert(s, x->args[1]);
  int lanes = value->lanes > condition->lanes ? value->lanes : condition->lanes,
      axis = batch_axis(s);
  NcKStmt *stmt = nc_sched_stmt(s, NC_K_CHECK);
  stmt->local = given(s, x->integer);
  stmt->value = nc_sched_splat(s, value, lanes);
  stmt->condition = nc_sched_splat(s, condition, lanes);
  stmt->active = lanes > 1 ? nc_sched_touched(s, 0, 0) : 0;
  if (axis >= 0) {
    stmt->index = s->position[axis];
    stmt->lane_stride = s->lane_axis == axis;
    stmt->step = s->nest->extents[axis].n;
  }
  return value;
}

static NcKExpr *convert_new(NcSched *s, NcExpr *x) {
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
    y = nc_k_expr(s->arena, NC_X_INDEX, NC_I64,
                  nc_sched_lane_stride(s, &x->index[0]) ? s->lanes : 1);
    y->index = nc_sched_position(s, &x->index[0]);
    y->lane_stride = nc_sched_lane_stride(s, &x->index[0]);
    return y;
  case NC_X_FRAME:
    y = nc_k_expr(s->arena, NC_X_FRAME, NC_I64, 1);
    y->frame = x->frame;
    return y;
  case NC_X_GIVEN:
    y = nc_k_expr(s->arena, NC_X_GIVEN, NC_I64, 1);
    y->local = given(s, x->integer);
    return y;
  case NC_X_ACC:
    return s->acc_value;
  case NC_X_CHECK:
    return convert_check(s, x);
  default:
    y = convert_arguments(s, x);
    return nc_math_is_expanded(s, y->kind, y->dtype) ? nc_math_expand(s, y) : y;
  }
}

NcKExpr *nc_sched_let(NcSched *s, NcKExpr *value) {
  if (value->kind == NC_K_TEMP)
    return value;
  NcKStmt *stmt = nc_sched_stmt(s, NC_K_LET);
  stmt->local = s->kernel->temp_count++;
  stmt->value = value;
  NcKExpr *y = nc_k_expr(s->arena, NC_K_TEMP, value->dtype, value->lanes);
  y->local = stmt->local;
  return y;
}

static NcKExpr *convert(NcSched *s, NcExpr *x) {
  if (x->lowered)
    return x->lowered;
  NcKExpr *y = convert_new(s, x);
  bool simple = x->kind == NC_X_CONST || x->kind == NC_X_FRAME || x->kind == NC_X_GIVEN ||
                x->kind == NC_X_ACC;
  if (x->uses > 1 && !simple)
    y = nc_sched_let(s, y);
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
  for (int i = 0; i < NC_MAX_LOADED && x->loaded[i]; i++)
    x->loaded[i]->uses++;
}

NcKExpr *nc_sched_expr(NcSched *s, NcExpr *x) {
  nc_expr_walk(x, reset_node, NULL);
  nc_expr_walk(x, count_uses, NULL);
  return convert(s, x);
}

void nc_sched_exprs(NcSched *s, NcExpr *const *exprs, int count, NcKExpr **values) {
  nc_exprs_walk(exprs, count, reset_node, NULL);
  nc_exprs_walk(exprs, count, count_uses, NULL);
  for (int i = 0; i < count; i++)
    exprs[i]->uses += 2; // its own use, and one more: it has a name
  for (int i = 0; i < count; i++)
    values[i] = convert(s, exprs[i]);
}

static NcKIndex acc_index(const NcSched *s) {
  NcKIndex index = nc_k_constant(0);
  for (int t = 0; t < s->plan.tile_count; t++) {
    index = nc_k_scale(index, s->sizes[t]);
    index = nc_k_add(index, s->tile_at[t]);
  }
  return index;
}

NcKExpr *nc_sched_get(NcSched *s, const int *locals) {
  int local = locals[s->vector_at];
  NcKLocal *l = &s->kernel->locals.items[local];
  NcKExpr *x = nc_k_expr(s->arena, NC_K_LOCAL, l->dtype, l->lanes);
  x->local = local;
  x->index = acc_index(s);
  return x;
}

void nc_sched_set(NcSched *s, const int *locals, NcKExpr *value) {
  NcKStmt *stmt = nc_sched_stmt(s, NC_K_SET);
  stmt->local = locals[s->vector_at];
  stmt->index = acc_index(s);
  stmt->value = nc_sched_splat(s, value, s->kernel->locals.items[stmt->local].lanes);
}

NcKExpr *nc_sched_active(NcSched *s, NcKExpr *value, NcKExpr *other) {
  if (s->active == s->lanes)
    return value;
  NcKExpr *lane = nc_k_expr(s->arena, NC_X_INDEX, NC_I64, s->lanes);
  lane->lane_stride = 1;
  NcKExpr *active =
      nc_sched_binary(s, NC_X_LT, NC_BOOL, lane, nc_sched_constant(s, NC_I64, s->active));
  return nc_sched_choose(s, active, value, other);
}

NcKExpr *nc_sched_constant(NcSched *s, NcDtype dtype, double value) {
  NcKExpr *x = nc_k_expr(s->arena, NC_X_CONST, dtype, 1);
  x->value = value;
  x->integer = (int64_t)value;
  return x;
}

// The value that changes nothing.
NcExpr *nc_sched_neutral_value(NcTeBuilder *builder, NcReduce reduce, NcDtype dtype) {
  bool max = reduce == NC_REDUCE_MAX, min = reduce == NC_REDUCE_MIN;
  static const int64_t least[] = {0, 0, INT32_MIN, INT64_MIN},
                       greatest[] = {1, UINT8_MAX, INT32_MAX, INT64_MAX};
  if (nc_dtype_is_float(dtype))
    return nc_x_const(builder, dtype, max ? -INFINITY : min ? INFINITY : 0);
  return nc_x_const_int(builder, dtype, max ? least[dtype] : min ? greatest[dtype] : 0);
}

NcKExpr *nc_sched_neutral(NcSched *s, NcDtype dtype) {
  return convert_new(s, nc_sched_neutral_value(s->builder, s->nest->reduce, dtype));
}

NcKExpr *nc_sched_binary(NcSched *s, int kind, NcDtype dtype, NcKExpr *a, NcKExpr *b) {
  int lanes = a->lanes > b->lanes ? a->lanes : b->lanes;
  NcKExpr *x = nc_k_expr(s->arena, kind, dtype, lanes);
  x->args[0] = nc_sched_splat(s, a, lanes);
  x->args[1] = nc_sched_splat(s, b, lanes);
  return x;
}

NcKExpr *nc_sched_cast(NcSched *s, NcKExpr *x, NcDtype dtype) {
  if (x->dtype == dtype)
    return x;
  NcKExpr *y = nc_k_expr(s->arena, NC_X_CAST, dtype, x->lanes);
  y->args[0] = x;
  return y;
}

NcKExpr *nc_sched_choose(NcSched *s, NcKExpr *condition, NcKExpr *a, NcKExpr *b) {
  int lanes = a->lanes > b->lanes ? a->lanes : b->lanes;
  lanes = condition->lanes > lanes ? condition->lanes : lanes;
  NcKExpr *x = nc_k_expr(s->arena, NC_X_SELECT, a->dtype, lanes);
  x->args[0] = nc_sched_splat(s, condition, lanes);
  x->args[1] = nc_sched_splat(s, a, lanes);
  x->args[2] = nc_sched_splat(s, b, lanes);
  return x;
}

NcKExpr *nc_sched_combine(NcSched *s, NcReduce reduce, NcKExpr *acc, NcKExpr *value) {
  static const int kinds[] = {
      [NC_REDUCE_SUM] = NC_X_ADD, [NC_REDUCE_MAX] = NC_X_MAX, [NC_REDUCE_MIN] = NC_X_MIN};
  bool product = value->kind == NC_X_MUL && nc_dtype_is_float(value->dtype);
  if (reduce != NC_REDUCE_SUM || !s->fma || !product)
    return nc_sched_binary(s, kinds[reduce], acc->dtype, acc, value);
  int lanes = acc->lanes > value->lanes ? acc->lanes : value->lanes;
  NcKExpr *x = nc_k_expr(s->arena, NC_K_FMA, acc->dtype, lanes);
  x->args[0] = nc_sched_splat(s, value->args[0], lanes);
  x->args[1] = nc_sched_splat(s, value->args[1], lanes);
  x->args[2] = nc_sched_splat(s, acc, lanes);
  return x;
}

// ---- words

// The bits of so many points.
static NcKExpr *bits(NcSched *s, NcExpr *condition, int axis, NcKIndex at, int lanes) {
  s->lanes = s->active = lanes;
  s->lane_axis = lanes > 1 ? axis : -1;
  s->position[axis] = at;
  NcKExpr *mask = nc_k_expr(s->arena, NC_K_MASK, NC_I64, 1);
  mask->args[0] = nc_sched_splat(s, nc_sched_expr(s, condition), lanes);
  return mask;
}

static NcKExpr *with(NcSched *s, NcKExpr *word, NcKExpr *bits, NcKExpr *place) {
  bits = nc_sched_binary(s, NC_K_SHL, NC_I64, bits, place);
  return nc_sched_binary(s, NC_X_OR, NC_I64, word, bits);
}

// As many points at once as vectors have lanes.
static NcKExpr *word_of_lanes(NcSched *s, NcExpr *condition, int axis, NcKIndex from,
                              int64_t points) {
  NcKExpr *word = NULL;
  int lanes = NC_MAX_LANES;
  for (int64_t at = 0; at < points; at += lanes) {
    while (lanes > points - at)
      lanes /= 2;
    NcKExpr *some = bits(s, condition, axis, nc_k_add(from, nc_k_constant(at)), lanes);
    word = word ? with(s, word, some, nc_sched_constant(s, NC_I64, (double)at)) : some;
  }
  return word;
}

// Point by point, where there are no vectors.
static NcKExpr *word_of_points(NcSched *s, NcExpr *condition, int axis, NcKIndex from,
                               int64_t points) {
  int local[NC_MAX_VECTORS] = {nc_sched_local(s, NC_I64, 1, 1)};
  nc_sched_set(s, local, nc_sched_constant(s, NC_I64, 0));
  NcKStmt *loop = nc_sched_loop(s, nc_k_constant(0), nc_k_constant(points), 1);
  NcKBlock *outer = s->block;
  s->block = &loop->body;
  NcKExpr *place = nc_k_expr(s->arena, NC_X_INDEX, NC_I64, 1);
  place->index = nc_k_var(loop->var);
  NcKExpr *bit = bits(s, condition, axis, nc_k_add(from, place->index), 1);
  nc_sched_set(s, local, with(s, nc_sched_get(s, local), bit, place));
  s->block = outer;
  return nc_sched_get(s, local);
}

NcKExpr *nc_sched_word(NcSched *s, NcExpr *condition, int axis, NcKIndex from, int64_t points) {
  int lanes = s->lanes, active = s->active, lane_axis = s->lane_axis;
  NcKExpr *word = s->plan.lanes > 1 ? word_of_lanes(s, condition, axis, from, points)
                                    : word_of_points(s, condition, axis, from, points);
  s->lanes = lanes;
  s->active = active;
  s->lane_axis = lane_axis;
  return nc_sched_let(s, word);
}
