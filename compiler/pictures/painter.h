// Paints pictures: an interface to a shared object, as its libraries take time to load.
#ifndef NC_PICTURES_PAINTER_H
#define NC_PICTURES_PAINTER_H

#include "base/text.h"
#include "pictures/picture.h"

typedef struct NcTextSize {
  double width, ascent, descent;
} NcTextSize;

typedef struct NcPainter {
  const char *build; // nc_painter_id of what it was built with; first, for nc_plugin_load
  NcTextSize (*measure)(const char *text, double size, bool bold);
  // Appends the bytes of a file in PNG (300 pixels an inch) or SVG to `bytes`. False on failure,
  // with one line in *message.
  //
  // In the SVG texts are outlines, so that they look the same everywhere. Behind them the same
  // texts stand as such, unseen: to be searched, copied and read aloud.
  bool (*paint)(const NcPicture *picture, bool svg, NcText *bytes, const char **message);
} NcPainter;

// Tells builds of the painter apart.
extern const char nc_painter_id[];

// Loads the painter, as nc_plugin_load does.
const NcPainter *nc_painter(NcArena *arena, const char **message);

#define NC_PAINTER_FILE "libnetc_cairo.so"
#define NC_PAINTER_FUNCTION "nc_painter_cairo"

#endif
