// Choosing register tiles.
//
// A tile holds one accumulator for each of its points, so that what it loads in a step of the
// reduction is used several times. Tiles are compared by a model of the innermost loop: a processor
// of this kind does two vector operations and two loads in a cycle, and an accumulator can be added
// to every fourth; vectors of an operand that the nearest cache does not hold come line by line
// from the second. Where a tile does not divide an axis, the rest gets a smaller tile, which is
// weighed too, and so is what halos leave out. docs/internals.md has all of it.
#include "kernel/expr.h"
#include "kernel/layout.h"
#include "kernel/nest.h"

#include <math.h>

#define LATENCY 4.0        // cycles from one addition to an accumulator to the next
#define SUPPOSED_BATCH 16  // samples that a kernel is called with
#define EDGE_PENALTY 0.015 // for each further form of the tile: its code has to be made and fetched
// Where tiles cover what is busy a form counts as so many: it has code that copies, too.
#define COVERED_FORMS 4
#define FAR_PENALTY 0.004 // for each axis that lies within a tiled one: less of a tile is in cache
#define LINE_CYCLES 3.0   // that 64 bytes take from the second cache to the nearest
#define WORTH_SKIPPING 0.99 // of a reduction's steps less are gone through, else all
// For blocks of an image's rows, by how few there are: workers share rows, and who made those of an
// operand has them near.
#define ROWS_PENALTY 0.01
#define MAX_LOADS 24
#define AVX512_BYTES 64
// For a tile of several samples where another axis could have one: they lie far apart, and what is
// left of a batch goes one by one.
#define BATCH_PENALTY 0.15

typedef struct Load {
  bool far;                // vectors come from beyond the nearest cache
  bool vector;             // along the lanes' axis, else one element in all lanes
  bool looked_up;          // where another tells: a part of the operation that uses it
  bool along[NC_MAX_AXES]; // whether it moves with the axis, parallel or outer
} Load;

typedef struct Model {
  const NcNest *nest;
  const NcTarget *target;
  NcAxisPlan *plan;
  Load loads[MAX_LOADS];
  int load_count;
  double registers;  // that a vector takes
  double operations; // of a step, for each accumulator
  double steps;      // of the reduction
  double finish;     // cycles of an accumulator before and after the reduction
  double vectors;    // along the lanes' axis, in all
  double rest;       // what the last of them costs of a whole one
} Model;

static double extent_of(const NcNest *nest, int axis) {
  return (double)nc_dim_value(nest->extents[axis], SUPPOSED_BATCH);
}

// Of what a load goes through in a reduction, for all vectors.
static double bytes_of(const NcNest *nest, const NcExpr *load) {
  double bytes = (double)nc_dtype_size(load->dtype);
  for (int i = 0; i < nest->axis_count + nest->reduce_count; i++)
    if (nc_load_stride(load, i) != 0 && nest->extents[i].n == 0)
      bytes *= (double)nest->extents[i].c;
  return bytes;
}

static void note_load(void *context, NcExpr *x) {
  Model *m = context;
  if (m->load_count == MAX_LOADS)
    return;
  Load *load = &m->loads[m->load_count++];
  int lanes = nc_plan_lane_axis(m->nest, m->plan);
  load->looked_up = x->loaded[0] != NULL;
  load->vector = lanes >= 0 && nc_load_stride(x, lanes) != 0;
  load->far = load->vector && !load->looked_up && m->plan->vector >= 0 &&
              bytes_of(m->nest, x) > NC_NEAREST_BYTES;
  for (int i = 0; i < m->nest->axis_count + m->nest->outer_count; i++)
    load->along[i] = nc_load_stride(x, i) != 0 || !nc_load_is_affine_along(x, i);
}

// What the last vector along the lanes' axis costs of a whole one. It takes as many registers as it
// needs; and a half of an AVX-512 register half as long, where units are that wide.
static double cost_of_rest(const NcNest *nest, const NcTarget *target, const NcAxisPlan *plan) {
  int64_t rest = plan->vector < 0 ? 0 : nest->extents[plan->vector].c % plan->lanes;
  if (rest == 0 || nest->extents[plan->vector].n)
    return 1;
  double bytes = (double)nc_dtype_size(nest->body->dtype), width = target->vector_bytes,
         part = nc_rest_lanes(rest, plan->lanes) * bytes, whole = plan->lanes * bytes;
  if (width == AVX512_BYTES && part <= width / 2 && whole >= width)
    return width / 2 / whole;
  return ceil(part / width) / ceil(whole / width);
}

static Model make_model(const NcNest *nest, const NcTarget *target, NcAxisPlan *plan) {
  Model m = {.nest = nest, .target = target, .plan = plan, .steps = 1, .vectors = 1};
  m.rest = cost_of_rest(nest, target, plan);
  nc_expr_loads(nest->body, note_load, &m);
  nc_expr_loads(nest->where, note_load, &m);
  int bytes = plan->lanes * (int)nc_dtype_size(nest->body->dtype);
  m.registers = ceil((double)bytes / target->vector_bytes);
  bool product = nest->reduce == NC_REDUCE_SUM && nest->body->kind == NC_X_MUL;
  m.operations = nc_expr_arithmetic(nest->body) + (product && target->fma ? 0 : 1);
  for (int i = nest->outer_count; i < nest->reduce_count; i++)
    if (!(i == 0 && plan->hoist_batch))
      m.steps *= extent_of(nest, nest->axis_count + i);
  if (plan->vector_reduce)
    m.steps /= plan->lanes;
  m.finish =
      1 + 0.5 * (nest->finish ? nc_expr_cost(nest->finish) : 0) + (plan->hoist_batch ? 1 : 0);
  if (plan->vector >= 0)
    m.vectors = ceil(extent_of(nest, plan->vector) / plan->lanes);
  return m;
}

// Sizes of a tile: by tiled axis of the plan, then the vectors; and whether the last of those is
// what is left of the axis.
typedef struct Sizes {
  int of[NC_MAX_TILES + 1];
  bool last;
  double steps; // of the reduction
} Sizes;

static double parts_of(const Model *m, int t) {
  bool is_axis = t < m->plan->tile_count && t < NC_MAX_TILES;
  return is_axis ? extent_of(m->nest, m->plan->tiles[t].axis) : m->vectors;
}

static double accumulators(const Model *m, const Sizes *sizes) {
  double count = 1;
  for (int t = 0; t <= m->plan->tile_count; t++)
    count *= sizes->of[t];
  return count;
}

// What share of the tile's vectors is computed.
static double share_of(const Model *m, const Sizes *sizes) {
  double vectors = sizes->of[m->plan->tile_count];
  return sizes->last ? (vectors - 1 + m->rest) / vectors : 1;
}

// What a step of the reduction loads: all, or what has a register of its own; and the lines of it
// that the nearest cache does not hold.
static void count_loads(const Model *m, const Sizes *sizes, bool held, double *vectors,
                        double *elements, double *lines) {
  int tiles = m->plan->tile_count;
  *vectors = *elements = *lines = 0;
  for (int i = 0; i < m->load_count; i++) {
    const Load *load = &m->loads[i];
    double count = 1;
    for (int t = 0; t < tiles; t++)
      if (load->along[m->plan->tiles[t].axis])
        count *= sizes->of[t];
    if (load->vector && held && load->looked_up)
      continue;
    if (load->far)
      *lines += count * sizes->of[tiles];
    if (load->vector)
      *vectors += count * sizes->of[tiles] * m->registers;
    else
      *elements += count;
  }
}

// Whether accumulators, vectors that several of them use, and what is at work fit into registers.
static bool fits(const Model *m, const Sizes *sizes) {
  double vectors, elements, lines, count = accumulators(m, sizes);
  if (count == 1)
    return true;
  count_loads(m, sizes, true, &vectors, &elements, &lines);
  // With AVX-512 an operation can take an element of memory for all lanes: it needs no register if
  // it is used once.
  bool embedded =
      m->target->vector_bytes == 64 && m->registers == 1 && sizes->of[m->plan->tile_count] == 1;
  double others =
      (embedded ? 0 : 1) + (m->operations > 1 ? 1 : 0) + (m->operations > 2 ? m->registers : 0);
  if (vectors > count * m->registers) // none is used twice
    vectors = m->registers;
  return count * m->registers + vectors + others <=
         m->target->vector_registers - (embedded ? 2 : 0);
}

static double size_along(const Model *m, const Sizes *sizes, int axis) {
  if (axis == m->plan->vector)
    return sizes->of[m->plan->tile_count] * m->plan->lanes;
  for (int t = 0; t < m->plan->tile_count; t++)
    if (m->plan->tiles[t].axis == axis)
      return sizes->of[t];
  return 1;
}

// What share of a ranged axis tiles go through on average; 1 where several axes would tell.
static double range_share(const Model *m, const Sizes *sizes, const NcRange *r) {
  const NcNest *nest = m->nest;
  double length = extent_of(nest, r->axis), least = (double)r->at.constant, most = least;
  int axis = -1;
  for (int i = 0; i < nest->axis_count + nest->outer_count; i++) {
    double coef = (double)r->at.coef[i], reach = coef * (size_along(m, sizes, i) - 1);
    *(reach < 0 ? &least : &most) += reach;
    if (coef == 0 || i >= nest->axis_count)
      continue;
    if (axis >= 0 || nest->extents[i].n)
      return 1;
    axis = i;
  }
  if (axis < 0)
    return 1;
  double by = (double)r->at.coef[axis], step = size_along(m, sizes, axis), steps = 0, tiles = 0,
         size = (double)r->size, from = r->sign > 0 ? -most : least - size + 1,
         to = r->sign > 0 ? size - least : most + 1;
  double last = axis == nest->cover ? extent_of(nest, axis) - step : HUGE_VAL; // see emit_covered
  for (double i = 0; i < extent_of(nest, axis); i += step, tiles++) {
    double moved = -r->sign * by * fmin(i, last);
    steps += fmax(0, fmin(length, to + moved) - fmax(0, from + moved));
  }
  return steps / (tiles * length);
}

// Steps of the reduction: of ranged axes those that count, where that is worth a loop of a length
// that is not known. Which steps a tile skips depends on the tile, and where a factor is infinite
// they would tell.
static double steps_of(const Model *m, const Sizes *sizes, bool *skips) {
  double steps = m->steps;
  for (int i = 0; i < m->nest->range_count; i++) {
    double share = range_share(m, sizes, &m->nest->ranges[i]);
    skips[i] = !m->target->portable && share < WORTH_SKIPPING;
    steps *= skips[i] ? share : 1;
  }
  return steps;
}

// Cycles of one tile.
static double tile_cycles(const Model *m, const Sizes *sizes) {
  double vectors, elements, lines, share = share_of(m, sizes),
                                   count = accumulators(m, sizes) * m->registers * share;
  count_loads(m, sizes, false, &vectors, &elements, &lines);
  vectors *= share;
  double step = fmax(count * m->operations / 2, (vectors + elements) / 2);
  step = fmax(fmax(step, lines * LINE_CYCLES), LATENCY) + 0.3;
  return sizes->steps * step + count * m->finish + 10;
}

static double nest_cycles(const Model *m, const Sizes *sizes, Sizes *at, int t, int *forms);

// Cycles of tiles along the lanes' axis, of which the last may end in fewer lanes.
static double vectors_cycles(const Model *m, const Sizes *sizes, Sizes *at, int *forms) {
  int t = m->plan->tile_count;
  double size = sizes->of[t], others = ceil(m->vectors / size) - 1,
         left = m->vectors - others * size, cycles = 0;
  at->of[t] = sizes->of[t];
  if (left == size && m->rest == 1) // all are alike
    return (others + 1) * nest_cycles(m, sizes, at, t + 1, forms);
  if (others > 0)
    cycles = others * nest_cycles(m, sizes, at, t + 1, forms);
  at->of[t] = (int)left;
  at->last = true;
  cycles += nest_cycles(m, sizes, at, t + 1, forms);
  at->last = false;
  return cycles;
}

// Cycles of the whole nest: over part `t` of the sizes and those after it, full tiles and rests.
static double nest_cycles(const Model *m, const Sizes *sizes, Sizes *at, int t, int *forms) {
  if (t > m->plan->tile_count || t > NC_MAX_TILES) {
    ++*forms;
    return tile_cycles(m, at);
  }
  if (t == m->plan->tile_count)
    return vectors_cycles(m, sizes, at, forms);
  double parts = parts_of(m, t), full = floor(parts / sizes->of[t]),
         rest = parts - full * sizes->of[t];
  at->of[t] = sizes->of[t];
  if (m->plan->tiles[t].axis == m->nest->cover) // see coverage
    return parts / sizes->of[t] * nest_cycles(m, sizes, at, t + 1, forms);
  double cycles = full * nest_cycles(m, sizes, at, t + 1, forms);
  if (rest > 0) { // of a batch it goes one by one
    bool batch = m->nest->extents[m->plan->tiles[t].axis].n;
    at->of[t] = batch ? 1 : (int)rest;
    cycles += (batch ? rest : 1) * nest_cycles(m, sizes, at, t + 1, forms);
  }
  return cycles;
}

static bool is_tiled(const NcAxisPlan *plan, int axis) {
  bool tiled = false;
  for (int t = 0; t < plan->tile_count; t++)
    tiled = tiled || plan->tiles[t].axis == axis;
  return tiled;
}

// What busy runs of a covered nest are taken to be long, of the axis, where there are any.
#define BUSY_SHARE 0.5

// How much more tiles go through than is busy, on the average of inputs that are zero in places and
// of others: tiles do not end where runs do. Along the covered axis they begin there, but then the
// last two may overlap.
static double coverage(const Model *m, const Sizes *sizes) {
  const NcNest *nest = m->nest;
  double more = 1;
  for (int i = 0; nest->busy && i < nest->axis_count; i++) {
    if (nc_load_stride(nest->busy->args[0], i) == 0)
      continue;
    double extent = extent_of(nest, i), run = extent * BUSY_SHARE, size = size_along(m, sizes, i),
           all = 1, beyond = size - 1;
    if (i == nest->cover) {
      size = is_tiled(m->plan, i) ? size : extent;
      all = ceil(extent / size) * size / extent;
      beyond = (size - 1) / 2;
    }
    more *= (all + fmin(extent, run + beyond) / run) / 2;
  }
  return more;
}

typedef struct Best {
  double cycles;
  NcAxisPlan plan;
} Best;

static void consider(Model *m, const Sizes *sizes, Best *best) {
  Sizes at = *sizes;
  at.steps = steps_of(m, sizes, m->plan->skips);
  int forms = 0, tiles = m->plan->tile_count;
  double cycles = nest_cycles(m, sizes, &at, 0, &forms);
  for (int i = 0; i < m->nest->axis_count; i++) {
    if (i != m->plan->vector && !is_tiled(m->plan, i))
      cycles *= extent_of(m->nest, i);
  }
  double penalty = EDGE_PENALTY * (m->nest->busy ? COVERED_FORMS : 1) * (forms - 1);
  for (int t = 0; t < tiles; t++) {
    int axis = m->plan->tiles[t].axis;
    if (axis < m->nest->axis_count)
      penalty += FAR_PENALTY * (m->nest->axis_count - 1 - axis);
    penalty += m->nest->extents[axis].n && m->nest->axis_count > 2 ? BATCH_PENALTY : 0;
  }
  int rows = m->nest->extents[0].n ? 1 : 0;
  if (rows < m->nest->axis_count && rows != m->plan->vector)
    penalty += ROWS_PENALTY / ceil(extent_of(m->nest, rows) / size_along(m, sizes, rows));
  cycles *= (1 + penalty) * coverage(m, sizes);
  if (cycles >= best->cycles)
    return;
  best->cycles = cycles;
  best->plan = *m->plan;
  for (int t = 0; t < tiles; t++)
    best->plan.tiles[t].size = sizes->of[t];
  best->plan.vectors = sizes->of[tiles];
}

// Of an outer axis all is taken, of another at least two steps, but of one that is covered and of
// vectors at least one.
static int least_size(const Model *m, int t) {
  if (t < m->nest->outer_count)
    return (int)parts_of(m, t);
  bool is_axis = t < m->plan->tile_count && t < NC_MAX_TILES;
  return is_axis && m->plan->tiles[t].axis != m->nest->cover ? 2 : 1;
}

// Tries every size of part `t` and those after it.
static void try_sizes(Model *m, Sizes *sizes, int t, Best *best) {
  int tiles = m->plan->tile_count;
  // The vector axis is cut at run time where its extent is not known.
  bool fixed = t == tiles && (m->plan->vector < 0 || m->nest->extents[m->plan->vector].n > 0);
  double most = fixed ? 1 : parts_of(m, t);
  for (int size = least_size(m, t); size <= most; size++) {
    sizes->of[t] = size;
    for (int u = t + 1; u <= tiles && u <= NC_MAX_TILES; u++)
      sizes->of[u] = least_size(m, u);
    if (!fits(m, sizes))
      break;
    if (t < tiles && t < NC_MAX_TILES)
      try_sizes(m, sizes, t + 1, best);
    else
      consider(m, sizes, best);
  }
}

// Samples that do as well one after the other may come in that way, in a run: see find_runs.
static bool can_tile(const NcNest *nest, const NcAxisPlan *plan, int axis) {
  NcDim e = nest->extents[axis];
  return axis != plan->vector && !nc_nest_is_spelled(nest, axis) && !nc_dim_is(e, 1) &&
         (e.n == 0 || (nc_dim_is_batch(e) && nc_nest_by_chunk(nest)));
}

// How much a nest's loads go through, in bytes.
typedef struct Operands {
  int vector;
  int64_t samples;
  double moving, fixed; // that move with the vector axis, and that do not
} Operands;

static void add_operand(void *context, NcExpr *load) {
  Operands *o = context;
  double elements = (double)nc_dim_value(nc_te_storage(load->tensor), o->samples);
  *(nc_load_stride(load, o->vector) ? &o->moving : &o->fixed) +=
      elements * (double)nc_dtype_size(load->dtype);
}

// An operand that moves with the vector axis and that the second cache does not hold is gone
// through panel by panel, each of which stays there for all tiles of a sample; unless more would be
// read again of the other operand.
static void place_vectors(const NcNest *nest, NcAxisPlan *plan) {
  if (plan->vector < 0 || nest->extents[plan->vector].n || nest->reduce != NC_REDUCE_SUM)
    return;
  int first = nest->extents[0].n && nest->axis_count > 2 ? 1 : 0; // where samples go one by one
  Operands o = {.vector = plan->vector, .samples = first ? 1 : SUPPOSED_BATCH};
  nc_expr_loads(nest->body, add_operand, &o);
  double tiles = 1;
  for (int i = first; i < nest->axis_count; i++)
    if (i != plan->vector)
      tiles *= ceil(extent_of(nest, i) / (double)nc_plan_block(plan, i));
  double panels = ceil(extent_of(nest, plan->vector) / (double)nc_plan_block(plan, plan->vector));
  if (o.moving > NC_SECOND_BYTES && panels * o.fixed < tiles * o.moving)
    plan->outside = nest->axis_count - first;
}

void nc_nest_tile(const NcNest *nest, const NcTarget *target, NcAxisPlan *plan) {
  int outer = nest->outer_count;
  plan->vectors = 1;
  Model m = make_model(nest, target, plan);
  Best best = {.cycles = HUGE_VAL, .plan = *plan};
  Sizes sizes = {.of = {1}};
  try_sizes(&m, &sizes, 0, &best);
  for (int i = 0; i < nest->axis_count; i++) {
    if (!can_tile(nest, plan, i))
      continue;
    plan->tile_count = outer + 1;
    plan->tiles[outer].axis = i;
    try_sizes(&m, &sizes, 0, &best);
    for (int k = i + 1; k < nest->axis_count; k++) {
      if (!can_tile(nest, plan, k))
        continue;
      plan->tile_count = outer + 2;
      plan->tiles[outer + 1].axis = k;
      try_sizes(&m, &sizes, 0, &best);
      plan->tile_count = outer + 1;
    }
  }
  *plan = best.plan;
  plan->covers = is_tiled(plan, nest->cover);
  place_vectors(nest, plan);
}
