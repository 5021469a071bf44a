// Tensors that hold one element of each window, and zeros.
//
//   p[n, 2*i+j, 2*k+l, c] = number[n,i,k,c] == 2*j+l ? value[n,i,k,c] : 0
//
// then something that keeps zeros, as the mask of a relu. The values alone are a tensor with one
// element a window: v[n,i,k,c] = sum over j,l of p[n, 2*i+j, 2*k+l, c].
#ifndef NC_KERNEL_PICKED_H
#define NC_KERNEL_PICKED_H

#include "kernel/tensor.h"

#define NC_MAX_WINDOWS NC_MAX_LOADED // dimensions that are cut into windows

// A dimension that is cut: which; the axes of p over windows, and within one; from one window to
// the next; the extent of a window, and what a step in it adds to the number.
typedef struct NcWindow {
  int dim, outer, inner;
  int64_t stride, size, weight;
} NcWindow;

typedef struct NcPicked {
  NcTe *te;
  NcExpr *number, *value; // of the element, over the axes of te that are not within windows
  NcWindow windows[NC_MAX_WINDOWS];
  int count;
  NcTe *values; // NULL until something needs it
} NcPicked;

// What is known of a graph's picked tensors while it is rewritten.
typedef struct NcPicker {
  NcTeBuilder *builder;
  NcArena *scratch;
  NcPicked *picked;
  int picked_count;
  NcTes order; // the tensors as they will be
} NcPicker;

// Whether the tensor is picked, and how.
bool nc_picked_find(NcTe *te, NcPicked *p);
// The one that the expression loads; NULL if it is no load of one.
NcPicked *nc_picked_of(NcPicker *s, const NcExpr *x);
// The window that dimension `dim` is cut into, or NULL.
const NcWindow *nc_picked_window(const NcPicked *p, int dim);
// What stands for the axes of p where index[d] is the place along dimension d, of a window if it is
// cut. Axes within windows are left out.
void nc_picked_place(const NcPicked *p, const NcAffine *index, NcAffine *axes);
// The tensor of the values, one a window, which is added to the order.
NcTe *nc_picked_values(NcPicker *s, NcPicked *p);

// Lets what reads a picked tensor where it is, maps and sums, read numbers and values instead, if
// nothing else reads it and it is no result: it need not be stored then. `kept` tells by id.
void nc_picked_spread(NcPicker *s, NcPicked *p, const bool *kept);

#endif
