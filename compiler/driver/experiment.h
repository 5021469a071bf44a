// A program with its data, compiled and in a session: what train and eval work with.
#ifndef NC_DRIVER_EXPERIMENT_H
#define NC_DRIVER_EXPERIMENT_H

#include "driver/compile.h"
#include "driver/load.h"
#include "driver/plot_file.h"
#include "netc_rt.h"

typedef struct NcExperiment {
  NcUnit *unit;
  const NcOptions *options; // where values are fetched
  NcPlotFile plot;          // likewise, with --plot
  NcrtProgram inputs;       // only the inputs: what data sets are bound to before there is code
  NcrtDataset *datasets;    // by number in the program; opened as they are asked for
  const char *const *later; // of the entries, those whose code is made when one of them first runs
  const char *timed;        // the graph whose calls are timed, or NULL
  const NcPlan *timed_plan; // its plan, once there is code
  int lap_count;            // and how many laps it has
  NcCompiled *compiled;
  int64_t memory; // bytes that the compiled entries need
  NcrtSession *session;
} NcExperiment;

void nc_experiment_open(NcExperiment *e, NcUnit *unit);
void nc_experiment_close(NcExperiment *e);

// A data set of the program, read whole and its ranges checked; it belongs to the experiment. NULL,
// with a line printed.
const NcrtDataset *nc_experiment_data(NcExperiment *e, int number);
// The same into e->datasets[number], with a status in place of the line.
bool nc_experiment_open_data(NcExperiment *e, int number, NcrtStatus *status);

// The number of the data set of that name, or for NULL of the one that validates, or else of the
// one that trains. -1, with a line printed.
int nc_experiment_choose(const NcProgram *program, const char *name);

// Runs the passes, compiles the named entries, and opens a session. NC_EXIT_OK, or the exit code
// after a message.
int nc_experiment_compile(NcExperiment *e, const NcOptions *options, const char *const *names,
                          int64_t batch, int64_t seed);

// The compiling part of it, after the passes, also for further entries; memory for that batch is
// checked. The caller closes what it gives.
int nc_experiment_code(NcExperiment *e, const NcOptions *options, const char *const *names,
                       int64_t batch, NcCompiled **compiled);

// The same by emitted C and a C compiler, a command and its options with blanks between. *compiled
// stays NULL if there is none, or it fails, as a message says.
int nc_experiment_c(NcExperiment *e, const NcOptions *options, const char *const *names,
                    int64_t batch, const char *compiler, NcCompiled **compiled);

// The same after a run failed: an undefined value is shown with the line of the source that met it.
int nc_experiment_fail(NcExperiment *e, const NcrtStatus *status);

// Reads the checkpoint that the command line names, and calls `work` with a unit opened on its
// source. Gives what that gave, or the exit code after a message.
typedef int NcCheckpointWork(NcUnit *unit, const NcOptions *options, const NcrtSafetensors *file);
int nc_with_checkpoint(const NcOptions *options, NcCheckpointWork *work);

// Prints a runtime's status and gives its exit code.
int nc_fail_status(const NcrtStatus *status);

#endif
