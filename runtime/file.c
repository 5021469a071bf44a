// Finds, maps and atomically replaces files.
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// A name that is not there or may not be read is the user's to mend; the rest is the machine's
// failure.
static NcrtCode code_of(int error) {
  bool user = error == ENOENT || error == EACCES || error == EPERM || error == ENOTDIR ||
              error == EISDIR || error == ENAMETOOLONG || error == ELOOP || error == EROFS;
  return user ? NCRT_BAD_INPUT : NCRT_MACHINE_FAILED;
}

static bool fail_errno(NcrtStatus *status, const char *path, const char *what) {
  int error = errno;
  return ncrt_fail(status, code_of(error), "%s: cannot %s: %s", path, what, strerror(error));
}

static bool map_descriptor(const char *path, int descriptor, NcrtFile *file, NcrtStatus *status) {
  struct stat info;
  if (fstat(descriptor, &info) != 0)
    return fail_errno(status, path, "be examined");
  if (S_ISDIR(info.st_mode))
    return ncrt_fail(status, NCRT_BAD_INPUT, "%s: is a folder, a file is needed", path);
  if (!S_ISREG(info.st_mode))
    return ncrt_fail(status, NCRT_BAD_INPUT, "%s: is not a regular file; copy its content to one",
                     path);
  *file = (NcrtFile){.size = (size_t)info.st_size};
  if (file->size == 0)
    return true;
  void *bytes = mmap(NULL, file->size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (bytes == MAP_FAILED)
    return fail_errno(status, path, "map it into memory");
  file->bytes = bytes;
  return true;
}

bool ncrt_file_map(const char *path, NcrtFile *file, NcrtStatus *status) {
  *file = (NcrtFile){0};
  // O_NONBLOCK: opening a pipe without a writer must not wait.
  int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0)
    return fail_errno(status, path, "open it");
  bool mapped = map_descriptor(path, descriptor, file, status);
  close(descriptor);
  return mapped;
}

void ncrt_file_unmap(NcrtFile *file) {
  if (file->bytes != NULL)
    munmap((void *)file->bytes, file->size);
  *file = (NcrtFile){0};
}

static char *joined(const char *folder, const char *name, const char *suffix) {
  size_t size = strlen(folder) + strlen(name) + strlen(suffix) + 2;
  char *path = malloc(size);
  if (path != NULL)
    snprintf(path, size, "%s%s%s%s", folder, *folder == 0 ? "" : "/", name, suffix);
  return path;
}

// Tries one place; *path stays NULL if nothing is there. False only without memory.
static bool look(const char *folder, const char *name, const char *suffix, char **path,
                 NcrtStatus *status) {
  char *candidate = joined(folder, name, suffix);
  if (candidate == NULL)
    return ncrt_fail_memory(status, strlen(name), "a path");
  if (access(candidate, F_OK) == 0)
    *path = candidate;
  else
    free(candidate);
  return true;
}

static bool fail_not_found(const char *label, const char *name, const char *const *folders,
                           int folder_count, NcrtStatus *status) {
  char places[400] = "";
  size_t used = 0;
  for (int i = 0; i < folder_count && used < sizeof places; i++)
    used += (size_t)snprintf(places + used, sizeof places - used, "%s%s", i > 0 ? ", " : "",
                             *folders[i] == 0 ? "." : folders[i]);
  if (*name == '/' || folder_count == 0)
    return ncrt_fail(status, NCRT_BAD_INPUT, "%s: %s not found, nor with .gz appended", name,
                     label);
  return ncrt_fail(
      status, NCRT_BAD_INPUT,
      "%s: %s not found, nor with .gz appended; looked in: %s; give its folder with --data DIR",
      name, label, places);
}

bool ncrt_file_is_folder(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool ncrt_file_find(const char *label, const char *name, const char *const *folders,
                    int folder_count, char **path, NcrtStatus *status) {
  static const char *const nowhere[] = {""};
  bool as_it_is = *name == '/' || folder_count == 0;
  const char *const *places = as_it_is ? nowhere : folders;
  int place_count = as_it_is ? 1 : folder_count;
  *path = NULL;
  if (*name == 0)
    return ncrt_fail(status, NCRT_BAD_INPUT, "the name of a %s is empty", label);
  for (int i = 0; i < place_count && *path == NULL; i++) {
    if (!look(places[i], name, "", path, status))
      return false;
    if (*path == NULL && !look(places[i], name, ".gz", path, status))
      return false;
  }
  return *path != NULL || fail_not_found(label, name, folders, folder_count, status);
}

static bool write_all(int descriptor, const NcrtPart *part) {
  const char *bytes = part->bytes;
  for (size_t done = 0; done < part->size;) {
    ssize_t written = write(descriptor, bytes + done, part->size - done);
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return false;
    done += (size_t)written;
  }
  return true;
}

static bool write_parts(int descriptor, const char *path, const NcrtPart *parts, int part_count,
                        NcrtStatus *status) {
  for (int i = 0; i < part_count; i++)
    if (!write_all(descriptor, &parts[i]))
      return fail_errno(status, path, "write it");
  if (fsync(descriptor) != 0)
    return fail_errno(status, path, "sync it to disk");
  return true;
}

static char *folder_of(const char *path) {
  const char *slash = strrchr(path, '/');
  if (slash == NULL)
    return strdup(".");
  return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

// The name is durable only once the folder is synced; some file systems cannot sync folders, which
// is no error.
static bool sync_folder(const char *path, NcrtStatus *status) {
  char *folder = folder_of(path);
  if (folder == NULL)
    return ncrt_fail_memory(status, strlen(path), "a path");
  int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool synced = descriptor < 0 || fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP;
  if (!synced)
    fail_errno(status, folder, "sync the folder to disk");
  if (descriptor >= 0)
    close(descriptor);
  free(folder);
  return synced;
}

// Whether the open file is the one of that name.
static bool has_name(int descriptor, const char *path) {
  struct stat open_file, named;
  return fstat(descriptor, &open_file) == 0 && lstat(path, &named) == 0 &&
         open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

// Opens a file that is this thread's alone until it is closed, waiting for others that write it.
// One that a killed process left is taken over. -1 after a message.
static int open_alone(const char *temporary, const char *path, NcrtStatus *status) {
  for (;;) {
    int descriptor =
        open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (descriptor < 0) {
      fail_errno(status, path, "create it");
      return -1;
    }
    while (flock(descriptor, LOCK_EX) != 0 && errno == EINTR)
      ; // file systems that know no locks do without
    if (has_name(descriptor, temporary))
      return descriptor;
    close(descriptor); // another has given it the name that it was written for
  }
}

static bool replace_through(const char *temporary, int descriptor, const char *path,
                            const NcrtPart *parts, int part_count, NcrtStatus *status) {
  struct stat before;
  if (stat(path, &before) == 0)
    (void)fchmod(descriptor, before.st_mode & 07777); // best effort: who may read it
  bool written = ftruncate(descriptor, 0) == 0 || fail_errno(status, path, "write it");
  written = written && write_parts(descriptor, path, parts, part_count, status);
  if (written && rename(temporary, path) != 0)
    written = fail_errno(status, path, "replace it");
  if (!written)
    unlink(temporary);
  close(descriptor); // it is synced, so nothing can fail; others that wait go on
  return written && sync_folder(path, status);
}

bool ncrt_file_replace(const char *path, const NcrtPart *parts, int part_count,
                       NcrtStatus *status) {
  if (!ncrt_file_check_target(path, status))
    return false;
  char *temporary = joined("", path, NCRT_FILE_UNFINISHED);
  if (temporary == NULL)
    return ncrt_fail_memory(status, strlen(path), "a path");
  int descriptor = open_alone(temporary, path, status);
  bool replaced =
      descriptor >= 0 && replace_through(temporary, descriptor, path, parts, part_count, status);
  free(temporary);
  return replaced;
}

bool ncrt_file_check_target(const char *path, NcrtStatus *status) {
  struct stat at;
  if (*path == 0)
    return ncrt_fail(status, NCRT_BAD_INPUT, "the name of the file to write is empty");
  bool there = stat(path, &at) == 0;
  if (there && S_ISDIR(at.st_mode))
    return ncrt_fail(status, NCRT_BAD_INPUT, "%s: is a folder; name a file in it", path);
  // Replacing would turn a device, as /dev/null, into a file.
  if (there && !S_ISREG(at.st_mode))
    return ncrt_fail(status, NCRT_BAD_INPUT, "%s: is not a regular file, so it cannot be replaced",
                     path);
  if (path[strlen(path) - 1] == '/')
    return ncrt_fail(status, NCRT_BAD_INPUT, "%s: ends in a slash; name a file", path);
  char *folder = folder_of(path);
  if (folder == NULL)
    return ncrt_fail_memory(status, strlen(path), "a path");
  bool writable = false;
  if (stat(folder, &at) == 0 && !S_ISDIR(at.st_mode))
    ncrt_fail(status, NCRT_BAD_INPUT, "%s: cannot create it, for %s is no folder", path, folder);
  else if (access(folder, W_OK | X_OK) != 0)
    ncrt_fail(status, NCRT_BAD_INPUT, "%s: cannot create it in the folder %s: %s", path, folder,
              strerror(errno));
  else
    writable = true;
  free(folder);
  return writable;
}
