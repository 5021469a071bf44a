// netc replay: the values of a step of a training, which is run again to get there.
#include "driver/replay.h"

#include "driver/fetched.h"
#include "driver/resume.h"
#include "driver/stored.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const entries[] = {"initialize", "initialize_metrics", "train_step",
                                      "train_metrics", NULL};

bool nc_replay_batch(NcrtFeed *feed, const NcExperiment *e, const NcrtTraining *training,
                     int64_t from, int64_t step, int64_t *epoch, NcrtStatus *status) {
  int entry = ncrt_session_entry(e->session, "train_step");
  if (!ncrt_feed_open(feed, e->session, entry, training->data, training->batch, !training->in_order,
                      true, status))
    return false;
  feed->iterator.drop_last = training->drop_last;
  if (!ncrt_iterator_seek(&feed->iterator, training->start, status)) {
    ncrt_feed_close(feed);
    return false;
  }
  while (from < step) {
    *epoch = feed->iterator.cursor.epoch;
    from += ncrt_feed_next(feed) > 0; // 0 between two epochs
  }
  return true;
}

typedef struct Replay {
  NcExperiment e;
  NcResume resume;
  NcrtTraining training;
  int64_t from, step;
  volatile sig_atomic_t stop;
} Replay;

static void stop_before(void *context, const NcrtPass *pass) {
  Replay *r = context;
  r->stop = ncrt_session_step(pass->session) + 1 >= r->step;
}

// From the checkpoint if the step comes after it, else from the beginning.
static int start(Replay *r) {
  NcrtStatus status = {0};
  if (r->resume.info.step < r->step) {
    r->from = r->resume.info.step;
    return nc_resume_load(&r->resume, &r->e, &r->training);
  }
  return nc_stored_initialize(&r->e, &status) ? NC_EXIT_OK : nc_experiment_fail(&r->e, &status);
}

static bool train_until(Replay *r, NcrtStatus *status) {
  r->training.epochs = INT64_MAX;
  r->training.stop = &r->stop;
  r->training.watcher = (NcrtWatcher){.context = r, .step = stop_before};
  return r->from + 1 == r->step || ncrt_train(r->e.session, &r->training, NULL, status);
}

static int run_step(Replay *r) {
  NcrtSession *session = r->e.session;
  NcrtStatus status = {0};
  NcrtFeed feed;
  int64_t epoch = 0;
  if (!nc_replay_batch(&feed, &r->e, &r->training, r->from, r->step, &epoch, &status))
    return nc_experiment_fail(&r->e, &status);
  ncrt_session_set_step(session, r->step);
  ncrt_session_set_epoch(session, epoch);
  int entry = ncrt_session_entry(session, "train_step");
  bool done = ncrt_session_run(session, entry, feed.count, feed.inputs, &status);
  int64_t count = feed.count;
  ncrt_feed_close(&feed);
  return done ? nc_fetched_show(&r->e, entry, count) : nc_experiment_fail(&r->e, &status);
}

// A step beyond those of all epochs would not end within anyone's patience.
static bool is_reached(const Replay *r, const NcTrain *train) {
  const NcrtTraining *training = &r->training;
  int64_t rows = training->data->rows, rest = training->drop_last ? 0 : training->batch - 1;
  int64_t each = (rows + rest) / training->batch, last = each * train->epochs;
  last = last > r->resume.info.step ? last : r->resume.info.step;
  if (r->step > last)
    fprintf(stderr,
            "netc: there is no step %" PRId64 ": the training has %" PRId64 ", %" PRId64
            " an epoch\n",
            r->step, last, each);
  return r->step <= last;
}

static int replay(Replay *r, const NcOptions *options) {
  NcUnit *unit = r->e.unit;
  const NcTrain *train = &unit->program->train;
  r->training = (NcrtTraining){.in_order = !train->shuffle, .drop_last = train->drop_last};
  r->training.data = nc_experiment_data(&r->e, train->data);
  if (!r->training.data)
    return NC_EXIT_INPUT;
  int64_t batch = r->resume.info.batch > 0 ? r->resume.info.batch : train->batch;
  r->training.batch = batch < r->training.data->rows ? batch : r->training.data->rows;
  int code = nc_resume_check_training(&r->resume, &r->training);
  if (code == NC_EXIT_OK && !is_reached(r, train))
    code = NC_EXIT_INPUT;
  if (code == NC_EXIT_OK)
    code = nc_experiment_compile(&r->e, options, entries, r->training.batch, r->resume.info.seed);
  if (code == NC_EXIT_OK)
    code = start(r);
  if (code != NC_EXIT_OK)
    return code;
  NcrtStatus status = {0};
  return train_until(r, &status) ? run_step(r) : nc_experiment_fail(&r->e, &status);
}

static int replay_unit(Replay *r, NcUnit *unit, const NcOptions *options) {
  unit->fetch = options->fetch;
  unit->fetch_training = true;
  if (!nc_unit_check(unit, true))
    return NC_EXIT_INPUT;
  if (!unit->program->train.present || unit->program->train.data < 0) {
    fprintf(stderr, "netc: the checkpoint's source has no train block with data\n");
    return NC_EXIT_INPUT;
  }
  nc_experiment_open(&r->e, unit);
  int code = nc_fetched_open(&r->e, options);
  if (code == NC_EXIT_OK)
    code = replay(r, options);
  nc_experiment_close(&r->e);
  return code;
}

static int run(const NcOptions *options) {
  if (!options->fetch || options->step < 0) {
    fprintf(stderr, "netc replay: --step says which step, --fetch which values of it\n"
                    "'netc replay --help' shows the usage\n");
    return NC_EXIT_USAGE;
  }
  NcUnit unit;
  int code = nc_unit_open_saved(&unit, options);
  if (code != NC_EXIT_OK)
    return code;
  // The unit closes the checkpoint.
  Replay r = {.step = options->step, .resume = {options->file, unit.checkpoint, unit.info}};
  code = replay_unit(&r, &unit, options);
  nc_unit_close(&unit);
  return code;
}

const NcCommand nc_command_replay = {
    .name = "replay",
    .argument = "FILE.safetensors",
    .summary = "Run a step of a training again and print, draw or save any of its values.",
    .details =
        "Randomness is counted and resuming exact, so a step can be had again at any time: from\n"
        "the checkpoint if the step comes after it, else from the beginning. Values are written\n"
        "as for netc run; params are those before the step's update.",
    .example = "netc replay mnist.safetensors --step 412 --fetch 'grad(loss, weights.c1)'",
    .options =
        " --step --fetch --data --out --plot --json --threads --max-memory --cpu --math --timings "
        "--color ",
    .run = run,
};
