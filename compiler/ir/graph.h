// The graph IR: typed SSA over tensors. A module holds variables and several graph functions.
#ifndef NC_IR_GRAPH_H
#define NC_IR_GRAPH_H

#include "base/map.h"
#include "base/source.h"
#include "base/vec.h"
#include "ir/op.h"

// Where a node comes from: a place in the source, the path by which users name it, and the call
// (of a user's function) that it was inlined for.
typedef struct NcOrigin {
  NcSpan span;
  const char *path;     // "convnet.p2", or NULL
  const char *bound;    // the name of which the node's value is that, where it is another path
  const char *gradient; // of a gradient's node: the path of what it is the gradient of, "" if that
                        // has none; else NULL
  const struct NcOrigin *caller;
} NcOrigin;

typedef enum NcVariableKind {
  NC_VAR_PARAM,  // learned
  NC_VAR_STATE,  // of the optimizer
  NC_VAR_METRIC, // running totals; reset at the start of a pass
  NC_VAR_BUFFER, // of the network, changed by training alone
} NcVariableKind;

typedef struct NcVariable {
  const char *name; // "weights.c1", "adam.m.weights.c1"; unique in the module
  NcVariableKind kind;
  NcType type; // no N
  NcSpan span;
  int id; // unique in the module, in order of creation
} NcVariable;

struct NcNode {
  const NcOp *op;
  int id; // unique in its graph, in order of creation
  NcType type;
  NcNode **operands;
  int operand_count;
  const NcAttr *attrs;    // in the order of op->attrs
  NcVariable *variable;   // of an nc_op_variable node
  const char *name;       // of an nc_op_input node
  const NcOrigin *origin; // or NULL
};

typedef enum NcResultKind { NC_RESULT_OUTPUT, NC_RESULT_LOSS, NC_RESULT_METRIC } NcResultKind;

typedef struct NcResult {
  const char *name;
  NcResultKind kind;
  NcNode *node;
} NcResult;

typedef struct NcUpdate {
  NcVariable *variable;
  NcNode *node; // the new value, of the variable's type
} NcUpdate;

struct NcGraph {
  struct NcModule *module;
  NcArena *arena; // the module's
  const char *name;
  NC_VEC(NcNode *) nodes;   // every node after its operands; leaves included
  NC_VEC(NcNode *) inputs;  // nc_op_input nodes, in the order of the signature
  NC_VEC(NcResult) results; // fetched values
  NC_VEC(NcUpdate) updates; // applied together when the graph has run
  const NcOrigin *origin;   // stamped on nodes that are added
  int next_id;
  NcMap leaves; // variables' nodes by name
};

typedef struct NcModule {
  NcArena *arena;
  NC_VEC(NcVariable *) variables;
  NC_VEC(NcGraph *) graphs;
  NcMap variable_by_name;
  int next_variable_id;
} NcModule;

// The two leaves. They are operators without operands that only the graph itself makes.
extern const NcOp nc_op_input;
extern const NcOp nc_op_variable;

NcModule *nc_module_create(NcArena *arena);
NcVariable *nc_module_add_variable(NcModule *module, const char *name, NcVariableKind kind,
                                   NcType type, NcSpan span);
NcVariable *nc_module_variable(const NcModule *module, const char *name); // or NULL
NcGraph *nc_module_add_graph(NcModule *module, const char *name);
NcGraph *nc_module_graph(const NcModule *module, const char *name); // or NULL
void nc_module_remove_graph(NcModule *module, NcGraph *graph);

NcNode *nc_graph_input(NcGraph *graph, const char *name, NcType type);
// The variable's value before the graph's updates; one node a variable and graph.
NcNode *nc_graph_variable(NcGraph *graph, NcVariable *variable);
// Adds a node whose operands must satisfy the operator (an assertion prints what is broken). attrs
// may be NULL if the operator has none; they are copied.
NcNode *nc_graph_add(NcGraph *graph, const NcOp *op, NcNode *const *operands, int count,
                     const NcAttr *attrs);
// The same for operands that may be wrong: NULL, and what is broken in *infer.
NcNode *nc_graph_try_add(NcGraph *graph, const NcOp *op, NcNode *const *operands, int count,
                         const NcAttr *attrs, NcInfer *infer);
void nc_graph_add_result(NcGraph *graph, const char *name, NcResultKind kind, NcNode *node);
void nc_graph_add_update(NcGraph *graph, NcVariable *variable, NcNode *node);
// Copies the nodes of `from` that `roots` need into `to`. `map` (indexed by id in `from`,
// from->next_id long) may already give some nodes' images and receives the others'. Inputs that are
// not mapped become inputs of `to`.
void nc_graph_inline(NcGraph *to, const NcGraph *from, NcNode *const *roots, int root_count,
                     NcNode **map);
// Puts nodes in an order where operands come first, dropping those no result or update needs.
// Inputs stay.
void nc_graph_prune(NcGraph *graph);

// Attributes of a node by name; the operator must have them (an assertion).
const NcAttr *nc_node_attr(const NcNode *node, const char *name);

// Text form (docs/ir.md). Printing then reading gives an equal module. `sources` may be NULL; with
// it each node is followed by a comment that gives its line.
void nc_module_print(NcText *text, const NcModule *module, const NcSourceMap *sources);
// One node as its statement, without a newline.
void nc_node_print(NcText *text, const NcNode *node);
void nc_graph_print(NcText *text, const NcGraph *graph, const NcSourceMap *sources);

#endif
