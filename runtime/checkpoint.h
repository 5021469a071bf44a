// Saves a session to a checkpoint and restores it. docs/checkpoint.md specifies the file.
#ifndef NCRT_CHECKPOINT_H
#define NCRT_CHECKPOINT_H

#include "safetensors.h"
#include "session.h"

// Of the keys and their meaning, not of netc.
#define NCRT_CHECKPOINT_VERSION 1

// The epoch of a training whose monitored figure was best.
typedef struct NcrtBest {
  double value;
  int64_t epoch; // how many epochs were done then; 0 if there is none yet
} NcrtBest;

#define NCRT_KEY_IMPORT "netc.import." // then the path from the .net file: its text
#define NCRT_KEY_SET "netc.set."       // then a constant's name: the value that was set

// What a checkpoint tells beside its tensors. All of it is a function of the training: no paths,
// times or threads.
typedef struct NcrtCheckpointInfo {
  int64_t step;            // training steps that were done
  int64_t epoch, position; // the data cursor: where training goes on
  int64_t samples;         // rows of the training set, to which the cursor belongs
  int64_t seed;
  int64_t batch;       // samples a step; 0 in files that do not tell it
  const char *digest;  // of the training set (ncrt_dataset_digest); or NULL
  const char *monitor; // the figure that `best` is of, "-loss"; or NULL
  NcrtBest best;
  const char *source;      // the .net file's text
  const char *source_name; // its name without folders
  const char *data;        // the data sets, in words for a reader; or NULL
  const char *classes;     // names of the inputs' classes, as classes.h writes them; or NULL
  // Further texts of the program, by keys that begin as below. In a file that was read these are
  // all texts that it has.
  const NcrtText *texts;
  int text_count;
} NcrtCheckpointInfo;

// The texts of a file with this info, as metadata; `texts` has room for NCRT_CHECKPOINT_TEXTS more
// than the info has, `numbers` for what they are made of. Gives how many there are.
#define NCRT_CHECKPOINT_TEXTS 15
typedef char NcrtNumbers[9][32];
int ncrt_checkpoint_texts(const NcrtCheckpointInfo *info, NcrtNumbers numbers, NcrtText *texts);

// Writes all variables of the session, and the info.
bool ncrt_checkpoint_save(const char *path, const NcrtSession *session,
                          const NcrtCheckpointInfo *info, NcrtStatus *status);

// Reads the info; its strings belong to the file, and only `source` and `source_name` are never
// NULL. Fails if netc did not write the file, or a newer netc did.
bool ncrt_checkpoint_info(const NcrtSafetensors *file, NcrtCheckpointInfo *info,
                          NcrtStatus *status);

typedef enum NcrtLoad {
  NCRT_LOAD_PARAMS, // every param and buffer must be in the file; the rest is taken if it is
                    // there
  NCRT_LOAD_ALL,    // every variable must be in the file
} NcrtLoad;

// Copies the file's tensors to the session's variables of the same names. Shapes and dtypes must
// agree; tensors that the program does not have are passed over. Nothing is copied unless all fits.
// Counters are the caller's to set.
bool ncrt_checkpoint_load(const NcrtSafetensors *file, NcrtSession *session, NcrtLoad load,
                          NcrtStatus *status);

#endif
