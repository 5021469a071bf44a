// Other programs: linkers and compilers.
#include "driver/process.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { INPUT, OUTPUT, MESSAGES, FILES };

bool nc_process_open(NcProcess *process, NcArena *arena, NcrtStatus *status) {
  *process = (NcProcess){.arena = arena};
  for (int i = 0; i < FILES; i++)
    if ((process->files[i] = tmpfile()) == NULL)
      return ncrt_fail(status, NCRT_MACHINE_FAILED, "cannot make a temporary file: %s",
                       strerror(errno));
  return true;
}

void nc_process_close(NcProcess *process) {
  for (int i = 0; i < FILES; i++)
    if (process->files[i])
      fclose(process->files[i]);
}

bool nc_process_give(NcProcess *process, const void *bytes, size_t size, NcrtStatus *status) {
  FILE *file = process->files[INPUT];
  return (fwrite(bytes, 1, size, file) == size && fseek(file, 0, SEEK_SET) == 0) ||
         ncrt_fail(status, NCRT_MACHINE_FAILED, "cannot write a temporary file: %s",
                   strerror(errno));
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

bool nc_process_take(NcProcess *process, NcrtObject *output, NcrtStatus *status) {
  return read_file(process->arena, process->files[OUTPUT], output, status);
}

// 0, or an error number.
static int start(const NcProcess *process, char *const *arguments, pid_t *child) {
  posix_spawn_file_actions_t actions;
  int error = posix_spawn_file_actions_init(&actions);
  if (error)
    return error;
  for (int i = 0; error == 0 && i < FILES; i++)
    error = posix_spawn_file_actions_adddup2(&actions, fileno(process->files[i]), i);
  if (error == 0)
    error = posix_spawnp(child, arguments[0], &actions, NULL, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

static void fail(const NcProcess *process, const char *name, int how, NcrtStatus *status) {
  char line[400];
  NcrtObject said = {0};
  if (WIFSIGNALED(how)) {
    ncrt_fail(status, NCRT_MACHINE_FAILED, "%s was ended by signal %d", name, WTERMSIG(how));
  } else if (read_file(process->arena, process->files[MESSAGES], &said, status)) {
    char *text = nc_arena_strndup(process->arena, said.bytes, strcspn(said.bytes, "\n"));
    ncrt_fail(status, NCRT_MACHINE_FAILED, "%s failed: %s", name,
              text[0] ? ncrt_printable(line, sizeof line, text) : "it does not say why");
  }
}

NcRan nc_process_run(NcProcess *process, const char *name, char *const *arguments,
                     NcrtStatus *status) {
  pid_t child;
  int how, error = start(process, arguments, &child);
  if (error == ENOENT)
    return NC_NO_COMMAND;
  if (error)
    ncrt_fail(status, NCRT_MACHINE_FAILED, "cannot run %s: %s", name, strerror(error));
  while (error == 0 && waitpid(child, &how, 0) < 0)
    if (errno != EINTR) {
      error = errno;
      ncrt_fail(status, NCRT_MACHINE_FAILED, "cannot wait for %s: %s", name, strerror(error));
    }
  if (error)
    return NC_RUN_FAILED;
  if (WIFEXITED(how) && WEXITSTATUS(how) == 0)
    return NC_RAN;
  fail(process, name, how, status);
  return NC_RUN_FAILED;
}
