// Prints modules and graphs in the text form of docs/ir.md.
#include "ir/graph.h"

static const char *variable_keyword(NcVariableKind kind) {
  switch (kind) {
  case NC_VAR_PARAM:
    return "param";
  case NC_VAR_STATE:
    return "state";
  case NC_VAR_METRIC:
    return "metric";
  case NC_VAR_BUFFER:
    return "buffer";
  }
  return "?";
}

static const char *result_keyword(NcResultKind kind) {
  switch (kind) {
  case NC_RESULT_OUTPUT:
    return "output";
  case NC_RESULT_LOSS:
    return "loss";
  case NC_RESULT_METRIC:
    return "metric";
  }
  return "?";
}

static void print_value(NcText *text, const NcNode *node) {
  if (node->op == &nc_op_variable)
    nc_text_printf(text, "@%s", node->variable->name);
  else if (node->op == &nc_op_input)
    nc_text_printf(text, "%%%s", node->name);
  else
    nc_text_printf(text, "%%%d", node->id);
}

static void print_attr(NcText *text, const NcNode *node, const NcAttr *attr, NcAttrKind kind) {
  switch (kind) {
  case NC_ATTR_INT:
    nc_text_printf(text, "%lld", (long long)attr->i);
    break;
  case NC_ATTR_INTS:
    nc_text_append(text, "[");
    for (int i = 0; i < attr->count; i++)
      nc_text_printf(text, "%s%lld", i ? ", " : "", (long long)attr->ints[i]);
    nc_text_append(text, "]");
    break;
  case NC_ATTR_FLOAT:
    nc_text_float(text, attr->f, node->type.dtype == NC_F32);
    break;
  case NC_ATTR_TYPE:
    break;
  }
}

static void print_attrs(NcText *text, const NcNode *node) {
  bool any = false;
  for (int i = 0; i < nc_op_attr_count(node->op); i++) {
    const NcAttrDecl *decl = &node->op->attrs[i];
    if (decl->kind == NC_ATTR_TYPE)
      continue; // it is the type after the colon
    nc_text_printf(text, "%s%s = ", any ? ", " : " {", decl->name);
    print_attr(text, node, &node->attrs[i], decl->kind);
    any = true;
  }
  nc_text_append(text, any ? "}" : "");
}

static void print_origin(NcText *text, const NcOrigin *origin, const NcSourceMap *sources) {
  bool placed = origin->span.file >= 0 && origin->span.file < sources->files.count;
  if (placed) {
    int line, column;
    nc_source_position(sources, origin->span.file, origin->span.begin, &line, &column);
    nc_text_printf(text, "   # %s:%d:%d", sources->files.items[origin->span.file].name, line,
                   column);
  }
  if (origin->path)
    nc_text_printf(text, "%s%s", placed ? " " : "   # ", origin->path);
}

void nc_node_print(NcText *text, const NcNode *node) {
  nc_text_printf(text, "%%%d = %s", node->id, node->op->name);
  for (int i = 0; i < node->operand_count; i++) {
    nc_text_append(text, i ? ", " : " ");
    print_value(text, node->operands[i]);
  }
  print_attrs(text, node);
  nc_text_append(text, " : ");
  nc_type_print(text, &node->type);
}

static void print_node(NcText *text, const NcNode *node, const NcSourceMap *sources) {
  nc_text_append(text, "  ");
  nc_node_print(text, node);
  if (sources && node->origin)
    print_origin(text, node->origin, sources);
  nc_text_append(text, "\n");
}

static void print_signature(NcText *text, const NcGraph *graph) {
  nc_text_printf(text, "graph %s(", graph->name);
  for (int i = 0; i < graph->inputs.count; i++) {
    nc_text_printf(text, "%s%s: ", i ? ", " : "", graph->inputs.items[i]->name);
    nc_type_print(text, &graph->inputs.items[i]->type);
  }
  nc_text_append(text, ") {\n");
}

void nc_graph_print(NcText *text, const NcGraph *graph, const NcSourceMap *sources) {
  print_signature(text, graph);
  for (int i = 0; i < graph->nodes.count; i++) {
    const NcNode *node = graph->nodes.items[i];
    if (node->op != &nc_op_input && node->op != &nc_op_variable)
      print_node(text, node, sources);
  }
  for (int i = 0; i < graph->results.count; i++) {
    const NcResult *result = &graph->results.items[i];
    nc_text_printf(text, "  result %s %s = ", result_keyword(result->kind), result->name);
    print_value(text, result->node);
    nc_text_append(text, "\n");
  }
  for (int i = 0; i < graph->updates.count; i++) {
    nc_text_printf(text, "  update %s = ", graph->updates.items[i].variable->name);
    print_value(text, graph->updates.items[i].node);
    nc_text_append(text, "\n");
  }
  nc_text_append(text, "}\n");
}

void nc_module_print(NcText *text, const NcModule *module, const NcSourceMap *sources) {
  nc_text_append(text, "module {\n");
  for (int i = 0; i < module->variables.count; i++) {
    const NcVariable *variable = module->variables.items[i];
    nc_text_printf(text, "  %s %s: ", variable_keyword(variable->kind), variable->name);
    nc_type_print(text, &variable->type);
    nc_text_append(text, "\n");
  }
  nc_text_append(text, "}\n");
  for (int i = 0; i < module->graphs.count; i++)
    nc_graph_print(text, module->graphs.items[i], sources);
}
