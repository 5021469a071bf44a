// Phases: classification, slots and stages.
#include "kernel/phases.h"

#include "kernel/expr.h"
#include "kernel/fuse.h"
#include "kernel/layout.h"
#include "kernel/nest.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

// A sum over N alone, or to places that are looked up, with more elements than this is computed
// once from the whole batch: slots of it would cost more memory traffic than keeping its operands
// does.
#define MAX_SLOT_ELEMENTS 16384

const char *nc_class_name(NcClass class) {
  static const char *const names[] = {"invariant", "per sample", "reduced", "whole batch"};
  return names[class];
}

bool nc_class_is_chunked(NcClass class) {
  return class == NC_CLASS_SAMPLE || class == NC_CLASS_REDUCED;
}

// What the loads of a tensor say about how it goes through the batch.
typedef struct Rows {
  int axis;       // the tensor's axis over N, or -1
  bool batched;   // some operand has N
  bool by_sample; // every operand with N is read at row `axis`
} Rows;

static void look_at_rows(void *context, NcExpr *load) {
  Rows *r = context;
  if (!nc_type_has_batch(&load->tensor->type))
    return;
  r->batched = true;
  bool moves = false;
  for (int i = 0; i < NC_MAX_LOADED && load->loaded[i]; i++)
    moves = moves || load->loaded_dim[i] == 0;
  bool same = r->axis >= 0 && nc_dim_is_batch(load->tensor->type.dims[0]) &&
              nc_dim_is_batch(nc_te_storage_of(load->tensor)->type.dims[0]) &&
              nc_affine_is_axis(&load->index[0], r->axis) && !moves;
  if (!same)
    r->by_sample = false;
}

static int batch_axis(const NcTe *te) {
  for (int i = 0; i < te->axis_count + te->reduce_count; i++)
    if (te->extents[i].n)
      return i;
  return -1;
}

static bool is_large(const NcTe *te, int64_t blas) {
  if (nc_te_is_gemm(te, blas, NULL))
    return true;
  bool alone = te->reduce_count == 1 || nc_te_pinned(te) >= 0;
  return alone && nc_type_elements(&te->type).c > MAX_SLOT_ELEMENTS;
}

static NcClass classify(const NcTe *te, int64_t blas) {
  Rows r = {.axis = batch_axis(te), .by_sample = true};
  nc_te_loads(te, look_at_rows, &r);
  if (r.axis < 0)
    return r.batched ? NC_CLASS_WHOLE : NC_CLASS_INVARIANT;
  if (!r.by_sample || !nc_dim_is_batch(te->extents[r.axis]))
    return NC_CLASS_WHOLE;
  if (r.axis < te->axis_count) {
    bool in_order = nc_dim_is_batch(te->type.dims[0]) && nc_affine_is_axis(&te->store[0], r.axis);
    return in_order ? NC_CLASS_SAMPLE : NC_CLASS_WHOLE;
  }
  bool tested = te->where && nc_te_pinned(te) < 0;
  bool partial_result = te->reduce == NC_REDUCE_ARGMAX || te->finish || tested || te->partial;
  return partial_result || is_large(te, blas) ? NC_CLASS_WHOLE : NC_CLASS_REDUCED;
}

// Where it is cheaper, a stage is cut at products with a very large operand without N: each chunk
// would go through all of it, the whole batch goes through it once. What a cut costs is that values
// which are needed behind it are kept for the whole batch.
typedef struct Cuts {
  const NcTeBuilder *builder;
  const NcClass *classes;
  int *last;  // by id: the number of the last tensor that reads it
  bool *kept; // by id: is kept for the whole batch anyway
  int at;     // of the tensor at work
  NcClass class;
} Cuts;

static void note_reader(void *context, NcExpr *load) {
  Cuts *c = context;
  int id = nc_te_storage_of(load->tensor)->id;
  c->last[id] = c->at;
  if (c->class == NC_CLASS_WHOLE)
    c->kept[id] = true;
}

static Cuts look_at_readers(const NcTeBuilder *b, const NcClass *classes, NcArena *scratch) {
  Cuts c = {.builder = b, .classes = classes};
  c.last = NC_NEW_ARRAY(scratch, int, b->next_id);
  c.kept = NC_NEW_ARRAY(scratch, bool, b->next_id);
  for (c.at = 0; c.at < b->tensors.count; c.at++) {
    NcTe *te = b->tensors.items[c.at];
    c.class = te->kind == NC_TE_COMPUTE ? classes[te->id] : NC_CLASS_INVARIANT;
    nc_te_loads(te, note_reader, &c);
  }
  return c;
}

// Bytes of the operand without N that a product goes through for every chunk; 0 for others.
static double streamed_bytes(const NcTe *te, int64_t cuts) {
  if (cuts == 0 || te->reduce != NC_REDUCE_SUM || te->body->kind != NC_X_MUL)
    return 0;
  int64_t most = 0;
  for (int i = 0; i < 2; i++) {
    const NcExpr *load = te->body->args[i];
    if (load->kind != NC_X_LOAD || nc_type_has_batch(&load->tensor->type))
      continue;
    int64_t elements = nc_type_elements(&load->tensor->type).c;
    most = elements > most ? elements : most;
  }
  return most < cuts ? 0 : (double)most * (double)nc_dtype_size(te->type.dtype);
}

static double sample_bytes(const NcTe *te) {
  return (double)nc_type_elements(&te->type).n * (double)nc_dtype_size(te->type.dtype);
}

// Bytes of a sample that are needed on both sides of some cut.
static double crossing_bytes(const Cuts *c, const bool *cut) {
  double bytes = 0;
  for (int i = 0; i < c->builder->tensors.count; i++) {
    const NcTe *te = c->builder->tensors.items[i];
    if (te->kind != NC_TE_COMPUTE || c->classes[te->id] != NC_CLASS_SAMPLE || c->kept[te->id])
      continue;
    bool crosses = cut[te->id];
    for (int k = i + 1; k <= c->last[te->id] && !crosses; k++)
      crosses = cut[c->builder->tensors.items[k]->id];
    bytes += crosses ? sample_bytes(te) : 0;
  }
  return bytes;
}

static void cut_where_cheaper(const NcTeBuilder *b, NcClass *classes, int64_t cuts,
                              NcArena *scratch) {
  bool *cut = NC_NEW_ARRAY(scratch, bool, b->next_id);
  double saved = 0;
  for (int i = 0; i < b->tensors.count; i++) {
    const NcTe *te = b->tensors.items[i];
    double bytes = te->kind == NC_TE_COMPUTE && classes[te->id] == NC_CLASS_SAMPLE
                       ? streamed_bytes(te, cuts)
                       : 0;
    cut[te->id] = bytes > 0;
    saved += bytes / NC_CHUNK;
  }
  if (saved == 0)
    return;
  Cuts c = look_at_readers(b, classes, scratch);
  if (2 * crossing_bytes(&c, cut) > saved)
    return;
  for (int i = 0; i < b->tensors.count; i++)
    if (cut[b->tensors.items[i]->id])
      classes[b->tensors.items[i]->id] = NC_CLASS_WHOLE;
}

// The number of an element in its slot: row-major, with `slack` behind each row.
static NcAffine flat_store(const NcTe *te, int64_t slack) {
  NcAffine flat = nc_affine_constant(0);
  int64_t stride = 1;
  for (int d = te->type.rank - 1; d >= 0; d--) {
    flat = nc_affine_add(flat, nc_affine_scale(te->store[d], stride));
    stride *= te->type.dims[d].c + (d == te->type.rank - 1 ? slack : 0);
  }
  return flat;
}

// Rows of a sum of products are whole vectors, if one axis goes along them.
static int64_t slack_of_slots(const NcTe *te) {
  int d = te->type.rank - 1;
  if (d < 1 || te->body->kind != NC_X_MUL)
    return 0;
  for (int i = 0; i < te->axis_count; i++)
    if (nc_affine_is_axis(&te->store[d], i) && nc_dim_equal(te->extents[i], te->type.dims[d]))
      return nc_row_slack(te->type.dims[d]);
  return 0;
}

// The slots of `te`, and `te` as the fold of them.
static NcTe *split(NcTeBuilder *builder, NcTe *te, int count) {
  int64_t slack = slack_of_slots(te), elements = nc_type_elements(&te->type).c;
  if (slack > 0)
    elements += elements / te->type.dims[te->type.rank - 1].c * slack;
  // Slots begin at multiples of 64 bytes, whatever the dtype.
  elements = (elements + 63) / 64 * 64;
  NcDim dims[] = {nc_dim(count), nc_dim(elements)};
  builder->node = te->node;
  NcTe *slots = nc_te_scatter(builder, nc_type(te->body->dtype, 2, dims));
  slots->role = "slots";
  slots->source = te->source;
  slots->slack = slack;
  slots->axis_count = te->axis_count;
  slots->reduce_count = te->reduce_count;
  memcpy(slots->extents, te->extents, sizeof te->extents);
  slots->reduce = te->reduce;
  slots->body = te->body;
  slots->where = te->where;
  slots->store[0] = nc_affine_constant(0);
  slots->store[1] = flat_store(te, slack);
  te->role = "fold";
  te->where = NULL;
  te->reduce_count = 0;
  te->axis_count = 0;
  for (int d = 0; d < te->type.rank; d++)
    te->store[d] = nc_affine_axis(nc_te_axis(te, te->type.dims[d]));
  NcAffine index[] = {nc_affine_axis(nc_te_reduce(te, nc_dim(count))), flat_store(te, slack)};
  te->body = nc_x_load(builder, slots, index);
  return slots;
}

typedef struct Stage {
  const NcPhases *phases;
  NcClass class; // of the tensor whose stage is sought
  int stage;
} Stage;

static void wait_for(Stage *s, NcTe *operand) {
  NcClass class = s->phases->classes[operand->id];
  int stage = s->phases->stages[operand->id];
  if (class == NC_CLASS_REDUCED || (class == NC_CLASS_SAMPLE && !nc_class_is_chunked(s->class)))
    stage++; // it is complete when all chunks have run
  if (stage > s->stage)
    s->stage = stage;
}

static void wait_for_load(void *context, NcExpr *load) {
  wait_for(context, nc_te_storage_of(load->tensor));
}

static int stage_of(const NcPhases *phases, const NcTe *te) {
  Stage s = {phases, phases->classes[te->id], 0};
  nc_te_loads(te, wait_for_load, &s);
  return s.stage;
}

// ---- what is needed late is computed late

typedef struct Late {
  NcPhases *phases;
  int *first, *last; // by id of a tensor that is stored: the stages that need it
  const NcTe *user;
  int stage;
  double kept; // bytes of operands that would have to be kept for longer
} Late;

static void note_reading(void *context, NcExpr *load) {
  const Late *l = context;
  int id = nc_te_storage_of(load->tensor)->id, user = l->user->id;
  bool chunked = nc_class_is_chunked(l->phases->classes[user]); // else all chunks have run before
  int stage = l->phases->stages[user] - !chunked;
  l->first[id] = stage < l->first[id] ? stage : l->first[id];
  l->last[id] = stage > l->last[id] ? stage : l->last[id];
}

static void weigh_operand(void *context, NcExpr *load) {
  Late *l = context;
  const NcTe *te = nc_te_storage_of(load->tensor);
  if (te->kind == NC_TE_COMPUTE && l->phases->classes[te->id] == NC_CLASS_SAMPLE &&
      l->last[te->id] < l->stage)
    l->kept += sample_bytes(te);
}

// Whole batches of a map need not be stored between stages if what it is made of is.
static void move_late(Late *l, const NcTe *te) {
  int *stage = &l->phases->stages[te->id];
  if (te->kind != NC_TE_COMPUTE || l->phases->classes[te->id] != NC_CLASS_SAMPLE ||
      te->reduce != NC_REDUCE_NONE || l->first[te->id] <= *stage || l->first[te->id] == INT_MAX)
    return;
  l->stage = l->first[te->id];
  l->kept = 0;
  nc_te_loads(te, weigh_operand, l);
  if (l->kept < sample_bytes(te))
    *stage = l->stage;
}

static void run_late(NcTensorGraph *graph, NcPhases *phases, NcArena *scratch) {
  const NcTeBuilder *b = &graph->builder;
  Late l = {.phases = phases,
            .first = NC_NEW_ARRAY(scratch, int, b->next_id),
            .last = NC_NEW_ARRAY(scratch, int, b->next_id)};
  for (int i = 0; i < b->tensors.count; i++) {
    l.user = b->tensors.items[i];
    nc_te_loads(l.user, note_reading, &l);
  }
  for (int i = 0; i < b->next_id; i++)
    l.first[i] = INT_MAX; // of readers that have their stage
  for (int i = 0; i < graph->graph->results.count; i++)
    l.first[nc_te_storage_of(graph->results[i])->id] = 0;
  for (int i = 0; i < graph->graph->updates.count; i++)
    l.first[nc_te_storage_of(graph->updates[i])->id] = 0;
  for (int i = b->tensors.count - 1; i >= 0; i--) {
    l.user = b->tensors.items[i];
    move_late(&l, l.user);
    nc_te_loads(l.user, note_reading, &l);
  }
  for (int i = 0; i < b->tensors.count; i++)
    assert(b->tensors.items[i]->kind != NC_TE_COMPUTE ||
           phases->stages[b->tensors.items[i]->id] >= stage_of(phases, b->tensors.items[i]));
}

NcPhases nc_phases(NcTensorGraph *graph, const NcTarget *target) {
  NcTeBuilder *b = &graph->builder;
  NcArena *scratch = nc_arena_create();
  NcTes old = nc_te_list(b, scratch);
  // Splitting adds at most one tensor to each, updates may add a copy.
  int ids = b->next_id + old.count + graph->graph->updates.count;
  NcPhases p = {NC_NEW_ARRAY(b->arena, NcClass, ids), NC_NEW_ARRAY(b->arena, int, ids), 0};
  for (int i = 0; i < old.count; i++)
    if (old.items[i]->kind == NC_TE_COMPUTE)
      p.classes[old.items[i]->id] = classify(old.items[i], target->blas);
  cut_where_cheaper(b, p.classes, target->cuts, scratch);
  NcTes all = {0};
  for (int i = 0; i < old.count; i++) {
    NcTe *te = old.items[i];
    if (te->kind == NC_TE_COMPUTE) {
      if (p.classes[te->id] == NC_CLASS_REDUCED) {
        NcTe *slots = split(b, te, target->slots);
        p.classes[slots->id] = NC_CLASS_REDUCED;
        p.classes[te->id] = NC_CLASS_INVARIANT;
        p.stages[slots->id] = stage_of(&p, slots);
        nc_vec_push(scratch, all, slots);
      }
      p.stages[te->id] = stage_of(&p, te);
      p.stage_count = p.stages[te->id] + 1 > p.stage_count ? p.stages[te->id] + 1 : p.stage_count;
    }
    nc_vec_push(scratch, all, te);
  }
  nc_te_set_list(b, &all);
  run_late(graph, &p, scratch);
  nc_arena_destroy(scratch);
  return p;
}
