// String maps by open addressing over a list of entries, and the search for the name that was
// meant.
#include "base/map.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

NcMap nc_map_create(NcArena *arena) { return (NcMap){.arena = arena}; }

// FNV-1a.
static uint32_t hash(const char *key) {
  uint32_t h = 2166136261u;
  for (; *key; key++)
    h = (h ^ (unsigned char)*key) * 16777619u;
  return h;
}

// The slot of `key`, or the free slot where it belongs. slot_count is a power of two and never
// full.
static int find_slot(const NcMap *map, const char *key) {
  uint32_t mask = (uint32_t)map->slot_count - 1;
  uint32_t slot = hash(key) & mask;
  while (map->slots[slot] && strcmp(map->entries[map->slots[slot] - 1].key, key) != 0)
    slot = (slot + 1) & mask;
  return (int)slot;
}

void *nc_map_get(const NcMap *map, const char *key) {
  if (!map->slot_count)
    return NULL;
  int entry = map->slots[find_slot(map, key)];
  return entry ? map->entries[entry - 1].value : NULL;
}

static void grow(NcMap *map) {
  int capacity = map->capacity ? 2 * map->capacity : 8;
  NcMapEntry *entries = NC_NEW_ARRAY(map->arena, NcMapEntry, capacity);
  if (map->count)
    memcpy(entries, map->entries, sizeof *entries * (size_t)map->count);
  map->entries = entries;
  map->capacity = capacity;
  map->slot_count = 2 * capacity;
  map->slots = NC_NEW_ARRAY(map->arena, int, map->slot_count);
  for (int i = 0; i < map->count; i++)
    map->slots[find_slot(map, entries[i].key)] = i + 1;
}

void nc_map_set(NcMap *map, const char *key, void *value) {
  if (map->count == map->capacity)
    grow(map);
  int slot = find_slot(map, key);
  if (map->slots[slot]) {
    map->entries[map->slots[slot] - 1].value = value;
    return;
  }
  map->entries[map->count] = (NcMapEntry){key, value};
  map->slots[slot] = ++map->count;
}

#define LONGEST_NAME 64

static int min(int a, int b) { return a < b ? a : b; }

static unsigned char lower(char c) {
  return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

#define EDIT 8
#define CASE 1 // a letter in the wrong case is a small part of an edit

// The edit distance with transpositions of neighbours (optimal string alignment).
static int edit_distance(const char *a, int a_length, const char *b, int b_length) {
  int rows[3][LONGEST_NAME + 1];
  for (int j = 0; j <= b_length; j++)
    rows[0][j] = EDIT * j;
  for (int i = 1; i <= a_length; i++) {
    int *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
    now[0] = EDIT * i;
    for (int j = 1; j <= b_length; j++) {
      int change = a[i - 1] == b[j - 1] ? 0 : lower(a[i - 1]) == lower(b[j - 1]) ? CASE : EDIT;
      now[j] = min(before[j - 1] + change, EDIT + min(before[j], now[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        now[j] = min(now[j], earlier[j - 2] + EDIT);
    }
  }
  return rows[a_length % 3][b_length];
}

void nc_suggest(const char *name, const char *candidate, const char **best, int *distance) {
  size_t length = strlen(name), candidate_length = strlen(candidate);
  if (length > LONGEST_NAME || candidate_length > LONGEST_NAME)
    return;
  int found = edit_distance(name, (int)length, candidate, (int)candidate_length);
  // A third of the letters may be wrong. In a name of one letter only its case may be.
  int allowed = length <= 1 ? CASE : EDIT * (int)(length < 6 ? 1 : length / 3);
  if (found == 0 || found > allowed || found >= *distance)
    return;
  *best = candidate;
  *distance = found;
}
