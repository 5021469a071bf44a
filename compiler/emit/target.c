// Choosing the processor that code is generated for.
#include "emit/target.h"

#include "emit/cpu.h"

#include <string.h>

#if defined(__aarch64__)
#define TRIPLE "aarch64-unknown-linux-gnu"
#else
#define TRIPLE X86_64
#endif
#define X86_64 "x86_64-unknown-linux-gnu"

// Operands of products that large leave the caches that cores share, for which tiles are made; and
// rows of those lie so far apart that they are packed.
#define BLAS_ELEMENTS (1 << 22)
#define PANEL_ELEMENTS (1 << 16)
#define CUT_ELEMENTS (1 << 21)

// What code for each level of x86-64 may use.
static const struct {
  const char *name;
  int vector_bytes, vector_registers;
  bool fma, floors;
} levels[] = {
    {"x86-64", 16, 16, false, false},
    {"x86-64-v2", 16, 16, false, true},
    {"x86-64-v3", 32, 16, true, true},
    {"x86-64-v4", 64, 32, true, true},
};

static void use_native(NcArena *arena, NcTarget *target, const NcCpu *cpu) {
  bool x86 = cpu->level > 0;
  target->machine = nc_cpu_identity(arena);
  target->vector_bytes = cpu->avx512 ? 64 : cpu->avx2 ? 32 : 16;
  target->vector_registers = cpu->avx512 || !x86 ? 32 : 16;
  target->fma = cpu->fma || !x86;
  target->floors = cpu->level >= 2 || !x86; // SSE4.1
}

// A level of x86-64, which a machine of another kind can at least be shown the code of.
static void use_level(NcTarget *target, int level, const NcCpu *cpu) {
  target->triple = X86_64;
  target->runs_here = cpu->level > level;
  target->vector_bytes = levels[level].vector_bytes;
  target->vector_registers = levels[level].vector_registers;
  target->fma = levels[level].fma;
  target->floors = levels[level].floors;
}

bool nc_target_select(NcArena *arena, const char *name, NcTarget *target, const char **message) {
  NcCpu cpu = nc_cpu_detect();
  *target = (NcTarget){.triple = TRIPLE,
                       .cpu = name,
                       .features = "",
                       .machine = "",
                       .blas = BLAS_ELEMENTS,
                       .panels = PANEL_ELEMENTS,
                       .cuts = CUT_ELEMENTS,
                       .runs_here = true};
  if (strcmp(name, "native") == 0) {
    use_native(arena, target, &cpu);
    return true;
  }
  for (int i = 0; i < (int)(sizeof levels / sizeof *levels); i++) {
    if (strcmp(levels[i].name, name) == 0) {
      use_level(target, i, &cpu);
      return true;
    }
  }
  *message = nc_arena_printf(
      arena, "unknown processor '%s'; known are native, x86-64, x86-64-v2, x86-64-v3 and x86-64-v4",
      name);
  return false;
}

void nc_target_select_wasm(NcTarget *target) {
  *target = (NcTarget){.triple = "wasm32-unknown-unknown",
                       .cpu = "generic",
                       .features = "+simd128,+bulk-memory,+nontrapping-fptoint,+sign-ext",
                       .machine = "",
                       .vector_bytes = 16,
                       .vector_registers = 16,
                       .floors = true,
                       .panels = PANEL_ELEMENTS,
                       .cuts = CUT_ELEMENTS,
                       .portable = target->portable};
}

void nc_target_make_portable(NcTarget *target) {
  target->portable = true;
  target->blas = 0;
}
