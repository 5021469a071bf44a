// Fusion of tensor expressions.
//
// Three moves. A map (no reduction) is inlined into the expressions that load it, when that
// computes nothing expensive twice. A reduction or a scatter whose only consumer is a map over the
// same elements takes that map as its `finish`, so bias, relu and masks are applied in the store. A
// sum whose only consumer reduces windows of it that do not overlap, as a pooling does, is reduced
// at once.
#include "kernel/fuse.h"

#include "kernel/expr.h"
#include "kernel/nest.h"

#include <string.h>

#define MAX_EXPR_SIZE 160
#define MAX_SITES 8      // different loads of one tensor in one expression that are told apart
#define MAX_WINDOW 9     // elements of windows that are reduced at once
#define TYPICAL_BATCH 64 // stands for N where costs are weighed

typedef struct Fuser {
  NcTensorGraph *graph;
  NcTeBuilder *builder;
  NcArena *arena;
  int64_t blas;
  NcTes *users; // by id: tensors whose expressions load it, or that view it; rarely twice
  bool *stored; // by id: a result or update
} Fuser;

typedef struct Uses {
  Fuser *fuser;
  NcTe *user;
} Uses;

// Lists are mostly short; of a long one, as a learning rate has, only the end is searched, and a
// tensor that stands in it twice is merely weighed twice.
static bool is_listed(const NcTes *list, const NcTe *user) {
  for (int i = list->count - 1; i >= 0 && i >= list->count - 16; i--)
    if (list->items[i] == user)
      return true;
  return false;
}

static void note_use(void *context, NcExpr *load) {
  Uses *u = context;
  NcTes *list = &u->fuser->users[load->tensor->id];
  if (!is_listed(list, u->user))
    nc_vec_push(u->fuser->arena, *list, u->user);
}

static void note_uses(Fuser *f, NcTe *te) {
  Uses u = {f, te};
  if (te->kind == NC_TE_VIEW)
    nc_vec_push(f->arena, f->users[te->base->id], te);
  nc_te_loads(te, note_use, &u);
}

static NcExpr *value_of(const NcTe *te) { return te->finish ? te->finish : te->body; }

// What the loads of one tensor in another's expressions look like.
typedef struct Sites {
  const NcTe *producer, *user;
  int count;
  double evaluations; // of the producer's expression, a stored element of it being 1
  bool inlinable, identity, in_finish;
  NcExpr *seen[MAX_SITES]; // equal loads are evaluated once
  int seen_count;
} Sites;

static double dim_size(NcDim dim) { return (double)nc_dim_value(dim, TYPICAL_BATCH); }

static double type_size(const NcType *type) {
  return (double)nc_dim_value(nc_type_elements(type), TYPICAL_BATCH);
}

static void note_site(void *context, NcExpr *load) {
  Sites *s = context;
  if (load->tensor != s->producer)
    return;
  s->count++;
  if (load->padded || load->loaded[0])
    s->inlinable = false;
  s->identity = s->identity && nc_load_is_here(load, s->user);
  for (int i = 0; i < s->seen_count; i++)
    if (nc_load_is_equal(s->seen[i], load))
      return;
  if (s->seen_count < MAX_SITES)
    s->seen[s->seen_count++] = load;
  int axes = s->user->axis_count + (s->in_finish ? 0 : s->user->reduce_count),
      pinned = nc_te_pinned(s->user);
  double points = 1;
  for (int i = 0; i < axes; i++)
    points *= i == pinned ? 1 : dim_size(s->user->extents[i]);
  s->evaluations += points / type_size(&s->producer->type);
}

static Sites find_sites(const NcTe *producer, NcTe *user) {
  Sites s = {.producer = producer, .user = user, .inlinable = true, .identity = true};
  nc_expr_loads(user->body, note_site, &s);
  nc_expr_loads(user->where, note_site, &s);
  s.in_finish = true;
  nc_expr_loads(user->finish, note_site, &s);
  return s;
}

static bool is_pure_load(const NcExpr *x) {
  return x->kind == NC_X_LOAD && !x->padded && !x->loaded[0];
}

// Whether the map is better computed where it is used than stored.
static bool should_inline(Fuser *f, NcTe *p) {
  if (!nc_te_is_map(p) || f->stored[p->id])
    return false;
  NcExpr *value = value_of(p);
  int cost = nc_expr_cost(value), size = nc_expr_size(value);
  double evaluations = 0;
  NcTes *users = &f->users[p->id];
  for (int i = 0; i < users->count; i++) {
    NcTe *user = users->items[i];
    if (user->kind != NC_TE_COMPUTE)
      return false;
    Sites s = find_sites(p, user);
    if (!s.inlinable)
      return false;
    if (nc_te_is_gemm(user, f->blas, NULL) && !is_pure_load(value))
      return false;
    if (size + nc_expr_size(user->body) + nc_expr_size(user->finish) > MAX_EXPR_SIZE)
      return false;
    evaluations += s.evaluations;
  }
  bool once = evaluations <= 1.0 + 1e-9;
  // Storing a result and loading it takes as long as few operations, and one as long as its load.
  bool cheap = (cost <= 4 && evaluations <= 3.0 + 1e-9) || (cost <= 1 && evaluations <= 8.0 + 1e-9);
  return once || cheap || cost == 0;
}

typedef struct Inline {
  Fuser *fuser;
  NcTe *producer;
  NcExpr *loads[MAX_SITES], *values[MAX_SITES]; // equal loads become one expression
  int count;
} Inline;

static NcExpr *inline_load(void *context, NcExpr *load) {
  Inline *in = context;
  if (load->tensor != in->producer)
    return load;
  for (int i = 0; i < in->count; i++)
    if (nc_load_is_equal(in->loads[i], load))
      return in->values[i];
  NcRewrite r = {.builder = in->fuser->builder, .axes = load->index};
  NcExpr *value = nc_expr_rewrite(&r, value_of(in->producer));
  if (in->count < MAX_SITES) {
    in->loads[in->count] = load;
    in->values[in->count++] = value;
  }
  return value;
}

static void inline_into(Fuser *f, NcTe *p, NcTe *user) {
  NcExpr **parts[] = {&user->body, &user->where, &user->finish};
  for (int i = 0; i < 3; i++) { // which share nothing, as they are evaluated in different places
    Inline in = {.fuser = f, .producer = p};
    NcRewrite r = {.builder = f->builder, .load = inline_load, .context = &in};
    *parts[i] = nc_expr_rewrite(&r, *parts[i]);
  }
  note_uses(f, user);
}

// The one tensor that uses `p`, or NULL.
static NcTe *only_user(Fuser *f, const NcTe *p) {
  NcTes *users = &f->users[p->id];
  NcTe *only = NULL;
  for (int i = 0; i < users->count; i++) {
    NcTe *user = users->items[i];
    if (user->kind == NC_TE_COMPUTE && find_sites(p, user).count == 0)
      continue; // an earlier rewrite removed the load
    if (only && user != only)
      return NULL;
    only = user;
  }
  return only;
}

static bool reduces_batch(const NcTe *te) {
  for (int i = 0; i < te->reduce_count; i++)
    if (te->extents[te->axis_count + i].n > 0)
      return true;
  return false;
}

static NcTe *finish_user(Fuser *f, NcTe *p) {
  bool map = p->reduce == NC_REDUCE_NONE && nc_te_stores_here(p);
  if (p->kind != NC_TE_COMPUTE || map || f->stored[p->id] || p->outer_count)
    return NULL;
  if (nc_te_is_gemm(p, f->blas, NULL))
    return NULL;
  if (reduces_batch(p) || nc_te_pinned(p) >= 0) // its value is complete only at the end
    return NULL;
  NcTe *user = only_user(f, p);
  if (!user || !nc_te_is_map(user) || user->finish || !nc_shape_equal(&user->type, &p->type))
    return NULL;
  if (p->partial && (p->fill != 0 || !nc_expr_keeps_zero(user->body, p)))
    return NULL; // what it does not reach would have to be finished, too
  Sites s = find_sites(p, user);
  if (!s.inlinable || !s.identity ||
      nc_expr_size(user->body) + nc_expr_size(p->finish) > MAX_EXPR_SIZE)
    return NULL;
  return user;
}

static NcExpr *load_to_acc(void *context, NcExpr *load) {
  Inline *in = context;
  if (load->tensor != in->producer)
    return load;
  if (in->producer->finish)
    return in->producer->finish;
  return nc_x_acc(in->fuser->builder, in->producer->type.dtype);
}

// Makes `user`, a map over the reduction `p`, the reduction with that map as its finish. The map's
// axes are the result's dimensions, which the reduction reaches by its store.
static void finish_with(Fuser *f, NcTe *p, NcTe *user) {
  Inline in = {.fuser = f, .producer = p};
  NcAffine axes[NC_MAX_AXES] = {0};
  memcpy(axes, p->store, sizeof p->store);
  NcRewrite move = {.builder = f->builder, .axes = axes};
  NcExpr *finish = nc_expr_rewrite(&move, user->body);
  NcRewrite replace = {.builder = f->builder, .load = load_to_acc, .context = &in};
  user->finish = nc_expr_rewrite(&replace, finish);
  user->source = p->source ? p->source : p->node;
  user->body = p->body;
  user->where = p->where;
  user->reduce = p->reduce;
  user->partial = p->partial;
  user->fill = p->fill;
  user->axis_count = p->axis_count;
  user->reduce_count = p->reduce_count;
  memcpy(user->extents, p->extents, sizeof p->extents);
  memcpy(user->store, p->store, sizeof p->store);
  note_uses(f, user);
}

static int64_t window_points(const NcTe *user) {
  int64_t points = 1;
  for (int i = 0; i < user->reduce_count; i++) {
    NcDim e = user->extents[user->axis_count + i];
    points *= e.n ? MAX_WINDOW + 1 : e.c;
    if (points > MAX_WINDOW)
      return points;
  }
  return points;
}

// The reduction of small windows of `p` that is its only use, and uses no element twice; or NULL.
static NcTe *window_user(Fuser *f, NcTe *p) {
  if (p->kind != NC_TE_COMPUTE || p->reduce != NC_REDUCE_SUM || f->stored[p->id] || p->where ||
      p->outer_count || !nc_te_stores_here(p) || reduces_batch(p) ||
      nc_te_is_gemm(p, f->blas, NULL))
    return NULL;
  NcTe *user = only_user(f, p);
  if (!user || user->kind != NC_TE_COMPUTE || user->reduce == NC_REDUCE_NONE ||
      user->reduce == NC_REDUCE_ARGMAX || user->finish || user->where || user->partial ||
      user->body->kind != NC_X_LOAD || window_points(user) > MAX_WINDOW ||
      user->axis_count + user->reduce_count + p->reduce_count > NC_MAX_AXES)
    return NULL;
  Sites s = find_sites(p, user);
  return s.inlinable && s.evaluations <= 1.0 + 1e-9 ? user : NULL;
}

static void reduce_windows(Fuser *f, NcTe *p, NcTe *user) {
  NcAffine axes[NC_MAX_AXES] = {0};
  memcpy(axes, user->body->index, sizeof axes[0] * (size_t)p->type.rank);
  int outer = user->reduce_count, count = user->axis_count + outer;
  for (int i = 0; i < p->reduce_count; i++) {
    axes[p->axis_count + i] = nc_affine_axis(count + i);
    user->extents[count + i] = p->extents[p->axis_count + i];
  }
  NcRewrite move = {.builder = f->builder, .axes = axes};
  user->body = nc_expr_rewrite(&move, p->body);
  user->finish = nc_expr_rewrite(&move, p->finish);
  user->source = p->source ? p->source : p->node;
  user->outer = user->reduce;
  user->outer_count = outer;
  user->reduce = p->reduce;
  user->reduce_count = outer + p->reduce_count;
  note_uses(f, user);
}

// Gives every result and update a stored tensor: results may share one, an update's is its own.
static void store_roots(NcTensorGraph *graph, NcArena *scratch) {
  const NcGraph *g = graph->graph;
  NcTeBuilder *b = &graph->builder;
  bool *taken = NC_NEW_ARRAY(scratch, bool, b->next_id + g->results.count);
  for (int i = 0; i < g->results.count; i++) {
    NcTe **te = &graph->results[i];
    if ((*te)->kind != NC_TE_COMPUTE)
      *te = nc_te_copy(b, *te);
    taken[(*te)->id] = true;
  }
  for (int i = 0; i < g->updates.count; i++) {
    NcTe **te = &graph->updates[i];
    if (taken[(*te)->id] || (*te)->kind != NC_TE_COMPUTE)
      *te = nc_te_copy(b, *te);
    else
      taken[(*te)->id] = true;
  }
}

static Fuser look_at_uses(NcTensorGraph *graph, int64_t blas, NcArena *scratch) {
  Fuser f = {.graph = graph, .builder = &graph->builder, .arena = scratch, .blas = blas};
  f.users = NC_NEW_ARRAY(scratch, NcTes, f.builder->next_id);
  f.stored = NC_NEW_ARRAY(scratch, bool, f.builder->next_id);
  for (int i = 0; i < graph->graph->results.count; i++)
    f.stored[graph->results[i]->id] = true;
  for (int i = 0; i < graph->graph->updates.count; i++)
    f.stored[graph->updates[i]->id] = true;
  nc_tensor_graph_prune(graph);
  for (int i = 0; i < f.builder->tensors.count; i++)
    note_uses(&f, f.builder->tensors.items[i]);
  return f;
}

void nc_fuse_finishes(NcTensorGraph *graph, int64_t blas) {
  NcArena *scratch = nc_arena_create();
  Fuser f = look_at_uses(graph, blas, scratch);
  for (int i = 0; i < f.builder->tensors.count; i++) {
    NcTe *p = f.builder->tensors.items[i], *user = finish_user(&f, p);
    if (user)
      finish_with(&f, p, user);
  }
  nc_tensor_graph_prune(graph);
  nc_arena_destroy(scratch);
}

void nc_fuse(NcTensorGraph *graph, int64_t blas) {
  NcArena *scratch = nc_arena_create();
  store_roots(graph, scratch);
  Fuser f = look_at_uses(graph, blas, scratch);
  for (int i = 0; i < f.builder->tensors.count; i++) {
    NcTe *p = f.builder->tensors.items[i];
    NcTes *users = &f.users[p->id];
    NcTe *user = finish_user(&f, p), *pool = user ? NULL : window_user(&f, p);
    if (user) {
      finish_with(&f, p, user);
    } else if (pool) {
      reduce_windows(&f, p, pool);
    } else if (users->count && should_inline(&f, p)) {
      for (int k = 0; k < users->count; k++)
        inline_into(&f, p, users->items[k]);
    }
  }
  nc_tensor_graph_prune(graph);
  nc_arena_destroy(scratch);
}
