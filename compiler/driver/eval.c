// netc eval: the loss and metrics of a checkpoint on a data set.
#include "driver/experiment.h"
#include "driver/select.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const entries[] = {"initialize_metrics", "evaluate", "metrics", NULL};

static int evaluate_on(NcExperiment *e, const NcOptions *options, const NcrtSafetensors *file,
                       const NcrtDataset *data, const char *name) {
  const NcTrain *train = &e->unit->program->train;
  int64_t batch = options->batch > 0 ? options->batch : train->batch > 0 ? train->batch : 1;
  batch = batch < data->rows ? batch : data->rows;
  int code = nc_experiment_compile(e, options, entries, batch, 1);
  if (code)
    return code;
  NcrtStatus status = {0};
  NcrtMetrics metrics;
  if (!ncrt_checkpoint_load(file, e->session, NCRT_LOAD_PARAMS, &status) ||
      !ncrt_evaluate(e->session, data, batch, NULL, &metrics, &status))
    return nc_experiment_fail(e, &status);
  nc_timings_mark(&e->unit->timings, "evaluate");
  printf("%s, %" PRId64 " samples: ", name, data->rows);
  ncrt_metrics_print(stdout, &metrics, ", ");
  printf("\n");
  return NC_EXIT_OK;
}

static int evaluate_unit(NcUnit *unit, const NcOptions *options, const NcrtSafetensors *file) {
  if (!nc_unit_check(unit, false))
    return NC_EXIT_INPUT;
  int number = nc_experiment_choose(unit->program, options->dataset);
  if (number < 0)
    return NC_EXIT_INPUT;
  NcExperiment e;
  nc_experiment_open(&e, unit);
  const NcrtDataset *data = nc_experiment_data(&e, number);
  NcrtStatus status = {0};
  int code = NC_EXIT_INPUT;
  if (data && !ncrt_classes_check(data, ncrt_safetensors_text(file, "netc.classes"), &status))
    code = nc_fail_status(&status);
  else if (data)
    code = evaluate_on(&e, options, file, data, unit->program->datasets.items[number].name);
  nc_experiment_close(&e);
  return code;
}

static int run(const NcOptions *options) { return nc_with_checkpoint(options, evaluate_unit); }

const NcCommand nc_command_eval = {
    .name = "eval",
    .argument = "FILE.safetensors",
    .summary = "Evaluate a checkpoint: its loss and metrics on a data set.",
    .details = "The checkpoint holds the source it was trained from; data files are looked for in "
               "--data, then beside "
               "it.",
    .example = "netc eval mnist.safetensors --data examples/mnist/data",
    .options = " --data --set --dataset --batch --threads --max-memory --cpu --math --timings ",
    .run = run,
};
