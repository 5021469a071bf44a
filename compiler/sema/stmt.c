// Statements of bodies, and bindings everywhere.
#include "sema/sema.h"

#include <string.h>

static NcValue *annotated(NcSema *s, const NcFieldAst *target, NcValue *value, NcSpan span) {
  if (!target->type || nc_value_is_error(value))
    return value;
  NcMatch match = {.code = "E0205",
                   .what = nc_arena_printf(s->arena, "the value of %s", target->name)};
  return nc_sema_match_check(s, &match, target->type, value, span);
}

static NcValue *result_of(const NcFieldsAst *targets, int i, NcValue *value) {
  if (nc_value_is_error(value))
    return value;
  return targets->count == 1 ? value : value->items.items[i];
}

static NcValue *check_count(NcSema *s, const NcFieldsAst *targets, NcValue *value, NcSpan span) {
  int given = value->kind == NC_VALUE_RESULTS ? value->items.count : 1;
  if (nc_value_is_error(value) || given == targets->count)
    return value;
  return nc_sema_fail(s, "E0218", span, "%d name%s bound to %d result%s", targets->count,
                      targets->count == 1 ? " is" : "s are", given, given == 1 ? "" : "s");
}

void nc_sema_bind(NcSema *s, const NcFieldsAst *targets, NcValue *value, NcSpan span, bool global) {
  value = check_count(s, targets, value, span);
  for (int i = 0; i < targets->count; i++) {
    const NcFieldAst *target = &targets->items[i];
    NcValue *item = annotated(s, target, result_of(targets, i, value), span);
    if (targets->count == 1)
      nc_sema_mark_bound(s, item);
    if (global)
      nc_sema_set_binding(s, target, item);
    else
      nc_sema_define(s, target->name, target->name_span, item);
  }
}

static void bind(NcSema *s, const NcStmtAst *stmt) {
  const NcFieldsAst *targets = &stmt->targets;
  if (targets->count == 0 || stmt->values.count == 0)
    return;
  NcPath *before = nc_sema_begin_binding(s, targets->items[0].name);
  NcValue *value = nc_sema_eval(s, stmt->values.items[0]);
  nc_sema_name_instance(s, stmt->values.items[0], value, targets->items[0].name);
  nc_sema_bind(s, targets, value, stmt->values.items[0]->span, false);
  s->frame->binding = before;
}

static NcValue *returned(NcSema *s, const NcStmtAst *stmt) {
  if (stmt->values.count == 0)
    return nc_value_error(s->arena);
  s->frame->returned = stmt->values.items[0]->span;
  if (stmt->values.count == 1)
    return nc_sema_eval(s, stmt->values.items[0]);
  NcValue *results = nc_value_list(s->arena, NC_VALUE_RESULTS);
  bool wrong = false;
  for (int i = 0; i < stmt->values.count; i++) {
    NcValue *item = nc_sema_eval(s, stmt->values.items[i]);
    wrong |= nc_value_is_error(item);
    nc_vec_push(s->arena, results->items, item);
  }
  return wrong ? nc_value_error(s->arena) : results;
}

static NcValue *branch(NcSema *s, const NcStmtAst *stmt) {
  const NcValue *condition = nc_sema_eval(s, stmt->condition);
  if (condition->kind == NC_VALUE_BOOL)
    return nc_sema_block(s, condition->truth ? &stmt->then : &stmt->otherwise);
  if (nc_value_is_error(condition))
    return nc_value_error(s->arena);
  NcDiag *diag = nc_sema_error(s, "E0212", stmt->condition->span,
                               "a condition must be known at compile time, but this is %s",
                               nc_value_describe(s->arena, condition));
  if (condition->kind == NC_VALUE_TENSOR && condition->node->type.dtype == NC_BOOL)
    nc_diag_help(s->diags, diag, "select(%s, a, b) chooses element by element",
                 nc_sema_quote(s, stmt->condition->span));
  return nc_value_error(s->arena);
}

// ---- loops

// What a loop goes through: the values of a list, or of a range as integers.
static NcValue *elements(NcSema *s, const NcExprAst *over) {
  if (over->kind != NC_AST_RANGE) {
    NcValue *list = nc_sema_eval(s, over);
    if (nc_value_is_error(list) || list->kind == NC_VALUE_LIST)
      return list;
    NcDiag *diag = nc_sema_error(s, "E0221", over->span,
                                 "a loop goes over a range or a list, but "
                                 "this is %s",
                                 nc_value_describe(s->arena, list));
    if (list->kind == NC_VALUE_INT)
      nc_diag_help(s->diags, diag, "write 0..%s", nc_sema_quote(s, over->span));
    return nc_value_error(s->arena);
  }
  int64_t low, high;
  if (!nc_sema_eval_int(s, over->args.items[0].value, "a bound", &low) ||
      !nc_sema_eval_int(s, over->args.items[1].value, "a bound", &high))
    return nc_value_error(s->arena);
  NcValue *list = nc_value_list(s->arena, NC_VALUE_LIST);
  if (high > low && (uint64_t)high - (uint64_t)low > NC_SEMA_BUDGET)
    return nc_sema_fail(s, "E0115", over->span,
                        "the program grows too large: loops are unrolled, and this one runs more "
                        "than %d times",
                        NC_SEMA_BUDGET);
  for (int64_t i = low; i < high; i++)
    nc_vec_push(s->arena, list->items, nc_value_int(s->arena, i));
  return list;
}

// One iteration has a scope of its own, and its names a number in paths.
static NcValue *iterate(NcSema *s, const NcStmtAst *stmt, NcValue *item, int number) {
  NcFrame *frame = s->frame;
  NcScope *scope = frame->scope;
  const char *suffix = frame->suffix;
  const NcFieldAst *variable = &stmt->targets.items[0];
  frame->scope = nc_scope_create(s->arena, scope);
  frame->suffix = nc_arena_printf(s->arena, "%s[%d]", suffix ? suffix : "", number);
  if (strcmp(variable->name, "_") != 0) {
    NcSymbol *symbol = nc_sema_define_local(s, variable->name, variable->name_span);
    if (symbol)
      symbol->value = item;
  }
  NcValue *returned = nc_sema_block(s, &stmt->then);
  frame->scope = scope;
  frame->suffix = suffix;
  return returned;
}

static NcValue *loop(NcSema *s, const NcStmtAst *stmt) {
  const NcValue *list = elements(s, stmt->condition);
  if (nc_value_is_error(list))
    return nc_value_error(s->arena);
  for (int i = 0; i < list->items.count && s->budget > 0; i++) {
    NcValue *returned = iterate(s, stmt, list->items.items[i], i);
    if (returned)
      return returned;
  }
  return NULL;
}

// What the user gave for the first parameter that a condition of the library names.
static const NcArg *blamed(NcSema *s, const NcExprAst *condition) {
  if (!condition)
    return NULL;
  if (condition->kind == NC_AST_NAME) {
    const NcSymbol *symbol = nc_scope_find(s->frame->scope, condition->text);
    bool users = symbol && symbol->given && !nc_sema_is_builtin(s, symbol->given->span);
    return users ? symbol->given : NULL;
  }
  const NcArg *found = NULL;
  for (int i = 0; i < condition->args.count && !found; i++)
    found = blamed(s, condition->args.items[i].value);
  return found;
}

// False after a report. What follows a broken assertion may rely on it: then an error inside of a
// condition is not the user's.
static bool assertion(NcSema *s, const NcStmtAst *stmt, bool holds) {
  const NcExprAst *expr = stmt->condition;
  s->muted += !holds;
  const NcValue *condition = nc_sema_eval(s, expr);
  s->muted -= !holds;
  const char *text = stmt->values.count > 0 ? stmt->values.items[0]->text : NULL;
  if (nc_value_is_error(condition) || (condition->kind == NC_VALUE_BOOL && condition->truth))
    return true;
  const NcArg *given = expr && nc_sema_is_builtin(s, expr->span) ? blamed(s, expr) : NULL;
  NcSpan span = given ? given->span : expr->span;
  if (condition->kind != NC_VALUE_BOOL)
    nc_sema_error(s, "E0212", span,
                  "what is asserted must be known at compile time, but this is %s",
                  nc_value_describe(s->arena, condition));
  else if (text)
    nc_sema_error(s, "E0213", span, "%s", text);
  else
    nc_sema_error(s, "E0213", span, "the assertion does not hold: %s",
                  nc_sema_quote(s, expr->span));
  return false;
}

NcValue *nc_sema_block(NcSema *s, const NcBlockAst *block) {
  bool holds = true;
  for (int i = 0; i < block->count; i++) {
    const NcStmtAst *stmt = block->items[i];
    NcValue *value = NULL;
    switch (stmt->kind) {
    case NC_STMT_BIND:
      bind(s, stmt);
      break;
    case NC_STMT_RETURN:
      value = returned(s, stmt);
      break;
    case NC_STMT_IF:
      s->depth++;
      value = branch(s, stmt);
      s->depth--;
      break;
    case NC_STMT_FOR:
      s->depth++;
      value = loop(s, stmt);
      s->depth--;
      break;
    case NC_STMT_ASSERT: // what follows relies on it, but for other assertions
      holds = assertion(s, stmt, holds) && holds;
      if (!holds && (i + 1 == block->count || block->items[i + 1]->kind != NC_STMT_ASSERT))
        value = nc_value_error(s->arena);
      break;
    case NC_STMT_PARAM:
    case NC_STMT_BUFFER:
      nc_sema_own(s, stmt);
      break;
    case NC_STMT_STATE:
    case NC_STMT_UPDATE:
      nc_sema_state_statement(s, stmt);
      break;
    }
    if (!value)
      continue;
    if (i + 1 < block->count && !nc_value_is_error(value) && stmt->kind == NC_STMT_RETURN)
      nc_sema_warn(s, "W0107", block->items[i + 1]->span, "nothing runs after return");
    return value;
  }
  return NULL;
}
