// The order in which an epoch takes samples, a function of the seed and the epoch.
//
// Shuffling is Fisher and Yates's: for i from rows-1 down to 1, elements i and j of the order are
// swapped, where j = floor(r * (i+1) / 2^64), r = word0 | word1 << 32 of Philox4x32-10 with key
// (seed low, seed high) and counter (i low, i high, epoch low, 0x73687566), low and high being the
// 32-bit halves. The bias of j is below rows / 2^64.
#ifndef NCRT_ORDER_H
#define NCRT_ORDER_H

#include <stdint.h>

// Writes the order of an epoch: order[k] is the sample that comes k-th.
void ncrt_order(int64_t seed, int64_t epoch, int64_t rows, int64_t *order);

#endif
