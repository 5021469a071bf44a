// The training loop and evaluation: epochs, batches, metrics, validation, checkpoints.
#ifndef NCRT_TRAIN_H
#define NCRT_TRAIN_H

#include "checkpoint.h"
#include "iterator.h"
#include "session.h"

#define NCRT_MAX_METRICS 64

typedef struct NcrtMetric {
  const char *name; // belongs to the program
  double value;
} NcrtMetric;

typedef struct NcrtMetrics {
  int count;
  NcrtMetric items[NCRT_MAX_METRICS];
} NcrtMetrics;

// A pass over a data set, as its watcher sees it.
typedef struct NcrtPass {
  NcrtSession *session;
  bool training;
  int64_t epoch, epochs; // epoch from 0; epochs is 0 if the pass is no part of a training
  int64_t samples, done; // of the data set, and those that were processed in this epoch
} NcrtPass;

// What an epoch of training gave.
typedef struct NcrtEpoch {
  int64_t epoch, epochs, step;
  int64_t samples; // that were processed
  NcrtMetrics training, validation;
  bool validated;
} NcrtEpoch;

// Called as the work goes on; each function may be NULL.
typedef struct NcrtWatcher {
  void *context;
  void (*begin)(void *context, const NcrtPass *pass);
  void (*step)(void *context, const NcrtPass *pass);    // after every step
  void (*epoch)(void *context, const NcrtEpoch *epoch); // after validation and checkpoint
} NcrtWatcher;

typedef struct NcrtTraining {
  const NcrtDataset *data;
  const NcrtDataset *validate; // or NULL
  int64_t batch, epochs;       // batch at most the session's max_batch
  bool in_order;               // the samples are not shuffled
  bool drop_last;              // a last batch that is not full is left out, unless it is the first
  NcrtCursor start;            // {0} for a new training
  const char *checkpoint;      // path, written after every epoch; or NULL
  // For the checkpoint; see NcrtCheckpointInfo.
  const char *source, *source_name, *data_text;
  const NcrtText *texts;
  int text_count;
  NcrtWatcher watcher;
} NcrtTraining;

// Trains by the entry "train_step" until `epochs` epochs are done, each followed by "evaluate" over
// the validation set if there is one. The session's variables and step count must have been set
// (ncrt_session_initialize or a checkpoint). A loss that is not finite ends the training with an
// error before it changes a variable; so does a param that is not finite at an epoch's end, before
// it is saved. The metrics of an epoch are those of "train_metrics" and "metrics". *last, if not
// NULL, receives the last epoch.
bool ncrt_train(NcrtSession *session, const NcrtTraining *training, NcrtEpoch *last,
                NcrtStatus *status);

// Runs "evaluate" over a data set, in order, and gives its loss and metrics.
bool ncrt_evaluate(NcrtSession *session, const NcrtDataset *dataset, int64_t batch,
                   const NcrtWatcher *watcher, NcrtMetrics *metrics, NcrtStatus *status);

// The metrics of the pass so far: the scalar results of "train_metrics" or "metrics".
bool ncrt_metrics_read(NcrtSession *session, bool training, NcrtMetrics *metrics,
                       NcrtStatus *status);

#endif
