// Lays out horizontal bars.
#include "pictures/axes.h"
#include "pictures/figure.h"

#include <math.h>

static const double margin = 8, plot_width = 260, most_name = 150, row_height = 13, bar_height = 8,
                    gap = 5;
static const uint32_t colours[] = {NC_BLUE, NC_VERMILION, NC_GREEN};

// The colour with much white in it.
static uint32_t lighter(uint32_t colour) {
  uint32_t mixed = 0;
  for (int shift = 0; shift < 24; shift += 8)
    mixed |= (255 - (255 - (colour >> shift & 255)) * 2 / 5) << shift;
  return mixed;
}

// Vertical lines with numbers below them.
static void draw_axis(NcPicture *picture, NcRect plot, const NcAxis *axis, const char *label) {
  char number[40];
  double below = plot.y + plot.height + 3;
  for (int i = 0; i * axis->step <= axis->high * (1 + 1e-9); i++) {
    double x = plot.x + i * axis->step / axis->high * plot.width;
    NcSpot line[] = {{x, plot.y}, {x, plot.y + plot.height}};
    nc_draw_line(picture, line, 2, i ? NC_RULE : NC_DIM, i ? 0.5 : 0.7, false);
    nc_draw_text(picture, x, below, 100, nc_axis_number(axis, i * axis->step, number),
                 nc_chart_font, NC_CENTRE);
  }
  nc_draw_text(picture, plot.x + plot.width / 2, below + 1 + nc_text_height(picture, nc_chart_font),
               plot.width, label, nc_chart_label_font, NC_CENTRE);
}

static void draw_bar(NcPicture *picture, NcRect plot, const NcAxis *axis, const NcTimeBar *bar,
                     double y) {
  uint32_t colour = colours[bar->group];
  double width = bar->value / axis->high * plot.width, text = y + bar_height / 2;
  text -= nc_text_height(picture, nc_chart_font) / 2;
  nc_draw_text(picture, plot.x - gap, text, most_name, bar->name, nc_chart_font, NC_RIGHT);
  nc_draw_fill(picture, (NcRect){plot.x, y, width, bar_height}, lighter(colour));
  if (bar->part > 0)
    nc_draw_fill(picture, (NcRect){plot.x, y, bar->part / axis->high * plot.width, bar_height},
                 colour);
  nc_draw_text(picture, plot.x + plot.width + gap, text, plot.width, bar->note, nc_chart_font,
               NC_LEFT);
}

// The groups that there are, and what the darker part is. Gives its right end.
static double draw_legend(NcPicture *picture, const NcTimes *times, double x, double y) {
  bool used[sizeof colours / sizeof *colours] = {false};
  double side = 6, middle = y + (nc_text_height(picture, nc_chart_font) - side) / 2;
  for (int i = 0; i < times->count; i++)
    used[times->bars[i].group] = true;
  for (int g = 0; g < times->group_count; g++) {
    if (!used[g])
      continue;
    nc_draw_fill(picture, (NcRect){x, middle, side, side}, colours[g]);
    nc_draw_fill(picture, (NcRect){x + side, middle, side, side}, lighter(colours[g]));
    x += 2 * side + 3;
    x += nc_draw_text(picture, x, y, 100, times->groups[g], nc_chart_font, NC_LEFT) + 10;
  }
  return x + nc_draw_text(picture, x, y, 200, times->part, nc_chart_label_font, NC_LEFT);
}

static double widest(const NcPicture *picture, const NcTimes *times, bool notes) {
  double width = 0;
  for (int i = 0; i < times->count; i++) {
    const NcTimeBar *bar = &times->bars[i];
    width = fmax(width, nc_text_width(picture, notes ? bar->note : bar->name, nc_chart_font));
  }
  return width;
}

NcPicture *nc_figure_times(NcArena *arena, const NcPainter *painter, const NcTimes *times) {
  NcPicture *picture = nc_picture_create(arena, painter, times->title);
  double largest = 0, left = fmin(most_name, widest(picture, times, false)) + gap;
  for (int i = 0; i < times->count; i++)
    largest = fmax(largest, times->bars[i].value);
  NcAxis axis = nc_axis(0, largest > 0 ? largest : 1, 5, false);
  double title = nc_text_height(picture, nc_chart_title_font),
         line = nc_text_height(picture, nc_chart_font);
  NcRect plot = {margin + left, margin + title + line + 9, plot_width,
                 times->count * row_height + 2};
  nc_draw_text(picture, margin, margin, left + plot_width + gap + widest(picture, times, true),
               times->title, nc_chart_title_font, NC_LEFT);
  double legend = draw_legend(picture, times, margin, margin + title + 2);
  draw_axis(picture, plot, &axis, times->x_label);
  for (int i = 0; i < times->count; i++)
    draw_bar(picture, plot, &axis, &times->bars[i],
             plot.y + 1 + i * row_height + (row_height - bar_height) / 2);
  double right = plot.x + plot_width + gap + widest(picture, times, true);
  picture->width = fmax(right, legend) + margin;
  picture->height = plot.y + plot.height + 2 * line + 6 + margin;
  return picture;
}
