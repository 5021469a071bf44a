// A naive interpreter of tensor expressions: every point in order, every load from memory. It is
// slow and has no schedule, so it tells a wrong expression from a wrong loop. Beside each element
// it gives the sum of its terms' magnitudes, from which the rounding error that any order of
// summation may have is bounded.
#ifndef NC_TESTS_OPS_EXPRESSIONS_H
#define NC_TESTS_OPS_EXPRESSIONS_H

#include "kernel/tensor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct TeRun {
  NcArena *arena;
  int64_t batch, step, epoch;
  uint64_t seed;
  NcTensor **values; // of tensors by id
  double **bounds;   // how far their elements may be off, by id; NULL for leaves
} TeRun;

// A float in f, everything else in i.
typedef struct TeValue {
  double f;
  int64_t i;
} TeValue;

typedef struct TePoint {
  const TeRun *run;
  const int64_t *axes;
  TeValue acc;
} TePoint;

static inline int64_t te_affine(const NcAffine *a, const int64_t *axes) {
  int64_t value = a->constant;
  for (int i = 0; i < NC_MAX_AXES; i++)
    if (a->coef[i] != 0)
      value += a->coef[i] * axes[i];
  return value;
}

static inline TeValue te_round(NcDtype dtype, TeValue v) {
  if (dtype == NC_F32)
    v.f = (double)(float)v.f;
  else if (dtype == NC_I32)
    v.i = (int32_t)v.i;
  else if (dtype == NC_U8)
    v.i = (uint8_t)v.i;
  else if (dtype == NC_BOOL)
    v.i = v.i != 0;
  return v;
}

static inline TeValue te_of_double(double f) { return (TeValue){.f = f}; }
static inline TeValue te_of_int(int64_t i) { return (TeValue){.i = i}; }

static inline TeValue te_expr(const TePoint *point, const NcExpr *x);

static inline TeValue te_element(const NcTensor *tensor, int64_t i) {
  return nc_dtype_is_float(tensor->type.dtype) ? te_of_double(nc_tensor_get(tensor, i))
                                               : te_of_int(nc_tensor_get_int(tensor, i));
}

static inline void te_outside(const NcExpr *x) {
  fprintf(stderr, "a load from %s leaves its tensor\n",
          x->tensor->node ? x->tensor->node->op->name : "?");
  abort();
}

// The number of the element that a load reads; -1 if it gives the fill.
static inline int64_t te_locate(const TePoint *point, const NcExpr *x) {
  const NcTensor *tensor = point->run->values[x->tensor->id];
  int64_t index[NC_MAX_RANK];
  for (int d = 0; d < tensor->type.rank; d++) {
    index[d] = te_affine(&x->index[d], point->axes);
    for (int i = 0; i < NC_MAX_LOADED && x->loaded[i]; i++)
      if (d == x->loaded_dim[i])
        index[d] += te_expr(point, x->loaded[i]).i;
    bool skipped = index[d] % x->steps[d] != 0;
    index[d] = skipped ? 0 : index[d] / x->steps[d];
    if (!skipped && index[d] >= 0 && index[d] < tensor->type.dims[d].c)
      continue;
    if (!x->padded)
      te_outside(x);
    return -1;
  }
  return nc_tensor_offset(tensor, index);
}

static inline TeValue te_load(const TePoint *point, const NcExpr *x) {
  int64_t i = te_locate(point, x);
  if (i >= 0)
    return te_element(point->run->values[x->tensor->id], i);
  return te_round(x->dtype, nc_dtype_is_float(x->dtype) ? te_of_double(x->fill)
                                                        : te_of_int((int64_t)x->fill));
}

static inline TeValue te_cast(NcDtype to, NcDtype from, TeValue v) {
  bool was_float = nc_dtype_is_float(from);
  if (nc_dtype_is_float(to))
    return te_of_double(was_float ? v.f : (double)v.i);
  if (to == NC_BOOL)
    return te_of_int(was_float ? v.f != 0 : v.i != 0);
  if (!was_float)
    return v;
  double low = to == NC_U8 ? 0 : to == NC_I32 ? INT32_MIN : (double)INT64_MIN;
  double high = to == NC_U8 ? 255 : to == NC_I32 ? INT32_MAX : (double)INT64_MAX;
  if (isnan(v.f))
    return te_of_int(0);
  if (v.f >= high)
    return te_of_int(to == NC_I64 ? INT64_MAX : (int64_t)high);
  return te_of_int(v.f <= low ? (int64_t)low : (int64_t)v.f);
}

static inline TeValue te_frame(const TeRun *run, NcFrameValue frame) {
  switch (frame) {
  case NC_FRAME_BATCH:
    return te_of_int(run->batch);
  case NC_FRAME_SEED:
    return te_of_int((int64_t)run->seed);
  case NC_FRAME_STEP:
    return te_of_int(run->step);
  default:
    return te_of_int(run->epoch);
  }
}

static inline double te_unary_float(NcExprKind kind, double a) {
  switch (kind) {
  case NC_X_NEG:
    return -a;
  case NC_X_ABS:
    return fabs(a);
  case NC_X_EXP:
    return exp(a);
  case NC_X_LOG:
    return log(a);
  case NC_X_SQRT:
    return sqrt(a);
  case NC_X_TANH:
    return tanh(a);
  case NC_X_SIN:
    return sin(a);
  case NC_X_COS:
    return cos(a);
  case NC_X_ERF:
    return erf(a);
  default:
    return floor(a);
  }
}

static inline int64_t te_unary_int(NcExprKind kind, int64_t a) {
  if (kind == NC_X_NOT)
    return !a;
  bool negate = kind == NC_X_NEG || (kind == NC_X_ABS && a < 0);
  return negate ? (int64_t)(0 - (uint64_t)a) : a;
}

static inline double te_binary_float(NcExprKind kind, double a, double b) {
  switch (kind) {
  case NC_X_ADD:
    return a + b;
  case NC_X_SUB:
    return a - b;
  case NC_X_MUL:
    return a * b;
  case NC_X_DIV:
    return a / b;
  case NC_X_MAX:
    return a > b || isnan(a) ? a : b;
  case NC_X_MIN:
    return a < b || isnan(a) ? a : b;
  default:
    return pow(a, b);
  }
}

static inline int64_t te_pow(int64_t a, int64_t b) {
  if (b < 0)
    return a == 1 ? 1 : a == -1 ? (b % 2 ? -1 : 1) : 0;
  uint64_t result = 1, base = (uint64_t)a;
  for (uint64_t e = (uint64_t)b; e > 0; e >>= 1, base *= base)
    if (e & 1)
      result *= base;
  return (int64_t)result;
}

static inline int64_t te_divide(int64_t a, int64_t b) {
  if (b == 0)
    return 0;
  return b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
}

static inline int64_t te_binary_int(NcExprKind kind, NcDtype dtype, int64_t a, int64_t b) {
  switch (kind) {
  case NC_X_ADD:
    return (int64_t)((uint64_t)a + (uint64_t)b);
  case NC_X_SUB:
    return (int64_t)((uint64_t)a - (uint64_t)b);
  case NC_X_MUL:
    return (int64_t)((uint64_t)a * (uint64_t)b);
  case NC_X_DIV:
    return te_divide(a, b);
  case NC_X_MAX:
    return a > b ? a : b;
  case NC_X_MIN:
    return a < b ? a : b;
  case NC_X_POW:
    return te_pow(a, b);
  case NC_X_AND:
    return a & b;
  case NC_X_OR:
    return a | b;
  case NC_X_XOR:
    return a ^ b;
  case NC_X_SHR:
    return (int64_t)((dtype == NC_I32 ? (uint64_t)(uint32_t)a : (uint64_t)a) >> b);
  default: // MULHI
    return (int64_t)(((uint64_t)(uint32_t)a * (uint32_t)b) >> 32);
  }
}

static inline bool te_compare(NcExprKind kind, NcDtype dtype, TeValue a, TeValue b) {
  bool is_float = nc_dtype_is_float(dtype);
  switch (kind) {
  case NC_X_EQ:
    return is_float ? a.f == b.f : a.i == b.i;
  case NC_X_NE:
    return is_float ? a.f != b.f : a.i != b.i;
  case NC_X_LT:
    return is_float ? a.f < b.f : a.i < b.i;
  default:
    return is_float ? a.f <= b.f : a.i <= b.i;
  }
}

static inline TeValue te_arithmetic(const TePoint *point, const NcExpr *x) {
  NcDtype dtype = x->args[0]->dtype;
  TeValue a = te_expr(point, x->args[0]);
  if (x->kind < NC_X_ADD)
    return nc_dtype_is_float(dtype) ? te_of_double(te_unary_float(x->kind, a.f))
                                    : te_of_int(te_unary_int(x->kind, a.i));
  TeValue b = te_expr(point, x->args[1]);
  if (x->kind >= NC_X_EQ && x->kind <= NC_X_LE)
    return te_of_int(te_compare(x->kind, dtype, a, b));
  return nc_dtype_is_float(dtype) ? te_of_double(te_binary_float(x->kind, a.f, b.f))
                                  : te_of_int(te_binary_int(x->kind, dtype, a.i, b.i));
}

static inline TeValue te_expr(const TePoint *point, const NcExpr *x) {
  switch (x->kind) {
  case NC_X_CONST:
    return te_round(x->dtype, (TeValue){x->value, x->integer});
  case NC_X_LOAD:
    return te_load(point, x);
  case NC_X_INDEX:
    return te_of_int(te_affine(&x->index[0], point->axes));
  case NC_X_FRAME:
    return te_frame(point->run, x->frame);
  case NC_X_GIVEN:
    return te_of_int(x->integer);
  case NC_X_ACC:
    return point->acc;
  case NC_X_CAST:
    return te_round(x->dtype, te_cast(x->dtype, x->args[0]->dtype, te_expr(point, x->args[0])));
  case NC_X_SELECT:
    return te_expr(point, x->args[te_expr(point, x->args[0]).i ? 1 : 2]);
  default:
    return te_round(x->dtype, te_arithmetic(point, x));
  }
}

// Advances the axes from `first` on; false after the last point.
static inline bool te_next(const NcTe *te, int64_t batch, int64_t *axes, int first, int count) {
  for (int i = first + count - 1; i >= first; i--) {
    if (++axes[i] < nc_dim_value(te->extents[i], batch))
      return true;
    axes[i] = 0;
  }
  return false;
}

static inline bool te_empty(const NcTe *te, int64_t batch, int first, int count) {
  for (int i = first; i < first + count; i++)
    if (nc_dim_value(te->extents[i], batch) == 0)
      return true;
  return false;
}

typedef struct TeSum {
  TeValue value;
  double magnitude; // sum of the terms' magnitudes
  int64_t terms;
} TeSum;

static inline TeValue te_start(const NcTe *te, NcDtype dtype) {
  bool is_float = nc_dtype_is_float(dtype);
  if (te->reduce == NC_REDUCE_SUM || te->reduce == NC_REDUCE_ARGMAX)
    return (TeValue){0, 0};
  double sign = te->reduce == NC_REDUCE_MAX ? -1 : 1;
  if (is_float)
    return te_of_double(sign * (double)INFINITY);
  bool least = te->reduce == NC_REDUCE_MAX;
  if (dtype == NC_U8)
    return te_of_int(least ? 0 : 255);
  if (dtype == NC_I32)
    return te_of_int(least ? INT32_MIN : INT32_MAX);
  return te_of_int(least ? INT64_MIN : INT64_MAX);
}

// One more element of an argmax: the first largest or the first NaN.
static inline bool te_wins(NcDtype dtype, TeValue v, TeValue best) {
  if (!nc_dtype_is_float(dtype))
    return v.i > best.i;
  return v.f > best.f || (isnan(v.f) && !isnan(best.f));
}

static inline void te_reduce_axes(const NcTe *te, const TePoint *point, int64_t *axes, TeSum *sum) {
  NcDtype dtype = te->body->dtype;
  TeValue best = {0, 0};
  int64_t number = 0, chosen = -1;
  sum->value = te_start(te, dtype);
  if (te_empty(te, point->run->batch, te->axis_count, te->reduce_count))
    return;
  do {
    if (!te->where || te_expr(point, te->where).i) {
      TeValue v = te_expr(point, te->body);
      sum->terms++;
      sum->magnitude += fabs(nc_dtype_is_float(dtype) ? v.f : (double)v.i);
      if (te->reduce == NC_REDUCE_ARGMAX) {
        if (chosen < 0 || te_wins(dtype, v, best))
          chosen = number, best = v;
      } else {
        NcExprKind kind = te->reduce == NC_REDUCE_SUM   ? NC_X_ADD
                          : te->reduce == NC_REDUCE_MAX ? NC_X_MAX
                                                        : NC_X_MIN;
        // Sums are kept in double, so that only the terms are rounded.
        sum->value.f = te_binary_float(kind, sum->value.f, v.f);
        sum->value.i = te_round(dtype, te_of_int(te_binary_int(kind, dtype, sum->value.i, v.i))).i;
      }
    }
    number++;
  } while (te_next(te, point->run->batch, axes, te->axis_count, te->reduce_count));
  if (te->reduce == NC_REDUCE_ARGMAX)
    sum->value = te_of_int(chosen < 0 ? 0 : chosen);
}

static inline TeSum te_point(const NcTe *te, const TeRun *run, int64_t *axes) {
  TePoint point = {.run = run, .axes = axes};
  TeSum sum = {.terms = 1};
  if (te->reduce == NC_REDUCE_NONE) {
    sum.value = te_expr(&point, te->body);
  } else {
    sum.terms = 0;
    te_reduce_axes(te, &point, axes, &sum);
  }
  point.acc = sum.value;
  if (te->finish)
    sum.value = te_expr(&point, te->finish);
  return sum;
}

// How far a sum of these terms may be off in its dtype, in any order: not finite if a term is not.
// A copy is off as what it copies; other results are off by the rounding of their few operations.
static inline double te_bound(const NcTe *te, const TeRun *run, const int64_t *axes,
                              const TeSum *sum) {
  double epsilon = te->body->dtype == NC_F32 ? 0x1p-23 : 0x1p-52;
  bool sums = te->reduce == NC_REDUCE_SUM;
  if (te->reduce == NC_REDUCE_NONE && !te->finish && te->body->kind == NC_X_LOAD) {
    TePoint point = {.run = run, .axes = axes};
    const double *copied = run->bounds[te->body->tensor->id];
    int64_t i = te_locate(&point, te->body);
    return copied && i >= 0 ? copied[i] : 0;
  }
  if (!sums && !isfinite(sum->value.f))
    return 0;
  return epsilon * (sums ? (double)(sum->terms + 8) * sum->magnitude : 2 * fabs(sum->value.f));
}

// The elements of te->tensor in tensors that were run before.
static inline void te_compute(TeRun *run, const NcTe *te) {
  NcType type = nc_type_at(&te->type, run->batch);
  NcTensor *result = nc_tensor_create(run->arena, &type);
  bool *stored = NC_NEW_ARRAY(run->arena, bool, result->count);
  double *bounds = NC_NEW_ARRAY(run->arena, double, result->count);
  run->bounds[te->id] = bounds;
  run->values[te->id] = result;
  for (int64_t i = 0; i < result->count; i++)
    nc_tensor_set(result, i, te->fill);
  int64_t axes[NC_MAX_AXES] = {0}, index[NC_MAX_RANK];
  if (te_empty(te, run->batch, 0, te->axis_count))
    return;
  do {
    TeSum sum = te_point(te, run, axes);
    for (int d = 0; d < type.rank; d++) {
      index[d] = te_affine(&te->store[d], axes);
      if (index[d] < 0 || index[d] >= type.dims[d].c) {
        fprintf(stderr, "a store leaves its tensor\n");
        abort();
      }
    }
    int64_t i = nc_tensor_offset(result, index);
    if (stored[i]) {
      fprintf(stderr, "an element is stored twice\n");
      abort();
    }
    stored[i] = true;
    if (nc_dtype_is_float(type.dtype))
      nc_tensor_set(result, i, sum.value.f);
    else
      nc_tensor_set_int(result, i, sum.value.i);
    bounds[i] = te_bound(te, run, axes, &sum);
  } while (te_next(te, run->batch, axes, 0, te->axis_count));
  for (int64_t i = 0; i < result->count; i++)
    if (!stored[i] && !te->partial) {
      fprintf(stderr, "an element is never stored\n");
      abort();
    }
}

static inline void te_view(TeRun *run, const NcTe *te) {
  NcTensor *view = NC_NEW(run->arena, NcTensor);
  *view = *run->values[te->base->id];
  view->type = nc_type_at(&te->type, run->batch);
  run->values[te->id] = view;
}

// Runs all tensors of the builder; leaves must have their values.
static inline void te_run(TeRun *run, const NcTeBuilder *builder) {
  for (int i = 0; i < builder->tensors.count; i++) {
    const NcTe *te = builder->tensors.items[i];
    if (te->kind == NC_TE_COMPUTE)
      te_compute(run, te);
    else if (te->kind == NC_TE_VIEW)
      te_view(run, te);
  }
}

// The value of a node of a sample, whose operands are its graph's inputs, by the operator's tensor
// expressions; in the frame that samples.h evaluates in. (*bounds)[i] is how far element i may be
// off.
static inline NcTensor *te_evaluate(NcArena *arena, const NcNode *node, NcTensor *const *inputs,
                                    int64_t batch, double **bounds) {
  NcTeBuilder builder = {.arena = arena, .node = node};
  NcTe *operands[8];
  for (int i = 0; i < node->operand_count; i++)
    operands[i] = nc_te_leaf(&builder, node->operands[i]->type);
  NcTe *result = node->op->lower(&builder, node, operands);
  TeRun run = {.arena = arena, .batch = batch, .step = 3, .epoch = 1, .seed = 7};
  run.values = NC_NEW_ARRAY(arena, NcTensor *, builder.next_id);
  for (int i = 0; i < node->operand_count; i++)
    run.values[operands[i]->id] = inputs[i];
  run.bounds = NC_NEW_ARRAY(arena, double *, builder.next_id);
  int64_t count = nc_dim_value(nc_type_elements(&node->type), batch);
  te_run(&run, &builder);
  *bounds = run.bounds[result->id];
  if (!*bounds)
    *bounds = NC_NEW_ARRAY(arena, double, count); // zeros, for a view
  return run.values[result->id];
}

#endif
