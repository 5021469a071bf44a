// Fuzzes the front end: any bytes give a tree and diagnostics that can be printed; what parses is
// checked as `netc check` would, without data, and formatted, which changes neither the tree nor
// what was formatted before.
#include "base/diag.h"
#include "sema/program.h"
#include "syntax/ast.h"
#include "syntax/format.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// A tree with holes comes with an error that says why.
static void check_holes(const NcText *tree, const char *source, const NcDiags *diags) {
  bool hole = tree->data && strstr(tree->data, "<error>") && !strstr(source, "<error>");
  if (hole && diags->error_count == 0)
    abort();
}

static void check_spans(const NcDiags *diags, size_t size) {
  for (int i = 0; i < diags->items.count; i++) {
    NcSpan span = diags->items.items[i]->span;
    bool inside = span.begin >= 0 && span.begin <= span.end && (size_t)span.end <= size;
    if (span.file == 0 && !inside)
      abort();
  }
}

// Formats file `file`; gives the result, another file.
static int format(NcArena *arena, NcSourceMap *sources, int file) {
  NcText text = nc_text_create(arena);
  nc_format(arena, sources, file, &text);
  return nc_source_add(sources, "formatted.net", text.data, text.length, false);
}

static void check_format(NcArena *arena, NcSourceMap *sources, int file, const char *tree) {
  int once = format(arena, sources, file), twice = format(arena, sources, once);
  NcDiags *diags = nc_diags_create(arena, sources);
  NcText again = nc_text_create(arena);
  nc_ast_print(&again, nc_parse(arena, sources, once, diags));
  bool same_tree = strcmp(tree ? tree : "", again.data ? again.data : "") == 0;
  const NcSourceFile *files = sources->files.items;
  if (diags->error_count || !same_tree || strcmp(files[once].text, files[twice].text) != 0)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  NcArena *arena = nc_arena_create();
  NcSourceMap *sources = nc_source_create(arena);
  NcDiags *diags = nc_diags_create(arena, sources);
  int file = nc_source_add(sources, "fuzz.net", (const char *)data, size, false);
  NcFileAst *tree = nc_parse(arena, sources, file, diags);
  NcText text = nc_text_create(arena);
  nc_ast_print(&text, tree);
  check_holes(&text, sources->files.items[file].text, diags);
  if (diags->error_count == 0)
    check_format(arena, sources, file, text.data);
  if (diags->error_count == 0)
    nc_sema(arena, sources, tree, diags, &(NcSemaOptions){0});
  check_spans(diags, size);
  nc_diags_print(diags, &text, true);
  nc_arena_destroy(arena);
  return 0;
}
