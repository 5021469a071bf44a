// Reads and writes the safetensors format (https://github.com/huggingface/safetensors#format): the
// header's length as a little-endian u64, the header as JSON, then the tensors' bytes, row-major
// and little-endian, without gaps.
//
// Reading treats every byte as hostile. Beyond the format's own rules a file is refused if its
// header is longer than NCRT_SAFETENSORS_HEADER_MAX, a key is given twice, a tensor has more than
// NCRT_MAX_RANK dimensions, or a dtype is none of BOOL, U8, I32, I64, F32 and F64.
#ifndef NCRT_SAFETENSORS_H
#define NCRT_SAFETENSORS_H

#include "abi.h"
#include "file.h"

#define NCRT_SAFETENSORS_HEADER_MAX (8 << 20)

typedef struct NcrtTensor {
  const char *name;
  NcrtShape shape;  // not batched
  const void *data; // in a file that was read perhaps not aligned
} NcrtTensor;

// An entry of the metadata.
typedef struct NcrtText {
  const char *key, *value;
} NcrtText;

typedef struct NcrtSafetensors {
  char *name; // of the file, for messages
  int tensor_count, text_count;
  NcrtTensor *tensors; // in the order of their data
  NcrtText *texts;     // in the order of the header
  NcrtFile file;       // what is mapped, if a file was read
  void *json;          // owns the strings
} NcrtSafetensors;

// Maps and checks a file; tensors' data stay in it and are read as they are used.
bool ncrt_safetensors_read(const char *path, NcrtSafetensors *tensors, NcrtStatus *status);
// The same from memory, which must outlive the result; `name` is what messages call it.
bool ncrt_safetensors_read_bytes(const char *name, const uint8_t *bytes, size_t size,
                                 NcrtSafetensors *tensors, NcrtStatus *status);
void ncrt_safetensors_free(NcrtSafetensors *tensors);
const NcrtTensor *ncrt_safetensors_find(const NcrtSafetensors *tensors, const char *name);
const char *ncrt_safetensors_text(const NcrtSafetensors *tensors,
                                  const char *key); // NULL if there is none

// Writes a file atomically (ncrt_file_replace). The layout is a function of the content: the larger
// element first, then by name; metadata by key. The array of tensors and that of texts are sorted
// so. Names and texts must be UTF-8.
bool ncrt_safetensors_write(const char *path, NcrtTensor *tensors, int tensor_count,
                            NcrtText *texts, int text_count, NcrtStatus *status);
// The header alone, without its length and padding; the arrays are sorted likewise. The caller
// frees it. NULL on failure.
char *ncrt_safetensors_header(NcrtTensor *tensors, int tensor_count, NcrtText *texts,
                              int text_count, NcrtStatus *status);

#endif
