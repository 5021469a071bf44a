// Machine code in memory: loads ELF objects, as a compiler makes them or as a cache kept them.
//
// Objects hold code and read-only data. What they refer to lies in one of them, or is a function
// that the caller knows. While the code is in use no page of it can be written and executed.
//
// With NETC_PERF_MAP=1 in the environment the functions' names are appended to /tmp/perf-PID.map,
// where perf looks for them.
#ifndef NCRT_CODE_H
#define NCRT_CODE_H

#include "abi.h"
#include "status.h"

typedef struct NcrtMachineCode NcrtMachineCode;

typedef struct NcrtObject {
  const void *bytes;
  size_t size;
} NcrtObject;

// The address of a function that no object defines, by name; NULL if there is none.
typedef void *(*NcrtResolve)(const char *name);

// Loads objects that refer to one another. Their bytes may be anything: what is damaged, is of
// another machine, defines a name twice, or refers to an unknown one is an error that says so.
// `resolve` may be NULL. The objects are not needed afterwards.
bool ncrt_code_load(const NcrtObject *objects, int count, NcrtResolve resolve,
                    NcrtMachineCode **code, NcrtStatus *status);
// A function by name; NULL if there is none.
NcrtPhase ncrt_code_function(const NcrtMachineCode *code, const char *name);
// No function of the code may be called afterwards. NULL is allowed.
void ncrt_code_free(NcrtMachineCode *code);

#endif
