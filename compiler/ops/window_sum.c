// window_sum: the sum of each window, as average pooling has it.
#include "ir/onnx.h"
#include "ops/build.h"
#include "ops/reference.h"
#include "ops/window.h"

static bool infer(NcInfer *infer) {
  return nc_window_check(infer, &infer->operands[0], &infer->result);
}

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  if (wanted[0])
    dx[0] = nc_window_spread(graph, dy, node->attrs, node->operands[0]->type);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  NcWindow window = nc_window_geometry(&operands[0]->type, node->attrs);
  NcTe *y = nc_te_compute(builder, node->type);
  NcAffine x[NC_MAX_RANK];
  nc_window_reduce(y, &window, x);
  y->reduce = NC_REDUCE_SUM;
  y->body = nc_window_load(builder, &window, operands[0], x, 0);
  return y;
}

typedef struct Adding {
  NcSums sums;
  const NcTensor *x;
} Adding;

static void add(void *context, int64_t element, int64_t window) {
  Adding *a = context;
  nc_sums_add(&a->sums, window, a->x, element);
}

static bool eval(NcEval *e) {
  Adding a = {nc_sums_begin(e), e->operands[0]};
  nc_window_each(a.x, e->result, e->attrs, add, &a);
  nc_sums_end(&a.sums);
  return true;
}

// The mean over the window times its size, which a division behind it may undo.
static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  NcOnnxValue *x = nc_onnx_form(b, operands[0], true, false);
  NcDtype dtype = node->type.dtype;
  double size = 1;
  if (!nc_dtype_is_float(dtype))
    return nc_onnx_fail(b, "cast to f32 before it", "ONNX sums no integers in windows");
  if (!x)
    return NULL;
  for (int d = 0; d < node->attrs[NC_WINDOW_SIZE].count; d++)
    size *= (double)node->attrs[NC_WINDOW_SIZE].ints[d];
  NcOnnxValue *mean = nc_window_onnx(b, node, "AveragePool", x);
  nc_onnx_set(b, mean, "count_include_pad", 1);
  NcOnnxValue *factors[] = {mean, nc_onnx_scalar(b, dtype, size)};
  NcOnnxValue *sum = nc_onnx_elementwise(b, "Mul", factors, 2, dtype, 0);
  sum->unscaled = mean;
  sum->number = size;
  return sum;
}

static const NcConstraint constraints[] = {
    {"window_sum_c1", "E0370", "the dtype is numeric",
     "window_sum bool[N, 4, 1] {window = [2], stride = [2], padding = [0, 0]} : bool[N, 2, 1]"},
    {"window_sum_c2", "E0371",
     "the operand has rank 3 to 5: batch, 1 to 3 spatial dimensions, channels",
     "window_sum f32[N, 4] {window = [], stride = [], padding = []} : f32[N, 4]"},
    {"window_sum_c3", "E0372",
     "window has one entry from 1 on for each spatial dimension, and fewer than 2^31 elements",
     "window_sum f32[N, 4, 1] {window = [0], stride = [2], padding = [0, 0]} : f32[N, 2, 1]"},
    {"window_sum_c4", "E0373", "stride has one entry from 1 on for each spatial dimension",
     "window_sum f32[N, 4, 1] {window = [2], stride = [2, 2], padding = [0, 0]} : f32[N, 2, 1]"},
    {"window_sum_c5", "E0374",
     "padding has two entries for each spatial dimension, before and after, from 0 on and less "
     "than the window",
     "window_sum f32[N, 4, 1] {window = [2], stride = [2], padding = [0, 2]} : f32[N, 3, 1]"},
    {"window_sum_c6", "E0375", "the window fits into the padded operand",
     "window_sum f32[N, 4, 1] {window = [5], stride = [2], padding = [0, 0]} : f32[N, 1, 1]"},
    {0}};

static const NcAttrDecl attrs[] = {NC_WINDOW_ATTRS, {0}};

static const NcSample samples[] = {NC_WINDOW_SAMPLES("window_sum", 0), {0}};

const NcOp nc_op_window_sum = {
    .name = "window_sum",
    .doc = "Sum of each window.\n\n"
           "`x[N', spatial…, C]` gives `[N', pooled…, C]`. Windows of a size, step by step, from "
           "`padding` before the first element to `padding` after the last; what lies outside "
           "is zero. Integers wrap.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 1,
    .infer = infer,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"AveragePool", .build = onnx},
    .net = {"window_sum({0}, {window}, stride = {stride}, padding = {padding:pairs})"},
    .samples = samples,
};
