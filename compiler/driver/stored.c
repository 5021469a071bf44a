// First values that are read from files: safetensors, npy and npz, in the folders of data files.
#include "driver/stored.h"

#include "read.h"
#include "safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A tensor of an open file.
typedef struct Tensor {
  NcType type;
  const void *data; // perhaps not aligned
  NcrtSafetensors file;
  NcrtArray array; // of npy and npz
} Tensor;

static bool find_file(const NcUnit *unit, const NcStored *stored, char **path, NcrtStatus *status) {
  return ncrt_file_find("file", stored->file, unit->folders, unit->folder_count, path, status);
}

static NcType type_of(int dtype, int rank, const int64_t *dims) {
  NcType type = {.dtype = (NcDtype)dtype, .rank = rank};
  for (int d = 0; d < rank; d++)
    type.dims[d] = nc_dim(dims[d]);
  return type;
}

NcType nc_stored_type(const NcrtShape *shape) {
  return type_of(shape->dtype, shape->rank, shape->dims);
}

// Says which tensors there are, a few of them.
static bool no_tensor(const NcrtSafetensors *file, const NcStored *stored, NcrtStatus *status) {
  char names[200] = "";
  for (int i = 0; i < file->tensor_count && i < 4; i++) {
    size_t length = strlen(names);
    snprintf(names + length, sizeof names - length, "%s%.40s", i ? ", " : "",
             file->tensors[i].name);
  }
  return ncrt_fail(status, NCRT_BAD_INPUT, "%s has no tensor %s; it has %s%s", stored->file,
                   stored->tensor, file->tensor_count ? names : "none",
                   file->tensor_count > 4 ? " and others" : "");
}

static bool open_safetensors(const char *path, const NcStored *stored, Tensor *tensor,
                             NcrtStatus *status) {
  if (!ncrt_safetensors_read(path, &tensor->file, status))
    return false;
  const NcrtTensor *found = ncrt_safetensors_find(&tensor->file, stored->tensor);
  if (!found) {
    no_tensor(&tensor->file, stored, status);
    ncrt_safetensors_free(&tensor->file);
    return false;
  }
  tensor->type = nc_stored_type(&found->shape);
  tensor->data = found->data;
  return true;
}

static bool open_array(const char *path, const char *reader, const NcStored *stored, bool data,
                       Tensor *tensor, NcrtStatus *status) {
  NcrtReading reading = {.reader = reader, .array = stored->tensor};
  if (!ncrt_read(&reading, path, data, &tensor->array, status))
    return false;
  const NcrtArrayHeader *header = &tensor->array.header;
  tensor->type = type_of(header->dtype, header->rank, header->dims);
  tensor->data = tensor->array.data;
  return true;
}

// Without `data` only the type may be had.
static bool open_tensor(const NcUnit *unit, const NcStored *stored, bool data, Tensor *tensor,
                        NcrtStatus *status) {
  char *path = NULL;
  *tensor = (Tensor){0};
  if (!find_file(unit, stored, &path, status))
    return false;
  bool ok = nc_ends_in(stored->file, ".npy") ? open_array(path, "npy", stored, data, tensor, status)
            : nc_ends_in(stored->file, ".npz")
                ? open_array(path, "npz", stored, data, tensor, status)
                : open_safetensors(path, stored, tensor, status);
  free(path);
  return ok;
}

static void close_tensor(Tensor *tensor) {
  if (tensor->array.name)
    ncrt_array_free(&tensor->array);
  else
    ncrt_safetensors_free(&tensor->file);
}

NcFactsStatus nc_stored_facts(void *unit, NcArena *arena, const NcStored *stored, NcType *type,
                              const char **message) {
  NcrtStatus status = {0};
  char *path = NULL;
  if (!find_file(unit, stored, &path, &status))
    return NC_FACTS_MISSING;
  free(path);
  Tensor tensor;
  if (!open_tensor(unit, stored, false, &tensor, &status)) {
    *message = nc_arena_strdup(arena, status.message);
    return NC_FACTS_BAD;
  }
  *type = tensor.type;
  close_tensor(&tensor);
  return NC_FACTS_OK;
}

// ---- what the initialization runs on

// The elements, aligned; NULL on failure. The file may have changed since it was checked.
static void *copy(const Tensor *tensor, const NcStored *stored, NcrtStatus *status) {
  if (!nc_type_equal(&tensor->type, &stored->type)) {
    ncrt_fail(status, NCRT_BAD_INPUT, "%s has changed since it was checked", stored->file);
    return NULL;
  }
  size_t bytes = (size_t)nc_type_elements(&tensor->type).c * nc_dtype_size(tensor->type.dtype);
  void *data = aligned_alloc(64, (bytes + 64) / 64 * 64);
  if (data)
    memcpy(data, tensor->data, bytes);
  else
    ncrt_fail_memory(status, bytes, stored->file);
  return data;
}

static void *load(const NcUnit *unit, const NcStored *stored, NcrtStatus *status) {
  Tensor tensor;
  if (!open_tensor(unit, stored, true, &tensor, status))
    return NULL;
  void *data = copy(&tensor, stored, status);
  close_tensor(&tensor);
  return data;
}

static const NcStored *find_stored(const NcProgram *program, const char *input) {
  for (int i = 0; i < program->stored.count; i++)
    if (strcmp(program->stored.items[i].input, input) == 0)
      return &program->stored.items[i];
  return NULL;
}

bool nc_stored_initialize_variables(NcExperiment *e, NcrtStatus *status) {
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
  ok = ok && ncrt_session_initialize_variables(e->session, (const void *const *)inputs, status);
  for (int i = 0; i < count; i++)
    free(inputs[i]);
  free(inputs);
  return ok;
}

bool nc_stored_initialize(NcExperiment *e, NcrtStatus *status) {
  return nc_stored_initialize_variables(e, status) &&
         ncrt_session_reset_metrics(e->session, status);
}

bool nc_stored_start(NcExperiment *e, NcrtLoad load, NcrtStatus *status) {
  const NcUnit *unit = e->unit;
  if (!unit->from_checkpoint)
    return nc_stored_initialize(e, status);
  if (!ncrt_checkpoint_load(&unit->checkpoint, e->session, load, status))
    return false;
  ncrt_session_set_seed(e->session, unit->info.seed);
  ncrt_session_set_step(e->session, unit->info.step);
  ncrt_session_set_epoch(e->session, unit->info.epoch);
  return true;
}
