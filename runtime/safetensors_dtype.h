// The names that safetensors gives to dtypes.
#ifndef NCRT_SAFETENSORS_DTYPE_H
#define NCRT_SAFETENSORS_DTYPE_H

#include "abi.h"

#include <stdbool.h>

const char *ncrt_safetensors_dtype_name(NcrtDtype dtype);
// False if the name is of no dtype that the runtime knows.
bool ncrt_safetensors_dtype(const char *name, NcrtDtype *dtype);

#endif
