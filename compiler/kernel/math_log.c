// log: log(1+f) = 2 atanh(s), s = f/(2+f), summed in the order of FDLIBM's e_log.c (Sun
// Microsystems, 1993). Polynomials are minimax, by tests/fixtures/make_math.py.
#include "kernel/math_functions.h"

#include <math.h>

// x * 2^fraction_bits where x is subnormal; k's bias then differs.
static NcNum make_normal(const NcMath *m, NcNum x, NcNum *bias) {
  const NcMathFormat *format = nc_math_format(m);
  NcNum is_tiny = m_lt(m, x, m_const(m, ldexp(1, 1 - format->bias)));
  // The number that exponents of 2^fraction_bits are read off from.
  double base = ldexp(1, format->fraction_bits) + format->bias;
  *bias = m_select(m, is_tiny, m_const(m, base + format->fraction_bits), m_const(m, base));
  return m_select(m, is_tiny, m_mul(m, x, m_const(m, ldexp(1, format->fraction_bits))), x);
}

NcLogParts nc_math_log_parts(const NcMath *m, NcNum x) {
  const NcMathFormat *format = nc_math_format(m);
  int bits = format->fraction_bits;
  int64_t one = (int64_t)format->bias << bits, fraction = ((int64_t)1 << bits) - 1;
  int64_t half_root = m->f == NC_F32 ? 0x3f3504f3 : 0x3fe6a09e667f3bcd; // of 2
  NcNum bias, number = m_bits(m, make_normal(m, x, &bias));
  NcNum moved = m_with_int(m, NC_X_ADD, number, one - half_root);
  NcNum exponent = m_with_int(m, NC_X_SHR, moved, bits);
  NcNum raised = m_with_int(m, NC_X_OR, exponent, (int64_t)(format->bias + bits) << bits);
  NcNum reduced = m_with_int(m, NC_X_ADD, m_with_int(m, NC_X_AND, moved, fraction), half_root);
  NcLogParts parts;
  parts.k = m_sub(m, m_float(m, raised), bias);
  parts.f = m_sub(m, m_float(m, reduced), m_const(m, 1));
  return parts;
}

// (log((1+s)/(1-s)) - 2s) / s^3 as a polynomial of s^2, |s| < 0.1716
static NcNum log_tail(const NcMath *m, NcNum square) {
  static const double of_f32[] = {0x1.55557ap-1, 0x1.995ed6p-2, 0x1.31e088p-2},
                      of_f64[] = {0x1.5555555555592p-1, 0x1.999999997ff18p-2, 0x1.24924941e1ac1p-2,
                                  0x1.c71c5213c6ccap-3, 0x1.74663d17c035ep-3, 0x1.39a1e32946014p-3,
                                  0x1.2f03ffe6d0b7ep-3};
  return m->f == NC_F32 ? M_POLYNOMIAL(m, of_f32, square) : M_POLYNOMIAL(m, of_f64, square);
}

NcNum nc_math_log_of_parts(const NcMath *m, NcLogParts parts) {
  const NcMathFormat *format = nc_math_format(m);
  NcNum f = parts.f, k = parts.k;
  NcNum s = m_div(m, f, m_add(m, f, m_const(m, 2)));
  NcNum square = m_mul(m, s, s);
  NcNum half = m_mul(m, m_mul(m, f, m_const(m, 0.5)), f);
  NcNum sum = m_fma(m, square, log_tail(m, square), half);
  NcNum low = m_fma(m, s, sum, m_mul(m, k, m_const(m, format->ln2_low)));
  NcNum rest = m_sub(m, f, m_sub(m, half, low));
  return m_fma(m, k, m_const(m, format->ln2_high), rest);
}

NcNum nc_math_log(const NcMath *m, NcNum x) {
  NcNum zero = m_const(m, 0), infinite = m_const(m, (double)INFINITY);
  NcNum value = nc_math_log_of_parts(m, nc_math_log_parts(m, x));
  value = m_select(m, m_lt(m, x, infinite), value, x);
  NcNum otherwise = m_select(m, m_eq(m, x, zero), m_const(m, -(double)INFINITY),
                             m_const(m, (double)NAN)); // and NaN itself
  return m_select(m, m_lt(m, zero, x), value, otherwise);
}
