// netc plan: what will run, where it lies, and how much work it is.
#include "driver/compile.h"
#include "driver/load.h"
#include "driver/memory.h"
#include "driver/select.h"
#include "driver/work.h"
#include "netc_rt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static double mega(NcDim dim, int64_t batch) { return (double)nc_dim_value(dim, batch) / 1e6; }

static void print_place(NcText *t, const NcUnit *unit, const NcNode *node) {
  const NcOrigin *origin = node->origin;
  if (!origin || origin->span.file < 0)
    return;
  int line, column;
  nc_source_position(unit->sources, origin->span.file, origin->span.begin, &line, &column);
  nc_text_printf(t, "%d", line);
}

static void print_tensor(const NcUnit *unit, const NcPlan *plan, const NcTe *te, int64_t batch,
                         const char *how) {
  NcText line = nc_text_create(unit->arena);
  nc_text_append(&line, "");
  print_place(&line, unit, te->node);
  const char *path = nc_te_path(plan, te);
  printf("%5s  %-18s %-28s %-24s %10.3f  %s\n", line.data, nc_work_name(plan, te),
         path ? path : "-", nc_type_format(unit->arena, &te->type), mega(nc_work_flops(te), batch),
         how);
}

static void print_call(const NcUnit *unit, const NcPlan *plan, const NcCall *call, int64_t batch) {
  print_tensor(unit, plan, call->te, batch, nc_work_how(unit->arena, call));
  for (const NcTe *te = call->te->next; te; te = te->next)
    print_tensor(unit, plan, te, batch, "same loop");
}

static void print_totals(const NcUnit *unit, const NcPlan *plan, int64_t batch, double work) {
  int64_t params = 0, param_bytes = 0, state_bytes = 0;
  const NcModule *m = unit->program->module;
  for (int i = 0; i < m->variables.count; i++) {
    const NcVariable *v = m->variables.items[i];
    int64_t count = nc_type_elements(&v->type).c,
            bytes = count * (int64_t)nc_dtype_size(v->type.dtype);
    if (v->kind == NC_VAR_PARAM)
      params += count, param_bytes += bytes;
    else
      state_bytes += bytes;
  }
  NcPeak peak = nc_plan_peak(plan, batch);
  const char *path = peak.call ? nc_te_path(plan, peak.call->te) : NULL;
  printf("\nparams    %" PRId64 " values, %.2f MB; optimizer state and metrics %.2f MB\n", params,
         (double)param_bytes / 1e6, (double)state_bytes / 1e6);
  printf("work      %.1f MFLOP a step, %.2f a sample\n", work, work / (double)batch);
  printf("memory    %.2f MB at batch %" PRId64 ", and %.2f MB for each thread; most alive: %.2f MB",
         (double)(plan->arena_fixed + plan->arena_sample * batch) / 1e6, batch,
         (double)plan->local_bytes / 1e6, (double)peak.bytes / 1e6);
  if (peak.call)
    printf(", at %s %s", nc_work_name(plan, peak.call->te), path ? path : "");
  printf("\n");
}

static int print_plan(NcUnit *unit, const NcOptions *options) {
  NcTarget target;
  if (!nc_unit_passes(unit, NULL, NULL))
    return NC_EXIT_INPUT;
  if (!nc_unit_target(unit, options, &target))
    return NC_EXIT_USAGE;
  const NcGraph *graph = nc_select_graph(unit->program->module, options->graph);
  if (!graph)
    return NC_EXIT_INPUT;
  int64_t batch = options->batch > 0               ? options->batch
                  : unit->program->train.batch > 0 ? unit->program->train.batch
                                                   : 1;
  NcPlan *plan = nc_plan_graph(unit->arena, graph, &target);
  int64_t threads = options->threads > 0 ? options->threads : ncrt_processor_count();
  NcEmitEntry entry = {graph->name, plan};
  nc_timings_mark(&unit->timings, "plan");
  if (!nc_memory_check(unit, &entry, 1, batch, threads, options->max_memory))
    return NC_EXIT_INPUT;
  printf("%s of %s, batch %" PRId64 ", for %s (%d-byte vectors%s%s)\n\n", graph->name,
         unit->sources->files.items[unit->file].name, batch, target.cpu, target.vector_bytes,
         target.fma ? ", fused multiply-add" : "", target.portable ? ", portable" : "");
  printf("%5s  %-18s %-28s %-24s %10s  %s\n", "line", "computes", "for", "result", "MFLOP", "how");
  double work = 0;
  for (int p = 0; p < plan->phases.count; p++) {
    const NcCalls *calls = &plan->phases.items[p].calls;
    for (int i = 0; i < calls->count; i++) {
      print_call(unit, plan, &calls->items[i], batch);
      work += mega(nc_work_call_flops(&calls->items[i]), batch);
    }
  }
  print_totals(unit, plan, batch, work);
  return NC_EXIT_OK;
}

static int run(const NcOptions *options) {
  NcUnit unit;
  if (!nc_unit_open_any(&unit, options))
    return NC_EXIT_INPUT;
  int code = nc_unit_check(&unit, false) ? print_plan(&unit, options) : NC_EXIT_INPUT;
  nc_unit_close(&unit);
  return code;
}

const NcCommand nc_command_plan = {
    .name = "plan",
    .argument = "FILE.net",
    .summary = "Show what a step runs: kernels, shapes, work, memory, and how each is done.",
    .details =
        "One line a value, in order: the line of the source it serves, what it is, its "
        "shape, its\n"
        "floating-point operations, and whether it is computed by a loop, that of the value above, "
        "a register\n"
        "tile or a call of BLAS.",
    .example = "netc plan examples/mnist/mnist.net",
    .options = " --set --graph --batch --threads --max-memory --cpu --math --timings ",
    .run = run,
};
