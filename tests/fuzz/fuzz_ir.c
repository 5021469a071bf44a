// Reads arbitrary text as graph IR. What reads must verify, print to text that reads to the same,
// be differentiable twice, and go through every pass: to a module that verifies or to a diagnostic.
#include "ir/read.h"
#include "ir/verify.h"
#include "ops/build.h"
#include "passes/autodiff.h"
#include "passes/pipeline.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(NcArena *arena, const NcModule *module, const char *when) {
  NcText text = nc_text_create(arena);
  if (nc_module_verify(module, &text))
    return;
  nc_module_print(&text, module, NULL);
  fprintf(stderr, "after %s:\n%s", when, text.data);
  abort();
}

static NcModule *read_text(NcArena *arena, const char *text, size_t size) {
  NcSourceMap *sources = nc_source_create(arena);
  int file = nc_source_add(sources, "fuzz.ir", text, size, false);
  NcDiags *diags = nc_diags_create(arena, sources);
  NcModule *module = nc_module_read(arena, sources, file, diags, nc_op_by_name);
  NcText out = nc_text_create(arena);
  nc_diags_print(diags, &out, false);
  if (!module && diags->error_count == 0)
    abort();
  return module;
}

static char *print(NcArena *arena, const NcModule *module) {
  NcText text = nc_text_create(arena);
  nc_module_print(&text, module, NULL);
  return text.data;
}

static void check_round_trip(NcArena *arena, const NcModule *module) {
  const char *text = print(arena, module);
  const NcModule *again = read_text(arena, text, strlen(text));
  if (!again || strcmp(print(arena, again), text) != 0) {
    fprintf(stderr, "does not read back:\n%s", text);
    abort();
  }
}

// Adds the gradients of the graph's last floating value, summed, with respect to its first floating
// ones.
static void differentiate(NcGraph *graph) {
  NcNode *of = NULL, *wrt[4], *gradients[4];
  int count = 0;
  for (int i = 0; i < graph->nodes.count; i++) {
    NcNode *node = graph->nodes.items[i];
    if (!nc_dtype_is_float(node->type.dtype))
      continue;
    of = node;
    if (count < 4)
      wrt[count++] = node;
  }
  if (of)
    nc_autodiff(graph, nc_sum_all(graph, of), wrt, count, gradients);
}

static void differentiate_all(NcArena *arena, NcModule *module) {
  for (int i = 0; i < module->graphs.count; i++) {
    NcGraph *graph = module->graphs.items[i];
    for (int order = 0; order < 2 && graph->nodes.count < 64; order++)
      differentiate(graph);
  }
  check(arena, module, "differentiation");
}

static void run_passes(NcArena *arena, NcModule *module) {
  NcDiags *diags = nc_diags_create(arena, nc_source_create(arena));
  for (const NcPass *pass = nc_passes; pass->name; pass++) {
    if (!pass->run(module, diags)) {
      if (diags->error_count == 0)
        abort();
      return;
    }
    check(arena, module, pass->name);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  NcArena *arena = nc_arena_create();
  NcModule *module = read_text(arena, (const char *)data, size);
  if (module) {
    check(arena, module, "reading");
    check_round_trip(arena, module);
    differentiate_all(arena, module);
    run_passes(arena, module);
  }
  nc_arena_destroy(arena);
  return 0;
}
