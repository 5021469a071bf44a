// What the generated code may use: a processor and what follows from its features.
#ifndef NC_KERNEL_TARGET_H
#define NC_KERNEL_TARGET_H

#include <stdbool.h>

typedef struct NcTarget {
  const char *triple, *cpu, *features; // LLVM's spelling
  int vector_bytes;                    // of the widest registers worth using
  int vector_registers;                // how many
  bool fma;                            // fused multiply-add in hardware
  bool floors;                         // rounding down in hardware
  bool blas;                           // large products may go to BLAS
  bool portable;  // the same bits on every target: sums of products are always fused
  bool runs_here; // this machine can run the code
} NcTarget;

#endif
