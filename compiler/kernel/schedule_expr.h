// The state of scheduling one kernel, and how expressions over axes become expressions of the
// kernel at a place in its loops.
#ifndef NC_KERNEL_SCHEDULE_EXPR_H
#define NC_KERNEL_SCHEDULE_EXPR_H

#include "kernel/kir.h"
#include "kernel/nest.h"

#define NC_MAX_VECTORS 32
#define NC_WORD 64 // bits

typedef enum NcSchedMode {
  NC_SCHED_WHOLE,
  NC_SCHED_ZERO,
  NC_SCHED_ACCUMULATE,
  NC_SCHED_QUIET, // what results are where the nest is not busy
} NcSchedMode;

typedef struct NcSched {
  NcTeBuilder *builder;
  NcArena *arena;
  NcKernel *kernel;
  const NcNest *nest;
  NcAxisPlan plan;
  NcTe *const *storage;
  NcTe **buffers;
  bool fma;       // sums of products are fused multiply-adds
  bool contracts; // a product that is added is a fused multiply-add
  bool floors;    // floor is an operation of the processor
  bool slots;     // sums start from what the result holds
  NcSchedMode mode;
  NcKIndex rows_from;             // of the rows that are gone through now, if the plan has them
  bool in_rest[NC_MAX_RAGGED];    // in the last step of a ragged axis
  bool in_vector;                 // the loop over the vector axis is open
  int split;                      // the axis along which calls may share the work, or -1
  NcKBlock *block;                // where statements go
  NcKIndex position[NC_MAX_AXES]; // of each axis, lanes left out
  int lanes;                      // at this point
  int active;                     // of them that are not behind the end of the axis
  int lane_axis;                  // the axis lanes run along, or -1
  // The tile at this point: its sizes, and how many elements are left for its last vector, which
  // has then no more lanes than it takes for them (0: it is whole).
  int sizes[NC_MAX_TILES], vectors, rest;
  NcKIndex tile_at[NC_MAX_TILES]; // the tile's element at work
  int vector_at;                  // the vector of the tile at work
  // Locals: the accumulators, and those of argmax's index, by vector.
  int accs[NC_MAX_VECTORS], index_accs[NC_MAX_VECTORS];
  NcKExpr *acc_value; // what NC_X_ACC stands for
} NcSched;

// Statements are added to s->block.
NcKStmt *nc_sched_stmt(NcSched *s, NcKStmtKind kind);
NcKStmt *nc_sched_loop(NcSched *s, NcKIndex low, NcKIndex high, int64_t step);
int nc_sched_local(NcSched *s, NcDtype dtype, int lanes, int count);
// The number of the kernel's buffer for a tensor, added if it is new.
int nc_sched_buffer(NcSched *s, NcTe *te, bool written);

// An affine expression of the axes at the place that has been reached, and what each further lane
// adds to it.
NcKIndex nc_sched_position(const NcSched *s, const NcAffine *a);
int64_t nc_sched_lane_stride(const NcSched *s, const NcAffine *a);

// An expression at this place. What it uses more than once becomes a LET.
NcKExpr *nc_sched_expr(NcSched *s, NcExpr *x);
// The same for several, of which one may be part of another; each is a LET.
void nc_sched_exprs(NcSched *s, NcExpr *const *exprs, int count, NcKExpr **values);
NcKExpr *nc_sched_let(NcSched *s, NcKExpr *value);
NcKExpr *nc_sched_splat(NcSched *s, NcKExpr *x, int lanes);
NcKExpr *nc_sched_constant(NcSched *s, NcDtype dtype, double value);
NcKExpr *nc_sched_binary(NcSched *s, int kind, NcDtype dtype, NcKExpr *a, NcKExpr *b);
NcKExpr *nc_sched_cast(NcSched *s, NcKExpr *x, NcDtype dtype);
NcKExpr *nc_sched_choose(NcSched *s, NcKExpr *condition, NcKExpr *a, NcKExpr *b);

// An i64 with a bit for each of so many points of an axis, from `from` on: whether the condition, a
// bool, holds there.
NcKExpr *nc_sched_word(NcSched *s, NcExpr *condition, int axis, NcKIndex from, int64_t points);

// The tile's element at work, of locals by vector.
NcKExpr *nc_sched_get(NcSched *s, const int *locals);
void nc_sched_set(NcSched *s, const int *locals, NcKExpr *value);
// `value` where a lane is active, else `other`.
NcKExpr *nc_sched_active(NcSched *s, NcKExpr *value, NcKExpr *other);
// What `active` of a load or store is: 0 where all lanes are, or where elements behind the last may
// be touched too.
int nc_sched_touched(const NcSched *s, int64_t lane_stride, int64_t slack);
// One step of a reduction, and what the nest's starts from.
NcKExpr *nc_sched_combine(NcSched *s, NcReduce reduce, NcKExpr *acc, NcKExpr *value);
NcKExpr *nc_sched_neutral(NcSched *s, NcDtype dtype);
NcExpr *nc_sched_neutral_value(NcTeBuilder *builder, NcReduce reduce, NcDtype dtype);

#endif
