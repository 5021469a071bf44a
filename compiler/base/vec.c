// The growth of vectors.
#include "base/vec.h"

#include <limits.h>
#include <string.h>

void *nc_vec_grow(NcArena *arena, const void *items, size_t item_size, int count, int *capacity) {
  // An int that cannot grow any more is a lack of memory: the arena says so.
  if (*capacity > INT_MAX / 2)
    return nc_arena_alloc(arena, (size_t)-1);
  *capacity = *capacity ? 2 * *capacity : 4;
  void *grown = nc_arena_alloc(arena, item_size * (size_t)*capacity);
  if (count)
    memcpy(grown, items, item_size * (size_t)count);
  return grown;
}
