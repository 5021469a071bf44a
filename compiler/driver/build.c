// netc build: a program, or what it learned, in a form for other tools.
#include "driver/build.h"

#include "base/map.h"
#include "driver/name.h"
#include "driver/sources.h"
#include "driver/stored.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

typedef struct Kind {
  const char *name;
  const char *ending; // of the file that is written where none is named
  int (*write)(const NcBuild *build);
  const char *takes; // of the options that not all kinds have, in spaces
} Kind;

#define CODE " --entry --batch --blas --target --cpu --math --weights=file "
static const Kind kinds[] = {
    {"c", ".c", nc_build_c, CODE "--main --lines "}, {"obj", ".o", nc_build_object, CODE},
    {"asm", ".s", nc_build_assembly, CODE},          {"llvm", ".ll", nc_build_llvm, CODE},
    {"onnx", ".onnx", nc_build_onnx, " "},           {"html", ".html", nc_build_html, " --math "},
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

const char *const *nc_build_names(const NcBuild *build, const NcGraph *graph) {
  const NcUnit *unit = build->unit;
  const char **names = NC_NEW_ARRAY(unit->arena, const char *, graph->results.count + 1);
  for (int i = 0; i < graph->results.count; i++)
    names[i] = unit->fetched ? nc_fetched_text(unit, i) : graph->results.items[i].name;
  return names;
}

// A checkpoint's values need no code.
int nc_build_values(const NcBuild *build, NcExperiment *e, NcrtLoad load) {
  static const char *const first[] = {"initialize", "initialize_metrics", NULL};
  static const char *const none[] = {NULL};
  NcOptions here = *build->options;
  NcrtStatus status = {0};
  here.target = here.cpu = NULL;
  int code = nc_experiment_compile(e, &here, build->unit->from_checkpoint ? none : first, 1,
                                   here.seed < 0 ? 1 : here.seed);
  if (code != NC_EXIT_OK)
    return code;
  return nc_stored_start(e, load, &status) ? NC_EXIT_OK : nc_experiment_fail(e, &status);
}

const void *nc_build_value(void *experiment, const NcVariable *variable) {
  const NcrtSession *session = ((const NcExperiment *)experiment)->session;
  return ncrt_session_data(session, ncrt_session_variable(session, variable->name));
}

// An option that the kind would pass over is refused.
static bool takes_options(const Kind *kind, const NcOptions *o) {
  const struct {
    const char *name;
    bool given;
  } options[] = {{"--entry", o->entry != NULL},
                 {"--batch", o->batch >= 0},
                 {"--blas", o->blas > 0},
                 {"--target", o->target != NULL},
                 {"--cpu", o->cpu != NULL},
                 {"--math", o->math != NULL},
                 {"--main", o->main > 0},
                 {"--lines", o->lines > 0},
                 {"--weights=file", o->weights && strcmp(o->weights, "file") == 0}};
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    size_t length = strlen(options[i].name);
    const char *at = strstr(kind->takes, options[i].name);
    if (!options[i].given || (at && at[length] == ' '))
      continue;
    fprintf(stderr, "netc build: --emit=%s takes no %s\n", kind->name, options[i].name);
    return false;
  }
  return true;
}

static bool check_name(const char *out, const NcOptions *options) {
  const char *problem = NULL;
  if (strcmp(out, options->file) == 0)
    problem = "the file that is read";
  else if (strcmp(out, "-") == 0)
    problem = "no file: give the name of one";
  if (problem)
    fprintf(stderr, "netc build: -o names %s: %s\n", problem, out);
  return !problem;
}

static int build_unit(const Kind *kind, NcUnit *unit, const NcOptions *options) {
  NcrtStatus status = {0};
  NcBuild build = {unit, options, options->out};
  if (!build.out)
    build.out = nc_name_here(unit->arena, options->file, kind->ending);
  if (!check_name(build.out, options))
    return NC_EXIT_USAGE;
  unit->fetch = options->fetch;
  if (!nc_unit_check(unit, false))
    return NC_EXIT_INPUT;
  if (!ncrt_file_check_target(build.out, &status))
    return nc_fail_status(&status);
  return kind->write(&build);
}

static int run(const NcOptions *options) {
  const Kind *kind = find_kind(options->emit);
  if (!kind || !takes_options(kind, options))
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
    .summary =
        "Write a network, and its training step, as C, an object file, a page, or an ONNX model.",
    .details = "Of a .net file the params have their first values, of a checkpoint those it holds. "
               "Code comes with a\n"
               "header, and needs no netc, no memory but what it is given, and no library but "
               "C's mathematics.",
    .example = "netc build mnist.safetensors --emit=c --entry=predict -o mnist.c",
    .options =
        " --emit -o --entry --weights --fetch --batch --blas --main --lines --set --data --seed "
        "--target --cpu --math --color ",
    .run = run,
};
