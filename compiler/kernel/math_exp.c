// exp, and what is made of it: tanh and erf.
//
// Argument reduction is Cody and Waite's (Software Manual for the Elementary Functions, 1980);
// polynomials are minimax, by tests/fixtures/make_math.py.
#include "kernel/math_functions.h"

static const NcMathFormat formats[] = {
    {23, 127, 0x1.8p23, 0x1.62e4p-1, 0x1.7f7d1cp-20},
    {52, 1023, 0x1.8p52, 0x1.62e42fefa38p-1, 0x1.ef35793c7673p-45},
};

const NcMathFormat *nc_math_format(const NcMath *m) { return &formats[m->f == NC_F64]; }

// (exp(r) - 1 - r) / r^2 for |r| < 0.3467
static NcNum exp_tail(const NcMath *m, NcNum r) {
  static const double of_f32[] = {0x1p-1, 0x1.55548ep-3, 0x1.5554d8p-5, 0x1.123be6p-7,
                                  0x1.6d5f4p-10},
                      of_f64[] = {0x1.000000000000cp-1,  0x1.5555555555561p-3,
                                  0x1.555555554fdf5p-5,  0x1.111111110d63dp-7,
                                  0x1.6c16c1860ca43p-10, 0x1.a01a01bae226dp-13,
                                  0x1.a01995a87f668p-16, 0x1.71dddfcaa2e8bp-19,
                                  0x1.28b10994aa941p-22, 0x1.af858b2f5e9e5p-26};
  return m->f == NC_F32 ? M_POLYNOMIAL(m, of_f32, r) : M_POLYNOMIAL(m, of_f64, r);
}

#define LOG2_E 0x1.71547652b82fep+0

NcExpParts nc_math_exp_parts(const NcMath *m, NcNum x, NcNum low) {
  const NcMathFormat *format = nc_math_format(m);
  NcNum shift = m_const(m, format->shift);
  NcNum shifted = m_fma(m, x, m_const(m, LOG2_E), shift);
  NcNum n = m_sub(m, shifted, shift);
  NcNum high = m_fma(m, n, m_const(m, -format->ln2_high), x); // exact
  NcNum less = m_mul(m, n, m_const(m, format->ln2_low));
  if (low)
    less = m_sub(m, less, low);
  NcNum r = m_sub(m, high, less);
  NcNum lost = m_sub(m, m_sub(m, high, r), less);
  NcNum tail = exp_tail(m, r);
  return (NcExpParts){shifted, {r, m_fma(m, m_mul(m, r, r), tail, lost)}};
}

// The bits of 1 with a number, in its lowest bits, added to the exponent.
static NcNum scale(const NcMath *m, NcNum number) {
  const NcMathFormat *format = nc_math_format(m);
  NcNum exponent = m_with_int(m, NC_K_SHL, number, format->fraction_bits);
  int64_t one = (int64_t)format->bias << format->fraction_bits;
  return m_float(m, m_with_int(m, NC_X_ADD, exponent, one));
}

NcNum nc_math_power_of_2(const NcMath *m, NcNum shifted) { return scale(m, m_bits(m, shifted)); }

// The power of 2 goes in as two factors, so that each is a normal number and only the last product
// is rounded.
NcNum nc_math_exp_of_sum(const NcMath *m, NcNum x, NcNum low) {
  NcExpParts parts = nc_math_exp_parts(m, x, low);
  NcPair sum = m_fast_sum(m, m_const(m, 1), parts.rest.high);
  NcNum value = m_add(m, sum.high, m_add(m, sum.low, parts.rest.low));
  NcNum half = m_fma(m, x, m_const(m, LOG2_E / 2), m_const(m, nc_math_format(m)->shift));
  NcNum half_bits = m_bits(m, half);
  NcNum others = m_on_ints(m, NC_X_SUB, m_bits(m, parts.shifted), half_bits);
  value = m_mul(m, value, scale(m, half_bits));
  return m_mul(m, value, scale(m, others));
}

NcNum nc_math_exp(const NcMath *m, NcNum x) {
  bool single = m->f == NC_F32;
  x = m_at_most(m, x, single ? 89 : 710);
  x = m_at_least(m, x, single ? -104 : -746);
  return nc_math_exp_of_sum(m, x, NULL);
}

// t / (t + 2), where t = exp(2|x|) - 1 = (2^n - 1) + 2^n * rest.
NcNum nc_math_tanh(const NcMath *m, NcNum x) {
  NcNum size = m_abs(m, x);
  NcNum twice = m_at_most(m, m_add(m, size, size), m->f == NC_F32 ? 18.5 : 39);
  NcExpParts parts = nc_math_exp_parts(m, twice, NULL);
  NcNum power = nc_math_power_of_2(m, parts.shifted);
  NcNum raised = m_mul(m, power, parts.rest.high);
  NcPair t = m_fast_sum(m, m_sub(m, power, m_const(m, 1)), raised);
  t = m_fast_sum(m, t.high, m_fma(m, power, parts.rest.low, t.low));
  NcPair divisor = m_sum(m, t.high, m_const(m, 2));
  NcNum inverse = m_div(m, m_const(m, 1), divisor.high);
  NcNum ratio = m_mul(m, t.high, inverse);
  NcNum left = nc_math_remainder(m, t.high, ratio, divisor.high);
  left = m_sub(m, left, m_mul(m, ratio, m_add(m, divisor.low, t.low)));
  left = m_add(m, left, t.low);
  return m_with_sign_of(m, m_fma(m, left, inverse, ratio), x);
}

// erf(x)/x - 1 as a polynomial of x^2, up to |x| = 0.92 (f32) or 1 (f64).
static NcNum erf_near_0(const NcMath *m, NcNum square) {
  static const double of_f32[] = {0x1.06eba8p-3, -0x1.812742p-2,  0x1.ce2df2p-4, -0x1.b80db4p-6,
                                  0x1.54c5dcp-8, -0x1.aa51f2p-11, 0x1.5d6d14p-14},
                      of_f64[] = {
                          0x1.06eba8214db69p-3,   -0x1.812746b0379fdp-2,  0x1.ce2f21a04361p-4,
                          -0x1.b82ce312ab11ap-6,  0x1.565bcd126ecefp-8,   -0x1.c02db4926fc79p-11,
                          0x1.f9a33429ca896p-14,  -0x1.f4d31e2e153d7p-17, 0x1.b9ed7a9516786p-20,
                          -0x1.5f8e96c5b2719p-23, 0x1.fc1076c2d254cp-27,  -0x1.453459cd03df3p-30,
                          0x1.26060847c5ed4p-34};
  return m->f == NC_F32 ? M_POLYNOMIAL(m, of_f32, square) : M_POLYNOMIAL(m, of_f64, square);
}

// log(1 - erf(x)) from there to 3.95 or 5.95, where erf rounds to 1.
static NcNum log_erfc(const NcMath *m, NcNum x) {
  static const double of_f32[] = {-0x1.9a68c8p-13, -0x1.20af58p+0, -0x1.463cc6p-1, -0x1.a9b4p-4,
                                  0x1.6c2a0ap-6,   -0x1.8ee05ep-9, 0x1.9ae6d8p-13},
                      of_f64[] = {
                          -0x1.dda6502425674p-26, -0x1.20dd70cc85e9ap+0,  -0x1.45f3272222ce4p-1,
                          -0x1.a4f302db219fep-4,  0x1.3964d68f6c8a4p-6,   0x1.a84292ac68affp-13,
                          -0x1.b714d2fd412a7p-10, 0x1.219816c93602bp-11,  0x1.714d721f2623bp-16,
                          -0x1.d0ac84cdc751ep-14, 0x1.0fa2b9934a92p-14,   -0x1.975e6023f3a5dp-16,
                          0x1.c74b562f51c6dp-18,  -0x1.8a89fefd7d893p-20, 0x1.0a737a20210e1p-22,
                          -0x1.1490ff8ee4159p-25, 0x1.ab363023c5c2dp-29,  -0x1.cefbafeefc712p-33,
                          0x1.3a2d5954e664dp-37,  -0x1.91b94fdb2b905p-43};
  return m->f == NC_F32 ? M_POLYNOMIAL(m, of_f32, x) : M_POLYNOMIAL(m, of_f64, x);
}

// 1 - exp(log_erfc) away from 0: (1 - 2^n) - 2^n * rest.
static NcNum erf_far(const NcMath *m, NcNum size) {
  NcExpParts parts =
      nc_math_exp_parts(m, log_erfc(m, m_at_most(m, size, m->f == NC_F32 ? 3.95 : 5.95)), NULL);
  NcNum power = nc_math_power_of_2(m, parts.shifted);
  NcNum rest = m_add(m, parts.rest.high, parts.rest.low);
  NcNum first = m_sub(m, m_const(m, 1), power);
  return m_fma(m, m_neg(m, power), rest, first);
}

NcNum nc_math_erf(const NcMath *m, NcNum x) {
  NcNum size = m_abs(m, x);
  NcNum near = m_fma(m, size, erf_near_0(m, m_mul(m, size, size)), size);
  NcNum is_near = m_lt(m, size, m_const(m, m->f == NC_F32 ? 0.92 : 1));
  return m_with_sign_of(m, m_select(m, is_near, near, erf_far(m, size)), x);
}
