// bench_optimizer: how fast the optimizer goes over memory, beside a loop that copies f32.
//
//   bench_optimizer [--threads N] [--batch N] [--cpu NAME] [--math MODE] FILE.net
//
// Only the phases that update variables are timed; the gradients are in memory by then. What is
// counted is what an update needs: every variable and gradient that it reads once, every variable
// that it writes once. The copy goes through two arrays that are larger than any cache, shared by
// as many threads, and counts what it reads and writes: by plain stores, and by stores that go past
// the caches. Rounds of all three alternate. The best of all rounds is compared, since whatever
// disturbs only adds; the medians are shown too.
#include "measure.h"

#include "driver/experiment.h"
#include "driver/stored.h"
#include "kernel/expr.h"
#include "kernel/layout.h"
#include "workers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 40, COPY_FLOATS = 1 << 26 };

// What takes turns.
enum { OPTIMIZER, COPY, STREAM, WAYS };

typedef struct Bench {
  NcUnit unit;
  NcExperiment experiment;
  int entry, first, end; // the phases that update
  int64_t batch, bytes;  // that they need
  const void **inputs;
  int threads;
  NcrtWorkers *workers;
  float *from, *to;
  void (*copy)(float *to, const float *from, long count);
} Bench;

// What the updating phases need to go through.
typedef struct Needs {
  const NcPlan *plan;
  bool *seen, *made; // by id: counted; computed by these phases
  int64_t bytes;
} Needs;

static int64_t bytes_of(const NcTe *te) {
  return nc_type_elements(&te->type).c * (int64_t)nc_dtype_size(te->type.dtype);
}

static void count_read(void *context, NcExpr *load) {
  Needs *n = context;
  const NcTe *root = nc_te_storage_of(load->tensor);
  if (!n->seen[root->id] && !n->made[root->id])
    n->bytes += bytes_of(root);
  n->seen[root->id] = true;
}

static int64_t count_bytes(NcArena *arena, const NcPlan *plan) {
  int ids = plan->tensors->builder.next_id;
  Needs n = {plan, NC_NEW_ARRAY(arena, bool, ids), NC_NEW_ARRAY(arena, bool, ids), 0};
  for (int pass = 0; pass < 2; pass++)
    for (int p = plan->update_phase; p < plan->phases.count; p++) {
      const NcCalls *calls = &plan->phases.items[p].calls;
      for (int i = 0; i < calls->count; i++) {
        const NcTe *lead = calls->items[i].te;
        for (const NcTe *te = pass == 0 ? lead : NULL; te; te = te->next)
          n.made[te->id] = true;
        if (pass == 1)
          nc_siblings_loads(lead, count_read, &n);
      }
    }
  for (int i = 0; i < plan->graph->updates.count; i++)
    n.bytes += bytes_of(plan->tensors->updates[i]);
  return n.bytes;
}

static void *filled(size_t bytes) {
  float *memory = aligned_alloc(64, (bytes + 127) / 64 * 64);
  if (!memory)
    exit(NC_EXIT_MACHINE);
  memset(memory, 0, bytes);
  for (size_t i = 0; i < bytes / sizeof *memory; i++)
    memory[i] = (float)((i * 2654435761u >> 8) % 1000) / 1000 - 0.5f;
  return memory;
}

static int open_bench(Bench *b, const NcOptions *options) {
  static const char *const entries[] = {"initialize", "train_step", NULL};
  if (!nc_unit_check(&b->unit, false))
    return NC_EXIT_INPUT;
  nc_experiment_open(&b->experiment, &b->unit);
  b->batch = options->batch > 0 ? options->batch : b->unit.program->train.batch;
  int code = nc_experiment_compile(&b->experiment, options, entries, b->batch, 1);
  if (code)
    return code;
  NcrtSession *session = b->experiment.session;
  b->entry = ncrt_session_entry(session, "train_step");
  if (b->entry < 0) {
    fprintf(stderr, "bench_optimizer: %s has no train block\n", options->file);
    return NC_EXIT_INPUT;
  }
  NcTarget target;
  if (!nc_unit_target(&b->unit, options, &target))
    return NC_EXIT_USAGE;
  const NcGraph *graph = nc_module_graph(b->unit.program->module, "train_step");
  b->bytes = count_bytes(b->unit.arena, nc_plan_graph(b->unit.arena, graph, &target));
  const NcrtEntry *entry = &b->experiment.compiled->program.entries[b->entry];
  b->first = entry->update_phase;
  b->end = entry->phase_count;
  b->inputs = NC_NEW_ARRAY(b->unit.arena, const void *, entry->input_count + 1);
  for (int i = 0; i < entry->input_count; i++) {
    const NcType *type = &graph->inputs.items[i]->type;
    int64_t count = nc_dim_value(nc_type_elements(type), b->batch);
    b->inputs[i] = filled((size_t)count * nc_dtype_size(type->dtype));
  }
  return NC_EXIT_OK;
}

static bool run_phases(Bench *b, int first, int end) {
  NcrtStatus status = {0};
  if (ncrt_session_run_phases(b->experiment.session, b->entry, first, end, b->batch, b->inputs,
                              &status))
    return true;
  nc_fail_status(&status);
  return false;
}

static void copy_piece(void *context, int worker, int64_t piece) {
  (void)worker;
  const Bench *b = context;
  int64_t count = COPY_FLOATS / b->threads;
  b->copy(b->to + piece * count, b->from + piece * count, count);
}

// GB/s of one round.
static double time_way(Bench *b, int way) {
  double begin = bench_now(), bytes = 2.0 * COPY_FLOATS * sizeof(float);
  if (way == OPTIMIZER) {
    if (!run_phases(b, b->first, b->end))
      return -1;
    bytes = (double)b->bytes;
  } else {
    b->copy = way == COPY ? bench_copy : bench_stream;
    ncrt_workers_run(b->workers, b->threads, copy_piece, b);
  }
  return bytes / (bench_now() - begin) / 1e9;
}

static int compare(Bench *b) {
  static const char *const names[WAYS] = {"optimizer", "copy", "copy past the caches"};
  static double rates[WAYS][ROUNDS];
  double best[WAYS] = {0};
  for (int r = 0; r < ROUNDS; r++)
    for (int way = 0; way < WAYS; way++) {
      rates[way][r] = time_way(b, way);
      if (rates[way][r] < 0)
        return NC_EXIT_INPUT;
      best[way] = rates[way][r] > best[way] ? rates[way][r] : best[way];
    }
  printf("%d thread%s, %.1f MB an update\n", b->threads, b->threads == 1 ? "" : "s",
         (double)b->bytes / 1e6);
  for (int way = 0; way < WAYS; way++)
    printf("%-20s best %6.2f GB/s, median %6.2f GB/s\n", names[way], best[way],
           bench_median(rates[way], ROUNDS));
  for (int way = COPY; way < WAYS; way++)
    printf("of %s: best %.1f %%, median %.1f %%\n", names[way], 100 * best[OPTIMIZER] / best[way],
           100 * rates[OPTIMIZER][ROUNDS / 2] / rates[way][ROUNDS / 2]);
  return NC_EXIT_OK;
}

static int run(const NcOptions *options) {
  Bench b = {0};
  if (!nc_unit_open(&b.unit, options))
    return NC_EXIT_INPUT;
  b.threads = options->threads > 0 ? (int)options->threads : ncrt_processor_count();
  int code = open_bench(&b, options);
  NcrtStatus status = {0};
  if (code == NC_EXIT_OK && !ncrt_workers_open(b.threads, &b.workers, &status))
    code = nc_fail_status(&status);
  if (code == NC_EXIT_OK) {
    b.from = filled(COPY_FLOATS * sizeof(float));
    b.to = filled(COPY_FLOATS * sizeof(float));
    NcrtSession *session = b.experiment.session;
    if (!nc_stored_initialize(&b.experiment, &status))
      code = nc_fail_status(&status);
    ncrt_session_set_step(session, 1);
    // Once whole: the gradients stay in memory.
    if (code == NC_EXIT_OK)
      code = run_phases(&b, 0, b.end) ? compare(&b) : NC_EXIT_INPUT;
  }
  ncrt_workers_close(b.workers);
  nc_experiment_close(&b.experiment);
  nc_unit_close(&b.unit);
  free(b.from);
  free(b.to);
  return code;
}

int main(int argc, char **argv) {
  static const NcCommand command = {
      .name = "optimizer",
      .argument = "FILE.net",
      .summary = "Time the updates of a training step beside a copy.",
      .example = "bench_optimizer --threads 1 bench/programs/adam.net",
      .options = " --batch --threads --cpu --math ",
      .run = run,
  };
  NcOptions options;
  int code;
  if (nc_options_read(&command, argc - 1, argv + 1, &options, &code))
    code = command.run(&options);
  return code;
}
