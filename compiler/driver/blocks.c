// Pictures on a terminal, in characters.
#include "driver/blocks.h"

#include <math.h>

enum { GAP = 2, LEAST = 24, SMALL = 20 };

// The size in characters; a character is twice as high as it is wide.
typedef struct Raster {
  const NcBlockPicture *picture;
  int width, rows;
  int cell; // columns that it is given
} Raster;

static Raster raster_of(const NcBlockPicture *picture, int columns) {
  int64_t width = picture->width <= SMALL ? 2 * picture->width : picture->width;
  Raster r = {.picture = picture, .width = (int)(width < columns ? width : columns)};
  double rows = (double)picture->height * r.width / (double)picture->width / 2;
  r.rows = rows < 1 ? 1 : rows > 100 ? 100 : (int)ceil(rows);
  r.cell = r.width > LEAST || columns < LEAST ? r.width : LEAST;
  return r;
}

// The mean of a channel over the part of the picture that lies in 1 / rows of its height and
// 1 / width of its width.
static double mean(const Raster *r, int row, int rows, int column, int channel) {
  const NcBlockPicture *p = r->picture;
  int64_t top = row * p->height / rows, bottom = ((row + 1) * p->height + rows - 1) / rows;
  int64_t left = column * p->width / r->width,
          right = ((column + 1) * p->width + r->width - 1) / r->width;
  double sum = 0;
  for (int64_t y = top; y < bottom; y++)
    for (int64_t x = left; x < right; x++)
      sum += p->pixels[(y * p->width + x) * p->channels + channel];
  return sum / (double)((bottom - top) * (right - left));
}

static double clamp(double value) { return value > 0 ? value < 1 ? value : 1 : 0; }

// The nearest of the 256 colours.
static int colour_of(const Raster *r, int row, int rows, int column) {
  if (r->picture->channels < 3)
    return 232 + (int)(clamp(mean(r, row, rows, column, 0)) * 23 + 0.5);
  int sum = 0;
  for (int c = 0; c < 3; c++)
    sum = 6 * sum + (int)(clamp(mean(r, row, rows, column, c)) * 5 + 0.5);
  return 16 + sum;
}

static double brightness(const Raster *r, int row, int column) {
  if (r->picture->channels < 3)
    return clamp(mean(r, row, r->rows, column, 0));
  return clamp(0.299 * mean(r, row, r->rows, column, 0) + 0.587 * mean(r, row, r->rows, column, 1) +
               0.114 * mean(r, row, r->rows, column, 2));
}

static void print_row(FILE *out, const Raster *r, int row, bool colour) {
  static const char ramp[] = " .:-=+*#%@";
  for (int x = 0; x < r->width; x++) {
    if (row >= r->rows)
      fputc(' ', out);
    else if (colour)
      fprintf(out, "\x1b[38;5;%dm\x1b[48;5;%dm▀", colour_of(r, 2 * row, 2 * r->rows, x),
              colour_of(r, 2 * row + 1, 2 * r->rows, x));
    else
      fputc(ramp[(int)(brightness(r, row, x) * 9 + 0.5)], out);
  }
  fputs(colour && row < r->rows ? "\x1b[0m" : "", out);
}

static void print_line(FILE *out, const Raster *rasters, int count, int row, bool colour) {
  for (int i = 0; i < count; i++) {
    print_row(out, &rasters[i], row, colour);
    if (i + 1 < count)
      fprintf(out, "%*s", rasters[i].cell - rasters[i].width + GAP, "");
  }
  fputc('\n', out);
}

// Characters of UTF-8 are not cut within.
static void print_caption(FILE *out, const char *caption, int cell, bool last) {
  int count = 0;
  for (; *caption; caption++) {
    count += ((unsigned char)*caption & 0xc0) != 0x80;
    if (count > cell)
      break;
    fputc(*caption, out);
  }
  if (count > cell)
    count = cell;
  fprintf(out, "%*s", last ? 0 : cell - count + GAP, "");
}

void nc_blocks_print(FILE *out, const NcBlockPicture *pictures, int count, int columns,
                     bool colour) {
  enum { MOST = 16 };
  for (int first = 0; first < count;) {
    Raster rasters[MOST];
    int n = 0, used = 0, rows = 0;
    for (; first + n < count && n < MOST; n++) {
      rasters[n] = raster_of(&pictures[first + n], columns);
      used += rasters[n].cell + (n ? GAP : 0);
      if (n > 0 && used > columns)
        break;
      rows = rasters[n].rows > rows ? rasters[n].rows : rows;
    }
    for (int i = 0; i < n; i++)
      print_caption(out, rasters[i].picture->caption, rasters[i].cell, i + 1 == n);
    fputc('\n', out);
    for (int row = 0; row < rows; row++)
      print_line(out, rasters, n, row, colour);
    first += n;
  }
}
