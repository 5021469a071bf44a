// The grammar of .net files. docs/language.md has it as EBNF.
//
// After an error the lexer skips to where reading can go on and gives RECOVER, so an error is always
// read as `error RECOVER` (see syntax/recover.c).
%code requires {
#include "syntax/parse.h"
}
%code {
#include "syntax/parser.h"

#define YYLLOC_DEFAULT(current, rhs, n)                                                            \
  ((current) = (n) ? (NcSpan){YYRHSLOC(rhs, 1).file, YYRHSLOC(rhs, 1).begin, YYRHSLOC(rhs, n).end} \
                   : (NcSpan){YYRHSLOC(rhs, 0).file, YYRHSLOC(rhs, 0).end, YYRHSLOC(rhs, 0).end})

static int nc_yylex(NC_YYSTYPE *value, NcSpan *span, NcParser *parser);
static void nc_yyerror(const NcSpan *span, NcParser *parser, const char *message);
}

%define api.pure full
%define api.prefix {nc_yy}
%define api.token.prefix {NC_TOKEN_}
%define api.location.type {NcSpan}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%param {NcParser *parser}

%union {
  const char *text;
  int64_t integer;
  double number;
  NcAstOp op;
  NcExprAst *expr;
  NcExprsAst exprs;
  NcArgAst arg;
  NcArgsAst args;
  NcTypeAst *type;
  NcTypesAst types;
  NcFieldAst field;
  NcFieldsAst fields;
  NcSignatureAst signature;
  NcStmtAst *stmt;
  NcBlockAst block;
  NcDeclAst *decl;
  NcGroupAst group;
}

%token END "the end of the file"
%token RECOVER BAD
%token <text> NAME "a name" TARGET "a binding" STRING "a string"
%token <integer> INT "a number"
%token <number> FLOAT "a float"
%token CONST "`const`" INPUT "`input`" PARAM "`param`" FN "`fn`" OUTPUT "`output`" METRIC "`metric`"
%token DATASET "`dataset`" TRAIN "`train`" OPTIMIZER "`optimizer`" LAYER "`layer`" IMPORT "`import`"
%token BUFFER "`buffer`" PARAM_GROUP "`group`"
%token RETURN "`return`" IF "`if`" ELSE "`else`" FOR "`for`" ASSERT "`assert`"
%token STATE "`state`" UPDATE "`update`" IN "`in`"
%token AND "`and`" OR "`or`" NOT "`not`" TRUE "`true`" FALSE "`false`"
%token PIPE "`|>`" EQ "`==`" NE "`!=`" LT "`<`" LE "`<=`" GT "`>`" GE "`>=`"
%token PLUS "`+`" MINUS "`-`" STAR "`*`" SLASH "`/`" AT "`@`" CARET "`^`"
%token ASSIGN "`=`" ARROW "`->`" COMMA "`,`" COLON "`:`" DOT "`.`" RANGE "`..`" ELLIPSIS "`...`"
%token LPAREN "`(`" CALL "`(` on the same line" RPAREN "`)`"
%token LSQUARE "`[`" INDEX "`[` on the same line" RSQUARE "`]`" LBRACE "`{`" RBRACE "`}`"

%type <text> type_word
%type <expr> value expr pipe or and not comparison sum product unary power postfix primary
%type <op> compare_op sum_op product_op
%type <expr> index
%type <exprs> values dims dim_list
%type <arg> arg
%type <args> args arg_list elements element_list indices index_list
%type <type> type type_opt
%type <types> results results_opt
%type <field> target param range_opt annotated group_field entry
%type <fields> targets parts params param_list group entries
%type <signature> signature head
%type <stmt> stmt if nested
%type <block> block stmts
%type <group> override
%type <decl> decl settings

%%

file: decls END;

decls: %empty
  | decls decl {
      if ($decl) {
        nc_vec_push(parser->arena, parser->file->decls, $decl);
        parser->last_statement = @decl.end;
      }
    };

recovered: error RECOVER { yyerrok; };

decl: CONST annotated range_opt ASSIGN value {
      $annotated.value = $value;
      $annotated.low = $range_opt.low;
      $annotated.high = $range_opt.high;
      $$ = nc_decl_field(parser, NC_DECL_CONST, @$, $annotated);
    }
  | INPUT NAME COLON type range_opt {
      $range_opt.name = $NAME;
      $range_opt.name_span = @NAME;
      $range_opt.type = $type;
      $$ = nc_decl_field(parser, NC_DECL_INPUT, @$, $range_opt);
    }
  | PARAM NAME COLON type ASSIGN value {
      NcFieldAst field = {.name = $NAME, .name_span = @NAME, .type = $type, .value = $value};
      $$ = nc_decl_field(parser, NC_DECL_PARAM, @$, field);
    }
  | BUFFER NAME COLON type ASSIGN value {
      NcFieldAst field = {.name = $NAME, .name_span = @NAME, .type = $type, .value = $value};
      $$ = nc_decl_field(parser, NC_DECL_BUFFER, @$, field);
    }
  | PARAM NAME LBRACE group RBRACE {
      $$ = nc_decl_new(parser, NC_DECL_GROUP, @$, $NAME, @NAME);
      $$->fields = $group;
    }
  | PARAM recovered { $$ = NULL; }
  | PARAM recovered LBRACE group RBRACE { $$ = NULL; }
  | FN head results_opt ASSIGN value {
      $$ = nc_decl_fn(parser, NC_DECL_FN, @$, $head, $results_opt);
      $$->value = $value;
    }
  | FN head results_opt block {
      $$ = nc_decl_fn(parser, NC_DECL_FN, @$, $head, $results_opt);
      $$->body = $block;
      $$->has_body = true;
      nc_check_body(parser, &$$->body, NC_DECL_FN);
    }
  | FN recovered { $$ = NULL; }
  | FN recovered block { $$ = NULL; }
  | LAYER head results_opt ASSIGN value {
      $$ = nc_decl_fn(parser, NC_DECL_LAYER, @$, $head, $results_opt);
      $$->value = $value;
    }
  | LAYER head results_opt block {
      $$ = nc_decl_fn(parser, NC_DECL_LAYER, @$, $head, $results_opt);
      $$->body = $block;
      $$->has_body = true;
      nc_check_body(parser, &$$->body, NC_DECL_LAYER);
    }
  | LAYER recovered { $$ = NULL; }
  | LAYER recovered block { $$ = NULL; }
  | targets ASSIGN value {
      $$ = nc_decl_new(parser, NC_DECL_BIND, @$, $targets.items[0].name,
                       $targets.items[0].name_span);
      $$->targets = $targets;
      $$->value = $value;
    }
  | OUTPUT annotated { $$ = nc_decl_field(parser, NC_DECL_OUTPUT, @$, $annotated); }
  | OUTPUT annotated ASSIGN value {
      $annotated.value = $value;
      $$ = nc_decl_field(parser, NC_DECL_OUTPUT, @$, $annotated);
    }
  | METRIC annotated ASSIGN value {
      $annotated.value = $value;
      $$ = nc_decl_field(parser, NC_DECL_METRIC, @$, $annotated);
    }
  | DATASET NAME LBRACE entries RBRACE {
      $$ = nc_decl_new(parser, NC_DECL_DATASET, @$, $NAME, @NAME);
      $$->fields = $entries;
    }
  | DATASET parts ASSIGN value {
      $$ = nc_decl_new(parser, NC_DECL_SPLIT, @$, $parts.items[0].name, $parts.items[0].name_span);
      $$->targets = $parts;
      $$->value = $value;
    }
  | DATASET recovered { $$ = NULL; }
  | DATASET recovered LBRACE entries RBRACE { $$ = NULL; }
  | TRAIN LBRACE settings RBRACE {
      $$ = $settings;
      $$->span = @$;
      $$->name_span = @TRAIN;
    }
  | TRAIN recovered { $$ = NULL; }
  | TRAIN recovered LBRACE settings RBRACE { $$ = NULL; }
  | OPTIMIZER signature block {
      $$ = nc_decl_new(parser, NC_DECL_OPTIMIZER, @$, $signature.name, $signature.name_span);
      $$->fields = $signature.params;
      $$->body = $block;
      $$->has_body = true;
      nc_check_body(parser, &$$->body, NC_DECL_OPTIMIZER);
    }
  | OPTIMIZER recovered { $$ = NULL; }
  | OPTIMIZER recovered block { $$ = NULL; }
  | IMPORT STRING {
      $$ = nc_decl_new(parser, NC_DECL_IMPORT, @$, "import", @IMPORT);
      $$->path = $STRING;
      $$->path_span = @STRING;
    }
  | IMPORT recovered { $$ = NULL; }
  | nested {
      $$ = NULL;
      if ($nested) {
        $$ = nc_decl_new(parser, NC_DECL_STMT, @$, "", @$);
        $$->stmt = $nested;
        NcBlockAst block = {0};
        nc_vec_push(parser->arena, block, $nested);
        nc_check_body(parser, &block, NC_DECL_STMT);
      }
    }
  | recovered { $$ = NULL; };

range_opt: %empty { $$ = (NcFieldAst){0}; }
  | IN expr[low] RANGE expr[high] { $$ = (NcFieldAst){.low = $low, .high = $high}; };

parts: NAME {
      $$ = (NcFieldsAst){0};
      NcFieldAst field = {.name = $NAME, .name_span = @NAME};
      nc_vec_push(parser->arena, $$, field);
    }
  | parts COMMA target {
      $$ = $1;
      nc_vec_push(parser->arena, $$, $target);
    };

group: %empty { $$ = (NcFieldsAst){0}; }
  | group group_field {
      $$ = $1;
      nc_vec_push(parser->arena, $$, $group_field);
      parser->last_statement = @group_field.end;
    }
  | group recovered { $$ = $1; };

group_field: TARGET COLON type ASSIGN value {
      $$ = (NcFieldAst){.name = $TARGET, .name_span = @TARGET, .type = $type, .value = $value};
    };

entries: %empty { $$ = (NcFieldsAst){0}; }
  | entries entry {
      $$ = $1;
      nc_vec_push(parser->arena, $$, $entry);
      parser->last_statement = @entry.end;
    }
  | entries recovered { $$ = $1; };

entry: TARGET ASSIGN value {
      $$ = (NcFieldAst){.name = $TARGET, .name_span = @TARGET, .value = $value};
    };

settings: %empty { $$ = nc_decl_new(parser, NC_DECL_TRAIN, @$, "train", @$); }
  | settings entry {
      $$ = $1;
      nc_vec_push(parser->arena, $$->fields, $entry);
      parser->last_statement = @entry.end;
    }
  | settings override {
      $$ = $1;
      nc_vec_push(parser->arena, $$->groups, $override);
      parser->last_statement = @override.end;
    }
  | settings recovered { $$ = $1; };

override: PARAM_GROUP expr LBRACE entries RBRACE {
      $$ = (NcGroupAst){.span = @$, .params = $expr, .fields = $entries};
    };

// A rule of its own, so that it is complete at its `)`: recovery goes back to the innermost rule that
// is not.
signature: NAME CALL params RPAREN {
      $$ = (NcSignatureAst){.name = $NAME, .name_span = @NAME, .params = $params};
    };

// With one list of parameters or with two.
head: signature
  | signature CALL params RPAREN {
      $$ = $signature;
      $$.data = $params;
      $$.has_data = true;
    };

params: %empty { $$ = (NcFieldsAst){0}; }
  | param_list
  | param_list COMMA
  | recovered { $$ = (NcFieldsAst){0}; };

param_list: param {
      $$ = (NcFieldsAst){0};
      nc_vec_push(parser->arena, $$, $param);
    }
  | param_list COMMA param {
      $$ = $1;
      nc_vec_push(parser->arena, $$, $param);
    };

param: annotated
  | annotated ASSIGN expr {
      $$ = $annotated;
      $$.value = $expr;
    };

results_opt: %empty { $$ = (NcTypesAst){0}; }
  | ARROW results { $$ = $results; };

results: type {
      $$ = (NcTypesAst){0};
      nc_vec_push(parser->arena, $$, $type);
    }
  | results COMMA type {
      $$ = $1;
      nc_vec_push(parser->arena, $$, $type);
    };

annotated: NAME type_opt {
      $$ = (NcFieldAst){.name = $NAME, .name_span = @NAME, .type = $type_opt};
    };

type_opt: %empty { $$ = NULL; }
  | COLON type { $$ = $type; };

type: type_word { $$ = nc_type_new(parser, @$, $type_word, @type_word); }
  | type_word INDEX dims RSQUARE {
      $$ = nc_type_new(parser, @$, $type_word, @type_word);
      $$->has_dims = true;
      NC_VEC_COPY($$->dims, $dims);
    }
  | type_word INDEX ELLIPSIS RSQUARE {
      $$ = nc_type_new(parser, @$, $type_word, @type_word);
      $$->has_dims = $$->ellipsis = true;
    }
  | type_word INDEX ELLIPSIS COMMA dims RSQUARE {
      $$ = nc_type_new(parser, @$, $type_word, @type_word);
      $$->has_dims = $$->ellipsis = true;
      NC_VEC_COPY($$->dims, $dims);
    }
  | type_word INDEX recovered RSQUARE {
      $$ = nc_type_new(parser, @$, $type_word, @type_word);
      $$->has_dims = true;
    };

type_word: NAME;

dims: %empty { $$ = (NcExprsAst){0}; }
  | dim_list
  | dim_list COMMA;

dim_list: expr {
      $$ = (NcExprsAst){0};
      nc_vec_push(parser->arena, $$, $expr);
    }
  | dim_list COMMA expr {
      $$ = $1;
      nc_vec_push(parser->arena, $$, $expr);
    };

targets: TARGET type_opt {
      $$ = (NcFieldsAst){0};
      NcFieldAst field = {.name = $TARGET, .name_span = @TARGET, .type = $type_opt};
      nc_vec_push(parser->arena, $$, field);
    }
  | targets COMMA target {
      $$ = $1;
      nc_vec_push(parser->arena, $$, $target);
    };

target: annotated
  | TARGET type_opt {
      $$ = (NcFieldAst){.name = $TARGET, .name_span = @TARGET, .type = $type_opt};
    };

block: LBRACE stmts RBRACE { $$ = $stmts; };

stmts: %empty { $$ = (NcBlockAst){0}; }
  | stmts stmt {
      $$ = $1;
      if ($stmt) {
        nc_vec_push(parser->arena, $$, $stmt);
        parser->last_statement = @stmt.end;
      }
    };

stmt: targets ASSIGN value {
      $$ = nc_stmt_new(parser, NC_STMT_BIND, @$);
      $$->targets = $targets;
      nc_vec_push(parser->arena, $$->values, $value);
    }
  | RETURN values {
      $$ = nc_stmt_new(parser, NC_STMT_RETURN, @$);
      NC_VEC_COPY($$->values, $values);
    }
  | nested
  | PARAM NAME COLON type ASSIGN value {
      NcFieldAst target = {.name = $NAME, .name_span = @NAME, .type = $type, .value = $value};
      $$ = nc_stmt_one(parser, NC_STMT_PARAM, @$, target);
    }
  | BUFFER NAME COLON type ASSIGN value {
      NcFieldAst target = {.name = $NAME, .name_span = @NAME, .type = $type, .value = $value};
      $$ = nc_stmt_one(parser, NC_STMT_BUFFER, @$, target);
    }
  | STATE annotated ASSIGN value {
      $annotated.value = $value;
      $$ = nc_stmt_one(parser, NC_STMT_STATE, @$, $annotated);
    }
  | recovered { $$ = NULL; };

// What stands in blocks and at the top level.
nested: if
  | FOR NAME IN expr block {
      $$ = nc_stmt_for(parser, @$, $NAME, @NAME, $expr, $block);
    }
  | FOR NAME IN expr[low] RANGE expr[high] block {
      NcSpan span = nc_span_join(@low, @high);
      $$ = nc_stmt_for(parser, @$, $NAME, @NAME, nc_expr_range(parser, span, $low, $high), $block);
    }
  | FOR recovered { $$ = NULL; }
  | FOR recovered block { $$ = NULL; }
  | ASSERT expr {
      $$ = nc_stmt_new(parser, NC_STMT_ASSERT, @$);
      $$->condition = $expr;
    }
  | ASSERT expr COMMA STRING {
      $$ = nc_stmt_new(parser, NC_STMT_ASSERT, @$);
      $$->condition = $expr;
      NcExprAst *message = nc_expr_new(parser, NC_AST_STRING, @STRING);
      message->text = $STRING;
      nc_vec_push(parser->arena, $$->values, message);
    }
  | ASSERT recovered { $$ = NULL; }
  | UPDATE NAME ASSIGN value {
      NcFieldAst target = {.name = $NAME, .name_span = @NAME, .value = $value};
      $$ = nc_stmt_one(parser, NC_STMT_UPDATE, @$, target);
    };

if: IF value block[then] {
      $$ = nc_stmt_if(parser, @$, $value, $then, (NcBlockAst){0});
    }
  | IF value block[then] ELSE block[otherwise] {
      $$ = nc_stmt_if(parser, @$, $value, $then, $otherwise);
    }
  | IF value block[then] ELSE if[chained] {
      NcBlockAst otherwise = {0};
      if ($chained)
        nc_vec_push(parser->arena, otherwise, $chained);
      $$ = nc_stmt_if(parser, @$, $value, $then, otherwise);
    }
  | IF recovered { $$ = NULL; };

values: value {
      $$ = (NcExprsAst){0};
      nc_vec_push(parser->arena, $$, $value);
    }
  | values COMMA value {
      $$ = $1;
      nc_vec_push(parser->arena, $$, $value);
    };

value: expr
  | recovered { $$ = nc_expr_new(parser, NC_AST_ERROR, @$); };

expr: pipe;

pipe: or
  | pipe PIPE or { $$ = nc_expr_binary(parser, @1, $1, NC_OP_PIPE, @2, @3, $3); };

or: and
  | or OR and { $$ = nc_expr_binary(parser, @1, $1, NC_OP_OR, @2, @3, $3); };

and: not
  | and AND not { $$ = nc_expr_binary(parser, @1, $1, NC_OP_AND, @2, @3, $3); };

not: comparison
  | NOT not[operand] { $$ = nc_expr_unary(parser, @$, NC_OP_NOT, @1, $operand); };

comparison: sum
  | comparison compare_op sum { $$ = nc_expr_binary(parser, @1, $1, $2, @2, @3, $3); };

sum: product
  | sum sum_op product { $$ = nc_expr_binary(parser, @1, $1, $2, @2, @3, $3); };

product: unary
  | product product_op unary { $$ = nc_expr_binary(parser, @1, $1, $2, @2, @3, $3); };

unary: power
  | MINUS unary[operand] { $$ = nc_expr_unary(parser, @$, NC_OP_NEG, @1, $operand); };

power: postfix
  | postfix CARET unary { $$ = nc_expr_binary(parser, @1, $1, NC_OP_POW, @2, @3, $3); };

compare_op: EQ { $$ = NC_OP_EQ; }
  | NE { $$ = NC_OP_NE; }
  | LT { $$ = NC_OP_LT; }
  | LE { $$ = NC_OP_LE; }
  | GT { $$ = NC_OP_GT; }
  | GE { $$ = NC_OP_GE; };

sum_op: PLUS { $$ = NC_OP_ADD; }
  | MINUS { $$ = NC_OP_SUB; };

product_op: STAR { $$ = NC_OP_MUL; }
  | SLASH { $$ = NC_OP_DIV; }
  | AT { $$ = NC_OP_MATMUL; };

postfix: primary
  | postfix[callee] CALL args RPAREN {
      nc_check_args(parser, &$args);
      $$ = nc_expr_apply(parser, NC_AST_CALL, @$, $callee, $args);
    }
  | postfix[callee] INDEX indices RSQUARE {
      $$ = nc_expr_apply(parser, NC_AST_INDEX, @$, $callee, $indices);
    }
  | postfix[object] DOT NAME { $$ = nc_expr_member(parser, @$, $object, $NAME, @NAME); };

primary: NAME {
      $$ = nc_expr_new(parser, NC_AST_NAME, @$);
      $$->text = $NAME;
    }
  | INT {
      $$ = nc_expr_new(parser, NC_AST_INT, @$);
      $$->integer = $INT;
    }
  | FLOAT {
      $$ = nc_expr_new(parser, NC_AST_FLOAT, @$);
      $$->number = $FLOAT;
    }
  | TRUE {
      $$ = nc_expr_new(parser, NC_AST_BOOL, @$);
      $$->integer = 1;
    }
  | FALSE { $$ = nc_expr_new(parser, NC_AST_BOOL, @$); }
  | STRING {
      $$ = nc_expr_new(parser, NC_AST_STRING, @$);
      $$->text = $STRING;
    }
  | LPAREN expr RPAREN { $$ = $expr; }
  | LPAREN recovered RPAREN { $$ = nc_expr_new(parser, NC_AST_ERROR, @$); }
  | LSQUARE elements RSQUARE { $$ = nc_expr_apply(parser, NC_AST_LIST, @$, NULL, $elements); };

args: %empty { $$ = (NcArgsAst){0}; }
  | arg_list
  | arg_list COMMA
  | recovered {
      $$ = (NcArgsAst){0};
      NcArgAst arg = {.value = nc_expr_new(parser, NC_AST_ERROR, @$)};
      nc_vec_push(parser->arena, $$, arg);
    };

arg_list: arg {
      $$ = (NcArgsAst){0};
      nc_vec_push(parser->arena, $$, $arg);
    }
  | arg_list COMMA arg {
      $$ = $1;
      nc_vec_push(parser->arena, $$, $arg);
    };

arg: expr { $$ = (NcArgAst){.value = $expr, .name_span = NC_NOWHERE}; }
  | NAME ASSIGN expr {
      $$ = (NcArgAst){.name = $NAME, .name_span = @NAME, .value = $expr};
    };

elements: %empty { $$ = (NcArgsAst){0}; }
  | element_list
  | element_list COMMA
  | recovered {
      $$ = (NcArgsAst){0};
      NcArgAst arg = {.value = nc_expr_new(parser, NC_AST_ERROR, @$)};
      nc_vec_push(parser->arena, $$, arg);
    };

element_list: expr {
      $$ = (NcArgsAst){0};
      NcArgAst arg = {.value = $expr, .name_span = NC_NOWHERE};
      nc_vec_push(parser->arena, $$, arg);
    }
  | element_list COMMA expr {
      $$ = $1;
      NcArgAst arg = {.value = $expr, .name_span = NC_NOWHERE};
      nc_vec_push(parser->arena, $$, arg);
    };

indices: %empty { $$ = (NcArgsAst){0}; }
  | index_list
  | index_list COMMA
  | recovered {
      $$ = (NcArgsAst){0};
      NcArgAst arg = {.value = nc_expr_new(parser, NC_AST_ERROR, @$)};
      nc_vec_push(parser->arena, $$, arg);
    };

index_list: index {
      $$ = (NcArgsAst){0};
      NcArgAst arg = {.value = $index, .name_span = NC_NOWHERE};
      nc_vec_push(parser->arena, $$, arg);
    }
  | index_list COMMA index {
      $$ = $1;
      NcArgAst arg = {.value = $index, .name_span = NC_NOWHERE};
      nc_vec_push(parser->arena, $$, arg);
    };

index: expr
  | expr[low] RANGE expr[high] { $$ = nc_expr_range(parser, @$, $low, $high); }
  | expr[low] RANGE { $$ = nc_expr_range(parser, @$, $low, NULL); }
  | RANGE expr[high] { $$ = nc_expr_range(parser, @$, NULL, $high); }
  | RANGE { $$ = nc_expr_range(parser, @$, NULL, NULL); }
  | ELLIPSIS { $$ = nc_expr_new(parser, NC_AST_REST, @$); };

%%

static int nc_yylex(NC_YYSTYPE *value, NcSpan *span, NcParser *parser) {
  NcToken token = nc_lexer_next(&parser->lexer);
  *span = token.span;
  if (token.kind == NC_TOKEN_INT)
    value->integer = token.integer;
  else if (token.kind == NC_TOKEN_FLOAT)
    value->number = token.number;
  else
    value->text = token.text;
  return token.kind;
}

static int yyreport_syntax_error(const yypcontext_t *context, NcParser *parser) {
  yysymbol_kind_t kinds[YYNTOKENS];
  const char *names[YYNTOKENS];
  int count = yypcontext_expected_tokens(context, kinds, YYNTOKENS);
  for (int i = 0; i < count; i++)
    names[i] = yysymbol_name(kinds[i]);
  nc_report_syntax_error(parser, names, count);
  return 0;
}

// Called by the parser only when its stack is full.
static void nc_yyerror(const NcSpan *span, NcParser *parser, const char *message) {
  (void)message;
  if (!parser->lexer.stopped)
    nc_diag_error(parser->diags, "E0009", *span, "operators nest too deeply");
  parser->lexer.stopped = true;
}
