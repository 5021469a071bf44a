// Other programs: linkers and compilers.
#ifndef NC_DRIVER_PROCESS_H
#define NC_DRIVER_PROCESS_H

#include "base/arena.h"
#include "code.h"
#include "status.h"

#include <stdio.h>

typedef enum NcRan { NC_RAN, NC_NO_COMMAND, NC_RUN_FAILED } NcRan;

// A command with its standard input, output and errors, which are files without names.
typedef struct NcProcess {
  NcArena *arena;
  FILE *files[3];
} NcProcess;

// False if there can be no files. It is closed in either case.
bool nc_process_open(NcProcess *process, NcArena *arena, NcrtStatus *status);
void nc_process_close(NcProcess *process);

// What the command is to read.
bool nc_process_give(NcProcess *process, const void *bytes, size_t size, NcrtStatus *status);

// Runs a command, which is looked for where PATH says, and waits for it. `name` is what messages
// call it: if it fails, that is the first line of what it says.
NcRan nc_process_run(NcProcess *process, const char *name, char *const *arguments,
                     NcrtStatus *status);

// What the command wrote.
bool nc_process_take(NcProcess *process, NcrtObject *output, NcrtStatus *status);

#endif
