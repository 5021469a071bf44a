// Fuzzes the checkpoint reader: no input may crash it, and what it accepts must be consistent.
#include "checkpoint.h"
#include "dtype.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const NcrtVariable variables[] = {
    {"w", NCRT_PARAM, {.dtype = NCRT_F32, .rank = 2, .dims = {2, 2}}},
    {"s", NCRT_STATE, {.dtype = NCRT_BOOL, .rank = 1, .dims = {3}}},
    {"m", NCRT_METRIC, {.dtype = NCRT_I64}},
};
static const NcrtProgram program = {.variable_count = 3, .variables = variables};

static void check_tensors(const NcrtSafetensors *file, const uint8_t *bytes, size_t size) {
  for (int i = 0; i < file->tensor_count; i++) {
    const uint8_t *data = file->tensors[i].data;
    int64_t length = ncrt_shape_bytes(&file->tensors[i].shape, 1);
    if (data < bytes || data > bytes + size || length > bytes + size - data)
      abort();
    if (ncrt_safetensors_find(file, file->tensors[i].name) != &file->tensors[i])
      abort();
  }
}

static void load(const NcrtSafetensors *file) {
  NcrtStatus status = {0};
  NcrtSession *session;
  if (!ncrt_session_open(&program, 1, 1, &session, &status))
    abort();
  for (int what = NCRT_LOAD_PARAMS; what <= NCRT_LOAD_ALL; what++)
    if (!ncrt_checkpoint_load(file, session, (NcrtLoad)what, &status) && status.message[0] == 0)
      abort();
  ncrt_session_close(session);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  NcrtStatus status = {0};
  NcrtSafetensors file;
  NcrtCheckpointInfo info;
  if (!ncrt_safetensors_read_bytes("input", bytes, size, &file, &status)) {
    if (status.code == NCRT_OK || status.message[0] == 0)
      abort();
    return 0;
  }
  check_tensors(&file, bytes, size);
  if (ncrt_checkpoint_info(&file, &info, &status) && (info.step < 0 || info.position < 0))
    abort();
  load(&file);
  ncrt_safetensors_free(&file);
  return 0;
}
