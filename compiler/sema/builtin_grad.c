// grad(of, wrt): a derivative as a value.
#include "sema/sema.h"

#include "ops/autodiff.h"

static bool is_differentiable(NcCall *call, int param, const NcValue *value) {
  if (value->kind == NC_VALUE_TENSOR && nc_dtype_is_float(value->node->type.dtype))
    return true;
  nc_call_fail(call, "E0210", param, "a tensor of floats is needed, but this is %s",
               nc_value_describe(call->s->arena, value));
  return false;
}

static NcValue *grad(NcCall *call) {
  NcSema *s = call->s;
  const NcValue *of = call->args[0], *wrt = call->args[1];
  bool list = wrt->kind == NC_VALUE_LIST;
  int count = list ? wrt->items.count : 1;
  if (!nc_sema_need_graph(s, call->site.span) || !is_differentiable(call, 0, of))
    return nc_value_error(s->arena);
  if (of->node->type.rank > 0) {
    nc_call_fail(call, "E0210", 0, "what is differentiated must be one number, but is %s",
                 nc_type_format(s->arena, &of->node->type));
    return nc_value_error(s->arena);
  }
  NcNode **nodes = NC_NEW_ARRAY(s->arena, NcNode *, count + 1);
  NcNode **gradients = NC_NEW_ARRAY(s->arena, NcNode *, count + 1);
  for (int i = 0; i < count; i++) {
    const NcValue *one = list ? wrt->items.items[i] : wrt;
    if (!is_differentiable(call, 1, one))
      return nc_value_error(s->arena);
    nodes[i] = one->node;
  }
  nc_sema_set_origin(s, call->site.span);
  nc_autodiff(s->graph, of->node, nodes, count, gradients);
  NcValue *result = nc_value_list(s->arena, NC_VALUE_LIST);
  for (int i = 0; i < count; i++) {
    NcValue *one = nc_value_tensor(s->arena, gradients[i]);
    one->origins = (list ? wrt->items.items[i] : wrt)->origins;
    if (!list)
      return one;
    nc_vec_push(s->arena, result->items, one);
  }
  return result;
}

const NcBuiltin nc_builtins_grad[] = {
    {.name = "grad", .params = {"of", "wrt"}, .call = grad},
    {0},
};
