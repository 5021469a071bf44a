// netc run: the values of any nodes of a program.
#include "driver/experiment.h"

#include "driver/fetched.h"
#include "driver/select.h"
#include "driver/stored.h"

#include <inttypes.h>
#include <string.h>

static const char *const entries[] = {"initialize", "fetch", NULL};

typedef struct Running {
  NcExperiment e;
  const NcOptions *options;
  NcrtDataset fed;         // by --feed
  const NcrtDataset *data; // what is run on; NULL where no input is needed
  int64_t first, count;
} Running;

static int usage(const char *message) {
  fprintf(stderr, "netc run: %s\n'netc run --help' shows the usage\n", message);
  return NC_EXIT_USAGE;
}

// ---- what is fed

static int find_input(const NcProgram *program, const char *name, size_t length) {
  for (int i = 0; i < program->inputs.count; i++)
    if (strlen(program->inputs.items[i].name) == length &&
        strncmp(program->inputs.items[i].name, name, length) == 0)
      return i;
  return -1;
}

static bool feed_one(Running *r, const char *feed) {
  const NcProgram *program = r->e.unit->program;
  const char *path = strchr(feed, '=') + 1;
  int input = find_input(program, feed, (size_t)(path - 1 - feed));
  if (input < 0) {
    fprintf(stderr, "netc: the program has no input %.*s; it has", (int)(path - 1 - feed), feed);
    for (int i = 0; i < program->inputs.count; i++)
      fprintf(stderr, "%s %s", i ? "," : "", program->inputs.items[i].name);
    fprintf(stderr, "\n");
    return false;
  }
  NcrtStatus status = {0};
  NcrtReading reading = {.reader = nc_ends_in(path, ".npy") ? "npy" : "idx"};
  return ncrt_dataset_bind_file(&r->fed, input, &reading, path, &status) ||
         nc_fail_status(&status) == NC_EXIT_OK;
}

static int default_dataset(const NcProgram *program) {
  return program->train.validate >= 0 ? program->train.validate
         : program->train.data >= 0   ? program->train.data
                                      : program->datasets.count - 1;
}

// Chooses the samples of a data set.
static int choose_samples(Running *r) {
  const NcOptions *o = r->options;
  int64_t rows = r->data->rows, index = o->index.count > 0 ? o->index.items[0] : -1;
  if (o->index.count > 1)
    return usage("one --index at a time");
  if (index >= rows) {
    fprintf(stderr,
            "netc: there is no sample %" PRId64 "; they are numbered from 0 to %" PRId64 "\n",
            index, rows - 1);
    return NC_EXIT_INPUT;
  }
  int64_t batch = o->batch > 0 ? o->batch : r->e.unit->program->train.batch;
  r->first = index >= 0 ? index : 0;
  r->count = index >= 0 ? 1 : o->first > 0 ? o->first : batch > 0 ? batch : 1;
  r->count = r->count < rows - r->first ? r->count : rows - r->first;
  return NC_EXIT_OK;
}

// Whether --feed gives every input of the graph; false after a message.
static bool all_fed(const Running *r, const NcGraph *graph) {
  for (int i = 0; i < graph->inputs.count; i++) {
    const char *name = graph->inputs.items[i]->name;
    if (ncrt_dataset_find(&r->fed, find_input(r->e.unit->program, name, strlen(name))))
      continue;
    fprintf(stderr, "netc: input %s is needed%s: feed it with --feed %s=FILE.npy\n", name,
            r->fed.count > 0 ? ", too" : "", name);
    return false;
  }
  return true;
}

static int open_samples(Running *r) {
  const NcProgram *program = r->e.unit->program;
  ncrt_dataset_open(&r->fed, &r->e.inputs);
  for (int i = 0; i < r->options->feed.count; i++)
    if (!feed_one(r, r->options->feed.items[i]))
      return NC_EXIT_INPUT;
  const NcGraph *fetch = nc_module_graph(program->module, "fetch");
  r->count = 1;
  if (fetch->inputs.count == 0)
    return NC_EXIT_OK;
  r->data = &r->fed;
  if (r->options->feed.count > 0) {
    r->count = r->fed.rows;
    return all_fed(r, fetch) ? NC_EXIT_OK : NC_EXIT_INPUT;
  }
  const char *name = r->options->dataset;
  int number = name ? nc_select_dataset(program, name) : default_dataset(program);
  if (number < 0 && name)
    return NC_EXIT_INPUT;
  if (number < 0)
    return all_fed(r, fetch) ? NC_EXIT_OK : NC_EXIT_INPUT;
  r->data = nc_experiment_data(&r->e, number);
  return r->data ? choose_samples(r) : NC_EXIT_INPUT;
}

// ---- running

static bool start(Running *r, NcrtStatus *status) {
  NcrtSession *session = r->e.session;
  const NcUnit *unit = r->e.unit;
  if (!unit->from_checkpoint)
    return nc_stored_initialize(&r->e, status);
  if (!ncrt_checkpoint_load(&unit->checkpoint, session, NCRT_LOAD_PARAMS, status))
    return false;
  ncrt_session_set_seed(session, unit->info.seed);
  ncrt_session_set_step(session, unit->info.step);
  ncrt_session_set_epoch(session, unit->info.epoch);
  return true;
}

// The inputs of the entry, samples first … first + count - 1.
static bool run_entry(Running *r, int entry, NcrtStatus *status) {
  if (!r->data)
    return ncrt_session_run(r->e.session, entry, 1, NULL, status);
  NcrtDataset part;
  NcrtFeed feed;
  if (!ncrt_dataset_part(&part, r->data, r->first, r->first + r->count, false, 0, status))
    return false;
  bool ok = ncrt_feed_open(&feed, r->e.session, entry, &part, r->count, false, false, status);
  if (ok) {
    int64_t count = ncrt_feed_next(&feed);
    ok = ncrt_session_run(r->e.session, entry, count, feed.inputs, status);
    ncrt_feed_close(&feed);
  }
  ncrt_dataset_close(&part);
  return ok;
}

static int run_session(Running *r) {
  int code = open_samples(r);
  int64_t seed = r->options->seed < 0 ? 1 : r->options->seed;
  if (code == NC_EXIT_OK)
    code = nc_experiment_compile(&r->e, r->options, entries, r->count, seed);
  if (code != NC_EXIT_OK)
    return code;
  NcrtStatus status = {0};
  int entry = ncrt_session_entry(r->e.session, "fetch");
  if (!start(r, &status) || !run_entry(r, entry, &status))
    return nc_experiment_fail(&r->e, &status);
  return nc_fetched_show(&r->e, entry, r->count);
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
  ncrt_dataset_close(&r->fed);
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
