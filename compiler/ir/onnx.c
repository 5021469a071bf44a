// The ONNX graph that operators build.
#include "ir/onnx.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

// ---- values

static NcOnnxValue *add_value(NcOnnxBuilder *b, NcOnnxKind kind, NcType type) {
  NcOnnxValue *value = NC_NEW(b->arena, NcOnnxValue);
  *value = (NcOnnxValue){.kind = kind, .type = type, .whole = type};
  for (int d = 0; d < NC_MAX_RANK; d++)
    value->perm[d] = d;
  return value;
}

NcOnnxValue *nc_onnx_input(NcOnnxBuilder *b, const NcNode *node) {
  NcOnnxValue *value = add_value(b, NC_ONNX_INPUT, node->type);
  value->of = node;
  nc_vec_push(b->arena, b->inputs, value);
  return value;
}

NcOnnxValue *nc_onnx_param(NcOnnxBuilder *b, const NcNode *node) {
  NcOnnxValue *value = b->embed ? add_value(b, NC_ONNX_PARAM, node->type) : nc_onnx_input(b, node);
  value->of = node;
  value->variable = node->variable;
  return value;
}

static bool is_same_constant(const NcOnnxValue *a, const NcOnnxValue *value) {
  if (!nc_type_equal(&a->type, &value->type) || !a->ints != !value->ints)
    return false;
  size_t bytes = (size_t)nc_type_elements(&a->type).c * sizeof(int64_t);
  return value->ints ? memcmp(a->ints, value->ints, bytes) == 0
                     : memcmp(&a->number, &value->number, sizeof a->number) == 0;
}

static NcOnnxValue *add_constant(NcOnnxBuilder *b, NcOnnxValue *value) {
  for (int i = 0; i < b->constants.count; i++)
    if (is_same_constant(b->constants.items[i], value))
      return b->constants.items[i];
  nc_vec_push(b->arena, b->constants, value);
  return value;
}

NcOnnxValue *nc_onnx_scalar(NcOnnxBuilder *b, NcDtype dtype, double number) {
  NcOnnxValue *value = add_value(b, NC_ONNX_CONST, nc_type_scalar(dtype));
  value->number = number;
  return add_constant(b, value);
}

NcOnnxValue *nc_onnx_tensor(NcOnnxBuilder *b, const int64_t *ints, NcType type) {
  int64_t count = nc_type_elements(&type).c;
  NcOnnxValue *value = add_value(b, NC_ONNX_CONST, type);
  value->ints = NC_NEW_ARRAY(b->arena, int64_t, count + 1);
  memcpy(value->ints, ints, (size_t)count * sizeof *ints);
  return add_constant(b, value);
}

NcOnnxValue *nc_onnx_ints(NcOnnxBuilder *b, const int64_t *ints, int64_t count) {
  NcDim dim = nc_dim(count);
  return nc_onnx_tensor(b, ints, nc_type(NC_I64, 1, &dim));
}

static NcOnnxValue *view_of(NcOnnxBuilder *b, NcOnnxValue *value) {
  NcOnnxValue *view = NC_NEW(b->arena, NcOnnxValue);
  *view = *value;
  view->same = value->same ? value->same : value;
  view->main = view->takes_bias = false;
  view->forms = view->unscaled = NULL;
  return view;
}

NcOnnxValue *nc_onnx_view(NcOnnxBuilder *b, NcOnnxValue *value, NcType whole) {
  if (!value || nc_type_equal(&value->whole, &whole))
    return value;
  NcOnnxValue *view = view_of(b, value);
  view->whole = whole;
  view->channels_first = false;
  return view;
}

NcOnnxValue *nc_onnx_add(NcOnnxBuilder *b, const char *op_type, NcOnnxValue *const *inputs,
                         int count, NcType type) {
  NcOnnxNode *node = NC_NEW(b->arena, NcOnnxNode);
  NcOnnxValue *value = add_value(b, NC_ONNX_RESULT, type);
  *node = (NcOnnxNode){.op_type = op_type, .input_count = count, .output = value, .of = b->node};
  for (int i = 0; i < count; i++)
    node->inputs[i] = inputs[i] && inputs[i]->same ? inputs[i]->same : inputs[i];
  value->producer = node;
  value->of = b->node;
  nc_vec_push(b->arena, b->nodes, node);
  return value;
}

static NcOnnxAttr *set(NcOnnxBuilder *b, NcOnnxValue *value, const char *name) {
  NcOnnxNode *node = value->producer;
  for (int i = 0; i < node->attrs.count; i++)
    if (strcmp(node->attrs.items[i].name, name) == 0)
      return &node->attrs.items[i];
  NcOnnxAttr attr = {.name = name};
  nc_vec_push(b->arena, node->attrs, attr);
  return &node->attrs.items[node->attrs.count - 1];
}

void nc_onnx_set(NcOnnxBuilder *b, NcOnnxValue *value, const char *name, int64_t number) {
  NcOnnxAttr *attr = set(b, value, name);
  attr->ints[0] = number;
  attr->count = 1;
}

void nc_onnx_set_list(NcOnnxBuilder *b, NcOnnxValue *value, const char *name, const int64_t *ints,
                      int count) {
  NcOnnxAttr *attr = set(b, value, name);
  attr->list = true;
  attr->count = count;
  memcpy(attr->ints, ints, (size_t)count * sizeof *ints);
}

NcOnnxValue *nc_onnx_fail(NcOnnxBuilder *b, const char *help, const char *format, ...) {
  va_list args;
  va_start(args, format);
  b->message = nc_arena_vprintf(b->arena, format, args);
  b->help = help;
  va_end(args);
  return NULL;
}

static NcOnnxValue *batch_size(NcOnnxBuilder *b) {
  NcDim one = nc_dim(1);
  for (int i = 0; !b->batch && i < b->inputs.count; i++) {
    NcOnnxValue *input = b->inputs.items[i];
    if (input->type.rank == 0 || !nc_dim_equal(input->type.dims[0], nc_dim_batch()))
      continue;
    b->batch = nc_onnx_add(b, "Shape", &input, 1, nc_type(NC_I64, 1, &one));
    nc_onnx_set(b, b->batch, "start", 0);
    nc_onnx_set(b, b->batch, "end", 1);
  }
  if (b->batch)
    return b->batch;
  return nc_onnx_fail(b, "use an input of [N, …] in what is exported",
                      "N, the size of the batch, is that of no input here");
}

// ---- shapes

// The type under `rank` dimensions: 1s in front.
static NcType aligned(const NcType *type, int rank) {
  NcType result = *type;
  int more = rank - type->rank;
  result.rank = rank;
  for (int d = 0; d < rank; d++)
    result.dims[d] = d < more ? nc_dim(1) : type->dims[d - more];
  return result;
}

// Without leading 1s.
static NcType stripped(NcType type) {
  int ones = 0;
  while (ones < type.rank && nc_dim_is(type.dims[ones], 1))
    ones++;
  type.rank -= ones;
  memmove(type.dims, type.dims + ones, (size_t)type.rank * sizeof *type.dims);
  return type;
}

int nc_onnx_axis_first(int rank, int axis) {
  return rank < 3 || axis == 0 ? axis : axis == 1 ? rank - 1 : axis - 1;
}

int64_t nc_onnx_axis(const NcOnnxValue *value, int64_t axis) {
  int rank = value->whole.rank;
  return !value->channels_first || axis == 0 ? axis : axis == rank - 1 ? 1 : axis + 1;
}

static NcType permuted(const NcType *type, const int64_t *perm) {
  NcType result = *type;
  for (int d = 0; d < type->rank; d++)
    result.dims[d] = type->dims[perm[d]];
  return result;
}

// The order of axes that brings channels first, or back.
static void turn(int rank, bool first, int64_t *perm) {
  for (int d = 0; d < rank; d++) {
    int from = nc_onnx_axis_first(rank, d);
    if (first)
      perm[d] = from;
    else
      perm[from] = d;
  }
}

// Whether the order moves nothing but dimensions of 1.
static bool moves_nothing(const NcType *type, const int64_t *perm) {
  int64_t last = -1;
  for (int d = 0; d < type->rank; d++) {
    if (nc_dim_is(type->dims[perm[d]], 1))
      continue;
    if (perm[d] < last)
      return false;
    last = perm[d];
  }
  return true;
}

// The shape as ONNX's Reshape has it: -1 stands for what depends on N.
static NcOnnxValue *shape_for_reshape(NcOnnxBuilder *b, const NcType *type) {
  int64_t dims[NC_MAX_RANK];
  for (int d = 0; d < type->rank; d++)
    dims[d] = nc_dim_is_constant(type->dims[d]) ? type->dims[d].c : -1;
  return nc_onnx_ints(b, dims, type->rank);
}

// A dimension n*N + c as i64[1].
NcOnnxValue *nc_onnx_size(NcOnnxBuilder *b, NcDim dim) {
  NcOnnxValue *value = batch_size(b);
  if (value && dim.n != 1)
    value =
        nc_onnx_add(b, "Mul", (NcOnnxValue *[]){value, nc_onnx_ints(b, &dim.n, 1)}, 2, value->type);
  if (value && dim.c != 0)
    value =
        nc_onnx_add(b, "Add", (NcOnnxValue *[]){value, nc_onnx_ints(b, &dim.c, 1)}, 2, value->type);
  return value;
}

static NcOnnxValue *shape_value(NcOnnxBuilder *b, const NcType *type) {
  int64_t dims[NC_MAX_RANK];
  int fixed = 0, batch = -1;
  for (int d = 0; d < type->rank; d++)
    if (nc_dim_is_constant(type->dims[d]))
      dims[fixed++] = type->dims[d].c;
    else
      batch = d;
  NcOnnxValue *rest = nc_onnx_ints(b, dims, fixed);
  if (batch < 0)
    return rest;
  // In a valid type N leads, with its channels first too.
  NcOnnxValue *first = nc_onnx_size(b, type->dims[batch]);
  if (!first || fixed == 0)
    return first;
  NcDim rank = nc_dim(type->rank);
  NcOnnxValue *all =
      nc_onnx_add(b, "Concat", (NcOnnxValue *[]){first, rest}, 2, nc_type(NC_I64, 1, &rank));
  nc_onnx_set(b, all, "axis", 0);
  return all;
}

// ---- nodes in other forms

NcType nc_onnx_type_like(const NcType *type, const NcOnnxValue *like) {
  int64_t perm[NC_MAX_RANK];
  turn(type->rank, true, perm);
  return like->channels_first && type->rank >= 3 ? permuted(type, perm) : *type;
}

NcOnnxValue *nc_onnx_add_like(NcOnnxBuilder *b, const char *op_type, NcOnnxValue *const *inputs,
                              int count, NcType type, const NcOnnxValue *like) {
  NcOnnxValue *value = nc_onnx_add(b, op_type, inputs, count, nc_onnx_type_like(&type, like));
  value->whole = type;
  value->channels_first = like->channels_first && type.rank >= 3;
  return value;
}

NcOnnxValue *nc_onnx_add_first(NcOnnxBuilder *b, const char *op_type, NcOnnxValue *const *inputs,
                               int count, NcType type) {
  static const NcOnnxValue first = {.channels_first = true};
  return nc_onnx_add_like(b, op_type, inputs, count, type, &first);
}

NcOnnxValue *nc_onnx_slice(NcOnnxBuilder *b, NcOnnxValue *x, NcType type, const int64_t *start,
                           const int64_t *limit, const int64_t *axes, const int64_t *step,
                           int count) {
  NcOnnxValue *inputs[] = {x, nc_onnx_ints(b, start, count), nc_onnx_ints(b, limit, count),
                           nc_onnx_ints(b, axes, count), nc_onnx_ints(b, step, count)};
  return count == 0 ? x : nc_onnx_add_like(b, "Slice", inputs, 5, type, x);
}

void nc_onnx_set_pads(NcOnnxBuilder *b, NcOnnxValue *value, const int64_t *low, const int64_t *high,
                      int spatial) {
  int64_t pads[2 * NC_MAX_RANK];
  for (int d = 0; d < spatial; d++) {
    pads[d] = low[d];
    pads[spatial + d] = high[d];
  }
  nc_onnx_set_list(b, value, "pads", pads, 2 * spatial);
}

// ---- forms

static NcOnnxValue *derived(NcOnnxValue *value, const NcOnnxValue *from) {
  if (value && value != from) {
    value->of = from->of;
    value->whole = from->whole;
    value->channels_first = from->channels_first;
  }
  return value;
}

static NcOnnxValue *param_as(NcOnnxBuilder *b, const NcOnnxValue *param, NcType type) {
  NcOnnxValue *value = NC_NEW(b->arena, NcOnnxValue);
  *value = *param;
  value->same = value->forms = NULL;
  value->type = value->whole = type;
  value->main = false;
  return value;
}

static bool is_in_order(const int64_t *perm, int rank) {
  for (int d = 0; d < rank; d++)
    if (perm[d] != d)
      return false;
  return true;
}

// A value that is there already as one of the type that it has in ONNX.
static NcOnnxValue *as_it_is(NcOnnxBuilder *b, NcOnnxValue *value) {
  NcOnnxValue *view = view_of(b, value);
  view->whole = view->type;
  view->channels_first = false;
  return view;
}

NcOnnxValue *nc_onnx_reshape(NcOnnxBuilder *b, NcOnnxValue *value, NcType type) {
  if (!value || nc_shape_equal(&value->type, &type))
    return value;
  NcOnnxValue *from = value->same ? value->same : value;
  if (from->producer && strcmp(from->producer->op_type, "Reshape") == 0)
    from = from->producer->inputs[0];
  if (nc_shape_equal(&from->type, &type))
    return as_it_is(b, from);
  if (from->kind == NC_ONNX_PARAM && is_in_order(from->perm, NC_MAX_RANK))
    return param_as(b, from, type);
  if (from->kind == NC_ONNX_CONST && from->ints)
    return nc_onnx_tensor(b, from->ints, type);
  if (from->kept.rank > 0 && nc_shape_equal(&from->kept, &type) && b->uses[from->of->id] == 1) {
    nc_onnx_set(b, from, "keepdims", 1);
    from->type = from->kept;
    return as_it_is(b, from);
  }
  return nc_onnx_add(b, "Reshape", (NcOnnxValue *[]){from, shape_for_reshape(b, &type)}, 2, type);
}

// A param whose axes can be put in another order when it is written.
static bool is_whole_param(const NcOnnxValue *value) {
  if (value->kind != NC_ONNX_PARAM)
    return false;
  NcType type = permuted(&value->variable->type, value->perm);
  return nc_shape_equal(&type, &value->type);
}

NcOnnxValue *nc_onnx_transpose(NcOnnxBuilder *b, NcOnnxValue *value, const int64_t *perm) {
  if (!value || is_in_order(perm, value->type.rank))
    return value;
  NcOnnxValue *from = value->same ? value->same : value;
  int rank = from->type.rank;
  int64_t all[NC_MAX_RANK];
  memcpy(all, perm, (size_t)rank * sizeof *all);
  if (is_whole_param(from)) {
    NcOnnxValue *param = param_as(b, from, permuted(&from->type, perm));
    for (int d = 0; d < rank; d++)
      param->perm[d] = from->perm[perm[d]];
    return param;
  }
  if (from->producer && strcmp(from->producer->op_type, "Transpose") == 0) {
    for (int d = 0; d < rank; d++)
      all[d] = from->producer->attrs.items[0].ints[perm[d]];
    from = from->producer->inputs[0];
  }
  if (is_in_order(all, rank))
    return as_it_is(b, from);
  NcOnnxValue *result = nc_onnx_add(b, "Transpose", &from, 1, permuted(&from->type, all));
  nc_onnx_set_list(b, result, "perm", all, rank);
  return result;
}

static NcOnnxValue *turned(NcOnnxBuilder *b, NcOnnxValue *value, bool first) {
  NcType type = aligned(&value->type, value->whole.rank), to;
  int64_t perm[NC_MAX_RANK];
  turn(type.rank, first, perm);
  to = permuted(&type, perm);
  if (moves_nothing(&type, perm))
    return nc_onnx_reshape(b, value, value->type.rank < type.rank ? stripped(to) : to);
  return nc_onnx_transpose(b, nc_onnx_reshape(b, value, type), perm);
}

static NcOnnxValue *expanded(NcOnnxBuilder *b, NcOnnxValue *value, NcType type) {
  NcOnnxValue *shape = shape_value(b, &type);
  return shape ? nc_onnx_add(b, "Expand", (NcOnnxValue *[]){value, shape}, 2, type) : NULL;
}

static NcType type_in(const NcOnnxValue *value, bool first) {
  int64_t perm[NC_MAX_RANK];
  turn(value->whole.rank, true, perm);
  NcType type = first ? permuted(&value->whole, perm) : value->whole;
  return nc_type_with_dtype(type, value->type.dtype);
}

static NcOnnxValue *find_form(NcOnnxValue *value, bool first, bool small) {
  NcType full = type_in(value, first);
  for (NcOnnxValue *form = value->forms; form; form = form->next)
    if (form->channels_first == first && (small || nc_shape_equal(&form->type, &full)))
      return form;
  return NULL;
}

static NcOnnxValue *remember(NcOnnxBuilder *b, NcOnnxValue *value, NcOnnxValue *form, bool first) {
  NcOnnxValue *view = view_of(b, form);
  if (view->same->kind == NC_ONNX_RESULT && !view->same->main)
    view->same->of = value->of;
  view->whole = value->whole;
  view->of = value->of;
  view->channels_first = first;
  view->next = value->forms;
  value->forms = view;
  return view;
}

NcOnnxValue *nc_onnx_form(NcOnnxBuilder *b, NcOnnxValue *value, bool first, bool small) {
  if (!value)
    return NULL;
  first = first && value->whole.rank >= 3;
  NcType full = type_in(value, first);
  bool turns = value->channels_first != first && value->type.rank > 0;
  if (!turns && (small || nc_shape_equal(&value->type, &full)))
    return value;
  NcOnnxValue *form = find_form(value, first, small);
  if (form)
    return form;
  form = turns ? turned(b, value, first) : value;
  if (form && !small && !nc_shape_equal(&form->type, &full))
    form = expanded(b, form, full);
  return form ? remember(b, value, form, first) : NULL;
}

NcOnnxValue *nc_onnx_plain(NcOnnxBuilder *b, NcOnnxValue *value) {
  return nc_onnx_form(b, value, false, false);
}

NcOnnxValue *nc_onnx_full(NcOnnxBuilder *b, NcOnnxValue *value) {
  return value ? nc_onnx_form(b, value, value->channels_first, false) : NULL;
}

int nc_onnx_dtype(NcDtype dtype) {
  static const int codes[] = {
      [NC_BOOL] = 9, [NC_U8] = 2, [NC_I32] = 6, [NC_I64] = 7, [NC_F32] = 1, [NC_F64] = 11};
  return codes[dtype];
}

NcOnnxValue *nc_onnx_cast(NcOnnxBuilder *b, NcOnnxValue *value, NcDtype dtype) {
  if (!value || value->type.dtype == dtype)
    return value;
  double number;
  NcType whole = nc_type_with_dtype(value->whole, dtype);
  if (nc_onnx_is_number(value, &number) && dtype == NC_I32)
    return nc_onnx_view(b, nc_onnx_scalar(b, dtype, number), whole);
  if (value->kind == NC_ONNX_CONST && value->ints && dtype != NC_BOOL)
    return nc_onnx_view(b, nc_onnx_tensor(b, value->ints, nc_type_with_dtype(value->type, dtype)),
                        whole);
  NcOnnxValue *cast = nc_onnx_add(b, "Cast", &value, 1, nc_type_with_dtype(value->type, dtype));
  nc_onnx_set(b, cast, "to", nc_onnx_dtype(dtype));
  derived(cast, value);
  cast->whole.dtype = dtype;
  return cast;
}

// ---- nodes that operators share

// The shape that broadcasting gives; dimensions that differ are 1 in one of the two.
static NcType joined(NcType a, NcType b) {
  int rank = a.rank > b.rank ? a.rank : b.rank;
  a = aligned(&a, rank);
  b = aligned(&b, rank);
  for (int d = 0; d < rank; d++)
    if (nc_dim_is(a.dims[d], 1))
      a.dims[d] = b.dims[d];
  return a;
}

NcOnnxValue *nc_onnx_elementwise(NcOnnxBuilder *b, const char *op_type,
                                 NcOnnxValue *const *operands, int count, NcDtype dtype,
                                 unsigned narrow) {
  NcOnnxValue *inputs[NC_ONNX_MAX_INPUTS];
  NcType type = nc_type_scalar(dtype);
  bool first = false, cast = false;
  for (int i = 0; i < count; i++)
    first |= operands[i]->channels_first;
  for (int i = 0; i < count; i++) {
    bool lacks = narrow >> operands[i]->type.dtype & 1;
    inputs[i] = nc_onnx_form(b, operands[i], first, true);
    inputs[i] = nc_onnx_cast(b, inputs[i], lacks ? NC_I32 : inputs[i]->type.dtype);
    type = nc_type_with_dtype(joined(type, inputs[i]->type), dtype);
    cast |= lacks;
  }
  cast = cast && (narrow >> dtype & 1);
  NcOnnxValue *value =
      nc_onnx_add(b, op_type, inputs, count, nc_type_with_dtype(type, cast ? NC_I32 : dtype));
  value->channels_first = first;
  value->whole = nc_type_with_dtype(operands[0]->whole, value->type.dtype);
  return nc_onnx_cast(b, value, dtype);
}

NcOnnxValue *nc_onnx_with_bias(NcOnnxBuilder *b, NcOnnxValue *value, NcOnnxValue *bias) {
  bool vector = !bias->producer && !bias->channels_first && bias->type.rank == 1;
  if (!value->takes_bias || b->uses[value->of->id] != 1 || !vector ||
      !nc_dim_equal(bias->type.dims[0], value->whole.dims[value->whole.rank - 1]))
    return NULL;
  NcOnnxNode *node = value->producer;
  node->inputs[node->input_count++] = bias->same ? bias->same : bias;
  node->of = b->node;
  value->takes_bias = value->main = false; // it becomes the value of the sum
  return value;
}

bool nc_onnx_is_number(const NcOnnxValue *value, double *number) {
  *number = value->number;
  return value->kind == NC_ONNX_CONST && !value->ints;
}

NcOnnxValue *nc_onnx_unscaled(NcOnnxValue *value, double factor) {
  return value->unscaled && fabs(value->number * factor - 1) < 1e-6 ? value->unscaled : NULL;
}
