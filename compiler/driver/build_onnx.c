// netc build --emit=onnx: the network as an ONNX model.
#include "driver/build.h"

#include <stdio.h>

int nc_build_onnx(const NcBuild *build) {
  fprintf(stderr, "netc build: %s: not yet\n", build->out);
  return NC_EXIT_MACHINE;
}
