// netc ckpt: what is in checkpoints, and how two differ.
#include "driver/ckpt.h"

#include "base/map.h"
#include "driver/experiment.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static bool open_file(const char *path, NcrtSafetensors *file) {
  NcrtStatus status = {0};
  if (ncrt_safetensors_read(path, file, &status))
    return true;
  fprintf(stderr, "netc: %s\n", status.message);
  return false;
}

static int show(const NcOptions *options) {
  NcrtSafetensors file;
  if (!open_file(options->more[0], &file))
    return NC_EXIT_INPUT;
  int code = nc_ckpt_show(&file, options->json);
  ncrt_safetensors_free(&file);
  return code;
}

static int source(const NcOptions *options) {
  NcrtSafetensors file;
  NcrtCheckpointInfo info;
  NcrtStatus status = {0};
  if (!open_file(options->more[0], &file))
    return NC_EXIT_INPUT;
  int code = NC_EXIT_OK;
  if (ncrt_checkpoint_info(&file, &info, &status))
    fputs(info.source, stdout);
  else
    code = nc_fail_status(&status);
  ncrt_safetensors_free(&file);
  return code;
}

// As the command diff: 2 where there is nothing to compare.
static int diff(const NcOptions *options) {
  NcrtSafetensors a, b;
  if (!open_file(options->more[0], &a))
    return NC_EXIT_USAGE;
  int code = NC_EXIT_USAGE;
  if (open_file(options->more[1], &b)) {
    code = nc_ckpt_diff(&a, &b, options->json);
    ncrt_safetensors_free(&b);
  }
  ncrt_safetensors_free(&a);
  return code;
}

static const struct Action {
  const char *name;
  int files;
  int (*run)(const NcOptions *options);
} actions[] = {{"show", 1, show}, {"diff", 2, diff}, {"source", 1, source}};
enum { ACTION_COUNT = sizeof actions / sizeof *actions };

static int unknown(const char *name) {
  const char *best = NULL;
  int distance = INT_MAX;
  for (int i = 0; i < ACTION_COUNT; i++)
    nc_suggest(name, actions[i].name, &best, &distance);
  fprintf(stderr, "netc ckpt: '%s' is none of show, diff and source", name);
  if (best)
    fprintf(stderr, "; did you mean '%s'?", best);
  else
    fprintf(stderr, ": netc ckpt show CKPT");
  fprintf(stderr, "\n'netc ckpt --help' shows the usage\n");
  return NC_EXIT_USAGE;
}

static int run(const NcOptions *options) {
  const struct Action *action = NULL;
  for (int i = 0; i < ACTION_COUNT; i++)
    if (strcmp(actions[i].name, options->file) == 0)
      action = &actions[i];
  if (!action)
    return unknown(options->file);
  if (options->json && action->run == source) {
    fprintf(stderr, "netc ckpt source: takes no --json\n");
    return NC_EXIT_USAGE;
  }
  if (options->more_count == action->files)
    return action->run(options);
  fprintf(stderr, "netc ckpt %s: takes %s, not %d\n'netc ckpt --help' shows the usage\n",
          action->name, action->files == 1 ? "one file" : "two files", options->more_count);
  return NC_EXIT_USAGE;
}

const NcCommand nc_command_ckpt = {
    .name = "ckpt",
    .argument = "show|diff|source CKPT [CKPT]",
    .summary = "Look into checkpoints: what one holds, how two differ, the source.",
    .details = "show CKPT: where the training stands, and of each tensor its type, mean, standard\n"
               "deviation, least and greatest value. diff A B: what differs and by how much; exit\n"
               "status 0 if nothing does, 1 if something does, 2 if a file cannot be read. source\n"
               "CKPT: the .net file it was trained from. show and diff take any safetensors file.",
    .example = "netc ckpt show mnist.safetensors\n"
               "  netc ckpt diff mnist.safetensors mnist.best.safetensors\n"
               "  netc ckpt source mnist.safetensors",
    .options = " --json ",
    .run = run,
    .more = 2,
};
