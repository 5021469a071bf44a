// Memory that must not be touched, in builds with the address sanitizer: generated code is checked
// there like the rest, so what it reads or writes between values ends the program with a report.
// Other builds do nothing here.
#ifndef NCRT_POISON_H
#define NCRT_POISON_H

#include "abi.h"

#include <stdbool.h>
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define NCRT_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NCRT_SANITIZED 1
#endif
#endif
#ifndef NCRT_SANITIZED
#define NCRT_SANITIZED 0
#endif

void ncrt_poison(const void *memory, size_t bytes);
void ncrt_unpoison(const void *memory, size_t bytes);
// Poisons an entry's arena, or (`local`) a worker's memory for it, but for the ranges that values
// lie in. The memory is aligned to 8 bytes.
void ncrt_poison_gaps(const NcrtEntry *entry, bool local, int64_t max_batch, const void *memory,
                      size_t bytes);

#endif
