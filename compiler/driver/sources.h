// The texts of one program: its .net file, what that imports, and the constants that --set sets.
#ifndef NC_DRIVER_SOURCES_H
#define NC_DRIVER_SOURCES_H

#include "driver/load.h"

// Reads the file at `path` ("-" for standard input) into the arena. NULL, with a reason in *why, if
// it cannot be read or is longer than a source may be.
char *nc_read_source(NcArena *arena, const char *path, size_t *length, const char **why);

// Parses the unit's file and all that it imports, in the order in which they are imported, into
// unit->ast. What is wrong is reported to unit->diags.
void nc_parse_sources(NcUnit *unit);

// Parses expressions with commas between into a list. NULL without text, or if something is wrong,
// which is reported.
const NcExprAst *nc_parse_fetch(NcUnit *unit, const char *text);
// Expression i of the unit's list as it was written.
const char *nc_fetched_text(const NcUnit *unit, int i);

#endif
