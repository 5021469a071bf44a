// Lays out curves and histograms.
#include "pictures/axes.h"
#include "pictures/figure.h"

#include <math.h>
#include <stdio.h>

static const double margin = 8, plot_width = 190, plot_height = 120, between = 22;
static const double dot = 1.6;
enum { COLUMNS = 2, BINS = 40, MOST_DOTS = 30 }; // with more points a curve has no dots

// Heights above and below a plot: title and legend, numbers and label.
static double head(const NcPicture *picture) {
  return nc_text_height(picture, nc_chart_title_font) + nc_text_height(picture, nc_chart_font) + 9;
}

static double foot(const NcPicture *picture) {
  return nc_text_height(picture, nc_chart_font) + nc_text_height(picture, nc_chart_label_font) + 6;
}

// ---- curves

typedef struct Range {
  double low, high;
} Range;

// Differences of what is shown are finite.
static bool is_shown(double value) { return fabs(value) <= 1e300; }

static void widen(Range *range, double value) {
  if (!is_shown(value))
    return;
  range->low = fmin(range->low, value);
  range->high = fmax(range->high, value);
}

static void find_axes(const NcChart *chart, NcAxis *x, NcAxis *y) {
  Range xs = {INFINITY, -INFINITY}, ys = xs;
  for (int i = 0; i < chart->count; i++)
    for (int k = 0; k < chart->curves[i].count; k++) {
      widen(&xs, chart->curves[i].x[k]);
      widen(&ys, chart->curves[i].y[k]);
    }
  if (!(ys.low <= ys.high)) // nothing finite
    ys = (Range){0, 1};
  double room = 0.05 * (ys.high - ys.low);
  *x = nc_axis(xs.low, xs.high, 6, true);
  *y = nc_axis(ys.low - room, ys.high + room, 5, false);
}

static uint32_t colour_of(int curve) { return curve == 0 ? NC_BLUE : NC_VERMILION; }

static void draw_curve(NcPicture *picture, NcRect plot, const NcAxis *x, const NcAxis *y,
                       const NcCurve *curve, int number) {
  NcSpot *points = NC_NEW_ARRAY(picture->arena, NcSpot, curve->count + 1);
  int count = 0;
  for (int i = 0; i <= curve->count; i++) {
    bool here = i < curve->count && is_shown(curve->y[i]);
    if (here)
      points[count++] = nc_axes_point(plot, x, y, curve->x[i], curve->y[i]);
    if (here && curve->count <= MOST_DOTS)
      nc_draw_dot(picture, points[count - 1], dot, colour_of(number));
    if (here)
      continue;
    if (count == 1 && curve->count > MOST_DOTS)
      nc_draw_dot(picture, points[0], dot, colour_of(number));
    if (count > 1)
      nc_draw_line(picture, points, count, colour_of(number), 1.2, number > 0);
    count = 0;
  }
}

// Samples of the lines with their names, in a row.
static void draw_legend(NcPicture *picture, const NcChart *chart, double x, double y) {
  double middle = y + nc_text_height(picture, nc_chart_font) / 2;
  for (int i = 0; i < chart->count; i++) {
    NcSpot sample[] = {{x, middle}, {x + 16, middle}};
    nc_draw_line(picture, sample, 2, colour_of(i), 1.2, i > 0);
    nc_draw_dot(picture, (NcSpot){x + 8, middle}, dot, colour_of(i));
    x += 20 +
         nc_draw_text(picture, x + 20, y, plot_width / 2 - 24, chart->curves[i].name, nc_chart_font,
                      NC_LEFT) +
         10;
  }
}

static void draw_chart(NcPicture *picture, const NcChart *chart, double left, double x, double y) {
  NcAxis x_axis, y_axis;
  find_axes(chart, &x_axis, &y_axis);
  nc_draw_text(picture, x + left, y, plot_width, chart->title, nc_chart_title_font, NC_LEFT);
  draw_legend(picture, chart, x + left, y + nc_text_height(picture, nc_chart_title_font) + 2);
  NcRect plot = {x + left, y + head(picture), plot_width, plot_height};
  nc_axes_draw(picture, plot, &x_axis, &y_axis, chart->x_label);
  for (int i = 0; i < chart->count; i++)
    draw_curve(picture, plot, &x_axis, &y_axis, &chart->curves[i], i);
}

NcPicture *nc_figure_curves(NcArena *arena, const NcPainter *painter, const char *title,
                            const NcChart *charts, int count) {
  NcPicture *picture = nc_picture_create(arena, painter, title);
  double left = 0;
  for (int i = 0; i < count; i++) {
    NcAxis x, y;
    find_axes(&charts[i], &x, &y);
    left = fmax(left, nc_axis_width(picture, &y) + 5);
  }
  double width = left + plot_width + between, high = head(picture) + plot_height + foot(picture);
  for (int i = 0; i < count; i++)
    draw_chart(picture, &charts[i], left, margin + i % COLUMNS * width,
               margin + i / COLUMNS * (high + between));
  int wide = count < COLUMNS ? count : COLUMNS, rows = (count + COLUMNS - 1) / COLUMNS;
  picture->width = 2 * margin + wide * width - between + 8; // half a number at the right end
  picture->height = 2 * margin + rows * (high + between) - between;
  return picture;
}

// ---- histograms

typedef struct Counts {
  Range range;
  int64_t count, largest, in[BINS];
  double mean, deviation;
} Counts;

static Counts count_values(const float *values, int64_t count) {
  Counts c = {.range = {INFINITY, -INFINITY}};
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < count; i++) {
    widen(&c.range, values[i]);
    c.count += isfinite(values[i]) != 0;
    sum += isfinite(values[i]) ? values[i] : 0;
  }
  if (c.count == 0)
    c.range = (Range){0, 1};
  if (c.range.low == c.range.high)
    c.range = (Range){c.range.low - 0.5, c.range.high + 0.5};
  c.mean = c.count > 0 ? sum / (double)c.count : 0;
  for (int64_t i = 0; i < count; i++) {
    if (!isfinite(values[i]))
      continue;
    int bin = (int)((values[i] - c.range.low) / (c.range.high - c.range.low) * BINS);
    int64_t *in = &c.in[bin < BINS ? bin : BINS - 1];
    ++*in;
    c.largest = *in > c.largest ? *in : c.largest;
    squares += (values[i] - c.mean) * (values[i] - c.mean);
  }
  c.deviation = c.count > 0 ? sqrt(squares / (double)c.count) : 0;
  return c;
}

static void draw_bins(NcPicture *picture, NcRect plot, const NcAxis *x, const NcAxis *y,
                      const Counts *c) {
  double step = (c->range.high - c->range.low) / BINS;
  for (int i = 0; i < BINS; i++) {
    NcSpot corner = nc_axes_point(plot, x, y, c->range.low + i * step, (double)c->in[i]);
    double width = step / (x->high - x->low) * plot.width;
    nc_draw_fill(picture,
                 (NcRect){corner.x + 0.2, corner.y, width - 0.4, plot.y + plot.height - corner.y},
                 NC_BLUE);
  }
}

NcPicture *nc_figure_histogram(NcArena *arena, const NcPainter *painter, const char *title,
                               const float *values, int64_t count) {
  NcPicture *picture = nc_picture_create(arena, painter, title);
  Counts c = count_values(values, count);
  double room = 0.02 * (c.range.high - c.range.low);
  NcAxis x = nc_axis(c.range.low - room, c.range.high + room, 6, false);
  NcAxis y = nc_axis(0, fmax(1, 1.05 * (double)c.largest), 5, true);
  double label = nc_text_height(picture, nc_chart_label_font) + 4;
  double left = label + nc_axis_width(picture, &y) + 5, wide = 1.5 * plot_width;
  NcRect plot = {margin + left, margin + head(picture), wide, plot_height};
  nc_draw_text(picture, plot.x, margin, wide, title, nc_chart_title_font, NC_LEFT);
  nc_draw_text(picture, plot.x, margin + nc_text_height(picture, nc_chart_title_font) + 2, wide,
               nc_arena_printf(arena, "%lld values, mean %.3g, standard deviation %.3g",
                               (long long)c.count, c.mean, c.deviation),
               nc_chart_font, NC_LEFT);
  nc_axes_draw(picture, plot, &x, &y, "value");
  nc_draw_text_up(picture, margin, plot.y + plot_height / 2, plot_height, "count",
                  nc_chart_label_font);
  draw_bins(picture, plot, &x, &y, &c);
  picture->width = 2 * margin + left + wide + 8;
  picture->height = 2 * margin + head(picture) + plot_height + foot(picture);
  return picture;
}
