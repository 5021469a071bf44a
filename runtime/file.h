// Files as memory: finding, mapping, and writing them whole or not at all.
#ifndef NCRT_FILE_H
#define NCRT_FILE_H

#include "status.h"

#include <stdint.h>

// A file that is mapped for reading. It must not be made shorter by another process while it is in
// use.
typedef struct NcrtFile {
  const uint8_t *bytes; // NULL for an empty file
  size_t size;
} NcrtFile;

// Maps a regular file. Fails if it is missing, unreadable or not a regular file.
bool ncrt_file_map(const char *path, NcrtFile *file, NcrtStatus *status);
void ncrt_file_unmap(NcrtFile *file);

// Looks for `name`, then `name.gz`, in each folder in order; an absolute name is looked for as it
// is. The path is the caller's to free. Fails if there is none, saying where it looked. `label`
// names the file's role ("data file").
bool ncrt_file_find(const char *label, const char *name, const char *const *folders,
                    int folder_count, char **path, NcrtStatus *status);

bool ncrt_file_is_folder(const char *path);

// Writes the parts one after the other to a file beside `path`, syncs it, gives it that name, and
// syncs the folder: at any time `path` is either what it was or complete. A file that is replaced
// keeps its mode; what is no regular file is not replaced. Those that write to the same path at
// once take turns. A process that is killed leaves at most one file unfinished, which the next to
// write there takes over.
#define NCRT_FILE_UNFINISHED ".netc.tmp" // behind the path
typedef struct NcrtPart {
  const void *bytes;
  size_t size;
} NcrtPart;
bool ncrt_file_replace(const char *path, const NcrtPart *parts, int part_count, NcrtStatus *status);

// Whether ncrt_file_replace could write there now, as far as can be told without writing: for
// checking a name before the work whose result it shall receive.
bool ncrt_file_check_target(const char *path, NcrtStatus *status);

#endif
