// netc fmt: lays a file out.
#include "driver/experiment.h"
#include "driver/load.h"
#include "syntax/format.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Writes the file that is meant, not a link to it.
static int replace(const char *path, const NcText *text) {
  char *target = realpath(path, NULL);
  if (!target) {
    fprintf(stderr, "netc fmt: cannot write %s: %s\n", path, strerror(errno));
    return NC_EXIT_INPUT;
  }
  NcrtStatus status = {0};
  NcrtPart part = {text->data, text->length};
  bool written = ncrt_file_replace(target, &part, 1, &status);
  free(target);
  return written ? NC_EXIT_OK : nc_fail_status(&status);
}

// The first line that formatting changes.
static int differing_line(const char *before, const char *after) {
  int line = 1;
  for (; *before && *before == *after; before++, after++)
    line += *before == '\n';
  return line;
}

static int deliver(const NcOptions *options, const NcSourceFile *before, const NcText *after) {
  bool same =
      before->length == after->length && memcmp(before->text, after->data, after->length) == 0;
  if (options->check && !same)
    fprintf(stderr, "netc fmt: %s is not formatted, from line %d on\n", before->name,
            differing_line(before->text, after->data));
  if (options->check)
    return same ? NC_EXIT_OK : NC_EXIT_INPUT;
  if (strcmp(options->file, "-") == 0) {
    fwrite(after->data, 1, after->length, stdout);
    return NC_EXIT_OK;
  }
  return same ? NC_EXIT_OK : replace(options->file, after);
}

static int by_place(const void *a, const void *b) {
  const NcUntyped *x = *(NcUntyped *const *)a, *y = *(NcUntyped *const *)b;
  return (x->name_span.begin > y->name_span.begin) - (x->name_span.begin < y->name_span.begin);
}

// The file with the types that sema found, as another file of the map.
static int with_types(NcUnit *unit) {
  NcUntyped **items = unit->program->untyped.items;
  int count = unit->program->untyped.count;
  if (count)
    qsort(items, (size_t)count, sizeof *items, by_place);
  const NcSourceFile *source = &unit->sources->files.items[unit->file];
  NcText text = nc_text_create(unit->arena);
  size_t done = 0;
  for (int i = 0; i < count; i++) {
    size_t end = (size_t)items[i]->name_span.end;
    if (items[i]->name_span.file != unit->file || items[i]->varies)
      continue;
    nc_text_append_n(&text, source->text + done, end - done);
    nc_text_printf(&text, ": %s", nc_type_format(unit->arena, &items[i]->type));
    done = end;
  }
  nc_text_append_n(&text, source->text + done, source->length - done);
  return nc_source_add(unit->sources, source->name, text.data, text.length, false);
}

// The file's number in the map, or that of the same file with types; -1 after a report.
static int to_format(NcUnit *unit, bool shapes) {
  if (shapes)
    return nc_unit_check(unit, false) ? with_types(unit) : -1;
  nc_parse(unit->arena, unit->sources, unit->file, unit->diags);
  bool ok = unit->diags->error_count == 0;
  nc_unit_report(unit);
  return ok ? unit->file : -1;
}

static int run(const NcOptions *options) {
  NcUnit unit;
  if (!nc_unit_open(&unit, options))
    return NC_EXIT_INPUT;
  int code = NC_EXIT_INPUT, file = to_format(&unit, options->shapes);
  if (file >= 0) {
    NcText text = nc_text_create(unit.arena);
    nc_format(unit.arena, unit.sources, file, &text);
    code = deliver(options, &unit.sources->files.items[unit.file], &text);
  }
  nc_unit_close(&unit);
  return code;
}

const NcCommand nc_command_fmt = {
    .name = "fmt",
    .argument = "FILE.net",
    .summary = "Format a file: indentation, spaces, and lines of at most 100 columns.",
    .details =
        "The file is replaced; `-` formats standard input to standard output. Line breaks, single "
        "empty lines,\ncomments, and columns that are lined up stay. A file with syntax errors is "
        "left alone.",
    .example = "netc fmt examples/mnist/mnist.net",
    .options = " --check --shapes --data ",
    .run = run,
};
