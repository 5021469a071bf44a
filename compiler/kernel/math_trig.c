// sin and cos, right for every finite argument.
//
// f32 is computed in f64: x * 2/pi is the sum of exact products with the 28-bit parts of 2/pi that
// matter at x's size. f64 multiplies x with 192 bits of 1/(2*pi) in integers (Payne and Hanek,
// "Radian reduction for trigonometric functions", 1983). Polynomials are minimax, by
// tests/fixtures/make_math.py.
#include "kernel/math_functions.h"

#include <math.h>

// An angle of `quarters` right angles, modulo 4, and a rest.
typedef struct Angle {
  NcNum quarters; // an integer
  NcPair rest;
} Angle;

// +-sin or +-cos, chosen by the quarter that the angle lies in.
static NcNum choose(const NcMath *m, NcNum quarters, NcNum sin, NcNum cos, bool is_cos) {
  if (is_cos)
    quarters = m_with_int(m, NC_X_ADD, quarters, 1);
  NcNum odd = m_with_int(m, NC_X_AND, quarters, 1);
  NcNum value = m_select(m, m_eq(m, odd, m_int(m, 0)), sin, cos);
  NcNum sign = m_with_int(m, NC_K_SHL, m_with_int(m, NC_X_AND, quarters, 2), 62);
  return m_float(m, m_on_ints(m, NC_X_XOR, m_bits(m, value), sign));
}

// --- f32, in f64

// The nearest whole number plus 0x1.8p52, for |x| <= 2^51.
static NcNum shifted(const NcMath *m, NcNum x) { return m_add(m, x, m_const(m, 0x1.8p52)); }

// x less a multiple of 4, exactly; |x| <= 2^53.
static NcNum modulo_4(const NcMath *m, NcNum x) {
  NcNum whole = shifted(m, m_mul(m, x, m_const(m, 0.25)));
  whole = m_sub(m, whole, m_const(m, 0x1.8p52));
  return m_sub(m, x, m_mul(m, whole, m_const(m, 4)));
}

// The products of x with four parts of 2/pi, after those whose products are multiples of 4.
static void multiply_by_parts(const NcMath *m, NcNum x, NcNum *products) {
  static const double parts[] = {0x1.45f306cp-1,   0x1.c9c882ap-29, 0x1.4fe13a8p-59, 0x1.f47d4dp-86,
                                 0x1.bb81b6cp-113, 0x1.4acc9ep-143, 0x1.0e4107cp-170};
  NcNum size = m_abs(m, x);
  NcNum within[3];
  for (int i = 0; i < 3; i++)
    within[i] = m_lt(m, size, m_const(m, ldexp(1, 53 + 28 * i)));
  for (int i = 0; i < 4; i++) {
    NcNum part = m_const(m, parts[i + 3]);
    for (int k = 2; k >= 0; k--)
      part = m_select(m, within[k], m_const(m, parts[i + k]), part);
    products[i] = m_mul(m, x, part);
  }
}

// In right angles: the rest is at most 1/2, as one number.
static Angle reduce_single(const NcMath *m, NcNum x) {
  NcNum p[4];
  multiply_by_parts(m, x, p);
  NcNum first = modulo_4(m, p[0]);
  NcPair sum = m_sum(m, first, modulo_4(m, p[1]));
  NcNum number = shifted(m, m_add(m, sum.high, p[2])); // p[2] may be 1/8
  NcNum near = m_sub(m, sum.high, m_sub(m, number, m_const(m, 0x1.8p52)));
  NcNum rest = m_add(m, near, m_add(m, sum.low, m_add(m, p[2], p[3])));
  return (Angle){m_bits(m, number), {rest, NULL}};
}

static NcNum sine_of_single(const NcMath *single, NcNum x, bool is_cos) {
  // sin(pi/2 * r) / r and (cos(pi/2 * r) - 1) / r^2 as polynomials of r^2
  static const double of_sin[] = {0x1.921fb5443b586p+0, -0x1.4abbce56ad72fp-1, 0x1.466bbac76da6p-4,
                                  -0x1.32ca9cbffa9dbp-8, 0x1.4bc81f0347721p-13},
                      of_cos[] = {-0x1.3bd3cc9bd8006p+0, 0x1.03c1f076c0eb1p-2,
                                  -0x1.55d3bb47262f1p-6, 0x1.e1e8594d1b2b5p-11,
                                  -0x1.a107b54189696p-16};
  NcMath wide = m_of(single->s, NC_F64, single->lanes), *m = &wide;
  Angle angle = reduce_single(m, m_cast(m, x));
  NcNum r = angle.rest.high, square = m_mul(m, r, r);
  NcNum sin = m_mul(m, r, M_POLYNOMIAL(m, of_sin, square));
  NcNum cos = m_fma(m, square, M_POLYNOMIAL(m, of_cos, square), m_const(m, 1));
  NcNum value = m_cast(single, choose(m, angle.quarters, sin, cos, is_cos));
  if (is_cos)
    return value;
  return m_select(single, m_eq(single, x, m_const(single, 0)), x, value); // the sign of a zero
}

// --- f64

#define LOW_32 0xffffffff

static NcNum shift_right(const NcMath *m, NcNum a, int64_t by) {
  return m_with_int(m, NC_X_SHR, a, by);
}

static NcNum low_half(const NcMath *m, NcNum a) { return m_with_int(m, NC_X_AND, a, LOW_32); }

// Bits `start` to start+191 of 2^-52 / (2*pi), 0 <= start < 1024 in the lowest bits of a number.
static void window(const NcMath *m, NcNum start, NcNum *words) {
  static const uint64_t bits[] = {
      0x000000000000028b, 0xe60db9391054a7f0, 0x9d5f47d4d377036d, 0x8a5664f10e4107f9,
      0x458eaf7aef1586dc, 0x91b8e909374b8019, 0x24bba827464873f8, 0x77ac72c4a69cfba2,
      0x08d7d4baed1213a6, 0x71c09ad17df904e6, 0x4758e60d4ce7d272, 0x117e2ef7e4a0ec7f,
      0xe25fff7816603fbc, 0xbc462d6829b47db4, 0xd9fb3c9f2c26dd3d, 0x18fd9a797fa8b5d4,
      0x9eeb1faf97c5ecf4, 0x1ce7de294a4ba9af, 0xed7ec47e35742158};
  enum { COUNT = sizeof bits / sizeof *bits };
  NcNum all[COUNT];
  for (int i = 0; i < COUNT; i++)
    all[i] = m_int(m, (int64_t)bits[i]);
  for (int step = 8; step >= 1; step /= 2) {
    NcNum bit = m_with_int(m, NC_X_AND, start, step * 64);
    NcNum skip = m_ne(m, bit, m_int(m, 0));
    for (int i = 0; i < 3 + step; i++)
      all[i] = m_select(m, skip, all[i + step], all[i]);
  }
  NcNum by = m_with_int(m, NC_X_AND, start, 63), other = m_on_ints(m, NC_X_SUB, m_int(m, 63), by);
  for (int i = 0; i < 3; i++) {
    NcNum next = m_on_ints(m, NC_X_SHR, shift_right(m, all[i + 1], 1), other);
    words[i] = m_on_ints(m, NC_X_OR, m_on_ints(m, NC_K_SHL, all[i], by), next);
  }
}

// The product of a 53-bit integer and a fraction of 192 bits, modulo 1: its first 128 bits.
static void multiply(const NcMath *m, NcNum integer, NcNum *words, NcNum *product) {
  NcNum low = low_half(m, integer), high = shift_right(m, integer, 32), digits[6];
  NcNum before = NULL, carried = NULL; // of the digit below: its product with `high`, and more
  for (int i = 0; i < 6; i++) {
    NcNum word = words[2 - i / 2];
    NcNum digit = i % 2 ? shift_right(m, word, 32) : low_half(m, word);
    NcNum here = m_on_ints(m, NC_X_MUL, low, digit);
    NcNum sum = low_half(m, here);
    if (i > 0)
      sum = m_on_ints(m, NC_X_ADD, m_on_ints(m, NC_X_ADD, sum, before), carried);
    digits[i] = sum;
    before = m_on_ints(m, NC_X_MUL, high, digit);
    carried = shift_right(m, here, 32);
    carried = m_on_ints(m, NC_X_ADD, carried, shift_right(m, sum, 32));
  }
  for (int i = 0; i < 2; i++) {
    NcNum second = low_half(m, digits[4 - 2 * i]);
    product[i] = m_on_ints(m, NC_X_OR, m_with_int(m, NC_K_SHL, digits[5 - 2 * i], 32), second);
  }
}

// An integer below 2^32 times 2^(exponent - 52), less `offset`: as a number's last bits.
static NcNum scaled(const NcMath *m, NcNum integer, int exponent, double offset) {
  NcNum number = m_with_int(m, NC_X_OR, integer, (int64_t)(1023 + exponent) << 52);
  return m_sub(m, m_float(m, number), m_const(m, ldexp(1, exponent) + offset));
}

// A fraction of 128 bits between -1/2 and 1/2, in two's complement, times pi/2.
static NcPair to_radians(const NcMath *m, NcNum high, NcNum low) {
  NcNum top = shift_right(m, m_with_int(m, NC_X_XOR, high, INT64_MIN), 32);
  NcNum second = scaled(m, low_half(m, high), -12, 0);
  NcPair sum = m_fast_sum(m, scaled(m, top, 20, 0.5), second);
  NcNum third = scaled(m, shift_right(m, low, 32), -44, 0);
  sum = m_fast_sum(m, sum.high, m_add(m, sum.low, third));
  NcNum rest = m_add(m, sum.low, scaled(m, low_half(m, low), -76, 0));
  const double right_angle = 0x1.921fb54442d18p+0, more = 0x1.1a62633145c07p-54;
  NcPair product = nc_math_product(m, sum.high, m_const(m, right_angle));
  rest = m_fma(m, rest, m_const(m, right_angle), product.low);
  return m_fast_sum(m, product.high, m_fma(m, sum.high, m_const(m, more), rest));
}

// Of x >= 1; smaller ones are their own rest.
static Angle reduce_double(const NcMath *m, NcNum x) {
  NcNum number = m_bits(m, x), words[3], turns[2];
  NcNum fraction = m_with_int(m, NC_X_AND, number, 0xfffffffffffff);
  NcNum integer = m_with_int(m, NC_X_OR, fraction, (int64_t)1 << 52);
  window(m, m_with_int(m, NC_X_SUB, shift_right(m, number, 52), 1023), words);
  multiply(m, integer, words, turns);
  NcNum quarters = shift_right(m, m_with_int(m, NC_X_ADD, turns[0], (int64_t)1 << 61), 62);
  NcNum last = shift_right(m, turns[1], 62);
  NcNum high = m_on_ints(m, NC_X_OR, m_with_int(m, NC_K_SHL, turns[0], 2), last);
  NcPair rest = to_radians(m, high, m_with_int(m, NC_K_SHL, turns[1], 2));
  NcNum small = m_lt(m, x, m_const(m, 1));
  quarters = m_select(m, small, m_int(m, 0), quarters);
  rest.high = m_select(m, small, x, rest.high);
  rest.low = m_select(m, small, m_const(m, 0), rest.low);
  return (Angle){quarters, rest};
}

// sin(r + low), |r| <= 1
static NcNum sine_near_0(const NcMath *m, NcPair r, NcNum square, NcNum rest_of_cos) {
  static const double tail[] = {-0x1.5555555555555p-3, 0x1.1111111111093p-7, -0x1.a01a01a009c54p-13,
                                0x1.71de3a45512ep-19,  -0x1.ae644540b1bp-26, 0x1.611a2c2a2e963p-33,
                                -0x1.a8344a505c7f9p-41}; // (sin(r) - r) / r^3
  NcNum cube = m_mul(m, square, r.high);
  NcNum low = m_mul(m, r.low, rest_of_cos);
  return m_add(m, r.high, m_fma(m, cube, M_POLYNOMIAL(m, tail, square), low));
}

// cos(r + low), where `first` is 1 - r^2/2, rounded, and `half` r^2/2
static NcNum cosine_near_0(const NcMath *m, NcPair r, NcNum square, NcNum first, NcNum half) {
  static const double tail[] = {0x1.5555555555555p-5,  -0x1.6c16c16c16b71p-10,
                                0x1.a01a01a00a3a2p-16, -0x1.27e4fb6b192e5p-22,
                                0x1.1eed83e2eff05p-29, -0x1.938bef48f032dp-37,
                                0x1.a84c65233e48ep-45}; // (cos(r) - 1 + r^2/2) / r^4
  NcNum lost = m_sub(m, m_sub(m, m_const(m, 1), first), half);
  NcNum fourth = m_mul(m, square, square);
  NcNum rest = m_fma(m, fourth, M_POLYNOMIAL(m, tail, square), lost);
  return m_add(m, first, m_sub(m, rest, m_mul(m, r.high, r.low)));
}

static NcNum sine_of_double(const NcMath *m, NcNum x, bool is_cos) {
  NcNum size = m_abs(m, x);
  Angle angle = reduce_double(m, size);
  NcNum square = m_mul(m, angle.rest.high, angle.rest.high);
  NcNum half = m_mul(m, square, m_const(m, 0.5)), first = m_sub(m, m_const(m, 1), half);
  NcNum sin = sine_near_0(m, angle.rest, square, first);
  NcNum cos = cosine_near_0(m, angle.rest, square, first, half);
  NcNum value = choose(m, angle.quarters, sin, cos, is_cos);
  if (!is_cos) {
    NcNum sign = m_with_int(m, NC_X_AND, m_bits(m, x), INT64_MIN);
    value = m_float(m, m_on_ints(m, NC_X_XOR, m_bits(m, value), sign));
  }
  // Infinities have no sine, and the bits of NaN have given a number.
  NcNum is_finite = m_lt(m, size, m_const(m, (double)INFINITY));
  return m_select(m, is_finite, value, m_sub(m, x, x));
}

static NcNum sine(const NcMath *m, NcNum x, bool is_cos) {
  return m->f == NC_F32 ? sine_of_single(m, x, is_cos) : sine_of_double(m, x, is_cos);
}

NcNum nc_math_sin(const NcMath *m, NcNum x) { return sine(m, x, false); }
NcNum nc_math_cos(const NcMath *m, NcNum x) { return sine(m, x, true); }
