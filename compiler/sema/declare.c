// Declarations: every name of the file is known before anything is evaluated, then the types of
// inputs and params.
#include "sema/sema.h"

#include <string.h>

static NcSymbol *declare(NcSema *s, const NcDeclAst *decl, NcSymbolKind kind, const char *name,
                         NcSpan span) {
  NcSymbol *symbol = nc_sema_declare(s, kind, name, span);
  if (symbol)
    symbol->decl = decl;
  return symbol;
}

NcParam *nc_sema_add_param(NcSema *s, const char *name, NcVariableKind kind,
                           const NcFieldAst *field, NcSpan place, NcScope *scope) {
  NcParam *param = NC_NEW(s->arena, NcParam);
  param->name = name;
  param->kind = kind;
  param->field = field;
  param->place = place;
  param->scope = scope;
  nc_vec_push(s->arena, s->params, param);
  return param;
}

static NcParam *make_param(NcSema *s, const char *name, NcVariableKind kind,
                           const NcFieldAst *field) {
  return nc_sema_add_param(s, name, kind, field, field->name_span, s->globals);
}

static void declare_group(NcSema *s, const NcDeclAst *decl) {
  NcSymbol *group = declare(s, decl, NC_SYMBOL_GROUP, decl->name, decl->name_span);
  if (!group)
    return;
  group->members = nc_map_create(s->arena);
  for (int i = 0; i < decl->fields.count; i++) {
    const NcFieldAst *field = &decl->fields.items[i];
    const NcParam *before = nc_map_get(&group->members, field->name);
    if (before) {
      NcDiag *diag = nc_sema_error(s, "E0102", field->name_span, "%s.%s is defined twice",
                                   decl->name, field->name);
      nc_sema_note(s, diag, before->field->name_span, "%s is first defined here", before->name);
      continue;
    }
    const char *name = nc_arena_printf(s->arena, "%s.%s", decl->name, field->name);
    nc_map_set(&group->members, field->name, make_param(s, name, NC_VAR_PARAM, field));
  }
}

static void declare_dataset(NcSema *s, const NcDeclAst *decl, const char *name, NcSpan span) {
  NcSymbol *symbol = declare(s, decl, NC_SYMBOL_DATASET, name, span);
  if (!symbol)
    return;
  symbol->number = s->program->datasets.count;
  NcDataset dataset = {.name = name, .span = span};
  nc_vec_push(s->arena, s->program->datasets, dataset);
}

static void declare_one(NcSema *s, const NcDeclAst *decl) {
  NcSymbol *symbol;
  switch (decl->kind) {
  case NC_DECL_CONST:
    declare(s, decl, NC_SYMBOL_CONST, decl->field.name, decl->field.name_span);
    break;
  case NC_DECL_INPUT:
    declare(s, decl, NC_SYMBOL_INPUT, decl->field.name, decl->field.name_span);
    break;
  case NC_DECL_PARAM:
  case NC_DECL_BUFFER:
    symbol = declare(s, decl, NC_SYMBOL_PARAM, decl->field.name, decl->field.name_span);
    if (symbol)
      symbol->param =
          make_param(s, decl->field.name,
                     decl->kind == NC_DECL_PARAM ? NC_VAR_PARAM : NC_VAR_BUFFER, &decl->field);
    break;
  case NC_DECL_GROUP:
    declare_group(s, decl);
    break;
  case NC_DECL_FN:
  case NC_DECL_LAYER:
    declare(s, decl, NC_SYMBOL_FN, decl->name, decl->name_span);
    break;
  case NC_DECL_BIND:
    for (int i = 0; i < decl->targets.count; i++)
      declare(s, decl, NC_SYMBOL_BINDING, decl->targets.items[i].name,
              decl->targets.items[i].name_span);
    break;
  case NC_DECL_OUTPUT:
  case NC_DECL_METRIC:
    if (decl->field.value)
      declare(s, decl, NC_SYMBOL_BINDING, decl->field.name, decl->field.name_span);
    break;
  case NC_DECL_DATASET:
    declare_dataset(s, decl, decl->name, decl->name_span);
    break;
  case NC_DECL_SPLIT:
    for (int i = 0; i < decl->targets.count; i++)
      declare_dataset(s, decl, decl->targets.items[i].name, decl->targets.items[i].name_span);
    break;
  case NC_DECL_OPTIMIZER:
    declare(s, decl, NC_SYMBOL_OPTIMIZER, decl->name, decl->name_span);
    break;
  case NC_DECL_TRAIN:
  case NC_DECL_IMPORT:
  case NC_DECL_STMT:
    break;
  }
}

// The library declares functions, layers, constants and optimizers. Names with a leading `_` are
// its own.
void nc_sema_collect_library(NcSema *s, const NcFileAst *file) {
  for (int i = 0; i < file->decls.count; i++) {
    const NcDeclAst *decl = file->decls.items[i];
    bool fn = decl->kind == NC_DECL_FN || decl->kind == NC_DECL_LAYER;
    NcSymbolKind kind = fn                                ? NC_SYMBOL_FN
                        : decl->kind == NC_DECL_OPTIMIZER ? NC_SYMBOL_OPTIMIZER
                                                          : NC_SYMBOL_CONST;
    bool constant = kind == NC_SYMBOL_CONST;
    const char *name = constant ? decl->field.name : decl->name;
    NcSymbol *symbol = nc_scope_add(s, name[0] == '_' ? s->hidden : s->library, kind, name,
                                    constant ? decl->field.name_span : decl->name_span);
    symbol->decl = decl;
    symbol->globals = s->hidden;
  }
}

void nc_sema_declare_all(NcSema *s) {
  for (int i = 0; i < s->file->decls.count; i++)
    declare_one(s, s->file->decls.items[i]);
}

// ---- inputs

static bool input_range(NcSema *s, const NcFieldAst *field, NcInput *input) {
  if (!field->low || !field->high)
    return true;
  if (!nc_sema_eval_int(s, field->low, "a bound", &input->low) ||
      !nc_sema_eval_int(s, field->high, "a bound", &input->high))
    return false;
  NcSpan span = nc_span_join(field->low->span, field->high->span);
  if (!nc_dtype_is_integer(input->type.dtype)) {
    nc_sema_error(s, "E0418", span, "a range is for integers, but %s is %s", field->name,
                  nc_type_format(s->arena, &input->type));
    return false;
  }
  if (input->low >= input->high) {
    NcDiag *diag = nc_sema_error(s, "E0418", span, "the range %lld..%lld is empty",
                                 (long long)input->low, (long long)input->high);
    nc_diag_help(s->diags, diag, "low..high holds low, but not high");
    return false;
  }
  return input->has_range = true;
}

void nc_sema_declare_input(NcSema *s, NcSymbol *symbol) {
  const NcFieldAst *field = &symbol->decl->field;
  NcInput input = {.name = field->name, .span = field->name_span};
  const NcDimOrigin **origins = NULL;
  symbol->number = -1;
  if (!field->type || !nc_sema_type(s, field->type, field->name, &input.type, &origins)) {
    symbol->value = nc_value_error(s->arena);
    return;
  }
  input_range(s, field, &input);
  symbol->number = s->program->inputs.count;
  symbol->origins = origins;
  nc_vec_push(s->arena, s->program->inputs, input);
}
