// The training loop and evaluation: epochs, batches, metrics, validation, checkpoints.
#ifndef NCRT_TRAIN_H
#define NCRT_TRAIN_H

#include "checkpoint.h"
#include "iterator.h"
#include "session.h"

#include <signal.h>

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
  int entry;             // that runs
} NcrtPass;

// What an epoch of training gave.
typedef struct NcrtEpoch {
  int64_t epoch, epochs, step;
  int64_t samples; // that were processed
  NcrtMetrics training, validation;
  bool validated, best; // best: the monitored figure was never as good
} NcrtEpoch;

// The figure that says which epoch is best: the loss or a metric, of the validation if there is
// one, else of the training.
typedef struct NcrtMonitor {
  const char *name; // NULL: none
  bool falls;       // the lower the better
} NcrtMonitor;

// Called as the work goes on; each function may be NULL.
typedef struct NcrtWatcher {
  void *context;
  void (*begin)(void *context, const NcrtPass *pass);
  void (*step)(void *context, const NcrtPass *pass);    // after every step
  void (*epoch)(void *context, const NcrtEpoch *epoch); // after validation, before the checkpoint
} NcrtWatcher;

typedef struct NcrtTraining {
  const NcrtDataset *data;
  const NcrtDataset *validate; // or NULL
  int64_t batch, epochs;       // batch at most the session's max_batch
  bool in_order;               // the samples are not shuffled
  bool drop_last;              // a last batch that is not full is left out, unless it is the first
  NcrtCursor start;            // {0} for a new training
  const char *checkpoint;      // path, written after every epoch; or NULL
  int64_t checkpoint_every;    // and after so many steps; 0: only then
  const char *best_checkpoint; // path, written after an epoch that is the best so far; or NULL
  NcrtMonitor monitor;
  NcrtBest best;    // of the training so far; {0} for a new one
  int64_t patience; // epochs without a best one that end the training; 0: any number
  // Whether to stop, which a signal's handler or a watcher may set: the training then ends after
  // the step, or the validation, that runs, and its state is saved. Or NULL.
  const volatile sig_atomic_t *stop;
  // For the checkpoint; see NcrtCheckpointInfo.
  const char *source, *source_name, *data_text;
  const NcrtText *texts;
  int text_count;
  NcrtWatcher watcher;
} NcrtTraining;

typedef enum NcrtEnd {
  NCRT_END_DONE,     // all epochs are done
  NCRT_END_PATIENCE, // there was no better epoch for too long
  NCRT_END_STOPPED,  // `stop` was set
} NcrtEnd;

// How a training went.
typedef struct NcrtOutcome {
  NcrtEnd end;
  NcrtEpoch last; // that was done; last.epochs is 0 if there was none
  NcrtBest best;
  int64_t samples; // that were processed
  bool not_finite; // it failed because the loss of a step was not finite; the step is undone
} NcrtOutcome;

// Trains by the entry "train_step" until `epochs` epochs are done, each followed by "evaluate" over
// the validation set if there is one. The first result of "train_step" is the loss. The session's
// variables and step count must have been set (ncrt_session_initialize or a checkpoint). A loss
// that is not finite ends the training with an error before it changes a variable; so does a param
// that is not finite at an epoch's end, before it is saved. The metrics of an epoch are those of
// "train_metrics" and "metrics". *outcome, if not NULL, is filled, after a failure with what was
// done until then.
bool ncrt_train(NcrtSession *session, const NcrtTraining *training, NcrtOutcome *outcome,
                NcrtStatus *status);

// Runs "evaluate" over a data set, in order, and gives its loss and metrics.
bool ncrt_evaluate(NcrtSession *session, const NcrtDataset *dataset, int64_t batch,
                   const NcrtWatcher *watcher, NcrtMetrics *metrics, NcrtStatus *status);

// The metrics of the pass so far: the scalar results of "train_metrics" or "metrics".
bool ncrt_metrics_read(NcrtSession *session, bool training, NcrtMetrics *metrics,
                       NcrtStatus *status);

#endif
