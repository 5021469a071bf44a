// What the benchmarks share: a clock, medians, and what the processor can do at most.
#ifndef NETC_BENCH_MEASURE_H
#define NETC_BENCH_MEASURE_H

// Seconds of a monotonic clock.
double bench_now(void);
// The median of `count` values, which are sorted in place.
double bench_median(double *values, int count);
// Fused multiply-adds of f32 that so many threads can do, in GFLOP/s: the best of several runs over
// registers alone, all at once.
double bench_fma_peak(int threads);

#endif
