// Lays out images with titles and bars.
#include "pictures/figure.h"

#include <math.h>
#include <stdio.h>

static const double page = 500, margin = 8, gap = 10, wide_gap = 24, side = 84, bar_row = 12,
                    bar_length = 100;
static const NcFont title_font = {8.5, false, NC_INK}, wrong_font = {8.5, true, NC_VERMILION},
                    small_font = {7.5, false, NC_INK}, strong_font = {7.5, true, NC_INK},
                    caption_font = {7, false, NC_DIM};
static const double cross = 6, cross_gap = 4, widest_name = 90, widest_title = 160;

// Sizes that all panels of a figure share.
typedef struct Layout {
  NcPicture *picture;
  double title, caption;     // heights of lines; 0 for captions that none has
  double images, name, bars; // widths; 0 for what none has
  double body;               // height under the title
  double width;
  double between; // panels of a row
} Layout;

static double larger(double a, double b) { return a > b ? a : b; }

static double title_width(const NcPicture *picture, const NcPanel *panel) {
  return panel->wrong ? cross + cross_gap + nc_text_width(picture, panel->title, wrong_font)
                      : nc_text_width(picture, panel->title, title_font);
}

static void consider_bars(Layout *l, const NcPanel *panel) {
  for (int i = 0; i < panel->bar_count; i++) {
    double width = nc_text_width(l->picture, panel->bars[i].name, strong_font);
    l->name = larger(l->name, width < widest_name ? width : widest_name);
  }
  double value = nc_text_width(l->picture, "100.0 %", small_font);
  if (panel->bar_count > 0)
    l->bars = l->name + 4 + bar_length + 4 + value;
}

static double image_height(const NcPixels *pixels) {
  double height = side * pixels->height / pixels->width;
  return height < 2 * side ? height : 2 * side;
}

static void consider(Layout *l, const NcPanel *panel, double *widest) {
  consider_bars(l, panel);
  if (panel->image_count > 0)
    l->images = larger(l->images, panel->image_count * (side + gap / 2) - gap / 2);
  if (panel->captions)
    l->caption = nc_text_height(l->picture, caption_font) + 2.5;
  for (int i = 0; i < panel->image_count; i++)
    l->body = larger(l->body, image_height(&panel->images[i]) + l->caption);
  l->body = larger(l->body, panel->bar_count * bar_row);
  double width = title_width(l->picture, panel);
  *widest = larger(*widest, width < widest_title ? width : widest_title);
}

static Layout lay_out(NcPicture *picture, const NcPanel *panels, int count) {
  Layout l = {.picture = picture};
  double widest = 0;
  l.title = nc_text_height(picture, wrong_font) + 3;
  for (int i = 0; i < count; i++)
    consider(&l, &panels[i], &widest);
  l.width = l.images + (l.images > 0 && l.bars > 0 ? gap : 0) + l.bars;
  l.width = larger(l.width, widest);
  l.between = l.bars > 0 ? wide_gap : gap;
  return l;
}

static void draw_cross(NcPicture *picture, double x, double y) {
  const NcSpot lines[2][2] = {{{x, y}, {x + cross, y + cross}}, {{x, y + cross}, {x + cross, y}}};
  for (int i = 0; i < 2; i++)
    nc_draw_line(picture, lines[i], 2, NC_VERMILION, 1.4, false);
}

static void draw_title(const Layout *l, const NcPanel *panel, double x, double y) {
  double lead = panel->wrong ? cross + cross_gap : 0;
  double width = title_width(l->picture, panel);
  width = width < l->width ? width : l->width;
  double left = x + (l->width - width) / 2;
  if (panel->wrong)
    draw_cross(l->picture, left, y + (l->title - 3 - cross) / 2 + 0.5);
  nc_draw_text(l->picture, left + lead, y, width - lead + 0.01, panel->title,
               panel->wrong ? wrong_font : title_font, NC_LEFT);
}

static void draw_images(const Layout *l, const NcPanel *panel, double x, double y) {
  for (int i = 0; i < panel->image_count; i++) {
    const NcPixels *pixels = &panel->images[i];
    double height = image_height(pixels), width = height * pixels->width / pixels->height;
    NcRect box = {x + (side - width) / 2, y, width, height};
    nc_draw_image(l->picture, box, *pixels);
    double line = panel->wrong ? 1.5 : 0.5, out = line / 2;
    nc_draw_frame(l->picture, (NcRect){box.x - out, y - out, width + line, height + line},
                  panel->wrong ? NC_VERMILION : NC_RULE, line);
    if (panel->captions)
      nc_draw_text(l->picture, x + side / 2, y + height + 2.5, side, panel->captions[i],
                   caption_font, NC_CENTRE);
    x += side + gap / 2;
  }
}

static void draw_bar(const Layout *l, const NcBar *bar, double x, double y) {
  char value[32];
  double share = bar->value > 0 ? bar->value < 1 ? bar->value : 1 : 0;
  snprintf(value, sizeof value, "%.1f %%", 100 * bar->value);
  double text = y + (bar_row - nc_text_height(l->picture, small_font)) / 2;
  nc_draw_text(l->picture, x + l->name, text, l->name + 0.01, bar->name,
               bar->strong ? strong_font : small_font, NC_RIGHT);
  double start = x + l->name + 4;
  nc_draw_fill(l->picture, (NcRect){start, y + 2, bar_length, bar_row - 4}, 0xf0f0f0);
  nc_draw_fill(l->picture, (NcRect){start, y + 2, larger(share * bar_length, 0.3), bar_row - 4},
               bar->colour);
  nc_draw_text(l->picture, x + l->bars, text, 60, value, small_font, NC_RIGHT);
}

static void draw_panel(const Layout *l, const NcPanel *panel, double x, double y) {
  draw_title(l, panel, x, y);
  y += l->title;
  double content = l->images + (l->images > 0 && l->bars > 0 ? gap : 0) + l->bars;
  x += (l->width - content) / 2;
  double high = 0;
  for (int i = 0; i < panel->image_count; i++)
    high = larger(high, image_height(&panel->images[i]) + l->caption);
  draw_images(l, panel, x, y + (l->bars > 0 ? (l->body - high) / 2 : 0));
  x += l->images + (l->images > 0 ? gap : 0);
  double top = y + (l->body - panel->bar_count * bar_row) / 2;
  for (int i = 0; i < panel->bar_count; i++)
    draw_bar(l, &panel->bars[i], x, top + i * bar_row);
}

NcPicture *nc_figure_panels(NcArena *arena, const NcPainter *painter, const char *title,
                            const NcPanel *panels, int count) {
  NcPicture *picture = nc_picture_create(arena, painter, title);
  Layout l = lay_out(picture, panels, count);
  int columns = (int)ceil(sqrt(count)),
      most = (int)((page - 2 * margin + l.between) / (l.width + l.between));
  columns = columns < most ? columns : most > 1 ? most : 1;
  int rows = (count + columns - 1) / columns;
  for (int i = 0; i < count; i++)
    draw_panel(&l, &panels[i], margin + i % columns * (l.width + l.between),
               margin + i / columns * (l.title + l.body + gap));
  picture->width = 2 * margin + columns * (l.width + l.between) - l.between;
  picture->height = 2 * margin + rows * (l.title + l.body + gap) - gap;
  return picture;
}
