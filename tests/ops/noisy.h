// The references with noise: graphs evaluated by the operators' own references, where every
// computed float is off by a little. What an element moves by then is what rounding in another
// order may move it by, whatever the graph does with it: cancel, divide, compare, round.
#ifndef NC_TESTS_OPS_NOISY_H
#define NC_TESTS_OPS_NOISY_H

#include "ops/samples.h"

#include <float.h>

typedef struct Judge {
  NcArena *arena;
  const NcGraph *graph;
  NcTensor *const *inputs;    // in the order of the graph's
  NcTensor *const *variables; // in the order of the module's
  int64_t batch;
  // 0 for none. 1 and -1 move every element in opposite directions, drawn anew for each; 2 and -2
  // move all elements of a node alike.
  int noise;
  uint64_t random;
  const char *error; // or NULL
} Judge;

static inline double largest(const NcTensor *t) {
  double most = 0;
  for (int64_t i = 0; i < t->count; i++)
    if (isfinite(nc_tensor_get(t, i)))
      most = fmax(most, fabs(nc_tensor_get(t, i)));
  return most;
}

// What rounding a sum of `terms` terms of size `term` goes with: errors mostly cancel, but not
// those of equal terms.
static inline double sum_size(double term, double terms) { return term * terms * (1 + terms / 64); }

// The same of one element of a node's result, at most; only sums and products of matrices have
// several terms.
static inline double terms_size(const NcNode *node, const NcTensor *const *operands,
                                const NcTensor *result) {
  if (strcmp(node->op->name, "sum") == 0)
    return sum_size(largest(operands[0]), (double)operands[0]->count / (double)result->count);
  if (strcmp(node->op->name, "scatter_add") == 0)
    return sum_size(largest(operands[0]), (double)operands[1]->count);
  if (strncmp(node->op->name, "window_s", 8) == 0 ||
      strcmp(node->op->name, "window_max_scatter") == 0)
    return 8 * largest(operands[node->operand_count - 1]);
  bool products = strcmp(node->op->name, "matmul") == 0 || strncmp(node->op->name, "conv", 4) == 0;
  if (!products)
    return 0;
  int64_t count = operands[0]->count < operands[1]->count ? operands[0]->count : operands[1]->count;
  return sum_size(largest(operands[0]) * largest(operands[1]), (double)count);
}

static inline void add_noise(Judge *j, const NcNode *node, const NcTensor *const *operands,
                             NcTensor *result) {
  if (!nc_dtype_is_float(result->type.dtype) || node->operand_count == 0)
    return;
  double epsilon = 32 * (result->type.dtype == NC_F32 ? FLT_EPSILON : DBL_EPSILON);
  double size = terms_size(node, operands, result);
  double side = j->noise < 0 ? -1 : 1;
  if (next_random(&j->random) & 1)
    side = -side;
  for (int64_t i = 0; i < result->count; i++) {
    double value = nc_tensor_get(result, i), share = 0.5 + next_uniform(&j->random);
    if (abs(j->noise) == 1 && next_random(&j->random) & 1)
      share = -share;
    if (isfinite(value))
      nc_tensor_set(result, i, value + side * share * epsilon * (fabs(value) + size));
  }
}

static inline const NcTensor *judge_leaf(const Judge *j, const NcNode *node) {
  for (int i = 0; i < j->graph->inputs.count; i++)
    if (j->graph->inputs.items[i] == node)
      return j->inputs[i];
  const NcModule *module = j->graph->module;
  for (int i = 0; i < module->variables.count; i++)
    if (module->variables.items[i] == node->variable)
      return j->variables[i];
  return NULL;
}

// The values of the graph's nodes, by id; NULL with j->error if one is undefined.
static inline const NcTensor **judge(Judge *j) {
  const NcTensor **values = NC_NEW_ARRAY(j->arena, const NcTensor *, j->graph->next_id);
  for (int i = 0; i < j->graph->nodes.count; i++) {
    const NcNode *node = j->graph->nodes.items[i];
    values[node->id] = judge_leaf(j, node);
    if (values[node->id])
      continue;
    NcType type = nc_type_at(&node->type, j->batch);
    const NcTensor *operands[8];
    for (int k = 0; k < node->operand_count; k++)
      operands[k] = values[node->operands[k]->id];
    NcTensor *result = nc_tensor_create(j->arena, &type);
    NcEval eval = {.node = node,
                   .operands = operands,
                   .attrs = node->attrs,
                   .result = result,
                   .batch = j->batch,
                   .seed = 7,
                   .step = 3,
                   .epoch = 1,
                   .arena = j->arena};
    if (!node->op->eval(&eval)) {
      j->error = eval.error ? eval.error : "undefined";
      return NULL;
    }
    if (j->noise)
      add_noise(j, node, operands, result);
    values[node->id] = result;
  }
  return values;
}

#endif
