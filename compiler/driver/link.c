// Linking objects for browsers: wasm-ld reads and writes files that have no names.
#include "driver/link.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { INPUT, OUTPUT, MESSAGES, FILES };
enum { FEW_ARGUMENTS = 16, PAGE = 65536 };

#define INSTALL "install it, of Debian `apt-get install lld-19`, or ./setup.sh of netc's sources"

static bool open_files(FILE **files, const NcrtObject *object, NcrtStatus *status) {
  for (int i = 0; i < FILES; i++)
    if ((files[i] = tmpfile()) == NULL)
      return ncrt_fail(status, NCRT_MACHINE_FAILED, "cannot make a temporary file: %s",
                       strerror(errno));
  return (fwrite(object->bytes, 1, object->size, files[INPUT]) == object->size &&
          fflush(files[INPUT]) == 0) ||
         ncrt_fail(status, NCRT_MACHINE_FAILED, "cannot write a temporary file: %s",
                   strerror(errno));
}

static void close_files(FILE **files) {
  for (int i = 0; i < FILES; i++)
    if (files[i])
      fclose(files[i]);
}

// The whole of a file that another process wrote.
static bool read_file(NcArena *arena, FILE *file, NcrtObject *to, NcrtStatus *status) {
  off_t size = lseek(fileno(file), 0, SEEK_END);
  char *bytes = size >= 0 ? nc_arena_alloc(arena, (size_t)size + 1) : NULL;
  rewind(file);
  if (!bytes || fread(bytes, 1, (size_t)size, file) != (size_t)size)
    return ncrt_fail(status, NCRT_MACHINE_FAILED, "cannot read a temporary file: %s",
                     strerror(errno));
  bytes[size] = 0;
  *to = (NcrtObject){bytes, (size_t)size};
  return true;
}

// Starts the linker of our LLVM, or else any other. 0, or an error number.
static int start(pid_t *child, FILE **files, char **arguments) {
  static char *const names[] = {"wasm-ld-19", "wasm-ld"};
  posix_spawn_file_actions_t actions;
  int error = posix_spawn_file_actions_init(&actions);
  if (error)
    return error;
  for (int i = 0; error == 0 && i < FILES; i++)
    error = posix_spawn_file_actions_adddup2(&actions, fileno(files[i]), i);
  for (int i = 0; i < 2 && (error == 0 || error == ENOENT); i++) {
    arguments[0] = names[i];
    error = posix_spawnp(child, names[i], &actions, NULL, arguments, environ);
    if (error == 0)
      break;
  }
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

static bool fail_start(int error, NcrtStatus *status) {
  if (error == ENOENT)
    return ncrt_fail(status, NCRT_MACHINE_FAILED,
                     "a page is linked by wasm-ld, which is not on this machine: " INSTALL);
  return ncrt_fail(status, NCRT_MACHINE_FAILED, "cannot run wasm-ld: %s", strerror(error));
}

static bool run(FILE **files, char **arguments, int *how, NcrtStatus *status) {
  pid_t child;
  int error = start(&child, files, arguments);
  if (error)
    return fail_start(error, status);
  while (waitpid(child, how, 0) < 0)
    if (errno != EINTR)
      return ncrt_fail(status, NCRT_MACHINE_FAILED, "cannot wait for wasm-ld: %s", strerror(errno));
  return true;
}

static bool fail_link(NcArena *arena, FILE **files, int how, NcrtStatus *status) {
  char line[400];
  NcrtObject said;
  if (!read_file(arena, files[MESSAGES], &said, status))
    return false;
  char *text = nc_arena_strndup(arena, said.bytes, strcspn(said.bytes, "\n"));
  if (WIFSIGNALED(how))
    return ncrt_fail(status, NCRT_MACHINE_FAILED, "wasm-ld was ended by signal %d", WTERMSIG(how));
  return ncrt_fail(status, NCRT_MACHINE_FAILED, "wasm-ld failed: %s",
                   text[0] ? ncrt_printable(line, sizeof line, text) : "it does not say why");
}

static bool link_files(NcArena *arena, FILE **files, const char *const *functions, int64_t heap,
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
  int how, count = FIXED;
  memcpy(arguments, fixed, sizeof fixed);
  arguments[count++] =
      nc_arena_printf(arena, "--initial-heap=%lld", (long long)((heap + PAGE - 1) / PAGE * PAGE));
  for (int i = 0; functions[i] && count + 1 < FEW_ARGUMENTS; i++)
    arguments[count++] = nc_arena_printf(arena, "--export=%s", functions[i]);
  if (!run(files, arguments, &how, status))
    return false;
  if (!WIFEXITED(how) || WEXITSTATUS(how) != 0)
    return fail_link(arena, files, how, status);
  return read_file(arena, files[OUTPUT], module, status);
}

bool nc_link_wasm(NcArena *arena, const NcrtObject *object, const char *const *functions,
                  int64_t heap, NcrtObject *module, NcrtStatus *status) {
  FILE *files[FILES] = {0};
  bool done = open_files(files, object, status) &&
              link_files(arena, files, functions, heap, module, status);
  close_files(files);
  return done;
}
