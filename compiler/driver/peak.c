// Measures multiply-adds.
#include "driver/peak.h"

#include "driver/code.h"
#include "kernel/peak.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

// A run is long enough for the clock and short enough to escape what else the machine does.
enum { RUNS = 25, RUN_NS = 2000000 };

static int64_t time_run(NcrtPhase run, NcrtFrame *frame, int64_t rounds) {
  frame->batch = rounds;
  int64_t began = ncrt_nanoseconds();
  run(frame, 0, 1);
  return ncrt_nanoseconds() - began;
}

// Rounds in a ns.
static double best_rate(NcrtPhase run, NcrtFrame *frame) {
  int64_t rounds = 1000, ns;
  while ((ns = time_run(run, frame, rounds)) < RUN_NS && rounds < INT64_C(1) << 40)
    rounds *= 2;
  for (int i = 0; i < RUNS; i++) {
    int64_t again = time_run(run, frame, rounds);
    ns = again < ns ? again : ns;
  }
  return (double)rounds / (double)(ns > 0 ? ns : 1);
}

double nc_peak_measure(NcUnit *unit, const NcGraph *graph, const NcTarget *target, NcDtype dtype,
                       const char **message) {
  int64_t flops;
  NcEmitEntry entry = {"peak", nc_peak_plan(unit->arena, graph, target, dtype, &flops)};
  NcJit *jit = nc_unit_code(unit, &entry, 1, target, message);
  if (!jit)
    return 0;
  // Zeros stay numbers of a usual size, whatever the number of rounds.
  size_t bytes = ((size_t)entry.plan->arena_fixed + 63) / 64 * 64;
  void *memory = aligned_alloc(64, bytes);
  double rate = 0;
  *message = "out of memory";
  if (memory) {
    memset(memory, 0, bytes);
    NcrtFrame frame = {.table = ncrt_table(), .arena = memory, .fault_node = -1};
    rate = best_rate(nc_jit_phase(jit, "peak.phase0"), &frame) * (double)flops;
  }
  free(memory);
  nc_jit_destroy(jit);
  return rate;
}
