// window_max_scatter: the gradient of window_max.
#include "kernel/tensor.h"
#include "ops/build.h"
#include "ops/reference.h"
#include "ops/window.h"

static bool infer(NcInfer *infer) {
  NcType pooled;
  if (!nc_window_check(infer, &infer->operands[0], &pooled) ||
      !nc_window_check_operand(infer, 1, &pooled, "the pooled tensor"))
    return false;
  infer->result = infer->operands[0];
  return true;
}

// The places of the maxima are constant almost everywhere: nothing flows to x.
static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  if (wanted[1])
    dx[1] = nc_window_max_pick(graph, node->operands[0], dy, node->attrs);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  NcWindow window = nc_window_geometry(&operands[0]->type, node->attrs);
  NcTe *number = nc_window_first_max(builder, &window, operands[0], &operands[1]->type);
  return nc_lower_window_spread(builder, &node->type, &window, operands[1], number);
}

static bool eval(NcEval *e) {
  NcArena *scratch = nc_arena_create();
  int64_t *first = nc_window_eval(scratch, e->operands[0], e->operands[1], e->attrs);
  NcSums sums = nc_sums_begin(e);
  for (int64_t i = 0; i < e->operands[1]->count; i++)
    nc_sums_add(&sums, first[i], e->operands[1], i);
  nc_sums_end(&sums);
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
    .net = {"window_max_scatter({0}, {1}, {window}, stride = {stride}, padding = {padding:pairs})"},
    .samples = samples,
};
