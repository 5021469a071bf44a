// netc: the command.
#include "driver/options.h"

#include "base/map.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static const NcCommand *const commands[] = {
    &nc_command_check,   &nc_command_train, &nc_command_eval, &nc_command_plan,
    &nc_command_dump,    &nc_command_opt,   &nc_command_run,  &nc_command_replay,
    &nc_command_explain, &nc_command_fmt,   &nc_command_ckpt};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static void help(FILE *out) {
  fprintf(out,
          "netc compiles and trains neural networks written in .net files.\n\nusage: netc COMMAND "
          "[OPTION…] FILE\n\n"
          "Commands:\n");
  for (int i = 0; i < COMMAND_COUNT; i++)
    fprintf(out, "  %-7s %s\n", commands[i]->name, commands[i]->summary);
  fprintf(out,
          "\n'netc COMMAND --help' shows its options. Exit status: 0 done, 1 the input is wrong, 2 "
          "the usage is\n"
          "wrong, 3 the machine failed, 4 interrupted after what was done was saved.\n\nExample:\n "
          " netc train examples/mnist/mnist.net --data "
          "examples/mnist/data\n");
}

static const NcCommand *find(const char *name) {
  for (int i = 0; i < COMMAND_COUNT; i++)
    if (strcmp(name, commands[i]->name) == 0)
      return commands[i];
  return NULL;
}

static int unknown(const char *name) {
  const char *best = NULL;
  int distance = INT_MAX;
  for (int i = 0; i < COMMAND_COUNT; i++)
    nc_suggest(name, commands[i]->name, &best, &distance);
  fprintf(stderr, "netc: unknown command '%s'", name);
  if (best)
    fprintf(stderr, "; did you mean '%s'?", best);
  fprintf(stderr, "\n'netc --help' shows the commands\n");
  return NC_EXIT_USAGE;
}

// What was printed must have arrived: a full disk is an error, not a short output.
static int flush(int code) {
  if (fflush(stdout) == 0 && !ferror(stdout))
    return code;
  perror("netc: cannot write the output");
  return NC_EXIT_MACHINE;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    help(stderr);
    return NC_EXIT_USAGE;
  }
  bool helps =
      strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0;
  if (helps && argc > 2) {
    const NcCommand *command = find(argv[2]);
    if (!command)
      return unknown(argv[2]);
    nc_command_help(command);
    return flush(NC_EXIT_OK);
  }
  if (helps) {
    help(stdout);
    return flush(NC_EXIT_OK);
  }
  if (strcmp(argv[1], "--version") == 0) {
    nc_version_print();
    return flush(NC_EXIT_OK);
  }
  const NcCommand *command = find(argv[1]);
  if (!command)
    return unknown(argv[1]);
  NcOptions options;
  int code;
  if (nc_options_read(command, argc - 2, argv + 2, &options, &code))
    code = command->run(&options);
  return flush(code);
}
