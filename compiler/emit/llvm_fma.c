// Fused multiply-add where the processor has none: the runtime's exact function, lane by lane.
#include "emit/llvm_expr.h"

#include "abi.h"

#include <stddef.h>
#include <stdio.h>

static LLVMTypeRef function_type(LLVMTypeRef type) {
  LLVMTypeRef types[] = {type, type, type};
  return LLVMFunctionType(type, types, 3, 0);
}

// The function that the frame's table holds.
static LLVMValueRef table_function(NcLlvmKernel *k, LLVMValueRef frame, NcDtype dtype) {
  LLVMTypeRef pointer = LLVMPointerTypeInContext(k->context, 0),
              byte = LLVMInt8TypeInContext(k->context);
  size_t field = dtype == NC_F32 ? offsetof(NcrtTable, fmaf) : offsetof(NcrtTable, fma);
  // The table is an array of pointers, which need not be as large as here.
  LLVMValueRef at = nc_llvm_int(k, offsetof(NcrtFrame, table)),
               inside = nc_llvm_int(k, (int64_t)(field / sizeof(void *)));
  at = LLVMBuildInBoundsGEP2(k->builder, byte, frame, &at, 1, "");
  LLVMValueRef table = LLVMBuildLoad2(k->builder, pointer, at, "");
  at = LLVMBuildInBoundsGEP2(k->builder, pointer, table, &inside, 1, "");
  return LLVMBuildLoad2(k->builder, pointer, at, "");
}

// The body of (frame, vector a, b, c): a loop over the lanes, in memory.
static void emit_lanes(NcLlvmKernel *k, LLVMValueRef function, NcDtype dtype, int lanes) {
  LLVMTypeRef scalar = nc_llvm_type(k, dtype, 1), vector = nc_llvm_type(k, dtype, lanes);
  LLVMTypeRef i64 = LLVMInt64TypeInContext(k->context);
  LLVMBasicBlockRef entry = LLVMAppendBasicBlockInContext(k->context, function, "entry");
  LLVMBasicBlockRef body = LLVMAppendBasicBlockInContext(k->context, function, "body");
  LLVMBasicBlockRef after = LLVMAppendBasicBlockInContext(k->context, function, "after");
  LLVMPositionBuilderAtEnd(k->builder, entry);
  LLVMValueRef each = table_function(k, LLVMGetParam(function, 0), dtype), places[3], args[3];
  for (unsigned i = 0; i < 3; i++) {
    places[i] = LLVMBuildAlloca(k->builder, vector, "");
    LLVMBuildStore(k->builder, LLVMGetParam(function, i + 1), places[i]);
  }
  LLVMBuildBr(k->builder, body);
  LLVMPositionBuilderAtEnd(k->builder, body);
  LLVMValueRef lane = LLVMBuildPhi(k->builder, i64, ""), at = NULL;
  for (int i = 2; i >= 0; i--) {
    at = LLVMBuildInBoundsGEP2(k->builder, scalar, places[i], &lane, 1, "");
    args[i] = LLVMBuildLoad2(k->builder, scalar, at, "");
  }
  LLVMBuildStore(k->builder, LLVMBuildCall2(k->builder, function_type(scalar), each, args, 3, ""),
                 at);
  LLVMValueRef next = LLVMBuildAdd(k->builder, lane, nc_llvm_int(k, 1), "");
  LLVMValueRef more = LLVMBuildICmp(k->builder, LLVMIntSLT, next, nc_llvm_int(k, lanes), "");
  LLVMBuildCondBr(k->builder, more, body, after);
  LLVMAddIncoming(lane, (LLVMValueRef[]){nc_llvm_int(k, 0), next},
                  (LLVMBasicBlockRef[]){entry, body}, 2);
  LLVMPositionBuilderAtEnd(k->builder, after);
  LLVMBuildRet(k->builder, LLVMBuildLoad2(k->builder, vector, places[0], ""));
}

LLVMValueRef nc_llvm_exact_fma(NcLlvmKernel *k, NcDtype dtype, int lanes, LLVMValueRef *args) {
  LLVMTypeRef type = nc_llvm_type(k, dtype, lanes);
  if (lanes == 1)
    return LLVMBuildCall2(k->builder, function_type(type), table_function(k, k->frame, dtype), args,
                          3, "");
  char name[32];
  snprintf(name, sizeof name, "fma.%sx%d", nc_dtype_name(dtype), lanes);
  LLVMTypeRef types[] = {LLVMPointerTypeInContext(k->context, 0), type, type, type};
  LLVMTypeRef signature = LLVMFunctionType(type, types, 4, 0);
  LLVMValueRef function = LLVMGetNamedFunction(k->module, name);
  if (!function) {
    LLVMBasicBlockRef here = LLVMGetInsertBlock(k->builder);
    function = LLVMAddFunction(k->module, name, signature);
    LLVMSetLinkage(function, LLVMInternalLinkage);
    unsigned nounwind = LLVMGetEnumAttributeKindForName("nounwind", 8);
    LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                            LLVMCreateEnumAttribute(k->context, nounwind, 0));
    emit_lanes(k, function, dtype, lanes);
    LLVMPositionBuilderAtEnd(k->builder, here);
  }
  LLVMValueRef all[] = {k->frame, args[0], args[1], args[2]};
  return LLVMBuildCall2(k->builder, signature, function, all, 4, "");
}
