// Finds and loads shared objects of this command.
#include "base/plugin.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

// The folder of the running command; "." if it cannot be told.
static const char *own_folder(NcArena *arena) {
  char path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  if (length <= 0)
    return ".";
  path[length] = 0;
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
