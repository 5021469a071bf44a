// What gather and scatter_add share: one tensor is indexed along an axis by positions that another
// one holds.
//
//   whole   [batch…, before…, size,  after…]
//   index   [batch…,          rows…]
//   picked  [batch…, before…, rows…, after…]
#ifndef NC_OPS_INDEXING_H
#define NC_OPS_INDEXING_H

#include "ir/graph.h"
#include "kernel/tensor.h"

// The order of the attributes of both.
enum { NC_INDEXING_AXIS, NC_INDEXING_BATCH };

#define NC_INDEXING_ATTRS                                                                          \
  {"axis", NC_ATTR_INT, "the axis that is indexed"},                                               \
      {"batch", NC_ATTR_INT, "how many leading dimensions the two tensors share"}

typedef struct NcIndexing {
  int axis, batch;
  int rows; // dimensions that stand in place of the axis
  int after;
} NcIndexing;

// Checks constraints c1 to c3, which the two operators number alike, of operands and attributes
// that may be anything: the index is an integer tensor; the axis is less than `axes`; batch is from
// 0 to axis, and the index has as many dimensions.
bool nc_indexing_check(NcInfer *infer, int axes);
// The geometry of attributes that were checked, for a `whole` or `picked` of that rank.
NcIndexing nc_indexing_of_whole(const NcAttr *attrs, int rank, int index_rank);
NcIndexing nc_indexing_of_picked(const NcAttr *attrs, int rank, int index_rank);

// The index as i64, in range for `size` positions: one that is not ends the run with a fault of the
// node being lowered.
NcTe *nc_indexing_positions(NcTeBuilder *builder, NcTe *index, int64_t size);

// The reference: for each element of `picked`, in order, the offset of its element of `whole`. NULL
// with eval->error set if an index is out of range.
int64_t *nc_indexing_eval(NcEval *eval, const NcIndexing *geometry, const NcTensor *whole,
                          const NcTensor *picked);

#endif
