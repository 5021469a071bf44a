// The layout of .net files: what `netc fmt` writes.
#ifndef NC_SYNTAX_FORMAT_H
#define NC_SYNTAX_FORMAT_H

#include "base/diag.h"
#include "base/text.h"

#define NC_FORMAT_COLUMNS 100 // no line of code is longer, if it can be broken

// Writes a file of the map that parses without errors with its indentation, spaces and lines in
// order. Its tokens and comments stay as they are; so do line breaks between statements and within
// them, single empty lines, and columns that are lined up. What is in order stays as it is.
void nc_format(NcArena *arena, NcSourceMap *sources, int file, NcText *out);

#endif
