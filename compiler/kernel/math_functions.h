// The functions that math.c chooses among, each the expansion of one operation on values of m->f,
// and the parts that they share.
#ifndef NC_KERNEL_MATH_FUNCTIONS_H
#define NC_KERNEL_MATH_FUNCTIONS_H

#include "kernel/math_build.h"

NcNum nc_math_exp(const NcMath *m, NcNum x);
NcNum nc_math_tanh(const NcMath *m, NcNum x);
NcNum nc_math_erf(const NcMath *m, NcNum x);
NcNum nc_math_log(const NcMath *m, NcNum x);
NcNum nc_math_sin(const NcMath *m, NcNum x);
NcNum nc_math_cos(const NcMath *m, NcNum x);
NcNum nc_math_pow(const NcMath *m, NcNum x, NcNum y);

// The format of a dtype's floats, and ln(2) in two parts: the product of the first and an exponent
// is exact.
typedef struct NcMathFormat {
  int fraction_bits, bias;
  double shift; // added to a number and taken off again, rounds it to a whole one
  double ln2_high, ln2_low;
} NcMathFormat;

const NcMathFormat *nc_math_format(const NcMath *m);

// exp(x) of -745.2 <= x <= 709.8 (f32: -104, 89) as 2^n * (1 + rest), |rest| < 0.42.
typedef struct NcExpParts {
  NcNum shifted; // n + shift: n is in its lowest bits
  NcPair rest;
} NcExpParts;

// Of x + low, where low is small beside 1; NULL stands for 0.
NcExpParts nc_math_exp_parts(const NcMath *m, NcNum x, NcNum low);
// 2^n for n within the exponents of normal numbers, from n + shift.
NcNum nc_math_power_of_2(const NcMath *m, NcNum shifted);
// exp(x + low) for x as above: it overflows and underflows as it should.
NcNum nc_math_exp_of_sum(const NcMath *m, NcNum x, NcNum low);

// x > 0, finite, as 2^k * (1 + f), -0.293 < f < 0.4143; f is exact.
typedef struct NcLogParts {
  NcNum k, f;
} NcLogParts;

NcLogParts nc_math_log_parts(const NcMath *m, NcNum x);
// log of such parts, within 1 ulp.
NcNum nc_math_log_of_parts(const NcMath *m, NcLogParts parts);

// a * b exactly.
NcPair nc_math_product(const NcMath *m, NcNum a, NcNum b);
// a - quotient * b, exactly if the quotient is a / b within a few ulp.
NcNum nc_math_remainder(const NcMath *m, NcNum a, NcNum quotient, NcNum b);

#endif
