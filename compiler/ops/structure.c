// What the structural operators, the reductions and the leaves share: see structure.h.
#include "ops/structure.h"

#include <math.h>

bool nc_check_axis(NcInfer *infer, const char *constraint, int64_t axis, int rank, int operand) {
  if (axis >= 0 && axis < rank)
    return true;
  return nc_infer_fail(infer, constraint, operand, -1, "axis %lld of a tensor with %d dimension%s",
                       (long long)axis, rank, rank == 1 ? "" : "s");
}

bool nc_check_axes(NcInfer *infer, const char *constraint, const NcAttr *axes, int rank,
                   int operand) {
  for (int i = 0; i < axes->count; i++) {
    if (!nc_check_axis(infer, constraint, axes->ints[i], rank, operand))
      return false;
    if (i > 0 && axes->ints[i] <= axes->ints[i - 1])
      return nc_infer_fail(infer, constraint, operand, -1, "axes are not increasing: %lld, %lld",
                           (long long)axes->ints[i - 1], (long long)axes->ints[i]);
  }
  return true;
}

bool nc_check_length(NcInfer *infer, const char *constraint, const char *name, const NcAttr *list) {
  int rank = infer->operands[0].rank;
  if (list->count == rank)
    return true;
  return nc_infer_fail(infer, constraint, 0, -1, "%s has %d entries for %d dimension%s", name,
                       list->count, rank, rank == 1 ? "" : "s");
}

bool nc_check_result(NcInfer *infer, const char *constraint) {
  const char *wrong = nc_type_check(infer->arena, &infer->result);
  return !wrong || nc_infer_fail(infer, constraint, 0, -1, "%s", wrong);
}

static bool fits(NcDtype dtype, double value) {
  switch (dtype) {
  case NC_BOOL:
    return value == 0 || value == 1;
  case NC_U8:
    return value >= 0 && value <= 255 && value == floor(value);
  case NC_I32:
    return value >= -0x1p31 && value < 0x1p31 && value == floor(value);
  case NC_I64:
    return value >= -0x1p63 && value < 0x1p63 && value == floor(value);
  case NC_F32:
  case NC_F64:
    break;
  }
  return true;
}

bool nc_check_value(NcInfer *infer, const char *constraint, NcDtype dtype, double value) {
  if (fits(dtype, value))
    return true;
  NcText text = nc_text_create(infer->arena);
  nc_text_float(&text, value, false);
  return nc_infer_fail(infer, constraint, -1, -1, "%s is not a value of %s", text.data,
                       nc_dtype_name(dtype));
}

bool nc_axes_have(const NcAttr *axes, int axis) {
  for (int i = 0; i < axes->count; i++)
    if (axes->ints[i] == axis)
      return true;
  return false;
}
