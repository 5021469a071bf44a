// The texts of one program.
//
// An imported file is known by its path from the folder of the .net file that is compiled; by it a
// checkpoint finds the texts again.
#include "driver/sources.h"

#include "base/map.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define MAX_SOURCE (16u << 20)
#define MAX_IMPORTS 1000

char *nc_read_source(NcArena *arena, const char *path, size_t *length, const char **why) {
  FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  if (!in) {
    *why = strerror(errno);
    return NULL;
  }
  NcText all = nc_text_create(arena);
  nc_text_append(&all, "");
  char block[65536];
  size_t got;
  while (all.length <= MAX_SOURCE && (got = fread(block, 1, sizeof block, in)) > 0)
    nc_text_append_n(&all, block, got);
  int error = ferror(in) ? errno : 0;
  if (in != stdin)
    fclose(in);
  *length = all.length;
  *why = error ? strerror(error) : "it is longer than 16 MB, which no source file should be";
  return error || all.length > MAX_SOURCE ? NULL : all.data;
}

// ---- paths

// "lib/a.net" and "../b.net" give "b.net": `path` as seen from the file `from`.
static char *path_from(NcArena *arena, const char *from, const char *path) {
  const char *slash = strrchr(from, '/');
  const char *joined = *path == '/' || !slash
                           ? path
                           : nc_arena_printf(arena, "%.*s/%s", (int)(slash - from), from, path);
  NC_VEC(const char *) parts = {0};
  char *rest = nc_arena_strdup(arena, joined), *saved = NULL;
  for (char *part = strtok_r(rest, "/", &saved); part; part = strtok_r(NULL, "/", &saved)) {
    bool up = strcmp(part, "..") == 0;
    if (up && parts.count > 0 && strcmp(parts.items[parts.count - 1], "..") != 0)
      parts.count--;
    else if (strcmp(part, ".") != 0 && !(up && *joined == '/'))
      nc_vec_push(arena, parts, part);
  }
  NcText text = nc_text_create(arena);
  nc_text_append(&text, *joined == '/' ? "/" : "");
  for (int i = 0; i < parts.count; i++)
    nc_text_printf(&text, "%s%s", i ? "/" : "", parts.items[i]);
  return text.data;
}

static const char *path_on_disk(NcUnit *unit, const char *path) {
  bool here = *path == '/' || strcmp(unit->folder, ".") == 0;
  return here ? path : nc_arena_printf(unit->arena, "%s/%s", unit->folder, path);
}

// ---- imports

typedef struct Reading {
  NcUnit *unit;
  NcMap known; // by path
  NC_VEC(NcDeclAst *) decls;
} Reading;

static const char *given_text(const NcUnit *unit, const char *path) {
  for (int i = 0; i < unit->given_count; i++) {
    const char *key = unit->given[i].key;
    size_t prefix = strlen(NCRT_KEY_IMPORT);
    if (strncmp(key, NCRT_KEY_IMPORT, prefix) == 0 && strcmp(key + prefix, path) == 0)
      return unit->given[i].value;
  }
  return NULL;
}

static const char *read_import(NcUnit *unit, const char *path, size_t *length, const char **why) {
  if (!unit->from_checkpoint)
    return nc_read_source(unit->arena, path_on_disk(unit, path), length, why);
  const char *text = given_text(unit, path);
  *length = text ? strlen(text) : 0;
  *why = "the checkpoint does not hold it";
  return text;
}

static void read_file(Reading *r, int file, const char *path);

static void import(Reading *r, const NcDeclAst *decl, const char *from) {
  NcUnit *unit = r->unit;
  const char *why = NULL, *path = decl->path;
  if (*path == 0)
    why = "the name is empty";
  else if (strlen(path) >= PATH_MAX || strlen(from) >= PATH_MAX)
    why = "its path is too long";
  else if (r->known.count > MAX_IMPORTS)
    why = "more than 1000 files are imported";
  if (!why) {
    path = path_from(unit->arena, from, path);
    if (nc_map_get(&r->known, path))
      return;
    nc_map_set(&r->known, path, r);
    size_t length = 0;
    const char *text = read_import(unit, path, &length, &why);
    if (text) {
      const char *shown = unit->from_checkpoint ? path : path_on_disk(unit, path);
      nc_vec_push(unit->arena, unit->more,
                  ((NcrtText){nc_arena_printf(unit->arena, NCRT_KEY_IMPORT "%s", path), text}));
      read_file(r, nc_source_add(unit->sources, shown, text, length, false), path);
      return;
    }
  }
  NcDiag *diag = nc_diag_error(unit->diags, "E0118", decl->path_span, "cannot import \"%s\": %s",
                               decl->path, why);
  nc_diag_help(unit->diags, diag, "the path is seen from the file that imports");
}

// Others may build on what an imported file declares; what makes the experiment stays in one file.
static bool may_be_imported(const NcDeclAst *decl) {
  return decl->kind == NC_DECL_CONST || decl->kind == NC_DECL_FN || decl->kind == NC_DECL_LAYER ||
         decl->kind == NC_DECL_OPTIMIZER || decl->kind == NC_DECL_DATASET ||
         decl->kind == NC_DECL_SPLIT;
}

static void take(Reading *r, NcDeclAst *decl, bool main) {
  if (main || may_be_imported(decl)) {
    nc_vec_push(r->unit->arena, r->decls, decl);
    return;
  }
  NcDiag *diag = nc_diag_error(r->unit->diags, "E0119", decl->name ? decl->name_span : decl->span,
                               "this cannot stand in a file that is imported");
  nc_diag_help(r->unit->diags, diag,
               "an imported file declares constants, functions, layers, optimizers and data sets; "
               "move this to the file that imports it, or into a function or layer");
}

// What a file imports comes before its own declarations.
static void read_file(Reading *r, int file, const char *path) {
  NcUnit *unit = r->unit;
  NcFileAst *ast = nc_parse(unit->arena, unit->sources, file, unit->diags);
  for (int i = 0; i < ast->decls.count; i++)
    if (ast->decls.items[i]->kind == NC_DECL_IMPORT)
      import(r, ast->decls.items[i], path);
  for (int i = 0; i < ast->decls.count; i++)
    if (ast->decls.items[i]->kind != NC_DECL_IMPORT)
      take(r, ast->decls.items[i], file == unit->file);
}

// ---- settings

static NcDeclAst *find_constant(NcUnit *unit, const char *name, const char **best) {
  int distance = INT_MAX;
  for (int i = 0; i < unit->ast->decls.count; i++) {
    NcDeclAst *decl = unit->ast->decls.items[i];
    if (decl->kind != NC_DECL_CONST)
      continue;
    if (strcmp(decl->field.name, name) == 0)
      return decl;
    nc_suggest(name, decl->field.name, best, &distance);
  }
  return NULL;
}

// Text of the command line is read as if it stood in the file, as a constant in a source of its
// own. NULL after a report.
static const NcDeclAst *parse_constant(NcUnit *unit, const char *shown, const char *text,
                                       const char *code, const char *message, const char *help) {
  int file = nc_source_add(unit->sources, shown, text, strlen(text), false);
  int errors = unit->diags->error_count;
  NcFileAst *ast = nc_parse(unit->arena, unit->sources, file, unit->diags);
  if (unit->diags->error_count > errors)
    return NULL;
  if (ast->decls.count == 1 && ast->decls.items[0]->kind == NC_DECL_CONST)
    return ast->decls.items[0];
  NcDiag *diag =
      nc_diag_error(unit->diags, code, (NcSpan){file, 0, (int32_t)strlen(text)}, "%s", message);
  nc_diag_help(unit->diags, diag, "%s", help);
  return NULL;
}

static void set_constant(NcUnit *unit, const char *name, const char *value) {
  const NcDeclAst *set =
      parse_constant(unit, nc_arena_printf(unit->arena, "--set %s", name),
                     nc_arena_printf(unit->arena, "const %s = %s", name, value), "E0428",
                     "this sets no constant", "--set takes NAME=VALUE, as in --set hidden=256");
  if (!set)
    return;
  const char *best = NULL;
  NcDeclAst *decl = find_constant(unit, name, &best);
  if (decl) {
    decl->field.value = set->field.value;
    nc_vec_push(unit->arena, unit->more,
                ((NcrtText){nc_arena_printf(unit->arena, NCRT_KEY_SET "%s", name), value}));
    return;
  }
  NcDiag *diag = nc_diag_error(unit->diags, "E0428", set->field.name_span,
                               "the file has no constant %s that could be set", name);
  if (best)
    nc_diag_help(unit->diags, diag, "did you mean %s?", best);
  else
    nc_diag_help(unit->diags, diag, "declare one: const %s = %s", name, value);
}

static bool is_set_again(const NcUnit *unit, const char *name) {
  for (int i = 0; i < unit->settings->count; i++) {
    const char *setting = unit->settings->items[i];
    if (strncmp(setting, name, strlen(name)) == 0 && setting[strlen(name)] == '=')
      return true;
  }
  return false;
}

// Those of a checkpoint, then those of the command line; the last for a name counts.
static void apply_settings(NcUnit *unit) {
  size_t prefix = strlen(NCRT_KEY_SET);
  for (int i = 0; i < unit->given_count; i++) {
    const char *key = unit->given[i].key;
    if (strncmp(key, NCRT_KEY_SET, prefix) == 0 && !is_set_again(unit, key + prefix))
      set_constant(unit, key + prefix, unit->given[i].value);
  }
  for (int i = 0; i < unit->settings->count; i++) {
    const char *equals = strchr(unit->settings->items[i], '=');
    const char *name = nc_arena_strndup(unit->arena, unit->settings->items[i],
                                        (size_t)(equals - unit->settings->items[i]));
    set_constant(unit, name, equals + 1);
  }
}

const NcExprAst *nc_parse_fetch(NcUnit *unit, const char *text) {
  if (!text)
    return NULL;
  const NcDeclAst *list =
      parse_constant(unit, unit->fetch_shown ? unit->fetch_shown : "--fetch",
                     nc_arena_printf(unit->arena, "const fetch = [%s]", text), "E0430",
                     "this is no list of values",
                     "write names, paths or expressions with commas between: loss, net.conv1");
  return list ? list->field.value : NULL;
}

void nc_parse_sources(NcUnit *unit) {
  Reading r = {.unit = unit, .known = nc_map_create(unit->arena)};
  nc_map_set(&r.known, unit->name, &r);
  unit->ast = NC_NEW(unit->arena, NcFileAst);
  unit->ast->file = unit->file;
  read_file(&r, unit->file, unit->name);
  unit->ast->decls.items = r.decls.items;
  unit->ast->decls.count = unit->ast->decls.capacity = r.decls.count;
  if (unit->diags->error_count == 0)
    apply_settings(unit);
}

const char *nc_fetched_text(const NcUnit *unit, int i) {
  return nc_source_text(unit->sources, unit->fetched->args.items[i].value->span, unit->arena);
}
