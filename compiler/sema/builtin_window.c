// Builtin functions that slide a window: convolution and pooling.
#include "sema/sema.h"

#include "ops/build.h"
#include "ops/window.h"

#include <string.h>

#define MAX_SPATIAL 3
#define LARGEST 1000000000 // of strides and dilations, so that no arithmetic on them overflows

typedef struct Window {
  int spatial;
  int64_t size[MAX_SPATIAL], stride[MAX_SPATIAL], dilation[MAX_SPATIAL];
  int64_t padding[2 * MAX_SPATIAL]; // before and after, by dimension
} Window;

static int spatial_of(const NcType *x) {
  int spatial = x->rank - 2;
  return spatial < 1 ? 1 : spatial > MAX_SPATIAL ? MAX_SPATIAL : spatial;
}

// x is [N, spatial dimensions, channels]; a list tells how many of them are meant.
static void help_rank(NcCall *call, NcDiag *diag, NcType type, int spatial) {
  NcSema *s = call->s;
  bool lacks = type.rank == spatial + 1 && type.rank < NC_MAX_RANK;
  if (lacks && nc_dim_is_constant(type.dims[0])) {
    nc_diag_help(s->diags, diag, "the first dimension is the batch: [N, %s",
                 strchr(nc_type_format(s->arena, &type), '[') + 1);
  } else if (lacks) {
    type.dims[type.rank++] = nc_dim(1);
    nc_diag_help(s->diags, diag, "if there is one channel, reshape to %s",
                 strchr(nc_type_format(s->arena, &type), '['));
  } else {
    nc_diag_help(s->diags, diag,
                 "the first dimension is the batch, the last the channels; those between are "
                 "spatial");
  }
}

// One integer for all spatial dimensions of x, or a list.
static bool spatial_ints(NcCall *call, int param, const NcType *x, int spatial, int64_t *values) {
  const NcValue *value = call->args[param];
  if (!value || value->kind != NC_VALUE_LIST || value->items.count == spatial)
    return nc_call_ints(call, param, spatial, values);
  NcSema *s = call->s;
  int count = value->items.count;
  NcDiag *diag = nc_sema_error(
      s, "E0210", call->site.spans[param], "%s: %s is for %d spatial dimension%s, but %s has %d",
      nc_sema_site_name(s, &call->site), nc_value_describe(s->arena, value), count,
      count == 1 ? "" : "s", nc_type_format(s->arena, x), spatial);
  if (call->args[0]->kind == NC_VALUE_TENSOR)
    nc_sema_label_value(s, diag, call->site.spans[0], call->args[0]);
  help_rank(call, diag, *x, count);
  return false;
}

static bool in_range(NcCall *call, int param, const int64_t *values, int count) {
  for (int i = 0; i < count; i++) {
    if (values[i] <= LARGEST && values[i] >= -LARGEST)
      continue;
    nc_call_fail(call, "E0214", param, "%lld is too large", (long long)values[i]);
    return false;
  }
  return true;
}

// As many results as strides begin in the input; what the last windows lack is shared, the odd one
// after.
static void pad_same(const NcType *x, Window *window) {
  for (int i = 0; i < window->spatial; i++) {
    bool known = i + 1 < x->rank && window->stride[i] >= 1 && window->dilation[i] >= 1 &&
                 window->size[i] >= 1;
    int64_t in = known ? x->dims[i + 1].c : 0;
    int64_t out = known ? (in + window->stride[i] - 1) / window->stride[i] : 0;
    int64_t reach = known ? (window->size[i] - 1) * window->dilation[i] + 1 : 0;
    int64_t total = (out - 1) * window->stride[i] + reach - in;
    total = known && total > 0 ? total : 0;
    window->padding[2 * i] = total / 2;
    window->padding[2 * i + 1] = total - total / 2;
  }
}

static bool wrong_padding(NcCall *call, int param) {
  nc_call_fail(call, "E0210", param,
               "padding is same, valid, an integer, or a list with an integer or a pair [before, "
               "after] for each spatial dimension");
  return false;
}

// An integer pads both ends alike, a pair each end by itself.
static bool read_end(const NcValue *item, int end, int64_t *padding) {
  if (item->kind == NC_VALUE_LIST && item->items.count == 2)
    item = item->items.items[end];
  if (!nc_value_is_constant_int(item))
    return false;
  *padding = item->dim.c;
  return true;
}

static bool explicit_padding(NcCall *call, int param, Window *window) {
  const NcValue *value = call->args[param];
  bool list = value->kind == NC_VALUE_LIST;
  if (list && value->items.count != window->spatial)
    return wrong_padding(call, param);
  for (int i = 0; i < 2 * window->spatial; i++)
    if (!read_end(list ? value->items.items[i / 2] : value, i % 2, &window->padding[i]))
      return wrong_padding(call, param);
  return in_range(call, param, window->padding, 2 * window->spatial);
}

static bool read_padding(NcCall *call, int param, const NcType *x, Window *window) {
  const NcValue *value = call->args[param];
  if (value && value->kind != NC_VALUE_OPTION)
    return explicit_padding(call, param, window);
  if (!value || strcmp(value->text, "same") == 0) {
    pad_same(x, window);
    return true;
  }
  if (strcmp(value->text, "valid") == 0)
    return true;
  nc_call_fail(call, "E0210", param, "padding is same, valid or integers, not %s", value->text);
  return false;
}

// All of a convolution's window but the padding; `first` is the parameter that holds the stride.
static bool conv_steps(NcCall *call, int first, const NcType *x, const NcType *kernel,
                       Window *window) {
  window->spatial = spatial_of(x);
  for (int i = 0; i < window->spatial; i++) {
    window->size[i] = i < kernel->rank ? kernel->dims[i].c : 1;
    window->stride[i] = window->dilation[i] = 1;
  }
  return in_range(call, 1, window->size, window->spatial) &&
         spatial_ints(call, first + 2, x, window->spatial, window->dilation) &&
         in_range(call, first + 2, window->dilation, window->spatial) &&
         spatial_ints(call, first, x, window->spatial, window->stride) &&
         in_range(call, first, window->stride, window->spatial);
}

static NcValue *wrong_conv(NcCall *call, const NcInfer *infer, NcValue *const *operands,
                           int64_t groups) {
  NcSema *s = call->s;
  NcDiag *diag = nc_sema_broken(s, &call->site, infer, operands);
  const NcType *x = &operands[0]->node->type, *kernel = &operands[1]->node->type;
  bool channels = x->rank == kernel->rank && x->rank >= 3 && groups == 1 &&
                  !nc_dim_equal(x->dims[x->rank - 1], kernel->dims[kernel->rank - 2]);
  if (channels) {
    nc_sema_note_dim(s, diag, operands[0], x->rank - 1);
    nc_sema_note_dim(s, diag, operands[1], kernel->rank - 2);
  }
  bool helped = channels && nc_sema_help_declare(s, diag, operands[1], kernel->rank - 2,
                                                 operands[0], x->rank - 1);
  if (!helped && infer->help)
    nc_diag_help(s->diags, diag, "%s", infer->help);
  return nc_value_error(s->arena);
}

// Input and kernel. False after a report.
static bool conv_operands(NcCall *call, NcValue **operands) {
  operands[0] = nc_call_tensor(call, 0);
  operands[1] = nc_call_tensor(call, 1);
  if (!operands[0] || !operands[1])
    return false;
  bool mixed = operands[0]->node->type.dtype != operands[1]->node->type.dtype;
  if (mixed)
    nc_sema_mixed(call->s, &call->site, operands[0], operands[1]);
  return !mixed;
}

// The four attributes of a convolution of x by the kernel, of the parameters from `first` on.
static bool conv_form(NcCall *call, int first, const NcType *x, const NcType *kernel,
                      NcAttr *attrs) {
  Window window = {0};
  int64_t groups = 1;
  if (!conv_steps(call, first, x, kernel, &window) || !read_padding(call, first + 1, x, &window) ||
      !nc_call_int(call, first + 3, &groups))
    return false;
  attrs[0] = nc_attr_ints(window.stride, window.spatial);
  attrs[1] = nc_attr_ints(window.padding, 2 * window.spatial);
  attrs[2] = nc_attr_ints(window.dilation, window.spatial);
  attrs[3] = nc_attr_int(groups);
  return true;
}

static NcValue *conv(NcCall *call) {
  NcSema *s = call->s;
  NcValue *operands[2];
  if (!conv_operands(call, operands))
    return nc_value_error(s->arena);
  const NcType *x = &operands[0]->node->type, *kernel = &operands[1]->node->type;
  NcAttr attrs[4];
  if (!conv_form(call, 2, x, kernel, attrs))
    return nc_value_error(s->arena);
  NcInfer infer;
  NcValue *result = nc_sema_try_apply(s, &call->site, &nc_op_conv, operands, 2, attrs, &infer);
  if (!result)
    return wrong_conv(call, &infer, operands, attrs[3].i);
  int last = result->node->type.rank - 1;
  result->origins[last] = operands[1]->origins[last];
  return result;
}

// A derivative of a convolution: with respect to its input, of dy and the kernel, or to its kernel,
// of the input and dy. `shape` is that of what is differentiated by.
static NcValue *conv_grad(NcCall *call, const NcOp *op) {
  NcSema *s = call->s;
  NcValue *operands[2];
  const NcDimOrigin **origins;
  if (!conv_operands(call, operands))
    return nc_value_error(s->arena);
  const NcType *a = &operands[0]->node->type, *b = &operands[1]->node->type;
  NcAttr attrs[5] = {{0}};
  NcType type = *a;
  if (!nc_call_shape(call, 2, &type, &origins))
    return nc_value_error(s->arena);
  bool input = op == &nc_op_conv_input_grad;
  if (!conv_form(call, 3, input ? &type : a, input ? b : &type, attrs))
    return nc_value_error(s->arena);
  attrs[4] = nc_attr_type(type);
  NcValue *result = nc_sema_apply(s, &call->site, op, operands, 2, attrs);
  if (!nc_value_is_error(result))
    result->origins = origins;
  return result;
}

static NcValue *conv_input_grad(NcCall *call) { return conv_grad(call, &nc_op_conv_input_grad); }
static NcValue *conv_kernel_grad(NcCall *call) { return conv_grad(call, &nc_op_conv_kernel_grad); }

// What a convolution by the window would start from to give x: `more` of its last elements are
// reached by no tap. False after a report.
static bool transposed_sizes(NcCall *call, const Window *window, const int64_t *more,
                             NcType *type) {
  for (int i = 0; i < window->spatial; i++) {
    int64_t reach = (window->size[i] - 1) * window->dilation[i] + 1;
    int64_t size = (type->dims[1 + i].c - 1) * window->stride[i] + reach + more[i] -
                   window->padding[2 * i] - window->padding[2 * i + 1];
    if (size < 1) {
      nc_call_fail(call, "E0213", 3, "the padding leaves nothing of dimension %d", 1 + i);
      return false;
    }
    type->dims[1 + i] = nc_dim(size);
  }
  return true;
}

// Padding `same` gives a result that is `stride` times as large, and `more` what is lacking then.
static bool transposed_same(NcCall *call, Window *window, const NcType *x, int64_t *more) {
  NcType whole = *x;
  if (!nc_call_ints(call, 6, window->spatial, more))
    return false;
  for (int i = 0; i < window->spatial; i++)
    if (more[i]) {
      nc_call_fail(call, "E0213", 6, "padding same already says how large the result is");
      return false;
    }
  for (int i = 0; i < window->spatial; i++)
    whole.dims[1 + i] = nc_dim(x->dims[1 + i].c * window->stride[i]);
  pad_same(&whole, window);
  for (int i = 0; i < window->spatial; i++) {
    int64_t reach = (window->size[i] - 1) * window->dilation[i] + 1;
    more[i] = reach < window->stride[i] ? window->stride[i] - reach : 0;
  }
  return true;
}

static bool transposed_given(NcCall *call, Window *window, const NcType *x, int64_t *more) {
  if (!read_padding(call, 3, x, window) || !nc_call_ints(call, 6, window->spatial, more))
    return false;
  for (int i = 0; i < window->spatial; i++) {
    if (more[i] >= 0 && more[i] < window->stride[i])
      continue;
    nc_call_fail(call, "E0213", 6, "output_padding must be from 0 to less than the stride, %lld",
                 (long long)window->stride[i]);
    return false;
  }
  return true;
}

static bool is_same(const NcValue *padding) {
  return !padding || (padding->kind == NC_VALUE_OPTION && strcmp(padding->text, "same") == 0);
}

// The type of a transposed convolution's result. What the operator will report is left to it.
static bool transposed_type(NcCall *call, const NcType *x, const NcType *kernel, int64_t groups,
                            Window *window, NcType *type) {
  int64_t sizes[MAX_SPATIAL] = {0}, more[MAX_SPATIAL] = {0};
  int last = x->rank - 1;
  bool valid = x->rank == kernel->rank && last == 1 + window->spatial && groups >= 1;
  *type = *x;
  for (int i = 0; i < window->spatial; i++) {
    valid = valid && window->stride[i] >= 1 && window->dilation[i] >= 1;
    sizes[i] = valid ? x->dims[1 + i].c : 0;
  }
  if (!in_range(call, 0, sizes, window->spatial) || !valid)
    return !valid;
  if (!nc_dim_equal(x->dims[last], kernel->dims[last])) {
    nc_call_fail(call, "E0359", 1, "the kernel takes %s channels (its last dimension), not %s",
                 nc_dim_format(call->s->arena, kernel->dims[last]),
                 nc_dim_format(call->s->arena, x->dims[last]));
    return false;
  }
  if (!nc_dim_multiply(kernel->dims[last - 1], nc_dim(groups), &type->dims[last])) {
    nc_call_fail(call, "E0214", 5, "%lld is too large", (long long)groups);
    return false;
  }
  bool read = is_same(call->args[3]) ? transposed_same(call, window, x, more)
                                     : transposed_given(call, window, x, more);
  return read && transposed_sizes(call, window, more, type);
}

static NcValue *conv_transpose(NcCall *call) {
  NcSema *s = call->s;
  NcValue *operands[2];
  if (!conv_operands(call, operands))
    return nc_value_error(s->arena);
  const NcType *x = &operands[0]->node->type, *kernel = &operands[1]->node->type;
  Window window = {0};
  int64_t groups = 1;
  NcType type;
  if (!conv_steps(call, 2, x, kernel, &window) || !nc_call_int(call, 5, &groups) ||
      !transposed_type(call, x, kernel, groups, &window, &type))
    return nc_value_error(s->arena);
  NcAttr attrs[] = {
      nc_attr_ints(window.stride, window.spatial), nc_attr_ints(window.padding, 2 * window.spatial),
      nc_attr_ints(window.dilation, window.spatial), nc_attr_int(groups), nc_attr_type(type)};
  return nc_sema_apply(s, &call->site, &nc_op_conv_input_grad, operands, 2, attrs);
}

// The three attributes of a pooling of x, of the parameters from `first` on.
static bool pool_window(NcCall *call, int first, const NcType *x, NcAttr *attrs) {
  Window window = {.spatial = spatial_of(x)};
  if (!spatial_ints(call, first, x, window.spatial, window.size) ||
      !in_range(call, first, window.size, window.spatial))
    return false;
  for (int i = 0; i < window.spatial; i++) {
    window.stride[i] = window.size[i];
    window.dilation[i] = 1;
  }
  if (!spatial_ints(call, first + 1, x, window.spatial, window.stride) ||
      !in_range(call, first + 1, window.stride, window.spatial) ||
      !read_padding(call, first + 2, x, &window))
    return false;
  attrs[0] = nc_attr_ints(window.size, window.spatial);
  attrs[1] = nc_attr_ints(window.stride, window.spatial);
  attrs[2] = nc_attr_ints(window.padding, 2 * window.spatial);
  return true;
}

static NcValue *pool(NcCall *call, const NcOp *op) {
  NcValue *x = nc_call_tensor(call, 0);
  NcAttr attrs[3];
  if (!x || !pool_window(call, 1, &x->node->type, attrs))
    return nc_value_error(call->s->arena);
  return nc_sema_apply(call->s, &call->site, op, &x, 1, attrs);
}

static NcValue *window_max(NcCall *call) { return pool(call, &nc_op_window_max); }
static NcValue *window_sum(NcCall *call) { return pool(call, &nc_op_window_sum); }

// Of x and a second tensor, by the places of the maxima of x.
static NcValue *pool_with(NcCall *call, const NcOp *op) {
  NcSema *s = call->s;
  NcValue *operands[] = {nc_call_tensor(call, 0), nc_call_tensor(call, 1)};
  NcAttr attrs[3];
  if (!operands[0] || !operands[1] || !pool_window(call, 2, &operands[0]->node->type, attrs))
    return nc_value_error(s->arena);
  if (operands[0]->node->type.dtype != operands[1]->node->type.dtype)
    return nc_sema_mixed(s, &call->site, operands[0], operands[1]);
  return nc_sema_apply(s, &call->site, op, operands, 2, attrs);
}

static NcValue *window_max_scatter(NcCall *call) {
  return pool_with(call, &nc_op_window_max_scatter);
}
static NcValue *window_max_pick(NcCall *call) { return pool_with(call, &nc_op_window_max_pick); }

// The gradient of a window_sum of a tensor of that shape.
static NcValue *window_spread(NcCall *call) {
  NcSema *s = call->s;
  NcValue *dy = nc_call_tensor(call, 0);
  const NcDimOrigin **origins;
  NcAttr attrs[4];
  if (!dy)
    return nc_value_error(s->arena);
  NcType type = dy->node->type;
  if (!nc_call_shape(call, 1, &type, &origins) || !pool_window(call, 2, &type, attrs))
    return nc_value_error(s->arena);
  attrs[3] = nc_attr_type(type);
  NcValue *result = nc_sema_apply(s, &call->site, &nc_op_window_spread, &dy, 1, attrs);
  if (!nc_value_is_error(result))
    result->origins = origins;
  return result;
}

static bool reaches_outside(const NcWindow *window) {
  for (int d = 0; d < window->spatial; d++)
    if (nc_window_outside(window, d))
      return true;
  return false;
}

// How many elements of x each window has: a number where it is the same for all.
static NcValue *window_count(NcCall *call) {
  NcSema *s = call->s;
  NcValue *x = nc_call_tensor(call, 0);
  NcAttr attrs[3];
  if (!x || !pool_window(call, 1, &x->node->type, attrs))
    return nc_value_error(s->arena);
  NcType type = x->node->type, pooled;
  NcInfer infer = {.arena = s->arena,
                   .op = &nc_op_window_sum,
                   .operand_count = 1,
                   .operands = &type,
                   .attrs = attrs};
  if (!nc_window_check(&infer, &infer.operands[0], &pooled)) // which window_sum reports
    return nc_value_error(s->arena);
  NcWindow window = nc_window_geometry(&type, attrs);
  int64_t count = 1, axes[MAX_SPATIAL];
  for (int d = 0; d < window.spatial; d++) {
    count *= window.size[d];
    axes[d] = 1 + d;
  }
  bool padding_counts = false;
  if (!nc_call_bool(call, 4, &padding_counts))
    return nc_value_error(s->arena);
  if (!reaches_outside(&window) || padding_counts)
    return nc_value_int(s->arena, count);
  nc_sema_set_origin(s, call->site.span);
  type.dims[0] = type.dims[type.rank - 1] = nc_dim(1);
  NcNode *ones = nc_window_sum(s->graph, nc_const(s->graph, 1, type), attrs);
  NcNode *flat = nc_reshape(s->graph, ones, window.spatial, &ones->type.dims[1]);
  return nc_value_tensor(s->arena, nc_broadcast(s->graph, flat, axes, pooled.rank, pooled.dims));
}

// Every element of x all over a window of its own.
static NcValue *window_enlarge(NcCall *call) {
  NcSema *s = call->s;
  NcValue *x = nc_call_tensor(call, 0);
  if (!x)
    return nc_value_error(s->arena);
  NcType type = x->node->type;
  Window window = {.spatial = spatial_of(&type)};
  if (!spatial_ints(call, 1, &type, window.spatial, window.size) ||
      !in_range(call, 1, window.size, window.spatial))
    return nc_value_error(s->arena);
  for (int i = 0; i < window.spatial && i + 1 < type.rank; i++)
    if (window.size[i] >= 1 &&
        !nc_dim_multiply(type.dims[1 + i], nc_dim(window.size[i]), &type.dims[1 + i]))
      return nc_call_fail(call, "E0214", 1, "%lld is too large", (long long)window.size[i]);
  NcAttr attrs[] = {nc_attr_ints(window.size, window.spatial),
                    nc_attr_ints(window.size, window.spatial),
                    nc_attr_ints(window.padding, 2 * window.spatial), nc_attr_type(type)};
  return nc_sema_apply(s, &call->site, &nc_op_window_spread, &x, 1, attrs);
}

// The input of bytes that x is element by element, scaled perhaps; NULL if it is anything else.
static const NcNode *bytes_of(const NcNode *x) {
  while (x->op->facts & NC_FACT_ELEMENTWISE && x->operand_count > 0) {
    bool scales = x->operand_count > 1 && x->operands[0]->op == &nc_op_const;
    x = x->operands[scales];
  }
  return x->op == &nc_op_input && x->type.dtype == NC_U8 ? x : NULL;
}

// Bytes of [N, rows, columns] are a picture, whose columns would be channels here. A list for the
// size says that one dimension is meant.
static void warn_of_picture(NcCall *call, const NcNode *x, int64_t size) {
  NcSema *s = call->s;
  const NcNode *bytes = x->type.rank == 3 ? bytes_of(x) : NULL;
  if (!bytes || call->args[1]->kind == NC_VALUE_LIST)
    return;
  NcDiag *diag = nc_sema_warn(s, "W0110", call->site.span,
                              "%s goes over the rows of %s alone: its %s columns are the channels",
                              nc_sema_site_name(s, &call->site), bytes->name,
                              nc_dim_format(s->arena, x->type.dims[2]));
  nc_sema_label_value(s, diag, call->site.spans[0], call->args[0]);
  help_rank(call, diag, x->type, 2);
  nc_diag_help(s->diags, diag, "if it is no picture, give the size as a list: [%lld]",
               (long long)size);
}

// An integer, or a list, as a list with a number for each spatial dimension of x.
static NcValue *spatial_sizes(NcCall *call) {
  NcArena *arena = call->s->arena;
  NcValue *x = nc_call_tensor(call, 0), *list = nc_value_list(arena, NC_VALUE_LIST);
  if (!x)
    return nc_value_error(arena);
  int64_t sizes[MAX_SPATIAL];
  int spatial = spatial_of(&x->node->type);
  if (!spatial_ints(call, 1, &x->node->type, spatial, sizes) || !in_range(call, 1, sizes, spatial))
    return nc_value_error(arena);
  warn_of_picture(call, x->node, sizes[0]);
  for (int i = 0; i < spatial; i++)
    nc_vec_push(arena, list->items, nc_value_int(arena, sizes[i]));
  return list;
}

const NcBuiltin nc_builtins_window[] = {
    {.name = "conv",
     .params = {"x", "k", "stride?", "padding?", "dilation?", "groups?"},
     .call = conv},
    {.name = "conv_transpose",
     .params = {"x", "k", "stride?", "padding?", "dilation?", "groups?", "output_padding?"},
     .call = conv_transpose},
    {.name = "conv_input_grad",
     .params = {"dy", "k", "shape", "stride?", "padding?", "dilation?", "groups?"},
     .call = conv_input_grad},
    {.name = "conv_kernel_grad",
     .params = {"x", "dy", "shape", "stride?", "padding?", "dilation?", "groups?"},
     .call = conv_kernel_grad},
    {.name = "window_max", .params = {"x", "window", "stride?", "padding?"}, .call = window_max},
    {.name = "window_sum", .params = {"x", "window", "stride?", "padding?"}, .call = window_sum},
    {.name = "window_max_scatter",
     .params = {"x", "dy", "window", "stride?", "padding?"},
     .call = window_max_scatter},
    {.name = "window_max_pick",
     .params = {"x", "t", "window", "stride?", "padding?"},
     .call = window_max_pick},
    {.name = "window_spread",
     .params = {"dy", "shape", "window", "stride?", "padding?"},
     .call = window_spread},
    {.name = "window_count",
     .params = {"x", "window", "stride?", "padding?", "count_padding?"},
     .call = window_count,
     .hidden = true},
    {.name = "spatial_sizes", .params = {"x", "sizes"}, .call = spatial_sizes, .hidden = true},
    {.name = "window_enlarge", .params = {"x", "factor"}, .call = window_enlarge, .hidden = true},
    {0},
};
