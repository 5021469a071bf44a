// Builtin functions on shapes, and those that make tensors.
#include "sema/sema.h"

#include "ops/build.h"

#include <stdint.h>

// How the values of one sample would lie in a row.
static void help_flatten(NcSema *s, NcDiag *diag, NcSpan list, const NcType *type) {
  NcText text = nc_text_create(s->arena);
  nc_text_append(&text, "[N, ");
  NcDim product = nc_dim(1);
  for (int i = 1; i < type->rank; i++) {
    nc_dim_multiply(product, type->dims[i], &product);
    nc_text_printf(&text, "%s%s", i > 1 ? "*" : "", nc_dim_format(s->arena, type->dims[i]));
  }
  nc_text_append(&text, type->rank > 1 ? "]" : "1]");
  nc_sema_fix(s, diag, list, text.data, "%s keeps the %s values of a sample", text.data,
              nc_dim_format(s->arena, product));
}

static NcValue *wrong_reshape(NcCall *call, NcInfer *infer, NcValue *x, const NcType *wanted) {
  NcSema *s = call->s;
  const NcType *given = &x->node->type;
  bool library = nc_sema_is_builtin(s, call->site.spans[1]);
  infer->culprits[0] = 1; // the list is what is wrong, the operand is what it is measured by
  NcDiag *diag = nc_sema_broken(s, &call->site, infer, call->args);
  nc_sema_label_value(s, diag, call->site.spans[0], x);
  for (int i = 1; i < given->rank && !library; i++)
    nc_sema_note_dim(s, diag, x, i);
  if (wanted->rank == 2 && given->rank > 0 && nc_dim_equal(given->dims[0], nc_dim_batch()))
    help_flatten(s, diag, call->site.spans[1], given);
  else if (infer->help)
    nc_diag_help(s->diags, diag, "%s", infer->help);
  return nc_value_error(s->arena);
}

// count / known, where that is a dimension.
static bool divide_dim(NcDim count, NcDim known, NcDim *rest) {
  if (known.n == 0) {
    *rest = (NcDim){count.n / known.c, count.c / known.c};
    return count.n % known.c == 0 && count.c % known.c == 0;
  }
  *rest = nc_dim(count.n / known.n);
  return count.n % known.n == 0 && count.c == rest->c * known.c;
}

// Puts what the others leave in the place of the one dimension that is `_`.
static bool infer_dim(NcCall *call, NcValue *x) {
  NcSema *s = call->s;
  NcValue *shape = call->args[1];
  int open = -1;
  NcType known = {.dtype = x->node->type.dtype};
  for (int i = 0; shape->kind == NC_VALUE_LIST && i < shape->items.count; i++) {
    const NcValue *item = shape->items.items[i];
    if (!nc_value_is_open(item)) {
      if (known.rank == NC_MAX_RANK || item->kind != NC_VALUE_INT)
        return true; // reported later
      known.dims[known.rank++] = item->dim;
      continue;
    }
    if (open >= 0) {
      nc_sema_error(s, "E0208", item->written, "only one dimension can be inferred");
      return false;
    }
    open = i;
  }
  if (open < 0)
    return true;
  NcValue *whole = nc_value_list(s->arena, NC_VALUE_LIST);
  for (int i = 0; i < shape->items.count; i++)
    nc_vec_push(s->arena, whole->items, shape->items.items[i]);
  NcSpan span = shape->items.items[open]->written;
  NcDim rest;
  if (!nc_sema_check_type(s, call->site.spans[1], &known))
    return false;
  NcDim count = nc_type_elements(&x->node->type), left = nc_type_elements(&known);
  if (!divide_dim(count, left, &rest)) {
    NcDiag *diag = nc_sema_error(s, "E0208", span,
                                 "the other dimensions do not divide what is there: %s and %s",
                                 nc_dim_format(s->arena, left), nc_dim_format(s->arena, count));
    nc_sema_label_value(s, diag, call->site.spans[0], x);
    return false;
  }
  whole->items.items[open] = nc_value_dim(s->arena, rest);
  whole->items.items[open]->written = span;
  call->args[1] = whole;
  return true;
}

static NcValue *reshape(NcCall *call) {
  NcSema *s = call->s;
  NcValue *x = nc_call_tensor(call, 0);
  const NcDimOrigin **origins;
  if (!x)
    return nc_value_error(s->arena);
  NcType type = x->node->type;
  if (!infer_dim(call, x) || !nc_call_shape(call, 1, &type, &origins))
    return nc_value_error(s->arena);
  if (nc_type_equal(&type, &x->node->type))
    return x;
  NcAttr attr = nc_attr_type(type);
  NcInfer infer;
  NcValue *result = nc_sema_try_apply(s, &call->site, &nc_op_reshape, &x, 1, &attr, &infer);
  if (!result)
    return wrong_reshape(call, &infer, x, &type);
  result->origins = origins;
  result->has_range = x->has_range;
  result->low = x->low;
  result->high = x->high;
  return result;
}

static NcValue *transpose(NcCall *call) {
  NcValue *x = nc_call_tensor(call, 0);
  if (!x)
    return nc_value_error(call->s->arena);
  int rank = x->node->type.rank;
  NcAttr perm = {.count = rank};
  for (int i = 0; i < rank; i++)
    perm.ints[i] = rank - 1 - i;
  const NcValue *given = call->args[1];
  if (given && given->kind != NC_VALUE_LIST)
    return nc_call_fail(call, "E0210", 1, "a list of axes is needed, but this is %s",
                        nc_value_describe(call->s->arena, given));
  if (!nc_call_ints(call, 1, rank, perm.ints))
    return nc_value_error(call->s->arena);
  for (int i = 0; i < rank; i++)
    if (perm.ints[i] < 0 && perm.ints[i] >= -rank)
      perm.ints[i] += rank;
  NcValue *result = nc_sema_apply(call->s, &call->site, &nc_op_transpose, &x, 1, &perm);
  for (int i = 0; !nc_value_is_error(result) && i < rank; i++)
    result->origins[i] = x->origins[perm.ints[i]];
  return result;
}

// Whether v has the shape of x without the axes.
static bool lacks_axes(const NcType *v, const NcType *x, const int64_t *axes, int count) {
  if (v->rank != x->rank - count)
    return false;
  for (int i = 0, next = 0, at = 0; i < x->rank; i++) {
    if (next < count && axes[next] == i)
      next++;
    else if (!nc_dim_equal(v->dims[at++], x->dims[i]))
      return false;
  }
  return true;
}

static NcValue *repeat(NcCall *call) {
  NcSema *s = call->s;
  NcValue *v = nc_call_tensor(call, 0), *x = nc_call_tensor(call, 1);
  int64_t axes[NC_MAX_RANK];
  int count;
  if (!v || !x || !nc_call_axes(call, 2, x->node->type.rank, axes, &count))
    return nc_value_error(s->arena);
  if (!lacks_axes(&v->node->type, &x->node->type, axes, count)) {
    NcDiag *diag = nc_sema_error(s, "E0202", call->site.spans[0],
                                 "repeat: the shape must be the other's without the repeated axes");
    nc_sema_label_value(s, diag, call->site.spans[0], v);
    nc_sema_label_value(s, diag, call->site.spans[1], x);
    return nc_value_error(s->arena);
  }
  nc_sema_set_origin(s, call->site.span);
  NcNode *node = nc_broadcast_reduced(s->graph, v->node, axes, count, &x->node->type);
  NcValue *result = nc_value_tensor(s->arena, node);
  result->origins = x->origins;
  return result;
}

// x of any shape all over another, of which its axes are some, in order: the last ones, unless they
// are given.
static NcValue *broadcast(NcCall *call) {
  NcSema *s = call->s;
  NcValue *x = nc_call_tensor(call, 0);
  const NcDimOrigin **origins;
  if (!x)
    return nc_value_error(s->arena);
  NcType type = x->node->type;
  if (!nc_call_shape(call, 1, &type, &origins))
    return nc_value_error(s->arena);
  int rank = x->node->type.rank;
  NcAttr axes = {.count = rank};
  for (int i = 0; i < rank; i++)
    axes.ints[i] = type.rank - rank + i;
  if (call->args[2] && !nc_call_axes(call, 2, type.rank, axes.ints, &axes.count))
    return nc_value_error(s->arena);
  if (nc_type_equal(&type, &x->node->type) && axes.count == rank)
    return x;
  NcAttr attrs[] = {axes, nc_attr_type(type)};
  NcValue *result = nc_sema_apply(s, &call->site, &nc_op_broadcast, &x, 1, attrs);
  if (!nc_value_is_error(result))
    result->origins = origins;
  return result;
}

// One after the other, from the left.
static NcValue *concat(NcCall *call) {
  NcSema *s = call->s;
  const NcValue *list = call->args[0];
  if (list->kind != NC_VALUE_LIST || list->items.count == 0) {
    NcDiag *diag = nc_sema_error(s, "E0210", call->site.spans[0],
                                 "concat: a list of tensors is needed, but this is %s",
                                 nc_value_describe(s->arena, list));
    nc_diag_help(s->diags, diag, "as in concat([a, b], axis = -1)");
    return nc_value_error(s->arena);
  }
  NcValue *result = NULL;
  for (int i = 0; i < list->items.count; i++) {
    NcSpan spans[2] = {call->site.spans[0], list->items.items[i]->written};
    NcSite site = {call->site.name, call->site.span, 2, spans};
    NcValue *item = nc_sema_tensor(s, &site, 1, list->items.items[i], s->float_dtype);
    int axis;
    if (!item || !nc_call_axis(call, 1, item->node->type.rank, &axis))
      return nc_value_error(s->arena);
    NcAttr attr = nc_attr_int(axis);
    if (i == 1)
      spans[0] = list->items.items[0]->written;
    NcValue *operands[] = {result, item};
    result = result ? nc_sema_apply(s, &site, &nc_op_concat, operands, 2, &attr) : item;
    if (nc_value_is_error(result))
      return result;
  }
  return result;
}

static NcValue *slice(NcCall *call) {
  NcValue *x = nc_call_tensor(call, 0);
  int axis;
  int64_t start, limit, step = 1;
  if (!x || !nc_call_axis(call, 1, x->node->type.rank, &axis) || !nc_call_int(call, 2, &start) ||
      !nc_call_int(call, 3, &limit) || !nc_call_int(call, 4, &step))
    return nc_value_error(call->s->arena);
  int rank = x->node->type.rank;
  NcAttr attrs[3] = {{.count = rank}, {.count = rank}, {.count = rank}};
  for (int i = 0; i < rank; i++) {
    NcDim dim = x->node->type.dims[i];
    attrs[1].ints[i] = dim.n ? -1 : dim.c;
    attrs[2].ints[i] = 1;
  }
  attrs[0].ints[axis] = start;
  attrs[1].ints[axis] = limit;
  attrs[2].ints[axis] = step;
  return nc_sema_apply(call->s, &call->site, &nc_op_slice, &x, 1, attrs);
}

static NcValue *pad(NcCall *call) {
  NcValue *x = nc_call_tensor(call, 0);
  if (!x)
    return nc_value_error(call->s->arena);
  int rank = x->node->type.rank;
  NcAttr attrs[4] = {{.count = rank}, {.count = rank}, {.count = rank}, {0}};
  if (!nc_call_ints(call, 1, rank, attrs[0].ints) || !nc_call_ints(call, 2, rank, attrs[1].ints) ||
      !nc_call_ints(call, 4, rank, attrs[2].ints))
    return nc_value_error(call->s->arena);
  const NcValue *value = call->args[3];
  if (value && !nc_value_is_constant_int(value) && value->kind != NC_VALUE_FLOAT)
    return nc_call_fail(call, "E0210", 3,
                        "a number known at compile time is needed, but this is %s",
                        nc_value_describe(call->s->arena, value));
  attrs[3].f = value ? nc_value_number(value) : 0;
  return nc_sema_apply(call->s, &call->site, &nc_op_pad, &x, 1, attrs);
}

static NcValue *reverse(NcCall *call) {
  NcValue *x = nc_call_tensor(call, 0);
  NcAttr axes = {0};
  if (!x || !nc_call_axes(call, 1, x->node->type.rank, axes.ints, &axes.count))
    return nc_value_error(call->s->arena);
  return axes.count ? nc_sema_apply(call->s, &call->site, &nc_op_reverse, &x, 1, &axes) : x;
}

static NcValue *shape(NcCall *call) {
  NcValue *x = nc_call_tensor(call, 0), *list = nc_value_list(call->s->arena, NC_VALUE_LIST);
  if (!x)
    return nc_value_error(call->s->arena);
  for (int i = 0; i < x->node->type.rank; i++) {
    NcValue *dim = nc_value_dim(call->s->arena, x->node->type.dims[i]);
    nc_vec_push(call->s->arena, list->items, dim);
  }
  return list;
}

static NcValue *size(NcCall *call) {
  NcValue *x = nc_call_tensor(call, 0);
  int64_t axes[NC_MAX_RANK];
  int count;
  if (!x || !nc_call_axes(call, 1, x->node->type.rank, axes, &count))
    return nc_value_error(call->s->arena);
  NcDim product = nc_dim(1);
  for (int i = 0; i < count; i++)
    if (!nc_dim_multiply(product, x->node->type.dims[axes[i]], &product))
      return nc_call_fail(call, "E0214", 0, "its number of elements is not known at compile time");
  return nc_value_dim(call->s->arena, product);
}

static NcValue *length(NcCall *call) {
  const NcValue *list = call->args[0];
  if (list->kind != NC_VALUE_LIST)
    return nc_call_fail(call, "E0210", 0, "a list is needed, but this is %s",
                        nc_value_describe(call->s->arena, list));
  return nc_value_int(call->s->arena, list->items.count);
}

static NcValue *dtype(NcCall *call) {
  NcValue *x = nc_call_tensor(call, 0);
  return x ? nc_value_dtype(call->s->arena, x->node->type.dtype) : nc_value_error(call->s->arena);
}

static NcValue *iota(NcCall *call) {
  NcSema *s = call->s;
  NcType type = {.dtype = NC_I64};
  const NcDimOrigin **origins;
  int axis = 0;
  if (!nc_call_dtype(call, 2, &type.dtype) || !nc_call_shape(call, 0, &type, &origins) ||
      !nc_sema_need_graph(s, call->site.span) || !nc_call_axis(call, 1, type.rank, &axis))
    return nc_value_error(s->arena);
  NcAttr attrs[] = {nc_attr_int(axis), nc_attr_type(type)};
  NcValue *result = nc_sema_apply(s, &call->site, &nc_op_iota, NULL, 0, attrs);
  if (!nc_value_is_error(result))
    result->origins = origins;
  return result;
}

// Every random node has a number of its own. Each variable owns two, 2k and 2k+1; further ones of a
// first value lie above all of these.
static int64_t next_random(NcSema *s, int64_t given) {
  if (given >= 0)
    return given;
  if (!s->first_of)
    return s->randoms++;
  int64_t own = s->first_of->ordinal, nth = s->first_of->randoms++;
  return nth < 2 ? 2 * own + nth : INT32_MAX - own * 16 - (nth - 2);
}

static NcValue *random_numbers(NcCall *call) {
  NcSema *s = call->s;
  NcType type = {.dtype = s->float_dtype};
  const NcDimOrigin **origins;
  int64_t given = -1;
  if (!nc_call_dtype(call, 1, &type.dtype) || !nc_call_shape(call, 0, &type, &origins) ||
      !nc_call_int(call, 2, &given) || !nc_sema_need_graph(s, call->site.span))
    return nc_value_error(s->arena);
  if (call->args[2] && (given < 0 || given > UINT32_MAX))
    return nc_call_fail(call, "E0214", 2, "the ordinal must be from 0 to %u, not %lld", UINT32_MAX,
                        (long long)given);
  NcAttr attrs[] = {nc_attr_int(next_random(s, given)), nc_attr_type(type)};
  NcValue *result = nc_sema_apply(s, &call->site, &nc_op_random, NULL, 0, attrs);
  if (!nc_value_is_error(result))
    result->origins = origins;
  return result;
}

const NcBuiltin nc_builtins_shape[] = {
    {.name = "reshape", .params = {"x", "shape"}, .call = reshape},
    {.name = "transpose", .params = {"x", "axes?"}, .call = transpose},
    {.name = "repeat", .params = {"v", "x", "axis"}, .call = repeat},
    {.name = "broadcast", .params = {"x", "shape", "axes?"}, .call = broadcast},
    {.name = "concat", .params = {"tensors", "axis?"}, .call = concat},
    {.name = "slice", .params = {"x", "axis", "start", "limit", "step?"}, .call = slice},
    {.name = "pad", .params = {"x", "low", "high", "value?", "interior?"}, .call = pad},
    {.name = "reverse", .params = {"x", "axis?"}, .call = reverse},
    {.name = "shape", .params = {"x"}, .call = shape},
    {.name = "size", .params = {"x", "axis?"}, .call = size},
    {.name = "length", .params = {"list"}, .call = length},
    {.name = "dtype", .params = {"x"}, .call = dtype},
    {.name = "iota", .params = {"shape", "axis?", "dtype?"}, .call = iota},
    {.name = "stored", .params = {"file", "name", "shape"}, .call = nc_sema_stored, .hidden = true},
    {.name = "random", .params = {"shape", "dtype?", "ordinal?"}, .call = random_numbers},
    {0},
};
