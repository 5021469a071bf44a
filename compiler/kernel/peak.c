// The kernel of multiply-adds, and the plan that calls it.
#include "kernel/peak.h"

// Registers that hold no chain: the two factors, and room for the code generator.
enum { SPARE = 4, MOST_CHAINS = 28 };

// A kernel at work: chains v[0] … v[count-1], each a vector, of one buffer.
typedef struct Peak {
  NcArena *arena;
  NcKernel *kernel;
  NcDtype dtype;
  int lanes, chains;
  bool fma;
} Peak;

static NcKStmt *add(Peak *p, NcKBlock *block, NcKStmtKind kind) {
  NcKStmt *s = NC_NEW(p->arena, NcKStmt);
  s->kind = kind;
  s->continues = -1;
  nc_vec_push(p->arena, *block, s);
  return s;
}

static NcKStmt *loop(Peak *p, NcKBlock *block, NcKIndex low, NcKIndex high) {
  NcKStmt *s = add(p, block, NC_K_FOR);
  s->var = p->kernel->var_count++;
  s->low = low;
  s->high = high;
  s->step = 1;
  return s;
}

static NcKStmt *each_chain(Peak *p) {
  NcKStmt *s = loop(p, &p->kernel->body, nc_k_constant(0), nc_k_constant(p->chains));
  s->unroll = true;
  return s;
}

static NcKExpr *chain(Peak *p, int var) {
  NcKExpr *x = nc_k_expr(p->arena, NC_K_LOCAL, p->dtype, p->lanes);
  x->index = nc_k_var(var);
  return x;
}

static NcKExpr *loaded(Peak *p, NcKIndex vector) {
  NcKExpr *x = nc_k_expr(p->arena, NC_X_LOAD, p->dtype, p->lanes);
  x->index = nc_k_scale(vector, p->lanes);
  x->lane_stride = 1;
  return x;
}

static NcKExpr *operation(Peak *p, int kind, NcKExpr *a, NcKExpr *b, NcKExpr *c) {
  NcKExpr *x = nc_k_expr(p->arena, kind, p->dtype, p->lanes);
  x->args[0] = a;
  x->args[1] = b;
  x->args[2] = c;
  return x;
}

static NcKExpr *temp(Peak *p, NcKIndex vector) {
  NcKStmt *s = add(p, &p->kernel->body, NC_K_LET);
  s->local = p->kernel->temp_count++;
  s->value = loaded(p, vector);
  NcKExpr *x = nc_k_expr(p->arena, NC_K_TEMP, p->dtype, p->lanes);
  x->local = s->local;
  return x;
}

static void set(Peak *p, NcKStmt *in, NcKExpr *value) {
  NcKStmt *s = add(p, &in->body, NC_K_SET);
  s->index = nc_k_var(in->var);
  s->value = value;
}

// v = v * x + y in every chain: chains differ in where they begin, or they would be taken for one.
static void add_rounds(Peak *p) {
  NcKExpr *x = temp(p, nc_k_constant(p->chains)), *y = temp(p, nc_k_constant(p->chains + 1));
  NcKStmt *rounds = loop(p, &p->kernel->body, nc_k_var(NC_K_N0), nc_k_var(NC_K_N1));
  NcKStmt *all = loop(p, &rounds->body, nc_k_constant(0), nc_k_constant(p->chains));
  all->unroll = true;
  NcKExpr *v = chain(p, all->var);
  set(p, all,
      p->fma ? operation(p, NC_K_FMA, v, x, y)
             : operation(p, NC_X_ADD, operation(p, NC_X_MUL, v, x, NULL), y, NULL));
}

static void add_body(Peak *p) {
  NcKStmt *begin = each_chain(p);
  set(p, begin, loaded(p, nc_k_var(begin->var)));
  add_rounds(p);
  NcKStmt *end = each_chain(p), *store = add(p, &end->body, NC_K_STORE);
  store->index = nc_k_scale(nc_k_var(end->var), p->lanes);
  store->lane_stride = 1;
  store->value = chain(p, end->var);
}

static NcKernel *make_kernel(Peak *p) {
  NcKLocal chains = {p->dtype, p->lanes, p->chains};
  NcKBuffer buffer = {p->dtype, true};
  NcText text = nc_text_create(p->arena);
  p->kernel = NC_NEW(p->arena, NcKernel);
  p->kernel->name = "multiply_add";
  p->kernel->var_count = NC_K_FIRST_LOOP;
  nc_vec_push(p->arena, p->kernel->locals, chains);
  nc_vec_push(p->arena, p->kernel->buffers, buffer);
  add_body(p);
  nc_kernel_print(&text, p->kernel, false);
  p->kernel->text = text.data;
  return p->kernel;
}

NcPlan *nc_peak_plan(NcArena *arena, const NcGraph *graph, const NcTarget *target, NcDtype dtype,
                     int64_t *flops) {
  int chains = target->vector_registers - SPARE, bytes = (int)nc_dtype_size(dtype);
  Peak p = {.arena = arena,
            .dtype = dtype,
            .lanes = target->vector_bytes / bytes,
            .chains = chains < MOST_CHAINS ? chains : MOST_CHAINS,
            .fma = target->fma};
  NcPlan *plan = NC_NEW(arena, NcPlan);
  NcCall call = {.kernel = make_kernel(&p), .place_count = 1, .pieces = 1, .run = -1};
  NcPhase phase = {.pieces = 1};
  call.places = NC_NEW(arena, NcPlace);
  nc_vec_push(arena, phase.calls, call);
  nc_vec_push(arena, plan->phases, phase);
  plan->graph = graph;
  plan->slots = target->slots;
  plan->arena_fixed = (p.chains + 2) * target->vector_bytes;
  *flops = 2 * (int64_t)p.chains * p.lanes;
  return plan;
}
