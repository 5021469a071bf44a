// Splits the text form of graphs into tokens. By hand: five kinds, none of which needs more than a
// loop.
#include "ir/lexer.h"

#include <string.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// The text ends in a NUL, so looking one character ahead of the length is safe.
static char at(const NcIrLexer *lexer, int32_t position) {
  return position < lexer->length ? lexer->text[position] : '\0';
}

static void skip_blanks(NcIrLexer *lexer) {
  while (lexer->position < lexer->length) {
    char c = lexer->text[lexer->position];
    if (c == '#') {
      while (lexer->position < lexer->length && lexer->text[lexer->position] != '\n')
        lexer->position++;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      lexer->position++;
    } else {
      return;
    }
  }
}

static int32_t digits_end(const NcIrLexer *lexer, int32_t p) {
  while (is_digit(at(lexer, p)))
    p++;
  return p;
}

static int32_t word_end(const NcIrLexer *lexer, int32_t p) {
  while (is_letter(at(lexer, p)) || is_digit(at(lexer, p)))
    p++;
  return p;
}

static int32_t name_end(const NcIrLexer *lexer, int32_t p, bool ordinals) {
  for (p = word_end(lexer, p);;) {
    if (at(lexer, p) == '.' && word_end(lexer, p + 1) > p + 1) {
      p = word_end(lexer, p + 1);
    } else if (ordinals && at(lexer, p) == '[') {
      int32_t end = digits_end(lexer, p + 1);
      if (end == p + 1 || at(lexer, end) != ']')
        return p;
      p = end + 1;
    } else {
      return p;
    }
  }
}

static int32_t number_end(const NcIrLexer *lexer, int32_t p, NcIrTokenKind *kind) {
  *kind = NC_IR_INT;
  p = digits_end(lexer, p);
  if (at(lexer, p) == '.') {
    *kind = NC_IR_FLOAT;
    p = digits_end(lexer, p + 1);
  }
  if (at(lexer, p) == 'e' || at(lexer, p) == 'E') {
    int32_t digits = p + 1 + (at(lexer, p + 1) == '-' || at(lexer, p + 1) == '+');
    if (is_digit(at(lexer, digits))) {
      *kind = NC_IR_FLOAT;
      p = digits_end(lexer, digits);
    }
  }
  return p;
}

NcIrToken nc_ir_next(NcIrLexer *lexer, bool ordinals) {
  skip_blanks(lexer);
  int32_t begin = lexer->position, end = begin + 1;
  char c = at(lexer, begin);
  NcIrTokenKind kind = NC_IR_BAD;
  if (begin >= lexer->length) {
    kind = NC_IR_END;
    end = begin;
  } else if (is_letter(c)) {
    kind = NC_IR_NAME;
    end = name_end(lexer, begin, ordinals);
  } else if (is_digit(c)) {
    end = number_end(lexer, begin, &kind);
  } else if (c != '\0' && strchr("(){}[],:=+-*%@", c)) {
    kind = NC_IR_PUNCT;
  }
  lexer->position = end;
  return (NcIrToken){kind, lexer->text + begin, end - begin, {lexer->file, begin, end}};
}
