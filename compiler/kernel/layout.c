// Layouts with halos, and packed copies.
#include "kernel/layout.h"

#include "kernel/expr.h"
#include "kernel/fuse.h"
#include "kernel/nest.h"

#include <assert.h>
#include <string.h>

// More elements than any machine can hold: what overflows becomes this, so that its program is
// refused when it asks for memory. Sums of many such sizes in bytes do not overflow.
#define TOO_MANY ((int64_t)1 << 50)

// Shorter rows are left as they are: slack would be most of them.
#define MIN_ROW 5
// Columns of a panel: as many as a tile has.
#define PANEL 32
// Larger operands are not copied to give them slack.
#define MAX_PACKED ((int64_t)1 << 22)

static int64_t capped_product(int64_t a, int64_t b) {
  int64_t product;
  return __builtin_mul_overflow(a, b, &product) || product > TOO_MANY ? TOO_MANY : product;
}

static int64_t stored_size(const NcTe *te, int d) {
  int64_t size = te->type.dims[d].c;
  if (!te->layout)
    return size;
  int64_t slack = d == te->type.rank - 1 ? te->layout->slack : 0;
  return te->layout->low[d] + (size - 1) * te->layout->steps[d] + 1 + te->layout->high[d] + slack;
}

int64_t nc_row_slack(NcDim size) {
  int64_t lanes = nc_lanes_for(size);
  return size.n || size.c < MIN_ROW ? 0 : (lanes - size.c % lanes) % lanes;
}

void nc_te_strides(const NcTe *te, int64_t *strides, int64_t *offset) {
  int64_t stride = 1;
  *offset = 0;
  for (int d = te->type.rank - 1; d >= 0; d--) {
    strides[d] = stride;
    if (te->layout)
      *offset += capped_product(te->layout->low[d], stride);
    if (d > 0)
      stride = capped_product(stride, stored_size(te, d));
  }
}

NcDim nc_te_storage(const NcTe *te) {
  NcDim size = nc_dim(1);
  for (int d = te->type.rank - 1; d >= 0; d--) {
    if (te->type.dims[d].n)
      size = (NcDim){capped_product(size.c, te->type.dims[d].n),
                     capped_product(size.c, te->type.dims[d].c)};
    else
      size.c = capped_product(size.c, stored_size(te, d));
  }
  return size;
}

NcTe *nc_te_storage_of(NcTe *te) { return te->kind == NC_TE_VIEW ? te->base : te; }

NcAffine nc_load_address(const NcExpr *load) {
  const NcTe *te = load->tensor;
  int64_t strides[NC_MAX_RANK], offset;
  nc_te_strides(te, strides, &offset);
  NcAffine address = nc_affine_constant(offset);
  for (int d = 0; d < te->type.rank; d++) {
    int64_t step = te->layout ? te->layout->steps[d] : 1;
    int64_t factor = load->steps[d] == step ? 1 : step;
    address = nc_affine_add(address, nc_affine_scale(load->index[d], factor * strides[d]));
  }
  return address;
}

NcAffine nc_store_address(const NcTe *te) {
  int64_t strides[NC_MAX_RANK], offset;
  nc_te_strides(te, strides, &offset);
  NcAffine address = nc_affine_constant(offset);
  for (int d = 0; d < te->type.rank; d++) {
    int64_t step = te->layout ? te->layout->steps[d] : 1;
    address = nc_affine_add(address, nc_affine_scale(te->store[d], step * strides[d]));
  }
  return address;
}

// The least and greatest value of an affine index; axes over N count as unbounded above.
static void index_range(const NcAffine *index, const NcTe *te, int64_t *least, int64_t *greatest) {
  *least = *greatest = index->constant;
  for (int i = 0; i < te->axis_count + te->reduce_count; i++) {
    int64_t reach = index->coef[i] * (te->extents[i].c - 1);
    if (te->extents[i].n)
      continue; // along N no index leaves its tensor
    *(reach < 0 ? least : greatest) += reach;
  }
}

// The layout that a load needs.
static NcLayout wanted_layout(const NcExpr *load, const NcTe *user) {
  NcLayout layout = {.fill = load->fill};
  const NcType *type = &load->tensor->type;
  for (int d = 0; d < type->rank; d++) {
    layout.steps[d] = load->steps[d];
    if (type->dims[d].n)
      continue;
    int64_t least, greatest;
    index_range(&load->index[d], user, &least, &greatest);
    for (int i = 0; i < NC_MAX_LOADED && load->loaded[i]; i++)
      greatest += load->loaded_dim[i] == d ? load->loaded_most[i] : 0;
    int64_t last = (type->dims[d].c - 1) * load->steps[d];
    layout.low[d] = least < 0 ? -least : 0;
    layout.high[d] = greatest > last ? greatest - last : 0;
  }
  return layout;
}

static bool is_dense(const NcLayout *layout, int rank) {
  for (int d = 0; d < rank; d++)
    if (layout->low[d] || layout->high[d] || layout->steps[d] != 1)
      return false;
  return true;
}

bool nc_te_has_fill(const NcTe *te) {
  return te->partial || (te->layout && !is_dense(te->layout, te->type.rank));
}

static NcLayout *plain_layout(NcTeBuilder *builder) {
  NcLayout *layout = NC_NEW(builder->arena, NcLayout);
  for (int d = 0; d < NC_MAX_RANK; d++)
    layout->steps[d] = 1;
  return layout;
}

static bool layouts_join(const NcLayout *a, const NcLayout *b, int rank) {
  return memcmp(&a->fill, &b->fill, sizeof a->fill) == 0 &&
         memcmp(a->steps, b->steps, sizeof a->steps[0] * (size_t)rank) == 0;
}

static void layout_join(NcLayout *a, const NcLayout *b, int rank) {
  for (int d = 0; d < rank; d++) {
    a->low[d] = a->low[d] > b->low[d] ? a->low[d] : b->low[d];
    a->high[d] = a->high[d] > b->high[d] ? a->high[d] : b->high[d];
  }
}

// What is being done to one tensor's expressions.
typedef struct Placer {
  NcTensorGraph *graph;
  NcTeBuilder *builder;
  NcArena *scratch;
  bool *dense;   // by id: must stay dense (a root, or seen through a view)
  NcTes *copies; // by id: copies made of it
  NcTes *panels; // by id: copies in panels
  NcTes *added;  // copies to put before the tensor at work
  NcTe *user;
  int vector; // the axis to be vectorised, or -1
  int capacity;
  const NcTarget *target;
} Placer;

static NcTe *copy_tensor(Placer *p, NcTe *te, const int *order, const char *role) {
  p->builder->node = te->node;
  NcType type = te->type;
  for (int d = 0; d < type.rank; d++)
    type.dims[d] = te->type.dims[order[d]];
  NcTe *copy = nc_te_compute(p->builder, type);
  copy->node = p->user->node;
  copy->role = role;
  NcAffine index[NC_MAX_RANK];
  for (int d = 0; d < type.rank; d++)
    index[order[d]] = nc_affine_axis(d);
  copy->body = nc_x_load(p->builder, te, index);
  nc_vec_push(p->scratch, *p->added, copy);
  nc_vec_push(p->scratch, p->copies[te->id], copy);
  return copy;
}

static void identity_order(int *order) {
  for (int d = 0; d < NC_MAX_RANK; d++)
    order[d] = d;
}

// Whether `copy` is a plain copy of `te` (and not a packed one).
static bool same_dims(const NcTe *copy, const NcTe *te) {
  for (int d = 0; d < te->type.rank; d++)
    if (copy->body->index[d].coef[d] != 1)
      return false;
  return true;
}

// A tensor with the elements of `te` whose layout satisfies `wanted`.
static NcTe *place(Placer *p, NcTe *te, const NcLayout *wanted) {
  int rank = te->type.rank;
  bool fixed = te->kind != NC_TE_COMPUTE || p->dense[te->id] ||
               (te->partial && memcmp(&te->fill, &wanted->fill, sizeof te->fill) != 0);
  if (!fixed && (!te->layout || layouts_join(te->layout, wanted, rank))) {
    if (!te->layout) {
      te->layout = NC_NEW(p->builder->arena, NcLayout);
      *te->layout = *wanted;
    }
    layout_join(te->layout, wanted, rank);
    return te;
  }
  for (int i = 0; i < p->copies[te->id].count; i++) {
    NcTe *copy = p->copies[te->id].items[i];
    if (copy->layout && same_dims(copy, te) && layouts_join(copy->layout, wanted, rank)) {
      layout_join(copy->layout, wanted, rank);
      return copy;
    }
  }
  int order[NC_MAX_RANK];
  identity_order(order);
  NcTe *copy = copy_tensor(p, te, order, "pad");
  copy->layout = NC_NEW(p->builder->arena, NcLayout);
  *copy->layout = *wanted;
  return copy;
}

// Whether more than the samples of a batch, which may be few, use the same element of the load.
static bool is_reused(const NcTe *te, const NcExpr *load) {
  for (int i = 0; i < te->axis_count; i++) {
    bool moves = false;
    for (int d = 0; d < load->tensor->type.rank; d++)
      moves = moves || load->index[d].coef[i];
    if (!moves && te->extents[i].n == 0 && te->extents[i].c > 1)
      return true;
  }
  return false;
}

// The dimension that the vector axis alone runs along with stride 1, if moving it last would help,
// or ending it with whole vectors; else -1.
static int packed_dim(const Placer *p, const NcExpr *load) {
  const NcTe *te = load->tensor;
  if (p->vector < 0 || te->layout || te->id >= p->capacity || load->loaded[0] ||
      nc_type_has_batch(&te->type))
    return -1;
  int dim = -1;
  for (int d = 0; d < te->type.rank; d++) {
    if (load->index[d].coef[p->vector] == 0)
      continue;
    if (dim >= 0 || load->index[d].coef[p->vector] != 1)
      return -1;
    dim = d;
  }
  if (dim < 0)
    return -1;
  bool last = dim == te->type.rank - 1;
  bool short_rows = te->type.rank > 1 && nc_row_slack(te->type.dims[dim]) > 0 &&
                    nc_type_elements(&te->type).c <= MAX_PACKED && is_reused(p->user, load);
  return !last || short_rows ? dim : -1;
}

// Operands that more than samples use again are packed in panels from so many times as many
// elements on: tiles find them in a cache more often.
#define USED_AGAIN 8

// From how many elements on the load's tensor is packed in panels; 0 for never.
static int64_t panels_from(const Placer *p, const NcTe *te, const NcExpr *load) {
  return (is_reused(te, load) ? USED_AGAIN : 1) * p->target->panels;
}

// Whether the vector axis of the tensor goes along one dimension of a large operand, which *dim
// receives, and panels divide it.
static bool wants_panels(const Placer *p, const NcTe *te, const NcExpr *load, int *dim) {
  const NcTe *x = load->tensor;
  if (x->id >= p->capacity || load->loaded[0] || nc_te_has_fill(x) || x->type.rank == NC_MAX_RANK ||
      nc_type_has_batch(&x->type) || panels_from(p, te, load) == 0 ||
      nc_type_elements(&x->type).c < panels_from(p, te, load))
    return false;
  *dim = -1;
  for (int d = 0; d < x->type.rank; d++)
    if (load->index[d].coef[p->vector])
      *dim = *dim < 0 && nc_affine_is_axis(&load->index[d], p->vector) ? d : NC_MAX_RANK;
  return *dim >= 0 && *dim < NC_MAX_RANK &&
         nc_dim_equal(te->extents[p->vector], x->type.dims[*dim]);
}

// The elements of `te` with dimension `dim` cut into panels: [panel, other dimensions, place in
// it].
static NcTe *panel_copy(Placer *p, NcTe *te, int dim) {
  for (int i = 0; i < p->panels[te->id].count; i++)
    if (p->panels[te->id].items[i]->body->index[dim].coef[0] == PANEL)
      return p->panels[te->id].items[i];
  p->builder->node = p->user->node;
  NcType type = te->type;
  NcAffine index[NC_MAX_RANK];
  type.rank++;
  type.dims[0] = nc_dim(te->type.dims[dim].c / PANEL);
  type.dims[te->type.rank] = nc_dim(PANEL);
  for (int d = 0, at = 1; d < te->type.rank; d++) {
    if (d == dim)
      continue;
    type.dims[at] = te->type.dims[d];
    index[d] = nc_affine_axis(at++);
  }
  index[dim] =
      nc_affine_add(nc_affine_scale(nc_affine_axis(0), PANEL), nc_affine_axis(te->type.rank));
  NcTe *copy = nc_te_compute(p->builder, type);
  copy->role = "pack";
  copy->body = nc_x_load(p->builder, te, index);
  nc_vec_push(p->scratch, *p->added, copy);
  nc_vec_push(p->scratch, p->panels[te->id], copy);
  return copy;
}

// Replaces the vector axis by one over panels, which becomes the outermost, and one in a panel.
static void cut_axis(Placer *p, NcTe *te) {
  int count = te->axis_count + te->reduce_count, vector = p->vector;
  NcAffine axes[NC_MAX_AXES] = {0};
  for (int i = 0; i < count; i++)
    axes[i] = nc_affine_axis(i + 1);
  axes[vector] = nc_affine_add(axes[vector], nc_affine_scale(nc_affine_axis(0), PANEL));
  NcRewrite r = {.builder = p->builder, .axes = axes};
  te->body = nc_expr_rewrite(&r, te->body);
  te->where = nc_expr_rewrite(&r, te->where);
  te->finish = nc_expr_rewrite(&r, te->finish);
  for (int d = 0; d < te->type.rank; d++)
    te->store[d] = nc_affine_substitute(te->store[d], axes);
  for (int i = count; i > 0; i--)
    te->extents[i] = te->extents[i - 1];
  te->extents[0] = nc_dim(te->extents[vector + 1].c / PANEL);
  te->extents[vector + 1] = nc_dim(PANEL);
  te->axis_count++;
  p->vector++;
}

static void use_panels(Placer *p, NcExpr *load, int dim) {
  NcAffine index[NC_MAX_RANK];
  int rank = load->tensor->type.rank, at = 1;
  for (int d = 0; d < rank; d++)
    if (d != dim)
      index[at++] = load->index[d];
  index[0] = nc_affine_axis(0);
  index[rank] = nc_affine_axis(p->vector);
  load->tensor = panel_copy(p, load->tensor, dim);
  nc_expr_index(p->builder, load, rank + 1);
  for (int d = 0; d <= rank; d++) {
    load->index[d] = index[d];
    load->steps[d] = 1;
  }
}

// Packs the large invariant operand of a product in panels.
static void pack_panels(Placer *p, NcTe *te) {
  if (p->vector < 0 || te->reduce != NC_REDUCE_SUM || te->body->kind != NC_X_MUL || te->where ||
      te->axis_count + te->reduce_count == NC_MAX_AXES || te->extents[p->vector].c % PANEL ||
      te->extents[p->vector].c < 2 * PANEL)
    return;
  for (int i = 0; i < 2; i++) {
    int dim;
    NcExpr *load = te->body->args[i];
    if (load->kind != NC_X_LOAD || !wants_panels(p, te, load, &dim))
      continue;
    cut_axis(p, te);
    use_panels(p, te->body->args[i], dim);
    return;
  }
}

static NcTe *packed_copy(Placer *p, NcTe *te, const int *order) {
  for (int i = 0; i < p->copies[te->id].count; i++) {
    NcTe *copy = p->copies[te->id].items[i];
    bool same = true;
    for (int d = 0; d < te->type.rank; d++)
      same = same && copy->body->index[order[d]].coef[d] == 1;
    if (same && !nc_te_has_fill(copy))
      return copy;
  }
  NcTe *copy = copy_tensor(p, te, order, "pack");
  copy->layout = plain_layout(p->builder);
  copy->layout->slack = nc_row_slack(copy->type.dims[copy->type.rank - 1]);
  return copy;
}

static void pack_load(Placer *p, NcExpr *load, int dim) {
  int order[NC_MAX_RANK], rank = load->tensor->type.rank;
  identity_order(order);
  for (int d = dim; d + 1 < rank; d++)
    order[d] = d + 1;
  order[rank - 1] = dim;
  NcAffine index[NC_MAX_RANK];
  for (int d = 0; d < rank; d++)
    index[d] = load->index[order[d]];
  load->tensor = packed_copy(p, load->tensor, order);
  memcpy(load->index, index, sizeof index[0] * (size_t)rank);
}

static void place_load(void *context, NcExpr *load) {
  Placer *p = context;
  if (load->padded) {
    NcLayout wanted = wanted_layout(load, p->user);
    if (!is_dense(&wanted, load->tensor->type.rank))
      load->tensor = place(p, load->tensor, &wanted);
    load->padded = false;
  }
}

static void pack_visit(void *context, NcExpr *load) {
  Placer *p = context;
  int dim = packed_dim(p, load);
  if (dim >= 0)
    pack_load(p, load, dim);
}

// Expressions are shared between nothing but their tensor after fusion's rewrites; loads are
// changed in place, so each tensor first gets expressions of its own.
static void own_expressions(Placer *p, NcTe *te) {
  NcRewrite copy = {.builder = p->builder};
  te->body = nc_expr_rewrite(&copy, te->body);
  te->where = nc_expr_rewrite(&copy, te->where);
  te->finish = nc_expr_rewrite(&copy, te->finish);
}

static void place_tensor(Placer *p, NcTe *te) {
  p->user = te;
  own_expressions(p, te);
  nc_te_loads(te, place_load, p);
  p->vector = te->reduce != NC_REDUCE_NONE && !nc_te_is_gemm(te, p->target->blas, NULL)
                  ? nc_te_wanted_vector(te)
                  : -1;
  pack_panels(p, te);
  nc_expr_loads(te->body, pack_visit, p);
}

// Ends the rows of a tensor with slack, if it may and the vector axis goes along them.
static void give_slack(Placer *p, NcTe *te, const NcAffine *index) {
  int d = te->type.rank - 1;
  bool fixed = te->kind != NC_TE_COMPUTE || (te->id < p->capacity && p->dense[te->id]);
  if (d < 1 || fixed || !nc_affine_is_axis(&index[d], p->vector))
    return;
  if (!te->layout)
    te->layout = plain_layout(p->builder);
  if (te->layout->low[d] == 0 && te->layout->high[d] == 0 && te->layout->steps[d] == 1)
    te->layout->slack = nc_row_slack(te->type.dims[d]);
}

static void give_slack_to_load(void *context, NcExpr *load) {
  if (!load->loaded[0])
    give_slack(context, load->tensor, load->index);
}

// Rows of what a sum of products goes through vector by vector are whole vectors.
static void align_rows(Placer *p, NcTe *te) {
  p->vector = nc_te_wanted_vector(te);
  if (te->reduce != NC_REDUCE_SUM || te->body->kind != NC_X_MUL || p->vector < 0 ||
      !nc_dtype_is_float(te->body->dtype) || nc_te_is_gemm(te, p->target->blas, NULL) ||
      nc_row_slack(te->extents[p->vector]) == 0)
    return;
  give_slack(p, te, te->store);
  nc_expr_loads(te->body, give_slack_to_load, p);
}

// Which tensors must be dense: what leaves the graph, and what is seen under another shape.
static void find_dense(Placer *p) {
  const NcGraph *g = p->graph->graph;
  for (int i = 0; i < g->results.count; i++)
    p->dense[p->graph->results[i]->id] = true;
  for (int i = 0; i < g->updates.count; i++)
    p->dense[p->graph->updates[i]->id] = true;
  for (int i = 0; i < p->builder->tensors.count; i++) {
    NcTe *te = p->builder->tensors.items[i];
    NcGemm gemm;
    if (te->kind == NC_TE_VIEW)
      p->dense[te->base->id] = true;
    if (nc_te_pinned(te) >= 0) // all of what is stored is first set to 0
      p->dense[te->id] = true;
    if (nc_te_is_gemm(te, p->target->blas, &gemm))
      p->dense[te->id] = p->dense[gemm.a->id] = p->dense[gemm.b->id] = true;
  }
}

void nc_layout(NcTensorGraph *graph, const NcTarget *target) {
  NcArena *scratch = nc_arena_create();
  NcTes added = {0}, order = {0};
  Placer p = {.graph = graph,
              .builder = &graph->builder,
              .scratch = scratch,
              .added = &added,
              .target = target};
  NcTeBuilder *b = p.builder;
  p.capacity = b->next_id;
  // Copies of copies are never made, so tensors that are added need no entries of their own.
  p.dense = NC_NEW_ARRAY(scratch, bool, b->next_id);
  p.copies = NC_NEW_ARRAY(scratch, NcTes, b->next_id);
  p.panels = NC_NEW_ARRAY(scratch, NcTes, b->next_id);
  find_dense(&p);
  int count = b->tensors.count;
  for (int i = 0; i < count; i++) {
    NcTe *te = b->tensors.items[i];
    added.count = 0;
    if (te->kind == NC_TE_COMPUTE)
      place_tensor(&p, te);
    for (int k = 0; k < added.count; k++)
      nc_vec_push(scratch, order, added.items[k]);
    nc_vec_push(scratch, order, te);
  }
  for (int i = 0; i < order.count; i++)
    if (order.items[i]->kind == NC_TE_COMPUTE)
      align_rows(&p, order.items[i]);
  nc_te_set_list(b, &order);
  nc_arena_destroy(scratch);
}
