// Prints panels in a terminal: two pixels a character, one above the other.
#include "driver/predict_show.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 2, WIDEST_IMAGE = 36, BAR_CELLS = 20, WIDEST_NAME = 20 };

typedef enum Look { LOOK_COLOURS, LOOK_256, LOOK_ASCII } Look;

typedef struct Screen {
  NcArena *arena;
  NcrtProgress terminal;
  Look look;
} Screen;

static Look find_look(const NcrtProgress *terminal, bool color) {
  const char *kind = getenv("COLORTERM");
  if (!color || !terminal->utf8)
    return LOOK_ASCII;
  return kind && (strcmp(kind, "truecolor") == 0 || strcmp(kind, "24bit") == 0) ? LOOK_COLOURS
                                                                                : LOOK_256;
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

// The image's size on the screen: characters wide, and pixels (two a character) high.
typedef struct Size {
  int width, height;
} Size;

static Size screen_size(const NcPixels *pixels, int room) {
  double scale = fmin(1, (double)room / pixels->width);
  int width = (int)fmax(1, floor(pixels->width * scale));
  int height = (int)fmax(1, rint(pixels->height * scale));
  return (Size){width, height < 2 * room ? height : 2 * room};
}

// The mean colour of the part of the image that one pixel of the screen shows.
static void mean_colour(const NcPixels *pixels, Size size, int x, int y, uint8_t *rgb) {
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

static void append_colour(const Screen *s, NcText *line, int layer, const uint8_t *rgb) {
  if (s->look == LOOK_COLOURS)
    nc_text_printf(line, "\033[%d;2;%d;%d;%dm", layer, rgb[0], rgb[1], rgb[2]);
  else
    nc_text_printf(line, "\033[%d;5;%dm", layer, palette(rgb));
}

// `changed`: 1 for the colour above, 2 for that below.
static void append_character(const Screen *s, NcText *line, const uint8_t *above,
                             const uint8_t *below, int changed) {
  static const char ramp[] = " .:-=+*#%@";
  if (s->look == LOOK_ASCII) {
    int sum = 0;
    for (int c = 0; c < 3; c++)
      sum += above[c] + below[c];
    nc_text_append_n(line, &ramp[sum * 9 / (6 * 255)], 1);
    return;
  }
  if (changed & 1)
    append_colour(s, line, 38, above);
  if (changed & 2)
    append_colour(s, line, 48, below);
  nc_text_append(line, "▀");
}

// One line of an image; blanks where it has ended.
static void append_image(const Screen *s, NcText *line, const NcPixels *pixels, Size size,
                         int row) {
  uint8_t above[3], below[3] = {0}, last[6] = {0};
  for (int x = 0; x < size.width && 2 * row < size.height; x++) {
    mean_colour(pixels, size, x, 2 * row, above);
    if (2 * row + 1 < size.height)
      mean_colour(pixels, size, x, 2 * row + 1, below);
    int changed =
        x == 0 ? 3 : (memcmp(above, last, 3) != 0) | (memcmp(below, last + 3, 3) != 0) << 1;
    append_character(s, line, above, below, changed);
    memcpy(last, above, 3);
    memcpy(last + 3, below, 3);
  }
  if (s->look != LOOK_ASCII)
    nc_text_append(line, "\033[0m");
  nc_text_printf(line, "%*s", (2 * row < size.height ? 0 : size.width) + GAP, "");
}

static void append_name(const Screen *s, NcText *line, const char *name, int width) {
  const char *shown = nc_text_cut(s->arena, name, width, s->terminal.utf8 ? "…" : "~");
  nc_text_printf(line, "%s%*s ", shown, width - nc_text_columns(shown), "");
}

static void append_bar(const Screen *s, NcText *line, const NcBar *bar, int name, int cells) {
  static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  bool colour = s->look != LOOK_ASCII;
  double share = bar->value > 0 ? bar->value < 1 ? bar->value : 1 : 0;
  int steps = (int)lrint(share * cells * 8), full = colour ? steps / 8 : (steps + 4) / 8;
  append_name(s, line, bar->name, name);
  if (colour)
    nc_text_append(line, bar->colour == NC_BLUE ? "\033[34m" : "\033[31m");
  for (int i = 0; i < full; i++)
    nc_text_append(line, colour ? "█" : "#");
  nc_text_append(line, colour ? eighths[steps % 8] : "");
  if (colour)
    nc_text_append(line, "\033[0m");
  int used = full + (colour && steps % 8 > 0);
  nc_text_printf(line, "%*s%5.1f %%", cells - used + 1, "", 100 * bar->value);
}

static int name_width(const NcPanel *panel) {
  int widest = 0;
  for (int i = 0; i < panel->bar_count; i++) {
    int columns = nc_text_columns(panel->bars[i].name);
    widest = columns > widest ? columns : widest;
  }
  return widest < WIDEST_NAME ? widest : WIDEST_NAME;
}

// Without blanks at its end.
static void print_line(NcText *line, FILE *out) {
  while (line->length > 0 && line->data[line->length - 1] == ' ')
    line->data[--line->length] = 0;
  fprintf(out, "%s\n", line->data);
  line->length = 0;
}

static void print_title(const Screen *s, const NcPanel *panel, FILE *out) {
  const char *mark = !panel->wrong ? "" : s->terminal.utf8 ? "✗ " : "x ";
  bool colour = s->look != LOOK_ASCII;
  const char *begin = !colour ? "" : panel->wrong ? "\033[1;31m" : "\033[1m";
  fprintf(out, "%s%s%s%s\n", begin, mark, panel->title, colour ? "\033[0m" : "");
}

// How wide each image and the bars may be.
static int image_room(const Screen *s, const NcPanel *panel, int bars) {
  int count = panel->image_count > 0 ? panel->image_count : 1;
  int room = (s->terminal.width - bars) / count - GAP;
  return room < 4 ? 4 : room < WIDEST_IMAGE ? room : WIDEST_IMAGE;
}

void nc_panel_print(NcArena *arena, const NcPanel *panel, FILE *out, bool color) {
  Screen s = {.arena = arena};
  ncrt_progress_open(&s.terminal, out);
  s.look = find_look(&s.terminal, color);
  int name = name_width(panel), bars = panel->bar_count > 0 ? name + BAR_CELLS + 10 : 0;
  int room = image_room(&s, panel, bars), rows = panel->bar_count;
  for (int i = 0; i < panel->image_count; i++) {
    int high = (screen_size(&panel->images[i], room).height + 1) / 2;
    rows = high > rows ? high : rows;
  }
  NcText line = nc_text_create(arena);
  nc_text_append(&line, "");
  print_title(&s, panel, out);
  for (int row = 0; row < rows; row++) {
    for (int i = 0; i < panel->image_count; i++)
      append_image(&s, &line, &panel->images[i], screen_size(&panel->images[i], room), row);
    int bar = row - (rows - panel->bar_count) / 2;
    if (bar >= 0 && bar < panel->bar_count)
      append_bar(&s, &line, &panel->bars[bar], name, BAR_CELLS);
    print_line(&line, out);
  }
}
