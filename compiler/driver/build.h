// Writing a program in a form for other tools.
#ifndef NC_DRIVER_BUILD_H
#define NC_DRIVER_BUILD_H

#include "driver/experiment.h"
#include "emit/generator.h"

typedef struct NcBuild {
  NcUnit *unit; // checked
  const NcOptions *options;
  const char *out; // the file to write, which ncrt_file_check_target allows
} NcBuild;

// What `netc build --emit=KIND` writes. NC_EXIT_OK, or the exit code after a message.
int nc_build_c(const NcBuild *build);
int nc_build_object(const NcBuild *build);
int nc_build_assembly(const NcBuild *build);
int nc_build_llvm(const NcBuild *build);
int nc_build_onnx(const NcBuild *build);
int nc_build_html(const NcBuild *build);

// The graph whose results are wanted: what --fetch asks for, or the outputs. NULL after a message
// that there are none.
const NcGraph *nc_build_graph(const NcBuild *build);

// What the results of that graph are called: as they were asked for, or by their names.
const char *const *nc_build_names(const NcBuild *build, const NcGraph *graph);

// Opens a session with the values that variables have at first, of a checkpoint those of `load`,
// whatever processor is built for. NC_EXIT_OK, or the exit code after a message.
int nc_build_values(const NcBuild *build, NcExperiment *e, NcrtLoad load);
// A variable's value in the session of the experiment that the context is.
const void *nc_build_value(void *experiment, const NcVariable *variable);

// Builds the function of that graph as an object for browsers, and hands it over with what it is
// from outside. NC_EXIT_OK, or the exit code after a message.
typedef int NcModelUse(const NcBuild *build, const NcModel *model, const NcrtObject *object);
int nc_build_wasm(const NcBuild *build, NcModelUse *use);

#endif
