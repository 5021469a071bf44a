// Diagnostics for other programs: --message-format=json, described in docs/tools.md.
#ifndef NC_DRIVER_DIAG_JSON_H
#define NC_DRIVER_DIAG_JSON_H

#include "base/diag.h"

#include <jansson.h>

// A string; texts may hold bytes that are not UTF-8, which JSON cannot.
json_t *nc_json_string(NcArena *arena, const char *text);

// Prints all, sorted by place, one JSON object a line. False if no memory is left for that.
bool nc_diags_print_json(const NcDiags *diags, NcText *out);

#endif
