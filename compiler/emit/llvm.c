// From plans to an LLVM module: statements, kernels, phases.
#include "emit/llvm.h"

#include "abi.h"
#include "base/map.h"
#include "emit/llvm_expr.h"

#include <stddef.h>
#include <string.h>

typedef struct Emitter {
  NcArena *arena;
  LLVMContextRef context;
  LLVMModuleRef module;
  const NcTarget *target;
  NcMap kernels; // by text: functions
  LLVMTypeRef pointer, i8, i32, i64;
} Emitter;

static void add_attribute(Emitter *e, LLVMValueRef function, const char *name, const char *value) {
  LLVMAttributeRef attribute = LLVMCreateStringAttribute(e->context, name, (unsigned)strlen(name),
                                                         value, (unsigned)strlen(value));
  LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, attribute);
}

static void add_flag(Emitter *e, LLVMValueRef function, LLVMAttributeIndex at, const char *name) {
  unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
  LLVMAddAttributeAtIndex(function, at, LLVMCreateEnumAttribute(e->context, kind, 0));
}

static void set_attributes(Emitter *e, LLVMValueRef function) {
  add_flag(e, function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, "nounwind");
  add_attribute(e, function, "target-cpu", e->target->cpu);
  if (e->target->features[0])
    add_attribute(e, function, "target-features", e->target->features);
  if (e->target->vector_bytes == 64)
    add_attribute(e, function, "prefer-vector-width", "512");
}

static void emit_block(NcLlvmKernel *k, const NcKBlock *block);

static void emit_unrolled(NcLlvmKernel *k, const NcKStmt *s) {
  for (int64_t i = s->low.constant; i + s->step <= s->high.constant; i += s->step) {
    k->vars[s->var] = nc_llvm_int(k, i);
    emit_block(k, &s->body);
  }
}

static void emit_for(NcLlvmKernel *k, const NcKStmt *s) {
  if (s->unroll) {
    emit_unrolled(k, s);
    return;
  }
  LLVMValueRef low = s->continues >= 0 ? k->vars[s->continues] : nc_llvm_index(k, &s->low);
  LLVMValueRef high = nc_llvm_index(k, &s->high);
  LLVMValueRef step = nc_llvm_int(k, s->step);
  LLVMBasicBlockRef before = LLVMGetInsertBlock(k->builder);
  LLVMBasicBlockRef head = LLVMAppendBasicBlockInContext(k->context, k->function, "head");
  LLVMBasicBlockRef body = LLVMAppendBasicBlockInContext(k->context, k->function, "body");
  LLVMBasicBlockRef after = LLVMAppendBasicBlockInContext(k->context, k->function, "after");
  LLVMBuildBr(k->builder, head);
  LLVMPositionBuilderAtEnd(k->builder, head);
  LLVMValueRef var = LLVMBuildPhi(k->builder, LLVMInt64TypeInContext(k->context), "i");
  k->vars[s->var] = var;
  LLVMValueRef next = LLVMBuildNSWAdd(k->builder, var, step, "");
  LLVMBuildCondBr(k->builder, LLVMBuildICmp(k->builder, LLVMIntSLE, next, high, ""), body, after);
  LLVMPositionBuilderAtEnd(k->builder, body);
  emit_block(k, &s->body);
  LLVMBasicBlockRef latch = LLVMGetInsertBlock(k->builder);
  LLVMBuildBr(k->builder, head);
  LLVMAddIncoming(var, (LLVMValueRef[]){low, next}, (LLVMBasicBlockRef[]){before, latch}, 2);
  LLVMPositionBuilderAtEnd(k->builder, after);
}

static void store_at(NcLlvmKernel *k, const NcKStmt *s, LLVMValueRef address, LLVMValueRef value) {
  NcDtype dtype = s->value->dtype;
  LLVMTypeRef element = nc_llvm_memory_type(k, dtype, 1);
  LLVMValueRef pointer =
      LLVMBuildInBoundsGEP2(k->builder, element, k->buffers[s->buffer], &address, 1, "");
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
  for (int i = 0; i < lanes; i++) {
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
  LLVMBuildStore(k->builder, nc_llvm_int(k, s->local),
                 nc_llvm_frame(k, offsetof(NcrtFrame, fault_node)));
  LLVMBuildStore(k->builder, at, nc_llvm_frame(k, offsetof(NcrtFrame, fault_sample)));
  LLVMBuildStore(k->builder, wrong, nc_llvm_frame(k, offsetof(NcrtFrame, fault_value)));
}

static void emit_check(NcLlvmKernel *k, const NcKStmt *s) {
  LLVMValueRef value = nc_llvm_expr(k, s->value), condition = nc_llvm_expr(k, s->condition),
               fine = condition;
  if (s->value->lanes > 1) {
    LLVMTypeRef type = LLVMTypeOf(condition);
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

enum { FRAME_ARG, N0_ARG, N1_ARG, COUNT_ARG, FIRST_BUFFER_ARG };

static LLVMTypeRef kernel_type(Emitter *e, int buffers) {
  LLVMTypeRef *types = NC_NEW_ARRAY(e->arena, LLVMTypeRef, FIRST_BUFFER_ARG + buffers);
  types[FRAME_ARG] = e->pointer;
  types[N0_ARG] = types[N1_ARG] = types[COUNT_ARG] = e->i64;
  for (int i = 0; i < buffers; i++)
    types[FIRST_BUFFER_ARG + i] = e->pointer;
  return LLVMFunctionType(LLVMVoidTypeInContext(e->context), types,
                          (unsigned)(FIRST_BUFFER_ARG + buffers), 0);
}

static LLVMValueRef declare_kernel(Emitter *e, const NcKernel *kernel) {
  int buffers = kernel->buffers.count;
  LLVMValueRef function = LLVMAddFunction(e->module, kernel->name, kernel_type(e, buffers));
  LLVMSetLinkage(function, LLVMInternalLinkage);
  set_attributes(e, function);
  // Buffers of one call never overlap: what an update overwrites is passed once.
  for (int i = 0; i < buffers; i++)
    add_flag(e, function, (LLVMAttributeIndex)(FIRST_BUFFER_ARG + i + 1), "noalias");
  return function;
}

static LLVMValueRef emit_kernel(Emitter *e, const NcKernel *kernel) {
  LLVMValueRef function = declare_kernel(e, kernel);
  NcLlvmKernel k = {.target = e->target,
                    .context = e->context,
                    .module = e->module,
                    .kernel = kernel,
                    .function = function};
  k.builder = LLVMCreateBuilderInContext(e->context);
  k.frame = LLVMGetParam(function, FRAME_ARG);
  k.buffers = NC_NEW_ARRAY(e->arena, LLVMValueRef, kernel->buffers.count + 1);
  k.vars = NC_NEW_ARRAY(e->arena, LLVMValueRef, kernel->var_count + 1);
  k.temps = NC_NEW_ARRAY(e->arena, LLVMValueRef, kernel->temp_count + 1);
  k.locals = NC_NEW_ARRAY(e->arena, LLVMValueRef, kernel->locals.count + 1);
  for (int i = 0; i < kernel->buffers.count; i++)
    k.buffers[i] = LLVMGetParam(function, (unsigned)(FIRST_BUFFER_ARG + i));
  k.vars[NC_K_N0] = LLVMGetParam(function, N0_ARG);
  k.vars[NC_K_N1] = LLVMGetParam(function, N1_ARG);
  k.vars[NC_K_COUNT] = LLVMGetParam(function, COUNT_ARG);
  LLVMPositionBuilderAtEnd(k.builder, LLVMAppendBasicBlockInContext(e->context, function, "entry"));
  for (int i = 0; i < kernel->locals.count; i++) {
    const NcKLocal *l = &kernel->locals.items[i];
    LLVMTypeRef type = LLVMArrayType2(nc_llvm_type(&k, l->dtype, l->lanes), (uint64_t)l->count);
    k.locals[i] = LLVMBuildAlloca(k.builder, type, "");
  }
  emit_block(&k, &kernel->body);
  LLVMBuildRetVoid(k.builder);
  LLVMDisposeBuilder(k.builder);
  return function;
}

static LLVMValueRef kernel_function(Emitter *e, const NcKernel *kernel) {
  LLVMValueRef function = nc_map_get(&e->kernels, kernel->text);
  if (!function) {
    function = emit_kernel(e, kernel);
    nc_map_set(&e->kernels, kernel->text, function);
  }
  return function;
}

typedef struct Phase {
  Emitter *emitter;
  LLVMBuilderRef builder;
  LLVMValueRef frame, n0, n1, arena, local, slot, max_batch, buffers;
  int input_count;
} Phase;

static LLVMValueRef int_value(Phase *p, int64_t value) {
  return LLVMConstInt(p->emitter->i64, (unsigned long long)value, 1);
}

static LLVMValueRef offset(Phase *p, LLVMValueRef pointer, LLVMValueRef bytes) {
  return LLVMBuildInBoundsGEP2(p->builder, p->emitter->i8, pointer, &bytes, 1, "");
}

static LLVMValueRef frame_field(Phase *p, size_t at, LLVMTypeRef type) {
  return LLVMBuildLoad2(p->builder, type, offset(p, p->frame, int_value(p, (int64_t)at)), "");
}

static LLVMValueRef add_bytes(Phase *p, LLVMValueRef fixed, LLVMValueRef times, int64_t bytes) {
  return LLVMBuildAdd(p->builder, fixed, LLVMBuildMul(p->builder, times, int_value(p, bytes), ""),
                      "");
}

// Where element 0 of sample 0 is, or would be: kernels count samples from the start of the batch.
static LLVMValueRef place_pointer(Phase *p, const NcPlace *place) {
  LLVMValueRef fixed = int_value(p, place->fixed);
  switch (place->kind) {
  case NC_PLACE_ARENA:
    return offset(p, p->arena, add_bytes(p, fixed, p->max_batch, place->sample));
  case NC_PLACE_SLOT:
    return offset(p, p->arena, add_bytes(p, fixed, p->slot, place->row));
  case NC_PLACE_LOCAL:
    return LLVMBuildGEP2(p->builder, p->emitter->i8, p->local,
                         (LLVMValueRef[]){add_bytes(p, fixed, p->n0, -place->row)}, 1, "");
  default: {
    int slot = place->number + (place->kind == NC_PLACE_VARIABLE ? p->input_count : 0);
    LLVMValueRef at = offset(p, p->buffers, int_value(p, slot * (int64_t)sizeof(void *)));
    return LLVMBuildLoad2(p->builder, p->emitter->pointer, at, "");
  }
  }
}

static void call_kernel(Phase *p, const NcCall *call) {
  Emitter *e = p->emitter;
  LLVMValueRef function = kernel_function(e, call->kernel);
  int count = FIRST_BUFFER_ARG + call->place_count;
  LLVMValueRef *args = NC_NEW_ARRAY(e->arena, LLVMValueRef, count);
  args[FRAME_ARG] = p->frame;
  args[N0_ARG] = p->n0;
  args[N1_ARG] = p->n1;
  args[COUNT_ARG] = int_value(p, call->count);
  for (int i = 0; i < call->place_count; i++)
    args[FIRST_BUFFER_ARG + i] = place_pointer(p, &call->places[i]);
  LLVMBuildCall2(p->builder, kernel_type(e, call->place_count), function, args, (unsigned)count,
                 "");
}

static LLVMValueRef dim_value(Phase *p, NcDim dim) {
  LLVMValueRef samples = LLVMBuildSub(p->builder, p->n1, p->n0, "");
  LLVMValueRef scaled = LLVMBuildMul(p->builder, samples, int_value(p, dim.n), "");
  return LLVMBuildAdd(p->builder, scaled, int_value(p, dim.c), "");
}

// A matrix from its row for sample n0 on; `rows` is its leading dimension.
static LLVMValueRef matrix(Phase *p, const NcPlace *place, NcDim rows, NcDim row_length,
                           size_t element) {
  LLVMValueRef pointer = place_pointer(p, place);
  if (rows.n == 0)
    return pointer;
  LLVMValueRef row = int_value(p, rows.n * row_length.c * (int64_t)element);
  return offset(p, pointer, LLVMBuildMul(p->builder, p->n0, row, ""));
}

static void call_gemm(Phase *p, const NcCall *call) {
  Emitter *e = p->emitter;
  const NcGemm *g = &call->gemm;
  bool single = call->te->type.dtype == NC_F32;
  size_t element = nc_dtype_size(call->te->type.dtype);
  LLVMTypeRef i32 = e->i32, i64 = e->i64, ptr = e->pointer;
  LLVMTypeRef types[] = {i32, i32, i64, i64, i64, ptr, i64, ptr, i64, ptr, i64};
  LLVMTypeRef type = LLVMFunctionType(LLVMVoidTypeInContext(e->context), types, 11, 0);
  LLVMValueRef table = frame_field(p, offsetof(NcrtFrame, table), ptr);
  size_t at = single ? offsetof(NcrtTable, sgemm) : offsetof(NcrtTable, dgemm);
  LLVMValueRef function =
      LLVMBuildLoad2(p->builder, ptr, offset(p, table, int_value(p, (int64_t)at)), "");
  NcDim a_rows = g->ta ? g->k : g->m, a_row = g->ta ? g->m : g->k;
  NcDim b_rows = g->tb ? g->n : g->k, b_row = g->tb ? g->k : g->n;
  LLVMValueRef args[] = {
      LLVMConstInt(i32, g->ta, 0), LLVMConstInt(i32, g->tb, 0),
      dim_value(p, g->m),          dim_value(p, g->n),
      dim_value(p, g->k),          matrix(p, &call->places[1], a_rows, a_row, element),
      int_value(p, a_row.c),       matrix(p, &call->places[2], b_rows, b_row, element),
      int_value(p, b_row.c),       matrix(p, &call->places[0], g->m, g->n, element),
      int_value(p, g->n.c),
  };
  LLVMBuildCall2(p->builder, type, function, args, 11, "");
}

static void emit_phase(Emitter *e, const char *name, const NcPlan *plan, const NcCalls *calls) {
  LLVMTypeRef types[] = {e->pointer, e->i64, e->i64};
  LLVMValueRef function = LLVMAddFunction(e->module, name, LLVMFunctionType(e->i32, types, 3, 0));
  set_attributes(e, function);
  Phase p = {.emitter = e, .builder = LLVMCreateBuilderInContext(e->context)};
  LLVMPositionBuilderAtEnd(p.builder, LLVMAppendBasicBlockInContext(e->context, function, "entry"));
  p.frame = LLVMGetParam(function, 0);
  p.n0 = LLVMGetParam(function, 1);
  p.n1 = LLVMGetParam(function, 2);
  p.arena = frame_field(&p, offsetof(NcrtFrame, arena), e->pointer);
  p.local = frame_field(&p, offsetof(NcrtFrame, local), e->pointer);
  p.slot = frame_field(&p, offsetof(NcrtFrame, slot), e->i64);
  p.max_batch = frame_field(&p, offsetof(NcrtFrame, max_batch), e->i64);
  p.buffers = frame_field(&p, offsetof(NcrtFrame, buffers), e->pointer);
  p.input_count = plan->graph->inputs.count;
  for (int i = 0; i < calls->count; i++) {
    if (calls->items[i].kernel)
      call_kernel(&p, &calls->items[i]);
    else
      call_gemm(&p, &calls->items[i]);
  }
  LLVMValueRef fault = frame_field(&p, offsetof(NcrtFrame, fault_node), e->i64);
  LLVMValueRef failed = LLVMBuildICmp(p.builder, LLVMIntSGE, fault, int_value(&p, 0), "");
  LLVMBuildRet(p.builder, LLVMBuildZExt(p.builder, failed, e->i32, ""));
  LLVMDisposeBuilder(p.builder);
}

static void emit_calls(Emitter *e, const NcEmitEntry *entry, const char *what, int number,
                       const NcCalls *calls) {
  if (calls->count)
    emit_phase(e, nc_arena_printf(e->arena, "%s.%s%d", entry->name, what, number), entry->plan,
               calls);
}

static void emit_entry(Emitter *e, const NcEmitEntry *entry) {
  const NcPlan *plan = entry->plan;
  for (int i = 0; i < plan->phases.count; i++) {
    emit_calls(e, entry, "phase", i, &plan->phases.items[i].calls);
    emit_calls(e, entry, "begin", i, &plan->phases.items[i].begin);
  }
  emit_calls(e, entry, "prepare", 0, &plan->prepare);
  emit_calls(e, entry, "prepare", 1, &plan->prepare_local);
}

LLVMModuleRef nc_llvm_module(LLVMContextRef context, const NcEmitEntry *entries, int count,
                             const NcTarget *target) {
  Emitter e = {.arena = nc_arena_create(), .context = context, .target = target};
  e.module = LLVMModuleCreateWithNameInContext("netc", context);
  e.kernels = nc_map_create(e.arena);
  e.pointer = LLVMPointerTypeInContext(context, 0);
  e.i8 = LLVMInt8TypeInContext(context);
  e.i32 = LLVMInt32TypeInContext(context);
  e.i64 = LLVMInt64TypeInContext(context);
  for (int i = 0; i < count; i++)
    emit_entry(&e, &entries[i]);
  nc_arena_destroy(e.arena);
  return e.module;
}
