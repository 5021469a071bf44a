// Differentiation: walks the graph backwards and asks each operator for the gradients of its
// operands.
#include "ops/autodiff.h"

#include "ops/build.h"

#include <assert.h>

typedef struct Tape {
  NcGraph *graph;
  int count;      // nodes of the forward graph: those that were there before
  bool *depends;  // by id: on one of wrt, by a way that gradients can take
  NcNode **grads; // by id: what has flowed so far
} Tape;

static bool any_operand(const Tape *tape, const NcNode *node) {
  for (int i = 0; i < node->operand_count; i++)
    if (tape->depends[node->operands[i]->id])
      return true;
  return false;
}

static void find_dependents(Tape *tape, NcNode *const *wrt, int count) {
  for (int i = 0; i < count; i++)
    tape->depends[wrt[i]->id] = true;
  for (int i = 0; i < tape->count; i++) {
    const NcNode *node = tape->graph->nodes.items[i];
    if (node->op->grad && nc_dtype_is_float(node->type.dtype) && any_operand(tape, node))
      tape->depends[node->id] = true;
  }
}

static void flow(Tape *tape, const NcNode *to, NcNode *dx) {
  assert(nc_type_equal(&to->type, &dx->type));
  NcNode **sum = &tape->grads[to->id];
  *sum = *sum ? nc_add(tape->graph, *sum, dx) : dx;
}

// The nodes of a gradient stand where their node stands, but under no path: users mean the node by
// it.
static const NcOrigin *gradient_origin(NcArena *arena, const NcOrigin *origin) {
  if (!origin)
    return NULL;
  NcOrigin *copy = NC_NEW(arena, NcOrigin);
  *copy = (NcOrigin){.span = origin->span,
                     .gradient = origin->gradient ? origin->gradient
                                 : origin->path   ? origin->path
                                                  : "",
                     .caller = origin->caller};
  return copy;
}

static void backward(Tape *tape, NcNode *node) {
  bool wanted[NC_MAX_OPERANDS] = {false};
  NcNode *dx[NC_MAX_OPERANDS] = {NULL};
  assert(node->operand_count <= NC_MAX_OPERANDS);
  for (int i = 0; i < node->operand_count; i++)
    wanted[i] = tape->depends[node->operands[i]->id];
  tape->graph->origin = gradient_origin(tape->graph->arena, node->origin);
  node->op->grad(tape->graph, node, tape->grads[node->id], wanted, dx);
  for (int i = 0; i < node->operand_count; i++)
    if (wanted[i] && dx[i])
      flow(tape, node->operands[i], dx[i]);
}

static const char *path_of(const NcNode *node) {
  if (node->op == &nc_op_variable)
    return node->variable->name;
  if (node->op == &nc_op_input)
    return node->name;
  return node->origin ? node->origin->path : NULL;
}

static void name_gradient(NcArena *arena, NcNode *gradient, const NcNode *of) {
  const char *path = path_of(of);
  if (!path || path_of(gradient))
    return;
  NcOrigin *origin = NC_NEW(arena, NcOrigin);
  *origin = gradient->origin ? *gradient->origin : (NcOrigin){.span = NC_NOWHERE};
  origin->path = nc_arena_printf(arena, "grad(%s)", path);
  gradient->origin = origin;
}

void nc_autodiff(NcGraph *graph, NcNode *of, NcNode *const *wrt, int count, NcNode **gradients) {
  assert(of->type.rank == 0 && nc_dtype_is_float(of->type.dtype));
  const NcOrigin *origin = graph->origin;
  NcArena *scratch = nc_arena_create();
  Tape tape = {.graph = graph,
               .count = graph->nodes.count,
               .depends = NC_NEW_ARRAY(scratch, bool, graph->next_id),
               .grads = NC_NEW_ARRAY(scratch, NcNode *, graph->next_id)};
  find_dependents(&tape, wrt, count);
  if (tape.depends[of->id])
    tape.grads[of->id] = nc_const(graph, 1, of->type);
  for (int i = tape.count - 1; i >= 0; i--) {
    NcNode *node = graph->nodes.items[i];
    if (tape.grads[node->id] && node->op->grad)
      backward(&tape, node);
  }
  graph->origin = origin;
  for (int i = 0; i < count; i++) {
    NcNode *gradient = tape.grads[wrt[i]->id];
    gradients[i] = gradient ? gradient : nc_const(graph, 0, wrt[i]->type);
    name_gradient(graph->arena, gradients[i], wrt[i]);
  }
  nc_arena_destroy(scratch);
}
