// Builtin functions that slide a window: convolution and pooling.
#include "sema/sema.h"

#include "ops/build.h"

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

static bool read_window(NcCall *call, int stride_param, const NcType *x, Window *window) {
  return nc_call_ints(call, stride_param, window->spatial, window->stride) &&
         in_range(call, stride_param, window->stride, window->spatial) &&
         read_padding(call, stride_param + 1, x, window);
}

static bool conv_window(NcCall *call, const NcType *x, const NcType *kernel, Window *window) {
  window->spatial = spatial_of(x);
  for (int i = 0; i < window->spatial; i++) {
    window->size[i] = i < kernel->rank ? kernel->dims[i].c : 1;
    window->stride[i] = window->dilation[i] = 1;
  }
  return in_range(call, 1, window->size, window->spatial) &&
         nc_call_ints(call, 4, window->spatial, window->dilation) &&
         in_range(call, 4, window->dilation, window->spatial) && read_window(call, 2, x, window);
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

static NcValue *conv(NcCall *call) {
  NcSema *s = call->s;
  NcValue *operands[] = {nc_call_tensor(call, 0), nc_call_tensor(call, 1)};
  if (!operands[0] || !operands[1])
    return nc_value_error(s->arena);
  const NcType *x = &operands[0]->node->type, *kernel = &operands[1]->node->type;
  if (x->dtype != kernel->dtype)
    return nc_sema_mixed(s, &call->site, operands[0], operands[1]);
  Window window = {0};
  int64_t groups = 1;
  if (!conv_window(call, x, kernel, &window) || !nc_call_int(call, 5, &groups))
    return nc_value_error(s->arena);
  NcAttr attrs[] = {nc_attr_ints(window.stride, window.spatial),
                    nc_attr_ints(window.padding, 2 * window.spatial),
                    nc_attr_ints(window.dilation, window.spatial), nc_attr_int(groups)};
  NcInfer infer;
  NcValue *result = nc_sema_try_apply(s, &call->site, &nc_op_conv, operands, 2, attrs, &infer);
  if (!result)
    return wrong_conv(call, &infer, operands, groups);
  int last = result->node->type.rank - 1;
  result->origins[last] = operands[1]->origins[last];
  return result;
}

static NcValue *window_max(NcCall *call) {
  NcValue *x = nc_call_tensor(call, 0);
  if (!x)
    return nc_value_error(call->s->arena);
  Window window = {.spatial = spatial_of(&x->node->type)};
  if (!nc_call_ints(call, 1, window.spatial, window.size) ||
      !in_range(call, 1, window.size, window.spatial))
    return nc_value_error(call->s->arena);
  for (int i = 0; i < window.spatial; i++) {
    window.stride[i] = window.size[i];
    window.dilation[i] = 1;
  }
  if (!read_window(call, 2, &x->node->type, &window))
    return nc_value_error(call->s->arena);
  NcAttr attrs[] = {nc_attr_ints(window.size, window.spatial),
                    nc_attr_ints(window.stride, window.spatial),
                    nc_attr_ints(window.padding, 2 * window.spatial)};
  return nc_sema_apply(call->s, &call->site, &nc_op_window_max, &x, 1, attrs);
}

const NcBuiltin nc_builtins_window[] = {
    {.name = "conv",
     .params = {"x", "k", "stride?", "padding?", "dilation?", "groups?"},
     .call = conv},
    {.name = "window_max", .params = {"x", "window", "stride?", "padding?"}, .call = window_max},
    {0},
};
