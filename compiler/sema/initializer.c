// Initializers: the first values of params and states, built as nodes of the graph `initialize`.
#include "sema/sema.h"

#include "ops/build.h"

#include <inttypes.h>
#include <math.h>

#define PI 3.14159265358979323846
#define MOST_RANDOM (INT64_C(1) << 32) // numbers of one random node: they are counted in 32 bits

struct NcInitializer {
  const char *name;
  const char *params[3]; // of its settings, ended by NULL; a trailing '?' marks what may be absent
  // The first value of a variable of the type, from its two settings.
  NcNode *(*build)(NcGraph *graph, const NcInitializer *init, NcType type, int ordinal);
  double settings[2];
  bool given; // the settings
};

// Each variable owns two random tensors: numbers 2k and 2k+1.
static NcNode *random_of(NcGraph *graph, NcType type, int ordinal, int which) {
  return nc_random(graph, type, 2 * (int64_t)ordinal + which);
}

static NcNode *between(NcGraph *graph, NcType type, int ordinal, double low, double high) {
  NcNode *random = random_of(graph, type, ordinal, 0);
  return nc_add_const(graph, nc_mul_const(graph, random, high - low), low);
}

// Box and Muller: sqrt(-2 log(1 - u)) cos(2 pi v) of two uniform numbers; 1 - u is never 0.
static NcNode *gaussian(NcGraph *graph, NcType type, int ordinal, double mean, double deviation) {
  NcNode *u = random_of(graph, type, ordinal, 0), *v = random_of(graph, type, ordinal, 1);
  NcNode *positive = nc_sub(graph, nc_const(graph, 1, type), u);
  NcNode *radius = nc_sqrt(graph, nc_mul_const(graph, nc_log(graph, positive), -2));
  NcNode *angle = nc_cos(graph, nc_mul_const(graph, v, 2 * PI));
  NcNode *standard = nc_mul(graph, radius, angle);
  return nc_add_const(graph, nc_mul_const(graph, standard, deviation), mean);
}

// The product of all dimensions but one, counted from the end.
static double product_but(const NcType *type, int back) {
  double product = 1;
  for (int i = 0; i < type->rank; i++)
    if (i != type->rank - back)
      product *= (double)type->dims[i].c;
  return product;
}

static double fan_in(const NcType *type) { return product_but(type, 1); }
static double fan_out(const NcType *type) { return product_but(type, 2); }

static NcNode *constant(NcGraph *graph, const NcInitializer *init, NcType type, int ordinal) {
  (void)ordinal;
  return nc_const(graph, init->settings[0], type);
}

static NcNode *uniform(NcGraph *graph, const NcInitializer *init, NcType type, int ordinal) {
  return between(graph, type, ordinal, init->settings[0], init->settings[1]);
}

static NcNode *normal(NcGraph *graph, const NcInitializer *init, NcType type, int ordinal) {
  return gaussian(graph, type, ordinal, init->settings[0], init->settings[1]);
}

// Glorot and Bengio 2010, equation 16.
static NcNode *xavier(NcGraph *graph, const NcInitializer *init, NcType type, int ordinal) {
  (void)init;
  double bound = sqrt(6 / (fan_in(&type) + fan_out(&type)));
  return between(graph, type, ordinal, -bound, bound);
}

// He, Zhang, Ren and Sun 2015, equation 10.
static NcNode *he(NcGraph *graph, const NcInitializer *init, NcType type, int ordinal) {
  (void)init;
  return gaussian(graph, type, ordinal, 0, sqrt(2 / fan_in(&type)));
}

static const NcInitializer initializers[] = {
    {"zeros", {NULL}, constant, {0, 0}, true},
    {"ones", {NULL}, constant, {1, 0}, true},
    {"constant", {"value", NULL}, constant, {0, 0}, false},
    {"uniform", {"low", "high", NULL}, uniform, {0, 1}, false},
    {"normal", {"mean?", "std?", NULL}, normal, {0, 1}, true},
    {"xavier", {NULL}, xavier, {0, 0}, true},
    {"he", {NULL}, he, {0, 0}, true},
};

void nc_sema_add_initializers(NcSema *s) {
  for (size_t i = 0; i < sizeof initializers / sizeof *initializers; i++) {
    NcSymbol *symbol =
        nc_scope_add(s, s->builtins, NC_SYMBOL_VALUE, initializers[i].name, NC_NOWHERE);
    symbol->value = NC_NEW(s->arena, NcValue);
    symbol->value->kind = NC_VALUE_INIT;
    symbol->value->init = &initializers[i];
  }
}

NcValue *nc_sema_call_initializer(NcSema *s, const NcInitializer *init, const NcArgs *args,
                                  NcSpan span) {
  NcArg arranged[2] = {0};
  int count = init->params[0] ? init->params[1] ? 2 : 1 : 0;
  if (!nc_sema_arrange(s, init->name, args, init->params, count, span, arranged))
    return nc_value_error(s->arena);
  NcInitializer *made = NC_NEW(s->arena, NcInitializer);
  *made = *init;
  made->given = true;
  for (int i = 0; i < count; i++) {
    const NcValue *value = arranged[i].value;
    if (!value)
      continue;
    if (nc_value_is_error(value))
      return nc_value_error(s->arena);
    if (value->kind != NC_VALUE_FLOAT && !nc_value_is_constant_int(value))
      return nc_sema_fail(s, "E0210", arranged[i].span,
                          "%s: a number known at compile time is needed, but this is %s",
                          init->name, nc_value_describe(s->arena, value));
    made->settings[i] = nc_value_number(value);
  }
  NcValue *value = NC_NEW(s->arena, NcValue);
  value->kind = NC_VALUE_INIT;
  value->init = made;
  return value;
}

static NcNode *from_init(NcSema *s, const NcExprAst *expr, const NcInitializer *init, NcType type,
                         int ordinal) {
  if (!init->given) {
    NcDiag *diag = nc_sema_error(s, "E0106", expr->span, "%s needs its settings", init->name);
    nc_diag_help(s->diags, diag, "write %s(%s%s%s)", init->name, init->params[0],
                 init->params[1] ? ", " : "", init->params[1] ? init->params[1] : "");
    return NULL;
  }
  if (!nc_dtype_is_float(type.dtype) && init->build != constant) {
    nc_sema_error(s, "E0424", expr->span, "%s gives floating numbers, but the type is %s",
                  init->name, nc_type_format(s->arena, &type));
    return NULL;
  }
  NcDim elements = nc_type_elements(&type);
  if (init->build != constant && elements.c > MOST_RANDOM) {
    nc_sema_error(s, "E0208", expr->span,
                  "%s gives at most 2^32 numbers, but %s has %" PRId64 " elements", init->name,
                  nc_type_format(s->arena, &type), elements.c);
    return NULL;
  }
  return init->build(s->graph, init, type, ordinal);
}

static NcNode *from_tensor(NcSema *s, const NcExprAst *expr, NcValue *value, NcType type) {
  const NcType *given = &value->node->type;
  if (given->dtype == type.dtype && nc_sema_is_trailing(given, &type))
    return nc_broadcast_trailing(s->graph, value->node, type.rank, type.dims);
  NcDiag *diag = nc_sema_error(s, "E0424", expr->span, "the first value is %s, but the type is %s",
                               nc_value_describe(s->arena, value), nc_type_format(s->arena, &type));
  nc_sema_label_value(s, diag, expr->span, value);
  return NULL;
}

NcNode *nc_sema_initialize(NcSema *s, const NcExprAst *expr, NcType type, int ordinal) {
  NcValue *value = nc_sema_eval(s, expr);
  if (nc_value_is_error(value))
    return NULL;
  nc_sema_set_origin(s, expr->span);
  if (value->kind == NC_VALUE_INIT)
    return from_init(s, expr, value->init, type, ordinal);
  if (value->kind == NC_VALUE_TENSOR)
    return from_tensor(s, expr, value, type);
  if (nc_value_is_literal(value)) {
    NcValue *tensor = nc_sema_literal(s, expr->span, value, type);
    return tensor ? tensor->node : NULL;
  }
  NcDiag *diag = nc_sema_error(s, "E0424", expr->span, "a first value is needed, but this is %s",
                               nc_value_describe(s->arena, value));
  nc_diag_help(s->diags, diag,
               "xavier, he, zeros, ones, constant(v), uniform(low, high), "
               "normal(mean, std) and numbers are first values");
  return NULL;
}
