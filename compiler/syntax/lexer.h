// The lexer: bytes to tokens, and the skipping of text that the parser could not read.
#ifndef NC_SYNTAX_LEXER_H
#define NC_SYNTAX_LEXER_H

#include "base/diag.h"

// Brackets and blocks nest at most this deep.
#define NC_MAX_NESTING 200

typedef struct NcToken {
  int kind; // NC_TOKEN_… of "syntax/parser.h"
  NcSpan span;
  int indent;       // bytes before the first token of its line
  bool line_first;  // no token before it on its line
  bool made_up;     // not in the file: given after an error
  bool misspelt;    // was reported
  const char *text; // NAME, TARGET and keywords: the word; STRING: unescaped
  int64_t integer;
  double number;
} NcToken;

typedef struct NcBracket {
  char open; // '(', '[' or '{'
  NcSpan span;
  int indent;  // of the statement it belongs to
  bool groups; // around one value, not a call's
} NcBracket;

// What begins with a keyword or a target: a declaration, a statement or an entry.
typedef struct NcStatement {
  int kind;      // of its first token
  int32_t begin; // where that stands
  int indent;    // of its line
  int depth;     // brackets open before it
  bool head;     // in its head: its `{` is still to come
} NcStatement;

// A word's role depends on its surroundings (see docs/language.md), so the lexer remembers the last
// token, the open brackets and where the present statement began.
typedef struct NcLexer {
  NcArena *arena;
  NcDiags *diags;
  int file;
  const unsigned char *begin, *cursor, *line; // NUL-terminated, without other NULs
  bool line_first;                            // nothing but space since the last newline
  int indent;                                 // of the present line
  NcToken last, before;                       // the token given last, and the one before it
  int before_that;                            // the kind of the one before that
  NcToken pending;                            // where reading goes on after an error
  bool has_pending, give_recover;
  int32_t skipped_end; // of the last token before `pending`
  int give_closers;    // brackets to be closed on the user's behalf before `pending`
  bool give_opener;    // after them, the `{` that the user forgot
  NcBracket brackets[NC_MAX_NESTING];
  int depth;
  NcBracket suspect; // the first block whose `}` is indented less than it; open is 0 for none
  bool braces_off;   // an unexpected `{` was skipped, perhaps with the `}` of another
  NcStatement statement, previous; // the present one, and the one before it
  bool skipping;                   // after an error
  bool stopped;                    // nesting too deep: the rest of the file is not read
  int32_t recovered_at;            // where the error before this one was, -1 for none
  int recovered_depth;
  int recovery_indent; // reading goes on with a line that is indented no deeper
} NcLexer;

void nc_lexer_init(NcLexer *lexer, NcArena *arena, NcDiags *diags, int file, const char *text);
// The next token. At the end of the file NC_TOKEN_END once, then 0. Mistakes in the spelling of a
// token are reported; the token that was meant is given where it can be guessed, else NC_TOKEN_BAD.
NcToken nc_lexer_next(NcLexer *lexer);
// To be called when the parser cannot take the last token: skips to where reading can go on. The
// tokens given next are NC_TOKEN_RECOVER, the closers of brackets that the user left open, and then
// the first token after the skipped text.
void nc_lexer_recover(NcLexer *lexer);

// Between the parts of the lexer: the next token by its spelling alone; every word is a NAME.
NcToken nc_lexer_scan(NcLexer *lexer);
// Gives a word that was just scanned its role: NAME, TARGET or a keyword.
int nc_lexer_classify(const NcLexer *lexer, const NcToken *word);
// Whether a word that was just scanned, the first of its line, seems to begin a statement; and
// whether it begins a declaration, which stands in no block.
bool nc_lexer_looks_like_statement(const NcLexer *lexer, const NcToken *word);
bool nc_lexer_ends_blocks(const NcLexer *lexer, const NcToken *word);
// Reports that brackets nest too deeply, and reads no further.
void nc_lexer_too_deep(NcLexer *lexer, NcSpan span);
// The innermost open bracket, NULL outside all.
const NcBracket *nc_lexer_bracket(const NcLexer *lexer);

// The bracket that a token opens or closes, '(', '[' or '{'; 0 for other tokens.
char nc_token_opens(int kind);
char nc_token_closes(int kind);
bool nc_token_ends_operand(int kind);     // can be an operand's last token
bool nc_token_declares(int kind);         // a keyword that a name follows
bool nc_token_begins_statement(int kind); // a statement, declaration or entry
bool nc_token_has_block(int kind);        // begins a statement that has a `{ … }`
// The declaration's keyword that is spelt much like `text`, NULL for none.
const char *nc_token_nearest_keyword(const char *text);

#endif
