// Reading a .net file up to its program.
#include "driver/load.h"

#include "driver/data.h"

#include "netc_rt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_SOURCE (16u << 20)

static char *folder_of(NcArena *arena, const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? nc_arena_strndup(arena, path, slash == path ? 1 : (size_t)(slash - path))
               : nc_arena_strdup(arena, ".");
}

static void open_unit(NcUnit *unit, const NcOptions *options, const char *path) {
  *unit = (NcUnit){.arena = nc_arena_create()};
  nc_timings_open(&unit->timings, options->timings);
  unit->sources = nc_source_create(unit->arena);
  unit->diags = nc_diags_create(unit->arena, unit->sources);
  if (options->data)
    unit->folders[unit->folder_count++] = options->data;
  unit->folders[unit->folder_count++] = folder_of(unit->arena, path);
}

static bool read_text(NcArena *arena, const char *path, char **text, size_t *length) {
  FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  if (!in) {
    fprintf(stderr, "netc: cannot open %s: %s\n", path, strerror(errno));
    return false;
  }
  NcText all = nc_text_create(arena);
  nc_text_append(&all, "");
  char block[65536];
  size_t got;
  while (all.length <= MAX_SOURCE && (got = fread(block, 1, sizeof block, in)) > 0)
    nc_text_append_n(&all, block, got);
  int error = ferror(in) ? errno : 0;
  if (in != stdin)
    fclose(in);
  if (error)
    fprintf(stderr, "netc: cannot read %s: %s\n", path, strerror(error));
  else if (all.length > MAX_SOURCE)
    fprintf(stderr, "netc: %s is longer than 16 MB, which no source file should be\n", path);
  *text = all.data;
  *length = all.length;
  return !error && all.length <= MAX_SOURCE;
}

bool nc_unit_open(NcUnit *unit, const NcOptions *options) {
  open_unit(unit, options, options->file);
  char *text;
  size_t length;
  if (!read_text(unit->arena, options->file, &text, &length)) {
    nc_unit_close(unit);
    return false;
  }
  const char *name = strcmp(options->file, "-") == 0 ? "<stdin>" : options->file;
  unit->file = nc_source_add(unit->sources, name, text, length, false);
  nc_timings_mark(&unit->timings, "read the source");
  return true;
}

bool nc_unit_open_text(NcUnit *unit, const NcOptions *options, const char *path, const char *name,
                       const char *text) {
  open_unit(unit, options, path);
  unit->file = nc_source_add(unit->sources, name, text, strlen(text), false);
  return true;
}

void nc_unit_close(NcUnit *unit) {
  nc_arena_destroy(unit->arena);
  unit->arena = NULL;
}

void nc_unit_report(NcUnit *unit) {
  NcText text = nc_text_create(unit->arena);
  bool color = isatty(2) && !getenv("NO_COLOR");
  nc_diags_print(unit->diags, &text, color);
  if (text.data)
    fputs(text.data, stderr);
  unit->diags->items.count = 0;
}

bool nc_unit_check(NcUnit *unit, bool require_data) {
  unit->ast = nc_parse(unit->arena, unit->sources, unit->file, unit->diags);
  NcSemaOptions options = {
      .facts = nc_data_facts, .facts_context = unit, .require_data = require_data};
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
  if (!nc_target_select(unit->arena, options->cpu ? options->cpu : "native", target, &message)) {
    fprintf(stderr, "netc: %s\n", message);
    return false;
  }
  if (options->math && strcmp(options->math, "portable") == 0)
    nc_target_make_portable(target);
  return true;
}
