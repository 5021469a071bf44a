// Makes the graph of an ONNX model: each operator builds its nodes, and those that nothing needs
// go.
#include "emit/onnx_graph.h"

#include <string.h>

typedef struct Walk {
  NcOnnxBuilder b;
  const NcOnnxRequest *request;
  NcOnnxValue **values; // by a node's id
  NcOnnxGraph *graph;
} Walk;

static int *count_uses(NcArena *arena, const NcGraph *graph) {
  int *uses = NC_NEW_ARRAY(arena, int, graph->next_id);
  for (int i = 0; i < graph->nodes.count; i++)
    for (int k = 0; k < graph->nodes.items[i]->operand_count; k++)
      uses[graph->nodes.items[i]->operands[k]->id]++;
  for (int i = 0; i < graph->results.count; i++)
    uses[graph->results.items[i].node->id]++;
  return uses;
}

static NcOnnxValue *build(Walk *w, const NcNode *node) {
  const NcOnnx *onnx = &node->op->onnx;
  NcOnnxValue *operands[NC_MAX_OPERANDS];
  for (int i = 0; i < node->operand_count; i++)
    operands[i] = w->values[node->operands[i]->id];
  if (onnx->build)
    return onnx->build(&w->b, node, operands);
  if (onnx->op_type)
    return nc_onnx_elementwise(&w->b, onnx->op_type, operands, node->operand_count,
                               node->type.dtype, onnx->narrow);
  return nc_onnx_fail(&w->b, "leave out what needs it: --fetch says which values are exported",
                      "ONNX has nothing like the operator %s", node->op->name);
}

static bool add_node(Walk *w, const NcNode *node) {
  w->b.node = node;
  if (node->op == &nc_op_input || node->op == &nc_op_variable) {
    w->values[node->id] = node->variable ? nc_onnx_param(&w->b, node) : nc_onnx_input(&w->b, node);
    return true;
  }
  NcOnnxValue *value = build(w, node);
  if (!value)
    return false;
  if (value->kind == NC_ONNX_RESULT && !value->same && !value->main) {
    value->main = true;
    value->of = node;
    value->whole = node->type;
  } else {
    value = nc_onnx_view(&w->b, value, node->type);
  }
  w->values[node->id] = value;
  return true;
}

// An output is the result of a node, in netc's form, and no other output.
static bool add_output(Walk *w, int number) {
  const NcResult *result = &w->request->graph->results.items[number];
  w->b.node = result->node;
  NcOnnxValue *value = nc_onnx_plain(&w->b, w->values[result->node->id]);
  if (!value)
    return false;
  value = value->same ? value->same : value;
  if (value->kind != NC_ONNX_RESULT || value->name)
    value = nc_onnx_add(&w->b, "Identity", &value, 1, value->type);
  value->name = w->request->outputs[number];
  nc_vec_push(w->b.arena, w->graph->outputs, value);
  return true;
}

// ---- what is needed

// Whether it was not needed before.
static bool need(NcOnnxValue *value) {
  bool first = value && !value->needed;
  if (value)
    value->needed = true;
  return first;
}

static void collect(Walk *w) {
  NcOnnxGraph *graph = w->graph;
  NC_VEC(NcOnnxNode *) backward = {0};
  for (int i = 0; i < graph->outputs.count; i++)
    need(graph->outputs.items[i]);
  for (int i = w->b.nodes.count - 1; i >= 0; i--) {
    NcOnnxNode *node = w->b.nodes.items[i];
    if (!node->output->needed)
      continue;
    nc_vec_push(w->b.arena, backward, node);
    for (int k = node->input_count - 1; k >= 0; k--) {
      NcOnnxValue *input = node->inputs[k];
      bool stored = input && (input->kind == NC_ONNX_PARAM || input->kind == NC_ONNX_CONST);
      if (need(input) && stored)
        nc_vec_push(w->b.arena, graph->initializers, input);
    }
  }
  for (int i = backward.count - 1; i >= 0; i--)
    nc_vec_push(w->b.arena, graph->nodes, backward.items[i]);
  for (int i = 0, k = graph->initializers.count - 1; i < k; i++, k--) {
    NcOnnxValue *value = graph->initializers.items[i];
    graph->initializers.items[i] = graph->initializers.items[k];
    graph->initializers.items[k] = value;
  }
  for (int i = 0; i < w->b.inputs.count; i++)
    nc_vec_push(w->b.arena, graph->inputs, w->b.inputs.items[i]);
}

bool nc_onnx_graph(NcArena *arena, const NcOnnxRequest *request, NcOnnxGraph *graph,
                   NcOnnxModel *model) {
  const NcGraph *from = request->graph;
  Walk w = {.request = request, .graph = graph};
  w.b = (NcOnnxBuilder){.arena = arena,
                        .embed = request->values != NULL,
                        .step = request->step,
                        .epoch = request->epoch,
                        .uses = count_uses(arena, from)};
  w.values = NC_NEW_ARRAY(arena, NcOnnxValue *, from->next_id);
  *graph = (NcOnnxGraph){0};
  bool ok = true;
  for (int i = 0; ok && i < from->inputs.count; i++)
    ok = add_node(&w, from->inputs.items[i]);
  for (int i = 0; ok && i < from->nodes.count; i++)
    if (from->nodes.items[i]->op != &nc_op_input)
      ok = add_node(&w, from->nodes.items[i]);
  for (int i = 0; ok && i < from->results.count; i++)
    ok = add_output(&w, i);
  for (int i = 0; ok && i < w.b.nodes.count; i++)
    nc_onnx_fuse(arena, w.b.nodes.items[i]);
  if (ok) {
    collect(&w);
    return true;
  }
  model->message = w.b.message;
  model->help = w.b.help;
  model->node = w.b.node;
  return false;
}

// ---- names

typedef struct Names {
  NcArena *arena;
  NcMap taken; // by name: the last number that was put behind it, an int
} Names;

static void take(Names *names, const char *name) {
  int *number = NC_NEW(names->arena, int);
  *number = 1;
  nc_map_set(&names->taken, name, number);
}

static const char *unused(Names *names, const char *wanted) {
  int *number = nc_map_get(&names->taken, wanted);
  const char *name = wanted;
  while (number && nc_map_get(&names->taken, name))
    name = nc_arena_printf(names->arena, "%s.%d", wanted, ++*number);
  take(names, name);
  return name;
}

// "f32(255.0)", "i64[1, 1568]"; a long one as what it is for.
static const char *constant_name(NcArena *arena, const NcOnnxValue *value) {
  NcText text = nc_text_create(arena);
  int64_t count = nc_type_elements(&value->type).c;
  nc_text_append(&text, nc_dtype_name(value->type.dtype));
  if (!value->ints) {
    nc_text_append(&text, "(");
    nc_text_float(&text, value->number, value->type.dtype != NC_F64);
    nc_text_append(&text, ")");
    return text.data;
  }
  nc_text_append(&text, "[");
  for (int64_t i = 0; i < count && i < 2 * NC_MAX_RANK; i++)
    nc_text_printf(&text, "%s%lld", i ? ", " : "", (long long)value->ints[i]);
  nc_text_append(&text, count > 2 * NC_MAX_RANK ? ", ...]" : "]");
  return text.data;
}

static const char *path_of(const NcOnnxValue *value) {
  return value->of && value->of->origin ? value->of->origin->path : NULL;
}

static const char *bound_to(const NcOnnxValue *value) {
  return value->of && value->of->origin ? value->of->origin->bound : NULL;
}

static void name_if_unused(Names *names, NcOnnxValue *value, const char *name) {
  if (!value->name && value->main && name && !nc_map_get(&names->taken, name))
    value->name = unused(names, name);
}

static void find_inner(const NcOnnxGraph *graph) {
  for (int i = 0; i < graph->nodes.count; i++) {
    const NcOnnxNode *node = graph->nodes.items[i];
    const char *user = path_of(node->output);
    for (int k = 0; user && k < node->input_count; k++) {
      const char *path = node->inputs[k] ? path_of(node->inputs[k]) : NULL;
      size_t length = path ? strlen(path) : 0;
      if (path && strncmp(user, path, length) == 0 && user[length] == '.')
        node->inputs[k]->inner = true;
    }
  }
}

// A name of the program's is that of the value it is bound to; a path is the name of the last value
// that has it, as it is with --fetch; the others say what computes them, too.
static void name_results(Names *names, const NcOnnxGraph *graph) {
  NcOnnxNode **nodes = graph->nodes.items;
  for (int i = graph->nodes.count - 1; i >= 0; i--)
    name_if_unused(names, nodes[i]->output, bound_to(nodes[i]->output));
  for (int i = graph->nodes.count - 1; i >= 0; i--) {
    NcOnnxValue *value = nodes[i]->output;
    const char *path = value->main ? path_of(value) : NULL;
    if (path && value->inner)
      take(names, path); // nor is any before it
    else
      name_if_unused(names, value, path);
  }
  for (int i = 0; i < graph->nodes.count; i++) {
    NcOnnxValue *value = nodes[i]->output;
    const char *path = path_of(value), *type = nodes[i]->op_type;
    if (!value->name)
      value->name = unused(names, path ? nc_arena_printf(names->arena, "%s/%s", path, type) : type);
  }
}

void nc_onnx_name(NcArena *arena, NcOnnxGraph *graph) {
  Names names = {arena, nc_map_create(arena)};
  for (int i = 0; i < graph->inputs.count; i++) {
    NcOnnxValue *input = graph->inputs.items[i];
    input->name = unused(&names, input->variable ? input->variable->name : input->of->name);
  }
  for (int i = 0; i < graph->outputs.count; i++)
    graph->outputs.items[i]->name = unused(&names, graph->outputs.items[i]->name);
  for (int i = 0; i < graph->initializers.count; i++) {
    NcOnnxValue *value = graph->initializers.items[i];
    value->name =
        unused(&names, value->variable ? value->variable->name : constant_name(arena, value));
  }
  find_inner(graph);
  name_results(&names, graph);
}
