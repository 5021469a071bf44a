// What the grammar's actions use: the state of a parse, and makers of tree nodes.
#ifndef NC_SYNTAX_PARSE_H
#define NC_SYNTAX_PARSE_H

#include "syntax/ast.h"
#include "syntax/lexer.h"

typedef NC_VEC(NcExprAst *) NcExprsAst;
typedef NC_VEC(NcTypeAst *) NcTypesAst;

typedef struct NcSignatureAst { // name(params) or name(params)(data)
  const char *name;
  NcSpan name_span;
  NcFieldsAst params, data;
  bool has_data;
} NcSignatureAst;

typedef struct NcParser {
  NcArena *arena;
  NcDiags *diags;
  NcLexer lexer;
  NcFileAst *file;
  bool too_deep;          // was reported
  int32_t last_error;     // where the last syntax error was, -1 for none
  bool last_was_stray;    // it was a word that begins no statement
  int32_t last_statement; // where the last statement that could be read ended
} NcParser;

// Copies one vector into another of the same items but another (anonymous) type.
#define NC_VEC_COPY(to, from)                                                                      \
  ((to).items = (from).items, (to).count = (from).count, (to).capacity = (from).capacity)

NcExprAst *nc_expr_new(NcParser *parser, NcAstKind kind, NcSpan span);
NcExprAst *nc_expr_unary(NcParser *parser, NcSpan span, NcAstOp op, NcSpan op_span, NcExprAst *a);
// Comparisons do not chain, and right of `|>` stands a name or a call: both are checked here.
// `left` is where the left operand stands, its parentheses included.
NcExprAst *nc_expr_binary(NcParser *parser, NcSpan left, NcExprAst *a, NcAstOp op, NcSpan op_span,
                          NcSpan right, NcExprAst *b);
// kind: NC_AST_CALL, NC_AST_INDEX, or NC_AST_LIST (callee NULL).
NcExprAst *nc_expr_apply(NcParser *parser, NcAstKind kind, NcSpan span, NcExprAst *callee,
                         NcArgsAst args);
// low..high; either may be NULL.
NcExprAst *nc_expr_range(NcParser *parser, NcSpan span, NcExprAst *low, NcExprAst *high);
NcExprAst *nc_expr_member(NcParser *parser, NcSpan span, NcExprAst *object, const char *name,
                          NcSpan name_span);
NcTypeAst *nc_type_new(NcParser *parser, NcSpan span, const char *dtype, NcSpan dtype_span);
NcStmtAst *nc_stmt_new(NcParser *parser, NcStmtKind kind, NcSpan span);
// One target and one value: PARAM, BUFFER, STATE, UPDATE.
NcStmtAst *nc_stmt_one(NcParser *parser, NcStmtKind kind, NcSpan span, NcFieldAst target);
NcStmtAst *nc_stmt_if(NcParser *parser, NcSpan span, NcExprAst *condition, NcBlockAst then,
                      NcBlockAst otherwise);
// What has one condition and one block: FOR.
NcStmtAst *nc_stmt_for(NcParser *parser, NcSpan span, const char *name, NcSpan name_span,
                       NcExprAst *over, NcBlockAst body);
NcDeclAst *nc_decl_new(NcParser *parser, NcDeclKind kind, NcSpan span, const char *name,
                       NcSpan name_span);
// FN, LAYER: from its parts.
NcDeclAst *nc_decl_fn(NcParser *parser, NcDeclKind kind, NcSpan span, NcSignatureAst signature,
                      NcTypesAst results);
// CONST, INPUT, PARAM, BUFFER, OUTPUT, METRIC: the declaration of one field.
NcDeclAst *nc_decl_field(NcParser *parser, NcDeclKind kind, NcSpan span, NcFieldAst field);
// Reports statements that do not belong into the body of a declaration of that kind; NC_DECL_STMT
// stands for the top level.
void nc_check_body(NcParser *parser, const NcBlockAst *body, NcDeclKind kind);
// Reports positional arguments after named ones.
void nc_check_args(NcParser *parser, const NcArgsAst *args);

// Reports that the parser cannot take the lexer's last token, and has the lexer skip. `expected`
// are the names (as in parser.y) of the tokens that could stand there.
void nc_report_syntax_error(NcParser *parser, const char *const *expected, int count);

#endif
