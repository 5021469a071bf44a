// The text of a plan: what its code does, but for the kernels' own text.
#include "kernel/plan.h"

#include <inttypes.h>
#include <stdio.h>

// Whoever adds to these structures something that changes code prints it here, or code of another
// plan would be taken for this one's.
_Static_assert(sizeof(void *) != 8 || (sizeof(NcPlace) == 32 && sizeof(NcGemm) == 72 &&
                                       sizeof(NcCall) == 160 && sizeof(NcPhase) == 40),
               "a plan's text is to be all that its code depends on");

static const char *place_name(NcPlaceKind kind) {
  switch (kind) {
  case NC_PLACE_ARENA:
    return "arena";
  case NC_PLACE_LOCAL:
    return "local";
  case NC_PLACE_ONE:
    return "one";
  case NC_PLACE_SLOT:
    return "slot";
  case NC_PLACE_INPUT:
    return "input";
  case NC_PLACE_VARIABLE:
    return "variable";
  }
  return "?";
}

static void print_bytes(NcText *t, const char *sign, int64_t bytes, const char *each) {
  if (bytes)
    nc_text_printf(t, "%s%" PRId64 "%s", sign, bytes, each);
}

static void print_place(NcText *t, const NcPlace *place) {
  bool numbered = place->kind == NC_PLACE_INPUT || place->kind == NC_PLACE_VARIABLE;
  nc_text_printf(t, " %s[%" PRId64, place_name(place->kind),
                 numbered ? place->number : place->fixed);
  print_bytes(t, " + ", place->sample, "*N");
  print_bytes(t, ", ", place->row, " a row");
  nc_text_append(t, "]");
}

static void print_gemm(NcText *t, const NcGemm *gemm, NcDtype dtype) {
  nc_text_printf(t, "gemm %s", nc_dtype_name(dtype));
  const NcDim *dims[] = {&gemm->m, &gemm->n, &gemm->k};
  for (int i = 0; i < 3; i++) {
    nc_text_append(t, i ? " x " : " ");
    nc_dim_print(t, *dims[i]);
  }
  nc_text_printf(t, "%s%s", gemm->ta ? ", a transposed" : "", gemm->tb ? ", b transposed" : "");
}

// How a call can be shared, in how many pieces, and its run.
static void print_split(NcText *t, const NcCall *call) {
  if (call->split == NC_SPLIT_AXIS)
    nc_text_printf(t, ", %" PRId64 " by %" PRId64 "%s", call->extent, call->block,
                   call->columns ? " columns" : "");
  else if (call->split == NC_SPLIT_BATCH)
    nc_text_append(t, ", samples");
  else if (call->extent)
    nc_text_printf(t, ", %" PRId64, call->extent);
  if (call->pieces > 1)
    nc_text_printf(t, ", %d pieces", call->pieces);
  if (call->pieces > 1 && call->worth > 1)
    nc_text_printf(t, " of at least %d samples", call->worth);
  if (call->run >= 0)
    nc_text_printf(t, ", run %d", call->run);
  if (call->single)
    nc_text_append(t, ", single");
  if (call->least)
    nc_text_printf(t, ", from %" PRId64 " samples", call->least);
  if (call->lap)
    nc_text_printf(t, ", lap %d", call->lap);
}

static void print_calls(NcText *t, const char *title, const NcCalls *calls) {
  if (!calls->count)
    return;
  nc_text_printf(t, "  %s\n", title);
  for (int i = 0; i < calls->count; i++) {
    const NcCall *call = &calls->items[i];
    nc_text_append(t, "    ");
    if (call->kernel)
      nc_text_append(t, call->kernel->name);
    else
      print_gemm(t, &call->gemm, call->te->type.dtype);
    print_split(t, call);
    for (int k = 0; call->kernel && k < call->kernel->given.count; k++)
      nc_text_printf(t, ", given %" PRId64, call->kernel->given.items[k]);
    nc_text_append(t, ":");
    for (int k = 0; k < call->place_count; k++)
      print_place(t, &call->places[k]);
    nc_text_append(t, "\n");
  }
}

void nc_plan_print(NcText *t, const NcPlan *plan) {
  nc_text_printf(t, "plan %s, inputs %d, slots %d, chunk %d\n", plan->graph->name,
                 plan->graph->inputs.count, plan->slots, NC_CHUNK);
  print_calls(t, "prepare the arena", &plan->prepare);
  print_calls(t, "prepare a worker's memory", &plan->prepare_local);
  for (int i = 0; i < plan->phases.count; i++) {
    const NcPhase *phase = &plan->phases.items[i];
    char title[64];
    snprintf(title, sizeof title, "phase %d, before a slot", i);
    print_calls(t, title, &phase->begin);
    if (phase->chunked)
      snprintf(title, sizeof title, "phase %d, chunk by chunk", i);
    else
      snprintf(title, sizeof title, "phase %d, once, %d%s", i, phase->pieces,
               i < plan->kept ? ", kept" : "");
    print_calls(t, title, &phase->calls);
  }
}
