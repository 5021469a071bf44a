// Numbers, strings, and the helpful side of tokens that are misspelt.
#include "syntax/spelling.h"

#include "syntax/parse.h"
#include "syntax/parser.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static NcSpan span_from(const NcLexer *lexer, const unsigned char *start) {
  return (NcSpan){lexer->file, (int32_t)(start - lexer->begin),
                  (int32_t)(lexer->cursor - lexer->begin)};
}

NcToken nc_spelling_token(NcLexer *lexer, const unsigned char *start, int kind) {
  if (lexer->line_first)
    lexer->indent = (int)(start - lexer->line);
  NcToken token = {.kind = kind,
                   .span = span_from(lexer, start),
                   .indent = lexer->indent,
                   .line_first = lexer->line_first};
  lexer->line_first = false;
  return token;
}

static const char *text_from(NcLexer *lexer, const unsigned char *start) {
  return nc_arena_strndup(lexer->arena, (const char *)start, (size_t)(lexer->cursor - start));
}

NcToken nc_spelling_word(NcLexer *lexer, const unsigned char *start) {
  NcToken token = nc_spelling_token(lexer, start, NC_TOKEN_NAME);
  token.text = text_from(lexer, start);
  return token;
}

NcToken nc_spelling_integer(NcLexer *lexer, const unsigned char *start) {
  NcToken token = nc_spelling_token(lexer, start, NC_TOKEN_INT);
  bool fits = true;
  for (const unsigned char *digit = start; digit < lexer->cursor && fits; digit++)
    fits = !__builtin_mul_overflow(token.integer, 10, &token.integer) &&
           !__builtin_add_overflow(token.integer, *digit - '0', &token.integer);
  if (!fits) {
    NcDiag *diag = nc_diag_error(lexer->diags, "E0005", token.span, "the integer is too large");
    nc_diag_note(lexer->diags, diag, NC_NOWHERE, "the largest integer is 9223372036854775807");
    token.integer = 0;
  }
  return token;
}

NcToken nc_spelling_float(NcLexer *lexer, const unsigned char *start) {
  NcToken token = nc_spelling_token(lexer, start, NC_TOKEN_FLOAT);
  token.number = strtod(text_from(lexer, start), NULL);
  if (!isfinite(token.number)) {
    NcDiag *diag = nc_diag_error(lexer->diags, "E0005", token.span, "the number is too large");
    nc_diag_note(lexer->diags, diag, NC_NOWHERE, "the largest f64 is about 1.797e308");
    token.number = 0;
  }
  return token;
}

static bool is_space(unsigned char c) { return c == 0 || c == ' ' || (c >= '\t' && c <= '\r'); }

static bool ends_word(unsigned char c) {
  return c == '_' || c == ')' || c == ']' || (c >= '0' && c <= '9') ||
         ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

// A number with a digit added, if it stands for itself: not as the `.2` of a misspelt `w.d2`, nor
// as the `28.` of `28. 28`.
static void fix_float(NcLexer *lexer, NcDiag *diag, const NcToken *token, const char *whole) {
  const unsigned char *next = lexer->cursor;
  while (*next == ' ')
    next++;
  bool alone = !ends_word(*next) && *next != '.' &&
               (token->span.begin == 0 || !ends_word(lexer->begin[token->span.begin - 1]));
  nc_diag_fix(lexer->diags, diag, alone ? token->span : NC_NOWHERE, whole, "write `%s`", whole);
}

NcToken nc_spelling_bare_dot(NcLexer *lexer, const unsigned char *start) {
  NcToken token = nc_spelling_float(lexer, start);
  NcDiag *diag =
      nc_diag_error(lexer->diags, "E0005", token.span, "a float has a digit after its dot");
  fix_float(lexer, diag, &token, nc_arena_printf(lexer->arena, "%s0", text_from(lexer, start)));
  token.misspelt = true;
  return token;
}

NcToken nc_spelling_dot_first(NcLexer *lexer, const unsigned char *start) {
  NcToken token = nc_spelling_float(lexer, start);
  NcDiag *diag =
      nc_diag_error(lexer->diags, "E0005", token.span, "a float has a digit before its dot");
  fix_float(lexer, diag, &token, nc_arena_printf(lexer->arena, "0%s", text_from(lexer, start)));
  token.misspelt = true;
  return token;
}

NcToken nc_spelling_bad_number(NcLexer *lexer, const unsigned char *start) {
  NcToken token = nc_spelling_token(lexer, start, NC_TOKEN_INT);
  NcDiag *diag = nc_diag_error(lexer->diags, "E0005", token.span, "`%s` is not a number",
                               text_from(lexer, start));
  nc_diag_note(lexer->diags, diag, NC_NOWHERE, "numbers are written 12, 0.5, 1e-4 or 2.5e3");
  token.misspelt = true;
  return token;
}

static const struct {
  const char *sign, *instead;
} foreign_signs[] = {
    {"&&", "and"}, {"||", "or"}, {"!", "not"}, {"**", "^"}, {"===", "=="},
    {"!==", "!="}, {"<>", "!="}, {"=>", "->"}, {":=", "="}, {";", ""},
};

// What is written in place of a sign, with the space that it needs around it; NULL if that is not
// one sign or word.
static const char *instead_of(const NcLexer *lexer, const unsigned char *start, const char *sign) {
  bool left = start > lexer->begin && !is_space(start[-1]), right = !is_space(*lexer->cursor);
  for (size_t i = 0; i < sizeof foreign_signs / sizeof *foreign_signs; i++) {
    const char *instead = foreign_signs[i].instead;
    if (strcmp(foreign_signs[i].sign, sign) != 0)
      continue;
    if (!*instead)
      return left && right ? " " : "";
    bool word = *instead >= 'a' && *instead <= 'z';
    return nc_arena_printf(lexer->arena, "%s%s%s", word && left ? " " : "", instead,
                           word && right ? " " : "");
  }
  return NULL;
}

NcToken nc_spelling_foreign(NcLexer *lexer, const unsigned char *start, int kind,
                            const char *help) {
  bool line_first = lexer->line_first;
  NcToken token = nc_spelling_token(lexer, start, kind);
  const char *sign = text_from(lexer, start), *instead = instead_of(lexer, start, sign);
  NcDiag *diag =
      nc_diag_error(lexer->diags, "E0007", token.span, "`%s` is not part of the language", sign);
  nc_diag_fix(lexer->diags, diag, instead ? token.span : NC_NOWHERE, instead ? instead : "", "%s",
              help);
  token.misspelt = true;
  if (*start == ';') // skipped, so what follows still counts as the line's first
    lexer->line_first = line_first;
  return token;
}

void nc_spelling_comment(NcLexer *lexer, const unsigned char *start) {
  bool block = start[1] == '*';
  NcSpan span = {lexer->file, (int32_t)(start - lexer->begin), (int32_t)(start - lexer->begin) + 2};
  NcDiag *diag = nc_diag_error(lexer->diags, "E0007", span, "`%s` is not part of the language",
                               block ? "/*" : "//");
  nc_diag_fix(lexer->diags, diag, block ? NC_NOWHERE : span, "#",
              "a comment begins with `#` and ends with the line");
  if (!block)
    return;
  for (; *lexer->cursor; lexer->cursor++) {
    if (lexer->cursor[0] == '*' && lexer->cursor[1] == '/') {
      lexer->cursor += 2;
      return;
    }
    if (*lexer->cursor == '\n') {
      lexer->line = lexer->cursor + 1;
      lexer->line_first = true;
    }
  }
}

// What an editor or a word processor puts where ASCII was meant.
typedef struct Lookalike {
  const char *found, *name, *help, *instead;
} Lookalike;

static const Lookalike lookalikes[] = {
    {"\u201c", "a curly quote", "strings stand in straight quotes: \"…\"", "\""},
    {"\u201d", "a curly quote", "strings stand in straight quotes: \"…\"", "\""},
    {"\u2018", "a curly quote", "strings stand in straight quotes: \"…\"", "\""},
    {"\u2019", "a curly quote", "strings stand in straight quotes: \"…\"", "\""},
    {"\u00a0", "a no-break space", "replace it by a space", " "},
    {"\u200b", "a zero-width space", "remove it", ""},
    {"\ufeff", "a byte-order mark", "remove it", ""},
    {"\u2212", "a minus sign that is not ASCII", "write `-`", "-"},
    {"\u2013", "a dash that is not ASCII", "write `-`", "-"},
    {"\u2014", "a dash that is not ASCII", "write `-`", "-"},
    {"\u00d7", "a multiplication sign", "write `*`, or `@` for a matrix product", "*"},
    {"\u00b7", "a multiplication dot", "write `*`, or `@` for a matrix product", "*"},
    {"\u2192", "an arrow that is not ASCII", "write `->`", "->"},
    {"\u2264", "a sign that is not ASCII", "write `<=`", "<="},
    {"\u2265", "a sign that is not ASCII", "write `>=`", ">="},
    {"\u2260", "a sign that is not ASCII", "write `!=`", "!="},
    {"\u2026", "an ellipsis that is not ASCII", "write `...`", "..."},
};

// Curly quotes are straightened in pairs: one alone would open a string.
static void fix_quotes(NcLexer *lexer, NcDiag *diag, const unsigned char *start, const char *help) {
  const unsigned char *text = start + 3, *end = text;
  while (*end && *end != '\n' && *end != '"' && *end != '\\' &&
         (memcmp(end, "\u2018", 2) != 0 || end[2] < 0x98 || end[2] > 0x9d))
    end++;
  NcSpan span = {lexer->file, (int32_t)(start - lexer->begin), (int32_t)(end + 3 - lexer->begin)};
  nc_diag_fix(lexer->diags, diag, *end == 0xe2 ? span : NC_NOWHERE,
              nc_arena_printf(lexer->arena, "\"%.*s\"", (int)(end - text), (const char *)text),
              "%s", help);
}

// An unexpected character; a run of them is one mistake.
NcToken nc_spelling_bad(NcLexer *lexer, const unsigned char *start) {
  size_t length = (size_t)(lexer->cursor - start);
  if (*start >= 0x80)
    while (*lexer->cursor >= 0x80)
      lexer->cursor++;
  NcToken token = nc_spelling_token(lexer, start, NC_TOKEN_BAD);
  token.span.end = token.span.begin + (int32_t)length;
  if (lexer->skipping) // the other end of what was reported, as likely as not
    return token;
  for (size_t i = 0; i < sizeof lookalikes / sizeof *lookalikes; i++)
    if (strlen(lookalikes[i].found) == length && !memcmp(lookalikes[i].found, start, length)) {
      NcDiag *diag = nc_diag_error(lexer->diags, "E0002", token.span, "%s", lookalikes[i].name);
      if (*lookalikes[i].instead == '"')
        fix_quotes(lexer, diag, start, lookalikes[i].help);
      else
        nc_diag_fix(lexer->diags, diag, token.span, lookalikes[i].instead, "%s",
                    lookalikes[i].help);
      return token;
    }
  if (*start < 0x20 || *start == 0x7f) {
    nc_diag_error(lexer->diags, "E0002", token.span, "control character 0x%02x", *start);
  } else if (length == 1 && *start >= 0x80) {
    // The check of the whole text has reported it.
  } else {
    NcDiag *diag = nc_diag_error(lexer->diags, "E0002", token.span, "unexpected character `%.*s`",
                                 (int)length, (const char *)start);
    if (*start >= 0x80)
      nc_diag_note(lexer->diags, diag, NC_NOWHERE,
                   "names consist of ASCII letters, digits and `_`; other letters stand in strings "
                   "and comments");
  }
  return token;
}

// One character after a backslash, 0 for an unknown escape.
static char unescape(unsigned char c) {
  switch (c) {
  case 'n':
    return '\n';
  case 't':
    return '\t';
  case '\\':
  case '"':
    return (char)c;
  default:
    return 0;
  }
}

static void report_escape(NcLexer *lexer, const unsigned char *at) {
  int32_t begin = (int32_t)(at - lexer->begin);
  NcSpan span = {lexer->file, begin, begin + 2};
  NcDiag *diag = nc_diag_error(lexer->diags, "E0006", span, "unknown escape in a string");
  nc_diag_help(lexer->diags, diag, "the escapes are \\n, \\t, \\\" and \\\\");
}

NcToken nc_spelling_string(NcLexer *lexer, const unsigned char *start) {
  unsigned char quote = *start;
  const unsigned char *end = lexer->cursor;
  while (*end && *end != '\n' && *end != quote)
    end += *end == '\\' && end[1] && end[1] != '\n' ? 2 : 1;
  char *text = nc_arena_alloc(lexer->arena, (size_t)(end - start) + 1);
  size_t length = 0;
  for (const unsigned char *at = lexer->cursor; at < end; at++) {
    char escaped = *at == '\\' && quote == '"' ? unescape(at[1]) : (char)*at;
    if (*at == '\\' && quote == '"') {
      if (!escaped && at + 1 < end)
        report_escape(lexer, at);
      at++;
    }
    if (escaped)
      text[length++] = escaped;
  }
  bool closed = *end == quote;
  lexer->cursor = closed ? end + 1 : end;
  NcToken token = nc_spelling_token(lexer, start, NC_TOKEN_STRING);
  token.text = text;
  if (!closed) {
    while (token.span.end > token.span.begin + 1 && lexer->begin[token.span.end - 1] == '\r')
      token.span.end--;
    NcDiag *diag = nc_diag_error(lexer->diags, "E0006", token.span, "the string is not closed");
    nc_diag_help(lexer->diags, diag, "a string ends on its line, with `\"`");
    token.kind = NC_TOKEN_BAD; // it has taken what follows it, such as a `)`
    token.text = NULL;
  } else if (quote != '"') {
    NcDiag *diag = nc_diag_error(lexer->diags, "E0006", token.span, "a string in single quotes");
    bool plain = !strpbrk(text, "\"\\");
    nc_diag_fix(lexer->diags, diag, plain ? token.span : NC_NOWHERE,
                nc_arena_printf(lexer->arena, "\"%s\"", text),
                "strings stand in double quotes: \"…\"");
  }
  return token;
}

// Length of the UTF-8 sequence at `text`, 0 if it is none (RFC 3629: no overlong forms, no
// surrogates).
static size_t utf8_length(const unsigned char *text, size_t left) {
  unsigned char c = text[0];
  size_t length = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
  if (length > left)
    return 0;
  for (size_t i = 1; i < length; i++)
    if ((text[i] & 0xc0) != 0x80)
      return 0;
  if (length >= 3 && ((c == 0xe0 && text[1] < 0xa0) || (c == 0xed && text[1] > 0x9f) ||
                      (c == 0xf0 && text[1] < 0x90) || (c == 0xf4 && text[1] > 0x8f)))
    return 0;
  return length;
}

bool nc_spelling_check_text(NcDiags *diags, int file, const char *text, size_t length) {
  const char *nul = memchr(text, 0, length);
  if (nul) {
    NcSpan span = {file, (int32_t)(nul - text), (int32_t)(nul - text) + 1};
    NcDiag *diag = nc_diag_error(diags, "E0003", span, "the file has a NUL byte");
    nc_diag_note(diags, diag, NC_NOWHERE, "a .net file is text in UTF-8");
    return false;
  }
  for (size_t at = 0, step = 0; at < length; at += step) {
    step = utf8_length((const unsigned char *)text + at, length - at);
    if (step == 0) {
      NcSpan span = {file, (int32_t)at, (int32_t)at + 1};
      NcDiag *diag = nc_diag_error(diags, "E0003", span, "byte 0x%02x is not UTF-8 text here",
                                   (unsigned char)text[at]);
      nc_diag_help(diags, diag, "save the file in the encoding UTF-8");
      return true;
    }
  }
  return true;
}
