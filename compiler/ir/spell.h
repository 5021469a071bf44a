// How the language says what an operator computes: the operator's own form with the names of a
// node's operands, and what its function may use.
#ifndef NC_IR_SPELL_H
#define NC_IR_SPELL_H

#include "base/text.h"
#include "ir/graph.h"

// The node as an expression of the language. operands[i] is how operand i is said: a name or a
// literal, which takes the type of the other operands.
void nc_spell_node(NcText *text, const NcNode *node, const char *const *operands);

// A number of the dtype as a literal. Infinities and NaN, which have none, are logarithms.
void nc_spell_number(NcText *text, double value, NcDtype dtype);
// "[1, 2]".
void nc_spell_ints(NcText *text, const int64_t *values, int count);
// "[N, 28]".
void nc_spell_shape(NcText *text, const NcType *type);

#endif
