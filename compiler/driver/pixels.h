// Values as the pixels of an image.
#ifndef NC_DRIVER_PIXELS_H
#define NC_DRIVER_PIXELS_H

#include "driver/fit_picture.h"
#include "pictures/picture.h"

// Whether the samples of an input are images. Values of a table are none, though there may be as
// many as a square has.
bool nc_input_image(const NcrtShape *shape, NcImageShape *image);

// Whether an output is one, by the shape of a sample, without N.
bool nc_output_image(const NcrtShape *sample, NcImageShape *image);

// The image whose elements begin at element `first`: gray, or of 3 or 4 channels the three colours.
// Floats lie in 0 … 1, in 0 … 255, or are stretched to their range.
NcPixels nc_pixels_make(NcArena *arena, NcrtDtype dtype, const void *data, int64_t first,
                        NcImageShape shape);

#endif
