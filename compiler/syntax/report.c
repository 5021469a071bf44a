// Says in the language's terms what is wrong where the parser cannot go on.
#include "syntax/parse.h"
#include "syntax/parser.h"

#include <string.h>

typedef struct Expected {
  const char *const *names; // as in parser.y
  int count;
} Expected;

static bool expects(const Expected *expected, const char *name) {
  for (int i = 0; i < expected->count; i++)
    if (!strcmp(expected->names[i], name))
      return true;
  return false;
}

// Names of groups of tokens: one that stands for all, and what the group is called.
typedef struct Group {
  const char *token, *unless, *called;
  bool goes_on; // it goes on with the statement before it
} Group;

static const Group groups[] = {
    {"a number", NULL, "a value", false},
    {"a name", "a number", "a name", false},
    {"a string", "a number", "a string", false},
    {"`*`", NULL, "an operator", true},
    {"`(` on the same line", "`*`", "`(`", false},
    {"`[` on the same line", "`*`", "`[`", false},
    {"`const`", NULL, "a declaration", false},
    {"`return`", NULL, "a statement", false},
    {"`:`", NULL, "`:`", false},
    {"`->`", NULL, "`->`", false},
    {"`=`", "`*`", "`=`", false}, // of a named argument
    {"`..`", NULL, "`..`", false},
    {"`in`", NULL, "`in`", true},
    {"`else`", NULL, "`else`", false},
    {"`{`", NULL, "`{`", false},
    {"`,`", NULL, "`,`", true},
    {"`)`", NULL, "`)`", false},
    {"`]`", NULL, "`]`", false},
    {"`}`", NULL, "`}`", false},
};

// "a value, `,` or `)`"
static const char *list_expected(NcParser *parser, const Expected *expected, const NcToken *found) {
  const char *called[sizeof groups / sizeof *groups + 1];
  int count = 0;
  int last = parser->lexer.before.kind;
  bool type = last == NC_TOKEN_COLON || last == NC_TOKEN_ARROW;
  // A new line: what could still be added to the statement before it is not what was meant.
  bool next = found->line_first && expects(expected, "a binding");
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
    const Group *group = &groups[i];
    if (next && group->goes_on)
      continue;
    if (expects(expected, group->token) && !(group->unless && expects(expected, group->unless)))
      called[count++] = type && !strcmp(group->called, "a name") ? "a type" : group->called;
  }
  bool entry = expects(expected, "a binding") && !expects(expected, "`const`") &&
               !expects(expected, "`return`");
  if (entry)
    called[count++] = "an entry";
  NcText text = nc_text_create(parser->arena);
  for (int i = 0; i < count; i++)
    nc_text_printf(&text, "%s%s", i == 0 ? "" : i == count - 1 ? " or " : ", ", called[i]);
  return count ? text.data : "nothing more";
}

static const char *word_of(NcParser *parser, const NcToken *token) {
  const NcLexer *lexer = &parser->lexer;
  return nc_arena_strndup(parser->arena, (const char *)lexer->begin + token->span.begin,
                          (size_t)(token->span.end - token->span.begin));
}

static const char *describe(NcParser *parser, const NcToken *token, const Expected *expected) {
  switch (token->kind) {
  case NC_TOKEN_LPAREN:
    return expects(expected, "`(` on the same line") ? "`(` on a new line" : "`(`";
  case NC_TOKEN_LSQUARE:
    return expects(expected, "`[` on the same line") ? "`[` on a new line" : "`[`";
  case NC_TOKEN_END:
    return "the end of the file";
  case NC_TOKEN_STRING:
    return "a string";
  case NC_TOKEN_RETURN:
  case NC_TOKEN_IF:
  case NC_TOKEN_ELSE:
  case NC_TOKEN_FOR:
  case NC_TOKEN_ASSERT:
  case NC_TOKEN_IN:
    return nc_arena_printf(parser->arena, "the keyword `%s`", token->text);
  default:
    return nc_arena_printf(parser->arena, "`%s`", word_of(parser, token));
  }
}

// How declarations of other languages are written here.
typedef struct Foreign {
  const char *word, *help;
} Foreign;

static const Foreign foreign_words[] = {
    {"def", "a function is declared with `fn name(x) = …` or `fn name(x) { … }`"},
    {"func", "a function is declared with `fn name(x) = …` or `fn name(x) { … }`"},
    {"function", "a function is declared with `fn name(x) = …` or `fn name(x) { … }`"},
    {"let", "a binding needs no keyword: `x = …`"},
    {"var", "a binding needs no keyword: `x = …`"},
    {"val", "a binding needs no keyword: `x = …`"},
    {"auto", "a binding needs no keyword: `x = …`"},
    {"int", "a binding is written `x = …`, with its type `x: i64 = …`"},
    {"float", "a binding is written `x = …`, with its type `x: f32 = …`"},
    {"elif", "write `else if`"},
    {"elseif", "write `else if`"},
    {"placeholder", "a placeholder is declared with `input x: f32[N, 10]`"},
    {"variable", "a trained variable is declared with `param w: f32[10] = zeros`"},
    {"weight", "a trained variable is declared with `param w: f32[10] = zeros`"},
    {"class", "a network is a layer: `layer Net()(x: f32[N, 10]) { … }`"},
    {"model", "a network is a layer: `layer Net()(x: f32[N, 10]) { … }`"},
    {"module", "a network is a layer: `layer Net()(x: f32[N, 10]) { … }`"},
    {"while", "loops end at compile time: `for i in 0..n { … }`"},
    {"include", "a file is imported with `import \"file.net\"`"},
    {"from", "a file is imported with `import \"file.net\"`"},
};

// How a word of another language is written here, NULL if it is none that is known.
static const char *foreign_word(const char *word) {
  for (size_t i = 0; i < sizeof foreign_words / sizeof *foreign_words; i++)
    if (!strcmp(word, foreign_words[i].word))
      return foreign_words[i].help;
  return NULL;
}

// Whether there is telling what was meant by a word that begins no statement.
static bool is_guessed(const char *word) {
  return foreign_word(word) || nc_token_nearest_keyword(word);
}

static void help_with_word(NcDiags *diags, NcDiag *diag, const NcToken *found) {
  const char *help = foreign_word(found->text), *keyword = nc_token_nearest_keyword(found->text);
  if (help)
    nc_diag_help(diags, diag, "%s", help);
  else
    nc_diag_fix(diags, diag, found->span, keyword, "did you mean `%s`?", keyword);
}

// Does the token stand where a statement begins, without being one?
static bool is_stray(const NcToken *found, const Expected *expected) {
  return found->kind == NC_TOKEN_NAME && expects(expected, "a binding") &&
         !expects(expected, "a name");
}

// Shows the form of the declaration that is in error.
static void help_with_declaration(NcParser *parser, NcDiag *diag, const NcToken *found,
                                  const Expected *expected) {
  const NcLexer *lexer = &parser->lexer;
  bool begins = lexer->statement.begin == found->span.begin;
  switch (begins ? lexer->previous.kind : lexer->statement.kind) {
  case NC_TOKEN_INPUT:
    if (expects(expected, "`:`"))
      nc_diag_help(parser->diags, diag, "an input has a type: `input x: f32[N, 10]`");
    break;
  case NC_TOKEN_PARAM:
    if (expects(expected, "`:`") || (expects(expected, "`=`") && !expects(expected, "`*`")))
      nc_diag_help(parser->diags, diag,
                   "a parameter has a type and an initializer: `w: f32[10] = zeros`");
    break;
  case NC_TOKEN_FN:
    if (expects(expected, "`(` on the same line") && !expects(expected, "`*`"))
      nc_diag_help(parser->diags, diag, "a function has a list of parameters: `fn f(x) = …`");
    break;
  case NC_TOKEN_LAYER:
    if (expects(expected, "`(` on the same line") && !expects(expected, "`*`"))
      nc_diag_help(parser->diags, diag,
                   "a layer has settings, then data: `layer Dense(units: int)(x) { … }`");
    break;
  case NC_TOKEN_FOR:
    if (expects(expected, "`in`"))
      nc_diag_help(parser->diags, diag, "a loop is written `for i in 0..n { … }`");
    break;
  case NC_TOKEN_IMPORT:
    nc_diag_help(parser->diags, diag, "a file is imported with `import \"file.net\"`");
    break;
  default:
    break;
  }
}

// Is it a closing bracket without an opening one in its block?
static bool closes_nothing(const NcLexer *lexer, int kind) {
  const NcBracket *bracket = nc_lexer_bracket(lexer);
  return nc_token_closes(kind) &&
         (!bracket || (bracket->open == '{' && nc_token_closes(kind) != '{'));
}

// Help, and the edit only where it is sure to be what is meant.
static void fix_if(bool sure, NcDiags *diags, NcDiag *diag, NcSpan span, const char *replacement,
                   const char *help) {
  nc_diag_fix(diags, diag, sure ? span : NC_NOWHERE, replacement, "%s", help);
}

static bool ends_line(const NcLexer *lexer, const NcToken *token) {
  const unsigned char *next = lexer->begin + token->span.end;
  while (*next == ' ' || *next == '\t' || *next == '\r')
    next++;
  return *next == '\n' || *next == '#' || *next == 0;
}

static void help(NcParser *parser, NcDiag *diag, const NcToken *found, const Expected *expected) {
  NcDiags *diags = parser->diags;
  const NcLexer *lexer = &parser->lexer;
  const NcBracket *bracket = nc_lexer_bracket(lexer);
  int last = lexer->before.kind;
  bool in_entries = expects(expected, "a binding") && !expects(expected, "`const`");
  NcSpan before = {found->span.file, found->span.begin, found->span.begin};
  if (is_stray(found, expected) && is_guessed(found->text))
    help_with_word(diags, diag, found);
  else if (found->kind == NC_TOKEN_ASSIGN && expects(expected, "`==`") &&
           !(bracket && bracket->open == '['))
    fix_if(lexer->statement.kind == NC_TOKEN_IF && lexer->statement.head, diags, diag, found->span,
           "==", "`=` binds a name; a comparison is written `==`");
  else if (found->kind == NC_TOKEN_EQ && expects(expected, "`=`"))
    fix_if(lexer->before.line_first, diags, diag, found->span, "=",
           "`==` compares; a name is bound with `=`");
  else if (found->kind == NC_TOKEN_COLON && expects(expected, "`{`"))
    nc_diag_help(diags, diag, "a body stands in braces: `{ … }`");
  else if (found->kind == NC_TOKEN_LPAREN && expects(expected, "`(` on the same line"))
    nc_diag_help(diags, diag, "the `(` of a call stands on the line of the function's name");
  else if (found->kind == NC_TOKEN_LSQUARE && expects(expected, "`[` on the same line"))
    nc_diag_help(diags, diag, "this `[` stands on the line of what it follows");
  else if (found->kind == NC_TOKEN_COMMA && in_entries)
    fix_if(!found->line_first && ends_line(lexer, found), diags, diag, found->span, "",
           "no comma is needed: new lines separate");
  else if (closes_nothing(lexer, found->kind))
    nc_diag_help(diags, diag, "no `%c` is open here", nc_token_closes(found->kind));
  else if (found->kind == NC_TOKEN_NAME && !found->line_first &&
           (last == NC_TOKEN_INT || last == NC_TOKEN_FLOAT) && expects(expected, "`*`"))
    nc_diag_fix(diags, diag, before, "* ", "a product is written with `*`");
  else
    help_with_declaration(parser, diag, found, expected);
}

// Points to the bracket that is open, if the error seems to be that it is not closed.
static bool is_unclosed(const NcLexer *lexer, const NcToken *found, const Expected *expected) {
  const NcBracket *bracket = nc_lexer_bracket(lexer);
  if (!bracket)
    return false;
  const char *closer = bracket->open == '(' ? "`)`" : bracket->open == '[' ? "`]`" : "`}`";
  bool declares = (nc_token_declares(found->kind) || found->kind == NC_TOKEN_TRAIN) &&
                  (bracket->open != '{' || found->indent <= bracket->indent);
  if (found->kind == NC_TOKEN_END)
    return true;
  if (!expects(expected, closer))
    return false;
  if (bracket->open == '{')
    return declares;
  return declares || nc_token_closes(found->kind) || found->line_first ||
         found->kind == NC_TOKEN_LBRACE ||
         (found->kind == NC_TOKEN_ASSIGN && bracket->open == '[') ||
         (found->kind == NC_TOKEN_COLON && lexer->before.line_first);
}

// A file that is no .net file at all has a stray word in every line: the first is enough, unless
// there is a guess what was meant.
static bool is_repeated(NcParser *parser, const NcToken *found, bool stray) {
  bool repeated = stray && parser->last_was_stray && parser->last_statement <= parser->last_error &&
                  !is_guessed(found->text);
  return repeated || found->span.begin == parser->last_error;
}

// The end of the file is behind the last token, not below the last line.
static NcSpan place_of(const NcLexer *lexer, const NcToken *found) {
  NcSpan span = found->span;
  if (found->kind == NC_TOKEN_END)
    span.begin = span.end = lexer->before.span.end;
  return span;
}

static bool is_behind_line(const NcToken *found) {
  return found->line_first || found->kind == NC_TOKEN_END;
}

static const unsigned char *begin_of_line(const NcLexer *lexer, int32_t at) {
  const unsigned char *begin = lexer->begin + at;
  while (begin > lexer->begin && begin[-1] != '\n')
    begin--;
  return begin;
}

// Points to the bracket that is not closed, and to what is in it on its line.
static void label_unclosed(NcParser *parser, NcDiag *diag, const NcToken *found) {
  const NcLexer *lexer = &parser->lexer;
  const NcBracket *bracket = nc_lexer_bracket(lexer);
  NcSpan span = bracket->span;
  if (bracket->open != '{' && found->line_first && found->kind != NC_TOKEN_END &&
      begin_of_line(lexer, lexer->before.span.begin) == begin_of_line(lexer, span.begin))
    span = nc_span_join(span, lexer->before.span);
  nc_diag_label(parser->diags, diag, span, "this `%c` is not closed", bracket->open);
  if (bracket->open == '{' && lexer->suspect.open &&
      lexer->suspect.span.begin > bracket->span.begin)
    nc_diag_label(parser->diags, diag, lexer->suspect.span,
                  "or this one: its `}` is indented less");
}

// The first `)` or `]` from a token on, on its line, that nothing opens; 0 for none.
static char unopened(const NcLexer *lexer, const NcToken *found) {
  const NcBracket *bracket = nc_lexer_bracket(lexer);
  int depth = 0;
  if (bracket && bracket->open != '{')
    return 0;
  for (const unsigned char *c = lexer->begin + found->span.begin; *c && !strchr("#\n\"", *c); c++) {
    depth += *c == '(' || *c == '[';
    depth -= *c == ')' || *c == ']';
    if (depth < 0)
      return (char)*c;
  }
  return 0;
}

// Points to the part of a line in which a bracket should open, or has been closed too early.
static void label_unopened(NcParser *parser, NcDiag *diag, const NcToken *found) {
  const NcLexer *lexer = &parser->lexer;
  char closer = unopened(lexer, found);
  int32_t line = (int32_t)(begin_of_line(lexer, found->span.begin) - lexer->begin);
  int32_t begin = lexer->statement.begin;
  if (!closer || begin >= found->span.begin || lexer->before.span.begin < line)
    return;
  NcSpan span = {found->span.file, begin, lexer->before.span.end};
  if (begin < line)
    span.begin = line + found->indent;
  nc_diag_label(parser->diags, diag, span, "a `%c` is missing here, or there is a `%c` too many",
                closer == ')' ? '(' : '[', closer);
}

// In `(a, b)` and `(lr = 1)` the name of what is called may be missing.
static bool is_nameless_call(const NcLexer *lexer, const NcToken *found) {
  const NcBracket *bracket = nc_lexer_bracket(lexer);
  return bracket && bracket->groups &&
         (found->kind == NC_TOKEN_COMMA || found->kind == NC_TOKEN_ASSIGN);
}

static void report(NcParser *parser, const NcToken *found, const Expected *expected) {
  const NcLexer *lexer = &parser->lexer;
  bool unclosed = is_unclosed(lexer, found, expected);
  const char *wanted = list_expected(parser, expected, found);
  NcDiag *diag = nc_diag_error(parser->diags, unclosed ? "E0004" : "E0001", place_of(lexer, found),
                               "expected %s, found %s", wanted, describe(parser, found, expected));
  if (unclosed)
    label_unclosed(parser, diag, found);
  else if (is_nameless_call(lexer, found))
    nc_diag_label(parser->diags, diag, nc_lexer_bracket(lexer)->span,
                  "this `(` holds one value: is a function's name missing before it?");
  else
    label_unopened(parser, diag, found);
  if (!unclosed && !expects(expected, "a binding") && is_behind_line(found))
    nc_diag_label(parser->diags, diag, lexer->before.span, "%s",
                  expects(expected, "a number") ? "a value is missing after this"
                                                : "what stands here is not complete");
  help(parser, diag, found, expected);
}

static int line_of(const NcParser *parser, int32_t offset) {
  int line, column;
  nc_source_position(parser->diags->sources, parser->lexer.file, offset, &line, &column);
  return line;
}

static bool line_has_error(const NcParser *parser, int line) {
  for (int i = 0; i < parser->diags->items.count; i++) {
    NcSpan span = parser->diags->items.items[i]->span;
    if (span.file == parser->lexer.file && line_of(parser, span.begin) == line)
      return true;
  }
  return false;
}

// What is left of a block whose braces are off.
static bool is_rest_of_block(const NcToken *found) {
  switch (found->kind) {
  case NC_TOKEN_RBRACE:
    return true;
  case NC_TOKEN_RETURN:
  case NC_TOKEN_IF:
  case NC_TOKEN_ELSE:
  case NC_TOKEN_FOR:
  case NC_TOKEN_ASSERT:
  case NC_TOKEN_BUFFER:
  case NC_TOKEN_STATE:
  case NC_TOKEN_UPDATE:
    return found->indent > 0;
  default:
    return false;
  }
}

// Is it a consequence of an error that was reported? So are a second one on a line, a bracket that
// is not closed on a line with an error, and what a statement lacks behind brackets that were
// closed on the user's behalf.
static bool is_consequence(const NcParser *parser, const NcToken *found, const Expected *expected) {
  const NcLexer *lexer = &parser->lexer;
  if (parser->diags->error_count == 0)
    return false;
  if (found->misspelt || lexer->before.misspelt ||
      (lexer->before.made_up && nc_token_closes(lexer->before.kind)) ||
      (lexer->depth == 0 && is_rest_of_block(found)))
    return true;
  return line_has_error(parser, line_of(parser, place_of(lexer, found).begin)) ||
         (is_unclosed(lexer, found, expected) &&
          ((nc_lexer_bracket(lexer)->open == '{' && lexer->braces_off) ||
           line_has_error(parser, line_of(parser, nc_lexer_bracket(lexer)->span.begin))));
}

void nc_report_syntax_error(NcParser *parser, const char *const *names, int count) {
  NcToken found = parser->lexer.last;
  Expected expected = {names, count};
  bool stray = is_stray(&found, &expected);
  bool consequence = is_consequence(parser, &found, &expected);
  if (found.kind != NC_TOKEN_BAD && !parser->lexer.stopped && !consequence &&
      !is_repeated(parser, &found, stray))
    report(parser, &found, &expected);
  if (!consequence)
    parser->last_error = found.span.begin;
  parser->last_was_stray = stray;
  nc_lexer_recover(&parser->lexer);
}
