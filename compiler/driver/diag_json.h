// Diagnostics for other programs: --message-format=json, described in docs/tools.md.
#ifndef NC_DRIVER_DIAG_JSON_H
#define NC_DRIVER_DIAG_JSON_H

#include "base/diag.h"

// Prints all, sorted by place, one JSON object a line. False if no memory is left for that.
bool nc_diags_print_json(const NcDiags *diags, NcText *out);

#endif
