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

// Whether each element of x lies in one window at most, and all of each window lies in x.
static bool is_partition(const NcWindow *window) {
  for (int d = 0; d < window->spatial; d++)
    if (window->size[d] > window->stride[d] || nc_window_outside(window, d))
      return false;
  return true;
}

static bool covers(const NcWindow *window) {
  for (int d = 0; d < window->spatial; d++)
    if (window->size[d] < window->stride[d] || window->out[d] * window->stride[d] < window->in[d])
      return false;
  return true;
}

// Every window writes its own elements: axes n, pooled positions, positions in the window, channel.
static NcTe *scatter(NcTeBuilder *builder, const NcType *type, const NcWindow *window, NcTe *pooled,
                     NcTe *number) {
  NcTe *x = nc_te_scatter(builder, *type);
  NcAffine at[NC_MAX_RANK];
  int channels = 1 + window->spatial;
  x->store[0] = at[0] = nc_affine_axis(nc_te_axis(x, type->dims[0]));
  for (int d = 0; d < window->spatial; d++)
    at[1 + d] = nc_affine_axis(nc_te_axis(x, nc_dim(window->out[d])));
  for (int d = 0; d < window->spatial; d++) {
    NcAffine offset = nc_affine_axis(nc_te_axis(x, nc_dim(window->size[d])));
    x->store[1 + d] = nc_affine_add(nc_affine_scale(at[1 + d], window->stride[d]), offset);
  }
  x->store[channels] = at[channels] = nc_affine_axis(nc_te_axis(x, type->dims[channels]));
  x->partial = !covers(window);
  x->body = nc_x_load(builder, pooled, at);
  if (number)
    x->body =
        nc_window_selected(builder, window, nc_x_load(builder, number, at), channels, x->body);
  return x;
}

static NcExpr *load_spaced(NcTeBuilder *builder, const NcWindow *window, NcTe *tensor,
                           const NcAffine *index, double fill) {
  NcExpr *load = nc_x_load_padded(builder, tensor, index, fill);
  for (int d = 0; d < window->spatial; d++)
    load->steps[1 + d] = window->stride[d];
  return load;
}

// A number that no element of a window has, of that tensor's dtype.
static double nowhere(const NcTe *number) { return number->type.dtype == NC_U8 ? UINT8_MAX : -1; }

// Every element sums over the windows that it may lie in, by its place in them.
static NcTe *gather(NcTeBuilder *builder, const NcType *type, const NcWindow *window, NcTe *pooled,
                    NcTe *number) {
  NcTe *x = nc_te_compute(builder, *type);
  NcAffine at[NC_MAX_RANK];
  int rank = type->rank;
  at[0] = nc_affine_axis(0);
  at[rank - 1] = nc_affine_axis(rank - 1);
  for (int d = 0; d < window->spatial; d++) {
    NcAffine back = nc_affine_scale(nc_affine_axis(nc_te_reduce(x, nc_dim(window->size[d]))), -1);
    at[1 + d] = nc_affine_offset(nc_affine_add(nc_affine_axis(1 + d), back), window->low[d]);
  }
  x->reduce = NC_REDUCE_SUM;
  x->body = load_spaced(builder, window, pooled, at, 0);
  if (number) {
    NcExpr *place = load_spaced(builder, window, number, at, nowhere(number));
    x->body = nc_window_selected(builder, window, place, rank, x->body);
  }
  return x;
}

NcTe *nc_lower_window_spread(NcTeBuilder *builder, const NcType *type, const NcWindow *window,
                             NcTe *pooled, NcTe *number) {
  return (is_partition(window) ? scatter : gather)(builder, type, window, pooled, number);
}
