// Recognises products that BLAS can do, by their structure.
#include "kernel/fuse.h"

// Whether the load is x[p, q] or x[q, p] with whole dimensions.
static bool indexed_by(const NcTe *te, const NcExpr *load, int p, int q, bool *transposed) {
  if (load->kind != NC_X_LOAD || load->padded || load->loaded[0] || load->tensor->type.rank != 2 ||
      load->tensor->layout)
    return false;
  int first = nc_affine_sole_axis(&load->index[0]), second = nc_affine_sole_axis(&load->index[1]);
  *transposed = first == q && second == p;
  if (!*transposed && !(first == p && second == q))
    return false;
  const NcType *type = &load->tensor->type;
  return nc_dim_equal(type->dims[0], te->extents[first]) &&
         nc_dim_equal(type->dims[1], te->extents[second]);
}

static bool is_plain_product(const NcTe *te) {
  return te->kind == NC_TE_COMPUTE && te->reduce == NC_REDUCE_SUM && te->axis_count == 2 &&
         te->reduce_count == 1 && te->type.rank == 2 && !te->where && !te->finish && !te->partial &&
         !te->layout && te->body->kind == NC_X_MUL && nc_dtype_is_float(te->type.dtype) &&
         te->body->dtype == te->type.dtype;
}

static double operand_size(const NcTe *x) {
  return nc_type_has_batch(&x->type) ? 0 : (double)nc_type_elements(&x->type).c;
}

bool nc_te_is_gemm(const NcTe *te, int64_t blas, NcGemm *gemm) {
  if (blas == 0 || !is_plain_product(te))
    return false;
  if (!nc_affine_is_axis(&te->store[0], 0) || !nc_affine_is_axis(&te->store[1], 1))
    return false;
  for (int swap = 0; swap < 2; swap++) {
    const NcExpr *a = te->body->args[swap], *b = te->body->args[1 - swap];
    bool ta, tb;
    if (!indexed_by(te, a, 0, 2, &ta) || !indexed_by(te, b, 2, 1, &tb))
      continue;
    // Either operand or, where both have N, the result is what stays the same for every batch.
    double size = operand_size(a->tensor) + operand_size(b->tensor) + operand_size(te);
    if (size < (double)blas)
      return false;
    if (gemm)
      *gemm =
          (NcGemm){a->tensor, b->tensor, ta, tb, te->extents[0], te->extents[1], te->extents[2]};
    return true;
  }
  return false;
}
