// Lays out what an emitted program is from outside.
#include "emit/model.h"

#include "emit/c.h"

#include <ctype.h>
#include <string.h>

typedef struct Layout {
  NcArena *arena;
  NcModel *model;
  const NcModelRequest *request;
  const NcSourceMap *sources;
  NcMap fields; // names of the state's that are taken
} Layout;

static int64_t round_up(int64_t bytes, int64_t to) { return (bytes + to - 1) / to * to; }

static const char *unique(NcArena *arena, NcMap *taken, const char *text) {
  char *base = nc_c_identifier(arena, text), *name = base;
  if (nc_c_is_reserved(base))
    name = base = nc_arena_printf(arena, "%s_", base);
  for (int i = 2; nc_map_get(taken, name); i++)
    name = nc_arena_printf(arena, "%s_%d", base, i);
  nc_map_set(taken, name, name);
  return name;
}

// ---- variables

static bool updates(const NcGraph *graph, const NcVariable *variable) {
  for (int i = 0; i < graph->updates.count; i++)
    if (graph->updates.items[i].variable == variable)
      return true;
  return false;
}

static bool reads(const NcGraph *graph, const NcVariable *variable) {
  for (int i = 0; i < graph->nodes.count; i++)
    if (graph->nodes.items[i]->variable == variable)
      return true;
  return false;
}

static bool is_zero(const char *bytes, int64_t count) {
  int64_t i = 0;
  while (i < count && bytes[i] == 0)
    i++;
  return i == count;
}

static void lay_variable(Layout *l, NcModelVariable *v, const NcVariable *variable) {
  const NcModelRequest *r = l->request;
  bool changes = false;
  for (int i = 0; i < r->entry_count; i++) {
    const NcGraph *graph = r->entries[i].plan->graph;
    changes = changes || updates(graph, variable);
    v->used = v->used || changes || reads(graph, variable);
  }
  v->variable = variable;
  v->elements = nc_type_elements(&variable->type).c;
  v->bytes = v->elements * (int64_t)nc_dtype_size(variable->type.dtype);
  if (!v->used)
    return;
  v->name = unique(l->arena, &l->fields, variable->name);
  v->value = r->value ? r->value(r->context, variable) : NULL;
  v->constant = v->value && !changes;
  if (v->constant)
    return;
  v->zero = v->value && is_zero(v->value, v->bytes);
  v->offset = l->model->state_bytes;
  l->model->state_bytes = round_up(v->offset + v->bytes, l->model->alignment);
}

static void lay_state(Layout *l) {
  static const char *const counters[] = {"seed", "step", "epoch"};
  NcModel *m = l->model;
  const NcModule *module = l->request->module;
  for (int i = 0; i < 3; i++)
    nc_map_set(&l->fields, counters[i], m);
  m->state_bytes = round_up(3 * (int64_t)sizeof(int64_t), m->alignment);
  m->variable_count = module->variables.count;
  m->variables = NC_NEW_ARRAY(l->arena, NcModelVariable, m->variable_count + 1);
  for (int i = 0; i < m->variable_count; i++)
    lay_variable(l, &m->variables[i], module->variables.items[i]);
}

// ---- functions

// The words for functions of a graph, where they differ from its name.
static const char *function_name(const char *graph) {
  static const char *const names[][2] = {{"initialize_metrics", "reset_metrics"}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(names[i][0], graph) == 0)
      return names[i][1];
  return graph;
}

static void add_routine(NcArena *arena, NcRoutines *to, NcMap *added, const NcRoutine *routine);

static void add_called(NcArena *arena, NcRoutines *to, NcMap *added, const NcRBlock *block) {
  for (int i = 0; i < block->count; i++) {
    if (block->items[i]->routine)
      add_routine(arena, to, added, block->items[i]->routine);
    add_called(arena, to, added, &block->items[i]->body);
  }
}

static void add_routine(NcArena *arena, NcRoutines *to, NcMap *added, const NcRoutine *routine) {
  if (!routine || nc_map_get(added, routine->name))
    return;
  nc_map_set(added, routine->name, to);
  add_called(arena, to, added, &routine->body);
  nc_vec_push(arena, *to, routine);
}

static void lay_routines(Layout *l, NcModelFunction *f) {
  NcArena *arena = l->arena;
  const NcPlan *plan = f->plan;
  const char *e = f->graph;
  NcRoutines all = nc_routines(arena, e, plan);
  NcMap added = nc_map_create(arena);
  int end = plan->phases.count,
      split = f->is_step && plan->update_phase > 0 ? plan->update_phase : end,
      first = f->takes_state ? 0 : plan->kept;
  if (first > 0)
    f->kept =
        nc_routine_of_phases(arena, nc_arena_printf(arena, "%s.kept", e), plan, &all, e, 0, first);
  f->run =
      nc_routine_of_phases(arena, nc_arena_printf(arena, "%s.run", e), plan, &all, e, first, split);
  if (split < end)
    f->after = nc_routine_of_phases(arena, nc_arena_printf(arena, "%s.update", e), plan, &all, e,
                                    split, end);
  f->prepare = nc_routine_find(&all, nc_arena_printf(arena, "%s.prepare0", e));
  f->prepare_local = nc_routine_find(&all, nc_arena_printf(arena, "%s.prepare1", e));
  const NcRoutine *needed[] = {f->prepare, f->prepare_local, f->kept, f->run, f->after};
  for (int i = 0; i < 5; i++)
    add_routine(arena, &f->routines, &added, needed[i]);
}

static const NcrtInput *find_input(const NcModelRequest *request, const char *name) {
  for (int i = 0; i < request->input_count; i++)
    if (strcmp(request->inputs[i].name, name) == 0)
      return &request->inputs[i];
  return NULL;
}

static void lay_values(Layout *l, NcModelFunction *f) {
  const NcGraph *graph = f->plan->graph;
  NcMap taken = nc_map_create(l->arena);
  static const char *const own[] = {"state", "arena", "n", "i", "buffers", "frame", "code"};
  for (size_t i = 0; i < sizeof own / sizeof *own; i++)
    nc_map_set(&taken, own[i], l->model);
  for (int i = 0; i < graph->inputs.count; i++) {
    const NcNode *node = graph->inputs.items[i];
    const NcrtInput *input = find_input(l->request, node->name);
    NcModelValue value = {
        .name = unique(l->arena, &taken, node->name), .path = node->name, .type = node->type};
    if (input && input->has_range) {
      value.has_range = true;
      value.low = input->low;
      value.high = input->high;
    }
    f->has_batch = f->has_batch || nc_type_has_batch(&node->type);
    nc_vec_push(l->arena, f->inputs, value);
  }
  bool fetch = strcmp(f->graph, "fetch") == 0;
  for (int i = 0; i < graph->results.count; i++) {
    const NcResult *result = &graph->results.items[i];
    const char *path = fetch && l->request->fetched ? l->request->fetched[i] : result->name;
    NcPlace place = f->plan->results[i];
    NcModelValue value = {.name = unique(l->arena, &taken, path),
                          .path = path,
                          .type = result->node->type,
                          .offset = NC_MODEL_HEAD + place.fixed + place.sample * l->model->batch};
    f->has_batch = f->has_batch || nc_type_has_batch(&value.type);
    nc_vec_push(l->arena, f->results, value);
  }
}

static void lay_function(Layout *l, const NcEmitEntry *entry) {
  NcModel *m = l->model;
  NcModelFunction *f = NC_NEW(l->arena, NcModelFunction);
  const NcPlan *plan = f->plan = entry->plan;
  f->graph = entry->name;
  f->name = nc_arena_printf(l->arena, "%s_%s", m->name, function_name(entry->name));
  f->number = m->functions.count + 1;
  f->is_step = strcmp(entry->name, "train_step") == 0;
  f->writes = plan->graph->updates.count > 0;
  f->restarts = strcmp(entry->name, "initialize") == 0;
  f->zeros_metrics = strcmp(entry->name, "initialize_metrics") == 0;
  for (int i = 0; i < m->variable_count; i++) {
    const NcModelVariable *v = &m->variables[i];
    f->takes_state =
        f->takes_state || (v->used && !v->constant &&
                           (reads(plan->graph, v->variable) || updates(plan->graph, v->variable)));
  }
  f->arena_bytes = round_up(plan->arena_fixed + plan->arena_sample * m->batch, NC_MODEL_HEAD);
  int64_t bytes = NC_MODEL_HEAD + f->arena_bytes + round_up(plan->local_bytes, NC_MODEL_HEAD);
  m->arena_bytes = bytes > m->arena_bytes ? bytes : m->arena_bytes;
  lay_values(l, f);
  // The counters are a step's, and what makes random numbers differ.
  f->takes_state = f->takes_state || f->is_step;
  lay_routines(l, f);
  nc_vec_push(l->arena, m->functions, f);
}

// ---- undefined values

static const NcNode *node_of(const NcGraph *graph, int64_t id) {
  for (int i = 0; i < graph->nodes.count; i++)
    if (graph->nodes.items[i]->id == id)
      return graph->nodes.items[i];
  return NULL;
}

// The outermost line that led to a node: the one in the user's file.
static int line_of(const Layout *l, const NcNode *node) {
  int line = 0;
  for (const NcOrigin *o = node ? node->origin : NULL; o; o = o->caller)
    if (nc_source_line(l->sources, o->span) && !l->sources->files.items[o->span.file].builtin)
      line = nc_source_line(l->sources, o->span);
  return line;
}

static void mark_checks(const NcKBlock *block, bool *checks) {
  for (int i = 0; i < block->count; i++) {
    const NcKStmt *s = block->items[i];
    if (s->kind == NC_K_CHECK)
      checks[s->local] = true;
    mark_checks(&s->body, checks);
  }
}

static void name_lines_in(Layout *l, const NcGraph *graph, const NcCalls *calls) {
  for (int i = 0; i < calls->count; i++) {
    NcKernel *kernel = calls->items[i].kernel;
    if (!kernel)
      continue;
    bool *checks = NC_NEW_ARRAY(l->arena, bool, kernel->given.count + 1);
    mark_checks(&kernel->body, checks);
    for (int g = 0; g < kernel->given.count; g++)
      if (checks[g])
        kernel->given.items[g] = line_of(l, node_of(graph, kernel->given.items[g]));
  }
}

static void name_lines(Layout *l, const NcPlan *plan) {
  for (int i = 0; i < plan->phases.count; i++)
    name_lines_in(l, plan->graph, &plan->phases.items[i].calls);
}

static void set_flags(NcModel *m) {
  bool graph = false;
  for (int i = 0; i < m->functions.count; i++) {
    m->has_state = m->has_state || m->functions.items[i]->takes_state;
    graph = graph || m->functions.items[i]->zeros_metrics;
  }
  for (int i = 0; i < m->variable_count; i++)
    m->has_metrics =
        m->has_metrics || (m->variables[i].used && m->variables[i].variable->kind == NC_VAR_METRIC);
  m->zeros_metrics = m->has_metrics && !graph;
}

NcModel *nc_model(NcArena *arena, const NcModelRequest *request, const NcSourceMap *sources) {
  NcModel *m = NC_NEW(arena, NcModel);
  Layout l = {arena, m, request, sources, nc_map_create(arena)};
  m->name = nc_c_identifier(arena, request->name);
  char *upper = nc_arena_strdup(arena, m->name);
  for (char *c = upper; *c; c++)
    *c = (char)toupper((unsigned char)*c);
  m->upper = upper;
  m->batch = request->batch;
  m->seed = request->seed;
  m->step = request->step;
  m->epoch = request->epoch;
  m->embeds = request->value != NULL;
  // Vectors need not be aligned, but are read faster if they are.
  m->alignment = request->target->vector_bytes > 8 ? request->target->vector_bytes : 8;
  lay_state(&l);
  for (int i = 0; i < request->entry_count; i++)
    name_lines(&l, request->entries[i].plan);
  for (int i = 0; i < request->entry_count; i++)
    lay_function(&l, &request->entries[i]);
  set_flags(m);
  m->parts = nc_emit_parts(arena, request->entries, request->entry_count, 1);
  return m;
}
