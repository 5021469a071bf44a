// From a module to a program that runs: plans, code, and the tables the runtime reads.
#ifndef NC_DRIVER_COMPILE_H
#define NC_DRIVER_COMPILE_H

#include "abi.h"
#include "emit/functions.h"
#include "emit/parts.h"
#include "kernel/plan.h"
#include "sema/program.h"

// Makes the code of some entries.
typedef bool NcMakeCode(void *context, NcFunctions *code, struct NcrtStatus *status);

typedef struct NcCompiled {
  NcrtProgram program;     // lives in the arena; its code until nc_compiled_destroy
  NcFunctions code, later; // of all entries but those that are linked later, and of these
} NcCompiled;

// Plans the graphs named (all of the module's if `names` is NULL); those the module lacks are
// passed over. *count receives how many entries there are.
NcEmitEntry *nc_plan_entries(NcArena *arena, const NcModule *module, const char *const *names,
                             const NcTarget *target, int *count);

// A type, and inputs, as the runtime knows them.
NcrtShape nc_runtime_shape(const NcType *type);
NcrtInput *nc_runtime_inputs(NcArena *arena, const NcInput *inputs, int count);

// Where a plan's values lie, as many as plan->placed has.
NcrtRange *nc_runtime_ranges(NcArena *arena, const NcPlan *plan);

// Makes the tables of entries whose code is given, which the result takes over. `inputs` gives the
// program's inputs with their ranges; inputs of graphs that are not among them (as in graphs read
// from text) are added after them. NULL on failure, with one line in *message.
NcCompiled *nc_compile(NcArena *arena, const NcModule *module, const NcEmitEntry *entries,
                       int count, const NcInput *inputs, int input_count, NcFunctions code,
                       const char **message);
// Leaves the code of entries `first` … count-1, which `code` has not, to be made by `make`, once,
// when one of them is first run.
NcCompiled *nc_compile_later(NcArena *arena, const NcModule *module, const NcEmitEntry *entries,
                             int count, int first, const NcInput *inputs, int input_count,
                             NcFunctions code, NcMakeCode *make, void *context,
                             const char **message);
void nc_compiled_destroy(NcCompiled *compiled); // NULL is allowed

#endif
