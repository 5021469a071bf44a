// conv_kernel_grad: the gradient of a convolution with respect to its kernel.
#include "ops/build.h"
#include "ops/conv.h"

static bool infer(NcInfer *infer) {
  NcConv conv;
  const NcType *kernel = &infer->attrs[NC_CONV_TYPE].type;
  if (!nc_conv_check(infer, &infer->operands[0], 0, kernel, -1, &conv) ||
      !nc_conv_check_result(infer, &conv, 1))
    return false;
  infer->result = *kernel;
  return true;
}

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  NcNode *x = node->operands[0], *y = node->operands[1];
  if (wanted[0])
    dx[0] = nc_conv_input_grad(graph, y, dy, node->attrs, x->type);
  if (wanted[1])
    dx[1] = nc_conv(graph, x, dy, node->attrs);
}

// Result axes spatial, c, [group,] o; reduced are the samples, then the output's positions.
static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  NcConv conv = nc_conv_geometry(&operands[0]->type, &node->type, node->attrs);
  NcAffine x[NC_MAX_RANK], dy[NC_MAX_RANK];
  NcTe *dk = nc_te_scatter(builder, node->type);
  for (int d = 0; d < conv.spatial; d++)
    dk->store[d] = nc_affine_axis(nc_te_axis(dk, nc_dim(conv.kernel[d])));
  int channels = 1 + conv.spatial, c = nc_te_axis(dk, nc_dim(conv.inputs));
  int group = conv.groups > 1 ? nc_te_axis(dk, nc_dim(conv.groups)) : -1;
  dk->store[conv.spatial] = nc_affine_axis(c);
  dk->store[channels] = nc_conv_channel(group, conv.outputs, nc_te_axis(dk, nc_dim(conv.outputs)));
  x[0] = dy[0] = nc_affine_axis(nc_te_reduce(dk, conv.batch));
  for (int d = 0; d < conv.spatial; d++) {
    int out = nc_te_reduce(dk, nc_dim(conv.out[d]));
    x[1 + d] = nc_conv_input_index(&conv, d, out, d);
    dy[1 + d] = nc_affine_axis(out);
  }
  x[channels] = nc_conv_channel(group, conv.inputs, c);
  dy[channels] = dk->store[channels];
  dk->reduce = NC_REDUCE_SUM;
  dk->body = nc_x_binary(builder, NC_X_MUL, nc_conv_load_input(builder, &conv, operands[0], x),
                         nc_x_load(builder, operands[1], dy));
  return dk;
}

static bool eval(NcEval *e) {
  NcConv conv = nc_conv_geometry(&e->operands[0]->type, &e->result->type, e->attrs);
  const NcTensor *tensors[] = {e->operands[0], e->result, e->operands[1]};
  nc_conv_eval(&conv, tensors, NC_CONV_KERNEL, e->result);
  return true;
}

static const NcConstraint constraints[] = {
    {"conv_kernel_grad_c1", "E0350", "input and result have the same floating dtype",
     "conv_kernel_grad f32[N, 4, 1], f32[N, 2, 1] {stride = [1], padding = [0, 0], dilation = [1], "
     "groups = 1} : f64[3, 1, 1]"},
    {"conv_kernel_grad_c2", "E0351",
     "the input has rank 3 to 5: batch, 1 to 3 spatial dimensions, channels",
     "conv_kernel_grad f32[N, 1], f32[N, 1] {stride = [], padding = [], dilation = [], groups = 1} "
     ": f32[1, 1]"},
    {"conv_kernel_grad_c3", "E0352",
     "the result has the input's rank, spatial dimensions, input channels of a group, output "
     "channels, and no N",
     "conv_kernel_grad f32[N, 4, 1], f32[N, 2, 1] {stride = [1], padding = [0, 0], dilation = [1], "
     "groups = 1} : f32[N, 1, 1]"},
    {"conv_kernel_grad_c4", "E0353", "stride has one entry from 1 on for each spatial dimension",
     "conv_kernel_grad f32[N, 4, 1], f32[N, 2, 1] {stride = [-1], padding = [0, 0], dilation = "
     "[1], groups = 1} : f32[3, 1, 1]"},
    {"conv_kernel_grad_c5", "E0354",
     "padding has two entries from 0 on for each spatial dimension, before and after",
     "conv_kernel_grad f32[N, 4, 1], f32[N, 2, 1] {stride = [1], padding = [0, 0, 0], dilation = "
     "[1], groups = 1} : f32[3, 1, 1]"},
    {"conv_kernel_grad_c6", "E0355", "dilation has one entry from 1 on for each spatial dimension",
     "conv_kernel_grad f32[N, 4, 1], f32[N, 2, 1] {stride = [1], padding = [0, 0], dilation = [], "
     "groups = 1} : f32[3, 1, 1]"},
    {"conv_kernel_grad_c7", "E0356",
     "groups is at least 1 and divides the channels of both operands",
     "conv_kernel_grad f32[N, 4, 3], f32[N, 2, 4] {stride = [1], padding = [0, 0], dilation = [1], "
     "groups = 2} : f32[3, 1, 4]"},
    {"conv_kernel_grad_c8", "E0357",
     "the result's input channels are the input's divided by groups",
     "conv_kernel_grad f32[N, 4, 3], f32[N, 2, 4] {stride = [1], padding = [0, 0], dilation = [1], "
     "groups = 1} : f32[3, 2, 4]"},
    {"conv_kernel_grad_c9", "E0358",
     "the result, spread by its dilation, fits into the padded input",
     "conv_kernel_grad f32[N, 4, 1], f32[N, 1, 1] {stride = [1], padding = [0, 0], dilation = [9], "
     "groups = 1} : f32[3, 1, 1]"},
    {"conv_kernel_grad_c10", "E0359", "the second operand has the type of the convolution's result",
     "conv_kernel_grad f32[N, 4, 1], f32[N, 2, 2] {stride = [1], padding = [0, 0], dilation = [1], "
     "groups = 1} : f32[3, 1, 1]"},
    {0}};

static const NcAttrDecl attrs[] = {
    NC_CONV_ATTRS, {"type", NC_ATTR_TYPE, "the type of the kernel"}, {0}};

static const NcSample samples[] = {
    {.text = "conv_kernel_grad f32[N, 5, 3], f32[N, 5, 4] {stride = [1], padding = [1, 1], "
             "dilation = [1], groups = 1} : f32[3, 3, 4]"},
    {.text = "conv_kernel_grad f32[N, 7, 1], f32[N, 4, 16] {stride = [2], padding = [2, 2], "
             "dilation = [1], groups = 1} : f32[5, 1, 16]"},
    {.text = "conv_kernel_grad f32[1, 11, 2], f32[1, 6, 3] {stride = [1], padding = [0, 1], "
             "dilation = [3], groups = 1} : f32[3, 2, 3]"},
    {.text = "conv_kernel_grad f32[N, 7, 1], f32[N, 3, 3] {stride = [3], padding = [0, 1], "
             "dilation = [1], groups = 1} : f32[2, 1, 3]"},
    {.text = "conv_kernel_grad f32[N, 5, 2], f32[N, 5, 3] {stride = [1], padding = [1, 0], "
             "dilation = [1], groups = 1} : f32[2, 2, 3]"},
    {.text = "conv_kernel_grad f32[N, 5, 2], f32[N, 7, 3] {stride = [1], padding = [0, 4], "
             "dilation = [2], groups = 1} : f32[2, 2, 3]"},
    {.text = "conv_kernel_grad f32[N, 8, 8, 1], f32[N, 8, 8, 16] {stride = [1, 1], padding = [1, "
             "1, 1, 1], dilation = [1, 1], groups = 1} : f32[3, 3, 1, 16]"},
    {.text = "conv_kernel_grad f32[N, 7, 5, 16], f32[N, 7, 5, 17] {stride = [1, 1], padding = [1, "
             "1, 1, 1], dilation = [1, 1], groups = 1} : f32[3, 3, 16, 17]"},
    {.text = "conv_kernel_grad f32[2, 7, 7, 17], f32[2, 7, 7, 16] {stride = [1, 1], padding = [0, "
             "0, 0, 0], dilation = [1, 1], groups = 1} : f32[1, 1, 17, 16]"},
    {.text = "conv_kernel_grad f32[N, 7, 7, 3], f32[N, 4, 4, 5] {stride = [2, 2], padding = [1, 1, "
             "1, 1], dilation = [1, 1], groups = 1} : f32[3, 3, 3, 5]"},
    {.text = "conv_kernel_grad f32[N, 8, 6, 3], f32[N, 4, 3, 2] {stride = [2, 2], padding = [0, 0, "
             "0, 0], dilation = [1, 1], groups = 1} : f32[1, 1, 3, 2]"},
    {.text = "conv_kernel_grad f32[N, 9, 9, 2], f32[N, 9, 4, 3] {stride = [1, 2], padding = [2, 2, "
             "0, 3], dilation = [1, 2], groups = 1} : f32[5, 3, 2, 3]"},
    {.text = "conv_kernel_grad f32[N, 5, 5, 4], f32[N, 5, 5, 6] {stride = [1, 1], padding = [1, 1, "
             "1, 1], dilation = [1, 1], groups = 2} : f32[3, 3, 2, 6]"},
    {.text = "conv_kernel_grad f32[N, 6, 6, 3], f32[N, 3, 3, 6] {stride = [2, 1], padding = [1, 0, "
             "0, 1], dilation = [1, 2], groups = 3} : f32[3, 3, 1, 6]"},
    {.text = "conv_kernel_grad f64[3, 4, 4, 2], f64[3, 4, 5, 2] {stride = [1, 1], padding = [0, 2, "
             "3, 0], dilation = [1, 1], groups = 1} : f64[3, 3, 2, 2]"},
    {.text = "conv_kernel_grad f32[1, 3, 4, 5, 2], f32[1, 3, 4, 3, 3] {stride = [1, 1, 2], padding "
             "= [1, 1, 0, 0, 0, 1], dilation = [1, 1, 1], groups = 1} : f32[3, 1, 2, 2, 3]"},
    {0}};

const NcOp nc_op_conv_kernel_grad = {
    .name = "conv_kernel_grad",
    .doc = "Gradient of a convolution with respect to its kernel.\n\n"
           "Of the convolution's input and of `dy`, the gradient of its result; the attributes are "
           "the convolution's and the result has its kernel's type.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 2,
    .facts = NC_FACT_SUMS_BATCH,
    .infer = infer,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .net = {"conv_kernel_grad({0}, {1}, {type}, stride = {stride}, padding = {padding:pairs}, "
            "dilation = {dilation}, groups = {groups})"},
    .samples = samples,
};
