// The pipeline of passes over the graph IR.
#include "passes/pipeline.h"

#include "ir/verify.h"
#include "passes/cse.h"
#include "passes/fold.h"
#include "passes/metrics.h"
#include "passes/sums.h"
#include "passes/train_step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void each_graph(NcModule *module, void (*change)(NcGraph *graph)) {
  for (int i = 0; i < module->graphs.count; i++)
    change(module->graphs.items[i]);
}

static bool run_fold(NcModule *module, NcDiags *diags) {
  (void)diags;
  each_graph(module, nc_graph_fold);
  return true;
}

static bool run_cse(NcModule *module, NcDiags *diags) {
  (void)diags;
  each_graph(module, nc_graph_cse);
  return true;
}

static bool run_prune(NcModule *module, NcDiags *diags) {
  (void)diags;
  each_graph(module, nc_graph_prune);
  return true;
}

static bool run_sums(NcModule *module, NcDiags *diags) {
  (void)diags;
  each_graph(module, nc_graph_split_sums);
  return true;
}

// Folding makes nodes equal, and merging makes operands equal: twice is enough in practice.
static bool run_simplify(NcModule *module, NcDiags *diags) {
  return run_fold(module, diags) && run_cse(module, diags) && run_fold(module, diags) &&
         run_cse(module, diags);
}

const NcPass nc_passes[] = {
    {"cse", "merge nodes that compute the same", run_cse},
    {"train_step", "differentiate the loss and inline the optimizer's updates", nc_pass_train_step},
    {"metrics", "accumulate reductions over the batch across batches", nc_pass_metrics},
    {"sums", "take sums over the batch apart that could begin sooner", run_sums},
    {"simplify", "fold, then cse, twice", run_simplify},
    {"fold", "compute constants and apply exact algebra", run_fold},
    {"prune", "drop nodes that nothing needs", run_prune},
    {0},
};

const NcPass *nc_pass_by_name(const char *name) {
  for (const NcPass *pass = nc_passes; pass->name; pass++)
    if (strcmp(pass->name, name) == 0)
      return pass;
  return NULL;
}

#ifndef NDEBUG
static void verify(const NcPass *pass, const NcModule *module) {
  NcArena *arena = nc_arena_create();
  NcText text = nc_text_create(arena);
  if (!nc_module_verify(module, &text)) {
    nc_module_print(&text, module, NULL);
    fprintf(stderr, "netc: internal error: after pass %s:\n%s", pass->name, text.data);
    abort();
  }
  nc_arena_destroy(arena);
}
#endif

bool nc_pass_run(const NcPass *pass, NcModule *module, NcDiags *diags) {
  if (!pass->run(module, diags))
    return false;
#ifndef NDEBUG
  verify(pass, module);
#endif
  return true;
}

bool nc_passes_run(NcModule *module, NcDiags *diags, NcPassHook after, void *context) {
  static const char *const order[] = {"cse", "train_step", "metrics", "sums", "simplify"};
  for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
    const NcPass *pass = nc_pass_by_name(order[i]);
    if (!nc_pass_run(pass, module, diags))
      return false;
    if (after)
      after(context, pass, module);
  }
  return true;
}
