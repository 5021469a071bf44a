// A derivative as a program of the language: see dump_net.h.
#include "driver/dump_net.h"

#include "emit/net.h"
#include "ir/spell.h"
#include "passes/cse.h"
#include "passes/fold.h"
#include "syntax/format.h"

#include <string.h>

typedef struct Printer {
  NcUnit *unit;
  const NcDerivative *derivative;
  const NcGraph *graph, *initialize;
  NcNetWriter writer;
  NcText text;        // before it is laid out
  const char **names; // by id in the graph
  NcMap variables;    // what variables are called, by their names
} Printer;

// ---- first values

static const NcFieldAst *field_of(const NcFieldsAst *fields, const char *name) {
  for (int i = 0; i < fields->count; i++)
    if (strcmp(fields->items[i].name, name) == 0)
      return &fields->items[i];
  return NULL;
}

// The declaration at the top level, by the name of the variable.
static const NcFieldAst *declared(const NcFileAst *ast, const char *name) {
  for (int i = 0; i < ast->decls.count; i++) {
    const NcDeclAst *decl = ast->decls.items[i];
    bool single = decl->kind == NC_DECL_PARAM || decl->kind == NC_DECL_BUFFER;
    if (single && strcmp(decl->field.name, name) == 0)
      return &decl->field;
    size_t length = decl->kind == NC_DECL_GROUP ? strlen(decl->name) : 0;
    if (length > 0 && strncmp(name, decl->name, length) == 0 && name[length] == '.')
      return field_of(&decl->fields, name + length + 1);
  }
  return NULL;
}

static bool is_declared(const NcFileAst *ast, const char *name) {
  for (int i = 0; i < ast->decls.count; i++) {
    const NcDeclAst *decl = ast->decls.items[i];
    bool field = decl->kind == NC_DECL_CONST || decl->kind == NC_DECL_INPUT ||
                 decl->kind == NC_DECL_PARAM || decl->kind == NC_DECL_BUFFER ||
                 decl->kind == NC_DECL_OUTPUT || decl->kind == NC_DECL_METRIC;
    const char *own = field ? decl->field.name : decl->name;
    if ((own && strcmp(own, name) == 0) || field_of(&decl->targets, name))
      return true;
  }
  return false;
}

// Whether an expression means the same in another file: numbers and what the library has. A file's
// tensor may be that of the param's own name, which may change.
static bool is_portable(const NcFileAst *ast, const NcExprAst *expr) {
  bool portable = true;
  switch (expr->kind) {
  case NC_AST_INT:
  case NC_AST_FLOAT:
  case NC_AST_BOOL:
    return true;
  case NC_AST_NAME:
    return strcmp(expr->text, "from_file") != 0 && !is_declared(ast, expr->text);
  case NC_AST_CALL:
    portable = is_portable(ast, expr->callee);
    break;
  case NC_AST_UNARY:
  case NC_AST_BINARY:
    break;
  default:
    return false;
  }
  for (int i = 0; portable && i < expr->args.count; i++)
    portable = is_portable(ast, expr->args.items[i].value);
  return portable;
}

static NcNode *first_value(const Printer *p, const NcVariable *variable) {
  for (int i = 0; i < p->initialize->updates.count; i++)
    if (p->initialize->updates.items[i].variable == variable)
      return p->initialize->updates.items[i].node;
  return NULL;
}

// What a first value needs, as a graph of its own.
static NcGraph *first_graph(Printer *p, NcNode *node) {
  NcGraph *graph = nc_module_add_graph(nc_module_create(p->unit->arena), "first");
  NcNode **map = NC_NEW_ARRAY(p->unit->arena, NcNode *, p->initialize->next_id);
  nc_graph_inline(graph, p->initialize, &node, 1, map);
  nc_graph_add_result(graph, "first", NC_RESULT_OUTPUT, map[node->id]);
  nc_graph_fold(graph);
  return graph;
}

static void quote(NcText *text, const char *string) {
  nc_text_append(text, "\"");
  for (const char *c = string; *c; c++) {
    nc_text_append(text, *c == '"' || *c == '\\' ? "\\" : "");
    nc_text_append_n(text, c, 1);
  }
  nc_text_append(text, "\"");
}

static const NcStored *stored(const Printer *p, const char *input) {
  const NcProgram *program = p->unit->program;
  for (int i = 0; i < program->stored.count; i++)
    if (strcmp(program->stored.items[i].input, input) == 0)
      return &program->stored.items[i];
  return NULL;
}

static void write_stored(Printer *p, const NcNode *node) {
  const NcStored *file = stored(p, node->name);
  nc_text_append(&p->text, "from_file(");
  quote(&p->text, file->file);
  if (file->tensor) {
    nc_text_append(&p->text, ", ");
    quote(&p->text, file->tensor);
  }
  nc_text_append(&p->text, ")(");
  nc_spell_shape(&p->text, &node->type);
  nc_text_append(&p->text, ")\n");
}

// A function that computes a first value; gives its call.
static const char *write_first(Printer *p, const char *variable, const NcGraph *graph) {
  NcArena *arena = p->unit->arena;
  const char *name = nc_net_name(&p->writer, nc_arena_printf(arena, "first_%s", variable));
  const char **names = NC_NEW_ARRAY(arena, const char *, graph->next_id);
  const NcNode *result = graph->results.items[0].node;
  NcNetWriter inside = nc_net_writer(&p->text, NULL);
  nc_net_take_words(&inside, graph);
  nc_text_printf(&p->text, "fn %s() {\n", name);
  for (int i = 0; i < graph->inputs.count; i++) {
    const NcNode *input = graph->inputs.items[i];
    names[input->id] = nc_net_name(&inside, "stored");
    nc_text_printf(&p->text, "  %s = ", names[input->id]);
    write_stored(p, input);
  }
  if (!names[result->id])
    names[result->id] = nc_net_name(&inside, "first");
  NcNetStatements statements = {
      .graph = graph, .names = names, .outputs = nc_map_create(arena), .indent = "  "};
  nc_net_write(&inside, &statements);
  nc_text_printf(&p->text, "  return %s\n}\n", names[result->id]);
  return nc_arena_printf(arena, "%s()", name);
}

// What stands behind `=` in the declaration of a variable.
static const char *first_text(Printer *p, const NcVariable *variable) {
  NcArena *arena = p->unit->arena;
  const NcFieldAst *field = declared(p->unit->ast, variable->name);
  if (field && field->value && is_portable(p->unit->ast, field->value))
    return nc_source_text(p->unit->sources, field->value->span, arena);
  NcNode *node = first_value(p, variable);
  if (!node)
    return "zeros";
  const NcGraph *graph = first_graph(p, node);
  node = graph->results.items[0].node;
  if (strcmp(node->op->name, "const") != 0)
    return write_first(p, variable->name, graph);
  NcText text = nc_text_create(arena);
  nc_spell_number(&text, nc_node_attr(node, "value")->f, node->type.dtype);
  return text.data;
}

// ---- declarations

static void write_inputs(Printer *p) {
  const NcProgram *program = p->unit->program;
  for (int i = 0; i < program->inputs.count; i++) {
    const NcInput *input = &program->inputs.items[i];
    for (int k = 0; k < p->graph->inputs.count; k++) {
      const NcNode *node = p->graph->inputs.items[k];
      if (strcmp(node->name, input->name) != 0)
        continue;
      p->names[node->id] = nc_net_name(&p->writer, input->name);
      nc_text_printf(&p->text, "input %s: %s", p->names[node->id],
                     nc_type_format(p->unit->arena, &input->type));
      if (input->has_range)
        nc_text_printf(&p->text, " in %lld..%lld", (long long)input->low, (long long)input->high);
      nc_text_append(&p->text, "\n");
    }
  }
  nc_text_append(&p->text, "\n");
}

static bool is_identifier(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (!(text[i] == '_' || (text[i] >= '0' && text[i] <= '9' && i > 0) ||
          (text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z')))
      return false;
  return length > 0;
}

// The length of "weights" in "weights.c1", which a group can declare; 0 for other names.
static size_t group_length(const NcVariable *variable) {
  const char *dot = strchr(variable->name, '.');
  bool grouped = dot && variable->kind == NC_VAR_PARAM && is_identifier(dot + 1, strlen(dot + 1)) &&
                 is_identifier(variable->name, (size_t)(dot - variable->name));
  return grouped ? (size_t)(dot - variable->name) : 0;
}

// Params and buffers all, since the order of their first use numbers them; of the optimizer what
// the graph uses.
static bool is_wanted(const Printer *p, const NcVariable *variable) {
  if (variable->kind == NC_VAR_PARAM || variable->kind == NC_VAR_BUFFER)
    return true;
  for (int i = 0; i < p->graph->nodes.count; i++)
    if (p->graph->nodes.items[i]->variable == variable)
      return true;
  return false;
}

static void write_variable(Printer *p, NcText *to, const char *name, const NcVariable *variable,
                           const char *first) {
  nc_text_printf(to, "%s: %s = %s", name, nc_type_format(p->unit->arena, &variable->type), first);
  nc_text_append(to, "\n");
}

// All members of the group that this variable is the first of.
static void write_group(Printer *p, int from, size_t length) {
  const NcModule *module = p->unit->program->module;
  NcArena *arena = p->unit->arena;
  const char *path = nc_arena_strndup(arena, module->variables.items[from]->name, length);
  const char *group = nc_net_name(&p->writer, path);
  NcText members = nc_text_create(arena);
  for (int i = from; i < module->variables.count; i++) {
    const NcVariable *variable = module->variables.items[i];
    if (group_length(variable) != length || strncmp(variable->name, path, length) != 0)
      continue;
    const char *member = variable->name + length + 1;
    write_variable(p, &members, member, variable, first_text(p, variable));
    nc_map_set(&p->variables, variable->name, nc_arena_printf(arena, "%s.%s", group, member));
  }
  nc_text_printf(&p->text, "param %s {\n%s}\n", group, members.data);
}

static void write_single(Printer *p, const NcVariable *variable) {
  const char *name = nc_net_name(&p->writer, variable->name);
  const char *first = first_text(p, variable);
  nc_map_set(&p->variables, variable->name, (void *)name);
  nc_text_append(&p->text, variable->kind == NC_VAR_PARAM ? "param " : "buffer ");
  write_variable(p, &p->text, name, variable, first);
}

static void write_variables(Printer *p) {
  const NcModule *module = p->unit->program->module;
  NcText order = nc_text_create(p->unit->arena);
  int count = 0;
  for (int i = 0; i < module->variables.count; i++) {
    const NcVariable *variable = module->variables.items[i];
    if (!is_wanted(p, variable))
      continue;
    size_t group = group_length(variable);
    if (group > 0 && !nc_map_get(&p->variables, variable->name))
      write_group(p, i, group);
    else if (group == 0)
      write_single(p, variable);
    nc_text_printf(&order, "%s%s", count++ ? ", " : "",
                   (const char *)nc_map_get(&p->variables, variable->name));
  }
  if (count > 0)
    nc_text_printf(&p->text,
                   "\n# the order in which the source uses them first decides their random first "
                   "values\n_ = [%s]\n\n",
                   order.data);
  for (int i = 0; i < p->graph->nodes.count; i++) {
    const NcNode *node = p->graph->nodes.items[i];
    if (node->variable)
      p->names[node->id] = nc_map_get(&p->variables, node->variable->name);
  }
}

// ---- the program

// `loss` stays loss, what is no path is the value; the gradient by weights.c1 is d_weights_c1. A
// node may be several results, and a leaf has its name: then the rest are bindings of their own.
typedef struct Output {
  const char *name;
  const NcNode *node;
  bool own;
} Output;

static Output *name_outputs(Printer *p, NcNetStatements *statements) {
  const NcDerivative *d = p->derivative;
  NcArena *arena = p->unit->arena;
  Output *outputs = NC_NEW_ARRAY(arena, Output, p->graph->results.count);
  for (int i = 0; i < p->graph->results.count; i++) {
    const NcNode *node = p->graph->results.items[i].node;
    bool path = !strpbrk(d->of_text, " (+-*/,");
    const char *wish = i > 0  ? nc_arena_printf(arena, "d_%s", d->names[i - 1])
                       : path ? d->of_text
                              : "value";
    outputs[i] = (Output){nc_net_name(&p->writer, wish), node, p->names[node->id] == NULL};
    if (outputs[i].own) {
      p->names[node->id] = outputs[i].name;
      nc_map_set(&statements->outputs, outputs[i].name, statements);
    }
  }
  return outputs;
}

static void write_heading(Printer *p) {
  const NcDerivative *d = p->derivative;
  const char *line = nc_arena_strndup(p->unit->arena, d->of_text, strcspn(d->of_text, "\n"));
  nc_text_append(&p->text, "# The derivative of ");
  nc_text_printable(&p->text, line);
  nc_text_append(&p->text, " of ");
  nc_text_printable(&p->text, p->unit->name);
  nc_text_append(&p->text, ".\n\n");
}

// As fmt would lay it out.
static void deliver(Printer *p, NcText *out) {
  NcSourceMap *sources = nc_source_create(p->unit->arena);
  int file = nc_source_add(sources, "derivative.net", p->text.data, p->text.length, false);
  nc_format(p->unit->arena, sources, file, out);
}

void nc_dump_net(NcText *out, NcUnit *unit, const NcDerivative *derivative) {
  NcGraph *graph = derivative->graph;
  for (int i = 0; i < 2; i++) {
    nc_graph_fold_between(graph);
    nc_graph_cse(graph);
  }
  nc_graph_prune(graph);
  Printer p = {.unit = unit,
               .derivative = derivative,
               .graph = graph,
               .initialize = nc_module_graph(unit->program->module, "initialize"),
               .text = nc_text_create(unit->arena),
               .variables = nc_map_create(unit->arena)};
  p.names = NC_NEW_ARRAY(unit->arena, const char *, graph->next_id);
  p.writer = nc_net_writer(&p.text, unit->sources);
  nc_net_take_words(&p.writer, graph);
  nc_net_take_words(&p.writer, p.initialize);
  write_heading(&p);
  write_inputs(&p);
  write_variables(&p);
  NcNetStatements statements = {
      .graph = graph, .names = p.names, .outputs = nc_map_create(unit->arena), .indent = ""};
  Output *outputs = name_outputs(&p, &statements);
  nc_net_write(&p.writer, &statements);
  for (int i = 0; i < graph->results.count; i++)
    if (!outputs[i].own)
      nc_text_printf(&p.text, "output %s = %s\n", outputs[i].name, p.names[outputs[i].node->id]);
  deliver(&p, out);
}
