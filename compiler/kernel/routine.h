// Routines: what runs a plan's kernels. Loops over samples and pieces, addresses and calls are
// spelled out, so that printers to LLVM and C translate them literally.
//
// A routine is a function of the frame (runtime/abi.h) and integers, and gives 0, or 1 where a
// value was not defined.
#ifndef NC_KERNEL_ROUTINE_H
#define NC_KERNEL_ROUTINE_H

#include "kernel/plan.h"

// i64 expressions.
typedef enum NcRKind {
  NC_R_CONST, // constant
  NC_R_ARG,   // argument `number`
  NC_R_VAR,   // the counter of loop `number`
  NC_R_FIELD, // of the frame
  NC_R_ADD,
  NC_R_SUB,
  NC_R_MUL,
  NC_R_DIV, // of what is not negative by a positive constant
  NC_R_MIN,
  NC_R_MAX,
} NcRKind;

typedef enum NcRField {
  NC_R_BATCH,
  NC_R_MAX_BATCH,
  NC_R_SLOT,
  NC_R_N0,
  NC_R_N1,
  NC_R_CHUNK_N0,
  NC_R_FIELD_COUNT
} NcRField;

typedef struct NcRValue NcRValue;
struct NcRValue {
  NcRKind kind;
  int64_t constant;
  int number; // ARG, VAR; FIELD: an NcRField
  const NcRValue *a, *b;
};

// `bytes` from a base.
typedef enum NcRBase { NC_R_ARENA, NC_R_LOCAL, NC_R_BUFFER } NcRBase;
typedef struct NcRPointer {
  NcRBase base;
  int number; // BUFFER: of the frame's
  const NcRValue *bytes;
} NcRPointer;

// c = op(a) @ op(b), as NcrtTable has it.
typedef struct NcRGemm {
  NcDtype dtype;
  bool ta, tb;
  const NcRValue *m, *n, *k;
  NcRPointer a, b, c;
  int64_t lda, ldb, ldc;
} NcRGemm;

typedef struct NcRoutine NcRoutine;

typedef enum NcRStmtKind {
  NC_R_FOR,    // var from `low` to below `high`
  NC_R_IF,     // low < high
  NC_R_KERNEL, // of `call`, of samples n0 … n1, s0 … s1 of its axis, and the pointers
  NC_R_GEMM,
  NC_R_CALL,    // another routine; the caller ends with what it gives, if that is not 0
  NC_R_SLOT_IS, // the frame's slot becomes `low`
  NC_R_LAP,     // tells the time, to lap `lap`
} NcRStmtKind;

typedef struct NcRStmt NcRStmt;
typedef NC_VEC(NcRStmt *) NcRBlock;

struct NcRStmt {
  NcRStmtKind kind;
  int var;
  const NcRValue *low, *high;
  NcRBlock body;
  const NcCall *call;
  const NcRValue *n0, *n1, *s0, *s1;
  NcRPointer *pointers; // by the kernel's buffers
  NcRGemm gemm;
  const NcRoutine *routine;
  const NcRValue **args; // by the routine's
  int lap;
};

struct NcRoutine {
  const char *name;
  int arg_count, var_count;
  bool internal; // only other routines call it
  NcRBlock body;
};

typedef NC_VEC(const NcRoutine *) NcRoutines;

// The routine of that name; NULL if there is none.
const NcRoutine *nc_routine_find(const NcRoutines *routines, const char *name);

// The routines of a plan that goes by a name E, each after those that it calls, all but the
// internal ones of the type NcrtPhase: `E.phase0`, `E.phase1`, … of its phases, `E.phase0.step0`, …
// where a phase has steps, and, only where there is something for them to do, `E.begin0`, … and
// `E.prepare0` (of the arena) and `E.prepare1` (of a worker's memory).
NcRoutines nc_routines(NcArena *arena, const char *name, const NcPlan *plan);

// A routine without arguments that runs phases first … end-1 in order, as one worker does; `from`
// holds the plan's routines.
const NcRoutine *nc_routine_of_phases(NcArena *arena, const char *name, const NcPlan *plan,
                                      const NcRoutines *from, const char *entry, int first,
                                      int end);

#endif
