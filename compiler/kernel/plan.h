// The plan of one graph function: its kernels in order, in phases, and where every tensor lies.
#ifndef NC_KERNEL_PLAN_H
#define NC_KERNEL_PLAN_H

#include "kernel/fuse.h"
#include "kernel/schedule.h"

typedef enum NcPlaceKind { NC_PLACE_ARENA, NC_PLACE_INPUT, NC_PLACE_VARIABLE } NcPlaceKind;

// Where a tensor's storage is: bytes fixed + sample * capacity from the arena's start (capacity is
// the largest batch), or an input or variable by number (of the graph's inputs, the module's
// variables).
typedef struct NcPlace {
  NcPlaceKind kind;
  int number;
  int64_t fixed, sample;
} NcPlace;

// One call: of a kernel, or of BLAS.
typedef struct NcCall {
  const NcTe *te;   // what it computes
  NcKernel *kernel; // NULL: gemm
  NcGemm gemm;
  NcPlace *places; // of the kernel's buffers; of gemm's c, a, b
  int place_count;
  int64_t count;
} NcCall;

typedef NC_VEC(NcCall) NcCalls;

// A tensor in the arena, for reports.
typedef struct NcPlaced {
  const NcTe *te;
  NcPlace place;
  int64_t fixed_bytes, sample_bytes;
  int first, last; // numbers of the calls between which it is alive
  bool persistent; // has fill that must survive between runs: shares its place with nothing
} NcPlaced;

// Everything up to the first write to a variable is phase 0, the updates are phase 1.
#define NC_PLAN_PHASES 2

typedef struct NcPlan {
  const NcGraph *graph;
  NcTensorGraph *tensors;
  NcCalls phases[NC_PLAN_PHASES];
  NcCalls prepare;  // writes fills, once
  NcPlace *results; // of the graph's results
  int64_t arena_fixed, arena_sample;
  NC_VEC(NcPlaced) placed;
} NcPlan;

// Lowers, fuses, lays out, places and schedules a graph function. Never fails.
NcPlan *nc_plan_graph(NcArena *arena, const NcGraph *graph, const NcTarget *target);

#endif
