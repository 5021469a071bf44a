// Memory that ends (or starts) at a page that must not be touched, so that compiled code, which the
// sanitizers do not see, cannot go unnoticed past its buffers.
#ifndef NC_TESTS_OPS_GUARDED_H
#define NC_TESTS_OPS_GUARDED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

typedef struct Guarded {
  char *data;
  void *pages;
  size_t length;
} Guarded;

// `bytes` between two such pages, against the second one or, `at_start`, the first.
static inline Guarded guarded_alloc(size_t bytes, size_t alignment, bool at_start) {
  const size_t page = 4096;
  size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  size_t inner = (rounded + page - 1) / page * page;
  Guarded g = {.length = inner + 2 * page};
  g.pages = mmap(NULL, g.length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (g.pages == MAP_FAILED || mprotect((char *)g.pages + page, inner, PROT_READ | PROT_WRITE))
    abort();
  g.data = (char *)g.pages + page + (at_start ? 0 : inner - rounded);
  return g;
}

static inline void guarded_free(Guarded g) { munmap(g.pages, g.length); }

#endif
