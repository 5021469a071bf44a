// Puts one node of ONNX in the place of several that compute the same: softmax, its logarithm, and
// a concatenation of more than two. Nodes that nothing needs any more go afterwards.
#include "emit/onnx_graph.h"

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

static void become(NcArena *arena, NcOnnxNode *node, const char *op_type, NcOnnxValue *x,
                   int64_t axis) {
  NcOnnxAttr attr = {.name = "axis", .ints = {axis}, .count = 1};
  node->op_type = op_type;
  node->inputs[0] = x;
  node->input_count = 1;
  nc_vec_push(arena, node->attrs, attr);
}

// exp(y) / sum(exp(y)) with y = x - max(x)
static void fuse_softmax(NcArena *arena, NcOnnxNode *node) {
  int64_t axis;
  const NcOnnxNode *exp = producer(node->inputs[0], "Exp");
  NcOnnxValue *x = exp ? shifted(exp->inputs[0], &axis) : NULL;
  if (x && kept_axis(node->inputs[1], "ReduceSum", exp->output) == axis)
    become(arena, node, "Softmax", x, axis);
}

// y - log(sum(exp(y)))
static void fuse_log_softmax(NcArena *arena, NcOnnxNode *node) {
  int64_t axis;
  NcOnnxValue *y = node->inputs[0], *x = shifted(y, &axis);
  const NcOnnxNode *log = x ? producer(node->inputs[1], "Log") : NULL;
  const NcOnnxNode *sum = log ? producer(log->inputs[0], "ReduceSum") : NULL;
  const NcOnnxNode *exp = sum ? producer(sum->inputs[0], "Exp") : NULL;
  if (exp && exp->inputs[0] == y && kept_axis(sum->output, "ReduceSum", exp->output) == axis)
    become(arena, node, "LogSoftmax", x, axis);
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
  if (strcmp(node->op_type, "Div") == 0)
    fuse_softmax(arena, node);
  else if (strcmp(node->op_type, "Sub") == 0)
    fuse_log_softmax(arena, node);
  else if (strcmp(node->op_type, "Concat") == 0)
    fuse_concat(node);
}
