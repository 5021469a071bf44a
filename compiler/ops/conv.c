// conv: the convolution of a batch with a kernel.
#include "ops/conv.h"
#include "ops/build.h"

static bool infer(NcInfer *infer) {
  NcConv conv;
  if (!nc_conv_check(infer, &infer->operands[0], 0, &infer->operands[1], 1, &conv))
    return false;
  infer->result = nc_conv_result(&conv);
  return true;
}

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  NcNode *x = node->operands[0], *kernel = node->operands[1];
  if (wanted[0])
    dx[0] = nc_conv_input_grad(graph, dy, kernel, node->attrs, x->type);
  if (wanted[1])
    dx[1] = nc_conv_kernel_grad(graph, x, dy, node->attrs, kernel->type);
}

// Result axes n, spatial, [group,] o; reduced are the taps, then the group's input channels.
static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  NcConv conv = nc_conv_geometry(&operands[0]->type, &operands[1]->type, node->attrs);
  NcAffine x[NC_MAX_RANK], kernel[NC_MAX_RANK];
  NcTe *y = nc_te_scatter(builder, node->type);
  y->store[0] = x[0] = nc_affine_axis(nc_te_axis(y, conv.batch));
  for (int d = 0; d < conv.spatial; d++)
    y->store[1 + d] = nc_affine_axis(nc_te_axis(y, nc_dim(conv.out[d])));
  int channels = 1 + conv.spatial,
      group = conv.groups > 1 ? nc_te_axis(y, nc_dim(conv.groups)) : -1;
  y->store[channels] = nc_conv_channel(group, conv.outputs, nc_te_axis(y, nc_dim(conv.outputs)));
  for (int d = 0; d < conv.spatial; d++) {
    int tap = nc_te_reduce(y, nc_dim(conv.kernel[d]));
    x[1 + d] = nc_conv_input_index(&conv, d, 1 + d, tap);
    kernel[d] = nc_affine_axis(tap);
  }
  int c = nc_te_reduce(y, nc_dim(conv.inputs));
  x[channels] = nc_conv_channel(group, conv.inputs, c);
  kernel[conv.spatial] = nc_affine_axis(c);
  kernel[channels] = y->store[channels];
  y->reduce = NC_REDUCE_SUM;
  y->body = nc_x_binary(builder, NC_X_MUL, nc_conv_load_input(builder, &conv, operands[0], x),
                        nc_x_load(builder, operands[1], kernel));
  return y;
}

static bool eval(NcEval *e) {
  NcConv conv = nc_conv_geometry(&e->operands[0]->type, &e->operands[1]->type, e->attrs);
  const NcTensor *tensors[] = {e->operands[0], e->operands[1], e->result};
  nc_conv_eval(&conv, tensors, NC_CONV_OUTPUT, e->result);
  return true;
}

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  NcConv conv = nc_conv_geometry(&node->operands[0]->type, &node->operands[1]->type, node->attrs);
  return nc_conv_onnx(b, "Conv", node->type, operands, &conv);
}

static const NcConstraint constraints[] = {
    {"conv_c1", "E0350", "input and kernel have the same floating dtype",
     "conv f32[N, 4, 1], f64[3, 1, 1] {stride = [1], padding = [0, 0], dilation = [1], groups = 1} "
     ": f32[N, 2, 1]"},
    {"conv_c2", "E0351", "the input has rank 3 to 5: batch, 1 to 3 spatial dimensions, channels",
     "conv f32[N, 1], f32[1, 1] {stride = [], padding = [], dilation = [], groups = 1} : f32[N, "
     "1]"},
    {"conv_c3", "E0352",
     "the kernel has the input's rank, spatial dimensions, input channels of a group, output "
     "channels, and no N",
     "conv f32[N, 4, 1], f32[3, 1] {stride = [1], padding = [0, 0], dilation = [1], groups = 1} : "
     "f32[N, 2, 1]"},
    {"conv_c4", "E0353", "stride has one entry from 1 on for each spatial dimension",
     "conv f32[N, 4, 1], f32[3, 1, 1] {stride = [0], padding = [0, 0], dilation = [1], groups = 1} "
     ": f32[N, 2, 1]"},
    {"conv_c5", "E0354",
     "padding has two entries from 0 on for each spatial dimension, before and after",
     "conv f32[N, 4, 1], f32[3, 1, 1] {stride = [1], padding = [0], dilation = [1], groups = 1} : "
     "f32[N, 2, 1]"},
    {"conv_c6", "E0355", "dilation has one entry from 1 on for each spatial dimension",
     "conv f32[N, 4, 1], f32[3, 1, 1] {stride = [1], padding = [0, 0], dilation = [-1], groups = "
     "1} : f32[N, 2, 1]"},
    {"conv_c7", "E0356", "groups is at least 1 and divides the input's and the result's channels",
     "conv f32[N, 4, 4], f32[3, 2, 3] {stride = [1], padding = [0, 0], dilation = [1], groups = 2} "
     ": f32[N, 2, 3]"},
    {"conv_c8", "E0357", "the kernel's input channels are the input's divided by groups",
     "conv f32[N, 4, 4], f32[3, 3, 2] {stride = [1], padding = [0, 0], dilation = [1], groups = 1} "
     ": f32[N, 2, 2]"},
    {"conv_c9", "E0358", "the kernel, spread by its dilation, fits into the padded input",
     "conv f32[N, 4, 1], f32[3, 1, 1] {stride = [2], padding = [0, 0], dilation = [2], groups = 1} "
     ": f32[N, 2, 1]"},
    {0}};

static const NcAttrDecl attrs[] = {NC_CONV_ATTRS, {0}};

static const NcSample samples[] = {
    {.text = "conv f32[N, 5, 3], f32[3, 3, 4] {stride = [1], padding = [1, 1], dilation = [1], "
             "groups = 1} : f32[N, 5, 4]"},
    {.text = "conv f32[N, 7, 1], f32[5, 1, 16] {stride = [2], padding = [2, 2], dilation = [1], "
             "groups = 1} : f32[N, 4, 16]"},
    {.text = "conv f32[1, 11, 2], f32[3, 2, 3] {stride = [1], padding = [0, 1], dilation = [3], "
             "groups = 1} : f32[1, 6, 3]"},
    {.text = "conv f32[N, 7, 1], f32[2, 1, 3] {stride = [3], padding = [0, 1], dilation = [1], "
             "groups = 1} : f32[N, 3, 3]"},
    {.text = "conv f32[N, 5, 2], f32[2, 2, 3] {stride = [1], padding = [1, 0], dilation = [1], "
             "groups = 1} : f32[N, 5, 3]"},
    {.text = "conv f32[N, 5, 2], f32[2, 2, 3] {stride = [1], padding = [0, 4], dilation = [2], "
             "groups = 1} : f32[N, 7, 3]"},
    {.text = "conv f32[N, 8, 8, 1], f32[3, 3, 1, 16] {stride = [1, 1], padding = [1, 1, 1, 1], "
             "dilation = [1, 1], groups = 1} : f32[N, 8, 8, 16]"},
    {.text = "conv f32[N, 7, 5, 16], f32[3, 3, 16, 17] {stride = [1, 1], padding = [1, 1, 1, 1], "
             "dilation = [1, 1], groups = 1} : f32[N, 7, 5, 17]"},
    {.text = "conv f32[2, 7, 7, 17], f32[1, 1, 17, 16] {stride = [1, 1], padding = [0, 0, 0, 0], "
             "dilation = [1, 1], groups = 1} : f32[2, 7, 7, 16]"},
    {.text = "conv f32[N, 7, 7, 3], f32[3, 3, 3, 5] {stride = [2, 2], padding = [1, 1, 1, 1], "
             "dilation = [1, 1], groups = 1} : f32[N, 4, 4, 5]"},
    {.text = "conv f32[N, 8, 8, 3], f32[3, 3, 3, 5] {stride = [2, 2], padding = [0, 1, 0, 1], "
             "dilation = [1, 1], groups = 1} : f32[N, 4, 4, 5]"},
    {.text = "conv f32[N, 8, 6, 3], f32[1, 1, 3, 2] {stride = [2, 2], padding = [0, 0, 0, 0], "
             "dilation = [1, 1], groups = 1} : f32[N, 4, 3, 2]"},
    {.text = "conv f32[N, 9, 9, 2], f32[5, 3, 2, 3] {stride = [1, 2], padding = [2, 2, 0, 3], "
             "dilation = [1, 2], groups = 1} : f32[N, 9, 4, 3]"},
    {.text = "conv f32[N, 5, 5, 4], f32[3, 3, 2, 6] {stride = [1, 1], padding = [1, 1, 1, 1], "
             "dilation = [1, 1], groups = 2} : f32[N, 5, 5, 6]"},
    {.text = "conv f32[N, 6, 6, 3], f32[3, 3, 1, 6] {stride = [2, 1], padding = [1, 0, 0, 1], "
             "dilation = [1, 2], groups = 3} : f32[N, 3, 3, 6]"},
    {.text = "conv f64[3, 4, 4, 2], f64[3, 3, 2, 2] {stride = [1, 1], padding = [0, 2, 3, 0], "
             "dilation = [1, 1], groups = 1} : f64[3, 4, 5, 2]"},
    {.text = "conv f32[N, 3, 3, 2], f32[1, 1, 2, 3] {stride = [1, 1], padding = [1, 1, 0, 2], "
             "dilation = [1, 1], groups = 1} : f32[N, 5, 5, 3]"},
    {.text = "conv f32[1, 3, 4, 5, 2], f32[3, 1, 2, 2, 3] {stride = [1, 1, 2], padding = [1, 1, 0, "
             "0, 0, 1], dilation = [1, 1, 1], groups = 1} : f32[1, 3, 4, 3, 3]"},
    {0}};

const NcOp nc_op_conv = {
    .name = "conv",
    .doc = "Convolution of a batch with a kernel.\n\n"
           "`x[N', spatial…, C]` and `kernel[spatial…, C/groups, O]` give `[N', spatial…, O]`: "
           "each output is the sum, over the kernel's taps and the input channels of its group, of "
           "`x[n, stride*h + dilation*r - padding, c] * kernel[r, c, o]`, where x is 0 in the "
           "padding. The kernel is not mirrored.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 2,
    .infer = infer,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"Conv", .build = onnx},
    .net = {"conv({0}, {1}, stride = {stride}, padding = {padding:pairs}, dilation = {dilation}, "
            "groups = {groups})"},
    .samples = samples,
};
