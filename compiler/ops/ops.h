// The operators: every struct by its symbol, all of them in a table, and one by its name.
#ifndef NC_OPS_OPS_H
#define NC_OPS_OPS_H

#include "ir/op.h"

#define NC_OP(name) extern const NcOp nc_op_##name;
#include "ops/list.def"
#undef NC_OP

// All operators of list.def in its order (without nc_op_input and nc_op_variable, which only the
// graph makes), ended by NULL.
extern const NcOp *const nc_ops[];

// The operator of that name, or NULL.
const NcOp *nc_op_by_name(const char *name);

// Writes the operators' documentation as one Markdown page, made from their structs.
void nc_ops_print_doc(NcText *text);

#endif
