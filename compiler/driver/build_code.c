// netc build --emit=c: the program as code that runs without netc.
#include "driver/build.h"

#include "driver/data.h"
#include "driver/experiment.h"
#include "driver/stored.h"
#include "emit/c.h"
#include "emit/generator.h"
#include "safetensors_dtype.h"

#include <inttypes.h>
#include <jansson.h>
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

// ---- values

// A session with the values that the state begins with. A checkpoint's need no code.
static int open_values(Code *c) {
  static const char *const first[] = {"initialize", "initialize_metrics", NULL};
  static const char *const none[] = {NULL};
  const NcOptions *o = c->build->options;
  NcUnit *unit = c->build->unit;
  bool saved = unit->from_checkpoint;
  NcrtStatus status = {0};
  NcOptions here = *o; // whatever processor the code is for
  here.target = here.cpu = NULL;
  int code =
      nc_experiment_compile(&c->e, &here, saved ? none : first, 1, o->seed < 0 ? 1 : o->seed);
  if (code != NC_EXIT_OK)
    return code;
  bool ok = saved ? ncrt_checkpoint_load(&unit->checkpoint, c->e.session, NCRT_LOAD_ALL, &status)
                  : nc_stored_initialize(&c->e, &status);
  return ok ? NC_EXIT_OK : nc_experiment_fail(&c->e, &status);
}

static const void *value_of(void *context, const NcVariable *variable) {
  const Code *c = context;
  return ncrt_session_data(c->e.session, ncrt_session_variable(c->e.session, variable->name));
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

static const char *const *fetched_texts(const NcUnit *unit) {
  if (!unit->fetched)
    return NULL;
  const char **texts = NC_NEW_ARRAY(unit->arena, const char *, unit->fetched->args.count + 1);
  for (int i = 0; i < unit->fetched->args.count; i++)
    texts[i] = nc_source_text(unit->sources, unit->fetched->args.items[i].value->span, unit->arena);
  return texts;
}

static const char *target_text(NcArena *arena, const NcTarget *target, const NcOptions *options) {
  return nc_arena_printf(arena, "%s, vectors of %d bytes%s", target->cpu, target->vector_bytes,
                         is(options->math, "portable") ? ", portable arithmetic" : "");
}

// "mnist", of "out/mnist.c".
static char *stem(NcArena *arena, const char *path) {
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  const char *dot = strrchr(name, '.');
  return nc_arena_strndup(arena, name, dot && dot > name ? (size_t)(dot - name) : strlen(name));
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
      .name = c->use ? "model" : stem(arena, c->build->out),
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
      .fetched = fetched_texts(unit),
      .value = embed ? value_of : NULL,
      .context = c};
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

static const char *beside(NcArena *arena, const char *out, const char *ending) {
  const char *dot = strrchr(out, '.'), *slash = strrchr(out, '/');
  bool has = dot && (!slash || dot > slash + 1);
  return nc_arena_printf(arena, "%.*s%s", has ? (int)(dot - out) : (int)strlen(out), out, ending);
}

static const char *base(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
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
      memcpy(bytes + v->offset, value_of((void *)c, v->variable), (size_t)v->bytes);
  }
  return write_text(path, bytes, (size_t)m->state_bytes);
}

// ---- the program

// A JSON string's text, as a checkpoint's header has it.
static void append_json(NcText *out, const char *text) {
  json_t *string = json_string(text);
  char *dumped = string ? json_dumps(string, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
  nc_text_append(out, dumped ? dumped : "\"\"");
  free(dumped);
  json_decref(string);
}

static int by_key(const void *a, const void *b) {
  return strcmp(((const NcrtText *)a)->key, ((const NcrtText *)b)->key);
}

// The metadata of a checkpoint that the program writes, in the order of their keys. The values of
// those that are only known then are NULL.
static int metadata(const Code *c, NcrtText *texts) {
  const NcUnit *unit = c->build->unit;
  const NcSourceFile *source = &unit->sources->files.items[unit->file];
  int count = 0;
  texts[count++] =
      (NcrtText){"netc.batch", nc_arena_printf(unit->arena, "%" PRId64, c->model->batch)};
  const char *data =
      unit->from_checkpoint ? unit->info.data : nc_data_describe(unit->arena, unit->program);
  if (data)
    texts[count++] = (NcrtText){"netc.data", data};
  if (unit->from_checkpoint && unit->info.classes)
    texts[count++] = (NcrtText){"netc.classes", unit->info.classes};
  static const char *const later[] = {"netc.digest",  "netc.epoch", "netc.position",
                                      "netc.samples", "netc.seed",  "netc.step"};
  for (int i = 0; i < 6; i++)
    texts[count++] = (NcrtText){later[i], NULL};
  texts[count++] = (NcrtText){"netc.source", source->text};
  texts[count++] = (NcrtText){"netc.source_name", unit->name};
  texts[count++] = (NcrtText){"netc.version", "1"};
  for (int i = 0; i < unit->more.count; i++)
    texts[count++] = unit->more.items[i];
  qsort(texts, (size_t)count, sizeof *texts, by_key);
  return count;
}

static void append_tensors(NcText *out, const Code *c) {
  const NcModel *m = c->model;
  const NcModelVariable **order = nc_c_checkpoint_order(c->build->unit->arena, m);
  int64_t end = 0;
  for (int i = 0; i < m->variable_count; i++) {
    const NcType *type = &order[i]->variable->type;
    nc_text_append(out, ",");
    append_json(out, order[i]->variable->name);
    nc_text_printf(out, ":{\"dtype\":\"%s\",\"shape\":[",
                   ncrt_safetensors_dtype_name((NcrtDtype)type->dtype));
    for (int d = 0; d < type->rank; d++)
      nc_text_printf(out, "%s%" PRId64, d ? "," : "", type->dims[d].c);
    nc_text_printf(out, "],\"data_offsets\":[%" PRId64 ",%" PRId64 "]}", end,
                   end + order[i]->bytes);
    end += order[i]->bytes;
  }
}

static void make_header(const Code *c, NcCMain *main) {
  NcArena *arena = c->build->unit->arena;
  NcrtText *texts = NC_NEW_ARRAY(arena, NcrtText, c->build->unit->more.count + 16);
  int count = metadata(c, texts), part = 0;
  NcText text = nc_text_create(arena);
  nc_text_append(&text, "{\"__metadata__\":{");
  for (int i = 0; i < count; i++) {
    nc_text_append(&text, i ? "," : "");
    append_json(&text, texts[i].key);
    nc_text_append(&text, ":");
    if (texts[i].value) {
      append_json(&text, texts[i].value);
      continue;
    }
    nc_text_append(&text, "\"");
    main->header[part++] = text.data;
    text = nc_text_create(arena);
    nc_text_append(&text, "\"");
  }
  nc_text_append(&text, "}");
  append_tensors(&text, c);
  nc_text_append(&text, "}");
  main->header[part] = text.data;
}

static int add_main(const Code *c, NcText *text) {
  const NcTrain *train = &c->build->unit->program->train;
  NcCMain main = {.shuffle = train->shuffle, .drop_last = train->drop_last};
  make_header(c, &main);
  if (nc_c_main(c->build->unit->arena, text, c->model, &main))
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
  const char *out = c->build->out, *header = beside(arena, out, ".h");
  NcrtObject file;
  int code = make_text(c, base(header), &file);
  char *h = nc_c_header(arena, c->model, base(out));
  if (code == NC_EXIT_OK)
    code = write_text(header, h, strlen(h));
  if (code == NC_EXIT_OK)
    code = write_text(out, file.bytes, file.size);
  if (code == NC_EXIT_OK && is(c->build->options->weights, "file"))
    code = write_state(c, beside(arena, out, ".state"));
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
  if (!use && strcmp(beside(build->unit->arena, build->out, ".h"), build->out) == 0) {
    fprintf(stderr, "netc build: the header gets the name %s; choose another -o\n", build->out);
    return NC_EXIT_USAGE;
  }
  if (build->options->main > 0 && is(build->options->entry, "step")) {
    fprintf(stderr, "netc build: --main is for --entry=predict, train or all: its program tells of "
                    "the metrics\n");
    return NC_EXIT_USAGE;
  }
  nc_experiment_open(&c.e, build->unit);
  int code =
      none ? nc_unit_passes(build->unit, NULL, NULL) ? NC_EXIT_OK : NC_EXIT_INPUT : open_values(&c);
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
