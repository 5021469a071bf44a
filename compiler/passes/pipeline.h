// The pipeline of passes over the graph IR, and the passes by name.
#ifndef NC_PASSES_PIPELINE_H
#define NC_PASSES_PIPELINE_H

#include "base/diag.h"
#include "ir/graph.h"

typedef struct NcPass {
  const char *name;    // as in `netc opt --pass=NAME`; NULL ends the table
  const char *summary; // one line for help and documentation
  // False if something is wrong with what the user gave, which was reported.
  bool (*run)(NcModule *module, NcDiags *diags);
} NcPass;

// All passes; those of the pipeline stand in its order, first.
extern const NcPass nc_passes[];
const NcPass *nc_pass_by_name(const char *name); // or NULL

// Runs one pass; debug builds then verify the module and end with what is broken.
bool nc_pass_run(const NcPass *pass, NcModule *module, NcDiags *diags);

// Runs the pipeline. `after` (or NULL) is called with the module as each pass has left it.
typedef void (*NcPassHook)(void *context, const NcPass *pass, const NcModule *module);
bool nc_passes_run(NcModule *module, NcDiags *diags, NcPassHook after, void *context);

#endif
