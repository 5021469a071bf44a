// What netc train trains, on what, and where its files go.
#include "driver/data.h"
#include "driver/init.h"
#include "driver/name.h"
#include "driver/train_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char extension[] = ".safetensors";

// ---- names of files

// "mnist.best.safetensors" and "mnist.jsonl", beside "mnist.safetensors".
static char *beside(NcArena *arena, const char *out, const char *end) {
  return nc_arena_printf(arena, "%.*s%s", nc_length_without(out, extension), out, end);
}

static bool same_file(const char *a, const char *b) {
  struct stat first, second;
  return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

// What would fail only when the first epoch is saved is said before it is trained.
static bool check_target(const NcTrainRun *run, const char *path, const char *what) {
  NcrtStatus status = {0};
  if (!ncrt_file_check_target(path, &status))
    return nc_fail_status(&status) == NC_EXIT_OK;
  bool goes_on = run->resume.path && same_file(path, run->resume.path);
  if (goes_on || !same_file(run->options->file, path))
    return true;
  fprintf(stderr, "netc: the %s %s would replace the source; choose another --out\n", what, path);
  return false;
}

static bool choose_files(NcTrainRun *run) {
  const NcOptions *options = run->options;
  NcArena *arena = run->unit->arena;
  NcrtTraining *training = &run->training;
  run->out = options->out      ? options->out
             : options->resume ? options->resume
                               : nc_name_here(arena, options->file, extension);
  // An experiment on a few samples replaces nothing that was learned.
  if (options->dry_run || (options->overfit > 0 && !options->out))
    return true;
  training->checkpoint = run->out;
  run->log_path = beside(arena, run->out, ".jsonl");
  if (training->monitor.name)
    training->best_checkpoint = beside(arena, run->out, ".best.safetensors");
  return check_target(run, run->out, "checkpoint") && check_target(run, run->log_path, "log") &&
         (!training->best_checkpoint ||
          check_target(run, training->best_checkpoint, "best checkpoint"));
}

// ---- what is trained

// --monitor as in the file: a metric, or with `-` in front what is better the lower it is.
static bool choose_monitor(NcTrainRun *run) {
  const NcOptions *options = run->options;
  const NcTrain *train = &run->unit->program->train;
  NcrtMonitor *monitor = &run->training.monitor;
  *monitor = (NcrtMonitor){train->monitor, train->monitor_falls};
  if (options->monitor) {
    bool falls = *options->monitor == '-';
    const NcResult *figure =
        nc_find_figure(run->unit->program->module, "--monitor", options->monitor + falls);
    if (!figure)
      return false;
    *monitor = (NcrtMonitor){figure->name, falls};
    if (figure->kind == NC_RESULT_LOSS && !falls) {
      fprintf(stderr, "netc train: a loss is the better the lower it is: write --monitor=-%s\n",
              figure->name);
      return false;
    }
  }
  run->training.patience = options->patience > 0 ? options->patience : train->patience;
  if (run->training.patience == 0 || monitor->name)
    return true;
  fprintf(stderr,
          "netc train: --patience waits for a figure to get better, but none is "
          "monitored; add --monitor=-%s or --monitor=METRIC\n",
          train->loss_name);
  return false;
}

static bool take_few(NcTrainRun *run) {
  int64_t count = run->options->overfit;
  NcrtStatus status = {0};
  if (count < 0)
    return true;
  if (count > run->training.data->rows) {
    fprintf(stderr, "netc train: --overfit %" PRId64 ": the data set has %" PRId64 " samples\n",
            count, run->training.data->rows);
    return false;
  }
  if (!ncrt_dataset_part(&run->few, run->training.data, 0, count, false, 0, &status))
    return nc_fail_status(&status) == NC_EXIT_OK;
  run->training.data = &run->few;
  return true;
}

static bool choose_data(NcTrainRun *run) {
  const NcTrain *train = &run->unit->program->train;
  NcrtTraining *training = &run->training;
  training->data = nc_experiment_data(&run->e, train->data);
  if (!training->data || !take_few(run))
    return false;
  if (train->validate < 0 || run->options->overfit > 0)
    return true;
  training->validate = nc_experiment_data(&run->e, train->validate);
  return training->validate != NULL;
}

static int64_t choose_batch(const NcTrainRun *run) {
  const NcrtTraining *training = &run->training;
  int64_t batch = run->options->batch > 0      ? run->options->batch
                  : run->resume.info.batch > 0 ? run->resume.info.batch
                                               : run->unit->program->train.batch;
  // No batch is larger than the data, nor need its memory be.
  int64_t rows = training->data->rows;
  if (training->validate && training->validate->rows > rows)
    rows = training->validate->rows;
  return batch < rows ? batch : rows;
}

int nc_train_prepare(NcTrainRun *run) {
  const NcTrain *train = &run->unit->program->train;
  const NcSourceFile *source = &run->unit->sources->files.items[run->unit->file];
  NcrtTraining *training = &run->training;
  *training =
      (NcrtTraining){.in_order = !train->shuffle,
                     .drop_last = train->drop_last,
                     .epochs = run->options->epochs > 0 ? run->options->epochs : train->epochs,
                     .source = source->text,
                     .source_name = run->unit->name,
                     .texts = run->unit->more.items,
                     .text_count = run->unit->more.count,
                     .data_text = nc_data_describe(run->unit->arena, run->unit->program)};
  if (run->options->checkpoint_every > 0)
    training->checkpoint_every = run->options->checkpoint_every;
  if (!choose_monitor(run) || !nc_shown_read(&run->shown, run->unit, run->options->show))
    return NC_EXIT_USAGE;
  int code = nc_init_apply(run->unit, run->options);
  if (code == NC_EXIT_OK)
    code = nc_resume_check_program(&run->resume, run->unit, run->options);
  if (code != NC_EXIT_OK)
    return code;
  if (!choose_files(run) || !choose_data(run))
    return NC_EXIT_INPUT;
  training->batch = choose_batch(run);
  return nc_resume_check_training(&run->resume, training);
}
