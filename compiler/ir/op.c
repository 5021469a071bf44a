// Helpers on operators: attributes by name and the record of a broken constraint.
#include "ir/op.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int nc_op_attr_count(const NcOp *op) {
  int count = 0;
  while (op->attrs && op->attrs[count].name)
    count++;
  return count;
}

int nc_op_attr_index(const NcOp *op, const char *name) {
  for (int i = 0; op->attrs && op->attrs[i].name; i++)
    if (strcmp(op->attrs[i].name, name) == 0)
      return i;
  return -1;
}

static const NcConstraint *find_constraint(const NcOp *op, const char *id) {
  for (const NcConstraint *c = op->constraints; c && c->id; c++)
    if (strcmp(c->id, id) == 0)
      return c;
  fprintf(stderr, "netc: internal error: operator %s has no constraint %s\n", op->name, id);
  abort();
}

bool nc_infer_fail(NcInfer *infer, const char *constraint, int a, int b, const char *format, ...) {
  infer->broken = find_constraint(infer->op, constraint);
  infer->culprits[0] = a;
  infer->culprits[1] = b;
  va_list args;
  va_start(args, format);
  infer->message = nc_arena_vprintf(infer->arena, format, args);
  va_end(args);
  return false;
}

const NcConstraint nc_type_constraint = {"type_c1", "E0300", "the result is a valid type", NULL};

static bool check_type(NcInfer *infer, const NcType *type) {
  const char *wrong = nc_type_check(infer->arena, type);
  if (!wrong)
    return true;
  infer->broken = &nc_type_constraint;
  infer->message = nc_arena_printf(infer->arena, "%s: %s", infer->op->name, wrong);
  return false;
}

bool nc_infer_run(NcInfer *infer) {
  const NcOp *op = infer->op;
  infer->culprits[0] = infer->culprits[1] = -1;
  for (int i = 0; i < nc_op_attr_count(op); i++)
    if (op->attrs[i].kind == NC_ATTR_TYPE && !check_type(infer, &infer->attrs[i].type))
      return false;
  return op->infer(infer) && check_type(infer, &infer->result);
}
