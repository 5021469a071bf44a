// netc fmt: lays a file out.
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
  bool written =
      ncrt_file_check_target(target, &status) && ncrt_file_replace(target, &part, 1, &status);
  free(target);
  if (!written)
    fprintf(stderr, "netc fmt: %s\n", status.message);
  return written ? NC_EXIT_OK : NC_EXIT_MACHINE;
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

static int run(const NcOptions *options) {
  NcUnit unit;
  if (!nc_unit_open(&unit, options))
    return NC_EXIT_INPUT;
  nc_parse(unit.arena, unit.sources, unit.file, unit.diags);
  bool ok = unit.diags->error_count == 0;
  nc_unit_report(&unit);
  int code = NC_EXIT_INPUT;
  if (ok) {
    NcText text = nc_text_create(unit.arena);
    nc_format(unit.arena, unit.sources, unit.file, &text);
    code = deliver(options, &unit.sources->files.items[unit.file], &text);
  }
  nc_unit_close(&unit);
  return code;
}

const NcCommand nc_command_fmt = {
    .name = "fmt",
    .argument = "FILE.net",
    .summary = "Format a file: indentation, spaces, and lines of at most 100 columns.",
    .details = "The file is replaced; `-` formats standard input to standard output. Line breaks, "
               "single empty\nlines, comments, and columns that are lined up stay. A file with "
               "syntax errors is left alone.",
    .example = "netc fmt examples/mnist/mnist.net",
    .options = " --check ",
    .run = run,
};
