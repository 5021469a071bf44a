// The table of operators, made from list.def.
#include "ops/ops.h"

#include <string.h>

const NcOp *const nc_ops[] = {
#define NC_OP(name) &nc_op_##name,
#include "ops/list.def"
#undef NC_OP
    NULL};

const NcOp *nc_op_by_name(const char *name) {
  for (int i = 0; nc_ops[i]; i++)
    if (strcmp(nc_ops[i]->name, name) == 0)
      return nc_ops[i];
  return NULL;
}
