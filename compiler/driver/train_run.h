// A training as `netc train` asks for it: what is prepared (train_setup.c), run (train.c) and said
// about it (train_report.c).
#ifndef NC_DRIVER_TRAIN_RUN_H
#define NC_DRIVER_TRAIN_RUN_H

#include "driver/plot_file.h"
#include "driver/resume.h"
#include "driver/train_log.h"
#include "driver/train_watch.h"

typedef struct NcTrainRun {
  const NcOptions *options;
  NcUnit *unit;
  NcExperiment e;
  NcResume resume;
  NcShown shown;
  NcrtTraining training;
  NcrtDataset few;      // of --overfit
  const char *out;      // where the checkpoint would go; training.checkpoint is NULL if it is kept
  const char *log_path; // or NULL
  NcTrainLog log;
  NcTrainWatch watch;
  NcPlotFile plot; // of --plot
} NcTrainRun;

// Chooses from the options, the file and the checkpoint that is resumed what is trained, on what,
// and where the files go. NC_EXIT_OK, or the exit code after a message.
int nc_train_prepare(NcTrainRun *run);

// The first and the last line of the log; `failure` is NULL, or what ended it.
void nc_train_report_start(NcTrainRun *run);
void nc_train_report_end(NcTrainRun *run, const NcrtOutcome *outcome, double seconds,
                         const char *failure);
// The last lines on the terminal.
void nc_train_summarise(const NcTrainRun *run, const NcrtOutcome *outcome, double seconds);
// Draws the curves of what the log holds. NC_EXIT_OK, or the exit code after a message.
int nc_train_draw(const NcTrainRun *run);

#endif
