// netc plan: what will run, where it lies, and how much work it is.
#include "driver/columns.h"
#include "driver/compile.h"
#include "driver/help.h"
#include "driver/load.h"
#include "driver/memory.h"
#include "driver/profile.h"
#include "driver/select.h"
#include "driver/work.h"
#include "netc_rt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static double mega(NcDim dim, int64_t batch) { return (double)nc_dim_value(dim, batch) / 1e6; }

static const NcColumn columns[] = {
    {.head = "line", .right = true},  {.head = "computes"},
    {.head = "for", .least = 8},      {.head = "result", .least = 20},
    {.head = "MFLOP", .right = true}, {.head = "how"}};

typedef struct Table {
  NcColumns columns;
  const NcUnit *unit;
  const NcPlan *plan;
  int64_t batch;
} Table;

static const char *place_of(const NcUnit *unit, const NcNode *node) {
  int line = node->origin ? nc_source_line(unit->sources, node->origin->span) : 0;
  return line ? nc_arena_printf(unit->arena, "%d", line) : "";
}

static void add_tensor(Table *t, const NcTe *te, const char *how) {
  NcArena *arena = t->unit->arena;
  const char *path = nc_te_path(t->plan, te);
  NcCells row = {{place_of(t->unit, te->node), nc_work_name(t->plan, te), path ? path : "-",
                  nc_type_format(arena, &te->type),
                  nc_arena_printf(arena, "%.3f", mega(nc_work_flops(te), t->batch)), how}};
  nc_vec_push(arena, t->columns.rows, row);
}

static void add_call(Table *t, const NcCall *call) {
  add_tensor(t, call->te, nc_work_how(t->unit->arena, call));
  for (const NcTe *te = call->te->next; te; te = te->next)
    add_tensor(t, te, "same loop");
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
  printf("memory    %.2f MB at batch %" PRId64 ", and %.2f MB for each thread\n",
         (double)(plan->arena_fixed + plan->arena_sample * batch) / 1e6, batch,
         (double)plan->local_bytes / 1e6);
  printf("at most   %.2f MB are alive", (double)peak.bytes / 1e6);
  if (peak.call)
    printf(", at %s%s%s", nc_work_name(plan, peak.call->te), path ? " " : "", path ? path : "");
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
  const char *title = nc_arena_printf(unit->arena, "%s of %s, batch %" PRId64 ", for %s",
                                      graph->name, unit->sources->files.items[unit->file].name,
                                      batch, nc_work_target(unit->arena, &target));
  nc_help_wrap(stdout, title, 0, 2);
  printf("\n");
  Table table = {.columns = {unit->arena, columns, sizeof columns / sizeof *columns},
                 .unit = unit,
                 .plan = plan,
                 .batch = batch};
  double work = 0;
  for (int p = 0; p < plan->phases.count; p++) {
    const NcCalls *calls = &plan->phases.items[p].calls;
    for (int i = 0; i < calls->count; i++) {
      add_call(&table, &calls->items[i]);
      work += mega(nc_work_call_flops(&calls->items[i]), batch);
    }
  }
  nc_columns_print(&table.columns);
  print_totals(unit, plan, batch, work);
  return NC_EXIT_OK;
}

// What says how to profile says nothing to a plan that does not run.
static bool is_sensible(const NcOptions *o) {
  const char *stray = o->dataset       ? "--dataset"
                      : o->data        ? "--data"
                      : o->plot        ? "--plot"
                      : o->json        ? "--json"
                      : o->seed >= 0   ? "--seed"
                      : o->seconds > 0 ? "--seconds"
                                       : NULL;
  if (stray && !o->profile)
    fprintf(stderr, "netc plan: %s goes with --profile\n'netc plan --help' shows the usage\n",
            stray);
  return o->profile || !stray;
}

static int run(const NcOptions *options) {
  NcUnit unit;
  if (!is_sensible(options))
    return NC_EXIT_USAGE;
  if (!nc_unit_open_any(&unit, options))
    return NC_EXIT_INPUT;
  int code = !nc_unit_check(&unit, false) ? NC_EXIT_INPUT
             : options->profile           ? nc_profile(&unit, options)
                                          : print_plan(&unit, options);
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
        "tile or a call of BLAS.\n"
        "\n"
        "With --profile it runs, on one thread, and shows what was measured: a line for each node "
        "of the source,\n"
        "its gradient apart, with time, share, operations, bytes of operands and results, and the "
        "share of the\n"
        "multiply-adds that the processor can do at most. It runs on the file's data if they are "
        "there, else on\n"
        "random numbers.",
    .example = "netc plan examples/mnist/mnist.net",
    .options = " --set --graph --batch --profile --seconds --data --dataset --seed --plot --json "
               "--threads "
               "--max-memory --target --cpu --math --timings ",
    .run = run,
};
