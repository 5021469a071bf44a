// Generated code refers to nothing outside itself: not to the C library, also where LLVM would like
// to, as for rounding on processors that cannot. Every sample, for every level of x86-64; those of
// elementwise operators in f64 too.
#include "ops/samples.h"

#include "emit/jit.h"
#include "emit/target.h"

#include <stdio.h>

enum { MAX_ENTRIES = 128 };

// The first in portable mode too.
static const char *const levels[] = {"x86-64", "x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4"};
enum { LEVELS = sizeof levels / sizeof *levels };

static int plan_samples(NcArena *arena, const NcOp *op, const NcTarget *target,
                        NcEmitEntry *entries) {
  int count = 0;
  for (const NcSample *sample = op->samples; sample->text; sample++) {
    const char *texts[] = {sample->text, with_doubles(arena, sample->text)};
    bool twice = (op->facts & NC_FACT_ELEMENTWISE) && strcmp(texts[0], texts[1]) != 0;
    for (int i = 0; i < 1 + twice; i++) {
      NcInfer infer;
      const char *error;
      NcGraph *graph =
          nc_read_sample(nc_module_create(arena), nc_op_by_name, texts[i], &error, &infer);
      if (!graph)
        continue; // an operator of f32 alone
      assert_true(count < MAX_ENTRIES);
      entries[count] =
          (NcEmitEntry){nc_arena_printf(arena, "s%d", count), nc_plan_graph(arena, graph, target)};
      count++;
    }
  }
  return count;
}

// In position-independent code a symbol of another file is reached by the tables of linkage.
static void check_text(const NcOp *op, const char *level, const char *text) {
  static const char *const marks[] = {"@PLT", "@GOTPCREL", "@GOT,"};
  for (int i = 0; i < 3; i++) {
    const char *found = strstr(text, marks[i]), *line = found;
    while (line && line > text && line[-1] != '\n')
      line--;
    if (found)
      fail_sample(op->name, "%s: %.*s", level, (int)strcspn(line, "\n"), line);
  }
}

static void code_stands_alone(void **state) {
  const NcOp *op = *state;
  for (int i = 0; i < LEVELS; i++) {
    NcArena *arena = nc_arena_create();
    NcEmitEntry entries[MAX_ENTRIES];
    NcTarget target;
    const char *message = NULL;
    assert_true(nc_target_select(arena, NULL, levels[i], &target, &message));
    if (i == 0)
      nc_target_make_portable(&target);
    int count = plan_samples(arena, op, &target, entries);
    const char *text = nc_emit_text(arena, entries, count, &target, true, &message);
    if (!text)
      fail_sample(op->name, "%s", message);
    check_text(op, levels[i], text);
    nc_arena_destroy(arena);
  }
}

int main(void) { return run_for_operators("code stands alone", code_stands_alone); }
