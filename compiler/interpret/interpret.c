// Evaluates a graph by the operators' own references: see interpret.h.
#include "interpret/interpret.h"

#include <string.h>

// The value of a node while it is needed.
typedef struct Value {
  const NcTensor *tensor;
  NcArena *owner; // holds the tensor; NULL for inputs and variables, which the caller owns
  int uses;       // how many operands, results and updates have yet to read it
} Value;

typedef struct Interpreter {
  NcArena *arena; // the caller's
  const NcGraph *graph;
  const NcInterpret *run;
  Value *values; // by id
  const char *error;
} Interpreter;

static int place_of(const NcModule *module, const NcVariable *variable) {
  for (int i = 0; i < module->variables.count; i++)
    if (module->variables.items[i] == variable)
      return i;
  return -1;
}

static int input_number(const NcGraph *graph, const NcNode *node) {
  for (int i = 0; i < graph->inputs.count; i++)
    if (graph->inputs.items[i] == node)
      return i;
  return -1;
}

static void count_uses(Interpreter *in) {
  const NcGraph *graph = in->graph;
  for (int i = 0; i < graph->nodes.count; i++)
    for (int k = 0; k < graph->nodes.items[i]->operand_count; k++)
      in->values[graph->nodes.items[i]->operands[k]->id].uses++;
  for (int i = 0; i < graph->results.count; i++)
    in->values[graph->results.items[i].node->id].uses++;
  for (int i = 0; i < graph->updates.count; i++)
    in->values[graph->updates.items[i].node->id].uses++;
}

static void release(Value *value) {
  if (--value->uses > 0)
    return;
  nc_arena_destroy(value->owner);
  *value = (Value){0};
}

static bool take(Interpreter *in, const NcNode *node, const char *name, const NcTensor *tensor) {
  NcType wanted = nc_type_at(&node->type, in->run->batch);
  if (!nc_type_equal(&wanted, &tensor->type)) {
    in->error = nc_arena_printf(in->arena, "%s is %s, not %s", name,
                                nc_type_format(in->arena, &tensor->type),
                                nc_type_format(in->arena, &wanted));
    return false;
  }
  in->values[node->id].tensor = tensor;
  return true;
}

static bool evaluate(Interpreter *in, const NcNode *node) {
  Value *value = &in->values[node->id];
  value->owner = nc_arena_create();
  NcType type = nc_type_at(&node->type, in->run->batch);
  NcTensor *result = nc_tensor_create(value->owner, &type);
  const NcTensor **operands = NC_NEW_ARRAY(value->owner, const NcTensor *, node->operand_count + 1);
  for (int i = 0; i < node->operand_count; i++)
    operands[i] = in->values[node->operands[i]->id].tensor;
  NcEval eval = {.node = node,
                 .operands = operands,
                 .attrs = node->attrs,
                 .result = result,
                 .batch = in->run->batch,
                 .seed = in->run->seed,
                 .step = in->run->step,
                 .epoch = in->run->epoch,
                 .arena = value->owner};
  value->tensor = result;
  if (node->op->eval(&eval))
    return true;
  in->error = nc_arena_printf(in->arena, "%%%d = %s: %s", node->id, node->op->name,
                              eval.error ? eval.error : "the result is undefined");
  return false;
}

static bool visit(Interpreter *in, const NcNode *node) {
  if (node->op == &nc_op_input)
    return take(in, node, node->name, in->run->inputs[input_number(in->graph, node)]);
  if (node->op == &nc_op_variable)
    return take(in, node, node->variable->name,
                in->run->variables[place_of(in->graph->module, node->variable)]);
  if (in->values[node->id].uses == 0) // nobody reads it
    return true;
  if (!evaluate(in, node))
    return false;
  for (int i = 0; i < node->operand_count; i++)
    release(&in->values[node->operands[i]->id]);
  return true;
}

static NcTensor *copy(NcArena *arena, const NcTensor *tensor) {
  NcTensor *result = nc_tensor_create(arena, &tensor->type);
  memcpy(result->data, tensor->data, (size_t)tensor->count * nc_dtype_size(tensor->type.dtype));
  return result;
}

// All new values are read before the first variable changes, since one may be another's old value.
static void apply_updates(Interpreter *in) {
  const NcGraph *graph = in->graph;
  NcArena *scratch = nc_arena_create();
  NcTensor **staged = NC_NEW_ARRAY(scratch, NcTensor *, graph->updates.count + 1);
  for (int i = 0; i < graph->updates.count; i++)
    staged[i] = copy(scratch, in->values[graph->updates.items[i].node->id].tensor);
  for (int i = 0; i < graph->updates.count; i++) {
    NcTensor *variable =
        in->run->variables[place_of(graph->module, graph->updates.items[i].variable)];
    memcpy(variable->data, staged[i]->data,
           (size_t)variable->count * nc_dtype_size(variable->type.dtype));
  }
  nc_arena_destroy(scratch);
}

static bool run_nodes(Interpreter *in) {
  for (int i = 0; i < in->graph->nodes.count; i++)
    if (!visit(in, in->graph->nodes.items[i]))
      return false;
  return true;
}

bool nc_interpret(NcArena *arena, const NcGraph *graph, const NcInterpret *run, NcTensor **results,
                  const char **error) {
  NcArena *scratch = nc_arena_create();
  Interpreter in = {.arena = arena, .graph = graph, .run = run};
  in.values = NC_NEW_ARRAY(scratch, Value, graph->next_id + 1);
  count_uses(&in);
  bool done = run_nodes(&in);
  if (done) {
    for (int i = 0; i < graph->results.count; i++)
      results[i] = copy(arena, in.values[graph->results.items[i].node->id].tensor);
    apply_updates(&in);
  }
  for (int i = 0; i < graph->next_id; i++)
    nc_arena_destroy(in.values[i].owner);
  nc_arena_destroy(scratch);
  *error = in.error;
  return done;
}

NcTensor **nc_interpret_variables(NcArena *arena, const NcModule *module) {
  NcTensor **tensors = NC_NEW_ARRAY(arena, NcTensor *, module->variables.count + 1);
  for (int i = 0; i < module->variables.count; i++)
    tensors[i] = nc_tensor_create(arena, &module->variables.items[i]->type);
  return tensors;
}
