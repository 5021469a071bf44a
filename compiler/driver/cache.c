// Keeps machine code in files.
#define _GNU_SOURCE
#include "driver/cache.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SUFFIX ".code"
#define MAX_TOTAL (INT64_C(256) << 20)
#define MAX_FILE (INT64_C(64) << 20)
#define STALE_SECONDS 3600 // of a file that no one gave its name

// A file is this, then the objects one after the other.
typedef struct Header {
  char magic[8];
  NcHash key, digest; // digest: of all that follows it
  uint64_t count, sizes[NC_MAX_PARTS];
} Header;

#define MAGIC "netccode"
#define DIGESTED (offsetof(Header, digest) + sizeof(NcHash))

NcCache nc_cache_open(NcArena *arena) {
  const char *own = getenv("NETC_CACHE"), *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  NcCache cache = {.asked_for = own && *own};
  if (own)
    cache.folder = *own ? own : NULL;
  else if (xdg && *xdg == '/') // others are to be ignored, says the specification
    cache.folder = nc_arena_printf(arena, "%s/netc", xdg);
  else if (home && *home == '/')
    cache.folder = nc_arena_printf(arena, "%s/.cache/netc", home);
  return cache;
}

static char *path_of(const NcCache *cache, NcArena *arena, const NcHash *key) {
  char name[2 * NC_HASH_BYTES + 1];
  nc_hash_text(key, name);
  return nc_arena_printf(arena, "%s/%s" SUFFIX, cache->folder, name);
}

// What others could have written is not run.
static bool is_own(int file, size_t *size) {
  struct stat info;
  if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode) || info.st_uid != geteuid() ||
      info.st_mode & (S_IWGRP | S_IWOTH) || info.st_size > MAX_FILE)
    return false;
  *size = (size_t)info.st_size;
  return true;
}

static bool read_all(int file, char *bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t got = read(file, bytes + done, size - done);
    if (got <= 0 && !(got < 0 && errno == EINTR))
      return false;
    done += got > 0 ? (size_t)got : 0;
  }
  return true;
}

// The file's bytes if it is whole and the key's.
static char *read_file(const char *path, NcArena *arena, const NcHash *key, size_t *size) {
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  char *bytes = NULL;
  if (file >= 0 && is_own(file, size) && *size >= sizeof(Header)) {
    bytes = nc_arena_alloc(arena, *size);
    const Header *header = (const Header *)(void *)bytes;
    NcHash digest = {{0}};
    if (read_all(file, bytes, *size))
      digest = nc_hash(bytes + DIGESTED, *size - DIGESTED);
    if (memcmp(header->magic, MAGIC, sizeof header->magic) != 0 ||
        memcmp(&header->key, key, sizeof *key) != 0 ||
        memcmp(&header->digest, &digest, sizeof digest) != 0)
      bytes = NULL;
    else
      futimens(file, NULL); // it was used now
  }
  if (file >= 0)
    close(file);
  return bytes;
}

bool nc_cache_read(const NcCache *cache, NcArena *arena, const NcHash *key, NcObjects *objects) {
  size_t size, at = sizeof(Header);
  char *bytes = cache->folder ? read_file(path_of(cache, arena, key), arena, key, &size) : NULL;
  if (!bytes)
    return false;
  const Header *header = (const Header *)(void *)bytes;
  if (header->count > NC_MAX_PARTS)
    return false;
  objects->count = (int)header->count;
  for (int i = 0; i < objects->count; i++) {
    if (header->sizes[i] > size - at)
      return false;
    objects->items[i] = (NcrtObject){bytes + at, (size_t)header->sizes[i]};
    at += objects->items[i].size;
  }
  return at == size;
}

// Makes the folder and those that it is in.
static bool make_folder(NcArena *arena, const char *folder) {
  char *path = nc_arena_strdup(arena, folder);
  for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    mkdir(path, 0700);
    *slash = '/';
  }
  return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static char *file_bytes(NcArena *arena, const NcHash *key, const NcObjects *objects, size_t *size) {
  Header header = {.magic = MAGIC, .key = *key, .count = (uint64_t)objects->count};
  *size = sizeof header;
  for (int i = 0; i < objects->count; i++)
    *size += header.sizes[i] = objects->items[i].size;
  char *bytes = nc_arena_alloc(arena, *size), *at = bytes + sizeof header;
  for (int i = 0; i < objects->count; i++) {
    memcpy(at, objects->items[i].bytes, objects->items[i].size);
    at += objects->items[i].size;
  }
  memcpy(bytes, &header, sizeof header);
  header.digest = nc_hash(bytes + DIGESTED, *size - DIGESTED);
  memcpy(bytes, &header, sizeof header);
  return bytes;
}

static bool write_all(int file, const char *bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t written = write(file, bytes + done, size - done);
    if (written < 0 && errno != EINTR)
      return false;
    done += written > 0 ? (size_t)written : 0;
  }
  return true;
}

// Whole or not at all. It need not survive a crash of the machine, so nothing is synced: what is
// left then is not whole, and read as nothing.
static bool write_file(NcArena *arena, const char *path, const char *bytes, size_t size) {
  char *temporary = nc_arena_printf(arena, "%s.XXXXXX", path);
  int file = mkostemp(temporary, O_CLOEXEC);
  if (file < 0)
    return false;
  bool written = write_all(file, bytes, size);
  written = close(file) == 0 && written && rename(temporary, path) == 0;
  if (!written) {
    int error = errno;
    unlink(temporary);
    errno = error;
  }
  return written;
}

typedef struct Kept {
  const char *path;
  int64_t size;
  struct timespec used;
} Kept;

typedef NC_VEC(Kept) Files;

// Whether a name is one that this file gives: a hash and the suffix, or a temporary one.
static bool is_ours(const char *name, bool *temporary) {
  for (int i = 0; i < 2 * NC_HASH_BYTES; i++)
    if (!isxdigit((unsigned char)name[i]))
      return false;
  const char *rest = name + 2 * NC_HASH_BYTES;
  *temporary = strncmp(rest, SUFFIX ".", sizeof SUFFIX) == 0;
  return *temporary || strcmp(rest, SUFFIX) == 0;
}

static Files list_files(NcArena *arena, const char *folder) {
  Files files = {0};
  DIR *list = opendir(folder);
  for (struct dirent *entry; list && (entry = readdir(list));) {
    bool temporary;
    struct stat info;
    if (!is_ours(entry->d_name, &temporary))
      continue;
    const char *path = nc_arena_printf(arena, "%s/%s", folder, entry->d_name);
    if (lstat(path, &info) != 0 || !S_ISREG(info.st_mode))
      continue;
    Kept kept = {path, info.st_size, info.st_mtim};
    if (!temporary)
      nc_vec_push(arena, files, kept);
    else if (time(NULL) - info.st_mtim.tv_sec > STALE_SECONDS)
      unlink(path);
  }
  if (list)
    closedir(list);
  return files;
}

static int by_use(const void *a, const void *b) {
  const struct timespec *x = &((const Kept *)a)->used, *y = &((const Kept *)b)->used;
  if (x->tv_sec != y->tv_sec)
    return x->tv_sec < y->tv_sec ? 1 : -1;
  return (x->tv_nsec < y->tv_nsec) - (x->tv_nsec > y->tv_nsec);
}

// Removes the files used longest ago, as far as all are too large.
static void remove_old(NcArena *arena, const char *folder) {
  Files files = list_files(arena, folder);
  int64_t total = 0;
  if (files.count)
    qsort(files.items, (size_t)files.count, sizeof *files.items, by_use);
  for (int i = 0; i < files.count; i++) {
    total += files.items[i].size;
    if (total > MAX_TOTAL)
      unlink(files.items[i].path);
  }
}

const char *nc_cache_write(const NcCache *cache, NcArena *arena, const NcHash *key,
                           const NcObjects *objects) {
  if (!cache->folder)
    return NULL;
  size_t size;
  const char *bytes = file_bytes(arena, key, objects, &size);
  if (make_folder(arena, cache->folder) &&
      write_file(arena, path_of(cache, arena, key), bytes, size)) {
    remove_old(arena, cache->folder);
    return NULL;
  }
  return cache->asked_for ? nc_arena_printf(arena, "no code is kept in NETC_CACHE=%s: %s",
                                            cache->folder, strerror(errno))
                          : NULL;
}
