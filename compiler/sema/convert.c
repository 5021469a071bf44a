// Conversions: literals to tensors of the type their context needs, and small shapes to large ones.
#include "sema/sema.h"

#include "ops/build.h"

#include <math.h>
#include <stdint.h>

bool nc_sema_need_graph(NcSema *s, NcSpan span) {
  if (s->graph)
    return true;
  nc_sema_error(s, "E0110", span, "only what is known at compile time can stand here");
  return false;
}

static bool integer_fits(int64_t value, NcDtype dtype) {
  switch (dtype) {
  case NC_U8:
    return value >= 0 && value <= UINT8_MAX;
  case NC_I32:
    return value >= INT32_MIN && value <= INT32_MAX;
  default:
    return true;
  }
}

static bool too_large(double value, NcDtype dtype) {
  return dtype == NC_F32 && isfinite(value) && !isfinite((float)value);
}

bool nc_sema_fits(NcSema *s, NcSpan span, const NcValue *value, NcDtype dtype) {
  const char *text = nc_value_describe(s->arena, value), *name = nc_dtype_name(dtype);
  bool same_kind = (value->kind == NC_VALUE_BOOL) == (dtype == NC_BOOL);
  if (!same_kind || (value->kind == NC_VALUE_FLOAT && !nc_dtype_is_float(dtype))) {
    nc_sema_error(s, "E0207", span, "%s is needed here, but this is %s", name, text);
    return false;
  }
  bool fits = value->kind == NC_VALUE_INT && value->dim.n == 0 ? integer_fits(value->dim.c, dtype)
              : value->kind == NC_VALUE_FLOAT                  ? !too_large(value->number, dtype)
                                                               : true;
  if (!fits)
    nc_sema_error(s, "E0207", span, "%s is out of the range of %s", text, name);
  return fits;
}

// n*N + c, where N is the size of the batch at run time.
static NcNode *runtime_integer(NcSema *s, NcDim dim, NcType type) {
  NcNode *node = nc_batch(s->graph);
  NcType scalar = nc_type_scalar(NC_I64);
  if (dim.n != 1)
    node = nc_mul(s->graph, node, nc_const_int(s->graph, dim.n, scalar));
  if (dim.c != 0)
    node = nc_add(s->graph, node, nc_const_int(s->graph, dim.c, scalar));
  node = nc_cast(s->graph, node, type.dtype);
  return nc_broadcast_trailing(s->graph, node, type.rank, type.dims);
}

NcValue *nc_sema_literal(NcSema *s, NcSpan span, const NcValue *value, NcType type) {
  if (!nc_sema_fits(s, span, value, type.dtype))
    return NULL;
  NcNode *node;
  if (value->kind == NC_VALUE_FLOAT)
    node = nc_const(s->graph, value->number, type);
  else if (value->kind == NC_VALUE_BOOL)
    node = nc_const(s->graph, value->truth ? 1 : 0, type);
  else if (value->dim.n != 0)
    node = runtime_integer(s, value->dim, type);
  else if (nc_dtype_is_float(type.dtype))
    node = nc_const(s->graph, (double)value->dim.c, type);
  else
    node = nc_const_int(s->graph, value->dim.c, type);
  return nc_value_tensor(s->arena, node);
}

NcValue *nc_sema_tensor(NcSema *s, const NcSite *site, int operand, NcValue *value, NcDtype dtype) {
  if (value->kind == NC_VALUE_TENSOR)
    return value;
  NcSpan span = site->spans[operand];
  if (!nc_value_is_literal(value)) {
    NcDiag *diag = nc_sema_error(s, "E0210", span, "%s takes tensors, but this is %s",
                                 nc_sema_site_name(s, site), nc_value_describe(s->arena, value));
    nc_sema_note_declared(s, diag, span, value);
    if (value->kind == NC_VALUE_OPTIMIZER || value->kind == NC_VALUE_DATASET)
      return NULL;
    if (value->kind == NC_VALUE_FN || value->kind == NC_VALUE_BUILTIN)
      nc_diag_help(s->diags, diag, "call it: %s(...)", nc_sema_quote(s, span));
    if (value->kind == NC_VALUE_GROUP)
      nc_diag_help(s->diags, diag, "name a member: %s.%s", value->symbol->name,
                   value->symbol->members.count ? value->symbol->members.entries[0].key : "...");
    return NULL;
  }
  if (!nc_sema_need_graph(s, span))
    return NULL;
  if (value->kind == NC_VALUE_BOOL)
    dtype = NC_BOOL;
  nc_sema_set_origin(s, site->span);
  return nc_sema_literal(s, span, value, nc_type_scalar(dtype));
}

bool nc_sema_is_trailing(const NcType *small, const NcType *large) {
  int offset = large->rank - small->rank;
  if (offset < 0)
    return false;
  for (int i = 0; i < small->rank; i++)
    if (!nc_dim_equal(small->dims[i], large->dims[offset + i]))
      return false;
  return true;
}

NcValue *nc_sema_broadcast(NcSema *s, NcSpan span, NcValue *value, const NcValue *like) {
  const NcType *type = &like->node->type;
  if (nc_shape_equal(&value->node->type, type))
    return value;
  nc_sema_set_origin(s, span);
  NcNode *node = nc_broadcast_trailing(s->graph, value->node, type->rank, type->dims);
  NcValue *result = nc_value_tensor(s->arena, node);
  result->origins = like->origins;
  return result;
}
