// The lexer's first stage: bytes to tokens by their spelling alone.
#include "syntax/lexer.h"
#include "syntax/parse.h"
#include "syntax/parser.h"
#include "syntax/spelling.h"

NcToken nc_lexer_scan(NcLexer *lexer) {
  const unsigned char *YYMARKER;
  const unsigned char *start;
  NcToken token = {0};
#define GIVE(KIND) return nc_spelling_token(lexer, start, NC_TOKEN_##KIND)
#define INSTEAD(KIND, ...)                                                                         \
  return nc_spelling_foreign(lexer, start, NC_TOKEN_##KIND, __VA_ARGS__)

  for (;;) {
    start = lexer->cursor;
    /*!re2c
      re2c:yyfill:enable = 0;
      re2c:indent:string = "  ";
      re2c:define:YYCTYPE = "unsigned char";
      re2c:define:YYCURSOR = lexer->cursor;
      re2c:define:YYMARKER = YYMARKER;

      digits = [0-9]+;
      exponent = [eE] [+-]? digits;
      word = [a-zA-Z_] [a-zA-Z0-9_]*;
      continuation = [\x80-\xbf];
      unicode = [\xc2-\xdf] continuation | [\xe0-\xef] continuation{2} | [\xf0-\xf4] continuation{3};
      visible = [^\x00\n];

      "\x00" {
        lexer->cursor = start;
        GIVE(END);
      }
      "\n" {
        lexer->line = lexer->cursor;
        lexer->line_first = true;
        continue;
      }
      [ \t\r]+ { continue; }
      "#" visible* { continue; }
      "\xef\xbb\xbf" {
        if (start == lexer->begin)
          continue;
        return nc_spelling_bad(lexer, start);
      }

      word { return nc_spelling_word(lexer, start); }
      digits { return nc_spelling_integer(lexer, start); }
      digits "." digits exponent? | digits exponent { return nc_spelling_float(lexer, start); }
      digits "." / [^.] { return nc_spelling_bare_dot(lexer, start); }
      "." digits exponent? { return nc_spelling_dot_first(lexer, start); }
      digits ("." digits)? exponent? [a-zA-Z_] [a-zA-Z0-9_]* { return nc_spelling_bad_number(lexer, start); }
      ["] { return nc_spelling_string(lexer, start); }
      ['] { return nc_spelling_string(lexer, start); }

      "|>" { GIVE(PIPE); }
      "==" { GIVE(EQ); }
      "!=" { GIVE(NE); }
      "<=" { GIVE(LE); }
      ">=" { GIVE(GE); }
      "<" { GIVE(LT); }
      ">" { GIVE(GT); }
      "+" { GIVE(PLUS); }
      "-" { GIVE(MINUS); }
      "*" { GIVE(STAR); }
      "/" { GIVE(SLASH); }
      "@" { GIVE(AT); }
      "^" { GIVE(CARET); }
      "=" { GIVE(ASSIGN); }
      "->" { GIVE(ARROW); }
      "," { GIVE(COMMA); }
      ":" { GIVE(COLON); }
      "." { GIVE(DOT); }
      ".." { GIVE(RANGE); }
      "..." { GIVE(ELLIPSIS); }
      "(" { GIVE(LPAREN); }
      ")" { GIVE(RPAREN); }
      "[" { GIVE(LSQUARE); }
      "]" { GIVE(RSQUARE); }
      "{" { GIVE(LBRACE); }
      "}" { GIVE(RBRACE); }

      "&&" { INSTEAD(AND, "write `and`"); }
      "||" { INSTEAD(OR, "write `or`"); }
      "!" { INSTEAD(NOT, "write `not`"); }
      "**" { INSTEAD(CARET, "powers are written `x^2`"); }
      "===" { INSTEAD(EQ, "write `==`"); }
      "!==" | "<>" { INSTEAD(NE, "write `!=`"); }
      "=>" { INSTEAD(ARROW, "a result's type follows `->`"); }
      ":=" { INSTEAD(ASSIGN, "a name is bound with `=`"); }
      [-+*/@^] "=" { INSTEAD(ASSIGN, "a name is bound once; give the new value a name of its own"); }
      "%" { INSTEAD(BAD, "the operators are + - * / @ ^ and the comparisons"); }
      ";" {
        nc_spelling_foreign(lexer, start, NC_TOKEN_BAD, "remove it: new lines separate statements");
        continue;
      }
      "//" visible* {
        nc_spelling_comment(lexer, start);
        continue;
      }
      "/*" {
        nc_spelling_comment(lexer, start);
        continue;
      }

      unicode | [^] { return nc_spelling_bad(lexer, start); }
    */
  }
  return token;
}
