// Finds and loads the code generator.
#define _GNU_SOURCE
#include "emit/generator.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The folder of the command, or of the library, that this is part of; "." if it cannot be told.
static const char *own_folder(NcArena *arena) {
  Dl_info info;
  struct link_map *map = NULL;
  char path[PATH_MAX];
  if (!dladdr1(nc_build_id, &info, (void **)&map, RTLD_DL_LINKMAP) || !map ||
      !realpath(*map->l_name ? map->l_name : "/proc/self/exe", path))
    return ".";
  *strrchr(path, '/') = 0;
  return nc_arena_strdup(arena, path);
}

static void *open_shared(NcArena *arena, const char **message) {
  static const char *const places[] = {"lib/netc", "../lib/netc"};
  const char *folder = own_folder(arena), *path = NULL;
  for (int i = 0; i < 2; i++) {
    path = nc_arena_printf(arena, "%s/%s/%s", folder, places[i], NC_GENERATOR_FILE);
    if (access(path, F_OK) == 0)
      break;
    path = NULL;
  }
  if (!path) {
    *message = nc_arena_printf(
        arena, "the code generator is missing: no %s in %s/lib/netc or %s/../lib/netc",
        NC_GENERATOR_FILE, folder, folder);
    return NULL;
  }
  void *shared = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!shared)
    *message = nc_arena_printf(arena, "cannot load the code generator: %s", dlerror());
  return shared;
}

const NcGenerator *nc_generator(NcArena *arena, const char **message) {
  void *shared = open_shared(arena, message);
  if (!shared)
    return NULL;
  const NcGenerator *(*function)(void) =
      (const NcGenerator *(*)(void))(uintptr_t)dlsym(shared, NC_GENERATOR_FUNCTION);
  const NcGenerator *generator = function ? function() : NULL;
  if (generator && strcmp(generator->build, nc_build_id) == 0)
    return generator;
  *message = nc_arena_printf(
      arena, "%s is not of the same build as this command: install both again", NC_GENERATOR_FILE);
  return NULL;
}
