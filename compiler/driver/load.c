// Reading a .net file up to its program.
#include "driver/load.h"

#include "driver/data.h"
#include "driver/diag_json.h"
#include "driver/experiment.h"
#include "driver/name.h"
#include "driver/sources.h"
#include "driver/stored.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char *folder_of(NcArena *arena, const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? nc_arena_strndup(arena, path, slash == path ? 1 : (size_t)(slash - path))
               : nc_arena_strdup(arena, ".");
}

static void open_unit(NcUnit *unit, const NcOptions *options, const char *path) {
  *unit = (NcUnit){.arena = nc_arena_create(), .messages = stderr};
  nc_timings_open(&unit->timings, options->timings);
  unit->color = nc_options_color(options, stderr);
  unit->json = options->message_format && strcmp(options->message_format, "json") == 0;
  unit->sources = nc_source_create(unit->arena);
  unit->diags = nc_diags_create(unit->arena, unit->sources);
  if (options->data)
    unit->folders[unit->folder_count++] = options->data;
  unit->folder = folder_of(unit->arena, path);
  unit->folders[unit->folder_count++] = unit->folder;
  unit->settings = &options->set;
}

static void add_source(NcUnit *unit, const char *path, const char *text, size_t length) {
  const char *name = strcmp(path, "-") == 0 ? "<stdin>" : path;
  unit->name = nc_base_name(name);
  unit->file = nc_source_add(unit->sources, name, text, length, false);
}

// No source begins like one: a header's length in 8 bytes, of which the last are zero, and '{'.
bool nc_is_checkpoint(const char *path) {
  struct stat facts;
  unsigned char first[9];
  if (nc_ends_in(path, ".safetensors"))
    return true;
  if (strcmp(path, "-") == 0 || stat(path, &facts) != 0 || !S_ISREG(facts.st_mode))
    return false;
  FILE *in = fopen(path, "rb");
  bool got = in && fread(first, 1, sizeof first, in) == sizeof first;
  if (in)
    fclose(in);
  return got && first[4] == 0 && first[7] == 0 && first[8] == '{';
}

int nc_unit_open_saved(NcUnit *unit, const NcOptions *options) {
  NcrtStatus status = {0};
  NcrtSafetensors file;
  NcrtCheckpointInfo info;
  bool read = ncrt_safetensors_read(options->file, &file, &status);
  if (read && ncrt_checkpoint_info(&file, &info, &status)) {
    nc_unit_open_checkpoint(unit, options, &info);
    unit->checkpoint = file;
    unit->info = info;
    return NC_EXIT_OK;
  }
  if (read)
    ncrt_safetensors_free(&file);
  return nc_fail_status(&status);
}

bool nc_unit_open(NcUnit *unit, const NcOptions *options) {
  const char *path = options->file;
  open_unit(unit, options, path);
  const char *why;
  size_t length;
  char *text = nc_read_source(unit->arena, path, &length, &why);
  if (!text) {
    fprintf(stderr, "netc: cannot read %s: %s\n", path, why);
    nc_unit_close(unit);
    return false;
  }
  add_source(unit, path, text, length);
  nc_timings_mark(&unit->timings, "read the source");
  return true;
}

void nc_unit_open_text(NcUnit *unit, const NcOptions *options, const char *text, size_t length) {
  open_unit(unit, options, options->file);
  add_source(unit, options->file, text, length);
}

bool nc_unit_open_any(NcUnit *unit, const NcOptions *options) {
  return nc_is_checkpoint(options->file) ? nc_unit_open_saved(unit, options) == NC_EXIT_OK
                                         : nc_unit_open(unit, options);
}

void nc_unit_open_checkpoint(NcUnit *unit, const NcOptions *options,
                             const NcrtCheckpointInfo *info) {
  open_unit(unit, options, options->file);
  unit->from_checkpoint = true;
  unit->given = info->texts;
  unit->given_count = info->text_count;
  unit->name = info->source_name;
  unit->file =
      nc_source_add(unit->sources, info->source_name, info->source, strlen(info->source), false);
}

void nc_unit_close(NcUnit *unit) {
  if (unit->checkpoint.name)
    ncrt_safetensors_free(&unit->checkpoint);
  nc_arena_destroy(unit->arena);
  unit->arena = NULL;
}

void nc_unit_report(NcUnit *unit) {
  if (unit->diags->items.count == 0)
    return;
  NcText text = nc_text_create(unit->arena);
  if (!unit->json || !nc_diags_print_json(unit->diags, &text))
    nc_diags_print(unit->diags, &text, unit->color);
  if (unit->messages)
    fputs(text.data, unit->messages);
  unit->diags->items.count = 0;
}

bool nc_unit_check(NcUnit *unit, bool require_data) {
  nc_parse_sources(unit);
  unit->fetched = nc_parse_fetch(unit, unit->fetch);
  NcSemaOptions options = {.facts = nc_data_facts,
                           .facts_context = unit,
                           .stored_context = unit,
                           .fetch = unit->fetched,
                           .fetch_training = unit->fetch_training,
                           .require_data = require_data};
  // A checkpoint has the values that training made of the first ones.
  if (!unit->from_checkpoint || require_data)
    options.stored = nc_stored_facts;
  // A tree with holes would give errors about what the holes hid.
  if (unit->diags->error_count == 0)
    unit->program = nc_sema(unit->arena, unit->sources, unit->ast, unit->diags, &options);
  bool ok = unit->program && unit->diags->error_count == 0;
  nc_unit_report(unit);
  nc_timings_mark(&unit->timings, "check");
  return ok;
}

bool nc_unit_passes(NcUnit *unit, NcPassHook after, void *context) {
  bool ok = nc_passes_run(unit->program->module, unit->diags, after, context);
  nc_unit_report(unit);
  nc_timings_mark(&unit->timings, "passes");
  return ok;
}

bool nc_unit_target(NcUnit *unit, const NcOptions *options, NcTarget *target) {
  const char *message = NULL;
  if (!nc_target_select(unit->arena, options->target, options->cpu, target, &message)) {
    fprintf(unit->messages, "netc: %s\n", message);
    return false;
  }
  if (options->math && strcmp(options->math, "portable") == 0)
    nc_target_make_portable(target);
  if (options->math && strcmp(options->math, "fast") == 0)
    nc_target_make_fast(target);
  return true;
}
