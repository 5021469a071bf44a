// Splits the text form of graphs into tokens.
#ifndef NC_IR_LEXER_H
#define NC_IR_LEXER_H

#include "base/source.h"

typedef enum NcIrTokenKind {
  NC_IR_END,
  NC_IR_NAME,  // letters, digits, '_', joined by dots, with ordinals: convnet[0].p2
  NC_IR_INT,   // digits
  NC_IR_FLOAT, // digits with a dot or an exponent
  NC_IR_PUNCT, // one character of ( ) { } [ ] , : = + - * % @
  NC_IR_BAD,   // a character that begins no token
} NcIrTokenKind;

typedef struct NcIrToken {
  NcIrTokenKind kind;
  const char *text; // points into the source
  int length;
  NcSpan span;
} NcIrToken;

typedef struct NcIrLexer {
  const char *text;
  int32_t length, position;
  int file;
} NcIrLexer;

// The next token; comments (# to the end of the line) and white space separate and are passed over.
// With `ordinals` false a name ends before '[', as a dtype does.
NcIrToken nc_ir_next(NcIrLexer *lexer, bool ordinals);

#endif
