/* sine, compiled from sine.net for x86-64, vectors of 16 bytes. The code is in sine.c.

   The caller gives all memory: nothing is allocated, and nothing else is kept. An arena
   must be SINE_ALIGNMENT-aligned and zero before it is first used, and is then left to these
   functions; it may serve several states, one call at a time. Different arenas may be used
   at once. Tensors are row-major, N is the number n of samples. */
#ifndef SINE_H
#define SINE_H

#include <stdint.h>

#define SINE_MAX_BATCH 32 /* samples that a call takes at most */
#define SINE_STATE_SIZE 3984 /* bytes: sizeof(sine_state) */
#define SINE_ARENA_SIZE 45376 /* bytes of memory to work in */
#define SINE_ALIGNMENT 16 /* of both, in bytes */

#ifdef __cplusplus
#define SINE_ALIGNED alignas(16)
extern "C" {
#else
#define SINE_ALIGNED _Alignas(16)
#endif

/* What functions give. */
enum {
  SINE_OK = 0, /* done */
  SINE_BAD_BATCH = 1, /* n is not 1 to SINE_MAX_BATCH; nothing was done */
  SINE_BAD_INPUT = 2, /* an input's value is outside its range; nothing was done */
  SINE_UNDEFINED = 3, /* an index out of range, or a division by zero: see struct sine_problem */
  SINE_NOT_FINITE = 4, /* the loss is not finite; the state is as it was */
};

/* At the start of the arena, after SINE_UNDEFINED. */
typedef struct sine_problem {
  int64_t reserved;
  int64_t line;   /* of sine.net */
  int64_t sample; /* of the batch, from 0; or -1 */
  int64_t value;  /* the index, or the divisor */
} sine_problem;

/* All that changes. SINE_STATE_SIZE bytes of it is written as it lies here, by the code for this machine. */
typedef struct sine_state {
  SINE_ALIGNED int64_t seed; /* of the random numbers */
  int64_t step;  /* training steps that were done */
  int64_t epoch; /* from 0: for what depends on it; the caller counts it */
  SINE_ALIGNED float dense1_kernel[16]; /* f32[1, 16] */
  SINE_ALIGNED float dense1_bias[16]; /* f32[16] */
  SINE_ALIGNED float dense2_kernel[256]; /* f32[16, 16] */
  SINE_ALIGNED float dense2_bias[16]; /* f32[16] */
  SINE_ALIGNED float dense3_kernel[16]; /* f32[16, 1] */
  SINE_ALIGNED float dense3_bias[1]; /* f32[1] */
  SINE_ALIGNED float adam_m_dense1_kernel[16]; /* f32[1, 16] */
  SINE_ALIGNED float adam_v_dense1_kernel[16]; /* f32[1, 16] */
  SINE_ALIGNED float adam_m_dense1_bias[16]; /* f32[16] */
  SINE_ALIGNED float adam_v_dense1_bias[16]; /* f32[16] */
  SINE_ALIGNED float adam_m_dense2_kernel[256]; /* f32[16, 16] */
  SINE_ALIGNED float adam_v_dense2_kernel[256]; /* f32[16, 16] */
  SINE_ALIGNED float adam_m_dense2_bias[16]; /* f32[16] */
  SINE_ALIGNED float adam_v_dense2_bias[16]; /* f32[16] */
  SINE_ALIGNED float adam_m_dense3_kernel[16]; /* f32[16, 1] */
  SINE_ALIGNED float adam_v_dense3_kernel[16]; /* f32[16, 1] */
  SINE_ALIGNED float adam_m_dense3_bias[1]; /* f32[1] */
  SINE_ALIGNED float adam_v_dense3_bias[1]; /* f32[1] */
  SINE_ALIGNED double evaluate_loss_total0[1]; /* f64[] */
  SINE_ALIGNED int64_t evaluate_loss_total1[1]; /* i64[] */
  SINE_ALIGNED double train_step_loss_total0[1]; /* f64[] */
  SINE_ALIGNED int64_t train_step_loss_total1[1]; /* i64[] */
} sine_state;

/* Gives the state the values that sine was compiled with. */
void sine_reset(sine_state *state);

/* Begins the totals of the metrics anew. */
int sine_reset_metrics(sine_state *state, void *arena);

/* The outputs for n samples.
   x: f32[N, 1]
   guess: f32[N, 1], written; or NULL
*/
int sine_predict(const sine_state *state, void *arena, int n, const float *x, float *guess);

/* Adds samples to the totals of the metrics, without training.
   x: f32[N, 1]
   y: f32[N, 1]
   loss: f32[], written; or NULL
*/
int sine_evaluate(sine_state *state, void *arena, int n, const float *x, const float *y, float *loss);

/* One step of training: forward, backward, update; adds to the totals of the metrics.
   x: f32[N, 1]
   y: f32[N, 1]
   loss: f32[], written; or NULL
*/
int sine_train_step(sine_state *state, void *arena, int n, const float *x, const float *y, float *loss);

/* The loss and the metrics of what was evaluated since the totals were begun.
   loss: f32[], written; or NULL
*/
int sine_metrics(const sine_state *state, void *arena, float *loss);

/* The loss and the metrics of the training steps since the totals were begun.
   loss: f32[], written; or NULL
*/
int sine_train_metrics(const sine_state *state, void *arena, float *loss);

#ifdef __cplusplus
}
#endif

#endif
