// The code generator behind an interface, in a shared object of its own: LLVM takes memory and time
// to load, which only those pay who have something to compile.
#ifndef NC_EMIT_GENERATOR_H
#define NC_EMIT_GENERATOR_H

#include "code.h"
#include "emit/model.h"

typedef enum NcModelForm { NC_MODEL_OBJECT, NC_MODEL_ASSEMBLY, NC_MODEL_LLVM } NcModelForm;

typedef struct NcGenerator {
  const char *build; // nc_build_id of what it was built with; first, for nc_plugin_load
  // One part as an object of the target's machine, in the arena. Several threads may ask for parts
  // at once, each with an arena of its own. False on failure, with one line in *message.
  bool (*object)(NcArena *arena, const NcEmitParts *parts, int part, const NcTarget *target,
                 NcrtObject *object, const char **message);
  // All parts together as text: assembly, or LLVM IR after its passes. NULL on failure, likewise.
  char *(*text)(NcArena *arena, const NcEmitParts *parts, const NcTarget *target, bool assembly,
                const char **message);
  // A model, likewise: the bytes of a file, NUL-terminated if they are text.
  bool (*model)(NcArena *arena, const NcModel *model, const NcTarget *target, NcModelForm form,
                NcrtObject *file, const char **message);
} NcGenerator;

// Tells builds of the code generator apart: two with one id make the same code of the same plans.
extern const char nc_build_id[];

// Loads the code generator, as nc_plugin_load does.
const NcGenerator *nc_generator(NcArena *arena, const char **message);

// The name of the shared object, and of the function in it that gives the generator.
#define NC_GENERATOR_FILE "libnetc_llvm.so"
#define NC_GENERATOR_FUNCTION "nc_generator_llvm"

#endif
