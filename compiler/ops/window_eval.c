// The naive reference of the window operators: which elements each window has, and which is its
// first maximum.
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

typedef struct Walk {
  const NcTensor *x;
  NcWindow window;
  int64_t first[NC_WINDOW_MAX_SPATIAL]; // where the window at work begins
  int64_t number;                       // of the window
  NcWindowVisit visit;
  void *context;
} Walk;

// Goes on through one window with spatial dimension d; `index` is the element's, filled in up to d.
static void walk(const Walk *w, int d, int64_t *index) {
  if (d == w->window.spatial || d == NC_WINDOW_MAX_SPATIAL) {
    w->visit(w->context, nc_tensor_offset(w->x, index), w->number);
    return;
  }
  for (int64_t r = 0; r < w->window.size[d]; r++) {
    index[1 + d] = w->first[d] + r;
    if (index[1 + d] >= 0 && index[1 + d] < w->window.in[d])
      walk(w, d + 1, index);
  }
}

void nc_window_each(const NcTensor *x, const NcTensor *pooled, const NcAttr *attrs,
                    NcWindowVisit visit, void *context) {
  Walk w = {
      .x = x, .window = nc_window_geometry(&x->type, attrs), .visit = visit, .context = context};
  for (w.number = 0; w.number < pooled->count; w.number++) {
    int64_t index[NC_MAX_RANK];
    nc_tensor_index(pooled, w.number, index);
    for (int d = 0; d < w.window.spatial; d++)
      w.first[d] = index[1 + d] * w.window.stride[d] - w.window.low[d];
    walk(&w, 0, index);
  }
}

typedef struct Search {
  const NcTensor *x;
  int64_t *best; // by window
} Search;

static void keep_best(void *context, int64_t element, int64_t window) {
  Search *s = context;
  if (wins(s->x, element, s->best[window]))
    s->best[window] = element;
}

int64_t *nc_window_eval(NcArena *arena, const NcTensor *x, const NcTensor *pooled,
                        const NcAttr *attrs) {
  Search s = {x, NC_NEW_ARRAY(arena, int64_t, pooled->count)};
  for (int64_t i = 0; i < pooled->count; i++)
    s.best[i] = -1;
  nc_window_each(x, pooled, attrs, keep_best, &s);
  return s.best;
}
