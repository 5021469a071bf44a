// From plans to an LLVM module: a function a kernel, a function a phase.
#ifndef NC_EMIT_LLVM_H
#define NC_EMIT_LLVM_H

#include "kernel/plan.h"

#include <llvm-c/Core.h>

// A graph function to compile, under the name by which the runtime knows it.
typedef struct NcEmitEntry {
  const char *name;
  const NcPlan *plan;
} NcEmitEntry;

// Builds a module with, for each entry E, the functions `E.phase0`, `E.phase1`, … of its phases,
// `E.phase0.step0`, … where a phase has steps, and, only where there is something for them to do,
// `E.begin0`, … and `E.prepare0` (of the arena) and `E.prepare1` (of a worker's memory), all of the
// type NcrtPhase. Kernels with equal text
// become one function. The caller owns it.
LLVMModuleRef nc_llvm_module(LLVMContextRef context, const NcEmitEntry *entries, int count,
                             const NcTarget *target);

#endif
