// bench_predict: how long predictions take, through the library (compiler/api/netc.h).
//
//   bench_predict FILE.safetensors DATA BATCH THREADS CPU MATH SECONDS
//
// DATA is the folder of the program's data sets, of which mnist_test is gone through, CPU and MATH
// what the options of these names say. Prints one object of JSON: the median of a batch in
// milliseconds, from the images' gathering to the probabilities, and the accuracy on all samples.
#define _GNU_SOURCE
#include "library.h"
#include "measure.h"

enum { WARMUP = 20, MAX_TIMED = 1000000 };

static NetcIterator *open_iterator(NetcSession *session, int64_t batch, bool repeat) {
  NetcIteratorOptions options = {.batch = batch, .repeat = repeat};
  NetcIterator *iterator;
  check(netc_iterator_open(session, "mnist_test", &options, &iterator, &status));
  return iterator;
}

static void predict(NetcSession *session, const NetcIterator *batch, NetcTensor *probabilities) {
  static const char *const fetch[] = {"probabilities"};
  NetcRun run = {.fetch = fetch, .fetch_count = 1, .data = batch};
  check(netc_run(session, &run, probabilities, &status));
}

// The median time of whole batches.
static double time_batches(NetcSession *session, int64_t batch, double seconds) {
  static double times[MAX_TIMED];
  NetcIterator *iterator = open_iterator(session, batch, true);
  NetcTensor probabilities;
  double start = 0;
  int timed = 0;
  for (int i = 0; timed < MAX_TIMED; i++) {
    double begin = bench_now();
    while (netc_next(iterator) != batch)
      begin = bench_now();
    predict(session, iterator, &probabilities);
    if (i < WARMUP)
      start = bench_now();
    else
      times[timed++] = (bench_now() - begin) * 1e3;
    if (timed >= WARMUP && bench_now() - start > seconds)
      break;
  }
  netc_iterator_close(iterator);
  return bench_median(times, timed);
}

static double accuracy(NetcSession *session) {
  static const char *const fetch[] = {"mean(f32(argmax(probabilities) == label))"};
  NetcIterator *iterator = open_iterator(session, 1000, false);
  double right = 0, samples = (double)netc_samples(iterator);
  int64_t count;
  while ((count = netc_next(iterator)) > 0) {
    NetcTensor value;
    NetcRun run = {.fetch = fetch, .fetch_count = 1, .data = iterator};
    check(netc_run(session, &run, &value, &status));
    right += *(const float *)value.data * (double)count;
  }
  netc_iterator_close(iterator);
  return right / samples;
}

int main(int argc, char **argv) {
  if (argc != 8) {
    fprintf(stderr, "usage: bench_predict FILE.safetensors DATA BATCH THREADS CPU MATH SECONDS\n");
    return 2;
  }
  NetcOptions options = {.data = argv[2], .cpu = argv[5], .math = argv[6]};
  NetcSessionOptions session_options = {.threads = atoi(argv[4])};
  NetcProgram *program;
  NetcSession *session;
  check(netc_open(argv[1], &options, &program, &status));
  check(netc_session_open(program, &session_options, &session, &status));
  double median = time_batches(session, atoll(argv[3]), atof(argv[7]));
  printf("{\"median_ms\": %.6f, \"accuracy\": %.4f}\n", median, accuracy(session));
  netc_session_close(session);
  netc_close(program);
}
