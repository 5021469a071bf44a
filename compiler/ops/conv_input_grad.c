// conv_input_grad: the gradient of a convolution with respect to its input.
#include "ir/onnx.h"
#include "ops/build.h"
#include "ops/conv.h"

static bool infer(NcInfer *infer) {
  NcConv conv;
  const NcType *x = &infer->attrs[NC_CONV_TYPE].type;
  if (!nc_conv_check(infer, x, -1, &infer->operands[1], 1, &conv) ||
      !nc_conv_check_result(infer, &conv, 0))
    return false;
  infer->result = *x;
  return true;
}

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  NcNode *y = node->operands[0], *kernel = node->operands[1];
  if (wanted[0])
    dx[0] = nc_conv(graph, dy, kernel, node->attrs);
  if (wanted[1])
    dx[1] = nc_conv_kernel_grad(graph, dy, y, node->attrs, kernel->type);
}

// How one spatial dimension is gone through. An element i of the result gets terms from taps r and
// elements y of dy with i + low = stride*y + dilation*r. Without dilation, elements of one residue
// modulo a stride meet every stride-th tap only: i is written stride*a + p, r as stride*t + q with
// q fixed by p, and y is then a + shift - t. Otherwise dy is read as if its elements lay `stride`
// apart with zeros between.
typedef struct Dim {
  bool residues;
  int64_t size; // of the result before `begin` elements are cut off
  int64_t begin;
  int64_t q[2], shift[2]; // q is q[0] + q[1]*p; shift likewise
} Dim;

static Dim plan_dim(const NcConv *conv, int d) {
  int64_t stride = conv->stride[d], low = conv->low[d], rest = low % stride;
  Dim dim = {.size = conv->in[d]};
  if (stride == 1 || stride > NC_MAX_SPELLED || conv->dilation[d] > 1)
    return dim;
  dim.residues = true;
  dim.q[1] = 1;
  dim.shift[0] = low / stride;
  if (rest && stride == 2) { // p = 0 meets the odd taps, p = 1 the even ones
    dim.q[0] = 1;
    dim.q[1] = -1;
    dim.shift[1] = 1;
  } else {
    dim.begin = rest; // counted from there on, q is p
  }
  dim.size = (dim.begin + conv->in[d] + stride - 1) / stride * stride;
  return dim;
}

// The accesses of one spatial dimension.
typedef struct Access {
  NcAffine store, kernel, dy;
  NcExpr *where; // or NULL
} Access;

// Whether an index leaves dy, for i in the result and r in the kernel.
static bool reaches_outside(const NcConv *conv, int d) {
  int64_t first = conv->low[d] - (conv->kernel[d] - 1) * conv->dilation[d];
  int64_t last = conv->in[d] - 1 + conv->low[d];
  return first < 0 || last >= conv->out[d] || conv->stride[d] > 1;
}

static NcExpr *load_dy(NcTeBuilder *builder, const NcConv *conv, const Dim *dims, NcTe *dy,
                       const NcAffine *index) {
  bool padded = false;
  for (int d = 0; d < conv->spatial; d++)
    padded = padded || reaches_outside(conv, d);
  if (!padded)
    return nc_x_load(builder, dy, index);
  NcExpr *load = nc_x_load_padded(builder, dy, index, 0);
  for (int d = 0; d < conv->spatial; d++)
    load->steps[1 + d] = dims[d].residues ? 1 : conv->stride[d];
  return load;
}

static NcAffine of_residue(const int64_t line[2], int p) {
  return nc_affine_offset(nc_affine_scale(nc_affine_axis(p), line[1]), line[0]);
}

// Adds the axes of the result: residues first, so that the loops over them stand outside.
static void add_axes(NcTe *dx, const NcConv *conv, const Dim *dims, Access *access, int *residue) {
  for (int d = 0; d < conv->spatial; d++)
    residue[d] = dims[d].residues ? nc_te_axis(dx, nc_dim(conv->stride[d])) : -1;
  for (int d = 0; d < conv->spatial; d++) {
    int64_t stride = dims[d].residues ? conv->stride[d] : 1;
    access[d].dy = nc_affine_axis(nc_te_axis(dx, nc_dim(dims[d].size / stride)));
    access[d].store = nc_affine_scale(access[d].dy, stride);
    if (residue[d] >= 0)
      access[d].store = nc_affine_add(access[d].store, nc_affine_axis(residue[d]));
  }
}

// Adds the reduction over the taps of dimension d.
static void add_taps(NcTeBuilder *builder, NcTe *dx, const NcConv *conv, int d, const Dim *dim,
                     Access *access, int residue) {
  int64_t stride = conv->stride[d], taps = conv->kernel[d];
  if (!dim->residues) {
    access->kernel = nc_affine_axis(nc_te_reduce(dx, nc_dim(taps)));
    NcAffine back = nc_affine_scale(access->kernel, -conv->dilation[d]);
    access->dy = nc_affine_offset(nc_affine_add(access->dy, back), conv->low[d]);
    return;
  }
  NcAffine t = nc_affine_axis(nc_te_reduce(dx, nc_dim((taps + stride - 1) / stride)));
  access->kernel = nc_affine_add(nc_affine_scale(t, stride), of_residue(dim->q, residue));
  access->dy = nc_affine_add(access->dy, nc_affine_scale(t, -1));
  access->dy = nc_affine_add(access->dy, of_residue(dim->shift, residue));
  if (taps % stride)
    access->where = nc_x_binary(builder, NC_X_LT, nc_x_index(builder, access->kernel),
                                nc_x_const_int(builder, NC_I64, taps));
}

// The result without what is cut off its start and end.
static NcTe *cut(NcTeBuilder *builder, const NcConv *conv, const Dim *dims, NcTe *dx, NcType type) {
  NcTe *result = nc_te_compute(builder, type);
  NcAffine index[NC_MAX_RANK];
  for (int d = 0; d < type.rank; d++)
    index[d] = nc_affine_axis(d);
  for (int d = 0; d < conv->spatial; d++)
    index[1 + d] = nc_affine_offset(index[1 + d], dims[d].begin);
  result->body = nc_x_load(builder, dx, index);
  return result;
}

// Result axes n, [residues,] spatial, [group,] c; reduced are the taps, then the group's output
// channels.
static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  NcConv conv = nc_conv_geometry(&node->type, &operands[1]->type, node->attrs);
  NcType type = node->type;
  Dim dims[NC_CONV_MAX_SPATIAL];
  Access access[NC_CONV_MAX_SPATIAL] = {0};
  int residue[NC_CONV_MAX_SPATIAL], channels = 1 + conv.spatial;
  for (int d = 0; d < conv.spatial; d++) {
    dims[d] = plan_dim(&conv, d);
    type.dims[1 + d] = nc_dim(dims[d].size);
  }
  NcAffine dy[NC_MAX_RANK], kernel[NC_MAX_RANK];
  NcTe *dx = nc_te_scatter(builder, type);
  dx->store[0] = dy[0] = nc_affine_axis(nc_te_axis(dx, conv.batch));
  add_axes(dx, &conv, dims, access, residue);
  int group = conv.groups > 1 ? nc_te_axis(dx, nc_dim(conv.groups)) : -1;
  int c = nc_te_axis(dx, nc_dim(conv.inputs));
  dx->store[channels] = nc_conv_channel(group, conv.inputs, c);
  for (int d = 0; d < conv.spatial; d++) {
    add_taps(builder, dx, &conv, d, &dims[d], &access[d], residue[d]);
    dx->store[1 + d] = access[d].store;
    kernel[d] = access[d].kernel;
    dy[1 + d] = access[d].dy;
    if (access[d].where)
      dx->where =
          dx->where ? nc_x_binary(builder, NC_X_AND, dx->where, access[d].where) : access[d].where;
  }
  kernel[conv.spatial] = nc_affine_axis(c);
  kernel[channels] = dy[channels] =
      nc_conv_channel(group, conv.outputs, nc_te_reduce(dx, nc_dim(conv.outputs)));
  dx->reduce = NC_REDUCE_SUM;
  dx->body = nc_x_binary(builder, NC_X_MUL, load_dy(builder, &conv, dims, operands[0], dy),
                         nc_x_load(builder, operands[1], kernel));
  return nc_type_equal(&type, &node->type) ? dx : cut(builder, &conv, dims, dx, node->type);
}

static bool eval(NcEval *e) {
  NcConv conv = nc_conv_geometry(&e->result->type, &e->operands[1]->type, e->attrs);
  const NcTensor *tensors[] = {e->result, e->operands[1], e->operands[0]};
  nc_conv_eval(&conv, tensors, NC_CONV_INPUT, e->result);
  return true;
}

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  NcConv conv = nc_conv_geometry(&node->type, &node->operands[1]->type, node->attrs);
  NcOnnxValue *value = nc_conv_onnx(b, "ConvTranspose", node->type, operands, &conv);
  int64_t more[NC_CONV_MAX_SPATIAL]; // elements of x that no window reaches
  for (int d = 0; d < conv.spatial; d++)
    more[d] = conv.in[d] + conv.low[d] + conv.high[d] -
              ((conv.out[d] - 1) * conv.stride[d] + (conv.kernel[d] - 1) * conv.dilation[d] + 1);
  if (value)
    nc_onnx_set_list(b, value, "output_padding", more, conv.spatial);
  return value;
}

static const NcConstraint constraints[] = {
    {"conv_input_grad_c1", "E0350", "result and kernel have the same floating dtype",
     "conv_input_grad f32[N, 2, 1], f64[3, 1, 1] {stride = [1], padding = [0, 0], dilation = [1], "
     "groups = 1} : f32[N, 4, 1]"},
    {"conv_input_grad_c2", "E0351",
     "the result has rank 3 to 5: batch, 1 to 3 spatial dimensions, channels",
     "conv_input_grad f32[N, 1], f32[1, 1] {stride = [], padding = [], dilation = [], groups = 1} "
     ": f32[N, 1]"},
    {"conv_input_grad_c3", "E0352",
     "the kernel has the result's rank, spatial dimensions, input channels of a group, output "
     "channels, and no N",
     "conv_input_grad f32[N, 2, 1], f32[3, 1] {stride = [1], padding = [0, 0], dilation = [1], "
     "groups = 1} : f32[N, 4, 1]"},
    {"conv_input_grad_c4", "E0353", "stride has one entry from 1 on for each spatial dimension",
     "conv_input_grad f32[N, 2, 1], f32[3, 1, 1] {stride = [1, 1], padding = [0, 0], dilation = "
     "[1], groups = 1} : f32[N, 4, 1]"},
    {"conv_input_grad_c5", "E0354",
     "padding has two entries from 0 on for each spatial dimension, before and after",
     "conv_input_grad f32[N, 2, 1], f32[3, 1, 1] {stride = [1], padding = [0, -1], dilation = [1], "
     "groups = 1} : f32[N, 4, 1]"},
    {"conv_input_grad_c6", "E0355", "dilation has one entry from 1 on for each spatial dimension",
     "conv_input_grad f32[N, 2, 1], f32[3, 1, 1] {stride = [1], padding = [0, 0], dilation = [0], "
     "groups = 1} : f32[N, 4, 1]"},
    {"conv_input_grad_c7", "E0356",
     "groups is at least 1 and divides the channels of both operands' tensors",
     "conv_input_grad f32[N, 2, 3], f32[3, 4, 3] {stride = [1], padding = [0, 0], dilation = [1], "
     "groups = 0} : f32[N, 4, 4]"},
    {"conv_input_grad_c8", "E0357",
     "the kernel's input channels are the result's divided by groups",
     "conv_input_grad f32[N, 2, 2], f32[3, 4, 2] {stride = [1], padding = [0, 0], dilation = [1], "
     "groups = 2} : f32[N, 4, 4]"},
    {"conv_input_grad_c9", "E0358",
     "the kernel, spread by its dilation, fits into the padded result",
     "conv_input_grad f32[N, 1, 1], f32[5, 1, 1] {stride = [1], padding = [0, 0], dilation = [1], "
     "groups = 1} : f32[N, 4, 1]"},
    {"conv_input_grad_c10", "E0359", "the first operand has the type of the convolution's result",
     "conv_input_grad f32[N, 3, 1], f32[3, 1, 1] {stride = [1], padding = [0, 0], dilation = [1], "
     "groups = 1} : f32[N, 4, 1]"},
    {0}};

static const NcAttrDecl attrs[] = {
    NC_CONV_ATTRS, {"type", NC_ATTR_TYPE, "the type of the convolution's input"}, {0}};

static const NcSample samples[] = {
    {.text = "conv_input_grad f32[N, 5, 4], f32[3, 3, 4] {stride = [1], padding = [1, 1], dilation "
             "= [1], groups = 1} : f32[N, 5, 3]"},
    {.text = "conv_input_grad f32[N, 4, 16], f32[5, 1, 16] {stride = [2], padding = [2, 2], "
             "dilation = [1], groups = 1} : f32[N, 7, 1]"},
    {.text = "conv_input_grad f32[1, 6, 3], f32[3, 2, 3] {stride = [1], padding = [0, 1], dilation "
             "= [3], groups = 1} : f32[1, 11, 2]"},
    {.text = "conv_input_grad f32[N, 3, 3], f32[2, 1, 3] {stride = [3], padding = [0, 1], dilation "
             "= [1], groups = 1} : f32[N, 7, 1]"},
    {.text = "conv_input_grad f32[N, 3, 1], f32[2, 1, 1] {stride = [3], padding = [0, 1], dilation "
             "= [1], groups = 1} : f32[N, 9, 1]"},
    {.text = "conv_input_grad f32[N, 3, 4, 1], f32[2, 7, 1, 1] {stride = [2, 5], padding = [0, 0, "
             "1, 2], dilation = [1, 1], groups = 1} : f32[N, 6, 19, 1]"},
    {.text = "conv_input_grad f32[N, 5, 3], f32[2, 2, 3] {stride = [1], padding = [1, 0], dilation "
             "= [1], groups = 1} : f32[N, 5, 2]"},
    {.text = "conv_input_grad f32[N, 7, 3], f32[2, 2, 3] {stride = [1], padding = [0, 4], dilation "
             "= [2], groups = 1} : f32[N, 5, 2]"},
    {.text = "conv_input_grad f32[N, 6, 6, 16], f32[3, 3, 16, 16] {stride = [1, 1], padding = [1, "
             "1, 1, 1], dilation = [1, 1], groups = 1} : f32[N, 6, 6, 16]"},
    {.text = "conv_input_grad f32[N, 7, 5, 17], f32[3, 3, 16, 17] {stride = [1, 1], padding = [1, "
             "1, 1, 1], dilation = [1, 1], groups = 1} : f32[N, 7, 5, 16]"},
    {.text = "conv_input_grad f32[2, 7, 7, 16], f32[1, 1, 17, 16] {stride = [1, 1], padding = [0, "
             "0, 0, 0], dilation = [1, 1], groups = 1} : f32[2, 7, 7, 17]"},
    {.text = "conv_input_grad f32[N, 4, 4, 5], f32[3, 3, 3, 5] {stride = [2, 2], padding = [1, 1, "
             "1, 1], dilation = [1, 1], groups = 1} : f32[N, 7, 7, 3]"},
    {.text = "conv_input_grad f32[N, 4, 4, 5], f32[3, 3, 3, 5] {stride = [2, 2], padding = [0, 1, "
             "0, 1], dilation = [1, 1], groups = 1} : f32[N, 8, 8, 3]"},
    {.text = "conv_input_grad f32[N, 4, 3, 2], f32[1, 1, 3, 2] {stride = [2, 2], padding = [0, 0, "
             "0, 0], dilation = [1, 1], groups = 1} : f32[N, 8, 6, 3]"},
    {.text = "conv_input_grad f32[N, 9, 4, 3], f32[5, 3, 2, 3] {stride = [1, 2], padding = [2, 2, "
             "0, 3], dilation = [1, 2], groups = 1} : f32[N, 9, 9, 2]"},
    {.text = "conv_input_grad f32[N, 5, 5, 6], f32[3, 3, 2, 6] {stride = [1, 1], padding = [1, 1, "
             "1, 1], dilation = [1, 1], groups = 2} : f32[N, 5, 5, 4]"},
    {.text = "conv_input_grad f32[N, 3, 3, 6], f32[3, 3, 1, 6] {stride = [2, 1], padding = [1, 0, "
             "0, 1], dilation = [1, 2], groups = 3} : f32[N, 6, 6, 3]"},
    {.text = "conv_input_grad f64[3, 4, 5, 2], f64[3, 3, 2, 2] {stride = [1, 1], padding = [0, 2, "
             "3, 0], dilation = [1, 1], groups = 1} : f64[3, 4, 4, 2]"},
    {.text = "conv_input_grad f32[N, 5, 5, 3], f32[1, 1, 2, 3] {stride = [1, 1], padding = [1, 1, "
             "0, 2], dilation = [1, 1], groups = 1} : f32[N, 3, 3, 2]"},
    {.text = "conv_input_grad f32[1, 3, 4, 3, 3], f32[3, 1, 2, 2, 3] {stride = [1, 1, 2], padding "
             "= [1, 1, 0, 0, 0, 1], dilation = [1, 1, 1], groups = 1} : f32[1, 3, 4, 5, 2]"},
    {0}};

const NcOp nc_op_conv_input_grad = {
    .name = "conv_input_grad",
    .doc =
        "Gradient of a convolution with respect to its input.\n\n"
        "Of `dy`, the gradient of the convolution's result, and the kernel; the attributes are the "
        "convolution's and the result has its input's type. It is the transposed convolution.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 2,
    .infer = infer,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"ConvTranspose", .build = onnx},
    .net = {"conv_input_grad({0}, {1}, {type}, stride = {stride}, padding = {padding:pairs}, "
            "dilation = {dilation}, groups = {groups})"},
    .samples = samples,
};
