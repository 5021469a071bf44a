// Prepares modules for the address sanitizer.
#include "emit/llvm_sanitize.h"

#include <llvm-c/Support.h>
#include <string.h>

// The pass takes these from LLVM's command line alone, which can be set once. Objects have no
// constructors that would be run, and no variables to be registered by them; and the sanitizer
// of the process is not asked at run time whether it keeps stack frames apart.
__attribute__((constructor)) static void set_options(void) {
  static const char *const options[] = {"netc", "-asan-constructor-kind=none",
                                        "-asan-use-after-return=never"};
  if (NCRT_SANITIZED)
    LLVMParseCommandLineOptions(3, options, NULL);
}

void nc_llvm_sanitize(LLVMModuleRef module) {
  unsigned kind = LLVMGetEnumAttributeKindForName("sanitize_address", strlen("sanitize_address"));
  LLVMAttributeRef attribute = LLVMCreateEnumAttribute(LLVMGetModuleContext(module), kind, 0);
  for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f))
    LLVMAddAttributeAtIndex(f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, attribute);
}
