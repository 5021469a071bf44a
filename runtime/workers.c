// A pool of threads with one job at a time.
#define _GNU_SOURCE
#include "workers.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

// Phases follow each other within microseconds, and to wake a worker takes longer: it looks for the
// next job this often, some 50 microseconds, before it sleeps.
#define SPINS 2000

static void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

typedef struct Worker {
  NcrtWorkers *pool;
  int number;
  pthread_t thread;
} Worker;

struct NcrtWorkers {
  int count, started;
  Worker *workers; // 1 … count-1 are threads
  pthread_mutex_t mutex;
  pthread_cond_t wake, done;
  // The job at work; changed while no worker is busy.
  void (*job)(void *, int, int64_t);
  void *context;
  int64_t pieces;
  atomic_int_fast64_t next;   // piece
  atomic_uint_fast64_t round; // counts jobs; the last one is to end
  atomic_int busy;
  // Those that sleep, or are about to and look once more: workers, and whose job it is. Nobody else
  // needs to be woken, which takes longer than most jobs.
  atomic_int asleep, waiting;
  bool ending;
};

static void take_pieces(NcrtWorkers *pool, int worker) {
  for (int64_t piece; (piece = atomic_fetch_add(&pool->next, 1)) < pool->pieces;)
    pool->job(pool->context, worker, piece);
}

static void wait_for_round(NcrtWorkers *pool, uint64_t seen) {
  for (int i = 0; i < SPINS; i++, pause_briefly())
    if (atomic_load(&pool->round) != seen)
      return;
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->asleep, 1);
  while (atomic_load(&pool->round) == seen)
    pthread_cond_wait(&pool->wake, &pool->mutex);
  atomic_fetch_sub(&pool->asleep, 1);
  pthread_mutex_unlock(&pool->mutex);
}

static void wake(NcrtWorkers *pool, atomic_int *sleepers, pthread_cond_t *condition) {
  if (atomic_load(sleepers) == 0)
    return;
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_broadcast(condition);
  pthread_mutex_unlock(&pool->mutex);
}

static void *work(void *argument) {
  Worker *worker = argument;
  NcrtWorkers *pool = worker->pool;
  for (uint64_t seen = 0;;) {
    wait_for_round(pool, seen);
    seen++;
    if (pool->ending)
      return NULL;
    take_pieces(pool, worker->number);
    if (atomic_fetch_sub(&pool->busy, 1) == 1)
      wake(pool, &pool->waiting, &pool->done);
  }
}

static void start_round(NcrtWorkers *pool) {
  atomic_store(&pool->busy, pool->started);
  atomic_fetch_add(&pool->round, 1);
  wake(pool, &pool->asleep, &pool->wake);
}

static void wait_until_done(NcrtWorkers *pool) {
  for (int i = 0; i < SPINS; i++, pause_briefly())
    if (atomic_load(&pool->busy) == 0)
      return;
  pthread_mutex_lock(&pool->mutex);
  atomic_store(&pool->waiting, 1);
  while (atomic_load(&pool->busy) > 0)
    pthread_cond_wait(&pool->done, &pool->mutex);
  atomic_store(&pool->waiting, 0);
  pthread_mutex_unlock(&pool->mutex);
}

void ncrt_workers_run(NcrtWorkers *pool, int64_t pieces, void (*job)(void *, int, int64_t),
                      void *context) {
  pool->job = job;
  pool->context = context;
  pool->pieces = pieces;
  atomic_store(&pool->next, 0);
  bool alone = pool->started == 0 || pieces < 2;
  if (!alone)
    start_round(pool);
  take_pieces(pool, 0);
  if (!alone)
    wait_until_done(pool);
}

bool ncrt_workers_open(int count, NcrtWorkers **workers, NcrtStatus *status) {
  *workers = NULL;
  NcrtWorkers *pool = calloc(1, sizeof *pool);
  if (pool == NULL)
    return ncrt_fail_memory(status, sizeof *pool, "threads");
  pool->count = count;
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->wake, NULL);
  pthread_cond_init(&pool->done, NULL);
  pool->workers = calloc((size_t)count, sizeof *pool->workers);
  if (pool->workers == NULL) {
    ncrt_workers_close(pool);
    return ncrt_fail_memory(status, (size_t)count * sizeof *pool->workers, "threads");
  }
  for (int i = 1; i < count; i++) {
    pool->workers[i] = (Worker){.pool = pool, .number = i};
    if (pthread_create(&pool->workers[i].thread, NULL, work, &pool->workers[i]) != 0) {
      ncrt_workers_close(pool);
      return ncrt_fail(status, NCRT_MACHINE_FAILED, "cannot start thread %d of %d; use fewer",
                       i + 1, count);
    }
    pool->started++;
  }
  *workers = pool;
  return true;
}

void ncrt_workers_close(NcrtWorkers *pool) {
  if (pool == NULL)
    return;
  pool->ending = true;
  start_round(pool);
  for (int i = 1; i <= pool->started; i++)
    pthread_join(pool->workers[i].thread, NULL);
  pthread_cond_destroy(&pool->wake);
  pthread_cond_destroy(&pool->done);
  pthread_mutex_destroy(&pool->mutex);
  free(pool->workers);
  free(pool);
}

int ncrt_workers_count(const NcrtWorkers *pool) { return pool->count; }

int ncrt_processor_count(void) {
  cpu_set_t set;
  CPU_ZERO(&set);
  int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  return count < 1 ? 1 : count > NCRT_MAX_THREADS ? NCRT_MAX_THREADS : count;
}
