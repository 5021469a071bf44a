// How workers share a phase: its pieces, chunks of samples, or the steps of a chunk.
#include "phase.h"

#include "table.h"

// Samples that kernels take at once at most, as a product does, and into how many jobs the samples
// of a phase are dealt out at most.
enum { FEW_SAMPLES = 8, MOST_SLOTS = 64 };
// How often each of two ways is tried, and how many runs a trial holds for: the first for few, as
// threads have just begun.
enum { TRIES = 3, FIRST_TRIAL = 32, LAST_TRIAL = 1024 };

static int64_t quotient_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// ---- pieces

// Pieces of a job: each worker has a frame of its own, and notes the first of its pieces that met
// an undefined value.
typedef struct Pieces {
  NcrtPhase code;
  NcrtFrame *frames; // by worker
  int64_t *faulted;  // by worker: a piece, or -1
} Pieces;

static void run_piece(void *context, int worker, int64_t piece) {
  const Pieces *job = context;
  if (job->code(&job->frames[worker], piece, piece + 1) != 0 && job->faulted[worker] < 0)
    job->faulted[worker] = piece;
}

// The frame of the first piece that met an undefined value is left in *frame.
static bool share_pieces(const NcrtPhaseRunner *r, NcrtPhase code, int64_t pieces,
                         NcrtFrame *frame) {
  int workers = ncrt_workers_count(r->workers);
  if (pieces == 1 || workers == 1)
    return code(frame, 0, pieces) == 0;
  NcrtFrame frames[NCRT_MAX_THREADS];
  int64_t faulted[NCRT_MAX_THREADS];
  for (int i = 0; i < workers; i++) {
    frames[i] = *frame;
    faulted[i] = -1;
  }
  Pieces job = {code, frames, faulted};
  ncrt_workers_run(r->workers, pieces, run_piece, &job);
  int first = -1;
  for (int i = 0; i < workers; i++)
    if (faulted[i] >= 0 && (first < 0 || faulted[i] < faulted[first]))
      first = i;
  if (first >= 0)
    *frame = frames[first];
  return first < 0;
}

// ---- chunks

// A chunked phase, as the pieces of a job: one a slot.
typedef struct Slots {
  const NcrtPhaseRunner *runner;
  int phase;
  int64_t chunk, run; // samples of a chunk, chunks of a slot
  NcrtFrame *frames;  // by slot
} Slots;

static bool begins_slots(const NcrtEntry *entry, int phase) {
  return entry->begins != NULL && entry->begins[phase] != NULL;
}

static void run_slot(void *context, int worker, int64_t slot) {
  const Slots *job = context;
  const NcrtEntry *entry = job->runner->entry;
  NcrtFrame *frame = &job->frames[slot];
  frame->local = job->runner->locals[worker];
  frame->slot = slot;
  if (begins_slots(entry, job->phase))
    entry->begins[job->phase](frame, 0, frame->batch);
  int64_t chunks = quotient_up(frame->batch, job->chunk);
  for (int64_t c = slot * job->run; c < (slot + 1) * job->run && c < chunks; c++) {
    int64_t end = (c + 1) * job->chunk;
    if (entry->phases[job->phase](frame, c * job->chunk, end < frame->batch ? end : frame->batch) !=
        0)
      return;
  }
}

// Deals chunks of `chunk` samples out to the slots, `run` to each: none where it is 0. The frame of
// the first slot that met an undefined value is left in *frame.
static bool run_slots(const NcrtPhaseRunner *r, int phase, int64_t slots, int64_t chunk,
                      int64_t run, NcrtFrame *frame) {
  NcrtFrame frames[slots];
  for (int64_t i = 0; i < slots; i++)
    frames[i] = *frame;
  Slots job = {r, phase, chunk, run, frames};
  ncrt_workers_run(r->workers, slots, run_slot, &job);
  for (int64_t i = 0; i < slots; i++) {
    if (frames[i].fault_node >= 0) {
      *frame = frames[i];
      return false;
    }
  }
  return true;
}

// A chunk of a phase whose samples may be dealt out anyhow: as many to each worker, and where these
// are many, so that kernels that take some at once have few left over.
static int64_t even_chunk(int64_t most, int64_t batch, int workers) {
  int64_t rounds = quotient_up(batch, workers * most), even = quotient_up(batch, workers * rounds);
  return even <= FEW_SAMPLES ? even : quotient_up(even, FEW_SAMPLES) * FEW_SAMPLES;
}

static bool run_chunks(const NcrtPhaseRunner *r, int phase, NcrtFrame *frame) {
  int64_t chunk = r->entry->chunk, slots = r->entry->slots;
  if (r->entry->chunked[phase] == NCRT_DIVISIBLE) {
    chunk = even_chunk(chunk, frame->batch, ncrt_workers_count(r->workers));
    int64_t chunks = quotient_up(frame->batch, chunk);
    slots = chunks < MOST_SLOTS ? chunks : MOST_SLOTS;
  }
  int64_t run = quotient_up(quotient_up(frame->batch, chunk), slots);
  return run_slots(r, phase, slots, chunk, run, frame);
}

// ---- steps

static bool run_step(const NcrtPhaseRunner *r, const NcrtStep *step, int64_t samples,
                     NcrtFrame *frame) {
  return samples < step->worth ? step->code(frame, 0, step->pieces) == 0
                               : share_pieces(r, step->code, step->pieces, frame);
}

// The steps of one chunk, samples first … end-1.
static bool run_chunk_steps(const NcrtPhaseRunner *r, int phase, int64_t first, int64_t end,
                            NcrtFrame *frame) {
  const NcrtStep *steps = r->entry->steps[phase];
  int count = r->entry->step_counts[phase];
  frame->chunk_n0 = first;
  for (int i = 0, next = 0; i < count; i = next) {
    bool one_by_one = steps[i].run >= 0;
    for (next = i + 1; one_by_one && next < count; next++)
      if (steps[next].run != steps[i].run)
        break;
    int64_t samples = one_by_one ? 1 : end - first;
    for (int64_t n = first; n < end; n += samples) {
      frame->n0 = n;
      frame->n1 = n + samples;
      for (int k = i; k < next; k++)
        if (!run_step(r, &steps[k], samples, frame))
          return false;
    }
  }
  return true;
}

// All workers work on one chunk, in the first worker's memory.
static bool run_steps(const NcrtPhaseRunner *r, int phase, NcrtFrame *frame) {
  const NcrtEntry *entry = r->entry;
  int64_t chunks = quotient_up(frame->batch, entry->chunk), run = quotient_up(chunks, entry->slots);
  if (begins_slots(entry, phase))
    run_slots(r, phase, entry->slots, entry->chunk, 0, frame);
  frame->local = r->locals[0];
  for (int64_t c = 0; c < chunks; c++) {
    int64_t first = c * entry->chunk, end = first + entry->chunk;
    frame->slot = c / run;
    if (!run_chunk_steps(r, phase, first, end < frame->batch ? end : frame->batch, frame))
      return false;
  }
  return true;
}

static bool has_runs(const NcrtEntry *entry, int phase) {
  for (int i = 0; i < entry->step_counts[phase]; i++)
    if (entry->steps[phase][i].run >= 0)
      return true;
  return false;
}

// Whether workers may share the steps of a chunk rather than chunks, of which there are too few.
// Where these can be made smaller, and samples are gone through one by one, that is better.
static bool may_go_by_steps(const NcrtEntry *entry, int phase, int64_t batch, int workers) {
  if (workers == 1 || entry->step_counts == NULL || entry->step_counts[phase] == 0)
    return false;
  if (entry->chunked[phase] == NCRT_DIVISIBLE && has_runs(entry, phase))
    return batch < workers;
  return 2 * quotient_up(batch, entry->chunk) <= workers;
}

// ---- either way

static bool run_way(const NcrtPhaseRunner *r, int phase, bool by_steps, NcrtFrame *frame) {
  return by_steps ? run_steps(r, phase, frame) : run_chunks(r, phase, frame);
}

static NcrtTrial begin_trial(int64_t batch, int64_t holds) {
  return (NcrtTrial){.batch = batch, .holds = holds, .ns = {INT64_MAX, INT64_MAX}};
}

// Which is faster hangs on the machine, as on how far from each other its processors are, and on
// what else it does: both are tried now and then.
static bool run_faster(const NcrtPhaseRunner *r, int phase, NcrtFrame *frame) {
  NcrtTrial *trial = &r->trials[phase];
  if (trial->batch != frame->batch)
    *trial = begin_trial(frame->batch, FIRST_TRIAL);
  else if (trial->runs == trial->holds)
    *trial = begin_trial(frame->batch, trial->holds < LAST_TRIAL ? 2 * trial->holds : trial->holds);
  int64_t at = trial->runs++;
  if (at >= 2 * TRIES)
    return run_way(r, phase, trial->ns[1] < trial->ns[0], frame);
  bool by_steps = at >= TRIES;
  int64_t begin = ncrt_nanoseconds();
  bool ok = run_way(r, phase, by_steps, frame);
  int64_t ns = ncrt_nanoseconds() - begin;
  if (ns < trial->ns[by_steps])
    trial->ns[by_steps] = ns;
  return ok;
}

bool ncrt_phase_run(const NcrtPhaseRunner *r, int phase, NcrtFrame *frame) {
  const NcrtEntry *entry = r->entry;
  if (entry->chunked == NULL || entry->chunked[phase] == NCRT_AT_ONCE)
    return share_pieces(r, entry->phases[phase], entry->pieces ? entry->pieces[phase] : 1, frame);
  return may_go_by_steps(entry, phase, frame->batch, ncrt_workers_count(r->workers))
             ? run_faster(r, phase, frame)
             : run_chunks(r, phase, frame);
}
