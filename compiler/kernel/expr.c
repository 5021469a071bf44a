// Walking and rewriting scalar expressions.
#include "kernel/expr.h"

#include <string.h>

// What a walk goes through: all, all but what finds the places of loads, or only what loads.
typedef enum Part { ALL, ARITHMETIC, LOADS } Part;

// A set of visited nodes with the image of each: a hash table on addresses.
typedef struct Memo {
  NcArena *arena; // NULL while the first table, on the stack, is enough
  NcExpr **keys, **values;
  int capacity, count; // the first a power of two
  Part part;
} Memo;

enum { FIRST_CAPACITY = 64 };

typedef struct FirstTable {
  NcExpr *keys[FIRST_CAPACITY], *values[FIRST_CAPACITY];
} FirstTable;

static Memo open_memo(FirstTable *first) {
  memset(first->keys, 0, sizeof first->keys);
  return (Memo){.keys = first->keys, .values = first->values, .capacity = FIRST_CAPACITY};
}

static int memo_slot(const Memo *memo, const NcExpr *key) {
  uintptr_t hash = (uintptr_t)key >> 4;
  hash *= 0x9E3779B97F4A7C15ull;
  int mask = memo->capacity - 1, slot = (int)(hash >> 40) & mask;
  while (memo->keys[slot] && memo->keys[slot] != key)
    slot = (slot + 1) & mask;
  return slot;
}

static void memo_set(Memo *memo, NcExpr *key, NcExpr *value) {
  if (memo->count * 2 >= memo->capacity) {
    Memo old = *memo;
    memo->capacity = old.capacity * 2;
    if (!memo->arena)
      memo->arena = nc_arena_create();
    memo->keys = NC_NEW_ARRAY(memo->arena, NcExpr *, memo->capacity);
    memo->values = NC_NEW_ARRAY(memo->arena, NcExpr *, memo->capacity);
    for (int i = 0; i < old.capacity; i++) {
      if (old.keys[i]) {
        int slot = memo_slot(memo, old.keys[i]);
        memo->keys[slot] = old.keys[i];
        memo->values[slot] = old.values[i];
      }
    }
  }
  int slot = memo_slot(memo, key);
  memo->keys[slot] = key;
  memo->values[slot] = value;
  memo->count++;
}

static NcExpr *memo_get(const Memo *memo, const NcExpr *key) {
  int slot = memo_slot(memo, key);
  return memo->keys[slot] ? memo->values[slot] : NULL;
}

static void walk(Memo *memo, NcExpr *x, void (*visit)(void *, NcExpr *), void *context) {
  if (!x || (memo->part == LOADS && !x->loads) || memo_get(memo, x))
    return;
  memo_set(memo, x, x);
  for (int i = 0; i < 3; i++)
    walk(memo, x->args[i], visit, context);
  for (int i = 0; i < NC_MAX_LOADED && memo->part != ARITHMETIC; i++)
    walk(memo, x->loaded[i], visit, context);
  visit(context, x);
}

static void walk_part(NcExpr *const *exprs, int count, Part part, void (*visit)(void *, NcExpr *),
                      void *context) {
  FirstTable first;
  Memo memo = open_memo(&first);
  memo.part = part;
  for (int i = 0; i < count; i++)
    walk(&memo, exprs[i], visit, context);
  nc_arena_destroy(memo.arena);
}

void nc_exprs_walk(NcExpr *const *exprs, int count, void (*visit)(void *, NcExpr *),
                   void *context) {
  walk_part(exprs, count, ALL, visit, context);
}

void nc_expr_walk(NcExpr *expr, void (*visit)(void *, NcExpr *), void *context) {
  if (expr)
    nc_exprs_walk(&expr, 1, visit, context);
}

typedef struct LoadVisit {
  void (*visit)(void *, NcExpr *);
  void *context;
} LoadVisit;

static void visit_load(void *context, NcExpr *node) {
  LoadVisit *v = context;
  if (node->kind == NC_X_LOAD)
    v->visit(v->context, node);
}

void nc_expr_loads(NcExpr *expr, void (*visit)(void *, NcExpr *), void *context) {
  if (!expr || !expr->loads)
    return;
  LoadVisit v = {visit, context};
  walk_part(&expr, 1, LOADS, visit_load, &v);
}

void nc_te_loads(const NcTe *te, void (*visit)(void *, NcExpr *), void *context) {
  nc_expr_loads(te->body, visit, context);
  nc_expr_loads(te->where, visit, context);
  nc_expr_loads(te->finish, visit, context);
  nc_expr_loads(te->busy, visit, context);
  nc_expr_loads(te->quiet, visit, context);
}

typedef struct SiblingLoads {
  const NcTe *lead;
  LoadVisit visit;
} SiblingLoads;

static void visit_other(void *context, NcExpr *load) {
  const SiblingLoads *s = context;
  if (load->tensor->lead != s->lead)
    s->visit.visit(s->visit.context, load);
}

void nc_siblings_loads(const NcTe *lead, void (*visit)(void *, NcExpr *), void *context) {
  SiblingLoads s = {lead, {visit, context}};
  for (const NcTe *te = lead; te; te = te->next)
    nc_te_loads(te, visit_other, &s);
}

NcAffine nc_affine_substitute(NcAffine affine, const NcAffine *axes) {
  NcAffine result = nc_affine_constant(affine.constant);
  for (int i = 0; i < NC_MAX_AXES; i++)
    if (affine.coef[i])
      result = nc_affine_add(result, nc_affine_scale(axes[i], affine.coef[i]));
  return result;
}

static void copy_index(const NcRewrite *r, NcExpr *copy, const NcExpr *x) {
  int rank = x->kind == NC_X_LOAD ? x->tensor->type.rank : 1;
  nc_expr_index(r->builder, copy, rank);
  for (int d = 0; d < rank; d++)
    copy->index[d] = r->axes ? nc_affine_substitute(x->index[d], r->axes) : x->index[d];
  for (int d = 0; x->steps && d < rank; d++)
    copy->steps[d] = x->steps[d];
}

static NcExpr *rewrite(const NcRewrite *r, Memo *memo, NcExpr *x) {
  if (!x)
    return NULL;
  NcExpr *done = memo_get(memo, x);
  if (done)
    return done;
  if (x->kind == NC_X_ACC && r->acc)
    return r->acc;
  if (r->from && nc_expr_is_equal(x, r->from))
    return r->to;
  NcExpr *copy = NC_NEW(r->builder->arena, NcExpr);
  *copy = *x;
  copy->loads = x->kind == NC_X_LOAD;
  for (int i = 0; i < 3; i++) {
    copy->args[i] = rewrite(r, memo, x->args[i]);
    copy->loads = copy->loads || (copy->args[i] && copy->args[i]->loads);
  }
  for (int i = 0; i < NC_MAX_LOADED; i++)
    copy->loaded[i] = rewrite(r, memo, x->loaded[i]);
  if (x->index)
    copy_index(r, copy, x);
  if (r->load && x->kind == NC_X_LOAD)
    copy = r->load(r->context, copy);
  memo_set(memo, x, copy);
  return copy;
}

static bool is_equal_load(const NcExpr *a, const NcExpr *b) {
  bool equal = a->tensor == b->tensor && a->padded == b->padded && a->fill == b->fill &&
               nc_load_is_equal(a, b);
  for (int d = 0; equal && d < a->tensor->type.rank; d++)
    equal = a->steps[d] == b->steps[d];
  for (int i = 0; equal && i < NC_MAX_LOADED; i++)
    equal = nc_expr_is_equal(a->loaded[i], b->loaded[i]) && a->loaded_dim[i] == b->loaded_dim[i];
  return equal;
}

bool nc_expr_is_equal(const NcExpr *a, const NcExpr *b) {
  if (a == b)
    return true;
  if (!a || !b || a->kind != b->kind || a->dtype != b->dtype || a->integer != b->integer ||
      a->frame != b->frame || memcmp(&a->value, &b->value, sizeof a->value) != 0)
    return false;
  if (a->kind == NC_X_LOAD)
    return is_equal_load(a, b);
  if (a->kind == NC_X_INDEX)
    return memcmp(a->index, b->index, sizeof a->index[0]) == 0;
  bool equal = true;
  for (int i = 0; equal && i < 3; i++)
    equal = nc_expr_is_equal(a->args[i], b->args[i]);
  return equal;
}

void nc_exprs_rewrite(const NcRewrite *r, NcExpr **exprs, int count) {
  FirstTable first;
  Memo memo = open_memo(&first);
  for (int i = 0; i < count; i++)
    exprs[i] = rewrite(r, &memo, exprs[i]);
  nc_arena_destroy(memo.arena);
}

NcExpr *nc_expr_rewrite(const NcRewrite *r, NcExpr *expr) {
  nc_exprs_rewrite(r, &expr, 1);
  return expr;
}

typedef struct Moves {
  const NcAffine *along; // axes that count are those with a coefficient
  bool found;
} Moves;

bool nc_affine_meets(const NcAffine *a, const NcAffine *b) {
  for (int i = 0; i < NC_MAX_AXES; i++)
    if (a->coef[i] && b->coef[i])
      return true;
  return false;
}

static void look_for_moves(void *context, NcExpr *x) {
  Moves *m = context;
  int rank = x->kind == NC_X_LOAD ? x->tensor->type.rank : x->kind == NC_X_INDEX ? 1 : 0;
  for (int d = 0; d < rank; d++)
    m->found = m->found || nc_affine_meets(&x->index[d], m->along);
}

bool nc_expr_moves_with(NcExpr *x, const NcAffine *along) {
  Moves m = {along, false};
  nc_expr_walk(x, look_for_moves, &m);
  return m.found;
}

bool nc_expr_keeps_zero(const NcExpr *x, const NcTe *zero) {
  switch (x->kind) {
  case NC_X_ACC:
    return true;
  case NC_X_CONST:
    return x->value == 0 && x->integer == 0;
  case NC_X_LOAD:
    return x->tensor == zero;
  case NC_X_SELECT:
    return nc_expr_keeps_zero(x->args[1], zero) && nc_expr_keeps_zero(x->args[2], zero);
  default:
    return false;
  }
}

static void add_arithmetic(void *context, NcExpr *x) {
  int *cost = context;
  switch (x->kind) {
  case NC_X_LOAD:
  case NC_X_CONST:
  case NC_X_INDEX:
  case NC_X_FRAME:
  case NC_X_GIVEN:
  case NC_X_ACC:
    break;
  case NC_X_EXP:
  case NC_X_LOG:
  case NC_X_TANH:
  case NC_X_SIN:
  case NC_X_COS:
  case NC_X_ERF:
  case NC_X_POW:
    *cost += 20;
    break;
  case NC_X_SQRT:
  case NC_X_DIV:
    *cost += 5;
    break;
  default:
    *cost += 1;
  }
}

static void add_cost(void *context, NcExpr *x) {
  add_arithmetic(context, x);
  if (x->kind == NC_X_LOAD && x->loaded[0])
    *(int *)context += 4; // an address of its own
}

int nc_expr_cost(NcExpr *expr) {
  int cost = 0;
  nc_expr_walk(expr, add_cost, &cost);
  return cost;
}

int nc_expr_arithmetic(NcExpr *expr) {
  int cost = 0;
  walk_part(&expr, 1, ARITHMETIC, add_arithmetic, &cost);
  return cost;
}

static void add_one(void *context, NcExpr *x) {
  (void)x;
  ++*(int *)context;
}

int nc_expr_size(NcExpr *expr) {
  int size = 0;
  nc_expr_walk(expr, add_one, &size);
  return size;
}
