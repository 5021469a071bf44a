// After a syntax error: skips to where reading can go on.
//
// Inside brackets that is their end. Outside, or where the brackets are never closed, it is the
// next line that seems to begin a statement and is indented no deeper than the one in error.
// Indentation means nothing in a correct file; in a broken one it tells best what was meant.
#include "syntax/lexer.h"
#include "syntax/parse.h"
#include "syntax/parser.h"

// The token as it was scanned, before it was given a role.
static NcToken without_role(NcToken token) {
  if (token.text && token.kind != NC_TOKEN_STRING)
    token.kind = NC_TOKEN_NAME;
  if (token.kind == NC_TOKEN_CALL)
    token.kind = NC_TOKEN_LPAREN;
  if (token.kind == NC_TOKEN_INDEX)
    token.kind = NC_TOKEN_LSQUARE;
  return token;
}

// How many of the first `depth` brackets must be closed so that `closes` closes the next one, -1 if
// it closes none. A `)` reaches no bracket outside the block it stands in.
static int closers_for_bracket(const NcLexer *lexer, int depth, char closes) {
  for (int i = depth; i > 0; i--) {
    if (lexer->brackets[i - 1].open == closes)
      return depth - i;
    if (lexer->brackets[i - 1].open == '{')
      return -1;
  }
  return -1;
}

// How many must be closed before a statement that begins with `word`.
static int closers_for_statement(const NcLexer *lexer, int depth, const NcToken *word) {
  bool declares = nc_lexer_ends_blocks(lexer, word);
  int left = depth;
  for (; left > 0; left--) {
    const NcBracket *bracket = &lexer->brackets[left - 1];
    bool outside = word->indent < bracket->indent + (declares ? 1 : 0);
    if (bracket->open == '{' && !outside)
      break;
  }
  return depth - left;
}

// Has a block been opened in the skipped text? A `}` closes no bracket but a block.
static bool skips_block(const NcLexer *lexer, int depth) {
  for (int i = depth; i < lexer->depth; i++)
    if (lexer->brackets[i].open == '{')
      return true;
  return false;
}

// The number of closers to be given before `token` if reading can go on with it, else -1. `depth`
// brackets were open at the error.
static int closers_before(const NcLexer *lexer, const NcToken *token, int depth) {
  char closes = nc_token_closes(token->kind);
  if (token->kind == NC_TOKEN_END)
    return depth;
  if (token->kind == NC_TOKEN_NAME && token->line_first &&
      token->indent <= lexer->recovery_indent && nc_lexer_looks_like_statement(lexer, token))
    return closers_for_statement(lexer, depth, token);
  if (lexer->depth > depth && !(closes == '{' && !skips_block(lexer, depth)))
    return -1;
  if (token->kind == NC_TOKEN_LBRACE && lexer->statement.head && depth >= lexer->statement.depth)
    return depth - lexer->statement.depth;
  return closes ? closers_for_bracket(lexer, depth, closes) : -1;
}

// Keeps track of the brackets in skipped text.
static void skip(NcLexer *lexer, const NcToken *token, int depth) {
  lexer->skipped_end = token->span.end;
  char opens = nc_token_opens(token->kind), closes = nc_token_closes(token->kind);
  if (opens && lexer->depth == NC_MAX_NESTING)
    nc_lexer_too_deep(lexer, token->span);
  else if (opens)
    lexer->brackets[lexer->depth++] =
        (NcBracket){.open = opens, .span = token->span, .indent = lexer->statement.indent};
  int inner = closes ? closers_for_bracket(lexer, lexer->depth, closes) : -1;
  if (inner >= 0 && lexer->depth - inner > depth)
    lexer->depth -= inner + 1;
}

static void resume(NcLexer *lexer, NcToken token, int depth, int closers) {
  lexer->depth = depth;
  lexer->pending = token;
  lexer->has_pending = lexer->give_recover = true;
  lexer->give_closers = closers;
  lexer->last = (NcToken){.kind = NC_TOKEN_BAD, .span = token.span};
}

// At a statement that the parser cannot take where it stands: the one before it is not complete.
static void go_on_with_statement(NcLexer *lexer, NcToken token) {
  int depth = lexer->depth;
  const NcStatement *head = &lexer->previous;
  bool body = head->head && token.indent > head->indent && depth >= head->depth;
  int closers = body ? depth - head->depth : closers_for_statement(lexer, depth, &token);
  resume(lexer, token, depth, closers);
  lexer->give_opener = body;
  if (body)
    lexer->statement = *head;
}

void nc_lexer_recover(NcLexer *lexer) {
  NcToken token = without_role(lexer->last);
  int depth = lexer->depth;
  bool again = lexer->recovered_at == token.span.begin && lexer->recovered_depth <= depth;
  lexer->recovered_at = token.span.begin;
  lexer->recovered_depth = depth;
  lexer->skipped_end = lexer->before.span.end;
  // The parser gives up where it takes neither the end of the file nor what was made up for it.
  if (token.made_up || (again && token.kind == NC_TOKEN_END)) {
    lexer->last.kind = NC_TOKEN_END;
    return;
  }
  if (!again && token.line_first && nc_token_begins_statement(lexer->last.kind)) {
    go_on_with_statement(lexer, token);
    return;
  }
  // A line that begins with the error counts as a statement, but inside brackets.
  const NcBracket *bracket = nc_lexer_bracket(lexer);
  lexer->recovery_indent = lexer->statement.indent;
  if (token.line_first && token.indent > lexer->recovery_indent &&
      !(bracket && bracket->open != '{'))
    lexer->recovery_indent = token.indent;
  if (token.kind == NC_TOKEN_LBRACE)
    lexer->braces_off = true;
  lexer->skipping = true;
  if (again) { // it begins a statement that may not stand here: its block goes with it
    lexer->statement.head = false;
    skip(lexer, &token, depth);
    token = nc_lexer_scan(lexer);
  }
  int closers;
  while ((closers = closers_before(lexer, &token, depth)) < 0) {
    skip(lexer, &token, depth);
    token = nc_lexer_scan(lexer);
    if (lexer->stopped)
      token.kind = NC_TOKEN_END;
  }
  lexer->skipping = false;
  resume(lexer, token, depth, closers);
}
