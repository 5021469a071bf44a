// A derivative as a program of the language.
#ifndef NC_DRIVER_DUMP_NET_H
#define NC_DRIVER_DUMP_NET_H

#include "driver/derivative.h"

// Writes a whole .net file, laid out as netc fmt does: the inputs, params and buffers that the
// gradients need, a binding a node, and an output for `of` and each gradient.
void nc_dump_net(NcText *out, NcUnit *unit, const NcDerivative *derivative);

#endif
