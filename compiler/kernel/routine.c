// From plans to routines.
#include "kernel/routine.h"

#include <assert.h>
#include <string.h>

// Calls of a routine. What compilers take for a call grows with the function.
#define MOST_CALLS 64

// A routine at work.
typedef struct Builder {
  NcArena *arena;
  NcRoutines *routines;
  const NcPlan *plan;
  NcRoutine *routine;
  NcRBlock *block;          // that statements are added to
  const NcRValue *n0, *n1;  // samples of the calls
  const NcRValue *chunk_n0; // first sample of the chunk
  const NcRValue *p0, *p1;  // pieces that are to be done; NULL where calls are whole
  int group_count;
} Builder;

static const NcRValue *leaf(NcArena *arena, NcRKind kind, int number, int64_t constant) {
  NcRValue *value = NC_NEW(arena, NcRValue);
  value->kind = kind;
  value->number = number;
  value->constant = constant;
  return value;
}

static const NcRValue *number(Builder *b, int64_t constant) {
  return leaf(b->arena, NC_R_CONST, 0, constant);
}

static const NcRValue *argument(Builder *b, int i) { return leaf(b->arena, NC_R_ARG, i, 0); }

static const NcRValue *field(Builder *b, NcRField which) {
  return leaf(b->arena, NC_R_FIELD, (int)which, 0);
}

static bool is_constant(const NcRValue *a, int64_t value) {
  return a->kind == NC_R_CONST && a->constant == value;
}

static int64_t computed(NcRKind kind, int64_t a, int64_t b) {
  switch (kind) {
  case NC_R_ADD:
    return a + b;
  case NC_R_SUB:
    return a - b;
  case NC_R_MUL:
    return a * b;
  case NC_R_DIV:
    return a / b;
  case NC_R_MIN:
    return a < b ? a : b;
  default:
    assert(kind == NC_R_MAX);
    return a > b ? a : b;
  }
}

// What is known is worked out.
static const NcRValue *binary(Builder *b, NcRKind kind, const NcRValue *x, const NcRValue *y) {
  if (x->kind == NC_R_CONST && y->kind == NC_R_CONST)
    return number(b, computed(kind, x->constant, y->constant));
  if (is_constant(y, 0) && (kind == NC_R_ADD || kind == NC_R_SUB))
    return x;
  if (is_constant(x, 0) && kind == NC_R_ADD)
    return y;
  if (is_constant(y, 1) && (kind == NC_R_MUL || kind == NC_R_DIV))
    return x;
  if (is_constant(y, 0) && kind == NC_R_MUL)
    return y;
  NcRValue *value = NC_NEW(b->arena, NcRValue);
  value->kind = kind;
  value->a = x;
  value->b = y;
  return value;
}

static const NcRValue *plus(Builder *b, const NcRValue *x, const NcRValue *y) {
  return binary(b, NC_R_ADD, x, y);
}

static const NcRValue *minus(Builder *b, const NcRValue *x, const NcRValue *y) {
  return binary(b, NC_R_SUB, x, y);
}

static const NcRValue *times(Builder *b, const NcRValue *x, int64_t factor) {
  return binary(b, NC_R_MUL, x, number(b, factor));
}

static const NcRValue *divide(Builder *b, const NcRValue *x, int64_t divisor) {
  return binary(b, NC_R_DIV, x, number(b, divisor));
}

static const NcRValue *least(Builder *b, const NcRValue *x, const NcRValue *y) {
  return binary(b, NC_R_MIN, x, y);
}

static NcRStmt *add(Builder *b, NcRStmtKind kind) {
  NcRStmt *s = NC_NEW(b->arena, NcRStmt);
  s->kind = kind;
  nc_vec_push(b->arena, *b->block, s);
  return s;
}

// A loop or condition; what is added until close_block is its body.
typedef struct Open {
  NcRBlock *outer;
  const NcRValue *var;
} Open;

static Open open_block(Builder *b, NcRStmtKind kind, const NcRValue *low, const NcRValue *high) {
  NcRStmt *s = add(b, kind);
  s->low = low;
  s->high = high;
  Open open = {.outer = b->block};
  if (kind == NC_R_FOR) {
    s->var = b->routine->var_count++;
    open.var = leaf(b->arena, NC_R_VAR, s->var, 0);
  }
  b->block = &s->body;
  return open;
}

static void close_block(Builder *b, const Open *open) { b->block = open->outer; }

// Where element 0 of sample 0 is, or would be: kernels count samples from the start of the batch.
static NcRPointer pointer(Builder *b, const NcPlace *place) {
  const NcRValue *fixed = number(b, place->fixed);
  switch (place->kind) {
  case NC_PLACE_ARENA:
    return (NcRPointer){NC_R_ARENA, 0,
                        plus(b, times(b, field(b, NC_R_MAX_BATCH), place->sample), fixed)};
  case NC_PLACE_SLOT:
    return (NcRPointer){NC_R_ARENA, 0, plus(b, times(b, field(b, NC_R_SLOT), place->row), fixed)};
  case NC_PLACE_LOCAL:
    return (NcRPointer){NC_R_LOCAL, 0, minus(b, fixed, times(b, b->chunk_n0, place->row))};
  case NC_PLACE_ONE:
    return (NcRPointer){NC_R_LOCAL, 0, minus(b, fixed, times(b, b->n0, place->row))};
  case NC_PLACE_INPUT:
    return (NcRPointer){NC_R_BUFFER, place->number, number(b, 0)};
  default:
    assert(place->kind == NC_PLACE_VARIABLE);
    return (NcRPointer){NC_R_BUFFER, b->plan->graph->inputs.count + place->number, number(b, 0)};
  }
}

static NcRPointer behind(Builder *b, NcRPointer at, const NcRValue *bytes) {
  at.bytes = plus(b, at.bytes, bytes);
  return at;
}

static void call_kernel(Builder *b, const NcCall *call, const NcRValue *s0, const NcRValue *s1) {
  NcRStmt *s = add(b, NC_R_KERNEL);
  s->call = call;
  s->n0 = call->single ? number(b, 0) : b->n0;
  s->n1 = call->single ? number(b, 1) : b->n1;
  s->s0 = s0;
  s->s1 = s1;
  s->pointers = NC_NEW_ARRAY(b->arena, NcRPointer, call->place_count + 1);
  for (int i = 0; i < call->place_count; i++)
    s->pointers[i] = pointer(b, &call->places[i]);
}

static const NcRValue *dim_value(Builder *b, NcDim dim) {
  return plus(b, times(b, minus(b, b->n1, b->n0), dim.n), number(b, dim.c));
}

// A matrix from its row for sample n0 on; `rows` is its leading dimension.
static NcRPointer matrix(Builder *b, const NcPlace *place, NcDim rows, NcDim row_length,
                         int64_t element) {
  return behind(b, pointer(b, place), times(b, b->n0, rows.n * row_length.c * element));
}

// Rows or columns s0 … s1 of the result, if they can be shared out; else all.
static void call_gemm(Builder *b, const NcCall *call, const NcRValue *s0, const NcRValue *s1) {
  const NcGemm *g = &call->gemm;
  bool part = call->split == NC_SPLIT_AXIS, rows = part && !call->columns,
       columns = part && call->columns;
  int64_t element = (int64_t)nc_dtype_size(call->te->type.dtype);
  NcDim a_rows = g->ta ? g->k : g->m, a_row = g->ta ? g->m : g->k;
  NcDim b_rows = g->tb ? g->n : g->k, b_row = g->tb ? g->k : g->n;
  NcRGemm to = {.dtype = call->te->type.dtype, .ta = g->ta, .tb = g->tb};
  to.a = matrix(b, &call->places[1], a_rows, a_row, element);
  to.b = matrix(b, &call->places[2], b_rows, b_row, element);
  to.c = matrix(b, &call->places[0], g->m, g->n, element);
  if (rows) {
    to.a = behind(b, to.a, times(b, s0, element * (g->ta ? 1 : a_row.c)));
    to.c = behind(b, to.c, times(b, s0, element * g->n.c));
  }
  if (columns) {
    to.b = behind(b, to.b, times(b, s0, element * (g->tb ? b_row.c : 1)));
    to.c = behind(b, to.c, times(b, s0, element));
  }
  to.m = rows ? minus(b, s1, s0) : dim_value(b, g->m);
  to.n = columns ? minus(b, s1, s0) : dim_value(b, g->n);
  to.k = dim_value(b, g->k);
  to.lda = a_row.c;
  to.ldb = b_row.c;
  to.ldc = g->n.c;
  NcRStmt *s = add(b, NC_R_GEMM);
  s->call = call;
  s->gemm = to;
}

// `pieces` pieces of `whole` as one range each: where piece i begins.
static const NcRValue *piece_begin(Builder *b, const NcRValue *i, const NcRValue *whole,
                                   int pieces) {
  return divide(b, binary(b, NC_R_MUL, i, whole), pieces);
}

// Samples are shared out in multiples of a chunk.
static const NcRValue *sample_of_piece(Builder *b, const NcRValue *i, int pieces) {
  const NcRValue *batch = field(b, NC_R_BATCH);
  const NcRValue *chunks = divide(b, plus(b, batch, number(b, NC_CHUNK - 1)), NC_CHUNK);
  return least(b, times(b, piece_begin(b, i, chunks, pieces), NC_CHUNK), batch);
}

static const NcRValue *element_of_piece(Builder *b, const NcRValue *i, const NcCall *call) {
  int64_t blocks = (call->extent + call->block - 1) / call->block;
  const NcRValue *block = piece_begin(b, i, number(b, blocks), call->pieces);
  return least(b, times(b, block, call->block), number(b, call->extent));
}

// Pieces `first` … end-1 of a call.
static void call_pieces(Builder *b, const NcCall *call, const NcRValue *first,
                        const NcRValue *end) {
  const NcRValue *n0 = b->n0, *n1 = b->n1, *s0 = number(b, 0), *s1 = number(b, call->extent);
  if (call->split == NC_SPLIT_AXIS) {
    s0 = element_of_piece(b, first, call);
    s1 = element_of_piece(b, end, call);
  } else if (call->split == NC_SPLIT_BATCH) {
    b->n0 = sample_of_piece(b, first, call->pieces);
    b->n1 = sample_of_piece(b, end, call->pieces);
  }
  if (call->kernel)
    call_kernel(b, call, s0, s1);
  else
    call_gemm(b, call, s0, s1);
  b->n0 = n0;
  b->n1 = n1;
}

// Pieces `first` … end-1 of a product, one after the other: the bytes of what BLAS computes may
// hang on how much it is asked for at once, which must not hang on who takes which pieces.
static void call_products(Builder *b, const NcCall *call, const NcRValue *first,
                          const NcRValue *end) {
  Open loop = open_block(b, NC_R_FOR, first, end);
  call_pieces(b, call, loop.var, plus(b, loop.var, number(b, 1)));
  close_block(b, &loop);
}

static void call_some(Builder *b, const NcCall *call, const NcRValue *first, const NcRValue *end) {
  if (call->kernel)
    call_pieces(b, call, first, end);
  else
    call_products(b, call, first, end);
}

static void call_whole(Builder *b, const NcCall *call) {
  if (call->kernel)
    call_kernel(b, call, number(b, 0), number(b, call->extent));
  else
    call_products(b, call, number(b, 0), number(b, call->pieces));
}

// The pieces of a call that are to be done, where its first has number `base`.
static void add_pieces(Builder *b, const NcCall *call, int base) {
  const NcRValue *first = binary(b, NC_R_MAX, minus(b, b->p0, number(b, base)), number(b, 0)),
                 *end = least(b, minus(b, b->p1, number(b, base)), number(b, call->pieces));
  Open some = open_block(b, NC_R_IF, first, end);
  call_some(b, call, first, end);
  close_block(b, &some);
}

static void add_some(Builder *b, const NcCalls *calls, int first, int end, int base) {
  for (int i = first; i < end; base += calls->items[i++].pieces) {
    const NcCall *call = &calls->items[i];
    Open enough = {0};
    if (call->least)
      enough = open_block(b, NC_R_IF, number(b, call->least - 1), field(b, NC_R_BATCH));
    if (b->p0)
      add_pieces(b, call, base);
    else
      call_whole(b, call);
    if (call->least)
      close_block(b, &enough);
    if (call->lap)
      add(b, NC_R_LAP)->lap = call->lap;
  }
}

// What was done before the calls of a routine is none of theirs.
static void begin_laps(Builder *b, const NcCalls *calls) {
  if (calls->count && calls->items[0].lap)
    add(b, NC_R_LAP);
}

static NcRoutine *new_routine(NcArena *arena, const char *name, int arg_count) {
  NcRoutine *routine = NC_NEW(arena, NcRoutine);
  routine->name = name;
  routine->arg_count = arg_count;
  return routine;
}

static void finish_routine(Builder *b) { nc_vec_push(b->arena, *b->routines, b->routine); }

static void call_routine(Builder *b, const NcRoutine *routine, const NcRValue *const *args) {
  NcRStmt *s = add(b, NC_R_CALL);
  s->routine = routine;
  s->args = NC_NEW_ARRAY(b->arena, const NcRValue *, routine->arg_count + 1);
  for (int i = 0; i < routine->arg_count; i++)
    s->args[i] = args[i];
}

// The same in a routine of its own.
static void add_group(Builder *b, const NcCalls *calls, int first, int end, int base) {
  const NcRValue *args[] = {b->n0, b->n1, b->chunk_n0, b->p0, b->p1};
  Builder group = *b;
  const char *name = nc_arena_printf(b->arena, "%s.calls%d", b->routine->name, b->group_count++);
  group.routine = new_routine(b->arena, name, b->p0 ? 5 : 3);
  group.routine->internal = true;
  group.block = &group.routine->body;
  group.n0 = argument(b, 0);
  group.n1 = argument(b, 1);
  group.chunk_n0 = argument(b, 2);
  group.p0 = b->p0 ? argument(b, 3) : NULL;
  group.p1 = b->p0 ? argument(b, 4) : NULL;
  add_some(&group, calls, first, end, base);
  finish_routine(&group);
  call_routine(b, group.routine, args);
}

// Calls first … end-1: the pieces that are to be done, where there are pieces.
static void add_calls(Builder *b, const NcCalls *calls, int first, int end) {
  if (end - first <= MOST_CALLS) {
    add_some(b, calls, first, end, 0);
    return;
  }
  for (int i = first, base = 0; i < end;) {
    int next = i + MOST_CALLS < end ? i + MOST_CALLS : end;
    add_group(b, calls, i, next, base);
    for (; i < next; i++)
      base += calls->items[i].pieces;
  }
}

// The calls of a run, from number `i` on: a sample goes through all of them before the next; or
// calls without a run. Gives the number of the first call behind them.
static int add_run(Builder *b, const NcCalls *calls, int i) {
  const NcRValue *n0 = b->n0, *n1 = b->n1;
  int run = calls->items[i].run, end = i;
  while (end < calls->count && calls->items[end].run == run)
    end++;
  if (run < 0) {
    add_calls(b, calls, i, end);
    return end;
  }
  Open loop = open_block(b, NC_R_FOR, n0, n1);
  b->n0 = loop.var;
  b->n1 = plus(b, loop.var, number(b, 1));
  add_calls(b, calls, i, end);
  close_block(b, &loop);
  b->n0 = n0;
  b->n1 = n1;
  return end;
}

static Builder open_routine(NcArena *arena, NcRoutines *routines, const NcPlan *plan,
                            const char *name) {
  Builder b = {.arena = arena, .routines = routines, .plan = plan};
  b.routine = new_routine(arena, name, 2);
  return b;
}

// A routine of samples n0 … n1: a chunk.
static void add_chunk(Builder *b, const NcCalls *calls) {
  b->block = &b->routine->body;
  b->n0 = b->chunk_n0 = argument(b, 0);
  b->n1 = argument(b, 1);
  begin_laps(b, calls);
  for (int i = 0; i < calls->count;)
    i = add_run(b, calls, i);
  finish_routine(b);
}

// A routine of pieces p0 … p1-1 of the calls, over the whole batch.
static void add_shared(Builder *b, const NcCalls *calls) {
  b->block = &b->routine->body;
  b->n0 = b->chunk_n0 = number(b, 0);
  b->n1 = field(b, NC_R_BATCH);
  b->p0 = argument(b, 0);
  b->p1 = argument(b, 1);
  begin_laps(b, calls);
  add_calls(b, calls, 0, calls->count);
  finish_routine(b);
}

// A routine of the calls in order, over the whole batch.
static void add_serial(Builder *b, const NcCalls *calls) {
  b->block = &b->routine->body;
  b->n0 = b->chunk_n0 = number(b, 0);
  b->n1 = field(b, NC_R_BATCH);
  begin_laps(b, calls);
  add_calls(b, calls, 0, calls->count);
  finish_routine(b);
}

// A routine of pieces p0 … p1-1 of a call, or of several that have one, over the samples that the
// frame says.
static void add_step(Builder *b, const NcCalls *calls) {
  b->block = &b->routine->body;
  b->n0 = field(b, NC_R_N0);
  b->n1 = field(b, NC_R_N1);
  b->chunk_n0 = field(b, NC_R_CHUNK_N0);
  if (calls->items[0].pieces > 1)
    call_some(b, &calls->items[0], argument(b, 0), argument(b, 1));
  else
    add_calls(b, calls, 0, calls->count);
  finish_routine(b);
}

static void add_steps(NcArena *arena, NcRoutines *to, const NcPlan *plan, const NcPhase *phase,
                      const char *name) {
  for (int i = 0, end; i < phase->calls.count; i = end) {
    end = nc_step_end(phase, i);
    NcCalls calls = {0};
    for (int k = i; k < end; k++)
      nc_vec_push(arena, calls, phase->calls.items[k]);
    Builder b = open_routine(arena, to, plan, nc_arena_printf(arena, "%s.step%d", name, i));
    add_step(&b, &calls);
  }
}

static void add_phase(NcArena *arena, NcRoutines *to, const NcPlan *plan, const char *entry,
                      int number) {
  const NcPhase *phase = &plan->phases.items[number];
  const char *name = nc_arena_printf(arena, "%s.phase%d", entry, number);
  Builder b = open_routine(arena, to, plan, name);
  if (phase->pieces > 1)
    add_shared(&b, &phase->calls);
  else if (!phase->chunked)
    add_serial(&b, &phase->calls);
  else
    add_chunk(&b, &phase->calls);
  if (phase->chunked)
    add_steps(arena, to, plan, phase, name);
}

static void add_extra(NcArena *arena, NcRoutines *to, const NcPlan *plan, const char *name,
                      const NcCalls *calls) {
  Builder b = open_routine(arena, to, plan, name);
  if (calls->count)
    add_chunk(&b, calls);
}

NcRoutines nc_routines(NcArena *arena, const char *name, const NcPlan *plan) {
  NcRoutines to = {0};
  for (int i = 0; i < plan->phases.count; i++) {
    add_phase(arena, &to, plan, name, i);
    add_extra(arena, &to, plan, nc_arena_printf(arena, "%s.begin%d", name, i),
              &plan->phases.items[i].begin);
  }
  add_extra(arena, &to, plan, nc_arena_printf(arena, "%s.prepare0", name), &plan->prepare);
  add_extra(arena, &to, plan, nc_arena_printf(arena, "%s.prepare1", name), &plan->prepare_local);
  return to;
}

const NcRoutine *nc_routine_find(const NcRoutines *from, const char *name) {
  for (int i = 0; i < from->count; i++)
    if (strcmp(from->items[i]->name, name) == 0)
      return from->items[i];
  return NULL;
}

// The chunks are dealt to the slots as runtime/abi.h says.
static void add_slots(Builder *b, const NcRoutine *begin, const NcRoutine *phase) {
  const NcRValue *batch = field(b, NC_R_BATCH);
  const NcRValue *chunks = divide(b, plus(b, batch, number(b, NC_CHUNK - 1)), NC_CHUNK);
  const NcRValue *run = divide(b, plus(b, chunks, number(b, NC_SLOTS - 1)), NC_SLOTS);
  Open slots = open_block(b, NC_R_FOR, number(b, 0), number(b, b->plan->slots));
  add(b, NC_R_SLOT_IS)->low = slots.var;
  if (begin)
    call_routine(b, begin, (const NcRValue *[]){number(b, 0), batch});
  const NcRValue *first = binary(b, NC_R_MUL, slots.var, run);
  Open loop = open_block(b, NC_R_FOR, first, least(b, plus(b, first, run), chunks));
  const NcRValue *n0 = times(b, loop.var, NC_CHUNK);
  call_routine(b, phase,
               (const NcRValue *[]){n0, least(b, plus(b, n0, number(b, NC_CHUNK)), batch)});
  close_block(b, &loop);
  close_block(b, &slots);
}

const NcRoutine *nc_routine_of_phases(NcArena *arena, const char *name, const NcPlan *plan,
                                      const NcRoutines *from, const char *entry, int first,
                                      int end) {
  NcRoutine *routine = new_routine(arena, name, 0);
  routine->internal = true;
  Builder b = {.arena = arena, .plan = plan, .routine = routine, .block = &routine->body};
  for (int i = first; i < end; i++) {
    const NcRoutine *phase = nc_routine_find(from, nc_arena_printf(arena, "%s.phase%d", entry, i));
    if (plan->phases.items[i].chunked)
      add_slots(&b, nc_routine_find(from, nc_arena_printf(arena, "%s.begin%d", entry, i)), phase);
    else
      call_routine(&b, phase,
                   (const NcRValue *[]){number(&b, 0), number(&b, plan->phases.items[i].pieces)});
  }
  return routine;
}
