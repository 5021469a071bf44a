// Layouts: where padded reads find their fill, and packed copies of tensors that a vector loop
// would otherwise read with a stride.
#ifndef NC_KERNEL_LAYOUT_H
#define NC_KERNEL_LAYOUT_H

#include "kernel/lower.h"
#include "kernel/target.h"

// After fusion. Gives tensors that are read beyond their edges a layout with a halo, so that every
// load becomes an affine address; where a tensor must stay dense, or two readers want different
// fills, a copy is added. What sums of products read or write vector by vector has rows of whole
// vectors, ended by slack; copies of invariant operands are packed so, with the axis that will be
// vectorised last. What depends on the target is
// how much is packed, never the order of a sum.
void nc_layout(NcTensorGraph *graph, const NcTarget *target);

// Whether there are places that are no elements and hold the fill.
bool nc_te_has_fill(const NcTe *te);
// Elements that rows of a dimension of that size need behind their end to be whole vectors.
int64_t nc_row_slack(NcDim size);

// Elements from one index to the next along each dimension, and the address of element 0.
void nc_te_strides(const NcTe *te, int64_t *strides, int64_t *offset);
// How many elements the tensor's storage has, fill included.
NcDim nc_te_storage(const NcTe *te);
// The address of a load in elements of its tensor's storage, `loaded` left out, and that of the
// store.
NcAffine nc_load_address(const NcExpr *load);
NcAffine nc_store_address(const NcTe *te);
// The tensor whose storage a tensor's elements are in: the base of a view, else itself.
NcTe *nc_te_storage_of(NcTe *te);

#endif
