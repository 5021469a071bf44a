// The phases of a plan as text.
#include "driver/dump_phases.h"

#include "driver/select.h"
#include "driver/work.h"

#include <stdio.h>

// Where a value lives.
static const char *place_name(const NcCall *call) {
  static const char *const names[] = {
      [NC_PLACE_ARENA] = "batch", [NC_PLACE_LOCAL] = "chunk", [NC_PLACE_ONE] = "sample",
      [NC_PLACE_SLOT] = "slots",  [NC_PLACE_INPUT] = "input", [NC_PLACE_VARIABLE] = "variable",
  };
  const NcPlace *place = &call->places[0];
  bool small = place->kind == NC_PLACE_ARENA && !nc_type_has_batch(&call->te->type);
  return small ? "arena" : names[place->kind];
}

void nc_dump_phase_title(NcText *t, const NcPlan *plan, int number) {
  const NcPhase *phase = &plan->phases.items[number];
  nc_text_printf(t, "phase %d, ", number);
  if (phase->chunked)
    nc_text_printf(t, "chunk by chunk");
  else if (phase->pieces > 1)
    nc_text_printf(t, "once, in %d pieces", phase->pieces);
  else
    nc_text_append(t, "once");
  nc_text_append(t, number == plan->update_phase ? ", updates from here on\n" : "\n");
}

static void print_call(NcText *t, const NcPlan *plan, const NcPhase *phase, int number) {
  const NcCall *call = &phase->calls.items[number];
  const char *path = nc_call_path(plan, call);
  nc_text_append(t, call->run >= 0 ? "  |  " : "     ");
  nc_text_printf(t, "%-11s  %-9s %-18s %-22s ", nc_class_name(plan->classes[call->te->id]),
                 place_name(call), nc_work_name(plan, call), path ? path : "-");
  nc_type_print(t, &call->te->type);
  nc_text_append(t, "\n");
}

bool nc_dump_phases(NcText *text, const NcPlan *plan, const char *path) {
  bool any = false;
  for (int p = 0; p < plan->phases.count; p++) {
    const NcPhase *phase = &plan->phases.items[p];
    if (!path)
      nc_dump_phase_title(text, plan, p);
    for (int i = 0; i < phase->calls.count; i++) {
      if (path && !nc_path_selects(path, nc_call_path(plan, &phase->calls.items[i])))
        continue;
      any = true;
      print_call(text, plan, phase, i);
    }
  }
  return any || !path;
}
