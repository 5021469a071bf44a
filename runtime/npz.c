// Reads arrays of zip archives.
#include "npz.h"

#include "gzip.h"
#include "npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

// An archive, and one of its files while it is read.
typedef struct Archive {
  const char *name;
  zip_t *zip;
  zip_file_t *entry;
  zip_stat_t stat;
  char *label; // of the entry, for messages: "data.npz: images"
  NcrtStatus *status;
} Archive;

static bool open_archive(Archive *archive, const uint8_t *bytes, size_t size) {
  if (size == 0) // to libzip an archive without files
    return ncrt_fail(archive->status, NCRT_BAD_INPUT, "%s: is empty; an npz file is needed",
                     archive->name);
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t *source = zip_source_buffer_create(bytes, size, 0, &error);
  archive->zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
  if (archive->zip == NULL && source != NULL)
    zip_source_free(source);
  int code = zip_error_code_zip(&error);
  zip_error_fini(&error);
  if (archive->zip != NULL)
    return true;
  if (code == ZIP_ER_MEMORY)
    return ncrt_fail_memory(archive->status, size, archive->name);
  bool zip = size >= 4 && memcmp(bytes, "PK\3\4", 4) == 0;
  return ncrt_fail(archive->status, NCRT_BAD_INPUT, "%s: %s", archive->name,
                   zip ? "the zip archive is truncated or corrupt: its list of files cannot "
                         "be read; get the file again"
                       : "not an npz file, which is a zip archive");
}

static void close_archive(Archive *archive) {
  if (archive->entry != NULL)
    zip_fclose(archive->entry);
  if (archive->zip != NULL)
    zip_discard(archive->zip);
  free(archive->label);
}

// ---- names

static bool add_name(Archive *archive, zip_uint64_t number, NcrtNames *names) {
  const char *name = zip_get_name(archive->zip, number, 0);
  size_t length = name != NULL ? strlen(name) : 0;
  if (length <= 4 || strcmp(name + length - 4, ".npy") != 0)
    return true;
  return ncrt_names_add(names, name, length - 4, archive->status);
}

bool ncrt_npz_names_bytes(const char *name, const uint8_t *bytes, size_t size, NcrtNames *names,
                          NcrtStatus *status) {
  Archive archive = {.name = name, .status = status};
  *names = (NcrtNames){0};
  bool done = open_archive(&archive, bytes, size);
  zip_int64_t count = done ? zip_get_num_entries(archive.zip, 0) : 0;
  for (zip_int64_t i = 0; done && i < count; i++)
    done = add_name(&archive, (zip_uint64_t)i, names);
  if (done && names->count == 0)
    done = ncrt_fail(status, NCRT_BAD_INPUT, "%s: the zip archive holds no arrays (.npy)", name);
  close_archive(&archive);
  if (!done)
    ncrt_names_free(names);
  return done;
}

// ---- an array

static bool open_entry(Archive *archive, const char *array) {
  size_t room = strlen(archive->name) + strlen(array) + 8;
  char *name = malloc(room);
  archive->label = malloc(room);
  if (name == NULL || archive->label == NULL) {
    free(name);
    return ncrt_fail_memory(archive->status, room, "a name");
  }
  snprintf(name, room, "%s.npy", array);
  snprintf(archive->label, room, "%s: %s", archive->name, array);
  zip_int64_t number = zip_name_locate(archive->zip, name, 0);
  free(name);
  if (number < 0)
    return ncrt_fail(archive->status, NCRT_BAD_INPUT, "%s: there is no such array", archive->label);
  const zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
  if (zip_stat_index(archive->zip, (zip_uint64_t)number, 0, &archive->stat) != 0 ||
      (archive->stat.valid & needed) != needed)
    return ncrt_fail(archive->status, NCRT_BAD_INPUT,
                     "%s: the zip archive does not say how long it is; get the file again",
                     archive->label);
  if (archive->stat.comp_method != ZIP_CM_STORE && archive->stat.comp_method != ZIP_CM_DEFLATE)
    return ncrt_fail(archive->status, NCRT_BAD_INPUT,
                     "%s: is compressed by zip method %d; only stored and deflated files are read",
                     archive->label, archive->stat.comp_method);
  archive->entry = zip_fopen_index(archive->zip, (zip_uint64_t)number, 0);
  return archive->entry != NULL ||
         ncrt_fail(archive->status, NCRT_BAD_INPUT,
                   "%s: the zip archive is corrupt or encrypted there; get the file again",
                   archive->label);
}

// Before memory is taken: what is promised must be what the compressed bytes can hold.
static bool check_promise(const Archive *archive) {
  uint64_t compressed = archive->stat.comp_size;
  uint64_t bound = archive->stat.comp_method == ZIP_CM_STORE ? compressed
                   : compressed > INT64_MAX / 2048           ? UINT64_MAX
                                                             : ncrt_gzip_bound((size_t)compressed);
  return archive->stat.size <= bound ||
         ncrt_fail(archive->status, NCRT_BAD_INPUT,
                   "%s: the zip archive promises %llu bytes, more than %llu compressed bytes can "
                   "hold; get the file again",
                   archive->label, (unsigned long long)archive->stat.size,
                   (unsigned long long)compressed);
}

static bool fail_read(const Archive *archive, uint64_t done) {
  int code = zip_error_code_zip(zip_file_get_error(archive->entry));
  if (code == ZIP_ER_MEMORY)
    return ncrt_fail_memory(archive->status, 1 << 15, "the inflater");
  return ncrt_fail(archive->status, NCRT_BAD_INPUT, "%s: %s after %llu bytes; get the file again",
                   archive->label,
                   code == ZIP_ER_CRC ? "corrupt: the checksum is wrong"
                                      : "the zip archive's data are truncated or corrupt",
                   (unsigned long long)done);
}

static bool read_bytes(const Archive *archive, uint8_t *to, uint64_t size) {
  for (uint64_t done = 0; done < size;) {
    zip_int64_t got = zip_fread(archive->entry, to + done, size - done);
    if (got <= 0)
      return fail_read(archive, done);
    done += (uint64_t)got;
  }
  return true;
}

// The checksum is checked where the end is met.
static bool read_end(const Archive *archive) {
  uint8_t more;
  zip_int64_t got = zip_fread(archive->entry, &more, 1);
  return got == 0 || fail_read(archive, archive->stat.size);
}

static bool read_header(const Archive *archive, NcrtNpy *npy) {
  static const size_t room = NCRT_NPY_START + NCRT_NPY_HEADER_MAX;
  uint8_t *bytes = malloc(room);
  if (bytes == NULL)
    return ncrt_fail_memory(archive->status, room, "a header");
  uint64_t size = archive->stat.size, length = 0;
  uint64_t start = size < NCRT_NPY_START ? size : NCRT_NPY_START;
  bool done = check_promise(archive) && read_bytes(archive, bytes, start) &&
              ncrt_npy_length(archive->label, bytes, start, &length, archive->status);
  if (done && length > size)
    done = ncrt_fail(archive->status, NCRT_BAD_INPUT,
                     "%s: offset %llu: truncated: the npy header ends at %llu; get the file again",
                     archive->label, (unsigned long long)size, (unsigned long long)length);
  // A header is longer than what tells its length, or it is no dictionary.
  uint64_t rest = length > start ? length - start : 0;
  done = done && read_bytes(archive, bytes + start, rest) &&
         ncrt_npy_header(archive->label, bytes, length, size, npy, archive->status);
  free(bytes);
  return done;
}

static bool read_elements(const Archive *archive, const NcrtNpy *npy, NcrtArray *array) {
  array->header = npy->header;
  if (!ncrt_array_allocate(array, archive->status))
    return false;
  bool plain = ncrt_npy_is_plain(npy);
  uint8_t *raw = plain ? array->owned : malloc((size_t)npy->bytes + 1);
  bool done = raw != NULL || ncrt_fail_memory(archive->status, (size_t)npy->bytes, archive->label);
  done = done && read_bytes(archive, raw, (uint64_t)npy->bytes) && read_end(archive) &&
         ncrt_npy_convert(npy, raw, array, archive->status);
  if (!plain)
    free(raw);
  return done;
}

bool ncrt_npz_read_bytes(const NcrtReading *reading, const char *name, const uint8_t *bytes,
                         size_t size, bool data, NcrtArray *array, NcrtStatus *status) {
  Archive archive = {.name = name, .status = status};
  NcrtNpy npy = {0};
  bool done = ncrt_array_open(array, name, status) && open_archive(&archive, bytes, size) &&
              open_entry(&archive, reading->array) && read_header(&archive, &npy);
  array->header = npy.header;
  if (done && data)
    done = read_elements(&archive, &npy, array);
  array->header.data_offset = -1;
  close_archive(&archive);
  if (!done)
    ncrt_array_free(array);
  return done;
}

bool ncrt_npz_read(const NcrtReading *reading, const char *path, bool data, NcrtArray *array,
                   NcrtStatus *status) {
  NcrtFile file;
  bool done = ncrt_file_map(path, &file, status) &&
              ncrt_npz_read_bytes(reading, path, file.bytes, file.size, data, array, status);
  ncrt_file_unmap(&file);
  return done;
}

bool ncrt_npz_names(const NcrtReading *reading, const char *path, NcrtNames *names,
                    NcrtStatus *status) {
  (void)reading;
  NcrtFile file;
  bool done = ncrt_file_map(path, &file, status) &&
              ncrt_npz_names_bytes(path, file.bytes, file.size, names, status);
  ncrt_file_unmap(&file);
  return done;
}
