// Building tensor expressions.
#include "kernel/tensor.h"

#include <assert.h>
#include <string.h>

NcAffine nc_affine_constant(int64_t value) {
  NcAffine a = {0};
  a.constant = value;
  return a;
}

NcAffine nc_affine_axis(int axis) {
  NcAffine a = {0};
  a.coef[axis] = 1;
  return a;
}

// Addresses in tensors too large for any machine may overflow. They wrap: such a program is
// planned, and refused when it asks for its memory.
static int64_t plus(int64_t a, int64_t b) { return (int64_t)((uint64_t)a + (uint64_t)b); }
static int64_t times(int64_t a, int64_t b) { return (int64_t)((uint64_t)a * (uint64_t)b); }

bool nc_affine_is_axis(const NcAffine *a, int axis) {
  NcAffine alone = nc_affine_axis(axis);
  return memcmp(a, &alone, sizeof alone) == 0;
}

int nc_affine_sole_axis(const NcAffine *a) {
  for (int i = 0; i < NC_MAX_AXES; i++)
    if (nc_affine_is_axis(a, i))
      return i;
  return -1;
}

NcAffine nc_affine_add(NcAffine a, NcAffine b) {
  a.constant = plus(a.constant, b.constant);
  for (int i = 0; i < NC_MAX_AXES; i++)
    a.coef[i] = plus(a.coef[i], b.coef[i]);
  return a;
}

NcAffine nc_affine_scale(NcAffine a, int64_t factor) {
  a.constant = times(a.constant, factor);
  for (int i = 0; i < NC_MAX_AXES; i++)
    a.coef[i] = times(a.coef[i], factor);
  return a;
}

NcAffine nc_affine_offset(NcAffine a, int64_t constant) {
  a.constant += constant;
  return a;
}

static NcTe *new_tensor(NcTeBuilder *builder, NcTeKind kind, NcType type) {
  NcTe *te = NC_NEW(builder->arena, NcTe);
  te->kind = kind;
  te->type = type;
  te->node = builder->node;
  te->lead = te;
  te->id = builder->next_id++;
  nc_vec_push(builder->arena, builder->tensors, te);
  return te;
}

NcTe *nc_te_compute(NcTeBuilder *builder, NcType type) {
  NcTe *te = new_tensor(builder, NC_TE_COMPUTE, type);
  for (int d = 0; d < type.rank; d++)
    te->store[d] = nc_affine_axis(nc_te_axis(te, type.dims[d]));
  return te;
}

NcTe *nc_te_scatter(NcTeBuilder *builder, NcType type) {
  return new_tensor(builder, NC_TE_COMPUTE, type);
}

int nc_te_axis(NcTe *te, NcDim extent) {
  assert(te->reduce_count == 0 && te->axis_count < NC_MAX_AXES);
  te->extents[te->axis_count] = extent;
  return te->axis_count++;
}

int nc_te_reduce(NcTe *te, NcDim extent) {
  int axis = te->axis_count + te->reduce_count;
  assert(axis < NC_MAX_AXES);
  te->extents[axis] = extent;
  te->reduce_count++;
  return axis;
}

int nc_te_plain_axis(const NcTe *te, int dim) {
  for (int i = 0; i < te->axis_count; i++)
    if (nc_affine_is_axis(&te->store[dim], i))
      return i;
  return -1;
}

bool nc_te_stores_axes(const NcTe *te) {
  for (int d = 0; d < te->type.rank; d++)
    if (nc_te_plain_axis(te, d) < 0)
      return false;
  return te->axis_count == te->type.rank;
}

bool nc_te_stores_here(const NcTe *te) {
  if (te->partial || te->axis_count != te->type.rank)
    return false;
  for (int d = 0; d < te->type.rank; d++)
    if (!nc_affine_is_axis(&te->store[d], d))
      return false;
  return true;
}

bool nc_te_is_map(const NcTe *te) {
  return te->kind == NC_TE_COMPUTE && te->reduce == NC_REDUCE_NONE && nc_te_stores_here(te);
}

bool nc_load_is_here(const NcExpr *load, const NcTe *te) {
  const NcType *type = &load->tensor->type;
  bool here = !load->padded && !load->loaded[0] && type->rank == te->axis_count;
  for (int d = 0; d < type->rank && here; d++)
    here = load->steps[d] == 1 && nc_affine_is_axis(&load->index[d], d) &&
           nc_dim_equal(type->dims[d], te->extents[d]);
  return here;
}

bool nc_load_is_equal(const NcExpr *a, const NcExpr *b) {
  return memcmp(a->index, b->index, sizeof a->index[0] * (size_t)a->tensor->type.rank) == 0;
}

NcTe *nc_te_copy(NcTeBuilder *builder, NcTe *te) {
  builder->node = te->node;
  NcTe *copy = nc_te_compute(builder, te->type);
  NcAffine index[NC_MAX_RANK];
  for (int d = 0; d < te->type.rank; d++)
    index[d] = nc_affine_axis(d);
  copy->body = nc_x_load(builder, te, index);
  return copy;
}

NcTe *nc_te_twin(NcTeBuilder *builder, const NcTe *te) {
  builder->node = te->node;
  NcTe *twin = new_tensor(builder, te->kind, te->type);
  int id = twin->id;
  *twin = *te;
  twin->id = id;
  twin->lead = twin;
  return twin;
}

NcTe *nc_te_leaf(NcTeBuilder *builder, NcType type) {
  return new_tensor(builder, NC_TE_LEAF, type);
}

NcTe *nc_te_view(NcTeBuilder *builder, NcTe *base, NcType type) {
  NcTe *te = new_tensor(builder, NC_TE_VIEW, type);
  te->base = base->kind == NC_TE_VIEW ? base->base : base;
  return te;
}

NcTes nc_te_list(const NcTeBuilder *builder, NcArena *arena) {
  NcTes list = {0};
  for (int i = 0; i < builder->tensors.count; i++)
    nc_vec_push(arena, list, builder->tensors.items[i]);
  return list;
}

void nc_te_set_list(NcTeBuilder *builder, const NcTes *tensors) {
  builder->tensors.count = 0;
  for (int i = 0; i < tensors->count; i++)
    nc_vec_push(builder->arena, builder->tensors, tensors->items[i]);
}

static const char *const names[NC_X_KIND_COUNT] = {
    [NC_X_CAST] = "cast", [NC_X_SELECT] = "select", [NC_X_CHECK] = "check", [NC_X_NEG] = "neg",
    [NC_X_NOT] = "not",   [NC_X_ABS] = "abs",       [NC_X_EXP] = "exp",     [NC_X_LOG] = "log",
    [NC_X_SQRT] = "sqrt", [NC_X_TANH] = "tanh",     [NC_X_SIN] = "sin",     [NC_X_COS] = "cos",
    [NC_X_ERF] = "erf",   [NC_X_FLOOR] = "floor",   [NC_X_ADD] = "+",       [NC_X_SUB] = "-",
    [NC_X_MUL] = "*",     [NC_X_DIV] = "/",         [NC_X_MAX] = "max",     [NC_X_MIN] = "min",
    [NC_X_POW] = "pow",   [NC_X_EQ] = "==",         [NC_X_NE] = "!=",       [NC_X_LT] = "<",
    [NC_X_LE] = "<=",     [NC_X_AND] = "&",         [NC_X_OR] = "|",        [NC_X_XOR] = "^",
    [NC_X_SHR] = ">>",    [NC_X_MULHI] = "mulhi",
};

const char *nc_x_name(int kind) { return names[kind]; }

const char *nc_frame_name(NcFrameValue frame) {
  static const char *const frames[] = {"batch", "seed", "step", "epoch"};
  return frames[frame];
}

static NcExpr *new_expr(NcTeBuilder *builder, NcExprKind kind, NcDtype dtype) {
  NcExpr *x = NC_NEW(builder->arena, NcExpr);
  x->kind = kind;
  x->dtype = dtype;
  x->loads = kind == NC_X_LOAD;
  return x;
}

static void set_arg(NcExpr *x, int i, NcExpr *arg) {
  x->args[i] = arg;
  x->loads = x->loads || arg->loads;
}

NcExpr *nc_x_const(NcTeBuilder *builder, NcDtype dtype, double value) {
  NcExpr *x = new_expr(builder, NC_X_CONST, dtype);
  if (nc_dtype_is_float(dtype))
    x->value = dtype == NC_F32 ? (double)(float)value : value;
  else
    x->integer = (int64_t)value;
  return x;
}

NcExpr *nc_x_const_int(NcTeBuilder *builder, NcDtype dtype, int64_t value) {
  NcExpr *x = new_expr(builder, NC_X_CONST, dtype);
  if (nc_dtype_is_float(dtype))
    x->value = (double)value;
  else
    x->integer = value;
  return x;
}

void nc_expr_index(NcTeBuilder *builder, NcExpr *x, int rank) {
  int count = rank > 1 ? rank : 1;
  x->index = NC_NEW_ARRAY(builder->arena, NcAffine, count);
  if (x->kind == NC_X_LOAD)
    x->steps = NC_NEW_ARRAY(builder->arena, int64_t, count);
}

NcExpr *nc_x_load(NcTeBuilder *builder, NcTe *tensor, const NcAffine *index) {
  NcExpr *x = new_expr(builder, NC_X_LOAD, tensor->type.dtype);
  x->tensor = tensor;
  nc_expr_index(builder, x, tensor->type.rank);
  for (int d = 0; d < tensor->type.rank; d++) {
    x->index[d] = index[d];
    x->steps[d] = 1;
  }
  return x;
}

NcExpr *nc_x_load_padded(NcTeBuilder *builder, NcTe *tensor, const NcAffine *index, double fill) {
  NcExpr *x = nc_x_load(builder, tensor, index);
  x->padded = true;
  x->fill = fill;
  return x;
}

NcExpr *nc_x_index(NcTeBuilder *builder, NcAffine affine) {
  NcExpr *x = new_expr(builder, NC_X_INDEX, NC_I64);
  nc_expr_index(builder, x, 1);
  x->index[0] = affine;
  return x;
}

NcExpr *nc_x_frame(NcTeBuilder *builder, NcFrameValue frame) {
  NcExpr *x = new_expr(builder, NC_X_FRAME, NC_I64);
  x->frame = frame;
  return x;
}

NcExpr *nc_x_given(NcTeBuilder *builder, int64_t value) {
  NcExpr *x = new_expr(builder, NC_X_GIVEN, NC_I64);
  x->integer = value;
  return x;
}

NcExpr *nc_x_acc(NcTeBuilder *builder, NcDtype dtype) { return new_expr(builder, NC_X_ACC, dtype); }

NcExpr *nc_x_cast(NcTeBuilder *builder, NcDtype dtype, NcExpr *a) {
  if (a->dtype == dtype)
    return a;
  NcExpr *x = new_expr(builder, NC_X_CAST, dtype);
  set_arg(x, 0, a);
  return x;
}

NcExpr *nc_x_select(NcTeBuilder *builder, NcExpr *condition, NcExpr *a, NcExpr *b) {
  assert(condition->dtype == NC_BOOL && a->dtype == b->dtype);
  NcExpr *x = new_expr(builder, NC_X_SELECT, a->dtype);
  set_arg(x, 0, condition);
  set_arg(x, 1, a);
  set_arg(x, 2, b);
  return x;
}

NcExpr *nc_x_check(NcTeBuilder *builder, NcExpr *value, NcExpr *condition) {
  assert(condition->dtype == NC_BOOL && !nc_dtype_is_float(value->dtype));
  NcExpr *x = new_expr(builder, NC_X_CHECK, value->dtype);
  set_arg(x, 0, value);
  set_arg(x, 1, condition);
  x->integer = builder->node->id;
  return x;
}

NcExpr *nc_x_unary(NcTeBuilder *builder, NcExprKind kind, NcExpr *a) {
  NcExpr *x = new_expr(builder, kind, a->dtype);
  set_arg(x, 0, a);
  return x;
}

NcExpr *nc_x_binary(NcTeBuilder *builder, NcExprKind kind, NcExpr *a, NcExpr *b) {
  assert(a->dtype == b->dtype);
  bool compares = kind == NC_X_EQ || kind == NC_X_NE || kind == NC_X_LT || kind == NC_X_LE;
  NcExpr *x = new_expr(builder, kind, compares ? NC_BOOL : a->dtype);
  set_arg(x, 0, a);
  set_arg(x, 1, b);
  return x;
}
