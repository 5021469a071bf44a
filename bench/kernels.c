// bench_kernels: how fast each kernel of a plan is, alone and with its operands in cache, beside
// the peak of fused multiply-adds of one core.
//
//   bench_kernels [--graph NAME] [--batch N] [--cpu NAME] FILE.net
//
// Columns: the time of a batch, FLOPs as written, and the share of the peak; "padded" counts the
// vector axis of a sum of products as the vectors that the machine computes.
#include "measure.h"

#include "driver/load.h"
#include "driver/select.h"
#include "driver/work.h"
#include "emit/jit.h"
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPEATS = 15 };

typedef struct Bench {
  NcUnit unit;
  NcTarget target;
  const NcPlan *plan; // a call a phase
  NcJit *jit;
  NcrtFrame frame;
  int64_t batch;
  double peak;
  double total;                       // seconds of all calls
  double conv_seconds, conv_flops[2]; // of convolutions and their gradients: as written, padded
} Bench;

// The same plan with a phase for each call, so that each can be called alone.
static NcPlan *split_phases(NcArena *arena, const NcPlan *plan) {
  NcPlan *split = NC_NEW(arena, NcPlan);
  *split = *plan;
  memset(&split->phases, 0, sizeof split->phases);
  for (int i = 0; i < plan->phases.count; i++) {
    const NcPhase *phase = &plan->phases.items[i];
    for (int k = 0; k < phase->calls.count; k++) {
      NcPhase one = {.chunked = phase->chunked, .pieces = 1};
      nc_vec_push(arena, one.calls, phase->calls.items[k]);
      if (k == 0)
        one.begin = phase->begin;
      nc_vec_push(arena, split->phases, one);
    }
  }
  return split;
}

static NcrtPhase code_of(const Bench *b, const char *what, int number) {
  char name[64];
  snprintf(name, sizeof name, "bench.%s%d", what, number);
  return nc_jit_phase(b->jit, name);
}

static void *zeroed(size_t bytes) {
  size_t rounded = (bytes + 127) / 64 * 64;
  void *memory = aligned_alloc(64, rounded);
  if (!memory)
    exit(3);
  return memset(memory, 0, rounded);
}

// Small numbers, so that no sum overflows and no time is lost to subnormals; integers from `low` to
// below `high`.
static void *filled(const NcType *type, int64_t batch, int64_t low, int64_t high) {
  int64_t count = nc_dim_value(nc_type_elements(type), batch);
  NcTensor tensor = {.type = {.dtype = type->dtype, .rank = 1, .dims = {nc_dim(count)}},
                     .count = count,
                     .data = zeroed((size_t)count * nc_dtype_size(type->dtype))};
  uint32_t random = 1;
  for (int64_t i = 0; i < count; i++) {
    random = random * 1664525u + 1013904223u;
    double u = (double)(random >> 8) / 16777216;
    if (nc_dtype_is_float(type->dtype))
      nc_tensor_set(&tensor, i, (u - 0.5) * 0.2);
    else
      nc_tensor_set_int(&tensor, i, low + (int64_t)(u * (double)(high - low)));
  }
  return tensor.data;
}

// An input's values; without a range bytes are of any value but 0, which lets sums be left out, and
// other integers 1.
static void *fed(const Bench *b, const NcNode *node) {
  for (int i = 0; i < b->unit.program->inputs.count; i++) {
    const NcInput *input = &b->unit.program->inputs.items[i];
    if (input->has_range && strcmp(input->name, node->name) == 0)
      return filled(&node->type, b->batch, input->low, input->high);
  }
  return filled(&node->type, b->batch, 1, node->type.dtype == NC_U8 ? 256 : 2);
}

static void open_frame(Bench *b) {
  const NcGraph *g = b->plan->graph;
  int inputs = g->inputs.count, variables = g->module->variables.count;
  void **buffers = NC_NEW_ARRAY(b->unit.arena, void *, inputs + variables + 1);
  for (int i = 0; i < inputs; i++)
    buffers[i] = fed(b, g->inputs.items[i]);
  for (int i = 0; i < variables; i++)
    buffers[inputs + i] = filled(&g->module->variables.items[i]->type, b->batch, 0, 1);
  b->frame = (NcrtFrame){
      .table = ncrt_table(),
      .arena = zeroed((size_t)(b->plan->arena_fixed + b->plan->arena_sample * b->batch)),
      .local = zeroed((size_t)b->plan->local_bytes),
      .buffers = buffers,
      .batch = b->batch,
      .max_batch = b->batch,
      .step = 1,
      .fault_node = -1};
  NcrtPhase prepare = code_of(b, "prepare", 0), prepare_local = code_of(b, "prepare", 1);
  if (prepare)
    prepare(&b->frame, 0, b->batch);
  if (prepare_local)
    prepare_local(&b->frame, 0, NC_CHUNK);
}

static void run_call(Bench *b, NcrtPhase code, bool chunked) {
  if (!chunked) {
    code(&b->frame, 0, 1);
    return;
  }
  for (int64_t n = 0; n < b->batch; n += NC_CHUNK)
    code(&b->frame, n, n + NC_CHUNK < b->batch ? n + NC_CHUNK : b->batch);
}

// Seconds of one batch: the least of several runs, as whatever disturbs only adds.
static double time_call(Bench *b, NcrtPhase code, bool chunked) {
  double begin = bench_now();
  run_call(b, code, chunked);
  double once = bench_now() - begin;
  int times = once > 2e-3 ? 1 : (int)(2e-3 / (once + 1e-9)) + 1;
  double best = 1e30;
  for (int i = 0; i < REPEATS; i++) {
    begin = bench_now();
    for (int k = 0; k < times; k++)
      run_call(b, code, chunked);
    double seconds = (bench_now() - begin) / times;
    best = seconds < best ? seconds : best;
  }
  return best;
}

static bool is_convolution(const NcTe *te) {
  const NcNode *node = te->source ? te->source : te->node;
  return nc_work_is_product(te) && strncmp(node->op->name, "conv", 4) == 0;
}

static void print_call(Bench *b, int number) {
  const NcPhase *phase = &b->plan->phases.items[number];
  const NcCall *call = &phase->calls.items[0];
  double seconds = time_call(b, code_of(b, "phase", number), phase->chunked);
  double flops = (double)nc_dim_value(nc_work_call_flops(call), b->batch);
  double padded = flops * (call->kernel ? call->kernel->padding : 1);
  const char *path = nc_te_path(b->plan, call->te);
  b->total += seconds;
  if (is_convolution(call->te)) {
    b->conv_seconds += seconds;
    b->conv_flops[0] += flops;
    b->conv_flops[1] += padded;
  }
  printf("%-18s %-24s %-22s %9.1f us %9.3f MFLOP %7.1f GFLOP/s", nc_work_name(b->plan, call->te),
         path ? path : "-", nc_type_format(b->unit.arena, &call->te->type), seconds * 1e6,
         flops / 1e6, flops / seconds / 1e9);
  if (nc_work_is_product(call->te))
    printf("  %5.1f %% padded %5.1f %%", 100 * flops / seconds / 1e9 / b->peak,
           100 * padded / seconds / 1e9 / b->peak);
  printf("  %s\n", nc_work_how(b->unit.arena, call));
}

static int run(Bench *b, const NcOptions *options) {
  if (!nc_unit_check(&b->unit, false) || !nc_unit_passes(&b->unit, NULL, NULL) ||
      !nc_unit_target(&b->unit, options, &b->target))
    return NC_EXIT_INPUT;
  const NcGraph *graph = nc_select_graph(b->unit.program->module, options->graph);
  if (!graph)
    return NC_EXIT_INPUT;
  b->plan = split_phases(b->unit.arena, nc_plan_graph(b->unit.arena, graph, &b->target));
  b->batch = options->batch > 0 ? options->batch : 128;
  NcEmitEntry entry = {"bench", b->plan};
  const char *message = NULL;
  b->jit = nc_jit_compile(b->unit.arena, &entry, 1, &b->target, &message);
  if (!b->jit) {
    fprintf(stderr, "bench_kernels: %s\n", message);
    return NC_EXIT_MACHINE;
  }
  b->peak = bench_fma_peak(1);
  open_frame(b);
  printf("peak %.1f GFLOP/s, %s, batch %lld\n", b->peak, b->target.cpu, (long long)b->batch);
  for (int i = 0; i < b->plan->phases.count; i++)
    print_call(b, i);
  printf("all kernels %.3f ms\n", b->total * 1e3);
  if (b->conv_seconds > 0)
    printf("convolutions %.3f ms, %.1f %% of the peak, padded %.1f %%\n", b->conv_seconds * 1e3,
           b->conv_flops[0] / b->conv_seconds / 1e7 / b->peak,
           b->conv_flops[1] / b->conv_seconds / 1e7 / b->peak);
  return NC_EXIT_OK;
}

static int main_run(const NcOptions *options) {
  Bench b = {0};
  if (!nc_unit_open(&b.unit, options))
    return NC_EXIT_INPUT;
  int code = run(&b, options);
  nc_unit_close(&b.unit);
  return code;
}

int main(int argc, char **argv) {
  static const NcCommand command = {.name = "kernels",
                                    .argument = "FILE.net",
                                    .summary = "Time each kernel of a plan.",
                                    .example = "bench_kernels examples/mnist/mnist.net",
                                    .options = " --graph --batch --cpu --math ",
                                    .run = main_run};
  NcOptions options;
  int code;
  if (nc_options_read(&command, argc - 1, argv + 1, &options, &code))
    code = command.run(&options);
  return code;
}
