// Runs steps of a graph whose calls are timed.
#include "driver/profile.h"

#include "driver/interrupt.h"
#include "driver/peak.h"
#include "driver/random_input.h"
#include "driver/select.h"
#include "driver/stored.h"
#include "kernel/nest.h"
#include "table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The first steps touch memory for the first time. More than so many say no more.
enum { UNSEEN = 2, MOST_STEPS = 1000, SECONDS = 3, READS = 20000 };

// What a step took.
typedef struct Step {
  NcrtLap *laps; // or NULL, if it did not look at the clock
  int64_t ns;
} Step;

typedef struct Running {
  NcProfile *p;
  int entry;
  bool fed; // by a data set
  NcrtFeed feed;
  const void **inputs;
  Step steps[MOST_STEPS], quiet[MOST_STEPS];
} Running;

// ---- what it runs on

static const NcInput *program_input(const NcProgram *program, const char *name) {
  for (int i = 0; i < program->inputs.count; i++)
    if (strcmp(program->inputs.items[i].name, name) == 0)
      return &program->inputs.items[i];
  return NULL;
}

static bool has_all_inputs(const NcProfile *p, const NcDataset *dataset) {
  const NcProgram *program = p->e.unit->program;
  for (int i = 0; i < p->graph->inputs.count; i++) {
    const NcInput *input = program_input(program, p->graph->inputs.items[i]->name);
    bool bound = false;
    for (int k = 0; input && k < dataset->bindings.count; k++)
      bound = bound || dataset->bindings.items[k].input == input - program->inputs.items;
    if (!bound)
      return false;
  }
  return true;
}

// The data set that the graph would run on, or -1: a step that trains runs on what it trains on.
static int default_dataset(const NcProfile *p) {
  const NcProgram *program = p->e.unit->program;
  const NcTrain *train = &program->train;
  bool trains = strcmp(p->graph->name, "train_step") == 0;
  if (!trains && train->validate >= 0)
    return train->validate;
  return train->data >= 0 ? train->data : program->datasets.count - 1;
}

// Opens the data set that --dataset names, or that the graph would run on if its files are there.
static int open_data(NcProfile *p, const NcrtDataset **data) {
  const NcProgram *program = p->e.unit->program;
  const char *name = p->options->dataset;
  *data = NULL;
  if (p->graph->inputs.count == 0)
    return NC_EXIT_OK;
  int number = name ? nc_select_dataset(program, name) : default_dataset(p);
  if (number < 0)
    return name ? NC_EXIT_INPUT : NC_EXIT_OK;
  const NcDataset *dataset = &program->datasets.items[number];
  if (!has_all_inputs(p, dataset)) {
    if (name)
      fprintf(stderr, "netc: data set %s does not have all inputs of %s\n", name, p->graph->name);
    return name ? NC_EXIT_INPUT : NC_EXIT_OK;
  }
  if (!name && !p->options->data && dataset->samples == 0)
    return NC_EXIT_OK;
  *data = nc_experiment_data(&p->e, number);
  p->dataset = dataset->name;
  return *data ? NC_EXIT_OK : NC_EXIT_INPUT;
}

static void draw_inputs(Running *r) {
  NcProfile *p = r->p;
  const NcProgram *program = p->e.unit->program;
  const NcrtProgram *compiled = &p->e.compiled->program;
  const NcrtEntry *entry = &compiled->entries[r->entry];
  r->inputs = NC_NEW_ARRAY(p->e.unit->arena, const void *, entry->input_count + 1);
  p->random_inputs = entry->input_count > 0;
  for (int i = 0; i < entry->input_count; i++) {
    const NcNode *input = p->graph->inputs.items[i];
    NcType type = nc_type_at(&input->type, p->batch);
    r->inputs[i] = nc_random_input(p->e.unit->arena, &type, program_input(program, input->name),
                                   (uint64_t)ncrt_session_seed(p->e.session) + (uint64_t)i)
                       ->data;
  }
}

static bool open_inputs(Running *r, const NcrtDataset *data, NcrtStatus *status) {
  NcProfile *p = r->p;
  if (!data) {
    draw_inputs(r);
    return true;
  }
  r->fed = ncrt_feed_open(&r->feed, p->e.session, r->entry, data, p->batch, false, true, status);
  r->feed.iterator.drop_last = true;
  return r->fed;
}

// ---- steps

static bool run_step(Running *r, Step *step, NcrtStatus *status) {
  NcProfile *p = r->p;
  NcrtLaps laps = {.laps = step->laps};
  while (r->fed && ncrt_feed_next(&r->feed) == 0) // 0 between two epochs
    ;
  ncrt_session_set_step(p->e.session, ncrt_session_step(p->e.session) + 1);
  ncrt_session_set_laps(p->e.session, step->laps ? &laps : NULL);
  int64_t began = laps.last = ncrt_nanoseconds();
  bool done = ncrt_session_run(p->e.session, r->entry, p->batch,
                               r->fed ? r->feed.inputs : r->inputs, status);
  step->ns = ncrt_nanoseconds() - began;
  return done;
}

// Steps that look at the clock, and in turn others that do not, which say what looking takes.
static bool run_steps(Running *r, NcrtStatus *status) {
  NcProfile *p = r->p;
  const volatile sig_atomic_t *stop = nc_interrupt_watch();
  double seconds = p->options->seconds > 0 ? (double)p->options->seconds : SECONDS;
  Step unseen = {0};
  for (int i = 0; i < UNSEEN && !*stop; i++)
    if (!run_step(r, &unseen, status))
      return false;
  double end = nc_seconds() + seconds;
  while (!*stop && p->steps < MOST_STEPS && (p->steps == 0 || nc_seconds() < end)) {
    Step *step = &r->steps[p->steps];
    step->laps = NC_NEW_ARRAY(p->e.unit->arena, NcrtLap, p->e.lap_count);
    if (!run_step(r, step, status) || !run_step(r, &r->quiet[p->steps], status))
      return false;
    p->steps++;
  }
  p->interrupted = *stop;
  return true;
}

// ---- what they took

// Nothing lies between these laps but looking at the clock: the most that it can take.
static double time_read(void) {
  NcrtLap lap = {0};
  NcrtLaps laps = {.laps = &lap};
  NcrtFrame frame = {.laps = &laps};
  double best = 1;
  for (int k = 0; k < 5; k++) {
    int64_t began = ncrt_nanoseconds();
    for (int i = 0; i < READS; i++)
      ncrt_table()->lap(&frame, 0);
    double each = (double)(ncrt_nanoseconds() - began) * 1e-9 / READS;
    best = each < best ? each : best;
  }
  return best;
}

static int by_time(const void *a, const void *b) {
  const Step *x = a, *y = b;
  return (x->ns > y->ns) - (x->ns < y->ns);
}

// Means are of the faster half of the steps, as what else the machine does only adds. In seconds.
static double mean_time(Step *steps, int count, int taken) {
  double ns = 0;
  qsort(steps, (size_t)count, sizeof *steps, by_time);
  for (int i = 0; i < taken; i++)
    ns += (double)steps[i].ns;
  return ns * 1e-9 / taken;
}

// What one look at the clock takes of a step: some of it is done while a kernel ends. Of long steps
// the difference is lost in what else the machine does, but so is what is looked for.
static void find_read_time(NcProfile *p, double timed, double quiet) {
  double most = time_read(), each = p->reads > 0 ? (timed - quiet) / p->reads : 0;
  p->read_seconds = fmin(fmax(each, most / 2), most);
}

static void average(Running *r) {
  NcProfile *p = r->p;
  p->taken = (p->steps + 1) / 2;
  p->seconds = NC_NEW_ARRAY(p->e.unit->arena, double, p->e.lap_count);
  p->times = NC_NEW_ARRAY(p->e.unit->arena, double, p->e.lap_count);
  double timed = mean_time(r->steps, p->steps, p->taken);
  for (int i = 0; i < p->e.lap_count; i++) {
    int64_t ns = 0, times = 0;
    for (int k = 0; k < p->taken; k++) {
      ns += r->steps[k].laps[i].ns;
      times += r->steps[k].laps[i].times;
    }
    p->seconds[i] = (double)ns * 1e-9 / p->taken;
    p->times[i] = (double)times / p->taken;
    p->reads += p->times[i];
  }
  find_read_time(p, timed, mean_time(r->quiet, p->steps, p->taken));
  for (int i = 0; i < p->e.lap_count; i++)
    p->seconds[i] = fmax(0, p->seconds[i] - p->times[i] * p->read_seconds);
}

static bool computes(const NcPlan *plan, NcDtype dtype) {
  for (int i = 0; i < plan->phases.count; i++)
    for (int k = 0; k < plan->phases.items[i].calls.count; k++)
      if (plan->phases.items[i].calls.items[k].te->type.dtype == dtype)
        return true;
  return false;
}

static bool measure_peaks(NcProfile *p) {
  static const NcDtype dtypes[] = {NC_F32, NC_F64};
  const char *message = NULL;
  for (int i = 0; i < 2; i++) {
    if (dtypes[i] == NC_F64 && !computes(p->e.timed_plan, NC_F64))
      continue;
    p->peaks[i] = nc_peak_measure(p->e.unit, p->graph, &p->target, dtypes[i], &message);
    if (p->peaks[i] > 0)
      continue;
    fprintf(stderr, "netc: %s\n", message);
    return false;
  }
  nc_timings_mark(&p->e.unit->timings, "measure the peak");
  return true;
}

static int fail(NcProfile *p, const NcrtStatus *status) {
  int code = nc_experiment_fail(&p->e, status);
  if (p->random_inputs)
    nc_random_input_hint("--data");
  return code;
}

// What was measured, also where it was interrupted.
static int report(Running *r) {
  NcProfile *p = r->p;
  if (p->steps == 0) {
    fprintf(stderr, "netc: interrupted before a step was measured\n");
    return NC_EXIT_INTERRUPTED;
  }
  average(r);
  if (!measure_peaks(p))
    return NC_EXIT_MACHINE;
  nc_profile_group(p);
  int code = nc_profile_report(p);
  return code == NC_EXIT_OK && p->interrupted ? NC_EXIT_INTERRUPTED : code;
}

static int measure(Running *r, const NcrtDataset *data) {
  NcProfile *p = r->p;
  NcrtStatus status = {0};
  r->entry = ncrt_session_entry(p->e.session, p->graph->name);
  if (!nc_stored_start(&p->e, NCRT_LOAD_PARAMS, &status) || !open_inputs(r, data, &status))
    return nc_experiment_fail(&p->e, &status);
  nc_timings_mark(&p->e.unit->timings, "get inputs");
  if (!run_steps(r, &status))
    return fail(p, &status);
  nc_timings_mark(&p->e.unit->timings, "run steps");
  return report(r);
}

// ---- the command

static int open_session(NcProfile *p) {
  const char *names[] = {"initialize", p->graph->name, NULL};
  NcOptions alone = *p->options;
  NcrtStatus status = {0};
  alone.threads = 1;
  p->e.timed = p->graph->name;
  int code = nc_experiment_code(&p->e, &alone, names, p->batch, &p->e.compiled);
  if (code != NC_EXIT_OK)
    return code;
  int64_t seed = p->options->seed < 0 ? 1 : p->options->seed;
  return ncrt_session_open(&p->e.compiled->program, p->batch, seed, &p->e.session, &status)
             ? NC_EXIT_OK
             : nc_experiment_fail(&p->e, &status);
}

static int64_t batch_of(const NcProfile *p, const NcrtDataset *data) {
  int64_t own = p->e.unit->program->train.batch;
  int64_t batch = p->options->batch > 0 ? p->options->batch : own > 0 ? own : 1;
  return data && data->rows < batch ? data->rows : batch;
}

static int profile(NcProfile *p) {
  const NcrtDataset *data = NULL;
  p->graph = nc_select_graph(p->e.unit->program->module, p->options->graph);
  if (!p->graph)
    return NC_EXIT_INPUT;
  if (!nc_unit_target(p->e.unit, p->options, &p->target))
    return NC_EXIT_USAGE;
  int code = p->options->plot ? nc_plot_file_open(p->e.unit->arena, p->options->plot, &p->e.plot)
                              : NC_EXIT_OK;
  if (code == NC_EXIT_OK)
    code = open_data(p, &data);
  p->batch = batch_of(p, data);
  if (code == NC_EXIT_OK)
    code = open_session(p);
  if (code != NC_EXIT_OK)
    return code;
  Running *r = NC_NEW(p->e.unit->arena, Running);
  r->p = p;
  code = measure(r, data);
  if (r->fed)
    ncrt_feed_close(&r->feed);
  return code;
}

int nc_profile(NcUnit *unit, const NcOptions *options) {
  NcProfile p = {.options = options};
  if (options->threads > 1) {
    fprintf(stderr, "netc plan: --profile times one thread: leave --threads out\n");
    return NC_EXIT_USAGE;
  }
  if (!nc_unit_passes(unit, NULL, NULL))
    return NC_EXIT_INPUT;
  nc_experiment_open(&p.e, unit);
  int code = profile(&p);
  nc_experiment_close(&p.e);
  return code;
}
