// The samples that a network predicts: files of the command line, or a data set.
#ifndef NC_DRIVER_SAMPLES_H
#define NC_DRIVER_SAMPLES_H

#include "driver/experiment.h"
#include "driver/fit_picture.h"

// Of a file.
typedef struct NcSampleInfo {
  const char *name; // "digit.png", "rows.csv[3]"
  const char *note; // how a picture was converted, or NULL
} NcSampleInfo;

typedef struct NcSamples {
  const NcrtDataset *data;
  const char *dataset;       // its name; NULL for files
  NcrtDataset own;           // of files
  NC_VEC(NcSampleInfo) info; // of files, by row
} NcSamples;

// Opens what the command line names: its files, else a data set. `inputs` are the numbers of those
// that prediction needs; `file` is the checkpoint, whose classes hold. NC_EXIT_OK, or the exit code
// after a message.
int nc_samples_open(NcSamples *samples, NcExperiment *e, const NcOptions *options,
                    const int *inputs, int count, const NcrtSafetensors *file);
void nc_samples_close(NcSamples *samples);

#endif
