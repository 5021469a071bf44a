// Values as the pixels of an image.
#include "driver/pixels.h"
#include "driver/values.h"

#include <math.h>

bool nc_input_image(const NcrtShape *shape, NcImageShape *image) {
  return nc_image_shape(shape, image) && (shape->rank > 2 || shape->dtype == NCRT_U8);
}

bool nc_output_image(const NcrtShape *sample, NcImageShape *image) {
  NcrtShape batched = {.dtype = sample->dtype, .rank = sample->rank + 1, .batched = 1};
  if (sample->rank != 3)
    return false;
  for (int d = 0; d < sample->rank; d++)
    batched.dims[d + 1] = sample->dims[d];
  return nc_image_shape(&batched, image) && image->channels != 2 && image->height > 1 &&
         image->width > 1;
}

typedef struct Scale {
  double low, high;
} Scale;

static Scale find_scale(NcrtDtype dtype, const void *data, int64_t first, int64_t count) {
  Scale scale = {INFINITY, -INFINITY};
  for (int64_t i = 0; i < count; i++) {
    double value = nc_value_at(dtype, data, first + i);
    if (isfinite(value)) {
      scale.low = fmin(scale.low, value);
      scale.high = fmax(scale.high, value);
    }
  }
  bool floats = dtype >= NCRT_F32;
  if (!floats || (scale.low >= 0 && scale.high > 1 && scale.high <= 255))
    return (Scale){0, 255};
  return scale.low >= 0 && scale.high <= 1 ? (Scale){0, 1} : scale;
}

NcPixels nc_pixels_make(NcArena *arena, NcrtDtype dtype, const void *data, int64_t first,
                        NcImageShape shape) {
  int have = shape.channels, want = have >= 3 ? 3 : 1;
  int64_t count = (int64_t)shape.height * shape.width;
  Scale scale = find_scale(dtype, data, first, count * have);
  uint8_t *bytes = nc_arena_alloc(arena, (size_t)(count * want));
  for (int64_t i = 0; i < count; i++)
    for (int c = 0; c < want; c++) {
      double value = nc_value_at(dtype, data, first + i * have + c);
      double share = (value - scale.low) / fmax(scale.high - scale.low, 1e-30);
      bytes[i * want + c] = (uint8_t)lrint(255 * (share > 0 ? share < 1 ? share : 1 : 0));
    }
  return (NcPixels){shape.width, shape.height, want, bytes};
}
