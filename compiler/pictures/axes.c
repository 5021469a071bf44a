// Draws axes.
#include "pictures/axes.h"

#include <math.h>
#include <stdio.h>

const NcFont nc_chart_title_font = {9, true, NC_INK}, nc_chart_font = {7.5, false, NC_INK},
             nc_chart_label_font = {8, false, NC_DIM};

// The least of 1, 2 and 5 times a power of ten that is not below.
static double round_up(double value) {
  double power = pow(10, floor(log10(value)));
  for (int i = 0; i < 3; i++) {
    static const double factors[] = {1, 2, 5};
    if (factors[i] * power >= value * (1 - 1e-9))
      return factors[i] * power;
  }
  return 10 * power;
}

NcAxis nc_axis(double low, double high, int ticks, bool whole) {
  double least = fmax(fmax(fabs(low), fabs(high)) * 1e-6, 1e-30);
  if (high - low < least) { // one value: it stands in the middle
    double half = whole ? 0.5 : fmax(fabs(low) * 0.1, least);
    low -= half;
    high += half;
  }
  double step = round_up((high - low) / ticks);
  return (NcAxis){low, high, whole && step < 1 ? 1 : step};
}

const char *nc_axis_number(const NcAxis *axis, double value, char *buffer) {
  double largest = fmax(fabs(axis->low), fabs(axis->high));
  int digits = (int)ceil(-log10(axis->step) - 1e-9);
  bool zero = fabs(value) < axis->step * 1e-6;
  if (zero)
    value = 0; // not -0
  if (zero && largest >= 1e6)
    snprintf(buffer, 40, "0");
  else if (largest >= 1e6 || digits > 5)
    snprintf(buffer, 40, "%.*e", (int)fmax(0, floor(log10(largest)) + digits), value);
  else
    snprintf(buffer, 40, "%.*f", digits > 0 ? digits : 0, value);
  return buffer;
}

// Calls are few: the ticks are found anew each time.
static double first_tick(const NcAxis *axis) {
  return ceil(axis->low / axis->step - 1e-6) * axis->step;
}

static int tick_count(const NcAxis *axis) {
  return (int)floor((axis->high - first_tick(axis)) / axis->step + 1e-6) + 1;
}

double nc_axis_width(const NcPicture *picture, const NcAxis *axis) {
  double widest = 0;
  char number[40];
  for (int i = 0; i < tick_count(axis); i++)
    widest =
        fmax(widest,
             nc_text_width(picture, nc_axis_number(axis, first_tick(axis) + i * axis->step, number),
                           nc_chart_font));
  return widest;
}

NcSpot nc_axes_point(NcRect plot, const NcAxis *x, const NcAxis *y, double at_x, double at_y) {
  return (NcSpot){plot.x + (at_x - x->low) / (x->high - x->low) * plot.width,
                  plot.y + plot.height - (at_y - y->low) / (y->high - y->low) * plot.height};
}

static void draw_rows(NcPicture *picture, NcRect plot, const NcAxis *x, const NcAxis *y) {
  double half = nc_text_height(picture, nc_chart_font) / 2;
  char number[40];
  for (int i = 0; i < tick_count(y); i++) {
    double value = first_tick(y) + i * y->step;
    NcSpot left = nc_axes_point(plot, x, y, x->low, value);
    NcSpot line[] = {left, {plot.x + plot.width, left.y}};
    nc_draw_line(picture, line, 2, NC_RULE, 0.5, false);
    nc_draw_text(picture, plot.x - 5, left.y - half, 100, nc_axis_number(y, value, number),
                 nc_chart_font, NC_RIGHT);
  }
}

static void draw_columns(NcPicture *picture, NcRect plot, const NcAxis *x, const NcAxis *y) {
  char number[40];
  for (int i = 0; i < tick_count(x); i++) {
    double value = first_tick(x) + i * x->step;
    NcSpot bottom = nc_axes_point(plot, x, y, value, y->low);
    NcSpot tick[] = {bottom, {bottom.x, bottom.y + 3}};
    nc_draw_line(picture, tick, 2, NC_DIM, 0.7, false);
    nc_draw_text(picture, bottom.x, bottom.y + 4, 100, nc_axis_number(x, value, number),
                 nc_chart_font, NC_CENTRE);
  }
}

void nc_axes_draw(NcPicture *picture, NcRect plot, const NcAxis *x, const NcAxis *y,
                  const char *x_label) {
  draw_rows(picture, plot, x, y);
  draw_columns(picture, plot, x, y);
  NcSpot base[] = {{plot.x, plot.y + plot.height}, {plot.x + plot.width, plot.y + plot.height}};
  nc_draw_line(picture, base, 2, NC_DIM, 0.7, false);
  double below = plot.y + plot.height + 5 + nc_text_height(picture, nc_chart_font);
  nc_draw_text(picture, plot.x + plot.width / 2, below, plot.width, x_label, nc_chart_label_font,
               NC_CENTRE);
}
