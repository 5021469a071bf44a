// Machine code kept on disk between runs: a file for each key, in a folder of the user's.
//
// The folder is $NETC_CACHE, else $XDG_CACHE_HOME/netc, else $HOME/.cache/netc; an empty NETC_CACHE
// turns the cache off. Nothing depends on it: where there is no folder, none can be made, or a file
// is not what it should be, code is made anew. Files belong to the user and are written by no one
// else; they are put in place whole, so processes may share the folder. Beyond 256 MB in all, the
// files that have not been used for longest are removed.
#ifndef NC_DRIVER_CACHE_H
#define NC_DRIVER_CACHE_H

#include "base/hash.h"
#include "emit/jit.h"

typedef struct NcCache {
  const char *folder; // NULL: no cache
  bool asked_for;     // by NETC_CACHE: then what hinders it is said
} NcCache;

NcCache nc_cache_open(NcArena *arena);

// The objects of the key, in the arena. False if they are not there.
bool nc_cache_read(const NcCache *cache, NcArena *arena, const NcHash *key, NcObjects *objects);
// NULL, or what hinders it and is to be said.
const char *nc_cache_write(const NcCache *cache, NcArena *arena, const NcHash *key,
                           const NcObjects *objects);

#endif
