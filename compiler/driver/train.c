// netc train: compiles a file and trains it.
#include "driver/blame.h"
#include "driver/interrupt.h"
#include "driver/stored.h"
#include "driver/train_run.h"
#include "driver/trial.h"

#include <stdio.h>

static const char *const entries[] = {
    "initialize", "initialize_metrics", "train_step", "train_metrics", "evaluate", "metrics", NULL};

// So that training begins sooner.
static const char *const later[] = {"evaluate", "metrics", NULL};

static int compile(NcTrainRun *run) {
  const NcOptions *options = run->options;
  run->e.later = later;
  int64_t seed = run->resume.path ? run->resume.info.seed : options->seed < 0 ? 1 : options->seed;
  int code = nc_experiment_compile(&run->e, options, entries, run->training.batch, seed);
  if (code != NC_EXIT_OK)
    return code;
  if (run->resume.path)
    return nc_resume_load(&run->resume, &run->e, &run->training);
  NcrtStatus status = {0};
  return nc_stored_initialize(&run->e, &status) ? NC_EXIT_OK : nc_experiment_fail(&run->e, &status);
}

static int train(NcTrainRun *run) {
  NcrtStatus status = {0};
  NcrtOutcome outcome = {0};
  if (!nc_train_log_open(&run->log, run->log_path, run->resume.path != NULL, &status))
    return nc_fail_status(&status);
  run->training.stop = nc_interrupt_watch();
  run->training.watcher =
      nc_train_watch(&run->watch, run->unit, run->options, &run->shown, &run->log);
  nc_train_report_start(run);
  double began = nc_seconds();
  bool done = ncrt_train(run->e.session, &run->training, &outcome, &status);
  double seconds = nc_seconds() - began;
  ncrt_progress_clear(&run->watch.progress);
  nc_timings_mark(&run->unit->timings, "train");
  nc_train_report_end(run, &outcome, seconds, done ? NULL : status.message);
  int code = done                 ? NC_EXIT_OK
             : outcome.not_finite ? nc_blame_step(&run->e, run->options, &run->training,
                                                  run->resume.info.step, &status)
                                  : nc_experiment_fail(&run->e, &status);
  if (done)
    nc_train_summarise(run, &outcome, seconds);
  if (done && run->plot.path && outcome.last.epochs > 0)
    code = nc_train_draw(run);
  if (done && code == NC_EXIT_OK && outcome.end == NCRT_END_STOPPED)
    code = NC_EXIT_INTERRUPTED;
  return nc_train_log_close(&run->log, &status) || code ? code : nc_fail_status(&status);
}

static int train_program(NcUnit *unit, const NcOptions *options) {
  NcTrainRun run = {.options = options, .unit = unit};
  nc_experiment_open(&run.e, unit);
  int code = nc_resume_open(&run.resume, options);
  if (code == NC_EXIT_OK)
    code = nc_train_prepare(&run);
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
