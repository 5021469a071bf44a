// A map from strings to pointers, kept in an arena; iteration is in the order of insertion.
#ifndef NC_BASE_MAP_H
#define NC_BASE_MAP_H

#include "base/arena.h"

typedef struct NcMapEntry {
  const char *key;
  void *value;
} NcMapEntry;

typedef struct NcMap {
  NcArena *arena;
  NcMapEntry *entries; // count entries, in the order of insertion
  int count, capacity;
  int *slots; // hash table of entry numbers + 1; 0 is free
  int slot_count;
} NcMap;

NcMap nc_map_create(NcArena *arena);
// The value of `key`, or NULL.
void *nc_map_get(const NcMap *map, const char *key);
// Sets or replaces. The key is not copied: it must live as long as the map.
void nc_map_set(NcMap *map, const char *key, void *value);

// The key nearest to `name` by edit distance, if near enough to be what was meant; else NULL.
// `candidates` may repeat calls: the best so far is carried in `*best` and `*distance` (start with
// NULL and INT_MAX).
void nc_suggest(const char *name, const char *candidate, const char **best, int *distance);

#endif
