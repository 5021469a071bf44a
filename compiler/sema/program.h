// What the front end makes of a .net file: the graphs, and the facts of the experiment that are not
// graphs.
#ifndef NC_SEMA_PROGRAM_H
#define NC_SEMA_PROGRAM_H

#include "base/diag.h"
#include "ir/graph.h"
#include "syntax/ast.h"

typedef struct NcInput {
  const char *name;
  NcType type;
  bool has_range; // integer values lie in low … high-1
  int64_t low, high;
  NcSpan span;
} NcInput;

// `image = reshape(idx("file"), [N, 28, 28, 1])`: an input fed from a file.
typedef struct NcBinding {
  int input;          // number in NcProgram.inputs
  const char *reader; // "idx"
  const char *file;   // as written
  NcSpan file_span;   // of the string, for messages about the file
} NcBinding;

typedef struct NcDataset {
  const char *name;
  NcSpan span;
  NC_VEC(NcBinding) bindings;
} NcDataset;

// A tensor of a file that a first value is made of: an input of the graph `initialize`.
typedef struct NcStored {
  const char *input; // its name
  const char *file;  // as written
  const char *tensor;
  NcType type;
} NcStored;

typedef struct NcTrain {
  bool present;          // the file has a train block
  int data;              // number in datasets, -1 for none
  int validate;          // likewise
  int64_t batch, epochs; // batch defaults to 128, epochs to 1
  NcSpan span;
} NcTrain;

typedef struct NcProgram {
  // Graphs, before the passes (names are fixed):
  //   initialize     updates every param and optimizer state with its first value; inputs: `stored`
  //   predict        results: the outputs; inputs: only those they need
  //   evaluate       results: the loss (if any) and the metrics, `training` false
  //   train_step     results: the loss and the metrics, `training` true; only with a train block
  //   update NAME    one a param: input `grad` of the param's type; updates of the param and its
  //   optimizer state
  NcModule *module;
  NC_VEC(NcInput) inputs;
  NC_VEC(NcDataset) datasets;
  NC_VEC(NcStored) stored;
  NcTrain train;
} NcProgram;

typedef enum NcFactsStatus { NC_FACTS_OK, NC_FACTS_MISSING, NC_FACTS_BAD } NcFactsStatus;

typedef struct NcSemaOptions {
  // Asked for the type (with N leading, and the number of samples) of what a reader finds in a
  // file; on NC_FACTS_BAD sets *message to what is wrong (allocated in the arena). NULL: no file is
  // looked at.
  NcFactsStatus (*facts)(void *context, NcArena *arena, const char *reader, const char *file,
                         NcType *type, int64_t *samples, const char **message);
  void *facts_context;
  // Likewise for the type of a tensor in a file that gives a first value.
  NcFactsStatus (*stored)(void *context, NcArena *arena, const NcStored *stored, NcType *type,
                          const char **message);
  void *stored_context;
  bool require_data; // a missing file of a data set that is used is an error, not passed over
} NcSemaOptions;

// Checks a parsed file and builds its program. NULL if errors were reported.
NcProgram *nc_sema(NcArena *arena, NcSourceMap *sources, const NcFileAst *file, NcDiags *diags,
                   const NcSemaOptions *options);

#endif
