// netc train: compiles a file and trains it.
#include "driver/blame.h"
#include "driver/data.h"
#include "driver/diag_json.h"
#include "driver/experiment.h"
#include "driver/history.h"
#include "driver/init.h"
#include "driver/interrupt.h"
#include "driver/name.h"
#include "driver/plot_file.h"
#include "driver/resume.h"
#include "driver/stored.h"
#include "driver/train_watch.h"
#include "driver/trial.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *const entries[] = {
    "initialize", "initialize_metrics", "train_step", "train_metrics", "evaluate", "metrics", NULL};

static const char extension[] = ".safetensors";

// A training as the command line asks for it.
typedef struct Run {
  const NcOptions *options;
  NcUnit *unit;
  NcExperiment e;
  NcResume resume;
  NcShown shown;
  NcrtTraining training;
  NcrtDataset few;      // of --overfit
  const char *out;      // where the checkpoint would go; training.checkpoint is NULL if it is kept
  const char *log_path; // or NULL
  NcTrainLog log;
  NcTrainWatch watch;
  NcPlotFile plot; // of --plot
} Run;

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
static bool check_target(const Run *run, const char *path, const char *what) {
  NcrtStatus status = {0};
  if (!ncrt_file_check_target(path, &status))
    return nc_fail_status(&status) == NC_EXIT_OK;
  bool goes_on = run->resume.path && same_file(path, run->resume.path);
  if (goes_on || !same_file(run->options->file, path))
    return true;
  fprintf(stderr, "netc: the %s %s would replace the source; choose another --out\n", what, path);
  return false;
}

static bool choose_files(Run *run) {
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
static bool choose_monitor(Run *run) {
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

static bool take_few(Run *run) {
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

static bool choose_data(Run *run) {
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

static int64_t choose_batch(const Run *run) {
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

static int prepare(Run *run) {
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

static int compile(Run *run) {
  const NcOptions *options = run->options;
  int64_t seed = run->resume.path ? run->resume.info.seed : options->seed < 0 ? 1 : options->seed;
  int code = nc_experiment_compile(&run->e, options, entries, run->training.batch, seed);
  if (code != NC_EXIT_OK)
    return code;
  if (run->resume.path)
    return nc_resume_load(&run->resume, &run->e, &run->training);
  NcrtStatus status = {0};
  return nc_stored_initialize(&run->e, &status) ? NC_EXIT_OK : nc_experiment_fail(&run->e, &status);
}

// ---- what is said about it

static void log_start(Run *run) {
  const NcrtTraining *training = &run->training;
  NcArena *arena = run->unit->arena;
  json_t *line = json_pack(
      "{s:s, s:o, s:o, s:I, s:I, s:I, s:I, s:I}", "netc", NETC_VERSION, "file",
      nc_json_string(arena, run->options->file), "checkpoint", nc_json_string(arena, run->out),
      "seed", (json_int_t)ncrt_session_seed(run->e.session), "batch", (json_int_t)training->batch,
      "epochs", (json_int_t)training->epochs, "samples", (json_int_t)training->data->rows, "step",
      (json_int_t)ncrt_session_step(run->e.session));
  if (training->validate)
    json_object_set_new(line, "validation_samples", json_integer(training->validate->rows));
  if (run->resume.path)
    json_object_set_new(line, "from", nc_json_string(arena, run->resume.path));
  nc_train_log_add(&run->log, run->resume.path ? "resume" : "start", line);
}

static const char *const ends[] = {
    [NCRT_END_DONE] = "done", [NCRT_END_PATIENCE] = "patience", [NCRT_END_STOPPED] = "interrupted"};

static void log_end(Run *run, const NcrtOutcome *outcome, double seconds, const char *failure) {
  json_t *line =
      json_pack("{s:s, s:I, s:I, s:f}", "reason", failure ? "failed" : ends[outcome->end], "step",
                (json_int_t)ncrt_session_step(run->e.session), "samples",
                (json_int_t)outcome->samples, "seconds", seconds);
  if (failure)
    json_object_set_new(line, "message", nc_json_string(run->unit->arena, failure));
  if (outcome->best.epoch > 0)
    json_object_set_new(line, "best_epoch", json_integer(outcome->best.epoch));
  nc_train_log_add(&run->log, "end", line);
}

static void print_best(const Run *run, const NcrtBest *best) {
  const NcrtMonitor *monitor = &run->training.monitor;
  if (best->epoch == 0 || !monitor->name)
    return;
  NcrtMetrics figure = {1, {{monitor->name, best->value}}};
  printf("best is epoch %" PRId64 ": ", best->epoch);
  ncrt_metrics_print(stdout, &figure, "");
  if (run->training.best_checkpoint)
    printf(", in %s", run->training.best_checkpoint);
  printf("\n");
}

static void print_work(const Run *run, const NcrtOutcome *outcome, double seconds) {
  const NcrtEpoch *last = &outcome->last;
  printf("%" PRId64 " steps in %.1f s, %.0f samples/s", ncrt_session_step(run->e.session), seconds,
         seconds > 0 ? (double)outcome->samples / seconds : 0);
  if (last->epochs > 0) {
    printf("; after epoch %" PRId64 ": ", last->epoch + 1);
    ncrt_metrics_print(stdout, last->validated ? &last->validation : &last->training, "  ");
  }
  printf("\n");
}

static void summarise(const Run *run, const NcrtOutcome *outcome, double seconds) {
  const NcrtTraining *training = &run->training;
  if (outcome->end == NCRT_END_PATIENCE)
    printf("%s was not better for %" PRId64 " epoch%s: training ends\n", training->monitor.name,
           training->patience, training->patience == 1 ? "" : "s");
  else if (outcome->end == NCRT_END_STOPPED)
    printf("interrupted\n");
  if (outcome->samples > 0)
    print_work(run, outcome, seconds);
  else if (outcome->end == NCRT_END_DONE)
    printf("nothing is left to do: %" PRId64 " of %" PRId64 " epochs are done; --epochs says how "
           "many there shall be\n",
           training->start.epoch, training->epochs);
  print_best(run, &outcome->best);
  if (!training->checkpoint)
    printf("no checkpoint was written; --out FILE writes one\n");
  else if (outcome->samples > 0)
    printf("saved %s\n", training->checkpoint);
  if (outcome->end == NCRT_END_STOPPED && training->checkpoint)
    printf("'netc train %s --resume %s' goes on\n", run->options->file, training->checkpoint);
}

// The curves of what the log holds.
static int draw(const Run *run) {
  NcHistory history;
  NcrtStatus status = {0};
  NcArena *arena = run->unit->arena;
  if (!nc_history_read(arena, run->log_path, &history, &status))
    return nc_fail_status(&status);
  int code = nc_plot_file_write(
      &run->plot, nc_history_draw(arena, run->plot.painter, run->unit->name, &history));
  if (code == NC_EXIT_OK)
    printf("drawn %s\n", run->plot.path);
  return code;
}

// ---- running it

static int train(Run *run) {
  NcrtStatus status = {0};
  NcrtOutcome outcome = {0};
  if (!nc_train_log_open(&run->log, run->log_path, run->resume.path != NULL, &status))
    return nc_fail_status(&status);
  run->training.stop = nc_interrupt_watch();
  run->training.watcher =
      nc_train_watch(&run->watch, run->unit, run->options, &run->shown, &run->log);
  log_start(run);
  double began = nc_seconds();
  bool done = ncrt_train(run->e.session, &run->training, &outcome, &status);
  double seconds = nc_seconds() - began;
  ncrt_progress_clear(&run->watch.progress);
  nc_timings_mark(&run->unit->timings, "train");
  log_end(run, &outcome, seconds, done ? NULL : status.message);
  int code = done                 ? NC_EXIT_OK
             : outcome.not_finite ? nc_blame_step(&run->e, run->options, &run->training,
                                                  run->resume.info.step, &status)
                                  : nc_experiment_fail(&run->e, &status);
  if (done)
    summarise(run, &outcome, seconds);
  if (done && run->plot.path && outcome.last.epochs > 0)
    code = draw(run);
  if (done && code == NC_EXIT_OK && outcome.end == NCRT_END_STOPPED)
    code = NC_EXIT_INTERRUPTED;
  return nc_train_log_close(&run->log, &status) || code ? code : nc_fail_status(&status);
}

static int train_program(NcUnit *unit, const NcOptions *options) {
  Run run = {.options = options, .unit = unit};
  nc_experiment_open(&run.e, unit);
  int code = nc_resume_open(&run.resume, options);
  if (code == NC_EXIT_OK)
    code = prepare(&run);
  if (code == NC_EXIT_OK && options->plot)
    code = nc_plot_file_open(unit->arena, options->plot, &run.plot);
  if (code == NC_EXIT_OK)
    code = compile(&run);
  if (code == NC_EXIT_OK)
    code = options->dry_run ? nc_trial_run(&run.e, &run.training, run.out) : train(&run);
  nc_resume_close(&run.resume);
  ncrt_dataset_close(&run.few);
  nc_experiment_close(&run.e);
  return code;
}

// What does not go together.
static bool check_options(const NcOptions *options) {
  const char *wrong = NULL;
  if (options->init && options->resume)
    wrong = "--init begins a training and --resume goes on with one: leave one out";
  else if (options->init_map && !options->init)
    wrong = "--init-map says what of the file of --init goes where: give --init, too";
  else if (options->plot && (options->dry_run || (options->overfit > 0 && !options->out)))
    wrong = "--plot draws the log, which is written with a checkpoint only: give --out, or leave "
            "it out";
  if (wrong)
    fprintf(stderr, "netc train: %s\n", wrong);
  return !wrong;
}

static int run(const NcOptions *options) {
  NcUnit unit;
  if (!check_options(options))
    return NC_EXIT_USAGE;
  if (!nc_unit_open_any(&unit, options))
    return NC_EXIT_INPUT;
  int code = NC_EXIT_INPUT;
  if (!nc_unit_check(&unit, true)) {
  } else if (!unit.program->train.present || unit.program->train.data < 0) {
    fprintf(stderr,
            "netc: %s has no train block with data: add `train { minimize = …  optimizer = …  data "
            "= … }`\n",
            options->file);
  } else {
    code = train_program(&unit, options);
  }
  nc_unit_close(&unit);
  return code;
}

const NcCommand nc_command_train = {
    .name = "train",
    .argument = "FILE.net",
    .summary = "Check, compile and train a file, and write a checkpoint after every epoch.",
    .details =
        "The file's train block says what is minimised, by which optimizer, on which data.\n"
        "NAME.safetensors is the checkpoint, NAME.best.safetensors that of the best epoch if one\n"
        "is monitored, NAME.jsonl the log. Ctrl-C ends training after the step that runs, saved:\n"
        "exit status 4; a second one ends it at once. --resume goes on to the same bytes as a\n"
        "training that was never interrupted.",
    .example = "netc train examples/mnist/mnist.net --data examples/mnist/data --epochs 5\n"
               "  netc train mnist.net --epochs 10 --resume mnist.safetensors\n"
               "  netc train mnist.net --overfit 20 --epochs 100",
    .options =
        " --data --set --epochs --batch --seed --out --checkpoint-every --resume --init "
        "--init-map --monitor --patience --show --overfit --dry-run --plot --threads --max-memory "
        "--cpu --math --timings ",
    .run = run,
};
