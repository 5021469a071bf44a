// The naive reference of the window operators: where each window's first maximum is.
#include "ops/window.h"

#include <math.h>

// Whether element i wins over the element `best` that came before it.
static bool wins(const NcTensor *x, int64_t i, int64_t best) {
  if (best < 0)
    return true;
  if (!nc_dtype_is_float(x->type.dtype))
    return nc_tensor_get_int(x, i) > nc_tensor_get_int(x, best);
  double a = nc_tensor_get(x, i), b = nc_tensor_get(x, best);
  return a > b || (isnan(a) && !isnan(b));
}

// Continues the search of one window with spatial dimension d; `index` is the element's, filled in
// up to d.
static void search(const NcTensor *x, const NcWindow *window, const int64_t *first, int d,
                   int64_t *index, int64_t *best) {
  if (d == window->spatial || d == NC_WINDOW_MAX_SPATIAL) {
    int64_t i = nc_tensor_offset(x, index);
    if (wins(x, i, *best))
      *best = i;
    return;
  }
  for (int64_t r = 0; r < window->size[d]; r++) {
    index[1 + d] = first[d] + r;
    if (index[1 + d] >= 0 && index[1 + d] < window->in[d])
      search(x, window, first, d + 1, index, best);
  }
}

int64_t *nc_window_eval(NcArena *arena, const NcTensor *x, const NcType *pooled,
                        const NcAttr *attrs) {
  NcWindow window = nc_window_geometry(&x->type, attrs);
  NcTensor shape = {.type = *pooled, .count = nc_type_elements(pooled).c};
  int64_t *offsets = NC_NEW_ARRAY(arena, int64_t, shape.count);
  for (int64_t i = 0; i < shape.count; i++) {
    int64_t index[NC_MAX_RANK], first[NC_WINDOW_MAX_SPATIAL];
    nc_tensor_index(&shape, i, index);
    for (int d = 0; d < window.spatial; d++)
      first[d] = index[1 + d] * window.stride[d] - window.low[d];
    offsets[i] = -1;
    search(x, &window, first, 0, index, &offsets[i]);
  }
  return offsets;
}
