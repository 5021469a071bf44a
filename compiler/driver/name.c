// Names of files that commands write.
#include "driver/name.h"

#include "base/text.h"

#include <string.h>

const char *nc_base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

int nc_length_without(const char *path, const char *ending) {
  return (int)(strlen(path) - (nc_ends_in(path, ending) ? strlen(ending) : 0));
}

char *nc_name_with(NcArena *arena, const char *path, const char *ending) {
  const char *name = nc_base_name(path), *dot = strrchr(name, '.');
  size_t length = dot && dot > name ? (size_t)(dot - path) : strlen(path);
  return nc_arena_printf(arena, "%.*s%s", (int)length, path, ending);
}

char *nc_name_here(NcArena *arena, const char *path, const char *ending) {
  const char *name = strcmp(path, "-") == 0 ? "stdin" : nc_base_name(path);
  int source = nc_length_without(name, ".net"), saved = nc_length_without(name, ".safetensors");
  return nc_arena_printf(arena, "%.*s%s", source < saved ? source : saved, name, ending);
}
