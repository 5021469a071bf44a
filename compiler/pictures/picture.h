// A picture before it is painted: a list of marks, in the order in which they are painted. Lengths
// are points (1/72 inch) from the upper left corner; colours are 0xRRGGBB.
#ifndef NC_PICTURES_PICTURE_H
#define NC_PICTURES_PICTURE_H

#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct NcRect {
  double x, y, width, height;
} NcRect;

typedef struct NcSpot {
  double x, y;
} NcSpot;

// Rows from the top, pixels from the left, 1 channel (gray) or 3 (RGB).
typedef struct NcPixels {
  int width, height, channels;
  const uint8_t *data;
} NcPixels;

typedef enum NcMarkKind {
  NC_MARK_TEXT,  // `text` in `box`, which it fills
  NC_MARK_FILL,  // `box` filled
  NC_MARK_FRAME, // a line of `size` around `box`
  NC_MARK_LINE,  // a line of `size` through `points`
  NC_MARK_DOT,   // a disk that fills `box`
  NC_MARK_IMAGE, // `pixels` in `box`, each a rectangle
} NcMarkKind;

typedef struct NcMark {
  NcMarkKind kind;
  NcRect box;
  uint32_t colour;
  double size;           // of text its font's, else the line's width
  bool bold, dashed, up; // up: the text runs from the bottom to the top
  const char *text;      // UTF-8
  const NcSpot *points;
  int count;
  NcPixels pixels;
} NcMark;

typedef struct NcPicture {
  NcArena *arena;
  const struct NcPainter *painter; // whose fonts it is laid out for
  const char *title;               // what it shows, for those who cannot see it
  double width, height;
  NC_VEC(NcMark) marks;
} NcPicture;

// Colours that people who see colours differently tell apart (M. Okabe and K. Ito), and grays.
enum {
  NC_BLUE = 0x0072b2,
  NC_VERMILION = 0xd55e00,
  NC_GREEN = 0x009e73,
  NC_PURPLE = 0xcc79a7,
  NC_INK = 0x222222,
  NC_DIM = 0x6b6b6b,
  NC_RULE = 0xd9d9d9,
};

typedef enum NcAlign { NC_LEFT, NC_CENTRE, NC_RIGHT } NcAlign;

// How text looks.
typedef struct NcFont {
  double size;
  bool bold;
  uint32_t colour;
} NcFont;

NcPicture *nc_picture_create(NcArena *arena, const struct NcPainter *painter, const char *title);

// The width and height of a line of text.
double nc_text_width(const NcPicture *picture, const char *text, NcFont font);
double nc_text_height(const NcPicture *picture, NcFont font);

// A line of text at `x`, which is its left end, middle or right end, and its top `y`. Text that is
// wider than `room` ends in "…". Gives the width that it takes.
double nc_draw_text(NcPicture *picture, double x, double y, double room, const char *text,
                    NcFont font, NcAlign align);
// The same from the bottom to the top: `x` is the left side, `y` the middle.
void nc_draw_text_up(NcPicture *picture, double x, double y, double room, const char *text,
                     NcFont font);
void nc_draw_fill(NcPicture *picture, NcRect box, uint32_t colour);
void nc_draw_frame(NcPicture *picture, NcRect box, uint32_t colour, double line);
// The points are copied.
void nc_draw_line(NcPicture *picture, const NcSpot *points, int count, uint32_t colour, double line,
                  bool dashed);
void nc_draw_dot(NcPicture *picture, NcSpot at, double radius, uint32_t colour);
void nc_draw_image(NcPicture *picture, NcRect box, NcPixels pixels);

#endif
