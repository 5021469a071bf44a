// A clock, medians, and the peak of fused multiply-adds.
#include "measure.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define MAX_THREADS 256

#ifdef __AVX512F__
#define VECTOR_BYTES 64
#define CHAINS 24
#elif defined __AVX__
#define VECTOR_BYTES 32
#define CHAINS 12
#else
#define VECTOR_BYTES 16
#define CHAINS 12
#endif

typedef float Vector __attribute__((vector_size(VECTOR_BYTES)));

double bench_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double bench_median(double *values, int count) {
  qsort(values, (size_t)count, sizeof *values, compare);
  return values[count / 2];
}

static volatile float sink;

// Independent chains, enough to hide the latency of one. Gives the FLOPs done.
static double run_chains(long times) {
  Vector a[CHAINS], x, y;
  for (int l = 0; l < (int)(VECTOR_BYTES / sizeof(float)); l++)
    x[l] = 0.999999f, y[l] = 1e-7f;
  for (int i = 0; i < CHAINS; i++)
    a[i] = x + (float)i;
  for (long n = 0; n < times; n++) {
#pragma GCC unroll 24
    for (int i = 0; i < CHAINS; i++)
      a[i] = a[i] * x + y; // one instruction where -march=native has it
  }
  Vector sum = a[0];
  for (int i = 1; i < CHAINS; i++)
    sum += a[i];
  sink = sum[0];
  return (double)times * CHAINS * (VECTOR_BYTES / sizeof(float)) * 2;
}

typedef struct Peak {
  pthread_t thread;
  pthread_barrier_t *start;
  double flops;
} Peak;

static void *work(void *argument) {
  Peak *p = argument;
  pthread_barrier_wait(p->start);
  p->flops = run_chains(4000000);
  return NULL;
}

static double run_together(int threads) {
  Peak peaks[MAX_THREADS];
  pthread_barrier_t start;
  pthread_barrier_init(&start, NULL, (unsigned)threads);
  for (int i = 1; i < threads; i++) {
    peaks[i].start = &start;
    pthread_create(&peaks[i].thread, NULL, work, &peaks[i]);
  }
  peaks[0].start = &start;
  pthread_barrier_wait(&start);
  double begin = bench_now(), flops = run_chains(4000000);
  for (int i = 1; i < threads; i++) {
    pthread_join(peaks[i].thread, NULL);
    flops += peaks[i].flops;
  }
  double seconds = bench_now() - begin;
  pthread_barrier_destroy(&start);
  return flops / seconds * 1e-9;
}

enum { LANES = VECTOR_BYTES / sizeof(float) };

void bench_copy(float *to, const float *from, long count) {
  for (long i = 0; i < count; i += LANES) {
    *(Vector *)(to + i) = *(const Vector *)(from + i);
    __asm__ volatile("" ::: "memory"); // or it becomes a call of memcpy
  }
}

#ifdef __SSE2__
#include <emmintrin.h>

void bench_stream(float *to, const float *from, long count) {
  for (long i = 0; i < count; i += 4)
    _mm_stream_ps(to + i, _mm_load_ps(from + i));
  _mm_sfence();
}
#else
void bench_stream(float *to, const float *from, long count) { bench_copy(to, from, count); }
#endif

double bench_fma_peak(int threads) {
  double best = 0;
  threads = threads < 1 ? 1 : threads > MAX_THREADS ? MAX_THREADS : threads;
  for (int i = 0; i < 15; i++) {
    double rate = run_together(threads);
    best = rate > best ? rate : best;
  }
  return best;
}
