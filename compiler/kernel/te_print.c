// Tensor expressions as text. Parts that an expression uses several times are named first, so that
// the text is as long as the expression.
#include "kernel/expr.h"
#include "kernel/layout.h"
#include "kernel/tensor.h"

#include <inttypes.h>
#include <string.h>

static void print_name(NcText *t, const NcTe *te) {
  if (te->kind == NC_TE_LEAF && te->node && te->node->variable)
    nc_text_printf(t, "@%s", te->node->variable->name);
  else if (te->kind == NC_TE_LEAF && te->node)
    nc_text_printf(t, "%%%s", te->node->name);
  else
    nc_text_printf(t, "t%d", te->id);
}

static void print_affine(NcText *t, const NcAffine *a) {
  bool first = true;
  for (int i = 0; i < NC_MAX_AXES; i++) {
    int64_t coef = a->coef[i];
    if (coef == 0)
      continue;
    nc_text_append(t, first ? (coef < 0 ? "-" : "") : coef < 0 ? "-" : "+");
    int64_t size = coef < 0 ? -coef : coef;
    if (size != 1)
      nc_text_printf(t, "%" PRId64 "*", size);
    nc_text_printf(t, "i%d", i);
    first = false;
  }
  if (first)
    nc_text_printf(t, "%" PRId64, a->constant);
  else if (a->constant)
    nc_text_printf(t, "%+" PRId64, a->constant);
}

static void print_indices(NcText *t, const NcAffine *index, int rank) {
  nc_text_append(t, "[");
  for (int d = 0; d < rank; d++) {
    nc_text_append(t, d ? ", " : "");
    print_affine(t, &index[d]);
  }
  nc_text_append(t, "]");
}

static void print_expr(NcText *t, const NcExpr *x);

static void print_load(NcText *t, const NcExpr *x) {
  print_name(t, x->tensor);
  print_indices(t, x->index, x->tensor->type.rank);
  for (int i = 0; i < NC_MAX_LOADED && x->loaded[i]; i++) {
    nc_text_printf(t, "{dim %d + ", x->loaded_dim[i]);
    print_expr(t, x->loaded[i]);
    nc_text_append(t, "}");
  }
  for (int d = 0; d < x->tensor->type.rank; d++)
    if (x->steps[d] > 1)
      nc_text_printf(t, "{dim %d spaced by %" PRId64 "}", d, x->steps[d]);
  if (x->padded) {
    nc_text_append(t, "{outside ");
    nc_text_float(t, x->fill, 1);
    nc_text_append(t, "}");
  }
}

static void print_operation(NcText *t, const NcExpr *x) {
  bool infix = x->args[1] && !x->args[2] && strchr("+-*/=!<&|^>", nc_x_name((int)x->kind)[0]);
  nc_text_printf(t, "%s(",
                 infix                  ? ""
                 : x->kind == NC_X_CAST ? nc_dtype_name(x->dtype)
                                        : nc_x_name((int)x->kind));
  for (int i = 0; i < 3 && x->args[i]; i++) {
    if (i)
      nc_text_printf(t, infix ? " %s " : "%s ", infix ? nc_x_name((int)x->kind) : ",");
    print_expr(t, x->args[i]);
  }
  nc_text_append(t, ")");
}

static void print_expr(NcText *t, const NcExpr *x) {
  if (x->uses < 0) { // it has a name
    nc_text_printf(t, "e%d", -x->uses - 1);
    return;
  }
  switch (x->kind) {
  case NC_X_CONST:
    if (nc_dtype_is_float(x->dtype))
      nc_text_float(t, x->value, x->dtype == NC_F32);
    else
      nc_text_printf(t, "%" PRId64, x->integer);
    break;
  case NC_X_LOAD:
    print_load(t, x);
    break;
  case NC_X_INDEX:
    print_affine(t, &x->index[0]);
    break;
  case NC_X_FRAME:
    nc_text_append(t, nc_frame_name(x->frame));
    break;
  case NC_X_GIVEN:
    nc_text_printf(t, "given %" PRId64, x->integer);
    break;
  case NC_X_ACC:
    nc_text_append(t, "acc");
    break;
  default:
    print_operation(t, x);
  }
}

static void reset_uses(void *context, NcExpr *x) {
  (void)context;
  x->uses = 0;
}

static void count_uses(void *context, NcExpr *x) {
  (void)context;
  for (int i = 0; i < 3 && x->args[i]; i++)
    x->args[i]->uses++;
  for (int i = 0; i < NC_MAX_LOADED && x->loaded[i]; i++)
    x->loaded[i]->uses++;
}

typedef struct Names {
  NcText *text;
  int count;
} Names;

static void name_shared(void *context, NcExpr *x) {
  Names *names = context;
  if (x->uses < 2 || !x->args[0])
    return;
  nc_text_printf(names->text, "\n    let e%d = ", names->count);
  print_expr(names->text, x);
  x->uses = -++names->count;
}

// Gives names to what the expression uses more than once, operands first.
static void print_shared(Names *names, NcExpr *expr) {
  nc_expr_walk(expr, reset_uses, NULL);
  nc_expr_walk(expr, count_uses, NULL);
  nc_expr_walk(expr, name_shared, names);
}

static void print_axes(NcText *t, const NcTe *te, int first, int count) {
  for (int i = first; i < first + count; i++) {
    nc_text_printf(t, "%si%d<", i > first ? ", " : "", i);
    nc_dim_print(t, te->extents[i]);
  }
}

static void print_layout(NcText *t, const NcTe *te) {
  const NcLayout *l = te->layout;
  if (l->slack)
    nc_text_printf(t, "  slack %" PRId64, l->slack);
  if (!nc_te_has_fill(te))
    return;
  nc_text_append(t, "  halo [");
  for (int d = 0; d < te->type.rank; d++) {
    nc_text_printf(t, "%s%" PRId64 "+%" PRId64, d ? ", " : "", l->low[d], l->high[d]);
    if (l->steps[d] != 1)
      nc_text_printf(t, " by %" PRId64, l->steps[d]);
  }
  nc_text_append(t, "] of ");
  nc_text_float(t, l->fill, 1);
}

void nc_te_print(NcText *t, const NcTe *te) {
  static const char *const reduces[] = {"", "sum", "max", "min", "argmax"};
  print_name(t, te);
  nc_text_append(t, ": ");
  nc_type_print(t, &te->type);
  if (te->layout)
    print_layout(t, te);
  if (te->lead != te) {
    nc_text_append(t, "  in the loop of ");
    print_name(t, te->lead);
  }
  if (te->inner)
    nc_text_append(t, "  not stored");
  if (te->kind == NC_TE_LEAF)
    return;
  if (te->kind == NC_TE_VIEW) {
    nc_text_append(t, " = view ");
    print_name(t, te->base);
    return;
  }
  nc_text_append(t, "\n  for ");
  print_axes(t, te, 0, te->axis_count);
  Names names = {t, 0};
  print_shared(&names, te->body);
  print_shared(&names, te->where);
  print_shared(&names, te->finish);
  print_shared(&names, te->busy);
  nc_text_append(t, "\n    ");
  print_indices(t, te->store, te->type.rank);
  nc_text_append(t, " = ");
  int inner = te->axis_count + te->outer_count;
  if (te->outer_count) {
    nc_text_printf(t, "%s over ", reduces[te->outer]);
    print_axes(t, te, te->axis_count, te->outer_count);
    nc_text_append(t, " of\n      ");
  }
  if (te->reduce != NC_REDUCE_NONE) {
    nc_text_printf(t, "%s over ", reduces[te->reduce]);
    print_axes(t, te, inner, te->reduce_count - te->outer_count);
    nc_text_append(t, " of ");
  }
  print_expr(t, te->body);
  if (te->where) {
    nc_text_append(t, "\n    where ");
    print_expr(t, te->where);
  }
  if (te->finish) {
    nc_text_append(t, te->outer_count ? "\n      then " : "\n    then ");
    print_expr(t, te->finish);
  }
  if (te->quiet) {
    nc_text_append(t, "\n    or ");
    print_expr(t, te->quiet);
    nc_text_append(t, " but where ");
    print_expr(t, te->busy);
  }
  if (te->partial) {
    nc_text_append(t, "\n    elsewhere ");
    nc_text_float(t, te->fill, 1);
  }
}
