// bench_peak: what fused multiply-adds alone give.
//
//   bench_peak THREADS     prints one object of JSON: GFLOP/s of f32
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  int threads = argc == 2 ? atoi(argv[1]) : 0;
  if (threads < 1) {
    fprintf(stderr, "usage: bench_peak THREADS\n");
    return 2;
  }
  printf("{\"gflops\": %.3f}\n", bench_fma_peak(threads));
  return 0;
}
