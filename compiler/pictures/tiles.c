// Lays out tiles of values: filters, feature maps.
#include "pictures/axes.h"
#include "pictures/figure.h"

#include <math.h>
#include <stdio.h>

static const double page = 480, margin = 8, gap = 4, scale_width = 8;
static const int most_columns = 16;

// What the colours stand for: 0 is white, `most` the full colour, and -most that of negative ones.
typedef struct Scale {
  double most;
  bool negative;
} Scale;

static Scale find_scale(const float *values, int64_t count) {
  Scale scale = {0};
  for (int64_t i = 0; i < count; i++) {
    if (!isfinite(values[i]))
      continue;
    scale.most = fmax(scale.most, fabs(values[i]));
    scale.negative |= values[i] < 0;
  }
  return scale;
}

static void put_colour(const Scale *scale, double value, uint8_t *pixel) {
  double share = scale->most > 0 ? fmin(1, fabs(value) / scale->most) : 0;
  uint32_t full = scale->negative && value > 0 ? NC_VERMILION : NC_BLUE;
  for (int i = 0; i < 3; i++)
    pixel[i] = (uint8_t)lrint(255 + share * ((double)(full >> (16 - 8 * i) & 255) - 255));
  for (int i = 0; i < 3 && !isfinite(value); i++)
    pixel[i] = 0; // black is no value
}

static NcPixels colour_tile(NcArena *arena, const Scale *scale, const float *values, int height,
                            int width) {
  uint8_t *data = nc_arena_alloc(arena, (size_t)height * (size_t)width * 3);
  for (int i = 0; i < height * width; i++)
    put_colour(scale, values[i], data + 3 * i);
  return (NcPixels){width, height, 3, data};
}

// The scale, upright at the right, with the numbers of its ends, and of white where it lies
// between.
static double draw_scale(NcPicture *picture, const Scale *scale, double x, double y,
                         double height) {
  enum { STEPS = 64 };
  uint8_t *data = nc_arena_alloc(picture->arena, 3 * STEPS);
  double low = scale->negative ? -scale->most : 0, widest = 0;
  for (int i = 0; i < STEPS; i++)
    put_colour(scale, scale->most + (low - scale->most) * i / (STEPS - 1), data + 3 * i);
  NcRect box = {x, y, scale_width, height};
  nc_draw_image(picture, box, (NcPixels){1, STEPS, 3, data});
  nc_draw_frame(picture, box, NC_DIM, 0.5);
  double line = nc_text_height(picture, nc_chart_font);
  for (int i = 0; i <= 2; i++) {
    if (i == 1 && !scale->negative)
      continue;
    const char *number =
        nc_arena_printf(picture->arena, "%.3g", scale->most + (low - scale->most) * i / 2);
    double width = nc_draw_text(picture, x + scale_width + 3, y + (height - line) * i / 2, 80,
                                number, nc_chart_font, NC_LEFT);
    widest = fmax(widest, width);
  }
  return scale_width + 3 + widest;
}

NcPicture *nc_figure_tiles(NcArena *arena, const NcPainter *painter, const char *title,
                           const float *values, int count, int height, int width) {
  NcPicture *picture = nc_picture_create(arena, painter, title);
  Scale scale = find_scale(values, (int64_t)count * height * width);
  int columns = (int)ceil(sqrt(count));
  columns = columns < most_columns ? columns : most_columns;
  double side = fmin(48, page / columns - gap), tall = side * height / width;
  int rows = (count + columns - 1) / columns;
  double top = margin + nc_text_height(picture, nc_chart_title_font) + 4;
  double wide = columns * (side + gap) - gap, high = fmax(rows * (tall + gap) - gap, 30);
  for (int i = 0; i < count; i++) {
    NcRect box = {margin + i % columns * (side + gap), top + i / columns * (tall + gap), side,
                  tall};
    nc_draw_image(
        picture, box,
        colour_tile(arena, &scale, values + (size_t)i * (size_t)(height * width), height, width));
    nc_draw_frame(picture, box, NC_RULE, 0.5);
  }
  double scaled = draw_scale(picture, &scale, margin + wide + 10, top, high);
  picture->width = 2 * margin + fmax(wide + 10 + scaled, 120);
  nc_draw_text(picture, margin, margin, picture->width - 2 * margin, title, nc_chart_title_font,
               NC_LEFT);
  picture->height = margin + top + high;
  return picture;
}
