// Prints panels in a terminal.
#include "driver/panel_print.h"

#include "driver/blocks.h"

#include <math.h>

enum { GAP = 2, BAR_CELLS = 20, WIDEST_NAME = 20 };

typedef struct Screen {
  NcArena *arena;
  NcBlocks blocks;
  int image_room, name_room; // columns that an image, a bar's name takes at most
} Screen;

static const char *cut(const Screen *s, const char *text, int columns) {
  return nc_text_cut(s->arena, text, columns, s->blocks.terminal.utf8 ? "…" : "~");
}

static bool has_colours(const Screen *s) { return s->blocks.look != NC_LOOK_ASCII; }

// Text, then blanks up to so many columns.
static void append_padded(NcText *line, const char *text, int columns) {
  nc_text_printf(line, "%s%*s", text, columns - nc_text_columns(text), "");
}

static void append_bar(const Screen *s, NcText *line, const NcBar *bar) {
  static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  bool colour = has_colours(s);
  double share = bar->value > 0 ? bar->value < 1 ? bar->value : 1 : 0;
  int steps = (int)lrint(share * BAR_CELLS * 8), full = colour ? steps / 8 : (steps + 4) / 8;
  append_padded(line, cut(s, bar->name, s->name_room), s->name_room + 1);
  if (colour)
    nc_text_append(line, bar->colour == NC_BLUE ? "\033[34m" : "\033[31m");
  for (int i = 0; i < full; i++)
    nc_text_append(line, colour ? "█" : "#");
  nc_text_append(line, colour ? eighths[steps % 8] : "");
  if (colour)
    nc_text_append(line, "\033[0m");
  int used = full + (colour && steps % 8 > 0);
  nc_text_printf(line, "%*s%5.1f %%", BAR_CELLS - used + 1, "", 100 * bar->value);
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
  const char *mark = !panel->wrong ? "" : s->blocks.terminal.utf8 ? "✗ " : "x ";
  bool colour = has_colours(s);
  const char *begin = !colour ? "" : panel->wrong ? "\033[1;31m" : "\033[1m";
  fprintf(out, "%s%s%s%s\n", begin, mark, panel->title, colour ? "\033[0m" : "");
}

static int image_room(const Screen *s, const NcPanel *panel, int bars) {
  int count = panel->image_count > 0 ? panel->image_count : 1;
  int room = (s->blocks.terminal.width - bars) / count - GAP;
  return room < 4 ? 4 : room < NC_PANEL_WIDEST_IMAGE ? room : NC_PANEL_WIDEST_IMAGE;
}

static const char *caption_of(const Screen *s, const NcPanel *panel, int image) {
  return panel->captions ? cut(s, panel->captions[image], s->image_room) : "";
}

// The columns of an image, its caption and the gap behind it.
static int cell_width(const Screen *s, const NcPanel *panel, int image) {
  int width = nc_blocks_size(&panel->images[image], s->image_room).width;
  int caption = nc_text_columns(caption_of(s, panel, image));
  return (width > caption ? width : caption) + GAP;
}

static void append_images(const Screen *s, NcText *line, const NcPanel *panel, int row) {
  for (int i = 0; i < panel->image_count; i++) {
    NcBlockSize size = nc_blocks_size(&panel->images[i], s->image_room);
    nc_blocks_append(&s->blocks, line, &panel->images[i], size, row);
    nc_text_printf(line, "%*s", cell_width(s, panel, i) - size.width, "");
  }
}

static int row_count(const Screen *s, const NcPanel *panel) {
  int rows = panel->bar_count;
  for (int i = 0; i < panel->image_count; i++) {
    int high = (nc_blocks_size(&panel->images[i], s->image_room).height + 1) / 2;
    rows = high > rows ? high : rows;
  }
  return rows;
}

void nc_panel_print(NcArena *arena, const NcPanel *panel, FILE *out, bool color) {
  Screen s = {.arena = arena, .blocks = nc_blocks_open(out, color), .name_room = name_width(panel)};
  s.image_room = image_room(&s, panel, panel->bar_count > 0 ? s.name_room + BAR_CELLS + 10 : 0);
  NcText line = nc_text_create(arena);
  nc_text_append(&line, "");
  if (panel->title)
    print_title(&s, panel, out);
  for (int i = 0; panel->captions && i < panel->image_count; i++)
    append_padded(&line, caption_of(&s, panel, i), cell_width(&s, panel, i));
  if (panel->captions)
    print_line(&line, out);
  int rows = row_count(&s, panel);
  for (int row = 0; row < rows; row++) {
    append_images(&s, &line, panel, row);
    int bar = row - (rows - panel->bar_count) / 2;
    if (bar >= 0 && bar < panel->bar_count)
      append_bar(&s, &line, &panel->bars[bar]);
    print_line(&line, out);
  }
}
