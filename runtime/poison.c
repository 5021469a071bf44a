// Poisons what lies between values.
#include "poison.h"

#if NCRT_SANITIZED
#include <sanitizer/asan_interface.h>

void ncrt_poison(const void *memory, size_t bytes) { ASAN_POISON_MEMORY_REGION(memory, bytes); }

void ncrt_unpoison(const void *memory, size_t bytes) { ASAN_UNPOISON_MEMORY_REGION(memory, bytes); }

// gcc 12's sanitizer guesses where glibc keeps the thread-local variables of shared objects that
// were loaded late, as LLVM is, and at times follows a wrong guess when it looks for leaks.
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "intercept_tls_get_addr=0"; }

#else

void ncrt_poison(const void *memory, size_t bytes) { (void)memory, (void)bytes; }

void ncrt_unpoison(const void *memory, size_t bytes) { (void)memory, (void)bytes; }

#endif

void ncrt_poison_gaps(const NcrtEntry *entry, bool local, int64_t max_batch, const void *memory,
                      size_t bytes) {
  if (!NCRT_SANITIZED || entry->ranges == NULL)
    return;
  ncrt_poison(memory, bytes);
  for (int i = 0; i < entry->range_count; i++) {
    const NcrtRange *r = &entry->ranges[i];
    if (r->local == local)
      ncrt_unpoison((const char *)memory + r->fixed + r->sample * max_batch,
                    (size_t)(r->fixed_bytes + r->sample_bytes * max_batch));
  }
}
