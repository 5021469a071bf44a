// Nodes of random graphs: all operators, shared values. The same seed gives the same nodes on every
// machine.
#ifndef NC_TESTS_OPS_RANDOM_NODES_H
#define NC_TESTS_OPS_RANDOM_NODES_H

#include "ops/samples.h"

#include "ops/build.h"

enum { RG_TYPICAL_BATCH = 3, RG_MAX_VARIABLES = 5, RG_MAX_INPUTS = 6 };
enum { RG_SMALL = 700, RG_LARGE = 20000 }; // elements; a product of large ones is left to BLAS

typedef struct RandomGraph {
  NcArena *arena;
  NcGraph *graph;
  uint64_t random;
  NcDtype dtype; // of the floats
  int64_t most;  // elements of a tensor
  bool smooth;   // f64, and gradients are derivatives: no smaller floats, no stop_gradient
  NC_VEC(NcNode *) pool;
} RandomGraph;

static inline int rg_below(RandomGraph *g, int limit) {
  return (int)(next_random(&g->random) % (uint64_t)limit);
}

static inline bool rg_chance(RandomGraph *g, int percent) { return rg_below(g, 100) < percent; }

static inline double rg_between(RandomGraph *g, double low, double high) {
  return low + next_uniform(&g->random) * (high - low);
}

static inline int64_t rg_size(RandomGraph *g) {
  if (g->most == RG_LARGE && rg_chance(g, 30))
    return 128 + rg_below(g, 5);
  static const int64_t sizes[] = {1, 1, 2, 2, 3, 3, 4, 5, 7, 8, 11, 15, 16, 17, 31, 33};
  return sizes[rg_below(g, sizeof sizes / sizeof *sizes)];
}

static inline int64_t rg_elements(const NcType *type) {
  return nc_dim_value(nc_type_elements(type), RG_TYPICAL_BATCH);
}

static inline bool rg_fits(const RandomGraph *g, const NcType *type) {
  return type->rank <= NC_MAX_RANK && rg_elements(type) <= g->most;
}

static inline NcType rg_shape(RandomGraph *g, NcDtype dtype, int least_rank, bool batched) {
  for (;;) {
    NcDim dims[NC_MAX_RANK];
    int rank = least_rank + rg_below(g, 4);
    for (int d = 0; d < rank; d++)
      dims[d] = nc_dim(rg_size(g));
    if (batched && rank > 0)
      dims[0] = (NcDim){rg_chance(g, 10) ? 2 : 1, 0};
    NcType type = nc_type(dtype, rank, dims);
    if (rg_fits(g, &type))
      return type;
  }
}

static inline NcNode *rg_keep(RandomGraph *g, NcNode *node) {
  if (node && rg_fits(g, &node->type))
    nc_vec_push(g->arena, g->pool, node);
  return node;
}

// A node that was made, the later the likelier.
static inline NcNode *rg_any(RandomGraph *g) {
  int count = g->pool.count;
  int back = rg_chance(g, 60) ? rg_below(g, count < 6 ? count : 6) : rg_below(g, count);
  return g->pool.items[count - 1 - back];
}

static inline NcNode *rg_variable(RandomGraph *g, NcType type) {
  NcModule *module = g->graph->module;
  char *name = nc_arena_printf(g->arena, "v%d", module->variables.count);
  NcVariable *variable = nc_module_add_variable(module, name, NC_VAR_PARAM, type, (NcSpan){0});
  return rg_keep(g, nc_graph_variable(g->graph, variable));
}

static inline NcNode *rg_input(RandomGraph *g, NcType type) {
  char *name = nc_arena_printf(g->arena, "x%d", g->graph->inputs.count);
  return rg_keep(g, nc_graph_input(g->graph, name, type));
}

static inline NcNode *rg_const(RandomGraph *g, NcType type) {
  double value = nc_dtype_is_float(type.dtype) ? floor(rg_between(g, -8, 8)) / 4
                 : type.dtype == NC_BOOL       ? rg_below(g, 2)
                                               : rg_below(g, 6);
  return rg_keep(g, nc_const(g->graph, value, type));
}

static inline NcNode *rg_leaf(RandomGraph *g, NcType type) {
  bool is_float = nc_dtype_is_float(type.dtype);
  int kind = rg_below(g, 8);
  if (kind < 3 && !nc_type_has_batch(&type) && g->graph->module->variables.count < RG_MAX_VARIABLES)
    return rg_variable(g, type);
  if (kind < 6 && g->graph->inputs.count < RG_MAX_INPUTS)
    return rg_input(g, type);
  if (kind == 6 && type.rank > 0 && type.dtype != NC_BOOL) {
    int axis = rg_below(g, type.rank);
    if (nc_dim_is_constant(type.dims[axis]) || type.dtype == NC_I64)
      return rg_keep(g, nc_iota(g->graph, type, axis));
  }
  if (kind == 7 && is_float)
    return rg_keep(g, nc_random(g->graph, type, rg_below(g, 3)));
  return rg_const(g, type);
}

// A node of the type: one that there is, or one made for it.
static inline NcNode *rg_of_type(RandomGraph *g, NcType type) {
  NcNode *found[64];
  int count = 0;
  for (int i = g->pool.count - 1; i >= 0 && count < 64; i--)
    if (nc_type_equal(&g->pool.items[i]->type, &type))
      found[count++] = g->pool.items[i];
  if (count && rg_chance(g, 80))
    return found[rg_below(g, count)];
  for (int i = g->pool.count - 1; i >= 0 && rg_chance(g, 70); i--) {
    NcNode *node = g->pool.items[i];
    if (nc_shape_equal(&node->type, &type) && node->type.dtype != type.dtype)
      return rg_keep(g, nc_cast(g->graph, node, type.dtype));
  }
  return rg_leaf(g, type);
}

static inline NcNode *rg_any_float(RandomGraph *g) {
  NcNode *node = rg_any(g);
  return nc_dtype_is_float(node->type.dtype) ? node : rg_keep(g, nc_cast(g->graph, node, g->dtype));
}

// --- elementwise operators

static inline void rg_binary(RandomGraph *g) {
  NcNode *a = rg_any(g), *b = rg_of_type(g, a->type), *y;
  NcGraph *graph = g->graph;
  bool is_float = nc_dtype_is_float(a->type.dtype);
  if (a->type.dtype == NC_BOOL) {
    y = rg_chance(g, 50) ? nc_and(graph, a, b) : nc_or(graph, a, nc_not(graph, b));
  } else {
    switch (rg_below(g, 8)) {
    case 0:
      y = nc_sub(graph, a, b);
      break;
    case 1:
      y = nc_max(graph, a, b);
      break;
    case 2:
      y = nc_min(graph, a, b);
      break;
    case 3:
      y = is_float ? nc_div(graph, a, nc_add_const(graph, nc_abs(graph, b), 1))
                   : nc_div(graph, a, nc_const_like(graph, 1 + rg_below(g, 5), a));
      break;
    case 4:
    case 5:
      y = nc_mul(graph, a, b);
      break;
    default:
      y = nc_add(graph, a, b);
    }
  }
  rg_keep(g, y);
}

static inline void rg_unary(RandomGraph *g) {
  NcNode *a = rg_any(g), *y = NULL;
  NcGraph *graph = g->graph;
  if (a->type.dtype == NC_BOOL) {
    rg_keep(g, nc_not(graph, a));
    return;
  }
  if (!nc_dtype_is_float(a->type.dtype)) {
    rg_keep(g, rg_chance(g, 50) ? nc_neg(graph, a) : nc_abs(graph, a));
    return;
  }
  switch (rg_below(g, 11)) {
  case 0:
    y = nc_neg(graph, a);
    break;
  case 1:
    y = nc_abs(graph, a);
    break;
  case 2:
    y = nc_exp(graph, nc_min(graph, a, nc_const_like(graph, 2, a)));
    break;
  case 3:
    y = nc_log(graph, nc_add_const(graph, nc_abs(graph, a), 0.25));
    break;
  case 4:
    y = nc_sqrt(graph, nc_add_const(graph, nc_abs(graph, a), 0.25));
    break;
  case 5:
    y = nc_sin(graph, a);
    break;
  case 6:
    y = nc_cos(graph, a);
    break;
  case 7:
    y = nc_erf(graph, a);
    break;
  case 8:
    y = rg_chance(g, 40) || g->smooth ? nc_floor(graph, a) : nc_stop_gradient(graph, a);
    break;
  case 9:
    y = nc_pow(graph, nc_add_const(graph, nc_abs(graph, a), 0.5),
               nc_const_like(graph, rg_between(g, -2, 2), a));
    break;
  default:
    y = nc_tanh(graph, a);
  }
  rg_keep(g, y);
}

static inline NcNode *rg_condition(RandomGraph *g, NcType type) {
  if (rg_chance(g, 40))
    return rg_of_type(g, nc_type_with_dtype(type, NC_BOOL));
  NcNode *a = rg_of_type(g, type), *b = rg_of_type(g, type);
  if (type.dtype == NC_BOOL)
    return nc_eq(g->graph, a, b);
  switch (rg_below(g, 4)) {
  case 0:
    return nc_lt(g->graph, a, b);
  case 1:
    return nc_le(g->graph, a, b);
  case 2:
    return nc_eq(g->graph, a, b);
  default:
    return nc_ne(g->graph, a, b);
  }
}

static inline void rg_select(RandomGraph *g) {
  NcNode *a = rg_any(g), *b = rg_of_type(g, a->type);
  NcNode *condition = rg_keep(g, rg_condition(g, a->type));
  rg_keep(g, nc_select(g->graph, condition, a, b));
}

static inline void rg_cast(RandomGraph *g) {
  static const NcDtype dtypes[] = {NC_BOOL, NC_U8, NC_I32, NC_I64, NC_F32, NC_F64};
  NcDtype to = rg_chance(g, 60) ? g->dtype : dtypes[rg_below(g, 6)];
  NcNode *node = rg_any(g);
  if (to != node->type.dtype && !(g->smooth && to == NC_F32))
    rg_keep(g, nc_cast(g->graph, node, to));
}

// --- structure

// A random way to write a number as a product, into the dims after `rank`.
static inline int rg_factors(RandomGraph *g, int64_t number, NcDim *dims, int rank) {
  while (rank < NC_MAX_RANK - 1 && number > 1 && rg_chance(g, 70)) {
    int64_t factor = 1 + rg_below(g, (int)number);
    while (number % factor != 0)
      factor--;
    dims[rank++] = nc_dim(factor);
    number /= factor;
  }
  if (number > 1 || rank == 0 || rg_chance(g, 15))
    dims[rank++] = nc_dim(number);
  return rank;
}

static inline void rg_reshape(RandomGraph *g) {
  NcNode *a = rg_any(g);
  NcDim count = nc_type_elements(&a->type), dims[NC_MAX_RANK + 1];
  int rank = 0;
  int64_t rest = count.c;
  if (count.n) {
    int64_t n = rg_chance(g, 70) ? 1 : 1 + rg_below(g, (int)count.n);
    while (count.n % n != 0)
      n--;
    dims[rank++] = (NcDim){n, 0};
    rest = count.n / n;
  }
  rank = rg_factors(g, rest, dims, rank);
  if (rank <= NC_MAX_RANK)
    rg_keep(g, nc_reshape(g->graph, a, rank, dims));
}

static inline void rg_broadcast(RandomGraph *g) {
  NcNode *a = rg_any(g);
  NcDim dims[2 * NC_MAX_RANK];
  int64_t axes[NC_MAX_RANK];
  int rank = 0;
  bool batched = nc_type_has_batch(&a->type);
  for (int d = 0; d <= a->type.rank; d++) {
    if (rg_chance(g, 40) && !(batched && d == 0)) {
      bool can_batch = rank == 0 && !batched && rg_chance(g, 50);
      dims[rank++] = can_batch ? nc_dim_batch() : nc_dim(rg_size(g));
    }
    if (d == a->type.rank)
      break;
    axes[d] = rank;
    dims[rank++] = a->type.dims[d];
  }
  if (rank > NC_MAX_RANK || rank == a->type.rank)
    return;
  NcType type = nc_type(a->type.dtype, rank, dims);
  if (rg_fits(g, &type))
    rg_keep(g, nc_broadcast(g->graph, a, axes, rank, dims));
}

static inline void rg_transpose(RandomGraph *g) {
  NcNode *a = rg_any(g);
  int first = nc_type_has_batch(&a->type);
  int64_t perm[NC_MAX_RANK];
  for (int d = 0; d < a->type.rank; d++)
    perm[d] = d;
  for (int d = a->type.rank - 1; d > first; d--) {
    int other = first + rg_below(g, d - first + 1);
    int64_t swapped = perm[d];
    perm[d] = perm[other];
    perm[other] = swapped;
  }
  if (a->type.rank > first + 1)
    rg_keep(g, nc_transpose(g->graph, a, perm));
}

static inline void rg_slice(RandomGraph *g) {
  NcNode *a = rg_any(g);
  int64_t start[NC_MAX_RANK], limit[NC_MAX_RANK], step[NC_MAX_RANK];
  for (int d = 0; d < a->type.rank; d++) {
    start[d] = 0, limit[d] = -1, step[d] = 1;
    if (!nc_dim_is_constant(a->type.dims[d]))
      continue;
    int size = (int)a->type.dims[d].c;
    limit[d] = size;
    if (rg_chance(g, 40))
      continue;
    start[d] = rg_below(g, size);
    limit[d] = start[d] + 1 + rg_below(g, size - (int)start[d]);
    step[d] = 1 + rg_below(g, 3);
  }
  if (a->type.rank > 0)
    rg_keep(g, nc_slice(g->graph, a, start, limit, step));
}

static inline void rg_pad(RandomGraph *g) {
  NcNode *a = rg_any(g);
  int64_t low[NC_MAX_RANK] = {0}, high[NC_MAX_RANK] = {0}, interior[NC_MAX_RANK] = {0};
  NcType type = a->type;
  for (int d = 0; d < a->type.rank; d++) {
    if (!nc_dim_is_constant(a->type.dims[d]) || rg_chance(g, 40))
      continue;
    low[d] = rg_below(g, 3), high[d] = rg_below(g, 3), interior[d] = rg_below(g, 3);
    type.dims[d].c = low[d] + high[d] + (type.dims[d].c - 1) * (interior[d] + 1) + 1;
  }
  static const double values[] = {0, 0, 1, 0.5, -3};
  double value = values[rg_below(g, nc_dtype_is_float(type.dtype) ? 5 : 3)];
  if (a->type.rank > 0 && rg_fits(g, &type))
    rg_keep(g, nc_pad(g->graph, a, low, high, interior, value));
}

static inline void rg_concat(RandomGraph *g) {
  NcNode *a = rg_any(g);
  int axis = a->type.rank ? rg_below(g, a->type.rank) : 0;
  if (a->type.rank == 0 || !nc_dim_is_constant(a->type.dims[axis]))
    return;
  NcType type = a->type, whole = a->type;
  type.dims[axis].c = rg_chance(g, 50) ? type.dims[axis].c : rg_size(g);
  whole.dims[axis].c += type.dims[axis].c;
  if (!rg_fits(g, &type) || !rg_fits(g, &whole))
    return;
  NcNode *b = rg_of_type(g, type);
  rg_keep(g, rg_chance(g, 50) ? nc_concat(g->graph, a, b, axis) : nc_concat(g->graph, b, a, axis));
}

static inline int rg_axes(RandomGraph *g, const NcType *type, bool batch_too, int64_t *axes) {
  int count = 0;
  for (int d = 0; d < type->rank; d++)
    if ((batch_too || nc_dim_is_constant(type->dims[d])) && rg_chance(g, 50))
      axes[count++] = d;
  return count;
}

static inline void rg_reverse(RandomGraph *g) {
  NcNode *a = rg_any(g);
  int64_t axes[NC_MAX_RANK];
  int count = rg_axes(g, &a->type, false, axes);
  if (count)
    rg_keep(g, nc_reverse(g->graph, a, axes, count));
}

// Integers of the type's dtype and shape in 0..size.
static inline NcNode *rg_index(RandomGraph *g, NcType type, int64_t size) {
  NcNode *node = rg_of_type(g, type);
  int64_t last = size - 1;
  if (type.dtype == NC_U8 && last > UINT8_MAX)
    last = UINT8_MAX;
  node = nc_max(g->graph, node, nc_const_like(g->graph, 0, node));
  return rg_keep(g, nc_min(g->graph, node, nc_const_like(g->graph, (double)last, node)));
}

static inline void rg_gather(RandomGraph *g) {
  static const NcDtype dtypes[] = {NC_U8, NC_I32, NC_I64, NC_I64};
  NcNode *x = rg_any(g);
  int axis = x->type.rank ? rg_below(g, x->type.rank) : 0;
  if (x->type.rank == 0 || !nc_dim_is_constant(x->type.dims[axis]))
    return;
  int batch = rg_chance(g, 60) ? rg_below(g, axis + 1) : 0, rows = rg_below(g, 3);
  NcType type = nc_type(dtypes[rg_below(g, 4)], batch, x->type.dims);
  for (int i = 0; i < rows; i++)
    type.dims[type.rank++] = nc_dim(rg_size(g));
  if (axis == 0 && rows > 0 && rg_chance(g, 60))
    type.dims[0] = nc_dim_batch();
  int64_t size = x->type.dims[axis].c;
  if (!rg_fits(g, &type))
    return;
  NcAttr form[] = {nc_attr_int(axis), nc_attr_int(batch), nc_attr_int(0)};
  NcNode *index = rg_index(g, type, size);
  NcInfer infer;
  NcNode *y = nc_graph_try_add(g->graph, &nc_op_gather, (NcNode *[]){x, index}, 2, form, &infer);
  if (!y || !rg_fits(g, &y->type))
    return;
  rg_keep(g, y);
  if (y->type.dtype != NC_BOOL && rg_chance(g, 60))
    rg_keep(g, nc_scatter_add(g->graph, rg_of_type(g, y->type), index, form,
                              rg_chance(g, 50) ? size : size + rg_below(g, 40)));
}

// --- reductions, products, windows

static inline void rg_reduce(RandomGraph *g) {
  NcNode *a = rg_any(g);
  int64_t axes[NC_MAX_RANK];
  int count = rg_axes(g, &a->type, true, axes);
  if (count == 0 || a->type.dtype == NC_BOOL)
    return;
  switch (rg_below(g, 6)) {
  case 0:
    rg_keep(g, nc_reduce_max(g->graph, a, axes, count));
    break;
  case 1:
    rg_keep(g, nc_reduce_min(g->graph, a, axes, count));
    break;
  case 2:
    rg_keep(g, nc_argmax(g->graph, a, (int)axes[0]));
    break;
  default:
    rg_keep(g, nc_sum(g->graph, a, axes, count));
  }
}

static inline void rg_matmul(RandomGraph *g) {
  NcNode *a = rg_any_float(g);
  int rank = a->type.rank;
  if (rank < 2)
    return;
  bool ta = rg_chance(g, 40), tb = rg_chance(g, 40);
  NcDim k = a->type.dims[ta ? rank - 2 : rank - 1], p = nc_dim(rg_size(g));
  NcType type = a->type;
  bool shared = rank > 2 && rg_chance(g, 40);
  if (shared) {
    type.rank = rank = 2;
  }
  type.dims[rank - 2] = tb ? p : k;
  type.dims[rank - 1] = tb ? k : p;
  if (k.n && (tb || rank > 2))
    return;
  if (nc_type_check(g->arena, &type) || !rg_fits(g, &type))
    return;
  NcNode *b = rg_of_type(g, type);
  NcAttr attrs[] = {nc_attr_int(ta), nc_attr_int(tb)};
  NcInfer infer;
  NcNode *y = nc_graph_try_add(g->graph, &nc_op_matmul, (NcNode *[]){a, b}, 2, attrs, &infer);
  if (y)
    rg_keep(g, nc_mul_const(g->graph, y, 0.25));
}

// An operand with batch, spatial dimensions and channels.
static inline NcNode *rg_image(RandomGraph *g) {
  for (int i = g->pool.count - 1; i >= 0; i--) {
    NcNode *node = g->pool.items[i];
    if (nc_dtype_is_float(node->type.dtype) && node->type.rank >= 3 && node->type.rank <= 5 &&
        rg_chance(g, 60))
      return node;
  }
  return rg_leaf(g, rg_shape(g, g->dtype, 3, rg_chance(g, 70)));
}

static inline void rg_conv(RandomGraph *g) {
  NcNode *x = rg_image(g);
  int spatial = x->type.rank - 2;
  if (spatial > 3)
    return;
  int channels = (int)x->type.dims[spatial + 1].c;
  int groups = rg_chance(g, 50) ? 1 : 1 + rg_below(g, channels);
  while (channels % groups)
    groups--;
  NcType kernel = nc_type(x->type.dtype, spatial + 2, x->type.dims);
  NcAttr form[4] = {{.count = spatial}, {.count = 2 * spatial}, {.count = spatial}, {.i = groups}};
  for (int d = 0; d < spatial; d++) {
    int64_t dilation = 1 + rg_below(g, 2);
    kernel.dims[d] = nc_dim(1 + rg_below(g, 3));
    int64_t reach = (kernel.dims[d].c - 1) * dilation;
    form[0].ints[d] = 1 + rg_below(g, 3);
    form[1].ints[2 * d] = rg_below(g, (int)reach + 1);
    form[1].ints[2 * d + 1] = rg_below(g, (int)reach + 1);
    form[2].ints[d] = dilation;
  }
  kernel.dims[spatial] = nc_dim(channels / groups);
  kernel.dims[spatial + 1] = nc_dim(groups * (1 + rg_below(g, 20 / groups + 1)));
  if (!rg_fits(g, &kernel))
    return;
  NcInfer infer;
  NcNode *k = rg_of_type(g, kernel);
  NcNode *y = nc_graph_try_add(g->graph, &nc_op_conv, (NcNode *[]){x, k}, 2, form, &infer);
  if (!y || !rg_fits(g, &y->type))
    return;
  rg_keep(g, nc_mul_const(g->graph, y, 0.25));
  NcNode *dy = rg_of_type(g, y->type);
  if (rg_chance(g, 40))
    rg_keep(g, nc_conv_input_grad(g->graph, dy, k, form, x->type));
  if (rg_chance(g, 40))
    rg_keep(g, nc_conv_kernel_grad(g->graph, x, dy, form, kernel));
}

static inline void rg_window(RandomGraph *g) {
  NcNode *x = rg_image(g);
  int spatial = x->type.rank - 2;
  if (spatial > 3)
    return;
  NcAttr form[3] = {{.count = spatial}, {.count = spatial}, {.count = 2 * spatial}};
  for (int d = 0; d < spatial; d++) {
    int size = 1 + rg_below(g, 3);
    form[0].ints[d] = size;
    form[1].ints[d] = rg_chance(g, 50) ? size : 1 + rg_below(g, 3);
    form[2].ints[2 * d] = rg_below(g, size);
    form[2].ints[2 * d + 1] = rg_below(g, size);
  }
  NcInfer infer;
  NcNode *y = nc_graph_try_add(g->graph, &nc_op_window_max, (NcNode *[]){x}, 1, form, &infer);
  if (!y || !rg_fits(g, &y->type))
    return;
  rg_keep(g, y);
  if (rg_chance(g, 40))
    rg_keep(g, nc_window_max_scatter(g->graph, x, rg_of_type(g, y->type), form));
  if (rg_chance(g, 40))
    rg_keep(g, nc_window_max_pick(g->graph, x, rg_of_type(g, x->type), form));
  if (rg_chance(g, 60))
    rg_keep(g, nc_mul_const(g->graph, nc_window_sum(g->graph, x, form), 0.25));
  if (rg_chance(g, 40))
    rg_keep(g,
            nc_mul_const(g->graph,
                         nc_window_spread(g->graph, rg_of_type(g, y->type), form, x->type), 0.5));
}

static inline void rg_scalar(RandomGraph *g) {
  switch (rg_below(g, 3)) {
  case 0:
    rg_keep(g, nc_batch(g->graph));
    break;
  case 1:
    rg_keep(g, nc_step(g->graph));
    break;
  default:
    rg_keep(g, nc_epoch(g->graph));
  }
}

static inline void rg_grow(RandomGraph *g) {
  static void (*const makers[])(RandomGraph *) = {
      rg_binary, rg_binary, rg_binary,  rg_binary,  rg_unary,     rg_unary,     rg_unary,
      rg_select, rg_cast,   rg_reshape, rg_reshape, rg_broadcast, rg_broadcast, rg_transpose,
      rg_slice,  rg_pad,    rg_concat,  rg_reverse, rg_gather,    rg_gather,    rg_reduce,
      rg_reduce, rg_matmul, rg_matmul,  rg_conv,    rg_conv,      rg_window,    rg_scalar};
  makers[rg_below(g, sizeof makers / sizeof *makers)](g);
}

#endif
