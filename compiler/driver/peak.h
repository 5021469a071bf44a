// What this machine's processor can do at most.
#ifndef NC_DRIVER_PEAK_H
#define NC_DRIVER_PEAK_H

#include "driver/load.h"

// GFLOP/s of multiply-adds of f32 or f64 on registers alone, one thread: the best of several short
// runs of generated code. The graph is any of the program's. 0 on failure, with one line in
// *message.
double nc_peak_measure(NcUnit *unit, const NcGraph *graph, const NcTarget *target, NcDtype dtype,
                       const char **message);

#endif
