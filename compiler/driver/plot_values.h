// Pictures of tensors.
#ifndef NC_DRIVER_PLOT_VALUES_H
#define NC_DRIVER_PLOT_VALUES_H

#include "abi.h"
#include "driver/plot_file.h"

// What shows the values best: tiles of a convolution's kernel f32[height, width, in, out], one for
// each pair, output by output; of feature maps f32[N, height, width, channels], one for each
// channel, sample by sample; of weights f32[side * side, out], one for each output; of anything
// else, and of windows of one pixel, a histogram.
NcPicture *nc_plot_values(NcArena *arena, const NcPainter *painter, const char *name,
                          const NcrtShape *shape, int64_t batch, const void *data);

#endif
