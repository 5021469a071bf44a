// What a chunk keeps.
//
// The tensors in their order are cut into segments by the kernels that take a chunk at once. A
// tensor with a row for each sample that a later segment reads is kept, and all that is kept leaves
// the caches when it is much.
#include "kernel/keep.h"

#include "kernel/expr.h"
#include "kernel/fuse.h"
#include "kernel/layout.h"
#include "kernel/nest.h"
#include "kernel/phases.h"

#include <math.h>

// Bytes of a chunk that caches hold beside the weights.
#define CACHED_BYTES (1 << 19)
// Bytes that are kept and read again in a cycle, when they leave the nearer caches.
#define KEPT_BYTES 8.0
// Less than that for a sample is not worth another kernel.
#define MIN_BYTES 2048.0
// That one tensor may need, with its operands.
#define MAX_COPIES 64

typedef struct Keeper {
  NcTensorGraph *graph;
  NcTeBuilder *builder;
  NcArena *scratch;
  const NcTarget *target;
  int capacity;  // of the arrays by id
  int *number;   // by id: place in the order
  int *segment;  // by id
  NcTes *users;  // by id: tensors that load it
  NcTes *before; // by id: copies that come right before it
  NcTes *behind; // by id: tensors that come right behind it
  NcTe **home;   // by id: the tensor that it comes behind, or itself
  bool *chunk;   // by id: it takes a chunk at once
  bool *fixed;   // by id: a result or an update, or seen under another shape
} Keeper;

static bool has_rows(const NcTe *te) {
  return te->kind == NC_TE_COMPUTE && te->type.rank > 0 && nc_dim_is_batch(te->type.dims[0]);
}

static double row_bytes(const NcTe *te) {
  return (double)nc_te_storage(te).n * (double)nc_dtype_size(te->type.dtype);
}

static bool takes_chunk(const Keeper *k, const NcTe *te) {
  return has_rows(te) && (nc_te_is_gemm(te, k->target->blas, NULL) ||
                          nc_nest_by_chunk(nc_nest_create(k->builder, te)));
}

typedef struct Reading {
  Keeper *keeper;
  NcTe *user;
} Reading;

static void note_user(void *context, NcExpr *load) {
  Reading *r = context;
  NcTes *users = &r->keeper->users[nc_te_storage_of(load->tensor)->id];
  if (!users->count || users->items[users->count - 1] != r->user)
    nc_vec_push(r->keeper->scratch, *users, r->user);
}

static void look_at_tensors(Keeper *k) {
  int segment = 0;
  for (int i = 0; i < k->builder->tensors.count; i++) {
    NcTe *te = k->builder->tensors.items[i];
    Reading r = {k, te};
    if (te->kind == NC_TE_VIEW)
      k->fixed[te->base->id] = true;
    nc_te_loads(te, note_user, &r);
    k->chunk[te->id] = takes_chunk(k, te);
    k->segment[te->id] = segment += k->chunk[te->id];
    segment += k->chunk[te->id];
  }
  for (int i = 0; i < k->graph->graph->results.count; i++)
    k->fixed[k->graph->results[i]->id] = true;
  for (int i = 0; i < k->graph->graph->updates.count; i++)
    k->fixed[k->graph->updates[i]->id] = true;
}

// ---- what is small is computed early

typedef struct Operands {
  const Keeper *keeper;
  const NcTe *user;
  NcTe *last;   // of the operands, in the order as it will be
  double freed; // bytes that need not be kept if the user is computed with the last of them
} Operands;

static bool is_last_user(const Keeper *k, const NcTe *te, const NcTe *user) {
  const NcTes *users = &k->users[te->id];
  for (int i = 0; i < users->count; i++)
    if (users->items[i] != user && k->segment[users->items[i]->id] > k->segment[te->id])
      return false;
  return !k->fixed[te->id];
}

static void look_at_operand(void *context, NcExpr *load) {
  Operands *o = context;
  const Keeper *k = o->keeper;
  NcTe *te = nc_te_storage_of(load->tensor), *home = k->home[te->id];
  if (!o->last || k->number[home->id] > k->number[o->last->id])
    o->last = home;
  if (has_rows(te) && row_bytes(te) > o->freed && is_last_user(k, te, o->user))
    o->freed = row_bytes(te);
}

static void move_early(Keeper *k, NcTe *te) {
  Operands o = {.keeper = k, .user = te};
  if (!has_rows(te) || k->chunk[te->id])
    return;
  nc_te_loads(te, look_at_operand, &o);
  if (!o.last || k->segment[o.last->id] >= k->segment[te->id] || row_bytes(te) >= o.freed)
    return;
  k->segment[te->id] = k->segment[o.last->id];
  k->home[te->id] = o.last;
  nc_vec_push(k->scratch, k->behind[o.last->id], te);
}

// ---- what is cheap is computed again

// Whether a later segment reads the tensor.
static bool is_kept(const Keeper *k, const NcTe *te) {
  return has_rows(te) && !is_last_user(k, te, NULL);
}

static double kept_bytes(const Keeper *k) {
  double bytes = 0;
  for (int i = 0; i < k->builder->tensors.count; i++)
    if (is_kept(k, k->builder->tensors.items[i]))
      bytes += row_bytes(k->builder->tensors.items[i]);
  return bytes * NC_CHUNK;
}

// Whether the tensor is there in a segment behind its own: one that is as late reads it.
static bool is_there(const Keeper *k, const NcTe *te, int segment) {
  const NcTes *users = &k->users[te->id];
  bool there = !has_rows(te) || k->fixed[te->id] || k->segment[te->id] >= segment;
  for (int i = 0; i < users->count && !there; i++)
    there = k->segment[users->items[i]->id] >= segment;
  return there;
}

// What it takes to have a tensor again in a segment: itself, and operands that are not there.
typedef struct Again {
  Keeper *keeper;
  int segment;
  double cycles, most;
  NcTe *first; // of those in the segment that need it
} Again;

static void weigh_operand(void *context, NcExpr *load);

static void weigh(Again *a, NcTe *te) {
  a->cycles += a->keeper->chunk[te->id] ? HUGE_VAL : nc_te_cycles(te, 1);
  if (a->cycles <= a->most)
    nc_te_loads(te, weigh_operand, a);
}

static void weigh_operand(void *context, NcExpr *load) {
  Again *a = context;
  if (!is_there(a->keeper, nc_te_storage_of(load->tensor), a->segment))
    weigh(a, nc_te_storage_of(load->tensor));
}

// Puts a copy before the first tensor that needs it, and makes it a user of its operands.
static void note_copy(const Again *a, NcTe *copy) {
  Keeper *k = a->keeper;
  Reading r = {k, copy};
  nc_vec_push(k->scratch, k->before[a->first->id], copy);
  k->number[copy->id] = k->number[a->first->id];
  k->segment[copy->id] = a->segment;
  k->home[copy->id] = copy;
  nc_te_loads(copy, note_user, &r);
}

static NcTe *copy_of(const Again *a, NcTe *te);

static NcExpr *copy_operand(void *context, NcExpr *load) {
  const Again *a = context;
  if (!is_there(a->keeper, nc_te_storage_of(load->tensor), a->segment))
    load->tensor = copy_of(a, load->tensor);
  return load;
}

static NcTe *copy_of(const Again *a, NcTe *te) {
  NcTeBuilder *b = a->keeper->builder;
  NcRewrite r = {.builder = b, .load = copy_operand, .context = (void *)a};
  NcTe *copy = nc_te_twin(b, te);
  copy->again = te;
  copy->body = nc_expr_rewrite(&r, te->body);
  copy->where = nc_expr_rewrite(&r, te->where);
  copy->finish = nc_expr_rewrite(&r, te->finish);
  note_copy(a, copy);
  return copy;
}

typedef struct Exchange {
  const NcTe *from;
  NcTe *to;
} Exchange;

static void exchange(void *context, NcExpr *load) {
  const Exchange *x = context;
  if (load->tensor == x->from)
    load->tensor = x->to;
}

// Lets the users in a segment have a copy, if that is cheaper than to keep the tensor.
static void compute_again(Keeper *k, NcTe *te, int segment) {
  const NcTes *users = &k->users[te->id];
  NcTe *first = NULL;
  for (int i = 0; i < users->count; i++)
    if (k->segment[users->items[i]->id] == segment &&
        (!first || k->number[users->items[i]->id] < k->number[first->id]))
      first = users->items[i];
  Again a = {k, segment, 0, row_bytes(te) / KEPT_BYTES, first};
  weigh(&a, te);
  if (a.cycles > a.most || k->builder->next_id + MAX_COPIES > k->capacity)
    return;
  Exchange x = {te, copy_of(&a, te)};
  for (int i = 0; i < users->count; i++)
    if (k->segment[users->items[i]->id] == segment)
      nc_te_loads(users->items[i], exchange, &x);
}

static void compute_cheap_again(Keeper *k, NcTe *te) {
  const NcTes *users = &k->users[te->id];
  if (k->fixed[te->id] || !has_rows(te) || row_bytes(te) < MIN_BYTES)
    return;
  for (int i = 0, done = k->segment[te->id]; i < users->count; i++)
    if (k->segment[users->items[i]->id] > done) {
      done = k->segment[users->items[i]->id];
      compute_again(k, te, done);
    }
}

// ---- the order

static void add_in_order(Keeper *k, NcTes *order, NcTe *te) {
  for (int i = 0; i < k->before[te->id].count; i++)
    add_in_order(k, order, k->before[te->id].items[i]);
  nc_vec_push(k->scratch, *order, te);
  for (int i = 0; i < k->behind[te->id].count; i++)
    add_in_order(k, order, k->behind[te->id].items[i]);
}

void nc_keep(NcTensorGraph *graph, const NcTarget *target) {
  NcTeBuilder *b = &graph->builder;
  Keeper k = {.graph = graph, .builder = b, .scratch = nc_arena_create(), .target = target};
  int ids = k.capacity = 2 * b->next_id + MAX_COPIES, count = b->tensors.count;
  NcTes old = nc_te_list(b, k.scratch), order = {0};
  k.number = NC_NEW_ARRAY(k.scratch, int, ids);
  k.segment = NC_NEW_ARRAY(k.scratch, int, ids);
  k.users = NC_NEW_ARRAY(k.scratch, NcTes, ids);
  k.before = NC_NEW_ARRAY(k.scratch, NcTes, ids);
  k.behind = NC_NEW_ARRAY(k.scratch, NcTes, ids);
  k.home = NC_NEW_ARRAY(k.scratch, NcTe *, ids);
  k.chunk = NC_NEW_ARRAY(k.scratch, bool, ids);
  k.fixed = NC_NEW_ARRAY(k.scratch, bool, ids);
  for (int i = 0; i < count; i++) {
    k.number[old.items[i]->id] = i;
    k.home[old.items[i]->id] = old.items[i];
  }
  look_at_tensors(&k);
  for (int i = 0; i < count; i++)
    move_early(&k, old.items[i]);
  if (kept_bytes(&k) > CACHED_BYTES)
    for (int i = count - 1; i >= 0; i--)
      compute_cheap_again(&k, old.items[i]);
  for (int i = 0; i < count; i++)
    if (k.home[old.items[i]->id] == old.items[i])
      add_in_order(&k, &order, old.items[i]);
  nc_te_set_list(b, &order);
  nc_arena_destroy(k.scratch);
}
