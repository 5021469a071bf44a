// What is compiled, dealt to parts: each part becomes an object of its own, so that several can be
// made at once. How it is dealt depends on the plans alone.
#ifndef NC_EMIT_PARTS_H
#define NC_EMIT_PARTS_H

#include "base/map.h"
#include "kernel/plan.h"

#define NC_MAX_PARTS 8

// A graph function to compile, under the name by which the runtime knows it.
typedef struct NcEmitEntry {
  const char *name;
  const NcPlan *plan;
} NcEmitEntry;

// A kernel, for all calls of kernels with equal text.
typedef struct NcEmitKernel {
  const NcKernel *kernel;
  const char *symbol; // of its function: the kernel's name, or that with a number
  int part;
} NcEmitKernel;

// Entries and their distinct kernels, in the order of their first calls. The functions of phases
// are in part 0.
typedef struct NcEmitParts {
  const NcEmitEntry *entries;
  int entry_count;
  NC_VEC(NcEmitKernel *) kernels;
  NcMap by_text; // NcEmitKernel by the kernel's text
  int count;
} NcEmitParts;

// At most `most` parts, of about equal work.
NcEmitParts *nc_emit_parts(NcArena *arena, const NcEmitEntry *entries, int count, int most);

#endif
