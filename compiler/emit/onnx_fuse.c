// Puts one node of ONNX in the place of several that compute the same: softmax, its logarithm, and
// a concatenation of more than two. Nodes that nothing needs any more go afterwards.
#include "emit/onnx_graph.h"

#include <math.h>
#include <string.h>

static const NcOnnxNode *producer(const NcOnnxValue *value, const char *op_type) {
  const NcOnnxNode *node = value ? value->producer : NULL;
  return node && strcmp(node->op_type, op_type) == 0 ? node : NULL;
}

static const NcOnnxAttr *attr(const NcOnnxNode *node, const char *name) {
  for (int i = 0; i < node->attrs.count; i++)
    if (strcmp(node->attrs.items[i].name, name) == 0)
      return &node->attrs.items[i];
  return NULL;
}

// The axis of a reduction of `x` over that one alone, which is kept as 1; else -1.
static int64_t kept_axis(const NcOnnxValue *value, const char *op_type, const NcOnnxValue *x) {
  const NcOnnxNode *node = producer(value, op_type);
  if (!node || node->inputs[0] != x || attr(node, "keepdims")->ints[0] == 0)
    return -1;
  const NcOnnxAttr *axes = attr(node, "axes");
  const NcOnnxValue *input = node->input_count > 1 ? node->inputs[1] : NULL;
  int64_t count = axes ? axes->count : nc_type_elements(&input->type).c;
  return count != 1 ? -1 : axes ? axes->ints[0] : input->ints[0];
}

// x and the axis of x - max(x, axis); NULL if the value is none.
static NcOnnxValue *shifted(const NcOnnxValue *value, int64_t *axis) {
  const NcOnnxNode *sub = producer(value, "Sub");
  *axis = sub ? kept_axis(sub->inputs[1], "ReduceMax", sub->inputs[0]) : -1;
  return *axis >= 0 ? sub->inputs[0] : NULL;
}

static void become(NcOnnxNode *node, const char *op_type, NcOnnxValue *const *inputs, int count) {
  node->op_type = op_type;
  node->input_count = count;
  node->attrs.count = 0;
  memcpy(node->inputs, inputs, (size_t)count * sizeof *inputs);
}

static void become_along(NcArena *arena, NcOnnxNode *node, const char *op_type, NcOnnxValue *x,
                         int64_t axis) {
  NcOnnxAttr attr = {.name = "axis", .ints = {axis}, .count = 1};
  become(node, op_type, &x, 1);
  nc_vec_push(arena, node->attrs, attr);
}

// exp(y) / sum(exp(y)) with y = x - max(x)
static void fuse_softmax(NcArena *arena, NcOnnxNode *node) {
  int64_t axis;
  const NcOnnxNode *exp = producer(node->inputs[0], "Exp");
  NcOnnxValue *x = exp ? shifted(exp->inputs[0], &axis) : NULL;
  if (x && kept_axis(node->inputs[1], "ReduceSum", exp->output) == axis)
    become_along(arena, node, "Softmax", x, axis);
}

// y - log(sum(exp(y)))
static void fuse_log_softmax(NcArena *arena, NcOnnxNode *node) {
  int64_t axis;
  NcOnnxValue *y = node->inputs[0], *x = shifted(y, &axis);
  const NcOnnxNode *log = x ? producer(node->inputs[1], "Log") : NULL;
  const NcOnnxNode *sum = log ? producer(log->inputs[0], "ReduceSum") : NULL;
  const NcOnnxNode *exp = sum ? producer(sum->inputs[0], "Exp") : NULL;
  if (exp && exp->inputs[0] == y && kept_axis(sum->output, "ReduceSum", exp->output) == axis)
    become_along(arena, node, "LogSoftmax", x, axis);
}

// The operand of a node of two that stands beside the number.
static NcOnnxValue *beside(const NcOnnxNode *node, double number) {
  double found;
  for (int i = 0; node && i < 2; i++)
    if (nc_onnx_is_number(node->inputs[i], &found) && found == number)
      return node->inputs[1 - i];
  return NULL;
}

// 0.5 * tanh(0.5 * x) + 0.5
static void fuse_sigmoid(NcOnnxNode *node) {
  const NcOnnxNode *tanh = producer(beside(producer(beside(node, 0.5), "Mul"), 0.5), "Tanh");
  NcOnnxValue *x = tanh ? beside(producer(tanh->inputs[0], "Mul"), 0.5) : NULL;
  if (x)
    become(node, "Sigmoid", &x, 1);
}

// A sum over so many elements as it is then divided by.
static void fuse_mean(NcArena *arena, NcOnnxNode *node, bool divides) {
  double number, count = 1;
  for (int i = divides; i < 2; i++) {
    const NcOnnxNode *sum = producer(node->inputs[1 - i], "ReduceSum");
    if (!sum || !nc_onnx_is_number(node->inputs[i], &number))
      continue;
    const NcOnnxValue *axes = sum->inputs[1];
    NcOnnxAttr list = {.name = "axes", .list = true, .count = (int)nc_type_elements(&axes->type).c};
    memcpy(list.ints, axes->ints, (size_t)list.count * sizeof *list.ints);
    for (int k = 0; k < list.count; k++)
      count *= (double)nc_dim_value(sum->inputs[0]->type.dims[list.ints[k]], 0);
    if (!nc_dtype_is_float(node->output->type.dtype) ||
        fabs((divides ? 1 / number : number) * count - 1) > 1e-6)
      return;
    NcOnnxAttr keep = *attr(sum, "keepdims");
    become(node, "ReduceMean", &sum->inputs[0], 1);
    nc_vec_push(arena, node->attrs, list);
    nc_vec_push(arena, node->attrs, keep);
    return;
  }
}

// ---- batch normalisation: (x - mean) * (scale * (1 / sqrt(variance + eps))) + bias

// A vector before it was brought to the channels' place: a param, or an input in its place.
static NcOnnxValue *channels(NcArena *arena, NcOnnxValue *value) {
  const NcOnnxNode *reshape = producer(value, "Reshape");
  NcOnnxValue *from = reshape ? reshape->inputs[0] : value;
  if (!from->variable || from->variable->type.rank != 1)
    return NULL;
  if (from->type.rank == 1)
    return from;
  NcOnnxValue *vector = NC_NEW(arena, NcOnnxValue);
  *vector = *from;
  vector->type = from->variable->type;
  return vector;
}

// Whether a value has elements along x's channels alone, which are its second dimension.
static bool is_along_channels(const NcOnnxValue *value, const NcType *x) {
  bool fits = value->type.rank == x->rank - 1 && nc_dim_equal(value->type.dims[0], x->dims[1]);
  for (int d = 1; fits && d < value->type.rank; d++)
    fits = nc_dim_is(value->type.dims[d], 1);
  return fits;
}

// scale * (1 / sqrt(variance + eps)): the two, and eps.
static bool find_factor(NcArena *arena, NcOnnxValue *value, NcOnnxValue **scale,
                        NcOnnxValue **variance, double *eps) {
  const NcOnnxNode *reshape = producer(value, "Reshape");
  const NcOnnxNode *mul = producer(reshape ? reshape->inputs[0] : value, "Mul");
  for (int i = 0; mul && i < 2; i++) {
    const NcOnnxNode *div = producer(mul->inputs[i], "Div");
    const NcOnnxNode *root = div ? producer(div->inputs[1], "Sqrt") : NULL;
    const NcOnnxNode *add = root ? producer(root->inputs[0], "Add") : NULL;
    double one;
    if (!add || !nc_onnx_is_number(div->inputs[0], &one) || one != 1)
      continue;
    int number = nc_onnx_is_number(add->inputs[1], eps);
    *scale = channels(arena, mul->inputs[1 - i]);
    *variance = channels(arena, add->inputs[1 - number]);
    return *scale && *variance && nc_onnx_is_number(add->inputs[number], eps);
  }
  return false;
}

static void fuse_batch_norm(NcArena *arena, NcOnnxNode *node) {
  for (int i = 0; i < 4; i++) {
    NcOnnxValue *shift = node->inputs[i & 1], *scale, *variance;
    const NcOnnxNode *mul = producer(node->inputs[1 - (i & 1)], "Mul");
    const NcOnnxNode *sub = mul ? producer(mul->inputs[i >> 1], "Sub") : NULL;
    double eps;
    if (!sub || !is_along_channels(shift, &sub->inputs[0]->type) ||
        !is_along_channels(sub->inputs[1], &sub->inputs[0]->type) ||
        !find_factor(arena, mul->inputs[1 - (i >> 1)], &scale, &variance, &eps))
      continue;
    NcOnnxValue *bias = channels(arena, shift), *mean = channels(arena, sub->inputs[1]);
    if (!bias || !mean)
      continue;
    NcOnnxAttr attr = {.name = "epsilon", .real = true, .number = eps};
    become(node, "BatchNormalization",
           (NcOnnxValue *[]){sub->inputs[0], scale, bias, mean, variance}, 5);
    nc_vec_push(arena, node->attrs, attr);
    return;
  }
}

static void fuse_concat(NcOnnxNode *node) {
  const NcOnnxNode *first = producer(node->inputs[0], "Concat");
  if (!first || attr(first, "axis")->ints[0] != attr(node, "axis")->ints[0] ||
      first->input_count + node->input_count > NC_ONNX_MAX_INPUTS + 1)
    return;
  int more = first->input_count - 1;
  memmove(node->inputs + 1 + more, node->inputs + 1,
          (size_t)(node->input_count - 1) * sizeof *node->inputs);
  memcpy(node->inputs, first->inputs, (size_t)first->input_count * sizeof *node->inputs);
  node->input_count += more;
}

void nc_onnx_fuse(NcArena *arena, NcOnnxNode *node) {
  const char *op_type = node->op_type;
  if (strcmp(op_type, "Add") == 0) {
    fuse_sigmoid(node);
    if (node->op_type == op_type)
      fuse_batch_norm(arena, node);
  } else if (strcmp(op_type, "Sub") == 0) {
    fuse_log_softmax(arena, node);
  } else if (strcmp(op_type, "Mul") == 0) {
    fuse_mean(arena, node, false);
  } else if (strcmp(op_type, "Div") == 0) {
    fuse_softmax(arena, node);
    if (node->op_type == op_type)
      fuse_mean(arena, node, true);
  } else if (strcmp(op_type, "Concat") == 0) {
    fuse_concat(node);
  }
}
