// A program with its data, compiled and in a session.
#include "driver/experiment.h"

#include "driver/c_library.h"
#include "driver/code.h"
#include "driver/data.h"
#include "driver/memory.h"
#include "driver/select.h"
#include "poison.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(FILE *messages, const NcrtStatus *status) {
  fprintf(messages, "netc: %s\n", status->message);
  return status->code == NCRT_MACHINE_FAILED ? NC_EXIT_MACHINE : NC_EXIT_INPUT;
}

int nc_fail_status(const NcrtStatus *status) { return fail(stderr, status); }

static const NcNode *node_of(const NcGraph *graph, int64_t id) {
  for (int i = 0; graph && i < graph->nodes.count; i++)
    if (graph->nodes.items[i]->id == id)
      return graph->nodes.items[i];
  return NULL;
}

int nc_experiment_fail(NcExperiment *e, const NcrtStatus *status) {
  const NcrtFault *fault = e->session ? ncrt_session_fault(e->session) : NULL;
  if (!fault)
    return fail(e->unit->messages, status);
  const char *entry = e->compiled->program.entries[fault->entry].name;
  const NcNode *node = node_of(nc_module_graph(e->unit->program->module, entry), fault->node);
  NcSpan span = node && node->origin ? node->origin->span : NC_NOWHERE;
  NcDiag *diag = nc_diag_error(e->unit->diags, "E0503", span, "%s", status->message);
  if (node) {
    NcText text = nc_text_create(e->unit->arena);
    nc_node_print(&text, node);
    nc_diag_note(e->unit->diags, diag, NC_NOWHERE, "computed by %s", text.data);
  }
  nc_unit_report(e->unit);
  return NC_EXIT_INPUT;
}

void nc_experiment_open(NcExperiment *e, NcUnit *unit) {
  *e = (NcExperiment){.unit = unit};
  const NcProgram *program = unit->program;
  e->inputs.input_count = program->inputs.count;
  e->inputs.inputs = nc_runtime_inputs(unit->arena, program->inputs.items, program->inputs.count);
  e->datasets = NC_NEW_ARRAY(unit->arena, NcrtDataset, program->datasets.count + 1);
}

void nc_experiment_close(NcExperiment *e) {
  for (int i = 0; i < e->unit->program->datasets.count; i++)
    ncrt_dataset_close(&e->datasets[i]);
  ncrt_session_close(e->session);
  nc_compiled_destroy(e->compiled);
}

static bool read_data(NcExperiment *e, const NcDataset *dataset, NcrtDataset *data,
                      NcrtStatus *status) {
  ncrt_dataset_open(data, &e->inputs);
  for (int i = 0; i < dataset->bindings.count; i++)
    if (!nc_data_bind(e->unit, data, &dataset->bindings.items[i], status))
      return false;
  return ncrt_dataset_check_ranges(data, status);
}

static bool make_part(NcExperiment *e, const NcDataset *dataset, NcrtDataset *data,
                      NcrtStatus *status) {
  const NcPartition *split = dataset->split;
  int64_t first, end;
  if (!nc_experiment_open_data(e, split->whole, status))
    return false;
  const NcrtDataset *whole = &e->datasets[split->whole];
  nc_partition_part(split, dataset->part, whole->rows, &first, &end);
  return ncrt_dataset_part(data, whole, first, end, split->shuffle, split->seed, status);
}

bool nc_experiment_open_data(NcExperiment *e, int number, NcrtStatus *status) {
  const NcDataset *dataset = &e->unit->program->datasets.items[number];
  NcrtDataset *data = &e->datasets[number];
  if (data->program ||
      (dataset->split ? make_part(e, dataset, data, status) : read_data(e, dataset, data, status)))
    return true;
  ncrt_dataset_close(data);
  return false;
}

const NcrtDataset *nc_experiment_data(NcExperiment *e, int number) {
  NcrtStatus status = {0};
  bool done = nc_experiment_open_data(e, number, &status);
  if (!done)
    fail(e->unit->messages, &status);
  nc_timings_mark(&e->unit->timings, "read a data set");
  return done ? &e->datasets[number] : NULL;
}

int nc_with_checkpoint(const NcOptions *options, NcCheckpointWork *work) {
  if (nc_ends_in(options->file, ".net")) {
    fprintf(stderr,
            "netc: %s is a source, and a checkpoint is needed: 'netc train %s' makes one, "
            "NAME.safetensors\n",
            options->file, options->file);
    return NC_EXIT_INPUT;
  }
  NcUnit unit;
  int code = nc_unit_open_saved(&unit, options);
  if (code != NC_EXIT_OK)
    return code;
  code = work(&unit, options, &unit.checkpoint);
  nc_unit_close(&unit);
  return code;
}

int nc_experiment_choose(const NcProgram *program, const char *name) {
  if (!name && program->train.validate >= 0)
    return program->train.validate;
  if (!name && program->train.data >= 0)
    return program->train.data;
  if (name)
    return nc_select_dataset(program, name);
  fprintf(stderr, "netc: the checkpoint's source names no data set; name one with --dataset\n");
  return -1;
}

static int thread_count(const NcOptions *options) {
  return options->threads > 0 ? (int)options->threads : ncrt_processor_count();
}

typedef struct Planned {
  NcExperiment *e;
  NcTarget target;
  NcEmitEntry *entries;
  int count, first; // the first that is later
} Planned;

static bool is_later(const NcExperiment *e, const NcEmitEntry *entry) {
  for (const char *const *name = e->later; name && *name; name++)
    if (strcmp(*name, entry->name) == 0)
      return true;
  return false;
}

// Those whose code is made later come last.
static void order_entries(NcExperiment *e, Planned *planned) {
  NcEmitEntry *ordered = NC_NEW_ARRAY(e->unit->arena, NcEmitEntry, planned->count + 1);
  planned->first = 0;
  for (int i = 0; i < planned->count; i++)
    if (!is_later(e, &planned->entries[i]))
      ordered[planned->first++] = planned->entries[i];
  for (int i = 0, at = planned->first; i < planned->count; i++)
    if (is_later(e, &planned->entries[i]))
      ordered[at++] = planned->entries[i];
  planned->entries = ordered;
}

static void time_entry(NcExperiment *e, Planned *planned) {
  for (int i = 0; i < planned->count; i++) {
    NcEmitEntry *entry = &planned->entries[i];
    if (strcmp(entry->name, e->timed) != 0)
      continue;
    entry->plan = e->timed_plan = nc_plan_timed(e->unit->arena, entry->plan, &e->lap_count);
  }
}

static int plan_entries(NcExperiment *e, const NcOptions *options, const char *const *names,
                        int64_t batch, Planned *planned) {
  NcUnit *unit = e->unit;
  NcTarget *target = &planned->target;
  if (!nc_unit_target(unit, options, target))
    return NC_EXIT_USAGE;
  if (!target->runs_here) {
    fprintf(unit->messages, "netc: this machine cannot run code for %s\n", target->cpu);
    return NC_EXIT_USAGE;
  }
  target->gap = NCRT_SANITIZED ? 64 : 0; // so that a step too far leads into one
  const NcModule *module = unit->program->module;
  planned->entries = nc_plan_entries(unit->arena, module, names, target, &planned->count);
  order_entries(e, planned);
  if (e->timed)
    time_entry(e, planned);
  nc_timings_mark(&unit->timings, "plan");
  int threads = thread_count(options);
  NcMemory memory = nc_memory_of(module, planned->entries, planned->count);
  e->memory = nc_memory_bytes(&memory, batch, threads);
  return nc_memory_check(unit, planned->entries, planned->count, batch, threads,
                         options->max_memory)
             ? NC_EXIT_OK
             : NC_EXIT_INPUT;
}

static bool make_later(void *context, NcFunctions *code, NcrtStatus *status) {
  Planned *planned = context;
  const char *message = NULL;
  NcJit *jit = nc_unit_code(planned->e->unit, planned->entries + planned->first,
                            planned->count - planned->first, &planned->target, &message);
  if (jit)
    *code = nc_jit_functions(jit);
  return jit || ncrt_fail(status, NCRT_MACHINE_FAILED, "%s", message);
}

static NcCompiled *make_tables(NcExperiment *e, const Planned *planned, NcFunctions code,
                               const char **message) {
  const NcProgram *program = e->unit->program;
  Planned *kept = NC_NEW(e->unit->arena, Planned);
  *kept = *planned;
  kept->e = e;
  return nc_compile_later(e->unit->arena, program->module, planned->entries, planned->count,
                          planned->first, program->inputs.items, program->inputs.count, code,
                          make_later, kept, message);
}

int nc_experiment_code(NcExperiment *e, const NcOptions *options, const char *const *names,
                       int64_t batch, NcCompiled **compiled) {
  Planned planned;
  const char *message = NULL;
  int failed = plan_entries(e, options, names, batch, &planned);
  if (failed)
    return failed;
  NcJit *jit = nc_unit_code(e->unit, planned.entries, planned.first, &planned.target, &message);
  if (jit)
    *compiled = make_tables(e, &planned, nc_jit_functions(jit), &message);
  if (*compiled)
    return NC_EXIT_OK;
  fprintf(e->unit->messages, "netc: %s\n", message);
  return NC_EXIT_MACHINE;
}

int nc_experiment_c(NcExperiment *e, const NcOptions *options, const char *const *names,
                    int64_t batch, const char *compiler, NcCompiled **compiled) {
  Planned planned;
  NcFunctions code;
  NcrtStatus status = {0};
  const char *message = status.message;
  int failed = plan_entries(e, options, names, batch, &planned);
  if (failed)
    return failed;
  NcRan ran =
      nc_c_library(e->unit->arena, planned.entries, planned.count, compiler, &code, &status);
  if (ran == NC_RAN)
    *compiled = make_tables(e, &planned, code, &message);
  if (!*compiled && ran != NC_NO_COMMAND)
    fprintf(e->unit->messages, "netc: %s\n", message);
  return NC_EXIT_OK;
}

int nc_experiment_compile(NcExperiment *e, const NcOptions *options, const char *const *names,
                          int64_t batch, int64_t seed) {
  if (!nc_unit_passes(e->unit, NULL, NULL))
    return NC_EXIT_INPUT;
  int code = nc_experiment_code(e, options, names, batch, &e->compiled);
  if (code != NC_EXIT_OK)
    return code;
  NcrtStatus status = {0};
  if (!ncrt_session_open(&e->compiled->program, batch, seed, &e->session, &status) ||
      !ncrt_session_set_threads(e->session, thread_count(options), &status))
    return fail(e->unit->messages, &status);
  nc_timings_mark(&e->unit->timings, "open the session");
  return NC_EXIT_OK;
}
