/* sine, compiled from sine.net for x86-64, vectors of 16 bytes. sine.h says what is in it. */
#include "sine.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __FAST_MATH__
#error "this file promises its results: compile it without -ffast-math"
#endif
#if !defined(__GNUC__) && !defined(NETC_SCALAR)
#define NETC_SCALAR /* no vectors of GNU C: arrays, in the same order of operations */
#endif
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off", "no-math-errno", "no-trapping-math")
#endif
#ifdef __GNUC__
#pragma GCC diagnostic ignored "-Wpsabi" /* vectors are passed between inlined functions only */
#define NETC_INLINE static inline __attribute__((always_inline, unused))
#define NETC_ALIGNED(bytes) __attribute__((aligned(bytes)))
#ifdef __clang__
#define NETC_KERNEL static __attribute__((noinline))
#else
#pragma GCC diagnostic ignored "-Waggressive-loop-optimizations" /* it warns of loops that never run */
#define NETC_KERNEL static __attribute__((noinline, noclone))
#endif
#else
#define NETC_INLINE static inline
#define NETC_ALIGNED(bytes)
#define NETC_KERNEL static
#endif
#ifdef __has_builtin
#define NETC_HAS(builtin) __has_builtin(builtin)
#else
#define NETC_HAS(builtin) 0
#endif

/* Scalars. Integers wrap; floats become integers by cutting off, the nearest that there is for what
   is too large, 0 for what is not a number. max and min give the first operand where it is not a
   number. */
#define NETC_INTEGERS(T, U, P) \
  NETC_INLINE T P##_add(T a, T b) { return (T)((U)a + (U)b); } \
  NETC_INLINE T P##_sub(T a, T b) { return (T)((U)a - (U)b); } \
  NETC_INLINE T P##_mul(T a, T b) { return (T)((U)a * (U)b); } \
  NETC_INLINE T P##_neg(T a) { return (T)(0u - (U)a); } \
  NETC_INLINE T P##_abs(T a) { return a < 1 ? (T)(0u - (U)a) : a; } \
  NETC_INLINE T P##_shl(T a, T b) { return (T)((U)a << b); } \
  NETC_INLINE T P##_shr(T a, T b) { return (T)((U)a >> b); } \
  NETC_INLINE T P##_max(T a, T b) { return a > b ? a : b; } \
  NETC_INLINE T P##_min(T a, T b) { return a < b ? a : b; }
NETC_INTEGERS(uint8_t, uint32_t, u8)
NETC_INTEGERS(int32_t, uint32_t, i32)
NETC_INTEGERS(int64_t, uint64_t, i64)
NETC_INLINE int32_t i32_mulhi(int32_t a, int32_t b) {
  return (int32_t)(uint32_t)(((uint64_t)(uint32_t)a * (uint32_t)b) >> 32);
}
#define NETC_FLOATS(T, I, P, Q) \
  NETC_INLINE T P##_max(T a, T b) { return a > b || a != a ? a : b; } \
  NETC_INLINE T P##_min(T a, T b) { return a < b || a != a ? a : b; } \
  NETC_INLINE T P##_bits_##Q(I a) { T r; memcpy(&r, &a, sizeof r); return r; } \
  NETC_INLINE I Q##_bits_##P(T a) { I r; memcpy(&r, &a, sizeof r); return r; }
NETC_FLOATS(float, int32_t, f32, i32)
NETC_INLINE float f32_abs(float a) { return fabsf(a); }
NETC_INLINE float f32_sqrt(float a) { return sqrtf(a); }
NETC_INLINE float f32_floor(float a) { return floorf(a); }
NETC_INLINE float f32_fma(float a, float b, float c) { return fmaf(a, b, c); }
NETC_FLOATS(double, int64_t, f64, i64)
NETC_INLINE double f64_abs(double a) { return fabs(a); }
NETC_INLINE double f64_sqrt(double a) { return sqrt(a); }
NETC_INLINE double f64_floor(double a) { return floor(a); }
NETC_INLINE double f64_fma(double a, double b, double c) { return fma(a, b, c); }
#define NETC_TO_INTEGER(T, F, name, low, high, end) \
  NETC_INLINE T name(F a) { return a >= (F)(end) ? high : a > (F)(low) ? (T)a : a != a ? 0 : low; }
NETC_TO_INTEGER(uint8_t, float, u8_from_f32, 0, UINT8_MAX, 256)
NETC_TO_INTEGER(uint8_t, double, u8_from_f64, 0, UINT8_MAX, 256)
NETC_TO_INTEGER(int32_t, float, i32_from_f32, INT32_MIN, INT32_MAX, 2147483648)
NETC_TO_INTEGER(int32_t, double, i32_from_f64, INT32_MIN, INT32_MAX, 2147483648)
NETC_TO_INTEGER(int64_t, float, i64_from_f32, INT64_MIN, INT64_MAX, 9223372036854775808.0)
NETC_TO_INTEGER(int64_t, double, i64_from_f64, INT64_MIN, INT64_MAX, 9223372036854775808.0)

/* Vectors V of N elements T, U being T without a sign, P what T's functions are called by. A vector of
   bools, bxN, is of integers: -1 where they hold. What is wider than the registers is an array.
   NETC_EITHER is the body of a function: by vectors, if V and W are, or lane by lane. */
#ifdef NETC_SCALAR
#define NETC_FITS(bytes) 0
#else
#ifdef __clang__
#define NETC_FITS(bytes) 1
#else
#define NETC_FITS(bytes) ((bytes) <= __BIGGEST_ALIGNMENT__)
#endif
#define NETC_VECTOR(V, T, N) typedef T V __attribute__((vector_size((N) * sizeof(T))));
#define NETC_UNSIGNED(U, a) ((U __attribute__((vector_size(sizeof(a)))))(a))
#define NETC_BLEND(m, a, b) (((m) & (__typeof__(m))(a)) | (~(m) & (__typeof__(m))(b)))
#define NETC_MASK(c, a) __builtin_convertvector(c, __typeof__((a) == (a)))
#endif
#define NETC_ARRAY(V, T, N) typedef struct V { T lane[N]; } V;
#define NETC_AT(V, v, i) NETC_AT_##V(v, i)
#define NETC_EITHER(V, W, N, whole, each) \
  NETC_IF_##V(NETC_IF_##W(return whole;, NETC_EACH(V, N, each)), NETC_EACH(V, N, each))
#define NETC_EACH(V, N, each) \
  V r = {0}; \
  for (int i = 0; i < (N); i++) \
    NETC_AT(V, r, i) = (each); \
  return r;
#define NETC_1(V, N, name, whole, each) \
  NETC_INLINE V V##_##name(V a) { NETC_EITHER(V, V, N, whole, each) }
#define NETC_2(V, N, name, whole, each) \
  NETC_INLINE V V##_##name(V a, V b) { NETC_EITHER(V, V, N, whole, each) }
#define NETC_TEST(V, N, name, sign) \
  NETC_INLINE bx##N V##_##name(V a, V b) { \
    NETC_EITHER(bx##N, V, N, __builtin_convertvector(a sign b, bx##N), \
                -(NETC_AT(V, a, i) sign NETC_AT(V, b, i))) \
  }
#define NETC_eq(V, P, T, U, N) NETC_TEST(V, N, eq, ==)
#define NETC_ne(V, P, T, U, N) NETC_TEST(V, N, ne, !=)
#define NETC_lt(V, P, T, U, N) NETC_TEST(V, N, lt, <)
#define NETC_le(V, P, T, U, N) NETC_TEST(V, N, le, <=)
#define NETC_lt_b(V, P, T, U, N) NETC_TEST(V, N, lt, >)
#define NETC_le_b(V, P, T, U, N) NETC_TEST(V, N, le, >=)
#define NETC_or_max(V, P, T, U, N) NETC_2(V, N, max, a | b, NETC_AT(V, a, i) | NETC_AT(V, b, i))
#define NETC_and_min(V, P, T, U, N) NETC_2(V, N, min, a & b, NETC_AT(V, a, i) & NETC_AT(V, b, i))
#define NETC_add_f(V, P, T, U, N) NETC_2(V, N, add, a + b, NETC_AT(V, a, i) + NETC_AT(V, b, i))
#define NETC_sub_f(V, P, T, U, N) NETC_2(V, N, sub, a - b, NETC_AT(V, a, i) - NETC_AT(V, b, i))
#define NETC_mul_f(V, P, T, U, N) NETC_2(V, N, mul, a * b, NETC_AT(V, a, i) * NETC_AT(V, b, i))
#define NETC_neg_f(V, P, T, U, N) NETC_1(V, N, neg, -a, -NETC_AT(V, a, i))
#define NETC_WRAP(V, T, U, N, name, sign) \
  NETC_2(V, N, name, (V)(NETC_UNSIGNED(U, a) sign NETC_UNSIGNED(U, b)), \
         (T)((U)NETC_AT(V, a, i) sign (U)NETC_AT(V, b, i)))
#define NETC_add_i(V, P, T, U, N) NETC_WRAP(V, T, U, N, add, +)
#define NETC_sub_i(V, P, T, U, N) NETC_WRAP(V, T, U, N, sub, -)
#define NETC_mul_i(V, P, T, U, N) NETC_WRAP(V, T, U, N, mul, *)
#define NETC_shl(V, P, T, U, N) NETC_WRAP(V, T, U, N, shl, <<)
#define NETC_shr(V, P, T, U, N) NETC_WRAP(V, T, U, N, shr, >>)
#define NETC_neg_i(V, P, T, U, N) \
  NETC_1(V, N, neg, (V)(0 - NETC_UNSIGNED(U, a)), (T)((U)0 - (U)NETC_AT(V, a, i)))
#define NETC_div(V, P, T, U, N) NETC_2(V, N, div, a / b, (T)(NETC_AT(V, a, i) / NETC_AT(V, b, i)))
#define NETC_not(V, P, T, U, N) NETC_1(V, N, not, ~a, (T)~NETC_AT(V, a, i))
#define NETC_and(V, P, T, U, N) NETC_2(V, N, and, a & b, (T)(NETC_AT(V, a, i) & NETC_AT(V, b, i)))
#define NETC_or(V, P, T, U, N) NETC_2(V, N, or, a | b, (T)(NETC_AT(V, a, i) | NETC_AT(V, b, i)))
#define NETC_xor(V, P, T, U, N) NETC_2(V, N, xor, a ^ b, (T)(NETC_AT(V, a, i) ^ NETC_AT(V, b, i)))
#define NETC_EXTREME(V, P, N, name, test) \
  NETC_2(V, N, name, (V)NETC_BLEND(test, a, b), P##_##name(NETC_AT(V, a, i), NETC_AT(V, b, i)))
#define NETC_max_f(V, P, T, U, N) \
  NETC_EXTREME(V, P, N, max, (a > b) | (a != a))
#define NETC_min_f(V, P, T, U, N) \
  NETC_EXTREME(V, P, N, min, (a < b) | (a != a))
#define NETC_max_i(V, P, T, U, N) \
  NETC_EXTREME(V, P, N, max, a > b)
#define NETC_min_i(V, P, T, U, N) \
  NETC_EXTREME(V, P, N, min, a < b)
#define NETC_abs_f(V, P, T, U, N) \
  NETC_1(V, N, abs, (V)(NETC_UNSIGNED(U, a) << 1 >> 1), \
         P##_abs(NETC_AT(V, a, i)))
#define NETC_abs_i(V, P, T, U, N) \
  NETC_1(V, N, abs, (V)NETC_BLEND(a < 0, (V)(0 - NETC_UNSIGNED(U, a)), a), \
         P##_abs(NETC_AT(V, a, i)))
#define NETC_mulhi(V, P, T, U, N) \
  NETC_INLINE V V##_mulhi(V a, V b) { NETC_EACH(V, N, i32_mulhi(NETC_AT(V, a, i), NETC_AT(V, b, i))) }
#define NETC_select(V, P, T, U, N) \
  NETC_INLINE V V##_select(bx##N c, V a, V b) { \
    NETC_EITHER(V, bx##N, N, (V)NETC_BLEND(NETC_MASK(c, a), a, b), \
                NETC_AT(bx##N, c, i) ? NETC_AT(V, a, i) : NETC_AT(V, b, i)) \
  }
#define NETC_all(V, P, T, U, N) \
  NETC_INLINE V V##_all(T a) { NETC_EITHER(V, V, N, a - (V){0}, a) }
#define NETC_steps(V, P, T, U, N) \
  NETC_INLINE V V##_steps(T a, T step) { NETC_EACH(V, N, a + i * step) }
#define NETC_FOLD(V, T, N, name, each) \
  NETC_INLINE T V##_##name(V a) { \
    for (int half = (N) / 2; half > 0; half /= 2) \
      for (int i = 0; i < half; i++) \
        NETC_AT(V, a, i) = (each); \
    return NETC_AT(V, a, 0); \
  }
#define NETC_fold_sum_f(V, P, T, U, N) \
  NETC_FOLD(V, T, N, fold_sum, NETC_AT(V, a, i) + NETC_AT(V, a, i + half))
#define NETC_fold_sum_i(V, P, T, U, N) \
  NETC_FOLD(V, T, N, fold_sum, P##_add(NETC_AT(V, a, i), NETC_AT(V, a, i + half)))
#define NETC_fold_max(V, P, T, U, N) \
  NETC_FOLD(V, T, N, fold_max, P##_max(NETC_AT(V, a, i), NETC_AT(V, a, i + half)))
#define NETC_fold_min(V, P, T, U, N) \
  NETC_FOLD(V, T, N, fold_min, P##_min(NETC_AT(V, a, i), NETC_AT(V, a, i + half)))

/* From vectors W of Q. */
#define NETC_from(V, P, T, N, W, Q) \
  NETC_INLINE V V##_from_##Q(W a) { \
    NETC_EITHER(V, W, N, __builtin_convertvector(a, V), (T)NETC_AT(W, a, i)) \
  }
#define NETC_from_b(V, P, T, N, W, Q) \
  NETC_INLINE V V##_from_##Q(W a) { \
    NETC_EITHER(V, W, N, __builtin_convertvector(-a, V), (T)-NETC_AT(W, a, i)) \
  }
#define NETC_to_b(V, P, T, N, W, Q) \
  NETC_INLINE V V##_from_##Q(W a) { \
    NETC_EITHER(V, W, N, __builtin_convertvector(a != 0, V), -(NETC_AT(W, a, i) != 0)) \
  }
#define NETC_cut_off(V, P, T, N, W, Q) \
  NETC_INLINE V V##_from_##Q(W a) { NETC_EACH(V, N, P##_from_##Q(NETC_AT(W, a, i))) }
#define NETC_bits(V, P, T, N, W, Q) \
  NETC_INLINE V V##_bits_##Q(W a) { NETC_EITHER(V, W, N, (V)a, P##_bits_##Q(NETC_AT(W, a, i))) }

/* What processors do and GNU C has no sign for: NETC_V_OP where it is one instruction. */
#ifndef NETC_SCALAR
#if defined(__AVX__)
#include <immintrin.h>
#define NETC_f32x8_sqrt(a) ((f32x8)_mm256_sqrt_ps((__m256)(a)))
#define NETC_f64x4_sqrt(a) ((f64x4)_mm256_sqrt_pd((__m256d)(a)))
#define NETC_f32x8_floor(a) ((f32x8)_mm256_floor_ps((__m256)(a)))
#define NETC_f64x4_floor(a) ((f64x4)_mm256_floor_pd((__m256d)(a)))
#endif
#if defined(__FMA__)
#define NETC_f32x4_fma(a, b, c) ((f32x4)_mm_fmadd_ps((__m128)(a), (__m128)(b), (__m128)(c)))
#define NETC_f64x2_fma(a, b, c) ((f64x2)_mm_fmadd_pd((__m128d)(a), (__m128d)(b), (__m128d)(c)))
#define NETC_f32x8_fma(a, b, c) ((f32x8)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#define NETC_f64x4_fma(a, b, c) ((f64x4)_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c)))
#endif
#if defined(__AVX512F__)
#define NETC_f32x16_fma(a, b, c) ((f32x16)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#define NETC_f64x8_fma(a, b, c) ((f64x8)_mm512_fmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(c)))
#define NETC_f32x16_sqrt(a) ((f32x16)_mm512_sqrt_ps((__m512)(a)))
#define NETC_f64x8_sqrt(a) ((f64x8)_mm512_sqrt_pd((__m512d)(a)))
#define NETC_f32x16_floor(a) ((f32x16)_mm512_floor_ps((__m512)(a)))
#define NETC_f64x8_floor(a) ((f64x8)_mm512_floor_pd((__m512d)(a)))
#endif
#if defined(__aarch64__)
#include <arm_neon.h>
#define NETC_f32x4_fma(a, b, c) \
  ((f32x4)vfmaq_f32((float32x4_t)(c), (float32x4_t)(a), (float32x4_t)(b)))
#define NETC_f64x2_fma(a, b, c) \
  ((f64x2)vfmaq_f64((float64x2_t)(c), (float64x2_t)(a), (float64x2_t)(b)))
#define NETC_f32x4_sqrt(a) ((f32x4)vsqrtq_f32((float32x4_t)(a)))
#define NETC_f64x2_sqrt(a) ((f64x2)vsqrtq_f64((float64x2_t)(a)))
#define NETC_f32x4_floor(a) ((f32x4)vrndmq_f32((float32x4_t)(a)))
#define NETC_f64x2_floor(a) ((f64x2)vrndmq_f64((float64x2_t)(a)))
#endif
#endif
#define NETC_native_1(V, P, T, U, N, op) NETC_INLINE V V##_##op(V a) { return NETC_##V##_##op(a); }
#define NETC_native_3(V, P, T, U, N, op) \
  NETC_INLINE V V##_##op(V a, V b, V c) { return NETC_##V##_##op(a, b, c); }
#define NETC_plain_1(V, P, T, U, N, op) \
  NETC_INLINE V V##_##op(V a) { NETC_EACH(V, N, P##_##op(NETC_AT(V, a, i))) }
#define NETC_plain_3(V, P, T, U, N, op) \
  NETC_INLINE V V##_##op(V a, V b, V c) { \
    NETC_EACH(V, N, P##_##op(NETC_AT(V, a, i), NETC_AT(V, b, i), NETC_AT(V, c, i))) \
  }

/* Memory. `some` are the first lanes alone, the others of what is read being 0. */
#define NETC_load(V, P, T, U, N) \
  NETC_INLINE V V##_load(const T *p) { V r; memcpy(&r, p, sizeof r); return r; }
#define NETC_load_some(V, P, T, U, N) \
  NETC_INLINE V V##_load_some(const T *p, int some) { \
    V r; \
    memset(&r, 0, sizeof r); \
    memcpy(&r, p, (size_t)some * sizeof(T)); \
    return r; \
  }
#define NETC_pick(V, P, T, U, N) \
  NETC_INLINE V V##_pick(const T *p, ptrdiff_t step, int some) { \
    NETC_EACH(V, N, i < some ? p[i * step] : 0) \
  }
#define NETC_gather(V, P, T, U, N) \
  NETC_INLINE V V##_gather(const T *p, ptrdiff_t step, i64x##N at, ptrdiff_t scale, int some) { \
    NETC_EACH(V, N, i < some ? p[i * step + (ptrdiff_t)NETC_AT(i64x##N, at, i) * scale] : 0) \
  }
#define NETC_store(V, P, T, U, N) \
  NETC_INLINE void V##_store(T *p, V a) { memcpy(p, &a, sizeof a); }
#define NETC_store_some(V, P, T, U, N) \
  NETC_INLINE void V##_store_some(T *p, V a, int some) { memcpy(p, &a, (size_t)some * sizeof(T)); }
#define NETC_spread(V, P, T, U, N) \
  NETC_INLINE void V##_spread(T *p, ptrdiff_t step, V a, int some) { \
    for (int i = 0; i < some; i++) \
      p[i * step] = NETC_AT(V, a, i); \
  }
#define NETC_pick_b(V, P, T, U, N) \
  NETC_INLINE V V##_pick(const uint8_t *p, ptrdiff_t step, int some) { \
    NETC_EACH(V, N, -(i < some && p[i * step] != 0)) \
  }
#define NETC_gather_b(V, P, T, U, N) \
  NETC_INLINE V V##_gather(const uint8_t *p, ptrdiff_t step, i64x##N at, ptrdiff_t scale, int some) { \
    NETC_EACH(V, N, -(i < some && p[i * step + (ptrdiff_t)NETC_AT(i64x##N, at, i) * scale] != 0)) \
  }
#define NETC_spread_b(V, P, T, U, N) \
  NETC_INLINE void V##_spread(uint8_t *p, ptrdiff_t step, V a, int some) { \
    for (int i = 0; i < some; i++) \
      p[i * step] = (uint8_t)-NETC_AT(V, a, i); \
  }

/* What a call runs on: its memory, its inputs and variables, and where it met a value that is not
   defined. */
typedef struct netc_frame {
  const void *table;
  char *arena;
  void *const *buffers;
  int64_t batch, seed, step, epoch;
  int64_t fault_node, fault_sample, fault_value;
  int64_t max_batch;
  char *local;
  int64_t slot, n0, n1;
} netc_frame;

NETC_INLINE void netc_fault(netc_frame *frame, int64_t node, int64_t sample, int64_t value) {
  if (frame->fault_node >= 0)
    return;
  frame->fault_node = node;
  frame->fault_sample = sample;
  frame->fault_value = value;
}
NETC_INLINE ptrdiff_t netc_least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
NETC_INLINE ptrdiff_t netc_most(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }

#if NETC_FITS(64)
NETC_VECTOR(f32x16, float, 16)
#define NETC_IF_f32x16(yes, no) yes
#define NETC_AT_f32x16(v, i) (v)[i]
#else
NETC_ARRAY(f32x16, float, 16)
#define NETC_IF_f32x16(yes, no) no
#define NETC_AT_f32x16(v, i) (v).lane[i]
#endif
#if NETC_FITS(64)
NETC_VECTOR(bx16, int32_t, 16)
#define NETC_IF_bx16(yes, no) yes
#define NETC_AT_bx16(v, i) (v)[i]
#else
NETC_ARRAY(bx16, int32_t, 16)
#define NETC_IF_bx16(yes, no) no
#define NETC_AT_bx16(v, i) (v).lane[i]
#endif
NETC_all(f32x16, f32, float, uint32_t, 16)
NETC_add_f(f32x16, f32, float, uint32_t, 16)
NETC_mul_f(f32x16, f32, float, uint32_t, 16)
NETC_load(f32x16, f32, float, uint32_t, 16)
NETC_abs_f(f32x16, f32, float, uint32_t, 16)
NETC_lt(f32x16, f32, float, uint32_t, 16)
NETC_select(f32x16, f32, float, uint32_t, 16)
NETC_sub_f(f32x16, f32, float, uint32_t, 16)
#if NETC_FITS(64)
NETC_VECTOR(i32x16, int32_t, 16)
#define NETC_IF_i32x16(yes, no) yes
#define NETC_AT_i32x16(v, i) (v)[i]
#else
NETC_ARRAY(i32x16, int32_t, 16)
#define NETC_IF_i32x16(yes, no) no
#define NETC_AT_i32x16(v, i) (v).lane[i]
#endif
NETC_bits(i32x16, i32, int32_t, 16, f32x16, f32)
NETC_shl(i32x16, i32, int32_t, uint32_t, 16)
NETC_all(i32x16, i32, int32_t, uint32_t, 16)
NETC_add_i(i32x16, i32, int32_t, uint32_t, 16)
NETC_bits(f32x16, f32, float, 16, i32x16, i32)
NETC_div(f32x16, f32, float, uint32_t, 16)
NETC_and(i32x16, i32, int32_t, uint32_t, 16)
NETC_or(i32x16, i32, int32_t, uint32_t, 16)
NETC_store(f32x16, f32, float, uint32_t, 16)
NETC_fold_sum_f(f32x16, f32, float, uint32_t, 16)
NETC_pick(f32x16, f32, float, uint32_t, 16)
#ifdef NETC_f32x16_sqrt
NETC_native_1(f32x16, f32, float, uint32_t, 16, sqrt)
#else
NETC_plain_1(f32x16, f32, float, uint32_t, 16, sqrt)
#endif

static int sine_undefined(void *arena, const netc_frame *frame) {
  sine_problem *problem = (sine_problem *)arena;
  problem->line = frame->fault_node;
  problem->sample = frame->fault_sample;
  problem->value = frame->fault_value;
  return SINE_UNDEFINED;
}

static const float sine_dense1_kernel[16] NETC_ALIGNED(16) = {
    0.46369696f, 0.20436442f, (-0.30013186f), 0.30610585f, (-0.29970196f), (-0.40364966f), (-0.064887404f), (-0.022940874f),
    0.4174441f, (-0.33387956f), (-0.26512694f), 0.14136815f, (-0.0998162f), (-0.121601075f), 0.31127876f, (-0.08526558f),
};

static const float sine_dense1_bias[16] NETC_ALIGNED(16) = {
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
};

static const float sine_dense2_kernel[256] NETC_ALIGNED(16) = {
    0.20024362f, 0.35131148f, 0.18727657f, 0.26803848f, 0.37735406f, (-0.20998526f), (-0.14074376f), (-0.1561484f),
    (-0.33790985f), 0.2440485f, 0.052039206f, (-0.18013272f), 0.26823345f, (-0.16524425f), 0.21878055f, (-0.16451514f),
    0.26541504f, (-0.104368f), (-0.3376742f), 0.01762268f, (-0.38941616f), 0.15467778f, 0.14519128f, (-0.22148997f),
    0.3459958f, (-0.2118581f), (-0.4306852f), (-0.22697605f), (-0.25393176f), (-0.12299585f), 0.21797606f, (-0.18563016f),
    0.101106435f, (-0.2209668f), (-0.1305882f), (-0.25956905f), 0.26273468f, (-0.12122655f), (-0.04951474f), (-0.33928007f),
    (-0.15144697f), 0.07060823f, 0.070806414f, 0.41585442f, (-0.14850304f), (-0.4081301f), 0.033167064f, (-0.046909362f),
    0.25739458f, 0.36482802f, 0.2528802f, 0.08298066f, (-0.2101511f), 0.100586206f, 0.4213949f, (-0.23750749f),
    (-0.29086977f), (-0.096220404f), (-0.2743749f), (-0.40914726f), (-0.06858763f), (-0.29511568f), (-0.25774515f), 0.41530392f,
    0.19977626f, 0.06910071f, 0.027127445f, 0.295351f, 0.38805047f, (-0.058759212f), 0.11387995f, 0.3691773f,
    (-0.340086f), 0.0135887265f, (-0.35118914f), 0.0808706f, (-0.36492452f), 0.14767388f, (-0.14748871f), (-0.39684612f),
    (-0.24876955f), (-0.03614676f), 0.29421595f, (-0.13599795f), (-0.25852668f), (-0.25687644f), (-0.41282904f), 0.41882005f,
    (-0.097311765f), 0.011191636f, 0.08461854f, (-0.30990946f), 0.08272341f, 0.22978184f, (-0.03576809f), 0.36350307f,
    0.4075307f, (-0.37964144f), 0.37911788f, 0.22911736f, (-0.26978952f), 0.25785998f, (-0.42574725f), (-0.022164851f),
    (-0.17075795f), 0.4227033f, (-0.18105114f), 0.40622875f, 0.3820366f, (-0.004994005f), (-0.1461199f), 0.26882574f,
    (-0.19385949f), (-0.095261365f), 0.4283484f, (-0.026752949f), 0.21444187f, (-0.0647499f), 0.023762405f, (-0.13176218f),
    (-0.3184639f), (-0.28259128f), (-0.25228292f), (-0.30377388f), 0.08694568f, (-0.35613796f), (-0.1910512f), (-0.24587743f),
    (-0.39047885f), (-0.31307775f), 0.24051645f, 0.15081736f, 0.08777401f, 0.09257242f, 0.045958996f, 0.25201902f,
    (-0.288863f), 0.12303063f, 0.3369436f, 0.34834042f, (-0.14386857f), (-0.11877185f), 0.3496305f, (-0.41051346f),
    0.2679257f, (-0.34174258f), (-0.28811622f), (-0.38980037f), 0.10645166f, 0.01184845f, (-0.26219463f), (-0.2687989f),
    (-0.2961328f), (-0.20630847f), (-0.2615279f), (-0.033323854f), 0.15927681f, (-0.34272277f), 0.17886373f, 0.25173846f,
    (-0.04280743f), (-0.086685866f), 0.10323492f, (-0.2119359f), (-0.42783895f), 0.35673937f, (-0.028088301f), (-0.36036202f),
    (-0.092963636f), 0.3449327f, (-0.3860986f), (-0.40021828f), (-0.044420183f), 0.0045844913f, (-0.32422888f), (-0.22598001f),
    0.42792013f, (-0.18734087f), 0.3712826f, 0.09034905f, 0.22290859f, 0.060572386f, 0.15698996f, 0.21006551f,
    (-0.06824544f), 0.08867195f, (-0.09167594f), (-0.370399f), (-0.38879168f), (-0.21153052f), (-0.22884755f), 0.15445188f,
    (-0.40701586f), (-0.17786461f), (-0.2817299f), (-0.33274737f), 0.3561181f, 0.26552173f, (-0.29339996f), (-0.29104975f),
    (-0.18289033f), 0.05371213f, 0.007856905f, (-0.122594f), 0.024892718f, 0.01892522f, (-0.1659264f), 0.17407414f,
    0.13490269f, 0.37147853f, (-0.26459706f), (-0.11787012f), (-0.20448017f), 0.070849985f, (-0.41366616f), (-0.32486457f),
    0.055321872f, (-0.22692268f), 0.11503467f, 0.25431594f, (-0.10424799f), (-0.20152709f), (-0.39199242f), 0.3128716f,
    0.048297763f, 0.2881222f, 0.16148469f, 0.11250743f, (-0.23486336f), (-0.42644975f), 0.38600895f, 0.2256284f,
    0.27462444f, 0.34334114f, 0.21734634f, (-0.36137736f), (-0.066185534f), 0.28351244f, (-0.010139555f), (-0.016091377f),
    0.4136348f, 0.27858427f, 0.17512938f, 0.122213334f, (-0.10237467f), (-0.01350233f), 0.36810765f, (-0.33430636f),
    (-0.24741073f), (-0.030718595f), (-0.2750464f), (-0.30286223f), (-0.3644783f), 0.0068590045f, 0.3179914f, 0.013998479f,
};

static const float sine_dense2_bias[16] NETC_ALIGNED(16) = {
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
};

static const float sine_dense3_kernel[16] NETC_ALIGNED(16) = {
    0.15850568f, 0.082044005f, 0.17483002f, 0.3577885f, 0.3796605f, 0.22423315f, (-0.36927533f), (-0.082058966f),
    0.13464296f, 0.18326467f, 0.44178605f, (-0.5488693f), (-0.3282794f), (-0.54890656f), 0.53857636f, 0.10345918f,
};

static const float sine_dense3_bias[1] NETC_ALIGNED(16) = {
    0.0f,
};

static const float sine_adam_m_dense1_kernel[16] NETC_ALIGNED(16) = {
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
};

static const float sine_adam_v_dense1_kernel[16] NETC_ALIGNED(16) = {
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
};

static const float sine_adam_m_dense1_bias[16] NETC_ALIGNED(16) = {
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
};

static const float sine_adam_v_dense1_bias[16] NETC_ALIGNED(16) = {
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
};

static const float sine_adam_m_dense2_kernel[256] NETC_ALIGNED(16) = {
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
};

static const float sine_adam_v_dense2_kernel[256] NETC_ALIGNED(16) = {
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
};

static const float sine_adam_m_dense2_bias[16] NETC_ALIGNED(16) = {
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
};

static const float sine_adam_v_dense2_bias[16] NETC_ALIGNED(16) = {
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
};

static const float sine_adam_m_dense3_kernel[16] NETC_ALIGNED(16) = {
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
};

static const float sine_adam_v_dense3_kernel[16] NETC_ALIGNED(16) = {
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
    0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f,
};

static const float sine_adam_m_dense3_bias[1] NETC_ALIGNED(16) = {
    0.0f,
};

static const float sine_adam_v_dense3_bias[1] NETC_ALIGNED(16) = {
    0.0f,
};

static const double sine_evaluate_loss_total0[1] NETC_ALIGNED(16) = {
    0.0,
};

static const int64_t sine_evaluate_loss_total1[1] NETC_ALIGNED(16) = {
    INT64_C(0),
};

static const double sine_train_step_loss_total0[1] NETC_ALIGNED(16) = {
    0.0,
};

static const int64_t sine_train_step_loss_total1[1] NETC_ALIGNED(16) = {
    INT64_C(0),
};

void sine_reset(sine_state *state) {
  state->seed = INT64_C(1);
  state->step = INT64_C(0);
  state->epoch = INT64_C(0);
  memcpy(state->dense1_kernel, sine_dense1_kernel, sizeof state->dense1_kernel);
  memcpy(state->dense1_bias, sine_dense1_bias, sizeof state->dense1_bias);
  memcpy(state->dense2_kernel, sine_dense2_kernel, sizeof state->dense2_kernel);
  memcpy(state->dense2_bias, sine_dense2_bias, sizeof state->dense2_bias);
  memcpy(state->dense3_kernel, sine_dense3_kernel, sizeof state->dense3_kernel);
  memcpy(state->dense3_bias, sine_dense3_bias, sizeof state->dense3_bias);
  memcpy(state->adam_m_dense1_kernel, sine_adam_m_dense1_kernel, sizeof state->adam_m_dense1_kernel);
  memcpy(state->adam_v_dense1_kernel, sine_adam_v_dense1_kernel, sizeof state->adam_v_dense1_kernel);
  memcpy(state->adam_m_dense1_bias, sine_adam_m_dense1_bias, sizeof state->adam_m_dense1_bias);
  memcpy(state->adam_v_dense1_bias, sine_adam_v_dense1_bias, sizeof state->adam_v_dense1_bias);
  memcpy(state->adam_m_dense2_kernel, sine_adam_m_dense2_kernel, sizeof state->adam_m_dense2_kernel);
  memcpy(state->adam_v_dense2_kernel, sine_adam_v_dense2_kernel, sizeof state->adam_v_dense2_kernel);
  memcpy(state->adam_m_dense2_bias, sine_adam_m_dense2_bias, sizeof state->adam_m_dense2_bias);
  memcpy(state->adam_v_dense2_bias, sine_adam_v_dense2_bias, sizeof state->adam_v_dense2_bias);
  memcpy(state->adam_m_dense3_kernel, sine_adam_m_dense3_kernel, sizeof state->adam_m_dense3_kernel);
  memcpy(state->adam_v_dense3_kernel, sine_adam_v_dense3_kernel, sizeof state->adam_v_dense3_kernel);
  memcpy(state->adam_m_dense3_bias, sine_adam_m_dense3_bias, sizeof state->adam_m_dense3_bias);
  memcpy(state->adam_v_dense3_bias, sine_adam_v_dense3_bias, sizeof state->adam_v_dense3_bias);
  memcpy(state->evaluate_loss_total0, sine_evaluate_loss_total0, sizeof state->evaluate_loss_total0);
  memcpy(state->evaluate_loss_total1, sine_evaluate_loss_total1, sizeof state->evaluate_loss_total1);
  memcpy(state->train_step_loss_total0, sine_train_step_loss_total0, sizeof state->train_step_loss_total0);
  memcpy(state->train_step_loss_total1, sine_train_step_loss_total1, sizeof state->train_step_loss_total1);
}

int sine_reset_metrics(sine_state *state, void *arena) {
  (void)arena;
  memset(state->evaluate_loss_total0, 0, sizeof state->evaluate_loss_total0);
  memset(state->evaluate_loss_total1, 0, sizeof state->evaluate_loss_total1);
  memset(state->train_step_loss_total0, 0, sizeof state->train_step_loss_total0);
  memset(state->train_step_loss_total1, 0, sizeof state->train_step_loss_total1);
  return SINE_OK;
}

/* tanh curve: sine.net:5 */
NETC_KERNEL void matmul_curve(ptrdiff_t n0, ptrdiff_t n1, float *restrict b0, const float *restrict b1, const float *restrict b2, const float *restrict b3) {
  f32x16 v0_0, v0_1;
  f32x16 v1_0;
  ptrdiff_t i0 = n0;
  for (; i0 + 2 <= n1; i0 += 2) {
    v0_0 = f32x16_all(0.0f);
    v0_1 = f32x16_all(0.0f);
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[i0]), f32x16_load(&b2[0])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[i0 + 1]), f32x16_load(&b2[0])));
    {
      const f32x16 t0 = f32x16_add(v0_0, f32x16_load(&b3[0]));
      const f32x16 t1 = f32x16_abs(t0);
      const f32x16 t2 = f32x16_add(t1, t1);
      const bx16 t3 = f32x16_lt(f32x16_all(18.5f), t2);
      const f32x16 t4 = f32x16_select(t3, f32x16_all(18.5f), t2);
      const f32x16 t5 = f32x16_mul(t4, f32x16_all(1.442695f));
      const f32x16 t6 = f32x16_add(t5, f32x16_all(12582912.0f));
      const f32x16 t7 = f32x16_sub(t6, f32x16_all(12582912.0f));
      const f32x16 t8 = f32x16_mul(t7, f32x16_all((-0.69314575f)));
      const f32x16 t9 = f32x16_add(t8, t4);
      const f32x16 t10 = f32x16_mul(t7, f32x16_all(1.4286068e-06f));
      const f32x16 t11 = f32x16_sub(t9, t10);
      const f32x16 t12 = f32x16_sub(t9, t11);
      const f32x16 t13 = f32x16_sub(t12, t10);
      const f32x16 t14 = f32x16_mul(f32x16_all(0.0013937838f), t11);
      const f32x16 t15 = f32x16_add(t14, f32x16_all(0.008368957f));
      const f32x16 t16 = f32x16_mul(t15, t11);
      const f32x16 t17 = f32x16_add(t16, f32x16_all(0.041666433f));
      const f32x16 t18 = f32x16_mul(t17, t11);
      const f32x16 t19 = f32x16_add(t18, f32x16_all(0.16666518f));
      const f32x16 t20 = f32x16_mul(t19, t11);
      const f32x16 t21 = f32x16_add(t20, f32x16_all(0.5f));
      const f32x16 t22 = f32x16_mul(t11, t11);
      const f32x16 t23 = f32x16_mul(t22, t21);
      const f32x16 t24 = f32x16_add(t23, t13);
      const i32x16 t25 = i32x16_bits_f32(t6);
      const i32x16 t26 = i32x16_shl(t25, i32x16_all(23));
      const i32x16 t27 = i32x16_add(t26, i32x16_all(1065353216));
      const f32x16 t28 = f32x16_bits_i32(t27);
      const f32x16 t29 = f32x16_mul(t28, t11);
      const f32x16 t30 = f32x16_sub(t28, f32x16_all(1.0f));
      const f32x16 t31 = f32x16_add(t30, t29);
      const f32x16 t32 = f32x16_sub(t31, t30);
      const f32x16 t33 = f32x16_sub(t29, t32);
      const f32x16 t34 = f32x16_mul(t28, t24);
      const f32x16 t35 = f32x16_add(t34, t33);
      const f32x16 t36 = f32x16_add(t31, t35);
      const f32x16 t37 = f32x16_sub(t36, t31);
      const f32x16 t38 = f32x16_sub(t35, t37);
      const f32x16 t39 = f32x16_add(t36, f32x16_all(2.0f));
      const f32x16 t40 = f32x16_sub(t39, t36);
      const f32x16 t41 = f32x16_sub(t39, t40);
      const f32x16 t42 = f32x16_sub(t36, t41);
      const f32x16 t43 = f32x16_sub(f32x16_all(2.0f), t40);
      const f32x16 t44 = f32x16_add(t42, t43);
      const f32x16 t45 = f32x16_div(f32x16_all(1.0f), t39);
      const f32x16 t46 = f32x16_mul(t36, t45);
      const f32x16 t47 = f32x16_mul(t46, t39);
      const f32x16 t48 = f32x16_mul(t46, f32x16_all(4097.0f));
      const f32x16 t49 = f32x16_sub(t48, t46);
      const f32x16 t50 = f32x16_sub(t48, t49);
      const f32x16 t51 = f32x16_sub(t46, t50);
      const f32x16 t52 = f32x16_mul(t39, f32x16_all(4097.0f));
      const f32x16 t53 = f32x16_sub(t52, t39);
      const f32x16 t54 = f32x16_sub(t52, t53);
      const f32x16 t55 = f32x16_sub(t39, t54);
      const f32x16 t56 = f32x16_mul(t50, t54);
      const f32x16 t57 = f32x16_sub(t56, t47);
      const f32x16 t58 = f32x16_mul(t50, t55);
      const f32x16 t59 = f32x16_add(t57, t58);
      const f32x16 t60 = f32x16_mul(t51, t54);
      const f32x16 t61 = f32x16_add(t59, t60);
      const f32x16 t62 = f32x16_mul(t51, t55);
      const f32x16 t63 = f32x16_add(t61, t62);
      const f32x16 t64 = f32x16_sub(t36, t47);
      const f32x16 t65 = f32x16_sub(t64, t63);
      const f32x16 t66 = f32x16_add(t44, t38);
      const f32x16 t67 = f32x16_mul(t46, t66);
      const f32x16 t68 = f32x16_sub(t65, t67);
      const f32x16 t69 = f32x16_add(t68, t38);
      const f32x16 t70 = f32x16_mul(t69, t45);
      const f32x16 t71 = f32x16_add(t70, t46);
      const i32x16 t72 = i32x16_bits_f32(t0);
      const i32x16 t73 = i32x16_and(t72, i32x16_all(INT32_MIN));
      const i32x16 t74 = i32x16_bits_f32(t71);
      const i32x16 t75 = i32x16_or(t74, t73);
      const f32x16 t76 = f32x16_bits_i32(t75);
      f32x16_store(&b0[16 * i0], t76);
    }
    {
      const f32x16 t0 = f32x16_add(v0_1, f32x16_load(&b3[0]));
      const f32x16 t1 = f32x16_abs(t0);
      const f32x16 t2 = f32x16_add(t1, t1);
      const bx16 t3 = f32x16_lt(f32x16_all(18.5f), t2);
      const f32x16 t4 = f32x16_select(t3, f32x16_all(18.5f), t2);
      const f32x16 t5 = f32x16_mul(t4, f32x16_all(1.442695f));
      const f32x16 t6 = f32x16_add(t5, f32x16_all(12582912.0f));
      const f32x16 t7 = f32x16_sub(t6, f32x16_all(12582912.0f));
      const f32x16 t8 = f32x16_mul(t7, f32x16_all((-0.69314575f)));
      const f32x16 t9 = f32x16_add(t8, t4);
      const f32x16 t10 = f32x16_mul(t7, f32x16_all(1.4286068e-06f));
      const f32x16 t11 = f32x16_sub(t9, t10);
      const f32x16 t12 = f32x16_sub(t9, t11);
      const f32x16 t13 = f32x16_sub(t12, t10);
      const f32x16 t14 = f32x16_mul(f32x16_all(0.0013937838f), t11);
      const f32x16 t15 = f32x16_add(t14, f32x16_all(0.008368957f));
      const f32x16 t16 = f32x16_mul(t15, t11);
      const f32x16 t17 = f32x16_add(t16, f32x16_all(0.041666433f));
      const f32x16 t18 = f32x16_mul(t17, t11);
      const f32x16 t19 = f32x16_add(t18, f32x16_all(0.16666518f));
      const f32x16 t20 = f32x16_mul(t19, t11);
      const f32x16 t21 = f32x16_add(t20, f32x16_all(0.5f));
      const f32x16 t22 = f32x16_mul(t11, t11);
      const f32x16 t23 = f32x16_mul(t22, t21);
      const f32x16 t24 = f32x16_add(t23, t13);
      const i32x16 t25 = i32x16_bits_f32(t6);
      const i32x16 t26 = i32x16_shl(t25, i32x16_all(23));
      const i32x16 t27 = i32x16_add(t26, i32x16_all(1065353216));
      const f32x16 t28 = f32x16_bits_i32(t27);
      const f32x16 t29 = f32x16_mul(t28, t11);
      const f32x16 t30 = f32x16_sub(t28, f32x16_all(1.0f));
      const f32x16 t31 = f32x16_add(t30, t29);
      const f32x16 t32 = f32x16_sub(t31, t30);
      const f32x16 t33 = f32x16_sub(t29, t32);
      const f32x16 t34 = f32x16_mul(t28, t24);
      const f32x16 t35 = f32x16_add(t34, t33);
      const f32x16 t36 = f32x16_add(t31, t35);
      const f32x16 t37 = f32x16_sub(t36, t31);
      const f32x16 t38 = f32x16_sub(t35, t37);
      const f32x16 t39 = f32x16_add(t36, f32x16_all(2.0f));
      const f32x16 t40 = f32x16_sub(t39, t36);
      const f32x16 t41 = f32x16_sub(t39, t40);
      const f32x16 t42 = f32x16_sub(t36, t41);
      const f32x16 t43 = f32x16_sub(f32x16_all(2.0f), t40);
      const f32x16 t44 = f32x16_add(t42, t43);
      const f32x16 t45 = f32x16_div(f32x16_all(1.0f), t39);
      const f32x16 t46 = f32x16_mul(t36, t45);
      const f32x16 t47 = f32x16_mul(t46, t39);
      const f32x16 t48 = f32x16_mul(t46, f32x16_all(4097.0f));
      const f32x16 t49 = f32x16_sub(t48, t46);
      const f32x16 t50 = f32x16_sub(t48, t49);
      const f32x16 t51 = f32x16_sub(t46, t50);
      const f32x16 t52 = f32x16_mul(t39, f32x16_all(4097.0f));
      const f32x16 t53 = f32x16_sub(t52, t39);
      const f32x16 t54 = f32x16_sub(t52, t53);
      const f32x16 t55 = f32x16_sub(t39, t54);
      const f32x16 t56 = f32x16_mul(t50, t54);
      const f32x16 t57 = f32x16_sub(t56, t47);
      const f32x16 t58 = f32x16_mul(t50, t55);
      const f32x16 t59 = f32x16_add(t57, t58);
      const f32x16 t60 = f32x16_mul(t51, t54);
      const f32x16 t61 = f32x16_add(t59, t60);
      const f32x16 t62 = f32x16_mul(t51, t55);
      const f32x16 t63 = f32x16_add(t61, t62);
      const f32x16 t64 = f32x16_sub(t36, t47);
      const f32x16 t65 = f32x16_sub(t64, t63);
      const f32x16 t66 = f32x16_add(t44, t38);
      const f32x16 t67 = f32x16_mul(t46, t66);
      const f32x16 t68 = f32x16_sub(t65, t67);
      const f32x16 t69 = f32x16_add(t68, t38);
      const f32x16 t70 = f32x16_mul(t69, t45);
      const f32x16 t71 = f32x16_add(t70, t46);
      const i32x16 t72 = i32x16_bits_f32(t0);
      const i32x16 t73 = i32x16_and(t72, i32x16_all(INT32_MIN));
      const i32x16 t74 = i32x16_bits_f32(t71);
      const i32x16 t75 = i32x16_or(t74, t73);
      const f32x16 t76 = f32x16_bits_i32(t75);
      f32x16_store(&b0[16 * i0 + 16], t76);
    }
  }
  for (ptrdiff_t i4 = i0; i4 < n1; i4++) {
    v1_0 = f32x16_all(0.0f);
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[i4]), f32x16_load(&b2[0])));
    const f32x16 t77 = f32x16_add(v1_0, f32x16_load(&b3[0]));
    const f32x16 t78 = f32x16_abs(t77);
    const f32x16 t79 = f32x16_add(t78, t78);
    const bx16 t80 = f32x16_lt(f32x16_all(18.5f), t79);
    const f32x16 t81 = f32x16_select(t80, f32x16_all(18.5f), t79);
    const f32x16 t82 = f32x16_mul(t81, f32x16_all(1.442695f));
    const f32x16 t83 = f32x16_add(t82, f32x16_all(12582912.0f));
    const f32x16 t84 = f32x16_sub(t83, f32x16_all(12582912.0f));
    const f32x16 t85 = f32x16_mul(t84, f32x16_all((-0.69314575f)));
    const f32x16 t86 = f32x16_add(t85, t81);
    const f32x16 t87 = f32x16_mul(t84, f32x16_all(1.4286068e-06f));
    const f32x16 t88 = f32x16_sub(t86, t87);
    const f32x16 t89 = f32x16_sub(t86, t88);
    const f32x16 t90 = f32x16_sub(t89, t87);
    const f32x16 t91 = f32x16_mul(f32x16_all(0.0013937838f), t88);
    const f32x16 t92 = f32x16_add(t91, f32x16_all(0.008368957f));
    const f32x16 t93 = f32x16_mul(t92, t88);
    const f32x16 t94 = f32x16_add(t93, f32x16_all(0.041666433f));
    const f32x16 t95 = f32x16_mul(t94, t88);
    const f32x16 t96 = f32x16_add(t95, f32x16_all(0.16666518f));
    const f32x16 t97 = f32x16_mul(t96, t88);
    const f32x16 t98 = f32x16_add(t97, f32x16_all(0.5f));
    const f32x16 t99 = f32x16_mul(t88, t88);
    const f32x16 t100 = f32x16_mul(t99, t98);
    const f32x16 t101 = f32x16_add(t100, t90);
    const i32x16 t102 = i32x16_bits_f32(t83);
    const i32x16 t103 = i32x16_shl(t102, i32x16_all(23));
    const i32x16 t104 = i32x16_add(t103, i32x16_all(1065353216));
    const f32x16 t105 = f32x16_bits_i32(t104);
    const f32x16 t106 = f32x16_mul(t105, t88);
    const f32x16 t107 = f32x16_sub(t105, f32x16_all(1.0f));
    const f32x16 t108 = f32x16_add(t107, t106);
    const f32x16 t109 = f32x16_sub(t108, t107);
    const f32x16 t110 = f32x16_sub(t106, t109);
    const f32x16 t111 = f32x16_mul(t105, t101);
    const f32x16 t112 = f32x16_add(t111, t110);
    const f32x16 t113 = f32x16_add(t108, t112);
    const f32x16 t114 = f32x16_sub(t113, t108);
    const f32x16 t115 = f32x16_sub(t112, t114);
    const f32x16 t116 = f32x16_add(t113, f32x16_all(2.0f));
    const f32x16 t117 = f32x16_sub(t116, t113);
    const f32x16 t118 = f32x16_sub(t116, t117);
    const f32x16 t119 = f32x16_sub(t113, t118);
    const f32x16 t120 = f32x16_sub(f32x16_all(2.0f), t117);
    const f32x16 t121 = f32x16_add(t119, t120);
    const f32x16 t122 = f32x16_div(f32x16_all(1.0f), t116);
    const f32x16 t123 = f32x16_mul(t113, t122);
    const f32x16 t124 = f32x16_mul(t123, t116);
    const f32x16 t125 = f32x16_mul(t123, f32x16_all(4097.0f));
    const f32x16 t126 = f32x16_sub(t125, t123);
    const f32x16 t127 = f32x16_sub(t125, t126);
    const f32x16 t128 = f32x16_sub(t123, t127);
    const f32x16 t129 = f32x16_mul(t116, f32x16_all(4097.0f));
    const f32x16 t130 = f32x16_sub(t129, t116);
    const f32x16 t131 = f32x16_sub(t129, t130);
    const f32x16 t132 = f32x16_sub(t116, t131);
    const f32x16 t133 = f32x16_mul(t127, t131);
    const f32x16 t134 = f32x16_sub(t133, t124);
    const f32x16 t135 = f32x16_mul(t127, t132);
    const f32x16 t136 = f32x16_add(t134, t135);
    const f32x16 t137 = f32x16_mul(t128, t131);
    const f32x16 t138 = f32x16_add(t136, t137);
    const f32x16 t139 = f32x16_mul(t128, t132);
    const f32x16 t140 = f32x16_add(t138, t139);
    const f32x16 t141 = f32x16_sub(t113, t124);
    const f32x16 t142 = f32x16_sub(t141, t140);
    const f32x16 t143 = f32x16_add(t121, t115);
    const f32x16 t144 = f32x16_mul(t123, t143);
    const f32x16 t145 = f32x16_sub(t142, t144);
    const f32x16 t146 = f32x16_add(t145, t115);
    const f32x16 t147 = f32x16_mul(t146, t122);
    const f32x16 t148 = f32x16_add(t147, t123);
    const i32x16 t149 = i32x16_bits_f32(t77);
    const i32x16 t150 = i32x16_and(t149, i32x16_all(INT32_MIN));
    const i32x16 t151 = i32x16_bits_f32(t148);
    const i32x16 t152 = i32x16_or(t151, t150);
    const f32x16 t153 = f32x16_bits_i32(t152);
    f32x16_store(&b0[16 * i4], t153);
  }
}

/* tanh curve: sine.net:5 */
NETC_KERNEL void matmul_curve_1(ptrdiff_t n0, ptrdiff_t n1, float *restrict b0, const float *restrict b1, const float *restrict b2, const float *restrict b3) {
  f32x16 v0_0, v0_1;
  f32x16 v1_0;
  ptrdiff_t i0 = n0;
  for (; i0 + 2 <= n1; i0 += 2) {
    v0_0 = f32x16_all(0.0f);
    v0_1 = f32x16_all(0.0f);
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0]), f32x16_load(&b2[0])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 16]), f32x16_load(&b2[0])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 1]), f32x16_load(&b2[16])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 17]), f32x16_load(&b2[16])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 2]), f32x16_load(&b2[32])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 18]), f32x16_load(&b2[32])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 3]), f32x16_load(&b2[48])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 19]), f32x16_load(&b2[48])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 4]), f32x16_load(&b2[64])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 20]), f32x16_load(&b2[64])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 5]), f32x16_load(&b2[80])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 21]), f32x16_load(&b2[80])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 6]), f32x16_load(&b2[96])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 22]), f32x16_load(&b2[96])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 7]), f32x16_load(&b2[112])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 23]), f32x16_load(&b2[112])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 8]), f32x16_load(&b2[128])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 24]), f32x16_load(&b2[128])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 9]), f32x16_load(&b2[144])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 25]), f32x16_load(&b2[144])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 10]), f32x16_load(&b2[160])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 26]), f32x16_load(&b2[160])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 11]), f32x16_load(&b2[176])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 27]), f32x16_load(&b2[176])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 12]), f32x16_load(&b2[192])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 28]), f32x16_load(&b2[192])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 13]), f32x16_load(&b2[208])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 29]), f32x16_load(&b2[208])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 14]), f32x16_load(&b2[224])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 30]), f32x16_load(&b2[224])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 15]), f32x16_load(&b2[240])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 31]), f32x16_load(&b2[240])));
    {
      const f32x16 t0 = f32x16_add(v0_0, f32x16_load(&b3[0]));
      const f32x16 t1 = f32x16_abs(t0);
      const f32x16 t2 = f32x16_add(t1, t1);
      const bx16 t3 = f32x16_lt(f32x16_all(18.5f), t2);
      const f32x16 t4 = f32x16_select(t3, f32x16_all(18.5f), t2);
      const f32x16 t5 = f32x16_mul(t4, f32x16_all(1.442695f));
      const f32x16 t6 = f32x16_add(t5, f32x16_all(12582912.0f));
      const f32x16 t7 = f32x16_sub(t6, f32x16_all(12582912.0f));
      const f32x16 t8 = f32x16_mul(t7, f32x16_all((-0.69314575f)));
      const f32x16 t9 = f32x16_add(t8, t4);
      const f32x16 t10 = f32x16_mul(t7, f32x16_all(1.4286068e-06f));
      const f32x16 t11 = f32x16_sub(t9, t10);
      const f32x16 t12 = f32x16_sub(t9, t11);
      const f32x16 t13 = f32x16_sub(t12, t10);
      const f32x16 t14 = f32x16_mul(f32x16_all(0.0013937838f), t11);
      const f32x16 t15 = f32x16_add(t14, f32x16_all(0.008368957f));
      const f32x16 t16 = f32x16_mul(t15, t11);
      const f32x16 t17 = f32x16_add(t16, f32x16_all(0.041666433f));
      const f32x16 t18 = f32x16_mul(t17, t11);
      const f32x16 t19 = f32x16_add(t18, f32x16_all(0.16666518f));
      const f32x16 t20 = f32x16_mul(t19, t11);
      const f32x16 t21 = f32x16_add(t20, f32x16_all(0.5f));
      const f32x16 t22 = f32x16_mul(t11, t11);
      const f32x16 t23 = f32x16_mul(t22, t21);
      const f32x16 t24 = f32x16_add(t23, t13);
      const i32x16 t25 = i32x16_bits_f32(t6);
      const i32x16 t26 = i32x16_shl(t25, i32x16_all(23));
      const i32x16 t27 = i32x16_add(t26, i32x16_all(1065353216));
      const f32x16 t28 = f32x16_bits_i32(t27);
      const f32x16 t29 = f32x16_mul(t28, t11);
      const f32x16 t30 = f32x16_sub(t28, f32x16_all(1.0f));
      const f32x16 t31 = f32x16_add(t30, t29);
      const f32x16 t32 = f32x16_sub(t31, t30);
      const f32x16 t33 = f32x16_sub(t29, t32);
      const f32x16 t34 = f32x16_mul(t28, t24);
      const f32x16 t35 = f32x16_add(t34, t33);
      const f32x16 t36 = f32x16_add(t31, t35);
      const f32x16 t37 = f32x16_sub(t36, t31);
      const f32x16 t38 = f32x16_sub(t35, t37);
      const f32x16 t39 = f32x16_add(t36, f32x16_all(2.0f));
      const f32x16 t40 = f32x16_sub(t39, t36);
      const f32x16 t41 = f32x16_sub(t39, t40);
      const f32x16 t42 = f32x16_sub(t36, t41);
      const f32x16 t43 = f32x16_sub(f32x16_all(2.0f), t40);
      const f32x16 t44 = f32x16_add(t42, t43);
      const f32x16 t45 = f32x16_div(f32x16_all(1.0f), t39);
      const f32x16 t46 = f32x16_mul(t36, t45);
      const f32x16 t47 = f32x16_mul(t46, t39);
      const f32x16 t48 = f32x16_mul(t46, f32x16_all(4097.0f));
      const f32x16 t49 = f32x16_sub(t48, t46);
      const f32x16 t50 = f32x16_sub(t48, t49);
      const f32x16 t51 = f32x16_sub(t46, t50);
      const f32x16 t52 = f32x16_mul(t39, f32x16_all(4097.0f));
      const f32x16 t53 = f32x16_sub(t52, t39);
      const f32x16 t54 = f32x16_sub(t52, t53);
      const f32x16 t55 = f32x16_sub(t39, t54);
      const f32x16 t56 = f32x16_mul(t50, t54);
      const f32x16 t57 = f32x16_sub(t56, t47);
      const f32x16 t58 = f32x16_mul(t50, t55);
      const f32x16 t59 = f32x16_add(t57, t58);
      const f32x16 t60 = f32x16_mul(t51, t54);
      const f32x16 t61 = f32x16_add(t59, t60);
      const f32x16 t62 = f32x16_mul(t51, t55);
      const f32x16 t63 = f32x16_add(t61, t62);
      const f32x16 t64 = f32x16_sub(t36, t47);
      const f32x16 t65 = f32x16_sub(t64, t63);
      const f32x16 t66 = f32x16_add(t44, t38);
      const f32x16 t67 = f32x16_mul(t46, t66);
      const f32x16 t68 = f32x16_sub(t65, t67);
      const f32x16 t69 = f32x16_add(t68, t38);
      const f32x16 t70 = f32x16_mul(t69, t45);
      const f32x16 t71 = f32x16_add(t70, t46);
      const i32x16 t72 = i32x16_bits_f32(t0);
      const i32x16 t73 = i32x16_and(t72, i32x16_all(INT32_MIN));
      const i32x16 t74 = i32x16_bits_f32(t71);
      const i32x16 t75 = i32x16_or(t74, t73);
      const f32x16 t76 = f32x16_bits_i32(t75);
      f32x16_store(&b0[16 * i0], t76);
    }
    {
      const f32x16 t0 = f32x16_add(v0_1, f32x16_load(&b3[0]));
      const f32x16 t1 = f32x16_abs(t0);
      const f32x16 t2 = f32x16_add(t1, t1);
      const bx16 t3 = f32x16_lt(f32x16_all(18.5f), t2);
      const f32x16 t4 = f32x16_select(t3, f32x16_all(18.5f), t2);
      const f32x16 t5 = f32x16_mul(t4, f32x16_all(1.442695f));
      const f32x16 t6 = f32x16_add(t5, f32x16_all(12582912.0f));
      const f32x16 t7 = f32x16_sub(t6, f32x16_all(12582912.0f));
      const f32x16 t8 = f32x16_mul(t7, f32x16_all((-0.69314575f)));
      const f32x16 t9 = f32x16_add(t8, t4);
      const f32x16 t10 = f32x16_mul(t7, f32x16_all(1.4286068e-06f));
      const f32x16 t11 = f32x16_sub(t9, t10);
      const f32x16 t12 = f32x16_sub(t9, t11);
      const f32x16 t13 = f32x16_sub(t12, t10);
      const f32x16 t14 = f32x16_mul(f32x16_all(0.0013937838f), t11);
      const f32x16 t15 = f32x16_add(t14, f32x16_all(0.008368957f));
      const f32x16 t16 = f32x16_mul(t15, t11);
      const f32x16 t17 = f32x16_add(t16, f32x16_all(0.041666433f));
      const f32x16 t18 = f32x16_mul(t17, t11);
      const f32x16 t19 = f32x16_add(t18, f32x16_all(0.16666518f));
      const f32x16 t20 = f32x16_mul(t19, t11);
      const f32x16 t21 = f32x16_add(t20, f32x16_all(0.5f));
      const f32x16 t22 = f32x16_mul(t11, t11);
      const f32x16 t23 = f32x16_mul(t22, t21);
      const f32x16 t24 = f32x16_add(t23, t13);
      const i32x16 t25 = i32x16_bits_f32(t6);
      const i32x16 t26 = i32x16_shl(t25, i32x16_all(23));
      const i32x16 t27 = i32x16_add(t26, i32x16_all(1065353216));
      const f32x16 t28 = f32x16_bits_i32(t27);
      const f32x16 t29 = f32x16_mul(t28, t11);
      const f32x16 t30 = f32x16_sub(t28, f32x16_all(1.0f));
      const f32x16 t31 = f32x16_add(t30, t29);
      const f32x16 t32 = f32x16_sub(t31, t30);
      const f32x16 t33 = f32x16_sub(t29, t32);
      const f32x16 t34 = f32x16_mul(t28, t24);
      const f32x16 t35 = f32x16_add(t34, t33);
      const f32x16 t36 = f32x16_add(t31, t35);
      const f32x16 t37 = f32x16_sub(t36, t31);
      const f32x16 t38 = f32x16_sub(t35, t37);
      const f32x16 t39 = f32x16_add(t36, f32x16_all(2.0f));
      const f32x16 t40 = f32x16_sub(t39, t36);
      const f32x16 t41 = f32x16_sub(t39, t40);
      const f32x16 t42 = f32x16_sub(t36, t41);
      const f32x16 t43 = f32x16_sub(f32x16_all(2.0f), t40);
      const f32x16 t44 = f32x16_add(t42, t43);
      const f32x16 t45 = f32x16_div(f32x16_all(1.0f), t39);
      const f32x16 t46 = f32x16_mul(t36, t45);
      const f32x16 t47 = f32x16_mul(t46, t39);
      const f32x16 t48 = f32x16_mul(t46, f32x16_all(4097.0f));
      const f32x16 t49 = f32x16_sub(t48, t46);
      const f32x16 t50 = f32x16_sub(t48, t49);
      const f32x16 t51 = f32x16_sub(t46, t50);
      const f32x16 t52 = f32x16_mul(t39, f32x16_all(4097.0f));
      const f32x16 t53 = f32x16_sub(t52, t39);
      const f32x16 t54 = f32x16_sub(t52, t53);
      const f32x16 t55 = f32x16_sub(t39, t54);
      const f32x16 t56 = f32x16_mul(t50, t54);
      const f32x16 t57 = f32x16_sub(t56, t47);
      const f32x16 t58 = f32x16_mul(t50, t55);
      const f32x16 t59 = f32x16_add(t57, t58);
      const f32x16 t60 = f32x16_mul(t51, t54);
      const f32x16 t61 = f32x16_add(t59, t60);
      const f32x16 t62 = f32x16_mul(t51, t55);
      const f32x16 t63 = f32x16_add(t61, t62);
      const f32x16 t64 = f32x16_sub(t36, t47);
      const f32x16 t65 = f32x16_sub(t64, t63);
      const f32x16 t66 = f32x16_add(t44, t38);
      const f32x16 t67 = f32x16_mul(t46, t66);
      const f32x16 t68 = f32x16_sub(t65, t67);
      const f32x16 t69 = f32x16_add(t68, t38);
      const f32x16 t70 = f32x16_mul(t69, t45);
      const f32x16 t71 = f32x16_add(t70, t46);
      const i32x16 t72 = i32x16_bits_f32(t0);
      const i32x16 t73 = i32x16_and(t72, i32x16_all(INT32_MIN));
      const i32x16 t74 = i32x16_bits_f32(t71);
      const i32x16 t75 = i32x16_or(t74, t73);
      const f32x16 t76 = f32x16_bits_i32(t75);
      f32x16_store(&b0[16 * i0 + 16], t76);
    }
  }
  for (ptrdiff_t i5 = i0; i5 < n1; i5++) {
    v1_0 = f32x16_all(0.0f);
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5]), f32x16_load(&b2[0])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 1]), f32x16_load(&b2[16])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 2]), f32x16_load(&b2[32])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 3]), f32x16_load(&b2[48])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 4]), f32x16_load(&b2[64])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 5]), f32x16_load(&b2[80])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 6]), f32x16_load(&b2[96])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 7]), f32x16_load(&b2[112])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 8]), f32x16_load(&b2[128])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 9]), f32x16_load(&b2[144])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 10]), f32x16_load(&b2[160])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 11]), f32x16_load(&b2[176])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 12]), f32x16_load(&b2[192])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 13]), f32x16_load(&b2[208])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 14]), f32x16_load(&b2[224])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 15]), f32x16_load(&b2[240])));
    const f32x16 t77 = f32x16_add(v1_0, f32x16_load(&b3[0]));
    const f32x16 t78 = f32x16_abs(t77);
    const f32x16 t79 = f32x16_add(t78, t78);
    const bx16 t80 = f32x16_lt(f32x16_all(18.5f), t79);
    const f32x16 t81 = f32x16_select(t80, f32x16_all(18.5f), t79);
    const f32x16 t82 = f32x16_mul(t81, f32x16_all(1.442695f));
    const f32x16 t83 = f32x16_add(t82, f32x16_all(12582912.0f));
    const f32x16 t84 = f32x16_sub(t83, f32x16_all(12582912.0f));
    const f32x16 t85 = f32x16_mul(t84, f32x16_all((-0.69314575f)));
    const f32x16 t86 = f32x16_add(t85, t81);
    const f32x16 t87 = f32x16_mul(t84, f32x16_all(1.4286068e-06f));
    const f32x16 t88 = f32x16_sub(t86, t87);
    const f32x16 t89 = f32x16_sub(t86, t88);
    const f32x16 t90 = f32x16_sub(t89, t87);
    const f32x16 t91 = f32x16_mul(f32x16_all(0.0013937838f), t88);
    const f32x16 t92 = f32x16_add(t91, f32x16_all(0.008368957f));
    const f32x16 t93 = f32x16_mul(t92, t88);
    const f32x16 t94 = f32x16_add(t93, f32x16_all(0.041666433f));
    const f32x16 t95 = f32x16_mul(t94, t88);
    const f32x16 t96 = f32x16_add(t95, f32x16_all(0.16666518f));
    const f32x16 t97 = f32x16_mul(t96, t88);
    const f32x16 t98 = f32x16_add(t97, f32x16_all(0.5f));
    const f32x16 t99 = f32x16_mul(t88, t88);
    const f32x16 t100 = f32x16_mul(t99, t98);
    const f32x16 t101 = f32x16_add(t100, t90);
    const i32x16 t102 = i32x16_bits_f32(t83);
    const i32x16 t103 = i32x16_shl(t102, i32x16_all(23));
    const i32x16 t104 = i32x16_add(t103, i32x16_all(1065353216));
    const f32x16 t105 = f32x16_bits_i32(t104);
    const f32x16 t106 = f32x16_mul(t105, t88);
    const f32x16 t107 = f32x16_sub(t105, f32x16_all(1.0f));
    const f32x16 t108 = f32x16_add(t107, t106);
    const f32x16 t109 = f32x16_sub(t108, t107);
    const f32x16 t110 = f32x16_sub(t106, t109);
    const f32x16 t111 = f32x16_mul(t105, t101);
    const f32x16 t112 = f32x16_add(t111, t110);
    const f32x16 t113 = f32x16_add(t108, t112);
    const f32x16 t114 = f32x16_sub(t113, t108);
    const f32x16 t115 = f32x16_sub(t112, t114);
    const f32x16 t116 = f32x16_add(t113, f32x16_all(2.0f));
    const f32x16 t117 = f32x16_sub(t116, t113);
    const f32x16 t118 = f32x16_sub(t116, t117);
    const f32x16 t119 = f32x16_sub(t113, t118);
    const f32x16 t120 = f32x16_sub(f32x16_all(2.0f), t117);
    const f32x16 t121 = f32x16_add(t119, t120);
    const f32x16 t122 = f32x16_div(f32x16_all(1.0f), t116);
    const f32x16 t123 = f32x16_mul(t113, t122);
    const f32x16 t124 = f32x16_mul(t123, t116);
    const f32x16 t125 = f32x16_mul(t123, f32x16_all(4097.0f));
    const f32x16 t126 = f32x16_sub(t125, t123);
    const f32x16 t127 = f32x16_sub(t125, t126);
    const f32x16 t128 = f32x16_sub(t123, t127);
    const f32x16 t129 = f32x16_mul(t116, f32x16_all(4097.0f));
    const f32x16 t130 = f32x16_sub(t129, t116);
    const f32x16 t131 = f32x16_sub(t129, t130);
    const f32x16 t132 = f32x16_sub(t116, t131);
    const f32x16 t133 = f32x16_mul(t127, t131);
    const f32x16 t134 = f32x16_sub(t133, t124);
    const f32x16 t135 = f32x16_mul(t127, t132);
    const f32x16 t136 = f32x16_add(t134, t135);
    const f32x16 t137 = f32x16_mul(t128, t131);
    const f32x16 t138 = f32x16_add(t136, t137);
    const f32x16 t139 = f32x16_mul(t128, t132);
    const f32x16 t140 = f32x16_add(t138, t139);
    const f32x16 t141 = f32x16_sub(t113, t124);
    const f32x16 t142 = f32x16_sub(t141, t140);
    const f32x16 t143 = f32x16_add(t121, t115);
    const f32x16 t144 = f32x16_mul(t123, t143);
    const f32x16 t145 = f32x16_sub(t142, t144);
    const f32x16 t146 = f32x16_add(t145, t115);
    const f32x16 t147 = f32x16_mul(t146, t122);
    const f32x16 t148 = f32x16_add(t147, t123);
    const i32x16 t149 = i32x16_bits_f32(t77);
    const i32x16 t150 = i32x16_and(t149, i32x16_all(INT32_MIN));
    const i32x16 t151 = i32x16_bits_f32(t148);
    const i32x16 t152 = i32x16_or(t151, t150);
    const f32x16 t153 = f32x16_bits_i32(t152);
    f32x16_store(&b0[16 * i5], t153);
  }
}

/* add dense3: sine.net:5, from sine.net:5 */
NETC_KERNEL void matmul_dense3(ptrdiff_t n0, ptrdiff_t n1, float *restrict b0, const float *restrict b1, const float *restrict b2, const float *restrict b3) {
  f32x16 v0_0, v0_1;
  f32x16 v1_0;
  ptrdiff_t i0 = n0;
  for (; i0 + 2 <= n1; i0 += 2) {
    v0_0 = f32x16_all(0.0f);
    v0_1 = f32x16_all(0.0f);
    for (ptrdiff_t i2 = 0; i2 + 16 <= 16; i2 += 16) {
      v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_load(&b1[16 * i0 + i2]), f32x16_load(&b2[i2])));
      v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_load(&b1[16 * i0 + i2 + 16]), f32x16_load(&b2[i2])));
    }
    {
      const float t0 = f32x16_fold_sum(v0_0);
      b0[i0] = (t0 + b3[0]);
    }
    {
      const float t0 = f32x16_fold_sum(v0_1);
      b0[i0 + 1] = (t0 + b3[0]);
    }
  }
  for (ptrdiff_t i5 = i0; i5 < n1; i5++) {
    v1_0 = f32x16_all(0.0f);
    for (ptrdiff_t i6 = 0; i6 + 16 <= 16; i6 += 16) {
      v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_load(&b1[16 * i5 + i6]), f32x16_load(&b2[i6])));
    }
    const float t1 = f32x16_fold_sum(v1_0);
    b0[i5] = (t1 + b3[0]);
  }
}

static int32_t predict_phase0(netc_frame *frame, ptrdiff_t a0, ptrdiff_t a1) {
  (void)a0;
  (void)a1;
  matmul_curve(a0, a1, (float *)((uintptr_t)frame->local + (uintptr_t)(0 - (a0 * 64))), (const float *)((char *)frame->buffers[0]), (const float *)((char *)frame->buffers[1]), (const float *)((char *)frame->buffers[2]));
  matmul_curve_1(a0, a1, (float *)((uintptr_t)frame->local + (uintptr_t)(1024 - (a0 * 64))), (const float *)((uintptr_t)frame->local + (uintptr_t)(0 - (a0 * 64))), (const float *)((char *)frame->buffers[3]), (const float *)((char *)frame->buffers[4]));
  matmul_dense3(a0, a1, (float *)(frame->arena), (const float *)((uintptr_t)frame->local + (uintptr_t)(1024 - (a0 * 64))), (const float *)((char *)frame->buffers[5]), (const float *)((char *)frame->buffers[6]));
  return frame->fault_node >= 0;
}

static int32_t predict_run(netc_frame *frame) {
  for (ptrdiff_t i0 = 0; i0 < 16; i0++) {
    frame->slot = i0;
    for (ptrdiff_t i1 = (i0 * (((((ptrdiff_t)frame->batch + 15) / 16) + 15) / 16)); i1 < netc_least(((i0 * (((((ptrdiff_t)frame->batch + 15) / 16) + 15) / 16)) + (((((ptrdiff_t)frame->batch + 15) / 16) + 15) / 16)), (((ptrdiff_t)frame->batch + 15) / 16)); i1++) {
      if (predict_phase0(frame, (i1 * 16), netc_least(((i1 * 16) + 16), (ptrdiff_t)frame->batch)))
        return 1;
    }
  }
  return frame->fault_node >= 0;
}

int sine_predict(const sine_state *state, void *arena, int n, const float *x, float *guess) {
  if (n < 1 || n > SINE_MAX_BATCH)
    return SINE_BAD_BATCH;
  void *const buffers[] = {(void *)x, (void *)state->dense1_kernel, (void *)state->dense1_bias, (void *)state->dense2_kernel, (void *)state->dense2_bias, (void *)state->dense3_kernel, (void *)state->dense3_bias, (void *)state->adam_m_dense1_kernel, (void *)state->adam_v_dense1_kernel, (void *)state->adam_m_dense1_bias, (void *)state->adam_v_dense1_bias, (void *)state->adam_m_dense2_kernel, (void *)state->adam_v_dense2_kernel, (void *)state->adam_m_dense2_bias, (void *)state->adam_v_dense2_bias, (void *)state->adam_m_dense3_kernel, (void *)state->adam_v_dense3_kernel, (void *)state->adam_m_dense3_bias, (void *)state->adam_v_dense3_bias, (void *)state->evaluate_loss_total0, (void *)state->evaluate_loss_total1, (void *)state->train_step_loss_total0, (void *)state->train_step_loss_total1};
  netc_frame frame = {.arena = (char *)arena + 64,
                      .local = (char *)arena + 2112,
                      .buffers = buffers,
                      .batch = n,
                      .max_batch = 32,
                      .seed = state->seed,
                      .step = state->step,
                      .epoch = state->epoch,
                      .fault_node = -1};
  if (*(int64_t *)arena != 1) {
    memset(arena, 0, SINE_ARENA_SIZE);
    *(int64_t *)arena = 1;
  }
  if (predict_run(&frame))
    return sine_undefined(arena, &frame);
  if (guess)
    memcpy(guess, (char *)arena + 64, sizeof *guess * 1 * (size_t)n);
  return SINE_OK;
}

/* sum loss, slots: sine.net:7 */
NETC_KERNEL void begin_30(ptrdiff_t s0, ptrdiff_t s1, float *restrict b0) {
  ptrdiff_t i0 = s0;
  for (; i0 + 16 <= s1; i0 += 16) {
    f32x16_store(&b0[i0], f32x16_all(0.0f));
  }
  for (ptrdiff_t i1 = i0; i1 < s1; i1++) {
    b0[i1] = 0.0f;
  }
}

static int32_t evaluate_begin0(netc_frame *frame, ptrdiff_t a0, ptrdiff_t a1) {
  (void)a0;
  (void)a1;
  begin_30(0, 64, (float *)(frame->arena + ((ptrdiff_t)frame->slot * 256)));
  return frame->fault_node >= 0;
}

/* mul loss: sine.net:7 */
NETC_KERNEL void matmul_loss(ptrdiff_t n0, ptrdiff_t n1, float *restrict b0, const float *restrict b1, const float *restrict b2, const float *restrict b3, const float *restrict b4) {
  f32x16 v0_0, v0_1;
  f32x16 v1_0;
  ptrdiff_t i0 = n0;
  for (; i0 + 2 <= n1; i0 += 2) {
    v0_0 = f32x16_all(0.0f);
    v0_1 = f32x16_all(0.0f);
    for (ptrdiff_t i2 = 0; i2 + 16 <= 16; i2 += 16) {
      v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_load(&b1[16 * i0 + i2]), f32x16_load(&b2[i2])));
      v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_load(&b1[16 * i0 + i2 + 16]), f32x16_load(&b2[i2])));
    }
    {
      const float t0 = f32x16_fold_sum(v0_0);
      const float t1 = ((t0 + b3[0]) - b4[i0]);
      b0[i0] = (t1 * t1);
    }
    {
      const float t0 = f32x16_fold_sum(v0_1);
      const float t1 = ((t0 + b3[0]) - b4[i0 + 1]);
      b0[i0 + 1] = (t1 * t1);
    }
  }
  for (ptrdiff_t i5 = i0; i5 < n1; i5++) {
    v1_0 = f32x16_all(0.0f);
    for (ptrdiff_t i6 = 0; i6 + 16 <= 16; i6 += 16) {
      v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_load(&b1[16 * i5 + i6]), f32x16_load(&b2[i6])));
    }
    const float t2 = f32x16_fold_sum(v1_0);
    const float t3 = ((t2 + b3[0]) - b4[i5]);
    b0[i5] = (t3 * t3);
  }
}

/* sum loss, slots: sine.net:7 */
NETC_KERNEL void sum_loss(ptrdiff_t n0, ptrdiff_t n1, float *restrict b0, const float *restrict b1) {
  f32x16 v0_0;
  float v1_0;
  v0_0 = f32x16_all(0.0f);
  v1_0 = 0.0f;
  ptrdiff_t i0 = n0;
  for (; i0 + 16 <= n1; i0 += 16) {
    v0_0 = f32x16_add(v0_0, f32x16_load(&b1[i0]));
  }
  for (ptrdiff_t i1 = i0; i1 < n1; i1++) {
    v1_0 = (v1_0 + b1[i1]);
  }
  b0[0] = (b0[0] + (f32x16_fold_sum(v0_0) + v1_0));
}

static int32_t evaluate_phase0(netc_frame *frame, ptrdiff_t a0, ptrdiff_t a1) {
  (void)a0;
  (void)a1;
  matmul_curve(a0, a1, (float *)((uintptr_t)frame->local + (uintptr_t)(0 - (a0 * 64))), (const float *)((char *)frame->buffers[0]), (const float *)((char *)frame->buffers[2]), (const float *)((char *)frame->buffers[3]));
  matmul_curve_1(a0, a1, (float *)((uintptr_t)frame->local + (uintptr_t)(1024 - (a0 * 64))), (const float *)((uintptr_t)frame->local + (uintptr_t)(0 - (a0 * 64))), (const float *)((char *)frame->buffers[4]), (const float *)((char *)frame->buffers[5]));
  matmul_loss(a0, a1, (float *)((uintptr_t)frame->local + (uintptr_t)(0 - (a0 * 4))), (const float *)((uintptr_t)frame->local + (uintptr_t)(1024 - (a0 * 64))), (const float *)((char *)frame->buffers[6]), (const float *)((char *)frame->buffers[7]), (const float *)((char *)frame->buffers[1]));
  sum_loss(a0, a1, (float *)(frame->arena + ((ptrdiff_t)frame->slot * 256)), (const float *)((uintptr_t)frame->local + (uintptr_t)(0 - (a0 * 4))));
  return frame->fault_node >= 0;
}

/* sum loss, fold: sine.net:7 */
NETC_KERNEL void sum_loss_6(float *restrict b0, const float *restrict b1) {
  float v0_0;
  v0_0 = 0.0f;
  v0_0 = (v0_0 + b1[0]);
  v0_0 = (v0_0 + b1[64]);
  v0_0 = (v0_0 + b1[128]);
  v0_0 = (v0_0 + b1[192]);
  v0_0 = (v0_0 + b1[256]);
  v0_0 = (v0_0 + b1[320]);
  v0_0 = (v0_0 + b1[384]);
  v0_0 = (v0_0 + b1[448]);
  v0_0 = (v0_0 + b1[512]);
  v0_0 = (v0_0 + b1[576]);
  v0_0 = (v0_0 + b1[640]);
  v0_0 = (v0_0 + b1[704]);
  v0_0 = (v0_0 + b1[768]);
  v0_0 = (v0_0 + b1[832]);
  v0_0 = (v0_0 + b1[896]);
  v0_0 = (v0_0 + b1[960]);
  b0[0] = v0_0;
}

/* div loss: sine.net:7 */
NETC_KERNEL void div_loss(netc_frame *frame, float *restrict b0, const float *restrict b1) {
  b0[0] = (b1[0] / (float)(frame->batch));
}

static int32_t evaluate_phase1(netc_frame *frame, ptrdiff_t a0, ptrdiff_t a1) {
  (void)a0;
  (void)a1;
  sum_loss_6((float *)(frame->arena + 4096), (const float *)(frame->arena));
  div_loss(frame, (float *)(frame->arena), (const float *)(frame->arena + 4096));
  return frame->fault_node >= 0;
}

/* add */
NETC_KERNEL void add_29(netc_frame *frame, int64_t *restrict b0) {
  b0[0] = i64_add(b0[0], frame->batch);
}

static int32_t evaluate_phase2(netc_frame *frame, ptrdiff_t a0, ptrdiff_t a1) {
  (void)a0;
  (void)a1;
  add_29(frame, (int64_t *)((char *)frame->buffers[21]));
  return frame->fault_node >= 0;
}

/* add */
NETC_KERNEL void add_27(double *restrict b0, const float *restrict b1) {
  b0[0] = (b0[0] + (double)(b1[0]));
}

static int32_t evaluate_phase3(netc_frame *frame, ptrdiff_t a0, ptrdiff_t a1) {
  (void)a0;
  (void)a1;
  add_27((double *)((char *)frame->buffers[20]), (const float *)(frame->arena + 4096));
  return frame->fault_node >= 0;
}

static int32_t evaluate_run(netc_frame *frame) {
  for (ptrdiff_t i0 = 0; i0 < 16; i0++) {
    frame->slot = i0;
    if (evaluate_begin0(frame, 0, (ptrdiff_t)frame->batch))
      return 1;
    for (ptrdiff_t i1 = (i0 * (((((ptrdiff_t)frame->batch + 15) / 16) + 15) / 16)); i1 < netc_least(((i0 * (((((ptrdiff_t)frame->batch + 15) / 16) + 15) / 16)) + (((((ptrdiff_t)frame->batch + 15) / 16) + 15) / 16)), (((ptrdiff_t)frame->batch + 15) / 16)); i1++) {
      if (evaluate_phase0(frame, (i1 * 16), netc_least(((i1 * 16) + 16), (ptrdiff_t)frame->batch)))
        return 1;
    }
  }
  if (evaluate_phase1(frame, 0, 1))
    return 1;
  if (evaluate_phase2(frame, 0, 1))
    return 1;
  if (evaluate_phase3(frame, 0, 1))
    return 1;
  return frame->fault_node >= 0;
}

int sine_evaluate(sine_state *state, void *arena, int n, const float *x, const float *y, float *loss) {
  if (n < 1 || n > SINE_MAX_BATCH)
    return SINE_BAD_BATCH;
  void *const buffers[] = {(void *)x, (void *)y, (void *)state->dense1_kernel, (void *)state->dense1_bias, (void *)state->dense2_kernel, (void *)state->dense2_bias, (void *)state->dense3_kernel, (void *)state->dense3_bias, (void *)state->adam_m_dense1_kernel, (void *)state->adam_v_dense1_kernel, (void *)state->adam_m_dense1_bias, (void *)state->adam_v_dense1_bias, (void *)state->adam_m_dense2_kernel, (void *)state->adam_v_dense2_kernel, (void *)state->adam_m_dense2_bias, (void *)state->adam_v_dense2_bias, (void *)state->adam_m_dense3_kernel, (void *)state->adam_v_dense3_kernel, (void *)state->adam_m_dense3_bias, (void *)state->adam_v_dense3_bias, (void *)state->evaluate_loss_total0, (void *)state->evaluate_loss_total1, (void *)state->train_step_loss_total0, (void *)state->train_step_loss_total1};
  netc_frame frame = {.arena = (char *)arena + 64,
                      .local = (char *)arena + 4224,
                      .buffers = buffers,
                      .batch = n,
                      .max_batch = 32,
                      .seed = state->seed,
                      .step = state->step,
                      .epoch = state->epoch,
                      .fault_node = -1};
  if (*(int64_t *)arena != 2) {
    memset(arena, 0, SINE_ARENA_SIZE);
    *(int64_t *)arena = 2;
  }
  if (evaluate_run(&frame))
    return sine_undefined(arena, &frame);
  if (loss)
    memcpy(loss, (char *)arena + 64, sizeof *loss * 1);
  return SINE_OK;
}

/* div: sine.net:7 */
NETC_KERNEL void div_26(netc_frame *frame, float *restrict b0) {
  b0[0] = (1.0f / (float)(frame->batch));
}

/* mul, pack: sine.net:5 */
NETC_KERNEL void mul_37(float *restrict b0, const float *restrict b1) {
  f32x16_store(&b0[0], f32x16_load(&b1[0]));
}

/* mul, pack: sine.net:5 */
NETC_KERNEL void mul_44(ptrdiff_t s0, ptrdiff_t s1, float *restrict b0, const float *restrict b1) {
  for (ptrdiff_t i0 = s0; i0 + 16 <= s1; i0 += 16) {
    for (ptrdiff_t i1 = 0; i1 < 16; i1++) {
      f32x16_store(&b0[16 * i1 + i0], f32x16_pick(&b1[i1 + 16 * i0], 16, 16));
    }
  }
}

/* div: sine.net:9 */
NETC_KERNEL void div_72(netc_frame *frame, float *restrict b0) {
  const float t0 = 0.999f;
  const float t1 = (float)(frame->step);
  const double t2 = (double)(t0);
  const double t3 = (double)(t1);
  const double t4 = f64_abs(t2);
  const bool t5 = (1.2089258196146292e+24 < t3);
  const double t6 = (t5 ? 1.2089258196146292e+24 : t3);
  const bool t7 = (t6 < (-1.2089258196146292e+24));
  const double t8 = (t7 ? (-1.2089258196146292e+24) : t6);
  const bool t9 = (t4 < 2.2250738585072014e-308);
  const double t10 = (t9 ? 4503599627371571.0 : 4503599627371519.0);
  const double t11 = (t4 * 4503599627370496.0);
  const double t12 = (t9 ? t11 : t4);
  const int64_t t13 = i64_bits_f64(t12);
  const int64_t t14 = i64_add(t13, INT64_C(2638147582215219));
  const int64_t t15 = i64_shr(t14, INT64_C(52));
  const int64_t t16 = (t15 | INT64_C(4841369599423283200));
  const int64_t t17 = (t14 & INT64_C(4503599627370495));
  const int64_t t18 = i64_add(t17, INT64_C(4604544271217802189));
  const double t19 = f64_bits_i64(t16);
  const double t20 = (t19 - t10);
  const double t21 = f64_bits_i64(t18);
  const double t22 = (t21 - 1.0);
  const double t23 = (t22 + 2.0);
  const double t24 = (t22 / t23);
  const double t25 = (t24 * t24);
  const double t26 = (t22 * 0.5);
  const double t27 = (t26 * t22);
  const double t28 = (0.14795684741156018 * t25);
  const double t29 = (t28 + 0.153140806862894);
  const double t30 = (t29 * t25);
  const double t31 = (t30 + 0.18183562973720319);
  const double t32 = (t31 * t25);
  const double t33 = (t32 + 0.22222198603490134);
  const double t34 = (t33 * t25);
  const double t35 = (t34 + 0.28571428742035826);
  const double t36 = (t35 * t25);
  const double t37 = (t36 + 0.39999999999416636);
  const double t38 = (t37 * t25);
  const double t39 = (t38 + 0.6666666666666734);
  const double t40 = (t25 * t39);
  const double t41 = (t40 + t27);
  const double t42 = (t20 * 5.497923018708371e-14);
  const double t43 = (t24 * t41);
  const double t44 = (t43 + t42);
  const double t45 = (t27 - t44);
  const double t46 = (t22 - t45);
  const double t47 = (t20 * 0.6931471805598903);
  const double t48 = (t47 + t46);
  const double t49 = (t8 * t48);
  const bool t50 = (710.0 < t49);
  const double t51 = (t50 ? 710.0 : t49);
  const bool t52 = (t51 < (-746.0));
  const double t53 = (t52 ? (-746.0) : t51);
  const double t54 = (t53 * 1.4426950408889634);
  const double t55 = (t54 + 6755399441055744.0);
  const double t56 = (t55 - 6755399441055744.0);
  const double t57 = (t56 * (-0.6931471805598903));
  const double t58 = (t57 + t53);
  const double t59 = (t56 * 5.497923018708371e-14);
  const double t60 = (t58 - t59);
  const double t61 = (t58 - t60);
  const double t62 = (t61 - t59);
  const double t63 = (2.5117866173685066e-08 * t60);
  const double t64 = (t63 + 2.76315540485368e-07);
  const double t65 = (t64 * t60);
  const double t66 = (t65 + 2.755721628949265e-06);
  const double t67 = (t66 * t60);
  const double t68 = (t67 + 2.4801489105988345e-05);
  const double t69 = (t68 * t60);
  const double t70 = (t69 + 0.00019841269917388345);
  const double t71 = (t70 * t60);
  const double t72 = (t71 + 0.0013888888947916212);
  const double t73 = (t72 * t60);
  const double t74 = (t73 + 0.008333333333307208);
  const double t75 = (t74 * t60);
  const double t76 = (t75 + 0.041666666666511455);
  const double t77 = (t76 * t60);
  const double t78 = (t77 + 0.166666666666667);
  const double t79 = (t78 * t60);
  const double t80 = (t79 + 0.5000000000000013);
  const double t81 = (t60 * t60);
  const double t82 = (t81 * t80);
  const double t83 = (t82 + t62);
  const double t84 = (1.0 + t60);
  const double t85 = (t84 - 1.0);
  const double t86 = (t60 - t85);
  const double t87 = (t86 + t83);
  const double t88 = (t84 + t87);
  const double t89 = (t53 * 0.7213475204444817);
  const double t90 = (t89 + 6755399441055744.0);
  const int64_t t91 = i64_bits_f64(t90);
  const int64_t t92 = i64_bits_f64(t55);
  const int64_t t93 = i64_sub(t92, t91);
  const int64_t t94 = i64_shl(t91, INT64_C(52));
  const int64_t t95 = i64_add(t94, INT64_C(4607182418800017408));
  const double t96 = f64_bits_i64(t95);
  const double t97 = (t88 * t96);
  const int64_t t98 = i64_shl(t93, INT64_C(52));
  const int64_t t99 = i64_add(t98, INT64_C(4607182418800017408));
  const double t100 = f64_bits_i64(t99);
  const double t101 = (t97 * t100);
  const bool t102 = (t4 == 0.0);
  const bool t103 = (t4 == (double)INFINITY);
  const bool t104 = (t3 < 0.0);
  const bool t105 = (t102 == t104);
  const double t106 = (t105 ? (double)INFINITY : 0.0);
  const bool t107 = (t102 | t103);
  const double t108 = (t107 ? t106 : t101);
  const double t109 = f64_abs(t3);
  const double t110 = (t109 + 4503599627370496.0);
  const double t111 = (t110 - 4503599627370496.0);
  const bool t112 = (t109 < 4503599627370496.0);
  const double t113 = (t112 ? t111 : t109);
  const bool t114 = (t113 == t109);
  const double t115 = (t3 * 0.5);
  const double t116 = f64_abs(t115);
  const double t117 = (t116 + 4503599627370496.0);
  const double t118 = (t117 - 4503599627370496.0);
  const bool t119 = (t116 < 4503599627370496.0);
  const double t120 = (t119 ? t118 : t116);
  const bool t121 = (t120 == t116);
  const int64_t t122 = i64_bits_f64(t2);
  const int64_t t123 = (t122 & INT64_MIN);
  const int64_t t124 = (t121 ? INT64_C(0) : t123);
  const int64_t t125 = (t114 ? t124 : INT64_C(0));
  const int64_t t126 = i64_bits_f64(t108);
  const int64_t t127 = (t126 ^ t125);
  const double t128 = f64_bits_i64(t127);
  const bool t129 = (t2 < 0.0);
  const bool t130 = ((-(double)INFINITY) < t2);
  const bool t131 = (t129 & t130);
  const double t132 = (t114 ? t128 : (double)NAN);
  const double t133 = (t131 ? t132 : t128);
  const bool t134 = (t2 != t2);
  const bool t135 = (t3 != t3);
  const bool t136 = (t134 | t135);
  const double t137 = (t2 + t3);
  const double t138 = (t136 ? t137 : t133);
  const bool t139 = (t3 == 0.0);
  const bool t140 = (t2 == 1.0);
  const bool t141 = (t139 | t140);
  const double t142 = (t141 ? 1.0 : t138);
  const float t143 = (float)(t142);
  const float t144 = 0.9f;
  const float t145 = (float)(frame->step);
  const double t146 = (double)(t144);
  const double t147 = (double)(t145);
  const double t148 = f64_abs(t146);
  const bool t149 = (1.2089258196146292e+24 < t147);
  const double t150 = (t149 ? 1.2089258196146292e+24 : t147);
  const bool t151 = (t150 < (-1.2089258196146292e+24));
  const double t152 = (t151 ? (-1.2089258196146292e+24) : t150);
  const bool t153 = (t148 < 2.2250738585072014e-308);
  const double t154 = (t153 ? 4503599627371571.0 : 4503599627371519.0);
  const double t155 = (t148 * 4503599627370496.0);
  const double t156 = (t153 ? t155 : t148);
  const int64_t t157 = i64_bits_f64(t156);
  const int64_t t158 = i64_add(t157, INT64_C(2638147582215219));
  const int64_t t159 = i64_shr(t158, INT64_C(52));
  const int64_t t160 = (t159 | INT64_C(4841369599423283200));
  const int64_t t161 = (t158 & INT64_C(4503599627370495));
  const int64_t t162 = i64_add(t161, INT64_C(4604544271217802189));
  const double t163 = f64_bits_i64(t160);
  const double t164 = (t163 - t154);
  const double t165 = f64_bits_i64(t162);
  const double t166 = (t165 - 1.0);
  const double t167 = (t166 + 2.0);
  const double t168 = (t166 / t167);
  const double t169 = (t168 * t168);
  const double t170 = (t166 * 0.5);
  const double t171 = (t170 * t166);
  const double t172 = (0.14795684741156018 * t169);
  const double t173 = (t172 + 0.153140806862894);
  const double t174 = (t173 * t169);
  const double t175 = (t174 + 0.18183562973720319);
  const double t176 = (t175 * t169);
  const double t177 = (t176 + 0.22222198603490134);
  const double t178 = (t177 * t169);
  const double t179 = (t178 + 0.28571428742035826);
  const double t180 = (t179 * t169);
  const double t181 = (t180 + 0.39999999999416636);
  const double t182 = (t181 * t169);
  const double t183 = (t182 + 0.6666666666666734);
  const double t184 = (t169 * t183);
  const double t185 = (t184 + t171);
  const double t186 = (t164 * 5.497923018708371e-14);
  const double t187 = (t168 * t185);
  const double t188 = (t187 + t186);
  const double t189 = (t171 - t188);
  const double t190 = (t166 - t189);
  const double t191 = (t164 * 0.6931471805598903);
  const double t192 = (t191 + t190);
  const double t193 = (t152 * t192);
  const bool t194 = (710.0 < t193);
  const double t195 = (t194 ? 710.0 : t193);
  const bool t196 = (t195 < (-746.0));
  const double t197 = (t196 ? (-746.0) : t195);
  const double t198 = (t197 * 1.4426950408889634);
  const double t199 = (t198 + 6755399441055744.0);
  const double t200 = (t199 - 6755399441055744.0);
  const double t201 = (t200 * (-0.6931471805598903));
  const double t202 = (t201 + t197);
  const double t203 = (t200 * 5.497923018708371e-14);
  const double t204 = (t202 - t203);
  const double t205 = (t202 - t204);
  const double t206 = (t205 - t203);
  const double t207 = (2.5117866173685066e-08 * t204);
  const double t208 = (t207 + 2.76315540485368e-07);
  const double t209 = (t208 * t204);
  const double t210 = (t209 + 2.755721628949265e-06);
  const double t211 = (t210 * t204);
  const double t212 = (t211 + 2.4801489105988345e-05);
  const double t213 = (t212 * t204);
  const double t214 = (t213 + 0.00019841269917388345);
  const double t215 = (t214 * t204);
  const double t216 = (t215 + 0.0013888888947916212);
  const double t217 = (t216 * t204);
  const double t218 = (t217 + 0.008333333333307208);
  const double t219 = (t218 * t204);
  const double t220 = (t219 + 0.041666666666511455);
  const double t221 = (t220 * t204);
  const double t222 = (t221 + 0.166666666666667);
  const double t223 = (t222 * t204);
  const double t224 = (t223 + 0.5000000000000013);
  const double t225 = (t204 * t204);
  const double t226 = (t225 * t224);
  const double t227 = (t226 + t206);
  const double t228 = (1.0 + t204);
  const double t229 = (t228 - 1.0);
  const double t230 = (t204 - t229);
  const double t231 = (t230 + t227);
  const double t232 = (t228 + t231);
  const double t233 = (t197 * 0.7213475204444817);
  const double t234 = (t233 + 6755399441055744.0);
  const int64_t t235 = i64_bits_f64(t234);
  const int64_t t236 = i64_bits_f64(t199);
  const int64_t t237 = i64_sub(t236, t235);
  const int64_t t238 = i64_shl(t235, INT64_C(52));
  const int64_t t239 = i64_add(t238, INT64_C(4607182418800017408));
  const double t240 = f64_bits_i64(t239);
  const double t241 = (t232 * t240);
  const int64_t t242 = i64_shl(t237, INT64_C(52));
  const int64_t t243 = i64_add(t242, INT64_C(4607182418800017408));
  const double t244 = f64_bits_i64(t243);
  const double t245 = (t241 * t244);
  const bool t246 = (t148 == 0.0);
  const bool t247 = (t148 == (double)INFINITY);
  const bool t248 = (t147 < 0.0);
  const bool t249 = (t246 == t248);
  const double t250 = (t249 ? (double)INFINITY : 0.0);
  const bool t251 = (t246 | t247);
  const double t252 = (t251 ? t250 : t245);
  const double t253 = f64_abs(t147);
  const double t254 = (t253 + 4503599627370496.0);
  const double t255 = (t254 - 4503599627370496.0);
  const bool t256 = (t253 < 4503599627370496.0);
  const double t257 = (t256 ? t255 : t253);
  const bool t258 = (t257 == t253);
  const double t259 = (t147 * 0.5);
  const double t260 = f64_abs(t259);
  const double t261 = (t260 + 4503599627370496.0);
  const double t262 = (t261 - 4503599627370496.0);
  const bool t263 = (t260 < 4503599627370496.0);
  const double t264 = (t263 ? t262 : t260);
  const bool t265 = (t264 == t260);
  const int64_t t266 = i64_bits_f64(t146);
  const int64_t t267 = (t266 & INT64_MIN);
  const int64_t t268 = (t265 ? INT64_C(0) : t267);
  const int64_t t269 = (t258 ? t268 : INT64_C(0));
  const int64_t t270 = i64_bits_f64(t252);
  const int64_t t271 = (t270 ^ t269);
  const double t272 = f64_bits_i64(t271);
  const bool t273 = (t146 < 0.0);
  const bool t274 = ((-(double)INFINITY) < t146);
  const bool t275 = (t273 & t274);
  const double t276 = (t258 ? t272 : (double)NAN);
  const double t277 = (t275 ? t276 : t272);
  const bool t278 = (t146 != t146);
  const bool t279 = (t147 != t147);
  const bool t280 = (t278 | t279);
  const double t281 = (t146 + t147);
  const double t282 = (t280 ? t281 : t277);
  const bool t283 = (t147 == 0.0);
  const bool t284 = (t146 == 1.0);
  const bool t285 = (t283 | t284);
  const double t286 = (t285 ? 1.0 : t282);
  const float t287 = (float)(t286);
  b0[0] = ((0.01f * f32_sqrt((1.0f - t143))) / (1.0f - t287));
}

static int32_t train_step_phase0(netc_frame *frame, ptrdiff_t a0, ptrdiff_t a1) {
  (void)a0;
  (void)a1;
  div_26(frame, (float *)(frame->arena + 41984));
  mul_37((float *)(frame->arena + 42048), (const float *)((char *)frame->buffers[6]));
  mul_44(0, 16, (float *)(frame->arena + 40960), (const float *)((char *)frame->buffers[4]));
  div_72(frame, (float *)(frame->arena + 42112));
  return frame->fault_node >= 0;
}

static int32_t train_step_begin1(netc_frame *frame, ptrdiff_t a0, ptrdiff_t a1) {
  (void)a0;
  (void)a1;
  begin_30(0, 64, (float *)(frame->arena + (((ptrdiff_t)frame->slot * 256) + 16384)));
  begin_30(0, 64, (float *)(frame->arena + (((ptrdiff_t)frame->slot * 256) + 20480)));
  begin_30(0, 64, (float *)(frame->arena + (((ptrdiff_t)frame->slot * 256) + 24576)));
  begin_30(0, 64, (float *)(frame->arena + (((ptrdiff_t)frame->slot * 256) + 28672)));
  begin_30(0, 256, (float *)(frame->arena + ((ptrdiff_t)frame->slot * 1024)));
  begin_30(0, 64, (float *)(frame->arena + (((ptrdiff_t)frame->slot * 256) + 32768)));
  begin_30(0, 64, (float *)(frame->arena + (((ptrdiff_t)frame->slot * 256) + 36864)));
  return frame->fault_node >= 0;
}

/* sub loss: sine.net:7 */
NETC_KERNEL void matmul_loss_14(ptrdiff_t n0, ptrdiff_t n1, float *restrict b0, const float *restrict b1, const float *restrict b2, const float *restrict b3, const float *restrict b4) {
  f32x16 v0_0, v0_1;
  f32x16 v1_0;
  ptrdiff_t i0 = n0;
  for (; i0 + 2 <= n1; i0 += 2) {
    v0_0 = f32x16_all(0.0f);
    v0_1 = f32x16_all(0.0f);
    for (ptrdiff_t i2 = 0; i2 + 16 <= 16; i2 += 16) {
      v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_load(&b1[16 * i0 + i2]), f32x16_load(&b2[i2])));
      v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_load(&b1[16 * i0 + i2 + 16]), f32x16_load(&b2[i2])));
    }
    {
      const float t0 = f32x16_fold_sum(v0_0);
      b0[i0] = ((t0 + b3[0]) - b4[i0]);
    }
    {
      const float t0 = f32x16_fold_sum(v0_1);
      b0[i0 + 1] = ((t0 + b3[0]) - b4[i0 + 1]);
    }
  }
  for (ptrdiff_t i5 = i0; i5 < n1; i5++) {
    v1_0 = f32x16_all(0.0f);
    for (ptrdiff_t i6 = 0; i6 + 16 <= 16; i6 += 16) {
      v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_load(&b1[16 * i5 + i6]), f32x16_load(&b2[i6])));
    }
    const float t1 = f32x16_fold_sum(v1_0);
    b0[i5] = ((t1 + b3[0]) - b4[i5]);
  }
}

/* sum loss, slots: sine.net:7 */
NETC_KERNEL void sum_loss_15(ptrdiff_t n0, ptrdiff_t n1, float *restrict b0, const float *restrict b1) {
  f32x16 v0_0;
  float v1_0;
  v0_0 = f32x16_all(0.0f);
  v1_0 = 0.0f;
  ptrdiff_t i0 = n0;
  for (; i0 + 16 <= n1; i0 += 16) {
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_load(&b1[i0]), f32x16_load(&b1[i0])));
  }
  for (ptrdiff_t i1 = i0; i1 < n1; i1++) {
    v1_0 = (v1_0 + (b1[i1] * b1[i1]));
  }
  b0[0] = (b0[0] + (f32x16_fold_sum(v0_0) + v1_0));
}

/* add: sine.net:7 */
NETC_KERNEL void add_30(ptrdiff_t n0, ptrdiff_t n1, float *restrict b0, const float *restrict b1, const float *restrict b2) {
  ptrdiff_t i0 = n0;
  for (; i0 + 16 <= n1; i0 += 16) {
    const f32x16 t0 = f32x16_mul(f32x16_all(b1[0]), f32x16_load(&b2[i0]));
    f32x16_store(&b0[i0], f32x16_add(t0, t0));
  }
  for (ptrdiff_t i1 = i0; i1 < n1; i1++) {
    const float t1 = (b1[0] * b2[i1]);
    b0[i1] = (t1 + t1);
  }
}

/* matmul grad(dense3.kernel), slots: sine.net:5, from sine.net:5 */
NETC_KERNEL void matmul_grad_dense3_kernel_(ptrdiff_t n0, ptrdiff_t n1, float *restrict b0, const float *restrict b1, const float *restrict b2) {
  f32x16 v0_0;
  v0_0 = f32x16_load(&b0[0]);
  for (ptrdiff_t i0 = n0; i0 < n1; i0++) {
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_load(&b1[16 * i0]), f32x16_all(b2[i0])));
  }
  f32x16_store(&b0[0], v0_0);
}

/* mul: sine.net:5 */
NETC_KERNEL void matmul_37(ptrdiff_t n0, ptrdiff_t n1, float *restrict b0, const float *restrict b1, const float *restrict b2, const float *restrict b3) {
  f32x16 v0_0, v0_1;
  f32x16 v1_0;
  ptrdiff_t i0 = n0;
  for (; i0 + 2 <= n1; i0 += 2) {
    v0_0 = f32x16_all(0.0f);
    v0_1 = f32x16_all(0.0f);
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[i0]), f32x16_load(&b2[0])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[i0 + 1]), f32x16_load(&b2[0])));
    f32x16_store(&b0[16 * i0], f32x16_mul(v0_0, f32x16_sub(f32x16_all(1.0f), f32x16_mul(f32x16_load(&b3[16 * i0]), f32x16_load(&b3[16 * i0])))));
    f32x16_store(&b0[16 * i0 + 16], f32x16_mul(v0_1, f32x16_sub(f32x16_all(1.0f), f32x16_mul(f32x16_load(&b3[16 * i0 + 16]), f32x16_load(&b3[16 * i0 + 16])))));
  }
  for (ptrdiff_t i4 = i0; i4 < n1; i4++) {
    v1_0 = f32x16_all(0.0f);
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[i4]), f32x16_load(&b2[0])));
    f32x16_store(&b0[16 * i4], f32x16_mul(v1_0, f32x16_sub(f32x16_all(1.0f), f32x16_mul(f32x16_load(&b3[16 * i4]), f32x16_load(&b3[16 * i4])))));
  }
}

/* sum grad(dense2.bias), slots: sine.net:5, from sine.net:5 */
NETC_KERNEL void sum_grad_dense2_bias_(ptrdiff_t n0, ptrdiff_t n1, float *restrict b0, const float *restrict b1) {
  f32x16 v0_0;
  v0_0 = f32x16_load(&b0[0]);
  for (ptrdiff_t i0 = n0; i0 < n1; i0++) {
    v0_0 = f32x16_add(v0_0, f32x16_load(&b1[16 * i0]));
  }
  f32x16_store(&b0[0], v0_0);
}

/* matmul grad(dense2.kernel), slots: sine.net:5, from sine.net:5 */
NETC_KERNEL void matmul_grad_dense2_kernel_(ptrdiff_t n0, ptrdiff_t n1, ptrdiff_t s0, ptrdiff_t s1, float *restrict b0, const float *restrict b1, const float *restrict b2) {
  f32x16 v0_0, v0_1;
  for (ptrdiff_t i0 = s0; i0 + 2 <= s1; i0 += 2) {
    v0_0 = f32x16_load(&b0[16 * i0]);
    v0_1 = f32x16_load(&b0[16 * i0 + 16]);
    for (ptrdiff_t i2 = n0; i2 < n1; i2++) {
      v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[i0 + 16 * i2]), f32x16_load(&b2[16 * i2])));
      v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[i0 + 16 * i2 + 1]), f32x16_load(&b2[16 * i2])));
    }
    f32x16_store(&b0[16 * i0], v0_0);
    f32x16_store(&b0[16 * i0 + 16], v0_1);
  }
}

/* mul: sine.net:5 */
NETC_KERNEL void matmul_44(ptrdiff_t n0, ptrdiff_t n1, float *restrict b0, const float *restrict b1, const float *restrict b2, const float *restrict b3) {
  f32x16 v0_0, v0_1;
  f32x16 v1_0;
  ptrdiff_t i0 = n0;
  for (; i0 + 2 <= n1; i0 += 2) {
    v0_0 = f32x16_all(0.0f);
    v0_1 = f32x16_all(0.0f);
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0]), f32x16_load(&b2[0])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 16]), f32x16_load(&b2[0])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 1]), f32x16_load(&b2[16])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 17]), f32x16_load(&b2[16])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 2]), f32x16_load(&b2[32])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 18]), f32x16_load(&b2[32])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 3]), f32x16_load(&b2[48])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 19]), f32x16_load(&b2[48])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 4]), f32x16_load(&b2[64])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 20]), f32x16_load(&b2[64])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 5]), f32x16_load(&b2[80])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 21]), f32x16_load(&b2[80])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 6]), f32x16_load(&b2[96])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 22]), f32x16_load(&b2[96])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 7]), f32x16_load(&b2[112])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 23]), f32x16_load(&b2[112])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 8]), f32x16_load(&b2[128])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 24]), f32x16_load(&b2[128])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 9]), f32x16_load(&b2[144])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 25]), f32x16_load(&b2[144])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 10]), f32x16_load(&b2[160])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 26]), f32x16_load(&b2[160])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 11]), f32x16_load(&b2[176])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 27]), f32x16_load(&b2[176])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 12]), f32x16_load(&b2[192])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 28]), f32x16_load(&b2[192])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 13]), f32x16_load(&b2[208])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 29]), f32x16_load(&b2[208])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 14]), f32x16_load(&b2[224])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 30]), f32x16_load(&b2[224])));
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[16 * i0 + 15]), f32x16_load(&b2[240])));
    v0_1 = f32x16_add(v0_1, f32x16_mul(f32x16_all(b1[16 * i0 + 31]), f32x16_load(&b2[240])));
    f32x16_store(&b0[16 * i0], f32x16_mul(v0_0, f32x16_sub(f32x16_all(1.0f), f32x16_mul(f32x16_load(&b3[16 * i0]), f32x16_load(&b3[16 * i0])))));
    f32x16_store(&b0[16 * i0 + 16], f32x16_mul(v0_1, f32x16_sub(f32x16_all(1.0f), f32x16_mul(f32x16_load(&b3[16 * i0 + 16]), f32x16_load(&b3[16 * i0 + 16])))));
  }
  for (ptrdiff_t i5 = i0; i5 < n1; i5++) {
    v1_0 = f32x16_all(0.0f);
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5]), f32x16_load(&b2[0])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 1]), f32x16_load(&b2[16])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 2]), f32x16_load(&b2[32])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 3]), f32x16_load(&b2[48])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 4]), f32x16_load(&b2[64])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 5]), f32x16_load(&b2[80])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 6]), f32x16_load(&b2[96])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 7]), f32x16_load(&b2[112])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 8]), f32x16_load(&b2[128])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 9]), f32x16_load(&b2[144])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 10]), f32x16_load(&b2[160])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 11]), f32x16_load(&b2[176])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 12]), f32x16_load(&b2[192])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 13]), f32x16_load(&b2[208])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 14]), f32x16_load(&b2[224])));
    v1_0 = f32x16_add(v1_0, f32x16_mul(f32x16_all(b1[16 * i5 + 15]), f32x16_load(&b2[240])));
    f32x16_store(&b0[16 * i5], f32x16_mul(v1_0, f32x16_sub(f32x16_all(1.0f), f32x16_mul(f32x16_load(&b3[16 * i5]), f32x16_load(&b3[16 * i5])))));
  }
}

/* matmul grad(dense1.kernel), slots: sine.net:5, from sine.net:5 */
NETC_KERNEL void matmul_grad_dense1_kernel_(ptrdiff_t n0, ptrdiff_t n1, float *restrict b0, const float *restrict b1, const float *restrict b2) {
  f32x16 v0_0;
  v0_0 = f32x16_load(&b0[0]);
  for (ptrdiff_t i0 = n0; i0 < n1; i0++) {
    v0_0 = f32x16_add(v0_0, f32x16_mul(f32x16_all(b1[i0]), f32x16_load(&b2[16 * i0])));
  }
  f32x16_store(&b0[0], v0_0);
}

static int32_t train_step_phase1(netc_frame *frame, ptrdiff_t a0, ptrdiff_t a1) {
  (void)a0;
  (void)a1;
  matmul_curve(a0, a1, (float *)((uintptr_t)frame->local + (uintptr_t)(0 - (a0 * 64))), (const float *)((char *)frame->buffers[0]), (const float *)((char *)frame->buffers[2]), (const float *)((char *)frame->buffers[3]));
  matmul_curve_1(a0, a1, (float *)((uintptr_t)frame->local + (uintptr_t)(1024 - (a0 * 64))), (const float *)((uintptr_t)frame->local + (uintptr_t)(0 - (a0 * 64))), (const float *)((char *)frame->buffers[4]), (const float *)((char *)frame->buffers[5]));
  matmul_loss_14(a0, a1, (float *)((uintptr_t)frame->local + (uintptr_t)(2048 - (a0 * 4))), (const float *)((uintptr_t)frame->local + (uintptr_t)(1024 - (a0 * 64))), (const float *)((char *)frame->buffers[6]), (const float *)((char *)frame->buffers[7]), (const float *)((char *)frame->buffers[1]));
  sum_loss_15(a0, a1, (float *)(frame->arena + (((ptrdiff_t)frame->slot * 256) + 16384)), (const float *)((uintptr_t)frame->local + (uintptr_t)(2048 - (a0 * 4))));
  add_30(a0, a1, (float *)((uintptr_t)frame->local + (uintptr_t)(3072 - (a0 * 4))), (const float *)(frame->arena + 41984), (const float *)((uintptr_t)frame->local + (uintptr_t)(2048 - (a0 * 4))));
  sum_loss(a0, a1, (float *)(frame->arena + (((ptrdiff_t)frame->slot * 256) + 20480)), (const float *)((uintptr_t)frame->local + (uintptr_t)(3072 - (a0 * 4))));
  matmul_grad_dense3_kernel_(a0, a1, (float *)(frame->arena + (((ptrdiff_t)frame->slot * 256) + 24576)), (const float *)((uintptr_t)frame->local + (uintptr_t)(1024 - (a0 * 64))), (const float *)((uintptr_t)frame->local + (uintptr_t)(3072 - (a0 * 4))));
  matmul_37(a0, a1, (float *)((uintptr_t)frame->local + (uintptr_t)(2048 - (a0 * 64))), (const float *)((uintptr_t)frame->local + (uintptr_t)(3072 - (a0 * 4))), (const float *)(frame->arena + 42048), (const float *)((uintptr_t)frame->local + (uintptr_t)(1024 - (a0 * 64))));
  sum_grad_dense2_bias_(a0, a1, (float *)(frame->arena + (((ptrdiff_t)frame->slot * 256) + 28672)), (const float *)((uintptr_t)frame->local + (uintptr_t)(2048 - (a0 * 64))));
  matmul_grad_dense2_kernel_(a0, a1, 0, 16, (float *)(frame->arena + ((ptrdiff_t)frame->slot * 1024)), (const float *)((uintptr_t)frame->local + (uintptr_t)(0 - (a0 * 64))), (const float *)((uintptr_t)frame->local + (uintptr_t)(2048 - (a0 * 64))));
  matmul_44(a0, a1, (float *)((uintptr_t)frame->local + (uintptr_t)(1024 - (a0 * 64))), (const float *)((uintptr_t)frame->local + (uintptr_t)(2048 - (a0 * 64))), (const float *)(frame->arena + 40960), (const float *)((uintptr_t)frame->local + (uintptr_t)(0 - (a0 * 64))));
  sum_grad_dense2_bias_(a0, a1, (float *)(frame->arena + (((ptrdiff_t)frame->slot * 256) + 32768)), (const float *)((uintptr_t)frame->local + (uintptr_t)(1024 - (a0 * 64))));
  matmul_grad_dense1_kernel_(a0, a1, (float *)(frame->arena + (((ptrdiff_t)frame->slot * 256) + 36864)), (const float *)((char *)frame->buffers[0]), (const float *)((uintptr_t)frame->local + (uintptr_t)(1024 - (a0 * 64))));
  return frame->fault_node >= 0;
}

/* matmul grad(dense3.kernel), fold: sine.net:5, from sine.net:5 */
NETC_KERNEL void matmul_grad_dense3_kernel__23(float *restrict b0, const float *restrict b1) {
  f32x16 v0_0;
  v0_0 = f32x16_all(0.0f);
  v0_0 = f32x16_add(v0_0, f32x16_load(&b1[0]));
  v0_0 = f32x16_add(v0_0, f32x16_load(&b1[64]));
  v0_0 = f32x16_add(v0_0, f32x16_load(&b1[128]));
  v0_0 = f32x16_add(v0_0, f32x16_load(&b1[192]));
  v0_0 = f32x16_add(v0_0, f32x16_load(&b1[256]));
  v0_0 = f32x16_add(v0_0, f32x16_load(&b1[320]));
  v0_0 = f32x16_add(v0_0, f32x16_load(&b1[384]));
  v0_0 = f32x16_add(v0_0, f32x16_load(&b1[448]));
  v0_0 = f32x16_add(v0_0, f32x16_load(&b1[512]));
  v0_0 = f32x16_add(v0_0, f32x16_load(&b1[576]));
  v0_0 = f32x16_add(v0_0, f32x16_load(&b1[640]));
  v0_0 = f32x16_add(v0_0, f32x16_load(&b1[704]));
  v0_0 = f32x16_add(v0_0, f32x16_load(&b1[768]));
  v0_0 = f32x16_add(v0_0, f32x16_load(&b1[832]));
  v0_0 = f32x16_add(v0_0, f32x16_load(&b1[896]));
  v0_0 = f32x16_add(v0_0, f32x16_load(&b1[960]));
  f32x16_store(&b0[0], v0_0);
}

/* matmul grad(dense2.kernel), fold: sine.net:5, from sine.net:5 */
NETC_KERNEL void matmul_grad_dense2_kernel__24(ptrdiff_t s0, ptrdiff_t s1, float *restrict b0, const float *restrict b1) {
  f32x16 v0_0;
  for (ptrdiff_t i0 = s0; i0 + 16 <= s1; i0 += 16) {
    v0_0 = f32x16_all(0.0f);
    v0_0 = f32x16_add(v0_0, f32x16_load(&b1[i0]));
    v0_0 = f32x16_add(v0_0, f32x16_load(&b1[i0 + 256]));
    v0_0 = f32x16_add(v0_0, f32x16_load(&b1[i0 + 512]));
    v0_0 = f32x16_add(v0_0, f32x16_load(&b1[i0 + 768]));
    v0_0 = f32x16_add(v0_0, f32x16_load(&b1[i0 + 1024]));
    v0_0 = f32x16_add(v0_0, f32x16_load(&b1[i0 + 1280]));
    v0_0 = f32x16_add(v0_0, f32x16_load(&b1[i0 + 1536]));
    v0_0 = f32x16_add(v0_0, f32x16_load(&b1[i0 + 1792]));
    v0_0 = f32x16_add(v0_0, f32x16_load(&b1[i0 + 2048]));
    v0_0 = f32x16_add(v0_0, f32x16_load(&b1[i0 + 2304]));
    v0_0 = f32x16_add(v0_0, f32x16_load(&b1[i0 + 2560]));
    v0_0 = f32x16_add(v0_0, f32x16_load(&b1[i0 + 2816]));
    v0_0 = f32x16_add(v0_0, f32x16_load(&b1[i0 + 3072]));
    v0_0 = f32x16_add(v0_0, f32x16_load(&b1[i0 + 3328]));
    v0_0 = f32x16_add(v0_0, f32x16_load(&b1[i0 + 3584]));
    v0_0 = f32x16_add(v0_0, f32x16_load(&b1[i0 + 3840]));
    f32x16_store(&b0[i0], v0_0);
  }
}

static int32_t train_step_phase2(netc_frame *frame, ptrdiff_t a0, ptrdiff_t a1) {
  (void)a0;
  (void)a1;
  sum_loss_6((float *)(frame->arena + 40960), (const float *)(frame->arena + 16384));
  sum_loss_6((float *)(frame->arena + 17408), (const float *)(frame->arena + 20480));
  matmul_grad_dense3_kernel__23((float *)(frame->arena + 17472), (const float *)(frame->arena + 24576));
  matmul_grad_dense3_kernel__23((float *)(frame->arena + 17536), (const float *)(frame->arena + 28672));
  matmul_grad_dense2_kernel__24(0, 256, (float *)(frame->arena + 16384), (const float *)(frame->arena));
  matmul_grad_dense3_kernel__23((float *)(frame->arena), (const float *)(frame->arena + 32768));
  matmul_grad_dense3_kernel__23((float *)(frame->arena + 64), (const float *)(frame->arena + 36864));
  div_loss(frame, (float *)(frame->arena + 128), (const float *)(frame->arena + 40960));
  return frame->fault_node >= 0;
}

static int32_t train_step_run(netc_frame *frame) {
  if (train_step_phase0(frame, 0, 1))
    return 1;
  for (ptrdiff_t i0 = 0; i0 < 16; i0++) {
    frame->slot = i0;
    if (train_step_begin1(frame, 0, (ptrdiff_t)frame->batch))
      return 1;
    for (ptrdiff_t i1 = (i0 * (((((ptrdiff_t)frame->batch + 15) / 16) + 15) / 16)); i1 < netc_least(((i0 * (((((ptrdiff_t)frame->batch + 15) / 16) + 15) / 16)) + (((((ptrdiff_t)frame->batch + 15) / 16) + 15) / 16)), (((ptrdiff_t)frame->batch + 15) / 16)); i1++) {
      if (train_step_phase1(frame, (i1 * 16), netc_least(((i1 * 16) + 16), (ptrdiff_t)frame->batch)))
        return 1;
    }
  }
  if (train_step_phase2(frame, 0, 1))
    return 1;
  return frame->fault_node >= 0;
}

static int32_t train_step_phase3(netc_frame *frame, ptrdiff_t a0, ptrdiff_t a1) {
  (void)a0;
  (void)a1;
  add_29(frame, (int64_t *)((char *)frame->buffers[23]));
  return frame->fault_node >= 0;
}

/* add: sine.net:9 */
NETC_KERNEL void sub_79(float *restrict b0, float *restrict b1, float *restrict b2, const float *restrict b3, const float *restrict b4) {
  const f32x16 t0 = f32x16_load(&b3[0]);
  const f32x16 t1 = f32x16_add(f32x16_mul(f32x16_all(0.9f), f32x16_load(&b0[0])), f32x16_mul(f32x16_all(0.1f), t0));
  const f32x16 t2 = f32x16_add(f32x16_mul(f32x16_all(0.999f), f32x16_load(&b1[0])), f32x16_mul(f32x16_mul(f32x16_all(0.001f), t0), t0));
  const f32x16 t3 = f32x16_sub(f32x16_load(&b2[0]), f32x16_div(f32x16_mul(f32x16_all(b4[0]), t1), f32x16_add(f32x16_sqrt(t2), f32x16_all(1e-08f))));
  f32x16_store(&b0[0], t1);
  f32x16_store(&b1[0], t2);
  f32x16_store(&b2[0], t3);
}

/* add: sine.net:9 */
NETC_KERNEL void sub_145(ptrdiff_t s0, ptrdiff_t s1, float *restrict b0, float *restrict b1, float *restrict b2, const float *restrict b3, const float *restrict b4) {
  ptrdiff_t i0 = s0;
  for (; i0 + 16 <= s1; i0 += 16) {
    const f32x16 t0 = f32x16_load(&b3[i0]);
    const f32x16 t1 = f32x16_add(f32x16_mul(f32x16_all(0.9f), f32x16_load(&b0[i0])), f32x16_mul(f32x16_all(0.1f), t0));
    const f32x16 t2 = f32x16_add(f32x16_mul(f32x16_all(0.999f), f32x16_load(&b1[i0])), f32x16_mul(f32x16_mul(f32x16_all(0.001f), t0), t0));
    const f32x16 t3 = f32x16_sub(f32x16_load(&b2[i0]), f32x16_div(f32x16_mul(f32x16_all(b4[0]), t1), f32x16_add(f32x16_sqrt(t2), f32x16_all(1e-08f))));
    f32x16_store(&b0[i0], t1);
    f32x16_store(&b1[i0], t2);
    f32x16_store(&b2[i0], t3);
  }
  for (ptrdiff_t i1 = i0; i1 < s1; i1++) {
    const float t4 = b3[i1];
    const float t5 = ((0.9f * b0[i1]) + (0.1f * t4));
    const float t6 = ((0.999f * b1[i1]) + ((0.001f * t4) * t4));
    const float t7 = (b2[i1] - ((b4[0] * t5) / (f32_sqrt(t6) + 1e-08f)));
    b0[i1] = t5;
    b1[i1] = t6;
    b2[i1] = t7;
  }
}

/* add: sine.net:9 */
NETC_KERNEL void sub_244(float *restrict b0, float *restrict b1, float *restrict b2, const float *restrict b3, const float *restrict b4) {
  const float t0 = b3[0];
  const float t1 = ((0.9f * b0[0]) + (0.1f * t0));
  const float t2 = ((0.999f * b1[0]) + ((0.001f * t0) * t0));
  const float t3 = (b2[0] - ((b4[0] * t1) / (f32_sqrt(t2) + 1e-08f)));
  b0[0] = t1;
  b1[0] = t2;
  b2[0] = t3;
}

static int32_t train_step_phase4(netc_frame *frame, ptrdiff_t a0, ptrdiff_t a1) {
  (void)a0;
  (void)a1;
  sub_79((float *)((char *)frame->buffers[8]), (float *)((char *)frame->buffers[9]), (float *)((char *)frame->buffers[2]), (const float *)(frame->arena + 64), (const float *)(frame->arena + 42112));
  sub_79((float *)((char *)frame->buffers[10]), (float *)((char *)frame->buffers[11]), (float *)((char *)frame->buffers[3]), (const float *)(frame->arena), (const float *)(frame->arena + 42112));
  sub_145(0, 256, (float *)((char *)frame->buffers[12]), (float *)((char *)frame->buffers[13]), (float *)((char *)frame->buffers[4]), (const float *)(frame->arena + 16384), (const float *)(frame->arena + 42112));
  sub_79((float *)((char *)frame->buffers[14]), (float *)((char *)frame->buffers[15]), (float *)((char *)frame->buffers[5]), (const float *)(frame->arena + 17536), (const float *)(frame->arena + 42112));
  sub_79((float *)((char *)frame->buffers[16]), (float *)((char *)frame->buffers[17]), (float *)((char *)frame->buffers[6]), (const float *)(frame->arena + 17472), (const float *)(frame->arena + 42112));
  sub_244((float *)((char *)frame->buffers[18]), (float *)((char *)frame->buffers[19]), (float *)((char *)frame->buffers[7]), (const float *)(frame->arena + 17408), (const float *)(frame->arena + 42112));
  add_27((double *)((char *)frame->buffers[22]), (const float *)(frame->arena + 40960));
  return frame->fault_node >= 0;
}

static int32_t train_step_update(netc_frame *frame) {
  if (train_step_phase3(frame, 0, 1))
    return 1;
  if (train_step_phase4(frame, 0, 1))
    return 1;
  return frame->fault_node >= 0;
}

int sine_train_step(sine_state *state, void *arena, int n, const float *x, const float *y, float *loss) {
  if (n < 1 || n > SINE_MAX_BATCH)
    return SINE_BAD_BATCH;
  void *const buffers[] = {(void *)x, (void *)y, (void *)state->dense1_kernel, (void *)state->dense1_bias, (void *)state->dense2_kernel, (void *)state->dense2_bias, (void *)state->dense3_kernel, (void *)state->dense3_bias, (void *)state->adam_m_dense1_kernel, (void *)state->adam_v_dense1_kernel, (void *)state->adam_m_dense1_bias, (void *)state->adam_v_dense1_bias, (void *)state->adam_m_dense2_kernel, (void *)state->adam_v_dense2_kernel, (void *)state->adam_m_dense2_bias, (void *)state->adam_v_dense2_bias, (void *)state->adam_m_dense3_kernel, (void *)state->adam_v_dense3_kernel, (void *)state->adam_m_dense3_bias, (void *)state->adam_v_dense3_bias, (void *)state->evaluate_loss_total0, (void *)state->evaluate_loss_total1, (void *)state->train_step_loss_total0, (void *)state->train_step_loss_total1};
  netc_frame frame = {.arena = (char *)arena + 64,
                      .local = (char *)arena + 42240,
                      .buffers = buffers,
                      .batch = n,
                      .max_batch = 32,
                      .seed = state->seed,
                      .step = state->step + 1,
                      .epoch = state->epoch,
                      .fault_node = -1};
  if (*(int64_t *)arena != 3) {
    memset(arena, 0, SINE_ARENA_SIZE);
    *(int64_t *)arena = 3;
  }
  if (train_step_run(&frame))
    return sine_undefined(arena, &frame);
  if (!isfinite(*(float *)((char *)arena + 192))) {
    if (loss)
      memcpy(loss, (char *)arena + 192, sizeof *loss * 1);
    return SINE_NOT_FINITE;
  }
  if (train_step_update(&frame))
    return sine_undefined(arena, &frame);
  state->step++;
  if (loss)
    memcpy(loss, (char *)arena + 192, sizeof *loss * 1);
  return SINE_OK;
}

/* div loss: sine.net:7 */
NETC_KERNEL void div_loss_28(float *restrict b0, const double *restrict b1, const int64_t *restrict b2) {
  b0[0] = ((float)(b1[0]) / (float)(b2[0]));
}

static int32_t metrics_phase0(netc_frame *frame, ptrdiff_t a0, ptrdiff_t a1) {
  (void)a0;
  (void)a1;
  div_loss_28((float *)(frame->arena), (const double *)((char *)frame->buffers[18]), (const int64_t *)((char *)frame->buffers[19]));
  return frame->fault_node >= 0;
}

static int32_t metrics_run(netc_frame *frame) {
  if (metrics_phase0(frame, 0, 1))
    return 1;
  return frame->fault_node >= 0;
}

int sine_metrics(const sine_state *state, void *arena, float *loss) {
  void *const buffers[] = {(void *)state->dense1_kernel, (void *)state->dense1_bias, (void *)state->dense2_kernel, (void *)state->dense2_bias, (void *)state->dense3_kernel, (void *)state->dense3_bias, (void *)state->adam_m_dense1_kernel, (void *)state->adam_v_dense1_kernel, (void *)state->adam_m_dense1_bias, (void *)state->adam_v_dense1_bias, (void *)state->adam_m_dense2_kernel, (void *)state->adam_v_dense2_kernel, (void *)state->adam_m_dense2_bias, (void *)state->adam_v_dense2_bias, (void *)state->adam_m_dense3_kernel, (void *)state->adam_v_dense3_kernel, (void *)state->adam_m_dense3_bias, (void *)state->adam_v_dense3_bias, (void *)state->evaluate_loss_total0, (void *)state->evaluate_loss_total1, (void *)state->train_step_loss_total0, (void *)state->train_step_loss_total1};
  netc_frame frame = {.arena = (char *)arena + 64,
                      .local = (char *)arena + 128,
                      .buffers = buffers,
                      .batch = 1,
                      .max_batch = 32,
                      .seed = state->seed,
                      .step = state->step,
                      .epoch = state->epoch,
                      .fault_node = -1};
  if (*(int64_t *)arena != 4) {
    memset(arena, 0, SINE_ARENA_SIZE);
    *(int64_t *)arena = 4;
  }
  if (metrics_run(&frame))
    return sine_undefined(arena, &frame);
  if (loss)
    memcpy(loss, (char *)arena + 64, sizeof *loss * 1);
  return SINE_OK;
}

static int32_t train_metrics_phase0(netc_frame *frame, ptrdiff_t a0, ptrdiff_t a1) {
  (void)a0;
  (void)a1;
  div_loss_28((float *)(frame->arena), (const double *)((char *)frame->buffers[20]), (const int64_t *)((char *)frame->buffers[21]));
  return frame->fault_node >= 0;
}

static int32_t train_metrics_run(netc_frame *frame) {
  if (train_metrics_phase0(frame, 0, 1))
    return 1;
  return frame->fault_node >= 0;
}

int sine_train_metrics(const sine_state *state, void *arena, float *loss) {
  void *const buffers[] = {(void *)state->dense1_kernel, (void *)state->dense1_bias, (void *)state->dense2_kernel, (void *)state->dense2_bias, (void *)state->dense3_kernel, (void *)state->dense3_bias, (void *)state->adam_m_dense1_kernel, (void *)state->adam_v_dense1_kernel, (void *)state->adam_m_dense1_bias, (void *)state->adam_v_dense1_bias, (void *)state->adam_m_dense2_kernel, (void *)state->adam_v_dense2_kernel, (void *)state->adam_m_dense2_bias, (void *)state->adam_v_dense2_bias, (void *)state->adam_m_dense3_kernel, (void *)state->adam_v_dense3_kernel, (void *)state->adam_m_dense3_bias, (void *)state->adam_v_dense3_bias, (void *)state->evaluate_loss_total0, (void *)state->evaluate_loss_total1, (void *)state->train_step_loss_total0, (void *)state->train_step_loss_total1};
  netc_frame frame = {.arena = (char *)arena + 64,
                      .local = (char *)arena + 128,
                      .buffers = buffers,
                      .batch = 1,
                      .max_batch = 32,
                      .seed = state->seed,
                      .step = state->step,
                      .epoch = state->epoch,
                      .fault_node = -1};
  if (*(int64_t *)arena != 5) {
    memset(arena, 0, SINE_ARENA_SIZE);
    *(int64_t *)arena = 5;
  }
  if (train_metrics_run(&frame))
    return sine_undefined(arena, &frame);
  if (loss)
    memcpy(loss, (char *)arena + 64, sizeof *loss * 1);
  return SINE_OK;
}
