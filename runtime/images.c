// Reads folders of pictures by class.
#include "images.h"

#include "dtype.h"
#include "picture.h"
#include "utf8.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static char *joined(const char *folder, const char *name, NcrtStatus *status) {
  size_t size = strlen(folder) + strlen(name) + 2;
  char *path = malloc(size);
  if (path == NULL)
    ncrt_fail_memory(status, size, "a path");
  else
    snprintf(path, size, "%s/%s", folder, name);
  return path;
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

// The names in a folder, sorted.
static bool list(const char *folder, NcrtNames *names, NcrtStatus *status) {
  *names = (NcrtNames){0};
  DIR *stream = opendir(folder);
  if (stream == NULL)
    return ncrt_fail(status, NCRT_BAD_INPUT, "%s: cannot be read as a folder: %s", folder,
                     strerror(errno));
  bool done = true;
  for (struct dirent *entry; done && (entry = readdir(stream)) != NULL;)
    if (entry->d_name[0] != '.')
      done = ncrt_names_add(names, entry->d_name, strlen(entry->d_name), status);
  closedir(stream);
  if (names->count > 0)
    qsort(names->items, (size_t)names->count, sizeof *names->items, by_name);
  return done;
}

static bool is_png(const char *name) {
  size_t length = strlen(name);
  return length > 4 && strcasecmp(name + length - 4, ".png") == 0;
}

static bool check_png(const char *path, NcrtStatus *status) {
  return (is_png(path) && !ncrt_file_is_folder(path)) ||
         ncrt_fail(status, NCRT_BAD_INPUT,
                   "%s: is no PNG file, and the folder of a class holds nothing else", path);
}

// What is done with each picture, in order.
typedef bool (*Use)(void *context, const char *path, const char *class, NcrtStatus *status);

static bool walk_class(const char *folder, const char *class, Use use, void *context,
                       NcrtStatus *status) {
  NcrtNames names;
  bool done = list(folder, &names, status);
  if (done && names.count == 0)
    done = ncrt_fail(status, NCRT_BAD_INPUT, "%s: the folder of a class holds no pictures", folder);
  for (int i = 0; done && i < names.count; i++) {
    char *path = joined(folder, names.items[i], status);
    done = path != NULL && check_png(path, status) && use(context, path, class, status);
    free(path);
  }
  ncrt_names_free(&names);
  return done;
}

// One entry of the outer folder; *classes counts those that are classes.
static bool walk_entry(const char *folder, const char *name, Use use, void *context, int *classes,
                       NcrtStatus *status) {
  char *path = joined(folder, name, status);
  bool done = path != NULL;
  if (done && ncrt_file_is_folder(path) && !ncrt_utf8_check(name)) {
    char shown[100];
    done = ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s/%s: the name of the folder, which names a class, is not UTF-8", folder,
                     ncrt_printable(shown, sizeof shown, name));
  } else if (done && ncrt_file_is_folder(path)) {
    ++*classes;
    done = walk_class(path, name, use, context, status);
  } else if (done && is_png(name)) {
    done = ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: lies beside the folders of the classes; move it into one", path);
  }
  free(path);
  return done;
}

static bool walk(const char *folder, Use use, void *context, NcrtStatus *status) {
  NcrtNames names;
  int classes = 0;
  bool done = list(folder, &names, status);
  for (int i = 0; done && i < names.count; i++)
    done = walk_entry(folder, names.items[i], use, context, &classes, status);
  ncrt_names_free(&names);
  return done && (classes > 0 || ncrt_fail(status, NCRT_BAD_INPUT,
                                           "%s: holds no folders; each class is a folder of PNG "
                                           "files",
                                           folder));
}

// ---- pixels

typedef struct Pixels {
  NcrtPicture picture; // as the first one is
  char first[200];     // its path
  int64_t count;
  uint8_t *to; // where the next one goes; NULL while they are looked at
} Pixels;

static bool same_picture(const Pixels *pixels, const NcrtPicture *picture, const char *path,
                         NcrtStatus *status) {
  if (memcmp(picture, &pixels->picture, sizeof *picture) == 0)
    return true;
  char have[60], need[60];
  return ncrt_fail(status, NCRT_BAD_INPUT,
                   "%s: is %s, but %s is %s; all pictures must have one size and mode", path,
                   ncrt_picture_print(have, sizeof have, picture), pixels->first,
                   ncrt_picture_print(need, sizeof need, &pixels->picture));
}

static bool use_file(Pixels *pixels, const char *path, const NcrtFile *file, NcrtStatus *status) {
  NcrtPicture picture;
  if (!ncrt_picture_header(path, file->bytes, file->size, &picture, status))
    return false;
  if (pixels->count == 0 && pixels->to == NULL) {
    pixels->picture = picture;
    ncrt_printable(pixels->first, sizeof pixels->first, path);
  }
  if (!same_picture(pixels, &picture, path, status))
    return false;
  pixels->count++;
  if (pixels->to == NULL)
    return true;
  bool done = ncrt_picture_read(path, file->bytes, file->size, &picture, pixels->to, status);
  pixels->to += picture.height * picture.width * picture.channels;
  return done;
}

static bool use_picture(void *context, const char *path, const char *class, NcrtStatus *status) {
  (void)class;
  NcrtFile file;
  bool done = ncrt_file_map(path, &file, status) && use_file(context, path, &file, status);
  ncrt_file_unmap(&file);
  return done;
}

// Another process may have changed the folder since the pictures were counted.
static bool use_counted(void *context, const char *path, const char *class, NcrtStatus *status) {
  Pixels *pixels = context;
  if (pixels->count == 0)
    return ncrt_fail(status, NCRT_BAD_INPUT, "%s: appeared while the folder was read", path);
  int64_t left = pixels->count;
  bool done = use_picture(context, path, class, status);
  pixels->count = left - 1;
  return done;
}

static bool read_pixels(Pixels *pixels, const char *path, NcrtArray *array, NcrtStatus *status) {
  if (!ncrt_array_allocate(array, status))
    return false;
  pixels->to = array->owned;
  return walk(path, use_counted, pixels, status) &&
         (pixels->count == 0 ||
          ncrt_fail(status, NCRT_BAD_INPUT, "%s: pictures vanished while they were read", path));
}

bool ncrt_images_read(const NcrtReading *reading, const char *path, bool data, NcrtArray *array,
                      NcrtStatus *status) {
  (void)reading;
  Pixels pixels = {0};
  if (!ncrt_array_open(array, path, status) || !walk(path, use_picture, &pixels, status))
    return false;
  const NcrtPicture *picture = &pixels.picture;
  array->header =
      (NcrtArrayHeader){.dtype = NCRT_U8,
                        .rank = 4,
                        .dims = {pixels.count, picture->height, picture->width, picture->channels},
                        .data_offset = -1};
  if (!ncrt_array_size(&array->header))
    return ncrt_fail(status, NCRT_BAD_INPUT, "%s: the pictures are too large", path);
  return !data || read_pixels(&pixels, path, array, status);
}

// ---- labels

typedef struct Labels {
  const NcrtReading *reading;
  const char *path;
  NcrtNames classes; // that were met
  int *numbers;      // by class that was met
  int64_t count, room;
  int32_t *labels; // by picture: the class that was met
} Labels;

static bool meet_class(Labels *labels, const char *class, NcrtStatus *status) {
  int count = labels->classes.count;
  return (count > 0 && strcmp(labels->classes.items[count - 1], class) == 0) ||
         ncrt_names_add(&labels->classes, class, strlen(class), status);
}

static bool use_label(void *context, const char *path, const char *class, NcrtStatus *status) {
  (void)path;
  Labels *labels = context;
  if (labels->count == labels->room) {
    int64_t room = labels->room > 0 ? 2 * labels->room : 1024;
    int32_t *grown = realloc(labels->labels, (size_t)room * sizeof *grown);
    if (grown == NULL)
      return ncrt_fail_memory(status, (size_t)room * sizeof *grown, "labels");
    labels->labels = grown;
    labels->room = room;
  }
  if (!meet_class(labels, class, status))
    return false;
  labels->labels[labels->count++] = labels->classes.count - 1;
  return true;
}

static int number_of(const Labels *labels, int met, NcrtStatus *status) {
  const NcrtStrings *classes = &labels->reading->classes;
  for (int i = 0; i < classes->count; i++)
    if (strcmp(classes->items[i], labels->classes.items[met]) == 0)
      return i;
  if (classes->count == 0)
    return met;
  ncrt_fail(status, NCRT_BAD_INPUT, "%s/%s: the folder's name is none of the classes listed",
            labels->path, labels->classes.items[met]);
  return -1;
}

static bool number_classes(Labels *labels, NcrtStatus *status) {
  labels->numbers = malloc(((size_t)labels->classes.count + 1) * sizeof *labels->numbers);
  if (labels->numbers == NULL)
    return ncrt_fail_memory(status, (size_t)labels->classes.count, "classes");
  for (int i = 0; i < labels->classes.count; i++)
    if ((labels->numbers[i] = number_of(labels, i, status)) < 0)
      return false;
  return true;
}

static bool store_labels(Labels *labels, NcrtArray *array, NcrtStatus *status) {
  NcrtDtype dtype = labels->reading->dtype;
  array->header =
      (NcrtArrayHeader){.dtype = dtype, .rank = 1, .dims = {labels->count}, .data_offset = -1};
  int classes =
      labels->reading->classes.count ? labels->reading->classes.count : labels->classes.count;
  if (!ncrt_dtype_counts(dtype, classes))
    return ncrt_fail(status, NCRT_BAD_INPUT, "%s: %d classes, which %s cannot number", array->name,
                     classes, ncrt_dtype_name(dtype));
  if (!ncrt_array_size(&array->header) || !ncrt_array_allocate(array, status))
    return false;
  for (int64_t i = 0; i < labels->count; i++)
    ncrt_array_store(array, i, labels->numbers[labels->labels[i]]);
  return true;
}

bool ncrt_labels_read(const NcrtReading *reading, const char *path, bool data, NcrtArray *array,
                      NcrtStatus *status) {
  (void)data; // where the folder is read, the labels are known
  Labels labels = {.reading = reading, .path = path};
  bool done = ncrt_array_open(array, path, status) && walk(path, use_label, &labels, status) &&
              number_classes(&labels, status) && store_labels(&labels, array, status);
  if (done && reading->classes.count == 0) {
    array->classes = labels.classes;
    labels.classes = (NcrtNames){0};
  }
  ncrt_names_free(&labels.classes);
  free(labels.numbers);
  free(labels.labels);
  return done;
}
