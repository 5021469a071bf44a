// A tensor expression with its accesses as flat addresses, ready to be scheduled.
#ifndef NC_KERNEL_NEST_H
#define NC_KERNEL_NEST_H

#include "kernel/target.h"
#include "kernel/tensor.h"

// Loads in the expressions have index[0] as their address in the tensor's storage; other dimensions
// mean nothing.
typedef struct NcNest {
  const NcTe *te;
  int axis_count, reduce_count;
  NcDim extents[NC_MAX_AXES];
  NcReduce reduce;
  NcExpr *body, *where, *finish;
  NcAffine store;
} NcNest;

// Flattens the accesses, drops axes of size 1 and merges neighbours that run through memory
// together.
NcNest *nc_nest_create(NcTeBuilder *builder, const NcTe *te);

// How the nest is to run.
typedef struct NcAxisPlan {
  int vector;         // the parallel axis that lanes run along, or -1
  bool vector_reduce; // lanes run along the last reduced axis instead
  int lanes;          // at most 16
  int tile;           // a second parallel axis, several steps of which are held in registers, or -1
  int tile_size;
  bool hoist_batch; // the first reduced axis is N: it runs outermost and sums go through memory
} NcAxisPlan;

NcAxisPlan nc_nest_plan(const NcNest *nest, const NcTarget *target);

// How much a load's address changes along an axis, and whether its loaded part does not change.
int64_t nc_load_stride(const NcExpr *load, int axis);
bool nc_load_is_affine_along(NcExpr *load, int axis);

// Of an unscheduled tensor: the axis its loop would be vectorised along if every load allowed it,
// or -1; used to decide what to pack.
int nc_te_wanted_vector(const NcTe *te);

#endif
