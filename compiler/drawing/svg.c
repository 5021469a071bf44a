// A picture as SVG.
#include "drawing/arrange.h"

#include <math.h>

// Text in SVG; control characters have no place in XML.
static void print_escaped(NcText *out, const char *text) {
  for (; *text; text++) {
    const char *entity = *text == '&'   ? "&amp;"
                         : *text == '<' ? "&lt;"
                         : *text == '>' ? "&gt;"
                         : *text == '"' ? "&quot;"
                                        : NULL;
    if (entity)
      nc_text_append(out, entity);
    else
      nc_text_append_n(out, (unsigned char)*text < ' ' && *text != '\n' ? "?" : text, 1);
  }
}

// textLength makes the text as wide as was reckoned, whatever the font.
static void print_text(NcText *out, double x, double y, double size, const char *class,
                       const char *text) {
  nc_text_printf(out,
                 "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" font-size=\"%g\" textLength=\"%.1f\">",
                 class, x, y, size, nc_drawing_text_width(text, size));
  print_escaped(out, text);
  nc_text_append(out, "</text>\n");
}

static const char style[] =
    "text{fill:#111}"
    ".halo{paint-order:stroke;stroke:#fff;stroke-width:3px}"
    ".title{font-weight:bold}"
    ".path,.type,.group{fill:#444}"
    ".shape{fill:" NC_FORWARD_FILL ";stroke:" NC_FORWARD_LINE ";stroke-width:1.2}"
    ".backward .shape{fill:" NC_BACKWARD_FILL ";stroke:" NC_BACKWARD_LINE ";stroke-dasharray:5 2.5}"
    ".end .shape{stroke-width:2.4}"
    ".const .shape,.tag .shape{fill:#fff;stroke-width:0.6}"
    ".tag text{font-style:italic}"
    ".line{fill:none;stroke:" NC_FORWARD_LINE ";stroke-width:1.1}"
    ".backward.line{stroke:" NC_BACKWARD_LINE ";stroke-dasharray:5 2.5}"
    ".frame{fill:#f6f6f6;stroke:#aaa}"
    ".backward.frame{stroke-dasharray:5 2.5}";

// ---- shapes

static void print_polygon(NcText *out, const NcPoint *points, int count) {
  nc_text_append(out, "<polygon class=\"shape\" points=\"");
  for (int i = 0; i < count; i++)
    nc_text_printf(out, "%s%.1f,%.1f", i ? " " : "", points[i].x, points[i].y);
  nc_text_append(out, "\"/>\n");
}

static void print_rectangle(NcText *out, const NcBox *b, double radius) {
  nc_text_printf(out,
                 "<rect class=\"shape\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                 "rx=\"%.1f\"/>\n",
                 b->x, b->y, b->width, b->height, radius);
}

static void print_shape(NcText *out, const NcBox *b) {
  const double left = b->x, right = b->x + b->width, top = b->y, bottom = b->y + b->height,
               middle = b->y + b->height / 2, s = NC_SLANT;
  switch (b->kind) {
  case NC_BOX_INPUT:
    print_polygon(
        out, (NcPoint[]){{left + s, top}, {right, top}, {right - s, bottom}, {left, bottom}}, 4);
    break;
  case NC_BOX_STATE:
    print_polygon(out,
                  (NcPoint[]){{left + s, top},
                              {right - s, top},
                              {right, middle},
                              {right - s, bottom},
                              {left + s, bottom},
                              {left, middle}},
                  6);
    break;
  case NC_BOX_PARAM:
    print_rectangle(out, b, b->height / 2);
    break;
  case NC_BOX_UPDATE:
    print_polygon(out,
                  (NcPoint[]){{left, top},
                              {right, top},
                              {right, bottom - s},
                              {right - s, bottom},
                              {left + s, bottom},
                              {left, bottom - s}},
                  6);
    break;
  case NC_BOX_TAG:
    print_rectangle(out, b, 4);
    break;
  default:
    print_rectangle(out, b, 0);
  }
}

static const char *class_of(NcBoxKind kind) {
  static const char *const classes[] = {"input", "param",      "state",      "op",
                                        "const", "end result", "end update", "tag"};
  return classes[kind];
}

static void print_box(NcText *out, const NcBox *b, const NcDrawing *d) {
  double x = b->x + (b->width - nc_drawing_text_width(b->title, NC_FONT)) / 2;
  double y = b->y + 4 + NC_FONT - 2;
  if (b->of >= 0)
    nc_text_printf(out, "<a href=\"#%s\">", d->boxes.items[b->of].id);
  nc_text_printf(out, "<g id=\"%s\" class=\"box %s%s\">\n", b->id, class_of(b->kind),
                 b->backward ? " backward" : "");
  if (b->statement) {
    nc_text_append(out, "<title>");
    print_escaped(out, b->statement);
    nc_text_append(out, "</title>\n");
  }
  print_shape(out, b);
  print_text(out, x, y, NC_FONT, "title", b->title);
  if (b->path)
    print_text(out, b->x + (b->width - nc_drawing_text_width(b->path, NC_SMALL_FONT)) / 2,
               y + NC_SMALL_FONT + 3, NC_SMALL_FONT, "path", b->path);
  nc_text_append(out, b->of >= 0 ? "</g></a>\n" : "</g>\n");
}

// ---- the legend

typedef struct Entry {
  NcBoxKind kind;
  bool backward;
  const char *text;
} Entry;

static const Entry legend[] = {
    {NC_BOX_INPUT, false, "input"},
    {NC_BOX_PARAM, false, "param"},
    {NC_BOX_STATE, false, "state"},
    {NC_BOX_CONST, false, "constant"},
    {NC_BOX_OP, false, "forward"},
    {NC_BOX_OP, true, "backward and update"},
    {NC_BOX_RESULT, false, "result"},
    {NC_BOX_UPDATE, true, "update"},
    {NC_BOX_TAG, false, "computed elsewhere"},
};
enum { LEGEND = sizeof legend / sizeof *legend };
static const double legend_gap = 14;

static double entry_width(const Entry *entry) {
  return nc_drawing_text_width(entry->text, NC_FONT) + 16 + 2 * NC_SLANT;
}

double nc_drawing_legend_width(void) {
  double width = -legend_gap;
  for (int i = 0; i < LEGEND; i++)
    width += entry_width(&legend[i]) + legend_gap;
  return width;
}

static void print_legend(NcText *out, const NcDrawing *d) {
  double x = NC_MARGIN;
  for (int i = 0; i < LEGEND; i++) {
    NcBox box = {.kind = legend[i].kind,
                 .id = nc_arena_printf(d->arena, "legend%d", i),
                 .title = legend[i].text,
                 .backward = legend[i].backward,
                 .of = -1,
                 .x = x,
                 .y = NC_HEADING - 50,
                 .width = entry_width(&legend[i]),
                 .height = NC_FONT + 8};
    print_box(out, &box, d);
    x += box.width + legend_gap;
  }
}

// ---- the whole

static void print_frame(NcText *out, const NcGroup *g) {
  nc_text_printf(out,
                 "<rect class=\"frame%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                 "rx=\"5\"/>\n",
                 g->backward ? " backward" : "", g->x, g->y, g->width, g->height);
}

static void print_line(NcText *out, const NcDrawing *d, const NcLine *line) {
  const NcBox *from = &d->boxes.items[line->from];
  nc_text_printf(out, "<path class=\"line%s\"%s d=\"", from->backward ? " backward" : "",
                 !line->arrow     ? ""
                 : from->backward ? " marker-end=\"url(#arrow-backward)\""
                                  : " marker-end=\"url(#arrow)\"");
  for (int i = 0; i < line->points.count; i++)
    nc_text_printf(out, "%s%.1f %.1f", i ? "L" : "M", line->points.items[i].x,
                   line->points.items[i].y);
  nc_text_append(out, "\"/>\n");
}

static void print_marker(NcText *out, const char *id, const char *colour) {
  nc_text_printf(out,
                 "<marker id=\"%s\" viewBox=\"0 0 6 6\" refX=\"6\" refY=\"3\" markerWidth=\"6\" "
                 "markerHeight=\"6\" orient=\"auto\"><path d=\"M0 0L6 3L0 6z\" fill=\"%s\"/>"
                 "</marker>\n",
                 id, colour);
}

static void print_head(NcText *out, const NcDrawing *d) {
  nc_text_printf(out,
                 "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
                 "viewBox=\"0 0 %.0f %.0f\" font-family=\"'DejaVu Sans Mono', Menlo, Consolas, "
                 "monospace\">\n<title>",
                 ceil(d->width), ceil(d->height), ceil(d->width), ceil(d->height));
  print_escaped(out, d->title);
  nc_text_printf(out, "</title>\n<style>%s</style>\n<defs>\n", style);
  print_marker(out, "arrow", NC_FORWARD_LINE);
  print_marker(out, "arrow-backward", NC_BACKWARD_LINE);
  nc_text_append(out, "</defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
  print_text(out, NC_MARGIN, NC_MARGIN + 10, 16, "title", d->title);
}

void nc_drawing_svg(NcText *out, const NcDrawing *d) {
  print_head(out, d);
  print_legend(out, d);
  for (int i = 0; i < d->groups.count; i++)
    print_frame(out, &d->groups.items[i]);
  for (int i = 0; i < d->lines.count; i++)
    print_line(out, d, &d->lines.items[i]);
  for (int i = 0; i < d->boxes.count; i++)
    print_box(out, &d->boxes.items[i], d);
  for (int i = 0; i < d->groups.count; i++) {
    const NcGroup *g = &d->groups.items[i];
    if (g->title)
      print_text(out, g->title_x, g->y + 14, NC_SMALL_FONT, "group halo", g->title);
  }
  for (int i = 0; i < d->labels.count; i++)
    print_text(out, d->labels.items[i].x, d->labels.items[i].y, NC_SMALL_FONT, "type halo",
               d->labels.items[i].text);
  nc_text_append(out, "</svg>\n");
}
