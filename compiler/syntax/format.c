// The formatter: tokens and comments, line breaks, indentation, and the spaces between tokens.
//
// It works on tokens, so it cannot lose one. A line break matters to the language only before the
// `(` of a call and the `[` of an index, where none is made, and before words that a line may begin
// with (tokens.c): those are moved to a line of their own only if they begin a statement.
#include "syntax/format.h"

#include "base/utf8.h"
#include "syntax/format_lines.h"
#include "syntax/lexer.h"
#include "syntax/parse.h"
#include "syntax/parser.h"

#include <string.h>

#define TAB 8
#define INDENT 2
#define FAR_RIGHT 60 // a bracket that is further right does not set the indentation

// ---- tokens and comments

typedef struct Place { // in the source
  const char *at;
  int column, newlines, gap;
} Place;

static int columns_of(const char *text, const char *end, int column) {
  while (text < end) {
    uint32_t character;
    int bytes = nc_utf8_decode(text, (size_t)(end - text), &character);
    column += *text == '\t' ? TAB - column % TAB : nc_utf8_width(character);
    text += bytes;
  }
  return column;
}

static void skip_space(Place *place) {
  place->newlines = place->gap = 0;
  if (strncmp(place->at, "\xef\xbb\xbf", 3) == 0) // a byte order mark
    place->at += 3;
  for (; *place->at && strchr(" \t\r\n", *place->at); place->at++) {
    int before = place->column;
    if (*place->at == '\n') {
      place->newlines++;
      place->column = place->gap = 0;
    } else if (*place->at != '\r') {
      place->column += *place->at == '\t' ? TAB - before % TAB : 1;
      place->gap += place->column - before;
    }
  }
}

static NcFormatToken *add(NcFormat *format, Place *place, int kind, const char *end) {
  const char *shown = end; // of a comment without the white space at its end
  while (kind == NC_FORMAT_COMMENT && strchr(" \t\r", shown[-1]))
    shown--;
  NcFormatToken token = {.kind = kind,
                         .text = place->at,
                         .length = (int)(shown - place->at),
                         .column = place->column,
                         .newlines = place->newlines,
                         .gap = place->gap,
                         .partner = -1};
  token.width = columns_of(place->at, shown, 0);
  place->column = columns_of(place->at, end, place->column);
  place->at = end;
  nc_vec_push(format->arena, format->tokens, token);
  return &format->tokens.items[format->tokens.count - 1];
}

static void read_comments(NcFormat *format, Place *place) {
  for (skip_space(place); *place->at == '#'; skip_space(place))
    add(format, place, NC_FORMAT_COMMENT, place->at + strcspn(place->at, "\n"));
}

static void read_tokens(NcFormat *format, NcSourceMap *sources, int file) {
  const char *text = sources->files.items[file].text;
  NcLexer lexer;
  nc_lexer_init(&lexer, format->arena, nc_diags_create(format->arena, sources), file, text);
  Place place = {.at = text};
  int last = 0;
  for (;;) {
    NcToken token = nc_lexer_next(&lexer);
    read_comments(format, &place);
    if (token.kind == NC_TOKEN_END)
      break;
    NcFormatToken *added = add(format, &place, token.kind, text + token.span.end);
    added->begins =
        nc_token_begins_statement(token.kind) && last != NC_TOKEN_COMMA && last != NC_TOKEN_ELSE;
    last = token.kind;
  }
}

static void pair_brackets(NcFormat *format) {
  NC_VEC(int) open = {0};
  for (int i = 0; i < format->tokens.count; i++) {
    NcFormatToken *token = &format->tokens.items[i];
    if (nc_token_opens(token->kind)) {
      nc_vec_push(format->arena, open, i);
    } else if (nc_token_closes(token->kind)) {
      token->partner = open.items[--open.count];
      format->tokens.items[token->partner].partner = i;
    }
  }
}

// ---- spaces

static const NcFormatToken *token_at(const NcFormat *format, int i) {
  static const NcFormatToken none = {0};
  return i >= 0 && i < format->tokens.count ? &format->tokens.items[i] : &none;
}

// A sign without an operand before it.
static bool is_unary(const NcFormat *format, int i) {
  return token_at(format, i)->kind == NC_TOKEN_MINUS &&
         !nc_token_ends_operand(token_at(format, i - 1)->kind);
}

// Products are tight where they are tight in the source: it groups what belongs together.
static bool is_tight(const NcFormat *format, int i) {
  const NcFormatToken *token = token_at(format, i), *next = token_at(format, i + 1);
  bool product = token->kind == NC_TOKEN_STAR || token->kind == NC_TOKEN_SLASH;
  return token->kind == NC_TOKEN_CARET ||
         (product && !token->newlines && !token->gap && !next->newlines && !next->gap);
}

static bool hugs_before(int kind) {
  switch (kind) {
  case NC_TOKEN_CALL:
  case NC_TOKEN_INDEX:
  case NC_TOKEN_COMMA:
  case NC_TOKEN_COLON:
  case NC_TOKEN_RPAREN:
  case NC_TOKEN_RSQUARE:
    return true;
  default:
    return false;
  }
}

static int spaces_before(const NcFormat *format, int i) {
  int kind = token_at(format, i)->kind, before = token_at(format, i - 1)->kind;
  if (kind == NC_FORMAT_COMMENT)
    return 2;
  if (kind == NC_TOKEN_DOT) // `3.x` would be another token
    return before == NC_TOKEN_INT || before == NC_TOKEN_FLOAT;
  if (kind == NC_TOKEN_RANGE)
    return before == NC_TOKEN_COMMA || before == NC_TOKEN_IN;
  bool opened = nc_token_opens(before) && before != NC_TOKEN_LBRACE;
  bool empty = before == NC_TOKEN_LBRACE && kind == NC_TOKEN_RBRACE;
  bool hugs = hugs_before(kind) || opened || empty || before == NC_TOKEN_DOT ||
              before == NC_TOKEN_RANGE || is_unary(format, i - 1) || is_tight(format, i) ||
              is_tight(format, i - 1);
  return !hugs;
}

int nc_format_columns(const NcFormat *format, int from, int to, int column) {
  for (int i = from; i < to; i++)
    column += format->tokens.items[i].width + (i > from ? format->tokens.items[i].spaces : 0);
  return column;
}

int nc_format_code_end(const NcFormat *format, const NcFormatLine *line) {
  return line->end - (format->tokens.items[line->end - 1].kind == NC_FORMAT_COMMENT);
}

// ---- line breaks

// A block stays on one line if it is there in the source, and holds one statement or entries only.
static bool is_inline(const NcFormat *format, int open) {
  int close = format->tokens.items[open].partner, statements = 0;
  bool entries = true;
  for (int i = open + 1; i <= close; i++) {
    const NcFormatToken *token = &format->tokens.items[i];
    if (token->newlines || token->kind == NC_FORMAT_COMMENT)
      return false;
    statements += token->begins;
    entries &= !token->begins || token->kind == NC_TOKEN_TARGET;
  }
  for (int i = open; entries && i >= 0; i--) {
    const NcFormatToken *token = &format->tokens.items[i];
    if (token->begins)
      return statements < 2 || (token->kind != NC_TOKEN_FN && token->kind != NC_TOKEN_LAYER &&
                                token->kind != NC_TOKEN_OPTIMIZER && token->kind != NC_TOKEN_IF &&
                                token->kind != NC_TOKEN_FOR);
  }
  return statements < 2;
}

static void break_before(NcFormat *format, int i) {
  if (format->tokens.items[i].breaks == 0)
    format->tokens.items[i].breaks = 1;
}

// Gives what a block holds lines of its own.
static void open_block(NcFormat *format, int open) {
  int close = format->tokens.items[open].partner;
  break_before(format, close);
  for (int i = open + 1; i < close; i++) {
    const NcFormatToken *token = &format->tokens.items[i];
    if (token->begins)
      break_before(format, i);
    if (token->kind == NC_TOKEN_LBRACE)
      i = token->partner;
  }
}

// The empty lines of the source stay, but for those after the beginning and before the end of a
// block, and those in the middle of a statement.
static bool keeps_empty_line(const NcFormat *format, int i) {
  const NcFormatToken *token = token_at(format, i), *before = token_at(format, i - 1);
  bool place = token->begins || token->kind == NC_FORMAT_COMMENT ||
               before->kind == NC_FORMAT_COMMENT || before->kind == NC_TOKEN_COMMA;
  return token->newlines > 1 && place && i > 0 && !nc_token_opens(before->kind) &&
         !nc_token_closes(token->kind);
}

static int breaks_before(const NcFormat *format, int i) {
  const NcFormatToken *token = token_at(format, i), *before = token_at(format, i - 1);
  if (i == 0)
    return 0;
  if (keeps_empty_line(format, i))
    return 2;
  if (before->kind == NC_FORMAT_COMMENT)
    return 1;
  bool joins = token->kind == NC_TOKEN_LBRACE || token->kind == NC_TOKEN_ELSE ||
               (token->kind == NC_TOKEN_RBRACE && before->kind == NC_TOKEN_LBRACE);
  return token->newlines && !joins;
}

static void break_lines(NcFormat *format) {
  for (int i = 0; i < format->tokens.count; i++) {
    format->tokens.items[i].breaks = breaks_before(format, i);
    format->tokens.items[i].spaces = spaces_before(format, i);
  }
  int block_end = -1; // of the outermost block on one line
  for (int i = 0; i < format->tokens.count; i++) {
    NcFormatToken *token = &format->tokens.items[i];
    if (token->begins && i > block_end && i > 0)
      break_before(format, i);
    if (token->kind != NC_TOKEN_LBRACE || i < block_end)
      continue;
    bool empty = token->partner == i + 1;
    if (empty || is_inline(format, i))
      block_end = token->partner;
    else
      open_block(format, i);
  }
}

// ---- lines that are too long

// How loosely a binary operator or another sign before which a line may be broken binds, from 0; -1
// for other tokens.
static int looseness(const NcFormat *format, int i) {
  switch (format->tokens.items[i].kind) {
  case NC_TOKEN_PIPE:
  case NC_TOKEN_ARROW:
    return 0;
  case NC_TOKEN_OR:
    return 2;
  case NC_TOKEN_AND:
    return 3;
  case NC_TOKEN_EQ:
  case NC_TOKEN_NE:
  case NC_TOKEN_LT:
  case NC_TOKEN_LE:
  case NC_TOKEN_GT:
  case NC_TOKEN_GE:
    return 4;
  case NC_TOKEN_PLUS:
  case NC_TOKEN_MINUS:
    return is_unary(format, i) ? -1 : 5;
  case NC_TOKEN_STAR:
  case NC_TOKEN_SLASH:
  case NC_TOKEN_AT:
    return is_tight(format, i) ? -1 : 6;
  default:
    return format->tokens.items[i - 1].kind == NC_TOKEN_COMMA ? 1 : -1;
  }
}

// The names that a statement binds stand on one line.
static int after_targets(const NcFormat *format, const NcFormatLine *line) {
  bool binds = format->tokens.items[line->first].kind == NC_TOKEN_TARGET;
  for (int i = line->first; binds && i < line->end; i++)
    if (format->tokens.items[i].kind == NC_TOKEN_ASSIGN)
      return i;
  return line->first;
}

// A function's value may have a line of its own.
static bool is_definition(const NcFormat *format, const NcFormatLine *line, int i) {
  int statement = format->tokens.items[line->first].kind;
  return format->tokens.items[i - 1].kind == NC_TOKEN_ASSIGN &&
         (statement == NC_TOKEN_FN || statement == NC_TOKEN_LAYER);
}

// The token of a line before which to break it: outside of as many brackets as possible, at the
// loosest operator, as late as what stands before fits; the first place if nothing fits; -1 if
// there is none.
static int find_break(const NcFormat *format, const NcFormatLine *line) {
  int best = -1, best_cost = 0, depth = 0, first = -1;
  int column = line->indent, targets = after_targets(format, line);
  for (int i = line->first; i < nc_format_code_end(format, line); i++) {
    const NcFormatToken *token = &format->tokens.items[i];
    int loose = i > targets ? looseness(format, i) : -1;
    if (depth == 0 && i > targets && is_definition(format, line, i))
      loose = 0;
    int cost = 100 * depth + loose;
    if (loose >= 0 && first < 0)
      first = i;
    if (column > NC_FORMAT_COLUMNS && first >= 0)
      break;
    if (loose >= 0 && (best < 0 || cost <= best_cost)) {
      best = i;
      best_cost = cost;
    }
    depth += nc_token_opens(token->kind) ? 1 : nc_token_closes(token->kind) ? -1 : 0;
    column += token->width + token_at(format, i + 1)->spaces;
  }
  return best < 0 ? first : best;
}

// ---- indentation

typedef struct Level { // an open bracket
  bool block;
  int outer; // the indentation of its statement, or of the line where it is
  int inner; // of what it holds
  int pipe;  // the column of the first `|>`, -1 before it
} Level;

typedef struct Walk {
  NcFormat *format;
  NC_VEC(Level) levels;
  int statement; // the indentation of the present statement
} Walk;

static Level *top(Walk *walk) { return &walk->levels.items[walk->levels.count - 1]; }

static const NcFormatToken *next_code(const NcFormat *format, int i) {
  while (token_at(format, i)->kind == NC_FORMAT_COMMENT)
    i++;
  return token_at(format, i);
}

static int indent_of(Walk *walk, int i) {
  const NcFormatToken *token = &walk->format->tokens.items[i];
  const NcFormatToken *code = next_code(walk->format, i);
  Level *level = top(walk);
  if (nc_token_closes(token->kind))
    return level->outer;
  if (token->kind == NC_TOKEN_PIPE && level->pipe >= 0)
    return level->pipe;
  if (!level->block || code->begins || code->kind == NC_TOKEN_RBRACE || code->kind == 0)
    return level->inner;
  if (code->kind == NC_TOKEN_ELSE || code->kind == NC_TOKEN_LBRACE)
    return walk->statement;
  return walk->statement + INDENT;
}

static void open_level(Walk *walk, int i, int column, int indent) {
  const NcFormatToken *token = &walk->format->tokens.items[i];
  Level level = {.block = token->kind == NC_TOKEN_LBRACE, .outer = indent, .pipe = -1};
  if (level.block)
    level.outer = walk->statement;
  bool hangs = token_at(walk->format, i + 1)->breaks || column > FAR_RIGHT;
  level.inner = level.block || hangs ? level.outer + INDENT : column + 1;
  nc_vec_push(walk->format->arena, walk->levels, level);
}

static void close_level(Walk *walk) {
  if (top(walk)->block)
    walk->statement = top(walk)->outer;
  walk->levels.count--;
}

static void walk_line(Walk *walk, const NcFormatLine *line) {
  int column = line->indent;
  for (int i = line->first; i < line->end; i++) {
    const NcFormatToken *token = &walk->format->tokens.items[i];
    column += i > line->first ? token->spaces : 0;
    if (token->begins) {
      walk->statement = line->indent;
      top(walk)->pipe = -1;
    }
    if (token->kind == NC_TOKEN_PIPE && top(walk)->pipe < 0)
      top(walk)->pipe = column;
    if (nc_token_opens(token->kind))
      open_level(walk, i, column, line->indent);
    else if (nc_token_closes(token->kind))
      close_level(walk);
    column += token->width;
  }
}

static bool is_whole(const NcFormat *format, const NcFormatLine *line) {
  const NcFormatToken *next = next_code(format, line->end);
  for (int i = line->first; i < line->end; i++)
    if (format->tokens.items[i].kind == NC_TOKEN_LBRACE)
      return false;
  return format->tokens.items[line->first].begins &&
         (next->begins || next->kind == NC_TOKEN_RBRACE || next->kind == 0);
}

static int next_break(const NcFormat *format, int first) {
  int i = first + 1;
  while (i < format->tokens.count && !format->tokens.items[i].breaks)
    i++;
  return i;
}

static bool is_long(const NcFormat *format, const NcFormatLine *line) {
  int column = line->indent;
  for (int i = line->first; i < nc_format_code_end(format, line); i++)
    if ((column = nc_format_columns(format, i, i + 1, column)) > NC_FORMAT_COLUMNS)
      return true;
    else
      column += token_at(format, i + 1)->spaces;
  return false;
}

// Opens the first block on a line; false if it has none.
static bool open_first_block(NcFormat *format, const NcFormatLine *line) {
  for (int i = line->first; i < line->end; i++) {
    const NcFormatToken *token = &format->tokens.items[i];
    if (token->kind == NC_TOKEN_LBRACE && token->partner < line->end && token->partner > i + 1) {
      open_block(format, i);
      return true;
    }
  }
  return false;
}

// When the line that ends at `end` is broken before `at`, in a list that went on with the next
// line, it now goes on with the same.
static void refill(NcFormat *format, int at, int end) {
  int depth = 0;
  for (int i = at; i < end && depth >= 0; i++) {
    int kind = format->tokens.items[i].kind;
    depth += nc_token_opens(kind) ? 1 : nc_token_closes(kind) ? -1 : 0;
  }
  bool list = token_at(format, at - 1)->kind == NC_TOKEN_COMMA &&
              token_at(format, end - 1)->kind == NC_TOKEN_COMMA;
  const NcFormatToken *next = token_at(format, end);
  if (list && depth == 0 && next->breaks == 1 && next->kind != NC_FORMAT_COMMENT &&
      !nc_token_closes(next->kind))
    format->tokens.items[end].breaks = 0;
}

static void make_lines(NcFormat *format) {
  Walk walk = {.format = format};
  nc_vec_push(format->arena, walk.levels, ((Level){.block = true, .pipe = -1}));
  int end = 0; // of what stands on one line but for its length
  for (int first = 0; first < format->tokens.count;) {
    NcFormatLine line = {.first = first, .indent = indent_of(&walk, first)};
    bool fresh = first >= end;
    do
      line.end = end = fresh ? next_break(format, first) : end;
    while (fresh && is_long(format, &line) && open_first_block(format, &line));
    int at = is_long(format, &line) ? find_break(format, &line) : -1;
    if (at >= 0) {
      break_before(format, at);
      refill(format, at, end);
      end = next_break(format, end - 1);
      line.end = at;
    }
    line.whole = is_whole(format, &line);
    walk_line(&walk, &line);
    nc_vec_push(format->arena, format->lines, line);
    first = line.end;
  }
}

// ---- the result

static void write_line(const NcFormat *format, const NcFormatLine *line, NcText *out) {
  const NcFormatToken *first = &format->tokens.items[line->first];
  nc_text_printf(out, "%s%*s", first->breaks > 1 ? "\n" : "", line->indent, "");
  for (int i = line->first; i < line->end; i++) {
    const NcFormatToken *token = &format->tokens.items[i];
    nc_text_printf(out, "%*s", i > line->first ? token->spaces : 0, "");
    nc_text_append_n(out, token->text, (size_t)token->length);
  }
  nc_text_append(out, "\n");
}

void nc_format(NcArena *arena, NcSourceMap *sources, int file, NcText *out) {
  NcFormat format = {.arena = arena};
  read_tokens(&format, sources, file);
  pair_brackets(&format);
  break_lines(&format);
  make_lines(&format);
  nc_format_align(&format);
  nc_text_append(out, "");
  for (int i = 0; i < format.lines.count; i++)
    write_line(&format, &format.lines.items[i], out);
}
