// Sparse sums: words with a bit for each point that counts, and loops over their bits.
//
// A word is of the next points along the listed axis; there is one for each choice of the chosen
// axes. A loop over bits holds the accumulators that its terms go to in registers: where those are
// more than there are registers, several loops go over the same word.
#include "kernel/schedule_sparse.h"

#define SPARE 3 // registers that a loop needs beside its accumulators

typedef struct Sparse {
  NcSched *s;
  NcKIndex from; // the first point of the word
  int64_t points;
  NcKExpr *words[NC_MAX_CHOICES];
  int choice;
  int64_t terms, most; // of a point, and as many as have registers
  int64_t first, end;  // those that the loop at work adds
  int64_t term;
} Sparse;

static int reduced_end(const NcNest *nest) { return nest->axis_count + nest->reduce_count; }

// All places of the chosen axes, or of the others that are spelled out, from `axis` on.
static void for_places(Sparse *p, bool chosen, int axis, void (*visit)(Sparse *)) {
  const NcNest *nest = p->s->nest;
  if (axis == reduced_end(nest)) {
    visit(p);
    return;
  }
  bool spelled = axis != nest->sparse.listed && nest->sparse.chosen[axis] == chosen;
  for (int64_t i = 0; i < (spelled ? nest->extents[axis].c : 1); i++) {
    if (spelled)
      p->s->position[axis] = nc_k_constant(i);
    for_places(p, chosen, axis + 1, visit);
  }
}

static void for_choices(Sparse *p, void (*visit)(Sparse *)) {
  p->choice = 0;
  for_places(p, true, p->s->nest->axis_count, visit);
}

// ---- words

static void make_word(Sparse *p) {
  NcSched *s = p->s;
  p->words[p->choice++] =
      nc_sched_word(s, s->nest->where, s->nest->sparse.listed, p->from, p->points);
}

// ---- terms

// The tile's element that a term goes to.
static void find_element(NcSched *s) {
  const NcSparse *sparse = &s->nest->sparse;
  for (int t = 0; t < sparse->place_count; t++) {
    NcKIndex at = nc_sched_position(s, &sparse->places[t].at);
    s->position[sparse->places[t].axis] = s->tile_at[t] = at;
  }
}

static void add_term(Sparse *p) {
  NcSched *s = p->s;
  int64_t term = p->term++;
  if (term < p->first || term >= p->end)
    return;
  find_element(s);
  NcKExpr *acc = nc_sched_get(s, s->accs);
  nc_sched_set(s, s->accs,
               nc_sched_combine(s, NC_REDUCE_SUM, acc, nc_sched_expr(s, s->nest->body)));
}

// A loop over the bits of a word, for some of a point's terms.
static void add_some(Sparse *p, NcKExpr *word) {
  NcSched *s = p->s;
  NcKStmt *loop = nc_sched_stmt(s, NC_K_EACH);
  loop->var = s->kernel->var_count++;
  loop->value = word;
  NcKBlock *outer = s->block;
  s->block = &loop->body;
  s->position[s->nest->sparse.listed] = nc_k_add(p->from, nc_k_var(loop->var));
  p->term = 0;
  for_places(p, false, s->nest->axis_count, add_term);
  s->block = outer;
}

// An element gets at most one of a point's terms for a choice: in whatever parts they are added,
// its sum has one order.
static void add_terms(Sparse *p) {
  NcKExpr *word = p->words[p->choice++];
  for (p->first = 0; p->first < p->terms; p->first = p->end) {
    p->end = p->first + p->most < p->terms ? p->first + p->most : p->terms;
    add_some(p, word);
  }
}

static void add_words(Sparse *p, NcKIndex from, int64_t points) {
  p->from = from;
  p->points = points;
  for_choices(p, make_word);
  for_choices(p, add_terms);
  const NcSparse *sparse = &p->s->nest->sparse;
  for (int t = 0; t < sparse->place_count; t++) // back at the tile's first element
    p->s->position[sparse->places[t].axis] = p->s->tile_at[t] = nc_k_constant(0);
}

void nc_sched_sparse(NcSched *s) {
  const NcNest *nest = s->nest;
  int registers = s->plan.registers;
  Sparse p = {.s = s, .terms = 1, .most = registers > SPARE ? registers - SPARE : 1};
  for (int i = nest->axis_count; i < reduced_end(nest); i++)
    p.terms *= i == nest->sparse.listed || nest->sparse.chosen[i] ? 1 : nest->extents[i].c;
  int64_t extent = nest->extents[nest->sparse.listed].c, full = extent / NC_WORD * NC_WORD;
  if (full > 0) {
    NcKStmt *loop = nc_sched_loop(s, nc_k_constant(0), nc_k_constant(full), NC_WORD);
    NcKBlock *outer = s->block;
    s->block = &loop->body;
    add_words(&p, nc_k_var(loop->var), NC_WORD);
    s->block = outer;
  }
  if (full < extent)
    add_words(&p, nc_k_constant(full), extent - full);
}
