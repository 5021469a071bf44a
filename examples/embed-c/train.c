// Trains a network within a program: sine.c, which netc wrote, and C's mathematics are all there
// is.
#include "sine.h"

#include <math.h>
#include <stdio.h>

// All the memory. It is zero at first, as static memory is.
static sine_state state;
static SINE_ALIGNED unsigned char arena[SINE_ARENA_SIZE];

// Points of a curve, in any order that does not repeat soon.
static void draw_batch(float *x, float *y) {
  static unsigned random = 1;
  for (int i = 0; i < SINE_MAX_BATCH; i++) {
    random = random * 1664525u + 1013904223u;
    x[i] = (float)(random >> 8) / 16777216.0f * 6.0f - 3.0f;
    y[i] = sinf(x[i]);
  }
}

int main(void) {
  float x[SINE_MAX_BATCH], y[SINE_MAX_BATCH], loss;
  sine_reset(&state);
  for (int step = 1; step <= 1000; step++) {
    draw_batch(x, y);
    int code = sine_train_step(&state, arena, SINE_MAX_BATCH, x, y, &loss);
    if (code != SINE_OK) {
      fprintf(stderr, "step %d: error %d\n", step, code);
      return 1;
    }
    if (step == 1 || step % 250 == 0)
      printf("step %4d  loss %.4f\n", step, (double)loss);
  }
  const float asked[] = {-2.0f, 0.0f, 1.0f};
  float guess[3];
  sine_predict(&state, arena, 3, asked, guess);
  for (int i = 0; i < 3; i++)
    printf("sin(%4.1f) = %6.3f, guess %6.3f\n", (double)asked[i], (double)sinf(asked[i]),
           (double)guess[i]);
  return 0;
}
