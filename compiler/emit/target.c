// Choosing the processor that code is generated for.
#include "emit/target.h"

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>
#include <string.h>

// What of each level of x86-64 a machine must have to run its code, and what the code may use.
static const struct {
  const char *name;
  const char *needs[3]; // features, as far as there are
  int vector_bytes, vector_registers;
  bool fma, floors;
} levels[] = {
    {"x86-64", {NULL}, 16, 16, false, false},
    {"x86-64-v2", {"+sse4.2"}, 16, 16, false, true},
    {"x86-64-v3", {"+avx2", "+fma", "+bmi2"}, 32, 16, true, true},
    {"x86-64-v4", {"+avx512vl", "+avx512dq", "+avx512bw"}, 64, 32, true, true},
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
  bool arm = strncmp(target->triple, "aarch64", 7) == 0;
  target->fma = has_feature(f, "+fma") || arm;
  target->floors = has_feature(f, "+sse4.1") || arm;
}

// Copies a string of LLVM's into the arena.
static const char *take(NcArena *arena, char *message) {
  const char *copy = nc_arena_strdup(arena, message);
  LLVMDisposeMessage(message);
  return copy;
}

static bool is_x86(const NcTarget *target) { return strncmp(target->triple, "x86_64", 6) == 0; }

// A level of x86-64, which a machine of another kind can at least be shown the code of.
static void use_level(NcTarget *target, int level, const char *host) {
  target->runs_here = is_x86(target);
  for (int i = 0; i < 3 && levels[level].needs[i]; i++)
    target->runs_here = target->runs_here && has_feature(host, levels[level].needs[i]);
  if (!is_x86(target))
    target->triple = "x86_64-unknown-linux-gnu";
  target->vector_bytes = levels[level].vector_bytes;
  target->vector_registers = levels[level].vector_registers;
  target->fma = levels[level].fma;
  target->floors = levels[level].floors;
}

bool nc_target_select(NcArena *arena, const char *name, NcTarget *target, const char **message) {
  const char *host = take(arena, LLVMGetHostCPUFeatures());
  *target = (NcTarget){.triple = take(arena, LLVMGetDefaultTargetTriple()),
                       .cpu = name,
                       .features = "",
                       .blas = true,
                       .runs_here = true};
  if (strcmp(name, "native") == 0) {
    target->cpu = take(arena, LLVMGetHostCPUName());
    target->features = host;
    detect(target);
    return true;
  }
  for (int i = 0; i < (int)(sizeof levels / sizeof *levels); i++) {
    if (strcmp(levels[i].name, name) == 0) {
      use_level(target, i, host);
      return true;
    }
  }
  *message = nc_arena_printf(
      arena, "unknown processor '%s'; known are native, x86-64, x86-64-v2, x86-64-v3 and x86-64-v4",
      name);
  return false;
}

void nc_target_make_portable(NcTarget *target) {
  target->portable = true;
  target->blas = false;
}
