// window_max: the maximum of each window, as max pooling has it.
#include "ir/onnx.h"
#include "kernel/tensor.h"
#include "ops/build.h"
#include "ops/elementwise.h"
#include "ops/window.h"

static bool infer(NcInfer *infer) {
  return nc_window_check(infer, &infer->operands[0], &infer->result);
}

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  if (wanted[0])
    dx[0] = nc_window_max_scatter(graph, node->operands[0], dy, node->attrs);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  NcWindow window = nc_window_geometry(&operands[0]->type, node->attrs);
  NcTe *y = nc_te_compute(builder, node->type);
  NcAffine x[NC_MAX_RANK];
  nc_window_reduce(y, &window, x);
  y->reduce = NC_REDUCE_MAX;
  y->body = nc_window_load(builder, &window, operands[0], x, nc_window_lowest(node->type.dtype));
  return y;
}

static bool eval(NcEval *e) {
  NcArena *scratch = nc_arena_create();
  int64_t *first = nc_window_eval(scratch, e->operands[0], e->result, e->attrs);
  for (int64_t i = 0; i < e->result->count; i++)
    nc_tensor_copy(e->result, i, e->operands[0], first[i]);
  nc_arena_destroy(scratch);
  return true;
}

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  NcOnnxValue *x = nc_onnx_form(b, operands[0], true, false);
  NcDtype dtype = node->type.dtype;
  if (dtype == NC_I64)
    return nc_onnx_fail(b, "cast to f64 before it", "ONNX pools no i64");
  x = nc_onnx_cast(b, x, dtype == NC_I32 ? NC_F64 : dtype);
  return x ? nc_onnx_cast(b, nc_window_onnx(b, node, "MaxPool", x), dtype) : NULL;
}

static const NcConstraint constraints[] = {
    {"window_max_c1", "E0370", "the dtype is numeric",
     "window_max bool[N, 4, 1] {window = [2], stride = [2], padding = [0, 0]} : bool[N, 2, 1]"},
    {"window_max_c2", "E0371",
     "the operand has rank 3 to 5: batch, 1 to 3 spatial dimensions, channels",
     "window_max f32[N, 4] {window = [], stride = [], padding = []} : f32[N, 4]"},
    {"window_max_c3", "E0372",
     "window has one entry from 1 on for each spatial dimension, and fewer than 2^31 elements",
     "window_max f32[N, 4, 1] {window = [0], stride = [2], padding = [0, 0]} : f32[N, 2, 1]"},
    {"window_max_c4", "E0373", "stride has one entry from 1 on for each spatial dimension",
     "window_max f32[N, 4, 1] {window = [2], stride = [2, 2], padding = [0, 0]} : f32[N, 2, 1]"},
    {"window_max_c5", "E0374",
     "padding has two entries for each spatial dimension, before and after, from 0 on and less "
     "than the window",
     "window_max f32[N, 4, 1] {window = [2], stride = [2], padding = [0, 2]} : f32[N, 3, 1]"},
    {"window_max_c6", "E0375", "the window fits into the padded operand",
     "window_max f32[N, 4, 1] {window = [5], stride = [2], padding = [0, 0]} : f32[N, 1, 1]"},
    {0}};

static const NcAttrDecl attrs[] = {NC_WINDOW_ATTRS, {0}};

static const NcSample samples[] = {NC_WINDOW_SAMPLES("window_max", 0.01), {0}};

const NcOp nc_op_window_max = {
    .name = "window_max",
    .doc = "Maximum of each window.\n\n"
           "`x[N', spatial…, C]` gives `[N', pooled…, C]`. Windows of a size, step by step, from "
           "`padding` before the first element to `padding` after the last; what lies outside "
           "never wins. A NaN in a window is its maximum.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 1,
    .infer = infer,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"MaxPool", .build = onnx},
    .net = {"window_max({0}, {window}, stride = {stride}, padding = {padding:pairs})"},
    .samples = samples,
};
