// window_spread: the gradient of window_sum.
#include "ir/onnx.h"
#include "ops/build.h"
#include "ops/reference.h"
#include "ops/window.h"

static bool infer(NcInfer *infer) {
  const NcType *x = &infer->attrs[NC_WINDOW_TYPE].type;
  NcType pooled;
  if (!nc_window_check(infer, x, &pooled) ||
      !nc_window_check_operand(infer, 0, &pooled, "the pooled tensor"))
    return false;
  infer->result = *x;
  return true;
}

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  if (wanted[0])
    dx[0] = nc_window_sum(graph, dy, node->attrs);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  NcWindow window = nc_window_geometry(&node->type, node->attrs);
  return nc_lower_window_spread(builder, &node->type, &window, operands[0], NULL);
}

typedef struct Adding {
  NcSums sums;
  const NcTensor *pooled;
} Adding;

static void add(void *context, int64_t element, int64_t window) {
  Adding *a = context;
  nc_sums_add(&a->sums, element, a->pooled, window);
}

static bool eval(NcEval *e) {
  Adding a = {nc_sums_begin(e), e->operands[0]};
  nc_window_each(e->result, a.pooled, e->attrs, add, &a);
  nc_sums_end(&a.sums);
  return true;
}

static bool is_side_by_side(const NcWindow *w) {
  bool result = true;
  for (int d = 0; d < w->spatial; d++)
    result &= w->stride[d] == w->size[d] && w->low[d] == 0 && w->high[d] == 0 &&
              w->in[d] == w->out[d] * w->size[d];
  return result;
}

// Windows side by side: every element is repeated all over one, along new axes behind its own.
static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  NcOnnxValue *x = nc_onnx_full(b, operands[0]);
  NcWindow window = nc_window_geometry(&node->type, node->attrs);
  if (!is_side_by_side(&window))
    return nc_onnx_fail(b, "leave out what needs it: the gradient of avgpool",
                        "ONNX adds up no windows that overlap or have padding");
  if (!x)
    return NULL;
  int64_t repeat[NC_MAX_RANK];
  int before = x->channels_first ? 2 : 1;
  NcType split = {.dtype = x->type.dtype};
  for (int d = 0; d < x->type.rank; d++) {
    bool spatial = d >= before && d < before + window.spatial;
    repeat[split.rank] = 1;
    split.dims[split.rank++] = x->type.dims[d];
    if (!spatial)
      continue;
    repeat[split.rank] = window.size[d - before];
    split.dims[split.rank++] = nc_dim(1);
  }
  NcType wide = split;
  for (int d = 0; d < wide.rank; d++)
    if (repeat[d] > 1)
      wide.dims[d] = nc_dim(repeat[d]);
  NcOnnxValue *inputs[] = {nc_onnx_reshape(b, x, split), nc_onnx_ints(b, repeat, split.rank)};
  NcOnnxValue *value = nc_onnx_add(b, "Expand", inputs, 2, wide);
  value = nc_onnx_reshape(b, value, nc_onnx_type_like(&node->type, x));
  value->channels_first = x->channels_first;
  return value;
}

static const NcConstraint constraints[] = {
    {"window_spread_c1", "E0370", "the dtype is numeric",
     "window_spread bool[N, 2, 1] {window = [2], stride = [2], padding = [0, 0]} : bool[N, 4, 1]"},
    {"window_spread_c2", "E0371",
     "the result has rank 3 to 5: batch, 1 to 3 spatial dimensions, channels",
     "window_spread f32[N, 4] {window = [], stride = [], padding = []} : f32[N, 4]"},
    {"window_spread_c3", "E0372",
     "window has one entry from 1 on for each spatial dimension, and fewer than 2^31 elements",
     "window_spread f32[N, 2, 1] {window = [0], stride = [2], padding = [0, 0]} : f32[N, 4, 1]"},
    {"window_spread_c4", "E0373", "stride has one entry from 1 on for each spatial dimension",
     "window_spread f32[N, 2, 1] {window = [2], stride = [2, 2], padding = [0, 0]} : f32[N, 4, 1]"},
    {"window_spread_c5", "E0374",
     "padding has two entries for each spatial dimension, before and after, from 0 on and less "
     "than the window",
     "window_spread f32[N, 3, 1] {window = [2], stride = [2], padding = [0, 2]} : f32[N, 4, 1]"},
    {"window_spread_c6", "E0375", "the window fits into the padded result",
     "window_spread f32[N, 1, 1] {window = [5], stride = [2], padding = [0, 0]} : f32[N, 4, 1]"},
    {"window_spread_c7", "E0376", "the operand has the type of the pooled tensor",
     "window_spread f32[N, 3, 1] {window = [2], stride = [2], padding = [0, 0]} : f32[N, 4, 1]"},
    {0}};

static const NcAttrDecl attrs[] = {
    NC_WINDOW_ATTRS, {"type", NC_ATTR_TYPE, "the type that windows slide over"}, {0}};

static const NcSample samples[] = {
    {.text = "window_spread f32[N, 1, 1] {window = [3], stride = [3], padding = [0, 0]} : f32[N, "
             "4, 1]"},
    {.text = "window_spread f32[N, 3, 2] {window = [7], stride = [1], padding = [3, 3]} : f32[N, "
             "3, 2]"},
    {.text = "window_spread f32[N, 3, 2, 3] {window = [1, 2], stride = [2, 2], padding = [0, 0, 0, "
             "0]} : f32[N, 5, 4, 3]"},
    {.text = "window_spread f32[N, 1, 1, 2] {window = [4, 3], stride = [4, 1], padding = [0, 0, 0, "
             "0]} : f32[N, 4, 3, 2]"},
    {.text = "window_spread f32[N, 4, 3] {window = [2], stride = [2], padding = [0, 1]} : f32[N, "
             "7, 3]"},
    {.text = "window_spread f32[1, 4, 1] {window = [3], stride = [2], padding = [0, 0]} : f32[1, "
             "9, 1]"},
    {.text = "window_spread f32[N, 14, 14, 1] {window = [2, 2], stride = [2, 2], padding = [0, 0, "
             "0, 0]} : f32[N, 28, 28, 1]"},
    {.text = "window_spread f32[N, 4, 4, 16] {window = [2, 2], stride = [2, 2], padding = [0, 1, "
             "0, 1]} : f32[N, 7, 7, 16]"},
    {.text = "window_spread f32[N, 4, 4, 3] {window = [3, 3], stride = [2, 2], padding = [1, 1, 1, "
             "1]} : f32[N, 7, 7, 3]"},
    {.text = "window_spread f32[N, 3, 2, 17] {window = [2, 2], stride = [2, 2], padding = [0, 0, "
             "0, 0]} : f32[N, 7, 5, 17]"},
    {.text = "window_spread f32[N, 4, 3, 2] {window = [2, 2], stride = [3, 3], padding = [0, 0, 0, "
             "0]} : f32[N, 11, 8, 2]"},
    {.text = "window_spread f32[2, 4, 3, 2] {window = [3, 2], stride = [1, 2], padding = [0, 0, 0, "
             "0]} : f32[2, 6, 6, 2]"},
    {.text = "window_spread f32[N, 6, 5, 2] {window = [2, 4], stride = [1, 1], padding = [1, 1, 2, "
             "2]} : f32[N, 5, 4, 2]"},
    {.text = "window_spread f32[N, 2, 3, 3, 2] {window = [2, 2, 2], stride = [2, 2, 2], padding = "
             "[0, 0, 1, 0, 0, 0]} : f32[N, 4, 5, 6, 2]"},
    {.text = "window_spread f32[N, 3, 3, 2] {window = [2, 2], stride = [2, 2], padding = [0, 0, 0, "
             "0]} : f32[N, 6, 6, 2]"},
    {.text = "window_spread f64[N, 4, 4, 3] {window = [3, 3], stride = [2, 2], padding = [1, 1, 1, "
             "1]} : f64[N, 7, 7, 3]"},
    {.text = "window_spread u8[N, 4, 4, 16] {window = [2, 2], stride = [2, 2], padding = [0, 1, 0, "
             "1]} : u8[N, 7, 7, 16]"},
    {.text = "window_spread i32[N, 4, 4, 3] {window = [3, 3], stride = [2, 2], padding = [1, 1, 1, "
             "1]} : i32[N, 7, 7, 3]",
     .low = -5,
     .high = 5},
    {.text = "window_spread i64[N, 6, 5, 2] {window = [2, 4], stride = [1, 1], padding = [1, 1, 2, "
             "2]} : i64[N, 5, 4, 2]",
     .low = -5,
     .high = 5},
    {0}};

const NcOp nc_op_window_spread = {
    .name = "window_spread",
    .doc = "Gradient of `window_sum`.\n\n"
           "Of `dy[N', pooled…, C]`, zeros of type `[N', spatial…, C]` to which each element of dy "
           "is added all over its window. Windows that lie side by side repeat what they hold, as "
           "upsampling does. The attributes are those of `window_sum`.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 1,
    .infer = infer,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Expand", .build = onnx},
    .net = {"window_spread({0}, {type}, {window}, stride = {stride}, padding = {padding:pairs})"},
    .samples = samples,
};
