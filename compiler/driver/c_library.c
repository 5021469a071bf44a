// Emitted C as a C compiler makes it, in this process.
#include "driver/c_library.h"

#include "emit/c.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Library {
  NcArena *arena;
  void *handle;
} Library;

// Emitted C has `_` for the dots.
static NcrtPhase find(void *code, const char *name) {
  const Library *library = code;
  NcrtPhase phase;
  *(void **)&phase = dlsym(library->handle, nc_c_identifier(library->arena, name));
  return phase;
}

static void destroy(void *code) { dlclose(((Library *)code)->handle); }

static bool load(NcArena *arena, const char *object, NcFunctions *functions, NcrtStatus *status) {
  char line[400];
  Library *library = NC_NEW(arena, Library);
  *library = (Library){arena, dlopen(object, RTLD_NOW | RTLD_LOCAL)};
  if (!library->handle)
    return ncrt_fail(status, NCRT_MACHINE_FAILED, "cannot load what the C compiler made: %s",
                     ncrt_printable(line, sizeof line, dlerror()));
  *functions = (NcFunctions){find, destroy, library};
  return true;
}

// The words of the compiler, and what is the same for all.
static char **arguments_of(NcArena *arena, const char *compiler, const char *object) {
  const char *more[] = {"-std=c11", "-fPIC", "-shared", "-o", object, "-x", "c", "-", "-lm"};
  enum { MORE = sizeof more / sizeof *more };
  char **arguments = NC_NEW_ARRAY(arena, char *, strlen(compiler) + MORE + 1), *rest;
  int count = 0;
  char *words = nc_arena_strdup(arena, compiler);
  for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
    arguments[count++] = word;
  if (count == 0)
    return NULL;
  for (int i = 0; i < MORE; i++)
    arguments[count++] = nc_arena_strdup(arena, more[i]);
  return arguments;
}

static NcRan compile(NcProcess *process, const char *source, char *const *arguments,
                     NcrtStatus *status) {
  return nc_process_give(process, source, strlen(source), status)
             ? nc_process_run(process, arguments[0], arguments, status)
             : NC_RUN_FAILED;
}

static NcRan make(NcProcess *process, const char *source, const char *compiler, const char *object,
                  NcFunctions *functions, NcrtStatus *status) {
  char **arguments = arguments_of(process->arena, compiler, object);
  NcRan ran = arguments ? compile(process, source, arguments, status) : NC_NO_COMMAND;
  if (ran == NC_RAN && !load(process->arena, object, functions, status))
    ran = NC_RUN_FAILED;
  unlink(object);
  return ran;
}

NcRan nc_c_library(NcArena *arena, const NcEmitEntry *entries, int count, const char *compiler,
                   NcFunctions *functions, NcrtStatus *status) {
  const char *where = getenv("TMPDIR");
  char *folder = nc_arena_printf(arena, "%s/netc-c.XXXXXX", where && *where ? where : "/tmp");
  NcProcess process;
  if (!mkdtemp(folder)) {
    char line[400];
    ncrt_fail(status, NCRT_MACHINE_FAILED, "cannot make the folder %s: %s",
              ncrt_printable(line, sizeof line, folder), strerror(errno));
    return NC_RUN_FAILED;
  }
  NcRan ran = NC_RUN_FAILED;
  if (nc_process_open(&process, arena, status))
    ran = make(&process, nc_c_entries(arena, entries, count, NULL), compiler,
               nc_arena_printf(arena, "%s/code.so", folder), functions, status);
  nc_process_close(&process);
  rmdir(folder);
  return ran;
}
