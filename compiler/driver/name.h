// Names of files that commands write.
#ifndef NC_DRIVER_NAME_H
#define NC_DRIVER_NAME_H

#include "base/arena.h"

// "mnist.onnx" in the current folder, for "somewhere/mnist.net" or "somewhere/mnist.safetensors";
// "stdin.onnx" for "-". `ending` has its dot.
char *nc_name_here(NcArena *arena, const char *path, const char *ending);
// The path behind its last '/': "mnist.c", of "out/mnist.c".
const char *nc_base_name(const char *path);
// The path with another ending, whatever it has: "out/mnist.h", of "out/mnist.c". `ending` has its
// dot, or is empty.
char *nc_name_with(NcArena *arena, const char *path, const char *ending);
// The path's length without such an ending, if it has it.
int nc_length_without(const char *path, const char *ending);

#endif
