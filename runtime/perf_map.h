// The file in which perf looks for the names of functions that no file on disk holds:
// /tmp/perf-PID.map, a line a function (Linux, tools/perf/Documentation/jit-interface.txt).
#ifndef NCRT_PERF_MAP_H
#define NCRT_PERF_MAP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct NcrtPerfMap {
  FILE *file;
} NcrtPerfMap;

// False if NETC_PERF_MAP is not 1, or the file cannot be opened.
bool ncrt_perf_map_open(NcrtPerfMap *map);
void ncrt_perf_map_add(NcrtPerfMap *map, const void *address, uint64_t size, const char *name);
void ncrt_perf_map_close(NcrtPerfMap *map);

#endif
