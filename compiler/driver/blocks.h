// Images in a terminal's characters: two pixels each, one above the other, in colours; or where
// there are none, characters by brightness.
#ifndef NC_DRIVER_BLOCKS_H
#define NC_DRIVER_BLOCKS_H

#include "base/text.h"
#include "netc_rt.h"
#include "pictures/picture.h"

typedef struct NcBlocks {
  NcrtProgress terminal; // its width and characters
  enum { NC_LOOK_COLOURS, NC_LOOK_256, NC_LOOK_ASCII } look;
} NcBlocks;

// `color`: whether there may be any.
NcBlocks nc_blocks_open(FILE *out, bool color);

// An image's size on the screen: characters wide, and pixels (two a character) high.
typedef struct NcBlockSize {
  int width, height;
} NcBlockSize;
// At most `room` characters wide. Images that are small have two characters a pixel.
NcBlockSize nc_blocks_size(const NcPixels *pixels, int room);

// Adds one line of an image to a line; blanks where the image has ended.
void nc_blocks_append(const NcBlocks *blocks, NcText *line, const NcPixels *pixels,
                      NcBlockSize size, int row);

#endif
