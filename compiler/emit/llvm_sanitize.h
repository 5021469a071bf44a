// Generated code in builds with the address sanitizer.
#ifndef NC_EMIT_LLVM_SANITIZE_H
#define NC_EMIT_LLVM_SANITIZE_H

#include "poison.h"

#include <llvm-c/Core.h>

// Marks all functions of a module for LLVM's pass "asan".
void nc_llvm_sanitize(LLVMModuleRef module);

#endif
