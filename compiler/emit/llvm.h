// From plans to an LLVM module: a function a kernel, a function a phase.
#ifndef NC_EMIT_LLVM_H
#define NC_EMIT_LLVM_H

#include "emit/model.h"

#include <llvm-c/Core.h>

#define NC_ALL_PARTS (-1)

// Builds a module of one part, or of all. For each entry E there are the functions `E.phase0`,
// `E.phase1`, … of its phases, `E.phase0.step0`, … where a phase has steps, and, only where there
// is something for them to do, `E.begin0`, … and `E.prepare0` (of the arena) and `E.prepare1` (of a
// worker's memory), all of the type NcrtPhase. The caller owns it.
LLVMModuleRef nc_llvm_module(LLVMContextRef context, const NcEmitParts *parts, int part,
                             const NcTarget *target);

// A model whole: its functions, and nothing else that other files see.
LLVMModuleRef nc_llvm_model(LLVMContextRef context, const NcModel *model, const NcTarget *target);

#endif
