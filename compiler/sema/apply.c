// Adding operators to the graph: broken constraints become diagnostics in the user's terms, and
// each dimension of a result remembers where it comes from.
#include "sema/sema.h"

#include "ops/build.h"

#include <string.h>

static const NcDimOrigin *origin_of(const NcValue *value, int axis, NcDim dim) {
  if (value->kind != NC_VALUE_TENSOR || axis < 0 || axis >= value->node->type.rank ||
      !nc_dim_equal(value->node->type.dims[axis], dim))
    return NULL;
  return value->origins[axis];
}

// A size that differs from the operand's at the same axis, as of a window, follows from that.
static const NcDimOrigin *computed_from(NcSema *s, const NcSite *site, const NcValue *result,
                                        NcValue *const *operands, int count, int axis) {
  NcDimOrigin *origin = nc_sema_computed(s, site->span, NC_NOWHERE);
  if (count > 0 && operands[0]->node->type.rank == result->node->type.rank &&
      nc_dim_is_constant(operands[0]->node->type.dims[axis])) {
    origin->before = operands[0]->origins[axis];
    origin->size_before = operands[0]->node->type.dims[axis].c;
  }
  return origin;
}

void nc_sema_trace(NcSema *s, const NcSite *site, NcValue *result, NcValue *const *operands,
                   int count) {
  const NcType *type = &result->node->type;
  for (int axis = 0; axis < type->rank; axis++) {
    for (int i = 0; i < count && !result->origins[axis]; i++)
      result->origins[axis] = origin_of(operands[i], axis, type->dims[axis]);
    for (int i = 0; i < count && !result->origins[axis]; i++)
      if (operands[i]->kind == NC_VALUE_TENSOR)
        result->origins[axis] = origin_of(
            operands[i], axis + operands[i]->node->type.rank - type->rank, type->dims[axis]);
    if (!result->origins[axis])
      result->origins[axis] = computed_from(s, site, result, operands, count, axis);
  }
}

// The name a message begins with: the library's insides are known to the user by what was called.
const char *nc_sema_site_name(const NcSema *s, const NcSite *site) {
  const char *name = site->name;
  NcSpan span = site->span;
  for (const NcFrame *frame = s->frame; frame && nc_sema_is_builtin(s, span);
       frame = frame->caller) {
    name = frame->fn ? frame->fn->name : name;
    span = frame->call;
  }
  return name;
}

static void note_culprits(NcSema *s, NcDiag *diag, const NcSite *site, const NcInfer *infer,
                          NcValue *const *operands) {
  for (int i = 0; i < 2; i++) {
    int culprit = infer->culprits[i];
    if (culprit >= 0 && culprit < site->count && (i == 0 || culprit != infer->culprits[0]))
      nc_sema_note_declared(s, diag, site->spans[culprit], operands[culprit]);
  }
}

NcDiag *nc_sema_broken(NcSema *s, const NcSite *site, const NcInfer *infer,
                       NcValue *const *operands) {
  int a = infer->culprits[0], b = infer->culprits[1];
  NcSpan place =
      a >= 0 && a < site->count && site->spans[a].file >= 0 ? site->spans[a] : site->span;
  NcDiag *diag = nc_sema_error(s, infer->broken->code, place, "%s: %s", nc_sema_site_name(s, site),
                               infer->message);
  if (a >= 0 && a < site->count)
    nc_sema_label_value(s, diag, site->spans[a], operands[a]);
  if (b >= 0 && b < site->count && b != a)
    nc_sema_label_value(s, diag, site->spans[b], operands[b]);
  return diag;
}

NcValue *nc_sema_try_apply(NcSema *s, const NcSite *site, const NcOp *op, NcValue *const *operands,
                           int count, const NcAttr *attrs, NcInfer *infer) {
  NcNode *nodes[3];
  for (int i = 0; i < count; i++)
    nodes[i] = operands[i]->node;
  nc_sema_set_origin(s, site->span);
  NcNode *node = nc_graph_try_add(s->graph, op, nodes, count, attrs, infer);
  if (!node)
    return NULL;
  NcValue *result = nc_value_tensor(s->arena, node);
  nc_sema_trace(s, site, result, operands, count);
  return result;
}

NcValue *nc_sema_apply(NcSema *s, const NcSite *site, const NcOp *op, NcValue *const *operands,
                       int count, const NcAttr *attrs) {
  NcInfer infer;
  NcValue *result = nc_sema_try_apply(s, site, op, operands, count, attrs, &infer);
  if (result)
    return result;
  NcDiag *diag = nc_sema_broken(s, site, &infer, operands);
  note_culprits(s, diag, site, &infer, operands);
  if (infer.help)
    nc_diag_help(s->diags, diag, "%s", infer.help);
  return nc_value_error(s->arena);
}

// Whether a text means the same at the top level: its names are the file's constants.
static bool is_global(const NcSema *s, const char *text) {
  for (const char *at = text; *at;) {
    size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
    bool word = length && !(*at >= '0' && *at <= '9');
    const NcSymbol *symbol =
        word ? nc_map_get(&s->globals->names, nc_arena_strndup(s->arena, at, length)) : NULL;
    if (word && (!symbol || symbol->kind != NC_SYMBOL_CONST))
      return false;
    at += length ? length : 1;
  }
  return true;
}

// "7*7*32" as the user wrote it where that is a constant expression, else the number.
const char *nc_sema_dim_text(NcSema *s, const NcValue *from, int axis) {
  NcDim dim = from->node->type.dims[axis];
  const NcDimOrigin *origin = from->origins[axis];
  const char *text = origin && origin->written.file >= 0 ? nc_sema_quote(s, origin->written) : NULL;
  bool whole = text && origin->written.end - origin->written.begin <= (int)strlen(text);
  if (whole && is_global(s, text))
    return text;
  return nc_dim_format(s->arena, dim);
}

bool nc_sema_help_declare(NcSema *s, NcDiag *diag, const NcValue *value, int axis,
                          const NcValue *from, int from_axis) {
  if (value->kind != NC_VALUE_TENSOR || !value->declared || !value->declared->type ||
      from->kind != NC_VALUE_TENSOR || axis < 0 || axis >= value->node->type.rank ||
      from_axis < 0 || from_axis >= from->node->type.rank)
    return false;
  const NcTypeAst *ast = value->declared->type;
  bool constant = nc_dim_is_constant(from->node->type.dims[from_axis]);
  if (!constant || !nc_dim_is_constant(value->node->type.dims[axis]) ||
      ast->dims.count != value->node->type.rank)
    return false;
  NcText text = nc_text_create(s->arena);
  nc_text_printf(&text, "%s[", ast->dtype);
  for (int i = 0; i < ast->dims.count; i++) {
    nc_text_append(&text, i ? ", " : "");
    nc_text_append(&text, i == axis ? nc_sema_dim_text(s, from, from_axis)
                                    : nc_sema_quote(s, ast->dims.items[i]->span));
  }
  const NcDimOrigin *origin = value->origins[axis];
  nc_sema_fix(s, diag, ast->dims.items[axis]->span, nc_sema_dim_text(s, from, from_axis),
              "declare %s as %s]", origin && origin->owner ? origin->owner : value->declared->name,
              text.data);
  return true;
}

NcValue *nc_sema_matmul(NcSema *s, const NcSite *site, NcValue *a, NcValue *b, const bool *flags) {
  NcValue *operands[] = {a, b};
  if (a->node->type.dtype != b->node->type.dtype)
    return nc_sema_mixed(s, site, a, b);
  NcAttr attrs[] = {nc_attr_int(flags[0]), nc_attr_int(flags[1])};
  NcInfer infer;
  NcValue *result = nc_sema_try_apply(s, site, &nc_op_matmul, operands, 2, attrs, &infer);
  int ra = a->node->type.rank, rb = b->node->type.rank;
  int inner_a = ra - (flags[0] ? 2 : 1), inner_b = rb - (flags[1] ? 1 : 2);
  if (result) {
    int rank = result->node->type.rank;
    result->origins[rank - 2] = a->origins[2 * ra - 3 - inner_a];
    result->origins[rank - 1] = b->origins[2 * rb - 3 - inner_b];
    return result;
  }
  NcDiag *diag = nc_sema_broken(s, site, &infer, operands);
  bool inner =
      ra >= 2 && rb >= 2 && !nc_dim_equal(a->node->type.dims[inner_a], b->node->type.dims[inner_b]);
  if (inner) {
    nc_sema_note_dim(s, diag, a, inner_a);
    nc_sema_note_dim(s, diag, b, inner_b);
  } else {
    note_culprits(s, diag, site, &infer, operands);
  }
  bool helped = inner && (nc_sema_help_declare(s, diag, b, inner_b, a, inner_a) ||
                          nc_sema_help_declare(s, diag, a, inner_a, b, inner_b));
  if (!helped && infer.help)
    nc_diag_help(s->diags, diag, "%s", infer.help);
  return nc_value_error(s->arena);
}
