// Random graphs: several results, updates in every pattern of dependency, gradients. The same seed
// gives the same graph on every machine.
#ifndef NC_TESTS_OPS_RANDOM_GRAPH_H
#define NC_TESTS_OPS_RANDOM_GRAPH_H

#include "ops/random_nodes.h"

#include "ops/autodiff.h"

static inline NcNode *rg_loss(RandomGraph *g) {
  NcGraph *graph = g->graph;
  NcNode *loss = NULL;
  for (int i = 0; i < 3; i++) {
    NcNode *part = nc_sum_all(graph, nc_tanh(graph, rg_any_float(g)));
    part = nc_cast(graph, part, g->dtype);
    loss = loss ? nc_add(graph, loss, part) : part;
  }
  return loss;
}

// The gradient of a loss with respect to variables and inputs joins the nodes to choose from.
static inline void rg_differentiate(RandomGraph *g) {
  NcGraph *graph = g->graph;
  NcNode *wrt[RG_MAX_VARIABLES + RG_MAX_INPUTS], *gradients[RG_MAX_VARIABLES + RG_MAX_INPUTS];
  NcNode *loss = rg_loss(g);
  int count = 0;
  for (int i = 0; i < graph->nodes.count; i++) {
    NcNode *node = graph->nodes.items[i];
    bool is_leaf = node->op == &nc_op_input || node->op == &nc_op_variable;
    if (is_leaf && nc_dtype_is_float(node->type.dtype) && count < RG_MAX_VARIABLES + RG_MAX_INPUTS)
      wrt[count++] = node;
  }
  if (count == 0)
    return;
  nc_autodiff(graph, loss, wrt, count, gradients);
  rg_keep(g, loss);
  for (int i = 0; i < count; i++) {
    rg_keep(g, gradients[i]);
    rg_keep(g, nc_sub(graph, wrt[i], nc_mul_const(graph, gradients[i], 0.125)));
  }
}

// Two of so many, by an operator that does not grow.
static inline NcNode *rg_mix(RandomGraph *g, NcNode *const *nodes, int count) {
  NcNode *a = nodes[rg_below(g, count)], *b = nodes[rg_below(g, count)];
  NcGraph *graph = g->graph;
  switch (rg_below(g, 5)) {
  case 0:
    return nc_add(graph, nc_mul_const(graph, a, 0.75), nc_mul_const(graph, b, 0.25));
  case 1:
    return nc_sub(graph, a, nc_mul_const(graph, b, 0.125));
  case 2:
    return nc_div(graph, a, nc_add_const(graph, nc_abs(graph, b), 1));
  case 3:
    return nc_select(graph, nc_lt(graph, a, b), b, a);
  default:
    return nc_mul(graph, nc_tanh(graph, a), b);
  }
}

// Updates like an optimizer's: variables of one type, element by element from what they were, what
// others become, and a gradient.
static inline void rg_optimize(RandomGraph *g) {
  NcGraph *graph = g->graph;
  enum { MOST = 12 };
  NcNode *nodes[MOST], *param = graph->nodes.items[0];
  for (int i = 0; i < graph->nodes.count; i++)
    if (graph->nodes.items[i]->variable && nc_dtype_is_float(graph->nodes.items[i]->type.dtype))
      param = graph->nodes.items[i];
  if (!param->variable)
    return;
  int variables = 0, count = 0;
  nodes[variables++] = param;
  for (int i = rg_below(g, 3); i >= 0; i--)
    nodes[variables++] = rg_variable(g, param->type);
  count = variables;
  nodes[count++] = rg_of_type(g, param->type);
  while (count < MOST)
    nodes[count] = rg_keep(g, rg_mix(g, nodes, count)), count++;
  for (int i = 0; i < variables; i++)
    nc_graph_add_update(graph, nodes[i]->variable, nodes[MOST - 1 - rg_below(g, MOST / 2)]);
}

static inline bool rg_is_updated(const NcGraph *graph, const NcVariable *variable) {
  for (int i = 0; i < graph->updates.count; i++)
    if (graph->updates.items[i].variable == variable)
      return true;
  return false;
}

static inline void rg_finish(RandomGraph *g) {
  NcGraph *graph = g->graph;
  int results = 1 + rg_below(g, 5);
  for (int i = 0; i < results; i++)
    nc_graph_add_result(graph, nc_arena_printf(g->arena, "r%d", i), NC_RESULT_OUTPUT, rg_any(g));
  int variables = graph->module->variables.count;
  for (int i = 0; i < variables; i++) {
    NcVariable *variable = graph->module->variables.items[i];
    if (!rg_is_updated(graph, variable) && rg_chance(g, 75))
      nc_graph_add_update(graph, variable, rg_of_type(g, variable->type));
  }
}

static inline RandomGraph rg_create(NcArena *arena, uint64_t seed) {
  // Sequences that begin at states near each other may be one sequence, begun at different places.
  RandomGraph g = {.arena = arena, .random = next_random(&seed)};
  g.graph = nc_module_add_graph(nc_module_create(arena), "g");
  return g;
}

// A loss, the graph's one result, of f64 variables and inputs.
static inline NcGraph *random_loss(NcArena *arena, uint64_t seed) {
  RandomGraph g = rg_create(arena, seed);
  g.dtype = NC_F64;
  g.most = RG_SMALL / 4;
  g.smooth = true;
  rg_input(&g, rg_shape(&g, NC_F64, 1, rg_chance(&g, 80)));
  rg_variable(&g, rg_shape(&g, NC_F64, 0, false));
  int size = 3 + rg_below(&g, 20);
  for (int i = 0; i < size; i++)
    rg_grow(&g);
  nc_graph_add_result(g.graph, "loss", NC_RESULT_OUTPUT, rg_loss(&g));
  nc_graph_prune(g.graph);
  return g.graph;
}

static inline NcGraph *random_graph(NcArena *arena, uint64_t seed) {
  RandomGraph g = rg_create(arena, seed);
  g.dtype = rg_chance(&g, 60) ? NC_F64 : NC_F32;
  g.most = rg_chance(&g, 6) ? RG_LARGE : RG_SMALL;
  for (int i = 0; i < 2; i++) {
    rg_input(&g, rg_shape(&g, g.dtype, 1, rg_chance(&g, 80)));
    rg_variable(&g, rg_shape(&g, g.dtype, 0, false));
  }
  if (rg_chance(&g, 50)) { // a twin, to be exchanged or updated alike
    NcType type = g.pool.items[1]->type;
    rg_variable(&g, type);
  }
  if (rg_chance(&g, 40))
    rg_input(&g, rg_shape(&g, (NcDtype)rg_below(&g, 4), 1, rg_chance(&g, 80)));
  int size = 3 + rg_below(&g, 30);
  for (int i = 0; i < size; i++)
    rg_grow(&g);
  if (rg_chance(&g, 40))
    rg_differentiate(&g);
  if (rg_chance(&g, 40))
    rg_optimize(&g);
  rg_finish(&g);
  nc_graph_prune(g.graph);
  return g.graph;
}

#endif
