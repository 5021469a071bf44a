// Draws the progress of a training.
#include "progress.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

// A line as it is put together.
typedef struct Line {
  char text[8192];
  size_t used;
} Line;

__attribute__((format(printf, 2, 3))) static void add(Line *line, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length =
      vsnprintf(line->text + line->used, sizeof line->text - line->used, format, arguments);
  va_end(arguments);
  size_t end = line->used + (length < 0 ? 0 : (size_t)length);
  line->used = end < sizeof line->text ? end : sizeof line->text - 1;
}

static double monotonic(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static bool locale_is_utf8(void) {
  const char *names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  for (int i = 0; i < 3; i++) {
    const char *value = getenv(names[i]);
    if (value != NULL && *value != 0)
      return strstr(value, "UTF-8") != NULL || strstr(value, "utf8") != NULL ||
             strstr(value, "UTF8") != NULL || strstr(value, "utf-8") != NULL;
  }
  return false;
}

static int find_width(FILE *out) {
  const char *columns = getenv("COLUMNS");
  long width = columns != NULL ? strtol(columns, NULL, 10) : 0;
  struct winsize size;
  if (width <= 0 && ioctl(fileno(out), TIOCGWINSZ, &size) == 0)
    width = size.ws_col;
  return width >= 20 && width <= 400 ? (int)width : 80;
}

static bool is_terminal(FILE *out) {
  const char *kind = getenv("TERM");
  return isatty(fileno(out)) && (kind == NULL || strcmp(kind, "dumb") != 0);
}

bool ncrt_progress_colour(FILE *out) {
  const char *no_colour = getenv("NO_COLOR");
  return is_terminal(out) && (no_colour == NULL || *no_colour == 0);
}

void ncrt_progress_open(NcrtProgress *progress, FILE *out) {
  *progress = (NcrtProgress){.out = out,
                             .terminal = is_terminal(out),
                             .colour = ncrt_progress_colour(out),
                             .utf8 = locale_is_utf8(),
                             .width = find_width(out),
                             .now = monotonic};
}

void ncrt_progress_clear(NcrtProgress *progress) {
  if (progress->line_open)
    fputs("\r\x1b[K", progress->out);
  progress->line_open = false;
  fflush(progress->out);
}

static void print_number(char *text, size_t size, double value) {
  double magnitude = fabs(value);
  bool plain = value == 0 || (magnitude >= 1e-3 && magnitude < 1e5) || !isfinite(value);
  snprintf(text, size, plain ? "%.4f" : "%.3e", value);
}

static void add_metrics(Line *line, const NcrtMetrics *metrics) {
  for (int i = 0; i < metrics->count; i++) {
    char number[40];
    print_number(number, sizeof number, metrics->items[i].value);
    add(line, "  %s %s", metrics->items[i].name, number);
  }
}

int ncrt_metrics_print(FILE *out, const NcrtMetrics *metrics, const char *separator) {
  size_t columns = 0;
  for (int i = 0; i < metrics->count; i++) {
    const char *lead = i ? separator : "", *name = metrics->items[i].name;
    char number[40];
    print_number(number, sizeof number, metrics->items[i].value);
    columns += strlen(lead) + strlen(name) + 1 + strlen(number);
    if (out)
      fprintf(out, "%s%s %s", lead, name, number);
  }
  return (int)columns;
}

static void add_time(Line *line, double seconds) {
  if (seconds < 10)
    add(line, "%.1f s", seconds);
  else if (seconds < 60)
    add(line, "%.0f s", seconds);
  else if (seconds < 3600)
    add(line, "%d:%02d min", (int)seconds / 60, (int)seconds % 60);
  else
    add(line, "%d:%02d h", (int)fmin(seconds / 3600, 1e6), (int)fmod(seconds / 60, 60));
}

static double part_done(const NcrtPass *pass) {
  return pass->samples > 0 ? (double)pass->done / (double)pass->samples : 1;
}

// The bar takes `cells` columns.
static void put_bar(const NcrtProgress *progress, double part, int cells) {
  int full = (int)(part * cells);
  fputs(progress->colour ? "\x1b[32m" : "", progress->out);
  for (int i = 0; i < cells; i++) {
    if (i == full && progress->colour)
      fputs("\x1b[90m", progress->out);
    fputs(progress->utf8 ? (i < full ? "━" : "─") : (i < full ? "#" : "."), progress->out);
  }
  fputs(progress->colour ? "\x1b[0m  " : "  ", progress->out);
}

static void describe(const NcrtProgress *progress, const NcrtPass *pass, Line *line) {
  double seconds = progress->now() - progress->began;
  double rate = seconds > 0 ? (double)(pass->done - progress->first) / seconds : 0;
  NcrtMetrics metrics;
  NcrtStatus ignored; // what fails here fails again where the metrics are read at the end
  add(line, "%3.0f%%", floor(100 * part_done(pass)));
  if (ncrt_metrics_read(pass->session, pass->training, &metrics, &ignored))
    add_metrics(line, &metrics);
  add(line, "  %.0f/s  ", rate);
  if (rate > 0)
    add_time(line, (double)(pass->samples - pass->done) / rate);
  add(line, rate > 0 ? " left" : "");
}

static void add_title(Line *line, const NcrtPass *pass) {
  if (pass->epochs > 0)
    add(line, "epoch %lld/%lld  ", (long long)pass->epoch + 1, (long long)pass->epochs);
  if (!pass->training)
    add(line, pass->epochs > 0 ? "validation  " : "evaluation  ");
}

// One line, never wider than the terminal, as a wrapped line cannot be redrawn. The bar takes what
// is left.
static void draw(NcrtProgress *progress, const NcrtPass *pass) {
  Line title = {0}, rest = {0};
  add_title(&title, pass);
  describe(progress, pass, &rest);
  int room = progress->width - 1 - (int)title.used;
  int cells = room - (int)rest.used - 2;
  fprintf(progress->out, "\r%.*s", progress->width - 1, title.text);
  if (cells >= 5)
    put_bar(progress, part_done(pass), cells < 30 ? cells : 30);
  if (room > 0)
    fprintf(progress->out, "%.*s", room, rest.text);
  fputs("\x1b[K", progress->out);
  fflush(progress->out);
  progress->line_open = true;
}

static void on_begin(void *context, const NcrtPass *pass) {
  NcrtProgress *progress = context;
  progress->began = progress->now();
  progress->drawn = progress->began;
  progress->first = pass->done;
}

static void on_step(void *context, const NcrtPass *pass) {
  NcrtProgress *progress = context;
  double now = progress->now();
  if (pass->training)
    progress->epoch_seconds = now - progress->began;
  if (!progress->terminal || now - progress->drawn < 0.1)
    return;
  progress->drawn = now;
  draw(progress, pass);
}

static void on_epoch(void *context, const NcrtEpoch *epoch) {
  NcrtProgress *progress = context;
  Line line = {0}, rest = {0};
  double seconds = progress->epoch_seconds;
  add(&line, "epoch %lld/%lld", (long long)epoch->epoch + 1, (long long)epoch->epochs);
  int indent = (int)line.used;
  add(&line, "  ");
  add_time(&line, seconds);
  add(&line, "  %.0f/s", seconds > 0 ? (double)epoch->samples / seconds : 0);
  add_metrics(&line, &epoch->training);
  add(&rest, epoch->validated ? "  validation:" : "");
  add_metrics(&rest, &epoch->validation);
  add(&rest, epoch->best ? "  best" : "");
  bool wide = progress->terminal && line.used + rest.used > (size_t)progress->width;
  ncrt_progress_clear(progress);
  fprintf(progress->out, "%s", line.text);
  if (wide && epoch->validated)
    fprintf(progress->out, "\n%*s", indent, "");
  fprintf(progress->out, "%s\n", rest.text);
  fflush(progress->out);
}

NcrtWatcher ncrt_progress_watcher(NcrtProgress *progress) {
  return (NcrtWatcher){.context = progress, .begin = on_begin, .step = on_step, .epoch = on_epoch};
}
