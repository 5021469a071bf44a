// What planning's steps share: siblings (siblings.c), order (order.c), calls (plan.c), variables'
// updates (updates.c), memory (memory.c).
#ifndef NC_KERNEL_PLANNER_H
#define NC_KERNEL_PLANNER_H

#include "base/map.h"
#include "kernel/plan.h"

typedef struct NcPlanner {
  NcArena *arena, *scratch;
  const NcGraph *graph;
  NcTensorGraph *tensors;
  NcTeBuilder *builder;
  const NcTarget *target;
  NcPlan *plan;
  NcPhases phases;
  int64_t least;          // samples of a run for which what is still is computed
  int *stage;             // by id: stages of the phases, then again those of what is late
  NcTes order;            // the first tensor of each call, in their order
  int *phase;             // by number in `order`: the number of its phase
  int *run;               // by number in `order`: the number of its run, or -1
  NcScheduled *scheduled; // by number in `order`; no kernel: a product for BLAS
  NcMap kernels;          // by text: the first of each
  int capacity;           // of the arrays by id
  NcTe **storage;         // by id: see nc_schedule
  NcPlace *places;        // by id of a storage tensor
  int *first, *last;      // by id of a storage tensor: its life in calls
  bool *result;           // by id: fetched
  bool *local;            // by id of a storage tensor: used in one chunked phase only
  bool *kept;             // by id: hangs on nothing but params and states (see NcPlan.kept)
  bool *one;              // by id of a storage tensor: used in one run only
} NcPlanner;

// Sets the stages: what updates variables, and what reads an updated value, is late and comes after
// everything else.
void nc_plan_stages(NcPlanner *p);
// Makes maps siblings where that saves loads, and puts them next to each other in the graph.
void nc_plan_siblings(NcPlanner *p);
// Puts the calls in order and makes the phases.
void nc_plan_order(NcPlanner *p);
// By id of the tensor of an update: the leaf of its variable; NULL for others, and where no kernel
// reads the variable.
NcTe **nc_plan_leaves(NcPlanner *p);
// The tensor that writes each update's variable: the update's own, or a copy of it that is appended
// to the order.
NcTe **nc_plan_updates(NcPlanner *p);
// Sets where the leaves and the tensors of `writers` are.
void nc_plan_variables(NcPlanner *p, NcTe *const *writers);
// Gives all other stored tensors their places.
void nc_plan_memory(NcPlanner *p);

#endif
