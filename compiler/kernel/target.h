// What the generated code may use: a processor and what follows from its features.
#ifndef NC_KERNEL_TARGET_H
#define NC_KERNEL_TARGET_H

#include <stdbool.h>
#include <stdint.h>

typedef struct NcTarget {
  const char *triple, *cpu, *features; // LLVM's spelling; "native" is this machine's processor
  const char *machine;                 // tells processors that are native apart; else empty
  int vector_bytes;                    // of the widest registers worth using
  int vector_registers;                // how many
  bool fma;                            // fused multiply-add in hardware
  bool floors;                         // rounding down in hardware
  bool portable; // the same bits on every target: sums of products are always fused
  bool fast;     // sums may be computed by other ways, with other rounding
  int gap;       // bytes left free behind every value in memory
  // Products go to BLAS from so many elements on of the operand (or result) without N; 0: never.
  int64_t blas;
  // Invariant operands of products with as many elements are packed in panels: their rows lie far
  // apart, which is hard on caches and the translation of addresses. 0: never.
  int64_t panels;
  // Cutting a phase is considered at products whose operand without N has as many elements: more
  // than the caches that cores share hold. 0: never.
  int64_t cuts;
  // Whether values that hang on params and states alone stay from one run to the next, and whether
  // what a network makes of zeros is worth knowing: batches are large enough, or it stays.
  bool stays, quiet;
  int slots;      // partial sums of a batch: NC_SLOTS, less those that batches are too small for
  bool runs_here; // this machine can run the code
} NcTarget;

#endif
