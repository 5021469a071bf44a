// The lexer's second stage: gives words their role and keeps the open brackets.
//
// Keywords are names wherever no doubt arises. What a word is depends on the token before it and on
// the character after it, so the grammar itself needs no exceptions.
#include "base/map.h"
#include "syntax/lexer.h"
#include "syntax/parse.h"
#include "syntax/parser.h"
#include "syntax/spelling.h"

#include <string.h>

typedef enum WordClass {
  WORD_OPERATOR,    // never a name, but after a dot
  WORD_STATEMENT,   // begins a statement; a name only where `=` or `:` follows
  WORD_DECLARATION, // a keyword only at the beginning of a statement, before a name
  WORD_RANGE,       // `in`
} WordClass;

typedef struct Keyword {
  const char *text;
  int kind;
  WordClass class;
} Keyword;

static const Keyword keywords[] = {
    {"and", NC_TOKEN_AND, WORD_OPERATOR},
    {"or", NC_TOKEN_OR, WORD_OPERATOR},
    {"not", NC_TOKEN_NOT, WORD_OPERATOR},
    {"true", NC_TOKEN_TRUE, WORD_OPERATOR},
    {"false", NC_TOKEN_FALSE, WORD_OPERATOR},
    {"return", NC_TOKEN_RETURN, WORD_STATEMENT},
    {"if", NC_TOKEN_IF, WORD_STATEMENT},
    {"else", NC_TOKEN_ELSE, WORD_STATEMENT},
    {"for", NC_TOKEN_FOR, WORD_STATEMENT},
    {"assert", NC_TOKEN_ASSERT, WORD_STATEMENT},
    {"const", NC_TOKEN_CONST, WORD_DECLARATION},
    {"input", NC_TOKEN_INPUT, WORD_DECLARATION},
    {"param", NC_TOKEN_PARAM, WORD_DECLARATION},
    {"fn", NC_TOKEN_FN, WORD_DECLARATION},
    {"output", NC_TOKEN_OUTPUT, WORD_DECLARATION},
    {"metric", NC_TOKEN_METRIC, WORD_DECLARATION},
    {"dataset", NC_TOKEN_DATASET, WORD_DECLARATION},
    {"train", NC_TOKEN_TRAIN, WORD_DECLARATION},
    {"optimizer", NC_TOKEN_OPTIMIZER, WORD_DECLARATION},
    {"state", NC_TOKEN_STATE, WORD_DECLARATION},
    {"update", NC_TOKEN_UPDATE, WORD_DECLARATION},
    {"layer", NC_TOKEN_LAYER, WORD_DECLARATION},
    {"buffer", NC_TOKEN_BUFFER, WORD_DECLARATION},
    {"import", NC_TOKEN_IMPORT, WORD_DECLARATION},
    {"group", NC_TOKEN_PARAM_GROUP, WORD_DECLARATION},
    {"in", NC_TOKEN_IN, WORD_RANGE},
};

static const Keyword *find_keyword(const char *text) {
  for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
    if (!strcmp(text, keywords[i].text))
      return &keywords[i];
  return NULL;
}

const char *nc_token_nearest_keyword(const char *text) {
  const char *best = NULL;
  int distance = INT32_MAX;
  for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
    if (keywords[i].class == WORD_DECLARATION)
      nc_suggest(text, keywords[i].text, &best, &distance);
  return best;
}

char nc_token_opens(int kind) {
  switch (kind) {
  case NC_TOKEN_LPAREN:
  case NC_TOKEN_CALL:
    return '(';
  case NC_TOKEN_LSQUARE:
  case NC_TOKEN_INDEX:
    return '[';
  case NC_TOKEN_LBRACE:
    return '{';
  default:
    return 0;
  }
}

char nc_token_closes(int kind) {
  switch (kind) {
  case NC_TOKEN_RPAREN:
    return '(';
  case NC_TOKEN_RSQUARE:
    return '[';
  case NC_TOKEN_RBRACE:
    return '{';
  default:
    return 0;
  }
}

bool nc_token_ends_operand(int kind) {
  switch (kind) {
  case NC_TOKEN_NAME:
  case NC_TOKEN_INT:
  case NC_TOKEN_FLOAT:
  case NC_TOKEN_STRING:
  case NC_TOKEN_TRUE:
  case NC_TOKEN_FALSE:
  case NC_TOKEN_RPAREN:
  case NC_TOKEN_RSQUARE:
  case NC_TOKEN_RECOVER:
    return true;
  default:
    return false;
  }
}

bool nc_token_has_block(int kind) {
  switch (kind) {
  case NC_TOKEN_PARAM:
  case NC_TOKEN_FN:
  case NC_TOKEN_DATASET:
  case NC_TOKEN_TRAIN:
  case NC_TOKEN_OPTIMIZER:
  case NC_TOKEN_LAYER:
  case NC_TOKEN_PARAM_GROUP:
  case NC_TOKEN_IF:
  case NC_TOKEN_FOR:
    return true;
  default:
    return false;
  }
}

bool nc_token_declares(int kind) {
  switch (kind) {
  case NC_TOKEN_CONST:
  case NC_TOKEN_INPUT:
  case NC_TOKEN_PARAM:
  case NC_TOKEN_FN:
  case NC_TOKEN_OUTPUT:
  case NC_TOKEN_METRIC:
  case NC_TOKEN_DATASET:
  case NC_TOKEN_OPTIMIZER:
  case NC_TOKEN_LAYER:
  case NC_TOKEN_BUFFER:
  case NC_TOKEN_FOR:
  case NC_TOKEN_STATE:
  case NC_TOKEN_UPDATE:
    return true;
  default:
    return false;
  }
}

bool nc_token_begins_statement(int kind) {
  switch (kind) {
  case NC_TOKEN_TARGET:
  case NC_TOKEN_TRAIN:
  case NC_TOKEN_RETURN:
  case NC_TOKEN_IF:
  case NC_TOKEN_ASSERT:
  case NC_TOKEN_IMPORT:
  case NC_TOKEN_PARAM_GROUP:
    return true;
  default:
    return nc_token_declares(kind);
  }
}

const NcBracket *nc_lexer_bracket(const NcLexer *lexer) {
  return lexer->depth > 0 ? &lexer->brackets[lexer->depth - 1] : NULL;
}

static bool inside_parens(const NcLexer *lexer) {
  const NcBracket *bracket = nc_lexer_bracket(lexer);
  return bracket && bracket->open != '{';
}

// The first character of what follows a word, and whether it stands on the same line.
typedef struct Ahead {
  char first; // 'w' for a word, 'd' for `==`, 0 at the end
  bool same_line;
} Ahead;

static Ahead look_ahead(const NcLexer *lexer) {
  Ahead ahead = {.same_line = true};
  const unsigned char *at = lexer->cursor;
  for (; *at == ' ' || *at == '\t' || *at == '\r' || *at == '\n' || *at == '#'; at++) {
    if (*at == '#')
      while (at[1] && at[1] != '\n')
        at++;
    if (*at == '\n')
      ahead.same_line = false;
  }
  bool letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || *at == '_';
  ahead.first = letter ? 'w' : *at == '=' && at[1] == '=' ? 'd' : (char)*at;
  return ahead;
}

static bool begins_statement(const NcLexer *lexer) {
  int last = lexer->last.kind;
  return !inside_parens(lexer) && (last == 0 || last == NC_TOKEN_LBRACE ||
                                   last == NC_TOKEN_RBRACE || nc_token_ends_operand(last));
}

// Does a word with a declaration's keyword begin one, by what follows it?
static bool declares(const Keyword *keyword, Ahead ahead) {
  switch (keyword->kind) {
  case NC_TOKEN_TRAIN:
    return ahead.first == 'w' || ahead.first == '{';
  case NC_TOKEN_IMPORT:
    return ahead.first == '"';
  case NC_TOKEN_PARAM_GROUP:
    return ahead.first == 'w' || ahead.first == '"';
  default:
    return ahead.first == 'w';
  }
}

// A word where a statement can begin.
static int classify_first(const Keyword *keyword, Ahead ahead) {
  bool binds = ahead.first == '=' || ahead.first == ':' || ahead.first == ',';
  if (keyword && keyword->class == WORD_OPERATOR)
    return keyword->kind;
  if (binds || (ahead.first == 'd' && !keyword))
    return NC_TOKEN_TARGET;
  if (!keyword)
    return NC_TOKEN_NAME;
  return keyword->kind;
}

// A word where a value, a type or a declared name stands. A line that begins with a declaration's
// keyword and a name, or with `name =` outside brackets, begins a statement all the same: so a
// value that is missing at the end of a line is noticed there, and not lines later.
static int classify_inside(const NcLexer *lexer, const NcToken *word, const Keyword *keyword,
                           Ahead ahead) {
  int last = lexer->last.kind;
  if (keyword && keyword->class == WORD_OPERATOR)
    return keyword->kind;
  if (keyword && keyword->class == WORD_STATEMENT)
    return ahead.first == '=' || ahead.first == ':' ? NC_TOKEN_NAME : keyword->kind;
  if (keyword && keyword->class == WORD_RANGE)
    return nc_token_ends_operand(last) && ahead.first != '=' ? keyword->kind : NC_TOKEN_NAME;
  if (!word->line_first)
    return NC_TOKEN_NAME;
  if (keyword && ahead.same_line && declares(keyword, ahead))
    return keyword->kind;
  bool name_position = last == NC_TOKEN_COLON || last == NC_TOKEN_ARROW ||
                       nc_token_declares(last) || (last == NC_TOKEN_COMMA && lexer->statement.head);
  if (!inside_parens(lexer) && !name_position && (ahead.first == '=' || ahead.first == ':'))
    return NC_TOKEN_TARGET;
  return NC_TOKEN_NAME;
}

bool nc_lexer_looks_like_statement(const NcLexer *lexer, const NcToken *word) {
  const Keyword *keyword = find_keyword(word->text);
  Ahead ahead = look_ahead(lexer);
  if (keyword && (keyword->class == WORD_OPERATOR || keyword->kind == NC_TOKEN_ELSE))
    return false;
  return (keyword && keyword->class == WORD_STATEMENT) || ahead.first == '=' ||
         ahead.first == ':' || ahead.first == ',' || (ahead.first == 'w' && ahead.same_line) ||
         (keyword && declares(keyword, ahead));
}

bool nc_lexer_ends_blocks(const NcLexer *lexer, const NcToken *word) {
  const Keyword *keyword = find_keyword(word->text);
  return keyword && keyword->class == WORD_DECLARATION && keyword->kind != NC_TOKEN_STATE &&
         keyword->kind != NC_TOKEN_UPDATE && declares(keyword, look_ahead(lexer));
}

int nc_lexer_classify(const NcLexer *lexer, const NcToken *word) {
  const Keyword *keyword = find_keyword(word->text);
  bool declaration = word->line_first && keyword && keyword->class == WORD_DECLARATION;
  if (lexer->last.kind == NC_TOKEN_DOT && !declaration)
    return NC_TOKEN_NAME;
  Ahead ahead = look_ahead(lexer);
  if (lexer->last.kind == NC_TOKEN_ELSE && keyword && keyword->kind == NC_TOKEN_IF)
    return NC_TOKEN_IF;
  return begins_statement(lexer) ? classify_first(keyword, ahead)
                                 : classify_inside(lexer, word, keyword, ahead);
}

void nc_lexer_too_deep(NcLexer *lexer, NcSpan span) {
  if (!lexer->stopped)
    nc_diag_error(lexer->diags, "E0009", span, "brackets and blocks nest more than %d deep",
                  NC_MAX_NESTING);
  lexer->stopped = true;
}

// A `:` makes `param` the declaration of one parameter, which has no block.
static bool ends_head(int statement, int token) {
  return token == NC_TOKEN_LBRACE || token == NC_TOKEN_ASSIGN ||
         (token == NC_TOKEN_COLON && statement == NC_TOKEN_PARAM);
}

// The effect of the token that was given last. It comes with the request for the next one: a token
// that the parser refuses has no effect.
static void settle_last(NcLexer *lexer) {
  const NcToken *last = &lexer->last;
  char opens = nc_token_opens(last->kind), closes = nc_token_closes(last->kind);
  const NcBracket *top = nc_lexer_bracket(lexer);
  if (closes && top && top->open == closes) {
    if (closes == '{' && last->line_first && last->indent < top->indent && !lexer->suspect.open)
      lexer->suspect = *top;
    lexer->depth--;
  }
  if (lexer->depth == lexer->statement.depth && ends_head(lexer->statement.kind, last->kind))
    lexer->statement.head = false;
  if (opens && lexer->depth == NC_MAX_NESTING)
    nc_lexer_too_deep(lexer, last->span);
  else if (opens)
    lexer->brackets[lexer->depth++] =
        (NcBracket){opens, last->span, lexer->statement.indent, last->kind == NC_TOKEN_LPAREN};
}

// Calls and indices open on the line of what they follow.
static int classify_bracket(const NcLexer *lexer, const NcToken *token) {
  if (token->line_first || !nc_token_ends_operand(lexer->last.kind))
    return token->kind;
  return token->kind == NC_TOKEN_LPAREN    ? NC_TOKEN_CALL
         : token->kind == NC_TOKEN_LSQUARE ? NC_TOKEN_INDEX
                                           : token->kind;
}

// `last` is still the token before `token`.
static void note_statement(NcLexer *lexer, const NcToken *token) {
  bool misplaced = token->kind == NC_TOKEN_NAME && begins_statement(lexer);
  bool begins = nc_token_begins_statement(token->kind) && lexer->last.kind != NC_TOKEN_COMMA &&
                (begins_statement(lexer) || token->line_first || lexer->last.kind == NC_TOKEN_ELSE);
  if (!begins && !misplaced)
    return;
  lexer->previous = lexer->statement;
  lexer->statement = (NcStatement){.kind = token->kind,
                                   .begin = token->span.begin,
                                   .indent = token->indent,
                                   .depth = lexer->depth,
                                   .head = nc_token_has_block(token->kind)};
}

static NcToken made_up(const NcLexer *lexer, int kind) {
  NcSpan span = {lexer->file, lexer->skipped_end, lexer->skipped_end};
  return (NcToken){.kind = kind, .span = span, .made_up = true};
}

// What stands in the file, or what lets the parser go on after an error.
static NcToken next_token(NcLexer *lexer) {
  if (lexer->last.kind == NC_TOKEN_END)
    return (NcToken){.span = lexer->last.span};
  if (lexer->give_recover) {
    lexer->give_recover = false;
    return made_up(lexer, NC_TOKEN_RECOVER);
  }
  if (lexer->give_closers > 0) {
    lexer->give_closers--;
    char open = nc_lexer_bracket(lexer)->open;
    return made_up(lexer, open == '('   ? NC_TOKEN_RPAREN
                          : open == '[' ? NC_TOKEN_RSQUARE
                                        : NC_TOKEN_RBRACE);
  }
  if (lexer->give_opener) {
    lexer->give_opener = false;
    return made_up(lexer, NC_TOKEN_LBRACE);
  }
  if (lexer->stopped)
    return (NcToken){.kind = NC_TOKEN_END, .span = lexer->last.span};
  NcToken token = lexer->has_pending ? lexer->pending : nc_lexer_scan(lexer);
  lexer->has_pending = false;
  if (token.kind == NC_TOKEN_NAME)
    token.kind = nc_lexer_classify(lexer, &token);
  token.kind = classify_bracket(lexer, &token);
  note_statement(lexer, &token);
  return token;
}

NcToken nc_lexer_next(NcLexer *lexer) {
  settle_last(lexer);
  NcToken token = next_token(lexer);
  lexer->before = lexer->last;
  lexer->last = token;
  return token;
}

void nc_lexer_init(NcLexer *lexer, NcArena *arena, NcDiags *diags, int file, const char *text) {
  *lexer = (NcLexer){.arena = arena, .diags = diags, .file = file, .recovered_at = -1};
  lexer->begin = lexer->cursor = lexer->line = (const unsigned char *)text;
  lexer->line_first = true;
}
