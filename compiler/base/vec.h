// Growing arrays whose storage is an arena's.
#ifndef NC_BASE_VEC_H
#define NC_BASE_VEC_H

#include "base/arena.h"

// A vector of T is a struct with items, count and capacity; all zero is the empty vector.
#define NC_VEC(T)                                                                                  \
  struct {                                                                                         \
    T *items;                                                                                      \
    int count;                                                                                     \
    int capacity;                                                                                  \
  }

// Appends a value; `vec` is an lvalue of vector type.
#define nc_vec_push(arena, vec, value)                                                             \
  do {                                                                                             \
    if ((vec).count == (vec).capacity)                                                             \
      (vec).items =                                                                                \
          nc_vec_grow((arena), (vec).items, sizeof *(vec).items, (vec).count, &(vec).capacity);    \
    (vec).items[(vec).count++] = (value);                                                          \
  } while (0)

// Used by nc_vec_push: a copy of `items` with at least twice the capacity.
void *nc_vec_grow(NcArena *arena, const void *items, size_t item_size, int count, int *capacity);

#endif
