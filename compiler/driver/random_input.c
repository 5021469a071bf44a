// Random values for inputs: see random_input.h.
#include "driver/random_input.h"

#include <math.h>
#include <stdio.h>

double nc_random_uniform(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static double draw(NcDtype dtype, const NcInput *input, uint64_t *random) {
  bool ranged = input && input->has_range;
  double low = 0, high = dtype == NC_U8 && !ranged ? 256 : 2;
  if (nc_dtype_is_float(dtype))
    return 2 * nc_random_uniform(random) - 1;
  if (ranged) {
    low = (double)input->low;
    high = (double)input->high;
  }
  return low + floor(nc_random_uniform(random) * (high - low));
}

NcTensor *nc_random_input(NcArena *arena, const NcType *type, const NcInput *input, uint64_t seed) {
  NcTensor *tensor = nc_tensor_create(arena, type);
  for (int64_t i = 0; i < tensor->count; i++)
    nc_tensor_set(tensor, i, draw(type->dtype, input, &seed));
  return tensor;
}

void nc_random_input_hint(const char *options) {
  fprintf(stderr,
          "netc: inputs were random numbers: declare the ranges of integers, as in 0..10, or give "
          "%s\n",
          options);
}
