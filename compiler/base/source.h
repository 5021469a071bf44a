// The source map: files by number, places in them as byte ranges.
#ifndef NC_BASE_SOURCE_H
#define NC_BASE_SOURCE_H

#include "base/arena.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

// A half-open range of bytes in one file. file < 0 is "nowhere" (built-in or computed things).
typedef struct NcSpan {
  int32_t file, begin, end;
} NcSpan;

// Longer files are for the caller to refuse; nc_source_add cuts them off here.
#define NC_SOURCE_MAX_BYTES ((size_t)1 << 30)

#define NC_NOWHERE ((NcSpan){-1, 0, 0})

typedef struct NcSourceFile {
  const char *name; // as shown in diagnostics
  const char *text; // length bytes and a NUL
  size_t length;
  bool builtin;                // part of the standard library
  NC_VEC(int32_t) line_starts; // offsets; a file has at least one line
} NcSourceFile;

typedef struct NcSourceMap {
  NcArena *arena;
  NC_VEC(NcSourceFile) files;
} NcSourceMap;

NcSourceMap *nc_source_create(NcArena *arena);
// Adds a file's text (copied) and gives its number.
int nc_source_add(NcSourceMap *map, const char *name, const char *text, size_t length,
                  bool builtin);
// Line (from 1) and column (from 1, in bytes) of the byte at `offset`.
void nc_source_position(const NcSourceMap *map, int file, int32_t offset, int *line, int *column);
// The same for both ends of a span in a file of the map, in characters, as they are shown.
typedef struct NcSourcePlace {
  int line, column, last_line, last_column;
} NcSourcePlace;
NcSourcePlace nc_source_place(const NcSourceMap *map, NcSpan span);
// The line that a span begins in; 0 if it is nowhere, or there is no map.
int nc_source_line(const NcSourceMap *map, NcSpan span);
// "mnist.net:24": the file's name without folders, and that line. NULL for 0.
char *nc_source_name_line(const NcSourceMap *map, NcSpan span, NcArena *arena);
// The text of a span, as a string in `arena`.
char *nc_source_text(const NcSourceMap *map, NcSpan span, NcArena *arena);
// The smallest span that covers both; NC_NOWHERE covers nothing, and of two files the first counts.
NcSpan nc_span_join(NcSpan a, NcSpan b);

#endif
