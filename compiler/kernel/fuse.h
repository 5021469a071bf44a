// Fusion: composes tensor expressions so that fewer tensors are stored.
#ifndef NC_KERNEL_FUSE_H
#define NC_KERNEL_FUSE_H

#include "kernel/lower.h"

// Rewrites the graph's expressions in place and removes from builder.tensors what no result, update
// or remaining expression needs. Afterwards every result and update is a COMPUTE tensor of its own,
// and every COMPUTE tensor that is left is stored. Products that go to BLAS keep their form; `blas`
// as in NcTarget.
void nc_fuse(NcTensorGraph *graph, int64_t blas);
// The second of fusion's moves alone: sums take maps as their finish that became their only use
// since.
void nc_fuse_finishes(NcTensorGraph *graph, int64_t blas);

// A product that BLAS can do: y[i, j] = sum over k of a * b, a indexed by {i, k} and b by {k, j} in
// either order.
typedef struct NcGemm {
  NcTe *a, *b;
  bool ta, tb;
  NcDim m, n, k;
} NcGemm;

// Whether the tensor is such a product and goes to BLAS: decided by compile-time values alone. A
// generated tile is faster as long as the operand that is gone through for every few rows stays
// in cache. `gemm` may be NULL.
bool nc_te_is_gemm(const NcTe *te, int64_t blas, NcGemm *gemm);

#endif
