// What the benchmarks share that use netc as a library (compiler/api/netc.h).
#ifndef NETC_BENCH_LIBRARY_H
#define NETC_BENCH_LIBRARY_H

#include "netc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static NetcStatus status;

// Ends the program with the status's message if something was not done.
static inline void check(bool done) {
  if (done)
    return;
  fprintf(stderr, "%s: %s\n", program_invocation_short_name, status.message);
  exit(1);
}

#endif
