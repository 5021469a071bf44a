// Fuzzes the loader of machine code: any bytes are loaded or refused with a message. Nothing is
// called.
#include "code.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void *resolve(const char *name) {
  return *name == 'e' ? (void *)(uintptr_t)LLVMFuzzerTestOneInput : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  NcrtStatus status = {0};
  NcrtMachineCode *code = NULL;
  // As one object, and as two.
  NcrtObject objects[] = {{bytes, size}, {bytes + size / 2, size - size / 2}};
  for (int count = 1; count <= 2; count++) {
    if (count == 2)
      objects[0].size = size / 2;
    if (ncrt_code_load(objects, count, resolve, &code, &status))
      ncrt_code_function(code, "load");
    else if (status.message[0] == 0 || code != NULL)
      abort();
    ncrt_code_free(code);
  }
  return 0;
}
