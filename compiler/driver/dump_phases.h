// The phases of a plan as text: what is computed when, of which class every value is, and where it
// lives.
#ifndef NC_DRIVER_DUMP_PHASES_H
#define NC_DRIVER_DUMP_PHASES_H

#include "kernel/plan.h"

// "phase 1, chunk by chunk", as a line.
void nc_dump_phase_title(NcText *text, const NcPlan *plan, int number);

// `path`: only values that belong to it; NULL: all. False if there are none.
bool nc_dump_phases(NcText *text, const NcPlan *plan, const char *path);

#endif
