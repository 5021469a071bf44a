// The geometry that window_max, window_max_scatter and window_max_pick share: windows slide over
// the spatial dimensions of x[N', spatial…, C], and the elements of a window are numbered in
// row-major order.
#ifndef NC_OPS_WINDOW_H
#define NC_OPS_WINDOW_H

#include "ir/graph.h"
#include "kernel/tensor.h"

#define NC_WINDOW_MAX_SPATIAL 3

// The order of the attributes of all three.
enum { NC_WINDOW_SIZE, NC_WINDOW_STRIDE, NC_WINDOW_PADDING };

#define NC_WINDOW_ATTRS                                                                            \
  {"window", NC_ATTR_INTS, "size of the window, by spatial dimension"},                            \
      {"stride", NC_ATTR_INTS, "step of the window, by spatial dimension"},                        \
      {"padding", NC_ATTR_INTS, "room before and after, by spatial dimension; never the maximum"}

typedef struct NcWindow {
  int spatial;
  int64_t in[NC_WINDOW_MAX_SPATIAL], out[NC_WINDOW_MAX_SPATIAL], size[NC_WINDOW_MAX_SPATIAL];
  int64_t stride[NC_WINDOW_MAX_SPATIAL], low[NC_WINDOW_MAX_SPATIAL], high[NC_WINDOW_MAX_SPATIAL];
} NcWindow;

// Checks constraints c1 to c6, which the three operators number alike, of operand 0 and attributes
// that may be anything, and gives the type of the pooled tensor.
bool nc_window_check(NcInfer *infer, NcType *pooled);
// Checks constraint c7 of scatter and pick: operand 1 has the type `type`, which is that of `what`.
bool nc_window_check_second(NcInfer *infer, const NcType *type, const char *what);
// The geometry of a type and attributes that were checked.
NcWindow nc_window_geometry(const NcType *x, const NcAttr *attrs);

// Whether windows reach into the padding along spatial dimension d.
bool nc_window_outside(const NcWindow *window, int d);
// Adds a reduction over the window's elements to `te`, whose axes are n, pooled positions and
// channel, and sets the index at which each reads x.
void nc_window_reduce(NcTe *te, const NcWindow *window, NcAffine *x);
// Loads an element of x, padded with `fill` only if windows reach outside.
NcExpr *nc_window_load(NcTeBuilder *builder, const NcWindow *window, NcTe *x, const NcAffine *index,
                       double fill);
// A temporary tensor of the pooled shape: the number, in its window, of each window's first
// maximum. It is a u8 where that is enough.
NcTe *nc_window_first_max(NcTeBuilder *builder, const NcWindow *window, NcTe *x,
                          const NcType *pooled);
// A number that no element of a window has, of that tensor's dtype.
double nc_window_nowhere(const NcTe *number);
// `value` where `number` is that of the window's element at given axes, the first of which is
// `axis`, else 0.
NcExpr *nc_window_selected(NcTeBuilder *builder, const NcWindow *window, NcExpr *number, int axis,
                           NcExpr *value);
// The fill that no element of the dtype is below.
double nc_window_lowest(NcDtype dtype);

// The reference: for every element of the pooled tensor, in order, the offset in x of the first
// maximum of its window.
int64_t *nc_window_eval(NcArena *arena, const NcTensor *x, const NcType *pooled,
                        const NcAttr *attrs);

#endif
