// Checks that modules keep the rules of the graph IR.
#include "ir/verify.h"

#include <stdlib.h>
#include <string.h>

typedef struct Verifier {
  const NcGraph *graph;
  NcArena *arena;
  NcText *problems;
  const NcNode **seen; // by id: nodes that stand above the one being checked
  bool ok;
} Verifier;

static void problem(Verifier *v, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void problem(Verifier *v, const char *format, ...) {
  va_list args;
  va_start(args, format);
  const char *text = nc_arena_vprintf(v->arena, format, args);
  va_end(args);
  nc_text_printf(v->problems, "graph %s: %s\n", v->graph->name, text);
  v->ok = false;
}

static bool is_seen(const Verifier *v, const NcNode *node) {
  return node && node->id >= 0 && node->id < v->graph->next_id && v->seen[node->id] == node;
}

static bool check_id(Verifier *v, const NcNode *node) {
  if (node->id < 0 || node->id >= v->graph->next_id)
    problem(v, "%%%d: ids lie below %d", node->id, v->graph->next_id);
  else if (v->seen[node->id])
    problem(v, "%%%d stands for two nodes", node->id);
  else
    return true;
  return false;
}

static bool has_variable(const NcModule *module, const NcVariable *variable) {
  return nc_module_variable(module, variable->name) == variable;
}

static void check_leaf(Verifier *v, const NcNode *node) {
  if (node->op == &nc_op_variable) {
    if (!node->variable || !has_variable(v->graph->module, node->variable))
      problem(v, "%%%d is a variable that is not the module's", node->id);
    else if (!nc_type_equal(&node->type, &node->variable->type))
      problem(v, "@%s has another type than its variable", node->variable->name);
    return;
  }
  for (int i = 0; i < v->graph->inputs.count; i++)
    if (v->graph->inputs.items[i] == node)
      return;
  problem(v, "%%%d is an input that is not in the signature", node->id);
}

static bool check_operands(Verifier *v, const NcNode *node) {
  if (node->operand_count != node->op->operand_count) {
    problem(v, "%%%d: %s takes %d operands, not %d", node->id, node->op->name,
            node->op->operand_count, node->operand_count);
    return false;
  }
  for (int i = 0; i < node->operand_count; i++) {
    if (!is_seen(v, node->operands[i])) {
      problem(v, "%%%d: operand %d of %s does not stand before it", node->id, i, node->op->name);
      return false;
    }
  }
  return true;
}

static void check_type(Verifier *v, const NcNode *node) {
  NcType *types = NC_NEW_ARRAY(v->arena, NcType, node->operand_count);
  for (int i = 0; i < node->operand_count; i++)
    types[i] = node->operands[i]->type;
  NcInfer infer = {.arena = v->arena,
                   .op = node->op,
                   .operand_count = node->operand_count,
                   .operands = types,
                   .attrs = node->attrs};
  if (!nc_infer_run(&infer))
    problem(v, "%%%d: %s breaks %s: %s", node->id, node->op->name, infer.broken->id, infer.message);
  else if (!nc_type_equal(&infer.result, &node->type))
    problem(v, "%%%d: %s gives %s, not %s", node->id, node->op->name,
            nc_type_format(v->arena, &infer.result), nc_type_format(v->arena, &node->type));
}

static void check_node(Verifier *v, const NcNode *node) {
  if (!check_id(v, node))
    return;
  const char *wrong = nc_type_check(v->arena, &node->type);
  if (wrong)
    problem(v, "%%%d: %s", node->id, wrong);
  else if (!node->op->infer)
    check_leaf(v, node);
  else if (check_operands(v, node))
    check_type(v, node);
  v->seen[node->id] = node;
}

static void check_inputs(Verifier *v) {
  NcMap names = nc_map_create(v->arena);
  for (int i = 0; i < v->graph->inputs.count; i++) {
    NcNode *input = v->graph->inputs.items[i];
    if (!is_seen(v, input) || input->op != &nc_op_input)
      problem(v, "input %d is not a node of the graph", i);
    else if (nc_map_get(&names, input->name))
      problem(v, "there are two inputs %s", input->name);
    else
      nc_map_set(&names, input->name, input);
  }
}

static void check_results(Verifier *v) {
  NcMap names = nc_map_create(v->arena);
  for (int i = 0; i < v->graph->results.count; i++) {
    const NcResult *result = &v->graph->results.items[i];
    if (!is_seen(v, result->node))
      problem(v, "result %s is not a node of the graph", result->name);
    if (nc_map_get(&names, result->name))
      problem(v, "there are two results %s", result->name);
    nc_map_set(&names, result->name, v);
  }
}

static void check_updates(Verifier *v) {
  NcMap names = nc_map_create(v->arena);
  for (int i = 0; i < v->graph->updates.count; i++) {
    const NcUpdate *update = &v->graph->updates.items[i];
    if (!has_variable(v->graph->module, update->variable)) {
      problem(v, "update %d is of a variable that is not the module's", i);
      continue;
    }
    if (!is_seen(v, update->node))
      problem(v, "the update of %s is not a node of the graph", update->variable->name);
    else if (!nc_type_equal(&update->node->type, &update->variable->type))
      problem(v, "the update of %s is %s, not %s", update->variable->name,
              nc_type_format(v->arena, &update->node->type),
              nc_type_format(v->arena, &update->variable->type));
    if (nc_map_get(&names, update->variable->name))
      problem(v, "%s is updated twice", update->variable->name);
    nc_map_set(&names, update->variable->name, v);
  }
}

bool nc_graph_verify(const NcGraph *graph, NcText *problems) {
  NcArena *arena = nc_arena_create();
  Verifier v = {.graph = graph, .arena = arena, .problems = problems, .ok = true};
  v.seen = NC_NEW_ARRAY(arena, const NcNode *, graph->next_id);
  for (int i = 0; i < graph->nodes.count; i++)
    check_node(&v, graph->nodes.items[i]);
  check_inputs(&v);
  check_results(&v);
  check_updates(&v);
  nc_arena_destroy(arena);
  return v.ok;
}

static bool module_problem(NcText *problems, const char *what, const char *name) {
  nc_text_printf(problems, "module: %s %s\n", what, name);
  return false;
}

static bool check_variables(const NcModule *module, NcText *problems) {
  bool ok = true;
  for (int i = 0; i < module->variables.count; i++) {
    const NcVariable *variable = module->variables.items[i];
    if (nc_module_variable(module, variable->name) != variable)
      ok = module_problem(problems, "there are two variables", variable->name);
    if (nc_type_has_batch(&variable->type) || nc_type_check(problems->arena, &variable->type))
      ok = module_problem(problems, "no valid type has the variable", variable->name);
  }
  return ok;
}

bool nc_module_verify(const NcModule *module, NcText *problems) {
  bool ok = check_variables(module, problems);
  NcMap names = nc_map_create(problems->arena);
  for (int i = 0; i < module->graphs.count; i++) {
    const NcGraph *graph = module->graphs.items[i];
    if (nc_map_get(&names, graph->name))
      ok = module_problem(problems, "there are two graphs", graph->name);
    nc_map_set(&names, graph->name, (void *)graph);
    ok &= nc_graph_verify(graph, problems);
  }
  return ok;
}
