// A compiled program written by hand: fits y = w * x by gradient descent with momentum. Its arena
// holds a prediction a sample, behind a halo that `prepare` fills.
#ifndef TESTS_UNIT_LINE_PROGRAM_H
#define TESTS_UNIT_LINE_PROGRAM_H

#include "abi.h"

#include <math.h>

enum { LINE_W, LINE_MOMENT, LINE_TOTAL, LINE_COUNT, LINE_WORST };

static const NcrtInput line_inputs[] = {
    {.name = "x", .shape = {.dtype = NCRT_F32, .rank = 1, .batched = 1}},
    {.name = "y", .shape = {.dtype = NCRT_F32, .rank = 1, .batched = 1}},
};
static const NcrtVariable line_variables[] = {
    [LINE_W] = {"line.w", NCRT_PARAM, {.dtype = NCRT_F32, .rank = 1, .dims = {1}}},
    [LINE_MOMENT] = {"sgd.m.line.w", NCRT_STATE, {.dtype = NCRT_F32, .rank = 1, .dims = {1}}},
    [LINE_TOTAL] = {"metric.total", NCRT_METRIC, {.dtype = NCRT_F64}},
    [LINE_COUNT] = {"metric.count", NCRT_METRIC, {.dtype = NCRT_I64}},
    [LINE_WORST] = {"metric.worst", NCRT_METRIC, {.dtype = NCRT_F64}},
};

// The arena: the loss, the halo's 1, and from byte 64 on a prediction a sample.
typedef struct LineArena {
  float loss, gradient;
  float halo;
  float unused[13];
  float prediction[];
} LineArena;

static inline LineArena *line_arena(NcrtFrame *frame) { return (LineArena *)(void *)frame->arena; }
static inline void *line_variable(NcrtFrame *frame, int inputs, int variable) {
  return frame->buffers[inputs + variable];
}

static int32_t line_prepare(NcrtFrame *frame, int64_t first, int64_t end) {
  (void)first, (void)end;
  line_arena(frame)->halo += 1; // shows how often it was called
  return 0;
}

static int32_t line_initialize(NcrtFrame *frame, int64_t first, int64_t end) {
  (void)first, (void)end;
  *(float *)line_variable(frame, 0, LINE_W) = (float)frame->seed;
  return 0;
}

static int32_t line_initialize_metrics(NcrtFrame *frame, int64_t first, int64_t end) {
  (void)first, (void)end;
  *(double *)line_variable(frame, 0, LINE_WORST) = -INFINITY;
  return 0;
}

static int32_t line_predict(NcrtFrame *frame, int64_t first, int64_t end) {
  (void)first, (void)end; // one piece
  const float *x = frame->buffers[0];
  for (int64_t n = 0; n < frame->batch; n++) {
    if (x[n] == 99) {
      frame->fault_node = 7, frame->fault_sample = n, frame->fault_value = 99;
      return 1;
    }
    line_arena(frame)->prediction[n] =
        *(float *)line_variable(frame, 2, LINE_W) * x[n] * line_arena(frame)->halo;
  }
  return 0;
}

static int32_t line_loss(NcrtFrame *frame, int64_t first, int64_t end) {
  (void)first, (void)end;
  const float *x = frame->buffers[0], *y = frame->buffers[1];
  double total = 0, gradient = 0, worst = -INFINITY;
  for (int64_t n = 0; n < frame->batch; n++) {
    double error = line_arena(frame)->prediction[n] - y[n];
    total += error * error;
    gradient += 2 * error * x[n];
    worst = fmax(worst, error * error);
  }
  line_arena(frame)->loss = (float)(total / (double)frame->batch);
  line_arena(frame)->gradient = (float)(gradient / (double)frame->batch);
  *(double *)line_variable(frame, 2, LINE_TOTAL) += total;
  *(int64_t *)line_variable(frame, 2, LINE_COUNT) += frame->batch;
  double *most = line_variable(frame, 2, LINE_WORST);
  *most = fmax(*most, worst);
  return 0;
}

static int32_t line_update(NcrtFrame *frame, int64_t first, int64_t end) {
  (void)first, (void)end;
  float *w = line_variable(frame, 2, LINE_W), *m = line_variable(frame, 2, LINE_MOMENT);
  *m = 0.5f * *m + line_arena(frame)->gradient;
  *w -= 0.05f * *m;
  return 0;
}

static int32_t line_metrics(NcrtFrame *frame, int64_t first, int64_t end) {
  (void)first, (void)end;
  double *results = (double *)(void *)frame->arena;
  results[0] = *(double *)line_variable(frame, 0, LINE_TOTAL) /
               (double)*(int64_t *)line_variable(frame, 0, LINE_COUNT);
  results[1] = *(double *)line_variable(frame, 0, LINE_WORST);
  return 0;
}

static const int32_t line_both_inputs[] = {0, 1};
static const NcrtPhase line_initialize_phases[] = {line_initialize};
static const NcrtPhase line_initialize_metrics_phases[] = {line_initialize_metrics};
static const NcrtPhase line_train_phases[] = {line_predict, line_loss, line_update};
static const NcrtPhase line_metrics_phases[] = {line_metrics};
static const NcrtResult line_results[] = {
    {"loss", {.dtype = NCRT_F32}, 0, 0},
    {"prediction", {.dtype = NCRT_F32, .rank = 1, .batched = 1}, 64, 0},
};
static const NcrtResult line_metric_results[] = {
    {"loss", {.dtype = NCRT_F64}, 0, 0},
    {"worst", {.dtype = NCRT_F64}, 8, 0},
};

static const NcrtEntry line_entries[] = {
    {.name = "initialize", .phase_count = 1, .phases = line_initialize_phases, .update_phase = 0},
    {.name = "train_step",
     .input_count = 2,
     .inputs = line_both_inputs,
     .phase_count = 3,
     .phases = line_train_phases,
     .result_count = 2,
     .results = line_results,
     .arena_fixed = 64,
     .arena_sample = 4,
     .prepare = line_prepare,
     .update_phase = 2},
    {.name = "evaluate",
     .input_count = 2,
     .inputs = line_both_inputs,
     .phase_count = 2,
     .phases = line_train_phases,
     .result_count = 2,
     .results = line_results,
     .arena_fixed = 64,
     .arena_sample = 4,
     .prepare = line_prepare,
     .update_phase = 2},
    {.name = "initialize_metrics",
     .phase_count = 1,
     .phases = line_initialize_metrics_phases,
     .update_phase = 1},
    {.name = "train_metrics",
     .phase_count = 1,
     .phases = line_metrics_phases,
     .result_count = 2,
     .results = line_metric_results,
     .arena_fixed = 16,
     .update_phase = 1},
    {.name = "metrics",
     .phase_count = 1,
     .phases = line_metrics_phases,
     .result_count = 2,
     .results = line_metric_results,
     .arena_fixed = 16,
     .update_phase = 1},
};

static const NcrtProgram line_program = {.input_count = 2,
                                         .inputs = line_inputs,
                                         .variable_count = 5,
                                         .variables = line_variables,
                                         .entry_count = 6,
                                         .entries = line_entries};

#endif
