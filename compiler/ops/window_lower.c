// What the tensor expressions of the window operators share.
#include "ops/window.h"

#include <math.h>

bool nc_window_outside(const NcWindow *window, int d) {
  int64_t last = (window->out[d] - 1) * window->stride[d] + window->size[d] - 1 - window->low[d];
  return window->low[d] > 0 || last >= window->in[d];
}

void nc_window_reduce(NcTe *te, const NcWindow *window, NcAffine *x) {
  x[0] = nc_affine_axis(0);
  for (int d = 0; d < window->spatial; d++) {
    NcAffine first = nc_affine_scale(nc_affine_axis(1 + d), window->stride[d]);
    NcAffine offset = nc_affine_axis(nc_te_reduce(te, nc_dim(window->size[d])));
    x[1 + d] = nc_affine_offset(nc_affine_add(first, offset), -window->low[d]);
  }
  x[1 + window->spatial] = nc_affine_axis(1 + window->spatial);
}

NcExpr *nc_window_load(NcTeBuilder *builder, const NcWindow *window, NcTe *x, const NcAffine *index,
                       double fill) {
  for (int d = 0; d < window->spatial; d++)
    if (nc_window_outside(window, d))
      return nc_x_load_padded(builder, x, index, fill);
  return nc_x_load(builder, x, index);
}

static NcExpr *conjunction(NcTeBuilder *builder, NcExpr *a, NcExpr *b) {
  return a ? nc_x_binary(builder, NC_X_AND, a, b) : b;
}

// Whether the element lies in x, or NULL where all do: an element of x may equal the padding's
// fill.
static NcExpr *inside(NcTeBuilder *builder, const NcWindow *window, const NcAffine *x) {
  NcExpr *all = NULL;
  for (int d = 0; d < window->spatial; d++) {
    if (!nc_window_outside(window, d))
      continue;
    NcExpr *index = nc_x_index(builder, x[1 + d]);
    NcExpr *least = nc_x_const_int(builder, NC_I64, 0),
           *limit = nc_x_const_int(builder, NC_I64, window->in[d]);
    all = conjunction(builder, all, nc_x_binary(builder, NC_X_LE, least, index));
    all = conjunction(builder, all, nc_x_binary(builder, NC_X_LT, index, limit));
  }
  return all;
}

NcTe *nc_window_first_max(NcTeBuilder *builder, const NcWindow *window, NcTe *x,
                          const NcType *pooled) {
  int64_t elements = 1;
  for (int d = 0; d < window->spatial; d++)
    elements *= window->size[d];
  NcDtype dtype = elements < UINT8_MAX ? NC_U8 : NC_I32;
  NcTe *number = nc_te_compute(builder, nc_type_with_dtype(*pooled, dtype));
  NcAffine index[NC_MAX_RANK];
  nc_window_reduce(number, window, index);
  number->reduce = NC_REDUCE_ARGMAX;
  number->body = nc_window_load(builder, window, x, index, nc_window_lowest(x->type.dtype));
  number->where = inside(builder, window, index);
  return number;
}

double nc_window_nowhere(const NcTe *number) {
  return number->type.dtype == NC_U8 ? UINT8_MAX : -1;
}

NcExpr *nc_window_selected(NcTeBuilder *builder, const NcWindow *window, NcExpr *number, int axis,
                           NcExpr *value) {
  NcAffine at = nc_affine_constant(0);
  for (int d = 0; d < window->spatial; d++)
    at = nc_affine_add(nc_affine_scale(at, window->size[d]), nc_affine_axis(axis + d));
  NcExpr *here = nc_x_cast(builder, number->dtype, nc_x_index(builder, at));
  NcExpr *equal = nc_x_binary(builder, NC_X_EQ, number, here);
  return nc_x_select(builder, equal, value, nc_x_const(builder, value->dtype, 0));
}

double nc_window_lowest(NcDtype dtype) {
  if (dtype == NC_U8)
    return 0;
  if (dtype == NC_I32)
    return INT32_MIN;
  return dtype == NC_I64 ? (double)INT64_MIN : -(double)INFINITY;
}
