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

typedef NC_VEC(const char *) NcTexts;

// `csv("iris.csv", column = "species")`: a reader and its settings. The runtime's read.h says what
// they mean.
typedef struct NcReading {
  const char *reader;
  const char *file; // as written
  NcSpan file_span; // of the string, for messages about the file
  const char *text; // the whole as it stands in the source, on one line
  NcDtype dtype;    // of the input
  NcTexts columns;
  NcSpan name_span; // of the columns, or of the array
  bool one_column;
  char separator;
  const char *array;
  NcTexts classes;
  NcSpan classes_span;
} NcReading;

// `image = reshape(idx("file"), [N, 28, 28, 1])`: an input fed from a file.
typedef struct NcBinding {
  int input; // number in NcProgram.inputs
  NcReading reading;
  NcTexts classes; // names of the values by number, as the source or the file gives them; or none
} NcBinding;

typedef struct NcDataset {
  const char *name;
  NcSpan span;
  int64_t samples; // 0 where no file was looked at
  NC_VEC(NcBinding) bindings;
  const struct NcPartition
      *split; // that this data set is a part of, or NULL; bindings are the whole's
  int part;
} NcDataset;

// A tensor of a file that a first value is made of: an input of the graph `initialize`.
typedef struct NcStored {
  const char *input;  // its name
  const char *file;   // as written
  const char *tensor; // its name there; NULL in an npy file, which has one
  NcType type;
} NcStored;

// `dataset a, b = split(whole, 0.8)`; of `take(whole, 100)` the data set is the first part, of
// `skip(whole, 100)` the last of two.
typedef struct NcPartSize {
  double share; // of the samples; 0: `samples` says
  int64_t samples;
} NcPartSize;
typedef struct NcPartition {
  const char *view;         // "split", "take" or "skip"
  int whole;                // number in NcProgram.datasets
  NC_VEC(NcPartSize) sizes; // of the parts but the last, which is the rest
  bool shuffle;             // the samples are dealt in an order that the seed gives
  int64_t seed;
} NcPartition;
// Which samples of the split's order a part takes: first … end-1. Shares are rounded, halves up; a
// part beyond the samples is empty.
void nc_partition_part(const NcPartition *split, int part, int64_t samples, int64_t *first,
                       int64_t *end);

typedef struct NcTrain {
  bool present;          // the file has a train block
  int data;              // number in datasets, -1 for none
  int validate;          // likewise
  int64_t batch, epochs; // batch defaults to 128, epochs to 1
  bool shuffle;          // the samples, anew in each epoch; by default
  bool drop_last;        // a last batch that is not full is left out; not by default
  const char *monitor;   // the loss or metric that says which epoch is best; or NULL
  bool monitor_falls;    // the lower the better
  int64_t patience;      // epochs without a better one that end the training; 0: any number
  const char *loss_name; // what the loss is called among the metrics
  NcSpan span;
} NcTrain;

// A binding, output or metric of the top level that has no type in the source, and its type.
typedef struct NcUntyped {
  NcSpan name_span;
  NcType type;
  bool varies; // it is another one in training
} NcUntyped;

typedef struct NcProgram {
  // Graphs, before the passes (names are fixed):
  //   initialize     updates every param and optimizer state with its first value; inputs: `stored`
  //   predict        results: the outputs; inputs: only those they need
  //   evaluate       results: the loss (if any) and the metrics, `training` false
  //   fetch          results: "fetch[I]", what is asked for; only if something is
  //   train_step     results: the loss and the metrics, `training` true; only with a train block
  //   update NAME    one a param: input `grad` of the param's type; updates of the param and its
  //   optimizer state
  NcModule *module;
  NC_VEC(NcInput) inputs;
  NC_VEC(NcDataset) datasets;
  NC_VEC(NcStored) stored;
  NC_VEC(NcUntyped *) untyped;
  NcTrain train;
} NcProgram;

typedef enum NcFactsStatus {
  NC_FACTS_OK,
  NC_FACTS_MISSING, // there is no such file
  NC_FACTS_NO_NAME, // it has not a column or array that is asked for
  NC_FACTS_BAD,     // it cannot be used
} NcFactsStatus;

// What a reader finds in a file.
typedef struct NcFacts {
  NcFactsStatus status;
  const char *message; // BAD: what is wrong
  const char *no_name; // NO_NAME: the column or array, of those that there are
  NcTexts names;
  NcType type; // OK: with N leading
  int64_t samples;
  NcTexts classes;     // that the file has, or those of the reading
  const char *outside; // of the input's range: what and where; or NULL
} NcFacts;

typedef struct NcSemaOptions {
  // Asked for the facts of a file that feeds an input, all allocated in the arena. NULL: no file is
  // looked at.
  void (*facts)(void *context, NcArena *arena, const NcReading *reading, const NcInput *input,
                NcFacts *facts);
  void *facts_context;
  // Likewise for the type of a tensor in a file that gives a first value.
  NcFactsStatus (*stored)(void *context, NcArena *arena, const NcStored *stored, NcType *type,
                          const char **message);
  void *stored_context;
  // A list of expressions whose values are wanted beside the outputs, or NULL; the graph `evaluate`
  // gives them too, or in training the graph `train_step`.
  const NcExprAst *fetch;
  bool fetch_training;
  bool require_data; // a missing file of a data set that is used is an error, not passed over
} NcSemaOptions;

// Checks a parsed file and builds its program. NULL if errors were reported.
NcProgram *nc_sema(NcArena *arena, NcSourceMap *sources, const NcFileAst *file, NcDiags *diags,
                   const NcSemaOptions *options);

#endif
