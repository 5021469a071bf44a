// Programs for tests: from source to a module.
#ifndef NC_TESTS_OPS_SOURCES_H
#define NC_TESTS_OPS_SOURCES_H

#include "ir/read.h"
#include "ops/ops.h"
#include "passes/pipeline.h"
#include "sema/program.h"
#include "syntax/parse.h"

#include <stdio.h>
#include <string.h>

static inline void fail_reported(const NcDiags *diags, const char *name) {
  for (int i = 0; i < diags->items.count; i++)
    print_error("%s: %s\n", name, diags->items.items[i]->message);
  fail();
}

// As sema leaves it.
static inline NcProgram *checked_program(NcArena *arena, const char *name, const char *text) {
  NcSourceMap *sources = nc_source_create(arena);
  NcDiags *diags = nc_diags_create(arena, sources);
  int file = nc_source_add(sources, name, text, strlen(text), false);
  NcProgram *program = nc_sema(arena, sources, nc_parse(arena, sources, file, diags), diags, NULL);
  if (!program)
    fail_reported(diags, name);
  return program;
}

static inline void run_passes(NcArena *arena, const char *name, NcModule *module) {
  NcDiags *diags = nc_diags_create(arena, nc_source_create(arena));
  if (!nc_passes_run(module, diags, NULL, NULL))
    fail_reported(diags, name);
}

static inline NcProgram *program_of(NcArena *arena, const char *name, const char *text) {
  NcProgram *program = checked_program(arena, name, text);
  run_passes(arena, name, program->module);
  return program;
}

static inline NcModule *module_of(NcArena *arena, const char *name, const char *text) {
  NcSourceMap *sources = nc_source_create(arena);
  NcDiags *diags = nc_diags_create(arena, sources);
  int file = nc_source_add(sources, name, text, strlen(text), false);
  NcModule *module = nc_module_read(arena, sources, file, diags, nc_op_by_name);
  if (!module)
    fail_reported(diags, name);
  return module;
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
