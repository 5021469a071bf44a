// bench_step: how long a training step takes, beside what fused multiply-adds alone would need, and
// in turn with another program.
//
//   bench_step [--data DIR] [--batch N] [--threads N] [--cpu NAME] [--math MODE]
//              [--against COMMAND] [--json [--seconds S]] FILE.net
//
// With --json it measures alone, for so many seconds, and prints one object: the median of a step
// in milliseconds and its GFLOPs as written, the losses of the first step and of the last ones, the
// number of params.
//
// Each round runs a number of steps of each, A B A B, so that slow drifts of the machine hit both.
// COMMAND is run by the shell and prints `median T ms` somewhere: its time of a step.
#include "measure.h"

#include "driver/experiment.h"
#include "driver/stored.h"
#include "driver/work.h"
#include "kernel/lower.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 7, STEPS = 60, MAX_STEPS_KEPT = ROUNDS * STEPS };
// With --json: steps before those that are timed, timed ones at most, and the last losses' number.
enum { WARMUP = 20, MAX_TIMED = 100000, LAST = 10 };

typedef struct Bench {
  NcUnit unit;
  NcExperiment experiment;
  const NcrtDataset *data;
  NcrtFeed feed;
  int entry;
  int64_t batch;
  double flops; // of a step, as written
} Bench;

static const char *const entries[] = {"initialize", "train_step", NULL};

static int open_bench(Bench *b, const NcOptions *options) {
  NcUnit *unit = &b->unit;
  if (!nc_unit_check(unit, true))
    return NC_EXIT_INPUT;
  const NcTrain *train = &unit->program->train;
  if (!train->present || train->data < 0) {
    fprintf(stderr, "bench_step: %s has no train block with data\n", options->file);
    return NC_EXIT_INPUT;
  }
  nc_experiment_open(&b->experiment, unit);
  if (!(b->data = nc_experiment_data(&b->experiment, train->data)))
    return NC_EXIT_INPUT;
  b->batch = options->batch > 0 ? options->batch : train->batch;
  NcrtStatus status = {0};
  int code = nc_experiment_compile(&b->experiment, options, entries, b->batch, 1);
  if (code)
    return code;
  b->entry = ncrt_session_entry(b->experiment.session, "train_step");
  if (!nc_stored_initialize(&b->experiment, &status) ||
      !ncrt_feed_open(&b->feed, b->experiment.session, b->entry, b->data, b->batch, true, true,
                      &status))
    return nc_fail_status(&status);
  return NC_EXIT_OK;
}

// The operations of sums of products as the program has them, zeros that the compiler skips
// included.
static double count_flops(Bench *b) {
  const NcGraph *graph = nc_module_graph(b->unit.program->module, "train_step");
  const NcTensorGraph *tensors = nc_lower_graph(b->unit.arena, graph);
  double total = 0;
  for (int i = 0; i < tensors->builder.tensors.count; i++) {
    const NcTe *te = tensors->builder.tensors.items[i];
    if (te->kind == NC_TE_COMPUTE && nc_work_is_product(te))
      total += (double)nc_dim_value(nc_work_flops(te), b->batch);
  }
  return total;
}

// Times one step of a whole batch: a shorter one at the end of an epoch runs unseen.
static bool run_step(Bench *b, double *milliseconds) {
  NcrtSession *session = b->experiment.session;
  NcrtStatus status = {0};
  double begin;
  int64_t count;
  do {
    begin = bench_now();
    count = ncrt_feed_next(&b->feed);
    ncrt_session_set_step(session, ncrt_session_step(session) + 1);
    if (count > 0 && !ncrt_session_run(session, b->entry, count, b->feed.inputs, &status)) {
      nc_fail_status(&status);
      return false;
    }
  } while (count != b->batch);
  *milliseconds = (bench_now() - begin) * 1e3;
  return true;
}

static bool run_steps(Bench *b, double *milliseconds) {
  for (int i = 0; i < STEPS; i++)
    if (!run_step(b, &milliseconds[i]))
      return false;
  return true;
}

static double loss(const Bench *b) {
  const NcrtSession *session = b->experiment.session;
  const NcrtEntry *entry = &ncrt_session_program(session)->entries[b->entry];
  double value = 0;
  ncrt_session_scalar(session, b->entry, entry->results[0].name, &value);
  return value;
}

static long long count_params(const Bench *b) {
  const NcrtProgram *program = ncrt_session_program(b->experiment.session);
  long long count = 0;
  for (int i = 0; i < program->variable_count; i++)
    if (program->variables[i].kind == NCRT_PARAM)
      count += ncrt_shape_elements(&program->variables[i].shape, 1);
  return count;
}

static int run_alone(Bench *b, double seconds) {
  static double times[MAX_TIMED];
  double first = 0, last[LAST] = {0}, sum = 0, unused, begin = 0;
  int timed = 0;
  for (int i = 0; timed < MAX_TIMED; i++) {
    if (i == WARMUP)
      begin = bench_now();
    if (!run_step(b, i < WARMUP ? &unused : &times[timed++]))
      return NC_EXIT_INPUT;
    last[i % LAST] = loss(b);
    first = i == 0 ? last[0] : first;
    if (timed >= WARMUP && bench_now() - begin > seconds)
      break;
  }
  for (int i = 0; i < LAST; i++)
    sum += last[i];
  printf("{\"median_ms\": %.6f, \"steps\": %d, \"params\": %lld, "
         "\"gflop\": %.6f, \"first_loss\": %.6f, "
         "\"last_loss\": %.6f}\n",
         bench_median(times, timed), timed, count_params(b), b->flops / 1e9, first, sum / LAST);
  return NC_EXIT_OK;
}

// The time that the other program prints; negative if it prints none.
static double run_other(const char *command) {
  FILE *out = popen(command, "r");
  double time = -1;
  char line[1024];
  while (out && fgets(line, sizeof line, out)) {
    const char *at = strstr(line, "median ");
    if (at && time < 0)
      time = strtod(at + 7, NULL);
  }
  if (!out || pclose(out) != 0 || time <= 0) {
    fprintf(stderr, "bench_step: `%s` printed no `median T ms`\n", command);
    return -1;
  }
  return time;
}

static int run_rounds(Bench *b, const char *against) {
  static double own[MAX_STEPS_KEPT], all_own[ROUNDS], all_other[ROUNDS], ratios[ROUNDS];
  for (int r = 0; r < ROUNDS; r++) {
    if (!run_steps(b, own))
      return NC_EXIT_INPUT;
    all_own[r] = bench_median(own, STEPS);
    printf("round %d: %.2f ms", r + 1, all_own[r]);
    if (against) {
      all_other[r] = run_other(against);
      if (all_other[r] < 0)
        return NC_EXIT_INPUT;
      ratios[r] = all_own[r] / all_other[r];
      printf(", the other %.2f ms, ratio %.3f", all_other[r], ratios[r]);
    }
    printf("\n");
    fflush(stdout);
  }
  double time = bench_median(all_own, ROUNDS);
  printf("median %.2f ms a step of %lld samples, %.1f GFLOP/s\n", time, (long long)b->batch,
         b->flops / time / 1e6);
  if (against)
    printf("the other %.2f ms; ratio, median of the rounds: %.3f\n",
           bench_median(all_other, ROUNDS), bench_median(ratios, ROUNDS));
  return NC_EXIT_OK;
}

static int run(const NcOptions *options) {
  Bench b = {0};
  if (!nc_unit_open(&b.unit, options))
    return NC_EXIT_INPUT;
  int code = open_bench(&b, options);
  if (code == NC_EXIT_OK)
    b.flops = count_flops(&b);
  if (code == NC_EXIT_OK && options->json == 1) {
    code = run_alone(&b, options->seconds > 0 ? (double)options->seconds : 3);
  } else if (code == NC_EXIT_OK) {
    int threads = options->threads > 0 ? (int)options->threads : ncrt_processor_count();
    double alone = bench_fma_peak(1), together = bench_fma_peak(threads);
    printf("%d threads; multiply-adds alone: %.1f GFLOP/s on one, %.1f on %d (%.3f times)\n",
           threads, alone, together, threads, together / alone);
    code = run_rounds(&b, options->against);
  }
  ncrt_feed_close(&b.feed);
  nc_experiment_close(&b.experiment);
  nc_unit_close(&b.unit);
  return code;
}

int main(int argc, char **argv) {
  static const NcCommand command = {
      .name = "step",
      .argument = "FILE.net",
      .summary = "Time a training step.",
      .example = "bench_step examples/mnist/mnist.net --data examples/mnist/data",
      .options = " --data --batch --threads --cpu --math --against --json --seconds ",
      .run = run};
  NcOptions options;
  int code;
  if (nc_options_read(&command, argc - 1, argv + 1, &options, &code))
    code = command.run(&options);
  return code;
}
