// What a call of a plan is, in words and numbers.
#include "driver/work.h"

#include "driver/select.h"
#include "kernel/expr.h"
#include "kernel/nest.h"

NcDim nc_work_flops(const NcTe *te) {
  NcDim total = nc_te_points(te);
  nc_dim_multiply(total, nc_dim(nc_expr_cost(te->body) + (te->reduce != NC_REDUCE_NONE)), &total);
  return total;
}

bool nc_work_is_product(const NcTe *te) {
  return te->reduce == NC_REDUCE_SUM && te->body->kind == NC_X_MUL;
}

const char *nc_work_name(const NcPlan *plan, const NcCall *call) {
  const NcTe *te = call->te;
  if (te->role)
    return te->role;
  if (nc_call_update(plan, call))
    return "update";
  return (te->source ? te->source : te->node)->op->name;
}

const char *nc_work_how(NcArena *arena, const NcCall *call) {
  if (!call->kernel)
    return "BLAS";
  if (!nc_work_is_product(call->te))
    return "loop";
  return nc_arena_printf(arena, "tile %dx%d", call->kernel->tile, call->kernel->lanes);
}
