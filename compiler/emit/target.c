// Choosing the processor that code is generated for.
#include "emit/target.h"

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>
#include <string.h>

// What each level of x86-64 adds that this machine must have, and what code for it may use.
static const struct {
  const char *name;
  const char *needs; // a feature of the host, NULL: none
  int vector_bytes, vector_registers;
  bool fma;
} levels[] = {
    {"x86-64", NULL, 16, 16, false},
    {"x86-64-v2", "+sse4.2", 16, 16, false},
    {"x86-64-v3", "+avx2", 32, 16, true},
    {"x86-64-v4", "+avx512vl", 64, 32, true},
};

static bool has_feature(const char *features, const char *feature) {
  size_t length = strlen(feature);
  for (const char *at = strstr(features, feature); at; at = strstr(at + 1, feature))
    if ((at == features || at[-1] == ',') && (at[length] == ',' || at[length] == 0))
      return true;
  return false;
}

static void detect(NcTarget *target) {
  const char *f = target->features;
  bool x86 = strncmp(target->triple, "x86_64", 6) == 0;
  bool avx512 =
      has_feature(f, "+avx512vl") && has_feature(f, "+avx512dq") && has_feature(f, "+avx512bw");
  target->vector_bytes = avx512 ? 64 : has_feature(f, "+avx2") ? 32 : 16;
  target->vector_registers = avx512 || !x86 ? 32 : 16;
  target->fma = has_feature(f, "+fma") || strncmp(target->triple, "aarch64", 7) == 0;
}

// Copies a string of LLVM's into the arena.
static const char *take(NcArena *arena, char *message) {
  const char *copy = nc_arena_strdup(arena, message);
  LLVMDisposeMessage(message);
  return copy;
}

bool nc_target_select(NcArena *arena, const char *name, NcTarget *target, const char **message) {
  const char *host = take(arena, LLVMGetHostCPUFeatures());
  *target = (NcTarget){.triple = take(arena, LLVMGetDefaultTargetTriple()),
                       .cpu = name,
                       .features = "",
                       .blas = true};
  if (strcmp(name, "native") == 0) {
    target->cpu = take(arena, LLVMGetHostCPUName());
    target->features = host;
    detect(target);
    return true;
  }
  for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
    if (strcmp(levels[i].name, name) != 0)
      continue;
    if (strncmp(target->triple, "x86_64", 6) != 0 ||
        (levels[i].needs && !has_feature(host, levels[i].needs))) {
      *message = nc_arena_printf(arena, "this machine cannot run code for %s", name);
      return false;
    }
    target->vector_bytes = levels[i].vector_bytes;
    target->vector_registers = levels[i].vector_registers;
    target->fma = levels[i].fma;
    return true;
  }
  *message = nc_arena_printf(
      arena, "unknown processor '%s'; known are native, x86-64, x86-64-v2, x86-64-v3 and x86-64-v4",
      name);
  return false;
}
