// The plan of one graph function: its kernels in order, in phases, and where every tensor lies.
#ifndef NC_KERNEL_PLAN_H
#define NC_KERNEL_PLAN_H

#include "kernel/fuse.h"
#include "kernel/phases.h"
#include "kernel/schedule.h"

typedef enum NcPlaceKind {
  NC_PLACE_ARENA, // in the arena that all workers share
  NC_PLACE_LOCAL, // in a worker's own memory: the rows of the chunk at work
  NC_PLACE_ONE,   // in a worker's own memory: the row of the sample at work
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
  int64_t row; // LOCAL, ONE: bytes a sample; SLOT: bytes a slot
} NcPlace;

static inline bool nc_place_is_local(NcPlaceKind kind) {
  return kind == NC_PLACE_LOCAL || kind == NC_PLACE_ONE;
}

typedef enum NcSplit {
  NC_SPLIT_NONE,
  NC_SPLIT_AXIS, // the kernel's axis, or the rows or columns of a product
  NC_SPLIT_BATCH // the samples
} NcSplit;

// One call: of a kernel, or of BLAS.
typedef struct NcCall {
  const NcTe *te;   // what it computes: this and its siblings
  NcKernel *kernel; // NULL: gemm
  NcGemm gemm;
  NcPlace *places; // of the kernel's buffers, results first; of gemm's c, a, b
  int place_count;
  // How the work can be shared: along an axis of `extent` elements in blocks of `block`.
  NcSplit split;
  int64_t extent, block;
  bool columns;  // of a product: its columns, not its rows
  int pieces;    // that a phase or a step shares it out in
  int worth;     // of a chunked phase: the samples of a step from which workers share it
  int64_t least; // it is left out in runs of fewer samples
  bool single;   // it computes one sample, whatever the batch
  int run;       // of a chunked phase: the number of its run, or -1 if it takes the chunk at once
  int lap;       // that its time is added to, or 0 if it is not timed
} NcCall;

typedef NC_VEC(NcCall) NcCalls;

// Calls of a phase. A chunked phase runs once for each chunk of samples: in order, but that the
// calls of a run go through the chunk together, sample by sample, so that what only they use is the
// values of one sample. Another phase runs once for the whole batch; if it has more than one piece,
// its calls do not depend on each other and workers share the pieces out, which are numbered
// through the calls.
typedef struct NcPhase {
  bool chunked, divisible; // the second: chunks may be smaller, and no byte is another
  int pieces;
  NcCalls begin; // of a chunked phase: run for each slot before its first chunk
  NcCalls calls;
} NcPhase;

// The end of the step of a chunked phase that begins with this call: a call that workers share, or
// several of a run that they do not.
int nc_step_end(const NcPhase *phase, int first);

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
  NcClass *classes;           // by id of a tensor
  const NcVariable **updated; // by id of a tensor: the variable whose new value it is, or NULL
  NC_VEC(NcPhase) phases;
  // The first phases compute what hangs on nothing but params and states, which the graph does not
  // update: what so many compute is the same in the next run if no variable has changed, and stays.
  int kept;
  bool changes;                   // whether a run changes params or states
  int update_phase;               // number of the first that writes a variable
  int slots;                      // of the target
  NcCalls prepare, prepare_local; // write fills, once: in the arena; in each worker's memory
  NcPlace *results;               // of the graph's results
  int64_t arena_fixed, arena_sample, local_bytes;
  NC_VEC(NcPlaced) placed;
} NcPlan;

// The most bytes that are alive at once, for a batch of that size and one worker, and at which
// call.
typedef struct NcPeak {
  int64_t bytes;
  const NcCall *call; // NULL if nothing is
} NcPeak;

NcPeak nc_plan_peak(const NcPlan *plan, int64_t batch);

// Lowers, fuses, lays out, places and schedules a graph function. Never fails.
NcPlan *nc_plan_graph(NcArena *arena, const NcGraph *graph, const NcTarget *target);

// The same plan with every call of its phases timed, each as a lap of its own, numbered from 1.
// *laps receives how many there are, number 0 included.
NcPlan *nc_plan_timed(NcArena *arena, const NcPlan *plan, int *laps);

// The plan as text: phases, calls, and where their operands lie. With the text of the kernels
// (nc_kernel_print) it is all that the code depends on: what is added to a plan and changes code is
// printed here.
void nc_plan_print(NcText *text, const NcPlan *plan);

#endif
