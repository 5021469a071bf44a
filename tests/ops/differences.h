// The gradient of a graph's first result, a scalar, against differences of its values. Graphs have
// kinks and steps; a point near one is told by differences that disagree, and left out.
#ifndef NC_TESTS_OPS_DIFFERENCES_H
#define NC_TESTS_OPS_DIFFERENCES_H

#include "ops/noisy.h"

#include "ops/autodiff.h"

#include <stdio.h>

enum { DF_MAX_LEAVES = 64, DF_BATCH = 3, DF_POINTS = 9, DF_DIRECTIONS = 3 };

typedef struct Differences {
  NcArena *arena;
  NcGraph *graph;
  int64_t batch;
  NcTensor **values; // of the inputs, then of the variables
  int count;
  NcNode *leaves[DF_MAX_LEAVES]; // that are floating
  NcTensor *at[DF_MAX_LEAVES];   // their values
  NcNode *gradients[DF_MAX_LEAVES];
  int leaf_count;
} Differences;

static inline const NcTensor **df_evaluate(const Differences *d, NcArena *arena) {
  Judge j = {arena, d->graph, d->values, d->values + d->graph->inputs.count, d->batch, 0, 0, NULL};
  return judge(&j);
}

static inline NcNode *df_leaf(NcGraph *graph, int number) {
  if (number < graph->inputs.count)
    return graph->inputs.items[number];
  const NcVariable *variable = graph->module->variables.items[number - graph->inputs.count];
  for (int i = 0; i < graph->nodes.count; i++)
    if (graph->nodes.items[i]->variable == variable)
      return graph->nodes.items[i];
  return NULL; // not read
}

static inline NcType df_type(const Differences *d, int number) {
  const NcGraph *g = d->graph;
  return nc_type_at(number < g->inputs.count
                        ? &g->inputs.items[number]->type
                        : &g->module->variables.items[number - g->inputs.count]->type,
                    d->batch);
}

static inline void df_draw(Differences *d, uint64_t seed) {
  for (int i = 0; i < d->count; i++) {
    NcType type = df_type(d, i);
    NcTensor *t = d->values[i] = nc_tensor_create(d->arena, &type);
    for (int64_t k = 0; k < t->count; k++) {
      double u = next_uniform(&seed);
      if (nc_dtype_is_float(type.dtype))
        nc_tensor_set(t, k, u * 3 - 1.5);
      else
        nc_tensor_set_int(t, k, (int64_t)(u * (type.dtype == NC_BOOL ? 2 : 4)));
    }
  }
}

static inline void df_open(Differences *d, NcGraph *graph, int64_t batch) {
  *d = (Differences){.arena = nc_arena_create(), .graph = graph, .batch = batch};
  d->count = graph->inputs.count + graph->module->variables.count;
  d->values = NC_NEW_ARRAY(d->arena, NcTensor *, d->count + 1);
}

// Adds the gradients by all leaves that are floating and read; the values must be there.
static inline void df_differentiate(Differences *d) {
  for (int i = 0; i < d->count && d->leaf_count < DF_MAX_LEAVES; i++) {
    NcNode *leaf = df_leaf(d->graph, i);
    if (!leaf || !nc_dtype_is_float(leaf->type.dtype))
      continue;
    d->leaves[d->leaf_count] = leaf;
    d->at[d->leaf_count++] = d->values[i];
  }
  nc_autodiff(d->graph, d->graph->results.items[0].node, d->leaves, d->leaf_count, d->gradients);
}

// The value at so many steps along a direction from `from`.
static inline double df_value(const Differences *d, int leaf, const double *from,
                              const double *direction, double by) {
  NcArena *arena = nc_arena_create();
  NcTensor *t = d->at[leaf];
  for (int64_t i = 0; i < t->count; i++)
    nc_tensor_set(t, i, from[i] + by * direction[i]);
  const NcTensor **values = df_evaluate(d, arena);
  double value =
      values ? nc_tensor_get(values[d->graph->results.items[0].node->id], 0) : (double)NAN;
  for (int64_t i = 0; i < t->count; i++)
    nc_tensor_set(t, i, from[i]);
  nc_arena_destroy(arena);
  return value;
}

// The derivative along a direction, by central differences of fourth order with two steps and by
// differences to either side. False if they disagree; *spread is by how much the first two do.
static inline bool df_derivative(const Differences *d, int leaf, const double *direction,
                                 double *derivative, double *spread) {
  static const double step = 2e-4;
  const NcTensor *t = d->at[leaf];
  double *from = NC_NEW_ARRAY(d->arena, double, t->count + 1), f[DF_POINTS];
  for (int64_t i = 0; i < t->count; i++)
    from[i] = nc_tensor_get(t, i);
  for (int i = 0; i < DF_POINTS; i++)
    f[i] = df_value(d, leaf, from, direction, (i - 4) * step);
  const double *m = f + 4; // the point itself
  double fine = (m[-2] - 8 * m[-1] + 8 * m[1] - m[2]) / (12 * step);
  double coarse = (m[-4] - 8 * m[-2] + 8 * m[2] - m[4]) / (24 * step);
  double left = (3 * m[0] - 4 * m[-1] + m[-2]) / (2 * step);
  double right = (-3 * m[0] + 4 * m[1] - m[2]) / (2 * step);
  *derivative = fine;
  *spread = fabs(fine - coarse);
  double size = 1 + fabs(fine);
  return *spread <= 1e-5 * size && fabs(left - right) <= 1e-3 * size;
}

typedef struct DfTotals {
  int checked, skipped; // directions
} DfTotals;

static inline bool df_check_leaf(const Differences *d, const NcTensor **values, int leaf,
                                 uint64_t *random, DfTotals *totals, char *report, size_t size) {
  const NcTensor *gradient = values[d->gradients[leaf]->id];
  double *direction = NC_NEW_ARRAY(d->arena, double, gradient->count + 1), want, spread;
  for (int round = 0; round < DF_DIRECTIONS && gradient->count > 0; round++) {
    double got = 0, terms = 0;
    for (int64_t i = 0; i < gradient->count; i++)
      direction[i] = round ? 2 * next_uniform(random) - 1 : 0;
    if (round == 0)
      direction[next_random(random) % (uint64_t)gradient->count] = 1;
    for (int64_t i = 0; i < gradient->count; i++) {
      got += nc_tensor_get(gradient, i) * direction[i];
      terms += fabs(nc_tensor_get(gradient, i) * direction[i]);
    }
    if (!df_derivative(d, leaf, direction, &want, &spread)) {
      totals->skipped++;
      continue;
    }
    totals->checked++;
    if (fabs(got - want) <= 1e-6 * (1 + terms) + 20 * spread)
      continue;
    snprintf(report, size, "the gradient of leaf %d along a direction is %.12g, not %.12g", leaf,
             got, want);
    return false;
  }
  return true;
}

// Whether the gradients agree with differences at the values that are there.
static inline bool df_check(const Differences *d, const NcTensor **values, uint64_t seed,
                            DfTotals *totals, char *report, size_t size) {
  bool right = true;
  for (int i = 0; i < d->leaf_count && right && values; i++)
    right = df_check_leaf(d, values, i, &seed, totals, report, size);
  return right;
}

// Adds the gradients, checks them at values that are drawn, and takes them off again.
static inline bool gradient_is_right(NcGraph *graph, uint64_t seed, DfTotals *totals, char *report,
                                     size_t size) {
  if (graph->results.count == 0)
    return true;
  Differences d;
  df_open(&d, graph, DF_BATCH);
  df_draw(&d, seed);
  int nodes = graph->nodes.count;
  df_differentiate(&d);
  const NcTensor **values = df_evaluate(&d, d.arena);
  graph->nodes.count = nodes;
  bool right = df_check(&d, values, seed + 1, totals, report, size);
  nc_arena_destroy(d.arena);
  return right;
}

#endif
