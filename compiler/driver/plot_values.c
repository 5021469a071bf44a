// Chooses pictures of tensors.
#include "driver/plot_values.h"

#include "driver/values.h"
#include "netc_rt.h"
#include "pictures/figure.h"

#include <math.h>

enum { MOST_TILES = 1024 };

// Tiles of a tensor: element (tile, y, x) lies at outer * tile / inner + … in strides of elements.
typedef struct Tiles {
  int64_t height, width; // of a tile
  int64_t outer, inner;  // tile number = o * inner + i
  int64_t step_outer, step_inner, step_y, step_x;
} Tiles;

static bool find_tiles(const NcrtShape *shape, int64_t batch, Tiles *tiles) {
  const int64_t *d = shape->dims;
  int64_t side = shape->rank == 2 ? llround(sqrt((double)d[0])) : 0;
  if (shape->rank == 4 && shape->batched)
    *tiles = (Tiles){d[1], d[2], batch, d[3], d[1] * d[2] * d[3], 1, d[2] * d[3], d[3]};
  else if (shape->rank == 4)
    *tiles = (Tiles){d[0], d[1], d[3], d[2], 1, d[3], d[1] * d[2] * d[3], d[2] * d[3]};
  else if (shape->rank == 2 && !shape->batched && side >= 8 && side * side == d[0])
    *tiles = (Tiles){side, side, 1, d[1], 0, 1, side * d[1], d[1]};
  else
    return false;
  return tiles->height > 1 && tiles->width > 1 && tiles->height <= 4096 && tiles->width <= 4096;
}

static NcPicture *draw_tiles(NcArena *arena, const NcPainter *painter, const char *title,
                             NcrtDtype dtype, const void *data, const Tiles *t) {
  int64_t all = t->outer * t->inner;
  int count = (int)(all < MOST_TILES ? all : MOST_TILES);
  float *values = NC_NEW_ARRAY(arena, float, count * t->height * t->width + 1), *to = values;
  for (int tile = 0; tile < count; tile++) {
    int64_t first = tile / t->inner * t->step_outer + tile % t->inner * t->step_inner;
    for (int64_t y = 0; y < t->height; y++)
      for (int64_t x = 0; x < t->width; x++)
        *to++ = (float)nc_value_at(dtype, data, first + y * t->step_y + x * t->step_x);
  }
  if (all > count)
    title = nc_arena_printf(arena, "%s: the first %d of %lld", title, count, (long long)all);
  return nc_figure_tiles(arena, painter, title, values, count, (int)t->height, (int)t->width);
}

NcPicture *nc_plot_values(NcArena *arena, const NcPainter *painter, const char *name,
                          const NcrtShape *shape, int64_t batch, const void *data) {
  char type[200];
  Tiles tiles;
  const char *title =
      nc_arena_printf(arena, "%s: %s", name, ncrt_shape_print(type, sizeof type, shape));
  if (find_tiles(shape, batch, &tiles))
    return draw_tiles(arena, painter, title, shape->dtype, data, &tiles);
  int64_t count = ncrt_shape_elements(shape, batch);
  float *values = NC_NEW_ARRAY(arena, float, count + 1);
  for (int64_t i = 0; i < count; i++)
    values[i] = (float)nc_value_at(shape->dtype, data, i);
  return nc_figure_histogram(arena, painter, title, values, count);
}
