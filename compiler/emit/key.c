// The key of an entry's machine code.
#include "emit/key.h"

#include "emit/generator.h"

#include <sys/stat.h>

// LLVM may be replaced by another of the same version.
static void print_llvm(NcText *t) {
  struct stat file;
  if (stat(NETC_LLVM_LIBRARY, &file) == 0)
    nc_text_printf(t, "LLVM %lld bytes of %lld.%09ld\n", (long long)file.st_size,
                   (long long)file.st_mtim.tv_sec, file.st_mtim.tv_nsec);
}

static void print_target(NcText *t, const NcTarget *target) {
  nc_text_printf(t, "target %s, %s, '%s', '%s', vectors %d x %d, fma %d, gap %d\n", target->triple,
                 target->cpu, target->features, target->machine, target->vector_registers,
                 target->vector_bytes, target->fma, target->gap);
}

static void print_symbols(NcText *t, const NcEmitParts *parts, const NcCalls *calls) {
  for (int i = 0; i < calls->count; i++) {
    const NcKernel *kernel = calls->items[i].kernel;
    const NcEmitKernel *known = kernel ? nc_map_get(&parts->by_text, kernel->text) : NULL;
    nc_text_printf(t, "%s\n", known ? known->symbol : "gemm");
  }
}

// The plan names kernels that are called, but not uniquely.
static void print_entry(NcText *t, const NcEmitParts *parts, const NcEmitEntry *entry) {
  const NcPlan *plan = entry->plan;
  nc_text_printf(t, "entry %s\n", entry->name);
  nc_plan_print(t, plan);
  for (int i = 0; i < plan->phases.count; i++) {
    print_symbols(t, parts, &plan->phases.items[i].calls);
    print_symbols(t, parts, &plan->phases.items[i].begin);
  }
  print_symbols(t, parts, &plan->prepare);
  print_symbols(t, parts, &plan->prepare_local);
}

NcHash nc_code_key(NcArena *arena, const NcEmitEntry *entries, int count, const NcTarget *target) {
  const NcEmitParts *parts = nc_emit_parts(arena, entries, count, NC_MAX_PARTS);
  NcText t = nc_text_create(arena);
  nc_text_printf(&t, "netc %s\n", nc_build_id);
  print_llvm(&t);
  print_target(&t, target);
  for (int i = 0; i < count; i++)
    print_entry(&t, parts, &entries[i]);
  for (int i = 0; i < parts->kernels.count; i++)
    nc_text_printf(&t, "%s\n%s", parts->kernels.items[i]->symbol,
                   parts->kernels.items[i]->kernel->text);
  return nc_hash(t.data, t.length);
}
