// The abstract syntax tree of one .net file, as the parser builds it.
#ifndef NC_SYNTAX_AST_H
#define NC_SYNTAX_AST_H

#include "base/diag.h"
#include "base/vec.h"

typedef struct NcExprAst NcExprAst;

typedef enum NcAstKind {
  NC_AST_ERROR, // what the parser could not read; was reported
  NC_AST_INT,
  NC_AST_FLOAT,
  NC_AST_BOOL,
  NC_AST_STRING,
  NC_AST_NAME,
  NC_AST_MEMBER, // args[0].name
  NC_AST_CALL,   // callee(args…); a dtype is a callee by name: f32(x)
  NC_AST_INDEX,  // callee[args…]
  NC_AST_LIST,   // [args…]
  NC_AST_RANGE,  // args[0]..args[1], in an index; where a side is left out its value is NULL
  NC_AST_REST,   // `...`, in an index
  NC_AST_UNARY,  // op args[0]
  NC_AST_BINARY, // args[0] op args[1]
} NcAstKind;

typedef enum NcAstOp {
  NC_OP_PIPE,
  NC_OP_OR,
  NC_OP_AND,
  NC_OP_NOT,
  NC_OP_EQ,
  NC_OP_NE,
  NC_OP_LT,
  NC_OP_LE,
  NC_OP_GT,
  NC_OP_GE,
  NC_OP_ADD,
  NC_OP_SUB,
  NC_OP_MUL,
  NC_OP_DIV,
  NC_OP_MATMUL,
  NC_OP_NEG,
  NC_OP_POW,
} NcAstOp;
const char *nc_ast_op_symbol(NcAstOp op); // "@"

typedef struct NcArgAst {
  const char *name; // of a named argument, else NULL
  NcSpan name_span;
  NcExprAst *value;
} NcArgAst;
typedef NC_VEC(NcArgAst) NcArgsAst;

struct NcExprAst {
  NcAstKind kind;
  NcSpan span;      // the whole expression
  NcSpan op_span;   // UNARY, BINARY: the operator; MEMBER: the member's name
  int64_t integer;  // INT; BOOL 0 or 1
  double number;    // FLOAT
  const char *text; // NAME, STRING (unescaped), MEMBER (the member's name)
  NcAstOp op;
  NcExprAst *callee; // CALL, INDEX
  NcArgsAst args;
  int depth; // 1 + the deepest operand's, at most NC_MAX_EXPR_DEPTH: recursion over a tree is safe
};
#define NC_MAX_EXPR_DEPTH 500

// f32[..., N, 7*7*32]; in parameters also a bare dtype-less kind such as `int`.
typedef struct NcTypeAst {
  NcSpan span;
  const char *dtype; // "f32", "int", or any name that stands there
  NcSpan dtype_span;
  bool has_dims; // written with brackets
  bool ellipsis; // leading `...`
  NC_VEC(NcExprAst *) dims;
} NcTypeAst;

typedef struct NcFieldAst { // a parameter of a function, a setting of an optimizer, a param, an
                            // input, a setting of a block
  const char *name;
  NcSpan name_span;
  NcTypeAst *type;       // or NULL
  NcExprAst *value;      // default or initializer, or NULL
  NcExprAst *low, *high; // `in low..high`, or NULL
} NcFieldAst;
typedef NC_VEC(NcFieldAst) NcFieldsAst;

typedef struct NcStmtAst NcStmtAst;
typedef NC_VEC(NcStmtAst *) NcBlockAst;

typedef enum NcStmtKind {
  NC_STMT_BIND,   // targets = value; several targets for several results
  NC_STMT_RETURN, // values
  NC_STMT_IF,     // condition, then, otherwise
  NC_STMT_FOR,    // for target in condition { then }; the condition is a range or a list
  NC_STMT_ASSERT, // assert condition[, values[0]]
  NC_STMT_PARAM,  // param NAME: type = value
  NC_STMT_BUFFER, // buffer NAME: type = value
  NC_STMT_STATE,  // state NAME [: type] = value (optimizers)
  NC_STMT_UPDATE, // update NAME = value
} NcStmtKind;

struct NcStmtAst {
  NcStmtKind kind;
  NcSpan span;
  NcFieldsAst targets;        // BIND: name and annotation; FOR and the kinds after it: one
  NC_VEC(NcExprAst *) values; // one; RETURN: one or more; ASSERT: a string or none
  NcExprAst *condition;       // IF, FOR, ASSERT
  NcBlockAst then, otherwise; // IF; FOR: then
};

typedef enum NcDeclKind {
  NC_DECL_CONST,     // const name [: type] [in low..high] = value
  NC_DECL_INPUT,     // input name: type [in low..high]
  NC_DECL_PARAM,     // param name: type = init
  NC_DECL_BUFFER,    // buffer name: type = value
  NC_DECL_GROUP,     // param name { fields }
  NC_DECL_FN,        // fn name(params)[(data)] [-> results] = value | { body }
  NC_DECL_LAYER,     // layer name(settings)(data) [-> results] = value | { body }
  NC_DECL_BIND,      // targets = value
  NC_DECL_OUTPUT,    // output name [= value]
  NC_DECL_METRIC,    // metric name = value
  NC_DECL_DATASET,   // dataset name { input = reader … }
  NC_DECL_SPLIT,     // dataset targets = value
  NC_DECL_TRAIN,     // train { setting = value … group params { setting = value … } … }
  NC_DECL_OPTIMIZER, // optimizer name(settings) { body }
  NC_DECL_IMPORT,    // import "file"
  NC_DECL_STMT,      // a statement of the top level
} NcDeclKind;

// group params { setting = value … }: the optimizer's settings for some params.
typedef struct NcGroupAst {
  NcSpan span;
  NcExprAst *params; // a path, a string with a pattern, or a list of them
  NcFieldsAst fields;
} NcGroupAst;

typedef struct NcDeclAst {
  NcDeclKind kind;
  NcSpan span;
  const char *name;
  NcSpan name_span;
  NcFieldAst field;   // CONST, INPUT, PARAM, BUFFER, OUTPUT, METRIC: name, type, value, range
  NcFieldsAst fields; // GROUP, DATASET, TRAIN: entries; FN, LAYER, OPTIMIZER: parameters
  NC_VEC(NcGroupAst) groups; // TRAIN
  NcFieldsAst data;          // LAYER, FN with two lists (has_data): the second
  bool has_data;
  NC_VEC(NcTypeAst *) results; // FN, LAYER: annotated results
  NcExprAst *value;            // FN and LAYER with `=`; BIND, SPLIT
  NcFieldsAst targets;         // BIND, SPLIT
  NcBlockAst body;             // FN and LAYER with a block (has_body), OPTIMIZER
  bool has_body;
  const char *path; // IMPORT: as written
  NcSpan path_span;
  NcStmtAst *stmt; // STMT
} NcDeclAst;

typedef struct NcFileAst {
  int file; // number in the source map
  NC_VEC(NcDeclAst *) decls;
} NcFileAst;

// Parses a file of the source map. Always gives a tree; what could not be read was reported to
// `diags` and left out; a tree with such holes is good for printing, not for sema.
NcFileAst *nc_parse(NcArena *arena, const NcSourceMap *sources, int file, NcDiags *diags);
// The tree as indented text, for `dump --stage=ast`.
void nc_ast_print(NcText *text, const NcFileAst *file);

#endif
