// Paints pictures with cairo.
#include "pictures/painter.h"

#include <cairo-svg.h>
#include <cairo.h>
#include <math.h>
#include <string.h>

#define PIXELS_PER_POINT (300.0 / 72)

// ---- text

static void set_font(cairo_t *cairo, double size, bool bold) {
  // Without hints a text is as wide in the one format as in the other.
  cairo_font_options_t *options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_set_font_options(cairo, options);
  cairo_font_options_destroy(options);
  cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                         bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(cairo, size);
}

static NcTextSize measure_with(cairo_t *cairo, const char *text) {
  cairo_font_extents_t font;
  cairo_text_extents_t extents;
  cairo_font_extents(cairo, &font);
  cairo_text_extents(cairo, text, &extents);
  return (NcTextSize){extents.x_advance, font.ascent, font.descent};
}

static NcTextSize measure(const char *text, double size, bool bold) {
  cairo_surface_t *surface = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, NULL);
  cairo_t *cairo = cairo_create(surface);
  set_font(cairo, size, bold);
  NcTextSize result = measure_with(cairo, text);
  cairo_destroy(cairo);
  cairo_surface_destroy(surface);
  return result;
}

// ---- marks

static void set_colour(cairo_t *cairo, uint32_t colour) {
  cairo_set_source_rgb(cairo, (colour >> 16 & 255) / 255.0, (colour >> 8 & 255) / 255.0,
                       (colour & 255) / 255.0);
}

static void paint_text(cairo_t *cairo, const NcMark *mark) {
  set_font(cairo, mark->size, mark->bold);
  double ascent = measure_with(cairo, mark->text).ascent;
  if (mark->up) {
    cairo_translate(cairo, mark->box.x + ascent, mark->box.y + mark->box.height);
    cairo_rotate(cairo, -M_PI / 2);
    cairo_move_to(cairo, 0, 0);
  } else {
    cairo_move_to(cairo, mark->box.x, mark->box.y + ascent);
  }
  cairo_show_text(cairo, mark->text);
}

static void paint_line(cairo_t *cairo, const NcMark *mark) {
  double dashes[] = {3 * mark->size, 2 * mark->size};
  cairo_set_dash(cairo, dashes, mark->dashed ? 2 : 0, 0);
  cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap(cairo, mark->dashed ? CAIRO_LINE_CAP_BUTT : CAIRO_LINE_CAP_ROUND);
  cairo_new_path(cairo); // a text leaves a point
  for (int i = 0; i < mark->count; i++)
    cairo_line_to(cairo, mark->points[i].x, mark->points[i].y);
  cairo_stroke(cairo);
}

static uint32_t pixel(const NcPixels *pixels, int x, int y) {
  const uint8_t *at =
      pixels->data + ((size_t)y * (size_t)pixels->width + (size_t)x) * (size_t)pixels->channels;
  return pixels->channels == 1 ? at[0] * 0x10101u : (uint32_t)(at[0] << 16 | at[1] << 8 | at[2]);
}

// Small pictures are enlarged here, as not every program that shows SVG keeps their pixels apart.
static cairo_surface_t *enlarge(const NcPixels *pixels, int factor) {
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, pixels->width * factor,
                                                        pixels->height * factor);
  if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
    return surface;
  cairo_surface_flush(surface);
  unsigned char *data = cairo_image_surface_get_data(surface);
  int stride = cairo_image_surface_get_stride(surface);
  for (int y = 0; y < pixels->height * factor; y++)
    for (int x = 0; x < pixels->width * factor; x++) {
      uint32_t value = pixel(pixels, x / factor, y / factor);
      memcpy(data + (size_t)y * (size_t)stride + 4 * (size_t)x, &value, 4);
    }
  cairo_surface_mark_dirty(surface);
  return surface;
}

static void paint_image(cairo_t *cairo, const NcMark *mark) {
  int larger = mark->pixels.width > mark->pixels.height ? mark->pixels.width : mark->pixels.height;
  int factor = larger < 256 ? 256 / larger : 1;
  cairo_surface_t *surface = enlarge(&mark->pixels, factor);
  cairo_translate(cairo, mark->box.x, mark->box.y);
  cairo_scale(cairo, mark->box.width / (mark->pixels.width * factor),
              mark->box.height / (mark->pixels.height * factor));
  cairo_set_source_surface(cairo, surface, 0, 0);
  cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_NEAREST);
  cairo_paint(cairo);
  cairo_surface_destroy(surface);
}

static void paint_mark(cairo_t *cairo, const NcMark *mark) {
  const NcRect *box = &mark->box;
  cairo_save(cairo);
  set_colour(cairo, mark->colour);
  cairo_set_line_width(cairo, mark->size);
  switch (mark->kind) {
  case NC_MARK_TEXT:
    paint_text(cairo, mark);
    break;
  case NC_MARK_FILL:
    cairo_rectangle(cairo, box->x, box->y, box->width, box->height);
    cairo_fill(cairo);
    break;
  case NC_MARK_FRAME:
    cairo_rectangle(cairo, box->x, box->y, box->width, box->height);
    cairo_stroke(cairo);
    break;
  case NC_MARK_LINE:
    paint_line(cairo, mark);
    break;
  case NC_MARK_DOT:
    cairo_new_path(cairo);
    cairo_arc(cairo, box->x + box->width / 2, box->y + box->height / 2, box->width / 2, 0,
              2 * M_PI);
    cairo_fill(cairo);
    break;
  case NC_MARK_IMAGE:
    paint_image(cairo, mark);
    break;
  }
  cairo_restore(cairo);
}

static cairo_status_t paint_all(cairo_surface_t *surface, const NcPicture *picture, double scale) {
  cairo_t *cairo = cairo_create(surface);
  cairo_scale(cairo, scale, scale);
  set_colour(cairo, 0xffffff);
  cairo_paint(cairo);
  for (int i = 0; i < picture->marks.count; i++)
    paint_mark(cairo, &picture->marks.items[i]);
  cairo_status_t status = cairo_status(cairo);
  cairo_destroy(cairo);
  return status;
}

// ---- files

static cairo_status_t append(void *bytes, const unsigned char *data, unsigned int length) {
  nc_text_append_n(bytes, (const char *)data, length);
  return CAIRO_STATUS_SUCCESS;
}

static cairo_status_t paint_png(const NcPicture *picture, NcText *bytes) {
  cairo_surface_t *surface =
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(picture->width * PIXELS_PER_POINT),
                                 (int)ceil(picture->height * PIXELS_PER_POINT));
  cairo_status_t status = paint_all(surface, picture, PIXELS_PER_POINT);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_write_to_png_stream(surface, append, bytes);
  cairo_surface_destroy(surface);
  return status;
}

static void append_escaped(NcText *bytes, const char *text) {
  for (; *text; text++) {
    const char *name = *text == '&'   ? "&amp;"
                       : *text == '<' ? "&lt;"
                       : *text == '>' ? "&gt;"
                       : *text == '"' ? "&quot;"
                                      : NULL;
    if (name)
      nc_text_append(bytes, name);
    else
      nc_text_append_n(bytes, text, 1);
  }
}

static void append_text(NcText *bytes, const NcMark *mark) {
  const NcRect *box = &mark->box;
  NcTextSize size = measure(mark->text, mark->size, mark->bold);
  double x = mark->up ? box->x + size.ascent : box->x;
  double y = mark->up ? box->y + box->height : box->y + size.ascent;
  nc_text_printf(bytes, "<text x=\"%.2f\" y=\"%.2f\" font-size=\"%g\"", x, y, mark->size);
  if (mark->bold)
    nc_text_append(bytes, " font-weight=\"bold\"");
  if (mark->up)
    nc_text_printf(bytes, " transform=\"rotate(-90 %.2f %.2f)\"", x, y);
  nc_text_printf(bytes, " textLength=\"%.2f\" data-box=\"%.2f %.2f %.2f %.2f\">", size.width,
                 box->x, box->y, box->width, box->height);
  append_escaped(bytes, mark->text);
  nc_text_append(bytes, "</text>\n");
}

static void append_texts(NcText *bytes, const NcPicture *picture) {
  nc_text_append(bytes, "<title>");
  append_escaped(bytes, picture->title);
  nc_text_append(bytes, "</title>\n<g font-family=\"sans-serif\" fill-opacity=\"0\">\n");
  for (int i = 0; i < picture->marks.count; i++)
    if (picture->marks.items[i].kind == NC_MARK_TEXT)
      append_text(bytes, &picture->marks.items[i]);
  nc_text_append(bytes, "</g>\n");
}

// cairo's own file, with the texts after its first element's start.
static void add_texts(const NcText *own, const NcPicture *picture, NcText *bytes) {
  const char *start = strstr(own->data, "<svg");
  const char *inside = start ? strchr(start, '>') : NULL;
  size_t length = inside ? (size_t)(inside + 1 - own->data) : own->length;
  nc_text_append_n(bytes, own->data, length);
  nc_text_append(bytes, "\n");
  append_texts(bytes, picture);
  nc_text_append_n(bytes, own->data + length, own->length - length);
}

static cairo_status_t paint_svg(const NcPicture *picture, NcText *bytes) {
  NcText own = nc_text_create(picture->arena);
  cairo_surface_t *surface =
      cairo_svg_surface_create_for_stream(append, &own, picture->width, picture->height);
  cairo_status_t status = paint_all(surface, picture, 1);
  cairo_surface_finish(surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status(surface);
  cairo_surface_destroy(surface);
  if (status == CAIRO_STATUS_SUCCESS)
    add_texts(&own, picture, bytes);
  return status;
}

static bool paint(const NcPicture *picture, bool svg, NcText *bytes, const char **message) {
  cairo_status_t status = svg ? paint_svg(picture, bytes) : paint_png(picture, bytes);
  if (status != CAIRO_STATUS_SUCCESS)
    *message = nc_arena_printf(picture->arena, "the picture cannot be painted: %s",
                               cairo_status_to_string(status));
  return status == CAIRO_STATUS_SUCCESS;
}

__attribute__((visibility("default"))) const NcPainter *nc_painter_cairo(void);

const NcPainter *nc_painter_cairo(void) {
  static const NcPainter painter = {nc_painter_id, measure, paint};
  return &painter;
}
