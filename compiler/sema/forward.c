// The forward pass: one interpretation of the file's bindings, outputs, metrics and loss into a
// graph.
#include "sema/sema.h"

#include "ops/build.h"

#include <string.h>

static void make_inputs(NcSema *s) {
  for (int i = 0; i < s->order.count; i++) {
    NcSymbol *symbol = s->order.items[i];
    if (symbol->kind != NC_SYMBOL_INPUT || symbol->number < 0)
      continue;
    const NcInput *input = &s->program->inputs.items[symbol->number];
    NcOrigin *origin = NC_NEW(s->arena, NcOrigin);
    *origin = (NcOrigin){.span = input->span, .path = input->name};
    s->graph->origin = origin;
    NcValue *value = nc_value_tensor(s->arena, nc_graph_input(s->graph, input->name, input->type));
    value->origins = symbol->origins;
    value->declared = &symbol->decl->field;
    value->has_range = input->has_range;
    value->low = input->low;
    value->high = input->high;
    symbol->value = value;
    symbol->graph = s->graph;
  }
}

// Two interpretations come by here, in training and not.
static void note_type(NcSema *s, NcSymbol *symbol, const NcFieldAst *field) {
  if (field->type || symbol->value->kind != NC_VALUE_TENSOR)
    return;
  const NcType *type = &symbol->value->node->type;
  if (symbol->untyped) {
    symbol->untyped->varies |= !nc_type_equal(&symbol->untyped->type, type);
    return;
  }
  symbol->untyped = NC_NEW(s->arena, NcUntyped);
  *symbol->untyped = (NcUntyped){.name_span = field->name_span, .type = *type};
  nc_vec_push(s->arena, s->program->untyped, symbol->untyped);
}

void nc_sema_set_binding(NcSema *s, const NcFieldAst *field, NcValue *value) {
  NcSymbol *symbol = nc_map_get(&s->globals->names, field->name);
  if (symbol && symbol->kind == NC_SYMBOL_BINDING && symbol->span.begin == field->name_span.begin) {
    symbol->value = value;
    symbol->graph = s->graph;
    note_type(s, symbol, field);
  }
}

static NcValue *named(NcSema *s, const NcFieldAst *field) {
  NcPath *before = nc_sema_begin_binding(s, field->name);
  NcValue *value =
      field->value ? nc_sema_eval(s, field->value) : nc_sema_name(s, field->name, field->name_span);
  if (field->type && field->value && !nc_value_is_error(value)) {
    NcMatch match = {.code = "E0205",
                     .what = nc_arena_printf(s->arena, "the value of %s", field->name)};
    value = nc_sema_match_check(s, &match, field->type, value, field->value->span);
  }
  s->frame->binding = before;
  return value;
}

static void add_result(NcSema *s, NcForward *forward, NcResultKind kind, const NcFieldAst *field,
                       NcNode *node) {
  for (int i = 0; i < forward->results.count; i++) {
    const NcResult *other = &forward->results.items[i];
    if (other->kind != kind || strcmp(other->name, field->name) != 0)
      continue;
    NcDiag *diag = nc_sema_error(s, "E0102", field->name_span, "%s is given twice", field->name);
    nc_sema_note(s, diag, forward->spans.items[i], "first given here");
    return;
  }
  NcResult result = {field->name, kind, node};
  nc_vec_push(s->arena, forward->results, result);
  nc_vec_push(s->arena, forward->spans, field->name_span);
}

static NcValue *as_tensor(NcSema *s, const char *what, NcSpan span, NcValue *value) {
  NcSite site = {what, span, 1, &span};
  return nc_value_is_error(value) ? NULL : nc_sema_tensor(s, &site, 0, value, s->float_dtype);
}

static NcSpan span_of(const NcFieldAst *field) {
  return field->value ? field->value->span : field->name_span;
}

static void output(NcSema *s, NcForward *forward, const NcFieldAst *field) {
  NcValue *value = named(s, field);
  if (field->value)
    nc_sema_set_binding(s, field, value);
  NcValue *tensor = as_tensor(s, "an output", span_of(field), value);
  if (tensor)
    add_result(s, forward, NC_RESULT_OUTPUT, field, tensor->node);
}

static void metric(NcSema *s, NcForward *forward, const NcFieldAst *field) {
  NcValue *value = named(s, field);
  if (field->value)
    nc_sema_set_binding(s, field, value);
  NcValue *tensor = as_tensor(s, "a metric", span_of(field), value);
  if (!tensor)
    return;
  const NcType *type = &tensor->node->type;
  if (type->rank == 0 && type->dtype != NC_BOOL) {
    add_result(s, forward, NC_RESULT_METRIC, field, tensor->node);
    return;
  }
  NcDiag *diag = nc_sema_error(s, "E0417", span_of(field), "a metric is one number, but %s is %s",
                               field->name, nc_type_format(s->arena, type));
  nc_sema_fix_wrap(s, diag, span_of(field), "mean(", ")", "write mean(%s)",
                   nc_sema_quote(s, span_of(field)));
}

static void bind(NcSema *s, const NcDeclAst *decl) {
  if (decl->targets.count == 0)
    return;
  NcPath *before = nc_sema_begin_binding(s, decl->targets.items[0].name);
  NcValue *value = nc_sema_eval(s, decl->value);
  nc_sema_name_instance(s, decl->value, value, decl->targets.items[0].name);
  nc_sema_bind(s, &decl->targets, value, decl->value ? decl->value->span : decl->span, true);
  s->frame->binding = before;
}

static void statement(NcSema *s, NcStmtAst *stmt) {
  NcBlockAst block = {0};
  nc_vec_push(s->arena, block, stmt);
  nc_sema_block(s, &block);
}

static void loss(NcSema *s, NcForward *forward, const NcFieldAst *minimize) {
  const NcExprAst *expr = minimize->value;
  NcPath *before = nc_sema_begin_binding(s, "loss");
  NcValue *value = as_tensor(s, "minimize", expr->span, nc_sema_eval(s, expr));
  s->frame->binding = before;
  if (!value)
    return;
  const NcType *type = &value->node->type;
  if (type->rank != 0 || !nc_dtype_is_float(type->dtype)) {
    NcDiag *diag = nc_sema_error(s, "E0402", expr->span, "the loss must be one float, but is %s",
                                 nc_type_format(s->arena, type));
    nc_sema_note_declared(s, diag, expr->span, value);
    if (nc_dtype_is_float(type->dtype))
      nc_sema_fix_wrap(s, diag, expr->span, "mean(", ")", "write mean(%s)",
                       nc_sema_quote(s, expr->span));
    return;
  }
  forward->loss = value;
}

NcForward nc_sema_forward(NcSema *s, const char *name, bool training, const NcFieldAst *minimize,
                          const NcExprAst *fetch) {
  NcForward forward = {.graph = nc_module_add_graph(s->module, name)};
  s->graph = s->forward = forward.graph;
  s->training = training;
  s->randoms = 0;
  if (s->budget > 0)
    s->budget = NC_SEMA_BUDGET;
  nc_sema_enter(s, NULL, NC_NOWHERE, s->globals);
  s->frame->top = true;
  s->frame->instance = s->root = nc_sema_root_instance(s);
  make_inputs(s);
  for (int i = 0; i < s->file->decls.count; i++) {
    const NcDeclAst *decl = s->file->decls.items[i];
    if (decl->kind == NC_DECL_BIND)
      bind(s, decl);
    else if (decl->kind == NC_DECL_OUTPUT)
      output(s, &forward, &decl->field);
    else if (decl->kind == NC_DECL_METRIC)
      metric(s, &forward, &decl->field);
    else if (decl->kind == NC_DECL_STMT)
      statement(s, decl->stmt);
  }
  if (minimize && minimize->value)
    loss(s, &forward, minimize);
  if (fetch)
    nc_sema_fetch(s, &forward, fetch);
  nc_sema_leave(s);
  nc_sema_finish_paths(s);
  s->graph->origin = NULL;
  s->graph = s->forward = NULL;
  return forward;
}
