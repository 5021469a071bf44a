// The state of writing one kernel in C, shared by its statements and their expressions.
#ifndef NC_EMIT_C_KERNEL_H
#define NC_EMIT_C_KERNEL_H

#include "emit/c.h"

typedef struct NcCKernel {
  NcCFile *file;
  NcText *out;
  const NcKernel *kernel;
  NcCSignature *signature; // what was used so far
  // By variable: whether it is that of an unrolled loop, so a number, and which; and whether a
  // later loop goes on from it.
  bool *known, *continued;
  int64_t *values;
  bool *arrays;     // by local: whether its elements are asked for by what is not a number
  bool *used;       // by temp: whether anything needs its value
  const char *line; // a #line directive of each statement, or NULL
  int depth;
} NcCKernel;

// An index with its known variables worked out.
NcKIndex nc_c_known(const NcCKernel *k, const NcKIndex *index);
void nc_c_index(NcCKernel *k, const NcKIndex *index);
void nc_c_local(NcCKernel *k, int local, const NcKIndex *index);
void nc_c_expr(NcCKernel *k, const NcKExpr *x);

#endif
