// Arithmetic at compile time: integers exact in N, floats, bools, lists.
#include "sema/sema.h"

#include <math.h>
#include <string.h>

static NcValue *overflow(NcSema *s, const NcSite *site) {
  return nc_sema_fail(s, "E0214", site->span, "this integer does not fit 64 bits");
}

static NcValue *add(NcSema *s, const NcSite *site, NcDim a, NcDim b, bool subtract) {
  NcDim sum;
  bool lost =
      subtract
          ? __builtin_sub_overflow(a.n, b.n, &sum.n) | __builtin_sub_overflow(a.c, b.c, &sum.c)
          : __builtin_add_overflow(a.n, b.n, &sum.n) | __builtin_add_overflow(a.c, b.c, &sum.c);
  return lost ? overflow(s, site) : nc_value_dim(s->arena, sum);
}

// (x*N + y) * c
static bool scale(NcDim a, int64_t c, NcDim *product) {
  return !__builtin_mul_overflow(a.n, c, &product->n) &&
         !__builtin_mul_overflow(a.c, c, &product->c);
}

static NcValue *multiply(NcSema *s, const NcSite *site, NcDim a, NcDim b) {
  NcDim product;
  if (a.n != 0 && b.n != 0)
    return nc_sema_fail(s, "E0214", site->span,
                        "a product of N with N is not known at compile time");
  if (a.n == 0 ? !scale(b, a.c, &product) : !scale(a, b.c, &product))
    return overflow(s, site);
  return nc_value_dim(s->arena, product);
}

static NcValue *by_zero(NcSema *s, const NcSite *site) {
  return nc_sema_fail(s, "E0214", site->spans[1], "division by zero");
}

// Exact quotients stay integers. 1/3 is a float, which no dimension can be; with N left over the
// graph divides.
static NcValue *divide(NcSema *s, const NcSite *site, NcDim a, NcDim b) {
  if (b.n == 0 && b.c == 0)
    return by_zero(s, site);
  if (a.n == 0 && b.n == 0) {
    if (b.c == -1)
      return add(s, site, nc_dim(0), a, true);
    return a.c % b.c == 0 ? nc_value_int(s->arena, a.c / b.c)
                          : nc_value_float(s->arena, (double)a.c / (double)b.c);
  }
  if (b.n == 0 && b.c > 0 && a.n % b.c == 0 && a.c % b.c == 0)
    return nc_value_dim(s->arena, (NcDim){a.n / b.c, a.c / b.c});
  if (b.n > 0 && a.n % b.n == 0) {
    int64_t factor = a.n / b.n;
    NcDim product;
    if (scale(b, factor, &product) && nc_dim_equal(product, a))
      return nc_value_int(s->arena, factor);
  }
  return NULL;
}

static NcValue *integer_power(NcSema *s, const NcSite *site, int64_t base, int64_t exponent) {
  if (exponent < 0)
    return base == 0 ? by_zero(s, site)
                     : nc_value_float(s->arena, pow((double)base, (double)exponent));
  int64_t result = 1;
  for (; exponent; exponent >>= 1) {
    if ((exponent & 1) && __builtin_mul_overflow(result, base, &result))
      return overflow(s, site);
    if (exponent > 1 && __builtin_mul_overflow(base, base, &base))
      return overflow(s, site);
  }
  return nc_value_int(s->arena, result);
}

static NcValue *compare(NcSema *s, NcAstOp op, double a, double b) {
  switch (op) {
  case NC_OP_EQ:
    return nc_value_bool(s->arena, a == b);
  case NC_OP_NE:
    return nc_value_bool(s->arena, a != b);
  case NC_OP_LT:
    return nc_value_bool(s->arena, a < b);
  case NC_OP_LE:
    return nc_value_bool(s->arena, a <= b);
  case NC_OP_GT:
    return nc_value_bool(s->arena, a > b);
  case NC_OP_GE:
    return nc_value_bool(s->arena, a >= b);
  default:
    return NULL;
  }
}

// Integers compare by their difference's sign, exactly.
static NcValue *compare_integers(NcSema *s, NcAstOp op, NcDim a, NcDim b) {
  return a.n == b.n ? compare(s, op, (a.c > b.c) - (a.c < b.c), 0) : NULL;
}

static NcValue *integers(NcSema *s, NcAstOp op, const NcSite *site, NcDim a, NcDim b) {
  switch (op) {
  case NC_OP_ADD:
    return add(s, site, a, b, false);
  case NC_OP_SUB:
    return add(s, site, a, b, true);
  case NC_OP_MUL:
    return multiply(s, site, a, b);
  case NC_OP_DIV:
    return divide(s, site, a, b);
  case NC_OP_POW:
    return a.n == 0 && b.n == 0 ? integer_power(s, site, a.c, b.c) : NULL;
  default:
    return compare_integers(s, op, a, b);
  }
}

static NcValue *floats(NcSema *s, NcAstOp op, const NcSite *site, double a, double b) {
  switch (op) {
  case NC_OP_ADD:
    return nc_value_float(s->arena, a + b);
  case NC_OP_SUB:
    return nc_value_float(s->arena, a - b);
  case NC_OP_MUL:
    return nc_value_float(s->arena, a * b);
  case NC_OP_DIV:
    return b == 0 ? by_zero(s, site) : nc_value_float(s->arena, a / b);
  case NC_OP_POW:
    return nc_value_float(s->arena, pow(a, b));
  default:
    return compare(s, op, a, b);
  }
}

static NcValue *bools(NcSema *s, NcAstOp op, bool a, bool b) {
  switch (op) {
  case NC_OP_AND:
    return nc_value_bool(s->arena, a && b);
  case NC_OP_OR:
    return nc_value_bool(s->arena, a || b);
  case NC_OP_EQ:
    return nc_value_bool(s->arena, a == b);
  case NC_OP_NE:
    return nc_value_bool(s->arena, a != b);
  default:
    return NULL;
  }
}

// Doubling a list a few dozen times would fill any memory.
#define LONGEST_LIST 65536

static NcValue *join(NcSema *s, const NcSite *site, const NcValue *a, const NcValue *b) {
  if (a->items.count + b->items.count > LONGEST_LIST)
    return nc_sema_fail(s, "E0214", site->span, "a list has at most %d items", LONGEST_LIST);
  NcValue *list = nc_value_list(s->arena, NC_VALUE_LIST);
  for (int i = 0; i < a->items.count; i++)
    nc_vec_push(s->arena, list->items, a->items.items[i]);
  for (int i = 0; i < b->items.count; i++)
    nc_vec_push(s->arena, list->items, b->items.items[i]);
  return list;
}

static bool is_scalar_constant(const NcValue *value) {
  return value->kind == NC_VALUE_FLOAT || nc_value_is_constant_int(value);
}

// Words and dtypes are only equal or not; a word equals no value of another kind.
static NcValue *identities(NcSema *s, NcAstOp op, const NcValue *a, const NcValue *b) {
  bool option = a->kind == NC_VALUE_OPTION || b->kind == NC_VALUE_OPTION;
  if (op != NC_OP_EQ && op != NC_OP_NE)
    return NULL;
  bool equal = a->kind == b->kind;
  if (equal && option)
    equal = strcmp(a->text, b->text) == 0;
  else if (equal && a->kind == NC_VALUE_DTYPE)
    equal = a->dtype == b->dtype;
  else if (!option)
    return NULL;
  return nc_value_bool(s->arena, equal == (op == NC_OP_EQ));
}

NcValue *nc_sema_fold(NcSema *s, NcAstOp op, const NcSite *site, const NcValue *a,
                      const NcValue *b) {
  if (a->kind == NC_VALUE_INT && b->kind == NC_VALUE_INT)
    return integers(s, op, site, a->dim, b->dim);
  if (is_scalar_constant(a) && is_scalar_constant(b))
    return floats(s, op, site, nc_value_number(a), nc_value_number(b));
  if (a->kind == NC_VALUE_BOOL && b->kind == NC_VALUE_BOOL)
    return bools(s, op, a->truth, b->truth);
  if (a->kind == NC_VALUE_LIST && b->kind == NC_VALUE_LIST && op == NC_OP_ADD)
    return join(s, site, a, b);
  return identities(s, op, a, b);
}
