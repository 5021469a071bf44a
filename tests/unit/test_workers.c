// The pool of threads: every piece once, whatever the numbers of threads and pieces, job after job.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "workers.h"

#include <sched.h>
#include <stdatomic.h>
#include <string.h>

enum { MAX_PIECES = 300 };

typedef struct Job {
  atomic_int runs[MAX_PIECES];
  atomic_int wrong;
  int threads;
} Job;

static void note(void *context, int worker, int64_t piece) {
  Job *job = context;
  if (worker < 0 || worker >= job->threads)
    atomic_fetch_add(&job->wrong, 1);
  atomic_fetch_add(&job->runs[piece], 1);
}

static void runs_every_piece_once(void **state) {
  (void)state;
  static const int threads[] = {1, 2, 3, 8}, pieces[] = {0, 1, 2, 7, MAX_PIECES};
  for (int t = 0; t < 4; t++) {
    NcrtStatus status = {0};
    NcrtWorkers *workers;
    assert_true(ncrt_workers_open(threads[t], &workers, &status));
    assert_int_equal(ncrt_workers_count(workers), threads[t]);
    for (int round = 0; round < 200; round++) {
      Job job;
      memset(&job, 0, sizeof job);
      job.threads = threads[t];
      int count = pieces[round % 5];
      ncrt_workers_run(workers, count, note, &job);
      assert_int_equal(atomic_load(&job.wrong), 0);
      for (int i = 0; i < MAX_PIECES; i++)
        assert_int_equal(atomic_load(&job.runs[i]), i < count);
    }
    ncrt_workers_close(workers);
  }
}

typedef struct Meeting {
  atomic_int here, elsewhere;
  int threads;
} Meeting;

// Each piece waits for the others, so no worker can run two.
static void meet(void *context, int worker, int64_t piece) {
  Meeting *meeting = context;
  if (worker != piece)
    atomic_fetch_add(&meeting->elsewhere, 1);
  atomic_fetch_add(&meeting->here, 1);
  while (atomic_load(&meeting->here) < meeting->threads)
    sched_yield();
}

static void starts_with_its_own_share(void **state) {
  (void)state;
  for (int threads = 2; threads < 6; threads++) {
    NcrtStatus status = {0};
    NcrtWorkers *workers;
    assert_true(ncrt_workers_open(threads, &workers, &status));
    for (int round = 0; round < 20; round++) {
      Meeting meeting = {.threads = threads};
      ncrt_workers_run(workers, threads, meet, &meeting);
      assert_int_equal(atomic_load(&meeting.here), threads);
      assert_int_equal(atomic_load(&meeting.elsewhere), 0);
    }
    ncrt_workers_close(workers);
  }
}

static void closes_unused(void **state) {
  (void)state;
  NcrtStatus status = {0};
  NcrtWorkers *workers;
  assert_true(ncrt_workers_open(4, &workers, &status));
  ncrt_workers_close(workers);
  ncrt_workers_close(NULL);
  assert_true(ncrt_processor_count() >= 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(runs_every_piece_once),
                                     cmocka_unit_test(starts_with_its_own_share),
                                     cmocka_unit_test(closes_unused)};
  return cmocka_run_group_tests_name("workers", tests, NULL, NULL);
}
