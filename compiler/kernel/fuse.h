// Fusion: composes tensor expressions so that fewer tensors are stored.
#ifndef NC_KERNEL_FUSE_H
#define NC_KERNEL_FUSE_H

#include "kernel/lower.h"

// Rewrites the graph's expressions in place and removes from builder.tensors what no result, update
// or remaining expression needs. Afterwards every result and update is a COMPUTE tensor of its own,
// and every COMPUTE tensor that is left is stored. `blas`: large products may go to BLAS and keep
// their form.
void nc_fuse(NcTensorGraph *graph, bool blas);

// A product that BLAS can do: y[i, j] = sum over k of a * b, a indexed by {i, k} and b by {k, j} in
// either order.
typedef struct NcGemm {
  NcTe *a, *b;
  bool ta, tb;
  NcDim m, n, k;
} NcGemm;

// Whether the tensor is such a product and large enough for BLAS to be worth the call; decided by
// compile-time values alone (N counts as large).
bool nc_te_is_gemm(const NcTe *te, NcGemm *gemm);

#endif
