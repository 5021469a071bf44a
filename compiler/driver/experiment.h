// A program with its data, compiled and in a session: what train and eval work with.
#ifndef NC_DRIVER_EXPERIMENT_H
#define NC_DRIVER_EXPERIMENT_H

#include "driver/compile.h"
#include "driver/load.h"
#include "netc_rt.h"

typedef struct NcExperiment {
  NcUnit *unit;
  NcrtProgram inputs; // only the inputs: what data sets are bound to before there is code
  NcCompiled *compiled;
  NcrtSession *session;
} NcExperiment;

void nc_experiment_open(NcExperiment *e, NcUnit *unit);
void nc_experiment_close(NcExperiment *e);

// Reads a data set of the program whole and checks its ranges. False, with a line printed.
bool nc_experiment_data(NcExperiment *e, int dataset, NcrtDataset *data);

// Runs the passes, compiles the named entries, and opens a session. NC_EXIT_OK, or the exit code
// after a message.
int nc_experiment_compile(NcExperiment *e, const NcOptions *options, const char *const *names,
                          int64_t batch, int64_t seed);

// The same after a run failed: an undefined value is shown with the line of the source that met it.
int nc_experiment_fail(NcExperiment *e, const NcrtStatus *status);

// Prints a runtime's status and gives its exit code.
int nc_fail_status(const NcrtStatus *status);

#endif
