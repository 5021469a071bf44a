// Modules and graphs: making, copying and pruning nodes.
#include "ir/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const NcOp nc_op_input = {.name = "input", .doc = "A value that the graph is fed."};
const NcOp nc_op_variable = {.name = "variable", .doc = "A variable's value before the updates."};

NcModule *nc_module_create(NcArena *arena) {
  NcModule *module = NC_NEW(arena, NcModule);
  module->arena = arena;
  module->variable_by_name = nc_map_create(arena);
  return module;
}

NcVariable *nc_module_add_variable(NcModule *module, const char *name, NcVariableKind kind,
                                   NcType type, NcSpan span) {
  NcVariable *variable = NC_NEW(module->arena, NcVariable);
  *variable = (NcVariable){nc_arena_strdup(module->arena, name), kind, type, span,
                           module->next_variable_id++};
  nc_map_set(&module->variable_by_name, variable->name, variable);
  nc_vec_push(module->arena, module->variables, variable);
  return variable;
}

NcVariable *nc_module_variable(const NcModule *module, const char *name) {
  return nc_map_get(&module->variable_by_name, name);
}

NcGraph *nc_module_add_graph(NcModule *module, const char *name) {
  NcGraph *graph = NC_NEW(module->arena, NcGraph);
  graph->module = module;
  graph->arena = module->arena;
  graph->name = nc_arena_strdup(module->arena, name);
  graph->leaves = nc_map_create(module->arena);
  nc_vec_push(module->arena, module->graphs, graph);
  return graph;
}

NcGraph *nc_module_graph(const NcModule *module, const char *name) {
  for (int i = 0; i < module->graphs.count; i++)
    if (strcmp(module->graphs.items[i]->name, name) == 0)
      return module->graphs.items[i];
  return NULL;
}

void nc_module_remove_graph(NcModule *module, NcGraph *graph) {
  int at = module->graphs.count - 1;
  while (at >= 0 && module->graphs.items[at] != graph)
    at--;
  if (at < 0)
    return;
  for (module->graphs.count--; at < module->graphs.count; at++)
    module->graphs.items[at] = module->graphs.items[at + 1];
}

static NcNode *append(NcGraph *graph, const NcOp *op, NcType type, int operand_count) {
  NcNode *node = NC_NEW(graph->arena, NcNode);
  node->op = op;
  node->id = graph->next_id++;
  node->type = type;
  node->operand_count = operand_count;
  node->operands = NC_NEW_ARRAY(graph->arena, NcNode *, operand_count);
  node->origin = graph->origin;
  nc_vec_push(graph->arena, graph->nodes, node);
  return node;
}

NcNode *nc_graph_input(NcGraph *graph, const char *name, NcType type) {
  NcNode *node = append(graph, &nc_op_input, type, 0);
  node->name = nc_arena_strdup(graph->arena, name);
  nc_vec_push(graph->arena, graph->inputs, node);
  return node;
}

NcNode *nc_graph_variable(NcGraph *graph, NcVariable *variable) {
  NcNode *node = nc_map_get(&graph->leaves, variable->name);
  if (node)
    return node;
  node = append(graph, &nc_op_variable, variable->type, 0);
  node->variable = variable;
  nc_map_set(&graph->leaves, variable->name, node);
  return node;
}

static bool infer_node(NcGraph *graph, const NcOp *op, NcNode *const *operands, int count,
                       const NcAttr *attrs, NcInfer *infer) {
  NcType *types = NC_NEW_ARRAY(graph->arena, NcType, count);
  for (int i = 0; i < count; i++)
    types[i] = operands[i]->type;
  *infer = (NcInfer){.arena = graph->arena,
                     .op = op,
                     .operand_count = count,
                     .operands = types,
                     .attrs = attrs,
                     .culprits = {-1, -1}};
  return nc_infer_run(infer);
}

// What a float attribute means is limited by the result's precision: equal values get equal bits.
static void round_attrs(const NcOp *op, const NcType *type, NcAttr *attrs) {
  for (int i = 0; i < nc_op_attr_count(op); i++)
    if (op->attrs[i].kind == NC_ATTR_FLOAT && type->dtype == NC_F32)
      attrs[i].f = (double)(float)attrs[i].f;
}

NcNode *nc_graph_try_add(NcGraph *graph, const NcOp *op, NcNode *const *operands, int count,
                         const NcAttr *attrs, NcInfer *infer) {
  if (count != op->operand_count) {
    fprintf(stderr, "netc: internal error: %s takes %d operands, not %d\n", op->name,
            op->operand_count, count);
    abort();
  }
  int attr_count = nc_op_attr_count(op);
  NcAttr *copy = NC_NEW_ARRAY(graph->arena, NcAttr, attr_count);
  for (int i = 0; i < attr_count; i++)
    copy[i] = attrs[i];
  if (!infer_node(graph, op, operands, count, copy, infer))
    return NULL;
  round_attrs(op, &infer->result, copy);
  NcNode *node = append(graph, op, infer->result, count);
  for (int i = 0; i < count; i++)
    node->operands[i] = operands[i];
  node->attrs = copy;
  return node;
}

static void report_broken(const NcGraph *graph, const NcInfer *infer) {
  fprintf(stderr, "netc: internal error: in graph %s, %s breaks %s: %s\n", graph->name,
          infer->op->name, infer->broken->id, infer->message);
  for (int i = 0; i < infer->operand_count; i++)
    fprintf(stderr, "  operand %d: %s\n", i, nc_type_format(graph->arena, &infer->operands[i]));
}

NcNode *nc_graph_add(NcGraph *graph, const NcOp *op, NcNode *const *operands, int count,
                     const NcAttr *attrs) {
  NcInfer infer;
  NcNode *node = nc_graph_try_add(graph, op, operands, count, attrs, &infer);
  if (!node) {
    report_broken(graph, &infer);
    abort();
  }
  return node;
}

void nc_graph_add_result(NcGraph *graph, const char *name, NcResultKind kind, NcNode *node) {
  NcResult result = {nc_arena_strdup(graph->arena, name), kind, node};
  nc_vec_push(graph->arena, graph->results, result);
}

void nc_graph_add_update(NcGraph *graph, NcVariable *variable, NcNode *node) {
  NcUpdate update = {variable, node};
  nc_vec_push(graph->arena, graph->updates, update);
}

static NcNode *find_input(const NcGraph *graph, const char *name) {
  for (int i = 0; i < graph->inputs.count; i++)
    if (strcmp(graph->inputs.items[i]->name, name) == 0)
      return graph->inputs.items[i];
  return NULL;
}

static NcNode *copy_node(NcGraph *to, const NcNode *node, NcNode *const *map) {
  if (node->op == &nc_op_variable)
    return nc_graph_variable(to, node->variable);
  if (node->op == &nc_op_input) {
    NcNode *same = find_input(to, node->name);
    return same ? same : nc_graph_input(to, node->name, node->type);
  }
  NcNode *copy = append(to, node->op, node->type, node->operand_count);
  for (int i = 0; i < node->operand_count; i++)
    copy->operands[i] = map[node->operands[i]->id];
  copy->attrs = node->attrs;
  copy->origin = node->origin;
  return copy;
}

void nc_graph_inline(NcGraph *to, const NcGraph *from, NcNode *const *roots, int root_count,
                     NcNode **map) {
  bool *needed = NC_NEW_ARRAY(to->arena, bool, from->next_id);
  for (int i = 0; i < root_count; i++)
    needed[roots[i]->id] = true;
  for (int i = from->nodes.count - 1; i >= 0; i--) {
    const NcNode *node = from->nodes.items[i];
    for (int k = 0; needed[node->id] && !map[node->id] && k < node->operand_count; k++)
      needed[node->operands[k]->id] = true;
  }
  // `to` may be `from`: only the nodes that were there are copied
  int count = from->nodes.count;
  for (int i = 0; i < count; i++) {
    const NcNode *node = from->nodes.items[i];
    if (needed[node->id] && !map[node->id])
      map[node->id] = copy_node(to, node, map);
  }
}

typedef struct Walk {
  NcGraph *graph;
  bool *live, *placed;
  NC_VEC(NcNode *) stack, order;
} Walk;

static void mark(Walk *walk, NcNode *node) {
  NcArena *arena = walk->graph->arena;
  if (walk->live[node->id])
    return;
  walk->live[node->id] = true;
  nc_vec_push(arena, walk->stack, node);
}

static void mark_all(Walk *walk) {
  NcGraph *graph = walk->graph;
  for (int i = 0; i < graph->inputs.count; i++)
    mark(walk, graph->inputs.items[i]);
  for (int i = 0; i < graph->results.count; i++)
    mark(walk, graph->results.items[i].node);
  for (int i = 0; i < graph->updates.count; i++)
    mark(walk, graph->updates.items[i].node);
  while (walk->stack.count > 0) {
    NcNode *node = walk->stack.items[--walk->stack.count];
    for (int i = 0; i < node->operand_count; i++)
      mark(walk, node->operands[i]);
  }
}

static NcNode *unplaced_operand(const Walk *walk, const NcNode *node) {
  for (int i = 0; i < node->operand_count; i++)
    if (!walk->placed[node->operands[i]->id])
      return node->operands[i];
  return NULL;
}

static void place(Walk *walk, NcNode *root) {
  NcArena *arena = walk->graph->arena;
  nc_vec_push(arena, walk->stack, root);
  while (walk->stack.count > 0) {
    NcNode *node = walk->stack.items[walk->stack.count - 1];
    NcNode *operand = unplaced_operand(walk, node);
    if (operand) {
      nc_vec_push(arena, walk->stack, operand);
      continue;
    }
    walk->stack.count--;
    if (!walk->placed[node->id]) {
      walk->placed[node->id] = true;
      nc_vec_push(arena, walk->order, node);
    }
  }
}

void nc_graph_prune(NcGraph *graph) {
  Walk walk = {.graph = graph,
               .live = NC_NEW_ARRAY(graph->arena, bool, graph->next_id),
               .placed = NC_NEW_ARRAY(graph->arena, bool, graph->next_id)};
  mark_all(&walk);
  for (int i = 0; i < graph->nodes.count; i++)
    if (walk.live[graph->nodes.items[i]->id])
      place(&walk, graph->nodes.items[i]);
  for (int i = 0; i < graph->leaves.count; i++) {
    NcMapEntry *leaf = &graph->leaves.entries[i];
    if (leaf->value && !walk.live[((NcNode *)leaf->value)->id])
      leaf->value = NULL;
  }
  graph->nodes.items = walk.order.items;
  graph->nodes.count = walk.order.count;
  graph->nodes.capacity = walk.order.capacity;
}

const NcAttr *nc_node_attr(const NcNode *node, const char *name) {
  int index = nc_op_attr_index(node->op, name);
  if (index < 0) {
    fprintf(stderr, "netc: internal error: %s has no attribute %s\n", node->op->name, name);
    abort();
  }
  return &node->attrs[index];
}
