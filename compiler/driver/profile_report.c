// Prints and draws where the time of a step went.
#include "driver/profile.h"

#include "driver/columns.h"
#include "driver/help.h"
#include "driver/work.h"
#include "pictures/figure.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

// ---- the table

static const NcColumn columns[] = {{.head = "line", .right = true},
                                   {.head = "for", .least = 8},
                                   {.head = "part"},
                                   {.head = "time", .right = true},
                                   {.head = "share", .right = true},
                                   {.head = "MFLOP", .right = true},
                                   {.head = "MB", .right = true},
                                   {.head = "GFLOP/s", .right = true},
                                   {.head = "of peak", .right = true}};

// The unit in which all times are told.
static const char *unit_of(const NcProfile *p, double *scale) {
  *scale = p->all >= 1 ? 1 : p->all >= 1e-3 ? 1e3 : 1e6;
  return p->all >= 1 ? "s" : p->all >= 1e-3 ? "ms" : "us";
}

static const char *time_text(const NcProfile *p, double seconds) {
  double scale;
  const char *unit = unit_of(p, &scale);
  return nc_arena_printf(p->e.unit->arena, "%.3f %s", seconds * scale, unit);
}

// Where looking at the clock took longer than what is timed, its rate is not known.
static bool has_rate(const NcProfileRow *row) {
  return row->flops > 0 && row->seconds > row->clock;
}

static const char *percent(NcArena *arena, double part, double whole) {
  return whole > 0 ? nc_arena_printf(arena, "%.1f %%", 100 * part / whole) : "-";
}

// A row of the table; one that is a sum has neither line nor part.
static void add_row(NcColumns *table, const NcProfile *p, const NcProfileRow *row, bool sum) {
  NcArena *arena = table->arena;
  bool works = has_rate(row);
  NcCells cells = {{!sum && row->line ? nc_arena_printf(arena, "%d", row->line) : "", row->path,
                    sum ? "" : nc_profile_part_name(row->part), time_text(p, row->seconds),
                    percent(arena, row->seconds, p->all),
                    nc_arena_printf(arena, "%.3f", row->flops / 1e6),
                    nc_arena_printf(arena, "%.3f", row->bytes / 1e6),
                    works ? nc_arena_printf(arena, "%.1f", row->flops / row->seconds / 1e9) : "-",
                    works ? percent(arena, row->ideal, row->seconds) : "-"}};
  nc_vec_push(arena, table->rows, cells);
}

static void add_to(NcProfileRow *sum, const NcProfileRow *row) {
  sum->seconds += row->seconds;
  sum->clock += row->clock;
  sum->flops += row->flops;
  sum->ideal += row->ideal;
  sum->bytes += row->bytes;
}

// Of each part that there is, of what lies between the calls, and of all.
static void add_sums(NcColumns *table, const NcProfile *p) {
  NcProfileRow all = {.path = "all"}, between = {.path = "between kernels", .seconds = p->between};
  for (int part = 0; part < NC_PROFILE_PARTS; part++) {
    NcProfileRow sum = {.path = nc_profile_part_name((NcProfilePart)part)};
    for (int i = 0; i < p->rows.count; i++)
      if (p->rows.items[i].part == (NcProfilePart)part)
        add_to(&sum, &p->rows.items[i]);
    add_to(&all, &sum);
    if (sum.seconds > 0)
      add_row(table, p, &sum, true);
  }
  add_to(&all, &between);
  add_row(table, p, &between, true);
  add_row(table, p, &all, true);
}

static void print_table(const NcProfile *p) {
  NcColumns table = {p->e.unit->arena, columns, sizeof columns / sizeof *columns, {0}};
  NcCells empty = {0};
  for (int i = 0; i < p->rows.count; i++)
    add_row(&table, p, &p->rows.items[i], false);
  nc_vec_push(table.arena, table.rows, empty);
  add_sums(&table, p);
  nc_columns_print(&table);
}

static const char *samples_text(const NcProfile *p) {
  return p->dataset         ? nc_arena_printf(p->e.unit->arena, ", on samples of %s", p->dataset)
         : p->random_inputs ? ", on random numbers"
                            : "";
}

static const char *file_name(const NcProfile *p) {
  return p->e.unit->sources->files.items[p->e.unit->file].name;
}

static void print_peaks(const NcProfile *p) {
  printf("peak      %.1f GFLOP/s of f32", p->peaks[0]);
  if (p->peaks[1] > 0)
    printf(", %.1f of f64", p->peaks[1]);
  printf(": %s on registers alone, one thread\n",
         p->target.fma ? "multiply-adds" : "multiplications and additions");
}

static void print_text(const NcProfile *p) {
  NcArena *arena = p->e.unit->arena;
  const char *title =
      nc_arena_printf(arena, "%s of %s, batch %" PRId64 ", for %s, one thread%s", p->graph->name,
                      file_name(p), p->batch, nc_work_target(arena, &p->target), samples_text(p));
  nc_help_wrap(stdout, title, 0, 2);
  printf("\n");
  print_table(p);
  printf("\n");
  print_peaks(p);
  printf("clock     read %.0f times a step, %.0f ns each, which is taken off\n", p->reads,
         p->read_seconds * 1e9);
  printf("steps     %d measured; means of the fastest %d%s\n", p->steps, p->taken,
         p->interrupted ? "; interrupted" : "");
}

// ---- JSON

static json_t *call_json(const NcProfile *p, const NcProfileCall *c) {
  NcArena *arena = p->e.unit->arena;
  return json_pack("{s:s,s:s,s:s,s:f,s:f,s:f,s:f}", "computes",
                   nc_work_name(p->e.timed_plan, c->call->te), "result",
                   nc_type_format(arena, &c->call->te->type), "how",
                   c->begins ? "begins the slots" : nc_work_how(arena, c->call), "seconds",
                   c->seconds, "times", c->times, "flops", c->flops, "bytes", c->bytes);
}

static json_t *row_json(const NcProfile *p, const NcProfileRow *row) {
  json_t *calls = json_array();
  for (int i = 0; i < row->calls.count; i++)
    json_array_append_new(calls, call_json(p, &row->calls.items[i]));
  return json_pack("{s:o,s:s,s:s,s:f,s:f,s:f,s:f,s:o,s:o}", "line",
                   row->line ? json_integer(row->line) : json_null(), "for", row->path, "part",
                   nc_profile_part_name(row->part), "seconds", row->seconds, "share",
                   p->all > 0 ? row->seconds / p->all : 0, "flops", row->flops, "bytes", row->bytes,
                   "of_peak", has_rate(row) ? json_real(row->ideal / row->seconds) : json_null(),
                   "calls", calls);
}

static json_t *peaks_json(const NcProfile *p) {
  json_t *peaks = json_pack("{s:f}", "f32", p->peaks[0]);
  if (p->peaks[1] > 0)
    json_object_set_new(peaks, "f64", json_real(p->peaks[1]));
  return peaks;
}

static void print_json(const NcProfile *p) {
  json_t *rows = json_array();
  for (int i = 0; i < p->rows.count; i++)
    json_array_append_new(rows, row_json(p, &p->rows.items[i]));
  json_t *all = json_pack("{s:s,s:s,s:I,s:s,s:s?,s:i,s:f,s:f,s:{s:f,s:f},s:o,s:o}", "graph",
                          p->graph->name, "file", file_name(p), "batch", (json_int_t)p->batch,
                          "cpu", p->target.cpu, "dataset", p->dataset, "steps", p->steps, "seconds",
                          p->all, "between", p->between, "clock", "reads", p->reads, "seconds",
                          p->read_seconds, "peak", peaks_json(p), "rows", rows);
  json_dumpf(all, stdout, 0);
  printf("\n");
  json_decref(all);
}

// ---- the picture

// Bars that can be told from nothing.
enum { MOST_BARS = 24 };
#define LEAST_SHARE 0.002

// "convnet.c2 24", or its line alone; gradients say so in their colour.
static const char *bar_name(const NcProfile *p, const NcProfileRow *row) {
  NcArena *arena = p->e.unit->arena;
  bool named = strcmp(row->path, "-") != 0;
  if (!row->line)
    return row->path;
  return named ? nc_arena_printf(arena, "%s  %d", row->path, row->line)
               : nc_arena_printf(arena, "line %d", row->line);
}

static NcTimeBar bar_of(const NcProfile *p, const NcProfileRow *row, const char *name) {
  NcArena *arena = p->e.unit->arena;
  double scale;
  unit_of(p, &scale);
  NcTimeBar bar = {.name = name,
                   .note = percent(arena, row->seconds, p->all),
                   .value = row->seconds * scale,
                   .group = (int)row->part};
  if (!has_rate(row))
    return bar;
  bar.part = (row->ideal < row->seconds ? row->ideal : row->seconds) * scale;
  bar.note =
      nc_arena_printf(arena, "%s, %s of peak", bar.note, percent(arena, row->ideal, row->seconds));
  return bar;
}

// The longest ones; the others of a part are one.
static int make_bars(const NcProfile *p, NcTimeBar *bars) {
  NcProfileRow rest[NC_PROFILE_PARTS] = {0};
  int count = 0, others[NC_PROFILE_PARTS] = {0};
  for (int i = 0; i < p->rows.count; i++) {
    const NcProfileRow *row = &p->rows.items[i];
    if (count < MOST_BARS && row->seconds >= LEAST_SHARE * p->all) {
      bars[count++] = bar_of(p, row, bar_name(p, row));
      continue;
    }
    add_to(&rest[row->part], row);
    others[row->part]++;
  }
  for (int part = 0; part < NC_PROFILE_PARTS; part++) {
    rest[part].part = (NcProfilePart)part;
    if (others[part])
      bars[count++] =
          bar_of(p, &rest[part], nc_arena_printf(p->e.unit->arena, "%d more", others[part]));
  }
  return count;
}

static int draw(const NcProfile *p) {
  NcArena *arena = p->e.unit->arena;
  NcTimeBar bars[MOST_BARS + NC_PROFILE_PARTS];
  const char *groups[NC_PROFILE_PARTS];
  double scale;
  for (int part = 0; part < NC_PROFILE_PARTS; part++)
    groups[part] = nc_profile_part_name((NcProfilePart)part);
  NcTimes times = {
      .title = nc_arena_printf(arena, "%s of %s, batch %" PRId64 ": %s", p->graph->name,
                               p->e.unit->name, p->batch, time_text(p, p->all)),
      .x_label = nc_arena_printf(arena, "%s a step, one thread", unit_of(p, &scale)),
      .part = nc_arena_printf(arena, "dark: what it takes at the peak, %.0f GFLOP/s", p->peaks[0]),
      .groups = groups,
      .group_count = NC_PROFILE_PARTS,
      .bars = bars,
      .count = make_bars(p, bars)};
  return nc_plot_file_write(&p->e.plot, nc_figure_times(arena, p->e.plot.painter, &times));
}

int nc_profile_report(NcProfile *p) {
  int code = p->options->plot ? draw(p) : NC_EXIT_OK;
  if (code != NC_EXIT_OK)
    return code;
  if (p->options->json) {
    print_json(p);
    return NC_EXIT_OK;
  }
  print_text(p);
  if (p->options->plot)
    printf("drawn %s\n", p->options->plot);
  return NC_EXIT_OK;
}
