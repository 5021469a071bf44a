// The state of translating one kernel to LLVM, shared by expressions and statements.
#ifndef NC_EMIT_LLVM_EXPR_H
#define NC_EMIT_LLVM_EXPR_H

#include "kernel/kir.h"
#include "kernel/target.h"

#include <llvm-c/Core.h>

typedef struct NcLlvmKernel {
  const NcTarget *target;
  LLVMContextRef context;
  LLVMModuleRef module;
  LLVMBuilderRef builder;
  LLVMValueRef function;
  LLVMValueRef frame;
  const NcKernel *kernel;
  LLVMValueRef *buffers, *given, *vars, *temps, *locals;
} NcLlvmKernel;

LLVMTypeRef nc_llvm_type(NcLlvmKernel *k, NcDtype dtype, int lanes); // in a register
LLVMTypeRef nc_llvm_memory_type(NcLlvmKernel *k, NcDtype dtype,
                                int lanes);               // in memory: bools are bytes
LLVMValueRef nc_llvm_int(NcLlvmKernel *k, int64_t value); // an i64
LLVMValueRef nc_llvm_index(NcLlvmKernel *k, const NcKIndex *index);
LLVMValueRef nc_llvm_local(NcLlvmKernel *k, int local, const NcKIndex *index); // its address
LLVMValueRef nc_llvm_frame(NcLlvmKernel *k, size_t field); // the address of a field at an offset
LLVMValueRef nc_llvm_expr(NcLlvmKernel *k, const NcKExpr *x);
// The first `active` of `lanes` lanes as a constant vector of i1.
LLVMValueRef nc_llvm_mask(NcLlvmKernel *k, int lanes, int active);
// Stores the first `active` of the value's lanes at the pointer.
void nc_llvm_store_some(NcLlvmKernel *k, NcDtype dtype, LLVMValueRef value, int lanes, int active,
                        LLVMValueRef pointer);
LLVMValueRef nc_llvm_intrinsic(NcLlvmKernel *k, const char *name, LLVMTypeRef *types,
                               int type_count, LLVMValueRef *args, int arg_count);
// args[0] * args[1] + args[2], rounded once, on a target without such an operation.
LLVMValueRef nc_llvm_exact_fma(NcLlvmKernel *k, NcDtype dtype, int lanes, LLVMValueRef *args);

#endif
