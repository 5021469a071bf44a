// netc: the command.
#include "driver/help.h"

#include "base/map.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static const NcCommand *find(const char *name) {
  for (int i = 0; nc_commands[i]; i++)
    if (strcmp(name, nc_commands[i]->name) == 0)
      return nc_commands[i];
  return NULL;
}

static int unknown(const char *name) {
  const char *best = NULL;
  int distance = INT_MAX;
  for (int i = 0; nc_commands[i]; i++)
    nc_suggest(name, nc_commands[i]->name, &best, &distance);
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
    nc_help_print(stderr);
    return NC_EXIT_USAGE;
  }
  bool helps =
      strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0;
  if (helps && argc > 2 && strcmp(argv[2], "--man") == 0) {
    nc_help_man();
    return flush(NC_EXIT_OK);
  }
  if (helps && argc > 2) {
    const NcCommand *command = find(argv[2]);
    if (!command)
      return unknown(argv[2]);
    nc_help_command(command);
    return flush(NC_EXIT_OK);
  }
  if (helps) {
    nc_help_print(stdout);
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
