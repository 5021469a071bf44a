// Images in a terminal's characters.
#include "driver/blocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL = 16 };

NcBlocks nc_blocks_open(FILE *out, bool color) {
  NcBlocks blocks = {.look = NC_LOOK_ASCII};
  const char *kind = getenv("COLORTERM");
  ncrt_progress_open(&blocks.terminal, out);
  if (color && blocks.terminal.utf8)
    blocks.look = kind && (strcmp(kind, "truecolor") == 0 || strcmp(kind, "24bit") == 0)
                      ? NC_LOOK_COLOURS
                      : NC_LOOK_256;
  return blocks;
}

NcBlockSize nc_blocks_size(const NcPixels *pixels, int room) {
  bool small = pixels->width <= SMALL && pixels->height <= SMALL;
  double scale = fmin(small ? 2 : 1, (double)room / pixels->width);
  int width = (int)fmax(1, floor(pixels->width * scale));
  int height = (int)fmax(1, rint(pixels->height * scale));
  return (NcBlockSize){width, height < 2 * room ? height : 2 * room};
}

// The mean colour of the part of the image that one pixel of the screen shows.
static void mean_colour(const NcPixels *pixels, NcBlockSize size, int x, int y, uint8_t *rgb) {
  int x0 = x * pixels->width / size.width, x1 = (x + 1) * pixels->width / size.width;
  int y0 = y * pixels->height / size.height, y1 = (y + 1) * pixels->height / size.height;
  x1 = x1 > x0 ? x1 : x0 + 1;
  y1 = y1 > y0 ? y1 : y0 + 1;
  double sums[3] = {0};
  for (int v = y0; v < y1; v++)
    for (int u = x0; u < x1; u++)
      for (int c = 0; c < 3; c++)
        sums[c] +=
            pixels
                ->data[((size_t)v * (size_t)pixels->width + (size_t)u) * (size_t)pixels->channels +
                       (size_t)(pixels->channels == 3 ? c : 0)];
  for (int c = 0; c < 3; c++)
    rgb[c] = (uint8_t)lrint(sums[c] / ((x1 - x0) * (y1 - y0)));
}

// The number in the palette of 256 colours: 24 grays, or a cube of 6 a colour.
static int palette(const uint8_t *rgb) {
  if (rgb[0] == rgb[1] && rgb[1] == rgb[2]) {
    int gray = (rgb[0] + 2) / 10;
    return rgb[0] < 4 ? 16 : rgb[0] > 246 ? 231 : 231 + (gray < 1 ? 1 : gray > 24 ? 24 : gray);
  }
  int number = 16;
  for (int i = 0, scale = 36; i < 3; i++, scale /= 6)
    number += scale * ((rgb[i] * 5 + 127) / 255);
  return number;
}

static void append_colour(const NcBlocks *blocks, NcText *line, int layer, const uint8_t *rgb) {
  if (blocks->look == NC_LOOK_COLOURS)
    nc_text_printf(line, "\033[%d;2;%d;%d;%dm", layer, rgb[0], rgb[1], rgb[2]);
  else
    nc_text_printf(line, "\033[%d;5;%dm", layer, palette(rgb));
}

// Their mean brightness, colours weighed as ITU-R BT.601 does.
static void append_ramp(NcText *line, const uint8_t *above, const uint8_t *below) {
  static const char ramp[] = " .:-=+*#%@";
  static const int weights[] = {299, 587, 114};
  enum { WHITE = 2 * 1000 * 255 };
  int sum = 0;
  for (int c = 0; c < 3; c++)
    sum += weights[c] * (above[c] + below[c]);
  nc_text_append_n(line, &ramp[(sum * 9 + WHITE / 2) / WHITE], 1);
}

void nc_blocks_append(const NcBlocks *blocks, NcText *line, const NcPixels *pixels,
                      NcBlockSize size, int row) {
  uint8_t above[3], below[3] = {0}, last[6] = {0};
  bool colours = blocks->look != NC_LOOK_ASCII, ended = 2 * row >= size.height;
  for (int x = 0; x < size.width && !ended; x++) {
    mean_colour(pixels, size, x, 2 * row, above);
    if (2 * row + 1 < size.height)
      mean_colour(pixels, size, x, 2 * row + 1, below);
    if (colours && (x == 0 || memcmp(above, last, 3) != 0))
      append_colour(blocks, line, 38, above);
    if (colours && (x == 0 || memcmp(below, last + 3, 3) != 0))
      append_colour(blocks, line, 48, below);
    if (colours)
      nc_text_append(line, "▀");
    else
      append_ramp(line, above, below);
    memcpy(last, above, 3);
    memcpy(last + 3, below, 3);
  }
  nc_text_append(line, colours && !ended ? "\033[0m" : "");
  nc_text_printf(line, "%*s", ended ? size.width : 0, "");
}
