// Routines as LLVM functions, and the module of them and the kernels.
#include "emit/llvm_kernel.h"

#include "abi.h"
#include "kernel/routine.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

// A routine at work.
typedef struct Work {
  NcEmitter *emitter;
  LLVMBuilderRef builder;
  LLVMValueRef function, frame, arena, local, buffers;
  LLVMValueRef fields[NC_R_FIELD_COUNT];
  LLVMValueRef *vars;
} Work;

static const size_t field_offsets[NC_R_FIELD_COUNT] = {
    [NC_R_BATCH] = offsetof(NcrtFrame, batch), [NC_R_MAX_BATCH] = offsetof(NcrtFrame, max_batch),
    [NC_R_SLOT] = offsetof(NcrtFrame, slot),   [NC_R_N0] = offsetof(NcrtFrame, n0),
    [NC_R_N1] = offsetof(NcrtFrame, n1),       [NC_R_CHUNK_N0] = offsetof(NcrtFrame, chunk_n0),
};

static LLVMValueRef int_value(Work *w, int64_t value) {
  return LLVMConstInt(w->emitter->i64, (unsigned long long)value, 1);
}

static LLVMValueRef offset(Work *w, LLVMValueRef pointer, LLVMValueRef bytes) {
  return LLVMBuildInBoundsGEP2(w->builder, w->emitter->i8, pointer, &bytes, 1, "");
}

static LLVMValueRef frame_at(Work *w, size_t at) {
  return offset(w, w->frame, int_value(w, (int64_t)at));
}

static LLVMValueRef frame_field(Work *w, size_t at, LLVMTypeRef type) {
  return LLVMBuildLoad2(w->builder, type, frame_at(w, at), "");
}

static LLVMValueRef value(Work *w, const NcRValue *v);

static LLVMValueRef select_by(Work *w, LLVMIntPredicate predicate, LLVMValueRef a, LLVMValueRef b) {
  return LLVMBuildSelect(w->builder, LLVMBuildICmp(w->builder, predicate, a, b, ""), a, b, "");
}

static LLVMValueRef binary(Work *w, const NcRValue *v) {
  LLVMValueRef a = value(w, v->a), b = value(w, v->b);
  switch (v->kind) {
  case NC_R_ADD:
    return LLVMBuildAdd(w->builder, a, b, "");
  case NC_R_SUB:
    return LLVMBuildSub(w->builder, a, b, "");
  case NC_R_MUL:
    return LLVMBuildMul(w->builder, a, b, "");
  case NC_R_DIV:
    return LLVMBuildUDiv(w->builder, a, b, "");
  case NC_R_MIN:
    return select_by(w, LLVMIntSLT, a, b);
  default:
    assert(v->kind == NC_R_MAX);
    return select_by(w, LLVMIntSGT, a, b);
  }
}

static LLVMValueRef value(Work *w, const NcRValue *v) {
  switch (v->kind) {
  case NC_R_CONST:
    return int_value(w, v->constant);
  case NC_R_ARG:
    return LLVMGetParam(w->function, (unsigned)v->number + 1);
  case NC_R_VAR:
    return w->vars[v->number];
  case NC_R_FIELD:
    return w->fields[v->number];
  default:
    return binary(w, v);
  }
}

static LLVMValueRef pointer(Work *w, const NcRPointer *p) {
  LLVMValueRef base = p->base == NC_R_ARENA ? w->arena : w->local, bytes = value(w, p->bytes);
  if (p->base == NC_R_BUFFER) {
    LLVMValueRef at = offset(w, w->buffers, int_value(w, p->number * (int64_t)sizeof(void *)));
    base = LLVMBuildLoad2(w->builder, w->emitter->pointer, at, "");
  }
  // Before the worker's memory, in which sample 0 need not lie, nothing is in bounds.
  return p->base == NC_R_LOCAL ? LLVMBuildGEP2(w->builder, w->emitter->i8, base, &bytes, 1, "")
                               : offset(w, base, bytes);
}

static void call_kernel(Work *w, const NcRStmt *s) {
  NcEmitter *e = w->emitter;
  const NcKernel *kernel = s->call->kernel;
  LLVMValueRef function = nc_emit_kernel(e, kernel);
  int given = NC_ARG_BUFFERS + s->call->place_count, count = given + kernel->given.count;
  LLVMValueRef *args = NC_NEW_ARRAY(e->arena, LLVMValueRef, count);
  args[NC_ARG_FRAME] = w->frame;
  args[NC_ARG_N0] = value(w, s->n0);
  args[NC_ARG_N1] = value(w, s->n1);
  args[NC_ARG_S0] = value(w, s->s0);
  args[NC_ARG_S1] = value(w, s->s1);
  for (int i = 0; i < s->call->place_count; i++)
    args[NC_ARG_BUFFERS + i] = pointer(w, &s->pointers[i]);
  for (int i = 0; i < kernel->given.count; i++)
    args[given + i] = int_value(w, kernel->given.items[i]);
  LLVMBuildCall2(w->builder, nc_emit_kernel_type(e, kernel), function, args, (unsigned)count, "");
}

static void call_gemm(Work *w, const NcRGemm *g) {
  NcEmitter *e = w->emitter;
  LLVMTypeRef i32 = e->i32, i64 = e->i64, ptr = e->pointer;
  LLVMTypeRef types[] = {i32, i32, i64, i64, i64, ptr, i64, ptr, i64, ptr, i64};
  LLVMTypeRef type = LLVMFunctionType(LLVMVoidTypeInContext(e->context), types, 11, 0);
  LLVMValueRef table = frame_field(w, offsetof(NcrtFrame, table), ptr);
  size_t at = g->dtype == NC_F32 ? offsetof(NcrtTable, sgemm) : offsetof(NcrtTable, dgemm);
  LLVMValueRef function =
      LLVMBuildLoad2(w->builder, ptr, offset(w, table, int_value(w, (int64_t)at)), "");
  LLVMValueRef args[] = {LLVMConstInt(i32, g->ta, 0),
                         LLVMConstInt(i32, g->tb, 0),
                         value(w, g->m),
                         value(w, g->n),
                         value(w, g->k),
                         pointer(w, &g->a),
                         int_value(w, g->lda),
                         pointer(w, &g->b),
                         int_value(w, g->ldb),
                         pointer(w, &g->c),
                         int_value(w, g->ldc)};
  LLVMBuildCall2(w->builder, type, function, args, 11, "");
}

static LLVMBasicBlockRef new_block(Work *w, const char *name) {
  return LLVMAppendBasicBlockInContext(w->emitter->context, w->function, name);
}

static void emit_block(Work *w, const NcRBlock *block);

static void emit_for(Work *w, const NcRStmt *s) {
  LLVMValueRef first = value(w, s->low), end = value(w, s->high);
  LLVMBasicBlockRef before = LLVMGetInsertBlock(w->builder), head = new_block(w, "head"),
                    body = new_block(w, "body"), after = new_block(w, "after");
  LLVMBuildBr(w->builder, head);
  LLVMPositionBuilderAtEnd(w->builder, head);
  LLVMValueRef i = w->vars[s->var] = LLVMBuildPhi(w->builder, w->emitter->i64, "i");
  LLVMBuildCondBr(w->builder, LLVMBuildICmp(w->builder, LLVMIntSLT, i, end, ""), body, after);
  LLVMPositionBuilderAtEnd(w->builder, body);
  emit_block(w, &s->body);
  LLVMValueRef next = LLVMBuildAdd(w->builder, i, int_value(w, 1), "");
  LLVMBasicBlockRef latch = LLVMGetInsertBlock(w->builder);
  LLVMBuildBr(w->builder, head);
  LLVMAddIncoming(i, (LLVMValueRef[]){first, next}, (LLVMBasicBlockRef[]){before, latch}, 2);
  LLVMPositionBuilderAtEnd(w->builder, after);
}

static void emit_if(Work *w, const NcRStmt *s) {
  LLVMValueRef some =
      LLVMBuildICmp(w->builder, LLVMIntSLT, value(w, s->low), value(w, s->high), "");
  LLVMBasicBlockRef body = new_block(w, "body"), after = new_block(w, "after");
  LLVMBuildCondBr(w->builder, some, body, after);
  LLVMPositionBuilderAtEnd(w->builder, body);
  emit_block(w, &s->body);
  LLVMBuildBr(w->builder, after);
  LLVMPositionBuilderAtEnd(w->builder, after);
}

static LLVMTypeRef routine_type(NcEmitter *e, const NcRoutine *routine) {
  LLVMTypeRef *types = NC_NEW_ARRAY(e->arena, LLVMTypeRef, routine->arg_count + 1);
  types[0] = e->pointer;
  for (int i = 0; i < routine->arg_count; i++)
    types[i + 1] = e->i64;
  return LLVMFunctionType(e->i32, types, (unsigned)routine->arg_count + 1, 0);
}

static void call_routine(Work *w, const NcRStmt *s) {
  NcEmitter *e = w->emitter;
  const NcRoutine *routine = s->routine;
  LLVMValueRef *args = NC_NEW_ARRAY(e->arena, LLVMValueRef, routine->arg_count + 1);
  args[0] = w->frame;
  for (int i = 0; i < routine->arg_count; i++)
    args[i + 1] = value(w, s->args[i]);
  LLVMValueRef given = LLVMBuildCall2(w->builder, routine_type(e, routine),
                                      LLVMGetNamedFunction(e->module, routine->name), args,
                                      (unsigned)routine->arg_count + 1, "");
  LLVMBasicBlockRef failed = new_block(w, "failed"), after = new_block(w, "after");
  LLVMValueRef zero = LLVMConstInt(e->i32, 0, 0);
  LLVMBuildCondBr(w->builder, LLVMBuildICmp(w->builder, LLVMIntNE, given, zero, ""), failed, after);
  LLVMPositionBuilderAtEnd(w->builder, failed);
  LLVMBuildRet(w->builder, given);
  LLVMPositionBuilderAtEnd(w->builder, after);
}

static void emit_lap(Work *w, const NcRStmt *s) {
  NcEmitter *e = w->emitter;
  LLVMTypeRef types[] = {e->pointer, e->i64};
  LLVMTypeRef type = LLVMFunctionType(LLVMVoidTypeInContext(e->context), types, 2, 0);
  LLVMValueRef table = frame_field(w, offsetof(NcrtFrame, table), e->pointer);
  LLVMValueRef at = offset(w, table, int_value(w, offsetof(NcrtTable, lap)));
  LLVMValueRef function = LLVMBuildLoad2(w->builder, e->pointer, at, "");
  LLVMValueRef args[] = {w->frame, int_value(w, s->lap)};
  LLVMBuildCall2(w->builder, type, function, args, 2, "");
}

static void emit_stmt(Work *w, const NcRStmt *s) {
  switch (s->kind) {
  case NC_R_FOR:
    emit_for(w, s);
    break;
  case NC_R_IF:
    emit_if(w, s);
    break;
  case NC_R_KERNEL:
    call_kernel(w, s);
    break;
  case NC_R_GEMM:
    call_gemm(w, &s->gemm);
    break;
  case NC_R_CALL:
    call_routine(w, s);
    break;
  case NC_R_SLOT_IS:
    w->fields[NC_R_SLOT] = value(w, s->low);
    LLVMBuildStore(w->builder, w->fields[NC_R_SLOT], frame_at(w, offsetof(NcrtFrame, slot)));
    break;
  case NC_R_LAP:
    emit_lap(w, s);
    break;
  }
}

static void emit_block(Work *w, const NcRBlock *block) {
  for (int i = 0; i < block->count; i++)
    emit_stmt(w, block->items[i]);
}

static void open_work(Work *w) {
  NcEmitter *e = w->emitter;
  LLVMPositionBuilderAtEnd(w->builder, new_block(w, "entry"));
  w->frame = LLVMGetParam(w->function, 0);
  w->arena = frame_field(w, offsetof(NcrtFrame, arena), e->pointer);
  w->local = frame_field(w, offsetof(NcrtFrame, local), e->pointer);
  w->buffers = frame_field(w, offsetof(NcrtFrame, buffers), e->pointer);
  for (int i = 0; i < NC_R_FIELD_COUNT; i++)
    w->fields[i] = frame_field(w, field_offsets[i], e->i64);
}

void nc_emit_routine(NcEmitter *e, const NcRoutine *routine) {
  Work w = {.emitter = e, .builder = LLVMCreateBuilderInContext(e->context)};
  w.function = LLVMAddFunction(e->module, routine->name, routine_type(e, routine));
  w.vars = NC_NEW_ARRAY(e->arena, LLVMValueRef, routine->var_count + 1);
  nc_emit_attributes(e, w.function);
  nc_emit_plainly(e, w.function);
  if (routine->internal || e->alone)
    LLVMSetLinkage(w.function, LLVMInternalLinkage);
  open_work(&w);
  emit_block(&w, &routine->body);
  LLVMValueRef fault = frame_field(&w, offsetof(NcrtFrame, fault_node), e->i64);
  LLVMValueRef failed = LLVMBuildICmp(w.builder, LLVMIntSGE, fault, int_value(&w, 0), "");
  LLVMBuildRet(w.builder, LLVMBuildZExt(w.builder, failed, e->i32, ""));
  LLVMDisposeBuilder(w.builder);
}

static void emit_entry(NcEmitter *e, const NcEmitEntry *entry) {
  NcRoutines routines = nc_routines(e->arena, entry->name, entry->plan);
  for (int i = 0; i < routines.count; i++)
    nc_emit_routine(e, routines.items[i]);
}

NcEmitter nc_emit_open(LLVMContextRef context, const NcEmitParts *parts, int part,
                       const NcTarget *target) {
  return (NcEmitter){.arena = nc_arena_create(),
                     .context = context,
                     .module = LLVMModuleCreateWithNameInContext("netc", context),
                     .target = target,
                     .parts = parts,
                     .part = part,
                     .pointer = LLVMPointerTypeInContext(context, 0),
                     .i8 = LLVMInt8TypeInContext(context),
                     .i32 = LLVMInt32TypeInContext(context),
                     .i64 = LLVMInt64TypeInContext(context)};
}

LLVMModuleRef nc_llvm_module(LLVMContextRef context, const NcEmitParts *parts, int part,
                             const NcTarget *target) {
  NcEmitter e = nc_emit_open(context, parts, part, target);
  for (int i = 0; i < parts->entry_count && nc_emit_is_in_part(&e, 0); i++)
    emit_entry(&e, &parts->entries[i]);
  for (int i = 0; i < parts->kernels.count; i++)
    if (nc_emit_is_in_part(&e, parts->kernels.items[i]->part))
      nc_emit_kernel(&e, parts->kernels.items[i]->kernel);
  nc_arena_destroy(e.arena);
  return e.module;
}
