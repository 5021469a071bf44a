// A folder for a test's files, removed with all that is in it.
#ifndef TESTS_UNIT_TEMPORARY_H
#define TESTS_UNIT_TEMPORARY_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Temporary {
  char folder[64];
  char path[400]; // of the last call of temporary_path
} Temporary;

static inline void temporary_open(Temporary *temporary) {
  strcpy(temporary->folder, "/tmp/netc-test-XXXXXX");
  if (mkdtemp(temporary->folder) == NULL)
    abort();
}

static inline const char *temporary_path(Temporary *temporary, const char *name) {
  snprintf(temporary->path, sizeof temporary->path, "%s/%s", temporary->folder, name);
  return temporary->path;
}

static inline const char *temporary_write(Temporary *temporary, const char *name, const void *bytes,
                                          size_t size) {
  FILE *file = fopen(temporary_path(temporary, name), "wb");
  if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
    abort();
  return temporary->path;
}

static inline int temporary_count(const Temporary *temporary) {
  int count = 0;
  DIR *folder = opendir(temporary->folder);
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
    count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
  closedir(folder);
  return count;
}

static inline void temporary_close(Temporary *temporary) {
  DIR *folder = opendir(temporary->folder);
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
      temporary_path(temporary, entry->d_name);
      if (unlink(temporary->path) != 0)
        rmdir(temporary->path);
    }
  closedir(folder);
  rmdir(temporary->folder);
}

#endif
