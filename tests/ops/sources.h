// Programs for tests: from source to a module.
#ifndef NC_TESTS_OPS_SOURCES_H
#define NC_TESTS_OPS_SOURCES_H

#include "passes/pipeline.h"
#include "sema/program.h"
#include "syntax/parse.h"

#include <stdio.h>
#include <string.h>

static inline NcProgram *program_of(NcArena *arena, const char *name, const char *text) {
  NcSourceMap *sources = nc_source_create(arena);
  NcDiags *diags = nc_diags_create(arena, sources);
  int file = nc_source_add(sources, name, text, strlen(text), false);
  NcFileAst *ast = nc_parse(arena, sources, file, diags);
  NcProgram *program = nc_sema(arena, sources, ast, diags, NULL);
  if (!program || !nc_passes_run(program->module, diags, NULL, NULL)) {
    for (int i = 0; i < diags->items.count; i++)
      print_error("%s\n", diags->items.items[i]->message);
    fail();
  }
  return program;
}

static inline char *read_source(NcArena *arena, const char *path) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  char *text = nc_arena_alloc(arena, 65536);
  assert_true(fread(text, 1, 65535, file) > 0);
  fclose(file);
  return text;
}

#define MNIST_NET NETC_SOURCE_DIR "/examples/mnist/mnist.net"

#endif
