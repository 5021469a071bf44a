// What a plan computes, in words and numbers.
#include "driver/work.h"

#include "kernel/expr.h"
#include "kernel/nest.h"

NcDim nc_work_flops(const NcTe *te) {
  NcDim total = nc_te_points(te);
  nc_dim_multiply(total, nc_dim(nc_te_arithmetic(te) + (te->reduce != NC_REDUCE_NONE)), &total);
  return total;
}

NcDim nc_work_call_flops(const NcCall *call) {
  NcDim total = nc_dim(0);
  for (const NcTe *te = call->te; te; te = te->next) {
    NcDim own = nc_work_flops(te);
    total = (NcDim){total.n + own.n, total.c + own.c};
  }
  return total;
}

bool nc_work_is_product(const NcTe *te) {
  return te->reduce == NC_REDUCE_SUM && te->body->kind == NC_X_MUL;
}

const char *nc_work_name(const NcPlan *plan, const NcTe *te) {
  if (te->role)
    return te->role;
  if (plan->updated[te->id])
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

const char *nc_work_target(NcArena *arena, const NcTarget *target) {
  return nc_arena_printf(arena, "%s (%d-byte vectors%s%s)", target->cpu, target->vector_bytes,
                         target->fma ? ", fused multiply-add" : "",
                         target->portable ? ", portable"
                         : target->fast   ? ", fast"
                                          : "");
}
