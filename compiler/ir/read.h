// Reads the text form of graphs (docs/ir.md): whole modules, and single statements for tests.
#ifndef NC_IR_READ_H
#define NC_IR_READ_H

#include "base/diag.h"
#include "ir/graph.h"

// Finds an operator by its name, or gives NULL: nc_op_by_name of ops/ops.h. Operators are a
// parameter because this folder does not know them.
typedef const NcOp *(*NcOpLookup)(const char *name);

// Reads a file of the source map. What is wrong is reported to `diags` (codes E06xx and those of
// the operators' constraints) with its place, and the result is then NULL. A module that is read
// verifies.
NcModule *nc_module_read(NcArena *arena, const NcSourceMap *sources, int file, NcDiags *diags,
                         NcOpLookup lookup);

// Adds a graph "sample" to the module that is made of one statement with operand types in place of
// names, as "matmul f32[N, 3], f32[3, 5] {ta = 0, tb = 0} : f32[N, 5]": inputs x0, x1, …, and the
// statement's value as the output "y". On malformed text NULL with *error set. If an operator's
// constraint is broken NULL with *infer filled in and *error its message. If the type after the
// colon is not the one inferred, NULL with *error.
NcGraph *nc_read_sample(NcModule *module, NcOpLookup lookup, const char *text, const char **error,
                        NcInfer *infer);

#endif
