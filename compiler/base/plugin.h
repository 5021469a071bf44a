// Shared objects of this command: parts whose libraries take memory and time to load, which only
// those pay who need them.
#ifndef NC_BASE_PLUGIN_H
#define NC_BASE_PLUGIN_H

#include "base/arena.h"

typedef struct NcPlugin {
  const char *what;     // "code generator", for messages
  const char *file;     // the shared object's name
  const char *function; // without arguments; gives its table, which begins with a build's id
  const char *build;    // the id that the table must have
} NcPlugin;

// Loads a part and gives its table. It is looked for where the command (or the library that this is
// part of) is, in lib/netc, and in ../lib/netc. NULL if it is not there, is another build's, or a
// library it needs is missing; with one line in *message.
const void *nc_plugin_load(NcArena *arena, const NcPlugin *plugin, const char **message);

#endif
