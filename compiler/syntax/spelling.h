// The tokens whose spelling needs more than a pattern: numbers, strings, and what is no token at
// all.
#ifndef NC_SYNTAX_SPELLING_H
#define NC_SYNTAX_SPELLING_H

#include "syntax/lexer.h"

// Each makes the token that lies between `start` and the lexer's cursor, and may move the cursor.
NcToken nc_spelling_token(NcLexer *lexer, const unsigned char *start, int kind);
NcToken nc_spelling_word(NcLexer *lexer, const unsigned char *start);
NcToken nc_spelling_integer(NcLexer *lexer, const unsigned char *start);
NcToken nc_spelling_float(NcLexer *lexer, const unsigned char *start);
NcToken nc_spelling_string(NcLexer *lexer, const unsigned char *start);

// Each reports a misspelt token and gives what was meant.
NcToken nc_spelling_bare_dot(NcLexer *lexer, const unsigned char *start);   // 1.
NcToken nc_spelling_dot_first(NcLexer *lexer, const unsigned char *start);  // .5
NcToken nc_spelling_bad_number(NcLexer *lexer, const unsigned char *start); // 0x10, 3px
NcToken nc_spelling_bad(NcLexer *lexer, const unsigned char *start);        // “, $, é
// An operator of other languages: gives `kind` in its place.
NcToken nc_spelling_foreign(NcLexer *lexer, const unsigned char *start, int kind, const char *help);
// `//` or `/*`: skips the comment.
void nc_spelling_comment(NcLexer *lexer, const unsigned char *start);

// Reports the first byte that is not UTF-8, and NUL bytes. False if the text is not worth reading:
// it has NUL bytes, so it is no text at all.
bool nc_spelling_check_text(NcDiags *diags, int file, const char *text, size_t length);

#endif
