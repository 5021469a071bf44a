// Warnings of what nothing uses, and the check of functions that nothing calls.
#include "sema/sema.h"

#include <string.h>

// Every name that occurs in an expression, a type or a statement of the file.
typedef struct Uses {
  NcSema *s;
  NcMap names;
} Uses;

static void in_expr(Uses *uses, const NcExprAst *expr);

static void in_type(Uses *uses, const NcTypeAst *type) {
  for (int i = 0; type && i < type->dims.count; i++)
    in_expr(uses, type->dims.items[i]);
}

// Chains of operators are as deep as they are long: the left side is walked in a loop.
static void in_expr(Uses *uses, const NcExprAst *expr) {
  while (expr) {
    if (expr->kind == NC_AST_NAME)
      nc_map_set(&uses->names, expr->text, uses);
    else if (expr->kind == NC_AST_MEMBER && expr->args.items[0].value->kind == NC_AST_NAME)
      nc_map_set(
          &uses->names,
          nc_arena_printf(uses->s->arena, "%s.%s", expr->args.items[0].value->text, expr->text),
          uses);
    if (expr->callee)
      in_expr(uses, expr->callee);
    for (int i = 1; i < expr->args.count; i++)
      in_expr(uses, expr->args.items[i].value);
    expr = expr->args.count > 0 ? expr->args.items[0].value : NULL;
  }
}

static void in_fields(Uses *uses, const NcFieldsAst *fields) {
  for (int i = 0; i < fields->count; i++) {
    in_type(uses, fields->items[i].type);
    in_expr(uses, fields->items[i].value);
    in_expr(uses, fields->items[i].low);
    in_expr(uses, fields->items[i].high);
  }
}

static void in_block(Uses *uses, const NcBlockAst *block);

static void in_stmt(Uses *uses, const NcStmtAst *stmt) {
  if (!stmt)
    return;
  in_fields(uses, &stmt->targets);
  for (int k = 0; k < stmt->values.count; k++)
    in_expr(uses, stmt->values.items[k]);
  in_expr(uses, stmt->condition);
  in_block(uses, &stmt->then);
  in_block(uses, &stmt->otherwise);
}

static void in_block(Uses *uses, const NcBlockAst *block) {
  for (int i = 0; i < block->count; i++)
    in_stmt(uses, block->items[i]);
}

static Uses uses_of(NcSema *s) {
  Uses uses = {.s = s};
  uses.names = nc_map_create(s->arena);
  return uses;
}

static void in_decl(Uses *uses, const NcDeclAst *decl) {
  in_type(uses, decl->field.type);
  in_expr(uses, decl->field.value);
  in_expr(uses, decl->field.low);
  in_expr(uses, decl->field.high);
  in_fields(uses, &decl->fields);
  in_fields(uses, &decl->data);
  for (int i = 0; i < decl->groups.count; i++)
    in_fields(uses, &decl->groups.items[i].fields);
  for (int i = 0; i < decl->results.count; i++)
    in_type(uses, decl->results.items[i]);
  in_expr(uses, decl->value);
  in_fields(uses, &decl->targets);
  in_block(uses, &decl->body);
  in_stmt(uses, decl->stmt);
  if (decl->kind == NC_DECL_OUTPUT && !decl->field.value)
    nc_map_set(&uses->names, decl->field.name, uses);
}

static void warn_locals(NcSema *s, const Uses *uses, const NcBlockAst *block) {
  for (int i = 0; i < block->count; i++) {
    const NcStmtAst *stmt = block->items[i];
    for (int k = 0; stmt->kind == NC_STMT_BIND && k < stmt->targets.count; k++) {
      const NcFieldAst *target = &stmt->targets.items[k];
      if (target->name[0] != '_' && !nc_map_get(&uses->names, target->name))
        nc_sema_warn(s, "W0103", target->name_span, "%s is never used", target->name);
    }
    warn_locals(s, uses, &stmt->then);
    warn_locals(s, uses, &stmt->otherwise);
  }
}

static void warn_params(NcSema *s, const Uses *uses, const NcFieldsAst *params) {
  for (int i = 0; i < params->count; i++) {
    const NcFieldAst *param = &params->items[i];
    if (param->name[0] != '_' && !nc_map_get(&uses->names, param->name))
      nc_sema_warn(s, "W0108", param->name_span, "the parameter %s is never used", param->name);
  }
}

// What a file that is imported offers need not all be used.
static bool warns_unused(const NcSema *s, const NcSymbol *symbol) {
  if (symbol->span.file != s->file->file)
    return false;
  switch (symbol->kind) {
  case NC_SYMBOL_CONST:
  case NC_SYMBOL_INPUT:
    return true;
  case NC_SYMBOL_BINDING:
    return symbol->decl->kind == NC_DECL_BIND;
  default:
    return false;
  }
}

static void warn_globals(NcSema *s, const Uses *uses) {
  for (int i = 0; i < s->order.count; i++) {
    const NcSymbol *symbol = s->order.items[i];
    if (!warns_unused(s, symbol) || symbol->name[0] == '_' ||
        nc_map_get(&uses->names, symbol->name))
      continue;
    if (symbol->kind == NC_SYMBOL_INPUT)
      nc_sema_warn(s, "W0102", symbol->span, "input %s is never used", symbol->name);
    else
      nc_sema_warn(s, "W0103", symbol->span, "%s is never used", symbol->name);
  }
}

// ---- functions that nothing calls

// A type without free names gives an argument to try the function with.
static bool is_closed(NcSema *s, const NcTypeAst *type) {
  NcDtype dtype;
  if (!type || type->ellipsis || !nc_dtype_parse(type->dtype, &dtype))
    return false;
  Uses uses = uses_of(s);
  in_type(&uses, type);
  for (int i = 0; i < uses.names.count; i++) {
    const NcSymbol *symbol = nc_scope_find(s->globals, uses.names.entries[i].key);
    bool batch = strcmp(uses.names.entries[i].key, "N") == 0;
    if (!batch && (!symbol || symbol->kind != NC_SYMBOL_CONST))
      return false;
  }
  return true;
}

static void try_function(NcSema *s, NcSymbol *fn) {
  const NcFieldsAst *params = &fn->decl->fields;
  NcArgs *kept = NC_NEW(s->arena, NcArgs);
  *kept = (NcArgs){params->count, NC_NEW_ARRAY(s->arena, NcArg, params->count)};
  for (int i = 0; i < params->count; i++) {
    const NcFieldAst *param = &params->items[i];
    NcType type;
    const NcDimOrigin **origins;
    if (!is_closed(s, param->type) || !nc_sema_type(s, param->type, param->name, &type, &origins))
      return;
    NcValue *value = nc_value_tensor(s->arena, nc_graph_input(s->graph, param->name, type));
    value->origins = origins;
    kept->items[i] = (NcArg){NULL, NC_NOWHERE, param->name_span, value};
  }
  nc_sema_call(s, nc_sema_name(s, fn->name, fn->span), fn->name, kept, NC_NOWHERE);
}

// Only a function whose types have free names cannot be checked without a call.
static void check_uncalled(NcSema *s, const Uses *uses) {
  NcGraph *graph = nc_module_add_graph(s->module, "uncalled");
  s->graph = graph;
  nc_sema_enter(s, NULL, NC_NOWHERE, s->globals);
  for (int i = 0; i < s->order.count; i++) {
    NcSymbol *fn = s->order.items[i];
    if (fn->kind != NC_SYMBOL_FN || fn->calls > 0)
      continue;
    // after an error a call may not have been reached
    if (fn->span.file == s->file->file &&
        (s->diags->error_count == 0 || !nc_map_get(&uses->names, fn->name)))
      nc_sema_warn(s, "W0101", fn->span, "%s %s is never %s",
                   fn->decl->kind == NC_DECL_LAYER ? "layer" : "function", fn->name,
                   fn->decl->kind == NC_DECL_LAYER ? "used" : "called");
    if (!fn->decl->has_data)
      try_function(s, fn);
  }
  nc_sema_leave(s);
  nc_sema_finish_paths(s);
  s->graph = NULL;
  nc_module_remove_graph(s->module, graph);
}

void nc_sema_find_uses(NcSema *s) {
  Uses all = uses_of(s);
  for (int i = 0; i < s->file->decls.count; i++)
    in_decl(&all, s->file->decls.items[i]);
  if (s->options && s->options->fetch)
    in_expr(&all, s->options->fetch);
  s->uses = all.names;
}

void nc_sema_unused(NcSema *s) {
  Uses all = {s, s->uses};
  bool whole = s->diags->error_count == 0; // after an error, what uses a name may be missing
  if (whole)
    warn_globals(s, &all);
  for (int i = 0; whole && i < s->file->decls.count; i++) {
    const NcDeclAst *decl = s->file->decls.items[i];
    bool body =
        decl->kind == NC_DECL_FN || decl->kind == NC_DECL_LAYER || decl->kind == NC_DECL_OPTIMIZER;
    if (!body || decl->span.file != s->file->file)
      continue;
    Uses own = uses_of(s);
    in_decl(&own, decl);
    warn_locals(s, &own, &decl->body);
    warn_params(s, &own, &decl->fields);
    warn_params(s, &own, &decl->data);
  }
  check_uncalled(s, &all);
}
