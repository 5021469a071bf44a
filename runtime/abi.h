// The interface between generated code and the runtime: what a compiled program is, and the frame
// that its code is passed. Generated code calls nothing but what the frame's table holds.
#ifndef NCRT_ABI_H
#define NCRT_ABI_H

#include <stdbool.h>
#include <stdint.h>

// dtypes by number, as in files and tables
typedef enum NcrtDtype { NCRT_BOOL, NCRT_U8, NCRT_I32, NCRT_I64, NCRT_F32, NCRT_F64 } NcrtDtype;

#define NCRT_MAX_RANK 8

typedef struct NcrtFrame NcrtFrame;

// Calls that generated code makes. Row-major, leading dimensions in elements.
typedef struct NcrtTable {
  // c = op(a) @ op(b); a is [m,k] or, if ta, stored [k,m]; likewise b
  void (*sgemm)(int32_t ta, int32_t tb, int64_t m, int64_t n, int64_t k, const float *a,
                int64_t lda, const float *b, int64_t ldb, float *c, int64_t ldc);
  void (*dgemm)(int32_t ta, int32_t tb, int64_t m, int64_t n, int64_t k, const double *a,
                int64_t lda, const double *b, int64_t ldb, double *c, int64_t ldc);
  // a * b + c, rounded once: for processors without such an operation
  float (*fmaf)(float a, float b, float c);
  double (*fma)(double a, double b, double c);
  // Adds the time since the last lap to that number of the frame's laps: code that is to be timed
  // calls it before its first call and behind each
  void (*lap)(NcrtFrame *frame, int64_t number);
} NcrtTable;

// Where the time of a run goes, by the numbers of its calls; 0 is what lies between them.
typedef struct NcrtLap {
  int64_t ns, times;
} NcrtLap;

typedef struct NcrtLaps {
  int64_t last; // when the last lap ended, in ns of ncrt_nanoseconds
  NcrtLap *laps;
} NcrtLaps;

struct NcrtFrame {
  const NcrtTable *table;
  char *arena; // 64-byte aligned; NcrtEntry says how large
  void *const
      *buffers;  // by slot: the entry's inputs in order, then all the program's variables in order
  int64_t batch; // N of this run
  int64_t seed, step, epoch;
  // Set by the code when a value is undefined (an index out of range); the run then ends with an
  // error.
  int64_t fault_node, fault_sample, fault_value;
  int64_t
      max_batch; // the largest batch that the arena holds, as in NcrtEntry's and NcrtResult's sizes
  char *local; // memory of the worker that runs the code, 64-byte aligned; NcrtEntry says how large
  int64_t slot;             // that a chunk's sums go to
  int64_t n0, n1, chunk_n0; // samples of a step, and the first of its chunk
  NcrtLaps *laps;           // of code that is timed; NULL: not in this run
};

// Runs a part of a phase: of one that runs chunk by chunk, samples first … end-1; of another, and
// of a step, pieces first … end-1. 0, or 1 after setting the fault.
typedef int32_t (*NcrtPhase)(NcrtFrame *frame, int64_t first, int64_t end);

// A part of a chunk's work that workers can share, for batches too small to give each of them a
// chunk. Steps of one run (>= 0) that follow each other go through the samples together, one by
// one; a step without a run (-1) takes them all.
typedef struct NcrtStep {
  NcrtPhase code;
  int32_t pieces, run, worth; // the last: the samples from which it is worth to be shared
} NcrtStep;

typedef struct NcrtShape {
  NcrtDtype dtype;
  int32_t rank;
  int32_t batched; // the first dimension is N (its entry in dims is 0)
  int64_t dims[NCRT_MAX_RANK];
} NcrtShape;

typedef struct NcrtInput {
  const char *name;
  NcrtShape shape;
  int32_t has_range; // values lie in low … high-1 (integers)
  int64_t low, high;
} NcrtInput;

typedef enum NcrtVariableKind {
  NCRT_PARAM,  // learned
  NCRT_STATE,  // of the optimizer
  NCRT_METRIC, // running totals of a pass
  NCRT_BUFFER, // of the network, changed by training alone
} NcrtVariableKind;

// Whether prediction needs it.
static inline bool ncrt_is_of_network(NcrtVariableKind kind) {
  return kind == NCRT_PARAM || kind == NCRT_BUFFER;
}

typedef struct NcrtVariable {
  const char *name;
  NcrtVariableKind kind;
  NcrtShape shape;
} NcrtVariable;

// A fetched value: after a run it lies in the arena, dense and row-major.
typedef struct NcrtResult {
  const char *name;
  NcrtShape shape;
  int64_t offset_fixed, offset_sample; // bytes from the arena's start: fixed + sample * max_batch
} NcrtResult;

// Where values lie: fixed + sample * max_batch bytes from the start of the arena, or of a worker's
// memory, and as many bytes likewise.
typedef struct NcrtRange {
  int32_t local; // in a worker's memory
  int64_t fixed, sample, fixed_bytes, sample_bytes;
} NcrtRange;

// How a phase goes through the samples.
typedef enum NcrtChunks {
  NCRT_AT_ONCE,
  NCRT_CHUNKED,   // chunk by chunk
  NCRT_DIVISIBLE, // chunk by chunk, and these may be smaller: no byte is another
} NcrtChunks;

// A compiled graph function.
typedef struct NcrtEntry {
  // "initialize", "train_step", "evaluate", "predict", "initialize_metrics", "train_metrics",
  // "metrics"
  const char *name;
  int32_t input_count;
  const int32_t *inputs; // numbers of the program's inputs, in the order of the buffers
  int32_t phase_count;
  const NcrtPhase *phases;
  // By phase an NcrtChunks, or NULL where all are at once; a chunk has `chunk` samples at most.
  // The chunks of a batch are dealt to the `slots` in runs of equal length, the first slots first;
  // a worker takes a slot, runs `begins` of the phase (if not NULL), then the slot's chunks in
  // order. Every slot is begun. Chunks of different slots may run at once.
  const uint8_t *chunked;
  const NcrtPhase *begins;
  // By phase, or NULL where all are 1: of phases that do not run chunk by chunk, how many pieces
  // there are. They do not depend on each other and may run at once.
  const int32_t *pieces;
  // By phase, or NULL: how many steps a chunked phase can also be run by, and these.
  const int32_t *step_counts;
  const NcrtStep *const *steps;
  int64_t chunk, slots;
  int64_t local_bytes;     // of a worker's memory, zeroed before the first run
  NcrtPhase prepare_local; // as `prepare`, for a worker's memory; or NULL
  int32_t result_count;
  const NcrtResult *results;
  int64_t arena_fixed, arena_sample; // bytes: fixed + sample * max_batch
  // Ranges of the arena that must hold a pattern before the first run and keep it (halos):
  // `prepare` writes them. The arena must be zeroed before.
  NcrtPhase prepare; // or NULL
  // Number of the first phase that writes params or states (phase_count if none does). Results
  // whose value is looked at before the update, as the loss is, are final when the phases before it
  // have run.
  int32_t update_phase;
  int32_t updates; // whether there are any
  // So many phases, the first, need not be run again while params and states are the same: what
  // they compute stays where it is.
  int32_t kept;
  // All that its code may touch of the arena and of a worker's memory, for the address sanitizer;
  // or NULL.
  int32_t range_count;
  const NcrtRange *ranges;
} NcrtEntry;

struct NcrtStatus;

typedef struct NcrtProgram {
  int32_t input_count;
  const NcrtInput *inputs;
  int32_t variable_count;
  const NcrtVariable *variables;
  int32_t entry_count;
  const NcrtEntry *entries;
  // Entries whose phases are NULL get their code when one of them is first run: from `link`, which
  // fills them all. NULL where there are none.
  bool (*link)(void *context, struct NcrtStatus *status);
  void *link_context;
} NcrtProgram;

#endif
