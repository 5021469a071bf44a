// Arenas: memory that belongs to a lifetime and is freed at once.
#ifndef NC_BASE_ARENA_H
#define NC_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

typedef struct NcArena NcArena;

// Makes an empty arena. The caller owns it and frees it with nc_arena_destroy.
NcArena *nc_arena_create(void);
// Frees the arena and everything allocated from it. NULL is allowed.
void nc_arena_destroy(NcArena *arena);
// Gives all that `from` holds to `arena`, as if it came from there, and frees the empty `from`.
void nc_arena_merge(NcArena *arena, NcArena *from);

// Gives `size` zeroed bytes, aligned for any type, that live as long as the arena. Never NULL: when
// the machine has no memory left, one line is printed and the process ends with status 3.
void *nc_arena_alloc(NcArena *arena, size_t size);

// Copies of strings, NUL-terminated.
char *nc_arena_strdup(NcArena *arena, const char *text);
char *nc_arena_strndup(NcArena *arena, const char *text, size_t length);
char *nc_arena_printf(NcArena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *nc_arena_vprintf(NcArena *arena, const char *format, va_list args);

#define NC_NEW(arena, type) ((type *)nc_arena_alloc((arena), sizeof(type)))
#define NC_NEW_ARRAY(arena, type, count)                                                           \
  ((type *)nc_arena_alloc((arena), sizeof(type) * (size_t)(count)))

#endif
