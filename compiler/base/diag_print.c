// Diagnostics as text: the message, its notes and helps; snippet.c draws the source lines.
#include "base/diag.h"
#include "base/snippet.h"

#include <string.h>

// Texts of messages may quote the source: they are cleaned like it. A line break is indented.
static void append_clean(NcText *out, const char *string) {
  size_t left = strlen(string);
  while (left) {
    uint32_t character;
    int bytes = nc_utf8_decode(string, left, &character);
    if (*string == '\n')
      nc_text_append(out, "\n  ");
    else if (nc_utf8_printable(character))
      nc_text_append_n(out, string, (size_t)bytes);
    else
      nc_text_append(out, "?");
    string += bytes;
    left -= (size_t)bytes;
  }
}

static void append_styled(NcText *out, bool color, NcStyle style, const char *text) {
  nc_style_begin(out, color, style);
  append_clean(out, text);
  nc_style_end(out, color, style);
}

static bool has_place(const NcDiags *diags, NcSpan span) {
  return span.file >= 0 && span.file < diags->sources->files.count;
}

static int digits(int number) { return number < 10 ? 1 : 1 + digits(number / 10); }

static void widen(const NcDiags *diags, NcSpan span, int *width) {
  if (!has_place(diags, span))
    return;
  int line = nc_snippet_place(diags->sources, &span).last_line;
  if (digits(line) > *width)
    *width = digits(line);
}

// The width of the line numbers: that of the largest that is shown.
static int gutter_width(const NcDiags *diags, const NcDiag *diag) {
  int width = 1;
  widen(diags, diag->span, &width);
  for (int i = 0; i < diag->labels.count; i++)
    widen(diags, diag->labels.items[i].span, &width);
  if (!has_place(diags, diag->span) && diag->labels.count == 0)
    for (int i = 0; i < diag->notes.count; i++)
      widen(diags, diag->notes.items[i].span, &width);
  return width;
}

static void print_place(const NcDiags *diags, NcText *out, bool color, int gutter,
                        const char *arrow, NcSpan span) {
  NcSourcePlace place = nc_snippet_place(diags->sources, &span);
  nc_text_printf(out, "%*s", gutter, "");
  append_styled(out, color, NC_STYLE_GUTTER, arrow);
  nc_text_append(out, " ");
  append_clean(out, diags->sources->files.items[span.file].name);
  nc_text_printf(out, ":%d:%d\n", place.line, place.column);
}

static bool same_span(NcSpan a, NcSpan b) {
  return a.file == b.file && a.begin == b.begin && a.end == b.end;
}

// The marks in `file`: the labels, and the primary span unless one of the labels lies on it.
static NcMarks marks_in_file(const NcDiags *diags, const NcDiag *diag, int file) {
  NcMarks marks = {0};
  bool primary_is_labelled = false;
  for (int i = 0; i < diag->labels.count; i++) {
    const NcDiagPart *label = &diag->labels.items[i];
    bool primary = same_span(label->span, diag->span);
    primary_is_labelled |= primary;
    if (label->span.file == file)
      nc_snippet_mark(diags->sources, &marks, label->span, label->text, primary);
  }
  if (diag->span.file == file && !primary_is_labelled)
    nc_snippet_mark(diags->sources, &marks, diag->span, "", true);
  return marks;
}

static void print_sources(const NcDiags *diags, const NcDiag *diag, NcText *out, bool color,
                          int gutter) {
  NcStyle style = diag->severity == NC_ERROR ? NC_STYLE_ERROR : NC_STYLE_WARNING;
  bool first = true;
  if (has_place(diags, diag->span)) {
    NcMarks marks = marks_in_file(diags, diag, diag->span.file);
    print_place(diags, out, color, gutter, "-->", diag->span);
    nc_snippet_print(diags->sources, &marks, out, color, style, gutter);
    first = false;
  }
  for (int i = 0; i < diag->labels.count; i++) {
    NcSpan span = diag->labels.items[i].span;
    bool shown = !has_place(diags, span) || span.file == diag->span.file;
    for (int j = 0; j < i && !shown; j++)
      shown = diag->labels.items[j].span.file == span.file;
    if (shown)
      continue;
    NcMarks marks = marks_in_file(diags, diag, span.file);
    print_place(diags, out, color, gutter, first ? "-->" : ":::", span);
    nc_snippet_print(diags->sources, &marks, out, color, style, gutter);
    first = false;
  }
}

static void print_remark(NcText *out, bool color, NcStyle style, const char *kind,
                         const char *text) {
  append_styled(out, color, style, kind);
  nc_text_append(out, ": ");
  append_clean(out, text);
  nc_text_append(out, "\n");
}

static void print_diag(const NcDiags *diags, const NcDiag *diag, NcText *out, bool color) {
  bool is_error = diag->severity == NC_ERROR;
  int gutter = gutter_width(diags, diag);
  const char *heading =
      nc_arena_printf(out->arena, "%s[%s]", is_error ? "error" : "warning", diag->code);
  append_styled(out, color, is_error ? NC_STYLE_ERROR : NC_STYLE_WARNING, heading);
  append_styled(out, color, NC_STYLE_MESSAGE, ": ");
  append_styled(out, color, NC_STYLE_MESSAGE, diag->message);
  nc_text_append(out, "\n");
  print_sources(diags, diag, out, color, gutter);
  for (int i = 0; i < diag->labels.count; i++)
    if (!has_place(diags, diag->labels.items[i].span))
      print_remark(out, color, NC_STYLE_NOTE, "note", diag->labels.items[i].text);
  for (int i = 0; i < diag->notes.count; i++) {
    print_remark(out, color, NC_STYLE_NOTE, "note", diag->notes.items[i].text);
    if (has_place(diags, diag->notes.items[i].span))
      print_place(diags, out, color, gutter, "-->", diag->notes.items[i].span);
  }
  for (int i = 0; i < diag->helps.count; i++)
    print_remark(out, color, NC_STYLE_HELP, "help", diag->helps.items[i].text);
}

// Places in order of files and bytes; what has no place comes last.
static bool stands_before(const NcDiag *a, const NcDiag *b) {
  uint32_t a_file = (uint32_t)a->span.file, b_file = (uint32_t)b->span.file;
  if (a->span.file < 0 || a_file != b_file)
    return a_file < b_file;
  if (a->span.begin != b->span.begin)
    return a->span.begin < b->span.begin;
  return a->span.end < b->span.end;
}

const char *nc_diags_rest(const NcDiags *diags, NcSeverity severity) {
  int rest = (severity == NC_ERROR ? diags->error_count : diags->warning_count) - NC_MAX_ERRORS;
  if (rest <= 0)
    return NULL;
  return nc_arena_printf(diags->arena, "and %d more %s%s", rest,
                         severity == NC_ERROR ? "error" : "warning", rest == 1 ? "" : "s");
}

static void print_rest(const NcDiags *diags, NcSeverity severity, NcText *out) {
  const char *rest = nc_diags_rest(diags, severity);
  if (rest)
    nc_text_printf(out, "%s\n", rest);
}

NcDiag **nc_diags_sorted(const NcDiags *diags, NcArena *arena) {
  int count = diags->items.count;
  NcDiag **sorted = NC_NEW_ARRAY(arena, NcDiag *, count);
  for (int i = 0; i < count; i++) { // by insertion: stable, and there are few
    int at = i;
    for (; at > 0 && stands_before(diags->items.items[i], sorted[at - 1]); at--)
      sorted[at] = sorted[at - 1];
    sorted[at] = diags->items.items[i];
  }
  return sorted;
}

void nc_diags_print(const NcDiags *diags, NcText *out, bool color) {
  NcDiag **sorted = nc_diags_sorted(diags, out->arena);
  for (int i = 0; i < diags->items.count; i++) {
    if (i > 0)
      nc_text_append(out, "\n");
    print_diag(diags, sorted[i], out, color);
  }
  print_rest(diags, NC_ERROR, out);
  print_rest(diags, NC_WARNING, out);
}
