// Which operations are expanded, and floor.
#include "kernel/math.h"

#include "kernel/math_functions.h"

#include <assert.h>
#include <math.h>

bool nc_math_is_expanded(const NcSched *s, int kind, NcDtype dtype) {
  switch (kind) {
  case NC_X_EXP:
  case NC_X_LOG:
  case NC_X_TANH:
  case NC_X_SIN:
  case NC_X_COS:
  case NC_X_ERF:
  case NC_X_POW:
    return nc_dtype_is_float(dtype);
  case NC_X_FLOOR:
    return !s->floors;
  default:
    return false;
  }
}

// Adding 2^fraction_bits rounds the size to a whole number; one that came out above x is too large
// by 1. Larger numbers are whole.
static NcNum rounded_down(const NcMath *m, NcNum x) {
  NcNum large = m_const(m, ldexp(1, nc_math_format(m)->fraction_bits)), size = m_abs(m, x);
  NcNum whole = m_sub(m, m_add(m, size, large), large);
  whole = m_with_sign_of(m, whole, x);
  NcNum below = m_sub(m, whole, m_const(m, 1));
  whole = m_select(m, m_lt(m, x, whole), below, whole);
  return m_select(m, m_lt(m, size, large), whole, x);
}

NcKExpr *nc_math_expand(NcSched *s, const NcKExpr *x) {
  NcMath m = m_of(s, x->dtype, x->lanes);
  NcNum a = nc_sched_let(s, x->args[0]);
  switch (x->kind) {
  case NC_X_EXP:
    return nc_math_exp(&m, a);
  case NC_X_LOG:
    return nc_math_log(&m, a);
  case NC_X_TANH:
    return nc_math_tanh(&m, a);
  case NC_X_SIN:
    return nc_math_sin(&m, a);
  case NC_X_COS:
    return nc_math_cos(&m, a);
  case NC_X_ERF:
    return nc_math_erf(&m, a);
  case NC_X_POW:
    return nc_math_pow(&m, a, nc_sched_let(s, x->args[1]));
  default:
    assert(x->kind == NC_X_FLOOR);
    return rounded_down(&m, a);
  }
}
