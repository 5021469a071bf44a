// Tries a training for a few steps.
#include "driver/trial.h"

#include <inttypes.h>
#include <stdio.h>

// As many steps as fit into half a second, but ten at most.
#define ENOUGH_SECONDS 0.5
#define ENOUGH_STEPS 10

typedef struct Trial {
  double last;           // when the last step ended
  double first, fastest; // seconds of a step: the first also touches memory for the first time
  double total;
  int64_t steps;
  volatile sig_atomic_t stop;
} Trial;

static void on_begin(void *context, const NcrtPass *pass) {
  (void)pass;
  ((Trial *)context)->last = nc_seconds();
}

static void on_step(void *context, const NcrtPass *pass) {
  Trial *trial = context;
  double time = nc_seconds(), seconds = time - trial->last;
  trial->last = time;
  trial->total += seconds;
  if (trial->steps++ == 0)
    trial->first = trial->fastest = seconds;
  trial->fastest = seconds < trial->fastest ? seconds : trial->fastest;
  // The last batch may be smaller than the others; and an epoch's end is not reached.
  bool last = pass->done + ncrt_session_max_batch(pass->session) >= pass->samples;
  trial->stop = last || trial->steps == ENOUGH_STEPS || trial->total > ENOUGH_SECONDS;
}

static void print_time(double seconds) {
  if (seconds < 1)
    printf("%.3g ms", 1e3 * seconds);
  else if (seconds < 120)
    printf("%.3g s", seconds);
  else
    printf("%" PRId64 " min", (int64_t)(seconds / 60 + 0.5));
}

static int64_t steps_of(const NcrtTraining *training) {
  int64_t full = training->data->rows / training->batch;
  bool rest = training->data->rows % training->batch > 0 && (!training->drop_last || full == 0);
  return full + rest;
}

static int64_t data_bytes(const NcExperiment *e) {
  int64_t bytes = 0;
  for (int i = 0; i < e->unit->program->datasets.count; i++)
    for (int k = 0; !e->datasets[i].is_part && k < e->datasets[i].count; k++)
      bytes += e->datasets[i].bound[k].array.header.data_bytes;
  return bytes;
}

static int64_t variable_bytes(const NcExperiment *e, bool params) {
  int64_t bytes = 0;
  const NcrtProgram *program = &e->compiled->program;
  for (int i = 0; i < program->variable_count; i++)
    if (!params || program->variables[i].kind == NCRT_PARAM)
      bytes += ncrt_shape_bytes(&program->variables[i].shape, 1);
  return bytes;
}

static void print(const NcExperiment *e, const NcrtTraining *training, const Trial *trial,
                  const char *out) {
  int64_t steps = steps_of(training), epochs = training->epochs - training->start.epoch;
  printf("an epoch    %" PRId64 " samples, %" PRId64 " step%s of %" PRId64 "\n",
         training->data->rows, steps, steps == 1 ? "" : "s", training->batch);
  printf("a step      ");
  print_time(trial->fastest);
  printf(", the fastest of %" PRId64 "; the first took ", trial->steps);
  print_time(trial->first);
  printf("\ntime        about ");
  print_time(trial->fastest * (double)steps);
  printf(" an epoch and ");
  print_time(trial->fastest * (double)(steps * epochs));
  printf(" in all%s\n", training->validate ? ", without validation" : "");
  printf("memory      %.1f MB for the program, params among it %.1f MB; %.1f MB for the data\n",
         (double)e->memory / 1e6, (double)variable_bytes(e, true) / 1e6,
         (double)data_bytes(e) / 1e6);
  printf("checkpoint  %.1f MB, %s; nothing was written\n", (double)variable_bytes(e, false) / 1e6,
         out);
}

int nc_trial_run(NcExperiment *e, const NcrtTraining *training, const char *out) {
  Trial trial = {0};
  NcrtTraining tried = *training;
  NcrtStatus status = {0};
  tried.checkpoint = tried.best_checkpoint = NULL;
  tried.validate = NULL;
  tried.patience = 0;
  tried.stop = &trial.stop;
  tried.watcher = (NcrtWatcher){&trial, on_begin, on_step, NULL};
  if (!ncrt_train(e->session, &tried, NULL, &status))
    return nc_experiment_fail(e, &status);
  print(e, training, &trial, out);
  return NC_EXIT_OK;
}
