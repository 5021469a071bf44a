// Pictures as a network wants them: converted to the size and the channels of an input.
#ifndef NC_DRIVER_FIT_PICTURE_H
#define NC_DRIVER_FIT_PICTURE_H

#include "base/text.h"
#include "netc_rt.h"
#include "picture.h"

typedef struct NcImageShape {
  int height, width, channels;
} NcImageShape;

// The sample of an input as an image: [N, height, width, channels] with 1 to 4 channels,
// [N, height, width], or the rows of a square one after the other, [N, side * side]. False if it
// is none.
bool nc_image_shape(const NcrtShape *shape, NcImageShape *image);

// Whether most of an image's border is light. Values are 0 … 255.
bool nc_has_light_border(const float *values, NcImageShape shape);

// Exchanges light and dark.
void nc_invert(float *values, NcImageShape shape);

// Reads a PNG file and converts it, to values 0 … 255 (not rounded): transparency is laid over
// white; colours become gray by ITU-R BT.601; the size is changed by areas where the picture is
// larger, else by bilinear interpolation, its proportions kept and the rest filled with its
// background. What was done is added to `steps`, each after ", ".
bool nc_fit_picture(const char *path, NcImageShape shape, float *values, NcrtPicture *picture,
                    NcText *steps, NcrtStatus *status);

#endif
