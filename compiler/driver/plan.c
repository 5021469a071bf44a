// netc plan: what will run, where it lies, and how much work it is.
#include "driver/compile.h"
#include "driver/load.h"
#include "driver/select.h"
#include "kernel/expr.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const NcCall *call_at(const NcPlan *plan, int number, int *phase) {
  for (*phase = 0; *phase < plan->phases.count; ++*phase) {
    const NcCalls *calls = &plan->phases.items[*phase].calls;
    if (number < calls->count)
      return &calls->items[number];
    number -= calls->count;
  }
  return NULL;
}

// Floating operations of a call, counting a multiplication and an addition as two; exact in N.
static NcDim flops(const NcTe *te) {
  NcDim points = nc_dim(1);
  for (int i = 0; i < te->axis_count + te->reduce_count; i++)
    if (!nc_dim_multiply(points, te->extents[i], &points))
      return nc_dim(0);
  NcDim total = points;
  nc_dim_multiply(points, nc_dim(nc_expr_cost(te->body) + (te->reduce != NC_REDUCE_NONE)), &total);
  return total;
}

static double mega(NcDim dim, int64_t batch) { return (double)nc_dim_value(dim, batch) / 1e6; }

static const char *how(NcArena *arena, const NcCall *call) {
  if (!call->kernel)
    return "BLAS";
  if (call->te->reduce == NC_REDUCE_SUM && call->te->body->kind == NC_X_MUL) {
    int lanes = 1, tile = 1;
    for (int i = 0; i < call->kernel->locals.count; i++) {
      const NcKLocal *l = &call->kernel->locals.items[i];
      lanes = l->lanes > lanes ? l->lanes : lanes;
      tile = l->count > tile ? l->count : tile;
    }
    return nc_arena_printf(arena, "tile %dx%d", tile, lanes);
  }
  return "loop";
}

static void print_place(NcText *t, const NcUnit *unit, const NcNode *node) {
  const NcOrigin *origin = node->origin;
  if (!origin || origin->span.file < 0)
    return;
  int line, column;
  nc_source_position(unit->sources, origin->span.file, origin->span.begin, &line, &column);
  nc_text_printf(t, "%d", line);
}

static void print_call(const NcUnit *unit, const NcPlan *plan, const NcCall *call, int64_t batch) {
  const NcTe *te = call->te;
  NcText line = nc_text_create(unit->arena);
  nc_text_append(&line, "");
  print_place(&line, unit, te->node);
  const NcVariable *variable = nc_call_update(plan, call);
  const NcNode *source = te->source ? te->source : te->node;
  const char *what = te->role ? te->role : variable ? "update" : source->op->name;
  const char *path = nc_call_path(plan, call);
  printf("%5s  %-18s %-28s %-24s %10.3f  %s\n", line.data, what, path ? path : "-",
         nc_type_format(unit->arena, &te->type), mega(flops(te), batch), how(unit->arena, call));
}

typedef struct Peak {
  int64_t bytes;
  int call;
} Peak;

static int64_t bytes_of(const NcPlaced *p, int64_t batch) {
  return p->fixed_bytes + p->sample_bytes * batch;
}

// The call at which most memory is alive.
static Peak find_peak(const NcPlan *plan, int calls, int64_t batch) {
  Peak peak = {0, 0};
  for (int i = 0; i < calls; i++) {
    int64_t alive = 0;
    for (int k = 0; k < plan->placed.count; k++) {
      const NcPlaced *p = &plan->placed.items[k];
      if (p->persistent || (p->first <= i && i <= p->last))
        alive += bytes_of(p, batch);
    }
    if (alive > peak.bytes)
      peak = (Peak){alive, i};
  }
  return peak;
}

static void print_totals(const NcUnit *unit, const NcPlan *plan, int64_t batch, int calls,
                         double work) {
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
  Peak peak = find_peak(plan, calls, batch);
  int phase;
  const NcCall *at = call_at(plan, peak.call, &phase);
  const char *path = at ? nc_call_path(plan, at) : NULL;
  printf("\nparams    %" PRId64 " values, %.2f MB; optimizer state and metrics %.2f MB\n", params,
         (double)param_bytes / 1e6, (double)state_bytes / 1e6);
  printf("work      %.1f MFLOP a step, %.2f a sample\n", work, work / (double)batch);
  printf("memory    %.2f MB at batch %" PRId64 ", and %.2f MB for each thread; most alive: %.2f MB",
         (double)(plan->arena_fixed + plan->arena_sample * batch) / 1e6, batch,
         (double)plan->local_bytes / 1e6, (double)peak.bytes / 1e6);
  if (at)
    printf(", at %s %s", (at->te->source ? at->te->source : at->te->node)->op->name,
           path ? path : "");
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
  printf("%s of %s, batch %" PRId64 ", for %s (%d-byte vectors%s%s)\n\n", graph->name,
         unit->sources->files.items[unit->file].name, batch, target.cpu, target.vector_bytes,
         target.fma ? ", fused multiply-add" : "", target.portable ? ", portable" : "");
  printf("%5s  %-18s %-28s %-24s %10s  %s\n", "line", "computes", "for", "result", "MFLOP", "how");
  int calls = 0, phase;
  double work = 0;
  for (const NcCall *call; (call = call_at(plan, calls, &phase)); calls++) {
    print_call(unit, plan, call, batch);
    work += mega(flops(call->te), batch);
  }
  print_totals(unit, plan, batch, calls, work);
  return NC_EXIT_OK;
}

static int run(const NcOptions *options) {
  NcUnit unit;
  if (!nc_unit_open(&unit, options))
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
        "One line a kernel, in order: the line of the source it serves, what it computes, its "
        "result, its\n"
        "floating-point operations, and whether it is a loop, a register tile or a call of BLAS.",
    .example = "netc plan examples/mnist/mnist.net",
    .options = " --graph --batch --cpu --math ",
    .run = run,
};
