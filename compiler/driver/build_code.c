// netc build --emit=c: the program as code that runs without netc.
#include "driver/build.h"

#include "driver/data.h"
#include "driver/name.h"
#include "emit/c.h"
#include "emit/generator.h"
#include "kernel/quiet.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Code {
  const NcBuild *build;
  NcExperiment e;
  NcTarget target;
  NcModel *model;
  const NcModelForm *form; // of what the code generator makes; NULL for C
  NcModelUse *use;         // a page's: what is done with the object; else NULL
} Code;

static bool is(const char *option, const char *value) {
  return option && strcmp(option, value) == 0;
}

// ---- the model

// A training step of which nobody asks for metrics needs no totals of them.
static void drop_totals(NcModule *module) {
  NcGraph *graph = nc_module_graph(module, "train_step");
  if (!graph)
    return;
  int kept = 0;
  for (int i = 0; i < graph->updates.count; i++)
    if (graph->updates.items[i].variable->kind != NC_VAR_METRIC)
      graph->updates.items[kept++] = graph->updates.items[i];
  graph->updates.count = kept;
  nc_graph_prune(graph);
}

// The graphs that become functions. Those that the program lacks are passed over.
static const char *const *wanted(const Code *c) {
  static const char *const predict[] = {"predict", NULL}, *const fetch[] = {"fetch", NULL};
  static const char *const step[] = {"initialize", "train_step", "predict", NULL};
  static const char *const train[] = {
      "initialize", "initialize_metrics", "train_step", "train_metrics", "evaluate", "metrics",
      NULL};
  static const char *const all[] = {"initialize", "initialize_metrics",
                                    "train_step", "train_metrics",
                                    "evaluate",   "metrics",
                                    "predict",    "fetch",
                                    NULL};
  // What gives first values is not needed where they are embedded.
  bool values = c->build->options->weights == NULL || is(c->build->options->weights, "embed");
  const char *entry = c->build->options->entry;
  if (c->build->unit->fetched && !entry)
    return fetch;
  if (is(entry, "predict") || c->use)
    return predict;
  return (is(entry, "step") ? step : is(entry, "train") ? train : all) + values;
}

static const char *target_text(NcArena *arena, const NcTarget *target, const NcOptions *options) {
  return nc_arena_printf(arena, "%s, vectors of %d bytes%s", target->cpu, target->vector_bytes,
                         is(options->math, "portable") ? ", portable arithmetic" : "");
}

static int64_t largest_batch(const Code *c, const char *const *names) {
  const NcOptions *options = c->build->options;
  if (options->batch > 0)
    return options->batch;
  if (strcmp(names[0], "predict") == 0 || strcmp(names[0], "fetch") == 0)
    return 1;
  const NcUnit *unit = c->build->unit;
  return unit->from_checkpoint && unit->info.batch > 0 ? unit->info.batch
                                                       : unit->program->train.batch;
}

static int make_model(Code *c, bool embed) {
  NcUnit *unit = c->build->unit;
  const NcOptions *options = c->build->options;
  NcArena *arena = unit->arena;
  const char *const *names = wanted(c);
  NcOptions here = *options;
  if (c->use)
    here.target = "wasm32-unknown-unknown";
  if (!nc_unit_target(unit, &here, &c->target))
    return NC_EXIT_USAGE;
  if (options->blas <= 0)
    c->target.blas = 0; // nothing but the file itself is called
  // Weights are constants where no function changes them. Machines without vectors have little
  // memory for what a network makes of zeros.
  c->target.stays = embed && !names[1];
  c->target.quiet = (c->target.stays && c->target.vector_bytes >= 16) ||
                    largest_batch(c, names) >= NC_QUIET_BATCH;
  int64_t chunks = (largest_batch(c, names) + NC_CHUNK - 1) / NC_CHUNK;
  if (chunks > 0 && chunks < NC_SLOTS)
    c->target.slots = (int)chunks; // the others would stay zero
  if (is(options->entry, "step"))
    drop_totals(unit->program->module);
  int count;
  NcEmitEntry *entries = nc_plan_entries(arena, unit->program->module, names, &c->target, &count);
  if (count == 0) {
    fprintf(
        stderr,
        "netc: %s has nothing to build: add an `output` to predict, or a train block, or say with "
        "--fetch which values\n",
        unit->name);
    return NC_EXIT_INPUT;
  }
  NcModelRequest request = {
      .name = c->use ? "model" : nc_base_name(nc_name_with(arena, c->build->out, "")),
      .module = unit->program->module,
      .inputs = nc_runtime_inputs(arena, unit->program->inputs.items, unit->program->inputs.count),
      .input_count = unit->program->inputs.count,
      .entries = entries,
      .entry_count = count,
      .batch = largest_batch(c, names),
      .seed = unit->from_checkpoint ? unit->info.seed
              : options->seed < 0   ? 1
                                    : options->seed,
      .step = unit->from_checkpoint ? unit->info.step : 0,
      .epoch = unit->from_checkpoint ? unit->info.epoch : 0,
      .target = &c->target,
      .fetched = unit->fetched ? nc_build_names(c->build, nc_build_graph(c->build)) : NULL,
      .value = embed ? nc_build_value : NULL,
      .context = &c->e};
  c->model = nc_model(arena, &request, unit->sources);
  c->model->source = unit->name;
  c->model->target = target_text(arena, &c->target, options);
  return NC_EXIT_OK;
}

// ---- files

static int write_text(const char *path, const char *text, size_t length) {
  NcrtStatus status = {0};
  NcrtPart part = {text, length};
  return ncrt_file_replace(path, &part, 1, &status) ? NC_EXIT_OK : nc_fail_status(&status);
}

// The state with its first values, as it lies in memory.
static int write_state(const Code *c, const char *path) {
  const NcModel *m = c->model;
  char *bytes = nc_arena_alloc(c->build->unit->arena, (size_t)m->state_bytes);
  int64_t counters[] = {m->seed, m->step, m->epoch};
  memcpy(bytes, counters, sizeof counters);
  for (int i = 0; i < m->variable_count; i++) {
    const NcModelVariable *v = &m->variables[i];
    if (v->used && !v->constant)
      memcpy(bytes + v->offset, nc_build_value((void *)&c->e, v->variable), (size_t)v->bytes);
  }
  return write_text(path, bytes, (size_t)m->state_bytes);
}

// ---- the program

// The values that the program knows, in the order in which a header has their keys.
static const char *const later[NC_C_HEADER_PARTS - 1] = {
    "netc.batch",   "netc.digest", "netc.epoch", "netc.position",
    "netc.samples", "netc.seed",   "netc.step"};

// The metadata of the checkpoints that the program writes, a mark in place of each such value.
static int metadata(const Code *c, NcrtNumbers numbers, NcrtText *texts) {
  const NcUnit *unit = c->build->unit;
  bool saved = unit->from_checkpoint;
  NcrtCheckpointInfo info = {.batch = c->model->batch,
                             .digest = "",
                             .source = unit->sources->files.items[unit->file].text,
                             .source_name = unit->name,
                             .data = saved ? unit->info.data
                                           : nc_data_describe(unit->arena, unit->program),
                             .classes = saved ? unit->info.classes : NULL,
                             .texts = unit->more.items,
                             .text_count = unit->more.count};
  int count = ncrt_checkpoint_texts(&info, numbers, texts);
  for (int i = 0; i < count; i++)
    for (int k = 0; k < NC_C_HEADER_PARTS - 1; k++)
      if (strcmp(texts[i].key, later[k]) == 0)
        texts[i].value = nc_arena_printf(unit->arena, "{{%s}}", later[k]);
  return count;
}

static NcModelVariable *find_variable(const NcModel *m, const char *name) {
  for (int i = 0; i < m->variable_count; i++)
    if (strcmp(m->variables[i].variable->name, name) == 0)
      return &m->variables[i];
  return NULL;
}

// Cuts the header at the marks. No other text has one between its quotes: in JSON those of a text
// have a backslash before them.
static void cut_header(NcArena *arena, const char *header, NcCMain *main) {
  for (int i = 0; i < NC_C_HEADER_PARTS; i++) {
    const char *mark =
        i + 1 < NC_C_HEADER_PARTS ? nc_arena_printf(arena, "\"{{%s}}\"", later[i]) : "";
    const char *end = *mark ? strstr(header, mark) + 1 : header + strlen(header);
    main->header[i] = nc_arena_strndup(arena, header, (size_t)(end - header));
    header = *mark ? end + strlen(mark) - 2 : end;
  }
}

static bool describe_checkpoint(const Code *c, NcCMain *main, NcrtStatus *status) {
  NcArena *arena = c->build->unit->arena;
  const NcModel *m = c->model;
  NcrtNumbers numbers;
  NcrtText *texts =
      NC_NEW_ARRAY(arena, NcrtText, c->build->unit->more.count + NCRT_CHECKPOINT_TEXTS);
  NcrtTensor *tensors = NC_NEW_ARRAY(arena, NcrtTensor, m->variable_count + 1);
  int text_count = metadata(c, numbers, texts);
  for (int i = 0; i < m->variable_count; i++) {
    const NcVariable *variable = m->variables[i].variable;
    tensors[i] = (NcrtTensor){.name = variable->name, .shape = nc_runtime_shape(&variable->type)};
  }
  char *header = ncrt_safetensors_header(tensors, m->variable_count, texts, text_count, status);
  if (!header)
    return false;
  cut_header(arena, header, main);
  free(header);
  main->tensors = NC_NEW_ARRAY(arena, const NcModelVariable *, m->variable_count + 1);
  for (int i = 0; i < m->variable_count; i++)
    main->tensors[i] = find_variable(m, tensors[i].name);
  return true;
}

static int add_main(const Code *c, NcText *text) {
  const NcTrain *train = &c->build->unit->program->train;
  NcCMain main = {.shuffle = train->shuffle, .drop_last = train->drop_last};
  NcrtStatus status = {0};
  if (!describe_checkpoint(c, &main, &status))
    return nc_fail_status(&status);
  if (nc_c_main(text, c->model, &main))
    return NC_EXIT_OK;
  fprintf(stderr,
          "netc build: --main makes a program that reads idx files, which do not hold all "
          "the inputs of %s; leave --main out\n",
          c->build->unit->name);
  return NC_EXIT_INPUT;
}

// What is written at `out`: C, or what the code generator makes.
static int make_text(const Code *c, const char *header, NcrtObject *file) {
  NcArena *arena = c->build->unit->arena;
  const char *message = NULL;
  if (!c->form) {
    NcText text =
        nc_c_model(arena, c->model, header, c->build->unit->sources, c->build->options->lines > 0);
    int code = c->build->options->main > 0 ? add_main(c, &text) : NC_EXIT_OK;
    *file = (NcrtObject){text.data, text.length};
    return code;
  }
  const NcGenerator *generator = nc_generator(arena, &message);
  if (generator && generator->model(arena, c->model, &c->target, *c->form, file, &message))
    return NC_EXIT_OK;
  fprintf(stderr, "netc: %s\n", message);
  return NC_EXIT_MACHINE;
}

static int use_object(const Code *c) {
  NcrtObject object;
  int code = make_text(c, NULL, &object);
  return code == NC_EXIT_OK ? c->use(c->build, c->model, &object) : code;
}

static int write_files(const Code *c) {
  NcArena *arena = c->build->unit->arena;
  const char *out = c->build->out, *header = nc_name_with(arena, out, ".h");
  NcrtObject file;
  int code = make_text(c, nc_base_name(header), &file);
  char *h = nc_c_header(arena, c->model, nc_base_name(out));
  if (code == NC_EXIT_OK)
    code = write_text(header, h, strlen(h));
  if (code == NC_EXIT_OK)
    code = write_text(out, file.bytes, file.size);
  if (code == NC_EXIT_OK && is(c->build->options->weights, "file"))
    code = write_state(c, nc_name_with(arena, out, ".state"));
  return code;
}

static void report(const Code *c) {
  const NcModel *m = c->model;
  printf("wrote %s and its header: %d function%s, batches of up to %" PRId64 "\n", c->build->out,
         m->functions.count, m->functions.count == 1 ? "" : "s", m->batch);
  if (m->has_state)
    printf("state  %" PRId64 " bytes\n", m->state_bytes);
  printf("arena  %" PRId64 " bytes\n", m->arena_bytes);
}

// `form` of what the code generator makes; NULL for C.
static int build_code(const NcBuild *build, const NcModelForm *form, NcModelUse *use) {
  Code c = {.build = build, .form = form, .use = use};
  const char *weights = build->options->weights;
  bool embed = !weights || is(weights, "embed"), none = is(weights, "none");
  if (!use && strcmp(nc_name_with(build->unit->arena, build->out, ".h"), build->out) == 0) {
    fprintf(stderr, "netc build: the header gets the name %s; choose another -o\n", build->out);
    return NC_EXIT_USAGE;
  }
  if (build->options->main > 0 && is(build->options->entry, "step")) {
    fprintf(stderr, "netc build: --main is for --entry=predict, train or all: its program tells of "
                    "the metrics\n");
    return NC_EXIT_USAGE;
  }
  nc_experiment_open(&c.e, build->unit);
  int code = none ? nc_unit_passes(build->unit, NULL, NULL) ? NC_EXIT_OK : NC_EXIT_INPUT
                  : nc_build_values(build, &c.e, NCRT_LOAD_ALL);
  if (code == NC_EXIT_OK)
    code = make_model(&c, embed);
  if (code == NC_EXIT_OK)
    code = use ? use_object(&c) : write_files(&c);
  if (code == NC_EXIT_OK && !use)
    report(&c);
  nc_experiment_close(&c.e);
  return code;
}

int nc_build_c(const NcBuild *build) { return build_code(build, NULL, NULL); }

int nc_build_object(const NcBuild *build) {
  return build_code(build, &(NcModelForm){NC_MODEL_OBJECT}, NULL);
}

int nc_build_assembly(const NcBuild *build) {
  return build_code(build, &(NcModelForm){NC_MODEL_ASSEMBLY}, NULL);
}

int nc_build_llvm(const NcBuild *build) {
  return build_code(build, &(NcModelForm){NC_MODEL_LLVM}, NULL);
}

int nc_build_wasm(const NcBuild *build, NcModelUse *use) {
  return build_code(build, &(NcModelForm){NC_MODEL_OBJECT}, use);
}
