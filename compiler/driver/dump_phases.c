// The phases of a plan as text.
#include "driver/dump_phases.h"

#include "driver/select.h"
#include "driver/work.h"

#include <stdio.h>

// Where a value lives, given its place, or NULL where it is not stored.
static const char *place_name(const NcTe *te, const NcPlace *place) {
  static const char *const names[] = {
      [NC_PLACE_ARENA] = "batch", [NC_PLACE_LOCAL] = "chunk", [NC_PLACE_ONE] = "sample",
      [NC_PLACE_SLOT] = "slots",  [NC_PLACE_INPUT] = "input", [NC_PLACE_VARIABLE] = "variable",
  };
  if (!place)
    return "register";
  bool small = place->kind == NC_PLACE_ARENA && !nc_type_has_batch(&te->type);
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

// The first columns say what is in a run, and what is computed by the kernel of the line above.
static void print_tensor(NcText *t, const NcPlan *plan, const NcCall *call, const NcTe *te,
                         const NcPlace *place) {
  const char *path = nc_te_path(plan, te);
  nc_text_printf(t, "  %c%c ", call->run >= 0 ? '|' : ' ', te != call->te ? '+' : ' ');
  nc_text_printf(t, "%-11s  %-9s %-18s %-22s ", nc_class_name(plan->classes[te->id]),
                 place_name(te, place), nc_work_name(plan, te), path ? path : "-");
  nc_type_print(t, &te->type);
  nc_text_append(t, "\n");
}

// False if nothing of it belongs to the path.
static bool print_call(NcText *t, const NcPlan *plan, const NcCall *call, const char *path) {
  bool any = false;
  const NcPlace *place = call->places; // the results' are the first
  for (const NcTe *te = call->te; te; te = te->next) {
    const NcPlace *own = te->inner ? NULL : place++;
    if (path && !nc_path_selects(path, nc_te_path(plan, te)))
      continue;
    any = true;
    print_tensor(t, plan, call, te, own);
  }
  return any;
}

bool nc_dump_phases(NcText *text, const NcPlan *plan, const char *path) {
  bool any = !path;
  for (int p = 0; p < plan->phases.count; p++) {
    const NcPhase *phase = &plan->phases.items[p];
    if (!path)
      nc_dump_phase_title(text, plan, p);
    for (int i = 0; i < phase->calls.count; i++)
      any |= print_call(text, plan, &phase->calls.items[i], path);
  }
  return any;
}
