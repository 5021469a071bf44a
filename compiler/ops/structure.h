// What the structural operators, the reductions and the leaves share: checks of attributes, and
// index vectors.
#ifndef NC_OPS_STRUCTURE_H
#define NC_OPS_STRUCTURE_H

#include "ir/graph.h"
#include "kernel/tensor.h"

// The checks give true, or record that `constraint` is broken and give false. They take any
// attributes.

// `axes` are increasing and each is one of the axes of a tensor of `rank` dimensions. `operand` is
// at fault, or -1.
bool nc_check_axes(NcInfer *infer, const char *constraint, const NcAttr *axes, int rank,
                   int operand);
// The same for one axis.
bool nc_check_axis(NcInfer *infer, const char *constraint, int64_t axis, int rank, int operand);
// A list attribute, called `name`, has one entry per dimension of operand 0.
bool nc_check_length(NcInfer *infer, const char *constraint, const char *name, const NcAttr *list);
// infer->result is a valid type: not too large.
bool nc_check_result(NcInfer *infer, const char *constraint);
// `value` is exact in the dtype: whole and in range for integers, 0 or 1 for bool.
bool nc_check_value(NcInfer *infer, const char *constraint, NcDtype dtype, double value);

// Whether a list of axes has one.
bool nc_axes_have(const NcAttr *axes, int axis);

#endif
