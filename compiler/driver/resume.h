// Going on with a training where its checkpoint stands.
#ifndef NC_DRIVER_RESUME_H
#define NC_DRIVER_RESUME_H

#include "driver/experiment.h"

typedef struct NcResume {
  const char *path;     // NULL: a new training, and the rest is empty
  NcrtSafetensors file; // to be closed
  NcrtCheckpointInfo info;
} NcResume;

// These print a line where they give another code than NC_EXIT_OK.

// Reads the checkpoint that --resume names, if it does; a --seed must be its own.
int nc_resume_open(NcResume *resume, const NcOptions *options);
void nc_resume_close(NcResume *resume);
// Checks that the program is the checkpoint's: that it computes the same, however it is written.
int nc_resume_check_program(const NcResume *resume, NcUnit *unit, const NcOptions *options);
// Checks that the training goes on with the samples and batches that it had.
int nc_resume_check_training(const NcResume *resume, const NcrtTraining *training);
// Sets the session's variables and counters, and where the training starts.
int nc_resume_load(const NcResume *resume, NcExperiment *e, NcrtTraining *training);

#endif
