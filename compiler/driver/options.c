// The command line.
#include "driver/options.h"

#include "base/map.h"
#include "driver/help.h"
#include "netc_rt.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Option {
  const char *name, *value, *help; // a flag has no value
  size_t offset;                   // of the field in NcOptions
  enum { TEXT, NUMBER, NUMBERS, SIZE, SETTING } kind;
  int64_t low, high;          // of a number
  const char *const *choices; // of a text, NULL at the end; or NULL
  const char
      *only; // the commands that it is for, in spaces; NULL: those without a row of their own
} Option;

#define TEXT(field) offsetof(NcOptions, field), TEXT, 0, 0, NULL, NULL
#define TEXT_OF(field, only) offsetof(NcOptions, field), TEXT, 0, 0, NULL, only
#define CHOICE(field, choices) offsetof(NcOptions, field), TEXT, 0, 0, choices, NULL
#define NUMBER_OF(field, low, high, only) offsetof(NcOptions, field), NUMBER, low, high, NULL, only
#define NUMBER(field, low, high) NUMBER_OF(field, low, high, NULL)
#define SIZE(field) offsetof(NcOptions, field), SIZE, 1, INT64_MAX, NULL, NULL
#define FLAG_OF(field, only) NUMBER_OF(field, 0, 1, only)
#define FLAG(field) NUMBER(field, 0, 1)

static const char *const maths[] = {"default", "portable", "fast", NULL};
static const char *const colors[] = {"auto", "always", "never", NULL};
static const char *const message_formats[] = {"text", "json", NULL};
static const char *const formats[] = {"text", "dot", "svg", "net", NULL};
static const char *const inverts[] = {"auto", "always", "never", NULL};

static const char *const weights[] = {"embed", "file", "none", NULL};
static const char *const entries[] = {"predict", "step", "train", "all", NULL};

static const Option table[] = {
    {"-o", "FILE", "the file to write (default: the source's name in this folder)", TEXT(out)},
    {"--emit", "KIND", "what to write", TEXT(emit)},
    {"--weights", "HOW",
     "the values of params and what else there is: embed (the default), file, beside the code, or "
     "none",
     CHOICE(weights, weights)},
    {"--entry", "WHAT",
     "functions for which: predict, step (a training step and predict), train, or all (the "
     "default)",
     CHOICE(entry, entries)},
    {"--blas", NULL, "large products by cblas of OpenBLAS, which the program must be linked with",
     FLAG(blas)},
    {"--main", NULL, "also a program, which trains and predicts on idx files", FLAG(main)},
    {"--lines", NULL, "directives for debuggers and profilers: which line each statement is from",
     FLAG(lines)},
    {"--data", "DIR", "where the data files are, if not beside the file", TEXT(data)},
    {"--set", "NAME=VALUE", "the value of a constant, instead of the file's; any number of times",
     offsetof(NcOptions, set), SETTING, 0, 0, NULL, NULL},
    {"--fetch", "VALUES", "which values: names, paths and expressions, with commas between",
     TEXT(fetch)},
    {"--feed", "INPUT=FILE", "the samples of an input: an npy or idx file; one for each input",
     offsetof(NcOptions, feed), SETTING, 0, 0, NULL, NULL},
    {"--step", "N", "the step, from 1", NUMBER(step, 1, INT64_MAX)},
    {"--training", NULL, "as in training: with dropout, and with the checkpoint's step",
     FLAG(training)},
    {"--in-order", NULL, "in the order of the files, not as training sees them", FLAG(in_order)},
    {"--epochs", "N", "how many passes over the data, instead of the file's",
     NUMBER(epochs, 1, 1000000)},
    {"--batch", "N", "how many samples (default 4)", NUMBER_OF(batch, 1, 1 << 24, " gradcheck ")},
    {"--batch", "N", "samples in a step, instead of the file's", NUMBER(batch, 1, 1 << 24)},
    {"--seed", "N", "where random numbers start (default 1)", NUMBER(seed, 0, INT64_MAX)},
    {"--threads", "N", "threads to use (default: all processors); results do not depend on it",
     NUMBER(threads, 1, 256)},
    {"--out", "FILE", "save the value as an npy file; several in a folder, which is made",
     TEXT_OF(out, " run replay ")},
    {"--out", "FILE", "the checkpoint (default: the .net file's name in this folder)", TEXT(out)},
    {"--checkpoint-every", "STEPS", "write the checkpoint within epochs, too",
     NUMBER(checkpoint_every, 1, INT64_MAX)},
    {"--resume", "CKPT", "go on where this checkpoint stands, in it unless --out says otherwise",
     TEXT(resume)},
    {"--init", "FILE", "begin with these params: a checkpoint, or another safetensors file",
     TEXT(init)},
    {"--init-map", "FILE", "which params are which tensors of it, in JSON", TEXT(init_map)},
    {"--monitor", "NAME", "a metric, or -loss: which epoch is best, instead of the file's",
     TEXT(monitor)},
    {"--patience", "N", "end after N epochs without a better one", NUMBER(patience, 1, 1000000)},
    {"--show", "NAMES",
     "a line for each step: the batch's loss, metrics, or both, as loss,accuracy", TEXT(show)},
    {"--overfit", "N", "on the first N samples alone, without validation or checkpoint",
     NUMBER(overfit, 1, INT64_MAX)},
    {"--dry-run", NULL, "a few steps, to say what training would take; writes nothing",
     FLAG(dry_run)},
    {"--dataset", "NAME", "which data set (default: all)", TEXT_OF(dataset, " data ")},
    {"--dataset", "NAME", "which data set (default: the one that the graph is for)",
     TEXT_OF(dataset, " plan ")},
    {"--dataset", "NAME", "which data set (default: the one that validates)", TEXT(dataset)},
    {"--index", "N", "the sample of that number, from 0; any number of times",
     offsetof(NcOptions, index), NUMBERS, 0, INT64_MAX, NULL, " predict "},
    {"--index", "N", "the sample of that number, from 0", offsetof(NcOptions, index), NUMBERS, 0,
     INT64_MAX, NULL, NULL},
    {"--first", "N", "the first samples (default: of files all, of a data set 25)",
     NUMBER_OF(first, 1, 1 << 24, " predict ")},
    {"--first", "N", "the first samples (default: a batch)", NUMBER_OF(first, 1, 1 << 24, " run ")},
    {"--first", "N", "of how many batches the first sample is shown (default 4, drawn 25)",
     NUMBER_OF(first, 1, 1 << 24, " data ")},
    {"--wrong", NULL, "of these samples those that are predicted wrongly", FLAG(wrong)},
    {"--hardest", "N", "of these samples those whose true class got the lowest probability",
     NUMBER(hardest, 1, INT64_MAX)},
    {"--top", "N", "how many classes to show with their probabilities (default 3)",
     NUMBER(top, 1, 1 << 24)},
    {"--output", "NAME", "the output that gives the classes, or the only one to show",
     TEXT(output)},
    {"--label", "NAME", "the input that holds the true classes", TEXT(label)},
    {"--invert", "WHEN",
     "pictures, light for dark: always, never, or auto, if their background is "
     "light and that of the data is not (the default)",
     CHOICE(invert, inverts)},
    {"--images", NULL, "show every sample with its image and bars, not just a single one",
     FLAG(images)},
    {"--json", NULL, "print JSON: an object for each sample, one a line",
     FLAG_OF(json, " predict ")},
    {"--json", NULL, "print JSON", FLAG(json)},
    {"--plot", "FILE", "draw the value, instead of printing it: FILE.svg or FILE.png",
     TEXT_OF(plot, " run replay ")},
    {"--plot", "FILE", "also draw the curves, when training ends: FILE.svg or FILE.png",
     TEXT_OF(plot, " train ")},
    {"--plot", "FILE", "draw the samples, instead of printing them: FILE.svg or FILE.png",
     TEXT_OF(plot, " data ")},
    {"--plot", "FILE", "also draw a picture: FILE.svg or FILE.png", TEXT(plot)},
    {"--stage", "NAME", "ast, graph, grad, tensor, phases, kernel, calls, c, llvm or asm",
     TEXT(stage)},
    {"--format", "FORMAT",
     "text, or a picture of one graph: svg, or dot for Graphviz; or of derivatives net, a program",
     CHOICE(format, formats)},
    {"--of", "VALUE", "what is differentiated: one number (default: what the file minimizes)",
     TEXT(of)},
    {"--wrt", "VALUES", "by what: params, inputs and other values (default: every param)",
     TEXT(wrt)},
    {"--samples", "K", "how many elements of each gradient (default 8)",
     NUMBER(samples, 1, INT64_MAX)},
    {"--tolerance", "T", "how far slope and gradient may be apart, relative (default 1e-5)",
     TEXT(tolerance)},
    {"--after", "PASS", "the graph as that pass leaves it", TEXT(after)},
    {"--node", "PATH", "only what belongs to this path, as convnet.c1", TEXT(node)},
    {"--graph", "NAME", "which graph function, as train_step or predict", TEXT(graph)},
    {"--pass", "NAME", "the pass to run; several with commas", TEXT(pass)},
    {"--max-memory", "SIZE", "an error if more is needed, as 200M or 1.5G", SIZE(max_memory)},
    {"--profile", NULL, "run it, and show where the time goes", FLAG(profile)},
    {"--seconds", "S", "how long to measure (default 3)", NUMBER(seconds, 1, 3600)},
    {"--against", "COMMAND", "another program to run in turn", TEXT(against)},
    {"--target", "TRIPLE", "the kind of machine to generate code for, as aarch64-linux-gnu",
     TEXT(target)},
    {"--cpu", "NAME", "the processor to generate code for (default: native)", TEXT(cpu)},
    {"--math", "MODE",
     "default; portable: the same bits on every processor, without BLAS; or fast: fewer products, "
     "other rounding",
     CHOICE(math, maths)},
    {"--check", NULL, "change nothing; exit status 1 if the file is not formatted", FLAG(check)},
    {"--shapes", NULL, "write the types of bindings, outputs and metrics; the file must be valid",
     FLAG(shapes)},
    {"--markdown", NULL, "print the page docs/diagnostics.md", FLAG(markdown)},
    {"--timings", NULL, "print how long each stage takes, on standard error", FLAG(timings)},
    {"--color", "WHEN", "colours: always, never, or auto, on a terminal (the default)",
     CHOICE(color, colors)},
    {"--message-format", "FORMAT", "errors and warnings as text, or as json, one object a line",
     CHOICE(message_format, message_formats)},
};
enum { OPTION_COUNT = sizeof table / sizeof *table };

static bool lists(const char *words, const char *word) {
  char key[32];
  snprintf(key, sizeof key, " %s ", word);
  return strstr(words, key) != NULL;
}

// Whether this is the command's row of the option.
static bool takes(const NcCommand *command, const Option *option) {
  if (!lists(command->options, option->name) && !lists(" --color --message-format ", option->name))
    return false;
  if (option->only)
    return lists(option->only, command->name);
  for (const Option *o = table; o < option; o++)
    if (o->only && strcmp(o->name, option->name) == 0 && lists(o->only, command->name))
      return false;
  return true;
}

bool nc_option_next(const NcCommand *command, int *at, NcOptionHelp *help) {
  static const NcOptionHelp last[] = {{"--help", NULL, "this text"},
                                      {"--version", NULL, "the version of netc"}};
  while (*at < OPTION_COUNT && !takes(command, &table[*at]))
    ++*at;
  int i = (*at)++;
  if (i < OPTION_COUNT)
    *help = (NcOptionHelp){table[i].name, table[i].value, table[i].help};
  else if (i < OPTION_COUNT + 2)
    *help = last[i - OPTION_COUNT];
  return i < OPTION_COUNT + 2;
}

bool nc_options_color(const NcOptions *options, FILE *out) {
  if (!options->color || strcmp(options->color, "auto") == 0)
    return ncrt_progress_colour(out);
  return strcmp(options->color, "always") == 0;
}

void nc_version_print(void) { printf("netc %s\n", NETC_VERSION); }

static bool complain(const NcCommand *command, const char *what, const char *which) {
  fprintf(stderr, "netc %s: %s '%s'\n", command->name, what, which);
  fprintf(stderr, "'netc %s --help' shows the usage\n", command->name);
  return false;
}

static bool unknown(const NcCommand *command, const char *argument) {
  const char *best = NULL;
  char name[64]; // what is longer is like none
  snprintf(name, sizeof name, "%.*s", (int)strcspn(argument, "="), argument);
  int distance = INT_MAX;
  for (int i = 0; i < OPTION_COUNT; i++)
    if (takes(command, &table[i]))
      nc_suggest(name, table[i].name, &best, &distance);
  fprintf(stderr, "netc %s: unknown option '%s'", command->name, argument);
  if (best)
    fprintf(stderr, "; did you mean '%s'?", best);
  fprintf(stderr, "\n'netc %s --help' shows the options\n", command->name);
  return false;
}

static bool set_number(const NcCommand *command, const Option *option, const char *text,
                       int64_t *field) {
  char *end;
  errno = 0;
  long long value = strtoll(text, &end, 10);
  if (*text == 0 || *end != 0 || errno || value < option->low || value > option->high) {
    fprintf(stderr, "netc %s: %s takes a whole number from %lld to %lld, not '%s'\n", command->name,
            option->name, (long long)option->low, (long long)option->high, text);
    return false;
  }
  *field = value;
  return true;
}

// "500000", "200M", "1.5G": bytes, or millions and billions of them.
static bool set_size(const NcCommand *command, const Option *option, const char *text,
                     int64_t *field) {
  static const struct {
    char letter;
    double bytes;
  } units[] = {{0, 1}, {'k', 1e3}, {'K', 1e3}, {'M', 1e6}, {'G', 1e9}, {'T', 1e12}};
  char *end;
  double value = strtod(text, &end);
  bool digits = text[0] >= '0' && text[0] <= '9';
  for (size_t i = 0; digits && i < sizeof units / sizeof *units; i++) {
    bool fits = *end == units[i].letter && (*end == 0 || end[1] == 0);
    if (fits && value * units[i].bytes >= 1 && value * units[i].bytes < 1e18) {
      *field = (int64_t)(value * units[i].bytes);
      return true;
    }
  }
  fprintf(stderr, "netc %s: %s takes a number of bytes such as 200M or 1.5G, not '%s'\n",
          command->name, option->name, text);
  return false;
}

static bool add_setting(const NcCommand *command, const Option *option, const char *text,
                        NcSettings *settings) {
  size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
  if (length == 0 || text[length] != '=' || (*text >= '0' && *text <= '9')) {
    fprintf(stderr, "netc %s: %s takes %s, not '%s'\n", command->name, option->name, option->value,
            text);
    return false;
  }
  if (settings->count == NC_MAX_SETTINGS) {
    fprintf(stderr, "netc %s: %s can be given %d times\n", command->name, option->name,
            NC_MAX_SETTINGS);
    return false;
  }
  settings->items[settings->count++] = text;
  return true;
}

static bool add_number(const NcCommand *command, const Option *option, const char *text,
                       NcNumbers *numbers) {
  if (numbers->count == NC_MAX_SETTINGS) {
    fprintf(stderr, "netc %s: %s can be given %d times\n", command->name, option->name,
            NC_MAX_SETTINGS);
    return false;
  }
  return set_number(command, option, text, &numbers->items[numbers->count++]);
}

static bool set_flag(const NcCommand *command, const Option *option, const char *equals,
                     int64_t *field) {
  if (equals)
    return complain(command, "no value goes with", option->name);
  *field = 1;
  return true;
}

static bool set_text(const NcCommand *command, const Option *option, const char *text,
                     const char **field) {
  const char *best = NULL;
  int distance = INT_MAX;
  *field = text;
  for (const char *const *c = option->choices; c && *c; c++) {
    if (strcmp(*c, text) == 0)
      return true;
    nc_suggest(text, *c, &best, &distance);
  }
  if (!option->choices)
    return true;
  fprintf(stderr, "netc %s: %s takes ", command->name, option->name);
  for (const char *const *c = option->choices; *c; c++)
    fprintf(stderr, "%s%s", c == option->choices ? "" : c[1] ? ", " : " or ", *c);
  fprintf(stderr, ", not '%s'", text);
  if (best)
    fprintf(stderr, "; did you mean '%s'?", best);
  fputc('\n', stderr);
  return false;
}

// The value after '=', or the next argument.
static const char *value_of(const char *equals, int argc, char **argv, int *at) {
  if (equals)
    return equals + 1;
  return *at + 1 < argc ? argv[++*at] : NULL;
}

static bool read_option(const NcCommand *command, int argc, char **argv, int *at,
                        NcOptions *options) {
  const char *argument = argv[*at], *equals = strchr(argument, '=');
  size_t length = equals ? (size_t)(equals - argument) : strlen(argument);
  for (int i = 0; i < OPTION_COUNT; i++) {
    const Option *o = &table[i];
    if (strlen(o->name) != length || strncmp(o->name, argument, length) != 0 || !takes(command, o))
      continue;
    char *field = (char *)options + o->offset;
    if (!o->value)
      return set_flag(command, o, equals, (int64_t *)(void *)field);
    const char *value = value_of(equals, argc, argv, at);
    if (!value)
      return complain(command, "a value is missing after", o->name);
    if (o->kind == NUMBER)
      return set_number(command, o, value, (int64_t *)(void *)field);
    if (o->kind == SIZE)
      return set_size(command, o, value, (int64_t *)(void *)field);
    if (o->kind == NUMBERS)
      return add_number(command, o, value, (NcNumbers *)(void *)field);
    if (o->kind == SETTING)
      return add_setting(command, o, value, (NcSettings *)(void *)field);
    return set_text(command, o, value, (const char **)(void *)field);
  }
  return unknown(command, argument);
}

// Answers --help and --version.
static bool is_question(const NcCommand *command, const char *argument) {
  if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0)
    nc_help_command(command);
  else if (strcmp(argument, "--version") == 0)
    nc_version_print();
  else
    return false;
  return true;
}

NcOptions nc_options_none(void) {
  return (NcOptions){.epochs = -1,
                     .batch = -1,
                     .seed = -1,
                     .threads = -1,
                     .max_memory = -1,
                     .top = -1,
                     .first = -1,
                     .hardest = -1,
                     .step = -1,
                     .samples = -1,
                     .checkpoint_every = -1,
                     .patience = -1,
                     .overfit = -1};
}

bool nc_options_read(const NcCommand *command, int argc, char **argv, NcOptions *options,
                     int *exit_code) {
  *options = nc_options_none();
  options->more = (const char *const *)argv;
  *exit_code = NC_EXIT_USAGE;
  bool only_files = false; // after "--"
  for (int i = 0; i < argc; i++) {
    if (!only_files && is_question(command, argv[i])) {
      *exit_code = NC_EXIT_OK;
      return false;
    }
    if (!only_files && strcmp(argv[i], "--") == 0) {
      only_files = true;
    } else if (!only_files && argv[i][0] == '-' && argv[i][1] != 0) {
      if (!read_option(command, argc, argv, &i, options))
        return false;
    } else if (!options->file) {
      options->file = argv[i];
    } else if (options->more_count < command->more) {
      argv[options->more_count++] = argv[i]; // what stood there has been read
    } else {
      return complain(command,
                      command->more ? "too many arguments; what is" : "one file at a time; what is",
                      argv[i]);
    }
  }
  if (!options->file && command->argument[0] != '[') {
    fprintf(stderr, "netc %s: a file is missing: netc %s %s\n'netc %s --help' shows the usage\n",
            command->name, command->name, command->argument, command->name);
    return false;
  }
  return true;
}
