// Random values for inputs that no data is given for.
#ifndef NC_DRIVER_RANDOM_INPUT_H
#define NC_DRIVER_RANDOM_INPUT_H

#include "ir/tensor.h"
#include "sema/program.h"

// SplitMix64 from 0 to 1: what is drawn is the same on every machine.
double nc_random_uniform(uint64_t *state);

// A tensor of that type, without N: integers of the input's range, or of 0 and 1 where it has none
// (u8: 0 … 255), floats from -1 to 1. The input may be NULL: it has no range.
NcTensor *nc_random_input(NcArena *arena, const NcType *type, const NcInput *input, uint64_t seed);

// Says, after an undefined value was met, that inputs were random, and which options give others.
void nc_random_input_hint(const char *options);

#endif
