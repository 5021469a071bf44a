/* Learns four kinds of motion from windows of a sensor, which are made up here, and says how well,
   and a sum over all bits of what was learned. No memory is allocated, and no f64 used. */
#include "board.h"
#include "motion.h"

#include <stdint.h>

#define STEPS 200
#define TESTS 256
#define LENGTH 32
#define MOTIONS 4

static motion_state state;
static MOTION_ALIGNED unsigned char arena[MOTION_ARENA_SIZE];

static uint32_t next_random(void) {
  static uint32_t random = 1;
  random = random * 1664525u + 1013904223u;
  return random >> 16;
}

/* Still, swung, shaken, or bumped once; with noise, begun a little earlier or later. */
static void make_window(int motion, uint8_t window[LENGTH]) {
  int start = (int)(next_random() % 8);
  for (int i = 0; i < LENGTH; i++) {
    int at = (i + start) % LENGTH, value = 0;
    if (motion == 1)
      value = (at < 16 ? at : 32 - at) * 8 - 64;
    else if (motion == 2)
      value = at / 2 % 2 ? 40 : -40;
    else if (motion == 3)
      value = at < 3 ? 100 : 0;
    window[i] = (uint8_t)(128 + value + (int)(next_random() % 33) - 16);
  }
}

static void make_batch(uint8_t windows[][LENGTH], uint8_t *motions) {
  for (int i = 0; i < MOTION_MAX_BATCH; i++) {
    motions[i] = (uint8_t)(next_random() % MOTIONS);
    make_window(motions[i], windows[i]);
  }
}

static void write_number(uint32_t value, uint32_t base, int digits) {
  char text[12];
  int at = sizeof text - 1;
  text[at] = 0;
  for (; value || digits > 0; value /= base, digits--)
    text[--at] = "0123456789abcdef"[value % base];
  board_write(text + at);
}

static void write_loss(int step, float loss) {
  uint32_t thousandths = (uint32_t)(loss * 1000.0f + 0.5f);
  board_write("step ");
  board_write(step < 10 ? "  " : step < 100 ? " " : "");
  write_number((uint32_t)step, 10, 1);
  board_write("  loss ");
  write_number(thousandths / 1000, 10, 1);
  board_write(".");
  write_number(thousandths % 1000, 10, 3);
  board_write("\n");
}

static int train(void) {
  uint8_t windows[MOTION_MAX_BATCH][LENGTH], motions[MOTION_MAX_BATCH];
  float loss;
  for (int step = 1; step <= STEPS; step++) {
    make_batch(windows, motions);
    if (motion_train_step(&state, arena, MOTION_MAX_BATCH, windows[0], motions, &loss))
      return 0;
    if (step == 1 || step % 50 == 0)
      write_loss(step, loss);
  }
  return 1;
}

static int test(void) {
  uint8_t window[LENGTH];
  float probabilities[MOTIONS];
  uint32_t right = 0;
  for (int i = 0; i < TESTS; i++) {
    int motion = i % MOTIONS, best = 0;
    make_window(motion, window);
    if (motion_predict(&state, arena, 1, window, probabilities))
      return 0;
    for (int k = 1; k < MOTIONS; k++)
      best = probabilities[k] > probabilities[best] ? k : best;
    right += best == motion;
  }
  write_number(right, 10, 1);
  board_write(" of ");
  write_number(TESTS, 10, 1);
  board_write(" new windows told right\n");
  return 1;
}

/* CRC-32 of all that changes. */
static uint32_t sum_of_state(void) {
  const unsigned char *bytes = (const unsigned char *)&state;
  uint32_t crc = ~0u;
  for (unsigned i = 0; i < sizeof state; i++) {
    crc ^= bytes[i];
    for (int b = 0; b < 8; b++)
      crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1)));
  }
  return ~crc;
}

int main(void) {
  motion_reset(&state);
  if (!train() || !test()) {
    board_write("the model refused\n");
    return 1;
  }
  board_write("state ");
  write_number(sum_of_state(), 16, 8);
  board_write("\n");
  if (board_stack_used()) {
    board_write("stack ");
    write_number(board_stack_used(), 10, 1);
    board_write(" bytes\n");
  }
  return 0;
}
