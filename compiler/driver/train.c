// netc train: compiles a file and trains it.
#include "driver/data.h"
#include "driver/experiment.h"
#include "driver/stored.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *const entries[] = {
    "initialize", "initialize_metrics", "train_step", "train_metrics", "evaluate", "metrics", NULL};

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

// "mnist.safetensors" in the current folder, for "somewhere/mnist.net"; "stdin.safetensors" for
// "-".
static char *default_out(NcArena *arena, const char *path) {
  const char *name = strcmp(path, "-") == 0 ? "stdin" : base_name(path);
  size_t length = strlen(name);
  if (length > 4 && strcmp(name + length - 4, ".net") == 0)
    length -= 4;
  return nc_arena_printf(arena, "%.*s.safetensors", (int)length, name);
}

// What would fail only when the first epoch is saved is said before it is trained.
static bool check_out(const NcOptions *options, const char *out) {
  NcrtStatus status = {0};
  struct stat source, target;
  if (!ncrt_file_check_target(out, &status))
    return nc_fail_status(&status) == NC_EXIT_OK;
  if (stat(options->file, &source) != 0 || stat(out, &target) != 0 ||
      source.st_dev != target.st_dev || source.st_ino != target.st_ino)
    return true;
  fprintf(stderr, "netc: the checkpoint %s would replace the source; choose another --out\n", out);
  return false;
}

// Shows the progress, and notes when the first step is done.
typedef struct Watching {
  NcrtProgress progress;
  NcrtWatcher shown;
  NcTimings *timings;
  bool stepped;
} Watching;

static void on_begin(void *context, const NcrtPass *pass) {
  Watching *w = context;
  w->shown.begin(w->shown.context, pass);
}

static void on_step(void *context, const NcrtPass *pass) {
  Watching *w = context;
  if (!w->stepped)
    nc_timings_mark(w->timings, "first step");
  w->stepped = true;
  w->shown.step(w->shown.context, pass);
}

static void on_epoch(void *context, const NcrtEpoch *epoch) {
  Watching *w = context;
  w->shown.epoch(w->shown.context, epoch);
}

static NcrtWatcher watch(Watching *w, const NcOptions *options, NcTimings *timings) {
  *w = (Watching){.timings = timings};
  ncrt_progress_open(&w->progress, stdout);
  w->progress.colour = nc_options_color(options, stdout);
  w->shown = ncrt_progress_watcher(&w->progress);
  return (NcrtWatcher){w, on_begin, on_step, on_epoch};
}

static int train_with(NcExperiment *e, const NcOptions *options, NcrtTraining *training) {
  const char *out = options->out ? options->out : default_out(e->unit->arena, options->file);
  if (!check_out(options, out))
    return NC_EXIT_INPUT;
  const NcSourceFile *source = &e->unit->sources->files.items[e->unit->file];
  int code = nc_experiment_compile(e, options, entries, training->batch,
                                   options->seed < 0 ? 1 : options->seed);
  if (code)
    return code;
  Watching watching;
  training->checkpoint = out;
  training->source = source->text;
  training->source_name = e->unit->name;
  training->texts = e->unit->more.items;
  training->text_count = e->unit->more.count;
  training->data_text = nc_data_describe(e->unit->arena, e->unit->program);
  training->watcher = watch(&watching, options, &e->unit->timings);
  NcrtStatus status = {0};
  if (!nc_stored_initialize(e, &status) || !ncrt_train(e->session, training, NULL, &status)) {
    ncrt_progress_clear(&watching.progress);
    return nc_experiment_fail(e, &status);
  }
  nc_timings_mark(&e->unit->timings, "train");
  printf("saved %s\n", out);
  return NC_EXIT_OK;
}

static int train_on(NcExperiment *e, const NcOptions *options) {
  const NcTrain *train = &e->unit->program->train;
  NcrtTraining training = {.in_order = !train->shuffle, .drop_last = train->drop_last};
  training.data = nc_experiment_data(e, train->data);
  if (!training.data)
    return NC_EXIT_INPUT;
  if (train->validate >= 0 && !(training.validate = nc_experiment_data(e, train->validate)))
    return NC_EXIT_INPUT;
  training.batch = options->batch > 0 ? options->batch : train->batch;
  training.epochs = options->epochs > 0 ? options->epochs : train->epochs;
  // No batch is larger than the data, nor need its memory be.
  int64_t rows = training.data->rows;
  if (training.validate && training.validate->rows > rows)
    rows = training.validate->rows;
  training.batch = training.batch < rows ? training.batch : rows;
  return train_with(e, options, &training);
}

static int train_program(NcUnit *unit, const NcOptions *options) {
  NcExperiment e;
  nc_experiment_open(&e, unit);
  int code = train_on(&e, options);
  nc_experiment_close(&e);
  return code;
}

static int run(const NcOptions *options) {
  NcUnit unit;
  if (!nc_unit_open(&unit, options))
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
    .details = "The file's train block says what is minimised, by which optimizer, on which data.",
    .example = "netc train examples/mnist/mnist.net --data examples/mnist/data --epochs 5",
    .options = " --data --set --epochs --batch --seed --out --threads --max-memory --cpu --math "
               "--timings ",
    .run = run,
};
