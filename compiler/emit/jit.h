// Compiling plans to machine code in this process, and showing LLVM's and the assembler's view of
// them.
#ifndef NC_EMIT_JIT_H
#define NC_EMIT_JIT_H

#include "abi.h"
#include "emit/llvm.h"

typedef struct NcJit NcJit;

// Compiles the entries. NULL on failure, with one line in *message (allocated in the arena).
NcJit *nc_jit_compile(NcArena *arena, const NcEmitEntry *entries, int count, const NcTarget *target,
                      const char **message);
// Frees the code: no function of it may be called afterwards.
void nc_jit_destroy(NcJit *jit);
// A function of the module by name, as nc_llvm_module names them; NULL if there is none.
NcrtPhase nc_jit_phase(NcJit *jit, const char *name);

// The module as text: LLVM IR after its passes, or assembly. NULL on failure, with *message.
char *nc_emit_text(NcArena *arena, const NcEmitEntry *entries, int count, const NcTarget *target,
                   bool assembly, const char **message);

#endif
