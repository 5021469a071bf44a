// The state of building a module, shared by kernels (llvm.c) and routines (llvm_routine.c).
#ifndef NC_EMIT_LLVM_KERNEL_H
#define NC_EMIT_LLVM_KERNEL_H

#include "base/map.h"
#include "emit/llvm.h"
#include "kernel/routine.h"

typedef struct NcEmitter {
  NcArena *arena;
  LLVMContextRef context;
  LLVMModuleRef module;
  const NcTarget *target;
  const NcEmitParts *parts;
  int part;   // that is built, or NC_ALL_PARTS
  bool alone; // nothing but the module's own functions calls its kernels and routines
  LLVMTypeRef pointer, i8, i32, i64;
} NcEmitter;

// With an arena, which the caller frees, and a module.
NcEmitter nc_emit_open(LLVMContextRef context, const NcEmitParts *parts, int part,
                       const NcTarget *target);
// A routine's function; those that it calls must be there.
void nc_emit_routine(NcEmitter *e, const NcRoutine *routine);

// Arguments of a kernel's function: the frame, four integers, the buffers, what the call gives.
enum {
  NC_ARG_FRAME,
  NC_ARG_N0,
  NC_ARG_N1,
  NC_ARG_S0,
  NC_ARG_S1,
  NC_ARG_BUFFERS,
};

LLVMTypeRef nc_emit_kernel_type(NcEmitter *e, const NcKernel *kernel);
// The function of a kernel, which may be in another part; equal kernels have one.
LLVMValueRef nc_emit_kernel(NcEmitter *e, const NcKernel *kernel);
// Whether what is in a part is built.
bool nc_emit_is_in_part(const NcEmitter *e, int part);
// What every function of the module has.
void nc_emit_attributes(NcEmitter *e, LLVMValueRef function);
// Asks for code that is quick to generate.
void nc_emit_plainly(NcEmitter *e, LLVMValueRef function);

#endif
