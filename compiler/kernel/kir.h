// Kernel IR: a small structured language in which loops, vectors and addresses are spelled out, so
// that printers to LLVM and C translate it literally.
//
// A kernel is a function of buffers, the range n0 … n1 of samples, and the range s0 … s1 of the
// axis that it can be split along. Its variables are loop counters and bound values (i64); its
// locals are arrays of scalars or vectors that live in registers once unrolled loops are.
#ifndef NC_KERNEL_KIR_H
#define NC_KERNEL_KIR_H

#include "base/vec.h"
#include "kernel/tensor.h"

#define NC_K_MAX_TERMS 12

// constant + sum of coef * variable
typedef struct NcKIndex {
  int64_t constant;
  int count;
  struct {
    int var;
    int64_t coef;
  } terms[NC_K_MAX_TERMS];
} NcKIndex;

// Variables that every kernel has; loops add theirs.
enum { NC_K_N0, NC_K_N1, NC_K_S0, NC_K_S1, NC_K_FIRST_LOOP };

// Kinds of expression beside NcExprKind's arithmetic (of which LOAD, INDEX, FRAME, GIVEN, CONST,
// CAST, SELECT, unary and binary ones occur here too, on vectors, but those that kernel/math.h
// expands).
enum {
  NC_K_LOCAL = NC_X_KIND_COUNT, // locals[local][index]
  NC_K_TEMP,                    // the value of a LET
  NC_K_SPLAT,                   // args[0], a scalar, in all lanes
  NC_K_FMA,                     // args[0] * args[1] + args[2], rounded once
  NC_K_SHL,                     // args[0] << args[1], integers; 0 <= args[1] < the dtype's bits
  NC_K_BITS,                    // args[0]'s bits as the float or integer dtype of the same size
  NC_K_FOLD,                    // args[0]'s lanes folded by `fold`: halves pairwise, a scalar
  NC_K_MASK,                    // i64: bit i is lane i of args[0], bools
};

typedef struct NcKExpr NcKExpr;
struct NcKExpr {
  int kind;
  NcDtype dtype;
  int lanes; // 1 is a scalar
  NcKExpr *args[3];
  double value;    // CONST of a float dtype
  int64_t integer; // CONST of the others
  NcFrameValue frame;
  int buffer;          // LOAD
  NcKIndex index;      // LOAD: address in elements; INDEX: the value; LOCAL: the element
  int64_t lane_stride; // LOAD, INDEX: what each further lane adds
  int active;          // LOAD: only so many lanes are read, the others are 0; 0 stands for all
  NcKExpr *loaded;     // LOAD: an i64 added to the address after scaling, or NULL
  int64_t loaded_scale;
  int local; // LOCAL, TEMP, GIVEN: its number
  NcReduce fold;
};

typedef enum NcKStmtKind {
  NC_K_FOR,
  NC_K_EACH,
  NC_K_BIND,
  NC_K_SET,
  NC_K_LET,
  NC_K_STORE,
  NC_K_CHECK
} NcKStmtKind;

typedef struct NcKStmt NcKStmt;
typedef NC_VEC(NcKStmt *) NcKBlock;

struct NcKStmt {
  NcKStmtKind kind;
  // FOR: var from low while var + step <= high. `continues` >= 0: starts where that earlier loop's
  // variable stopped.
  int var;
  NcKIndex low, high;
  int64_t step;
  int continues;
  bool unroll; // bounds are constant; the body is repeated
  NcKBlock body;
  // EACH: var is the number of each bit that is set in value, an i64, in ascending order. With a
  // step of more than 1 each covers as many bits, from var on, which are left out then; and is at
  // most `high`, a constant.
  // BIND: var is value, an i64, from here to the end of the block.
  // SET local[index] = value; LET temp `local` = value; STORE buffer[index + lane*stride] = value
  // CHECK: where `condition` is false in a lane, and no fault is set yet, sets the fault of node
  // given[local], sample (index + lane*stride) / step (-1 if step is 0), and value
  // STORE and CHECK leave lanes from `active` on alone; 0 stands for all.
  NcKExpr *condition;
  int local, buffer;
  NcKIndex index;
  int64_t lane_stride;
  int active;
  NcKExpr *value;
};

typedef struct NcKLocal {
  NcDtype dtype;
  int lanes, count;
} NcKLocal;

typedef struct NcKBuffer {
  NcDtype dtype;
  bool written;
} NcKBuffer;

typedef struct NcKernel {
  const char *name; // after the operators and the node; unique in a program
  NC_VEC(NcKBuffer) buffers;
  NC_VEC(int64_t) given; // by the call: the text does not hold the values
  NC_VEC(NcKLocal) locals;
  int var_count, temp_count;
  NcKBlock body;
  const char *text; // printed without the name: equal kernels have equal text
  // For reports: lanes of a vector, vectors of a tile, and how much more is computed than is asked
  // for, as rows are cut into whole registers.
  int lanes, tile;
  double padding;
} NcKernel;

NcKIndex nc_k_constant(int64_t value);
NcKIndex nc_k_var(int var);
NcKIndex nc_k_add(NcKIndex a, NcKIndex b);
NcKIndex nc_k_scale(NcKIndex a, int64_t factor);

NcKExpr *nc_k_expr(NcArena *arena, int kind, NcDtype dtype, int lanes);

// The kernel as text (docs/internals.md shows its look). The name is left out if `with_name` is
// false.
void nc_kernel_print(NcText *text, const NcKernel *kernel, bool with_name);

#endif
