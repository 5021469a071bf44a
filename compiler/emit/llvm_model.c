// An emitted model's functions in LLVM: what c_model.c writes in C.
#include "emit/llvm_kernel.h"

#include "abi.h"
#include "emit/llvm_texts.h"
#include "emit/model.h"

#include <llvm-c/IRReader.h>
#include <llvm-c/Linker.h>
#include <stddef.h>
#include <string.h>

// A function at work.
typedef struct Work {
  NcEmitter *e;
  const NcModel *model;
  const NcModelFunction *f;
  LLVMBuilderRef builder;
  LLVMValueRef function, state, arena, n, frame;
  unsigned first_input, first_result; // parameters
} Work;

static LLVMValueRef i32(Work *w, int64_t value) {
  return LLVMConstInt(w->e->i32, (unsigned long long)value, 1);
}

static LLVMValueRef i64(Work *w, int64_t value) {
  return LLVMConstInt(w->e->i64, (unsigned long long)value, 1);
}

static LLVMValueRef at(Work *w, LLVMValueRef pointer, int64_t bytes) {
  LLVMValueRef offset = i64(w, bytes);
  return LLVMBuildInBoundsGEP2(w->builder, w->e->i8, pointer, &offset, 1, "");
}

static void store(Work *w, LLVMValueRef value, LLVMValueRef pointer, int64_t bytes) {
  LLVMBuildStore(w->builder, value, at(w, pointer, bytes));
}

static LLVMValueRef load(Work *w, LLVMTypeRef type, LLVMValueRef pointer, int64_t bytes) {
  return LLVMBuildLoad2(w->builder, type, at(w, pointer, bytes), "");
}

static LLVMBasicBlockRef block(Work *w) {
  return LLVMAppendBasicBlockInContext(w->e->context, w->function, "");
}

// What is built next is only done where the condition holds, until close_if.
static LLVMBasicBlockRef open_if(Work *w, LLVMValueRef condition) {
  LLVMBasicBlockRef then = block(w), after = block(w);
  LLVMBuildCondBr(w->builder, condition, then, after);
  LLVMPositionBuilderAtEnd(w->builder, then);
  return after;
}

static void close_if(Work *w, LLVMBasicBlockRef after) {
  LLVMBuildBr(w->builder, after);
  LLVMPositionBuilderAtEnd(w->builder, after);
}

static void return_if(Work *w, LLVMValueRef condition, NcModelCode code) {
  LLVMBasicBlockRef after = open_if(w, condition);
  LLVMBuildRet(w->builder, i32(w, (int64_t)code));
  LLVMPositionBuilderAtEnd(w->builder, after);
}

// ---- values of variables

static const char *value_name(NcEmitter *e, const NcModel *m, const NcModelVariable *v) {
  return nc_arena_printf(e->arena, "%s_%s", m->name, v->name);
}

static void emit_values(NcEmitter *e, const NcModel *m) {
  for (int i = 0; i < m->variable_count; i++) {
    const NcModelVariable *v = &m->variables[i];
    if (!v->used || !v->value || v->zero)
      continue;
    LLVMValueRef bytes =
        LLVMConstStringInContext2(e->context, v->value, (size_t)v->bytes, 1 /* no NUL behind */);
    LLVMValueRef global = LLVMAddGlobal(e->module, LLVMTypeOf(bytes), value_name(e, m, v));
    LLVMSetInitializer(global, bytes);
    LLVMSetGlobalConstant(global, 1);
    LLVMSetLinkage(global, LLVMInternalLinkage);
    LLVMSetAlignment(global, (unsigned)m->alignment);
  }
}

static LLVMValueRef value_of(Work *w, const NcModelVariable *v) {
  return LLVMGetNamedGlobal(w->e->module, value_name(w->e, w->model, v));
}

static Work open_function(NcEmitter *e, const NcModel *m, const char *name, LLVMTypeRef type) {
  Work w = {.e = e, .model = m, .builder = LLVMCreateBuilderInContext(e->context)};
  w.function = LLVMAddFunction(e->module, name, type);
  nc_emit_attributes(e, w.function);
  nc_emit_plainly(e, w.function);
  LLVMPositionBuilderAtEnd(w.builder, block(&w));
  return w;
}

static void zero(Work *w, const NcModelVariable *v) {
  LLVMBuildMemSet(w->builder, at(w, w->state, v->offset), LLVMConstInt(w->e->i8, 0, 0),
                  i64(w, v->bytes), 1);
}

static void emit_reset(NcEmitter *e, const NcModel *m) {
  LLVMTypeRef type = LLVMFunctionType(LLVMVoidTypeInContext(e->context), &e->pointer, 1, 0);
  Work w = open_function(e, m, nc_arena_printf(e->arena, "%s_reset", m->name), type);
  int64_t counters[] = {m->seed, m->step, m->epoch};
  w.state = LLVMGetParam(w.function, 0);
  for (int i = 0; i < 3; i++)
    store(&w, i64(&w, counters[i]), w.state, i * (int64_t)sizeof(int64_t));
  for (int i = 0; i < m->variable_count; i++) {
    const NcModelVariable *v = &m->variables[i];
    if (!v->used || v->constant)
      continue;
    if (v->zero)
      zero(&w, v);
    else
      LLVMBuildMemCpy(w.builder, at(&w, w.state, v->offset), 1, value_of(&w, v), 1,
                      i64(&w, v->bytes));
  }
  LLVMBuildRetVoid(w.builder);
  LLVMDisposeBuilder(w.builder);
}

static void emit_zeros(Work *w) {
  for (int i = 0; i < w->model->variable_count; i++) {
    const NcModelVariable *v = &w->model->variables[i];
    if (v->used && !v->constant && v->variable->kind == NC_VAR_METRIC)
      zero(w, v);
  }
}

static void emit_metrics_reset(NcEmitter *e, const NcModel *m) {
  LLVMTypeRef types[] = {e->pointer, e->pointer};
  Work w = open_function(e, m, nc_arena_printf(e->arena, "%s_reset_metrics", m->name),
                         LLVMFunctionType(e->i32, types, 2, 0));
  w.state = LLVMGetParam(w.function, 0);
  emit_zeros(&w);
  LLVMBuildRet(w.builder, i32(&w, NC_MODEL_OK));
  LLVMDisposeBuilder(w.builder);
}

// ---- what code calls by the frame's table

// The table's product, by cblas's.
static LLVMValueRef emit_gemm(NcEmitter *e, bool single) {
  LLVMTypeRef p = e->pointer, l = e->i64, i = e->i32,
              f = single ? LLVMFloatTypeInContext(e->context) : LLVMDoubleTypeInContext(e->context),
              none = LLVMVoidTypeInContext(e->context);
  LLVMTypeRef types[] = {i, i, l, l, l, p, l, p, l, p, l},
              cblas_types[] = {i, i, i, i, i, i, f, p, i, p, i, f, p, i};
  LLVMTypeRef cblas_type = LLVMFunctionType(none, cblas_types, 14, 0);
  LLVMValueRef cblas =
      LLVMAddFunction(e->module, single ? "cblas_sgemm" : "cblas_dgemm", cblas_type);
  Work w = open_function(e, NULL, single ? "netc.sgemm" : "netc.dgemm",
                         LLVMFunctionType(none, types, 11, 0));
  LLVMSetLinkage(w.function, LLVMInternalLinkage);
  LLVMValueRef a[11];
  for (unsigned k = 0; k < 11; k++) {
    a[k] = LLVMGetParam(w.function, k);
    if (LLVMTypeOf(a[k]) == l)
      a[k] = LLVMBuildTrunc(w.builder, a[k], i, "");
  }
  for (int k = 0; k < 2; k++) // 111 as it is, 112 transposed
    a[k] = LLVMBuildAdd(w.builder, a[k], i32(&w, 111), "");
  LLVMValueRef args[] = {i32(&w, 101),
                         a[0],
                         a[1],
                         a[2],
                         a[3],
                         a[4],
                         LLVMConstReal(f, 1),
                         a[5],
                         a[6],
                         a[7],
                         a[8],
                         LLVMConstReal(f, 0),
                         a[9],
                         a[10]};
  LLVMBuildCall2(w.builder, cblas_type, cblas, args, 14, "");
  LLVMBuildRetVoid(w.builder);
  LLVMDisposeBuilder(w.builder);
  return w.function;
}

static LLVMValueRef declare_fma(NcEmitter *e, bool single) {
  LLVMTypeRef f = single ? LLVMFloatTypeInContext(e->context) : LLVMDoubleTypeInContext(e->context);
  LLVMTypeRef types[] = {f, f, f};
  return LLVMAddFunction(e->module, single ? "fmaf" : "fma", LLVMFunctionType(f, types, 3, 0));
}

// Defines fmaf and fma in the module, for machines that have no library.
static void define_fma(NcEmitter *e) {
  static const char *const names[] = {"fmaf", "fma"};
  LLVMModuleRef defined = NULL;
  char *message = NULL;
  LLVMMemoryBufferRef text = LLVMCreateMemoryBufferWithMemoryRange(
      nc_llvm_texts[0].text, strlen(nc_llvm_texts[0].text), nc_llvm_texts[0].name, 1);
  bool failed = LLVMParseIRInContext(e->context, text, &defined, &message) ||
                LLVMLinkModules2(e->module, defined);
  LLVMDisposeMessage(message);
  for (int i = 0; i < 2 && !failed; i++)
    LLVMSetLinkage(LLVMGetNamedFunction(e->module, names[i]), LLVMInternalLinkage);
}

// NcrtTable, of which code for this target uses what is not NULL.
static LLVMValueRef emit_table(NcEmitter *e) {
  LLVMValueRef null = LLVMConstNull(e->pointer);
  bool blas = e->target->blas > 0, fma = e->target->portable && !e->target->fma;
  LLVMValueRef functions[] = {blas ? emit_gemm(e, true) : null, blas ? emit_gemm(e, false) : null,
                              fma ? declare_fma(e, true) : null, fma ? declare_fma(e, false) : null,
                              null};
  LLVMTypeRef type = LLVMArrayType2(e->pointer, sizeof(NcrtTable) / sizeof(void *));
  LLVMValueRef table = LLVMAddGlobal(e->module, type, "netc.table");
  LLVMSetInitializer(table, LLVMConstArray2(e->pointer, functions, 5));
  LLVMSetGlobalConstant(table, 1);
  LLVMSetLinkage(table, LLVMInternalLinkage);
  if (fma && strncmp(e->target->triple, "wasm", 4) == 0)
    define_fma(e);
  return table;
}

// ---- functions

static LLVMTypeRef function_type(NcEmitter *e, const NcModelFunction *f) {
  int count = 0;
  LLVMTypeRef *types = NC_NEW_ARRAY(e->arena, LLVMTypeRef, f->inputs.count + f->results.count + 3);
  if (f->takes_state)
    types[count++] = e->pointer;
  types[count++] = e->pointer;
  if (f->has_batch)
    types[count++] = e->i32;
  for (int i = 0; i < f->inputs.count + f->results.count; i++)
    types[count++] = e->pointer;
  return LLVMFunctionType(e->i32, types, (unsigned)count, 0);
}

static void take_params(Work *w) {
  unsigned next = 0;
  if (w->f->takes_state)
    w->state = LLVMGetParam(w->function, next++);
  w->arena = LLVMGetParam(w->function, next++);
  w->n = w->f->has_batch ? LLVMGetParam(w->function, next++) : i32(w, 1);
  w->n = LLVMBuildSExt(w->builder, w->n, w->e->i64, "");
  w->first_input = next;
  w->first_result = next + (unsigned)w->f->inputs.count;
}

// fixed + n * sample
static LLVMValueRef count_of(Work *w, NcDim dim) {
  LLVMValueRef batch = LLVMBuildMul(w->builder, w->n, i64(w, dim.n), "");
  return LLVMBuildAdd(w->builder, batch, i64(w, dim.c), "");
}

static LLVMTypeRef integer_type(Work *w, NcDtype dtype) {
  return dtype == NC_I64 ? w->e->i64 : dtype == NC_I32 ? w->e->i32 : w->e->i8;
}

// Whether the element is outside its range.
static LLVMValueRef is_outside(Work *w, const NcModelValue *v, LLVMValueRef input, LLVMValueRef i) {
  LLVMTypeRef type = integer_type(w, v->type.dtype);
  LLVMValueRef place = LLVMBuildInBoundsGEP2(w->builder, type, input, &i, 1, "");
  LLVMValueRef element = LLVMBuildLoad2(w->builder, type, place, "");
  element = LLVMBuildIntCast2(w->builder, element, w->e->i64, v->type.dtype != NC_U8, "");
  LLVMValueRef low = LLVMBuildICmp(w->builder, LLVMIntSLT, element, i64(w, v->low), "");
  LLVMValueRef high = LLVMBuildICmp(w->builder, LLVMIntSGE, element, i64(w, v->high), "");
  return LLVMBuildOr(w->builder, low, high, "");
}

static void check_range(Work *w, const NcModelValue *v, LLVMValueRef input) {
  LLVMBasicBlockRef before = LLVMGetInsertBlock(w->builder), head = block(w), body = block(w),
                    after = block(w);
  LLVMValueRef count = count_of(w, nc_type_elements(&v->type)), zero = i64(w, 0);
  LLVMBuildBr(w->builder, head);
  LLVMPositionBuilderAtEnd(w->builder, head);
  LLVMValueRef i = LLVMBuildPhi(w->builder, w->e->i64, "");
  LLVMBuildCondBr(w->builder, LLVMBuildICmp(w->builder, LLVMIntSLT, i, count, ""), body, after);
  LLVMPositionBuilderAtEnd(w->builder, body);
  return_if(w, is_outside(w, v, input, i), NC_MODEL_BAD_INPUT);
  LLVMValueRef next = LLVMBuildAdd(w->builder, i, i64(w, 1), "");
  LLVMBasicBlockRef latch = LLVMGetInsertBlock(w->builder);
  LLVMBuildBr(w->builder, head);
  LLVMAddIncoming(i, (LLVMValueRef[]){zero, next}, (LLVMBasicBlockRef[]){before, latch}, 2);
  LLVMPositionBuilderAtEnd(w->builder, after);
}

static void emit_checks(Work *w) {
  if (w->f->has_batch) {
    LLVMValueRef few = LLVMBuildICmp(w->builder, LLVMIntSLT, w->n, i64(w, 1), "");
    LLVMValueRef many = LLVMBuildICmp(w->builder, LLVMIntSGT, w->n, i64(w, w->model->batch), "");
    return_if(w, LLVMBuildOr(w->builder, few, many, ""), NC_MODEL_BAD_BATCH);
  }
  for (int i = 0; i < w->f->inputs.count; i++)
    if (w->f->inputs.items[i].has_range)
      check_range(w, &w->f->inputs.items[i],
                  LLVMGetParam(w->function, w->first_input + (unsigned)i));
}

// Inputs in the order of the graph, then all the module's variables.
static LLVMValueRef emit_buffers(Work *w) {
  const NcModel *m = w->model;
  int inputs = w->f->inputs.count, count = inputs + m->variable_count;
  int64_t size = (int64_t)sizeof(void *);
  LLVMValueRef buffers = LLVMBuildAlloca(
      w->builder, LLVMArrayType2(w->e->i64, (uint64_t)(count ? count : 1)), "buffers");
  for (int i = 0; i < inputs; i++)
    store(w, LLVMGetParam(w->function, w->first_input + (unsigned)i), buffers, i * size);
  for (int i = 0; i < m->variable_count; i++) {
    const NcModelVariable *v = &m->variables[i];
    if (v->used && v->constant)
      store(w, value_of(w, v), buffers, (inputs + i) * size);
    else if (v->used && w->f->takes_state)
      store(w, at(w, w->state, v->offset), buffers, (inputs + i) * size);
  }
  return buffers;
}

static LLVMValueRef counter(Work *w, int number, int64_t otherwise) {
  return w->f->takes_state ? load(w, w->e->i64, w->state, number * (int64_t)sizeof(int64_t))
                           : i64(w, otherwise);
}

static void emit_frame(Work *w, LLVMValueRef buffers, LLVMValueRef table) {
  const NcModel *m = w->model;
  LLVMTypeRef type = LLVMArrayType2(w->e->i64, sizeof(NcrtFrame) / sizeof(int64_t));
  w->frame = LLVMBuildAlloca(w->builder, type, "frame");
  LLVMValueRef step = counter(w, 1, m->step);
  if (w->f->is_step)
    step = LLVMBuildAdd(w->builder, step, i64(w, 1), "");
  const struct {
    size_t field;
    LLVMValueRef value;
  } fields[] = {
      {offsetof(NcrtFrame, table), table},
      {offsetof(NcrtFrame, arena), at(w, w->arena, NC_MODEL_HEAD)},
      {offsetof(NcrtFrame, buffers), buffers},
      {offsetof(NcrtFrame, batch), w->n},
      {offsetof(NcrtFrame, seed), counter(w, 0, m->seed)},
      {offsetof(NcrtFrame, step), step},
      {offsetof(NcrtFrame, epoch), counter(w, 2, m->epoch)},
      {offsetof(NcrtFrame, fault_node), i64(w, -1)},
      {offsetof(NcrtFrame, max_batch), i64(w, m->batch)},
      {offsetof(NcrtFrame, local), at(w, w->arena, NC_MODEL_HEAD + w->f->arena_bytes)},
      {offsetof(NcrtFrame, slot), i64(w, 0)},
      {offsetof(NcrtFrame, n0), i64(w, 0)},
      {offsetof(NcrtFrame, n1), i64(w, 0)},
  };
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
    store(w, fields[i].value, w->frame, (int64_t)fields[i].field);
}

static LLVMValueRef call(Work *w, const NcRoutine *routine, int64_t end) {
  LLVMTypeRef types[] = {w->e->pointer, w->e->i64, w->e->i64};
  LLVMValueRef args[] = {w->frame, i64(w, 0), i64(w, end)};
  unsigned count = (unsigned)routine->arg_count + 1;
  return LLVMBuildCall2(w->builder, LLVMFunctionType(w->e->i32, types, count, 0),
                        LLVMGetNamedFunction(w->e->module, routine->name), args, count, "");
}

static void emit_run(Work *w, const NcRoutine *routine) {
  LLVMValueRef failed = LLVMBuildICmp(w->builder, LLVMIntNE, call(w, routine, 0), i32(w, 0), "");
  LLVMBasicBlockRef after = open_if(w, failed);
  const size_t faults[] = {offsetof(NcrtFrame, fault_node), offsetof(NcrtFrame, fault_sample),
                           offsetof(NcrtFrame, fault_value)};
  for (int i = 0; i < 3; i++)
    store(w, load(w, w->e->i64, w->frame, (int64_t)faults[i]), w->arena,
          (i + 1) * (int64_t)sizeof(int64_t));
  LLVMBuildRet(w->builder, i32(w, NC_MODEL_UNDEFINED));
  LLVMPositionBuilderAtEnd(w->builder, after);
}

// What must be in the arena before the function is run in it, after another one was.
static void emit_preparing(Work *w) {
  const NcModel *m = w->model;
  LLVMValueRef mark = load(w, w->e->i64, w->arena, 0), own = i64(w, w->f->number);
  LLVMBasicBlockRef after = open_if(w, LLVMBuildICmp(w->builder, LLVMIntNE, mark, own, ""));
  LLVMBuildMemSet(w->builder, w->arena, LLVMConstInt(w->e->i8, 0, 0), i64(w, m->arena_bytes),
                  (unsigned)m->alignment);
  if (w->f->prepare)
    call(w, w->f->prepare, m->batch);
  if (w->f->prepare_local)
    call(w, w->f->prepare_local, NC_CHUNK);
  if (w->f->kept)
    emit_run(w, w->f->kept);
  store(w, own, w->arena, 0);
  close_if(w, after);
}

static void emit_results(Work *w) {
  for (int i = 0; i < w->f->results.count; i++) {
    const NcModelValue *v = &w->f->results.items[i];
    LLVMValueRef to = LLVMGetParam(w->function, w->first_result + (unsigned)i);
    LLVMBasicBlockRef after = open_if(w, LLVMBuildIsNotNull(w->builder, to, ""));
    LLVMValueRef bytes = LLVMBuildMul(w->builder, count_of(w, nc_type_elements(&v->type)),
                                      i64(w, (int64_t)nc_dtype_size(v->type.dtype)), "");
    LLVMBuildMemCpy(w->builder, to, 1, at(w, w->arena, v->offset), 1, bytes);
    close_if(w, after);
  }
}

// The loss, a step's first result, is looked at before anything is changed: 0 times what is not
// finite is not a number.
static void emit_finite(Work *w) {
  const NcModelValue *v = &w->f->results.items[0];
  LLVMTypeRef type = v->type.dtype == NC_F32 ? LLVMFloatTypeInContext(w->e->context)
                                             : LLVMDoubleTypeInContext(w->e->context);
  LLVMValueRef zero = LLVMConstReal(type, 0);
  LLVMValueRef product = LLVMBuildFMul(w->builder, load(w, type, w->arena, v->offset), zero, "");
  LLVMBasicBlockRef after = open_if(w, LLVMBuildFCmp(w->builder, LLVMRealUNE, product, zero, ""));
  emit_results(w);
  LLVMBuildRet(w->builder, i32(w, NC_MODEL_NOT_FINITE));
  LLVMPositionBuilderAtEnd(w->builder, after);
}

static void count_step(Work *w) {
  LLVMValueRef step = load(w, w->e->i64, w->state, sizeof(int64_t));
  store(w, LLVMBuildAdd(w->builder, step, i64(w, 1), ""), w->state, sizeof(int64_t));
}

static void emit_function(NcEmitter *e, const NcModel *m, const NcModelFunction *f,
                          LLVMValueRef table) {
  for (int i = 0; i < f->routines.count; i++)
    nc_emit_routine(e, f->routines.items[i]);
  Work w = open_function(e, m, f->name, function_type(e, f));
  w.f = f;
  take_params(&w);
  emit_checks(&w);
  if (f->restarts)
    for (int i = 1; i <= 2; i++)
      store(&w, i64(&w, 0), w.state, i * (int64_t)sizeof(int64_t));
  if (f->zeros_metrics)
    emit_zeros(&w);
  emit_frame(&w, emit_buffers(&w), table);
  emit_preparing(&w);
  emit_run(&w, f->run);
  if (f->is_step)
    emit_finite(&w);
  if (f->after)
    emit_run(&w, f->after);
  if (f->is_step)
    count_step(&w);
  emit_results(&w);
  LLVMBuildRet(w.builder, i32(&w, NC_MODEL_OK));
  LLVMDisposeBuilder(w.builder);
}

LLVMModuleRef nc_llvm_model(LLVMContextRef context, const NcModel *model, const NcTarget *target) {
  NcEmitter e = nc_emit_open(context, model->parts, NC_ALL_PARTS, target);
  e.alone = true;
  emit_values(&e, model);
  LLVMValueRef table = emit_table(&e);
  if (model->embeds && model->has_state)
    emit_reset(&e, model);
  if (model->zeros_metrics)
    emit_metrics_reset(&e, model);
  for (int i = 0; i < model->functions.count; i++)
    emit_function(&e, model, model->functions.items[i], table);
  nc_arena_destroy(e.arena);
  return e.module;
}
