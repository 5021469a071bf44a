// netc build: a program, or what it learned, in a form for other tools.
#include "driver/build.h"

#include "base/map.h"
#include "driver/experiment.h"
#include "driver/name.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

typedef struct Kind {
  const char *name;
  const char *ending; // of the file that is written where none is named
  int (*write)(const NcBuild *build);
} Kind;

static const Kind kinds[] = {
    {"c", ".c", nc_build_c},          {"obj", ".o", nc_build_object},
    {"asm", ".s", nc_build_assembly}, {"llvm", ".ll", nc_build_llvm},
    {"onnx", ".onnx", nc_build_onnx}, {"html", ".html", nc_build_html},
};
enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

static const Kind *find_kind(const char *name) {
  const char *best = NULL;
  int distance = INT_MAX;
  for (int i = 0; name && i < KIND_COUNT; i++) {
    if (strcmp(kinds[i].name, name) == 0)
      return &kinds[i];
    nc_suggest(name, kinds[i].name, &best, &distance);
  }
  fprintf(stderr, "netc build: --emit says what to write: ");
  for (int i = 0; i < KIND_COUNT; i++)
    fprintf(stderr, "%s%s", i ? ", " : "", kinds[i].name);
  if (name)
    fprintf(stderr, "; not '%s'", name);
  if (best)
    fprintf(stderr, "; did you mean '%s'?", best);
  fprintf(stderr, "\n'netc build --help' shows the usage\n");
  return NULL;
}

const NcGraph *nc_build_graph(const NcBuild *build) {
  const NcUnit *unit = build->unit;
  const NcGraph *graph =
      nc_module_graph(unit->program->module, unit->fetched ? "fetch" : "predict");
  if (graph && graph->results.count > 0)
    return graph;
  fprintf(stderr,
          "netc: %s has no output to export: add `output NAME = value` there, or say with --fetch "
          "which values\n",
          unit->name);
  return NULL;
}

static int build_unit(const Kind *kind, NcUnit *unit, const NcOptions *options) {
  NcrtStatus status = {0};
  NcBuild build = {unit, options, options->out};
  if (!build.out)
    build.out = nc_name_here(unit->arena, options->file, kind->ending);
  if (strcmp(build.out, options->file) == 0) {
    fprintf(stderr, "netc build: -o names the file that is read, %s\n", build.out);
    return NC_EXIT_USAGE;
  }
  unit->fetch = options->fetch;
  if (!nc_unit_check(unit, false))
    return NC_EXIT_INPUT;
  if (!ncrt_file_check_target(build.out, &status))
    return nc_fail_status(&status);
  return kind->write(&build);
}

static int run(const NcOptions *options) {
  const Kind *kind = find_kind(options->emit);
  if (!kind)
    return NC_EXIT_USAGE;
  NcUnit unit;
  if (!nc_unit_open_any(&unit, options))
    return NC_EXIT_INPUT;
  int code = build_unit(kind, &unit, options);
  nc_unit_close(&unit);
  return code;
}

const NcCommand nc_command_build = {
    .name = "build",
    .argument = "FILE.net|FILE.safetensors",
    .summary = "Write a network in a form for other tools: an ONNX model.",
    .details = "Of a .net file the params have their first values, of a checkpoint those it holds.",
    .example = "netc build mnist.safetensors --emit=onnx -o mnist.onnx",
    .options =
        " --emit -o --entry --weights --fetch --batch --blas --main --lines --set --data --seed "
        "--cpu --math "
        "--color ",
    .run = run,
};
