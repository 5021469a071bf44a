// Adds marks to drawings.
#include "base/utf8.h"
#include "pictures/painter.h"

#include <string.h>

NcDrawing *nc_drawing_create(NcArena *arena, const NcPainter *painter, const char *title) {
  NcDrawing *drawing = NC_NEW(arena, NcDrawing);
  *drawing = (NcDrawing){.arena = arena, .painter = painter, .title = title};
  return drawing;
}

static void add(NcDrawing *drawing, NcMark mark) {
  nc_vec_push(drawing->arena, drawing->marks, mark);
}

double nc_text_width(const NcDrawing *drawing, const char *text, NcFont font) {
  return drawing->painter->measure(text, font.size, font.bold).width;
}

double nc_text_height(const NcDrawing *drawing, NcFont font) {
  NcTextSize size = drawing->painter->measure("x", font.size, font.bold);
  return size.ascent + size.descent;
}

static const char *fit(const NcDrawing *drawing, const char *text, double room, NcFont font) {
  if (nc_text_width(drawing, text, font) <= room)
    return text;
  char *kept = nc_arena_strdup(drawing->arena, text);
  for (;;) {
    kept[nc_utf8_before(kept, strlen(kept))] = 0;
    const char *cut = nc_arena_printf(drawing->arena, "%s…", kept);
    if (*kept == 0 || nc_text_width(drawing, cut, font) <= room)
      return cut;
  }
}

static NcMark text_mark(NcDrawing *drawing, double room, const char *text, NcFont font) {
  NcText printable = nc_text_create(drawing->arena);
  nc_text_printable(&printable, text);
  text = fit(drawing, printable.data, room, font);
  NcTextSize size = drawing->painter->measure(text, font.size, font.bold);
  return (NcMark){.kind = NC_MARK_TEXT,
                  .box = {0, 0, size.width, size.ascent + size.descent},
                  .colour = font.colour,
                  .size = font.size,
                  .bold = font.bold,
                  .text = text};
}

double nc_draw_text(NcDrawing *drawing, double x, double y, double room, const char *text,
                    NcFont font, NcAlign align) {
  NcMark mark = text_mark(drawing, room, text, font);
  mark.box.x = x - mark.box.width * align / 2;
  mark.box.y = y;
  add(drawing, mark);
  return mark.box.width;
}

void nc_draw_text_up(NcDrawing *drawing, double x, double y, double room, const char *text,
                     NcFont font) {
  NcMark mark = text_mark(drawing, room, text, font);
  mark.box = (NcBox){x, y - mark.box.width / 2, mark.box.height, mark.box.width};
  mark.up = true;
  add(drawing, mark);
}

void nc_draw_fill(NcDrawing *drawing, NcBox box, uint32_t colour) {
  add(drawing, (NcMark){.kind = NC_MARK_FILL, .box = box, .colour = colour});
}

void nc_draw_frame(NcDrawing *drawing, NcBox box, uint32_t colour, double line) {
  add(drawing, (NcMark){.kind = NC_MARK_FRAME, .box = box, .colour = colour, .size = line});
}

void nc_draw_line(NcDrawing *drawing, const NcPoint *points, int count, uint32_t colour,
                  double line, bool dashed) {
  NcPoint *copy = NC_NEW_ARRAY(drawing->arena, NcPoint, count + 1);
  memcpy(copy, points, (size_t)count * sizeof *copy);
  add(drawing, (NcMark){.kind = NC_MARK_LINE,
                        .colour = colour,
                        .size = line,
                        .dashed = dashed,
                        .points = copy,
                        .count = count});
}

void nc_draw_dot(NcDrawing *drawing, NcPoint at, double radius, uint32_t colour) {
  add(drawing, (NcMark){.kind = NC_MARK_DOT,
                        .box = {at.x - radius, at.y - radius, 2 * radius, 2 * radius},
                        .colour = colour});
}

void nc_draw_image(NcDrawing *drawing, NcBox box, NcPixels pixels) {
  add(drawing, (NcMark){.kind = NC_MARK_IMAGE, .box = box, .pixels = pixels});
}
