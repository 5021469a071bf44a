// Winograd's minimal filtering.
//
// m results of a sum over r taps, y[i] = sum over t of x[i+t] * k[t], need n = m+r-1 products, not
// m*r:
//
//   y = At ((G k) . (Bt x))
//
// where . multiplies element by element, and At (m by n), G (n by r) and Bt (n by n) are matrices
// of a few numbers (Toom and Cook's: polynomials are multiplied by their values at n-1 small points
// and at infinity). In two dimensions tiles are m by m and the matrices are applied along both.
// Over channels the sum is taken of the products:
//
//   u[a,b,c,o]     = sum over r,s of G[a,r] * G[b,s] * k[r,s,c,o]
//   v[n,a,b,i,j,c] = sum over p,q of Bt[a,p] * Bt[b,q] * x[n, m*i+p, m*j+q, c]
//   z[n,a,b,i,j,o] = sum over c of v[n,a,b,i,j,c] * u[a,b,c,o]
//   y[n, m*i+p, m*j+q, o] = sum over a,b of At[p,a] * At[q,b] * z[n,a,b,i,j,o]
//
// The gradient of the kernel is the same with roles exchanged: y is known, and
//
//   d[n,a,b,i,j,o] = sum over p,q of At[p,a] * At[q,b] * y[n, m*i+p, m*j+q, o]
//   z[a,b,c,o]     = sum over n,i,j of v[n,a,b,i,j,c] * d[n,a,b,i,j,o]
//   k[r,s,c,o]     = sum over a,b of G[a,r] * G[b,s] * z[a,b,c,o]
//
// Sums along the matrices are spelled out: each value of such a tensor's last axes has an
// expression of its own, and they share what they can. Only the products in the middle, which are
// most of the work, are sums that the scheduler sees.
#include "kernel/winograd.h"

#include "kernel/expr.h"
#include "kernel/nest.h"

#include <math.h>
#include <string.h>

#define MAX_DIMS 2   // along which windows slide
#define MAX_POINTS 6 // of a dimension: with more, rounding errors grow

// ---- the matrices

// out[i] = sum over k of at[i][k] * in[k]
typedef struct Matrix {
  int outs, ins;
  double at[MAX_POINTS][MAX_POINTS];
} Matrix;

static Matrix transposed(const Matrix *m) {
  Matrix t = {m->ins, m->outs, {{0}}};
  for (int i = 0; i < m->outs; i++)
    for (int k = 0; k < m->ins; k++)
      t.at[k][i] = m->at[i][k];
  return t;
}

typedef struct Filtering {
  int results, points;
  Matrix values, kernel, results_of; // Bt, G, At
} Filtering;

static double point(int i) {
  static const double points[MAX_POINTS - 1] = {0, 1, -1, 2, -2};
  return points[i];
}

// The coefficients of the product of (x - point) over the first `count` points but `without`.
static void polynomial(int count, int without, double *coefficients) {
  memset(coefficients, 0, MAX_POINTS * sizeof *coefficients);
  coefficients[0] = 1;
  for (int i = 0, degree = 0; i < count; i++) {
    if (i == without)
      continue;
    degree++;
    for (int k = degree; k >= 0; k--)
      coefficients[k] = (k > 0 ? coefficients[k - 1] : 0) - point(i) * coefficients[k];
  }
}

static Filtering filtering(int results, int taps) {
  int points = results + taps - 1, last = points - 1;
  Filtering f = {
      results, points, {points, points, {{0}}}, {points, taps, {{0}}}, {results, points, {{0}}}};
  for (int i = 0; i < last; i++) {
    double scale = 1;
    for (int k = 0; k < last; k++)
      scale *= k == i ? 1 : point(i) - point(k);
    polynomial(last, i, f.values.at[i]);
    for (int k = 0; k < points; k++)
      f.values.at[i][k] *= scale < 0 ? -1 : 1;
    for (int k = 0; k < taps; k++)
      f.kernel.at[i][k] = pow(point(i), k) / fabs(scale);
    for (int k = 0; k < results; k++)
      f.results_of.at[k][i] = pow(point(i), k);
  }
  polynomial(last, -1, f.values.at[last]);
  f.kernel.at[last][taps - 1] = f.results_of.at[results - 1][last] = 1;
  return f;
}

// ---- spelled sums

// Terms are added to one whose factor is 1, if there is one: the others are fused multiply-adds.
static NcExpr *add_terms(NcTeBuilder *b, const double *factors, NcExpr *const *in, int count) {
  NcExpr *sum = NULL;
  int first = -1;
  for (int i = 0; i < count && first < 0; i++)
    first = factors[i] == 1 ? i : -1;
  if (first >= 0)
    sum = in[first];
  for (int i = 0; i < count; i++) {
    if (i == first || factors[i] == 0)
      continue;
    if (factors[i] == -1 && sum) {
      sum = nc_x_binary(b, NC_X_SUB, sum, in[i]);
      continue;
    }
    NcExpr *term = factors[i] == 1
                       ? in[i]
                       : nc_x_binary(b, NC_X_MUL, in[i], nc_x_const(b, in[i]->dtype, factors[i]));
    sum = sum ? nc_x_binary(b, NC_X_ADD, sum, term) : term;
  }
  return sum ? sum : nc_x_const(b, in[0]->dtype, 0);
}

// Whether two rows are sum and difference of the same two parts, which are then given.
static bool find_parts(const double *a, const double *b, int count, double *same, double *other) {
  bool any_same = false, any_other = false;
  for (int i = 0; i < count; i++) {
    bool equal = a[i] == b[i];
    if (!equal && a[i] != -b[i])
      return false;
    same[i] = equal ? a[i] : 0;
    other[i] = equal ? 0 : a[i];
    any_same = any_same || same[i] != 0;
    any_other = any_other || other[i] != 0;
  }
  return any_same && any_other;
}

// Where two columns are equal but for signs, sum and difference of what they meet take their place.
static Matrix pair_columns(NcTeBuilder *b, const Matrix *m, NcExpr *const *in, NcExpr **paired) {
  Matrix t = transposed(m);
  bool done[MAX_POINTS] = {false};
  memcpy(paired, in, (size_t)m->ins * sizeof *in);
  for (int i = 0; i < m->ins; i++) {
    double same[MAX_POINTS], other[MAX_POINTS];
    int k = i + 1;
    while (k < m->ins &&
           (done[i] || done[k] || !find_parts(t.at[i], t.at[k], m->outs, same, other)))
      k++;
    if (k >= m->ins)
      continue;
    done[i] = done[k] = true;
    paired[i] = nc_x_binary(b, NC_X_ADD, in[i], in[k]);
    paired[k] = nc_x_binary(b, NC_X_SUB, in[i], in[k]);
    memcpy(t.at[i], same, sizeof same);
    memcpy(t.at[k], other, sizeof other);
  }
  return transposed(&t);
}

// out = matrix in. Points of opposite signs have rows, or columns, that are sum and difference.
static void apply(NcTeBuilder *b, const Matrix *matrix, NcExpr *const *given, NcExpr **out) {
  NcExpr *in[MAX_POINTS];
  Matrix m = pair_columns(b, matrix, given, in);
  for (int i = 0; i < m.outs; i++)
    out[i] = NULL;
  for (int i = 0; i < m.outs; i++) {
    double same[MAX_POINTS], other[MAX_POINTS];
    int pair = i + 1;
    while (pair < m.outs &&
           (out[i] || out[pair] || !find_parts(m.at[i], m.at[pair], m.ins, same, other)))
      pair++;
    if (out[i])
      continue;
    if (pair >= m.outs) {
      out[i] = add_terms(b, m.at[i], in, m.ins);
      continue;
    }
    NcExpr *even = add_terms(b, same, in, m.ins), *odd = add_terms(b, other, in, m.ins);
    out[i] = nc_x_binary(b, NC_X_ADD, even, odd);
    out[pair] = nc_x_binary(b, NC_X_SUB, even, odd);
  }
}

// Along one dimension of what is read: places index + k meet the matrix's columns, its rows are
// steps of an axis.
typedef struct Pass {
  const Matrix *matrix;
  int dim, axis;
} Pass;

static NcExpr *choose(NcTeBuilder *b, int axis, NcExpr *const *values, int count) {
  NcExpr *x = values[count - 1];
  for (int i = count - 2; i >= 0; i--) {
    NcExpr *here =
        nc_x_binary(b, NC_X_EQ, nc_x_index(b, nc_affine_axis(axis)), nc_x_const_int(b, NC_I64, i));
    x = nc_x_select(b, here, values[i], x);
  }
  return x;
}

// Gives the tensor, whose last axes are those of the passes, its body: the matrices applied to what
// `load` reads and the places behind it.
static void spell(NcTeBuilder *b, NcTe *te, const NcExpr *load, const Pass *passes, int count) {
  NcExpr *in[MAX_POINTS][MAX_POINTS], *out[MAX_POINTS][MAX_POINTS], *column[MAX_POINTS],
      *rows[MAX_POINTS];
  const Matrix one = {1, 1, {{1}}}, *first = count > 1 ? passes[0].matrix : &one,
               *last = passes[count - 1].matrix;
  NcRewrite copy = {.builder = b};
  for (int i = 0; i < first->ins; i++)
    for (int k = 0; k < last->ins; k++) {
      in[i][k] = nc_expr_rewrite(&copy, (NcExpr *)load);
      if (count > 1)
        in[i][k]->index[passes[0].dim].constant += i;
      in[i][k]->index[passes[count - 1].dim].constant += k;
    }
  for (int k = 0; k < last->ins; k++) {
    NcExpr *values[MAX_POINTS];
    for (int i = 0; i < first->ins; i++)
      column[i] = in[i][k];
    apply(b, first, column, values);
    for (int i = 0; i < first->outs; i++)
      out[i][k] = values[i];
  }
  for (int i = 0; i < first->outs; i++) {
    NcExpr *values[MAX_POINTS];
    apply(b, last, out[i], values);
    rows[i] = choose(b, passes[count - 1].axis, values, last->outs);
  }
  te->body = count > 1 ? choose(b, passes[0].axis, rows, first->outs) : rows[0];
  te->spelled = count;
}

// ---- sums over windows

// A dimension along which the kernel slides: result, or known result, at `place` meets x at
// place + tap + shift (place - tap + shift if `flipped`).
typedef struct Slide {
  int place, tap; // axes
  int64_t shift, extent, taps;
  bool flipped;
  int kernel_dim; // of the kernel
} Slide;

// Axes of the sum: samples, channels of x, channels of the result.
typedef struct Sliding {
  NcTe *te;
  const NcExpr *x, *other; // the kernel, or of its gradient the known result
  bool of_kernel;          // it is the gradient of the kernel
  int dims, batch, inputs, outputs;
  int input_dim, output_dim; // of the kernel
  Slide slides[MAX_DIMS];
  Filtering f[MAX_DIMS];
} Sliding;

static int64_t extent(const Sliding *s, int axis) { return s->te->extents[axis].c; }

static int64_t tiles(const Sliding *s, int d) {
  return (s->slides[d].extent + s->f[d].results - 1) / s->f[d].results;
}

static bool is_reduced(const NcTe *te, int axis) { return axis >= te->axis_count; }

// The axis that the index is, along the whole dimension; -1 for others.
static int whole_axis(const NcTe *te, const NcExpr *load, int d) {
  for (int i = 0; i < te->axis_count + te->reduce_count; i++)
    if (nc_affine_is_axis(&load->index[d], i) &&
        nc_dim_equal(te->extents[i], load->tensor->type.dims[d]))
      return i;
  return -1;
}

// Of the two axes that move along dimension 1 + d of x the tap is that which the kernel has.
static bool find_slide(const Sliding *s, int d, Slide *slide) {
  const NcTe *te = s->te;
  const NcAffine *index = &s->x->index[1 + d];
  int axes[2] = {-1, -1}, count = 0;
  for (int i = 0; i < te->axis_count + te->reduce_count; i++) {
    if (!index->coef[i])
      continue;
    if (count == 2 || (index->coef[i] != 1 && index->coef[i] != -1) || te->extents[i].n)
      return false;
    axes[count++] = i;
  }
  if (count < 2 || s->x->steps[1 + d] != 1 || is_reduced(te, axes[0]) == is_reduced(te, axes[1]))
    return false;
  int reduced = is_reduced(te, axes[0]) ? 0 : 1;
  slide->tap = axes[s->of_kernel ? 1 - reduced : reduced];
  slide->place = axes[s->of_kernel ? reduced : 1 - reduced];
  slide->shift = index->constant;
  slide->flipped = index->coef[slide->tap] < 0;
  slide->extent = te->extents[slide->place].c;
  slide->taps = te->extents[slide->tap].c;
  return index->coef[slide->place] == 1 && !(slide->flipped && s->of_kernel);
}

// Of the kernel: which of its dimensions is which axis.
static bool find_kernel(Sliding *s) {
  int rank = s->other->tensor->type.rank, found = 0;
  s->outputs = -1;
  for (int e = 0; e < rank; e++) {
    int axis = whole_axis(s->te, s->other, e), d = 0;
    while (d < s->dims && s->slides[d].tap != axis)
      d++;
    if (d < s->dims) {
      s->slides[d].kernel_dim = e;
      found++;
    } else if (axis == s->inputs) {
      s->input_dim = e;
    } else if (axis >= 0 && !is_reduced(s->te, axis)) {
      s->output_dim = e;
      s->outputs = axis;
    } else {
      return false;
    }
  }
  return found == s->dims && s->outputs >= 0 && is_reduced(s->te, s->inputs) &&
         !is_reduced(s->te, s->batch) && !nc_type_has_batch(&s->other->tensor->type) &&
         s->te->reduce_count == s->dims + 1;
}

// Of a result that is known, with the dimensions of a convolution's.
static bool find_known(Sliding *s) {
  const NcTe *te = s->te;
  s->outputs = whole_axis(te, s->other, s->dims + 1);
  for (int d = 0; d < s->dims; d++)
    if (whole_axis(te, s->other, 1 + d) != s->slides[d].place)
      return false;
  return whole_axis(te, s->other, 0) == s->batch && s->outputs >= 0 && !te->finish &&
         !is_reduced(te, s->outputs) && !is_reduced(te, s->inputs) && is_reduced(te, s->batch) &&
         te->reduce_count == s->dims + 1;
}

static bool is_plain(const NcExpr *load) {
  return load->kind == NC_X_LOAD && !load->loaded[0] && nc_dtype_is_float(load->dtype) &&
         (!load->padded || load->fill == 0);
}

static bool find_roles(NcTe *te, const NcExpr *x, const NcExpr *other, bool of_kernel, Sliding *s) {
  *s = (Sliding){.te = te, .x = x, .other = other, .of_kernel = of_kernel};
  int rank = te->type.rank;
  if (!is_plain(x) || !is_plain(other) || other->padded || x->tensor->type.rank != rank ||
      other->tensor->type.rank != rank || rank < 3 || rank > 2 + MAX_DIMS)
    return false;
  s->dims = rank - 2;
  s->batch = whole_axis(te, x, 0);
  s->inputs = whole_axis(te, x, rank - 1);
  if (s->batch < 0 || s->inputs < 0 || !nc_dim_is_batch(te->extents[s->batch]))
    return false;
  for (int d = 0; d < s->dims; d++)
    if (!find_slide(s, d, &s->slides[d]))
      return false;
  return of_kernel ? find_known(s) : find_kernel(s);
}

static bool find_sliding(NcTe *te, Sliding *s) {
  if (te->kind != NC_TE_COMPUTE || te->reduce != NC_REDUCE_SUM || te->where || te->outer_count ||
      te->body->kind != NC_X_MUL || te->partial || !nc_te_stores_axes(te))
    return false;
  for (int way = 0; way < 4; way++)
    if (find_roles(te, te->body->args[way & 1], te->body->args[1 - (way & 1)], way >= 2, s))
      return true;
  return false;
}

// ---- what is less work

// Bytes of a sample that are written and read between the steps, beyond which they leave caches.
#define CACHED_BYTES (1 << 20)
// Loads, additions and stores of an element of a pass, beside half an operation for a product.
#define COST_OF_PASS 1.5
// Of the time that the products of a sum need alone.
#define WORTH_IT 0.85

static double vectors(int64_t channels) {
  return (double)((channels + NC_MAX_LANES - 1) / NC_MAX_LANES);
}

// The points of a tile, in all its dimensions.
static double points_of(const Sliding *s) {
  double points = 1;
  for (int d = 0; d < s->dims; d++)
    points *= s->f[d].points;
  return points;
}

static double tiles_of(const Sliding *s) {
  double count = 1;
  for (int d = 0; d < s->dims; d++)
    count *= (double)tiles(s, d);
  return count;
}

// Of a sample: vector operations.
static double work(const Sliding *s) {
  double points = points_of(s) * tiles_of(s), in = (double)extent(s, s->inputs),
         out = vectors(extent(s, s->outputs));
  return 0.5 * points * in * out +
         COST_OF_PASS * s->dims * points * (vectors(extent(s, s->inputs)) + out);
}

static double dense_work(const Sliding *s) {
  double work = 0.5 * (double)extent(s, s->inputs) * vectors(extent(s, s->outputs));
  for (int d = 0; d < s->dims; d++)
    work *= (double)(s->slides[d].extent * s->slides[d].taps);
  return work;
}

static double bytes_between(const Sliding *s) {
  double channels = (double)(extent(s, s->inputs) + extent(s, s->outputs));
  return points_of(s) * tiles_of(s) * channels * (double)nc_dtype_size(s->te->body->dtype);
}

// Tries numbers of results of a tile along dimension d and those after it.
static void try_tiles(Sliding *s, int d, double *least, Sliding *best) {
  if (d >= s->dims || d == MAX_DIMS) {
    double now = work(s);
    if (now < *least && bytes_between(s) <= CACHED_BYTES) {
      *least = now;
      *best = *s;
    }
    return;
  }
  for (int results = 1; results + s->slides[d].taps - 1 <= MAX_POINTS; results++) {
    s->f[d] = filtering(results, (int)s->slides[d].taps);
    try_tiles(s, d + 1, least, best);
  }
}

static bool choose_tiles(Sliding *s) {
  Sliding best = *s;
  double least = WORTH_IT * dense_work(s);
  try_tiles(s, 0, &least, &best);
  *s = best;
  return best.f[0].results > 0;
}

// ---- the tensors

typedef struct Maker {
  NcTeBuilder *builder;
  NcArena *scratch;
  NcTes order; // the tensors as they will be
} Maker;

static NcTe *add_tensor(Maker *m, const Sliding *s, const NcType *type) {
  m->builder->node = s->te->node;
  NcTe *te = nc_te_scatter(m->builder, *type);
  nc_vec_push(m->scratch, m->order, te);
  return te;
}

static NcAffine stored_axis(NcTe *te, int64_t size) {
  return nc_affine_axis(nc_te_axis(te, nc_dim(size)));
}

// Dimensions whose points fit into one pass are taken at once.
static int pass_end(const Sliding *s, int first) {
  int end = first;
  for (int count = 1; end < s->dims; end++) {
    count *= s->f[end].points;
    if (end > first && count > NC_MAX_SPELLED_VALUES)
      break;
  }
  return end;
}

// One pass along dimensions first … end-1 of [n, points…, places…, channel], in which those before
// are cut into tiles already.
static NcTe *cut_pass(Maker *m, const Sliding *s, const NcExpr *source, const Matrix *matrices,
                      const int64_t *length, int first, int end) {
  int dims = s->dims, at = 1 + end, last = at + dims;
  NcType type = {.dtype = source->dtype, .rank = 2 + end + dims};
  type.dims[0] = s->te->extents[s->batch];
  for (int d = 0; d < end; d++)
    type.dims[1 + d] = nc_dim(matrices[d].outs);
  for (int d = 0; d < dims; d++)
    type.dims[at + d] = nc_dim(d < end ? tiles(s, d) : length[d]);
  type.dims[last] = source->tensor->type.dims[source->tensor->type.rank - 1];
  NcTe *te = add_tensor(m, s, &type);
  NcAffine index[NC_MAX_RANK] = {{0}};
  te->role = "transform";
  te->store[0] = index[0] = nc_affine_axis(nc_te_axis(te, type.dims[0]));
  for (int d = 0; d < first; d++)
    te->store[1 + d] = index[1 + d] = stored_axis(te, type.dims[1 + d].c);
  for (int d = 0; d < dims; d++) {
    NcAffine place = te->store[at + d] = stored_axis(te, type.dims[at + d].c);
    if (d >= first && d < end)
      place = nc_affine_scale(place, s->f[d].results);
    index[1 + first + d] = nc_affine_offset(place, source->index[1 + first + d].constant);
  }
  te->store[last] = index[1 + first + dims] = stored_axis(te, type.dims[last].c);
  Pass passes[MAX_DIMS];
  for (int d = first; d < end; d++) {
    int axis = nc_te_axis(te, nc_dim(matrices[d].outs));
    te->store[1 + d] = nc_affine_axis(axis);
    passes[d - first] = (Pass){&matrices[d], 1 + first + d, axis};
  }
  NcExpr *load = nc_x_load(m->builder, source->tensor, index);
  load->padded = source->padded;
  load->fill = source->fill;
  spell(m->builder, te, load, passes, end - first);
  return te;
}

// Tiles of a tensor [n, places…, channel], with the matrices applied: [n, points…, tiles…,
// channel]. Place 0 of tile 0 is where the constants of the indices of `source` say.
static NcTe *cut(Maker *m, const Sliding *s, const NcExpr *source, const Matrix *matrices) {
  int64_t length[MAX_DIMS];
  const NcExpr *from = source;
  NcTe *te = NULL;
  for (int d = 0; d < s->dims; d++)
    length[d] = (tiles(s, d) - 1) * s->f[d].results + matrices[d].ins;
  for (int first = 0; first < s->dims; first = pass_end(s, first)) {
    te = cut_pass(m, s, from, matrices, length, first, pass_end(s, first));
    NcAffine none[NC_MAX_RANK] = {{0}};
    from = nc_x_load(m->builder, te, none);
  }
  return te;
}

// Whether tiles reach beyond the results, and what is read for them beyond what is there.
static bool reaches_beyond(const Sliding *s) {
  bool beyond = false;
  for (int d = 0; d < s->dims; d++)
    beyond = beyond || tiles(s, d) * s->f[d].results > s->slides[d].extent;
  return beyond;
}

// The load of a sum at the first place that it meets, without its axes.
static NcExpr *at_start(Maker *m, const Sliding *s, const NcExpr *load) {
  NcAffine index[NC_MAX_RANK] = {{0}};
  for (int d = 0; d < s->dims && load == s->x; d++) {
    const Slide *slide = &s->slides[d];
    index[1 + d].constant = slide->shift - (slide->flipped ? slide->taps - 1 : 0);
  }
  NcExpr *start = nc_x_load(m->builder, load->tensor, index);
  start->padded = load->padded || reaches_beyond(s);
  start->fill = load->fill;
  return start;
}

// The matrix of the kernel, whose taps are in the order in which they meet places.
static Matrix kernel_matrix(const Sliding *s, int d) {
  const Matrix *kernel = &s->f[d].kernel;
  Matrix m = *kernel;
  for (int i = 0; i < m.outs && s->slides[d].flipped; i++)
    for (int k = 0; k < m.ins; k++)
      m.at[i][k] = kernel->at[i][m.ins - 1 - k];
  return m;
}

// One pass along dimensions first … end-1 from [points…, taps…, input, output], whose dimensions
// are those of the source that `from` says.
static NcTe *kernel_pass(Maker *m, const Sliding *s, NcTe *source, const int *from, int first,
                         int end) {
  int dims = s->dims;
  NcType type = {.dtype = s->other->dtype, .rank = 2 + dims};
  for (int d = 0; d < dims; d++)
    type.dims[d] = nc_dim(d < end ? s->f[d].points : s->slides[d].taps);
  type.dims[dims] = s->te->extents[s->inputs];
  type.dims[dims + 1] = s->te->extents[s->outputs];
  NcTe *te = add_tensor(m, s, &type);
  NcAffine index[NC_MAX_RANK] = {{0}};
  te->role = "transform";
  for (int d = 0; d < type.rank; d++)
    if (d < first || d >= end)
      te->store[d] = index[from[d]] = stored_axis(te, type.dims[d].c);
  Matrix matrices[MAX_DIMS];
  Pass passes[MAX_DIMS];
  for (int d = first; d < end; d++) {
    int axis = nc_te_axis(te, type.dims[d]);
    te->store[d] = nc_affine_axis(axis);
    matrices[d] = kernel_matrix(s, d);
    passes[d - first] = (Pass){&matrices[d], from[d], axis};
  }
  spell(m->builder, te, nc_x_load(m->builder, source, index), passes, end - first);
  return te;
}

// The kernel as [points…, input, output].
static NcTe *kernel_of(Maker *m, const Sliding *s) {
  NcTe *te = s->other->tensor;
  int from[2 + MAX_DIMS], dims = s->dims;
  for (int d = 0; d < dims; d++)
    from[d] = s->slides[d].kernel_dim;
  from[dims] = s->input_dim;
  from[dims + 1] = s->output_dim;
  for (int first = 0, end; first < dims; first = end) {
    end = pass_end(s, first);
    te = kernel_pass(m, s, te, from, first, end);
    for (int d = 0; d < te->type.rank; d++)
      from[d] = d;
  }
  return te;
}

// A sum that has the most of the work, without its body: the sum's own node tells of it.
static NcTe *add_sum(Maker *m, const Sliding *s, const NcType *type) {
  NcTe *te = add_tensor(m, s, type);
  te->source = s->te->source ? s->te->source : s->te->node;
  te->reduce = NC_REDUCE_SUM;
  for (int d = 0; d < type->rank; d++)
    te->store[d] = nc_affine_axis(nc_te_axis(te, type->dims[d]));
  return te;
}

// Products of tiles and kernel: [n, points…, tiles…, output].
static NcTe *products_of(Maker *m, const Sliding *s, NcTe *values, NcTe *kernel) {
  int dims = s->dims, last = 1 + 2 * dims;
  NcType type = values->type;
  type.dims[last] = s->te->extents[s->outputs];
  NcTe *te = add_sum(m, s, &type);
  NcAffine value[NC_MAX_RANK], weight[NC_MAX_RANK];
  memcpy(value, te->store, sizeof value);
  for (int d = 0; d < dims; d++)
    weight[d] = te->store[1 + d];
  weight[dims] = value[last] = nc_affine_axis(nc_te_reduce(te, s->te->extents[s->inputs]));
  weight[dims + 1] = te->store[last];
  te->body = nc_x_binary(m->builder, NC_X_MUL, nc_x_load(m->builder, values, value),
                         nc_x_load(m->builder, kernel, weight));
  return te;
}

// Of the kernel's gradient: [points…, input, output].
static NcTe *sums_of(Maker *m, const Sliding *s, NcTe *values, NcTe *known) {
  int dims = s->dims;
  NcType type = {.dtype = s->te->body->dtype, .rank = 2 + dims};
  for (int d = 0; d < dims; d++)
    type.dims[d] = nc_dim(s->f[d].points);
  type.dims[dims] = s->te->extents[s->inputs];
  type.dims[dims + 1] = s->te->extents[s->outputs];
  NcTe *te = add_sum(m, s, &type);
  NcAffine value[NC_MAX_RANK], other[NC_MAX_RANK];
  value[0] = other[0] = nc_affine_axis(nc_te_reduce(te, s->te->extents[s->batch]));
  for (int d = 0; d < dims; d++) {
    value[1 + d] = other[1 + d] = te->store[d];
    value[1 + dims + d] = other[1 + dims + d] =
        nc_affine_axis(nc_te_reduce(te, nc_dim(tiles(s, d))));
  }
  value[1 + 2 * dims] = te->store[dims];
  other[1 + 2 * dims] = te->store[dims + 1];
  te->body = nc_x_binary(m->builder, NC_X_MUL, nc_x_load(m->builder, values, value),
                         nc_x_load(m->builder, known, other));
  return te;
}

// Of [n, points…, tiles…, output], or of a kernel's gradient [points…, input, output], the number
// of the first dimension of points.
static int lead(const Sliding *s) { return s->of_kernel ? 0 : 1; }

// Gives the tensor, which has no axes yet, its axes and body: a pass along dimensions first … end-1
// from points to results. at[d] receives the axis that stands for dimension d of the source.
static void join_pass(Maker *m, const Sliding *s, const Matrix *matrices, NcTe *source, NcTe *te,
                      int first, int end, NcAffine *at) {
  NcAffine index[NC_MAX_RANK] = {{0}};
  Pass passes[MAX_DIMS];
  for (int e = 0; e < source->type.rank; e++)
    if (e < lead(s) + first || e >= lead(s) + end)
      at[e] = index[e] = nc_affine_axis(nc_te_axis(te, source->type.dims[e]));
  for (int d = first; d < end; d++) {
    int axis = nc_te_axis(te, nc_dim(matrices[d].outs));
    at[lead(s) + d] = nc_affine_axis(axis);
    passes[d - first] = (Pass){&matrices[d], lead(s) + d, axis};
  }
  spell(m->builder, te, nc_x_load(m->builder, source, index), passes, end - first);
}

// What stands for the axes of the sum, where at[d] stands for dimension d of its source: of results
// there are tiles, of taps none.
static void sum_axes(const Sliding *s, const NcAffine *at, NcAffine *axes) {
  int dims = s->dims;
  for (int d = 0; d < dims; d++) {
    if (s->of_kernel)
      axes[s->slides[d].tap] = at[d];
    else
      axes[s->slides[d].place] =
          nc_affine_add(nc_affine_scale(at[1 + dims + d], s->f[d].results), at[1 + d]);
  }
  axes[s->of_kernel ? s->inputs : s->batch] = at[s->of_kernel ? dims : 0];
  axes[s->outputs] = at[s->of_kernel ? dims + 1 : 1 + 2 * dims];
}

// Makes the sum what joins the points of `source`, pass by pass.
static void join(Maker *m, const Sliding *s, const Matrix *matrices, NcTe *source) {
  NcTe *te = s->te;
  int first = 0, end;
  for (; end = pass_end(s, first), end < s->dims; first = end) {
    NcType type = source->type;
    for (int d = first; d < end; d++)
      type.dims[lead(s) + d] = nc_dim(matrices[d].outs);
    NcTe *next = add_tensor(m, s, &type);
    next->role = "transform";
    join_pass(m, s, matrices, source, next, first, end, next->store);
    source = next;
  }
  NcAffine at[NC_MAX_RANK], axes[NC_MAX_AXES] = {{0}};
  te->axis_count = te->reduce_count = 0;
  te->reduce = NC_REDUCE_NONE;
  te->source = NULL;
  m->builder->node = te->node;
  join_pass(m, s, matrices, source, te, first, end, at);
  sum_axes(s, at, axes);
  for (int d = 0; d < te->type.rank; d++)
    te->store[d] = nc_affine_substitute(te->store[d], axes);
  te->finish = nc_expr_rewrite(&(NcRewrite){.builder = m->builder, .axes = axes}, te->finish);
}

static void filter(Maker *m, const Sliding *s) {
  Matrix values[MAX_DIMS], known[MAX_DIMS], joined[MAX_DIMS];
  for (int d = 0; d < s->dims; d++) {
    values[d] = s->f[d].values;
    known[d] = transposed(&s->f[d].results_of);
    joined[d] = s->of_kernel ? transposed(&s->f[d].kernel) : s->f[d].results_of;
  }
  NcTe *v = cut(m, s, at_start(m, s, s->x), values);
  if (s->of_kernel)
    join(m, s, joined, sums_of(m, s, v, cut(m, s, at_start(m, s, s->other), known)));
  else
    join(m, s, joined, products_of(m, s, v, kernel_of(m, s)));
}

// ---- sums whose windows are pooled at once

// A pooling of sums, that fusion made one of: an axis of the result and one of the window are,
// window * axis + place in it, a place of the sums.
typedef struct Pooling {
  NcTe *te;
  int place[MAX_DIMS], window[MAX_DIMS]; // axes
  int64_t size[MAX_DIMS];
  bool ok;
} Pooling;

// Whether what is read moves with places of the sums alone.
static void look_at_places(void *context, NcExpr *x) {
  Pooling *p = context;
  int rank = x->kind == NC_X_LOAD ? x->tensor->type.rank : x->kind == NC_X_INDEX ? 1 : 0;
  for (int e = 0; e < rank; e++)
    for (int d = 0; d < p->te->outer_count; d++)
      p->ok = p->ok && x->index[e].coef[p->place[d]] == p->size[d] * x->index[e].coef[p->window[d]];
}

static bool find_pooling(NcTe *te, Pooling *p) {
  *p = (Pooling){.te = te, .ok = true};
  if (te->kind != NC_TE_COMPUTE || te->reduce != NC_REDUCE_SUM || !te->outer_count ||
      te->outer_count > MAX_DIMS || te->type.rank != te->outer_count + 2 || !nc_te_stores_here(te))
    return false;
  for (int d = 0; d < te->outer_count; d++) {
    p->place[d] = 1 + d;
    p->window[d] = te->axis_count + d;
    p->size[d] = te->extents[p->window[d]].c;
  }
  nc_expr_walk(te->body, look_at_places, p);
  nc_expr_walk(te->finish, look_at_places, p);
  return p->ok;
}

// The sums without their pooling.
static NcTe *sums_alone(Maker *m, const Pooling *p) {
  const NcTe *te = p->te;
  NcType type = te->type;
  type.dtype = te->finish ? te->finish->dtype : te->body->dtype;
  for (int d = 0; d < te->outer_count; d++)
    type.dims[1 + d] = nc_dim(te->extents[p->place[d]].c * p->size[d]);
  m->builder->node = te->source ? te->source : te->node;
  NcTe *sums = nc_te_compute(m->builder, type);
  NcAffine axes[NC_MAX_AXES] = {{0}};
  axes[0] = nc_affine_axis(0);
  for (int d = 0; d < te->outer_count; d++)
    axes[p->window[d]] = nc_affine_axis(p->place[d]);
  axes[te->type.rank - 1] = nc_affine_axis(te->type.rank - 1);
  for (int i = te->axis_count + te->outer_count; i < te->axis_count + te->reduce_count; i++)
    axes[i] = nc_affine_axis(nc_te_reduce(sums, te->extents[i]));
  NcRewrite r = {.builder = m->builder, .axes = axes};
  sums->reduce = te->reduce;
  sums->body = nc_expr_rewrite(&r, te->body);
  sums->finish = nc_expr_rewrite(&r, te->finish);
  return sums;
}

static void pool(Maker *m, const Pooling *p, NcTe *sums) {
  NcTe *te = p->te;
  NcAffine index[NC_MAX_RANK];
  for (int d = 0; d < te->type.rank; d++)
    index[d] = nc_affine_axis(d);
  for (int d = 0; d < te->outer_count; d++)
    index[1 + d] =
        nc_affine_add(nc_affine_scale(index[1 + d], p->size[d]), nc_affine_axis(p->window[d]));
  te->reduce = te->outer;
  te->reduce_count = te->outer_count;
  te->outer = NC_REDUCE_NONE;
  te->outer_count = 0;
  te->finish = NULL;
  te->source = NULL;
  m->builder->node = te->node;
  te->body = nc_x_load(m->builder, sums, index);
}

// ---- the graph

static void look_at(Maker *m, NcTe *te) {
  Sliding s;
  Pooling p;
  if (find_pooling(te, &p)) {
    NcTe *sums = sums_alone(m, &p);
    if (find_sliding(sums, &s) && choose_tiles(&s)) {
      filter(m, &s);
      nc_vec_push(m->scratch, m->order, sums);
      pool(m, &p, sums);
    }
  } else if (find_sliding(te, &s) && choose_tiles(&s)) {
    filter(m, &s);
  }
  nc_vec_push(m->scratch, m->order, te);
}

void nc_winograd(NcTensorGraph *graph) {
  NcTeBuilder *b = &graph->builder;
  Maker m = {.builder = b, .scratch = nc_arena_create()};
  NcTes old = nc_te_list(b, m.scratch);
  for (int i = 0; i < old.count; i++)
    look_at(&m, old.items[i]);
  nc_te_set_list(b, &m.order);
  nc_arena_destroy(m.scratch);
}
