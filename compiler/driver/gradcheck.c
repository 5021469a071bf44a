// netc gradcheck: derivatives against differences, and compiled code against the references.
#include "driver/gradcheck.h"

#include "driver/random_input.h"
#include "driver/stored.h"
#include "interpret/interpret.h"
#include "passes/copy.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 4, SAMPLES = 8 };
#define TOLERANCE 1e-5
#define MOVED 0.01 // params, so that zeros and ones hide nothing

static const char *const entries[] = {"initialize", "fetch", NULL};

// ---- what it runs on

static bool bind_random(NcGradcheck *g, int number, NcrtStatus *status) {
  g->random_inputs = true;
  const NcInput *input = &g->unit->program->inputs.items[number];
  NcType type = nc_type_at(&input->type, g->feeding.count);
  NcTensor *tensor = nc_random_input(g->arena, &type, input, g->seed * 7919 + (uint64_t)number);
  return ncrt_dataset_bind_memory(&g->feeding.fed, number, g->feeding.count, tensor->data, false,
                                  status);
}

// Random numbers for the inputs that --feed does not give.
static int fill_inputs(NcGradcheck *g) {
  NcrtStatus status = {0};
  for (const NcNode *input; (input = nc_feeding_missing(&g->feeding));) {
    int number = ncrt_dataset_input(&g->feeding.fed, input->name);
    if (!bind_random(g, number, &status))
      return nc_fail_status(&status);
  }
  return NC_EXIT_OK;
}

static int open_samples(NcGradcheck *g) {
  int64_t batch = g->options->batch > 0 ? g->options->batch : BATCH;
  int code = nc_feeding_open(&g->feeding, &g->e, g->options, g->derivative.graph, batch,
                             !g->options->data);
  if (code != NC_EXIT_OK || g->feeding.dataset)
    return code;
  if (g->options->feed.count == 0)
    g->feeding.count = batch;
  return fill_inputs(g);
}

static NcTensor *tensor_of(NcArena *arena, const NcType *type, const void *data) {
  NcTensor *tensor = nc_tensor_create(arena, type);
  if (data)
    memcpy(tensor->data, data, (size_t)tensor->count * nc_dtype_size(type->dtype));
  return tensor;
}

static int program_input(const NcrtProgram *program, int entry, const char *name) {
  const NcrtEntry *e = &program->entries[entry];
  for (int i = 0; i < e->input_count; i++)
    if (strcmp(program->inputs[e->inputs[i]].name, name) == 0)
      return i;
  return -1;
}

static void take_inputs(NcGradcheck *g, int entry, const NcrtFeed *feed) {
  const NcGraph *graph = g->single;
  g->inputs = NC_NEW_ARRAY(g->arena, NcTensor *, graph->inputs.count + 1);
  for (int i = 0; i < graph->inputs.count; i++) {
    const NcNode *input = graph->inputs.items[i];
    NcType type = nc_type_at(&input->type, g->feeding.count);
    int place = program_input(&g->e.compiled->program, entry, input->name);
    g->inputs[i] = tensor_of(g->arena, &type, place < 0 ? NULL : feed->inputs[place]);
  }
}

// Params of a source are moved a little from their first values; those of a checkpoint are what
// they are.
static void take_variables(NcGradcheck *g) {
  const NcModule *module = g->single->module;
  g->variables = NC_NEW_ARRAY(g->arena, NcTensor *, module->variables.count + 1);
  for (int i = 0; i < module->variables.count; i++) {
    const NcVariable *variable = module->variables.items[i];
    int number = ncrt_session_variable(g->e.session, variable->name);
    void *data = number < 0 ? NULL : ncrt_session_data(g->e.session, number);
    NcTensor *tensor = tensor_of(g->arena, &variable->type, data);
    g->variables[i] = tensor;
    if (variable->kind != NC_VAR_PARAM || g->unit->from_checkpoint || !data)
      continue;
    uint64_t random = g->seed * 104729 + (uint64_t)i;
    for (int64_t k = 0; k < tensor->count; k++)
      nc_tensor_set(tensor, k,
                    nc_tensor_get(tensor, k) + MOVED * (2 * nc_random_uniform(&random) - 1));
    memcpy(data, tensor->data, (size_t)tensor->count * nc_dtype_size(tensor->type.dtype));
  }
}

// ---- ways to compute value and gradients, which must agree

static NcTensor **take_results(NcGradcheck *g, const NcrtSession *session) {
  int count = g->single->results.count, entry = ncrt_session_entry(session, "fetch");
  NcTensor **results = NC_NEW_ARRAY(g->arena, NcTensor *, count);
  for (int i = 0; i < count; i++) {
    NcrtShape shape;
    const char *name = g->single->results.items[i].name;
    const void *data = ncrt_session_result(session, entry, name, &shape);
    results[i] = tensor_of(g->arena, &g->want[i]->type, data);
  }
  return results;
}

static const char *result_name(const NcGradcheck *g, int result) {
  return result == 0 ? g->derivative.of_text : g->derivative.names[result - 1];
}

static bool both_nan(double a, double b) { return isnan(a) && isnan(b); }

// The largest difference, relative to the largest element that is wanted.
static double difference(const NcTensor *want, const NcTensor *got) {
  double size = 0, worst = 0;
  for (int64_t k = 0; k < got->count; k++) {
    double a = nc_tensor_get(want, k), b = nc_tensor_get(got, k);
    size = fmax(size, fabs(a));
    worst = a == b || both_nan(a, b) ? worst : fmax(worst, isnan(a - b) ? INFINITY : fabs(a - b));
  }
  return worst > 0 ? worst / fmax(size, 1e-30) : 0;
}

static void compare_results(NcGradcheck *g, NcTensor *const *got, NcGradcheckWay *way) {
  for (int i = 0; i < g->single->results.count; i++) {
    double worst = difference(g->want[i], got[i]);
    if (way->where && worst <= way->worst)
      continue;
    way->worst = worst;
    way->where = result_name(g, i);
  }
}

// Which NaN a result is, is not promised.
static bool same_bits(const NcTensor *a, const NcTensor *b) {
  size_t size = nc_dtype_size(a->type.dtype);
  for (int64_t k = 0; k < a->count; k++) {
    size_t at = (size_t)k * size;
    if (memcmp((const char *)a->data + at, (const char *)b->data + at, size) != 0 &&
        !both_nan(nc_tensor_get(a, k), nc_tensor_get(b, k)))
      return false;
  }
  return true;
}

static void compare_bits(NcGradcheck *g, NcTensor *const *got, NcGradcheckWay *way) {
  for (int i = 0; i < g->single->results.count && !way->other; i++)
    if (!same_bits(g->portable[i], got[i]))
      way->other = result_name(g, i);
}

static bool run_compiled(NcGradcheck *g, NcrtSession *session, NcrtFeed *feed, NcrtStatus *status) {
  int entry = ncrt_session_entry(session, "fetch");
  return ncrt_session_run(session, entry, g->feeding.count, feed ? feed->inputs : NULL, status);
}

// Runs other code on the variables of the first, and closes it.
static int run_other(NcGradcheck *g, NcCompiled *compiled, NcrtFeed *feed, NcTensor ***results) {
  NcrtSession *session = NULL;
  NcrtStatus status = {0};
  bool done =
      ncrt_session_share(&compiled->program, g->feeding.count, g->e.session, &session, &status) &&
      run_compiled(g, session, feed, &status);
  if (done)
    *results = take_results(g, session);
  ncrt_session_close(session);
  nc_compiled_destroy(compiled);
  return done ? NC_EXIT_OK : nc_fail_status(&status);
}

static const char *const fetch[] = {"fetch", NULL};

// Code for another --math, whose results *results receives.
static int compare_code(NcGradcheck *g, const NcOptions *options, NcrtFeed *feed,
                        NcGradcheckWay *way, NcTensor ***results) {
  NcCompiled *compiled = NULL;
  int code = nc_experiment_code(&g->e, options, fetch, g->feeding.count, &compiled);
  if (code == NC_EXIT_OK)
    code = run_other(g, compiled, feed, results);
  if (code == NC_EXIT_OK)
    compare_results(g, *results, way);
  return code;
}

// Vectors are the processor's: to do without takes gcc a minute.
#define C_OPTIONS "-O1 -march=native"

// The same as C. Without a C compiler there is nothing to compare.
static int compare_c(NcGradcheck *g, const NcOptions *portable, NcrtFeed *feed) {
  const char *cc = getenv("CC");
  NcTensor **results;
  NcCompiled *compiled = NULL;
  int code =
      nc_experiment_c(&g->e, portable, fetch, g->feeding.count,
                      nc_arena_printf(g->arena, "%s " C_OPTIONS, cc && *cc ? cc : "cc"), &compiled);
  if (compiled && code == NC_EXIT_OK)
    code = run_other(g, compiled, feed, &results);
  if (!compiled || code != NC_EXIT_OK)
    return code;
  compare_results(g, results, &g->ways[NC_WAY_C]);
  compare_bits(g, results, &g->ways[NC_WAY_C]);
  return NC_EXIT_OK;
}

// Code that is emitted in other ways is compared here, too: a name, and what fills its difference.
static int compare_ways(NcGradcheck *g, NcrtFeed *feed) {
  g->want = NC_NEW_ARRAY(g->arena, NcTensor *, g->single->results.count);
  const char *error = NULL;
  NcOptions portable = *g->options, fast = *g->options;
  NcTensor **results;
  NcInterpret run = {.inputs = (const NcTensor *const *)g->inputs,
                     .variables = g->variables,
                     .batch = g->feeding.count,
                     .seed = g->seed,
                     .step = g->step,
                     .epoch = g->epoch};
  if (!nc_interpret(g->arena, g->single, &run, g->want, &error)) {
    fprintf(stderr, "netc: %s\n", error);
    return NC_EXIT_INPUT;
  }
  g->ways[NC_WAY_CODE].name = "compiled code";
  g->ways[NC_WAY_FAST].name = "compiled code, fast";
  g->ways[NC_WAY_PORTABLE].name = "compiled code, portable";
  g->ways[NC_WAY_C].name = "emitted C, portable";
  fast.math = "fast";
  portable.math = "portable";
  compare_results(g, take_results(g, g->e.session), &g->ways[NC_WAY_CODE]);
  int code = compare_code(g, &fast, feed, &g->ways[NC_WAY_FAST], &results);
  if (code == NC_EXIT_OK)
    code = compare_code(g, &portable, feed, &g->ways[NC_WAY_PORTABLE], &g->portable);
  return code == NC_EXIT_OK ? compare_c(g, &portable, feed) : code;
}

// ---- the check

static int check_on(NcGradcheck *g, NcrtFeed *feed) {
  NcrtStatus status = {0};
  const char *error = NULL;
  if (!run_compiled(g, g->e.session, feed, &status)) {
    int failed = nc_experiment_fail(&g->e, &status);
    if (g->random_inputs)
      nc_random_input_hint("--data or --feed");
    return failed;
  }
  int code = compare_ways(g, feed);
  if (code != NC_EXIT_OK)
    return code;
  g->rows = NC_NEW_ARRAY(g->arena, NcGradcheckRow, g->derivative.count);
  if (nc_gradcheck_differences(g, &error))
    return nc_gradcheck_report(g);
  fprintf(stderr, "netc: %s cannot be checked: %s\n", g->derivative.of_text, error);
  return NC_EXIT_INPUT;
}

static int check_session(NcGradcheck *g) {
  NcrtStatus status = {0};
  NcrtFeed feed;
  NcrtSession *session = g->e.session;
  if (!nc_stored_start(&g->e, NCRT_LOAD_PARAMS, &status))
    return nc_experiment_fail(&g->e, &status);
  if (!g->unit->from_checkpoint)
    ncrt_session_set_step(session, 1); // as in the first step of training
  g->seed = (uint64_t)ncrt_session_seed(session);
  g->step = ncrt_session_step(session);
  g->epoch = ncrt_session_epoch(session);
  take_variables(g);
  int entry = ncrt_session_entry(session, "fetch");
  bool fed = g->feeding.data != NULL;
  if (fed && !nc_feeding_begin(&g->feeding, session, entry, &feed, &status))
    return nc_fail_status(&status);
  take_inputs(g, entry, &feed);
  int code = check_on(g, fed ? &feed : NULL);
  if (fed)
    nc_feeding_end(&g->feeding, &feed);
  return code;
}

// Copies for the references, before passes change the graph; those have what is differentiated by
// as results, too.
static void copy_graphs(NcGradcheck *g) {
  NcGraph *graph = g->derivative.graph;
  int count = graph->results.count;
  for (int i = 0; i < g->derivative.count; i++)
    nc_graph_add_result(graph, "wrt", NC_RESULT_OUTPUT, g->derivative.wrt[i]);
  nc_graph_prune(graph);
  g->doubles = nc_graph_copy(g->arena, graph, true);
  graph->results.count = count;
  g->single = nc_graph_copy(g->arena, graph, false);
  for (int i = 0; i < count; i++) // names that are unique
    graph->results.items[i].name = g->single->results.items[i].name =
        nc_arena_printf(g->arena, "fetch[%d]", i);
}

static int check_unit(NcGradcheck *g) {
  g->arena = g->unit->arena;
  int code = nc_derivative_open(&g->derivative, g->unit, g->options, true);
  if (code != NC_EXIT_OK)
    return code;
  copy_graphs(g);
  nc_experiment_open(&g->e, g->unit);
  code = open_samples(g);
  if (code == NC_EXIT_OK)
    code = nc_experiment_compile(&g->e, g->options, entries, g->feeding.count, (int64_t)g->seed);
  if (code == NC_EXIT_OK)
    code = check_session(g);
  nc_feeding_close(&g->feeding);
  nc_experiment_close(&g->e);
  return code;
}

static bool read_tolerance(const char *text, double *tolerance) {
  char *end;
  errno = 0;
  *tolerance = text ? strtod(text, &end) : TOLERANCE;
  if (!text ||
      (*text >= '0' && *text <= '9' && *end == 0 && !errno && *tolerance > 0 && *tolerance < 1))
    return true;
  fprintf(stderr,
          "netc gradcheck: --tolerance takes a number above 0 and below 1, as 1e-5, not '%s'\n",
          text);
  return false;
}

static int run(const NcOptions *options) {
  NcUnit unit;
  NcGradcheck g = {.unit = &unit,
                   .options = options,
                   .seed = options->seed < 0 ? 1 : (uint64_t)options->seed,
                   .samples = options->samples > 0 ? options->samples : SAMPLES};
  if (!read_tolerance(options->tolerance, &g.tolerance))
    return NC_EXIT_USAGE;
  if (options->feed.count > 0 && options->dataset) {
    fprintf(stderr, "netc gradcheck: --feed gives the samples; --dataset is for a data set's\n");
    return NC_EXIT_USAGE;
  }
  if (!nc_unit_open_any(&unit, options))
    return NC_EXIT_INPUT;
  int code = check_unit(&g);
  nc_unit_close(&unit);
  return code;
}

const NcCommand nc_command_gradcheck = {
    .name = "gradcheck",
    .argument = "FILE.net|FILE.safetensors",
    .summary = "Check derivatives against differences, and compiled code against the references.",
    .details =
        "In f64, by the operators' references, some elements of each param are moved a little, "
        "and the slope of the value is compared with its gradient. In f32, value and "
        "gradients of compiled code, and of the C that netc build emits where there is a C "
        "compiler "
        "(cc, or what CC says), are compared with the references. Everything is as in a step "
        "of training, on the first samples of a data set whose files are there, or on random "
        "numbers. The exit status is 1 if something differs.",
    .example = "netc gradcheck examples/mnist/mnist.net --wrt weights.c1,biases.c1",
    .options = " --of --wrt --samples --tolerance --data --set --dataset --feed --batch --seed "
               "--json --threads --cpu ",
    .run = run,
};
