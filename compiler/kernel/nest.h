// A tensor expression with its accesses as flat addresses, ready to be scheduled.
#ifndef NC_KERNEL_NEST_H
#define NC_KERNEL_NEST_H

#include "kernel/target.h"
#include "kernel/tensor.h"

#define NC_MAX_BOUNDS 3
#define NC_MAX_RANGES 3
#define NC_MAX_PLACES 3
#define NC_MAX_CHOICES 16

// Loads in the expressions have index[0] as their address in the tensor's storage; other dimensions
// mean nothing. `slack` of a load says how many elements behind the last one that its fastest axis
// reaches may be read too, and mean nothing; store_slack, how many may be written.
//
// A reduced axis may be bounded: its points count while scale*axis + by*parallel + constant < 0,
// where `parallel` is an axis of few steps, which are spelled out one after the other.
typedef struct NcBound {
  int axis, parallel;
  int64_t scale, by, constant;
} NcBound;

// The last step of an axis, a tile, is whole in some values alone: those at places of the tile that
// are within the dimension.
typedef struct NcRagged {
  int axis;
  int64_t full; // steps before it
  int place;    // the tensor's axis of places in a tile
  int64_t rest; // of which so many are within
} NcRagged;
#define NC_MAX_RAGGED 3

// A reduced axis of a sum of products may be ranged: where not 0 <= at + sign*axis < size a factor
// is in its halo, a zero. `at` moves with parallel and outer axes.
typedef struct NcRange {
  int axis, sign;
  NcAffine at;
  int64_t size;
} NcRange;

// What a nest of siblings, or of values that are spelled out, computes beside its first result.
typedef struct NcNestResult {
  const NcTe *te;
  NcExpr *value;
  NcAffine store;
  int64_t store_slack;
  bool beyond[NC_MAX_RAGGED]; // is left out in the last step of a ragged axis
} NcNestResult;

// A sum may be sparse: of the reduced axis `listed` only the points count where `where` is true,
// and of the axes `chosen` one step at most for each of them. Words have a bit for each point that
// counts, by chosen steps, and only those are gone through. Axes of the result, `places`, stand
// where reduced axes say: all of their steps are in a tile, whose elements a term is added to. All
// reduced axes but the listed one are spelled out.
typedef struct NcSparse {
  int listed;
  bool chosen[NC_MAX_AXES];
  int place_count; // 0: the sum is not sparse
  struct {
    int axis;
    NcAffine at;
  } places[NC_MAX_PLACES];
} NcSparse;

// Where `busy`, a comparison of a load with a constant, is false a result is `quiet` too: of the
// axis `cover`, the last that moves the load, which is a byte a step, tiles need only cover the
// steps that are busy.
//
// An axis may be pinned: at each point of the reduced axes, and of the axes before it, it stands at
// one place, the value of `pin`. Axes behind it run innermost, and sums go through memory.
typedef struct NcNest {
  const NcTe *te; // the first of siblings
  int axis_count, reduce_count;
  NcDim extents[NC_MAX_AXES];
  NcReduce reduce, outer;
  int outer_count; // as in NcTe
  NcExpr *body, *where, *finish;
  NcExpr *busy, *quiet; // NULL: no axis is covered
  int cover;            // -1 then
  NcAffine store;
  int64_t store_slack;
  double rounding; // how much longer rows are for it that end in slack
  int bound_count;
  NcBound bounds[NC_MAX_BOUNDS];
  int range_count;
  NcRange ranges[NC_MAX_RANGES];
  // Values of siblings are parts of each other and of the body where they are read.
  int sibling_count;
  NcNestResult siblings[NC_MAX_SPELLED_VALUES - 1];
  int ragged_count;
  NcRagged ragged[NC_MAX_RAGGED];
  NcExpr *pin; // NULL: none is
  int pinned;
  NcSparse sparse;
} NcNest;

// Calls `visit` once for every node of the nest's expressions, arguments first.
void nc_nest_walk(const NcNest *nest, void (*visit)(void *context, NcExpr *node), void *context);

// Of the tensor and its siblings. Flattens the accesses, drops axes of size 1 and merges neighbours
// that run through memory together.
NcNest *nc_nest_create(NcTeBuilder *builder, const NcTe *lead);

// How often the expression is evaluated, exact in N: the product of the extents but for points that
// bounds leave out, and for axes that are spelled out. The operations of one evaluation.
NcDim nc_te_points(const NcTe *te);
int nc_te_arithmetic(const NcTe *te);
// A guess of the cycles that the kernel of a tensor and its siblings takes for a batch of that
// size.
double nc_te_cycles(const NcTe *lead, int64_t batch);

// The axis that the tensor's nest pins, or -1.
int nc_te_pinned(const NcTe *te);

// The bound of an axis, or NULL; how many of its steps count where the spelled axis is `at`;
// whether an axis is spelled out for one.
const NcBound *nc_nest_bound(const NcNest *nest, int axis);
int64_t nc_bound_steps(const NcNest *nest, const NcBound *bound, int64_t at);
bool nc_nest_is_spelled(const NcNest *nest, int axis);
// The number of the ragged axis that an axis is, or -1.
int nc_nest_ragged(const NcNest *nest, int axis);
// The range of an axis, or NULL.
const NcRange *nc_nest_range(const NcNest *nest, int axis);

// Caches as kernels are planned for: what of an operand stays in the nearest, and in the second.
#define NC_NEAREST_BYTES (28 << 10)
#define NC_SECOND_BYTES (512 << 10)

#define NC_MAX_TILES 5
#define NC_MAX_LANES 16

// How the nest is to run.
typedef struct NcAxisPlan {
  int vector;         // the parallel axis that lanes run along, or -1
  bool vector_reduce; // lanes run along the last reduced axis instead
  int lanes;          // at most NC_MAX_LANES
  // The register tile: so many steps of parallel axes other than `vector`, outermost first, and so
  // many vectors along `vector`, each with an accumulator of its own. Before the parallel axes come
  // the outer reduced ones, all of their steps.
  int tile_count;
  struct {
    int axis, size;
  } tiles[NC_MAX_TILES];
  int vectors;
  int outside; // the loop over `vector` stands outside of those over so many parallel axes
  bool covers; // see NcNest.cover
  bool skips[NC_MAX_RANGES]; // by range: steps that it leaves out are not gone through
  // Steps of the last so many reduced axes are written one after the other: they are few.
  int unrolled;
  bool hoist_batch; // the first reduced axis is N: it runs outermost and sums go through memory
  int64_t rows;     // then: so many steps of the second are gone through at a time, or 0 for all
  int registers;    // of a sparse sum: for vectors
} NcAxisPlan;

NcAxisPlan nc_nest_plan(const NcNest *nest, const NcTarget *target);

// Elements of an axis that a tile takes.
int64_t nc_plan_block(const NcAxisPlan *plan, int axis);

// Chooses the register tile of a plan whose lanes are chosen, and the place of the loop over its
// vectors (tile.c).
void nc_nest_tile(const NcNest *nest, const NcTarget *target, NcAxisPlan *plan);

// The axis that lanes run along, or -1.
int nc_plan_lane_axis(const NcNest *nest, const NcAxisPlan *plan);
// The parallel axis along which the store is contiguous, or -1.
int nc_nest_store_axis(const NcNest *nest);
// How many lanes an axis of that extent gets: a power of two, and no more than it can use.
int nc_lanes_for(NcDim extent);
// How many lanes the last vector of an axis has that `rest` elements are left for, of vectors of so
// many lanes.
int nc_rest_lanes(int64_t rest, int lanes);
bool nc_dim_is_batch(NcDim dim);

// Whether samples do better together than one after the other: see NcScheduled.
bool nc_nest_by_chunk(const NcNest *nest);

// How much a load's address changes along an axis, and whether its loaded part does not change.
int64_t nc_load_stride(const NcExpr *load, int axis);
bool nc_load_is_affine_along(NcExpr *load, int axis);

// Of an unscheduled tensor: the axis its loop would be vectorised along if every load allowed it,
// or -1; used to decide what to pack.
int nc_te_wanted_vector(const NcTe *te);

#endif
