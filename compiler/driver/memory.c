// How much memory a program needs, and the limit of --max-memory.
#include "driver/memory.h"

#include "driver/work.h"

#include <inttypes.h>

static int64_t type_bytes(const NcType *type, int64_t batch) {
  return nc_dim_value(nc_type_elements(type), batch) * (int64_t)nc_dtype_size(type->dtype);
}

// Inputs of several entries are counted for each: passes over two data sets each have a batch.
NcMemory nc_memory_of(const NcModule *module, const NcEmitEntry *entries, int count) {
  NcMemory m = {0};
  for (int i = 0; i < module->variables.count; i++)
    m.fixed += type_bytes(&module->variables.items[i]->type, 0);
  for (int i = 0; i < count; i++) {
    const NcPlan *plan = entries[i].plan;
    m.fixed += plan->arena_fixed;
    m.sample += plan->arena_sample;
    m.thread += plan->local_bytes;
    for (int k = 0; k < plan->graph->inputs.count; k++)
      m.sample += type_bytes(&plan->graph->inputs.items[k]->type, 1);
  }
  return m;
}

int64_t nc_memory_bytes(const NcMemory *memory, int64_t batch, int64_t threads) {
  return memory->fixed + memory->sample * batch + memory->thread * threads;
}

// Where one of the entries has most alive.
static NcPeak find_peak(const NcEmitEntry *entries, int count, int64_t batch, const NcPlan **plan) {
  NcPeak most = {0};
  for (int i = 0; i < count; i++) {
    NcPeak peak = nc_plan_peak(entries[i].plan, batch);
    if (peak.call && peak.bytes > most.bytes) {
      most = peak;
      *plan = entries[i].plan;
    }
  }
  return most;
}

// The largest batch that fits, or 0.
static int64_t fitting_batch(const NcMemory *memory, int64_t threads, int64_t limit) {
  int64_t rest = limit - nc_memory_bytes(memory, 0, threads);
  return rest > 0 && memory->sample > 0 ? rest / memory->sample : 0;
}

static void suggest(NcUnit *unit, NcDiag *diag, const NcMemory *memory, int64_t batch,
                    int64_t threads, int64_t limit) {
  int64_t fitting = fitting_batch(memory, threads, limit), alone = fitting_batch(memory, 1, limit);
  alone = alone < batch ? alone : batch;
  if (fitting > 0)
    nc_diag_help(unit->diags, diag, "a smaller batch would do: --batch %" PRId64, fitting);
  else if (alone == batch)
    nc_diag_help(unit->diags, diag, "fewer threads would do: --threads 1");
  else if (alone > 0)
    nc_diag_help(unit->diags, diag,
                 "fewer threads and a smaller batch would do: --threads 1 --batch %" PRId64, alone);
  else
    nc_diag_help(unit->diags, diag, "even a batch of 1 on one thread needs %.2f MB",
                 (double)nc_memory_bytes(memory, 1, 1) / 1e6);
}

bool nc_memory_check(NcUnit *unit, const NcEmitEntry *entries, int count, int64_t batch,
                     int64_t threads, int64_t limit) {
  NcMemory memory = nc_memory_of(unit->program->module, entries, count);
  int64_t bytes = nc_memory_bytes(&memory, batch, threads);
  if (limit < 0 || bytes <= limit)
    return true;
  const NcPlan *plan = NULL;
  NcPeak peak = find_peak(entries, count, batch, &plan);
  const NcOrigin *origin = peak.call ? peak.call->te->node->origin : NULL;
  NcDiag *diag = nc_diag_error(
      unit->diags, "E0504", origin ? origin->span : NC_NOWHERE,
      "%.2f MB are needed for a batch of %" PRId64 " on %" PRId64 " thread%s; %.2f MB are allowed",
      (double)bytes / 1e6, batch, threads, threads == 1 ? "" : "s", (double)limit / 1e6);
  if (peak.call)
    nc_diag_note(unit->diags, diag, NC_NOWHERE, "most is alive here, in %s: %.2f MB, at %s",
                 plan->graph->name, (double)peak.bytes / 1e6, nc_work_name(plan, peak.call->te));
  suggest(unit, diag, &memory, batch, threads, limit);
  nc_unit_report(unit);
  return false;
}
