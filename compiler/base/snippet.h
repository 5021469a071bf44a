// Source lines with carets under them, as diagnostics show them.
#ifndef NC_BASE_SNIPPET_H
#define NC_BASE_SNIPPET_H

#include "base/source.h"
#include "base/text.h"
#include "base/utf8.h"

typedef enum NcStyle {
  NC_STYLE_ERROR,
  NC_STYLE_WARNING,
  NC_STYLE_MESSAGE,
  NC_STYLE_NOTE,
  NC_STYLE_HELP,
  NC_STYLE_GUTTER,
  NC_STYLE_LABEL
} NcStyle;

// ANSI sequences around a styled text; nothing without `color`.
void nc_style_begin(NcText *out, bool color, NcStyle style);
void nc_style_end(NcText *out, bool color, NcStyle style);

// Brings `*span`, in a file of the map, into the form that is shown (inside the file, without white
// space at its end, at the end of the text instead of in the empty rest of the file) and gives its
// place.
NcSourcePlace nc_snippet_place(const NcSourceMap *sources, NcSpan *span);

// A piece of one line to be underlined, in columns of the terminal from 0.
typedef struct NcMark {
  int line, begin, end;
  const char *text; // "" for none
  bool primary;
} NcMark;

// The marks of one file.
typedef struct NcMarks {
  int file;
  NC_VEC(NcMark) items;
} NcMarks;

// Adds a span's marks: one, or for a span over several lines one where it begins and one, with the
// text, where it ends.
void nc_snippet_mark(const NcSourceMap *sources, NcMarks *marks, NcSpan span, const char *text,
                     bool primary);
// Draws the lines that have marks, their carets and texts. Sorts the marks.
void nc_snippet_print(const NcSourceMap *sources, NcMarks *marks, NcText *out, bool color,
                      NcStyle primary_style, int gutter);

#endif
