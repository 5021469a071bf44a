// Which params a path or a pattern means.
#include "sema/sema.h"

#include <string.h>

const char *nc_sema_path_of(NcSema *s, const NcExprAst *expr) {
  if (expr->kind == NC_AST_NAME)
    return expr->text;
  const char *whole = expr->kind == NC_AST_MEMBER  ? nc_sema_path_of(s, expr->args.items[0].value)
                      : expr->kind == NC_AST_INDEX ? nc_sema_path_of(s, expr->callee)
                                                   : NULL;
  if (!whole)
    return NULL;
  if (expr->kind == NC_AST_MEMBER)
    return nc_arena_printf(s->arena, "%s.%s", whole, expr->text);
  const NcExprAst *at = expr->args.count == 1 ? expr->args.items[0].value : NULL;
  if (!at || at->kind != NC_AST_INT)
    return NULL;
  return nc_arena_printf(s->arena, "%s[%lld]", whole, (long long)at->integer);
}

// `*` stands for any characters. A star is given back one character at a time, the last one only.
static bool fits_pattern(const char *pattern, const char *name) {
  const char *star = NULL, *resume = NULL;
  while (*name) {
    if (*pattern == '*') {
      star = ++pattern;
      resume = name;
    } else if (*pattern == *name) {
      pattern++;
      name++;
    } else if (star) {
      pattern = star;
      name = ++resume;
    } else {
      return false;
    }
  }
  while (*pattern == '*')
    pattern++;
  return *pattern == 0;
}

static bool is_inside(const char *path, const char *name) {
  size_t length = strlen(path);
  return strncmp(path, name, length) == 0 && (!name[length] || strchr(".[", name[length]));
}

bool nc_sema_matches(NcSema *s, const NcExprAst *params, const char *name) {
  if (params->kind == NC_AST_STRING)
    return fits_pattern(params->text, name) || is_inside(params->text, name);
  if (params->kind == NC_AST_LIST) {
    for (int i = 0; i < params->args.count; i++)
      if (nc_sema_matches(s, params->args.items[i].value, name))
        return true;
    return false;
  }
  const char *path = nc_sema_path_of(s, params);
  return path && is_inside(path, name);
}

// ---- what is named must exist

static void consider_all(NcSema *s, NcGuess *guess) {
  for (int i = 0; i < s->params.count; i++) {
    const NcParam *param = s->params.items[i];
    for (const char *dot = strchr(param->name, '.'); dot; dot = strchr(dot + 1, '.'))
      nc_sema_consider(guess, nc_arena_strndup(s->arena, param->name, (size_t)(dot - param->name)),
                       "", NC_NOWHERE);
    nc_sema_consider(guess, param->name, param->name, NC_NOWHERE);
  }
}

static void check_one(NcSema *s, const NcExprAst *expr) {
  const char *path = expr->kind == NC_AST_STRING ? expr->text : nc_sema_path_of(s, expr);
  if (expr->kind == NC_AST_ERROR || s->syntax_errors)
    return;
  for (int i = 0; i < s->params.count; i++)
    if (s->params.items[i]->kind == NC_VAR_PARAM &&
        nc_sema_matches(s, expr, s->params.items[i]->name))
      return;
  NcDiag *diag =
      nc_sema_error(s, "E0425", expr->span, "%s names no param", nc_sema_quote(s, expr->span));
  NcGuess guess = nc_sema_guess(s, path ? path : "");
  consider_all(s, &guess);
  nc_sema_suggest(&guess, diag);
  if (!path)
    nc_diag_help(s->diags, diag,
                 "write the path of a param, layer or group, or a pattern: net.conv1, \"*.bias\"");
}

static void check(NcSema *s, const NcExprAst *params) {
  if (params->kind != NC_AST_LIST) {
    check_one(s, params);
    return;
  }
  for (int i = 0; i < params->args.count; i++)
    check(s, params->args.items[i].value);
}

void nc_sema_select_params(NcSema *s, const NcTrainAst *train) {
  for (int i = 0; train->decl && i < train->decl->groups.count; i++)
    check(s, train->decl->groups.items[i].params);
  const NcExprAst *frozen = train->freeze ? train->freeze->value : NULL;
  if (!frozen)
    return;
  check(s, frozen);
  for (int i = 0; i < s->params.count; i++)
    s->params.items[i]->frozen = nc_sema_matches(s, frozen, s->params.items[i]->name);
}
