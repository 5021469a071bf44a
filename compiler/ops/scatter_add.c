// scatter_add: zeros to which parts are added at positions along an axis.
#include "ops/build.h"
#include "ops/elementwise.h"
#include "ops/indexing.h"
#include "ops/reference.h"
#include "ops/structure.h"

enum { SIZE = NC_INDEXING_BATCH + 1 };

// Whether the operands agree where both have a dimension.
static bool dims_fit(const NcIndexing *g, const NcType *values, const NcType *index) {
  for (int d = 0; d < index->rank; d++) {
    int other = d < g->batch ? d : g->axis + d - g->batch;
    if (!nc_dim_equal(index->dims[d], values->dims[other]))
      return false;
  }
  return true;
}

static bool infer(NcInfer *infer) {
  const NcType *values = &infer->operands[0], *index = &infer->operands[1];
  if (!nc_indexing_check(infer, values->rank + 1))
    return false;
  if (!nc_dtype_is_numeric(values->dtype))
    return nc_infer_fail(infer, "scatter_add_c4", 0, -1, "takes numbers, not %s",
                         nc_dtype_name(values->dtype));
  NcIndexing g = nc_indexing_of_picked(infer->attrs, values->rank, index->rank);
  if (g.after < 0 || !dims_fit(&g, values, index))
    return nc_infer_fail(infer, "scatter_add_c5", 0, 1,
                         "the index's shape, %s, must stand in that of the values, %s, at axis %d",
                         nc_type_format(infer->arena, index), nc_type_format(infer->arena, values),
                         g.axis);
  if (infer->attrs[SIZE].i < 1)
    return nc_infer_fail(infer, "scatter_add_c6", -1, -1, "the size must be at least 1, not %lld",
                         (long long)infer->attrs[SIZE].i);
  if (g.axis + 1 + g.after > NC_MAX_RANK)
    return nc_infer_fail(infer, "scatter_add_c7", 0, 1, "the result would have %d dimensions",
                         g.axis + 1 + g.after);
  infer->result = *values;
  infer->result.rank = g.axis + 1 + g.after;
  infer->result.dims[g.axis] = nc_dim(infer->attrs[SIZE].i);
  for (int d = 0; d < g.after; d++)
    infer->result.dims[g.axis + 1 + d] = values->dims[g.axis + g.rows + d];
  return nc_check_result(infer, "scatter_add_c7");
}

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  if (wanted[0])
    dx[0] = nc_gather(graph, dy, node->operands[1], node->attrs);
}

// A sum over the rows of those whose index is the position along the axis: the condition has the
// form that the scheduler does not test but goes to. One row is simply there or not.
static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  NcTe *values = operands[0], *index = operands[1];
  NcIndexing g = nc_indexing_of_picked(node->attrs, values->type.rank, index->type.rank);
  NcTe *positions = nc_indexing_positions(builder, index, node->attrs[SIZE].i);
  NcTe *te = nc_te_compute(builder, node->type);
  NcAffine at[NC_MAX_RANK], row[NC_MAX_RANK];
  for (int d = 0; d < g.axis; d++)
    at[d] = nc_affine_axis(d);
  for (int d = 0; d < g.batch; d++)
    row[d] = nc_affine_axis(d);
  for (int d = 0; d < g.rows; d++)
    at[g.axis + d] = row[g.batch + d] =
        nc_affine_axis(nc_te_reduce(te, index->type.dims[g.batch + d]));
  for (int d = 0; d < g.after; d++)
    at[g.axis + g.rows + d] = nc_affine_axis(g.axis + 1 + d);
  NcExpr *here = nc_x_binary(builder, NC_X_EQ, nc_x_index(builder, nc_affine_axis(g.axis)),
                             nc_x_load(builder, positions, row));
  te->body = nc_x_load(builder, values, at);
  if (g.rows > 0) {
    te->reduce = NC_REDUCE_SUM;
    te->where = here;
  } else {
    te->body = nc_x_select(builder, here, te->body, nc_x_const(builder, node->type.dtype, 0));
  }
  return te;
}

static bool eval(NcEval *e) {
  const NcTensor *values = e->operands[0];
  NcIndexing g = nc_indexing_of_picked(e->attrs, values->type.rank, e->operands[1]->type.rank);
  int64_t *offsets = nc_indexing_eval(e, &g, e->result, values);
  if (!offsets)
    return false;
  NcSums sums = nc_sums_begin(e);
  for (int64_t i = 0; i < values->count; i++)
    nc_sums_add(&sums, offsets[i], values, i);
  nc_sums_end(&sums);
  return true;
}

static const NcAttrDecl attrs[] = {
    NC_INDEXING_ATTRS, {"size", NC_ATTR_INT, "the result's size along the axis"}, {0}};

static const NcConstraint constraints[] = {
    {"scatter_add_c1", "E0304", "the index is a tensor of integers",
     "scatter_add f32[2], f32[2] {axis = 0, batch = 0, size = 3} : f32[3]"},
    {"scatter_add_c2", "E0308", "`axis` is an axis of the result",
     "scatter_add f32[2], i64[] {axis = 2, batch = 0, size = 3} : f32[2, 3]"},
    {"scatter_add_c3", "E0320", "`batch` is from 0 to `axis`, and the index has as many dimensions",
     "scatter_add f32[3, 2], i64[3, 2] {axis = 0, batch = 1, size = 3} : f32[3]"},
    {"scatter_add_c4", "E0302", "the dtype is numeric",
     "scatter_add bool[2], i64[2] {axis = 0, batch = 0, size = 3} : bool[3]"},
    {"scatter_add_c5", "E0312",
     "the index's first `batch` dimensions are the values' first, its others the values' from "
     "`axis` "
     "on",
     "scatter_add f32[2], i64[3] {axis = 0, batch = 0, size = 3} : f32[3]"},
    {"scatter_add_c6", "E0321", "`size` is at least 1",
     "scatter_add f32[2], i64[2] {axis = 0, batch = 0, size = 0} : f32[1]"},
    {"scatter_add_c7", "E0319", "the result has at most 8 dimensions and is not too large",
     "scatter_add f32[2], i64[2] {axis = 0, batch = 0, size = 300000000000000} : f32[3]"},
    {0},
};

static const NcSample samples[] = {
    {.text = "scatter_add f32[2], i64[2] {axis = 0, batch = 0, size = 5} : f32[5]"},
    {.text = "scatter_add f32[17], u8[17] {axis = 0, batch = 0, size = 6} : f32[6]"},
    {.text = "scatter_add f32[N, 16], i64[N] {axis = 0, batch = 0, size = 7} : f32[7, 16]"},
    {.text = "scatter_add f32[N, 3, 17], i32[N, 3] {axis = 0, batch = 0, size = 5} : f32[5, 17]"},
    {.text = "scatter_add f32[N, 40], i64[N] {axis = 0, batch = 0, size = 500} : f32[500, 40]",
     .low = 0,
     .high = 499},
    {.text = "scatter_add f32[5, 7, 3], i32[7] {axis = 1, batch = 0, size = 5} : f32[5, 5, 3]"},
    {.text = "scatter_add f32[2, 17], i32[17] {axis = 1, batch = 0, size = 31} : f32[2, 31]"},
    {.text = "scatter_add f32[N], i64[N] {axis = 1, batch = 1, size = 6} : f32[N, 6]"},
    {.text = "scatter_add f32[N], i64[N] {axis = 0, batch = 0, size = 6} : f32[6]"},
    {.text =
         "scatter_add f32[N, 4, 15], i64[N, 4] {axis = 1, batch = 1, size = 6} : f32[N, 6, 15]"},
    {.text = "scatter_add f32[N, 3, 2, 2, 2], u8[N, 2, 2] {axis = 2, batch = 1, size = 5} : f32[N, "
             "3, 5, 2]"},
    {.text =
         "scatter_add f32[N, 3, 17], i64[N, 3, 17] {axis = 2, batch = 2, size = 5} : f32[N, 3, 5]"},
    {.text = "scatter_add f32[N, 2, 3], i64[2] {axis = 1, batch = 0, size = 5} : f32[N, 5, 3]"},
    {.text = "scatter_add f32[4, 3], i64[4] {axis = 0, batch = 0, size = 1} : f32[1, 3]",
     .low = -0.5,
     .high = 0.5},
    {.text = "scatter_add f64[N, 2, 3], i64[N, 2] {axis = 1, batch = 1, size = 9} : f64[N, 9, 3]",
     .low = 0,
     .high = 8},
    {.text = "scatter_add u8[N, 3], i64[N] {axis = 0, batch = 0, size = 5} : u8[5, 3]"},
    {.text = "scatter_add i64[N, 20], i64[N, 20] {axis = 1, batch = 1, size = 5} : i64[N, 5]"},
    {0},
};

const NcOp nc_op_scatter_add = {
    .name = "scatter_add",
    .doc =
        "Zeros to which parts are added at positions along an axis, which `gather` takes from "
        "there.\n\n"
        "`values[batch…, before…, rows…, after…]` and `index[batch…, rows…]`, of integers, give "
        "`[batch…, before…, size, after…]`, where `size` is axis `axis`. Parts of one position are "
        "added in the order of the rows. An index that is not in 0..size ends the run with an "
        "error "
        "that names the node, the sample and the value.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 2,
    .facts = NC_FACT_SUMS_BATCH,
    .infer = infer,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .net = {"scatter_add({0}, {1}, {size}, axis = {axis}, batch = {batch})"},
    .samples = samples,
};
