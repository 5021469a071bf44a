// What the files math_*.c write their functions with: one operation a call, its value a LET, its
// type and lanes those of the function at work. No call has two arguments that are such calls: C
// would leave open which comes first, and kernels are to be the same whatever compiled netc.
#ifndef NC_KERNEL_MATH_BUILD_H
#define NC_KERNEL_MATH_BUILD_H

#include "kernel/schedule_expr.h"

typedef struct NcMath {
  NcSched *s;
  NcDtype f, i; // f32 and i32, or f64 and i64
  int lanes;
} NcMath;

typedef NcKExpr *NcNum;

// An unevaluated sum, high + low, |low| within a unit in the last place of high.
typedef struct NcPair {
  NcNum high, low;
} NcPair;

static inline NcMath m_of(NcSched *s, NcDtype f, int lanes) {
  return (NcMath){s, f, f == NC_F32 ? NC_I32 : NC_I64, lanes};
}

static inline NcNum m_op(const NcMath *m, int kind, NcDtype dtype, NcNum a, NcNum b, NcNum c) {
  NcKExpr *x = nc_k_expr(m->s->arena, kind, dtype, m->lanes);
  x->args[0] = a;
  x->args[1] = b;
  x->args[2] = c;
  return nc_sched_let(m->s, x);
}

static inline NcNum m_const(const NcMath *m, double value) {
  NcKExpr *x = nc_k_expr(m->s->arena, NC_X_CONST, m->f, 1);
  x->value = m->f == NC_F32 ? (double)(float)value : value;
  return nc_sched_splat(m->s, x, m->lanes);
}

static inline NcNum m_int(const NcMath *m, int64_t value) {
  NcKExpr *x = nc_k_expr(m->s->arena, NC_X_CONST, m->i, 1);
  x->integer = value;
  return nc_sched_splat(m->s, x, m->lanes);
}

// --- floats

static inline NcNum m_add(const NcMath *m, NcNum a, NcNum b) {
  return m_op(m, NC_X_ADD, m->f, a, b, NULL);
}

static inline NcNum m_sub(const NcMath *m, NcNum a, NcNum b) {
  return m_op(m, NC_X_SUB, m->f, a, b, NULL);
}

static inline NcNum m_mul(const NcMath *m, NcNum a, NcNum b) {
  return m_op(m, NC_X_MUL, m->f, a, b, NULL);
}

static inline NcNum m_div(const NcMath *m, NcNum a, NcNum b) {
  return m_op(m, NC_X_DIV, m->f, a, b, NULL);
}

static inline NcNum m_abs(const NcMath *m, NcNum a) {
  return m_op(m, NC_X_ABS, m->f, a, NULL, NULL);
}

static inline NcNum m_neg(const NcMath *m, NcNum a) {
  return m_op(m, NC_X_NEG, m->f, a, NULL, NULL);
}

// a * b + c, rounded once where that may be used, else twice: nothing may hang on which.
static inline NcNum m_fma(const NcMath *m, NcNum a, NcNum b, NcNum c) {
  if (m->s->fma)
    return m_op(m, NC_K_FMA, m->f, a, b, c);
  return m_add(m, m_mul(m, a, b), c);
}

static inline NcNum m_cast(const NcMath *to, NcNum a) {
  return m_op(to, NC_X_CAST, to->f, a, NULL, NULL);
}

// --- conditions

static inline NcNum m_lt(const NcMath *m, NcNum a, NcNum b) {
  return m_op(m, NC_X_LT, NC_BOOL, a, b, NULL);
}

static inline NcNum m_eq(const NcMath *m, NcNum a, NcNum b) {
  return m_op(m, NC_X_EQ, NC_BOOL, a, b, NULL);
}

static inline NcNum m_ne(const NcMath *m, NcNum a, NcNum b) {
  return m_op(m, NC_X_NE, NC_BOOL, a, b, NULL);
}

static inline NcNum m_select(const NcMath *m, NcNum condition, NcNum a, NcNum b) {
  return m_op(m, NC_X_SELECT, a->dtype, condition, a, b);
}

// a, or the limit if a lies beyond; NaN stays.
static inline NcNum m_at_most(const NcMath *m, NcNum a, double limit) {
  return m_select(m, m_lt(m, m_const(m, limit), a), m_const(m, limit), a);
}

static inline NcNum m_at_least(const NcMath *m, NcNum a, double limit) {
  return m_select(m, m_lt(m, a, m_const(m, limit)), m_const(m, limit), a);
}

// --- bits

static inline NcNum m_bits(const NcMath *m, NcNum a) { // of a float
  return m_op(m, NC_K_BITS, m->i, a, NULL, NULL);
}

static inline NcNum m_float(const NcMath *m, NcNum a) { // that has these bits
  return m_op(m, NC_K_BITS, m->f, a, NULL, NULL);
}

// Of integers: kind is NC_X_ADD, NC_X_SUB, NC_X_MUL, NC_X_AND, NC_X_OR, NC_X_XOR, NC_X_SHR or
// NC_K_SHL.
static inline NcNum m_on_ints(const NcMath *m, int kind, NcNum a, NcNum b) {
  return m_op(m, kind, m->i, a, b, NULL);
}

static inline NcNum m_with_int(const NcMath *m, int kind, NcNum a, int64_t b) {
  return m_on_ints(m, kind, a, m_int(m, b));
}

// --- what several functions need

// c[0] + c[1]*x + … by Horner's rule.
static inline NcNum m_polynomial(const NcMath *m, const double *c, int count, NcNum x) {
  NcNum sum = m_const(m, c[count - 1]);
  for (int i = count - 2; i >= 0; i--)
    sum = m_fma(m, sum, x, m_const(m, c[i]));
  return sum;
}

#define M_POLYNOMIAL(m, c, x) m_polynomial(m, c, (int)(sizeof(c) / sizeof *(c)), x)

// The sign bit of an integer's dtype.
static inline int64_t m_sign_bit(const NcMath *m) { return m->i == NC_I32 ? INT32_MIN : INT64_MIN; }

// |magnitude| with the sign of x, NaN included.
static inline NcNum m_with_sign_of(const NcMath *m, NcNum magnitude, NcNum x) {
  NcNum sign = m_with_int(m, NC_X_AND, m_bits(m, x), m_sign_bit(m));
  return m_float(m, m_on_ints(m, NC_X_OR, m_bits(m, magnitude), sign));
}

// The exact sum, if |a| >= |b| or a is 0. (Dekker, 1971.)
static inline NcPair m_fast_sum(const NcMath *m, NcNum a, NcNum b) {
  NcNum high = m_add(m, a, b);
  return (NcPair){high, m_sub(m, b, m_sub(m, high, a))};
}

// The exact sum, whichever is larger. (Knuth, The Art of Computer Programming 2, section 4.2.2.)
static inline NcPair m_sum(const NcMath *m, NcNum a, NcNum b) {
  NcNum high = m_add(m, a, b);
  NcNum of_b = m_sub(m, high, a);
  NcNum of_a = m_sub(m, high, of_b);
  NcNum lost = m_sub(m, a, of_a);
  return (NcPair){high, m_add(m, lost, m_sub(m, b, of_b))};
}

#endif
