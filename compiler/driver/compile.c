// From a module to a program that runs.
#include "driver/compile.h"

#include "base/vec.h"
#include "kernel/layout.h"
#include "status.h"

#include <string.h>

NcrtShape nc_runtime_shape(const NcType *type) {
  NcrtShape shape = {.dtype = (NcrtDtype)type->dtype, .rank = type->rank};
  for (int d = 0; d < type->rank; d++) {
    shape.dims[d] = type->dims[d].n ? 0 : type->dims[d].c;
    shape.batched = shape.batched || type->dims[d].n;
  }
  return shape;
}

NcrtInput *nc_runtime_inputs(NcArena *arena, const NcInput *inputs, int count) {
  NcrtInput *result = NC_NEW_ARRAY(arena, NcrtInput, count + 1);
  for (int i = 0; i < count; i++) {
    const NcInput *in = &inputs[i];
    result[i] =
        (NcrtInput){in->name, nc_runtime_shape(&in->type), in->has_range, in->low, in->high};
  }
  return result;
}

NcrtRange *nc_runtime_ranges(NcArena *arena, const NcPlan *plan) {
  NcrtRange *ranges = NC_NEW_ARRAY(arena, NcrtRange, plan->placed.count + 1);
  for (int i = 0; i < plan->placed.count; i++) {
    const NcPlaced *p = &plan->placed.items[i];
    NcDim size = nc_te_storage(p->te); // p's sizes are rounded up
    int64_t bytes = (int64_t)nc_dtype_size(p->te->type.dtype);
    bool local = nc_place_is_local(p->place.kind);
    ranges[i] = (NcrtRange){local, p->place.fixed, p->place.sample, size.c * bytes, size.n * bytes};
    if (local) {
      ranges[i].fixed_bytes = (p->place.kind == NC_PLACE_ONE ? 1 : NC_CHUNK) * p->place.row;
      ranges[i].sample_bytes = 0;
    }
  }
  return ranges;
}

static bool is_wanted(const char *name, const char *const *names) {
  if (!names)
    return true;
  for (; *names; names++)
    if (strcmp(name, *names) == 0)
      return true;
  return false;
}

NcEmitEntry *nc_plan_entries(NcArena *arena, const NcModule *module, const char *const *names,
                             const NcTarget *target, int *count) {
  NcEmitEntry *entries = NC_NEW_ARRAY(arena, NcEmitEntry, module->graphs.count + 1);
  *count = 0;
  for (int i = 0; i < module->graphs.count; i++) {
    const NcGraph *graph = module->graphs.items[i];
    if (is_wanted(graph->name, names))
      entries[(*count)++] = (NcEmitEntry){graph->name, nc_plan_graph(arena, graph, target)};
  }
  return entries;
}

typedef struct Compiling {
  NcArena *arena;
  const NcModule *module;
  const NcEmitEntry *entries;
  NcrtEntry *table;
  int count;
  NcCompiled *compiled;
  NC_VEC(NcrtInput) inputs;
  int linked;              // entries that have their code; the others get it from `make`
  const NcFunctions *code; // of those that are being linked
  NcMakeCode *make;
  void *context;
} Compiling;

static int input_number(Compiling *c, const NcNode *node) {
  for (int i = 0; i < c->inputs.count; i++)
    if (strcmp(c->inputs.items[i].name, node->name) == 0)
      return i;
  NcrtInput input = {.name = node->name, .shape = nc_runtime_shape(&node->type)};
  nc_vec_push(c->arena, c->inputs, input);
  return c->inputs.count - 1;
}

static NcrtPhase code_named(Compiling *c, const char *name) {
  return c->code->find(c->code->code, name);
}

static NcrtPhase code_of(Compiling *c, const NcEmitEntry *from, const char *what, int number,
                         const NcCalls *calls) {
  char *name = nc_arena_printf(c->arena, "%s.%s%d", from->name, what, number);
  return calls->count ? code_named(c, name) : NULL;
}

static const NcrtStep *steps_of(Compiling *c, const NcEmitEntry *from, int number, int32_t *count) {
  const NcPhase *phase = &from->plan->phases.items[number];
  NcrtStep *steps = NC_NEW_ARRAY(c->arena, NcrtStep, phase->calls.count + 1);
  *count = 0;
  for (int i = 0; phase->chunked && i < phase->calls.count; i = nc_step_end(phase, i))
    steps[(*count)++] = (NcrtStep){
        code_named(c, nc_arena_printf(c->arena, "%s.phase%d.step%d", from->name, number, i)),
        phase->calls.items[i].pieces, phase->calls.items[i].run, phase->calls.items[i].worth};
  return steps;
}

static void fill_phases(Compiling *c, NcrtEntry *entry, const NcEmitEntry *from) {
  const NcPlan *plan = from->plan;
  int count = plan->phases.count;
  NcrtPhase *phases = NC_NEW_ARRAY(c->arena, NcrtPhase, count + 1),
            *begins = NC_NEW_ARRAY(c->arena, NcrtPhase, count + 1);
  uint8_t *chunked = NC_NEW_ARRAY(c->arena, uint8_t, count + 1);
  int32_t *pieces = NC_NEW_ARRAY(c->arena, int32_t, count + 1),
          *step_counts = NC_NEW_ARRAY(c->arena, int32_t, count + 1);
  const NcrtStep **steps = NC_NEW_ARRAY(c->arena, const NcrtStep *, count + 1);
  for (int i = 0; i < count; i++) {
    const NcPhase *phase = &plan->phases.items[i];
    phases[i] = code_of(c, from, "phase", i, &phase->calls);
    begins[i] = code_of(c, from, "begin", i, &phase->begin);
    chunked[i] = phase->divisible ? NCRT_DIVISIBLE : phase->chunked ? NCRT_CHUNKED : NCRT_AT_ONCE;
    pieces[i] = phase->pieces;
    steps[i] = steps_of(c, from, i, &step_counts[i]);
  }
  entry->phases = phases;
  entry->begins = begins;
  entry->chunked = chunked;
  entry->pieces = pieces;
  entry->step_counts = step_counts;
  entry->steps = steps;
  entry->prepare = code_of(c, from, "prepare", 0, &plan->prepare);
  entry->prepare_local = code_of(c, from, "prepare", 1, &plan->prepare_local);
}

static bool is_linked(const NcrtEntry *entry) {
  for (int i = 0; i < entry->phase_count; i++) {
    if (!entry->phases[i])
      return false;
    for (int k = 0; k < entry->step_counts[i]; k++)
      if (!entry->steps[i][k].code)
        return false;
  }
  return true;
}

static void fill_entry(Compiling *c, NcrtEntry *entry, const NcEmitEntry *from) {
  const NcGraph *graph = from->plan->graph;
  const NcPlan *plan = from->plan;
  entry->name = from->name;
  entry->input_count = graph->inputs.count;
  int32_t *inputs = NC_NEW_ARRAY(c->arena, int32_t, graph->inputs.count + 1);
  for (int i = 0; i < graph->inputs.count; i++)
    inputs[i] = input_number(c, graph->inputs.items[i]);
  entry->inputs = inputs;
  NcrtResult *results = NC_NEW_ARRAY(c->arena, NcrtResult, graph->results.count + 1);
  for (int i = 0; i < graph->results.count; i++) {
    const NcResult *r = &graph->results.items[i];
    results[i] = (NcrtResult){r->name, nc_runtime_shape(&r->node->type), plan->results[i].fixed,
                              plan->results[i].sample};
  }
  entry->results = results;
  entry->result_count = graph->results.count;
  entry->phase_count = plan->phases.count;
  entry->update_phase = plan->update_phase;
  entry->kept = plan->kept;
  entry->updates = plan->changes;
  entry->chunk = NC_CHUNK;
  entry->slots = NC_SLOTS;
  entry->local_bytes = plan->local_bytes;
  entry->arena_fixed = plan->arena_fixed;
  entry->arena_sample = plan->arena_sample;
  entry->ranges = nc_runtime_ranges(c->arena, plan);
  entry->range_count = plan->placed.count;
}

static void fill_variables(Compiling *c) {
  int count = c->module->variables.count;
  NcrtVariable *variables = NC_NEW_ARRAY(c->arena, NcrtVariable, count + 1);
  for (int i = 0; i < count; i++) {
    const NcVariable *v = c->module->variables.items[i];
    variables[i] = (NcrtVariable){v->name, (NcrtVariableKind)v->kind, nc_runtime_shape(&v->type)};
  }
  c->compiled->program.variables = variables;
  c->compiled->program.variable_count = count;
}

// Entries c->linked … end-1, to this code. NULL, or what is wrong.
static const char *link_entries(Compiling *c, int end, const NcFunctions *code) {
  c->code = code;
  for (int i = c->linked; i < end; i++) {
    fill_phases(c, &c->table[i], &c->entries[i]);
    if (!is_linked(&c->table[i]))
      return nc_arena_printf(c->arena, "the code of '%s' could not be linked", c->entries[i].name);
  }
  c->linked = end;
  return NULL;
}

static bool link_later(void *context, NcrtStatus *status) {
  Compiling *c = context;
  if (!c->compiled->later.code && !c->make(c->context, &c->compiled->later, status))
    return false;
  const char *wrong = link_entries(c, c->count, &c->compiled->later);
  return !wrong || ncrt_fail(status, NCRT_MACHINE_FAILED, "%s", wrong);
}

static void fill_program(Compiling *c) {
  NcrtProgram *program = &c->compiled->program;
  for (int i = 0; i < c->count; i++)
    fill_entry(c, &c->table[i], &c->entries[i]);
  fill_variables(c);
  program->entries = c->table;
  program->entry_count = c->count;
  program->inputs = c->inputs.items;
  program->input_count = c->inputs.count;
}

NcCompiled *nc_compile_later(NcArena *arena, const NcModule *module, const NcEmitEntry *entries,
                             int count, int first, const NcInput *inputs, int input_count,
                             NcFunctions code, NcMakeCode *make, void *context,
                             const char **message) {
  Compiling *c = NC_NEW(arena, Compiling);
  *c = (Compiling){.arena = arena,
                   .module = module,
                   .entries = entries,
                   .table = NC_NEW_ARRAY(arena, NcrtEntry, count + 1),
                   .count = count,
                   .compiled = NC_NEW(arena, NcCompiled),
                   .make = make,
                   .context = context};
  c->compiled->code = code;
  NcrtInput *known = nc_runtime_inputs(arena, inputs, input_count);
  for (int i = 0; i < input_count; i++)
    nc_vec_push(arena, c->inputs, known[i]);
  fill_program(c);
  const char *wrong = link_entries(c, first, &c->compiled->code);
  if (first < count) {
    c->compiled->program.link = link_later;
    c->compiled->program.link_context = c;
  }
  if (!wrong)
    return c->compiled;
  *message = wrong;
  code.destroy(code.code);
  return NULL;
}

NcCompiled *nc_compile(NcArena *arena, const NcModule *module, const NcEmitEntry *entries,
                       int count, const NcInput *inputs, int input_count, NcFunctions code,
                       const char **message) {
  return nc_compile_later(arena, module, entries, count, count, inputs, input_count, code, NULL,
                          NULL, message);
}

void nc_compiled_destroy(NcCompiled *compiled) {
  if (!compiled)
    return;
  compiled->code.destroy(compiled->code.code);
  if (compiled->later.code)
    compiled->later.destroy(compiled->later.code);
}
