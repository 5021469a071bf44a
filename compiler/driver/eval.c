// netc eval: the loss and metrics of a checkpoint on a data set.
#include "driver/experiment.h"
#include "driver/select.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const entries[] = {"initialize_metrics", "evaluate", "metrics", NULL};

// The data set that --dataset names, or the one that validates, or else the one that trains. -1
// after a message.
static int choose_dataset(const NcProgram *program, const char *name) {
  if (!name && program->train.validate >= 0)
    return program->train.validate;
  if (!name && program->train.data >= 0)
    return program->train.data;
  if (name)
    return nc_select_dataset(program, name);
  fprintf(stderr, "netc: the checkpoint's source names no data set to evaluate on\n");
  return -1;
}

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
  int number = choose_dataset(unit->program, options->dataset);
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

static int run(const NcOptions *options) {
  NcrtStatus status = {0};
  NcrtSafetensors file;
  if (!ncrt_safetensors_read(options->file, &file, &status))
    return nc_fail_status(&status);
  NcrtCheckpointInfo info;
  int code;
  NcUnit unit;
  if (!ncrt_checkpoint_info(&file, &info, &status)) {
    code = nc_fail_status(&status);
  } else {
    nc_unit_open_checkpoint(&unit, options, &info);
    code = evaluate_unit(&unit, options, &file);
    nc_unit_close(&unit);
  }
  ncrt_safetensors_free(&file);
  return code;
}

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
