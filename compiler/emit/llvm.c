// From kernels to LLVM functions.
#include "emit/llvm_kernel.h"

#include "abi.h"
#include "emit/llvm_expr.h"

#include <stddef.h>
#include <string.h>

static void add_attribute(NcEmitter *e, LLVMValueRef function, const char *name,
                          const char *value) {
  LLVMAttributeRef attribute = LLVMCreateStringAttribute(e->context, name, (unsigned)strlen(name),
                                                         value, (unsigned)strlen(value));
  LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, attribute);
}

static void add_flag(NcEmitter *e, LLVMValueRef function, LLVMAttributeIndex at, const char *name) {
  unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
  LLVMAddAttributeAtIndex(function, at, LLVMCreateEnumAttribute(e->context, kind, 0));
}

void nc_emit_attributes(NcEmitter *e, LLVMValueRef function) {
  add_flag(e, function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, "nounwind");
  add_attribute(e, function, "target-cpu", e->target->cpu);
  if (e->target->features[0])
    add_attribute(e, function, "target-features", e->target->features);
  if (e->target->vector_bytes == 64)
    add_attribute(e, function, "prefer-vector-width", "512");
}

void nc_emit_plainly(NcEmitter *e, LLVMValueRef function) {
  add_flag(e, function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, "optnone");
  add_flag(e, function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, "noinline");
}

static void emit_block(NcLlvmKernel *k, const NcKBlock *block);

static void emit_unrolled(NcLlvmKernel *k, const NcKStmt *s) {
  for (int64_t i = s->low.constant; i + s->step <= s->high.constant; i += s->step) {
    k->vars[s->var] = nc_llvm_int(k, i);
    emit_block(k, &s->body);
  }
}

typedef struct Loop {
  LLVMBasicBlockRef before, head, body, after;
} Loop;

// Goes on at the head of a new loop.
static Loop open_loop(NcLlvmKernel *k) {
  Loop loop = {.before = LLVMGetInsertBlock(k->builder),
               .head = LLVMAppendBasicBlockInContext(k->context, k->function, "head"),
               .body = LLVMAppendBasicBlockInContext(k->context, k->function, "body"),
               .after = LLVMAppendBasicBlockInContext(k->context, k->function, "after")};
  LLVMBuildBr(k->builder, loop.head);
  LLVMPositionBuilderAtEnd(k->builder, loop.head);
  return loop;
}

// Back to the head, where `state` is `first` at the beginning and `next` then; goes on behind it.
static void close_loop(NcLlvmKernel *k, const Loop *loop, LLVMValueRef state, LLVMValueRef first,
                       LLVMValueRef next) {
  LLVMBasicBlockRef latch = LLVMGetInsertBlock(k->builder);
  LLVMBuildBr(k->builder, loop->head);
  LLVMAddIncoming(state, (LLVMValueRef[]){first, next}, (LLVMBasicBlockRef[]){loop->before, latch},
                  2);
  LLVMPositionBuilderAtEnd(k->builder, loop->after);
}

static void emit_for(NcLlvmKernel *k, const NcKStmt *s) {
  if (s->unroll) {
    emit_unrolled(k, s);
    return;
  }
  LLVMValueRef low = s->continues >= 0 ? k->vars[s->continues] : nc_llvm_index(k, &s->low);
  LLVMValueRef high = nc_llvm_index(k, &s->high);
  LLVMValueRef step = nc_llvm_int(k, s->step);
  Loop loop = open_loop(k);
  LLVMValueRef var = LLVMBuildPhi(k->builder, LLVMInt64TypeInContext(k->context), "i");
  k->vars[s->var] = var;
  LLVMValueRef next = LLVMBuildNSWAdd(k->builder, var, step, "");
  LLVMBuildCondBr(k->builder, LLVMBuildICmp(k->builder, LLVMIntSLE, next, high, ""), loop.body,
                  loop.after);
  LLVMPositionBuilderAtEnd(k->builder, loop.body);
  emit_block(k, &s->body);
  close_loop(k, &loop, var, low, next);
}

// What is left when a step has covered bits from `var` on.
static LLVMValueRef leave_out(NcLlvmKernel *k, const NcKStmt *s, LLVMValueRef left,
                              LLVMValueRef var) {
  if (s->step <= 1)
    return LLVMBuildAnd(k->builder, left, LLVMBuildSub(k->builder, left, nc_llvm_int(k, 1), ""),
                        "");
  LLVMValueRef bits = nc_llvm_int(k, ((int64_t)1 << s->step) - 1);
  LLVMValueRef covered = LLVMBuildShl(k->builder, bits, var, "");
  return LLVMBuildAnd(k->builder, left, LLVMBuildNot(k->builder, covered, ""), "");
}

// Takes the lowest bit until none is left.
static void emit_each(NcLlvmKernel *k, const NcKStmt *s) {
  LLVMValueRef all = nc_llvm_expr(k, s->value), none = nc_llvm_int(k, 0);
  LLVMTypeRef type = LLVMTypeOf(all);
  Loop loop = open_loop(k);
  LLVMValueRef left = LLVMBuildPhi(k->builder, type, "left");
  LLVMBuildCondBr(k->builder, LLVMBuildICmp(k->builder, LLVMIntNE, left, none, ""), loop.body,
                  loop.after);
  LLVMPositionBuilderAtEnd(k->builder, loop.body);
  LLVMValueRef args[] = {left, LLVMConstInt(LLVMInt1TypeInContext(k->context), 1, 0)};
  LLVMValueRef var = nc_llvm_intrinsic(k, "llvm.cttz", &type, 1, args, 2);
  if (s->step > 1)
    var = nc_llvm_intrinsic(k, "llvm.umin", &type, 1,
                            (LLVMValueRef[]){var, nc_llvm_int(k, s->high.constant)}, 2);
  k->vars[s->var] = var;
  LLVMValueRef next = leave_out(k, s, left, var);
  emit_block(k, &s->body);
  close_loop(k, &loop, left, all, next);
}

static void store_at(NcLlvmKernel *k, const NcKStmt *s, LLVMValueRef address, LLVMValueRef value) {
  NcDtype dtype = s->value->dtype;
  LLVMTypeRef element = nc_llvm_memory_type(k, dtype, 1);
  LLVMValueRef pointer =
      LLVMBuildInBoundsGEP2(k->builder, element, k->buffers[s->buffer], &address, 1, "");
  if (s->active && s->lane_stride == 1) {
    nc_llvm_store_some(k, dtype, value, s->value->lanes, s->active, pointer);
    return;
  }
  LLVMValueRef store = LLVMBuildStore(k->builder, value, pointer);
  LLVMSetAlignment(store, (unsigned)nc_dtype_size(dtype));
}

static void emit_store(NcLlvmKernel *k, const NcKStmt *s) {
  LLVMValueRef value = nc_llvm_expr(k, s->value);
  int lanes = s->value->lanes;
  if (s->value->dtype == NC_BOOL)
    value = LLVMBuildZExt(k->builder, value, nc_llvm_memory_type(k, NC_BOOL, lanes), "");
  LLVMValueRef address = nc_llvm_index(k, &s->index);
  if (lanes == 1 || s->lane_stride == 1) {
    store_at(k, s, address, value);
    return;
  }
  for (int i = 0; i < (s->active ? s->active : lanes); i++) {
    LLVMValueRef number = LLVMConstInt(LLVMInt32TypeInContext(k->context), (unsigned)i, 0);
    LLVMValueRef at = LLVMBuildAdd(k->builder, address, nc_llvm_int(k, i * s->lane_stride), "");
    store_at(k, s, at, LLVMBuildExtractElement(k->builder, value, number, ""));
  }
}

static LLVMValueRef lane_of(NcLlvmKernel *k, LLVMValueRef vector, int lanes, int i) {
  LLVMValueRef number = LLVMConstInt(LLVMInt32TypeInContext(k->context), (unsigned)i, 0);
  return lanes == 1 ? vector : LLVMBuildExtractElement(k->builder, vector, number, "");
}

// Sets the fault of the first lane whose condition is false.
static void set_fault(NcLlvmKernel *k, const NcKStmt *s, LLVMValueRef value,
                      LLVMValueRef condition) {
  int lanes = s->value->lanes;
  LLVMTypeRef i64 = LLVMInt64TypeInContext(k->context);
  bool is_signed = s->value->dtype == NC_I32 || s->value->dtype == NC_I64;
  LLVMValueRef wrong = NULL, at = NULL, index = nc_llvm_index(k, &s->index);
  for (int i = lanes - 1; i >= 0; i--) {
    LLVMValueRef here =
        LLVMBuildIntCast2(k->builder, lane_of(k, value, lanes, i), i64, is_signed, "");
    LLVMValueRef place = LLVMBuildAdd(k->builder, index, nc_llvm_int(k, i * s->lane_stride), "");
    LLVMValueRef fine = lane_of(k, condition, lanes, i);
    wrong = wrong ? LLVMBuildSelect(k->builder, fine, wrong, here, "") : here;
    at = at ? LLVMBuildSelect(k->builder, fine, at, place, "") : place;
  }
  at = s->step ? LLVMBuildSDiv(k->builder, at, nc_llvm_int(k, s->step), "") : nc_llvm_int(k, -1);
  LLVMBuildStore(k->builder, k->given[s->local], nc_llvm_frame(k, offsetof(NcrtFrame, fault_node)));
  LLVMBuildStore(k->builder, at, nc_llvm_frame(k, offsetof(NcrtFrame, fault_sample)));
  LLVMBuildStore(k->builder, wrong, nc_llvm_frame(k, offsetof(NcrtFrame, fault_value)));
}

static void emit_check(NcLlvmKernel *k, const NcKStmt *s) {
  LLVMValueRef value = nc_llvm_expr(k, s->value), condition = nc_llvm_expr(k, s->condition),
               fine = condition;
  if (s->value->lanes > 1) {
    LLVMTypeRef type = LLVMTypeOf(condition);
    if (s->active)
      condition = LLVMBuildOr(
          k->builder, condition,
          LLVMBuildNot(k->builder, nc_llvm_mask(k, s->value->lanes, s->active), ""), "");
    fine = nc_llvm_intrinsic(k, "llvm.vector.reduce.and", &type, 1, &condition, 1);
  }
  LLVMBasicBlockRef bad = LLVMAppendBasicBlockInContext(k->context, k->function, "bad");
  LLVMBasicBlockRef first = LLVMAppendBasicBlockInContext(k->context, k->function, "first");
  LLVMBasicBlockRef after = LLVMAppendBasicBlockInContext(k->context, k->function, "checked");
  LLVMBuildCondBr(k->builder, fine, after, bad);
  LLVMPositionBuilderAtEnd(k->builder, bad);
  LLVMValueRef node = LLVMBuildLoad2(k->builder, LLVMInt64TypeInContext(k->context),
                                     nc_llvm_frame(k, offsetof(NcrtFrame, fault_node)), "");
  LLVMBuildCondBr(k->builder, LLVMBuildICmp(k->builder, LLVMIntSLT, node, nc_llvm_int(k, 0), ""),
                  first, after);
  LLVMPositionBuilderAtEnd(k->builder, first);
  set_fault(k, s, value, condition);
  LLVMBuildBr(k->builder, after);
  LLVMPositionBuilderAtEnd(k->builder, after);
}

static void emit_stmt(NcLlvmKernel *k, const NcKStmt *s) {
  switch (s->kind) {
  case NC_K_FOR:
    emit_for(k, s);
    break;
  case NC_K_EACH:
    emit_each(k, s);
    break;
  case NC_K_BIND:
    k->vars[s->var] = nc_llvm_expr(k, s->value);
    break;
  case NC_K_SET: {
    LLVMValueRef value = nc_llvm_expr(k, s->value);
    LLVMBuildStore(k->builder, value, nc_llvm_local(k, s->local, &s->index));
    break;
  }
  case NC_K_LET:
    k->temps[s->local] = nc_llvm_expr(k, s->value);
    break;
  case NC_K_CHECK:
    emit_check(k, s);
    break;
  case NC_K_STORE:
    emit_store(k, s);
    break;
  }
}

static void emit_block(NcLlvmKernel *k, const NcKBlock *block) {
  for (int i = 0; i < block->count; i++)
    emit_stmt(k, block->items[i]);
}

LLVMTypeRef nc_emit_kernel_type(NcEmitter *e, const NcKernel *kernel) {
  int buffers = kernel->buffers.count, count = NC_ARG_BUFFERS + buffers + kernel->given.count;
  LLVMTypeRef *types = NC_NEW_ARRAY(e->arena, LLVMTypeRef, count);
  for (int i = 0; i < NC_ARG_BUFFERS; i++)
    types[i] = i == NC_ARG_FRAME ? e->pointer : e->i64;
  for (int i = 0; i < buffers; i++)
    types[NC_ARG_BUFFERS + i] = e->pointer;
  for (int i = NC_ARG_BUFFERS + buffers; i < count; i++)
    types[i] = e->i64;
  return LLVMFunctionType(LLVMVoidTypeInContext(e->context), types, (unsigned)count, 0);
}

// Kernels are called from other parts, but not from outside.
static LLVMValueRef declare_kernel(NcEmitter *e, const NcEmitKernel *from) {
  int buffers = from->kernel->buffers.count;
  LLVMValueRef function =
      LLVMAddFunction(e->module, from->symbol, nc_emit_kernel_type(e, from->kernel));
  if (e->alone)
    LLVMSetLinkage(function, LLVMInternalLinkage);
  else
    LLVMSetVisibility(function, LLVMHiddenVisibility);
  nc_emit_attributes(e, function);
  // Buffers of one call never overlap: what an update overwrites is passed once.
  for (int i = 0; i < buffers; i++)
    add_flag(e, function, (LLVMAttributeIndex)(NC_ARG_BUFFERS + i + 1), "noalias");
  return function;
}

bool nc_emit_is_in_part(const NcEmitter *e, int part) {
  return e->part == NC_ALL_PARTS || e->part == part;
}

static void emit_kernel(NcEmitter *e, const NcKernel *kernel, LLVMValueRef function) {
  NcLlvmKernel k = {.target = e->target,
                    .context = e->context,
                    .module = e->module,
                    .kernel = kernel,
                    .function = function};
  k.builder = LLVMCreateBuilderInContext(e->context);
  k.frame = LLVMGetParam(function, NC_ARG_FRAME);
  k.buffers = NC_NEW_ARRAY(e->arena, LLVMValueRef, kernel->buffers.count + 1);
  k.vars = NC_NEW_ARRAY(e->arena, LLVMValueRef, kernel->var_count + 1);
  k.temps = NC_NEW_ARRAY(e->arena, LLVMValueRef, kernel->temp_count + 1);
  k.locals = NC_NEW_ARRAY(e->arena, LLVMValueRef, kernel->locals.count + 1);
  for (int i = 0; i < kernel->buffers.count; i++)
    k.buffers[i] = LLVMGetParam(function, (unsigned)(NC_ARG_BUFFERS + i));
  k.given = NC_NEW_ARRAY(e->arena, LLVMValueRef, kernel->given.count + 1);
  for (int i = 0; i < kernel->given.count; i++)
    k.given[i] = LLVMGetParam(function, (unsigned)(NC_ARG_BUFFERS + kernel->buffers.count + i));
  k.vars[NC_K_N0] = LLVMGetParam(function, NC_ARG_N0);
  k.vars[NC_K_N1] = LLVMGetParam(function, NC_ARG_N1);
  k.vars[NC_K_S0] = LLVMGetParam(function, NC_ARG_S0);
  k.vars[NC_K_S1] = LLVMGetParam(function, NC_ARG_S1);
  LLVMPositionBuilderAtEnd(k.builder, LLVMAppendBasicBlockInContext(e->context, function, "entry"));
  for (int i = 0; i < kernel->locals.count; i++) {
    const NcKLocal *l = &kernel->locals.items[i];
    LLVMTypeRef type = LLVMArrayType2(nc_llvm_type(&k, l->dtype, l->lanes), (uint64_t)l->count);
    k.locals[i] = LLVMBuildAlloca(k.builder, type, "");
  }
  emit_block(&k, &kernel->body);
  LLVMBuildRetVoid(k.builder);
  LLVMDisposeBuilder(k.builder);
}

LLVMValueRef nc_emit_kernel(NcEmitter *e, const NcKernel *kernel) {
  const NcEmitKernel *from = nc_map_get(&e->parts->by_text, kernel->text);
  LLVMValueRef function = LLVMGetNamedFunction(e->module, from->symbol);
  if (function)
    return function;
  function = declare_kernel(e, from);
  if (nc_emit_is_in_part(e, from->part))
    emit_kernel(e, from->kernel, function);
  return function;
}
