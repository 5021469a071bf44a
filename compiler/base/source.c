// The source map: texts of files, and where in them a byte stands.
#include "base/source.h"

#include "base/utf8.h"

#include <string.h>

NcSourceMap *nc_source_create(NcArena *arena) {
  NcSourceMap *map = NC_NEW(arena, NcSourceMap);
  map->arena = arena;
  return map;
}

int nc_source_add(NcSourceMap *map, const char *name, const char *text, size_t length,
                  bool builtin) {
  if (length > NC_SOURCE_MAX_BYTES)
    length = NC_SOURCE_MAX_BYTES;
  NcSourceFile file = {.name = nc_arena_strdup(map->arena, name),
                       .text = nc_arena_strndup(map->arena, text, length),
                       .length = length,
                       .builtin = builtin};
  nc_vec_push(map->arena, file.line_starts, 0);
  for (size_t i = 0; i < length; i++)
    if (file.text[i] == '\n')
      nc_vec_push(map->arena, file.line_starts, (int32_t)i + 1);
  nc_vec_push(map->arena, map->files, file);
  return map->files.count - 1;
}

static int32_t clamp(int32_t offset, size_t length) {
  return offset < 0 ? 0 : (size_t)offset > length ? (int32_t)length : offset;
}

void nc_source_position(const NcSourceMap *map, int file, int32_t offset, int *line, int *column) {
  *line = *column = 1;
  if (file < 0 || file >= map->files.count)
    return;
  const NcSourceFile *source = &map->files.items[file];
  offset = clamp(offset, source->length);
  int low = 0, high = source->line_starts.count; // line_starts[low] <= offset < line_starts[high]
  while (high - low > 1) {
    int middle = low + (high - low) / 2;
    if (source->line_starts.items[middle] <= offset)
      low = middle;
    else
      high = middle;
  }
  *line = low + 1;
  *column = offset - source->line_starts.items[low] + 1;
}

int nc_source_line(const NcSourceMap *map, NcSpan span) {
  int line, column;
  if (!map || span.file < 0 || span.file >= map->files.count)
    return 0;
  nc_source_position(map, span.file, span.begin, &line, &column);
  return line;
}

char *nc_source_name_line(const NcSourceMap *map, NcSpan span, NcArena *arena) {
  int line = nc_source_line(map, span);
  if (line == 0)
    return NULL;
  const char *name = map->files.items[span.file].name, *slash = strrchr(name, '/');
  return nc_arena_printf(arena, "%s:%d", slash ? slash + 1 : name, line);
}

static int characters(const char *text, int bytes) {
  int count = 0;
  for (int at = 0; at < bytes; count++) {
    uint32_t character;
    at += nc_utf8_decode(text + at, (size_t)(bytes - at), &character);
  }
  return count;
}

NcSourcePlace nc_source_place(const NcSourceMap *map, NcSpan span) {
  const NcSourceFile *file = &map->files.items[span.file];
  NcSourcePlace place;
  int column, last_column;
  nc_source_position(map, span.file, span.begin, &place.line, &column);
  nc_source_position(map, span.file, span.end, &place.last_line, &last_column);
  const int32_t *starts = file->line_starts.items;
  place.column = 1 + characters(file->text + starts[place.line - 1], column - 1);
  place.last_column = 1 + characters(file->text + starts[place.last_line - 1], last_column - 1);
  return place;
}

char *nc_source_text(const NcSourceMap *map, NcSpan span, NcArena *arena) {
  if (span.file < 0 || span.file >= map->files.count)
    return nc_arena_strdup(arena, "");
  const NcSourceFile *source = &map->files.items[span.file];
  int32_t begin = clamp(span.begin, source->length), end = clamp(span.end, source->length);
  return nc_arena_strndup(arena, source->text + begin, end > begin ? (size_t)(end - begin) : 0);
}

NcSpan nc_span_join(NcSpan a, NcSpan b) {
  if (a.file < 0 || b.file < 0 || a.file != b.file)
    return a.file < 0 ? b : a;
  return (NcSpan){a.file, a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end};
}
