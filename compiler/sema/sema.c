// The entry: from a parsed file to its program.
#include "sema/sema.h"

#include "stdlib/stdlib.h"

#include <string.h>

static NcSema *create(NcArena *arena, NcSourceMap *sources, const NcFileAst *file, NcDiags *diags,
                      const NcSemaOptions *options) {
  NcSema *s = NC_NEW(arena, NcSema);
  s->arena = arena;
  s->sources = sources;
  s->diags = diags;
  s->options = options;
  s->file = file;
  s->module = nc_module_create(arena);
  s->program = NC_NEW(arena, NcProgram);
  s->program->module = s->module;
  s->builtins = nc_scope_create(arena, NULL);
  s->library = nc_scope_create(arena, s->builtins);
  s->hidden = nc_scope_create(arena, s->library);
  s->globals = nc_scope_create(arena, s->library);
  s->reported = nc_map_create(arena);
  s->owned = nc_map_create(arena);
  s->float_dtype = NC_F32;
  s->budget = NC_SEMA_BUDGET;
  s->syntax_errors = diags->error_count > 0;
  return s;
}

static void load_library(NcSema *s) {
  for (int i = 0; i < nc_stdlib_count; i++) {
    const char *text = nc_stdlib[i].text;
    int file = nc_source_add(s->sources, nc_stdlib[i].name, text, strlen(text), true);
    nc_sema_collect_library(s, nc_parse(s->arena, s->sources, file, s->diags));
  }
}

static void declare(NcSema *s) {
  nc_sema_declare_all(s);
  nc_sema_enter(s, NULL, NC_NOWHERE, s->globals);
  for (int i = 0; i < s->order.count; i++) {
    NcSymbol *symbol = s->order.items[i];
    if (symbol->kind == NC_SYMBOL_CONST)
      nc_sema_name(s, symbol->name, symbol->span);
    else if (symbol->kind == NC_SYMBOL_INPUT)
      nc_sema_declare_input(s, symbol);
  }
  for (int i = 0; i < s->params.count; i++)
    nc_sema_declare_param(s, s->params.items[i]);
  nc_sema_leave(s);
}

NcProgram *nc_sema(NcArena *arena, NcSourceMap *sources, const NcFileAst *file, NcDiags *diags,
                   const NcSemaOptions *options) {
  NcSema *s = create(arena, sources, file, diags, options);
  nc_sema_add_builtins(s);
  load_library(s);
  nc_sema_find_uses(s);
  declare(s);
  nc_sema_splits(s);
  nc_sema_graphs(s);
  nc_sema_datasets(s);
  nc_sema_unused(s);
  nc_sema_flush(s);
  return diags->error_count > 0 ? NULL : s->program;
}
