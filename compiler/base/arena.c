// Arenas as lists of blocks: an allocation advances a cursor in the newest block.
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Under the address sanitizer every allocation is a block of its own, so that reading past one is
// caught as it would be for malloc.
#if defined(__SANITIZE_ADDRESS__)
#define FIRST_BLOCK 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIRST_BLOCK 0
#endif
#endif
#ifndef FIRST_BLOCK
#define FIRST_BLOCK ((size_t)16 << 10)
#endif

#define LARGEST_BLOCK ((size_t)1 << 20)
#define ALIGNMENT _Alignof(max_align_t)

typedef struct Block {
  struct Block *next;
  size_t size, used;
  _Alignas(max_align_t) unsigned char bytes[];
} Block;

struct NcArena {
  Block *newest;
  size_t block_size;
};

static _Noreturn void out_of_memory(void) {
  fputs("netc: the machine has no memory left\n", stderr);
  exit(3);
}

NcArena *nc_arena_create(void) {
  NcArena *arena = calloc(1, sizeof *arena);
  if (!arena)
    out_of_memory();
  arena->block_size = FIRST_BLOCK;
  return arena;
}

void nc_arena_destroy(NcArena *arena) {
  if (!arena)
    return;
  for (Block *block = arena->newest; block;) {
    Block *next = block->next;
    free(block);
    block = next;
  }
  free(arena);
}

// The blocks come behind the newest, which still has room.
void nc_arena_merge(NcArena *arena, NcArena *from) {
  Block **behind = arena->newest ? &arena->newest->next : &arena->newest, *rest = *behind;
  *behind = from->newest;
  while (*behind)
    behind = &(*behind)->next;
  *behind = rest;
  free(from);
}

static Block *add_block(NcArena *arena, size_t size) {
  Block *block = calloc(1, sizeof(Block) + size);
  if (!block)
    out_of_memory();
  block->size = size;
  block->next = arena->newest;
  arena->newest = block;
  return block;
}

void *nc_arena_alloc(NcArena *arena, size_t size) {
  if (size > SIZE_MAX / 2)
    out_of_memory();
  if (size == 0)
    size = 1; // an empty allocation still gets an address of its own
  if (arena->block_size == 0)
    return add_block(arena, size)->bytes;
  size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
  Block *block = arena->newest;
  if (!block || block->size - block->used < size) {
    block = add_block(arena, size > arena->block_size ? size : arena->block_size);
    if (arena->block_size < LARGEST_BLOCK)
      arena->block_size *= 2;
  }
  void *result = block->bytes + block->used;
  block->used += size;
  return result;
}

char *nc_arena_strndup(NcArena *arena, const char *text, size_t length) {
  char *copy = nc_arena_alloc(arena, length + 1);
  if (length)
    memcpy(copy, text, length);
  return copy;
}

char *nc_arena_strdup(NcArena *arena, const char *text) {
  return nc_arena_strndup(arena, text, strlen(text));
}

char *nc_arena_vprintf(NcArena *arena, const char *format, va_list args) {
  char buffer[256];
  va_list again;
  va_copy(again, args);
  int length = vsnprintf(buffer, sizeof buffer, format, args);
  char *result = nc_arena_alloc(arena, (size_t)(length < 0 ? 0 : length) + 1);
  if (length > 0)
    vsnprintf(result, (size_t)length + 1, format, again);
  va_end(again);
  return result;
}

char *nc_arena_printf(NcArena *arena, const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *result = nc_arena_vprintf(arena, format, args);
  va_end(args);
  return result;
}
