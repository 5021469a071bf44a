// Draws source lines with carets under them: tabs widened, long lines cut to a window, labels that
// share a line each at their own column.
#include "base/snippet.h"

#include <string.h>

#define TAB 4
#define WIDEST_LINE 120 // a longer line is shown through a window of this width
#define WINDOW_LEAD 20  // columns of the window before the first mark
#define ELLIPSIS 3

void nc_style_begin(NcText *out, bool color, NcStyle style) {
  static const char *const sequences[] = {
      [NC_STYLE_ERROR] = "\033[1;31m", [NC_STYLE_WARNING] = "\033[1;33m",
      [NC_STYLE_MESSAGE] = "\033[1m",  [NC_STYLE_NOTE] = "\033[1;36m",
      [NC_STYLE_HELP] = "\033[1;32m",  [NC_STYLE_GUTTER] = "\033[34m",
      [NC_STYLE_LABEL] = "\033[36m"};
  if (color)
    nc_text_append(out, sequences[style]);
}

void nc_style_end(NcText *out, bool color, NcStyle style) {
  (void)style;
  if (color)
    nc_text_append(out, "\033[0m");
}

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Bytes of a line without its end and the white space before it.
static int line_length(const NcSourceFile *file, int line) {
  int begin = file->line_starts.items[line - 1];
  int end = line < file->line_starts.count ? file->line_starts.items[line] : (int)file->length;
  while (end > begin && is_space(file->text[end - 1]))
    end--;
  return end - begin;
}

static void normalize(const NcSourceFile *file, NcSpan *span) {
  int length = (int)file->length;
  span->begin = span->begin < 0 ? 0 : span->begin > length ? length : span->begin;
  span->end = span->end < span->begin ? span->begin : span->end > length ? length : span->end;
  while (span->end > span->begin && is_space(file->text[span->end - 1]))
    span->end--;
  int begin = span->begin;
  while (begin < length && is_space(file->text[begin]))
    begin++;
  if (begin < length)
    return;
  // In the white space at the end of the file: shown right after its last text.
  while (span->begin > 0 && is_space(file->text[span->begin - 1]))
    span->begin--;
  span->end = span->begin;
}

NcSourcePlace nc_snippet_place(const NcSourceMap *sources, NcSpan *span) {
  normalize(&sources->files.items[span->file], span);
  return nc_source_place(sources, *span);
}

// A character of a line, as it is shown.
typedef struct Cell {
  const char *text;
  int bytes; // in the source
  int width; // in columns
  bool shown;
} Cell;

static Cell next_cell(const char *text, size_t left, int column) {
  uint32_t character;
  Cell cell = {.text = text, .bytes = nc_utf8_decode(text, left, &character)};
  if (*text == '\t')
    cell.width = TAB - column % TAB;
  else if (nc_utf8_printable(character)) {
    cell.width = nc_utf8_width(character);
    cell.shown = true;
  } else {
    cell.text = "?";
    cell.width = 1;
  }
  return cell;
}

// The column at which the byte `offset` of a line is shown; past its text a byte is a column.
static int display_column(const NcSourceFile *file, int line, int offset) {
  const char *text = file->text + file->line_starts.items[line - 1];
  int length = line_length(file, line), column = 0, at = 0;
  while (at < offset && at < length) {
    Cell cell = next_cell(text + at, (size_t)(length - at), column);
    column += cell.width;
    at += cell.bytes;
  }
  return column + (offset > at ? 1 : 0);
}

static void add_mark(const NcSourceMap *sources, NcMarks *marks, NcMark mark) {
  if (mark.end <= mark.begin)
    mark.end = mark.begin + 1;
  for (int i = 0; i < marks->items.count; i++) {
    const NcMark *other = &marks->items.items[i];
    if (other->line == mark.line && other->begin == mark.begin && other->end == mark.end &&
        strcmp(other->text, mark.text) == 0)
      return;
  }
  nc_vec_push(sources->arena, marks->items, mark);
}

void nc_snippet_mark(const NcSourceMap *sources, NcMarks *marks, NcSpan span, const char *text,
                     bool primary) {
  const NcSourceFile *file = &sources->files.items[span.file];
  NcSourcePlace place = nc_snippet_place(sources, &span);
  const int32_t *starts = file->line_starts.items;
  marks->file = span.file;
  int begin = display_column(file, place.line, span.begin - starts[place.line - 1]);
  int end = display_column(file, place.last_line, span.end - starts[place.last_line - 1]);
  if (place.line == place.last_line) {
    add_mark(sources, marks, (NcMark){place.line, begin, end, text, primary});
    return;
  }
  int first_end = display_column(file, place.line, line_length(file, place.line));
  add_mark(sources, marks, (NcMark){place.line, begin, first_end, "", primary});
  int indent = 0;
  while (is_space(file->text[starts[place.last_line - 1] + indent]))
    indent++;
  int last_begin = display_column(file, place.last_line, indent);
  add_mark(sources, marks, (NcMark){place.last_line, last_begin, end, text, primary});
}

static bool mark_before(const NcMark *a, const NcMark *b) {
  if (a->line != b->line)
    return a->line < b->line;
  return a->begin != b->begin ? a->begin < b->begin : a->end > b->end;
}

static void sort_marks(NcMarks *marks) {
  for (int i = 1; i < marks->items.count; i++) {
    NcMark mark = marks->items.items[i];
    int at = i;
    for (; at > 0 && mark_before(&mark, &marks->items.items[at - 1]); at--)
      marks->items.items[at] = marks->items.items[at - 1];
    marks->items.items[at] = mark;
  }
}

// One source line at work: its marks, sorted, and the columns that are shown.
typedef struct Row {
  NcText *out;
  bool color;
  NcStyle primary_style;
  int gutter;
  NcMark *marks;
  int count;
  int from, to;
} Row;

static void print_gutter(NcText *out, bool color, int gutter, int line) {
  nc_style_begin(out, color, NC_STYLE_GUTTER);
  if (line)
    nc_text_printf(out, "%*d |", gutter, line);
  else
    nc_text_printf(out, "%*s |", gutter, "");
  nc_style_end(out, color, NC_STYLE_GUTTER);
}

static void choose_window(Row *row, int width) {
  row->from = 0;
  row->to = WIDEST_LINE;
  int first = row->count ? row->marks[0].begin : 0, last = 0;
  for (int i = 0; i < row->count; i++)
    last = row->marks[i].end > last ? row->marks[i].end : last;
  if ((width > WIDEST_LINE || last > WIDEST_LINE) && last > WIDEST_LINE - ELLIPSIS) {
    row->from = first > WINDOW_LEAD ? first - WINDOW_LEAD : 0;
    row->to = row->from + WIDEST_LINE;
  }
  // Marks outside the window end up under the dots.
  for (int i = 0; i < row->count; i++) {
    NcMark *mark = &row->marks[i];
    mark->begin = mark->begin < row->to ? mark->begin : row->to - 1;
    mark->end = mark->end < row->to ? mark->end : row->to;
    mark->end = mark->end > mark->begin ? mark->end : mark->begin + 1;
  }
}

static void append_times(NcText *out, char c, int times) {
  for (int i = 0; i < times; i++)
    nc_text_append_n(out, &c, 1);
}

static void print_source_line(Row *row, const NcSourceFile *file, int line) {
  const char *text = file->text + file->line_starts.items[line - 1];
  int length = line_length(file, line), width = display_column(file, line, length);
  choose_window(row, width);
  bool cut_right = width > row->to;
  int first = row->from ? row->from + ELLIPSIS : 0, last = cut_right ? row->to - ELLIPSIS : row->to;
  print_gutter(row->out, row->color, row->gutter, line);
  if (length)
    nc_text_append(row->out, row->from ? " ..." : " ");
  for (int at = 0, column = 0; at < length && column < last;) {
    Cell cell = next_cell(text + at, (size_t)(length - at), column);
    int end = column + cell.width;
    if (cell.shown && column >= first && end <= last)
      nc_text_append_n(row->out, cell.text, (size_t)cell.bytes);
    else if (end > first) { // a tab, what must not be shown, or half of a wide character
      bool blank = *cell.text != '?' || cell.shown;
      int visible = (end < last ? end : last) - (column > first ? column : first);
      append_times(row->out, blank ? ' ' : '?', visible);
    }
    column = end;
    at += cell.bytes;
  }
  nc_text_append(row->out, cut_right ? "...\n" : "\n");
}

static bool contains_other(const Row *row, const NcMark *mark) {
  for (int i = 0; i < row->count; i++) {
    const NcMark *other = &row->marks[i];
    if (other->begin >= mark->begin && other->end <= mark->end &&
        other->end - other->begin < mark->end - mark->begin)
      return true;
  }
  return false;
}

// The narrowest mark on a column; the primary one of equals.
static const NcMark *mark_at(const Row *row, int column) {
  const NcMark *best = NULL;
  for (int i = 0; i < row->count; i++) {
    const NcMark *mark = &row->marks[i];
    if (column < mark->begin || column >= mark->end)
      continue;
    int width = mark->end - mark->begin, best_width = best ? best->end - best->begin : 0;
    if (!best || width < best_width || (width == best_width && mark->primary))
      best = mark;
  }
  return best;
}

static NcStyle style_of(const Row *row, const NcMark *mark) {
  return mark->primary ? row->primary_style : NC_STYLE_LABEL;
}

static int end_of_marks(const Row *row) {
  int end = 0;
  for (int i = 0; i < row->count; i++)
    end = row->marks[i].end > end ? row->marks[i].end : end;
  return end;
}

static void print_carets(const Row *row) {
  const NcMark *drawn = NULL;
  int end = end_of_marks(row);
  for (int column = row->from; column < end; column++) {
    const NcMark *mark = mark_at(row, column);
    if (drawn && mark != drawn)
      nc_style_end(row->out, row->color, style_of(row, drawn));
    if (mark && mark != drawn)
      nc_style_begin(row->out, row->color, style_of(row, mark));
    nc_text_append(row->out, !mark ? " " : contains_other(row, mark) ? "~" : "^");
    drawn = mark;
  }
  if (drawn)
    nc_style_end(row->out, row->color, style_of(row, drawn));
}

static void print_text(const Row *row, const NcMark *mark, const char *text) {
  nc_style_begin(row->out, row->color, style_of(row, mark));
  for (size_t left = strlen(text); left;) {
    Cell cell = next_cell(text, left, 0);
    nc_text_append_n(row->out,
                     cell.shown      ? cell.text
                     : *text == '\n' ? " "
                                     : "?",
                     cell.shown ? (size_t)cell.bytes : 1);
    text += cell.bytes;
    left -= (size_t)cell.bytes;
  }
  nc_style_end(row->out, row->color, style_of(row, mark));
}

// A row below the carets for the text of mark `which`, with a bar for each mark to the left whose
// text is still to come.
static void print_text_row(const Row *row, int which) {
  print_gutter(row->out, row->color, row->gutter, 0);
  nc_text_append(row->out, " ");
  int column = row->from;
  for (int i = 0; i < which; i++) {
    const NcMark *mark = &row->marks[i];
    if (!*mark->text || mark->begin < column || mark->begin == row->marks[which].begin)
      continue;
    append_times(row->out, ' ', mark->begin - column);
    print_text(row, mark, "|");
    column = mark->begin + 1;
  }
  append_times(row->out, ' ', row->marks[which].begin - column);
  print_text(row, &row->marks[which], row->marks[which].text);
  nc_text_append(row->out, "\n");
}

// The text of the last mark stands beside the carets if no other mark reaches beyond it.
static void print_marks(const Row *row) {
  print_gutter(row->out, row->color, row->gutter, 0);
  nc_text_append(row->out, " ");
  print_carets(row);
  int last = row->count - 1;
  bool beside = *row->marks[last].text && row->marks[last].end == end_of_marks(row);
  if (beside) {
    nc_text_append(row->out, " ");
    print_text(row, &row->marks[last], row->marks[last].text);
  }
  nc_text_append(row->out, "\n");
  for (int i = beside ? last - 1 : last; i >= 0; i--)
    if (*row->marks[i].text)
      print_text_row(row, i);
}

// What stands between two lines with marks: nothing, the one line there, or dots.
static void print_gap(Row row, const NcSourceFile *file, int before, int line) {
  if (before && line - before == 2) {
    row.count = 0;
    print_source_line(&row, file, before + 1);
  } else if (before && line - before > 2)
    nc_text_append(row.out, "...\n");
}

void nc_snippet_print(const NcSourceMap *sources, NcMarks *marks, NcText *out, bool color,
                      NcStyle primary_style, int gutter) {
  const NcSourceFile *file = &sources->files.items[marks->file];
  Row row = {.out = out, .color = color, .primary_style = primary_style, .gutter = gutter};
  sort_marks(marks);
  print_gutter(out, color, gutter, 0);
  nc_text_append(out, "\n");
  int before = 0;
  for (int i = 0; i < marks->items.count; i += row.count) {
    row.marks = &marks->items.items[i];
    row.count = 1;
    while (i + row.count < marks->items.count && row.marks[row.count].line == row.marks[0].line)
      row.count++;
    int line = row.marks[0].line; // the window may move the marks, but not to another line
    print_gap(row, file, before, line);
    print_source_line(&row, file, line);
    print_marks(&row);
    before = line;
  }
}
