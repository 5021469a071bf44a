// Builtin functions that look elements up, and tensors written as lists.
#include "sema/sema.h"

#include "ops/build.h"

#include <string.h>

// Numbers of a tensor that is written as a list: each becomes code.
#define MOST_NUMBERS 1024

typedef struct Listed {
  NcType type;
  int count;
  NcValue *numbers[MOST_NUMBERS];
} Listed;

static bool wrong_list(NcCall *call, int param, const char *what) {
  nc_call_fail(call, "E0210", param, "%s", what);
  return false;
}

// Adds the numbers of a list, which is dimension `depth` of the tensor.
static bool read_list(NcCall *call, int param, const NcValue *list, int depth, Listed *to) {
  NcSema *s = call->s;
  bool first = depth == to->type.rank;
  if (depth == NC_MAX_RANK)
    return wrong_list(call, param, "lists are nested too deeply for a tensor");
  if (list->items.count == 0)
    return wrong_list(call, param, "an empty list is no tensor");
  if (first && to->count > 0)
    return wrong_list(call, param, "in a list there are numbers or lists, not both");
  if (first)
    to->type.dims[to->type.rank++] = nc_dim(list->items.count);
  if (to->type.dims[depth].c != list->items.count)
    return wrong_list(call, param, "the lists in a list must be equally long");
  for (int i = 0; i < list->items.count; i++) {
    NcValue *item = list->items.items[i];
    if (item->kind == NC_VALUE_LIST) {
      if (!read_list(call, param, item, depth + 1, to))
        return false;
      continue;
    }
    if (depth + 1 != to->type.rank)
      return wrong_list(call, param, "in a list there are numbers or lists, not both");
    bool constant = nc_value_is_literal(item) && !(item->kind == NC_VALUE_INT && item->dim.n);
    if (!constant)
      return wrong_list(call, param, "the items must be numbers known at compile time");
    if (!nc_sema_fits(s, call->site.spans[param], item, to->type.dtype))
      return false;
    if (to->count == MOST_NUMBERS) {
      nc_call_fail(call, "E0213", param, "a tensor can be written as at most %d numbers",
                   MOST_NUMBERS);
      return false;
    }
    to->numbers[to->count++] = item;
  }
  return true;
}

static bool same_number(const NcValue *a, const NcValue *b) {
  return a->kind == b->kind && a->truth == b->truth && nc_dim_equal(a->dim, b->dim) &&
         memcmp(&a->number, &b->number, sizeof a->number) == 0;
}

// Numbers first … end-1 at their positions; what stands elsewhere does not matter.
static NcNode *choose_number(NcCall *call, const Listed *list, NcNode *position, int first,
                             int end) {
  bool same = true;
  for (int i = first + 1; i < end; i++)
    same = same && same_number(list->numbers[i], list->numbers[first]);
  NcType type = nc_type_with_dtype(position->type, list->type.dtype);
  NcGraph *graph = call->s->graph;
  if (same)
    return nc_sema_literal(call->s, call->site.span, list->numbers[first], type)->node;
  int middle = (first + end) / 2;
  NcNode *before = nc_lt(graph, position, nc_const_like(graph, middle, position));
  return nc_select(graph, before, choose_number(call, list, position, first, middle),
                   choose_number(call, list, position, middle, end));
}

static NcValue *list_tensor(NcCall *call, int param, NcDtype dtype) {
  NcSema *s = call->s;
  Listed *list = NC_NEW(s->arena, Listed);
  list->type.dtype = dtype;
  if (!nc_sema_need_graph(s, call->site.spans[param]) ||
      !read_list(call, param, call->args[param], 0, list))
    return NULL;
  nc_sema_set_origin(s, call->site.span);
  NcDim count = nc_dim(list->count);
  NcNode *position = nc_iota(s->graph, nc_type(NC_I64, 1, &count), 0);
  NcNode *flat = choose_number(call, list, position, 0, list->count);
  NcNode *node = nc_reshape(s->graph, flat, list->type.rank, list->type.dims);
  NcValue *result = nc_value_tensor(s->arena, node);
  nc_sema_trace(s, &call->site, result, NULL, 0);
  return result;
}

// An argument that may be written as a number or a list. NULL after a report.
static NcValue *tensor_of(NcCall *call, int param, NcDtype dtype) {
  if (call->args[param]->kind == NC_VALUE_LIST)
    return list_tensor(call, param, dtype);
  return nc_sema_tensor(call->s, &call->site, param, call->args[param], dtype);
}

static NcValue *tensor(NcCall *call) {
  NcDtype dtype = call->s->float_dtype;
  if (!nc_call_dtype(call, 1, &dtype))
    return nc_value_error(call->s->arena);
  NcValue *x = tensor_of(call, 0, dtype);
  if (!x)
    return nc_value_error(call->s->arena);
  if (call->args[1] && x->node->type.dtype != dtype)
    return nc_call_fail(call, "E0201", 0, "a tensor of %s is needed, not of %s",
                        nc_dtype_name(dtype), nc_dtype_name(x->node->type.dtype));
  return x;
}

// How many leading dimensions are shared: a number, or all that the index has.
static bool read_batch(NcCall *call, int param, const NcType *index, int64_t *batch) {
  const NcValue *value = call->args[param];
  bool all = value && value->kind == NC_VALUE_OPTION && strcmp(value->text, "all") == 0;
  *batch = all ? index->rank : 0;
  return all || nc_call_int(call, param, batch);
}

// The axis, of so many; where it is absent the first that is not shared.
static bool read_axis(NcCall *call, int param, int axes, int64_t batch, int64_t *axis) {
  int number = 0;
  *axis = batch;
  if (!call->args[param])
    return true;
  if (!nc_call_axis(call, param, axes, &number))
    return false;
  *axis = number;
  return true;
}

// What the index's declared range says about it.
static bool range_fits(NcCall *call, const NcValue *index, int64_t size) {
  if (!index->has_range || (index->low >= 0 && index->high <= size))
    return true;
  NcSema *s = call->s;
  NcSpan span = call->site.spans[1];
  NcDiag *diag = nc_sema_error(s, "E0415", span,
                               "%s: the index lies in %lld..%lld, but there are %lld positions",
                               nc_sema_site_name(s, &call->site), (long long)index->low,
                               (long long)index->high, (long long)size);
  nc_sema_label_value(s, diag, span, index);
  if (index->declared)
    nc_sema_note(s, diag, index->declared->name_span, "%s is declared here", index->declared->name);
  return false;
}

static NcValue *gather(NcCall *call) {
  NcSema *s = call->s;
  NcValue *operands[] = {tensor_of(call, 0, s->float_dtype), tensor_of(call, 1, NC_I64)};
  int64_t batch, axis;
  if (!operands[0] || !operands[1])
    return nc_value_error(s->arena);
  const NcType *x = &operands[0]->node->type, *index = &operands[1]->node->type;
  if (!read_batch(call, 3, index, &batch) || !read_axis(call, 2, x->rank, batch, &axis))
    return nc_value_error(s->arena);
  bool known = axis >= 0 && axis < x->rank && nc_dim_is_constant(x->dims[axis]);
  if (known && !range_fits(call, operands[1], x->dims[axis].c))
    return nc_value_error(s->arena);
  NcAttr attrs[] = {nc_attr_int(axis), nc_attr_int(batch)};
  return nc_sema_apply(s, &call->site, &nc_op_gather, operands, 2, attrs);
}

static NcValue *scatter_add(NcCall *call) {
  NcSema *s = call->s;
  NcValue *operands[] = {tensor_of(call, 0, s->float_dtype), tensor_of(call, 1, NC_I64)};
  int64_t batch, axis, size;
  if (!operands[0] || !operands[1])
    return nc_value_error(s->arena);
  const NcType *values = &operands[0]->node->type, *index = &operands[1]->node->type;
  if (!read_batch(call, 4, index, &batch) || !nc_call_int(call, 2, &size))
    return nc_value_error(s->arena);
  bool shared = batch >= 0 && batch <= index->rank && index->rank - batch <= values->rank;
  int axes = shared ? values->rank - (index->rank - (int)batch) + 1 : 1;
  if (!read_axis(call, 3, axes, batch, &axis) || !range_fits(call, operands[1], size))
    return nc_value_error(s->arena);
  NcAttr attrs[] = {nc_attr_int(axis), nc_attr_int(batch), nc_attr_int(size)};
  return nc_sema_apply(s, &call->site, &nc_op_scatter_add, operands, 2, attrs);
}

const NcBuiltin nc_builtins_index[] = {
    {.name = "tensor", .params = {"values", "dtype?"}, .call = tensor},
    {.name = "gather", .params = {"x", "index", "axis?", "batch?"}, .call = gather},
    {.name = "scatter_add",
     .params = {"values", "index", "size", "axis?", "batch?"},
     .call = scatter_add},
    {0},
};
