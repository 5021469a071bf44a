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
// Copies `count` f32, a multiple of 16, by vector loads and stores; the second with stores that go
// past the caches, where the processor has them. 64-byte aligned.
void bench_copy(float *to, const float *from, long count);
void bench_stream(float *to, const float *from, long count);

#endif
