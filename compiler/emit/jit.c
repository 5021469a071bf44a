// Compiling in this process with ORC's LLJIT.
#include "emit/jit.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/Error.h>
#include <llvm-c/ErrorHandling.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Orc.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// Kernels come with their vectors and tiles made: what is left to LLVM is putting locals into
// registers, sharing equal addresses, and moving them out of loops. Passes that unroll or vectorise
// would only cost time.
#define PASSES                                                                                     \
  "function(sroa,early-cse<memssa>,instcombine<no-verify-fixpoint>,loop-mssa(licm),simplifycfg)"

struct NcJit {
  LLVMOrcLLJITRef lljit;
};

// LLVM calls this when it cannot go on; it must not return.
static void on_fatal_error(const char *reason) {
  fprintf(stderr, "netc: the code generator failed: %s\n", reason);
  _exit(3);
}

static void on_diagnostic(LLVMDiagnosticInfoRef info, void *context) {
  (void)info, (void)context; // failures are reported by status
}

static const char *take_error(NcArena *arena, LLVMErrorRef error) {
  char *text = LLVMGetErrorMessage(error);
  const char *copy = nc_arena_strdup(arena, text);
  LLVMDisposeErrorMessage(text);
  return copy;
}

static LLVMTargetMachineRef make_machine(NcArena *arena, const NcTarget *target,
                                         const char **message) {
  LLVMInstallFatalErrorHandler(on_fatal_error);
  LLVMInitializeNativeTarget();
  LLVMInitializeNativeAsmPrinter();
  LLVMTargetRef found = NULL;
  char *text = NULL;
  if (LLVMGetTargetFromTriple(target->triple, &found, &text)) {
    *message = nc_arena_printf(arena, "LLVM has no target for %s: %s", target->triple, text);
    LLVMDisposeMessage(text);
    return NULL;
  }
  return LLVMCreateTargetMachine(found, target->triple, target->cpu, target->features,
                                 LLVMCodeGenLevelDefault, LLVMRelocPIC, LLVMCodeModelJITDefault);
}

static bool verify_and_optimise(NcArena *arena, LLVMModuleRef module, LLVMTargetMachineRef machine,
                                const char **message) {
  char *text = NULL;
  bool broken = LLVMVerifyModule(module, LLVMReturnStatusAction, &text);
  if (broken)
    *message = nc_arena_printf(arena, "the generated code is not valid: %s", text);
  LLVMDisposeMessage(text);
  if (broken)
    return false;
  LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
  LLVMErrorRef error = LLVMRunPasses(module, PASSES, machine, options);
  LLVMDisposePassBuilderOptions(options);
  if (error)
    *message = take_error(arena, error);
  return !error;
}

static LLVMModuleRef make_module(NcArena *arena, LLVMContextRef context,
                                 LLVMTargetMachineRef machine, const NcEmitEntry *entries,
                                 int count, const NcTarget *target, const char **message) {
  LLVMContextSetDiagnosticHandler(context, on_diagnostic, NULL);
  LLVMModuleRef module = nc_llvm_module(context, entries, count, target);
  LLVMSetTarget(module, target->triple);
  LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(machine);
  LLVMSetModuleDataLayout(module, layout);
  LLVMDisposeTargetData(layout);
  if (verify_and_optimise(arena, module, machine, message))
    return module;
  LLVMDisposeModule(module);
  return NULL;
}

static LLVMErrorRef create_lljit(LLVMTargetMachineRef machine, LLVMOrcLLJITRef *lljit) {
  LLVMOrcLLJITBuilderRef builder = LLVMOrcCreateLLJITBuilder();
  // The template takes the machine over.
  LLVMOrcLLJITBuilderSetJITTargetMachineBuilder(
      builder, LLVMOrcJITTargetMachineBuilderCreateFromTargetMachine(machine));
  return LLVMOrcCreateLLJIT(lljit, builder);
}

NcJit *nc_jit_compile(NcArena *arena, const NcEmitEntry *entries, int count, const NcTarget *target,
                      const char **message) {
  LLVMTargetMachineRef machine = make_machine(arena, target, message);
  if (!machine)
    return NULL;
  LLVMOrcThreadSafeContextRef context = LLVMOrcCreateNewThreadSafeContext();
  LLVMModuleRef module = make_module(arena, LLVMOrcThreadSafeContextGetContext(context), machine,
                                     entries, count, target, message);
  if (!module) {
    LLVMDisposeTargetMachine(machine);
    LLVMOrcDisposeThreadSafeContext(context);
    return NULL;
  }
  LLVMOrcThreadSafeModuleRef shared = LLVMOrcCreateNewThreadSafeModule(module, context);
  LLVMOrcDisposeThreadSafeContext(context);
  LLVMOrcLLJITRef lljit = NULL;
  LLVMErrorRef error = create_lljit(machine, &lljit);
  if (error) {
    *message = take_error(arena, error);
    LLVMOrcDisposeThreadSafeModule(shared);
    return NULL;
  }
  NcJit *jit = NC_NEW(arena, NcJit);
  jit->lljit = lljit;
  error = LLVMOrcLLJITAddLLVMIRModule(lljit, LLVMOrcLLJITGetMainJITDylib(lljit), shared);
  if (error) {
    *message = take_error(arena, error);
    nc_jit_destroy(jit);
    return NULL;
  }
  return jit;
}

void nc_jit_destroy(NcJit *jit) {
  if (!jit)
    return;
  LLVMErrorRef error = LLVMOrcDisposeLLJIT(jit->lljit);
  if (error)
    LLVMConsumeError(error);
}

NcrtPhase nc_jit_phase(NcJit *jit, const char *name) {
  LLVMOrcExecutorAddress address = 0;
  LLVMErrorRef error = LLVMOrcLLJITLookup(jit->lljit, &address, name);
  if (error) {
    LLVMConsumeError(error);
    return NULL;
  }
  return (NcrtPhase)(uintptr_t)address;
}

static char *machine_text(NcArena *arena, LLVMTargetMachineRef machine, LLVMModuleRef module,
                          const char **message) {
  LLVMMemoryBufferRef buffer = NULL;
  char *text = NULL;
  if (LLVMTargetMachineEmitToMemoryBuffer(machine, module, LLVMAssemblyFile, &text, &buffer)) {
    *message = nc_arena_strdup(arena, text);
    LLVMDisposeMessage(text);
    return NULL;
  }
  char *copy = nc_arena_strndup(arena, LLVMGetBufferStart(buffer), LLVMGetBufferSize(buffer));
  LLVMDisposeMemoryBuffer(buffer);
  return copy;
}

char *nc_emit_text(NcArena *arena, const NcEmitEntry *entries, int count, const NcTarget *target,
                   bool assembly, const char **message) {
  LLVMTargetMachineRef machine = make_machine(arena, target, message);
  if (!machine)
    return NULL;
  LLVMContextRef context = LLVMContextCreate();
  LLVMModuleRef module = make_module(arena, context, machine, entries, count, target, message);
  char *result = NULL;
  if (module && assembly) {
    result = machine_text(arena, machine, module, message);
  } else if (module) {
    char *text = LLVMPrintModuleToString(module);
    result = nc_arena_strdup(arena, text);
    LLVMDisposeMessage(text);
  }
  if (module)
    LLVMDisposeModule(module);
  LLVMContextDispose(context);
  LLVMDisposeTargetMachine(machine);
  return result;
}
