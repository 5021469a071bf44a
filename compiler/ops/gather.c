// gather: the parts of a tensor at positions along an axis.
#include "ir/onnx.h"
#include "ops/build.h"
#include "ops/elementwise.h"
#include "ops/indexing.h"
#include "ops/structure.h"

static bool infer(NcInfer *infer) {
  const NcType *x = &infer->operands[0], *index = &infer->operands[1];
  if (!nc_indexing_check(infer, x->rank))
    return false;
  NcIndexing g = nc_indexing_of_whole(infer->attrs, x->rank, index->rank);
  for (int d = 0; d < g.batch; d++)
    if (!nc_dim_equal(x->dims[d], index->dims[d]))
      return nc_infer_fail(infer, "gather_c4", 0, 1, "shared dimension %d differs: %s and %s", d,
                           nc_dim_format(infer->arena, x->dims[d]),
                           nc_dim_format(infer->arena, index->dims[d]));
  if (!nc_dim_is_constant(x->dims[g.axis]))
    return nc_infer_fail(infer, "gather_c5", 0, -1, "N, the batch, cannot be indexed");
  if (g.axis + g.rows + g.after > NC_MAX_RANK)
    return nc_infer_fail(infer, "gather_c6", 0, 1, "the result would have %d dimensions",
                         g.axis + g.rows + g.after);
  infer->result = nc_type_scalar(x->dtype);
  infer->result.rank = g.axis + g.rows + g.after;
  for (int d = 0; d < g.axis; d++)
    infer->result.dims[d] = x->dims[d];
  for (int d = 0; d < g.rows; d++)
    infer->result.dims[g.axis + d] = index->dims[g.batch + d];
  for (int d = 0; d < g.after; d++)
    infer->result.dims[g.axis + g.rows + d] = x->dims[g.axis + 1 + d];
  return nc_check_result(infer, "gather_c6");
}

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  NcNode *x = node->operands[0];
  if (wanted[0])
    dx[0] = nc_scatter_add(graph, dy, node->operands[1], node->attrs,
                           x->type.dims[node->attrs[NC_INDEXING_AXIS].i].c);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  NcTe *x = operands[0], *index = operands[1];
  NcIndexing g = nc_indexing_of_whole(node->attrs, x->type.rank, index->type.rank);
  NcTe *positions = nc_indexing_positions(builder, index, x->type.dims[g.axis].c);
  NcAffine at[NC_MAX_RANK], row[NC_MAX_RANK];
  for (int d = 0; d < x->type.rank; d++)
    at[d] = d == g.axis ? nc_affine_constant(0) : nc_affine_axis(d < g.axis ? d : d - 1 + g.rows);
  for (int d = 0; d < index->type.rank; d++)
    row[d] = nc_affine_axis(d < g.batch ? d : g.axis + d - g.batch);
  NcExpr *body = nc_x_load(builder, x, at);
  body->loaded[0] = nc_x_load(builder, positions, row);
  body->loaded_dim[0] = g.axis;
  return nc_lower_body(builder, node, body);
}

static bool eval(NcEval *e) {
  const NcTensor *x = e->operands[0];
  NcIndexing g = nc_indexing_of_whole(e->attrs, x->type.rank, e->operands[1]->type.rank);
  int64_t *offsets = nc_indexing_eval(e, &g, x, e->result);
  for (int64_t i = 0; offsets && i < e->result->count; i++)
    nc_tensor_copy(e->result, i, x, offsets[i]);
  return offsets != NULL;
}

// GatherND wants the indexed axis behind those that index and operand share: it is brought there,
// and what stands in its place brought back.
static NcOnnxValue *gather_shared(NcOnnxBuilder *b, const NcIndexing *g, NcOnnxValue *x,
                                  NcOnnxValue *index, const NcType *result) {
  int rank = x->type.rank, before = g->axis - g->batch;
  int64_t forward[NC_MAX_RANK], back[NC_MAX_RANK];
  NcType rows = index->type, picked = *result;
  for (int d = 0; d < rank; d++)
    forward[d] = d <= g->batch || d > g->axis ? d : d - 1;
  forward[g->batch] = g->axis;
  for (int d = 0; d < result->rank; d++)
    back[d] = d < g->batch ? d : d < g->axis ? d + g->rows : d < g->axis + g->rows ? d - before : d;
  for (int d = 0; d < result->rank; d++)
    picked.dims[back[d]] = result->dims[d];
  rows.dims[rows.rank++] = nc_dim(1);
  NcOnnxValue *inputs[] = {nc_onnx_transpose(b, x, forward), nc_onnx_reshape(b, index, rows)};
  NcOnnxValue *value = nc_onnx_add(b, "GatherND", inputs, 2, picked);
  nc_onnx_set(b, value, "batch_dims", g->batch);
  return nc_onnx_transpose(b, value, back);
}

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  NcOnnxValue *x = nc_onnx_plain(b, operands[0]), *index = nc_onnx_plain(b, operands[1]);
  index = nc_onnx_cast(b, index, NC_I64);
  if (!x || !index)
    return NULL;
  NcIndexing g = nc_indexing_of_whole(node->attrs, x->type.rank, index->type.rank);
  if (g.batch > 0 && index->type.rank == NC_MAX_RANK)
    return nc_onnx_fail(b, "join dimensions with reshape", "the index has too many dimensions");
  if (g.batch > 0)
    return gather_shared(b, &g, x, index, &node->type);
  NcOnnxValue *value = nc_onnx_add(b, "Gather", (NcOnnxValue *[]){x, index}, 2, node->type);
  nc_onnx_set(b, value, "axis", g.axis);
  return value;
}

static const NcAttrDecl attrs[] = {NC_INDEXING_ATTRS, {0}};

static const NcConstraint constraints[] = {
    {"gather_c1", "E0304", "the index is a tensor of integers",
     "gather f32[3], f32[2] {axis = 0, batch = 0} : f32[2]"},
    {"gather_c2", "E0308", "`axis` is an axis of the operand",
     "gather f32[3], i64[2] {axis = 1, batch = 0} : f32[2]"},
    {"gather_c3", "E0320", "`batch` is from 0 to `axis`, and the index has as many dimensions",
     "gather f32[3, 4], i64[3] {axis = 0, batch = 1} : f32[3]"},
    {"gather_c4", "E0312", "the first `batch` dimensions of both operands are equal",
     "gather f32[3, 4], i64[2] {axis = 1, batch = 1} : f32[3]"},
    {"gather_c5", "E0314", "`axis` is not that of N",
     "gather f32[N, 4], i64[2] {axis = 0, batch = 0} : f32[2, 4]"},
    {"gather_c6", "E0319",
     "in the result N is leading; it has at most 8 dimensions and is not too large",
     "gather f32[4, 3], i64[N] {axis = 1, batch = 0} : f32[4, 3]"},
    {0},
};

static const NcSample samples[] = {
    {.text = "gather f32[5], i64[] {axis = 0, batch = 0} : f32[]"},
    {.text = "gather f32[5], i64[1] {axis = 0, batch = 0} : f32[1]"},
    {.text = "gather f32[7, 16], i64[N] {axis = 0, batch = 0} : f32[N, 16]"},
    {.text = "gather f32[5, 17], u8[N, 3] {axis = 0, batch = 0} : f32[N, 3, 17]"},
    {.text = "gather f32[5, 2, 3], i32[7] {axis = 1, batch = 0} : f32[5, 7, 3]",
     .low = 0,
     .high = 1},
    {.text = "gather f32[2, 7], i32[17] {axis = 1, batch = 0} : f32[2, 17]"},
    {.text = "gather f32[N, 6], i64[N] {axis = 1, batch = 1} : f32[N]"},
    {.text = "gather f32[N, 6, 15], i64[N, 4] {axis = 1, batch = 1} : f32[N, 4, 15]"},
    {.text = "gather f32[N, 3, 5, 2], u8[N, 2, 2] {axis = 2, batch = 1} : f32[N, 3, 2, 2, 2]"},
    {.text = "gather f32[N, 3, 5], i64[N, 3, 17] {axis = 2, batch = 2} : f32[N, 3, 17]"},
    {.text = "gather f32[N, 5, 3], i64[2] {axis = 1, batch = 0} : f32[N, 2, 3]"},
    {.text = "gather f32[1, 3], i64[4] {axis = 0, batch = 0} : f32[4, 3]",
     .low = -0.5,
     .high = 0.5},
    {.text = "gather f64[N, 9, 3], i64[N, 2] {axis = 1, batch = 1} : f64[N, 2, 3]",
     .low = 0,
     .high = 8},
    {.text = "gather u8[6, 3], i64[N] {axis = 0, batch = 0} : u8[N, 3]"},
    {.text = "gather bool[N, 5], i64[N, 2] {axis = 1, batch = 1} : bool[N, 2]"},
    {0},
};

const NcOp nc_op_gather = {
    .name = "gather",
    .doc =
        "The parts of a tensor at positions along an axis.\n\n"
        "`x[batch…, before…, size, after…]`, where `size` is axis `axis`, and `index[batch…, "
        "rows…]`, "
        "of integers, give `[batch…, before…, rows…, after…]`: of each row the part of x at that "
        "position. An index that is not in 0..size ends the run with an error that names the node, "
        "the sample and the value.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 2,
    .infer = infer,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Gather", .build = onnx},
    .net = {"gather({0}, {1}, axis = {axis}, batch = {batch})"},
    .samples = samples,
};
