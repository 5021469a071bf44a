// netc run: the values of any nodes of a program.
#include "driver/experiment.h"

#include "driver/feeding.h"
#include "driver/fetched.h"
#include "driver/stored.h"

#include <string.h>

static const char *const entries[] = {"initialize", "fetch", NULL};

typedef struct Running {
  NcExperiment e;
  const NcOptions *options;
  NcFeeding feeding;
} Running;

static int usage(const char *message) {
  fprintf(stderr, "netc run: %s\n'netc run --help' shows the usage\n", message);
  return NC_EXIT_USAGE;
}

static bool run_entry(Running *r, int entry, NcrtStatus *status) {
  NcrtFeed feed;
  if (!r->feeding.data)
    return ncrt_session_run(r->e.session, entry, 1, NULL, status);
  if (!nc_feeding_begin(&r->feeding, r->e.session, entry, &feed, status))
    return false;
  bool ok = ncrt_session_run(r->e.session, entry, r->feeding.count, feed.inputs, status);
  nc_feeding_end(&r->feeding, &feed);
  return ok;
}

// Whether every input is fed; false after a message.
static bool all_fed(const Running *r) {
  const NcNode *missing = nc_feeding_missing(&r->feeding);
  if (missing)
    fprintf(stderr, "netc: input %s is needed%s: feed it with --feed %s=FILE.npy\n", missing->name,
            r->feeding.fed.count > 0 ? ", too" : "", missing->name);
  return !missing;
}

static int run_session(Running *r) {
  const NcGraph *fetch = nc_module_graph(r->e.unit->program->module, "fetch");
  int64_t batch = r->options->batch > 0 ? r->options->batch : r->e.unit->program->train.batch;
  int code = nc_feeding_open(&r->feeding, &r->e, r->options, fetch, batch, false);
  if (code == NC_EXIT_OK && !r->feeding.dataset && !all_fed(r))
    code = NC_EXIT_INPUT;
  int64_t seed = r->options->seed < 0 ? 1 : r->options->seed;
  if (code == NC_EXIT_OK)
    code = nc_experiment_compile(&r->e, r->options, entries, r->feeding.count, seed);
  if (code != NC_EXIT_OK)
    return code;
  NcrtStatus status = {0};
  int entry = ncrt_session_entry(r->e.session, "fetch");
  if (!nc_stored_start(&r->e, NCRT_LOAD_PARAMS, &status) || !run_entry(r, entry, &status))
    return nc_experiment_fail(&r->e, &status);
  return nc_fetched_show(&r->e, entry, r->feeding.count);
}

static int run_unit(Running *r, NcUnit *unit) {
  unit->fetch = r->options->fetch;
  unit->fetch_training = r->options->training;
  if (!nc_unit_check(unit, false))
    return NC_EXIT_INPUT;
  nc_experiment_open(&r->e, unit);
  int code = nc_fetched_open(&r->e, r->options);
  if (code == NC_EXIT_OK)
    code = run_session(r);
  nc_feeding_close(&r->feeding);
  nc_experiment_close(&r->e);
  return code;
}

static int run(const NcOptions *options) {
  Running r = {.options = options};
  NcUnit unit;
  if (!options->fetch)
    return usage("--fetch says which values are wanted, as in --fetch loss,convnet.p2");
  bool chooses = options->index.count > 0 || options->first > 0;
  if (options->feed.count > 0 && (chooses || options->dataset))
    return usage("--feed gives the samples; --dataset, --index and --first are for a data set's");
  if (options->index.count > 0 && options->first > 0)
    return usage("--first and --index both say which samples: leave one out");
  if (!nc_unit_open_any(&unit, options))
    return NC_EXIT_INPUT;
  int code = run_unit(&r, &unit);
  nc_unit_close(&unit);
  return code;
}

const NcCommand nc_command_run = {
    .name = "run",
    .argument = "FILE.net|FILE.safetensors",
    .summary = "Print, draw or save the values of any nodes, variables and gradients.",
    .details =
        "A value is a name or path of the program (loss, convnet.p2, weights.c1), what an "
        "optimizer\n"
        "keeps (adam.m(weights.c1)), or any expression of these (grad(loss, weights.c1)). Of a\n"
        ".net file the params have their first values, of a checkpoint those it holds.",
    .example = "netc run mnist.safetensors --fetch loss,convnet.p2 --data data --first 4",
    .options =
        " --fetch --feed --dataset --first --index --training --data --set --batch --seed --out "
        "--plot --json --threads --max-memory --cpu --math --timings --color ",
    .run = run,
};
