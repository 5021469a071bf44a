// The formatter's columns. What lines up in the source, with spaces that were put there for it,
// lines up in the result, also where a longer line has come between: the types and the `=` of
// neighbouring statements, the elements of neighbouring lists, and comments.
#include "syntax/format.h"
#include "syntax/format_lines.h"
#include "syntax/lexer.h"
#include "syntax/parse.h"
#include "syntax/parser.h"

#define MAX_ELEMENTS 64
#define ROOM 10 // columns by which a line may become too long by being lined up

static NcFormatToken *token_of(NcFormat *format, int i) { return &format->tokens.items[i]; }

static int code_columns(const NcFormat *format, const NcFormatLine *line) {
  return nc_format_columns(format, line->first, nc_format_code_end(format, line), line->indent);
}

// Whether no empty line and no comment is between a line and the one before.
static bool follows(NcFormat *format, int i) {
  return i > 0 && token_of(format, format->lines.items[i].first)->breaks < 2;
}

// ---- types and bindings: a token of each line

typedef int Find(NcFormat *format, const NcFormatLine *line); // -1 for none

static int find_assign(NcFormat *format, const NcFormatLine *line) {
  for (int i = line->first; line->whole && i < line->end; i++) {
    const NcFormatToken *token = token_of(format, i);
    if (token->kind == NC_TOKEN_ASSIGN)
      return i;
    if (nc_token_opens(token->kind))
      i = token->partner;
  }
  return -1;
}

static int find_type(NcFormat *format, const NcFormatLine *line) {
  for (int i = line->first; line->whole && i < line->end; i++) {
    const NcFormatToken *token = token_of(format, i);
    if (token->kind == NC_TOKEN_COLON)
      return i + 1;
    if (nc_token_opens(token->kind) || token->kind == NC_TOKEN_ASSIGN)
      break;
  }
  return -1;
}

typedef struct Run { // lines from `first` to `end`; some have no such token, or stand deeper
  int first, end;
} Run;

static Run run_from(NcFormat *format, int first) {
  const NcFormatLine *lines = format->lines.items;
  int end = first + 1;
  while (end < format->lines.count && follows(format, end) &&
         lines[end].indent >= lines[first].indent &&
         token_of(format, lines[end].first)->kind != NC_TOKEN_RBRACE)
    end++;
  return (Run){first, end};
}

// The next line of a run, from line i on, that has the token; the run's end if there is none.
static int next_in(NcFormat *format, Run run, int i, Find *find) {
  const NcFormatLine *lines = format->lines.items;
  while (i < run.end && (lines[i].indent != lines[run.first].indent || find(format, &lines[i]) < 0))
    i++;
  return i;
}

// Is one lined up with a neighbour by more spaces than are needed?
static bool is_lined_up(NcFormat *format, Run run, Find *find) {
  const NcFormatToken *last = NULL;
  for (int i = run.first; (i = next_in(format, run, i, find)) < run.end; i++) {
    const NcFormatToken *token = token_of(format, find(format, &format->lines.items[i]));
    bool padded = token->gap > token->spaces || (last && last->gap > last->spaces);
    if (last && padded && last->column == token->column)
      return true;
    last = token;
  }
  return false;
}

static void line_up(NcFormat *format, Run run, Find *find) {
  int column = 0, longest = 0;
  for (int i = run.first; (i = next_in(format, run, i, find)) < run.end; i++) {
    const NcFormatLine *line = &format->lines.items[i];
    int at = find(format, line), before = nc_format_columns(format, line->first, at, line->indent);
    int rest = code_columns(format, line) - before;
    column = before > column ? before : column;
    longest = rest > longest ? rest : longest;
  }
  for (int i = run.first; (i = next_in(format, run, i, find)) < run.end; i++) {
    const NcFormatLine *line = &format->lines.items[i];
    int at = find(format, line);
    if (column + longest <= NC_FORMAT_COLUMNS + ROOM)
      token_of(format, at)->spaces +=
          column - nc_format_columns(format, line->first, at, line->indent);
  }
}

static void align_tokens(NcFormat *format, Find *find) {
  bool *done = NC_NEW_ARRAY(format->arena, bool, format->lines.count + 1);
  for (int i = 0; i < format->lines.count; i++) {
    if (done[i] || find(format, &format->lines.items[i]) < 0)
      continue;
    Run run = run_from(format, i);
    if (is_lined_up(format, run, find))
      line_up(format, run, find);
    for (int k = i; (k = next_in(format, run, k, find)) < run.end; k++)
      done[k] = true;
  }
}

// ---- lists, also of dimensions: columns of elements, to the right

typedef struct Row {
  int count; // of elements; 0 for none
  int begin[MAX_ELEMENTS], end[MAX_ELEMENTS];
} Row;

// The elements between brackets that hold no others.
static Row row_between(NcFormat *format, int open, int close) {
  Row row = {.count = 1};
  row.begin[0] = open + 1;
  for (int i = open + 1; i < close; i++) {
    if (token_of(format, i)->kind != NC_TOKEN_COMMA)
      continue;
    if (row.count == MAX_ELEMENTS)
      return (Row){0};
    row.end[row.count - 1] = i;
    row.begin[row.count++] = i + 1;
  }
  row.end[row.count - 1] = close;
  for (int i = 0; i < row.count; i++)
    if (row.begin[i] >= row.end[i])
      return (Row){0};
  return row;
}

// Only brackets and commas may follow: what stands behind must not move.
static bool ends_line(NcFormat *format, const NcFormatLine *line, int close) {
  for (int i = close + 1; i < nc_format_code_end(format, line); i++) {
    int kind = token_of(format, i)->kind;
    if (kind != NC_TOKEN_COMMA && kind != NC_TOKEN_RSQUARE && kind != NC_TOKEN_RPAREN)
      return false;
  }
  return true;
}

// The first list of a line that holds no brackets.
static Row find_row(NcFormat *format, const NcFormatLine *line) {
  int open = -1;
  for (int i = line->first; i < line->end; i++) {
    const NcFormatToken *token = token_of(format, i);
    if (nc_token_opens(token->kind))
      open = i;
    if (!nc_token_closes(token->kind) || open < 0)
      continue;
    bool list = token->kind == NC_TOKEN_RSQUARE && token->partner == open;
    bool usable = list && (line->whole || ends_line(format, line, i));
    return usable ? row_between(format, open, i) : (Row){0};
  }
  return (Row){0};
}

static int element_columns(NcFormat *format, const Row *row, int k) {
  return nc_format_columns(format, row->begin[k], row->end[k], 0);
}

// Where an element ends in the source, from the bracket.
static int source_end(NcFormat *format, const Row *row, int k) {
  const NcFormatToken *last = token_of(format, row->end[k] - 1);
  return last->column + last->width - token_of(format, row->begin[0] - 1)->column;
}

static bool rows_lined_up(NcFormat *format, const Row *a, const Row *b) {
  for (int k = 0; k < a->count; k++) {
    const NcFormatToken *x = token_of(format, a->begin[k]), *y = token_of(format, b->begin[k]);
    bool padded = x->gap > x->spaces || y->gap > y->spaces;
    if (padded && source_end(format, a, k) == source_end(format, b, k))
      return true;
  }
  return false;
}

static bool rows_fit(NcFormat *format, Run run, const int *widths) {
  for (int i = run.first; i < run.end; i++) {
    Row row = find_row(format, &format->lines.items[i]);
    int columns = code_columns(format, &format->lines.items[i]);
    for (int k = 0; k < row.count; k++)
      columns += widths[k] - element_columns(format, &row, k);
    if (columns > NC_FORMAT_COLUMNS)
      return false;
  }
  return true;
}

static void line_up_rows(NcFormat *format, Run run) {
  int widths[MAX_ELEMENTS] = {0};
  for (int i = run.first; i < run.end; i++) {
    Row row = find_row(format, &format->lines.items[i]);
    for (int k = 0; k < row.count; k++) {
      int columns = element_columns(format, &row, k);
      widths[k] = columns > widths[k] ? columns : widths[k];
    }
  }
  if (!rows_fit(format, run, widths))
    return;
  for (int i = run.first; i < run.end; i++) {
    Row row = find_row(format, &format->lines.items[i]);
    for (int k = 0; k < row.count; k++)
      token_of(format, row.begin[k])->spaces += widths[k] - element_columns(format, &row, k);
  }
}

static void align_rows(NcFormat *format) {
  for (int i = 0; i < format->lines.count;) {
    Row row = find_row(format, &format->lines.items[i]);
    bool lined_up = false;
    Run run = {i, i + 1};
    for (; row.count && run.end < format->lines.count && follows(format, run.end); run.end++) {
      Row next = find_row(format, &format->lines.items[run.end]);
      if (next.count != row.count)
        break;
      lined_up |= rows_lined_up(format, &row, &next);
      row = next;
    }
    if (lined_up)
      line_up_rows(format, run);
    i = run.end;
  }
}

// ---- comments: they stay in their column, or go to the right, neighbours of one column together

static int comment_of(NcFormat *format, int i) {
  const NcFormatLine *line = &format->lines.items[i];
  int end = nc_format_code_end(format, line);
  return end > line->first && end < line->end ? end : -1;
}

static int comment_column(NcFormat *format, int i) {
  int column = token_of(format, comment_of(format, i))->column;
  return column <= NC_FORMAT_COLUMNS ? column : 0; // behind a line that was broken
}

static void align_comments(NcFormat *format) {
  for (int i = 0; i < format->lines.count;) {
    if (comment_of(format, i) < 0) {
      i++;
      continue;
    }
    int source = comment_column(format, i), column = source, end = i;
    do {
      int code = code_columns(format, &format->lines.items[end]) + 2;
      column = code > column ? code : column;
      end++;
    } while (source && end < format->lines.count && follows(format, end) &&
             comment_of(format, end) >= 0 && comment_column(format, end) == source);
    for (; i < end; i++)
      token_of(format, comment_of(format, i))->spaces =
          column - code_columns(format, &format->lines.items[i]);
  }
}

void nc_format_align(NcFormat *format) {
  align_rows(format);
  align_tokens(format, find_type);
  align_tokens(format, find_assign);
  align_comments(format);
}
