// Between the parts of the formatter: a file as tokens and comments, and as lines of them.
#ifndef NC_SYNTAX_FORMAT_LINES_H
#define NC_SYNTAX_FORMAT_LINES_H

#include "base/arena.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

enum { NC_FORMAT_COMMENT = -1 }; // the kind of a comment, beside the NC_TOKEN_… of tokens

typedef struct NcFormatToken {
  int kind;
  const char *text;
  int length;         // bytes
  int column, width;  // in the source; columns of a terminal, from 0
  int newlines;       // in the source, since what stands before
  int gap;            // columns since then, on the same line
  bool begins;        // a statement, declaration or entry
  int partner;        // of a bracket: the other one; else -1
  int breaks, spaces; // before it in the result: lines (2: an empty one), else columns
} NcFormatToken;

typedef struct NcFormatLine {
  int first, end; // tokens; a comment may be the last, or the only one
  int indent;
  bool whole; // the line is one statement without blocks
} NcFormatLine;

typedef struct NcFormat {
  NcArena *arena;
  NC_VEC(NcFormatToken) tokens;
  NC_VEC(NcFormatLine) lines;
} NcFormat;

// Where tokens `from` to `to` end, set after the column `column`.
int nc_format_columns(const NcFormat *format, int from, int to, int column);
// Behind the line's last token that is no comment.
int nc_format_code_end(const NcFormat *format, const NcFormatLine *line);
// Adds the spaces that line up what the lines line up in the source.
void nc_format_align(NcFormat *format);

#endif
