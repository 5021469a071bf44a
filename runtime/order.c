// Shuffles.
#include "order.h"

#include "philox.h"

static uint64_t random_64(int64_t seed, int64_t index, int64_t epoch) {
  const uint32_t domain =
      0x73687566; // "shuf": apart from the counters of random nodes, whose last word is a step
  uint32_t key[2] = {(uint32_t)seed, (uint32_t)((uint64_t)seed >> 32)}, words[4];
  uint32_t counter[4] = {(uint32_t)index, (uint32_t)((uint64_t)index >> 32), (uint32_t)epoch,
                         domain};
  ncrt_philox(counter, key, words);
  return words[0] | (uint64_t)words[1] << 32;
}

// floor(a * b / 2^64)
static uint64_t multiply_high(uint64_t a, uint64_t b) {
  uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
  uint64_t middle = a1 * b0 + (a0 * b0 >> 32);
  uint64_t carry = (uint32_t)middle + a0 * b1;
  return a1 * b1 + (middle >> 32) + (carry >> 32);
}

void ncrt_order(int64_t seed, int64_t epoch, int64_t rows, int64_t *order) {
  for (int64_t i = 0; i < rows; i++)
    order[i] = i;
  for (int64_t i = rows - 1; i > 0; i--) {
    int64_t j = (int64_t)multiply_high(random_64(seed, i, epoch), (uint64_t)i + 1), kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
}
