// Philox4x32-10, the counter-based random number generator of Salmon et al., "Parallel random
// numbers: as easy as 1, 2, 3" (SC 2011): the same key and counter give the same four words,
// anywhere.
#ifndef NCRT_PHILOX_H
#define NCRT_PHILOX_H

#include <stdint.h>

void ncrt_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]);

#endif
