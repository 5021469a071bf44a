// The standard library: .net sources that are built into the binary.
#ifndef NC_STDLIB_STDLIB_H
#define NC_STDLIB_STDLIB_H

typedef struct NcStdlibFile {
  const char *name; // "losses.net"
  const char *text;
} NcStdlibFile;

extern const NcStdlibFile nc_stdlib[];
extern const int nc_stdlib_count;

#endif
