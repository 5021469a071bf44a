// window_max_scatter: the gradient of window_max.
#include "kernel/tensor.h"
#include "ops/build.h"
#include "ops/window.h"

static bool infer(NcInfer *infer) {
  NcType pooled;
  if (!nc_window_check(infer, &pooled) ||
      !nc_window_check_second(infer, &pooled, "the pooled tensor"))
    return false;
  infer->result = infer->operands[0];
  return true;
}

// The places of the maxima are constant almost everywhere: nothing flows to x.
static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  if (wanted[1])
    dx[1] = nc_window_max_pick(graph, node->operands[0], dy, node->attrs);
}

// Whether each element of x lies in one window at most, and all of each window lies in x.
static bool is_partition(const NcWindow *window) {
  for (int d = 0; d < window->spatial; d++)
    if (window->size[d] > window->stride[d] || nc_window_outside(window, d))
      return false;
  return true;
}

static bool covers(const NcWindow *window) {
  for (int d = 0; d < window->spatial; d++)
    if (window->size[d] < window->stride[d] || window->out[d] * window->stride[d] < window->in[d])
      return false;
  return true;
}

// Every window writes its own elements: axes n, pooled positions, positions in the window, channel.
static NcTe *scatter(NcTeBuilder *builder, const NcNode *node, const NcWindow *window, NcTe *number,
                     NcTe *dy) {
  NcTe *dx = nc_te_scatter(builder, node->type);
  NcAffine pooled[NC_MAX_RANK];
  int channels = 1 + window->spatial;
  dx->store[0] = pooled[0] = nc_affine_axis(nc_te_axis(dx, node->type.dims[0]));
  for (int d = 0; d < window->spatial; d++)
    pooled[1 + d] = nc_affine_axis(nc_te_axis(dx, nc_dim(window->out[d])));
  for (int d = 0; d < window->spatial; d++) {
    NcAffine offset = nc_affine_axis(nc_te_axis(dx, nc_dim(window->size[d])));
    dx->store[1 + d] = nc_affine_add(nc_affine_scale(pooled[1 + d], window->stride[d]), offset);
  }
  dx->store[channels] = pooled[channels] =
      nc_affine_axis(nc_te_axis(dx, node->type.dims[channels]));
  dx->partial = !covers(window);
  dx->body = nc_window_selected(builder, window, nc_x_load(builder, number, pooled), channels,
                                nc_x_load(builder, dy, pooled));
  return dx;
}

static NcExpr *load_spaced(NcTeBuilder *builder, const NcWindow *window, NcTe *tensor,
                           const NcAffine *index, double fill) {
  NcExpr *load = nc_x_load_padded(builder, tensor, index, fill);
  for (int d = 0; d < window->spatial; d++)
    load->steps[1 + d] = window->stride[d];
  return load;
}

// Every element sums over the windows that it may be the maximum of, by its place in them.
static NcTe *gather(NcTeBuilder *builder, const NcNode *node, const NcWindow *window, NcTe *number,
                    NcTe *dy) {
  NcTe *dx = nc_te_compute(builder, node->type);
  NcAffine pooled[NC_MAX_RANK];
  int rank = node->type.rank;
  pooled[0] = nc_affine_axis(0);
  pooled[rank - 1] = nc_affine_axis(rank - 1);
  for (int d = 0; d < window->spatial; d++) {
    NcAffine back = nc_affine_scale(nc_affine_axis(nc_te_reduce(dx, nc_dim(window->size[d]))), -1);
    pooled[1 + d] = nc_affine_offset(nc_affine_add(nc_affine_axis(1 + d), back), window->low[d]);
  }
  dx->reduce = NC_REDUCE_SUM;
  NcExpr *place = load_spaced(builder, window, number, pooled, nc_window_nowhere(number));
  dx->body =
      nc_window_selected(builder, window, place, rank, load_spaced(builder, window, dy, pooled, 0));
  return dx;
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  NcWindow window = nc_window_geometry(&operands[0]->type, node->attrs);
  NcTe *number = nc_window_first_max(builder, &window, operands[0], &operands[1]->type);
  return (is_partition(&window) ? scatter : gather)(builder, node, &window, number, operands[1]);
}

static void eval_float(NcEval *e, const int64_t *first, double *sums) {
  for (int64_t i = 0; i < e->operands[1]->count; i++)
    sums[first[i]] += nc_tensor_get(e->operands[1], i);
  for (int64_t i = 0; i < e->result->count; i++)
    nc_tensor_set(e->result, i, sums[i]);
}

// Integers wrap, which the accessors do for every width.
static void eval_int(NcEval *e, const int64_t *first) {
  for (int64_t i = 0; i < e->operands[1]->count; i++) {
    uint64_t sum = (uint64_t)nc_tensor_get_int(e->result, first[i]) +
                   (uint64_t)nc_tensor_get_int(e->operands[1], i);
    nc_tensor_set_int(e->result, first[i], (int64_t)sum);
  }
}

static bool eval(NcEval *e) {
  NcArena *scratch = nc_arena_create();
  int64_t *first = nc_window_eval(scratch, e->operands[0], &e->operands[1]->type, e->attrs);
  if (nc_dtype_is_float(e->result->type.dtype))
    eval_float(e, first, NC_NEW_ARRAY(scratch, double, e->result->count));
  else
    eval_int(e, first);
  nc_arena_destroy(scratch);
  return true;
}

static const NcConstraint constraints[] = {
    {"window_max_scatter_c1", "E0370", "the dtype is numeric",
     "window_max_scatter bool[N, 4, 1], bool[N, 2, 1] {window = [2], stride = [2], padding = [0, "
     "0]} : bool[N, 4, 1]"},
    {"window_max_scatter_c2", "E0371",
     "the operand has rank 3 to 5: batch, 1 to 3 spatial dimensions, channels",
     "window_max_scatter f32[N, 4], f32[N, 4] {window = [], stride = [], padding = []} : f32[N, "
     "4]"},
    {"window_max_scatter_c3", "E0372",
     "window has one entry from 1 on for each spatial dimension, and fewer than 2^31 elements",
     "window_max_scatter f32[N, 4, 1], f32[N, 2, 1] {window = [0], stride = [2], padding = [0, 0]} "
     ": f32[N, 4, 1]"},
    {"window_max_scatter_c4", "E0373", "stride has one entry from 1 on for each spatial dimension",
     "window_max_scatter f32[N, 4, 1], f32[N, 2, 1] {window = [2], stride = [2, 2], padding = [0, "
     "0]} : f32[N, 4, 1]"},
    {"window_max_scatter_c5", "E0374",
     "padding has two entries for each spatial dimension, before and after, from 0 on and less "
     "than the window",
     "window_max_scatter f32[N, 4, 1], f32[N, 3, 1] {window = [2], stride = [2], padding = [0, 2]} "
     ": f32[N, 4, 1]"},
    {"window_max_scatter_c6", "E0375", "the window fits into the padded operand",
     "window_max_scatter f32[N, 4, 1], f32[N, 1, 1] {window = [5], stride = [2], padding = [0, 0]} "
     ": f32[N, 4, 1]"},
    {"window_max_scatter_c7", "E0376", "the second operand has the type of the pooled tensor",
     "window_max_scatter f32[N, 4, 1], f32[N, 4, 1] {window = [2], stride = [2], padding = [0, 0]} "
     ": f32[N, 4, 1]"},
    {0}};

static const NcAttrDecl attrs[] = {NC_WINDOW_ATTRS, {0}};

static const NcSample samples[] = {
    {.text = "window_max_scatter f32[N, 4, 1], f32[N, 1, 1] {window = [3], stride = [3], padding = "
             "[0, 0]} : f32[N, 4, 1]",
     .min_gap = 0.01},
    {.text = "window_max_scatter f32[N, 3, 2], f32[N, 3, 2] {window = [7], stride = [1], padding = "
             "[3, 3]} : f32[N, 3, 2]",
     .min_gap = 0.01},
    {.text = "window_max_scatter f32[N, 5, 4, 3], f32[N, 3, 2, 3] {window = [1, 2], stride = [2, "
             "2], padding = [0, 0, 0, 0]} : f32[N, 5, 4, 3]",
     .min_gap = 0.01},
    {.text = "window_max_scatter f32[N, 4, 3, 2], f32[N, 1, 1, 2] {window = [4, 3], stride = [4, "
             "1], padding = [0, 0, 0, 0]} : f32[N, 4, 3, 2]",
     .min_gap = 0.01},
    {.text = "window_max_scatter f32[N, 7, 3], f32[N, 4, 3] {window = [2], stride = [2], padding = "
             "[0, 1]} : f32[N, 7, 3]",
     .min_gap = 0.01},
    {.text = "window_max_scatter f32[1, 9, 1], f32[1, 4, 1] {window = [3], stride = [2], padding = "
             "[0, 0]} : f32[1, 9, 1]",
     .min_gap = 0.01},
    {.text = "window_max_scatter f32[N, 28, 28, 1], f32[N, 14, 14, 1] {window = [2, 2], stride = "
             "[2, 2], padding = [0, 0, 0, 0]} : f32[N, 28, 28, 1]",
     .min_gap = 0.01},
    {.text = "window_max_scatter f32[N, 7, 7, 16], f32[N, 4, 4, 16] {window = [2, 2], stride = [2, "
             "2], padding = [0, 1, 0, 1]} : f32[N, 7, 7, 16]",
     .min_gap = 0.01},
    {.text = "window_max_scatter f32[N, 7, 7, 3], f32[N, 4, 4, 3] {window = [3, 3], stride = [2, "
             "2], padding = [1, 1, 1, 1]} : f32[N, 7, 7, 3]",
     .min_gap = 0.01},
    {.text = "window_max_scatter f32[N, 7, 5, 17], f32[N, 3, 2, 17] {window = [2, 2], stride = [2, "
             "2], padding = [0, 0, 0, 0]} : f32[N, 7, 5, 17]",
     .min_gap = 0.01},
    {.text = "window_max_scatter f32[N, 11, 8, 2], f32[N, 4, 3, 2] {window = [2, 2], stride = [3, "
             "3], padding = [0, 0, 0, 0]} : f32[N, 11, 8, 2]",
     .min_gap = 0.01},
    {.text = "window_max_scatter f32[2, 6, 6, 2], f32[2, 4, 3, 2] {window = [3, 2], stride = [1, "
             "2], padding = [0, 0, 0, 0]} : f32[2, 6, 6, 2]",
     .min_gap = 0.01},
    {.text = "window_max_scatter f32[N, 5, 4, 2], f32[N, 6, 5, 2] {window = [2, 4], stride = [1, "
             "1], padding = [1, 1, 2, 2]} : f32[N, 5, 4, 2]",
     .min_gap = 0.01},
    {.text = "window_max_scatter f32[N, 4, 5, 6, 2], f32[N, 2, 3, 3, 2] {window = [2, 2, 2], "
             "stride = [2, 2, 2], padding = [0, 0, 1, 0, 0, 0]} : f32[N, 4, 5, 6, 2]",
     .min_gap = 0.01},
    {.text = "window_max_scatter f32[N, 6, 6, 2], f32[N, 3, 3, 2] {window = [2, 2], stride = [2, "
             "2], padding = [0, 0, 0, 0]} : f32[N, 6, 6, 2]"},
    {.text = "window_max_scatter f64[N, 7, 7, 3], f64[N, 4, 4, 3] {window = [3, 3], stride = [2, "
             "2], padding = [1, 1, 1, 1]} : f64[N, 7, 7, 3]",
     .min_gap = 0.01},
    {.text = "window_max_scatter u8[N, 7, 7, 16], u8[N, 4, 4, 16] {window = [2, 2], stride = [2, "
             "2], padding = [0, 1, 0, 1]} : u8[N, 7, 7, 16]"},
    {.text = "window_max_scatter i32[N, 7, 7, 3], i32[N, 4, 4, 3] {window = [3, 3], stride = [2, "
             "2], padding = [1, 1, 1, 1]} : i32[N, 7, 7, 3]",
     .low = -5,
     .high = 5},
    {.text = "window_max_scatter i64[N, 5, 4, 2], i64[N, 6, 5, 2] {window = [2, 4], stride = [1, "
             "1], padding = [1, 1, 2, 2]} : i64[N, 5, 4, 2]",
     .low = -5,
     .high = 5},
    {0}};

const NcOp nc_op_window_max_scatter = {
    .name = "window_max_scatter",
    .doc = "Gradient of `window_max`.\n\n"
           "Of `x` and `dy`, a tensor of the pooled shape: zeros of x's shape to which each "
           "element of dy is added at the position of the first maximum (or the first NaN) of its "
           "window of x. The attributes are those of `window_max`.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 2,
    .infer = infer,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .samples = samples,
};
