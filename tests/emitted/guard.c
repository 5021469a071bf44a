// Memory that ends where a page that nobody may touch begins: for programs that are compiled with
// -Daligned_alloc=guarded_alloc.
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/mman.h>

void *guarded_alloc(size_t alignment, size_t size);

void *guarded_alloc(size_t alignment, size_t size) {
  const size_t page = 4096;
  size_t pages = (size + page - 1) / page * page;
  char *memory =
      mmap(NULL, pages + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  (void)alignment; // sizes are multiples of it
  if (memory == MAP_FAILED || mprotect(memory + pages, page, PROT_NONE) != 0)
    return NULL;
  return memory + pages - size;
}
