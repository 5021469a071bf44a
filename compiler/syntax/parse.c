// Parses a file: the makers of tree nodes, the checks that go with them, and nc_parse.
#include "syntax/parse.h"

#include "syntax/parser.h"
#include "syntax/spelling.h"

#include <string.h>

NcExprAst *nc_expr_new(NcParser *parser, NcAstKind kind, NcSpan span) {
  NcExprAst *expr = NC_NEW(parser->arena, NcExprAst);
  expr->kind = kind;
  expr->span = span;
  expr->op_span = NC_NOWHERE;
  expr->depth = 1;
  return expr;
}

static NcArgAst positional(NcExprAst *value) {
  return (NcArgAst){.value = value, .name_span = NC_NOWHERE};
}

// Takes an operand's depth into account.
static void deepen(NcExprAst *expr, const NcExprAst *operand) {
  if (expr->depth <= operand->depth)
    expr->depth = operand->depth + 1;
}

// The expression, or in the place of one that is too deep an error, reported once a file.
static NcExprAst *limit_depth(NcParser *parser, NcExprAst *expr) {
  if (expr->depth <= NC_MAX_EXPR_DEPTH)
    return expr;
  if (!parser->too_deep) {
    NcDiag *diag =
        nc_diag_error(parser->diags, "E0009", expr->span,
                      "the expression is more than %d operations deep", NC_MAX_EXPR_DEPTH);
    nc_diag_help(parser->diags, diag, "give a part of it a name of its own");
  }
  parser->too_deep = true;
  return nc_expr_new(parser, NC_AST_ERROR, expr->span);
}

NcExprAst *nc_expr_unary(NcParser *parser, NcSpan span, NcAstOp op, NcSpan op_span, NcExprAst *a) {
  NcExprAst *expr = nc_expr_new(parser, NC_AST_UNARY, span);
  expr->op = op;
  expr->op_span = op_span;
  nc_vec_push(parser->arena, expr->args, positional(a));
  deepen(expr, a);
  return limit_depth(parser, expr);
}

static bool is_comparison(const NcExprAst *expr) {
  return expr->kind == NC_AST_BINARY && expr->op >= NC_OP_EQ && expr->op <= NC_OP_GE;
}

static void report_chain(NcParser *parser, const NcExprAst *a, NcSpan op_span) {
  NcDiag *diag = nc_diag_error(parser->diags, "E0008", op_span, "comparisons do not chain");
  nc_diag_label(parser->diags, diag, a->op_span, "the first comparison");
  nc_diag_help(
      parser->diags, diag,
      "join two comparisons with `and`, as in `a < b and b < c`, or put one in parentheses");
}

// The stage right of `|>`, or an error in its place.
static NcExprAst *check_pipe(NcParser *parser, NcExprAst *stage, NcSpan span) {
  if (stage->kind == NC_AST_NAME || stage->kind == NC_AST_MEMBER || stage->kind == NC_AST_CALL ||
      stage->kind == NC_AST_ERROR)
    return stage;
  NcDiag *diag = nc_diag_error(parser->diags, "E0011", span,
                               "right of `|>` stands a function's name or a call");
  nc_diag_help(parser->diags, diag, "`x |> f` is `f(x)`, and `x |> f(a)` is `f(x, a)`");
  nc_diag_help(parser->diags, diag, "put `x |> f` in parentheses to go on with its result");
  return nc_expr_new(parser, NC_AST_ERROR, span);
}

NcExprAst *nc_expr_binary(NcParser *parser, NcSpan left, NcExprAst *a, NcAstOp op, NcSpan op_span,
                          NcSpan right, NcExprAst *b) {
  if (op == NC_OP_PIPE)
    b = check_pipe(parser, b, right);
  NcExprAst *expr = nc_expr_new(parser, NC_AST_BINARY, nc_span_join(left, right));
  expr->op = op;
  expr->op_span = op_span;
  nc_vec_push(parser->arena, expr->args, positional(a));
  nc_vec_push(parser->arena, expr->args, positional(b));
  deepen(expr, a);
  deepen(expr, b);
  bool bare = left.begin == a->span.begin && left.end == a->span.end;
  if (is_comparison(expr) && is_comparison(a) && bare)
    report_chain(parser, a, op_span);
  return limit_depth(parser, expr);
}

NcExprAst *nc_expr_apply(NcParser *parser, NcAstKind kind, NcSpan span, NcExprAst *callee,
                         NcArgsAst args) {
  NcExprAst *expr = nc_expr_new(parser, kind, span);
  expr->callee = callee;
  expr->args = args;
  if (callee)
    deepen(expr, callee);
  for (int i = 0; i < args.count; i++)
    deepen(expr, args.items[i].value);
  return limit_depth(parser, expr);
}

NcExprAst *nc_expr_range(NcParser *parser, NcSpan span, NcExprAst *low, NcExprAst *high) {
  NcExprAst *expr = nc_expr_new(parser, NC_AST_RANGE, span);
  NcExprAst *sides[] = {low, high};
  for (int i = 0; i < 2; i++) {
    nc_vec_push(parser->arena, expr->args, positional(sides[i]));
    if (sides[i])
      deepen(expr, sides[i]);
  }
  return limit_depth(parser, expr);
}

NcExprAst *nc_expr_member(NcParser *parser, NcSpan span, NcExprAst *object, const char *name,
                          NcSpan name_span) {
  NcExprAst *expr = nc_expr_new(parser, NC_AST_MEMBER, span);
  expr->op_span = name_span;
  expr->text = name;
  nc_vec_push(parser->arena, expr->args, positional(object));
  deepen(expr, object);
  return limit_depth(parser, expr);
}

NcTypeAst *nc_type_new(NcParser *parser, NcSpan span, const char *dtype, NcSpan dtype_span) {
  NcTypeAst *type = NC_NEW(parser->arena, NcTypeAst);
  type->span = span;
  type->dtype = dtype;
  type->dtype_span = dtype_span;
  return type;
}

NcStmtAst *nc_stmt_new(NcParser *parser, NcStmtKind kind, NcSpan span) {
  NcStmtAst *stmt = NC_NEW(parser->arena, NcStmtAst);
  stmt->kind = kind;
  stmt->span = span;
  return stmt;
}

NcStmtAst *nc_stmt_one(NcParser *parser, NcStmtKind kind, NcSpan span, NcFieldAst target) {
  NcStmtAst *stmt = nc_stmt_new(parser, kind, span);
  bool declares = kind == NC_STMT_PARAM || kind == NC_STMT_BUFFER; // its field is whole
  nc_vec_push(parser->arena, stmt->values, target.value);
  target.value = declares ? target.value : NULL;
  nc_vec_push(parser->arena, stmt->targets, target);
  return stmt;
}

// How many `else if` follow, counted to the limit.
static int chained_ifs(const NcStmtAst *stmt) {
  int length = 1;
  while (length <= NC_MAX_NESTING && stmt->otherwise.count == 1 &&
         stmt->otherwise.items[0]->kind == NC_STMT_IF) {
    stmt = stmt->otherwise.items[0];
    length++;
  }
  return length;
}

NcStmtAst *nc_stmt_if(NcParser *parser, NcSpan span, NcExprAst *condition, NcBlockAst then,
                      NcBlockAst otherwise) {
  NcStmtAst *stmt = nc_stmt_new(parser, NC_STMT_IF, span);
  stmt->condition = condition;
  stmt->then = then;
  stmt->otherwise = otherwise;
  if (chained_ifs(stmt) > NC_MAX_NESTING) {
    if (!parser->too_deep)
      nc_diag_error(parser->diags, "E0009", condition->span, "more than %d `else if` in a row",
                    NC_MAX_NESTING);
    parser->too_deep = true;
    stmt->otherwise = (NcBlockAst){0};
  }
  return stmt;
}

NcStmtAst *nc_stmt_for(NcParser *parser, NcSpan span, const char *name, NcSpan name_span,
                       NcExprAst *over, NcBlockAst body) {
  NcStmtAst *stmt = nc_stmt_new(parser, NC_STMT_FOR, span);
  nc_vec_push(parser->arena, stmt->targets, ((NcFieldAst){.name = name, .name_span = name_span}));
  stmt->condition = over;
  stmt->then = body;
  return stmt;
}

NcDeclAst *nc_decl_new(NcParser *parser, NcDeclKind kind, NcSpan span, const char *name,
                       NcSpan name_span) {
  NcDeclAst *decl = NC_NEW(parser->arena, NcDeclAst);
  decl->kind = kind;
  decl->span = span;
  decl->name = name;
  decl->name_span = name_span;
  return decl;
}

NcDeclAst *nc_decl_fn(NcParser *parser, NcDeclKind kind, NcSpan span, NcSignatureAst signature,
                      NcTypesAst results) {
  NcDeclAst *decl = nc_decl_new(parser, kind, span, signature.name, signature.name_span);
  decl->fields = signature.params;
  decl->data = signature.data;
  decl->has_data = signature.has_data;
  NC_VEC_COPY(decl->results, results);
  if (kind == NC_DECL_LAYER && !decl->has_data) {
    NcDiag *diag = nc_diag_error(parser->diags, "E0013", signature.name_span,
                                 "a layer has two lists: settings, then data");
    nc_diag_help(parser->diags, diag, "write layer %s()(x)", signature.name);
  }
  return decl;
}

NcDeclAst *nc_decl_field(NcParser *parser, NcDeclKind kind, NcSpan span, NcFieldAst field) {
  NcDeclAst *decl = nc_decl_new(parser, kind, span, field.name, field.name_span);
  decl->field = field;
  return decl;
}

// Where the statements that do not stand everywhere do.
typedef struct Belonging {
  NcStmtKind stmt;
  const char *word, *where;
  NcDeclKind decls[3];
  int count;
} Belonging;

static const Belonging belongings[] = {
    {NC_STMT_RETURN, "return", "functions and layers", {NC_DECL_FN, NC_DECL_LAYER}, 2},
    {NC_STMT_PARAM, "param", "layers and at the top level", {NC_DECL_LAYER, NC_DECL_STMT}, 2},
    {NC_STMT_BUFFER, "buffer", "layers and at the top level", {NC_DECL_LAYER, NC_DECL_STMT}, 2},
    {NC_STMT_STATE, "state", "optimizers", {NC_DECL_OPTIMIZER}, 1},
};

static void check_stmt(NcParser *parser, const NcStmtAst *stmt, NcDeclKind kind) {
  for (size_t i = 0; i < sizeof belongings / sizeof *belongings; i++) {
    const Belonging *b = &belongings[i];
    bool stands = stmt->kind != b->stmt;
    for (int k = 0; k < b->count; k++)
      stands |= b->decls[k] == kind;
    if (stands)
      continue;
    NcSpan span = stmt->span;
    span.end = span.begin + (int32_t)strlen(b->word);
    NcDiag *diag =
        nc_diag_error(parser->diags, "E0010", span, "`%s` stands only in %s", b->word, b->where);
    if (kind == NC_DECL_FN && stmt->kind != NC_STMT_STATE)
      nc_diag_help(parser->diags, diag,
                   "what owns params is a layer: `layer Name(settings)(data) { … }`");
  }
}

void nc_check_body(NcParser *parser, const NcBlockAst *body, NcDeclKind kind) {
  for (int i = 0; i < body->count; i++) {
    check_stmt(parser, body->items[i], kind);
    nc_check_body(parser, &body->items[i]->then, kind);
    nc_check_body(parser, &body->items[i]->otherwise, kind);
  }
}

void nc_check_args(NcParser *parser, const NcArgsAst *args) {
  const NcArgAst *named = NULL;
  for (int i = 0; i < args->count; i++) {
    const NcArgAst *arg = &args->items[i];
    if (named && !arg->name) {
      NcDiag *diag = nc_diag_error(parser->diags, "E0012", arg->value->span,
                                   "an argument without a name after a named one");
      nc_diag_label(parser->diags, diag, named->name_span, "named here");
      return;
    }
    if (arg->name)
      named = arg;
  }
}

NcFileAst *nc_parse(NcArena *arena, const NcSourceMap *sources, int file, NcDiags *diags) {
  const NcSourceFile *source = &sources->files.items[file];
  NcFileAst *tree = NC_NEW(arena, NcFileAst);
  tree->file = file;
  if (!nc_spelling_check_text(diags, file, source->text, source->length))
    return tree;
  NcParser parser = {.arena = arena, .diags = diags, .file = tree, .last_error = -1};
  nc_lexer_init(&parser.lexer, arena, diags, file, source->text);
  nc_yyparse(&parser);
  return tree;
}
