// Expressions: from the tree to values.
#include "sema/sema.h"

#include <stdio.h>

// Bounds on what a hostile file can make the compiler do. Depth counts nested expressions over all
// calls.
#define DEEPEST 1000

static NcValue *too_much(NcSema *s, const NcExprAst *expr) {
  if (s->budget > 0 && !s->too_deep)
    nc_sema_error(s, "E0113", expr->span, "expressions and calls are nested too deeply");
  s->too_deep = true;
  if (s->budget > 0)
    return nc_value_error(s->arena);
  if (s->budget == 0)
    nc_sema_fail(s, "E0115", expr->span,
                 "the program grows too large: calls are inlined, and this is the %dst expression",
                 NC_SEMA_BUDGET + 1);
  s->budget = -1; // reported once; everything that follows is silent
  return nc_value_error(s->arena);
}

static NcValue *list(NcSema *s, const NcExprAst *expr) {
  NcValue *result = nc_value_list(s->arena, NC_VALUE_LIST);
  bool wrong = false;
  for (int i = 0; i < expr->args.count; i++) {
    NcValue *item = nc_sema_eval(s, expr->args.items[i].value);
    wrong |= nc_value_is_error(item);
    NcValue *copy = NC_NEW(s->arena, NcValue); // the same value may stand elsewhere
    *copy = *item;
    copy->written = expr->args.items[i].value->span;
    nc_vec_push(s->arena, result->items, copy);
  }
  return wrong ? nc_value_error(s->arena) : result;
}

static NcValue *binary(NcSema *s, const NcExprAst *expr) {
  const NcExprAst *left = expr->args.items[0].value, *right = expr->args.items[1].value;
  if (expr->op == NC_OP_PIPE) {
    bool chain = left->kind == NC_AST_BINARY && left->op == NC_OP_PIPE;
    const NcExprAst *stage = chain ? left->args.items[1].value : left;
    NcArg piped = {.span = stage->span, .value = nc_sema_eval(s, left)};
    return nc_sema_call_expr(s, right, &piped);
  }
  NcValue *a = nc_sema_eval(s, left), *b = nc_sema_eval(s, right);
  NcSpan spans[] = {left->span, right->span};
  NcSite site = {nc_ast_op_symbol(expr->op), expr->span, 2, spans};
  return nc_sema_binary(s, expr->op, &site, a, b);
}

static NcValue *unary(NcSema *s, const NcExprAst *expr) {
  const NcExprAst *operand = expr->args.items[0].value;
  NcSite site = {nc_ast_op_symbol(expr->op), expr->span, 1, &operand->span};
  return nc_sema_unary(s, expr->op, &site, nc_sema_eval(s, operand));
}

static NcValue *item(NcSema *s, const NcExprAst *expr) {
  NcValue *whole = nc_sema_eval(s, expr->callee);
  if (nc_value_is_error(whole))
    return whole;
  if (whole->kind == NC_VALUE_TENSOR)
    return nc_sema_slice(s, expr, whole);
  if (whole->kind == NC_VALUE_LIST)
    return nc_sema_list_item(s, expr, whole);
  return nc_sema_fail(s, "E0210", expr->span,
                      "only tensors and lists can be indexed, but this is %s",
                      nc_value_describe(s->arena, whole));
}

bool nc_sema_eval_int(NcSema *s, const NcExprAst *expr, const char *what, int64_t *result) {
  const NcValue *value = nc_sema_eval(s, expr);
  if (nc_value_is_error(value))
    return false;
  if (!nc_value_is_constant_int(value)) {
    nc_sema_error(s, "E0210", expr->span,
                  "%s must be an integer known at compile time, but this is %s", what,
                  nc_value_describe(s->arena, value));
    return false;
  }
  *result = value->dim.c;
  return true;
}

static NcValue *evaluate(NcSema *s, const NcExprAst *expr) {
  NcValue *fetched = nc_sema_fetch_path(s, expr);
  if (fetched)
    return fetched;
  switch (expr->kind) {
  case NC_AST_ERROR:
    return nc_value_error(s->arena);
  case NC_AST_INT:
    return nc_value_int(s->arena, expr->integer);
  case NC_AST_FLOAT:
    return nc_value_float(s->arena, expr->number);
  case NC_AST_BOOL:
    return nc_value_bool(s->arena, expr->integer != 0);
  case NC_AST_STRING:
    return nc_value_text(s->arena, NC_VALUE_STRING, expr->text);
  case NC_AST_NAME:
    return nc_sema_name(s, expr->text, expr->span);
  case NC_AST_MEMBER:
    return nc_sema_member(s, expr);
  case NC_AST_CALL:
    return nc_sema_call_expr(s, expr, NULL);
  case NC_AST_INDEX:
    return item(s, expr);
  case NC_AST_LIST:
    return list(s, expr);
  case NC_AST_RANGE:
  case NC_AST_REST:
    break; // stand in indices and loops, which read them
  case NC_AST_UNARY:
    return unary(s, expr);
  case NC_AST_BINARY:
    return binary(s, expr);
  }
  return nc_value_error(s->arena);
}

NcValue *nc_sema_eval(NcSema *s, const NcExprAst *expr) {
  if (!expr)
    return nc_value_error(s->arena);
  if (s->depth >= DEEPEST || s->budget <= 0)
    return too_much(s, expr);
  s->depth++;
  s->budget--;
  NcValue *value = evaluate(s, expr);
  s->depth--;
  return value;
}
