// Matching: what a type in a signature or an annotation asks for, against the value that is there.
//
// Names of dimensions are bound first, over all parameters; expressions are checked after.
#include "sema/sema.h"

#include <string.h>

// Which argument gave a name its dimension.
typedef struct NcBoundDim {
  const NcValue *value;
  int axis;
  NcSpan span;
} NcBoundDim;

static NcDiag *mismatch(NcSema *s, const NcMatch *match, NcSpan span, const char *text) {
  NcDiag *diag = nc_sema_error(s, match->code, span, "%s %s", match->what, text);
  if (match->scope && s->frame->caller)
    s->pending_frame = s->frame->caller; // the argument is at fault, not the function's body
  return diag;
}

// In the frame that the argument stands in.
static void note_argument(NcSema *s, NcDiag *diag, const NcMatch *match, NcSpan span,
                          const NcValue *value) {
  NcFrame *own = s->frame;
  if (match->scope && own->caller)
    s->frame = own->caller;
  nc_sema_note_declared(s, diag, span, value);
  s->frame = own;
}

static void note_parameter(NcSema *s, NcDiag *diag, const NcMatch *match, const NcTypeAst *ast,
                           NcSpan span) {
  if (!match->scope)
    return;
  if (nc_sema_is_builtin(s, ast->span))
    nc_diag_note(s->diags, diag, NC_NOWHERE, "%s has the type %s", match->what,
                 nc_sema_quote(s, ast->span));
  else
    nc_sema_note(s, diag, span, "%s is declared %s", match->what, nc_sema_quote(s, ast->span));
}

static bool fits_rank(const NcTypeAst *ast, int rank) {
  return ast->ellipsis ? rank >= ast->dims.count : rank == ast->dims.count;
}

static bool check_rank(NcSema *s, NcMatch *match, const NcTypeAst *ast, const NcValue *value,
                       NcSpan span) {
  int rank = value->node->type.rank;
  if (fits_rank(ast, rank))
    return true;
  bool annotation = !match->scope;
  NcDiag *diag = mismatch(s, match, annotation ? ast->span : span,
                          nc_arena_printf(s->arena, "must have %s%d dimension%s, but has %d",
                                          ast->ellipsis ? "at least " : "", ast->dims.count,
                                          ast->dims.count == 1 ? "" : "s", rank));
  nc_sema_label_value(s, diag, span, value);
  note_parameter(s, diag, match, ast, ast->span);
  note_argument(s, diag, match, span, value);
  return false;
}

static bool is_free(const NcMatch *match, const char *name) {
  if (nc_map_get(&match->scope->names, name))
    return false;
  const NcSymbol *symbol = nc_scope_find(match->scope->parent, name);
  return !symbol || symbol->kind != NC_SYMBOL_CONST;
}

// `_` fits every dimension.
static bool is_open(const NcExprAst *dim) {
  return dim->kind == NC_AST_NAME && strcmp(dim->text, "_") == 0;
}

static void bind_name(NcSema *s, NcMatch *match, const NcExprAst *dim, const NcValue *value,
                      int axis, NcSpan span) {
  if (dim->kind != NC_AST_NAME || is_open(dim) || !is_free(match, dim->text))
    return;
  NcSymbol *symbol = nc_scope_add(s, match->scope, NC_SYMBOL_VALUE, dim->text, dim->span);
  symbol->value = nc_value_dim(s->arena, value->node->type.dims[axis]);
  NcBoundDim *bound = NC_NEW(s->arena, NcBoundDim);
  *bound = (NcBoundDim){value, axis, span};
  nc_map_set(&match->bound, dim->text, bound);
}

bool nc_sema_match_names(NcSema *s, NcMatch *match, const NcTypeAst *ast, const NcValue *value,
                         NcSpan span) {
  if (!ast->has_dims || value->kind != NC_VALUE_TENSOR)
    return true;
  if (!check_rank(s, match, ast, value, span))
    return false;
  int leading = value->node->type.rank - ast->dims.count;
  if (ast->ellipsis && !match->has_leading) {
    match->has_leading = true;
    match->leading_rank = leading;
    match->leading_of = value;
    match->leading_span = span;
    for (int i = 0; i < leading; i++)
      match->leading[i] = value->node->type.dims[i];
  }
  if (strcmp(ast->dtype, "float") == 0 && nc_dtype_is_float(value->node->type.dtype) &&
      !match->has_float) {
    match->has_float = true;
    match->float_dtype = value->node->type.dtype;
  }
  for (int i = 0; i < ast->dims.count; i++)
    bind_name(s, match, ast->dims.items[i], value, leading + i, span);
  return true;
}

// The dtype that is asked for; with `float` and `integer` it depends on what is there.
static bool wanted_dtype(NcSema *s, const NcMatch *match, const NcTypeAst *ast, NcDtype given,
                         NcDtype *dtype) {
  if (strcmp(ast->dtype, "float") == 0) {
    *dtype = match->has_float           ? match->float_dtype
             : nc_dtype_is_float(given) ? given
                                        : s->float_dtype;
    return true;
  }
  if (strcmp(ast->dtype, "integer") == 0) {
    *dtype = nc_dtype_is_integer(given) ? given : NC_I64;
    return true;
  }
  return nc_sema_dtype(s, ast, dtype);
}

static void help_cast(NcSema *s, NcDiag *diag, const NcMatch *match, const NcTypeAst *ast,
                      const char *given, const char *wanted, NcSpan span) {
  const char *text = nc_sema_quote(s, span);
  if (match->scope)
    nc_sema_fix_wrap(s, diag, span, nc_arena_printf(s->arena, "%s(", wanted), ")",
                     "cast it: %s(%s)", wanted, text);
  else
    nc_sema_fix(s, diag, ast->dtype_span, given, "write %s, or cast the value: %s(%s)", given,
                wanted, text);
}

static NcValue *wrong_dtype(NcSema *s, NcMatch *match, const NcTypeAst *ast, const NcValue *value,
                            NcDtype wanted, NcSpan span) {
  NcDtype given = value->node->type.dtype;
  const char *name = nc_dtype_name(wanted);
  const char *asked = strcmp(ast->dtype, "integer") == 0                      ? "integers"
                      : strcmp(ast->dtype, "float") == 0 && !match->has_float ? "f32 or f64"
                                                                              : name;
  NcDiag *diag =
      mismatch(s, match, match->scope ? span : ast->dtype_span,
               nc_arena_printf(s->arena, "must be %s, but is %s", asked, nc_dtype_name(given)));
  nc_sema_label_value(s, diag, span, value);
  note_parameter(s, diag, match, ast, ast->span);
  const NcBoundDim *last = match->bound.count > 0 ? match->bound.entries[0].value : NULL;
  if (nc_dtype_is_integer(given) && match->has_leading && last &&
      value->node->type.rank == match->leading_rank)
    nc_sema_fix_wrap(
        s, diag, span, "one_hot(",
        nc_arena_printf(s->arena, ", %s)", nc_sema_dim_text(s, last->value, last->axis)),
        "one_hot(%s, %s) turns class numbers into %s", nc_sema_quote(s, span),
        nc_sema_dim_text(s, last->value, last->axis), name);
  else if (strcmp(ast->dtype, "integer") == 0 && match->has_leading &&
           value->node->type.rank == match->leading_rank + ast->dims.count + 1)
    nc_sema_fix_wrap(s, diag, span, "argmax(", ")",
                     "argmax(%s) turns one-hot labels into class numbers", nc_sema_quote(s, span));
  else if (!nc_sema_help_division(s, diag, value, name))
    help_cast(s, diag, match, ast, nc_dtype_name(given), name, span);
  return nc_value_error(s->arena);
}

static void note_bound(NcSema *s, NcDiag *diag, const NcMatch *match, const NcExprAst *dim,
                       NcDim wanted) {
  const NcBoundDim *bound =
      dim && dim->kind == NC_AST_NAME ? nc_map_get(&match->bound, dim->text) : NULL;
  if (!bound)
    return;
  nc_sema_note(s, diag, bound->span, "%s is %s, from %s: %s", dim->text,
               nc_dim_format(s->arena, wanted), nc_sema_quote(s, bound->span),
               nc_value_describe(s->arena, bound->value));
  nc_sema_note_dim(s, diag, bound->value, bound->axis);
}

static void help_fit(NcSema *s, NcDiag *diag, const NcMatch *match, const NcTypeAst *ast,
                     const NcExprAst *dim, const NcValue *value, int axis) {
  const char *type = nc_value_describe(s->arena, value);
  const NcBoundDim *bound =
      dim && dim->kind == NC_AST_NAME ? nc_map_get(&match->bound, dim->text) : NULL;
  if (bound && !nc_sema_help_declare(s, diag, value, axis, bound->value, bound->axis))
    nc_sema_help_declare(s, diag, bound->value, bound->axis, value, axis);
  if (!match->scope)
    nc_sema_fix(s, diag, ast->span, type, "the value's type is %s", type);
}

static NcValue *wrong_dim(NcSema *s, NcMatch *match, const NcTypeAst *ast, const NcExprAst *dim,
                          const NcValue *value, int axis, NcDim wanted, NcSpan span) {
  NcDim given = value->node->type.dims[axis];
  bool annotation = !match->scope && dim;
  const char *written = dim && dim->kind != NC_AST_INT && !nc_sema_is_builtin(s, dim->span)
                            ? nc_arena_printf(s->arena, " (%s)", nc_sema_quote(s, dim->span))
                            : "";
  NcDiag *diag = mismatch(s, match, annotation ? dim->span : span,
                          nc_arena_printf(s->arena, "must have %s%s in axis %d, but has %s",
                                          nc_dim_format(s->arena, wanted), written, axis,
                                          nc_dim_format(s->arena, given)));
  nc_sema_label_value(s, diag, span, value);
  if (!dim)
    nc_sema_label_value(s, diag, match->leading_span, match->leading_of);
  note_parameter(s, diag, match, ast, dim ? dim->span : ast->span);
  nc_sema_note_dim(s, diag, value, axis);
  note_bound(s, diag, match, dim, wanted);
  help_fit(s, diag, match, ast, dim, value, axis);
  return nc_value_error(s->arena);
}

// Where only sizes of 1 are missing or too many.
static void help_reshape(NcSema *s, NcDiag *diag, const NcMatch *match, const NcValue *value,
                         NcSpan span) {
  NcType wanted = {.dtype = value->node->type.dtype, .rank = match->leading_rank};
  for (int i = 0; i < wanted.rank; i++)
    wanted.dims[i] = match->leading[i];
  if (!nc_dim_equal(nc_type_elements(&wanted), nc_type_elements(&value->node->type)))
    return;
  const char *list = strchr(nc_type_format(s->arena, &wanted), '[');
  nc_sema_fix_wrap(s, diag, span, "reshape(", nc_arena_printf(s->arena, ", %s)", list),
                   "reshape(%s, %s) has the same values", nc_sema_quote(s, span), list);
}

// What `...` stands for has another number of dimensions than in the argument that bound it.
static NcValue *wrong_leading(NcSema *s, NcMatch *match, const NcTypeAst *ast, const NcValue *value,
                              NcSpan span) {
  int wanted = match->leading_rank + ast->dims.count;
  NcDiag *diag = mismatch(s, match, span,
                          nc_arena_printf(s->arena, "must have %d dimension%s, but has %d", wanted,
                                          wanted == 1 ? "" : "s", value->node->type.rank));
  nc_sema_label_value(s, diag, span, value);
  nc_sema_label_value(s, diag, match->leading_span, match->leading_of);
  note_parameter(s, diag, match, ast, ast->span);
  if (ast->dims.count == 0)
    help_reshape(s, diag, match, value, span);
  return nc_value_error(s->arena);
}

static NcValue *check_tensor(NcSema *s, NcMatch *match, const NcTypeAst *ast, NcValue *value,
                             NcSpan span) {
  const NcType *type = &value->node->type;
  NcDtype wanted;
  if (!wanted_dtype(s, match, ast, type->dtype, &wanted))
    return nc_value_error(s->arena);
  if (wanted != type->dtype)
    return wrong_dtype(s, match, ast, value, wanted, span);
  if (!check_rank(s, match, ast, value, span))
    return nc_value_error(s->arena);
  int leading = type->rank - ast->dims.count;
  if (ast->ellipsis && match->has_leading) {
    if (leading != match->leading_rank)
      return wrong_leading(s, match, ast, value, span);
    for (int i = 0; i < leading; i++)
      if (!nc_dim_equal(type->dims[i], match->leading[i]))
        return wrong_dim(s, match, ast, NULL, value, i, match->leading[i], span);
  }
  for (int i = 0; i < ast->dims.count; i++) {
    NcDim dim;
    if (is_open(ast->dims.items[i]))
      continue;
    if (!nc_sema_dim(s, ast->dims.items[i], &dim))
      return nc_value_error(s->arena);
    if (!nc_dim_equal(dim, type->dims[leading + i]))
      return wrong_dim(s, match, ast, ast->dims.items[i], value, leading + i, dim, span);
  }
  return value;
}

// A literal where a tensor is asked for: its dimensions must be bound by others.
static NcValue *check_literal(NcSema *s, NcMatch *match, const NcTypeAst *ast, NcValue *value,
                              NcSpan span) {
  NcType type = {.rank = ast->dims.count + (ast->ellipsis ? match->leading_rank : 0)};
  if (!wanted_dtype(s, match, ast, NC_BOOL, &type.dtype))
    return nc_value_error(s->arena);
  if (type.rank > NC_MAX_RANK)
    return nc_sema_fail(s, "E0208", ast->span, "a type has at most %d dimensions", NC_MAX_RANK);
  int leading = type.rank - ast->dims.count;
  for (int i = 0; i < leading; i++)
    type.dims[i] = match->leading[i];
  for (int i = 0; i < ast->dims.count; i++)
    if (!nc_sema_dim(s, ast->dims.items[i], &type.dims[leading + i]))
      return nc_value_error(s->arena);
  if (!nc_sema_check_type(s, ast->span, &type))
    return nc_value_error(s->arena);
  if (!s->graph && type.rank == 0)
    return nc_sema_fits(s, span, value, type.dtype) ? value : nc_value_error(s->arena);
  if (!nc_sema_need_graph(s, span))
    return nc_value_error(s->arena);
  nc_sema_set_origin(s, span);
  NcValue *tensor = nc_sema_literal(s, span, value, type);
  return tensor ? tensor : nc_value_error(s->arena);
}

static NcValue *check_int(NcSema *s, NcMatch *match, const NcTypeAst *ast, NcValue *value,
                          NcSpan span) {
  if (value->kind == NC_VALUE_INT)
    return value;
  NcDiag *diag = mismatch(s, match, span, "must be an integer known at compile time");
  nc_sema_label_value(s, diag, span, value);
  note_parameter(s, diag, match, ast, ast->span);
  return nc_value_error(s->arena);
}

NcValue *nc_sema_match_check(NcSema *s, NcMatch *match, const NcTypeAst *ast, NcValue *value,
                             NcSpan span) {
  if (nc_value_is_error(value))
    return value;
  if (strcmp(ast->dtype, "int") == 0 && !ast->has_dims)
    return check_int(s, match, ast, value, span);
  if (value->kind == NC_VALUE_TENSOR)
    return check_tensor(s, match, ast, value, span);
  if (nc_value_is_literal(value)) {
    NcDtype dtype;
    bool setting = match->scope && !ast->has_dims;
    if (!setting)
      return check_literal(s, match, ast, value, span);
    if (!wanted_dtype(s, match, ast, NC_BOOL, &dtype) || !nc_sema_fits(s, span, value, dtype))
      return nc_value_error(s->arena);
    return value;
  }
  NcDiag *diag = mismatch(s, match, span,
                          nc_arena_printf(s->arena, "must be a tensor or a number, but is %s",
                                          nc_value_describe(s->arena, value)));
  note_parameter(s, diag, match, ast, ast->span);
  return nc_value_error(s->arena);
}
