// Kernel IR: building and printing.
#include "kernel/kir.h"

#include <assert.h>
#include <inttypes.h>

NcKIndex nc_k_constant(int64_t value) { return (NcKIndex){.constant = value}; }

NcKIndex nc_k_var(int var) {
  NcKIndex x = {.count = 1};
  x.terms[0].var = var;
  x.terms[0].coef = 1;
  return x;
}

static void add_term(NcKIndex *x, int var, int64_t coef) {
  for (int i = 0; i < x->count; i++) {
    if (x->terms[i].var != var)
      continue;
    x->terms[i].coef += coef;
    if (x->terms[i].coef == 0)
      x->terms[i] = x->terms[--x->count];
    return;
  }
  if (coef == 0)
    return;
  assert(x->count < NC_K_MAX_TERMS);
  x->terms[x->count].var = var;
  x->terms[x->count++].coef = coef;
}

NcKIndex nc_k_add(NcKIndex a, NcKIndex b) {
  a.constant += b.constant;
  for (int i = 0; i < b.count; i++)
    add_term(&a, b.terms[i].var, b.terms[i].coef);
  return a;
}

NcKIndex nc_k_scale(NcKIndex a, int64_t factor) {
  if (factor == 0)
    return nc_k_constant(0);
  a.constant *= factor;
  for (int i = 0; i < a.count; i++)
    a.terms[i].coef *= factor;
  return a;
}

NcKExpr *nc_k_expr(NcArena *arena, int kind, NcDtype dtype, int lanes) {
  NcKExpr *x = NC_NEW(arena, NcKExpr);
  x->kind = kind;
  x->dtype = dtype;
  x->lanes = lanes;
  return x;
}

static const char *const fold_names[] = {"none", "sum", "max", "min", "argmax"};

static void print_var(NcText *t, int var) {
  static const char *const fixed[] = {"n0", "n1", "s0", "s1"};
  if (var < NC_K_FIRST_LOOP)
    nc_text_append(t, fixed[var]);
  else
    nc_text_printf(t, "i%d", var - NC_K_FIRST_LOOP);
}

static void print_lanes(NcText *t, int64_t lane_stride, int lanes, int active) {
  if (lanes == 1 || lane_stride == 0)
    return;
  nc_text_printf(t, " : %d", lanes);
  if (active)
    nc_text_printf(t, " of %d", active);
  if (lane_stride != 1)
    nc_text_printf(t, " step %" PRId64, lane_stride);
}

static void print_index(NcText *t, NcKIndex x) {
  bool first = true;
  for (int i = 0; i < x.count; i++) {
    int64_t coef = x.terms[i].coef;
    nc_text_append(t, first ? (coef < 0 ? "-" : "") : coef < 0 ? " - " : " + ");
    int64_t size = coef < 0 ? -coef : coef;
    if (size != 1)
      nc_text_printf(t, "%" PRId64 "*", size);
    print_var(t, x.terms[i].var);
    first = false;
  }
  if (first)
    nc_text_printf(t, "%" PRId64, x.constant);
  else if (x.constant)
    nc_text_printf(t, " %c %" PRId64, x.constant < 0 ? '-' : '+',
                   x.constant < 0 ? -x.constant : x.constant);
}

static void print_type(NcText *t, NcDtype dtype, int lanes) {
  nc_text_append(t, nc_dtype_name(dtype));
  if (lanes > 1)
    nc_text_printf(t, "x%d", lanes);
}

static void print_expr(NcText *t, const NcKExpr *x);

static void print_call(NcText *t, const char *name, const NcKExpr *x) {
  nc_text_printf(t, "%s(", name);
  for (int i = 0; i < 3 && x->args[i]; i++) {
    nc_text_append(t, i ? ", " : "");
    print_expr(t, x->args[i]);
  }
  nc_text_append(t, ")");
}

static void print_infix(NcText *t, const char *sign, const NcKExpr *x) {
  nc_text_append(t, "(");
  print_expr(t, x->args[0]);
  nc_text_printf(t, " %s ", sign);
  print_expr(t, x->args[1]);
  nc_text_append(t, ")");
}

static void print_load(NcText *t, const NcKExpr *x) {
  nc_text_printf(t, "b%d[", x->buffer);
  print_index(t, x->index);
  print_lanes(t, x->lane_stride, x->lanes, x->active);
  if (x->loaded) {
    nc_text_printf(t, " + %" PRId64 "*", x->loaded_scale);
    print_expr(t, x->loaded);
  }
  nc_text_append(t, "]");
}

static void print_expr(NcText *t, const NcKExpr *x) {
  switch (x->kind) {
  case NC_X_CONST:
    if (nc_dtype_is_float(x->dtype))
      nc_text_float(t, x->value, x->dtype == NC_F32);
    else
      nc_text_printf(t, "%" PRId64, x->integer);
    nc_text_printf(t, "%s",
                   x->dtype == NC_F32 || x->dtype == NC_I64 ? "" : nc_dtype_name(x->dtype));
    break;
  case NC_X_LOAD:
    print_load(t, x);
    break;
  case NC_X_INDEX:
    nc_text_append(t, "index(");
    print_index(t, x->index);
    print_lanes(t, x->lane_stride, x->lanes, 0);
    nc_text_append(t, ")");
    break;
  case NC_X_FRAME:
    nc_text_append(t, nc_frame_name(x->frame));
    break;
  case NC_X_GIVEN:
    nc_text_printf(t, "g%d", x->local);
    break;
  case NC_K_LOCAL:
    nc_text_printf(t, "v%d[", x->local);
    print_index(t, x->index);
    nc_text_append(t, "]");
    break;
  case NC_K_TEMP:
    nc_text_printf(t, "t%d", x->local);
    break;
  case NC_K_SPLAT:
    print_call(t, "splat", x);
    break;
  case NC_K_FMA:
    print_call(t, "fma", x);
    break;
  case NC_K_FOLD:
    nc_text_append(t, "fold_");
    print_call(t, fold_names[x->fold], x);
    break;
  case NC_K_MASK:
    print_call(t, "mask", x);
    break;
  case NC_X_CAST:
    print_type(t, x->dtype, x->lanes);
    print_call(t, "", x);
    break;
  case NC_K_SHL:
    print_infix(t, "<<", x);
    break;
  case NC_K_BITS:
    nc_text_append(t, "as_");
    print_type(t, x->dtype, x->lanes);
    print_call(t, "", x);
    break;
  default:
    if (x->args[1] && !x->args[2] && x->kind != NC_X_MAX && x->kind != NC_X_MIN &&
        x->kind != NC_X_POW && x->kind != NC_X_MULHI)
      print_infix(t, nc_x_name(x->kind), x);
    else
      print_call(t, nc_x_name(x->kind), x);
  }
}

static void indent(NcText *t, int depth) { nc_text_printf(t, "%*s", depth * 2, ""); }

static void print_block(NcText *t, const NcKBlock *block, int depth);

static void print_for(NcText *t, const NcKStmt *s, int depth) {
  nc_text_append(t, s->unroll ? "unroll for " : "for ");
  print_var(t, s->var);
  nc_text_append(t, " in ");
  if (s->continues >= 0)
    print_var(t, s->continues);
  else
    print_index(t, s->low);
  nc_text_append(t, "..");
  print_index(t, s->high);
  if (s->step != 1)
    nc_text_printf(t, " step %" PRId64, s->step);
  nc_text_append(t, " {\n");
  print_block(t, &s->body, depth + 1);
  indent(t, depth);
  nc_text_append(t, "}\n");
}

static void print_each(NcText *t, const NcKStmt *s, int depth) {
  nc_text_append(t, "for ");
  print_var(t, s->var);
  nc_text_append(t, " in bits of ");
  print_expr(t, s->value);
  if (s->step > 1)
    nc_text_printf(t, " step %" PRId64 " to %" PRId64, s->step, s->high.constant);
  nc_text_append(t, " {\n");
  print_block(t, &s->body, depth + 1);
  indent(t, depth);
  nc_text_append(t, "}\n");
}

static void print_stmt(NcText *t, const NcKStmt *s, int depth) {
  indent(t, depth);
  switch (s->kind) {
  case NC_K_FOR:
    print_for(t, s, depth);
    return;
  case NC_K_EACH:
    print_each(t, s, depth);
    return;
  case NC_K_BIND:
    nc_text_append(t, "let ");
    print_var(t, s->var);
    nc_text_append(t, " = ");
    break;
  case NC_K_SET:
    nc_text_printf(t, "v%d[", s->local);
    print_index(t, s->index);
    nc_text_append(t, "] = ");
    break;
  case NC_K_LET:
    nc_text_printf(t, "let t%d = ", s->local);
    break;
  case NC_K_CHECK:
    nc_text_printf(t, "check node g%d, sample (", s->local);
    print_index(t, s->index);
    print_lanes(t, s->lane_stride, s->value->lanes, s->active);
    nc_text_printf(t, ") / %" PRId64 ": ", s->step);
    print_expr(t, s->condition);
    nc_text_append(t, " for ");
    break;
  case NC_K_STORE:
    nc_text_printf(t, "b%d[", s->buffer);
    print_index(t, s->index);
    print_lanes(t, s->lane_stride, s->value->lanes, s->active);
    nc_text_append(t, "] = ");
    break;
  }
  print_expr(t, s->value);
  nc_text_append(t, "\n");
}

static void print_block(NcText *t, const NcKBlock *block, int depth) {
  for (int i = 0; i < block->count; i++)
    print_stmt(t, block->items[i], depth);
}

void nc_kernel_print(NcText *t, const NcKernel *kernel, bool with_name) {
  nc_text_printf(t, "kernel %s(n0, n1, s0, s1: i64", with_name ? kernel->name : "_");
  for (int i = 0; i < kernel->buffers.count; i++)
    nc_text_printf(t, ", b%d: %s%s", i, kernel->buffers.items[i].written ? "var " : "",
                   nc_dtype_name(kernel->buffers.items[i].dtype));
  for (int i = 0; i < kernel->given.count; i++)
    nc_text_printf(t, ", g%d: i64", i);
  nc_text_append(t, ") {\n");
  for (int i = 0; i < kernel->locals.count; i++) {
    nc_text_printf(t, "  var v%d: ", i);
    print_type(t, kernel->locals.items[i].dtype, kernel->locals.items[i].lanes);
    nc_text_printf(t, "[%d]\n", kernel->locals.items[i].count);
  }
  print_block(t, &kernel->body, 1);
  nc_text_append(t, "}\n");
}
