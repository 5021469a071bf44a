// Writing a program in a form for other tools.
#ifndef NC_DRIVER_BUILD_H
#define NC_DRIVER_BUILD_H

#include "driver/load.h"

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

#endif
