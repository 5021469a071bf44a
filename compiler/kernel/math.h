// Mathematical functions as arithmetic of the kernel IR: no library is called, so results are the
// same in every lane, at every width and, with `portable` or fused multiply-add in hardware, on
// every machine. docs/internals.md states their errors, tests/ops/test_math.c checks them.
//
// Special values are those of C's Annex F; subnormal arguments and results are exact to the same
// bounds. The sign and payload of a NaN are not specified.
#ifndef NC_KERNEL_MATH_H
#define NC_KERNEL_MATH_H

#include "kernel/schedule_expr.h"

// Whether an operation (of NcExprKind) on the dtype has to be expanded for the target of `s`: exp,
// log, tanh, sin, cos, erf, pow; and floor where the processor does not have it.
bool nc_math_is_expanded(const NcSched *s, int kind, NcDtype dtype);

// The value of such an operation, whose arguments have its dtype and lanes, made of statements that
// are added to s->block.
NcKExpr *nc_math_expand(NcSched *s, const NcKExpr *x);

#endif
