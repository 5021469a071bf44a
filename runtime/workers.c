// A pool of threads with one job at a time.
#define _GNU_SOURCE
#include "workers.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// Phases follow each other within microseconds, and to wake a sleeper takes longer: who waits looks
// so often, some 50 microseconds, then lets others have the processor, but asks for it again, some
// milliseconds; then it sleeps. Threads that sleep at once the system takes for one that needs no
// more than one processor.
#define SPINS 2000
#define YIELDS 20000

static void pause_briefly(int looked) {
  if (looked >= SPINS) {
    sched_yield();
    return;
  }
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// What is written by one processor while another waits for it has a line of memory of its own: to
// hand a line over takes up to a third of a microsecond.
#define LINE 64

typedef struct Worker {
  // What it is to do, written by the caller, and its share of the pieces, from which others take
  // that are through with theirs.
  _Alignas(LINE) atomic_uint_fast64_t round; // counts jobs; the last one is to end
  void (*job)(void *, int, int64_t);
  void *context;
  atomic_int_fast64_t next; // piece of its share
  int64_t end;
  _Alignas(LINE) atomic_uint_fast64_t done; // the last round it is through with
  NcrtWorkers *pool;
  int number;
  pthread_t thread;
} Worker;

struct NcrtWorkers {
  int count, started;
  int processor;   // where the caller ran when the threads were started
  Worker *workers; // 0 is the caller, the others are threads
  pthread_mutex_t mutex;
  pthread_cond_t wake, done;
  // Those that sleep, or are about to and look once more: workers, and whose job it is. Nobody else
  // needs to be woken, which takes longer than most jobs.
  atomic_int asleep, waiting;
  bool ending;
};

// Its own share first: the same pieces of the next job are about the same memory, which is near.
static void take_pieces(NcrtWorkers *pool, Worker *worker) {
  for (int i = 0, of = worker->number; i < pool->count; i++, of = (of + 1) % pool->count) {
    Worker *share = &pool->workers[of];
    for (int64_t piece; (piece = atomic_fetch_add(&share->next, 1)) < share->end;)
      worker->job(worker->context, worker->number, piece);
  }
}

static void wait_for_round(NcrtWorkers *pool, Worker *worker, uint64_t seen) {
  for (int i = 0; i < SPINS + YIELDS; i++, pause_briefly(i))
    if (atomic_load(&worker->round) != seen)
      return;
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->asleep, 1);
  while (atomic_load(&worker->round) == seen)
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

// Moves the thread to the processor that is so many after the caller's, and leaves it free to go
// elsewhere: the system starts threads where their creator runs, and may take long to part them.
static void go_apart(const NcrtWorkers *pool, int steps) {
  cpu_set_t all, one;
  CPU_ZERO(&all);
  CPU_ZERO(&one);
  if (sched_getaffinity(0, sizeof all, &all) != 0 || CPU_COUNT(&all) < 2)
    return;
  int processor = pool->processor; // or -1
  for (steps %= CPU_COUNT(&all); steps > 0; steps -= CPU_ISSET(processor, &all) != 0)
    processor = (processor + 1) % CPU_SETSIZE;
  CPU_SET(processor, &one);
  if (sched_setaffinity(0, sizeof one, &one) == 0)
    sched_setaffinity(0, sizeof all, &all);
}

static void *work(void *argument) {
  Worker *worker = argument;
  NcrtWorkers *pool = worker->pool;
  go_apart(pool, worker->number);
  for (uint64_t seen = 0;;) {
    wait_for_round(pool, worker, seen);
    seen++;
    if (pool->ending)
      return NULL;
    take_pieces(pool, worker);
    atomic_store(&worker->done, seen);
    wake(pool, &pool->waiting, &pool->done);
  }
}

// All shares are there before the first worker sees its own.
static void share_out(NcrtWorkers *pool, int64_t pieces, void (*job)(void *, int, int64_t),
                      void *context) {
  int64_t first = 0;
  for (int i = 0; i < pool->count; i++) {
    Worker *worker = &pool->workers[i];
    worker->job = job;
    worker->context = context;
    worker->end = first + (pieces - first + pool->count - i - 1) / (pool->count - i);
    atomic_store_explicit(&worker->next, first, memory_order_relaxed);
    first = worker->end;
  }
}

static void start_round(NcrtWorkers *pool) {
  uint64_t round = atomic_fetch_add(&pool->workers[0].round, 1) + 1;
  for (int i = 1; i <= pool->started; i++)
    atomic_store(&pool->workers[i].round, round);
  wake(pool, &pool->asleep, &pool->wake);
}

static bool is_done(const NcrtWorkers *pool) {
  uint64_t round = atomic_load(&pool->workers[0].round);
  for (int i = 1; i <= pool->started; i++)
    if (atomic_load(&pool->workers[i].done) != round)
      return false;
  return true;
}

static void wait_until_done(NcrtWorkers *pool) {
  for (int i = 0; i < SPINS + YIELDS; i++, pause_briefly(i))
    if (is_done(pool))
      return;
  pthread_mutex_lock(&pool->mutex);
  atomic_store(&pool->waiting, 1);
  while (!is_done(pool))
    pthread_cond_wait(&pool->done, &pool->mutex);
  atomic_store(&pool->waiting, 0);
  pthread_mutex_unlock(&pool->mutex);
}

void ncrt_workers_run(NcrtWorkers *pool, int64_t pieces, void (*job)(void *, int, int64_t),
                      void *context) {
  if (pool->started == 0 || pieces < 2) {
    for (int64_t piece = 0; piece < pieces; piece++)
      job(context, 0, piece);
    return;
  }
  share_out(pool, pieces, job, context);
  start_round(pool);
  take_pieces(pool, &pool->workers[0]);
  wait_until_done(pool);
}

bool ncrt_workers_open(int count, NcrtWorkers **workers, NcrtStatus *status) {
  *workers = NULL;
  NcrtWorkers *pool = calloc(1, sizeof *pool);
  if (pool == NULL)
    return ncrt_fail_memory(status, sizeof *pool, "threads");
  pool->count = count;
  pool->processor = sched_getcpu();
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->wake, NULL);
  pthread_cond_init(&pool->done, NULL);
  size_t bytes = (size_t)count * sizeof *pool->workers;
  pool->workers = aligned_alloc(LINE, bytes);
  if (pool->workers == NULL) {
    ncrt_workers_close(pool);
    return ncrt_fail_memory(status, bytes, "threads");
  }
  memset(pool->workers, 0, bytes);
  for (int i = 0; i < count; i++) {
    pool->workers[i].pool = pool;
    pool->workers[i].number = i;
  }
  for (int i = 1; i < count; i++) {
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
  if (pool->started > 0)
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
