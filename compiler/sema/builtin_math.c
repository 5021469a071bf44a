// Builtin functions on elements, and reductions.
#include "sema/sema.h"

#include "ops/build.h"

#include <math.h>
#include <string.h>

static NcValue *reduce(NcCall *call, const NcOp *op, int axis_param) {
  NcValue *x = nc_call_tensor(call, 0);
  NcAttr axes = {0};
  if (!x || !nc_call_axes(call, axis_param, x->node->type.rank, axes.ints, &axes.count))
    return nc_value_error(call->s->arena);
  if (axes.count == 0)
    return x;
  NcValue *result = nc_sema_apply(call->s, &call->site, op, &x, 1, &axes);
  if (nc_value_is_error(result))
    return result;
  for (int i = 0, next = 0, kept = 0; i < x->node->type.rank; i++) {
    if (next < axes.count && axes.ints[next] == i)
      next++;
    else
      result->origins[kept++] = x->origins[i];
  }
  return result;
}

static NcValue *sum(NcCall *call) {
  const NcValue *x = call->args[0];
  if (x->kind == NC_VALUE_TENSOR && x->node->type.dtype == NC_BOOL) {
    NcDiag *diag =
        nc_sema_error(call->s, "E0201", call->site.spans[0], "sum takes numbers, but this is %s",
                      nc_value_describe(call->s->arena, x));
    nc_sema_fix_wrap(call->s, diag, call->site.spans[0], "f32(", ")", "cast it: f32(%s)",
                     nc_sema_quote(call->s, call->site.spans[0]));
    return nc_value_error(call->s->arena);
  }
  return reduce(call, &nc_op_sum, 1);
}

// Of two numbers known at compile time.
static NcValue *extreme(NcCall *call, bool max) {
  const NcValue *a = call->args[0], *b = call->args[1];
  if (nc_value_is_constant_int(a) && nc_value_is_constant_int(b))
    return nc_value_int(call->s->arena, (a->dim.c > b->dim.c) == max ? a->dim.c : b->dim.c);
  double x = nc_value_number(a), y = nc_value_number(b);
  return nc_value_float(call->s->arena, (x > y) == max ? x : y);
}

static bool is_constant(const NcValue *value) {
  return value->kind == NC_VALUE_FLOAT || nc_value_is_constant_int(value);
}

static NcValue *extremes(NcCall *call, const NcOp *two, const NcOp *one) {
  if (!call->args[1])
    return reduce(call, one, 2);
  if (call->args[2])
    return nc_call_fail(call, "E0107", 2, "an axis is for one operand, not for two");
  if (is_constant(call->args[0]) && is_constant(call->args[1]))
    return extreme(call, two == &nc_op_max);
  return nc_sema_elementwise(call->s, &call->site, two, call->args[0], call->args[1]);
}

static NcValue *max(NcCall *call) { return extremes(call, &nc_op_max, &nc_op_reduce_max); }
static NcValue *min(NcCall *call) { return extremes(call, &nc_op_min, &nc_op_reduce_min); }

static NcValue *argmax(NcCall *call) {
  NcValue *x = nc_call_tensor(call, 0);
  int axis;
  if (!x || !nc_call_axis(call, 1, x->node->type.rank, &axis))
    return nc_value_error(call->s->arena);
  NcAttr attr = nc_attr_int(axis);
  NcValue *result = nc_sema_apply(call->s, &call->site, &nc_op_argmax, &x, 1, &attr);
  for (int i = 0; !nc_value_is_error(result) && i < result->node->type.rank; i++)
    result->origins[i] = x->origins[i < axis ? i : i + 1];
  return result;
}

static NcValue *power(NcCall *call) {
  return nc_sema_binary(call->s, NC_OP_POW, &call->site, call->args[0], call->args[1]);
}

static NcValue *matmul(NcCall *call) {
  NcValue *x = nc_call_tensor(call, 0), *y = nc_call_tensor(call, 1);
  bool transposed[2] = {false, false};
  if (!x || !y || !nc_call_bool(call, 2, &transposed[0]) || !nc_call_bool(call, 3, &transposed[1]))
    return nc_value_error(call->s->arena);
  return nc_sema_matmul(call->s, &call->site, x, y, transposed);
}

static NcValue *choose(NcCall *call) {
  NcValue *condition = nc_call_tensor(call, 0), *a = call->args[1], *b = call->args[2];
  if (!condition)
    return nc_value_error(call->s->arena);
  if (condition->node->type.dtype != NC_BOOL)
    return nc_call_fail(call, "E0201", 0, "the condition must be bool, but is %s",
                        nc_dtype_name(condition->node->type.dtype));
  NcSite values = {call->site.name, call->site.span, 2, call->site.spans + 1};
  if (!nc_sema_unify(call->s, &values, &a, &b))
    return nc_value_error(call->s->arena);
  // the condition and the values are brought to the larger shape of the two
  if (nc_sema_is_trailing(&condition->node->type, &a->node->type)) {
    condition = nc_sema_broadcast(call->s, call->site.span, condition, a);
  } else if (nc_sema_is_trailing(&a->node->type, &condition->node->type)) {
    a = nc_sema_broadcast(call->s, call->site.span, a, condition);
    b = nc_sema_broadcast(call->s, call->site.span, b, condition);
  } else {
    NcDiag *diag = nc_sema_error(
        call->s, "E0202", call->site.spans[0], "select: shapes do not fit: %s and %s",
        nc_value_describe(call->s->arena, condition), nc_value_describe(call->s->arena, a));
    nc_sema_label_value(call->s, diag, call->site.spans[0], condition);
    nc_sema_label_value(call->s, diag, call->site.spans[1], a);
    return nc_value_error(call->s->arena);
  }
  return nc_sema_apply(call->s, &call->site, &nc_op_select, (NcValue *[]){condition, a, b}, 3,
                       NULL);
}

// mean's operand: the mean of a comparison is a number.
static NcValue *as_float(NcCall *call) {
  NcValue *x = nc_call_tensor(call, 0);
  if (!x || nc_dtype_is_float(x->node->type.dtype))
    return x ? x : nc_value_error(call->s->arena);
  if (x->node->type.dtype != NC_BOOL) {
    NcDiag *diag = nc_sema_error(call->s, "E0201", call->site.spans[0],
                                 "mean takes floats or bools, but this is %s",
                                 nc_value_describe(call->s->arena, x));
    nc_sema_fix_wrap(call->s, diag, call->site.spans[0], "f32(", ")",
                     "cast the integers with f32(...)");
    return nc_value_error(call->s->arena);
  }
  NcAttr type = nc_attr_type(nc_type_with_dtype(x->node->type, NC_F32));
  return nc_sema_apply(call->s, &call->site, &nc_op_cast, &x, 1, &type);
}

// Integers as floats of the dtype that the context computes in.
static NcValue *to_float(NcCall *call) {
  NcValue *x = call->args[0];
  if (x->kind != NC_VALUE_TENSOR || !nc_dtype_is_integer(x->node->type.dtype))
    return x;
  NcAttr type = nc_attr_type(nc_type_with_dtype(x->node->type, call->s->float_dtype));
  return nc_sema_apply(call->s, &call->site, &nc_op_cast, &x, 1, &type);
}

// x if it is known at compile time: what is asserted must be.
static NcValue *known(NcCall *call) {
  return call->args[nc_value_is_literal(call->args[0]) ? 0 : 1];
}

// Numbers that are checked when the code runs.
static NcValue *in_range(NcCall *call) {
  NcSema *s = call->s;
  NcValue *x = nc_sema_tensor(s, &call->site, 0, call->args[0], NC_I64);
  int64_t low, high;
  if (!x || !nc_call_int(call, 1, &low) || !nc_call_int(call, 2, &high))
    return nc_value_error(s->arena);
  NcAttr range[] = {nc_attr_int(low), nc_attr_int(high)};
  NcValue *result = nc_sema_apply(s, &call->site, &nc_op_in_range, &x, 1, range);
  if (nc_value_is_error(result))
    return result;
  result->origins = x->origins;
  result->has_range = true;
  result->low = low;
  result->high = high;
  return result;
}

// Class numbers that no declared range vouches for are checked when the code runs.
static NcValue *checked_numbers(NcCall *call, int64_t classes) {
  NcAttr range[] = {nc_attr_int(0), nc_attr_int(classes)};
  return nc_sema_apply(call->s, &call->site, &nc_op_in_range, &call->args[0], 1, range);
}

// Class numbers against the number of classes: now, where the input that they come from has a
// range, else at run time.
static NcValue *class_numbers(NcCall *call) {
  NcSema *s = call->s;
  NcValue *label = call->args[0];
  int64_t classes;
  if (!nc_call_int(call, 1, &classes))
    return nc_value_error(s->arena);
  if (label->kind != NC_VALUE_TENSOR)
    return label;
  if (!label->has_range)
    return checked_numbers(call, classes);
  bool below = label->low<0, above = label->high> classes;
  if (!below && !above && label->high == classes)
    return label;
  const char *name = nc_sema_site_name(s, &call->site);
  NcDiag *diag =
      below || above
          ? nc_sema_error(s, "E0415", call->site.span,
                          "%s has %lld classes, but its labels lie in %lld..%lld", name,
                          (long long)classes, (long long)label->low, (long long)label->high)
          : nc_sema_warn(s, "W0105", call->site.span,
                         "%s has %lld classes, but its labels lie in %lld..%lld", name,
                         (long long)classes, (long long)label->low, (long long)label->high);
  if (label->declared)
    nc_sema_note(s, diag, label->declared->name_span, "%s is declared here", label->declared->name);
  return below || above ? nc_value_error(s->arena) : label;
}

// Logits: what softmax gave is none.
static NcValue *logits(NcCall *call) {
  if (!call->args[0]->probabilities)
    return call->args[0];
  NcSema *s = call->s;
  NcDiag *diag =
      nc_sema_error(s, "E0416", call->site.span, "%s takes logits, but is given probabilities",
                    nc_sema_site_name(s, &call->site));
  nc_diag_help(s->diags, diag,
               "give it what goes into softmax or sigmoid: a loss applies them itself, and stably");
  return nc_value_error(s->arena);
}

// Whether a node is what a linear layer gave, perhaps in another shape.
static bool is_linear(const NcNode *node) {
  const NcOp *const through[] = {&nc_op_reshape, &nc_op_slice, &nc_op_transpose, &nc_op_add};
  for (size_t i = 0; i < sizeof through / sizeof *through; i++)
    if (node->op == through[i])
      return is_linear(node->operands[0]);
  return node->op == &nc_op_matmul || node->op == &nc_op_conv;
}

// Probabilities: what no sigmoid has been applied to is none.
static NcValue *probabilities(NcCall *call) {
  NcValue *x = call->args[0];
  if (x->kind != NC_VALUE_TENSOR || !is_linear(x->node))
    return x;
  NcSema *s = call->s;
  NcDiag *diag =
      nc_sema_error(s, "E0416", call->site.span, "%s takes probabilities, but is given logits",
                    nc_sema_site_name(s, &call->site));
  nc_diag_help(s->diags, diag, "apply sigmoid, or give it the threshold of logits: threshold = 0");
  return nc_value_error(s->arena);
}

const NcBuiltin nc_builtins_math[] = {
    {.name = "exp", .params = {"x"}, .op = &nc_op_exp, .fold = exp},
    {.name = "log", .params = {"x"}, .op = &nc_op_log, .fold = log},
    {.name = "sqrt", .params = {"x"}, .op = &nc_op_sqrt, .fold = sqrt},
    {.name = "tanh", .params = {"x"}, .op = &nc_op_tanh, .fold = tanh},
    {.name = "sin", .params = {"x"}, .op = &nc_op_sin, .fold = sin},
    {.name = "cos", .params = {"x"}, .op = &nc_op_cos, .fold = cos},
    {.name = "erf", .params = {"x"}, .op = &nc_op_erf, .fold = erf},
    {.name = "floor", .params = {"x"}, .op = &nc_op_floor, .fold = floor},
    {.name = "abs", .params = {"x"}, .op = &nc_op_abs, .fold = fabs},
    {.name = "stop_gradient", .params = {"x"}, .op = &nc_op_stop_gradient},
    {.name = "max", .params = {"x", "y?", "axis?"}, .call = max},
    {.name = "min", .params = {"x", "y?", "axis?"}, .call = min},
    {.name = "sum", .params = {"x", "axis?"}, .call = sum},
    {.name = "argmax", .params = {"x", "axis?"}, .call = argmax},
    {.name = "matmul", .params = {"x", "y", "transpose_x?", "transpose_y?"}, .call = matmul},
    {.name = "pow", .params = {"x", "exponent"}, .call = power},
    {.name = "select", .params = {"condition", "x", "y"}, .call = choose},
    {.name = "in_range", .params = {"x", "low", "high"}, .call = in_range},
    {.name = "as_float", .params = {"x"}, .call = as_float, .hidden = true},
    {.name = "to_float", .params = {"x"}, .call = to_float, .hidden = true},
    {.name = "known", .params = {"x", "otherwise"}, .call = known, .hidden = true},
    {.name = "class_numbers",
     .params = {"label", "classes"},
     .call = class_numbers,
     .hidden = true},
    {.name = "logits_of", .params = {"x"}, .call = logits, .hidden = true},
    {.name = "probabilities_of", .params = {"x"}, .call = probabilities, .hidden = true},
    {0},
};
