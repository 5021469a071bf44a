// Runs a plan's compiled phases as the runtime does, on memory that a test owns.
#ifndef NC_TESTS_OPS_COMPILED_H
#define NC_TESTS_OPS_COMPILED_H

#include "emit/jit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Calls `ENTRY.WHATn`, if there is such a function.
static inline void call_code(NcFunctions code, const char *entry, const char *what, int number,
                             NcrtFrame *frame, int64_t n0, int64_t n1) {
  char name[64];
  snprintf(name, sizeof name, "%s.%s%d", entry, what, number);
  NcrtPhase phase = code.find(code.code, name);
  if (phase)
    phase(frame, n0, n1);
}

// Writes the fills of the frame's arena and of its local memory.
static inline void prepare_plan(NcFunctions code, const char *entry, NcrtFrame *frame) {
  call_code(code, entry, "prepare", 0, frame, 0, frame->max_batch);
  call_code(code, entry, "prepare", 1, frame, 0, NC_CHUNK);
}

// The steps of a chunk, their pieces backwards.
static inline void run_steps(NcFunctions code, const char *entry, const NcPlan *plan, int phase,
                             NcrtFrame *frame, int64_t first, int64_t chunk_end) {
  const NcPhase *of = &plan->phases.items[phase];
  const NcCalls *calls = &of->calls;
  frame->chunk_n0 = first;
  for (int i = 0, end; i < calls->count; i = end) {
    int run = calls->items[i].run;
    for (end = i + 1; run >= 0 && end < calls->count && calls->items[end].run == run;)
      end++;
    for (int64_t n = first; n < (run >= 0 ? chunk_end : first + 1); n++) {
      frame->n0 = n;
      frame->n1 = run >= 0 ? n + 1 : chunk_end;
      for (int k = i; k < end; k = nc_step_end(of, k)) {
        char what[32];
        snprintf(what, sizeof what, "phase%d.step", phase);
        for (int piece = calls->items[k].pieces - 1; piece >= 0; piece--)
          call_code(code, entry, what, k, frame, piece, piece + 1);
      }
    }
  }
}

// Small batches run by steps.
static inline void run_chunked(NcFunctions code, const char *entry, const NcPlan *plan, int phase,
                               NcrtFrame *frame) {
  int64_t chunks = (frame->batch + NC_CHUNK - 1) / NC_CHUNK,
          run = (chunks + NC_SLOTS - 1) / NC_SLOTS;
  // Backwards: the order of slots must not matter.
  for (frame->slot = NC_SLOTS - 1; frame->slot >= 0; frame->slot--) {
    call_code(code, entry, "begin", phase, frame, 0, frame->batch);
    for (int64_t c = frame->slot * run; c < (frame->slot + 1) * run && c < chunks; c++) {
      int64_t end = (c + 1) * NC_CHUNK;
      end = end < frame->batch ? end : frame->batch;
      if (frame->batch < 4)
        run_steps(code, entry, plan, phase, frame, c * NC_CHUNK, end);
      else
        call_code(code, entry, "phase", phase, frame, c * NC_CHUNK, end);
    }
  }
}

// Pieces must not depend on each other: they are run backwards, or all by one call.
static inline void run_pieces(NcFunctions code, const char *entry, int phase, int pieces,
                              NcrtFrame *frame) {
  if (frame->batch % 2) {
    call_code(code, entry, "phase", phase, frame, 0, pieces);
    return;
  }
  for (int i = pieces - 1; i >= 0; i--)
    call_code(code, entry, "phase", phase, frame, i, i + 1);
}

static inline void run_plan(NcFunctions code, const char *entry, const NcPlan *plan,
                            NcrtFrame *frame) {
  for (int i = 0; i < plan->phases.count; i++) {
    const NcPhase *phase = &plan->phases.items[i];
    if (phase->chunked)
      run_chunked(code, entry, plan, i, frame);
    else
      run_pieces(code, entry, i, phase->pieces, frame);
  }
}
// Whether two elements have the same bits, or are both NaN: which NaN is not promised.
static inline bool same_element(NcDtype dtype, const void *a, const void *b) {
  float f[2];
  double d[2];
  if (dtype == NC_F32) {
    memcpy(&f[0], a, sizeof *f);
    memcpy(&f[1], b, sizeof *f);
    if (isnan(f[0]) && isnan(f[1]))
      return true;
  } else if (dtype == NC_F64) {
    memcpy(&d[0], a, sizeof *d);
    memcpy(&d[1], b, sizeof *d);
    if (isnan(d[0]) && isnan(d[1]))
      return true;
  }
  return memcmp(a, b, nc_dtype_size(dtype)) == 0;
}

// The first element in which two tensors of the type and batch differ, or -1.
static inline int64_t first_difference(const NcType *type, int64_t batch, const void *a,
                                       const void *b) {
  size_t size = nc_dtype_size(type->dtype);
  int64_t count = nc_dim_value(nc_type_elements(type), batch);
  for (int64_t i = 0; i < count; i++)
    if (!same_element(type->dtype, (const char *)a + (size_t)i * size,
                      (const char *)b + (size_t)i * size))
      return i;
  return -1;
}

#endif
