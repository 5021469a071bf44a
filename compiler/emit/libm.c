// The functions of libm and libc that generated code calls, by name.
#include "emit/libm.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const struct {
  const char *name;
  void *address;
} functions[] = {
    {"expf", (void *)expf},     {"exp", (void *)exp},       {"logf", (void *)logf},
    {"log", (void *)log},       {"tanhf", (void *)tanhf},   {"tanh", (void *)tanh},
    {"sinf", (void *)sinf},     {"sin", (void *)sin},       {"cosf", (void *)cosf},
    {"cos", (void *)cos},       {"erff", (void *)erff},     {"erf", (void *)erf},
    {"powf", (void *)powf},     {"pow", (void *)pow},       {"fmaf", (void *)fmaf},
    {"fma", (void *)fma},       {"floorf", (void *)floorf}, {"floor", (void *)floor},
    {"memset", (void *)memset}, {"memcpy", (void *)memcpy},
};

void *nc_libm(const char *name) {
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
    if (strcmp(functions[i].name, name) == 0)
      return functions[i].address;
  return NULL;
}
