// Adds marks to pictures.
#include "base/utf8.h"
#include "pictures/painter.h"

#include <string.h>

NcPicture *nc_picture_create(NcArena *arena, const NcPainter *painter, const char *title) {
  NcPicture *picture = NC_NEW(arena, NcPicture);
  *picture = (NcPicture){.arena = arena, .painter = painter, .title = title};
  return picture;
}

static void add(NcPicture *picture, NcMark mark) {
  nc_vec_push(picture->arena, picture->marks, mark);
}

double nc_text_width(const NcPicture *picture, const char *text, NcFont font) {
  return picture->painter->measure(text, font.size, font.bold).width;
}

double nc_text_height(const NcPicture *picture, NcFont font) {
  NcTextSize size = picture->painter->measure("x", font.size, font.bold);
  return size.ascent + size.descent;
}

static const char *fit(const NcPicture *picture, const char *text, double room, NcFont font) {
  if (nc_text_width(picture, text, font) <= room)
    return text;
  char *kept = nc_arena_strdup(picture->arena, text);
  for (;;) {
    kept[nc_utf8_before(kept, strlen(kept))] = 0;
    const char *cut = nc_arena_printf(picture->arena, "%s…", kept);
    if (*kept == 0 || nc_text_width(picture, cut, font) <= room)
      return cut;
  }
}

static NcMark text_mark(NcPicture *picture, double room, const char *text, NcFont font) {
  NcText printable = nc_text_create(picture->arena);
  nc_text_printable(&printable, text);
  text = fit(picture, printable.data, room, font);
  NcTextSize size = picture->painter->measure(text, font.size, font.bold);
  return (NcMark){.kind = NC_MARK_TEXT,
                  .box = {0, 0, size.width, size.ascent + size.descent},
                  .colour = font.colour,
                  .size = font.size,
                  .bold = font.bold,
                  .text = text};
}

double nc_draw_text(NcPicture *picture, double x, double y, double room, const char *text,
                    NcFont font, NcAlign align) {
  NcMark mark = text_mark(picture, room, text, font);
  mark.box.x = x - mark.box.width * align / 2;
  mark.box.y = y;
  add(picture, mark);
  return mark.box.width;
}

void nc_draw_text_up(NcPicture *picture, double x, double y, double room, const char *text,
                     NcFont font) {
  NcMark mark = text_mark(picture, room, text, font);
  mark.box = (NcRect){x, y - mark.box.width / 2, mark.box.height, mark.box.width};
  mark.up = true;
  add(picture, mark);
}

void nc_draw_fill(NcPicture *picture, NcRect box, uint32_t colour) {
  add(picture, (NcMark){.kind = NC_MARK_FILL, .box = box, .colour = colour});
}

void nc_draw_frame(NcPicture *picture, NcRect box, uint32_t colour, double line) {
  add(picture, (NcMark){.kind = NC_MARK_FRAME, .box = box, .colour = colour, .size = line});
}

void nc_draw_line(NcPicture *picture, const NcSpot *points, int count, uint32_t colour, double line,
                  bool dashed) {
  NcSpot *copy = NC_NEW_ARRAY(picture->arena, NcSpot, count + 1);
  memcpy(copy, points, (size_t)count * sizeof *copy);
  add(picture, (NcMark){.kind = NC_MARK_LINE,
                        .colour = colour,
                        .size = line,
                        .dashed = dashed,
                        .points = copy,
                        .count = count});
}

void nc_draw_dot(NcPicture *picture, NcSpot at, double radius, uint32_t colour) {
  add(picture, (NcMark){.kind = NC_MARK_DOT,
                        .box = {at.x - radius, at.y - radius, 2 * radius, 2 * radius},
                        .colour = colour});
}

void nc_draw_image(NcPicture *picture, NcRect box, NcPixels pixels) {
  add(picture, (NcMark){.kind = NC_MARK_IMAGE, .box = box, .pixels = pixels});
}
