// Names functions for perf.
#include "perf_map.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool ncrt_perf_map_open(NcrtPerfMap *map) {
  const char *wanted = getenv("NETC_PERF_MAP");
  if (wanted == NULL || strcmp(wanted, "1") != 0)
    return false;
  char path[64];
  snprintf(path, sizeof path, "/tmp/perf-%ld.map", (long)getpid());
  // A link of that name would be another's trick.
  int descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  map->file = descriptor >= 0 ? fdopen(descriptor, "a") : NULL;
  if (map->file == NULL && descriptor >= 0)
    close(descriptor);
  return map->file != NULL;
}

void ncrt_perf_map_add(NcrtPerfMap *map, const void *address, uint64_t size, const char *name) {
  fprintf(map->file, "%" PRIxPTR " %" PRIx64 " %s\n", (uintptr_t)address, size, name);
}

void ncrt_perf_map_close(NcrtPerfMap *map) { fclose(map->file); }
