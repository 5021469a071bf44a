// Collects the kernels of entries and deals them to parts.
#include "emit/parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

// Functions of phases are named ENTRY.phase0, ENTRY.phase0.step0, ENTRY.phase0.calls0 or the like.
static bool may_name_phase(const NcEmitParts *parts, const char *name) {
  for (int i = 0; i < parts->entry_count; i++) {
    size_t length = strlen(parts->entries[i].name);
    if (strncmp(parts->entries[i].name, name, length) != 0 || name[length] != '.')
      continue;
    const char *word = name + length + 1, *dot = strchr(word, '.');
    if (isalpha((unsigned char)*word) &&
        (!dot || strncmp(dot, ".step", 5) == 0 || strncmp(dot, ".calls", 6) == 0) &&
        !(dot && strchr(dot + 1, '.')))
      return true;
  }
  return false;
}

// Kernels of two graphs may have one name.
static const char *choose_symbol(NcArena *arena, const NcEmitParts *parts, NcMap *symbols,
                                 const char *name) {
  const char *symbol = name;
  int number = parts->kernels.count;
  while (nc_map_get(symbols, symbol) || may_name_phase(parts, symbol))
    symbol = nc_arena_printf(arena, "%s.%d", name, number++);
  return symbol;
}

static void add_kernel(NcArena *arena, NcEmitParts *parts, NcMap *symbols, const NcKernel *kernel) {
  if (nc_map_get(&parts->by_text, kernel->text))
    return;
  NcEmitKernel *added = NC_NEW(arena, NcEmitKernel);
  added->kernel = kernel;
  added->symbol = choose_symbol(arena, parts, symbols, kernel->name);
  nc_map_set(symbols, added->symbol, added);
  nc_map_set(&parts->by_text, kernel->text, added);
  nc_vec_push(arena, parts->kernels, added);
}

static void add_calls(NcArena *arena, NcEmitParts *parts, NcMap *symbols, const NcCalls *calls) {
  for (int i = 0; i < calls->count; i++)
    if (calls->items[i].kernel)
      add_kernel(arena, parts, symbols, calls->items[i].kernel);
}

static void add_entry(NcArena *arena, NcEmitParts *parts, NcMap *symbols, const NcPlan *plan) {
  for (int i = 0; i < plan->phases.count; i++) {
    add_calls(arena, parts, symbols, &plan->phases.items[i].calls);
    add_calls(arena, parts, symbols, &plan->phases.items[i].begin);
  }
  add_calls(arena, parts, symbols, &plan->prepare);
  add_calls(arena, parts, symbols, &plan->prepare_local);
}

static int64_t expr_work(const NcKExpr *x) {
  int64_t work = 1;
  for (int i = 0; i < 3 && x->args[i]; i++)
    work += expr_work(x->args[i]);
  return work + (x->kind == NC_X_LOAD && x->loaded ? expr_work(x->loaded) : 0);
}

// About how many instructions there are to generate.
static int64_t block_work(const NcKBlock *block) {
  int64_t work = 0;
  for (int i = 0; i < block->count; i++) {
    const NcKStmt *s = block->items[i];
    int64_t times =
        s->kind == NC_K_FOR && s->unroll ? (s->high.constant - s->low.constant) / s->step : 1;
    work += s->kind == NC_K_FOR ? 4 + times * block_work(&s->body) : expr_work(s->value);
  }
  return work;
}

typedef struct Job {
  NcEmitKernel *kernel;
  int64_t work;
  int number;
} Job;

static int by_work(const void *a, const void *b) {
  const Job *x = a, *y = b;
  if (x->work != y->work)
    return x->work < y->work ? 1 : -1;
  return x->number - y->number;
}

// The largest kernels first, each to the part with the least work; ties by number.
static void deal(NcArena *arena, NcEmitParts *parts) {
  int count = parts->kernels.count;
  int64_t sums[NC_MAX_PARTS] = {0};
  Job *jobs = NC_NEW_ARRAY(arena, Job, count + 1);
  for (int i = 0; i < count; i++) {
    NcEmitKernel *kernel = parts->kernels.items[i];
    jobs[i] = (Job){kernel, block_work(&kernel->kernel->body), i};
  }
  qsort(jobs, (size_t)count, sizeof *jobs, by_work);
  for (int i = 0; i < count; i++) {
    int least = 0;
    for (int k = 1; k < parts->count; k++)
      if (sums[k] < sums[least])
        least = k;
    jobs[i].kernel->part = least;
    sums[least] += jobs[i].work;
  }
}

NcEmitParts *nc_emit_parts(NcArena *arena, const NcEmitEntry *entries, int count, int most) {
  NcEmitParts *parts = NC_NEW(arena, NcEmitParts);
  NcMap symbols = nc_map_create(arena);
  parts->entries = entries;
  parts->entry_count = count;
  parts->by_text = nc_map_create(arena);
  for (int i = 0; i < count; i++)
    add_entry(arena, parts, &symbols, entries[i].plan);
  parts->count = most < parts->kernels.count ? most : parts->kernels.count;
  parts->count = parts->count > 1 ? parts->count : 1;
  deal(arena, parts);
  return parts;
}
