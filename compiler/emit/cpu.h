// This machine's processor, asked directly: the code generator, which knows all processors, is
// loaded only when there is something to compile.
#ifndef NC_EMIT_CPU_H
#define NC_EMIT_CPU_H

#include "base/arena.h"

#include <stdbool.h>

// What the processor has and this system lets programs use.
typedef struct NcCpu {
  int level; // of x86-64, 1 … 4; 0 on other machines
  bool avx2, fma, avx512;
} NcCpu;

NcCpu nc_cpu_detect(void);

// A line that differs where other code may be generated: vendor, model, and all features.
const char *nc_cpu_identity(NcArena *arena);

#endif
