// The plan of one graph function: its kernels in order, in phases, and where every tensor lies.
#ifndef NC_KERNEL_PLAN_H
#define NC_KERNEL_PLAN_H

#include "kernel/fuse.h"
#include "kernel/phases.h"
#include "kernel/schedule.h"

typedef enum NcPlaceKind {
  NC_PLACE_ARENA, // in the arena that all workers share
  NC_PLACE_LOCAL, // in a worker's own memory: the rows of the chunk at work
  NC_PLACE_SLOT,  // in the arena: the row of the slot at work
  NC_PLACE_INPUT,
  NC_PLACE_VARIABLE,
} NcPlaceKind;

// Where a tensor's storage is: bytes fixed + sample * capacity from the arena's start (capacity is
// the largest batch) or the start of the worker's memory, or an input or variable by number (of the
// graph's inputs, the module's variables).
typedef struct NcPlace {
  NcPlaceKind kind;
  int number;
  int64_t fixed, sample;
  int64_t row; // LOCAL: bytes a sample; SLOT: bytes a slot
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

typedef struct NcPhase {
  bool chunked;  // runs once for each chunk of samples, else once for the whole batch
  NcCalls begin; // of a chunked phase: run for each slot before its first chunk
  NcCalls calls;
} NcPhase;

// A tensor in memory, for reports.
typedef struct NcPlaced {
  const NcTe *te;
  NcPlace place;
  int64_t fixed_bytes, sample_bytes; // in a worker's memory: fixed
  int first, last;                   // numbers of the calls between which it is alive
  bool persistent; // has fill that must survive between runs: shares its place with nothing
} NcPlaced;

typedef struct NcPlan {
  const NcGraph *graph;
  NcTensorGraph *tensors;
  NC_VEC(NcPhase) phases;
  int update_phase;               // number of the first that writes a variable
  NcCalls prepare, prepare_local; // write fills, once: in the arena; in each worker's memory
  NcPlace *results;               // of the graph's results
  int64_t arena_fixed, arena_sample, local_bytes;
  NC_VEC(NcPlaced) placed;
} NcPlan;

// Lowers, fuses, lays out, places and schedules a graph function. Never fails.
NcPlan *nc_plan_graph(NcArena *arena, const NcGraph *graph, const NcTarget *target);

// The plan as text: phases, calls, and where their operands lie. With the text of the kernels
// (nc_kernel_print) it is all that the code depends on: what is added to a plan and changes code is
// printed here.
void nc_plan_print(NcText *text, const NcPlan *plan);

#endif
