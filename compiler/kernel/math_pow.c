// pow: exp(y * log|x|), and the special cases of C (Annex F of C17).
//
// f32 is computed in f64. f64 needs the logarithm to a dozen bits more than a number has: there it
// is a sum of pairs (Dekker, "A floating-point technique for extending the available precision",
// 1971).
#include "kernel/math_functions.h"

#include <math.h>

// The parts of a number with half of its bits each, so that their products are exact.
static NcPair split(const NcMath *m, NcNum a) {
  NcNum scaled = m_mul(m, a, m_const(m, m->f == NC_F32 ? 0x1p12 + 1 : 0x1p27 + 1));
  NcNum high = m_sub(m, scaled, m_sub(m, scaled, a));
  return (NcPair){high, m_sub(m, a, high)};
}

NcPair nc_math_product(const NcMath *m, NcNum a, NcNum b) {
  NcNum high = m_mul(m, a, b);
  if (m->s->fma)
    return (NcPair){high, m_fma(m, a, b, m_neg(m, high))};
  NcPair x = split(m, a);
  NcPair y = split(m, b);
  NcNum error = m_sub(m, m_mul(m, x.high, y.high), high);
  error = m_add(m, error, m_mul(m, x.high, y.low));
  error = m_add(m, error, m_mul(m, x.low, y.high));
  return (NcPair){high, m_add(m, error, m_mul(m, x.low, y.low))};
}

NcNum nc_math_remainder(const NcMath *m, NcNum a, NcNum quotient, NcNum b) {
  if (m->s->fma)
    return m_fma(m, m_neg(m, quotient), b, a);
  NcPair product = nc_math_product(m, quotient, b);
  return m_sub(m, m_sub(m, a, product.high), product.low);
}

// f / (2 + f)
static NcPair ratio(const NcMath *m, NcNum f) {
  NcPair divisor = m_fast_sum(m, m_const(m, 2), f);
  NcNum high = m_div(m, f, divisor.high);
  NcNum left = nc_math_remainder(m, f, high, divisor.high);
  left = m_sub(m, left, m_mul(m, high, divisor.low));
  return (NcPair){high, m_div(m, left, divisor.high)};
}

// 2/3 * s^3 + … of log((1+s)/(1-s)) - 2s, from the high part of s alone
static NcPair beyond_linear(const NcMath *m, NcNum s) {
  static const double far[] = {0x1.9999999999996p-2, 0x1.2492492492f4ap-2, 0x1.c71c71c597bf3p-3,
                               0x1.745d1828b328bp-3, 0x1.3b1364f64e35bp-3, 0x1.1120686fa4881p-3,
                               0x1.de3e7c74a2d7bp-4, 0x1.eabd4d45d7442p-4};
  const double third = 0x1.5555555555555p-1, third_low = 0x1.5555555555555p-55;
  NcPair square = nc_math_product(m, s, s);
  NcPair cube = nc_math_product(m, s, square.high);
  cube.low = m_fma(m, s, square.low, cube.low);
  NcPair result = nc_math_product(m, cube.high, m_const(m, third));
  NcNum low = m_fma(m, cube.high, m_const(m, third_low), result.low);
  low = m_fma(m, cube.low, m_const(m, third), low);
  NcNum fifth = m_mul(m, cube.high, square.high);
  result.low = m_fma(m, fifth, M_POLYNOMIAL(m, far, square.high), low);
  return result;
}

static NcPair log_pair(const NcMath *m, NcNum x) {
  const NcMathFormat *format = nc_math_format(m);
  NcLogParts parts = nc_math_log_parts(m, x);
  NcPair s = ratio(m, parts.f);
  NcPair rest = beyond_linear(m, s.high);
  NcNum linear = m_add(m, s.high, s.high);
  NcPair a = m_fast_sum(m, m_mul(m, parts.k, m_const(m, format->ln2_high)), linear);
  NcPair b = m_fast_sum(m, a.high, rest.high);
  // The derivative of 2 atanh is 2 * (1 + s^2 + s^4 + …).
  NcNum square = m_mul(m, s.high, s.high), twice = m_add(m, s.low, s.low);
  NcNum low = m_fma(m, m_fma(m, square, square, square), twice, twice);
  low = m_fma(m, parts.k, m_const(m, format->ln2_low), low);
  low = m_add(m, low, rest.low);
  low = m_add(m, low, m_add(m, a.low, b.low));
  return m_fast_sum(m, b.high, low);
}

// x^y for finite x > 0 and |y| <= 2^80; `exact` to within 1 ulp, else to 2^-40.
static NcNum power(const NcMath *m, NcNum x, NcNum y, bool exact) {
  NcPair product = {NULL, NULL};
  if (exact) {
    NcPair log = log_pair(m, x);
    product = nc_math_product(m, y, log.high);
    product.low = m_fma(m, y, log.low, product.low);
  } else {
    product.high = m_mul(m, y, nc_math_log_of_parts(m, nc_math_log_parts(m, x)));
  }
  NcNum high = m_at_least(m, m_at_most(m, product.high, 710), -746), low = product.low;
  if (low)
    low = m_select(m, m_eq(m, high, product.high), low, m_const(m, 0));
  return nc_math_exp_of_sum(m, high, low);
}

static NcNum is_whole(const NcMath *m, NcNum x) {
  NcNum size = m_abs(m, x), large = m_const(m, 0x1p52);
  NcNum whole = m_sub(m, m_add(m, size, large), large);
  whole = m_select(m, m_lt(m, size, large), whole, size);
  return m_eq(m, whole, size);
}

static NcNum both(const NcMath *m, NcNum a, NcNum b) {
  return m_op(m, NC_X_AND, NC_BOOL, a, b, NULL);
}

static NcNum either(const NcMath *m, NcNum a, NcNum b) {
  return m_op(m, NC_X_OR, NC_BOOL, a, b, NULL);
}

// |x|^y where |x| is 0 or infinite, else `value`.
static NcNum at_ends(const NcMath *m, NcNum size, NcNum y, NcNum value) {
  NcNum zero = m_const(m, 0), infinite = m_const(m, (double)INFINITY);
  NcNum is_zero = m_eq(m, size, zero), is_infinite = m_eq(m, size, infinite);
  NcNum inverts = m_lt(m, y, zero);
  NcNum end = m_select(m, m_eq(m, is_zero, inverts), infinite, zero);
  return m_select(m, either(m, is_zero, is_infinite), end, value);
}

// With the sign, and NaN where a negative number has no power.
static NcNum of_negative(const NcMath *m, NcNum x, NcNum y, NcNum value) {
  NcNum whole = is_whole(m, y), half_whole = is_whole(m, m_mul(m, y, m_const(m, 0.5)));
  NcNum sign = m_with_int(m, NC_X_AND, m_bits(m, x), m_sign_bit(m));
  sign = m_select(m, half_whole, m_int(m, 0), sign); // even
  sign = m_select(m, whole, sign, m_int(m, 0));
  value = m_float(m, m_on_ints(m, NC_X_XOR, m_bits(m, value), sign));
  NcNum zero = m_const(m, 0), least = m_const(m, -(double)INFINITY);
  NcNum negative = m_lt(m, x, zero);
  negative = both(m, negative, m_lt(m, least, x));
  NcNum undefined = m_select(m, whole, value, m_const(m, (double)NAN));
  return m_select(m, negative, undefined, value);
}

static NcNum power_of_any(const NcMath *m, NcNum x, NcNum y, bool exact) {
  NcNum size = m_abs(m, x), one = m_const(m, 1);
  // Beyond these only 1 has a power that is neither 0 nor infinite.
  NcNum bounded = m_at_least(m, m_at_most(m, y, 0x1p80), -0x1p80);
  NcNum value = at_ends(m, size, y, power(m, size, bounded, exact));
  value = of_negative(m, x, y, value);
  NcNum unordered = m_ne(m, x, x);
  unordered = either(m, unordered, m_ne(m, y, y));
  value = m_select(m, unordered, m_add(m, x, y), value);
  NcNum is_one = m_eq(m, y, m_const(m, 0));
  is_one = either(m, is_one, m_eq(m, x, one));
  return m_select(m, is_one, one, value);
}

NcNum nc_math_pow(const NcMath *m, NcNum x, NcNum y) {
  if (m->f == NC_F64)
    return power_of_any(m, x, y, true);
  NcMath wide = m_of(m->s, NC_F64, m->lanes);
  x = m_cast(&wide, x);
  y = m_cast(&wide, y);
  return m_cast(m, power_of_any(&wide, x, y, false));
}
