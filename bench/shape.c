// bench_shape: how long predictions of one batch of random numbers take, through the library
// (compiler/api/netc.h).
//
//   bench_shape FILE.net BATCH THREADS
//
// FILE.net has one input, x, and one output, y. Prints one object of JSON: the milliseconds of a
// batch, the least of several runs, as whatever disturbs only adds.
#define _GNU_SOURCE
#include "library.h"
#include "measure.h"

enum { REPEATS = 15 };

// Small numbers, so that no time is lost to subnormals.
static float *random_numbers(int64_t count) {
  float *numbers = aligned_alloc(64, ((size_t)count * sizeof *numbers + 63) / 64 * 64);
  if (!numbers)
    exit(3);
  uint32_t random = 1;
  for (int64_t i = 0; i < count; i++) {
    random = random * 1664525u + 1013904223u;
    numbers[i] = (float)(random >> 8) / 16777216.0f - 0.5f;
  }
  return numbers;
}

static double seconds(NetcSession *session, const NetcRun *run, long times) {
  NetcTensor y;
  double begin = bench_now();
  for (long i = 0; i < times; i++)
    check(netc_run(session, run, &y, &status));
  return (bench_now() - begin) / (double)times;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: bench_shape FILE.net BATCH THREADS\n");
    return 2;
  }
  NetcSessionOptions options = {.threads = atoi(argv[3])};
  NetcProgram *program;
  NetcSession *session;
  check(netc_open(argv[1], NULL, &program, &status));
  check(netc_session_open(program, &options, &session, &status));
  NetcFeed feed = {.input = "x"};
  const char *name;
  netc_input(program, 0, &name, &feed.value);
  feed.value.dims[0] = atoll(argv[2]);
  feed.value.data = random_numbers(netc_elements(&feed.value));
  static const char *const fetch[] = {"y"};
  NetcRun run = {.fetch = fetch, .fetch_count = 1, .feeds = &feed, .feed_count = 1};
  seconds(session, &run, 1);
  long times = (long)(2e-3 / (seconds(session, &run, 1) + 1e-9)) + 1;
  double best = 1e30;
  for (int i = 0; i < REPEATS; i++) {
    double once = seconds(session, &run, times);
    best = once < best ? once : best;
  }
  printf("{\"ms\": %.6f}\n", best * 1e3);
  netc_session_close(session);
  netc_close(program);
}
