// The code generator on LLVM: modules become objects or text.
#include "emit/generator.h"
#include "emit/llvm.h"
#include "emit/llvm_sanitize.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/Error.h>
#include <llvm-c/ErrorHandling.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Kernels come with their vectors and tiles made: what is left to LLVM is putting locals into
// registers, sharing equal addresses, and moving them out of loops. Passes that unroll or vectorise
// would only cost time.
#define PASSES                                                                                     \
  "function(sroa,early-cse<memssa>,instcombine<no-verify-fixpoint>,loop-mssa(licm),simplifycfg)"

// One module being compiled.
typedef struct Work {
  NcArena *arena;
  NcTarget target; // with LLVM's name and features for "native"
  bool quick;      // code is not optimized
  LLVMTargetMachineRef machine;
  LLVMContextRef context;
  LLVMModuleRef module;
  const char **message;
} Work;

// LLVM calls this when it cannot go on; it must not return.
static void on_fatal_error(const char *reason) {
  fprintf(stderr, "netc: the code generator failed: %s\n", reason);
  _exit(3);
}

static void on_diagnostic(LLVMDiagnosticInfoRef info, void *context) {
  (void)info, (void)context; // failures are reported by status
}

// Copies a string of LLVM's into the arena.
static const char *take(NcArena *arena, char *text) {
  const char *copy = nc_arena_strdup(arena, text);
  LLVMDisposeMessage(text);
  return copy;
}

// What only looks at this machine's code, or runs it, needs no other's generator.
static void initialize_all(void) {
  LLVMInitializeAllTargetInfos();
  LLVMInitializeAllTargets();
  LLVMInitializeAllTargetMCs();
  LLVMInitializeAllAsmPrinters();
}

static bool open_machine(Work *w) {
  NcTarget *target = &w->target;
  if (strcmp(target->cpu, "native") == 0) {
    target->cpu = take(w->arena, LLVMGetHostCPUName());
    target->features = take(w->arena, LLVMGetHostCPUFeatures());
  }
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  if (!target->runs_here)
    pthread_once(&once, initialize_all);
  LLVMTargetRef found = NULL;
  char *text = NULL;
  if (LLVMGetTargetFromTriple(target->triple, &found, &text)) {
    *w->message = nc_arena_printf(w->arena, "LLVM has no target for %s: %s", target->triple, text);
    LLVMDisposeMessage(text);
    return false;
  }
  LLVMCodeGenOptLevel level = w->quick ? LLVMCodeGenLevelNone : LLVMCodeGenLevelDefault;
  w->machine = LLVMCreateTargetMachine(found, target->triple, target->cpu, target->features, level,
                                       LLVMRelocPIC, LLVMCodeModelSmall);
  return true;
}

// Of a model, or of parts.
static void make_module(Work *w, const NcModel *model, const NcEmitParts *parts, int part) {
  w->context = LLVMContextCreate();
  LLVMContextSetDiagnosticHandler(w->context, on_diagnostic, NULL);
  w->module = model ? nc_llvm_model(w->context, model, &w->target)
                    : nc_llvm_module(w->context, parts, part, &w->target);
  LLVMSetTarget(w->module, w->target.triple);
  LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(w->machine);
  LLVMSetModuleDataLayout(w->module, layout);
  LLVMDisposeTargetData(layout);
}

static bool verify(Work *w) {
  char *text = NULL;
  bool broken = LLVMVerifyModule(w->module, LLVMReturnStatusAction, &text);
  if (broken)
    *w->message = nc_arena_printf(w->arena, "the generated code is not valid: %s", text);
  LLVMDisposeMessage(text);
  return !broken;
}

static bool run_passes(Work *w, const char *passes) {
  LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
  LLVMErrorRef error = LLVMRunPasses(w->module, passes, w->machine, options);
  LLVMDisposePassBuilderOptions(options);
  if (!error)
    return true;
  char *text = LLVMGetErrorMessage(error);
  *w->message = nc_arena_strdup(w->arena, text);
  LLVMDisposeErrorMessage(text);
  return false;
}

static bool sanitize(Work *w) {
  nc_llvm_sanitize(w->module);
  return run_passes(w, "asan");
}

// False on failure; close_work is due in either case.
static bool open_work(Work *w, const NcModel *model, const NcEmitParts *parts, int part) {
  if (!open_machine(w))
    return false;
  make_module(w, model, parts, part);
  return verify(w) && run_passes(w, PASSES);
}

static void close_work(Work *w) {
  if (w->module)
    LLVMDisposeModule(w->module);
  if (w->context)
    LLVMContextDispose(w->context);
  if (w->machine)
    LLVMDisposeTargetMachine(w->machine);
}

static LLVMMemoryBufferRef generate(Work *w, LLVMCodeGenFileType type) {
  LLVMMemoryBufferRef buffer = NULL;
  char *text = NULL;
  if (!LLVMTargetMachineEmitToMemoryBuffer(w->machine, w->module, type, &text, &buffer))
    return buffer;
  *w->message = take(w->arena, text);
  return NULL;
}

static void take_buffer(NcArena *arena, LLVMMemoryBufferRef buffer, NcrtObject *to) {
  size_t size = LLVMGetBufferSize(buffer);
  char *bytes = nc_arena_alloc(arena, size + 1); // NUL-terminated, as text needs to be
  memcpy(bytes, LLVMGetBufferStart(buffer), size);
  *to = (NcrtObject){bytes, size};
  LLVMDisposeMemoryBuffer(buffer);
}

static bool emit_object(NcArena *arena, const NcEmitParts *parts, int part, const NcTarget *target,
                        NcrtObject *object, const char **message) {
  Work w = {.arena = arena, .target = *target, .message = message};
  LLVMMemoryBufferRef buffer = NULL;
  // Code to be looked at is as it is in other builds; code that runs is checked as they are. Its
  // checks take LLVM long to optimize: tests that compile more than they run do without.
  w.quick = NCRT_SANITIZED && getenv("NETC_QUICK_CODE");
  if (open_work(&w, NULL, parts, part) && (!NCRT_SANITIZED || sanitize(&w)))
    buffer = generate(&w, LLVMObjectFile);
  if (buffer)
    take_buffer(arena, buffer, object);
  close_work(&w);
  return buffer != NULL;
}

static bool emit_model(NcArena *arena, const NcModel *model, const NcTarget *target,
                       NcModelForm form, NcrtObject *file, const char **message) {
  Work w = {.arena = arena, .target = *target, .message = message};
  LLVMMemoryBufferRef buffer = NULL;
  bool made = open_work(&w, model, NULL, NC_ALL_PARTS);
  if (made && form == NC_MODEL_LLVM) {
    char *text = (char *)take(arena, LLVMPrintModuleToString(w.module));
    *file = (NcrtObject){text, strlen(text)};
  } else if (made) {
    buffer = generate(&w, form == NC_MODEL_OBJECT ? LLVMObjectFile : LLVMAssemblyFile);
    made = buffer != NULL;
    if (made)
      take_buffer(arena, buffer, file);
  }
  close_work(&w);
  return made;
}

static char *assembly_text(Work *w) {
  LLVMMemoryBufferRef buffer = generate(w, LLVMAssemblyFile);
  if (!buffer)
    return NULL;
  char *text = nc_arena_strndup(w->arena, LLVMGetBufferStart(buffer), LLVMGetBufferSize(buffer));
  LLVMDisposeMemoryBuffer(buffer);
  return text;
}

static char *emit_text(NcArena *arena, const NcEmitParts *parts, const NcTarget *target,
                       bool assembly, const char **message) {
  Work w = {.arena = arena, .target = *target, .message = message};
  char *text = NULL;
  if (open_work(&w, NULL, parts, NC_ALL_PARTS))
    text = assembly ? assembly_text(&w) : (char *)take(arena, LLVMPrintModuleToString(w.module));
  close_work(&w);
  return text;
}

static void initialize(void) {
  LLVMInstallFatalErrorHandler(on_fatal_error);
  LLVMInitializeNativeTarget();
  LLVMInitializeNativeAsmPrinter();
}

// What the shared object exports: see NC_GENERATOR_FUNCTION.
__attribute__((visibility("default"))) const NcGenerator *nc_generator_llvm(void);

const NcGenerator *nc_generator_llvm(void) {
  static const NcGenerator generator = {nc_build_id, emit_object, emit_text, emit_model};
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, initialize);
  return &generator;
}
