// The state of scheduling one kernel, and how expressions over axes become expressions of the
// kernel at a place in its loops.
#ifndef NC_KERNEL_SCHEDULE_EXPR_H
#define NC_KERNEL_SCHEDULE_EXPR_H

#include "kernel/kir.h"
#include "kernel/nest.h"

typedef enum NcSchedMode { NC_SCHED_WHOLE, NC_SCHED_ZERO, NC_SCHED_ACCUMULATE } NcSchedMode;

typedef struct NcSched {
  NcTeBuilder *builder;
  NcArena *arena;
  NcKernel *kernel;
  const NcNest *nest;
  NcAxisPlan plan;
  NcTe *const *storage;
  NcTe **buffers;
  bool fma;    // sums of products are fused multiply-adds
  bool floors; // floor is an operation of the processor
  bool slots;  // sums start from what the result holds
  NcSchedMode mode;
  NcKBlock *block;                // where statements go
  NcKIndex position[NC_MAX_AXES]; // of each axis, lanes left out
  int lanes;                      // at this point
  int lane_axis;                  // the axis lanes run along, or -1
  int tile_size;                  // at this point
  int acc, index_acc;             // locals
  int acc_at;                     // unrolled variable that selects the accumulator, or -1
  NcKExpr *acc_value;             // what NC_X_ACC stands for
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
NcKExpr *nc_sched_let(NcSched *s, NcKExpr *value);
NcKExpr *nc_sched_splat(NcSched *s, NcKExpr *x, int lanes);
NcKExpr *nc_sched_constant(NcSched *s, NcDtype dtype, double value);
NcKExpr *nc_sched_binary(NcSched *s, int kind, NcDtype dtype, NcKExpr *a, NcKExpr *b);
NcKExpr *nc_sched_choose(NcSched *s, NcKExpr *condition, NcKExpr *a, NcKExpr *b);

// The accumulator of the tile's element at work.
NcKExpr *nc_sched_get(NcSched *s, int local);
void nc_sched_set(NcSched *s, int local, NcKExpr *value);
// One step of the nest's reduction, and what it starts from.
NcKExpr *nc_sched_combine(NcSched *s, NcKExpr *acc, NcKExpr *value);
NcKExpr *nc_sched_neutral(NcSched *s, NcDtype dtype);
NcExpr *nc_sched_neutral_value(NcTeBuilder *builder, NcReduce reduce, NcDtype dtype);

#endif
