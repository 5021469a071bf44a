// Saves and restores sessions.
#include "checkpoint.h"

#include "dtype.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// An integer of the info: its key, where it is, and the least that it can be.
typedef struct Field {
  const char *key;
  int64_t *value, low;
  bool optional; // not written if it is 0, which it is where the file has none
} Field;

enum { FIELD_COUNT = 7 };

static void list_fields(NcrtCheckpointInfo *info, Field fields[FIELD_COUNT]) {
  const Field all[FIELD_COUNT] = {
      {"netc.batch", &info->batch, 1, true},      {"netc.best_epoch", &info->best.epoch, 1, true},
      {"netc.epoch", &info->epoch, 0, false},     {"netc.position", &info->position, 0, false},
      {"netc.samples", &info->samples, 0, false}, {"netc.seed", &info->seed, INT64_MIN, false},
      {"netc.step", &info->step, 0, false},
  };
  memcpy(fields, all, sizeof all);
}

// The last two numbers are the version and the best figure.
int ncrt_checkpoint_texts(const NcrtCheckpointInfo *of, NcrtNumbers numbers, NcrtText *texts) {
  NcrtCheckpointInfo info = *of;
  Field fields[FIELD_COUNT];
  list_fields(&info, fields);
  int count = 0;
  for (int i = 0; i < FIELD_COUNT; i++) {
    if (fields[i].optional && *fields[i].value == 0)
      continue;
    snprintf(numbers[i], sizeof numbers[i], "%lld", (long long)*fields[i].value);
    texts[count++] = (NcrtText){fields[i].key, numbers[i]};
  }
  snprintf(numbers[FIELD_COUNT], sizeof numbers[FIELD_COUNT], "%d", NCRT_CHECKPOINT_VERSION);
  texts[count++] = (NcrtText){"netc.version", numbers[FIELD_COUNT]};
  texts[count++] = (NcrtText){"netc.source", info.source != NULL ? info.source : ""};
  texts[count++] = (NcrtText){"netc.source_name", info.source_name != NULL ? info.source_name : ""};
  const NcrtText optional[] = {{"netc.data", info.data},
                               {"netc.classes", info.classes},
                               {"netc.digest", info.digest},
                               {"netc.monitor", info.monitor}};
  for (size_t i = 0; i < sizeof optional / sizeof *optional; i++)
    if (optional[i].value != NULL)
      texts[count++] = optional[i];
  if (info.best.epoch > 0) {
    snprintf(numbers[FIELD_COUNT + 1], sizeof *numbers, "%.17g", info.best.value);
    texts[count++] = (NcrtText){"netc.best", numbers[FIELD_COUNT + 1]};
  }
  for (int i = 0; i < info.text_count; i++)
    texts[count++] = info.texts[i];
  return count;
}

bool ncrt_checkpoint_save(const char *path, const NcrtSession *session,
                          const NcrtCheckpointInfo *info, NcrtStatus *status) {
  const NcrtProgram *program = ncrt_session_program(session);
  NcrtTensor *tensors = calloc((size_t)program->variable_count + 1, sizeof *tensors);
  NcrtText *texts = calloc((size_t)info->text_count + NCRT_CHECKPOINT_TEXTS, sizeof *texts);
  if (tensors == NULL || texts == NULL) {
    free(tensors);
    free(texts);
    return ncrt_fail_memory(status, (size_t)program->variable_count * sizeof *tensors,
                            "a checkpoint");
  }
  for (int i = 0; i < program->variable_count; i++)
    tensors[i] = (NcrtTensor){program->variables[i].name, program->variables[i].shape,
                              ncrt_session_data(session, i)};
  NcrtNumbers numbers;
  int text_count = ncrt_checkpoint_texts(info, numbers, texts);
  bool saved =
      ncrt_safetensors_write(path, tensors, program->variable_count, texts, text_count, status);
  free(tensors);
  free(texts);
  return saved;
}

static bool fail_missing(const NcrtSafetensors *file, const char *key, NcrtStatus *status) {
  return ncrt_fail(status, NCRT_BAD_INPUT,
                   "%s: the metadata have no %s, so it is no checkpoint of netc; netc train --init "
                   "takes params of other files",
                   file->name, key);
}

static bool read_integer(const NcrtSafetensors *file, const char *key, int64_t low, int64_t *value,
                         NcrtStatus *status) {
  const char *text = ncrt_safetensors_text(file, key);
  if (text == NULL)
    return fail_missing(file, key, status);
  char *end;
  errno = 0;
  long long number = strtoll(text, &end, 10);
  if (*text == 0 || *text == ' ' || *end != 0 || errno != 0 || number < low ||
      (low >= 0 && number > INT64_C(1) << 60))
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: %s in the metadata is not a whole number that it can be", file->name,
                     key);
  *value = number;
  return true;
}

static bool read_text(const NcrtSafetensors *file, const char *key, const char **text,
                      NcrtStatus *status) {
  *text = ncrt_safetensors_text(file, key);
  return *text != NULL || fail_missing(file, key, status);
}

static bool read_fields(const NcrtSafetensors *file, NcrtCheckpointInfo *info, NcrtStatus *status) {
  Field fields[FIELD_COUNT];
  list_fields(info, fields);
  for (int i = 0; i < FIELD_COUNT; i++) {
    bool absent = fields[i].optional && ncrt_safetensors_text(file, fields[i].key) == NULL;
    if (!absent && !read_integer(file, fields[i].key, fields[i].low, fields[i].value, status))
      return false;
  }
  return true;
}

// Without the figure there is no best epoch.
static bool read_best(const NcrtSafetensors *file, NcrtCheckpointInfo *info, NcrtStatus *status) {
  const char *text = ncrt_safetensors_text(file, "netc.best");
  info->monitor = ncrt_safetensors_text(file, "netc.monitor");
  if (info->monitor == NULL || text == NULL)
    info->best = (NcrtBest){0};
  if (info->best.epoch == 0)
    return true;
  char *end;
  info->best.value = strtod(text, &end);
  return (*text != 0 && *end == 0 && !isnan(info->best.value)) ||
         ncrt_fail(status, NCRT_BAD_INPUT, "%s: netc.best in the metadata is not a number",
                   file->name);
}

// The name is shown in messages, and folders are looked for beside it, so it must be no more than a
// name.
static bool check_name(const NcrtSafetensors *file, const char *name, NcrtStatus *status) {
  for (const char *c = name; *c != 0; c++)
    if ((unsigned char)*c < 0x20 || *c == 0x7f || *c == '/')
      return ncrt_fail(status, NCRT_BAD_INPUT,
                       "%s: netc.source_name in the metadata is not the name of a file",
                       file->name);
  return true;
}

bool ncrt_checkpoint_info(const NcrtSafetensors *file, NcrtCheckpointInfo *info,
                          NcrtStatus *status) {
  int64_t version = 0;
  *info = (NcrtCheckpointInfo){0};
  if (!read_integer(file, "netc.version", 1, &version, status))
    return false;
  if (version > NCRT_CHECKPOINT_VERSION)
    return ncrt_fail(
        status, NCRT_BAD_INPUT,
        "%s: is a checkpoint of version %lld; this netc reads up to %d, use a newer one",
        file->name, (long long)version, NCRT_CHECKPOINT_VERSION);
  if (!read_fields(file, info, status) || !read_best(file, info, status))
    return false;
  info->digest = ncrt_safetensors_text(file, "netc.digest");
  info->data = ncrt_safetensors_text(file, "netc.data");
  info->classes = ncrt_safetensors_text(file, "netc.classes");
  info->texts = file->texts;
  info->text_count = file->text_count;
  return read_text(file, "netc.source", &info->source, status) &&
         read_text(file, "netc.source_name", &info->source_name, status) &&
         check_name(file, info->source_name, status);
}

// A byte of a bool that is neither 0 nor 1 would break what generated code relies on.
static bool check_bools(const NcrtSafetensors *file, const NcrtTensor *tensor, NcrtStatus *status) {
  const uint8_t *values = tensor->data;
  int64_t count = tensor->shape.dtype == NCRT_BOOL ? ncrt_shape_elements(&tensor->shape, 1) : 0;
  for (int64_t i = 0; i < count; i++)
    if (values[i] > 1)
      return ncrt_fail(status, NCRT_BAD_INPUT, "%s: %s: element %lld is %d; a bool is 0 or 1",
                       file->name, tensor->name, (long long)i, values[i]);
  return true;
}

static bool check_variable(const NcrtSafetensors *file, const NcrtVariable *variable, NcrtLoad load,
                           NcrtStatus *status) {
  const NcrtTensor *tensor = ncrt_safetensors_find(file, variable->name);
  if (tensor == NULL && (load == NCRT_LOAD_ALL || ncrt_is_of_network(variable->kind)))
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: holds no tensor %s, which the program needs; is it of another model?",
                     file->name, variable->name);
  if (tensor == NULL)
    return true;
  if (ncrt_shape_equal(&tensor->shape, &variable->shape))
    return check_bools(file, tensor, status);
  char have[200], need[200];
  return ncrt_fail(status, NCRT_BAD_INPUT,
                   "%s: %s is %s, but the program's is %s; is it of another model?", file->name,
                   variable->name, ncrt_shape_print(have, sizeof have, &tensor->shape),
                   ncrt_shape_print(need, sizeof need, &variable->shape));
}

bool ncrt_checkpoint_load(const NcrtSafetensors *file, NcrtSession *session, NcrtLoad load,
                          NcrtStatus *status) {
  const NcrtProgram *program = ncrt_session_program(session);
  for (int i = 0; i < program->variable_count; i++)
    if (!check_variable(file, &program->variables[i], load, status))
      return false;
  for (int i = 0; i < program->variable_count; i++) {
    const NcrtTensor *tensor = ncrt_safetensors_find(file, program->variables[i].name);
    if (tensor != NULL)
      memcpy(ncrt_session_data(session, i), tensor->data,
             (size_t)ncrt_shape_bytes(&tensor->shape, 1));
  }
  return true;
}
