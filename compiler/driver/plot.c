// netc plot: the curves of a training.
#include "driver/experiment.h"
#include "driver/history.h"
#include "driver/plot_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_STEPS = 40 };

// ---- in a terminal: a line for each curve, its heights as blocks

static double value_at(const double *values, int count, int step, int steps) {
  return values[steps > 1 ? (int)((int64_t)step * (count - 1) / (steps - 1)) : count - 1];
}

static void print_blocks(const double *values, int count, double low, double high) {
  static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  int steps = count < MOST_STEPS ? count : MOST_STEPS;
  for (int i = 0; i < steps; i++) {
    double value = value_at(values, count, i, steps);
    double share = high > low ? (value - low) / (high - low) : 0.5;
    fputs(isfinite(value) ? blocks[(int)fmin(7, share * 8)] : " ", stdout);
  }
  fputs("  ", stdout);
}

// The first and the last value, and the best, which may be lower or higher: both ends of the range.
static void print_curve(const NcHistory *h, const char *name, const char *pass,
                        const double *values, bool utf8) {
  double low = INFINITY, high = -INFINITY;
  for (int i = 0; i < h->count; i++)
    if (isfinite(values[i])) {
      low = fmin(low, values[i]);
      high = fmax(high, values[i]);
    }
  printf("%-16.16s %-10s  ", name, pass);
  if (utf8)
    print_blocks(values, h->count, low, high);
  printf("%.4g %s %.4g\n", values[0], utf8 ? "→" : "to", values[h->count - 1]);
}

static void print_history(const NcHistory *h) {
  NcrtProgress terminal;
  ncrt_progress_open(&terminal, stdout);
  printf("epochs %g to %g\n", h->epochs[0], h->epochs[h->count - 1]);
  for (int i = 0; i < h->series.count; i++) {
    const NcSeries *s = &h->series.items[i];
    print_curve(h, s->name, "training", s->training, terminal.utf8);
    if (s->validated)
      print_curve(h, s->name, "validation", s->validation, terminal.utf8);
  }
}

static int plot(NcArena *arena, const NcOptions *options) {
  NcPlotFile file = {0};
  NcHistory history;
  NcrtStatus status = {0};
  int code = options->plot ? nc_plot_file_open(arena, options->plot, &file) : NC_EXIT_OK;
  if (code != NC_EXIT_OK)
    return code;
  if (!nc_history_read(arena, options->file, &history, &status))
    return nc_fail_status(&status);
  if (options->plot)
    code = nc_plot_file_write(
        &file, nc_history_draw(arena, file.painter, "Course of a training", &history));
  if (code != NC_EXIT_OK)
    return code;
  print_history(&history);
  if (options->plot)
    printf("drawn %s\n", options->plot);
  return NC_EXIT_OK;
}

static int run(const NcOptions *options) {
  NcArena *arena = nc_arena_create();
  int code = plot(arena, options);
  nc_arena_destroy(arena);
  return code;
}

const NcCommand nc_command_plot = {
    .name = "plot",
    .argument = "LOG.jsonl",
    .summary = "Show how a training went: its loss and metrics, epoch by epoch.",
    .details = "The log is what netc train writes beside the checkpoint.",
    .example = "netc plot mnist.jsonl --plot curves.svg",
    .options = " --plot ",
    .run = run,
};
