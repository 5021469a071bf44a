// Finds and loads shared objects of this command.
#define _GNU_SOURCE
#include "base/plugin.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The folder of the command, or of the library, that this is part of; "." if it cannot be told.
static const char *own_folder(NcArena *arena) {
  static const char here;
  Dl_info info;
  struct link_map *map = NULL;
  char path[PATH_MAX];
  if (!dladdr1(&here, &info, (void **)&map, RTLD_DL_LINKMAP) || !map ||
      !realpath(*map->l_name ? map->l_name : "/proc/self/exe", path))
    return ".";
  *strrchr(path, '/') = 0;
  return nc_arena_strdup(arena, path);
}

static void *open_shared(NcArena *arena, const NcPlugin *plugin, const char **message) {
  static const char *const places[] = {"lib/netc", "../lib/netc"};
  const char *folder = own_folder(arena), *path = NULL;
  for (int i = 0; i < 2; i++) {
    path = nc_arena_printf(arena, "%s/%s/%s", folder, places[i], plugin->file);
    if (access(path, F_OK) == 0)
      break;
    path = NULL;
  }
  if (!path) {
    *message = nc_arena_printf(arena, "the %s is missing: no %s in %s/lib/netc or %s/../lib/netc",
                               plugin->what, plugin->file, folder, folder);
    return NULL;
  }
  void *shared = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!shared)
    *message = nc_arena_printf(arena, "cannot load the %s: %s", plugin->what, dlerror());
  return shared;
}

const void *nc_plugin_load(NcArena *arena, const NcPlugin *plugin, const char **message) {
  void *shared = open_shared(arena, plugin, message);
  if (!shared)
    return NULL;
  const void *(*function)(void) = (const void *(*)(void))(uintptr_t)dlsym(shared, plugin->function);
  const void *table = function ? function() : NULL;
  if (table && strcmp(*(const char *const *)table, plugin->build) == 0)
    return table;
  *message = nc_arena_printf(
      arena, "%s is not of the same build as this command: install both again", plugin->file);
  return NULL;
}
