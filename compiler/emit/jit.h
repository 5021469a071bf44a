// Plans as machine code in this process, and LLVM's and the assembler's view of them.
#ifndef NC_EMIT_JIT_H
#define NC_EMIT_JIT_H

#include "emit/functions.h"
#include "emit/generator.h"

typedef struct NcJit NcJit;

// What a program's parts became, in the order of the parts.
typedef struct NcObjects {
  NcrtObject items[NC_MAX_PARTS];
  int count;
} NcObjects;

// Compiles the entries with the code generator, several parts at once. False on failure, with one
// line in *message (all allocated in the arena).
bool nc_jit_generate(NcArena *arena, const NcGenerator *generator, const NcEmitEntry *entries,
                     int count, const NcTarget *target, NcObjects *objects, const char **message);
// Loads objects, made now or kept from an earlier run. NULL on failure, likewise.
NcJit *nc_jit_load(NcArena *arena, const NcObjects *objects, const char **message);
// Both: generates with nc_generator's, and loads.
NcJit *nc_jit_compile(NcArena *arena, const NcEmitEntry *entries, int count, const NcTarget *target,
                      const char **message);
// Frees the code: no function of it may be called afterwards. NULL is allowed.
void nc_jit_destroy(NcJit *jit);
// A function of an entry by name, as nc_llvm_module names them; NULL if there is none.
NcrtPhase nc_jit_phase(NcJit *jit, const char *name);

// Both as functions, which take the code over.
NcFunctions nc_jit_functions(NcJit *jit);

// The entries as text: LLVM IR after its passes, or assembly. NULL on failure, with *message.
char *nc_emit_text(NcArena *arena, const NcEmitEntry *entries, int count, const NcTarget *target,
                   bool assembly, const char **message);

#endif
