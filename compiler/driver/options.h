// The command line: options that commands share, read by one table.
#ifndef NC_DRIVER_OPTIONS_H
#define NC_DRIVER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

// Exit codes.
enum {
  NC_EXIT_OK = 0,
  NC_EXIT_INPUT = 1,
  NC_EXIT_USAGE = 2,
  NC_EXIT_MACHINE = 3,
  NC_EXIT_INTERRUPTED = 4, // by a signal, after what was done was saved
};

#define NC_MAX_SETTINGS 100

// --set NAME=VALUE, as given, each with its `=`.
typedef struct NcSettings {
  const char *items[NC_MAX_SETTINGS];
  int count;
} NcSettings;

// --index N, any number of times.
typedef struct NcNumbers {
  int64_t items[NC_MAX_SETTINGS];
  int count;
} NcNumbers;

typedef struct NcOptions {
  const char *file;        // the first argument that is not an option
  const char *const *more; // those after it
  int more_count;
  const char *data, *out, *stage, *after, *node, *graph, *pass, *target, *cpu, *math, *dataset,
      *against;
  const char *color, *message_format, *format, *fetch, *plot;
  const char *resume, *init, *init_map, *monitor, *show;
  const char *output, *label, *invert;
  const char *emit, *weights, *entry;
  const char *of, *wrt, *tolerance;
  int64_t epochs, batch, seed, threads;        // -1: not given
  int64_t max_memory;                          // bytes; -1: not given
  int64_t timings, markdown, check, shapes;    // flags: 0 or 1
  int64_t training, json, dry_run, in_order;   // flags
  int64_t wrong, images, lines, main, blas;    // flags
  int64_t checkpoint_every, patience, overfit; // -1: not given
  int64_t top, first, hardest, step, samples;  // -1: not given
  int64_t profile;                             // flag
  int64_t seconds;                             // -1: not given
  NcNumbers index;
  NcSettings set, feed;
} NcOptions;

typedef struct NcCommand {
  const char *name;
  const char *argument; // "FILE.net"; in square brackets if it may be left out
  const char *summary;  // one line
  const char *details;  // what else help says
  const char *example;  // a command line
  const char *options;  // names of the options it takes beside those of every command, in spaces
  int (*run)(const NcOptions *options);
  int more; // how many arguments may follow the first
} NcCommand;

// With nothing given.
NcOptions nc_options_none(void);

// Reads the arguments after the command's name. False if the usage is wrong, which was printed, or
// if help was asked for and printed (*exit_code then tells which).
bool nc_options_read(const NcCommand *command, int argc, char **argv, NcOptions *options,
                     int *exit_code);
// What help says of an option.
typedef struct NcOptionHelp {
  const char *name, *value, *help; // a flag has no value
} NcOptionHelp;
// Goes through the options that a command takes; *at is 0 at first. False after the last.
bool nc_option_next(const NcCommand *command, int *at, NcOptionHelp *help);
// Whether --color and the stream let what is printed there have colours.
bool nc_options_color(const NcOptions *options, FILE *out);
void nc_version_print(void);

extern const NcCommand nc_command_check, nc_command_train, nc_command_eval, nc_command_plan,
    nc_command_data, nc_command_dump, nc_command_run, nc_command_replay, nc_command_opt,
    nc_command_explain, nc_command_fmt, nc_command_ckpt, nc_command_predict, nc_command_plot,
    nc_command_build, nc_command_gradcheck;

#endif
