// What the generated code may use: a processor and what follows from its features.
#ifndef NC_KERNEL_TARGET_H
#define NC_KERNEL_TARGET_H

#include <stdbool.h>

typedef struct NcTarget {
  const char *triple, *cpu, *features; // LLVM's spelling; "native" is this machine's processor
  const char *machine;                 // tells processors that are native apart; else empty
  int vector_bytes;                    // of the widest registers worth using
  int vector_registers;                // how many
  bool fma;                            // fused multiply-add in hardware
  int gap;                             // bytes left free behind every value in memory
  bool blas;                           // large products may go to BLAS
  bool runs_here;                      // this machine can run the code
} NcTarget;

#endif
