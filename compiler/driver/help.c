// What the commands say about themselves.
#include "driver/help.h"

#include <stdlib.h>
#include <string.h>

const NcCommand *const nc_commands[] = {&nc_command_check,
                                        &nc_command_train,
                                        &nc_command_eval,
                                        &nc_command_predict,
                                        &nc_command_plot,
                                        &nc_command_plan,
                                        &nc_command_data,
                                        &nc_command_dump,
                                        &nc_command_opt,
                                        &nc_command_run,
                                        &nc_command_replay,
                                        &nc_command_build,
                                        &nc_command_gradcheck,
                                        &nc_command_fmt,
                                        &nc_command_ckpt,
                                        &nc_command_explain,
                                        NULL};

enum { WIDTH = 80, OPTION_COLUMN = 27 };

static const char summary[] = "netc compiles and trains neural networks written in .net files.";
static const char example[] = "netc train examples/mnist/mnist.net --data examples/mnist/data";
static const char *const statuses[] = {"done",
                                       "the input is wrong",
                                       "the usage is wrong",
                                       "the machine failed",
                                       "interrupted after what was done was saved",
                                       NULL};
static const char *const environment[][2] = {
    {"NETC_CACHE", "the folder that keeps compiled code (default: $XDG_CACHE_HOME/netc, or "
                   "~/.cache/netc); empty keeps none"},
    {"NO_COLOR", "if it is not empty, no colours, unless --color=always asks for them"},
    {"CC", "the C compiler of netc gradcheck and its options (default: cc)"},
    {"NETC_PERF_MAP", "1 tells perf the names of kernels, in /tmp/perf-PID.map"},
    {NULL, NULL}};

static int columns(const char *word, size_t length) {
  int count = 0;
  for (size_t i = 0; i < length; i++)
    count += ((unsigned char)word[i] & 0xc0) != 0x80;
  return count;
}

void nc_help_wrap(FILE *out, const char *text, int at, int indent) {
  bool first = true;
  for (const char *word = text; *(word += strspn(word, " \n"));) {
    size_t length = strcspn(word, " \n");
    int width = columns(word, length);
    if (!first && at + 1 + width > WIDTH) {
      fprintf(out, "\n%*s", indent, "");
      at = indent;
    } else if (!first) {
      fputc(' ', out);
      at++;
    }
    fwrite(word, 1, length, out);
    at += width;
    first = false;
    word += length;
  }
  fputc('\n', out);
}

static void print_option(FILE *out, const NcOptionHelp *option) {
  char left[60];
  int length = snprintf(left, sizeof left, "  %s%s%s", option->name, option->value ? " " : "",
                        option->value ? option->value : "");
  if (length < OPTION_COLUMN)
    fprintf(out, "%-*s", OPTION_COLUMN, left);
  else
    fprintf(out, "%s\n%*s", left, OPTION_COLUMN, "");
  nc_help_wrap(out, option->help, OPTION_COLUMN, OPTION_COLUMN);
}

void nc_help_print(FILE *out) {
  fprintf(out, "%s\n\nusage: netc COMMAND [OPTION…] FILE\n\nCommands:\n", summary);
  for (int i = 0; nc_commands[i]; i++) {
    fprintf(out, "  %-7s ", nc_commands[i]->name);
    nc_help_wrap(out, nc_commands[i]->summary, 10, 10);
  }
  fprintf(out, "\n'netc COMMAND --help' shows its options. Exit status:\n");
  for (int i = 0; statuses[i]; i++)
    fprintf(out, "  %d  %s\n", i, statuses[i]);
  fprintf(out, "\nExample:\n  %s\n", example);
}

void nc_help_command(const NcCommand *command) {
  NcOptionHelp option;
  printf("usage: netc %s [OPTION…] %s\n\n", command->name, command->argument);
  nc_help_wrap(stdout, command->summary, 0, 0);
  if (command->details) {
    printf("\n");
    nc_help_wrap(stdout, command->details, 0, 0);
  }
  printf("\nOptions:\n");
  for (int at = 0; nc_option_next(command, &at, &option);)
    print_option(stdout, &option);
  printf("\nExample:\n  %s\n", command->example);
}

// ---- the manual page

// A line may not begin with a control character, and a '-' of a command is no hyphen. Blanks that
// begin a line are the terminal's.
static void man_text(const char *text) {
  bool begins = true;
  for (; *text; text++) {
    if (begins && (*text == '.' || *text == '\''))
      printf("\\&");
    if (begins && *text == ' ')
      continue;
    begins = *text == '\n';
    if (strncmp(text, "…", strlen("…")) == 0) {
      printf("...");
      text += strlen("…") - 1;
    } else if (*text == '\\')
      printf("\\e");
    else if (*text == '-')
      printf("\\-");
    else if (*text == '\'')
      printf("\\(aq");
    else
      putchar(*text);
  }
}

// Words on one line: man fills lines itself.
static void man_words(const char *text) {
  char *line = strdup(text);
  for (char *c = line; c && *c; c++)
    if (*c == '\n')
      *c = ' ';
  man_text(line ? line : "");
  putchar('\n');
  free(line);
}

static void man_item(const char *name, const char *value, const char *text) {
  printf(".TP\n.B ");
  man_text(name);
  if (value) {
    printf(" \\fI");
    man_text(value);
    printf("\\fR");
  }
  printf("\n");
  man_words(text);
}

static void man_example(const char *text) {
  printf(".PP\n.EX\n.RS\n");
  man_text(text);
  printf("\n.RE\n.EE\n");
}

static void man_command(const NcCommand *command) {
  NcOptionHelp option;
  printf(".SS netc %s [\\fIOPTION\\fR...] ", command->name);
  man_text(command->argument);
  printf("\n");
  man_words(command->summary);
  if (command->details) {
    printf(".PP\n");
    man_words(command->details);
  }
  for (int at = 0; nc_option_next(command, &at, &option);)
    man_item(option.name, option.value, option.help);
  man_example(command->example);
}

void nc_help_man(void) {
  printf(".\\\" Made by 'netc help --man' from what the commands say about themselves.\n"
         ".TH NETC 1 \"\" \"netc %s\" \"User Commands\"\n.ad l\n.SH NAME\n"
         "netc \\- compile and train neural networks\n.SH SYNOPSIS\n.B netc\n\\fICOMMAND\\fR "
         "[\\fIOPTION\\fR...] \\fIFILE\\fR\n.SH DESCRIPTION\n",
         NETC_VERSION);
  man_words(summary);
  man_example(example);
  printf(".SH COMMANDS\n");
  for (int i = 0; nc_commands[i]; i++)
    man_command(nc_commands[i]);
  printf(".SH EXIT STATUS\n");
  for (int i = 0; statuses[i]; i++)
    man_item((char[]){(char)('0' + i), 0}, NULL, statuses[i]);
  printf(".SH ENVIRONMENT\n");
  for (int i = 0; environment[i][0]; i++)
    man_item(environment[i][0], NULL, environment[i][1]);
}
