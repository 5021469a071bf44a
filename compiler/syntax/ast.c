// The tree as text: declarations and statements a line each, expressions as (operator operand…).
#include "syntax/ast.h"

const char *nc_ast_op_symbol(NcAstOp op) {
  static const char *const symbols[] = {
      [NC_OP_PIPE] = "|>", [NC_OP_OR] = "or", [NC_OP_AND] = "and",  [NC_OP_NOT] = "not",
      [NC_OP_EQ] = "==",   [NC_OP_NE] = "!=", [NC_OP_LT] = "<",     [NC_OP_LE] = "<=",
      [NC_OP_GT] = ">",    [NC_OP_GE] = ">=", [NC_OP_ADD] = "+",    [NC_OP_SUB] = "-",
      [NC_OP_MUL] = "*",   [NC_OP_DIV] = "/", [NC_OP_MATMUL] = "@", [NC_OP_NEG] = "-",
      [NC_OP_POW] = "^",
  };
  return symbols[op];
}

static void print_expr(NcText *text, const NcExprAst *expr);

static void print_string(NcText *text, const char *string) {
  nc_text_append(text, "\"");
  for (const char *at = string; *at; at++) {
    const char *escape = *at == '\n'   ? "\\n"
                         : *at == '\t' ? "\\t"
                         : *at == '"'  ? "\\\""
                         : *at == '\\' ? "\\\\"
                                       : NULL;
    if (escape)
      nc_text_append(text, escape);
    else
      nc_text_append_n(text, at, 1);
  }
  nc_text_append(text, "\"");
}

static void print_args(NcText *text, const NcArgsAst *args) {
  for (int i = 0; i < args->count; i++) {
    nc_text_append(text, " ");
    if (args->items[i].name)
      nc_text_printf(text, "%s=", args->items[i].name);
    if (args->items[i].value)
      print_expr(text, args->items[i].value);
    else
      nc_text_append(text, "_");
  }
}

// (head callee args…)
static void print_apply(NcText *text, const char *head, const NcExprAst *expr) {
  nc_text_printf(text, "(%s", head);
  if (expr->callee) {
    nc_text_append(text, " ");
    print_expr(text, expr->callee);
  }
  print_args(text, &expr->args);
  nc_text_append(text, ")");
}

static void print_expr(NcText *text, const NcExprAst *expr) {
  switch (expr->kind) {
  case NC_AST_ERROR:
    nc_text_append(text, "<error>");
    break;
  case NC_AST_INT:
    nc_text_printf(text, "%lld", (long long)expr->integer);
    break;
  case NC_AST_FLOAT:
    nc_text_float(text, expr->number, 0);
    break;
  case NC_AST_BOOL:
    nc_text_append(text, expr->integer ? "true" : "false");
    break;
  case NC_AST_STRING:
    print_string(text, expr->text);
    break;
  case NC_AST_NAME:
    nc_text_append(text, expr->text);
    break;
  case NC_AST_MEMBER:
    print_expr(text, expr->args.items[0].value);
    nc_text_printf(text, ".%s", expr->text);
    break;
  case NC_AST_CALL:
    print_apply(text, "call", expr);
    break;
  case NC_AST_INDEX:
    print_apply(text, "index", expr);
    break;
  case NC_AST_LIST:
    print_apply(text, "list", expr);
    break;
  case NC_AST_RANGE:
    print_apply(text, "..", expr);
    break;
  case NC_AST_REST:
    nc_text_append(text, "...");
    break;
  case NC_AST_UNARY:
  case NC_AST_BINARY:
    print_apply(text, nc_ast_op_symbol(expr->op), expr);
    break;
  }
}

static void print_type(NcText *text, const NcTypeAst *type) {
  nc_text_append(text, type->dtype);
  if (!type->has_dims)
    return;
  nc_text_append(text, type->ellipsis ? "[..." : "[");
  for (int i = 0; i < type->dims.count; i++) {
    nc_text_append(text, i > 0 || type->ellipsis ? ", " : "");
    print_expr(text, type->dims.items[i]);
  }
  nc_text_append(text, "]");
}

// name: type = value in low..high
static void print_field(NcText *text, const NcFieldAst *field) {
  nc_text_append(text, field->name);
  if (field->type) {
    nc_text_append(text, ": ");
    print_type(text, field->type);
  }
  if (field->value) {
    nc_text_append(text, " = ");
    print_expr(text, field->value);
  }
  if (field->low) {
    nc_text_append(text, " in ");
    print_expr(text, field->low);
    nc_text_append(text, "..");
    print_expr(text, field->high);
  }
}

static void print_indent(NcText *text, int indent) {
  for (int i = 0; i < indent; i++)
    nc_text_append(text, "  ");
}

static void print_targets(NcText *text, const NcFieldsAst *targets, const NcExprAst *value) {
  for (int i = 0; i < targets->count; i++) {
    nc_text_append(text, i ? ", " : "");
    print_field(text, &targets->items[i]);
  }
  nc_text_append(text, " = ");
  print_expr(text, value);
}

static void print_block(NcText *text, const NcBlockAst *block, int indent);

static void print_stmt(NcText *text, const NcStmtAst *stmt, int indent) {
  static const char *const words[] = {[NC_STMT_PARAM] = "param ",
                                      [NC_STMT_BUFFER] = "buffer ",
                                      [NC_STMT_STATE] = "state ",
                                      [NC_STMT_UPDATE] = "update "};
  print_indent(text, indent);
  switch (stmt->kind) {
  case NC_STMT_BIND:
    print_targets(text, &stmt->targets, stmt->values.items[0]);
    break;
  case NC_STMT_PARAM:
  case NC_STMT_BUFFER:
    nc_text_append(text, words[stmt->kind]);
    print_field(text, &stmt->targets.items[0]);
    break;
  case NC_STMT_STATE:
  case NC_STMT_UPDATE:
    nc_text_append(text, words[stmt->kind]);
    print_targets(text, &stmt->targets, stmt->values.items[0]);
    break;
  case NC_STMT_ASSERT:
    nc_text_append(text, "assert ");
    print_expr(text, stmt->condition);
    if (stmt->values.count > 0) {
      nc_text_append(text, ", ");
      print_expr(text, stmt->values.items[0]);
    }
    break;
  case NC_STMT_FOR:
    nc_text_printf(text, "for %s in ", stmt->targets.items[0].name);
    print_expr(text, stmt->condition);
    nc_text_append(text, "\n");
    print_block(text, &stmt->then, indent + 1);
    return;
  case NC_STMT_RETURN:
    nc_text_append(text, "return");
    for (int i = 0; i < stmt->values.count; i++) {
      nc_text_append(text, i ? ", " : " ");
      print_expr(text, stmt->values.items[i]);
    }
    break;
  case NC_STMT_IF:
    nc_text_append(text, "if ");
    print_expr(text, stmt->condition);
    nc_text_append(text, "\n");
    print_block(text, &stmt->then, indent + 1);
    if (stmt->otherwise.count > 0) {
      print_indent(text, indent);
      nc_text_append(text, "else\n");
      print_block(text, &stmt->otherwise, indent + 1);
    }
    return;
  }
  nc_text_append(text, "\n");
}

static void print_block(NcText *text, const NcBlockAst *block, int indent) {
  for (int i = 0; i < block->count; i++)
    print_stmt(text, block->items[i], indent);
}

static void print_fields(NcText *text, const char *kind, const NcFieldsAst *fields) {
  for (int i = 0; i < fields->count; i++) {
    nc_text_printf(text, "  %s", kind);
    print_field(text, &fields->items[i]);
    nc_text_append(text, "\n");
  }
}

static void print_function(NcText *text, const NcDeclAst *decl) {
  const char *word = decl->kind == NC_DECL_FN      ? "fn"
                     : decl->kind == NC_DECL_LAYER ? "layer"
                                                   : "optimizer";
  nc_text_printf(text, "%s %s\n", word, decl->name);
  print_fields(text, decl->has_data ? "setting " : "parameter ", &decl->fields);
  print_fields(text, "parameter ", &decl->data);
  for (int i = 0; i < decl->results.count; i++) {
    nc_text_append(text, "  result ");
    print_type(text, decl->results.items[i]);
    nc_text_append(text, "\n");
  }
  print_block(text, &decl->body, 1);
  if (decl->value) {
    nc_text_append(text, "  = ");
    print_expr(text, decl->value);
    nc_text_append(text, "\n");
  }
}

static void print_decl(NcText *text, const NcDeclAst *decl) {
  static const char *const words[] = {
      [NC_DECL_CONST] = "const",     [NC_DECL_INPUT] = "input",   [NC_DECL_PARAM] = "param",
      [NC_DECL_OUTPUT] = "output",   [NC_DECL_METRIC] = "metric", [NC_DECL_GROUP] = "param",
      [NC_DECL_DATASET] = "dataset", [NC_DECL_TRAIN] = "train",   [NC_DECL_BUFFER] = "buffer",
  };
  switch (decl->kind) {
  case NC_DECL_CONST:
  case NC_DECL_INPUT:
  case NC_DECL_PARAM:
  case NC_DECL_BUFFER:
  case NC_DECL_OUTPUT:
  case NC_DECL_METRIC:
    nc_text_printf(text, "%s ", words[decl->kind]);
    print_field(text, &decl->field);
    nc_text_append(text, "\n");
    break;
  case NC_DECL_GROUP:
  case NC_DECL_DATASET:
    nc_text_printf(text, "%s %s\n", words[decl->kind], decl->name);
    print_fields(text, "", &decl->fields);
    break;
  case NC_DECL_TRAIN:
    nc_text_append(text, "train\n");
    print_fields(text, "", &decl->fields);
    for (int i = 0; i < decl->groups.count; i++) {
      nc_text_append(text, "  group ");
      print_expr(text, decl->groups.items[i].params);
      nc_text_append(text, "\n");
      print_fields(text, "  ", &decl->groups.items[i].fields);
    }
    break;
  case NC_DECL_IMPORT:
    nc_text_append(text, "import ");
    print_string(text, decl->path);
    nc_text_append(text, "\n");
    break;
  case NC_DECL_STMT:
    print_stmt(text, decl->stmt, 0);
    break;
  case NC_DECL_FN:
  case NC_DECL_LAYER:
  case NC_DECL_OPTIMIZER:
    print_function(text, decl);
    break;
  case NC_DECL_SPLIT:
    nc_text_append(text, "dataset ");
    print_targets(text, &decl->targets, decl->value);
    nc_text_append(text, "\n");
    break;
  case NC_DECL_BIND:
    print_targets(text, &decl->targets, decl->value);
    nc_text_append(text, "\n");
    break;
  }
}

void nc_ast_print(NcText *text, const NcFileAst *file) {
  for (int i = 0; i < file->decls.count; i++)
    print_decl(text, file->decls.items[i]);
}
