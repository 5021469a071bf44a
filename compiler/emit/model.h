// What a program is from outside once it is emitted, in C or as an object: a state, an arena, and
// functions of both. The header (c_header.c) documents it for those who call it.
//
// The arena begins with NC_MODEL_HEAD bytes: the number of the function that it is prepared for,
// and what was wrong (struct NAME_problem: line, sample, value).
#ifndef NC_EMIT_MODEL_H
#define NC_EMIT_MODEL_H

#include "abi.h"
#include "emit/parts.h"
#include "kernel/routine.h"

#define NC_MODEL_HEAD 64

typedef enum NcModelCode {
  NC_MODEL_OK,
  NC_MODEL_BAD_BATCH, // n is not 1 … the largest batch
  NC_MODEL_BAD_INPUT, // a value lies outside its range
  NC_MODEL_UNDEFINED, // an index out of range, or a division by zero
  NC_MODEL_NOT_FINITE // the loss of a training step
} NcModelCode;

typedef struct NcModelVariable {
  const NcVariable *variable;
  const char *name; // in C
  int64_t bytes, elements;
  bool used;         // by any function
  bool constant;     // never changes, and so is no part of the state
  int64_t offset;    // in the state
  const void *value; // its first, dense; NULL if it is not embedded
  bool zero; // it begins as zeros, as a moment of an optimizer's: the code holds no constants of it
} NcModelVariable;

typedef struct NcModelValue {
  const char *name, *path; // in C, in the program
  NcType type;
  bool has_range; // an input: its values lie in low … high-1
  int64_t low, high;
  int64_t offset; // a result: bytes from the arena's start
} NcModelValue;

typedef struct NcModelFunction {
  const char *graph, *name; // "train_step", "mnist_train_step"
  const NcPlan *plan;
  int number;           // from 1; what the arena is prepared for
  bool takes_state;     // it uses variables that are not constant
  bool writes, is_step; // it changes the state; it is the training step
  bool restarts;        // before it runs step and epoch become 0
  bool zeros_metrics;   // before it runs the totals of the metrics become 0
  bool has_batch;
  NC_VEC(NcModelValue) inputs, results;
  NcRoutines routines; // that its phases need, each after those it calls
  // The whole of it; of the training step what comes before the update, and then `after`.
  const NcRoutine *run, *after;
  const NcRoutine *prepare, *prepare_local; // or NULL
  const NcRoutine *kept; // what is the same in every call: run as the arena is prepared; or NULL
  int64_t arena_bytes;   // of the arena behind its head; a worker's memory lies behind them
} NcModelFunction;

typedef struct NcModel {
  const char *name;            // "mnist": what C's names begin with
  const char *upper;           // "MNIST"
  const char *source, *target; // for the comment at the top
  NcModelVariable *variables;  // by number in the module
  int variable_count;
  NC_VEC(NcModelFunction *) functions;
  NcEmitParts *parts;
  int64_t batch, state_bytes, arena_bytes, alignment;
  int64_t seed, step, epoch; // the counters at first
  bool embeds;               // variables have values
  bool has_state, has_metrics;
  bool
      zeros_metrics; // their totals begin at 0, and no function of the program's is needed for that
} NcModel;

typedef struct NcModelRequest {
  const char *name; // any text; becomes an identifier
  const NcModule *module;
  const NcrtInput *inputs; // the program's, with their ranges
  int input_count;
  const NcEmitEntry *entries;
  int entry_count;
  int64_t batch, seed, step, epoch;
  const NcTarget *target;
  const char *const *fetched; // what the results of `fetch` are, as written
  // A variable's first value, dense; NULL: they are not embedded.
  const void *(*value)(void *context, const NcVariable *variable);
  void *context;
} NcModelRequest;

// The layout of everything; never fails. Undefined values are told of by the line of the source in
// `sources` that they are from: the numbers in the entries' kernels are changed to that.
NcModel *nc_model(NcArena *arena, const NcModelRequest *request, const NcSourceMap *sources);

#endif
