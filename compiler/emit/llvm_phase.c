// From plans to functions of phases, and the module of them all.
#include "emit/llvm_kernel.h"

#include "abi.h"

#include <stddef.h>
#include <string.h>

// Calls of a function. What LLVM takes for a call grows with the function.
#define MOST_CALLS 64

// A function at work that calls kernels.
typedef struct Phase {
  NcEmitter *emitter;
  LLVMBuilderRef builder;
  const char *name;
  LLVMValueRef function, frame, arena, local, slot, max_batch, batch, buffers;
  LLVMValueRef n0, n1;   // samples of the calls
  LLVMValueRef chunk_n0; // first sample of the chunk
  LLVMValueRef p0, p1;   // pieces that are to be done; NULL where calls are whole
  int input_count, group_count;
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

static LLVMValueRef times(Phase *p, LLVMValueRef a, int64_t factor) {
  return LLVMBuildMul(p->builder, a, int_value(p, factor), "");
}

static LLVMValueRef plus(Phase *p, LLVMValueRef a, LLVMValueRef b) {
  return LLVMBuildAdd(p->builder, a, b, "");
}

static LLVMValueRef divide(Phase *p, LLVMValueRef a, int64_t divisor) {
  return LLVMBuildUDiv(p->builder, a, int_value(p, divisor), "");
}

static LLVMValueRef least(Phase *p, LLVMValueRef a, LLVMValueRef b) {
  LLVMValueRef first = LLVMBuildICmp(p->builder, LLVMIntSLT, a, b, "");
  return LLVMBuildSelect(p->builder, first, a, b, "");
}

static LLVMValueRef add_bytes(Phase *p, LLVMValueRef fixed, LLVMValueRef count, int64_t bytes) {
  return plus(p, fixed, times(p, count, bytes));
}

// Where element 0 of sample 0 is, or would be: kernels count samples from the start of the batch.
static LLVMValueRef place_pointer(Phase *p, const NcPlace *place) {
  LLVMValueRef fixed = int_value(p, place->fixed), bytes;
  switch (place->kind) {
  case NC_PLACE_ARENA:
    return offset(p, p->arena, add_bytes(p, fixed, p->max_batch, place->sample));
  case NC_PLACE_SLOT:
    return offset(p, p->arena, add_bytes(p, fixed, p->slot, place->row));
  case NC_PLACE_LOCAL:
  case NC_PLACE_ONE:
    bytes = add_bytes(p, fixed, place->kind == NC_PLACE_ONE ? p->n0 : p->chunk_n0, -place->row);
    return LLVMBuildGEP2(p->builder, p->emitter->i8, p->local, &bytes, 1, "");
  default: {
    int slot = place->number + (place->kind == NC_PLACE_VARIABLE ? p->input_count : 0);
    LLVMValueRef at = offset(p, p->buffers, int_value(p, slot * (int64_t)sizeof(void *)));
    return LLVMBuildLoad2(p->builder, p->emitter->pointer, at, "");
  }
  }
}

static void call_kernel(Phase *p, const NcCall *call, LLVMValueRef s0, LLVMValueRef s1) {
  NcEmitter *e = p->emitter;
  const NcKernel *kernel = call->kernel;
  LLVMValueRef function = nc_emit_kernel(e, kernel);
  int given = NC_ARG_BUFFERS + call->place_count, count = given + kernel->given.count;
  LLVMValueRef *args = NC_NEW_ARRAY(e->arena, LLVMValueRef, count);
  args[NC_ARG_FRAME] = p->frame;
  args[NC_ARG_N0] = p->n0;
  args[NC_ARG_N1] = p->n1;
  args[NC_ARG_S0] = s0;
  args[NC_ARG_S1] = s1;
  for (int i = 0; i < call->place_count; i++)
    args[NC_ARG_BUFFERS + i] = place_pointer(p, &call->places[i]);
  for (int i = 0; i < kernel->given.count; i++)
    args[given + i] = int_value(p, kernel->given.items[i]);
  LLVMBuildCall2(p->builder, nc_emit_kernel_type(e, kernel), function, args, (unsigned)count, "");
}

static LLVMValueRef dim_value(Phase *p, NcDim dim) {
  LLVMValueRef samples = LLVMBuildSub(p->builder, p->n1, p->n0, "");
  return plus(p, times(p, samples, dim.n), int_value(p, dim.c));
}

// A matrix from its row for sample n0 on; `rows` is its leading dimension.
static LLVMValueRef matrix(Phase *p, const NcPlace *place, NcDim rows, NcDim row_length,
                           size_t element) {
  LLVMValueRef pointer = place_pointer(p, place);
  if (rows.n == 0)
    return pointer;
  return offset(p, pointer, times(p, p->n0, rows.n * row_length.c * (int64_t)element));
}

// Rows or columns s0 … s1 of the result, if they can be shared out; else all.
static void call_gemm(Phase *p, const NcCall *call, LLVMValueRef s0, LLVMValueRef s1) {
  NcEmitter *e = p->emitter;
  const NcGemm *g = &call->gemm;
  bool single = call->te->type.dtype == NC_F32, part = call->split == NC_SPLIT_AXIS,
       rows = part && !call->columns, columns = part && call->columns;
  int64_t element = (int64_t)nc_dtype_size(call->te->type.dtype);
  LLVMTypeRef i32 = e->i32, i64 = e->i64, ptr = e->pointer;
  LLVMTypeRef types[] = {i32, i32, i64, i64, i64, ptr, i64, ptr, i64, ptr, i64};
  LLVMTypeRef type = LLVMFunctionType(LLVMVoidTypeInContext(e->context), types, 11, 0);
  LLVMValueRef table = frame_field(p, offsetof(NcrtFrame, table), ptr);
  size_t at = single ? offsetof(NcrtTable, sgemm) : offsetof(NcrtTable, dgemm);
  LLVMValueRef function =
      LLVMBuildLoad2(p->builder, ptr, offset(p, table, int_value(p, (int64_t)at)), "");
  NcDim a_rows = g->ta ? g->k : g->m, a_row = g->ta ? g->m : g->k;
  NcDim b_rows = g->tb ? g->n : g->k, b_row = g->tb ? g->k : g->n;
  LLVMValueRef a = matrix(p, &call->places[1], a_rows, a_row, (size_t)element);
  LLVMValueRef b = matrix(p, &call->places[2], b_rows, b_row, (size_t)element);
  LLVMValueRef c = matrix(p, &call->places[0], g->m, g->n, (size_t)element);
  if (rows) {
    a = offset(p, a, times(p, s0, element * (g->ta ? 1 : a_row.c)));
    c = offset(p, c, times(p, s0, element * g->n.c));
  }
  if (columns) {
    b = offset(p, b, times(p, s0, element * (g->tb ? b_row.c : 1)));
    c = offset(p, c, times(p, s0, element));
  }
  LLVMValueRef size = LLVMBuildSub(p->builder, s1, s0, "");
  LLVMValueRef args[] = {
      LLVMConstInt(i32, g->ta, 0),
      LLVMConstInt(i32, g->tb, 0),
      rows ? size : dim_value(p, g->m),
      columns ? size : dim_value(p, g->n),
      dim_value(p, g->k),
      a,
      int_value(p, a_row.c),
      b,
      int_value(p, b_row.c),
      c,
      int_value(p, g->n.c),
  };
  LLVMBuildCall2(p->builder, type, function, args, 11, "");
}

static void call_part(Phase *p, const NcCall *call, LLVMValueRef s0, LLVMValueRef s1) {
  if (call->kernel)
    call_kernel(p, call, s0, s1);
  else
    call_gemm(p, call, s0, s1);
}

// A loop over i in first … end-1; what is built until close_loop is its body.
typedef struct Loop {
  LLVMBasicBlockRef head, after;
  LLVMValueRef i;
} Loop;

static Loop open_loop(Phase *p, LLVMValueRef first, LLVMValueRef end) {
  LLVMContextRef context = p->emitter->context;
  LLVMBasicBlockRef before = LLVMGetInsertBlock(p->builder);
  Loop loop = {.head = LLVMAppendBasicBlockInContext(context, p->function, "head"),
               .after = LLVMAppendBasicBlockInContext(context, p->function, "after")};
  LLVMBasicBlockRef body = LLVMAppendBasicBlockInContext(context, p->function, "body");
  LLVMBuildBr(p->builder, loop.head);
  LLVMPositionBuilderAtEnd(p->builder, loop.head);
  loop.i = LLVMBuildPhi(p->builder, p->emitter->i64, "i");
  LLVMAddIncoming(loop.i, &first, &before, 1);
  LLVMValueRef more = LLVMBuildICmp(p->builder, LLVMIntSLT, loop.i, end, "");
  LLVMBuildCondBr(p->builder, more, body, loop.after);
  LLVMPositionBuilderAtEnd(p->builder, body);
  return loop;
}

static void close_loop(Phase *p, Loop *loop) {
  LLVMValueRef next = plus(p, loop->i, int_value(p, 1));
  LLVMBasicBlockRef latch = LLVMGetInsertBlock(p->builder);
  LLVMAddIncoming(loop->i, &next, &latch, 1);
  LLVMBuildBr(p->builder, loop->head);
  LLVMPositionBuilderAtEnd(p->builder, loop->after);
}

static Phase open_function(NcEmitter *e, const char *name, LLVMTypeRef type, int input_count) {
  Phase p = {.emitter = e, .name = name, .builder = LLVMCreateBuilderInContext(e->context)};
  p.function = LLVMAddFunction(e->module, name, type);
  nc_emit_attributes(e, p.function);
  nc_emit_plainly(e, p.function);
  LLVMPositionBuilderAtEnd(p.builder,
                           LLVMAppendBasicBlockInContext(e->context, p.function, "entry"));
  p.frame = LLVMGetParam(p.function, 0);
  p.arena = frame_field(&p, offsetof(NcrtFrame, arena), e->pointer);
  p.local = frame_field(&p, offsetof(NcrtFrame, local), e->pointer);
  p.slot = frame_field(&p, offsetof(NcrtFrame, slot), e->i64);
  p.max_batch = frame_field(&p, offsetof(NcrtFrame, max_batch), e->i64);
  p.batch = frame_field(&p, offsetof(NcrtFrame, batch), e->i64);
  p.buffers = frame_field(&p, offsetof(NcrtFrame, buffers), e->pointer);
  p.input_count = input_count;
  return p;
}

static Phase open_phase(NcEmitter *e, const char *name, const NcPlan *plan) {
  LLVMTypeRef types[] = {e->pointer, e->i64, e->i64};
  return open_function(e, name, LLVMFunctionType(e->i32, types, 3, 0), plan->graph->inputs.count);
}

static void close_phase(Phase *p) {
  LLVMValueRef fault = frame_field(p, offsetof(NcrtFrame, fault_node), p->emitter->i64);
  LLVMValueRef failed = LLVMBuildICmp(p->builder, LLVMIntSGE, fault, int_value(p, 0), "");
  LLVMBuildRet(p->builder, LLVMBuildZExt(p->builder, failed, p->emitter->i32, ""));
  LLVMDisposeBuilder(p->builder);
}

// `pieces` pieces of `whole` as one range each: where piece i begins, for i a value.
static LLVMValueRef piece_begin(Phase *p, LLVMValueRef i, LLVMValueRef whole, int pieces) {
  return divide(p, LLVMBuildMul(p->builder, i, whole, ""), pieces);
}

// Samples are shared out in multiples of a chunk.
static LLVMValueRef sample_of_piece(Phase *p, LLVMValueRef i, int pieces) {
  LLVMValueRef chunks = divide(p, plus(p, p->batch, int_value(p, NC_CHUNK - 1)), NC_CHUNK);
  return least(p, times(p, piece_begin(p, i, chunks, pieces), NC_CHUNK), p->batch);
}

static LLVMValueRef element_of_piece(Phase *p, LLVMValueRef i, const NcCall *call) {
  int64_t blocks = (call->extent + call->block - 1) / call->block;
  LLVMValueRef block = piece_begin(p, i, int_value(p, blocks), call->pieces);
  return least(p, times(p, block, call->block), int_value(p, call->extent));
}

// Pieces `first` … end-1 of a call, where those are values.
static void call_pieces(Phase *p, const NcCall *call, LLVMValueRef first, LLVMValueRef end) {
  LLVMValueRef n0 = p->n0, n1 = p->n1, s0 = int_value(p, 0), s1 = int_value(p, call->extent);
  if (call->split == NC_SPLIT_AXIS) {
    s0 = element_of_piece(p, first, call);
    s1 = element_of_piece(p, end, call);
  } else if (call->split == NC_SPLIT_BATCH) {
    p->n0 = sample_of_piece(p, first, call->pieces);
    p->n1 = sample_of_piece(p, end, call->pieces);
  }
  call_part(p, call, s0, s1);
  p->n0 = n0;
  p->n1 = n1;
}

// Pieces `first` … end-1 of a product, one after the other: the bytes of what BLAS computes may
// hang on how much it is asked for at once, which must not hang on who takes which pieces.
static void call_products(Phase *p, const NcCall *call, LLVMValueRef first, LLVMValueRef end) {
  Loop loop = open_loop(p, first, end);
  call_pieces(p, call, loop.i, plus(p, loop.i, int_value(p, 1)));
  close_loop(p, &loop);
}

static void call_whole(Phase *p, const NcCall *call) {
  LLVMValueRef first = int_value(p, 0);
  if (call->kernel)
    call_kernel(p, call, first, int_value(p, call->extent));
  else
    call_products(p, call, first, int_value(p, call->pieces));
}

// The pieces of a call that are to be done, where its first has number `base`.
static void emit_pieces(Phase *p, const NcCall *call, int base) {
  LLVMValueRef zero = int_value(p, 0), all = int_value(p, call->pieces);
  LLVMValueRef first = LLVMBuildSub(p->builder, p->p0, int_value(p, base), ""),
               end = LLVMBuildSub(p->builder, p->p1, int_value(p, base), "");
  LLVMValueRef before = LLVMBuildICmp(p->builder, LLVMIntSLT, first, zero, "");
  first = LLVMBuildSelect(p->builder, before, zero, first, "");
  end = least(p, end, all);
  if (!call->kernel) {
    call_products(p, call, first, end);
    return;
  }
  LLVMValueRef some = LLVMBuildICmp(p->builder, LLVMIntSLT, first, end, "");
  LLVMBasicBlockRef call_block =
      LLVMAppendBasicBlockInContext(p->emitter->context, p->function, "call");
  LLVMBasicBlockRef after =
      LLVMAppendBasicBlockInContext(p->emitter->context, p->function, "after");
  LLVMBuildCondBr(p->builder, some, call_block, after);
  LLVMPositionBuilderAtEnd(p->builder, call_block);
  call_pieces(p, call, first, end);
  LLVMBuildBr(p->builder, after);
  LLVMPositionBuilderAtEnd(p->builder, after);
}

static void emit_some(Phase *p, const NcCalls *calls, int first, int end, int base) {
  for (int i = first; i < end; base += calls->items[i++].pieces) {
    if (p->p0)
      emit_pieces(p, &calls->items[i], base);
    else
      call_whole(p, &calls->items[i]);
  }
}

// The same in a function of its own.
static void emit_group(Phase *p, const NcCalls *calls, int first, int end, int base) {
  NcEmitter *e = p->emitter;
  LLVMTypeRef types[] = {e->pointer, e->i64, e->i64, e->i64, e->i64, e->i64};
  LLVMTypeRef type = LLVMFunctionType(LLVMVoidTypeInContext(e->context), types, 6, 0);
  const char *name = nc_arena_printf(e->arena, "%s.calls%d", p->name, p->group_count++);
  Phase group = open_function(e, name, type, p->input_count);
  LLVMSetLinkage(group.function, LLVMInternalLinkage);
  group.n0 = LLVMGetParam(group.function, 1);
  group.n1 = LLVMGetParam(group.function, 2);
  group.chunk_n0 = LLVMGetParam(group.function, 3);
  group.p0 = p->p0 ? LLVMGetParam(group.function, 4) : NULL;
  group.p1 = p->p0 ? LLVMGetParam(group.function, 5) : NULL;
  emit_some(&group, calls, first, end, base);
  LLVMBuildRetVoid(group.builder);
  LLVMDisposeBuilder(group.builder);
  LLVMValueRef zero = int_value(p, 0);
  LLVMValueRef args[] = {
      p->frame, p->n0, p->n1, p->chunk_n0, p->p0 ? p->p0 : zero, p->p0 ? p->p1 : zero};
  LLVMBuildCall2(p->builder, type, group.function, args, 6, "");
}

// Calls first … end-1: the pieces that are to be done, where there are pieces.
static void emit_calls(Phase *p, const NcCalls *calls, int first, int end) {
  if (end - first <= MOST_CALLS) {
    emit_some(p, calls, first, end, 0);
    return;
  }
  for (int i = first, base = 0; i < end;) {
    int next = i + MOST_CALLS < end ? i + MOST_CALLS : end;
    emit_group(p, calls, i, next, base);
    for (; i < next; i++)
      base += calls->items[i].pieces;
  }
}

// The calls of a run, from number `i` on: a sample goes through all of them before the next; or
// calls without a run. Gives the number of the first call behind them.
static int emit_run(Phase *p, const NcCalls *calls, int i) {
  LLVMValueRef n0 = p->n0, n1 = p->n1;
  int run = calls->items[i].run, end = i;
  while (end < calls->count && calls->items[end].run == run)
    end++;
  if (run < 0) {
    emit_calls(p, calls, i, end);
    return end;
  }
  Loop loop = open_loop(p, n0, n1);
  p->n0 = loop.i;
  p->n1 = plus(p, loop.i, int_value(p, 1));
  emit_calls(p, calls, i, end);
  close_loop(p, &loop);
  p->n0 = n0;
  p->n1 = n1;
  return end;
}

// A function of samples n0 … n1: a chunk.
static void emit_chunk(NcEmitter *e, const char *name, const NcPlan *plan, const NcCalls *calls) {
  Phase p = open_phase(e, name, plan);
  p.n0 = p.chunk_n0 = LLVMGetParam(p.function, 1);
  p.n1 = LLVMGetParam(p.function, 2);
  for (int i = 0; i < calls->count;)
    i = emit_run(&p, calls, i);
  close_phase(&p);
}

// A function of pieces p0 … p1-1 of the calls, over the whole batch, or over the samples that the
// frame says.
static void emit_shared(NcEmitter *e, const char *name, const NcPlan *plan, const NcCalls *calls,
                        bool of_frame) {
  Phase p = open_phase(e, name, plan);
  p.n0 = p.chunk_n0 = int_value(&p, 0);
  p.n1 = p.batch;
  if (of_frame) {
    p.n0 = frame_field(&p, offsetof(NcrtFrame, n0), e->i64);
    p.n1 = frame_field(&p, offsetof(NcrtFrame, n1), e->i64);
  }
  p.p0 = LLVMGetParam(p.function, 1);
  p.p1 = LLVMGetParam(p.function, 2);
  emit_calls(&p, calls, 0, calls->count);
  close_phase(&p);
}

// A function of the calls in order, over the whole batch.
static void emit_serial(NcEmitter *e, const char *name, const NcPlan *plan, const NcCalls *calls) {
  Phase p = open_phase(e, name, plan);
  p.n0 = p.chunk_n0 = int_value(&p, 0);
  p.n1 = p.batch;
  emit_calls(&p, calls, 0, calls->count);
  close_phase(&p);
}

// The calls of a chunked phase as steps, each of which workers share.
static void emit_steps(NcEmitter *e, const char *name, const NcPlan *plan, const NcPhase *phase) {
  for (int i = 0; i < phase->calls.count; i++) {
    NcCalls one = {0};
    nc_vec_push(e->arena, one, phase->calls.items[i]);
    emit_shared(e, nc_arena_printf(e->arena, "%s.step%d", name, i), plan, &one, true);
  }
}

static void emit_phase(NcEmitter *e, const NcEmitEntry *entry, int number) {
  const NcPhase *phase = &entry->plan->phases.items[number];
  char *name = nc_arena_printf(e->arena, "%s.phase%d", entry->name, number);
  if (phase->pieces > 1)
    emit_shared(e, name, entry->plan, &phase->calls, false);
  else if (!phase->chunked)
    emit_serial(e, name, entry->plan, &phase->calls);
  else
    emit_chunk(e, name, entry->plan, &phase->calls);
  if (nc_phase_has_steps(phase))
    emit_steps(e, name, entry->plan, phase);
}

static void emit_extra(NcEmitter *e, const NcEmitEntry *entry, const char *what, int number,
                       const NcCalls *calls) {
  if (calls->count)
    emit_chunk(e, nc_arena_printf(e->arena, "%s.%s%d", entry->name, what, number), entry->plan,
               calls);
}

static void emit_entry(NcEmitter *e, const NcEmitEntry *entry) {
  const NcPlan *plan = entry->plan;
  for (int i = 0; i < plan->phases.count; i++) {
    emit_phase(e, entry, i);
    emit_extra(e, entry, "begin", i, &plan->phases.items[i].begin);
  }
  emit_extra(e, entry, "prepare", 0, &plan->prepare);
  emit_extra(e, entry, "prepare", 1, &plan->prepare_local);
}

LLVMModuleRef nc_llvm_module(LLVMContextRef context, const NcEmitParts *parts, int part,
                             const NcTarget *target) {
  NcEmitter e = {.arena = nc_arena_create(),
                 .context = context,
                 .target = target,
                 .parts = parts,
                 .part = part};
  e.module = LLVMModuleCreateWithNameInContext("netc", context);
  e.pointer = LLVMPointerTypeInContext(context, 0);
  e.i8 = LLVMInt8TypeInContext(context);
  e.i32 = LLVMInt32TypeInContext(context);
  e.i64 = LLVMInt64TypeInContext(context);
  for (int i = 0; i < parts->entry_count && nc_emit_is_in_part(&e, 0); i++)
    emit_entry(&e, &parts->entries[i]);
  for (int i = 0; i < parts->kernels.count; i++)
    if (nc_emit_is_in_part(&e, parts->kernels.items[i]->part))
      nc_emit_kernel(&e, parts->kernels.items[i]->kernel);
  nc_arena_destroy(e.arena);
  return e.module;
}
