// First values that are read from files: safetensors, in the folders of data files.
#include "driver/stored.h"

#include "dtype.h"
#include "safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

NcType nc_stored_type(const NcrtShape *shape) {
  NcType type = {.dtype = (NcDtype)shape->dtype, .rank = shape->rank};
  for (int d = 0; d < shape->rank; d++)
    type.dims[d] = nc_dim(shape->dims[d]);
  return type;
}

static bool find_file(const NcUnit *unit, const NcStored *stored, char **path, NcrtStatus *status) {
  return ncrt_file_find("file", stored->file, unit->folders, unit->folder_count, path, status);
}

// Says which tensors there are, a few of them.
static void no_tensor(const NcrtSafetensors *file, const NcStored *stored, NcrtStatus *status) {
  char names[200] = "";
  for (int i = 0; i < file->tensor_count && i < 4; i++) {
    size_t length = strlen(names);
    snprintf(names + length, sizeof names - length, "%s%.40s", i ? ", " : "",
             file->tensors[i].name);
  }
  ncrt_fail(status, NCRT_BAD_INPUT, "%s has no tensor %s; it has %s%s", stored->file,
            stored->tensor, file->tensor_count ? names : "none",
            file->tensor_count > 4 ? " and others" : "");
}

static const NcrtTensor *open_tensor(const char *path, const NcStored *stored,
                                     NcrtSafetensors *file, NcrtStatus *status) {
  if (!ncrt_safetensors_read(path, file, status))
    return NULL;
  const NcrtTensor *tensor = ncrt_safetensors_find(file, stored->tensor);
  if (tensor)
    return tensor;
  no_tensor(file, stored, status);
  ncrt_safetensors_free(file);
  return NULL;
}

NcFactsStatus nc_stored_facts(void *unit, NcArena *arena, const NcStored *stored, NcType *type,
                              const char **message) {
  NcrtStatus status = {0};
  char *path = NULL;
  if (!find_file(unit, stored, &path, &status))
    return NC_FACTS_MISSING;
  NcrtSafetensors file;
  const NcrtTensor *tensor = open_tensor(path, stored, &file, &status);
  free(path);
  if (!tensor) {
    *message = nc_arena_strdup(arena, status.message);
    return NC_FACTS_BAD;
  }
  *type = nc_stored_type(&tensor->shape);
  ncrt_safetensors_free(&file);
  return NC_FACTS_OK;
}

// ---- what the initialization runs on

// The tensor's elements, aligned; NULL on failure. The file may have changed since it was checked.
static void *copy(const NcrtTensor *tensor, const NcStored *stored, NcrtStatus *status) {
  NcType type = nc_stored_type(&tensor->shape);
  if (!nc_type_equal(&type, &stored->type)) {
    ncrt_fail(status, NCRT_BAD_INPUT, "%s has changed: %s is not what it was when it was checked",
              stored->file, stored->tensor);
    return NULL;
  }
  size_t bytes = (size_t)ncrt_shape_bytes(&tensor->shape, 1);
  void *data = aligned_alloc(64, (bytes + 64) / 64 * 64);
  if (data)
    memcpy(data, tensor->data, bytes);
  else
    ncrt_fail_memory(status, bytes, stored->file);
  return data;
}

static void *load(const NcUnit *unit, const NcStored *stored, NcrtStatus *status) {
  char *path = NULL;
  NcrtSafetensors file;
  if (!find_file(unit, stored, &path, status))
    return NULL;
  const NcrtTensor *tensor = open_tensor(path, stored, &file, status);
  free(path);
  if (!tensor)
    return NULL;
  void *data = copy(tensor, stored, status);
  ncrt_safetensors_free(&file);
  return data;
}

static const NcStored *find_stored(const NcProgram *program, const char *input) {
  for (int i = 0; i < program->stored.count; i++)
    if (strcmp(program->stored.items[i].input, input) == 0)
      return &program->stored.items[i];
  return NULL;
}

bool nc_stored_initialize(NcExperiment *e, NcrtStatus *status) {
  const NcrtProgram *program = &e->compiled->program;
  int number = ncrt_session_entry(e->session, "initialize");
  int count = number < 0 ? 0 : program->entries[number].input_count;
  void **inputs = calloc((size_t)count + 1, sizeof *inputs);
  if (!inputs)
    return ncrt_fail_memory(status, (size_t)count * sizeof *inputs, "the first values");
  bool ok = true;
  for (int i = 0; ok && i < count; i++) {
    const char *name = program->inputs[program->entries[number].inputs[i]].name;
    inputs[i] = load(e->unit, find_stored(e->unit->program, name), status);
    ok = inputs[i] != NULL;
  }
  ok = ok && ncrt_session_initialize(e->session, (const void *const *)inputs, status);
  for (int i = 0; i < count; i++)
    free(inputs[i]);
  free(inputs);
  return ok;
}
