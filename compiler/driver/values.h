// Tensors for a reader's eye.
#ifndef NC_DRIVER_VALUES_H
#define NC_DRIVER_VALUES_H

#include "abi.h"

#include <jansson.h>
#include <stdio.h>

// Prints "NAME: f32[2, 3]" and the elements in rows; of long dimensions the first and the last
// three. A large tensor's least, mean and largest stand before them.
void nc_values_print(FILE *out, const char *name, const NcrtShape *shape, int64_t batch,
                     const void *data);
// The same whole, in JSON: {"name": …, "dtype": …, "shape": […], "values": nested lists}; what is
// not finite is a string. The caller's to release.
json_t *nc_values_json(const char *name, const NcrtShape *shape, int64_t batch, const void *data);

// What values are like; the figures are of those that are finite, and 0 without any.
typedef struct NcSummary {
  int64_t values, finite;
  double least, most, mean;
  double squares; // of the differences from the mean, summed
} NcSummary;
void nc_summary_add(NcSummary *summary, double value);

// The shape of one sample: without N, if it has it.
NcrtShape nc_sample_shape(const NcrtShape *shape);

// An element as a number; those of files need not be aligned.
double nc_value_at(NcrtDtype dtype, const void *data, int64_t index);

#endif
