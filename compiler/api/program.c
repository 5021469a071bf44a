// Opens programs and tells what they have.
#include "api/api.h"

#include "driver/sources.h"

#include <stdlib.h>
#include <string.h>

// What every session needs whatever it runs.
static const char *const entries[] = {"initialize", "initialize_metrics", "train_metrics",
                                      "metrics", NULL};

// ---- options

static bool take_math(NetcProgram *program, const char *math, NetcStatus *status) {
  if (math && strcmp(math, "default") != 0 && strcmp(math, "portable") != 0 &&
      strcmp(math, "fast") != 0)
    return nc_api_fail(status, NETC_BAD_INPUT,
                       "math is \"default\", \"portable\" or \"fast\", not \"%s\"", math);
  program->options.math = math ? nc_arena_strdup(program->arena, math) : NULL;
  return true;
}

static bool take_settings(NetcProgram *program, const NetcOptions *given, NetcStatus *status) {
  if (given->set_count < 0 || given->set_count > NC_MAX_SETTINGS)
    return nc_api_fail(status, NETC_BAD_INPUT, "%d settings; up to %d are possible",
                       given->set_count, NC_MAX_SETTINGS);
  for (int i = 0; i < given->set_count; i++) {
    const char *setting = given->set[i];
    if (!setting || !strchr(setting, '=') || *setting == '=')
      return nc_api_fail(status, NETC_BAD_INPUT, "set[%d] is not NAME=VALUE, as in \"hidden=256\"",
                         i);
    program->options.set.items[i] = nc_arena_strdup(program->arena, setting);
  }
  program->options.set.count = given->set_count;
  return true;
}

static bool take_options(NetcProgram *program, const char *path, const NetcOptions *given,
                         NetcStatus *status) {
  static const NetcOptions none = {0};
  given = given ? given : &none;
  program->options = nc_options_none();
  program->options.file = nc_arena_strdup(program->arena, path);
  program->options.color = "never";
  if (given->data)
    program->options.data = nc_arena_strdup(program->arena, given->data);
  if (given->cpu)
    program->options.cpu = nc_arena_strdup(program->arena, given->cpu);
  return take_math(program, given->math, status) && take_settings(program, given, status);
}

// ---- opening

// Later code is compiled from what was read now.
static void keep_texts(NetcProgram *program) {
  NcUnit *unit = &program->code.unit;
  program->info.source = unit->sources->files.items[unit->file].text;
  program->info.source_name = unit->name;
  program->info.texts = unit->more.items;
  program->info.text_count = unit->more.count;
  program->options.set.count = 0; // these are among them
}

static bool open_source(NetcProgram *program, const char *text, NetcStatus *status) {
  if (!nc_api_code_open(&program->code, program, text, entries, status))
    return false;
  program->warnings = strdup(nc_api_code_messages(&program->code));
  keep_texts(program);
  return true;
}

static bool open_file(NetcProgram *program, const char *path, NetcStatus *status) {
  size_t length;
  const char *why;
  char *text = nc_read_source(program->arena, path, &length, &why);
  if (!text)
    return nc_api_fail(status, NETC_BAD_INPUT, "cannot read %s: %s", path, why);
  if (strlen(text) != length)
    return nc_api_fail(status, NETC_BAD_INPUT, "%s: is not text: it holds a zero byte", path);
  return open_source(program, text, status);
}

static bool open_checkpoint(NetcProgram *program, const char *path, NetcStatus *status) {
  NcrtStatus failed = {0};
  if (!ncrt_safetensors_read(path, &program->checkpoint, &failed))
    return nc_api_fail_status(status, &failed);
  program->from_checkpoint = true;
  return ncrt_checkpoint_info(&program->checkpoint, &program->info, &failed)
             ? open_source(program, NULL, status)
             : nc_api_fail_status(status, &failed);
}

static bool open_program(const char *path, const char *text, const NetcOptions *options,
                         NetcProgram **program, NetcStatus *status) {
  *program = NULL;
  NetcProgram *opened = calloc(1, sizeof *opened);
  if (!opened)
    return nc_api_fail_memory(status);
  opened->arena = nc_arena_create();
  pthread_mutex_init(&opened->lock, NULL);
  bool ok = take_options(opened, path, options, status) &&
            (text                     ? open_source(opened, text, status)
             : nc_is_checkpoint(path) ? open_checkpoint(opened, path, status)
                                      : open_file(opened, path, status));
  if (ok)
    *program = opened;
  else
    netc_close(opened);
  return ok;
}

bool netc_open(const char *path, const NetcOptions *options, NetcProgram **program,
               NetcStatus *status) {
  return open_program(path, NULL, options, program, status);
}

bool netc_open_text(const char *name, const char *text, const NetcOptions *options,
                    NetcProgram **program, NetcStatus *status) {
  return open_program(name, text, options, program, status);
}

void netc_close(NetcProgram *program) {
  if (!program)
    return;
  for (NcApiCode *code = program->more, *next; code; code = next) {
    next = code->next;
    nc_api_code_close(code);
    free(code);
  }
  if (program->warnings)
    nc_api_code_close(&program->code);
  if (program->from_checkpoint)
    ncrt_safetensors_free(&program->checkpoint);
  pthread_mutex_destroy(&program->lock);
  nc_arena_destroy(program->arena);
  free(program->warnings);
  free(program);
}

// ---- what it has

const char *netc_warnings(const NetcProgram *program) { return program->warnings; }

const char *netc_version(void) { return NETC_VERSION; }

bool netc_input(const NetcProgram *program, int32_t number, const char **name, NetcTensor *type) {
  const NcrtProgram *inputs = &program->code.e.inputs;
  if (number < 0 || number >= inputs->input_count)
    return false;
  *name = inputs->inputs[number].name;
  *type = nc_api_type(&inputs->inputs[number].shape);
  return true;
}

bool netc_variable(const NetcProgram *program, int32_t number, const char **name, NetcKind *kind,
                   NetcTensor *type) {
  const NcrtProgram *compiled = &program->code.e.compiled->program;
  if (number < 0 || number >= compiled->variable_count)
    return false;
  *name = compiled->variables[number].name;
  *kind = (NetcKind)compiled->variables[number].kind;
  *type = nc_api_type(&compiled->variables[number].shape);
  return true;
}

const char *netc_dataset(const NetcProgram *program, int32_t number) {
  const NcProgram *source = program->code.unit.program;
  return number >= 0 && number < source->datasets.count ? source->datasets.items[number].name
                                                        : NULL;
}
