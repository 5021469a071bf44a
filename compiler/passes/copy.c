// A copy of a graph: see copy.h.
#include "passes/copy.h"

static NcType copy_type(NcType type, bool doubles) {
  return nc_type_with_dtype(type, doubles && type.dtype == NC_F32 ? NC_F64 : type.dtype);
}

static NcNode *copy_node(NcGraph *to, const NcNode *node, NcNode *const *map, bool doubles) {
  NcAttr attrs[NC_MAX_ATTRS] = {{0}};
  NcNode *operands[NC_MAX_OPERANDS] = {NULL};
  for (int i = 0; i < nc_op_attr_count(node->op); i++) {
    attrs[i] = node->attrs[i];
    if (node->op->attrs[i].kind == NC_ATTR_TYPE)
      attrs[i].type = copy_type(attrs[i].type, doubles);
  }
  for (int i = 0; i < node->operand_count; i++)
    operands[i] = map[node->operands[i]->id];
  return nc_graph_add(to, node->op, operands, node->operand_count, attrs);
}

NcGraph *nc_graph_copy(NcArena *arena, const NcGraph *graph, bool doubles) {
  NcModule *module = nc_module_create(arena);
  NcGraph *to = nc_module_add_graph(module, graph->name);
  NcNode **map = NC_NEW_ARRAY(arena, NcNode *, graph->next_id);
  for (int i = 0; i < graph->module->variables.count; i++) {
    const NcVariable *v = graph->module->variables.items[i];
    nc_module_add_variable(module, v->name, v->kind, copy_type(v->type, doubles), v->span);
  }
  for (int i = 0; i < graph->inputs.count; i++) {
    const NcNode *input = graph->inputs.items[i];
    map[input->id] = nc_graph_input(to, input->name, copy_type(input->type, doubles));
  }
  for (int i = 0; i < graph->nodes.count; i++) {
    const NcNode *node = graph->nodes.items[i];
    to->origin = node->origin;
    if (node->variable)
      map[node->id] = nc_graph_variable(to, nc_module_variable(module, node->variable->name));
    else if (node->op != &nc_op_input)
      map[node->id] = copy_node(to, node, map, doubles);
  }
  for (int i = 0; i < graph->results.count; i++) {
    const NcResult *result = &graph->results.items[i];
    nc_graph_add_result(to, result->name, result->kind, map[result->node->id]);
  }
  return to;
}
