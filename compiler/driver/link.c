// Linking objects for browsers: wasm-ld reads and writes files that have no names.
#include "driver/link.h"

#include "driver/process.h"

#include <string.h>

enum { FEW_ARGUMENTS = 16, PAGE = 65536 };

#define INSTALL "install it, of Debian `apt-get install lld-19`, or ./setup.sh of netc's sources"

// The linker of our LLVM, or else any other.
static bool run(NcProcess *process, char **arguments, NcrtStatus *status) {
  static char *const names[] = {"wasm-ld-19", "wasm-ld"};
  NcRan ran = NC_NO_COMMAND;
  for (int i = 0; i < 2 && ran == NC_NO_COMMAND; i++) {
    arguments[0] = names[i];
    ran = nc_process_run(process, "wasm-ld", arguments, status);
  }
  return ran == NC_NO_COMMAND
             ? ncrt_fail(status, NCRT_MACHINE_FAILED,
                         "a page is linked by wasm-ld, which is not on this machine: " INSTALL)
             : ran == NC_RAN;
}

static bool link_files(NcProcess *process, const char *const *functions, int64_t heap,
                       NcrtObject *module, NcrtStatus *status) {
  char *fixed[] = {NULL,
                   "--no-entry",
                   "--strip-all",
                   "--threads=1",
                   "--stack-first", // too deep a stack is then an error, and overwrites nothing
                   "-zstack-size=1048576",
                   "--export=__heap_base",
                   "-o",
                   "-",
                   "/dev/stdin"};
  enum { FIXED = sizeof fixed / sizeof *fixed };
  char *arguments[FEW_ARGUMENTS] = {0};
  int count = FIXED;
  memcpy(arguments, fixed, sizeof fixed);
  arguments[count++] = nc_arena_printf(process->arena, "--initial-heap=%lld",
                                       (long long)((heap + PAGE - 1) / PAGE * PAGE));
  for (int i = 0; functions[i] && count + 1 < FEW_ARGUMENTS; i++)
    arguments[count++] = nc_arena_printf(process->arena, "--export=%s", functions[i]);
  return run(process, arguments, status) && nc_process_take(process, module, status);
}

bool nc_link_wasm(NcArena *arena, const NcrtObject *object, const char *const *functions,
                  int64_t heap, NcrtObject *module, NcrtStatus *status) {
  NcProcess process;
  bool done = nc_process_open(&process, arena, status) &&
              nc_process_give(&process, object->bytes, object->size, status) &&
              link_files(&process, functions, heap, module, status);
  nc_process_close(&process);
  return done;
}
