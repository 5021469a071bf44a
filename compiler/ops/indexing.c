// What gather and scatter_add share: see indexing.h.
#include "ops/indexing.h"

#include "ops/elementwise.h"
#include "ops/structure.h"

bool nc_indexing_check(NcInfer *infer, int axes) {
  const NcConstraint *constraints = infer->op->constraints;
  const NcType *index = &infer->operands[1];
  int64_t axis = infer->attrs[NC_INDEXING_AXIS].i, batch = infer->attrs[NC_INDEXING_BATCH].i;
  if (!nc_dtype_is_integer(index->dtype))
    return nc_infer_fail(infer, constraints[0].id, 1, -1, "an index is an integer, not %s",
                         nc_dtype_name(index->dtype));
  if (!nc_check_axis(infer, constraints[1].id, axis, axes, 0))
    return false;
  if (batch < 0 || batch > axis || batch > index->rank)
    return nc_infer_fail(infer, constraints[2].id, 1, -1,
                         "%lld leading dimensions cannot be shared before axis %lld by an index "
                         "with %d",
                         (long long)batch, (long long)axis, index->rank);
  return true;
}

NcIndexing nc_indexing_of_whole(const NcAttr *attrs, int rank, int index_rank) {
  NcIndexing g = {.axis = (int)attrs[NC_INDEXING_AXIS].i, .batch = (int)attrs[NC_INDEXING_BATCH].i};
  g.rows = index_rank - g.batch;
  g.after = rank - g.axis - 1;
  return g;
}

NcIndexing nc_indexing_of_picked(const NcAttr *attrs, int rank, int index_rank) {
  NcIndexing g = nc_indexing_of_whole(attrs, rank, index_rank);
  g.after = rank - g.axis - g.rows;
  return g;
}

// What is out of range counts as 0, so that nothing is read or written elsewhere.
NcTe *nc_indexing_positions(NcTeBuilder *builder, NcTe *index, int64_t size) {
  NcTe *positions = nc_te_compute(builder, nc_type_with_dtype(index->type, NC_I64));
  NcExpr *at = nc_lower_element(builder, index), *wide = nc_x_cast(builder, NC_I64, at);
  NcExpr *zero = nc_x_const_int(builder, NC_I64, 0), *end = nc_x_const_int(builder, NC_I64, size);
  NcExpr *inside = nc_x_binary(builder, NC_X_AND, nc_x_binary(builder, NC_X_LE, zero, wide),
                               nc_x_binary(builder, NC_X_LT, wide, end));
  NcExpr *checked = nc_x_check(builder, wide, inside);
  positions->body = nc_x_select(builder, inside, checked, zero);
  return positions;
}

int64_t *nc_indexing_eval(NcEval *e, const NcIndexing *g, const NcTensor *whole,
                          const NcTensor *picked) {
  const NcTensor *index = e->operands[1];
  int64_t size = whole->type.dims[g->axis].c;
  int64_t *offsets = NC_NEW_ARRAY(e->arena, int64_t, picked->count + 1);
  for (int64_t i = 0; i < picked->count; i++) {
    int64_t from[NC_MAX_RANK], row[NC_MAX_RANK], to[NC_MAX_RANK];
    nc_tensor_index(picked, i, from);
    for (int d = 0; d < index->type.rank; d++)
      row[d] = d < g->batch ? from[d] : from[g->axis + d - g->batch];
    int64_t at = nc_tensor_get_int(index, nc_tensor_offset(index, row));
    if (at < 0 || at >= size) {
      e->error =
          nc_arena_printf(e->arena, "index %lld is not in 0..%lld", (long long)at, (long long)size);
      return NULL;
    }
    for (int d = 0; d < g->axis; d++)
      to[d] = from[d];
    to[g->axis] = at;
    for (int d = 0; d < g->after; d++)
      to[g->axis + 1 + d] = from[g->axis + g->rows + d];
    offsets[i] = nc_tensor_offset(whole, to);
  }
  return offsets;
}
